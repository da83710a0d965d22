/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lists over flat arrays: a node is a number, its neighbours stand in an array by that number. All O(1), nothing is
 * allocated. A node is in at most one list of an array at a time; the caller knows in which.
 */
#ifndef QUERN_HOST_REPLACE_LINK_H
#define QUERN_HOST_REPLACE_LINK_H

#include <stdint.h>

#define REPLACE_NIL UINT32_MAX

struct replace_link {
	uint32_t prev, next; /* REPLACE_NIL at the ends */
};

struct replace_list {
	uint32_t first, last; /* REPLACE_NIL when empty */
	uint32_t count;
};

static inline void replace_list_init(struct replace_list *l)
{
	*l = (struct replace_list){REPLACE_NIL, REPLACE_NIL, 0};
}

/* Before node `at`; REPLACE_NIL: at the end. */
static inline void replace_list_insert(struct replace_list *l, struct replace_link *link, uint32_t at, uint32_t node)
{
	uint32_t before = at == REPLACE_NIL ? l->last : link[at].prev;
	link[node] = (struct replace_link){before, at};
	if (before == REPLACE_NIL)
		l->first = node;
	else
		link[before].next = node;
	if (at == REPLACE_NIL)
		l->last = node;
	else
		link[at].prev = node;
	l->count++;
}

static inline void replace_list_push_last(struct replace_list *l, struct replace_link *link, uint32_t node)
{
	replace_list_insert(l, link, REPLACE_NIL, node);
}

static inline void replace_list_remove(struct replace_list *l, struct replace_link *link, uint32_t node)
{
	struct replace_link n = link[node];
	if (n.prev == REPLACE_NIL)
		l->first = n.next;
	else
		link[n.prev].next = n.next;
	if (n.next == REPLACE_NIL)
		l->last = n.prev;
	else
		link[n.next].prev = n.prev;
	l->count--;
}

/* The node after this one in a circle: the first follows the last. */
static inline uint32_t replace_list_turn(const struct replace_list *l, const struct replace_link *link, uint32_t node)
{
	return link[node].next == REPLACE_NIL ? l->first : link[node].next;
}

#endif
