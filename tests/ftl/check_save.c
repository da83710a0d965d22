/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Saved and loaded, a translation layer goes on as the first does; what is not a saved state of its kind is refused. */
#include "ftl/ftl_fixture.h"
#include "ftl/mount.h"
#include "ftl/save.h"

struct bytes {
	char *at; /* owned */
	size_t size;
};

static struct bytes saved(const struct ftl *f)
{
	struct bytes b;
	struct err e = {0};
	FILE *out = open_memstream(&b.at, &b.size);
	ck_assert(out != NULL);
	ck_assert_msg(ftl_save(f, out, &e) == 0, "%s", e.msg);
	ck_assert_int_eq(fclose(out), 0);
	return b;
}

static int load(struct ftl *f, const char *bytes, size_t size, struct err *e)
{
	FILE *in = fmemopen((void *)(uintptr_t)bytes, size, "r");
	ck_assert(in != NULL);
	int result = ftl_load(f, in, e);
	ck_assert_int_eq(fclose(in), 0);
	return result;
}

static bool same(const struct ftl *f, const struct ftl *g)
{
	struct bytes x = saved(f), y = saved(g);
	bool equal = x.size == y.size && memcmp(x.at, y.at, x.size) == 0;
	free(x.at);
	free(y.at);
	return equal;
}

/* One step of a job, over when it begins. */
static void clean_step(struct ftl *f, uint32_t region)
{
	struct ftl_move m;
	if (!ftl_clean_active(f, region) && !ftl_clean_begin(f, region))
		return;
	if (ftl_clean_next(f, region, &m))
		(void)ftl_move_commit(f, region, &m);
	else
		ftl_erased(f, region);
}

/* Writes, trims and steps of cleaning: jobs are under way where it ends. */
static void work(struct ftl *f, struct rng *rng, int steps)
{
	for (int i = 0; i < steps; i++) {
		uint64_t l = rng_below(rng, f->logical);
		if (rng_below(rng, 20) == 0) {
			(void)ftl_trim(f, l);
			continue;
		}
		uint32_t region = ftl_choose(f, l);
		while (!ftl_room(f, region))
			clean_step(f, region);
		ftl_write_commit(f, l, ftl_write_begin(f, region));
		if (ftl_clean_active(f, region) || ftl_clean_wanted(f, region, FTL_BACKGROUND))
			clean_step(f, region);
	}
}

static void settings(char *text, size_t size, int policy, int frontiers)
{
	static const char *const frontier[] = {"shared", "host-gc", "separate"};
	snprintf(text, size, TINY "ftl:\n  map: {over_provisioning: 95 %%, unit: 4 KiB}\n  alloc: {order: round-robin, frontiers: %s}\n"
		"  gc: {policy: %s, background: 4, window: 4, choices: 3, threshold: 0.3}\n  wear: {free_order: %s, threshold: 2}\n",
		frontier[frontiers], ftl_victims[policy]->name, frontiers ? "least-worn" : "fifo");
}

START_TEST(what_is_loaded_goes_on_as_what_was_saved)
{
	if (!ftl_victims[_i])
		return;
	for (int frontiers = 0; frontiers < 3; frontiers++) {
		struct rig r, s;
		char text[1024];
		struct err e = {0};
		settings(text, sizeof(text), _i, frontiers);
		rig_open(&r, text);
		rig_open(&s, text);
		work(r.f, r.rng, 3000);
		struct bytes b = saved(r.f);
		ck_assert_msg(load(s.f, b.at, b.size, &e) == 0, "%s", e.msg);
		free(b.at);
		ck_assert(same(r.f, s.f));
		rig_holds(&s);
		struct rng *one = rng_new(r.arena, 7, "more"), *other = rng_new(s.arena, 7, "more");
		work(r.f, one, 3000);
		work(s.f, other, 3000);
		ck_assert_msg(same(r.f, s.f), "%s", text);
		ck_assert_uint_gt(s.f->counts.erases, 100);
		rig_close(&r);
		rig_close(&s);
	}
}
END_TEST

static void refused(const char *text, const struct bytes *b, size_t size, const char *why)
{
	struct rig s;
	struct err e = {0};
	rig_open(&s, text);
	ck_assert_int_eq(load(s.f, b->at, size, &e), -1);
	ck_assert_msg(strstr(e.msg, why) != NULL, "\"%s\" lacks \"%s\"", e.msg, why);
	rig_close(&s);
}

