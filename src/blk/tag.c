/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The content-tag oracle: an open-addressed hash from LBA / 64 to extents, which are never
 * taken out again. A sector's pending contents that are not the latest, a rare thing, are
 * a list of nodes from a pool, newest first.
 *
 * Invariant: t->dirty is the number of sectors for which is_dirty() holds.
 */
#include "blk/tag.h"

#include <stdlib.h>

#include "sim/arena.h"

#define EXTENT_BITS 6
#define EXTENT_SECTORS (1u << EXTENT_BITS)
#define FIRST_SLOTS 64 /* of the hash; a power of two */

struct pending {
	struct pending *older;
	uint64_t tag;
};

struct sector {
	uint64_t latest;
	uint64_t acked;
	uint64_t durable;
	uint64_t opened;         /* tag on its way to the medium, while open */
	struct pending *pending; /* accepted after `acked` and before `latest` */
	int64_t acked_ps;
};

struct extent {
	uint64_t number;    /* LBA / EXTENT_SECTORS */
	uint64_t open;      /* bit per sector */
	uint64_t in_flight; /* bit per sector: latest is not acknowledged */
	struct sector sector[EXTENT_SECTORS];
};

struct blk_tags {
	struct arena *arena;
	struct pool nodes;      /* struct pending */
	struct extent **slot;   /* NULL: free */
	size_t slots;           /* a power of two, more than twice the extents */
	struct extent **extent; /* all of them; sorted only by power cuts */
	size_t extents;
	uint64_t dirty;
	bool exhausted;
};

/* ---- the map ------------------------------------------------------------------------ */

