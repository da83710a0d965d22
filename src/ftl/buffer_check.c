/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The DRAM buffer recounted from its entries, for tests. */
#include <inttypes.h>

#include "ftl/buffer.h"

static uint32_t index_of(const struct ftl_buffer *b, const struct ftl_buffer_entry *e) { return (uint32_t)(e - b->entry); }
static uint32_t ones(uint64_t mask) { return (uint32_t)__builtin_popcountll(mask); }
static const struct ftl_buffer_entry *entry_at(const struct ftl_buffer *b, uint32_t i)
{
	return i != FTL_BUFFER_NONE ? &b->entry[i] : NULL;
}

/* 0 where the entry is as its state and the hash say; else what is not. */
static const char *entry_wrong(const struct ftl_buffer *b, const struct ftl_buffer_entry *e)
{
	const struct ftl_buffer_entry *found = ftl_buffer_find(b, e->unit), *other = entry_at(b, e->other);
	if ((e->dirty & ~e->held) != 0 || (e->held & ~b->full) != 0)
		return "holds less than is dirty";
	if (e->state == FTL_BUFFER_CLEAN && (e->dirty != 0 || other))
		return "is clean with dirty sectors or another version";
	if (other && (other->other != index_of(b, e) || other->unit != e->unit))
		return "has another version that is not its own";
	if (e->state == FTL_BUFFER_DIRTY && other && other->state != FTL_BUFFER_FLIGHT)
		return "waits for a version that is not in flight";
	if (e->state == FTL_BUFFER_FLIGHT && other ? found != other : found != e)
		return "is not what the hash names";
	return NULL;
}

static bool ages_rise(const struct ftl_buffer *b)
{
	uint64_t last = 0;
	uint32_t n = 0;
	for (uint32_t i = b->age.head; i != FTL_BUFFER_NONE; i = b->entry[i].link[FTL_BUFFER_BY_AGE].after, n++) {
		if (b->entry[i].sequence <= last)
			return false;
		last = b->entry[i].sequence;
	}
	return n == b->age.count;
}

int ftl_buffer_check(const struct ftl_buffer *b, struct err *e)
{
	uint32_t by_state[FTL_BUFFER_GONE + 1] = {0}, pinned = 0, back = 0;
	uint64_t dirty = 0;
	for (uint32_t i = 0; i < b->entries; i++) {
		const struct ftl_buffer_entry *x = &b->entry[i];
		by_state[x->state]++;
		if (x->state == FTL_BUFFER_FREE || x->state == FTL_BUFFER_GONE)
			continue;
		const char *wrong = entry_wrong(b, x);
		if (wrong)
			return err_set(e, ERR_CHECK, "the buffer's entry of unit %" PRIu64 " %s", x->unit, wrong);
		const struct ftl_buffer_entry *other = entry_at(b, x->other);
		pinned += x->state == FTL_BUFFER_CLEAN && x->pins > 0;
		back += x->state == FTL_BUFFER_DIRTY && other;
		dirty += ones(x->state == FTL_BUFFER_FLIGHT && other ? x->dirty & ~other->dirty : x->dirty);
	}
	if (by_state[FTL_BUFFER_FREE] != b->free_count || by_state[FTL_BUFFER_CLEAN] - pinned != b->clean.count ||
	    by_state[FTL_BUFFER_CLEAN] + by_state[FTL_BUFFER_GONE] != b->read_used || by_state[FTL_BUFFER_FLIGHT] != b->flight ||
	    by_state[FTL_BUFFER_DIRTY] != ftl_buffer_waiting(b) + b->held_back || back != b->held_back)
		return err_set(e, ERR_CHECK, "the buffer's counts of entries are not those of its entries");
	if (b->age.count != ftl_buffer_unclean(b) || b->age.count > b->write_limit || !ages_rise(b))
		return err_set(e, ERR_CHECK, "the buffer's list by sequence is not that of its dirty entries");
	if (dirty != b->dirty_sectors)
		return err_set(e, ERR_CHECK, "the buffer counts %" PRIu64 " dirty sectors, and has %" PRIu64, b->dirty_sectors, dirty);
	return 0;
}
