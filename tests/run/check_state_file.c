/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Snapshots: a run in two parts, saved and loaded between them, is the run in one; what does not belong is refused by a
 * sentence that names the file.
 */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "effort.h"
#include "run/run.h"
#include "run/state_file.h"

#define PART 150 /* requests of each half */

static char folder[] = "/tmp/quern-check-state.XXXXXX";

static const char *in_folder(const char *name)
{
	static char path[4][256];
	static unsigned turn;
	char *p = path[turn++ % 4];
	snprintf(p, sizeof(path[0]), "%s/%s", folder, name);
	return p;
}

#define SSD_OF(cell, times) \
	"  model: ssd\n" \
	"  flash:\n" \
	"    geometry: {channels: 2, chips: 1, dies: 1, planes: 2, blocks: 24, pages: 8, page: 8 KiB, cell: " cell "}\n" \
	"    bus: {interface: nv-ddr2, rate: 333 MT/s}\n" \
	"    array: {" times ", erase: 3.8 ms}\n" \
	"  ftl: {map: {unit: 4 KiB, capacity: 2 MiB}}\n" \
	"  buffer: {size: 128 KiB}\n"
#define SSD SSD_OF("mlc", "read: [50 us, 75 us], program: [500 us, 900 us]")
#define SSD_SLC SSD_OF("slc", "read: [50 us], program: [500 us]")
#define DISK \
	"  model: disk\n" \
	"  rpm: 7205.5 rpm\n" \
	"  geometry: {heads: 2, cylinders: 60, zones: [{first_cylinder: 0, last_cylinder: 59, sectors_per_track: 40}]}\n" \
	"  seek: {table: [[1, 1 ms], [59, 4 ms]]}\n" \
	"  cache: {segments: 3, segment_sectors: 100}\n"

static const char *const devices[] = {
	"d:\n" SSD,
	"d:\n" SSD "  precondition: {fill: 100 %, overwrite: 2}\n  sched: {suspend: none}\n",
	"d:\n" DISK,
};
#define DEVICES ((int)(sizeof(devices) / sizeof(devices[0])))

/* Half A, then half B, one request at a time; a pause lets the ssd come to rest. */
static void write_trace(const char *pause)
{
	FILE *f = fopen(in_folder("t.csv"), "w");
	uint32_t x = 12345;
	fputs("op,lbn,blocks,measured_response_us,think_us,kind,delay_before_us\n", f);
	for (int i = 0; i < 2 * PART; i++) {
		x = x * 1664525U + 1013904223U;
		fprintf(f, "%c,%u,%u,100,0,Hit,%s\n", x >> 30 ? 'W' : 'R', (x >> 8) % 4000, 1 + (x >> 4) % 16,
			i == PART ? pause : "100");
	}
	fclose(f);
}

static struct plan *plan_of(const char *yaml, const char *half, const char *set, struct err *e)
{
	const char *sets[] = {half, set, NULL};
	struct plan_input in = {.text = yaml, .trace = in_folder("t.csv"), .sets = half ? sets : NULL};
	return plan_load(&in, e);
}

/* The response of each request in the log, in ps. */
static size_t responses(const char *log, long long out[2 * PART])
{
	char line[1024];
	size_t n = 0;
	FILE *f = fopen(in_folder(log), "r");
	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), f));
	while (fgets(line, sizeof(line), f)) {
		char *rest = line, *field[5];
		for (int i = 0; i < 5; i++)
			field[i] = strsep(&rest, ",");
		ck_assert_uint_lt(n, 2 * PART);
		out[n++] = llround((atof(field[4]) - atof(field[1])) * 1000); /* done_ns - submit_ns */
	}
	fclose(f);
	return n;
}

/* A run of one half ("replay.limit=...") or all; 0 or -1. */
static int go_with(const char *yaml, const char *half, const char *set, const char *load, const char *save, const char *log,
	struct err *e)
{
	struct run_options o = {.no_output = true, .force = true, .load_state = load, .save_state = save,
		.request_log = log ? in_folder(log) : NULL};
	struct plan *p = plan_of(yaml, half, set, e);
	ck_assert_msg(p != NULL, "%s", e->msg);
	struct run *r = run_plan(p, &o, e);
	if (r && load) { /* only what this run did */
		ck_assert_uint_eq(r->system->dev[0]->stats.submitted, PART);
		ck_assert_uint_eq(r->system->dev[0]->stats.completed, PART);
	}
	int result = r ? 0 : -1;
	run_free(r);
	plan_free(p);
	return result;
}

