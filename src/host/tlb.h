/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A processor's translation look-aside buffer: sets of up to 16 ways, of which one that was dropped gives way, else the least recently
 * used. It keeps the composed translation, from page number to frame, so that how many dimensions a walk has matters on a miss only.
 *
 * An entry is one word, page number << 19 | address-space number << 3 | flags, and a frame. Flag bit 0: may be written without
 * looking at the page table (writable, and its dirty bit is set). The order of use of a set is one word of 16 nibbles. Of each
 * entry a byte of a hash stands in a word of eight, so that a set is searched in a few instructions (tlb_find).
 * The address-space number is the processor's own (tlb_switch): `asids` spaces have one each at the same time, and a
 * space that gets a number anew finds none of its entries left. A number is never used for two spaces until all have been used,
 * when the whole is emptied, so that taking one away costs nothing: its entries stay in their places, and give way by their age.
 *
 * Counts are the caller's. Owner: the arena.
 */
#ifndef QUERN_HOST_TLB_H
#define QUERN_HOST_TLB_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/arena.h"

#define TLB_WAYS_MOST 16
#define TLB_ASID_SHIFT 3
#define TLB_ASID_BITS 16
#define TLB_VPN_SHIFT 19
#define TLB_WRITE UINT64_C(1)   /* may be written */
#define TLB_FLAGS UINT64_C(7)

struct tlb {
	uint64_t *tag;      /* by set * stride + way; 0: empty */
	uint32_t *frame;
	uint64_t *sign;     /* by tag: a byte of a hash of its key, eight to a word; sets of fewer than 8 ways have none */
	uint64_t *order;    /* by set: most recently used way in the lowest nibble */
	uint32_t ways;
	uint32_t stride;    /* ways rounded up to a power of two */
	uint32_t stride_shift;
	uint64_t set_mask;
	uint32_t sets;
	/* address spaces that have a number, the oldest at `turn` */
	uint32_t *holder;   /* by place: the space; UINT32_MAX: none */
	uint32_t *number;   /* by place */
	uint32_t asids;
	uint32_t turn;
	uint32_t next_number;
};

/* 0 or -1: no memory. entries / ways is a power of two, ways <= 16, asids >= 1. */
int tlb_open(struct tlb *t, struct arena *a, uint32_t entries, uint32_t ways, uint32_t asids);
void tlb_empty(struct tlb *t);
/* The space runs here from now on; its number, ready to be or'ed into a key (shifted). */
uint64_t tlb_switch(struct tlb *t, uint32_t space);
/* The space's entries are gone, all at once. */
void tlb_drop_space(struct tlb *t, uint32_t space);

/* Tells the compiler what the ways are: a power of two, and what they are already. */
static inline void tlb_fix_ways(struct tlb *t, uint32_t ways)
{
	t->ways = t->stride = ways;
	t->stride_shift = (uint32_t)__builtin_ctz(ways);
}

static inline uint64_t tlb_key(uint64_t vpn, uint64_t asid) { return vpn << TLB_VPN_SHIFT | asid; }

/* The bit at which the nibble of way `w` begins. */
static inline uint32_t tlb_at(uint64_t order, uint32_t w)
{
	uint64_t x = order ^ w * UINT64_C(0x1111111111111111);
	uint64_t zero = (x - UINT64_C(0x1111111111111111)) & ~x & UINT64_C(0x8888888888888888);
	return (uint32_t)__builtin_ctzll(zero) & ~3u; /* the lowest nibble that is w; exact, as nothing below it borrows */
}

/* Way `w` of the set becomes the most recently used. */
static inline void tlb_use(uint64_t *order, uint32_t w)
{
	uint64_t o = *order, below = (UINT64_C(1) << tlb_at(o, w)) - 1;
	*order = (o & ~(below << 4 | 15)) | (o & below) << 4 | w;
}

#define TLB_SIGNS 8 /* to a word */

