/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hash of a machine's events, some at a time. */
#include "host/evlog.h"

#include <xxhash.h>

#define RECORDS 64

struct host_evlog {
	uint64_t record[RECORDS][3];
	uint32_t held;
	uint64_t count;
	uint64_t hash; /* of all before: the seed of the next */
};

struct host_evlog *host_evlog_new(struct arena *a) { return arena_alloc(a, sizeof(struct host_evlog)); }

static void take_in(struct host_evlog *l)
{
	l->hash = XXH3_64bits_withSeed(l->record, l->held * sizeof(l->record[0]), l->hash);
	l->held = 0;
}

void host_evlog_add(struct host_evlog *l, time_ps at, enum host_event_kind kind, uint64_t what)
{
	uint64_t *r = l->record[l->held];
	r[0] = (uint64_t)at;
	r[1] = (uint64_t)kind;
	r[2] = what;
	l->count++;
	if (++l->held == RECORDS)
		take_in(l);
}

uint64_t host_evlog_hash(const struct host_evlog *l)
{
	return l->held ? XXH3_64bits_withSeed(l->record, l->held * sizeof(l->record[0]), l->hash) : l->hash;
}

uint64_t host_evlog_count(const struct host_evlog *l) { return l->count; }
