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
 * Eviction: the policy names a frame and all its entries are taken down (for what becomes of each, unmapped()). Where it is dirty, clean()
 * begins to write it; else it goes at once, and gone() is told. Where I/O ends, host_filled() and host_written() are called.
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

/* A place: the word that says which frame holds a page, or who is getting one. All bits clear: nobody. It may lie at any even
 * address, so that what is known of a swap slot (host/swap.h) stands side by side in six bytes. */
typedef uint32_t host_place __attribute__((aligned(2)));
#define HOST_PLACE_BUSY UINT32_C(0x80000000) /* of the value: the rest is the leader's number */

static inline uint32_t host_place_get(const host_place *p) { return ~*p; } /* HOST_NO_FRAME: nobody */
static inline void host_place_set(host_place *p, uint32_t value) { *p = ~value; }

struct host_pager {
	enum host_pager_id id;
	/* The place of the page that the thread's fault is about (its entry's value is `pte`); NULL: it has none, the entry is all. The
	 * function NULL: that of the slot which the entry names, if it does. */
	host_place *(*place)(struct host *h, struct host_thread *th, uint64_t pte);
	/* Its key, where it has to be brought in. NULL: that of a page of the process's own. */
	uint64_t (*key)(struct host *h, struct host_thread *th, uint64_t pte);
	/* Bring the page into the frame, whose key is set. true: it is there; false: it comes, and host_filled() will be called. */
	bool (*fill)(struct host *h, struct host_thread *th, uint64_t pte, uint32_t frame);
	/* May a frame with its content leave memory now? */
	bool (*may_evict)(struct host *h, const struct host_frame *f);
	/* What an entry that maps the frame becomes. */
	uint64_t (*unmapped)(struct host *h, uint32_t frame);
	/* The clean frame leaves memory: its place is empty now. */
	void (*gone)(struct host *h, uint32_t frame);
	/* No entry, image or thread has the live frame: is its page of no use to anybody, so that it can be free? What the pager knows
	 * of it is forgotten then. */
	bool (*idle)(struct host *h, uint32_t frame);
	/* Begin to write the dirty page, which stays; it is not being written. host_written() will be called. */
	void (*clean)(struct host *h, uint32_t frame);
};

#define PAGER(symbol, id) extern const struct host_pager host_pager_##symbol;
#include "host/pager_list.h"
#undef PAGER

extern const struct host_pager *const host_pagers[]; /* by enum host_pager_id, NULL-terminated */

#endif