static int go(const char *yaml, const char *half, const char *load, const char *save, const char *log, struct err *e)
{
	return go_with(yaml, half, NULL, load, save, log, e);
}

#define HALF_A "replay.limit=150"
#define HALF_B "replay.skip=150"

START_TEST(two_halves_are_the_whole)
{
	struct err e = {0};
	long long whole[2 * PART], half[2 * PART];
	write_trace(strstr(devices[_i], "model: ssd") ? "1000000" : "0");
	ck_assert_msg(go(devices[_i], NULL, NULL, NULL, "whole.csv", &e) == 0, "%s", e.msg);
	ck_assert_msg(go(devices[_i], HALF_A, NULL, in_folder("s.state"), NULL, &e) == 0, "%s", e.msg);
	ck_assert_msg(go(devices[_i], HALF_B, in_folder("s.state"), NULL, "half.csv", &e) == 0, "%s", e.msg);
	ck_assert_uint_eq(responses("whole.csv", whole), 2 * PART);
	ck_assert_uint_eq(responses("half.csv", half), PART);
	for (int i = 0; i < PART; i++)
		ck_assert_msg(llabs(whole[PART + i] - half[i]) <= 1, "request %d took %lld ps, and %lld ps behind a load", i,
			whole[PART + i], half[i]);
}
END_TEST

/* A state carries on from a state. */
START_TEST(a_loaded_state_can_be_saved_again)
{
	struct err e = {0};
	write_trace("1000000");
	ck_assert_int_eq(go(devices[0], HALF_A, NULL, in_folder("s.state"), NULL, &e), 0);
	ck_assert_msg(go(devices[0], HALF_B, in_folder("s.state"), in_folder("s.state"), NULL, &e) == 0, "%s", e.msg);
	ck_assert_msg(go(devices[0], HALF_B, in_folder("s.state"), NULL, NULL, &e) == 0, "%s", e.msg);
}
END_TEST

static double erases_of(struct system *s)
{
	char *text = NULL;
	size_t bytes;
	FILE *f = open_memstream(&text, &bytes);
	s->dev[0]->ops->table(s->dev[0], 0, f);
	fclose(f);
	double sum = 0;
	for (char *line = strchr(text, '\n'); line && line[1]; line = strchr(line + 1, '\n'))
		sum += atof(strrchr(strndupa(line + 1, strcspn(line + 1, "\n")), ',') + 1);
	free(text);
	return sum;
}

START_TEST(a_loaded_state_is_not_preconditioned)
{
	struct err e = {0};
	write_trace("1000000");
	ck_assert_int_eq(go(devices[0], "replay.limit=1", NULL, in_folder("s.state"), NULL, &e), 0);
	struct plan *p = plan_of(devices[1], NULL, NULL, &e);
	struct system *fresh = system_open(p, NULL, NULL, &e);
	ck_assert_ptr_nonnull(fresh);
	ck_assert_double_gt(erases_of(fresh), 10);
	struct system *loaded = system_open_saved(p, in_folder("s.state"), NULL, NULL, &e);
	ck_assert_msg(loaded != NULL, "%s", e.msg);
	ck_assert_double_eq(erases_of(loaded), 0);
	system_free(fresh);
	system_free(loaded);
	plan_free(p);
}
END_TEST

START_TEST(several_devices_are_in_one_file)
{
	static const char two[] = "device: [a, b]\na:\n" SSD "b:\n" DISK;
	struct err e = {0};
	struct plan_input in = {.text = two};
	struct plan *p = plan_load(&in, &e);
	ck_assert_msg(p != NULL, "%s", e.msg);
	struct system *s = system_open_devices(p, &e), *t = system_open_devices(p, &e);
	struct state_file *f = state_file_new(in_folder("two.state"), true, &e);
	ck_assert_msg(f && state_file_write(f, s->dev, 2, &e) == 0, "%s", e.msg);
	state_file_free(f);
	ck_assert_msg(state_file_load(in_folder("two.state"), t->dev, 2, &e) == 0, "%s", e.msg);
	struct blk_dev *turned[] = {t->dev[1], t->dev[0]};
	ck_assert_int_eq(state_file_load(in_folder("two.state"), turned, 2, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.msg, "two.state: the saved state is of a ssd, and b is a disk"));
	err_clear(&e);
	ck_assert_int_eq(state_file_load(in_folder("two.state"), t->dev, 1, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.msg, "of 2 devices, and the run has 1"));
	system_free(s);
	system_free(t);
	plan_free(p);
}
END_TEST