static inline uint64_t tlb_sign(uint64_t key) { return key * UINT64_C(0x9e3779b97f4a7c15) >> 56; }

/* The index of the entry of this key (tlb_key), or UINT32_MAX. */
static inline uint32_t tlb_find(const struct tlb *t, uint64_t vpn, uint64_t key)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint32_t base = (uint32_t)(vpn & t->set_mask) << t->stride_shift;
	const uint64_t *tag = &t->tag[base];
	if (t->stride < TLB_SIGNS) {
		for (uint32_t w = 0; w < t->ways; w++)
			if ((tag[w] & ~TLB_FLAGS) == key)
				return base + w;
		return UINT32_MAX;
	}
	const uint64_t sign = tlb_sign(key) * ones;
	uint32_t from = 0;
	do {
		uint64_t x = t->sign[(base + from) / TLB_SIGNS] ^ sign;
		/* every byte of x that is 0 has its high bit here; one above such a byte may have it too, and the tag tells */
		for (uint64_t zero = (x - ones) & ~x & ones << 7; zero; zero &= zero - 1) {
			uint32_t w = from + (uint32_t)__builtin_ctzll(zero) / 8;
			if ((tag[w] & ~TLB_FLAGS) == key)
				return base + w;
		}
		from += TLB_SIGNS;
	} while (__builtin_expect(from < t->ways, 0));
	return UINT32_MAX;
}

/* Put an entry in, or renew the flags and frame of the one that tlb_find() has found at `at`. */
static inline __attribute__((always_inline)) void tlb_put(struct tlb *t, uint64_t vpn, uint64_t key, uint64_t flags,
	uint32_t frame, uint32_t at)
{
	uint64_t set = vpn & t->set_mask, *order = &t->order[set];
	uint32_t base = (uint32_t)set << t->stride_shift;
	if (at == UINT32_MAX) {
		/* the last in the order comes to its front */
		uint64_t all = UINT64_MAX >> ((64 - 4 * t->ways) & 63), o = *order & all, w = o >> 4 * (t->ways - 1);
		*order = (*order & ~all) | (o << 4 & all) | w;
		at = base + (uint32_t)w;
		if (t->stride >= TLB_SIGNS) {
			uint64_t *sign = &t->sign[at / TLB_SIGNS];
			uint32_t shift = at % TLB_SIGNS * 8;
			*sign = (*sign & ~(UINT64_C(255) << shift)) | tlb_sign(key) << shift;
		}
	} else {
		tlb_use(order, at - base);
	}
	t->tag[at] = key | flags;
	t->frame[at] = frame;
}

static inline void tlb_insert(struct tlb *t, uint64_t vpn, uint64_t key, uint64_t flags, uint32_t frame)
{
	tlb_put(t, vpn, key, flags, frame, tlb_find(t, vpn, key));
}

/* Way `w` of a set becomes the one that gives way next. Seldom, so that a look for what is to be dropped stays short. */
void tlb_unuse(uint64_t *order, uint32_t ways, uint32_t w);

/* Drop a page's entry; whether there was one. */
static inline __attribute__((always_inline)) bool tlb_drop(const struct tlb *t, uint64_t asid, uint64_t vpn)
{
	uint32_t at = tlb_find(t, vpn, tlb_key(vpn, asid));
	if (at == UINT32_MAX)
		return false;
	t->tag[at] = 0;
	tlb_unuse(&t->order[vpn & t->set_mask], t->ways, at & (t->stride - 1));
	return true;
}

/* The number of a space that may hold entries here, shifted; UINT64_MAX: it has none. */
static inline uint64_t tlb_asid(const struct tlb *t, uint32_t space)
{
	for (uint32_t i = 0; i < t->asids; i++)
		if (t->holder[i] == space)
			return (uint64_t)t->number[i] << TLB_ASID_SHIFT;
	return UINT64_MAX;
}

#endif
