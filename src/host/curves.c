/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stack distances and intervals of a string of references. */
#include "host/curves.h"

#include "host/replace_ghosts.h"

/* How many pages have their latest reference at a place or before: a tree of partial sums (Fenwick, "A new data structure for
 * cumulative frequency tables", Software: Practice and Experience 24(3), 1994). Places from 1. */
static void tree_add(uint32_t *tree, size_t count, size_t place, uint32_t by)
{
	for (; place <= count; place += place & -place)
		tree[place] += by;
}

static uint32_t tree_sum(const uint32_t *tree, size_t place)
{
	uint32_t sum = 0;
	for (; place > 0; place -= place & -place)
		sum += tree[place];
	return sum;
}

/* Into lru_faults[d] and misses[i] first the number of references at distance d and interval i. */
static int tell(struct curves *c, struct arena *a, const uint64_t *refs, size_t count, struct err *e)
{
	struct replace_ghosts seen;
	uint32_t *tree = arena_array(a, count + 1, sizeof(*tree));
	size_t *last = arena_array(a, count, sizeof(*last));
	if (!tree || !last)
		return err_set(e, ERR_LIMIT, "There is not enough memory for the curves of %zu references.", count);
	if (replace_ghosts_open(&seen, a, (uint32_t)count, e) < 0)
		return -1;
	for (size_t k = 1; k <= count; k++) {
		uint32_t node = replace_ghosts_find(&seen, refs[k - 1] >> 1);
		if (node == REPLACE_NIL) {
			node = replace_ghosts_add(&seen, refs[k - 1] >> 1);
		} else {
			c->lru_faults[seen.count - tree_sum(tree, last[node] - 1)]++;
			c->misses[k - last[node]]++;
			tree_add(tree, count, last[node], UINT32_MAX);
		}
		tree_add(tree, count, k, 1);
		last[node] = k;
	}
	c->pages = seen.count;
	return 0;
}

int curves_measure(struct curves *c, struct arena *a, const uint64_t *refs, size_t count, struct err *e)
{
	if (count > INT32_MAX)
		return err_set(e, ERR_LIMIT, "Curves of more than %d references are not measured.", INT32_MAX);
	*c = (struct curves){
		.count = count, .lru_faults = arena_array(a, count + 1, sizeof(uint64_t)),
		.misses = arena_array(a, count + 1, sizeof(uint64_t)), .set_sum = arena_array(a, count + 1, sizeof(uint64_t)),
	};
	if (!c->lru_faults || !c->misses || !c->set_sum)
		return err_set(e, ERR_LIMIT, "There is not enough memory for the curves of %zu references.", count);
	if (tell(c, a, refs, count, e) < 0)
		return -1;
	uint64_t faults = count, misses = count;
	for (size_t m = 0; m <= c->pages; m++)
		c->lru_faults[m] = faults -= c->lru_faults[m];
	for (size_t t = 0; t <= count; t++) {
		c->misses[t] = misses -= c->misses[t];
		c->set_sum[t] = t == 0 ? 0 : c->set_sum[t - 1] + c->misses[t - 1];
	}
	return 0;
}
