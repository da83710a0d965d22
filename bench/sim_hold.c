/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sim.hold: the hold benchmark of the event queue (Jones, "An empirical comparison of
 * priority-queue and event-set implementations", CACM 1986): with n events pending, fire
 * the earliest and schedule it again at a random distance (exponential would do as well;
 * uniform is used on both sides). Reference: a bare 4-ary heap of 16-byte entries.
 */
#include <stdlib.h>

#include "bench.h"
#include "sim/sim.h"

#define HOLDS 4000000u
#define ROUNDS 7
#define SPREAD 1000000000u

struct holder {
	struct event event;
	uint64_t *random;
	uint64_t *left;
};

static void hold(struct sim *s, struct event *e)
{
	struct holder *h = container_of(e, struct holder, event);
	if (--*h->left == 0)
		s->stop = true;
	sim_schedule(s, e, s->now_ps + (time_ps)(bench_random(h->random) % SPREAD));
}

static double time_ours(uint32_t pending)
{
	uint64_t random = 1, left = HOLDS;
	struct sim *s = sim_new(1);
	struct holder *holders = calloc(pending, sizeof(*holders));
	if (!s || !holders)
		exit(1);
	for (uint32_t i = 0; i < pending; i++) {
		holders[i] = (struct holder){.random = &random, .left = &left};
		event_init(&holders[i].event, hold, "hold", EVENT_PRIO_DEVICE);
		sim_schedule(s, &holders[i].event, (time_ps)(bench_random(&random) % SPREAD));
	}
	double start = bench_seconds();
	sim_run(s);
	double seconds = bench_seconds() - start;
	sim_free(s);
	free(holders);
	return seconds;
}

int main(void)
{
	static const uint32_t pending[] = {16, 256, 65536};
	for (size_t k = 0; k < sizeof(pending) / sizeof(pending[0]); k++) {
		double ours = 1e9, bare = 1e9;
		for (int round = 0; round < ROUNDS; round++) {
			double t = time_ours(pending[k]);
			ours = t < ours ? t : ours;
			t = bare_hold(pending[k], HOLDS, SPREAD);
			bare = t < bare ? t : bare;
		}
		char name[64];
		snprintf(name, sizeof(name), "sim.hold.%u", pending[k]);
		bench_line(name, 1e9 * ours / HOLDS, "ns/hold", "bare 4-ary heap of 16-byte entries, pop + push",
			1e9 * bare / HOLDS, ours / bare);
	}
	return 0;
}
