/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The hash of a machine's events: XXH3 (64 bits) over (time, kind, what), in order. Two runs that hash alike did the same things at
 * the same times. Off it costs a look at a pointer.
 */
#ifndef QUERN_HOST_EVLOG_H
#define QUERN_HOST_EVLOG_H

#include <stdint.h>

#include "sim/arena.h"
#include "sim/time.h"

enum host_event_kind { HOST_EVENT_FAULT = 1, HOST_EVENT_FILL, HOST_EVENT_MAP, HOST_EVENT_EVICT, HOST_EVENT_WRITTEN, HOST_EVENT_COPY,
	HOST_EVENT_RUN, HOST_EVENT_END, HOST_EVENT_SUSPEND, HOST_EVENT_RESUME };

struct host_evlog;

struct host_evlog *host_evlog_new(struct arena *a); /* NULL: no memory */
void host_evlog_add(struct host_evlog *l, time_ps at, enum host_event_kind kind, uint64_t what);
uint64_t host_evlog_hash(const struct host_evlog *l);
uint64_t host_evlog_count(const struct host_evlog *l);

#endif
