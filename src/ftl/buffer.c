/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Entries, their lists and their hash.
 *
 * Invariants: entries = free + clean (read_used: with pinned and gone ones) + unclean. The hash names the newest
 * version of a unit. A list by order holds the clean entries without pins, or the dirty ones that may be begun; by
 * age all unclean ones, which is by sequence. Hashing is multiplicative (Knuth, TAOCP 3, 6.4) with linear probing and
 * deletion by moving back.
 */
#include "ftl/buffer.h"

#include <inttypes.h>
#include <string.h>

#include "blk/req.h"

#define SECTORS_MAX 64
#define HASH_FACTOR UINT64_C(0x9E3779B97F4A7C15) /* 2^64 / golden ratio */

static inline uint32_t index_of(const struct ftl_buffer *b, const struct ftl_buffer_entry *e)
{
	return (uint32_t)(e - b->entry);
}
static inline uint32_t ones(uint64_t mask) { return (uint32_t)__builtin_popcountll(mask); }

/* ---- lists -------------------------------------------------------------------------------------------- */

static void list_append(struct ftl_buffer *b, struct ftl_buffer_list *l, int which, uint32_t i)
{
	b->entry[i].link[which].before = l->tail;
	b->entry[i].link[which].after = FTL_BUFFER_NONE;
	if (l->tail != FTL_BUFFER_NONE)
		b->entry[l->tail].link[which].after = i;
	else
		l->head = i;
	l->tail = i;
	l->count++;
}

static void list_remove(struct ftl_buffer *b, struct ftl_buffer_list *l, int which, uint32_t i)
{
	uint32_t before = b->entry[i].link[which].before, after = b->entry[i].link[which].after;
	if (before != FTL_BUFFER_NONE)
		b->entry[before].link[which].after = after;
	else
		l->head = after;
	if (after != FTL_BUFFER_NONE)
		b->entry[after].link[which].before = before;
	else
		l->tail = before;
	l->count--;
}

static void list_to_end(struct ftl_buffer *b, struct ftl_buffer_list *l, int which, uint32_t i)
{
	list_remove(b, l, which, i);
	list_append(b, l, which, i);
}

/* In front of all. */
static void list_prepend(struct ftl_buffer *b, struct ftl_buffer_list *l, int which, uint32_t i)
{
	b->entry[i].link[which].before = FTL_BUFFER_NONE;
	b->entry[i].link[which].after = l->head;
	*(l->head != FTL_BUFFER_NONE ? &b->entry[l->head].link[which].before : &l->tail) = i;
	l->head = i;
	l->count++;
}

/* ---- hash --------------------------------------------------------------------------------------------- */

static inline uint32_t home(const struct ftl_buffer *b, uint64_t unit)
{
	return (uint32_t)(unit * HASH_FACTOR >> (64 - b->place_bits));
}

/* The place that names the unit, or the free one where it would be named. */
static uint32_t place_of(const struct ftl_buffer *b, uint64_t unit)
{
	uint32_t mask = (UINT32_C(1) << b->place_bits) - 1, p = home(b, unit);
	while (b->place[p] != FTL_BUFFER_NONE && b->entry[b->place[p]].unit != unit)
		p = (p + 1) & mask;
	return p;
}

static void hash_remove(struct ftl_buffer *b, uint64_t unit)
{
	uint32_t mask = (UINT32_C(1) << b->place_bits) - 1, hole = place_of(b, unit);
	for (uint32_t p = (hole + 1) & mask; b->place[p] != FTL_BUFFER_NONE; p = (p + 1) & mask) {
		uint32_t from = home(b, b->entry[b->place[p]].unit);
		if (((p - from) & mask) < ((p - hole) & mask)) /* its home is behind the hole: it stays */
			continue;
		b->place[hole] = b->place[p];
		hole = p;
	}
	b->place[hole] = FTL_BUFFER_NONE;
}

