/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a filtered recording does not tell. */
#include "host/recorded_limits.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "host/alloc.h"
#include "host/replace.h"

static bool is_filtered(const struct recorded_limits *l) { return l->kind == REF_KIND_REFS && l->filter > 1; }

bool recorded_limits_exact(const struct recorded_limits *l, int policy, uint64_t frames)
{
	return !is_filtered(l) || (!strcmp(replace_policies[policy].name, "lru") && frames >= l->filter);
}

bool recorded_limits_kind(const struct recorded_limits *l, char *out, size_t bytes)
{
	const char *const holds[REF_KIND_COUNT] = {
		[REF_KIND_FAULTS] = "page faults as a kernel took them, mostly the first touch of each page",
		[REF_KIND_DIRTY] = "the pages written in each interval, in order of address",
	};
	if (!holds[l->kind])
		return false;
	snprintf(out, bytes, "The recording holds %s, not the references between them: what the program would have faulted on in so many "
		"frames does not follow from it (quern record refs records that).", holds[l->kind]);
	return true;
}

/* "KEY=VALUE", behind a comma where there are some already; a name in place of the number where there is one. */
struct reasons {
	char text[320];
	size_t used;
};

static void add(struct reasons *r, const char *key, const char *name, int64_t number)
{
	char value[32];
	snprintf(value, sizeof(value), "%" PRId64, number);
	int n = snprintf(r->text + r->used, sizeof(r->text) - r->used, "%s%s=%s", r->used ? ", " : "", key, name ? name : value);
	if (n > 0 && r->used + (size_t)n < sizeof(r->text))
		r->used += (size_t)n;
}

bool recorded_limits_filter(const struct recorded_limits *l, char *out, size_t bytes)
{
	const struct host_spec *h = l->host;
	struct reasons r = {.used = 0};
	if (!is_filtered(l))
		return false;
	if (!recorded_limits_exact(l, h->replace.policy, UINT64_MAX))
		add(&r, "host.replace.policy", replace_policies[h->replace.policy].name, 0);
	if (h->frames - h->reclaim.high < (int64_t)l->filter)
		add(&r, "host.frames", NULL, h->frames);
	if (h->frames >= (int64_t)l->filter && h->frames - h->reclaim.high < (int64_t)l->filter)
		add(&r, "host.reclaim.high", NULL, h->reclaim.high);
	if (l->processes > 1)
		add(&r, "scenario.processes", NULL, l->processes);
	if (l->threads > 1)
		add(&r, "scenario.recorded_threads", "true", 0);
	if (h->swap.readahead > 1)
		add(&r, "host.swap.readahead", NULL, h->swap.readahead);
	if (h->allocation.frames == ALLOC_FAULT_FREQUENCY)
		add(&r, "host.allocation.frames", "fault-frequency", 0);
	if (!r.used)
		return false;
	snprintf(out, bytes, "The recording lacks what hits in %" PRIu32 " frames of LRU (its filter). Exact are the faults of LRU alone, for "
		"one process with %" PRIu32 " frames or more and no read-ahead. Not so this run (%s): its faults and requests are not those of the program, "
		"mostly far too few. For such runs record with --filter 1.", l->filter, l->filter, r.text);
	return true;
}

bool recorded_limits_curve(const struct recorded_limits *l, char *out, size_t bytes)
{
	if (!is_filtered(l))
		return false;
	snprintf(out, bytes, "Table fault_curve begins at %" PRIu32 " frames and holds LRU alone: the recording's filter keeps "
		"nothing else exact. Recorded with --filter 1 it tells of all policies.", l->filter);
	return true;
}
