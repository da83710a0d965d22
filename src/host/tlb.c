/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The TLB beside its hot path: opening, address spaces, dropping. */
#include "host/tlb.h"

#include <string.h>

#define ORDER_FIRST UINT64_C(0xfedcba9876543210)

void tlb_empty(struct tlb *t)
{
	memset(t->tag, 0, ((size_t)t->sets << t->stride_shift) * sizeof(*t->tag));
	for (uint32_t i = 0; i < t->asids; i++)
		t->holder[i] = UINT32_MAX;
	t->next_number = 1;
}

int tlb_open(struct tlb *t, struct arena *a, uint32_t entries, uint32_t ways, uint32_t asids)
{
	*t = (struct tlb){.ways = ways, .sets = entries / ways, .asids = asids};
	while (1u << t->stride_shift < ways)
		t->stride_shift++;
	t->stride = 1u << t->stride_shift;
	t->set_mask = t->sets - 1;
	t->tag = arena_array(a, (size_t)t->sets << t->stride_shift, sizeof(*t->tag));
	t->frame = arena_array(a, (size_t)t->sets << t->stride_shift, sizeof(*t->frame));
	t->sign = arena_array(a, (((size_t)t->sets << t->stride_shift) + TLB_SIGNS - 1) / TLB_SIGNS, sizeof(*t->sign));
	t->order = arena_array(a, t->sets, sizeof(*t->order));
	t->holder = arena_array(a, asids, sizeof(*t->holder));
	t->number = arena_array(a, asids, sizeof(*t->number));
	if (!t->tag || !t->frame || !t->sign || !t->order || !t->holder || !t->number)
		return -1;
	for (uint32_t i = 0; i < t->sets; i++)
		t->order[i] = ORDER_FIRST;
	tlb_empty(t);
	return 0;
}

void tlb_unuse(uint64_t *order, uint32_t ways, uint32_t w)
{
	const uint32_t at = tlb_at(*order, w);
	const uint64_t all = UINT64_MAX >> ((64 - 4 * ways) & 63), below = (UINT64_C(1) << at) - 1, o = *order & all;
	*order = (*order & ~all) | (o & below) | (o >> 4 & ~below) | (uint64_t)w << 4 * (ways - 1);
}

static uint32_t place_of(const struct tlb *t, uint32_t space)
{
	for (uint32_t i = 0; i < t->asids; i++)
		if (t->holder[i] == space)
			return i;
	return UINT32_MAX;
}

uint64_t tlb_switch(struct tlb *t, uint32_t space)
{
	uint32_t i = place_of(t, space);
	if (i == UINT32_MAX) {
		if (t->next_number >> TLB_ASID_BITS)
			tlb_empty(t);
		i = t->turn;
		t->turn = t->turn + 1 == t->asids ? 0 : t->turn + 1;
		t->holder[i] = space;
		t->number[i] = t->next_number++;
	}
	return (uint64_t)t->number[i] << TLB_ASID_SHIFT;
}

void tlb_drop_space(struct tlb *t, uint32_t space)
{
	uint32_t i = place_of(t, space);
	if (i != UINT32_MAX)
		t->holder[i] = UINT32_MAX;
}
