/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The DRAM buffer of a solid-state drive, as a state machine without time: written data that is not in flash yet, and
 * data that is (the read cache). Who drives it decides when programs begin and end.
 *
 * An entry is one logical unit with a mask of the sectors it holds. A unit has at most two: an older version whose
 * program has begun (in flight), and a newer one, which waits until that has landed; ftl_buffer_find() gives the
 * newest, which holds all that the older held. So programs of one unit are begun and land in their order.
 *
 *   clean --write--> dirty --begin--> in flight --landed--> clean, or gone
 *
 * Writes to a dirty entry merge into it. Each entry that is not clean has a sequence, given when it became
 * dirty; a flush is over when ftl_buffer_oldest() has passed what it found as ftl_buffer_mark(). The write part and the read
 * part are separate limits; clean entries give way, least recently used first.
 *
 * A trim of a unit with a program in flight becomes a newest version too (`trim`): it is given out by next() when the older
 * has landed, to be unmapped and not programmed.
 *
 * Pins: an entry that a read from flash is to fill (expect) is not given away until it is filled, even where it was
 * trimmed meanwhile; what was written in between is not overwritten by the fill.
 *
 * Sizes: units of at most 64 sectors. Owner: the arena; no allocation after ftl_buffer_open(). All O(1).
 */
#ifndef QUERN_FTL_BUFFER_H
#define QUERN_FTL_BUFFER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "ftl/spec.h"
#include "sim/arena.h"
#include "sim/err.h"
#include "sim/fastdiv.h"

enum ftl_buffer_state { FTL_BUFFER_FREE, FTL_BUFFER_CLEAN, FTL_BUFFER_DIRTY, FTL_BUFFER_FLIGHT, FTL_BUFFER_GONE };

/* Lists an entry can be in at once: clean by use, or waiting by order; and all that are dirty or in flight by sequence. */
enum { FTL_BUFFER_BY_ORDER, FTL_BUFFER_BY_AGE, FTL_BUFFER_LINKS };

#define FTL_BUFFER_NONE UINT32_MAX
#define FTL_BUFFER_ALL UINT64_MAX /* every sequence */

struct ftl_buffer_entry {
	uint64_t unit;
	uint64_t held;        /* mask of the sectors it holds */
	uint64_t dirty;       /* of these, those written by the host and not in flash */
	uint64_t sequence;    /* while dirty or in flight */
	uint64_t acked;       /* of the dirty ones, those whose host knows: ftl_buffer_ack() */
	void *user;           /* the device's; NULL in a new entry */
	uint32_t lot;         /* while dirty and aside: whose list; FTL_BUFFER_NONE: of no one's */
	uint8_t state;        /* enum ftl_buffer_state */
	bool trim;            /* to be unmapped, not programmed */
	uint16_t pins;
	/* private */
	uint32_t other;       /* the older version of a newer one, the newer of an older */
	struct {
		uint32_t before, after;
	} link[FTL_BUFFER_LINKS];
};

struct ftl_buffer_list {
	uint32_t head, tail, count;
};

struct ftl_buffer_counts {
	uint64_t written, merged;   /* units written; of these, into a dirty entry */
	uint64_t read, hit;         /* units asked for; of these, wholly held */
	uint64_t evicted;           /* clean entries given away */
	uint64_t dropped;           /* dirty entries that a trim made needless */
};

struct ftl_buffer_stream {
	uint64_t next;   /* sector at which a read would go on */
	uint64_t ahead;  /* unit up to which was read ahead */
	uint64_t used;
};
#define FTL_BUFFER_STREAMS 8

struct ftl_buffer {
	const struct ftl_buffer_spec *spec;  /* borrowed */
	struct ftl_buffer_entry *entry;
	uint32_t *place;             /* hash: entry by unit */
	uint64_t *tags;              /* by entry and sector; NULL: off */
	uint32_t entries, place_bits;
	uint32_t unit_sectors;
	struct fastdiv by_unit_sectors;
	uint64_t full;               /* mask of a whole unit */
	uint64_t units;              /* of the device */
	uint32_t write_limit, read_limit; /* entries */
	uint32_t low, high;          /* entries waiting */
	struct ftl_buffer_list clean, waiting, age;
	uint32_t free, free_count;   /* first free entry, linked by order */
	struct ftl_buffer_list *lot; /* dirty ones that were put aside */
	uint32_t lots, aside;        /* how many lists, and entries in them */
	uint32_t held_back;          /* dirty, behind an older version */
	uint32_t flight;
	uint32_t read_used;          /* clean entries, pinned ones and gone ones included */
	uint64_t sequence;
	uint64_t flush_to;           /* entries up to this sequence keep their place */
	uint64_t dirty_sectors;
	bool draining;               /* above the high watermark, or a write was refused; until the low one */
	struct ftl_buffer_stream stream[FTL_BUFFER_STREAMS];
	uint64_t stamp;
	struct ftl_buffer_counts counts;
};

