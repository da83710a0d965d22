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

#define HOLDS 2000000u
#define ROUNDS 7
#define SPREAD 1000000000u

/* What all events share; an event itself is nothing but an event, as a bare entry is nothing
 * but its time and payload. */
static struct {
	uint64_t random;
	uint64_t left;
} shared;

static void hold(struct sim *s, struct event *e)
{
	if (--shared.left == 0)
		s->stop = true;
	sim_schedule(s, e, s->now_ps + (time_ps)(bench_random(&shared.random) % SPREAD));
}

static double time_ours(uint32_t pending)
{
	struct sim *s = sim_new(1);
	struct event *events = calloc(pending, sizeof(*events));
	if (!s || !events)
		exit(1);
	shared.random = 1;
	shared.left = HOLDS;
	for (uint32_t i = 0; i < pending; i++) {
		event_init(&events[i], hold, "hold", EVENT_PRIO_DEVICE);
		sim_schedule(s, &events[i], (time_ps)(bench_random(&shared.random) % SPREAD));
	}
	double start = bench_seconds();
	sim_run(s);
	double seconds = bench_seconds() - start;
	sim_free(s);
	free(events);
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
