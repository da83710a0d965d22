/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A page frame of memory: 24 bytes.
 *
 * A frame is free, being filled, or live. A live one holds one page, named by its key: the owner's number (of an address space, or of a
 * file) and the page's own. It is mapped by `maps` page-table entries, held by `pins` images (host/cow.h) and by `waits`
 * threads that are about to use it; only what nobody holds can be evicted. Accessed and dirty bits of all entries of a page stand here,
 * one of each; an entry keeps a dirty bit of its own for those who track writes.
 *
 * A page being written (HOST_FRAME_WRITEBACK) may be mapped, used and made dirty again; when the write is over it is freed only if
 * nobody has taken it up since.
 */
#ifndef QUERN_HOST_FRAME_H
#define QUERN_HOST_FRAME_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#define HOST_NO_FRAME UINT32_MAX
#define HOST_NO_SLOT UINT32_MAX
#define HOST_NO_THREAD UINT32_MAX

enum host_frame_state { HOST_FRAME_FREE, HOST_FRAME_FILLING, HOST_FRAME_LIVE };

enum host_frame_flag {
	HOST_FRAME_USED = 1,      /* the accessed bit */
	HOST_FRAME_DIRTY = 2,     /* holds what no device holds */
	HOST_FRAME_WRITEBACK = 4, /* being written */
	HOST_FRAME_POOLED = 8,    /* the replacement policy knows it */
	HOST_FRAME_AHEAD = 16,    /* reaching it starts the next window of readahead */
	HOST_FRAME_LEAVING = 32, /* being written in order to be free */
	HOST_FRAME_CLEANING = 64, /* being written for the policy, which would rather have it clean */
};

struct host_frame {
	uint64_t key;   /* owner << 48 | page; not of a free one */
	uint32_t slot;  /* the swap slot that holds it or is to hold it; HOST_NO_SLOT: none */
	uint32_t link;  /* free: the next free frame; being filled, or leaving: the first thread that waits for its page */
	uint16_t maps;  /* page-table entries */
	uint16_t pins;  /* images that hold it */
	uint16_t waits; /* threads that are about to use it */
	uint8_t flags;  /* enum host_frame_flag */
	uint8_t state : 2; /* enum host_frame_state */
	uint8_t pager : 3; /* enum host_pager_id of its content */
	uint8_t hint : 3;  /* of replace_miss(), until it is filled */
};

static_assert(offsetof(struct host_frame, maps) + 8 == sizeof(struct host_frame), "what is asked of a frame as one word");

#define HOST_KEY_SHIFT 48
#define HOST_KEY_PAGE ((UINT64_C(1) << HOST_KEY_SHIFT) - 1)

static inline uint64_t host_key(uint32_t owner, uint64_t page) { return (uint64_t)owner << HOST_KEY_SHIFT | page; }
static inline uint32_t host_key_owner(uint64_t key) { return (uint32_t)(key >> HOST_KEY_SHIFT); }
static inline uint64_t host_key_page(uint64_t key) { return key & HOST_KEY_PAGE; }

#endif
