/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Page tables: making nodes, giving them back, sweeping entries. */
#include "host/ptable.h"

#include <string.h>

void host_nodes_init(struct host_nodes *n, struct arena *a, uint64_t page_bytes)
{
	*n = (struct host_nodes){.arena = a};
	while (sizeof(uint64_t) << (n->bits + 1) <= page_bytes)
		n->bits++;
}

static uint64_t *node_new(struct host_nodes *n)
{
	size_t bytes = sizeof(uint64_t) << n->bits;
	uint64_t *node = n->free_list;
	if (node) {
		n->free_list = (uint64_t *)(uintptr_t)node[0]; // NOLINT(performance-no-int-to-ptr)
		memset(node, 0, bytes);
	} else {
		node = arena_alloc(n->arena, bytes);
	}
	n->in_use += node != NULL;
	return node;
}

static void node_free(struct host_nodes *n, uint64_t *node)
{
	node[0] = (uint64_t)(uintptr_t)n->free_list;
	n->free_list = node;
	n->in_use--;
}

static uint32_t page_number_bits(const struct host_nodes *nodes, uint32_t levels)
{
	return levels * nodes->bits < HOST_VPN_BITS ? levels * nodes->bits : HOST_VPN_BITS;
}

uint64_t host_ptable_pages(const struct host_nodes *nodes, uint32_t levels)
{
	return UINT64_C(1) << page_number_bits(nodes, levels);
}

int host_ptable_open(struct host_ptable *t, struct host_nodes *nodes, uint32_t levels)
{
	uint32_t bits = page_number_bits(nodes, levels);
	/* levels above the highest bit of a page number would have one entry each: they are left out */
	*t = (struct host_ptable){.nodes = nodes, .bits = nodes->bits, .top_shift = (bits - 1) / nodes->bits * nodes->bits};
	t->pages = host_ptable_pages(nodes, levels);
	t->leaf_mask = HOST_LEAVES - 1;
	t->leaf = arena_array(nodes->arena, HOST_LEAVES, sizeof(*t->leaf));
	if (!t->leaf)
		return -1;
	t->root = node_new(nodes);
	return t->root ? 0 : -1;
}

static inline uint64_t *child_of(uint64_t entry)
{
	return (uint64_t *)(uintptr_t)entry; // NOLINT(performance-no-int-to-ptr)
}

/* A node whose entries lie `shift` bits up, and all below it; the depth is that of the table. */
static void free_below(struct host_ptable *t, uint64_t *node, uint32_t shift)
{
	if (shift > 0)
		for (uint64_t i = 0; i < UINT64_C(1) << t->bits; i++)
			if (node[i])
				free_below(t, child_of(node[i]), shift - t->bits); // NOLINT(misc-no-recursion)
	node_free(t->nodes, node);
}

void host_ptable_close(struct host_ptable *t)
{
	if (t->root)
		free_below(t, t->root, t->top_shift);
	t->root = NULL;
	memset(t->leaf, 0, (t->leaf_mask + 1) * sizeof(*t->leaf));
}

static void keep_leaf(const struct host_ptable *t, uint64_t vpn, uint64_t *node)
{
	const uint64_t first = vpn >> t->bits << t->bits;
	*host_leaf_of(t, vpn) = (struct host_leaf){(vpn >> t->bits) + 1, (uintptr_t)node - first * sizeof(*node)};
}

/* Another node of the last level was made: as many can be kept as there are. What is kept now is found again by walking. */
static void count_leaf(struct host_ptable *t)
{
	if (++t->leaves <= t->leaf_mask + 1 || t->leaf_mask + 1 >= HOST_LEAVES_MOST)
		return;
	uint64_t more = 2 * (t->leaf_mask + 1);
	struct host_leaf *leaf = arena_array(t->nodes->arena, more, sizeof(*leaf));
	if (!leaf)
		return;
	t->leaf = leaf;
	t->leaf_mask = more - 1;
}

uint64_t *host_pte_walk(const struct host_ptable *t, uint64_t vpn)
{
	uint64_t *node = t->root, mask = (UINT64_C(1) << t->bits) - 1;
	for (uint32_t shift = t->top_shift; shift > 0; shift -= t->bits) {
		node = child_of(node[vpn >> shift & mask]);
		if (!node)
			return NULL;
	}
	keep_leaf(t, vpn, node);
	return &node[vpn & mask];
}

uint64_t *host_pte_make_walking(struct host_ptable *t, uint64_t vpn)
{
	uint64_t *node = t->root, mask = (UINT64_C(1) << t->bits) - 1;
	for (uint32_t shift = t->top_shift; shift > 0; shift -= t->bits) {
		uint64_t *entry = &node[vpn >> shift & mask];
		if (!*entry) {
			uint64_t *made = node_new(t->nodes);
			if (!made)
				return NULL;
			*entry = (uint64_t)(uintptr_t)made;
			if (shift == t->bits)
				count_leaf(t);
		}
		node = child_of(*entry);
	}
	keep_leaf(t, vpn, node);
	return &node[vpn & mask];
}

/* The entry, or NULL and in *stop the first page behind the part of the table that is not there. */
static uint64_t *find_or_skip(const struct host_ptable *t, uint64_t vpn, uint64_t *stop)
{
	uint64_t *node = t->root, mask = (UINT64_C(1) << t->bits) - 1;
	for (uint32_t shift = t->top_shift; shift > 0; shift -= t->bits) {
		node = child_of(node[vpn >> shift & mask]);
		if (!node) {
			*stop = ((vpn >> shift) + 1) << shift;
			return NULL;
		}
	}
	*stop = (vpn | mask) + 1;
	return &node[vpn & mask];
}

uint64_t host_pte_each(const struct host_ptable *t, uint64_t first, uint64_t pages,
	bool (*fn)(void *ctx, uint64_t vpn, uint64_t *pte), void *ctx)
{
	uint64_t seen = 0, end = first + pages, stop;
	for (uint64_t vpn = first; vpn < end;) {
		uint64_t *pte = find_or_skip(t, vpn, &stop);
		if (!pte) {
			vpn = stop;
			continue;
		}
		for (; vpn < stop && vpn < end; vpn++, pte++) {
			seen++;
			if (fn(ctx, vpn, pte))
				return seen;
		}
	}
	return seen;
}