struct ftl_buffer_entry *ftl_buffer_find(const struct ftl_buffer *b, uint64_t unit)
{
	if (!b->entry)
		return NULL;
	uint32_t i = b->place[place_of(b, unit)];
	return i != FTL_BUFFER_NONE ? &b->entry[i] : NULL;
}

/* ---- entries come and go ------------------------------------------------------------------------------ */

static void release(struct ftl_buffer *b, struct ftl_buffer_entry *e)
{
	e->state = FTL_BUFFER_FREE;
	e->link[FTL_BUFFER_BY_ORDER].after = b->free;
	b->free = index_of(b, e);
	b->free_count++;
}

/* The hash does not name it any more, nor does a list; it counts as unclean or clean no more. */
static void give_away(struct ftl_buffer *b, struct ftl_buffer_entry *e)
{
	if (e->pins == 0) {
		release(b, e);
		return;
	}
	e->state = FTL_BUFFER_GONE;
	e->held = e->dirty = 0;
	b->read_used++;
}

static bool evict(struct ftl_buffer *b)
{
	uint32_t i = b->clean.head;
	if (i == FTL_BUFFER_NONE)
		return false;
	list_remove(b, &b->clean, FTL_BUFFER_BY_ORDER, i);
	b->read_used--;
	b->counts.evicted++;
	hash_remove(b, b->entry[i].unit);
	release(b, &b->entry[i]);
	return true;
}

/* A new entry in the hash, at place_of() its unit, in place of an older version where there is one; NULL: none is free. */
static inline struct ftl_buffer_entry *obtain(struct ftl_buffer *b, uint64_t unit, uint32_t place)
{
	if (b->free == FTL_BUFFER_NONE) {
		if (!evict(b))
			return NULL;
		place = place_of(b, unit); /* another one's leaving may have moved it */
	}
	uint32_t i = b->free;
	struct ftl_buffer_entry *e = &b->entry[i];
	b->free = e->link[FTL_BUFFER_BY_ORDER].after;
	b->free_count--;
	*e = (struct ftl_buffer_entry){.unit = unit, .other = FTL_BUFFER_NONE, .lot = FTL_BUFFER_NONE};
	b->place[place] = i;
	return e;
}

static void leave_clean(struct ftl_buffer *b, struct ftl_buffer_entry *e)
{
	if (e->pins == 0)
		list_remove(b, &b->clean, FTL_BUFFER_BY_ORDER, index_of(b, e));
	b->read_used--;
}

static void become_dirty(struct ftl_buffer *b, struct ftl_buffer_entry *e)
{
	e->state = FTL_BUFFER_DIRTY;
	e->sequence = ++b->sequence;
	list_append(b, &b->age, FTL_BUFFER_BY_AGE, index_of(b, e));
	if (e->other == FTL_BUFFER_NONE)
		list_append(b, &b->waiting, FTL_BUFFER_BY_ORDER, index_of(b, e));
	else
		b->held_back++;
}

static void leave_waiting(struct ftl_buffer *b, struct ftl_buffer_entry *e)
{
	bool aside = e->lot != FTL_BUFFER_NONE;
	list_remove(b, aside ? &b->lot[e->lot] : &b->waiting, FTL_BUFFER_BY_ORDER, index_of(b, e));
	b->aside -= aside;
	e->lot = FTL_BUFFER_NONE;
}

/* ---- the host ----------------------------------------------------------------------------------------- */

uint64_t ftl_buffer_read(struct ftl_buffer *b, uint64_t unit, uint64_t mask)
{
	b->counts.read++;
	if (b->free_count == b->entries) /* it holds nothing */
		return 0;
	struct ftl_buffer_entry *e = ftl_buffer_find(b, unit);
	if (!e)
		return 0;
	if (e->state == FTL_BUFFER_CLEAN && e->pins == 0)
		list_to_end(b, &b->clean, FTL_BUFFER_BY_ORDER, index_of(b, e));
	b->counts.hit += (e->held & mask) == mask;
	return e->held & mask;
}

uint32_t ftl_buffer_room(const struct ftl_buffer *b)
{
	uint32_t room = b->write_limit - ftl_buffer_unclean(b), places = b->free_count + b->clean.count;
	return room < places ? room : places;
}

