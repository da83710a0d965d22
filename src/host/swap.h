/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The swap area: slots of one page. A slot is in use while an entry names it (refs) or a frame holds its page. Slots are given
 * out one after another in a cluster, and a new cluster is one that is all free; where there is none, the next free slot wherever
 * it is. Freed slots are trimmed as the options say, and cannot be had again before the trim is over.
 *
 * Memory: 6 bytes and 2 bits a slot. Owner: the arena.
 */
#ifndef QUERN_HOST_SWAP_H
#define QUERN_HOST_SWAP_H

#include "host/bits.h"
#include "host/io.h"
#include "host/pager.h"
#include "host/spec.h"

struct host_slot {
	host_place place; /* the frame that holds its page */
	uint16_t refs;    /* entries that name it */
};

struct host_swap {
	const struct host_region *region;
	const struct host_swap_spec *spec;
	uint32_t slots;
	uint32_t free;           /* slots that can be had */
	uint32_t held;           /* refs that images have, all slots together */
	uint32_t trimming;
	uint32_t page_sectors;
	uint32_t clusters;
	uint32_t next;           /* slot that is tried first */
	uint32_t cluster_end;    /* of the cluster in use */
	uint32_t cluster_turn;   /* cluster that is looked at next for being all free */
	int discard;             /* enum host_discard: that of the options, or none on a device that has no TRIM */
	bool scattered;          /* no cluster is all free: slots are taken wherever they are */
	struct host_slot *slot;  /* by slot */
	uint64_t *used;          /* by slot, a bit */
	uint64_t *written;       /* by slot, a bit: a write of it has ended */
	uint32_t *cluster_used;  /* by cluster: slots that cannot be had */
	uint64_t *content;       /* by slot, tags on only: what was written */
};

/* region NULL: no swap area, no slots. 0 or -1. */
int host_swap_open(struct host_swap *sw, struct arena *a, const struct host_region *region, const struct host_spec *spec, bool tags,
	struct err *e);
/* A free slot, or HOST_NO_SLOT. Its place is empty, its refs are 0. */
uint32_t host_swap_take(struct host_swap *sw);
/* The slot is needed no more: trimmed, or free. */
void host_swap_free(struct host *h, uint32_t slot);
/* Whether exactly those slots are in use that entries or frames name: ERR_CHECK. O(slots). */
int host_swap_check(const struct host *h, struct err *e);

#endif
