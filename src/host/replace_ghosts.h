/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pages that left memory not long ago, remembered by key: a bounded set of nodes with a hash from key to node (open
 * addressing, linear probing, no tombstones: Knuth, TAOCP 3, algorithm 6.4R). A node's list is the policy's affair: link[]
 * serves replace_link.h's lists over nodes. All O(1) expected; 28 bytes a ghost, all at open.
 */
#ifndef QUERN_HOST_REPLACE_GHOSTS_H
#define QUERN_HOST_REPLACE_GHOSTS_H

#include <stdint.h>

#include "host/replace_link.h"
#include "sim/arena.h"
#include "sim/err.h"

struct replace_ghosts {
	uint64_t *key;             /* by node */
	struct replace_link *link; /* by node; a free node's next is the next free one */
	uint32_t *slot;            /* the table: node + 1, or 0 */
	uint32_t mask;             /* slots - 1; a power of two at least twice `most` */
	uint32_t shift;
	uint32_t free;             /* first free node, or REPLACE_NIL */
	uint32_t count, most;
};

/* Of all that. */
static inline uint64_t replace_ghosts_bytes(const struct replace_ghosts *g)
{
	return g->most * (sizeof(*g->key) + sizeof(*g->link)) + ((uint64_t)g->mask + 1) * sizeof(*g->slot);
}
/* Room for `most` (may be 0). -1: memory. */
int replace_ghosts_open(struct replace_ghosts *g, struct arena *a, uint32_t most, struct err *e);

/* The node with this key, or REPLACE_NIL. */
uint32_t replace_ghosts_find(const struct replace_ghosts *g, uint64_t key);

/* A node for a key that has none; the caller has seen to it that count < most. The node is in no list. */
uint32_t replace_ghosts_add(struct replace_ghosts *g, uint64_t key);

/* Forget a node, which the caller has taken out of its list. */
void replace_ghosts_drop(struct replace_ghosts *g, uint32_t node);

/* The same for a list: remember `key` as the newest (last) of list l, which then holds at most `limit`: older ones are
 * forgotten. A key that is remembered already becomes the newest. */
void replace_ghosts_push(struct replace_ghosts *g, struct replace_list *l, uint64_t key, uint32_t limit);

/* Forget the oldest (first) of list l, which is not empty. */
void replace_ghosts_pop(struct replace_ghosts *g, struct replace_list *l);

/* Forget `key`, if it is remembered; every node is in list l. */
void replace_ghosts_forget(struct replace_ghosts *g, struct replace_list *l, uint64_t key);

#endif