/*
 * units: logical units of the device, of unit_sectors (1-64) sectors each; tags: keep a content tag (blk/tag.h) of each
 * sector. Size 0: a buffer that takes nothing. NULL with a sentence. name: of the section, "buffer".
 */
struct ftl_buffer *ftl_buffer_open(struct arena *a, const struct ftl_buffer_spec *spec, uint32_t unit_sectors, uint64_t units,
	bool tags, const char *name, struct err *e);
/* Keeps tags from now on, if it does not yet; nothing in it is dirty. 0 or -1: no memory. */
int ftl_buffer_keep_tags(struct ftl_buffer *b, struct arena *a);
/* Makes `count` lists for entries put aside. 0 or -1: no memory. */
int ftl_buffer_make_lots(struct ftl_buffer *b, struct arena *a, uint32_t count);
/* Everything is forgotten: power without capacitors. Pointers to entries are void. O(entries). */
void ftl_buffer_clear(struct ftl_buffer *b);

/* The mask of sectors [first, first + count) of a unit. count 1-64. */
static inline uint64_t ftl_buffer_mask(uint32_t first, uint32_t count)
{
	return (count >= 64 ? UINT64_MAX : (UINT64_C(1) << count) - 1) << first;
}

/* ---- the host ----------------------------------------------------------------------------------------- */

/* The newest version, or NULL. */
struct ftl_buffer_entry *ftl_buffer_find(const struct ftl_buffer *b, uint64_t unit);
/* Which of the sectors it holds; counts, and what is found becomes the most recently used. */
uint64_t ftl_buffer_read(struct ftl_buffer *b, uint64_t unit, uint64_t mask);
/* Takes written sectors, all of content `tag`. NULL: no room (a landing, or a fill, makes some), nothing has changed, and
 * wanted() says so. */
struct ftl_buffer_entry *ftl_buffer_write(struct ftl_buffer *b, uint64_t unit, uint64_t mask, uint64_t tag);
/* How many units could be written that are not in it. */
uint32_t ftl_buffer_room(const struct ftl_buffer *b);
/*
 * A whole unit is trimmed. FTL_BUFFER_UNMAP: nothing of it is in flight, the caller unmaps it; FTL_BUFFER_LATER: next() will
 * give it out; FTL_BUFFER_FULL: no room, nothing has changed.
 */
enum ftl_buffer_trim { FTL_BUFFER_UNMAP, FTL_BUFFER_LATER, FTL_BUFFER_FULL };
enum ftl_buffer_trim ftl_buffer_trim(struct ftl_buffer *b, uint64_t unit);

/* ---- to flash ----------------------------------------------------------------------------------------- */

/* Whether entries should be programmed: above the high watermark, then until the low one; or for a flush. */
bool ftl_buffer_wanted(struct ftl_buffer *b);
/* The entry to be programmed next; NULL: none waits that may. Its missing sectors (full & ~held) must be filled first. */
static inline struct ftl_buffer_entry *ftl_buffer_next(const struct ftl_buffer *b)
{
	return b->waiting.head != FTL_BUFFER_NONE ? &b->entry[b->waiting.head] : 0;
}
/* The same after `e`, to gather some. */
static inline struct ftl_buffer_entry *ftl_buffer_after(const struct ftl_buffer *b, const struct ftl_buffer_entry *e)
{
	uint32_t after = e->link[FTL_BUFFER_BY_ORDER].after;
	return after != FTL_BUFFER_NONE ? &b->entry[after] : 0;
}
/* One that next() or after() gave cannot be begun now: it goes to the end of list `lot`, and they give it no more ... */
void ftl_buffer_put_aside(struct ftl_buffer *b, struct ftl_buffer_entry *e, uint32_t lot);
/* ... until it, the first of the list, becomes what next() gives. false: none is in it. */
bool ftl_buffer_bring_back(struct ftl_buffer *b, uint32_t lot);
static inline bool ftl_buffer_is_aside(const struct ftl_buffer *b, uint32_t lot) { return b->lot[lot].count > 0; }
/* Its program begins; of a trim: it is unmapped now. Dirty, with no older version. */
void ftl_buffer_begin(struct ftl_buffer *b, struct ftl_buffer_entry *e);
/* Its program is over, and durable. The entry may be void after it, unless pinned. */
void ftl_buffer_landed(struct ftl_buffer *b, struct ftl_buffer_entry *e);

