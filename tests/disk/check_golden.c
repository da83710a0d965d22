/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All times of 200 requests on the Quantum Atlas 10K, as they were: tests/data/golden-atlas.csv.
 * The file says nothing about what is right, which the other tests do; it shows a change that
 * was not meant. When one is meant, QUERN_GOLDEN_WRITE=FILE makes this program write FILE
 * instead; put it in the place of the old one and say in the commit why it changed.
 */
#include "disk/disk_fixture.h"

#include <inttypes.h>

#define REQUESTS 200

/* The workload's own numbers, so that it does not change with the random streams: Knuth's
 * MMIX generator (The art of computer programming, vol. 2, 3.3.4). */
static uint64_t state = 2025;

static uint64_t below(uint64_t n)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (state >> 33) % n;
}

/* Random places, runs that go on where the last request ended, repeats; now and then four at once. */
static void draw(struct blk_req *r, uint64_t sectors, uint64_t *at)
{
	uint64_t kind = below(10);
	memset(r, 0, sizeof(*r));
	r->op = kind == 9 ? BLK_FLUSH : below(3) == 0 ? BLK_WRITE : BLK_READ;
	r->flags = below(12) == 0 ? BLK_FUA : 0;
	r->sectors = r->op == BLK_FLUSH ? 0 : 1 + (uint32_t)below(below(5) ? 16 : 700);
	if (kind < 4)
		*at = below(sectors - 2000);
	else if (kind == 8 && *at > 3000)
		*at -= 20;
	r->lba = r->op == BLK_FLUSH ? 0 : *at;
	if (*at + r->sectors < sectors - 2000)
		*at += r->sectors;
}

static void run(FILE *out)
{
	struct drive v;
	struct blk_req r[4];
	uint64_t at = 0;
	unsigned done = 0;
	drive_open_with(&v, "../tests/data/drive-atlas.yaml", (const char *const[]){"disk0.scheduler=sptf", NULL});
	for (unsigned n = 0; n < REQUESTS;) {
		unsigned count = below(6) == 0 && n + 4 <= REQUESTS ? 4 : 1;
		for (unsigned i = 0; i < count; i++) {
			draw(&r[i], v.dev->sectors, &at);
			r[i].done = drive_count_done;
			r[i].owner = &done;
		}
		for (unsigned i = 0; i < count; i++)
			blk_submit(v.dev, &r[i]);
		n += count;
		while (done < n)
			ck_assert(sim_step(v.sim));
		for (unsigned i = 0; i < count; i++)
			fprintf(out, "%s,%" PRIu64 ",%u,%u,%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64
				",%" PRId64 ",%" PRId64 ",%" PRId64 ",%s,%u\n", blk_op_name(r[i].op), r[i].lba, r[i].sectors, r[i].flags,
				r[i].submit_ps, r[i].start_ps, r[i].media_ps, r[i].done_ps, r[i].overhead_ps, r[i].seek_ps,
				r[i].rotation_ps, r[i].transfer_ps, r[i].bus_ps, blk_hit_name(r[i].hit), r[i].unwritten);
		sim_run_until(v.sim, v.sim->now_ps + (time_ps)(below(3) * below(8000000000)));
	}
	drive_close(&v);
}

static const char head[] =
	"# 200 requests on tests/data/drive-atlas.yaml, scheduler sptf: every time as Quern had it, in ps.\n"
	"# Made by tests/disk/check_golden with QUERN_GOLDEN_WRITE=FILE, by hand; the commit that changes it says why.\n"
	"op,lba,sectors,flags,submit_ps,start_ps,media_ps,done_ps,overhead_ps,seek_ps,rotation_ps,transfer_ps,bus_ps,hit,unwritten\n";

START_TEST(the_times_of_200_requests_are_what_they_were)
{
	char *now = NULL, want[512];
	size_t bytes;
	unsigned line = 1;
	const char *write = getenv("QUERN_GOLDEN_WRITE");
	FILE *out = write ? fopen(write, "w") : open_memstream(&now, &bytes);
	ck_assert_ptr_nonnull(out);
	fputs(head, out);
	run(out);
	fclose(out);
	if (write)
		return;
	FILE *f = fopen(TOP_SRCDIR "/tests/data/golden-atlas.csv", "r");
	ck_assert_ptr_nonnull(f);
	char *rest = now;
	for (; fgets(want, sizeof(want), f); line++) {
		char *got = strsep(&rest, "\n");
		want[strcspn(want, "\n")] = '\0';
		ck_assert_msg(got && strcmp(got, want) == 0, "golden-atlas.csv:%u:\n  was %s\n  is  %s", line, want, got ? got : "(nothing)");
	}
	ck_assert_uint_eq(line, REQUESTS + 4);
	ck_assert(rest && *rest == '\0');
	fclose(f);
	free(now);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("golden");
	TCase *t = tcase_create("golden");
	tcase_add_test(t, the_times_of_200_requests_are_what_they_were);
	suite_add_tcase(s, t);
	return run_suite(s);
}
