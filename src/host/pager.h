/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A pager: where the pages of an area come from and where they go. One table (pager_list.h); a new one is a set of functions, one
 * line there and one word in Makefile.am.
 *
 * A fault on a page that is not present asks find(), which says whether a frame holds the page already, or where the word stands
 * that will (its *place*): the word of the page cache for a page of a file, of the swap slot for a page swapped out. Whoever finds the
 * place empty leads: it writes itself there (busy), gets a frame, and calls fill(). Others find the leader, or the frame being
 * filled, and wait. A page that is in no place is found by its page-table entry alone, which is then marked busy.
 *
 * Eviction: the policy names a frame, all its entries are taken down (for what becomes of each, unmapped()), then evict() says whether the
 * frame is free at once or begins to write it. Both calls of an I/O's end are in fault.c: host_filled(), host_written().
 *
 * No function sleeps. None but those that start I/O makes events.
 */
#ifndef QUERN_HOST_PAGER_H
#define QUERN_HOST_PAGER_H

#include <stdbool.h>
#include <stdint.h>

#include "host/frame.h"
#include "host/space.h"

struct host_thread;

/* A place: the word that says which frame holds a page, or who is getting one. All bits clear: nobody. */
typedef uint32_t host_place;
#define HOST_PLACE_BUSY UINT32_C(0x80000000) /* of the value: the rest is the leader's number */

static inline uint32_t host_place_get(const host_place *p) { return ~*p; } /* HOST_NO_FRAME: nobody */
static inline void host_place_set(host_place *p, uint32_t value) { *p = ~value; }

struct host_pager {
	const char *name;
	const char *doc;
	/* The place of the page that the thread's fault is about (its entry's value is `pte`); NULL: it has none, the entry is all. */
	host_place *(*place)(struct host *h, struct host_thread *th, uint64_t pte);
	/* Its key, where it has to be brought in. */
	uint64_t (*key)(struct host *h, struct host_thread *th, uint64_t pte);
	/* Bring the page into the frame, whose key is set. true: it is there; false: it comes, and host_filled() will be called. */
	bool (*fill)(struct host *h, struct host_thread *th, uint64_t pte, uint32_t frame);
	/* May a frame with its content leave memory now? */
	bool (*may_evict)(struct host *h, const struct host_frame *f);
	/* What an entry that maps the frame becomes. */
	uint64_t (*unmapped)(struct host *h, uint32_t frame);
	/* The frame is mapped by none any more and may_evict() was true. true: it is forgotten and free; false: it is being written, and
	 * host_written() will be called. */
	bool (*evict)(struct host *h, uint32_t frame);
	/* Nobody will want the page again (its process ended): true as above; a page being written is left alone until it is over. */
	void (*forget)(struct host *h, uint32_t frame);
	/* An entry that is not present goes away (its process ended, or is copied: `copies` of it are made instead). NULL: costs nothing. */
	void (*entry)(struct host *h, uint64_t pte, int change);
	/* It was clean and is dirty now. NULL: does not matter. */
	void (*dirtied)(struct host *h, uint32_t frame);
};

#define PAGER(symbol, id, name, doc) extern const struct host_pager host_pager_##symbol;
#include "host/pager_list.h"
#undef PAGER

extern const struct host_pager *const host_pagers[]; /* by enum host_pager_id, NULL-terminated */

#endif