static const struct {
	const char *set, *sentence; /* NULL: it is taken */
} others[] = {
	{"d.flash.geometry.blocks=25", "has \"flash.geometry.blocks: 24\", and d has \"flash.geometry.blocks: 25\""},
	{"d.flash.geometry.cell=slc", "\"flash.geometry.cell: mlc\""},
	{"d.ftl.map.capacity=1 MiB", "\"ftl.map.capacity: 2 MiB\""},
	{"d.ftl.alloc.frontiers=shared", "\"ftl.alloc.frontiers: host-gc\""},
	{"d.ftl.gc.low=3", "\"ftl.gc.low: 2\""},
	{"d.buffer.size=256 KiB", "\"buffer.size: 128 KiB\""},
	{"d.sched.arbitration=data-first", NULL},
	{"d.front.kind=sata", NULL},
	{"d.flash.bus.rate=200 MT/s", NULL},
	{"d.ftl.gc.background=4", NULL},
	{"d.buffer.write_back=false", NULL},
	{"d.precondition.fill=100 %", NULL},
};

START_TEST(a_state_is_refused_where_it_does_not_belong)
{
	struct err e = {0};
	write_trace("1000000");
	ck_assert_int_eq(go(devices[0], HALF_A, NULL, in_folder("s.state"), NULL, &e), 0);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		const char *sentence = others[i].sentence;
		err_clear(&e);
		/* with one page type the times of two are too many */
		int got = strstr(others[i].set, "slc") ? go("d:\n" SSD_SLC, HALF_B, in_folder("s.state"), NULL, NULL, &e) :
			go_with(devices[0], HALF_B, others[i].set, in_folder("s.state"), NULL, NULL, &e);
		ck_assert_msg(got == (sentence ? -1 : 0), "%s: %s", others[i].set, e.msg);
		if (!sentence)
			continue;
		ck_assert_int_eq(e.code, ERR_CONFIG);
		ck_assert_msg(strstr(e.msg, sentence) && strstr(e.msg, "s.state: "), "%s: %s", others[i].set, e.msg);
	}
	err_clear(&e);
	ck_assert_int_eq(go(devices[2], HALF_B, in_folder("s.state"), NULL, NULL, &e), -1);
	ck_assert_msg(strstr(e.msg, "s.state: the saved state is of a ssd, and d is a disk") != NULL, "%s", e.msg);
}
END_TEST

static char *file_bytes(const char *name, size_t *bytes)
{
	struct stat st;
	ck_assert_int_eq(stat(name, &st), 0);
	char *all = malloc((size_t)st.st_size);
	FILE *f = fopen(name, "r");
	ck_assert_uint_eq(fread(all, 1, (size_t)st.st_size, f), (size_t)st.st_size);
	fclose(f);
	*bytes = (size_t)st.st_size;
	return all;
}

static void try_bytes(struct system *s, const char *all, size_t bytes, const char *what)
{
	struct err e = {0};
	FILE *f = fopen(in_folder("bad.state"), "w");
	ck_assert_uint_eq(fwrite(all, 1, bytes, f), bytes);
	fclose(f);
	ck_assert_msg(state_file_load(in_folder("bad.state"), s->dev, 1, &e) == -1, "%s: it was taken", what);
	ck_assert_msg(e.code == ERR_CONFIG && strstr(e.msg, "bad.state: "), "%s: %s", what, e.msg);
}