/* Fibonacci hashing (Knuth, TAOCP 3, 6.4): neighbours spread, the high bits are good. */
static size_t first_slot(uint64_t number, size_t slots)
{
	return (size_t)((number * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (slots - 1);
}

/* The slot that holds the extent, or the free one where it belongs. */
static struct extent **find_slot(struct extent **slot, size_t slots, uint64_t number)
{
	size_t i = first_slot(number, slots);
	while (slot[i] && slot[i]->number != number)
		i = (i + 1) & (slots - 1);
	return &slot[i];
}

/* A new table, and room in the list for as many extents as it may hold. */
static int grow(struct blk_tags *t, size_t slots)
{
	struct extent **slot = arena_array(t->arena, slots, sizeof(struct extent *));
	struct extent **list = arena_array(t->arena, slots / 2, sizeof(struct extent *));
	if (!slot || !list)
		return -1;
	for (size_t i = 0; i < t->extents; i++) {
		list[i] = t->extent[i];
		*find_slot(slot, slots, list[i]->number) = list[i];
	}
	t->slot = slot;
	t->slots = slots;
	t->extent = list;
	return 0;
}

static struct extent *add_extent(struct blk_tags *t, uint64_t number)
{
	if (t->extents + 1 >= t->slots / 2 && grow(t, 2 * t->slots) != 0)
		return NULL;
	struct extent *e = arena_alloc(t->arena, sizeof(*e));
	if (!e)
		return NULL;
	e->number = number;
	for (unsigned i = 0; i < EXTENT_SECTORS; i++)
		e->sector[i].acked_ps = -1;
	*find_slot(t->slot, t->slots, number) = e;
	t->extent[t->extents++] = e;
	return e;
}

struct blk_tags *blk_tags_new(void)
{
	struct arena *a = arena_new();
	struct blk_tags *t = a ? arena_alloc(a, sizeof(*t)) : NULL;
	if (t) {
		t->arena = a;
		pool_init(&t->nodes, a, sizeof(struct pending), 256);
	}
	if (!t || grow(t, FIRST_SLOTS) != 0) {
		arena_free(a);
		return NULL;
	}
	return t;
}

void blk_tags_free(struct blk_tags *t)
{
	if (t)
		arena_free(t->arena);
}

/* ---- one sector --------------------------------------------------------------------- */

static bool is_dirty(const struct sector *s)
{
	if (s->durable == s->acked || s->durable == s->latest)
		return false;
	for (const struct pending *p = s->pending; p; p = p->older)
		if (p->tag == s->durable)
			return false;
	return true;
}

/* Drop `from` and all that is older; `from` is in the list, or NULL. */
static void forget_pending(struct blk_tags *t, struct sector *s, struct pending *from)
{
	struct pending **link = &s->pending;
	while (*link != from)
		link = &(*link)->older;
	*link = NULL;
	while (from) {
		struct pending *older = from->older;
		pool_put(&t->nodes, from);
		from = older;
	}
}

static void sector_latest(struct blk_tags *t, struct extent *e, unsigned i, uint64_t tag)
{
	struct sector *s = &e->sector[i];
	if (e->in_flight >> i & 1) {
		struct pending *p = pool_get(&t->nodes);
		if (!p) {
			t->exhausted = true;
			return;
		}
		*p = (struct pending){.older = s->pending, .tag = s->latest};
		s->pending = p;
	}
	s->latest = tag;
	e->in_flight |= UINT64_C(1) << i;
}

/* With equal tags in flight the oldest is taken, so that nothing newer is forgotten. */
static void sector_acked(struct blk_tags *t, struct extent *e, unsigned i, uint64_t tag, time_ps now)
{
	struct sector *s = &e->sector[i];
	struct pending *match = NULL;
	for (struct pending *p = s->pending; p; p = p->older)
		if (p->tag == tag)
			match = p;
	if (!match) {
		if (!(e->in_flight >> i & 1) || s->latest != tag)
			return;
		e->in_flight &= ~(UINT64_C(1) << i);
		match = s->pending;
	}
	s->acked = tag;
	s->acked_ps = now;
	forget_pending(t, s, match);
}

static void sector_open(struct extent *e, unsigned i, uint64_t tag)
{
	e->sector[i].opened = tag;
	e->open |= UINT64_C(1) << i;
}

static void sector_durable(struct extent *e, unsigned i, uint64_t tag)
{
	struct sector *s = &e->sector[i];
	s->durable = tag;
	if (s->opened == tag)
		e->open &= ~(UINT64_C(1) << i);
}

/* ---- told by devices ------------------------------------------------------------------ */

enum note { NOTE_LATEST, NOTE_ACKED, NOTE_OPEN, NOTE_DURABLE };

static void note_sector(struct blk_tags *t, struct extent *e, unsigned i, enum note what,
	uint64_t tag, time_ps now)
{
	t->dirty -= is_dirty(&e->sector[i]);
	switch (what) {
	case NOTE_LATEST:
		sector_latest(t, e, i, tag);
		break;
	case NOTE_ACKED:
		sector_acked(t, e, i, tag, now);
		break;
	case NOTE_OPEN:
		sector_open(e, i, tag);
		break;
	case NOTE_DURABLE:
		sector_durable(e, i, tag);
		break;
	}
	t->dirty += is_dirty(&e->sector[i]);
}

static void note(struct blk_tags *t, uint64_t lba, uint32_t sectors, enum note what, uint64_t tag,
	time_ps now)
{
	while (sectors > 0) {
		unsigned i = (unsigned)(lba % EXTENT_SECTORS);
		unsigned end = sectors < EXTENT_SECTORS - i ? i + sectors : EXTENT_SECTORS;
		uint64_t number = lba / EXTENT_SECTORS;
		struct extent *e = *find_slot(t->slot, t->slots, number);
		lba += end - i;
		sectors -= end - i;
		if (!e && tag == TAG_ZERO && what != NOTE_OPEN)
			continue; /* zeros over zeros: whatever comes of it, zeros are there */
		if (!e)
			e = add_extent(t, number);
		if (!e) {
			t->exhausted = true;
			continue;
		}
		for (; i < end; i++)
			note_sector(t, e, i, what, tag, now);
	}
}

void blk_tags_note_latest(struct blk_tags *t, uint64_t lba, uint32_t sectors, uint64_t tag)
{
	note(t, lba, sectors, NOTE_LATEST, tag, 0);
}

void blk_tags_note_acked(struct blk_tags *t, uint64_t lba, uint32_t sectors, uint64_t tag, time_ps now)
{
	note(t, lba, sectors, NOTE_ACKED, tag, now);
}

void blk_tags_note_open(struct blk_tags *t, uint64_t lba, uint32_t sectors, uint64_t tag)
{
	note(t, lba, sectors, NOTE_OPEN, tag, 0);
}

void blk_tags_note_durable(struct blk_tags *t, uint64_t lba, uint32_t sectors, uint64_t tag)
{
	note(t, lba, sectors, NOTE_DURABLE, tag, 0);
}

/* ---- asked ---------------------------------------------------------------------------- */

static const struct extent *find(const struct blk_tags *t, uint64_t lba)
{
	return *find_slot(t->slot, t->slots, lba / EXTENT_SECTORS);
}

uint64_t blk_tags_latest(const struct blk_tags *t, uint64_t lba)
{
	const struct extent *e = find(t, lba);
	return e ? e->sector[lba % EXTENT_SECTORS].latest : TAG_ZERO;
}

uint64_t blk_tags_durable(const struct blk_tags *t, uint64_t lba)
{
	const struct extent *e = find(t, lba);
	return e ? e->sector[lba % EXTENT_SECTORS].durable : TAG_ZERO;
}

bool blk_tags_open(const struct blk_tags *t, uint64_t lba)
{
	const struct extent *e = find(t, lba);
	return e && (e->open >> (lba % EXTENT_SECTORS) & 1);
}

uint64_t blk_tags_dirty(const struct blk_tags *t)
{
	return t->dirty;
}

bool blk_tags_exhausted(const struct blk_tags *t)
{
	return t->exhausted;
}

void blk_tags_fail_at(struct blk_tags *t, uint64_t n)
{
	arena_fail_at(t->arena, n);
}

/* ---- power cut ------------------------------------------------------------------------ */

static int by_number(const void *p, const void *q)
{
	uint64_t x = (*(struct extent *const *)p)->number, y = (*(struct extent *const *)q)->number;
	return (x > y) - (x < y);
}

static void report_losses(const struct extent *e, void (*lost)(void *, const struct blk_tag_loss *),
	void *ctx)
{
	for (unsigned i = 0; i < EXTENT_SECTORS; i++) {
		const struct sector *s = &e->sector[i];
		if (!is_dirty(s))
			continue;
		struct blk_tag_loss loss = {
			.lba = e->number * EXTENT_SECTORS + i,
			.acked_tag = s->acked,
			.durable_tag = s->durable,
			.acked_ps = s->acked_ps,
			.open = e->open >> i & 1,
		};
		lost(ctx, &loss);
	}
}

/* What the medium holds is all there is. */
static void settle(struct blk_tags *t, struct extent *e,
	uint64_t (*torn_choice)(void *, uint64_t, uint64_t, uint64_t), void *ctx)
{
	for (unsigned i = 0; i < EXTENT_SECTORS; i++) {
		struct sector *s = &e->sector[i];
		if ((e->open >> i & 1) && torn_choice)
			s->durable = torn_choice(ctx, e->number * EXTENT_SECTORS + i, s->durable, s->opened);
		s->latest = s->acked = s->durable;
		s->acked_ps = -1;
		forget_pending(t, s, s->pending);
	}
	e->open = e->in_flight = 0;
}

size_t blk_tags_power_cut(struct blk_tags *t,
	void (*lost)(void *ctx, const struct blk_tag_loss *l),
	uint64_t (*torn_choice)(void *ctx, uint64_t lba, uint64_t old_tag, uint64_t new_tag), void *ctx)
{
	size_t count = (size_t)t->dirty;
	qsort(t->extent, t->extents, sizeof(*t->extent), by_number);
	if (lost && count)
		for (size_t i = 0; i < t->extents; i++)
			report_losses(t->extent[i], lost, ctx);
	for (size_t i = 0; i < t->extents; i++)
		settle(t, t->extent[i], torn_choice, ctx);
	t->dirty = 0;
	return count;
}
