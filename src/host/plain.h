/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shortcuts for pages of which nothing is special: a process's own, mapped once, in a machine with one processor (plain.c). */
#ifndef QUERN_HOST_PLAIN_H
#define QUERN_HOST_PLAIN_H

#include <inttypes.h>

#include "host/host_private.h"

/* Whether the machine is one whose faults may be tried here: what host->plain starts as. */
bool host_plain_may(const struct host *h);
/* The thread's fault begins: its page lies in its slot and a frame is free, so it is being read now. false: nothing was done. */
bool host_plain_lead(struct host_thread *th);
/* The thread's fault ends: it holds the frame with its page, which it alone has, and the reference is made. false: nothing was done. */
bool host_plain_land(struct host_cpu *c, struct host_thread *th);
/* The processor's TLB, which has eight ways, as the compiler is to know: its arrays change, it does not. */
static inline __attribute__((always_inline)) struct tlb host_plain_tlb(const struct host_cpu *c)
{
	struct tlb t = c->tlb;
	tlb_fix_ways(&t, 8);
	return t;
}
static inline __attribute__((always_inline)) void host_plain_drop(struct host_cpu *c, uint64_t page)
{
	if (__builtin_expect(c->tlb.ways == 8, 1)) {
		struct tlb t = host_plain_tlb(c);
		tlb_drop(&t, c->asid, page);
	} else {
		tlb_drop(&c->tlb, c->asid, page);
	}
}
static inline __attribute__((always_inline)) void host_plain_put(struct host_cpu *c, uint64_t page, uint64_t flags, uint32_t frame)
{
	if (__builtin_expect(c->tlb.ways == 8, 1)) {
		struct tlb t = host_plain_tlb(c);
		tlb_put(&t, page, tlb_key(page, c->asid), flags, frame, UINT32_MAX);
	} else {
		tlb_put(&c->tlb, page, tlb_key(page, c->asid), flags, frame, UINT32_MAX);
	}
}
/* The accessed bits of frames are cleared, which are set, and their translations leave the TLB where these go together. Of how
 * many, the first in a row: the next one is another kind of frame. */
uint32_t host_plain_unuse(struct host *h, const uint32_t *frame, uint32_t count);
/* A page has come into the frame: as host_filled(). */
void host_plain_filled(struct host *h, uint32_t frame);
/* A frame to give up, and the entry of its page where that is its one; NULL: it has others, or finding it would take a walk. */
struct host_victim {
	uint32_t frame;
	uint64_t *pte;
};
#define HOST_VICTIMS 16 /* at once at most */
/* Of so many victims the first in a row that are plain pages go, in the order that let_go() would have for them; those that are free
 * then come into freed[]. How many went. */
uint32_t host_plain_out(struct host *h, const struct host_victim *victim, uint32_t count, uint32_t *freed, uint32_t *frees);

#endif
