/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mechanism C: copy on write. A page may be mapped by several entries and held by images; whoever writes to it while others
 * hold it gets a copy, and the last one left takes it over without one.
 *
 * host_clone() makes a second address space of the first as fork(2) does. host_image_new() holds all pages of a space as they are
 * now, for a checkpoint: each is held until it is released, one by one or all at once. Both write-protect what is present (an image of a program
 * that stands still need not): their cost is an entry's for each, charged to host_charge().
 *
 * A frame's count of holders, maps + pins, is the reference count of the textbook; the sum over all frames is the sum of present
 * entries, image entries and waiting threads (host_check).
 *
 * Cost where unused: none; a page that is not shared has no COW bit.
 */
#ifndef QUERN_HOST_COW_H
#define QUERN_HOST_COW_H

#include "host/space.h"

/* A copy of the space with the same areas; shared mappings of files are shared. No threads. NULL with *e set. */
struct host_space *host_clone(struct host_space *sp, const char *name, struct err *e);

/* A page of an image: exactly one of frame and slot is set, or neither: zeros, or as in the file. */
struct host_image_page {
	uint64_t vpn;
	uint32_t frame;  /* HOST_NO_FRAME: not in memory */
	uint32_t slot;   /* HOST_NO_SLOT: not in swap */
};

struct host_image {
	struct host_space *space;
	struct host_image_page *page; /* by page number */
	uint64_t pages;
};

/*
 * All pages of the space that have been made (present or in swap), but for those of shared mappings of files, as they are now. protect: who writes to one
 * that is still held gets a copy; without, nobody may run until all are released. The array is malloc'ed; host_image_free() gives it back. NULL
 * with *e set.
 */
struct host_image *host_image_new(struct host_space *sp, bool protect, struct err *e);
/* Page i is needed no more. */
void host_image_release(struct host_image *im, uint64_t i);
/* Releases what is left. NULL is legal. */
void host_image_free(struct host_image *im);
/* Tags on only: the content of page i. */
uint64_t host_image_content(const struct host_image *im, uint64_t i);

#endif
