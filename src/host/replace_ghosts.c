/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ghosts of pages: nodes, and the hash from key to node. */
#include "host/replace_ghosts.h"

int replace_ghosts_open(struct replace_ghosts *g, struct arena *a, uint32_t most, struct err *e)
{
	uint64_t slots = 2;
	uint32_t bits = 1;
	for (; slots < 2 * (uint64_t)most; slots *= 2)
		bits++;
	*g = (struct replace_ghosts){
		.key = arena_array(a, most, sizeof(*g->key)), .link = arena_array(a, most, sizeof(*g->link)),
		.slot = arena_array(a, slots, sizeof(*g->slot)), .mask = (uint32_t)(slots - 1), .shift = 64 - bits, .free = REPLACE_NIL,
		.most = most,
	};
	if (!g->key || !g->link || !g->slot)
		return err_set(e, ERR_LIMIT, "There is not enough memory to remember %u pages that were replaced.", most);
	for (uint32_t n = most; n-- > 0;) {
		g->link[n].next = g->free;
		g->free = n;
	}
	return 0;
}

/* Fibonacci hashing: Knuth, TAOCP 3, sec. 6.4. */
static uint32_t home(const struct replace_ghosts *g, uint64_t key)
{
	return (uint32_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> g->shift);
}

uint32_t replace_ghosts_find(const struct replace_ghosts *g, uint64_t key)
{
	for (uint32_t i = home(g, key); g->slot[i] != 0; i = (i + 1) & g->mask)
		if (g->key[g->slot[i] - 1] == key)
			return g->slot[i] - 1;
	return REPLACE_NIL;
}

uint32_t replace_ghosts_add(struct replace_ghosts *g, uint64_t key)
{
	uint32_t node = g->free;
	g->free = g->link[node].next;
	g->key[node] = key;
	uint32_t i = home(g, key);
	while (g->slot[i] != 0)
		i = (i + 1) & g->mask;
	g->slot[i] = node + 1;
	g->count++;
	return node;
}

void replace_ghosts_drop(struct replace_ghosts *g, uint32_t node)
{
	uint32_t hole = home(g, g->key[node]);
	while (g->slot[hole] != node + 1)
		hole = (hole + 1) & g->mask;
	/* What was pushed on past the hole comes back to it. */
	for (uint32_t i = (hole + 1) & g->mask; g->slot[i] != 0; i = (i + 1) & g->mask) {
		uint32_t at = home(g, g->key[g->slot[i] - 1]);
		if (((i - at) & g->mask) >= ((i - hole) & g->mask)) {
			g->slot[hole] = g->slot[i];
			hole = i;
		}
	}
	g->slot[hole] = 0;
	g->link[node].next = g->free;
	g->free = node;
	g->count--;
}

void replace_ghosts_pop(struct replace_ghosts *g, struct replace_list *l)
{
	uint32_t node = l->first;
	replace_list_remove(l, g->link, node);
	replace_ghosts_drop(g, node);
}

void replace_ghosts_push(struct replace_ghosts *g, struct replace_list *l, uint64_t key, uint32_t limit)
{
	replace_ghosts_forget(g, l, key);
	if (limit > g->most)
		limit = g->most;
	while (l->count > 0 && (l->count >= limit || g->count == g->most))
		replace_ghosts_pop(g, l);
	if (limit == 0 || g->count == g->most)
		return;
	replace_list_push_last(l, g->link, replace_ghosts_add(g, key));
}

void replace_ghosts_forget(struct replace_ghosts *g, struct replace_list *l, uint64_t key)
{
	uint32_t node = replace_ghosts_find(g, key);
	if (node == REPLACE_NIL)
		return;
	replace_list_remove(l, g->link, node);
	replace_ghosts_drop(g, node);
}