START_TEST(what_is_cut_or_changed_is_refused)
{
	struct err e = {0};
	char what[64];
	size_t bytes;
	write_trace("1000000");
	ck_assert_int_eq(go(devices[_i], HALF_A, NULL, in_folder("s.state"), NULL, &e), 0);
	char *all = file_bytes(in_folder("s.state"), &bytes);
	struct plan *p = plan_of(devices[_i], NULL, NULL, &e);
	struct system *s = system_open_devices(p, &e);
	size_t tries = effort(200);
	for (size_t n = 0; n <= tries; n++) { /* every length at both ends, and many between */
		size_t length = n < 60 ? n : n < 100 ? bytes - 1 - (n - 60) : (bytes - 1) / tries * n;
		snprintf(what, sizeof(what), "cut to %zu bytes", length);
		try_bytes(s, all, length, what);
	}
	for (size_t n = 0; n <= tries; n++) {
		size_t at = n < 40 ? n : (bytes - 1) / tries * n;
		all[at] ^= (char)(1 << n % 8);
		snprintf(what, sizeof(what), "a bit of byte %zu", at);
		try_bytes(s, all, bytes, what);
		all[at] ^= (char)(1 << n % 8);
	}
	ck_assert_msg(state_file_load(in_folder("s.state"), s->dev, 1, &e) == 0, "%s", e.msg);
	free(all);
	system_free(s);
	plan_free(p);
}
END_TEST

START_TEST(another_version_is_named)
{
	struct err e = {0};
	size_t bytes;
	write_trace("1000000");
	ck_assert_int_eq(go(devices[2], HALF_A, NULL, in_folder("s.state"), NULL, &e), 0);
	char *all = file_bytes(in_folder("s.state"), &bytes);
	all[12]++; /* behind the magic and the order of bytes */
	FILE *f = fopen(in_folder("bad.state"), "w");
	fwrite(all, 1, bytes, f);
	fclose(f);
	free(all);
	ck_assert_int_eq(go(devices[2], HALF_B, in_folder("bad.state"), NULL, NULL, &e), -1);
	ck_assert_msg(strstr(e.msg, "bad.state: the saved state is of version 2 (quern ") != NULL, "%s", e.msg);
}
END_TEST

START_TEST(a_file_is_whole_or_not_there)
{
	struct err e = {0};
	write_trace("1000000");
	ck_assert_int_eq(go(devices[2], HALF_A, NULL, in_folder("no/such/place"), NULL, &e), -1);
	ck_assert_int_eq(e.code, ERR_IO);
	err_clear(&e);
	struct state_file *f = state_file_new(in_folder("new.state"), false, &e);
	ck_assert_ptr_nonnull(f);
	state_file_free(f); /* the run failed */
	ck_assert_int_ne(access(in_folder("new.state"), F_OK), 0);
	char partial[300];
	snprintf(partial, sizeof(partial), "%s.partial-%ld", in_folder("new.state"), (long)getpid());
	ck_assert_int_ne(access(partial, F_OK), 0);
	ck_assert_int_eq(go(devices[2], HALF_A, NULL, in_folder("new.state"), NULL, &e), 0);
	ck_assert_ptr_null(state_file_new(in_folder("new.state"), false, &e));
	ck_assert_msg(strstr(e.msg, "exists and is kept (--force replaces it)") != NULL, "%s", e.msg);
	err_clear(&e);
	ck_assert_int_eq(go(devices[2], HALF_A, in_folder("nowhere.state"), NULL, NULL, &e), -1);
	ck_assert_int_eq(e.code, ERR_IO);
	err_clear(&e);
	/* the power goes: there is no state at rest */
	ck_assert_int_eq(go(devices[2], "replay.power_cut=1 s", NULL, in_folder("cut.state"), NULL, &e), -1);
	ck_assert_msg(strstr(e.msg, "after a power cut") != NULL, "%s", e.msg);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("state file");
	TCase *t = tcase_create("state file");
	if (!mkdtemp(folder))
		return 99;
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, two_halves_are_the_whole, 0, DEVICES);
	tcase_add_test(t, a_loaded_state_can_be_saved_again);
	tcase_add_test(t, a_loaded_state_is_not_preconditioned);
	tcase_add_test(t, several_devices_are_in_one_file);
	tcase_add_test(t, a_state_is_refused_where_it_does_not_belong);
	tcase_add_loop_test(t, what_is_cut_or_changed_is_refused, 0, DEVICES);
	tcase_add_test(t, another_version_is_named);
	tcase_add_test(t, a_file_is_whole_or_not_there);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	char command[64];
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command) != 0 || failed > 0;
}