#define PLAIN ONE_PLANE "ftl: {map: {over_provisioning: 60 %}}\n"

static struct bytes plain(void)
{
	struct rig r;
	rig_open(&r, PLAIN);
	work(r.f, r.rng, 1000);
	struct bytes b = saved(r.f);
	rig_close(&r);
	return b;
}

START_TEST(another_geometry_or_other_options_are_refused)
{
	struct bytes b = plain();
	refused(TINY "ftl: {map: {over_provisioning: 60 %}}\n", &b, b.size, "another geometry or other options");
	refused(ONE_PLANE "ftl: {map: {over_provisioning: 61 %}}\n", &b, b.size, "another geometry or other options");
	refused(ONE_PLANE "ftl: {map: {over_provisioning: 60 %, unit: 2 KiB}}\n", &b, b.size, "another geometry or other options");
	refused(ONE_PLANE "ftl: {map: {over_provisioning: 60 %}, gc: {policy: fifo}}\n", &b, b.size, "another geometry or other options");
	b.at[0] = 'x';
	refused(PLAIN, &b, b.size, "this is no saved state");
	b.at[0] = 'q';
	b.at[12] = 9;
	refused(PLAIN, &b, b.size, "version 9, not 1");
	free(b.at);
}
END_TEST

START_TEST(a_truncated_state_is_refused_at_every_length)
{
	struct bytes b = plain();
	for (size_t size = 1; size < b.size; size += 1 + size / 50)
		refused(PLAIN, &b, size, "ends early");
	refused(PLAIN, &b, b.size - 1, "ends early");
	free(b.at);
}
END_TEST

START_TEST(a_changed_byte_is_never_taken)
{
	struct bytes b = plain();
	for (size_t i = 0; i < b.size; i++) {
		struct rig s;
		struct err e = {0};
		char bit = (char)(1 << i % 8);
		rig_open(&s, PLAIN);
		b.at[i] ^= bit;
		ck_assert_msg(load(s.f, b.at, b.size, &e) == -1, "byte %zu is taken", i);
		ck_assert_msg(e.msg[0] != '\0' && e.code != ERR_CHECK, "%s", e.msg);
		b.at[i] ^= bit;
		rig_close(&s);
	}
	free(b.at);
}
END_TEST

START_TEST(only_what_is_at_rest_is_saved)
{
	struct rig r;
	struct err e = {0};
	rig_open(&r, PLAIN);
	ck_assert(ftl_room(r.f, 0));
	(void)ftl_write_begin(r.f, 0);
	FILE *out = tmpfile();
	ck_assert_int_eq(ftl_save(r.f, out, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.msg, "at rest only"));
	ck_assert_int_eq(fclose(out), 0);
	rig_close(&r);
}
END_TEST

START_TEST(a_mount_may_follow_a_load)
{
	struct rig s;
	struct err e = {0};
	struct ftl_mount_spec spec = {.scan = FTL_SCAN_CHECKPOINT, .journal_records = 16};
	struct bytes b = plain();
	rig_open(&s, PLAIN);
	ck_assert_int_eq(load(s.f, b.at, b.size, &e), 0);
	free(b.at);
	uint64_t mapped = 0;
	for (uint64_t l = 0; l < s.f->logical; l++)
		mapped += ftl_lookup(s.f, l) != FTL_NOWHERE;
	ck_assert(mount_open(s.arena, s.f, &spec, &e) != NULL);
	ck_assert_uint_eq(mount_recover(s.f->mount)->units_found, mapped);
	rig_holds(&s);
	rig_close(&s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ftl/save");
	TCase *t = tcase_create("all");
	tcase_set_timeout(t, 30);
	tcase_add_loop_test(t, what_is_loaded_goes_on_as_what_was_saved, 0, 10);
	tcase_add_test(t, another_geometry_or_other_options_are_refused);
	tcase_add_test(t, a_truncated_state_is_refused_at_every_length);
	tcase_add_test(t, a_changed_byte_is_never_taken);
	tcase_add_test(t, only_what_is_at_rest_is_saved);
	tcase_add_test(t, a_mount_may_follow_a_load);
	suite_add_tcase(s, t);
	return run_suite(s);
}