/* A dirty entry for the unit that may be written to: the newest version, or a new one. */
static struct ftl_buffer_entry *writable(struct ftl_buffer *b, uint64_t unit)
{
	uint32_t place = place_of(b, unit), at = b->place[place];
	bool there = at != FTL_BUFFER_NONE;
	struct ftl_buffer_entry *older = &b->entry[there ? at : 0], *e = older;
	if (there && e->state == FTL_BUFFER_DIRTY) {
		b->counts.merged++;
		if (b->spec->order == FTL_BUFFER_LRU && e->other == FTL_BUFFER_NONE && e->lot == FTL_BUFFER_NONE &&
		    e->sequence > b->flush_to)
			list_to_end(b, &b->waiting, FTL_BUFFER_BY_ORDER, index_of(b, e));
		return e;
	}
	if (ftl_buffer_unclean(b) >= b->write_limit)
		return NULL;
	if (there && e->state == FTL_BUFFER_CLEAN) {
		leave_clean(b, e);
		become_dirty(b, e);
		return e;
	}
	e = obtain(b, unit, place);
	if (!e)
		return NULL;
	if (there) {
		e->held = older->held;
		e->other = index_of(b, older);
		older->other = index_of(b, e);
	}
	become_dirty(b, e);
	return e;
}

static void set_dirty(struct ftl_buffer *b, struct ftl_buffer_entry *e, uint64_t mask, uint64_t tag)
{
	uint64_t known = e->dirty | (e->other != FTL_BUFFER_NONE ? b->entry[e->other].dirty : 0);
	b->dirty_sectors += mask == b->full && known == 0 ? b->unit_sectors : ones(mask & ~known);
	e->held |= mask;
	e->dirty |= mask;
	if (!b->tags)
		return;
	uint64_t *tags = b->tags + (size_t)index_of(b, e) * b->unit_sectors;
	for (uint32_t i = 0; i < b->unit_sectors; i++)
		if (mask >> i & 1)
			tags[i] = tag;
}

static struct ftl_buffer_entry *refuse(struct ftl_buffer *b)
{
	b->draining = true;
	return NULL;
}

struct ftl_buffer_entry *ftl_buffer_write(struct ftl_buffer *b, uint64_t unit, uint64_t mask, uint64_t tag)
{
	struct ftl_buffer_entry *e = b->entries > 0 ? writable(b, unit) : NULL;
	if (!e)
		return refuse(b);
	b->counts.written++;
	e->trim = false; /* the zeros of a trim are content now */
	set_dirty(b, e, mask, tag);
	return e;
}

enum ftl_buffer_trim ftl_buffer_trim(struct ftl_buffer *b, uint64_t unit)
{
	struct ftl_buffer_entry *e = ftl_buffer_find(b, unit);
	if (!e)
		return FTL_BUFFER_UNMAP;
	if (e->state == FTL_BUFFER_CLEAN) {
		leave_clean(b, e);
	} else if (e->state == FTL_BUFFER_DIRTY && e->other == FTL_BUFFER_NONE) {
		leave_waiting(b, e);
		list_remove(b, &b->age, FTL_BUFFER_BY_AGE, index_of(b, e));
		b->dirty_sectors -= ones(e->dirty);
		b->counts.dropped++;
	} else {
		e = writable(b, unit);
		if (!e) {
			refuse(b);
			return FTL_BUFFER_FULL;
		}
		e->trim = true;
		set_dirty(b, e, b->full, 0);
		return FTL_BUFFER_LATER;
	}
	hash_remove(b, unit);
	give_away(b, e);
	return FTL_BUFFER_UNMAP;
}

/* ---- to flash ----------------------------------------------------------------------------------------- */

bool ftl_buffer_wanted(struct ftl_buffer *b)
{
	uint32_t waiting = ftl_buffer_waiting(b);
	if (waiting > b->high)
		b->draining = true;
	else if (waiting <= b->low)
		b->draining = false;
	if (waiting == 0)
		return false;
	return b->draining || ftl_buffer_oldest(b) <= b->flush_to;
}

