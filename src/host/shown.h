/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The host on the timeline (sim/timeline.h): a group for each machine, in it a track for each processor (whose thread it runs), one
 * for each thread (running, in a fault, ready, and what it sleeps for), and counters. From a fault that reads a page goes an arrow to
 * its request. Checkpoints stand in the same group.
 *
 * A machine is shown where sim->timeline is set when it starts; else what stands here costs a look at a pointer.
 */
#ifndef QUERN_HOST_SHOWN_H
#define QUERN_HOST_SHOWN_H

#include "host/ckpt.h"
#include "host/host_private.h"
#include "sim/timeline.h"

/* From now on. 0, or -1: no memory. */
int host_shown_open(struct host *h);
/* The thread does this (a static word; NULL: it has ended) from `at` on, or from when it began the last thing. */
__attribute__((cold)) void host_shown_does(struct host_thread *th, const char *what, time_ps at);

static inline void host_does(struct host_thread *th, const char *what, time_ps at)
{
	if (__builtin_expect(th->host->shown != NULL, 0))
		host_shown_does(th, what, at);
}

/* It runs on processor `on` from `at` on: its program, or, fault, the kernel for its fault. */
__attribute__((cold)) void host_shown_runs(struct host_thread *th, uint32_t on, time_ps at, bool fault);

/* It has been given the processor. */
static inline void host_runs(struct host_thread *th, uint32_t on, time_ps at)
{
	if (__builtin_expect(th->host->shown != NULL, 0))
		host_shown_runs(th, on, at, th->counted);
}

/* On its processor, a fault begins, or what the kernel had to do ends. */
static inline void host_traps(struct host_thread *th, uint32_t on, time_ps at, bool fault)
{
	if (__builtin_expect(th->host->shown != NULL, 0))
		host_shown_runs(th, on, at, fault);
}

/* Why a thread sleeps that has just gone to sleep. */
__attribute__((cold)) const char *host_shown_sleep(const struct host_thread *th);
static inline void host_sleeps(struct host_thread *th, time_ps at)
{
	if (__builtin_expect(th->host->shown != NULL, 0))
		host_shown_does(th, host_shown_sleep(th), at);
}

/* What the pages of c have been through: c->now, with sim->timeline set; a merge, or a restart, since c->start_ps. */
void ckpt_shown_taken(struct ckpt *c, bool good);
void ckpt_shown_work(struct ckpt *c, const char *what);

#endif