/* What has been written until now has at most this sequence; a flush then asks for it to be programmed. */
uint64_t ftl_buffer_mark(const struct ftl_buffer *b);
void ftl_buffer_flush(struct ftl_buffer *b, uint64_t mark);
/* Least sequence of what is dirty or in flight; FTL_BUFFER_ALL: nothing is. */
static inline uint64_t ftl_buffer_oldest(const struct ftl_buffer *b)
{
	return b->age.head != FTL_BUFFER_NONE ? b->entry[b->age.head].sequence : FTL_BUFFER_ALL;
}
/* The dirty and in-flight entries by sequence, for capacitors and power cuts: after NULL, the first; NULL: no more. */
struct ftl_buffer_entry *ftl_buffer_unsafe(const struct ftl_buffer *b, const struct ftl_buffer_entry *after);

/* ---- from flash --------------------------------------------------------------------------------------- */

/* An entry, pinned, for data of this unit that is being read from flash: the newest version, or a new clean one. NULL: no
 * room; read without. */
struct ftl_buffer_entry *ftl_buffer_expect(struct ftl_buffer *b, uint64_t unit);
/* Pins an entry (once more): what reads from it or fills it keeps it. */
void ftl_buffer_pin(struct ftl_buffer *b, struct ftl_buffer_entry *e);
/* The data has come: sectors of `mask` that it does not hold are held now; unpinned. The entry may be void after it where
 * it is gone or clean. 0 for mask: unpinned alone. */
void ftl_buffer_fill(struct ftl_buffer *b, struct ftl_buffer_entry *e, uint64_t mask);
/*
 * A read of the host is seen; how many units from *from on should be read ahead: where it goes on where one of the
 * last FTL_BUFFER_STREAMS ended, spec.read_ahead units beyond its end, as far as not asked for already.
 */
uint32_t ftl_buffer_ahead(struct ftl_buffer *b, uint64_t lba, uint32_t sectors, uint64_t *from);

/* ---- figures ------------------------------------------------------------------------------------------ */

/* The host has been told of a write of these sectors of a unit; mark: ftl_buffer_mark() just behind it. */
void ftl_buffer_ack(struct ftl_buffer *b, uint64_t unit, uint64_t mask, uint64_t mark);
/* Sectors that the host has been told of and that are not in flash; O(entries that are not clean). */
uint64_t ftl_buffer_acked(const struct ftl_buffer *b);

/* Content tags of an entry's sectors, valid where dirty; NULL: off. */
static inline const uint64_t *ftl_buffer_tags(const struct ftl_buffer *b, const struct ftl_buffer_entry *e)
{
	return b->tags ? b->tags + (size_t)(e - b->entry) * b->unit_sectors : 0;
}
/* Entries not clean. */
static inline uint32_t ftl_buffer_unclean(const struct ftl_buffer *b)
{
	return b->waiting.count + b->aside + b->held_back + b->flight;
}
/* Entries that may be begun, those put aside too. */
static inline uint32_t ftl_buffer_waiting(const struct ftl_buffer *b) { return b->waiting.count + b->aside; }
/* Recounts everything. 0, or -1 with what is wrong. O(entries); for tests. */
int ftl_buffer_check(const struct ftl_buffer *b, struct err *e);

/* All that it holds, as bytes; at rest only: nothing is dirty, in flight or pinned. load: into one just opened with the same
 * options. 0, or -1 with a sentence. */
int ftl_buffer_save(const struct ftl_buffer *b, FILE *out, struct err *e);
int ftl_buffer_load(struct ftl_buffer *b, FILE *in, struct err *e);

#endif