static struct ftl_buffer_entry *entry_at(const struct ftl_buffer *b, uint32_t i)
{
	return i != FTL_BUFFER_NONE ? &b->entry[i] : NULL;
}

void ftl_buffer_put_aside(struct ftl_buffer *b, struct ftl_buffer_entry *e, uint32_t lot)
{
	list_remove(b, &b->waiting, FTL_BUFFER_BY_ORDER, index_of(b, e));
	list_append(b, &b->lot[lot], FTL_BUFFER_BY_ORDER, index_of(b, e));
	e->lot = lot;
	b->aside++;
}

bool ftl_buffer_bring_back(struct ftl_buffer *b, uint32_t lot)
{
	struct ftl_buffer_entry *e = entry_at(b, b->lot[lot].head);
	if (!e)
		return false;
	leave_waiting(b, e);
	list_prepend(b, &b->waiting, FTL_BUFFER_BY_ORDER, index_of(b, e));
	return true;
}

void ftl_buffer_begin(struct ftl_buffer *b, struct ftl_buffer_entry *e)
{
	leave_waiting(b, e);
	e->state = FTL_BUFFER_FLIGHT;
	b->flight++;
}

/* Becomes clean where the read part has a place for it, which a pinned entry needs none for. */
static bool keep_clean(struct ftl_buffer *b, struct ftl_buffer_entry *e)
{
	if (e->trim || (e->pins == 0 && b->read_used >= b->read_limit && (b->read_limit == 0 || !evict(b))))
		return false;
	e->state = FTL_BUFFER_CLEAN;
	e->dirty = e->acked = 0;
	b->read_used++;
	if (e->pins == 0)
		list_append(b, &b->clean, FTL_BUFFER_BY_ORDER, index_of(b, e));
	return true;
}

void ftl_buffer_landed(struct ftl_buffer *b, struct ftl_buffer_entry *e)
{
	struct ftl_buffer_entry *newer = entry_at(b, e->other);
	b->flight--;
	list_remove(b, &b->age, FTL_BUFFER_BY_AGE, index_of(b, e));
	b->dirty_sectors -= !newer && e->dirty == b->full ? b->unit_sectors : ones(newer ? e->dirty & ~newer->dirty : e->dirty);
	if (newer) {
		newer->other = FTL_BUFFER_NONE;
		b->held_back--;
		list_append(b, &b->waiting, FTL_BUFFER_BY_ORDER, index_of(b, newer));
		give_away(b, e);
	} else if (!keep_clean(b, e)) {
		hash_remove(b, e->unit);
		give_away(b, e);
	}
}

uint64_t ftl_buffer_mark(const struct ftl_buffer *b) { return b->sequence; }

void ftl_buffer_flush(struct ftl_buffer *b, uint64_t mark)
{
	if (mark > b->flush_to)
		b->flush_to = mark;
}

struct ftl_buffer_entry *ftl_buffer_unsafe(const struct ftl_buffer *b, const struct ftl_buffer_entry *after)
{
	return entry_at(b, after ? after->link[FTL_BUFFER_BY_AGE].after : b->age.head);
}

void ftl_buffer_ack(struct ftl_buffer *b, uint64_t unit, uint64_t mask, uint64_t mark)
{
	struct ftl_buffer_entry *e = ftl_buffer_find(b, unit);
	if (e && e->state == FTL_BUFFER_DIRTY && e->sequence > mark) /* a newer write's */
		e = entry_at(b, e->other);
	if (e && e->sequence <= mark)
		e->acked |= mask & e->dirty; /* of what is in flash nothing is dirty */
}

uint64_t ftl_buffer_acked(const struct ftl_buffer *b)
{
	uint64_t sum = 0;
	for (const struct ftl_buffer_entry *e = ftl_buffer_unsafe(b, NULL); e; e = ftl_buffer_unsafe(b, e)) {
		const struct ftl_buffer_entry *other = entry_at(b, e->other);
		uint64_t older = e->state == FTL_BUFFER_DIRTY && other ? other->acked : 0; /* counted with that one */
		sum += ones(e->acked & ~older);
	}
	return sum;
}

