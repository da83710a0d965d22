/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Page faults of a process from the kernel: one perf_event_open() counter and ring buffer a processor (the kernel shares no ring of
 * inherited counters between processors), merged in order of time. perf_event_open(2) describes the bytes.
 */
#ifndef QUERN_RECORD_RING_H
#define QUERN_RECORD_RING_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sim/err.h"

struct fault_sample {
	uint64_t time_ns;  /* CLOCK_MONOTONIC */
	uint64_t ip, address;
	uint32_t pid, tid;
};

struct rings;

/* Whether the kernel lets us: 0, or -1 with the sentence. */
int rings_probe(struct err *e);
/*
 * For process `pid` and the threads it will make, from its next exec on. Faults taken inside system calls are included where the
 * kernel allows it. NULL with *e set.
 */
struct rings *rings_open(pid_t pid, struct err *e);
void rings_free(struct rings *r); /* NULL is legal */
/* Their descriptors for poll(): fills at most `room`, returns how many. */
unsigned rings_poll(const struct rings *r, struct pollfd *to, unsigned room);
/* Take what the rings hold. 0, or -1: no memory. */
int rings_drain(struct rings *r, struct err *e);
/* The next sample in order of time that was taken before `until_ns`; false when there is none. */
bool rings_next(struct rings *r, uint64_t until_ns, struct fault_sample *out);
/* Samples that the kernel had no room for, so far. */
uint64_t rings_lost(const struct rings *r);

#endif
