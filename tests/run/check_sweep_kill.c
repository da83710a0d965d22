/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A sweep is killed (SIGKILL) at random times, again and again, and goes on: no finished point is lost, none is there by half,
 * and in the end the tables are those of a sweep that nobody disturbed, byte for byte.
 */
#include <signal.h>
#include <stdint.h>
#include <sys/wait.h>
#include <time.h>

#include "effort.h"
#include "sweep_fixture.h"

#define KILLS 200
#define KILL_MOST_US 60000

static const char sweep_text[] = "base:\n  d: {model: fixed}\n  workload: {requests: 1500, read_ratio: 0.5}\n"
	"axes:\n  d.latency: {linear: [1 ms, 6 ms, 6]}\n  workload.depth: [1, 2, 4, 8]\nreplications: 2\n";

/* In a child: goes on with the sweep and makes its tables; killed after so many microseconds. 1: it came to its end before. */
static int go_on(struct made m, long us)
{
	struct timespec pause = {.tv_nsec = us * 1000};
	int status;
	pid_t child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		struct sweep_progress g;
		struct err e = {0};
		_exit(run_made(m, (struct sweep_run_options){.output = "killed", .jobs = 2, .resume = true}, &g, &e));
	}
	nanosleep(&pause, NULL);
	kill(child, SIGKILL);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
	return WIFEXITED(status);
}

/* How many points are whole; every file that is called a point's must be. */
static size_t count_whole(struct made m)
{
	size_t whole = 0;
	for (size_t i = 0; i < m.p->count; i++) {
		struct err e = {0};
		json_t *doc = NULL;
		whole += sweep_dir_get("killed", m.p->point[i].id, true, &doc, &e) == 1;
		json_decref(doc);
	}
	ck_assert_uint_eq(whole, sweep_dir_count("killed"));
	return whole;
}

START_TEST(killed_at_any_time_it_goes_on_and_ends_as_if_undisturbed)
{
	struct made m = make(sweep_text);
	struct sweep_progress g;
	struct err e = {0};
	uint64_t x = UINT64_C(88172645463325252);
	size_t before = 0;
	unsigned ended = 0;
	ck_assert_int_eq(run_made(m, (struct sweep_run_options){.output = "undisturbed", .jobs = 2}, &g, &e), 0);
	for (unsigned i = 0; i < effort(KILLS); i++) {
		x ^= x << 13; /* xorshift64: Marsaglia 2003 */
		x ^= x >> 7;
		x ^= x << 17;
		ended += (unsigned)go_on(m, (long)(x % KILL_MOST_US));
		size_t now = count_whole(m);
		ck_assert_msg(now >= before, "kill %u: of %zu points %zu are left", i, before, now);
		before = now;
		if (now < m.p->count)
			continue;
		ck_assert_int_eq(run_made(m, (struct sweep_run_options){.output = "killed", .jobs = 2, .resume = true}, &g, &e), 0);
		assert_same_file("killed/sweep.csv", "undisturbed/sweep.csv");
		ck_assert_int_eq(sweep_dir_clear("killed", &e), 0);
		before = 0;
	}
	ck_assert_int_eq(run_made(m, (struct sweep_run_options){.output = "killed", .jobs = 2, .resume = true}, &g, &e), 0);
	assert_same_file("killed/sweep.csv", "undisturbed/sweep.csv");
	assert_same_file("killed/sweep.db", "undisturbed/sweep.db");
	ck_assert_uint_lt(ended, effort(KILLS)); /* some were killed on their way */
	unmake(m);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sweep kill");
	TCase *c = tcase_create("kill");
	tcase_set_timeout(c, 120);
	tcase_add_unchecked_fixture(c, make_scratch, remove_scratch);
	tcase_add_test(c, killed_at_any_time_it_goes_on_and_ends_as_if_undisturbed);
	suite_add_tcase(s, c);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