/* ---- from flash --------------------------------------------------------------------------------------- */

void ftl_buffer_pin(struct ftl_buffer *b, struct ftl_buffer_entry *e)
{
	if (e->state == FTL_BUFFER_CLEAN && e->pins == 0)
		list_remove(b, &b->clean, FTL_BUFFER_BY_ORDER, index_of(b, e));
	e->pins++;
}

struct ftl_buffer_entry *ftl_buffer_expect(struct ftl_buffer *b, uint64_t unit)
{
	if (b->read_limit == 0 && b->free_count == b->entries)
		return NULL;
	struct ftl_buffer_entry *e = ftl_buffer_find(b, unit);
	if (!e) {
		if (!b->entry || b->read_limit == 0 || (b->read_used >= b->read_limit && !evict(b)))
			return NULL;
		e = obtain(b, unit, place_of(b, unit));
		if (!e)
			return NULL;
		e->state = FTL_BUFFER_CLEAN;
		b->read_used++;
		e->pins = 1;
		return e;
	}
	ftl_buffer_pin(b, e);
	return e;
}

void ftl_buffer_fill(struct ftl_buffer *b, struct ftl_buffer_entry *e, uint64_t mask)
{
	e->pins--;
	if (e->state != FTL_BUFFER_GONE)
		e->held |= mask;
	if (e->pins > 0)
		return;
	if (e->state == FTL_BUFFER_GONE) {
		b->read_used--;
		release(b, e);
	} else if (e->state == FTL_BUFFER_CLEAN && (e->held == 0 || b->read_used > b->read_limit)) {
		b->read_used--;
		hash_remove(b, e->unit);
		release(b, e);
	} else if (e->state == FTL_BUFFER_CLEAN) {
		list_append(b, &b->clean, FTL_BUFFER_BY_ORDER, index_of(b, e));
	}
}

uint32_t ftl_buffer_ahead(struct ftl_buffer *b, uint64_t lba, uint32_t sectors, uint64_t *from)
{
	struct ftl_buffer_stream *oldest = &b->stream[0], *s = NULL;
	if (b->spec->read_ahead == 0 || b->entries == 0)
		return 0;
	for (int i = 0; i < FTL_BUFFER_STREAMS; i++) {
		if (b->stream[i].used > 0 && b->stream[i].next == lba)
			s = &b->stream[i];
		if (b->stream[i].used < oldest->used)
			oldest = &b->stream[i];
	}
	bool goes_on = s != NULL;
	if (!s) {
		s = oldest;
		s->ahead = 0;
	}
	s->used = ++b->stamp;
	s->next = lba + sectors;
	if (!goes_on)
		return 0;
	uint64_t end = fastdiv(s->next + b->unit_sectors - 1, &b->by_unit_sectors);
	uint64_t to = end + (uint64_t)b->spec->read_ahead;
	*from = s->ahead > end ? s->ahead : end;
	s->ahead = to < b->units ? to : b->units;
	return s->ahead > *from ? (uint32_t)(s->ahead - *from) : 0;
}

/* ---- open and clear ----------------------------------------------------------------------------------- */

void ftl_buffer_clear(struct ftl_buffer *b)
{
	const struct ftl_buffer_list none = {FTL_BUFFER_NONE, FTL_BUFFER_NONE, 0};
	b->clean = b->waiting = b->age = none;
	for (uint32_t i = 0; i < b->lots; i++)
		b->lot[i] = none;
	b->aside = 0;
	b->free = FTL_BUFFER_NONE;
	b->free_count = b->held_back = b->flight = b->read_used = 0;
	b->dirty_sectors = 0;
	b->draining = false;
	b->flush_to = b->sequence;
	memset(b->stream, 0, sizeof(b->stream));
	if (b->entries == 0)
		return;
	memset(b->place, 0xFF, sizeof(*b->place) << b->place_bits); /* FTL_BUFFER_NONE */
	for (uint32_t i = b->entries; i-- > 0;)
		release(b, &b->entry[i]);
}

