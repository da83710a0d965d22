/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The crash harness: at a boundary between two events a copy of the whole process (fork) cuts the power, recovers and holds
 * what it finds against the contract, while the run itself goes on. What was found wrong comes back through a pipe.
 */
#ifndef QUERN_TESTS_HOST_CRASH_H
#define QUERN_TESTS_HOST_CRASH_H

#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/rng.h"
#include "sim/sim.h"

struct crash_run {
	struct sim *sim;
	/* In the copy: the power goes, recovery runs, the contract is checked. Empty `why`: it holds. */
	void (*crash)(void *ctx, uint64_t seed, char *why, size_t why_bytes);
	/* The run is over: no further event of it is worth a crash; NULL: when none is left. */
	bool (*over)(void *ctx);
	void *ctx;
	uint64_t cuts, violations; /* counted here */
	char first[256];           /* the first violation, in words */
};

/* One crash, now. */
static inline void crash_now(struct crash_run *c, uint64_t seed)
{
	int ends[2], status = -1;
	char why[256] = "";
	ck_assert_int_eq(pipe(ends), 0);
	pid_t child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		close(ends[0]);
		c->crash(c->ctx, seed, why, sizeof(why));
		_exit(write(ends[1], why, sizeof(why)) == sizeof(why) ? 0 : 1);
	}
	close(ends[1]);
	ssize_t got = read(ends[0], why, sizeof(why));
	close(ends[0]);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0 && got == sizeof(why), "the crash at event %llu fails",
		(unsigned long long)c->sim->fired);
	c->cuts++;
	if (why[0] == '\0')
		return;
	if (c->violations++ == 0)
		snprintf(c->first, sizeof(c->first), "at event %llu, %.0f ns: %.180s", (unsigned long long)c->sim->fired,
			(double)c->sim->now_ps / 1e3, why);
}

/* At every `step`-th boundary of the run, from the first that is left. */
static inline void crash_everywhere(struct crash_run *c, unsigned step)
{
	uint64_t n = 0;
	do {
		if (n++ % step == 0)
			crash_now(c, n);
	} while (!(c->over && c->over(c->ctx)) && sim_step(c->sim));
}

/* The run without a crash: its events. */
static inline uint64_t crash_events(struct crash_run *c)
{
	uint64_t before = c->sim->fired;
	while (!(c->over && c->over(c->ctx)) && sim_step(c->sim))
		;
	return c->sim->fired - before;
}

/* At boundaries drawn at random, each with probability `share`. */
static inline void crash_at_random(struct crash_run *c, struct rng *r, double share)
{
	do {
		if (rng_unit(r) < share)
			crash_now(c, rng_u64(r));
	} while (!(c->over && c->over(c->ctx)) && sim_step(c->sim));
}

#endif