int ftl_buffer_keep_tags(struct ftl_buffer *b, struct arena *a)
{
	if (!b->tags && b->entries > 0)
		b->tags = arena_array(a, (size_t)b->entries * b->unit_sectors, sizeof(*b->tags));
	return b->tags || b->entries == 0 ? 0 : -1;
}

int ftl_buffer_make_lots(struct ftl_buffer *b, struct arena *a, uint32_t count)
{
	b->lot = arena_array(a, count, sizeof(*b->lot));
	if (!b->lot)
		return -1;
	b->lots = count;
	for (uint32_t i = 0; i < count; i++)
		b->lot[i] = (struct ftl_buffer_list){FTL_BUFFER_NONE, FTL_BUFFER_NONE, 0};
	return 0;
}

static int set_limits(struct ftl_buffer *b, const char *name, struct err *e)
{
	uint64_t entries = (uint64_t)b->spec->size_bytes / ((uint64_t)b->unit_sectors * SECTOR_BYTES);
	b->read_limit = (uint32_t)((double)entries * b->spec->read_share);
	if (b->spec->read_share > 0 && b->read_limit == 0)
		b->read_limit = 1;
	if (entries <= b->read_limit || entries >= UINT32_MAX / 4)
		return err_set(e, ERR_CONFIG, "%s.size: %" PRId64 " bytes hold %" PRIu64
			" map units of %" PRIu64 " bytes: want more than the read part's %" PRIu32 ", and at most 2^30", name,
			b->spec->size_bytes, entries, (uint64_t)b->unit_sectors * SECTOR_BYTES, b->read_limit);
	b->entries = (uint32_t)entries;
	b->write_limit = b->entries - b->read_limit;
	if (b->spec->read_ahead > b->read_limit)
		return err_set(e, ERR_CONFIG, "%s.read_ahead: %" PRId64 " map units are more than the %" PRIu32 " of the read part",
			name, b->spec->read_ahead, b->read_limit);
	b->low = (uint32_t)((double)b->write_limit * b->spec->low);
	b->high = (uint32_t)((double)b->write_limit * b->spec->high);
	if (b->high >= b->write_limit)
		b->high = b->write_limit - 1; /* a full buffer is always above it */
	if (b->low > b->high)
		b->low = b->high;
	return 0;
}

struct ftl_buffer *ftl_buffer_open(struct arena *a, const struct ftl_buffer_spec *spec, uint32_t unit_sectors, uint64_t units,
	bool tags, const char *name, struct err *e)
{
	struct ftl_buffer *b = arena_alloc(a, sizeof(*b));
	if (!b)
		return err_set(e, ERR_LIMIT, "no memory for %s", name), NULL;
	b->spec = spec;
	b->unit_sectors = unit_sectors;
	b->by_unit_sectors = fastdiv_make(unit_sectors);
	b->units = units;
	b->full = ftl_buffer_mask(0, unit_sectors);
	if (spec->size_bytes > 0) {
		if (unit_sectors > SECTORS_MAX)
			return err_set(e, ERR_CONFIG, "%s.size: a buffer is for map units of at most 32 KiB; ftl.map.unit can make them "
				"smaller than a page", name), NULL;
		if (set_limits(b, name, e) < 0)
			return NULL;
		while ((UINT64_C(1) << b->place_bits) < 2 * (uint64_t)b->entries)
			b->place_bits++;
		b->entry = arena_array(a, b->entries, sizeof(*b->entry));
		b->place = arena_array(a, (size_t)1 << b->place_bits, sizeof(*b->place));
		if (!b->entry || !b->place || (tags && ftl_buffer_keep_tags(b, a) < 0))
			return err_set(e, ERR_LIMIT, "no memory for %s.size of %" PRId64 " bytes", name, spec->size_bytes), NULL;
	}
	ftl_buffer_clear(b);
	return b;
}
