/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Block states, the free blocks, and the victim index. */
#include "ftl/blocks.h"

#include <string.h>

static struct ftl_list *bucket_of(const struct ftl_blocks *b, uint32_t region, uint32_t valid)
{
	return &b->bucket[(uint64_t)region * (b->units + 1) + valid];
}

/* ---- lists -------------------------------------------------------------------------------------------- */

static void list_append(struct ftl_blocks *b, struct ftl_list *l, uint32_t block)
{
	b->link[block] = (struct ftl_link){FTL_NO_BLOCK, l->last};
	if (l->last != FTL_NO_BLOCK)
		b->link[l->last].next = block;
	else
		l->first = block;
	l->last = block;
}

static void list_remove(struct ftl_blocks *b, struct ftl_list *l, uint32_t block)
{
	struct ftl_link k = b->link[block];
	if (k.prev != FTL_NO_BLOCK)
		b->link[k.prev].next = k.next;
	else
		l->first = k.next;
	if (k.next != FTL_NO_BLOCK)
		b->link[k.next].prev = k.prev;
	else
		l->last = k.prev;
}

static void index_add(struct ftl_blocks *b, uint32_t region, uint32_t block)
{
	struct ftl_region *r = &b->region[region];
	uint32_t valid = b->block[block].valid;
	if (b->index == FTL_INDEX_BUCKETS) {
		list_append(b, bucket_of(b, region, valid), block);
		if (valid < r->lowest)
			r->lowest = valid;
	} else if (b->index == FTL_INDEX_SET) {
		b->set[(uint64_t)region * b->per_region + r->full] = block;
		b->link[block].next = r->full;
	} else {
		list_append(b, &r->order, block);
	}
	r->full++;
}

static void index_remove(struct ftl_blocks *b, uint32_t region, uint32_t block)
{
	struct ftl_region *r = &b->region[region];
	r->full--;
	if (b->index == FTL_INDEX_BUCKETS) {
		list_remove(b, bucket_of(b, region, b->block[block].valid), block);
		while (r->lowest < b->units && bucket_of(b, region, r->lowest)->first == FTL_NO_BLOCK)
			r->lowest++;
	} else if (b->index == FTL_INDEX_SET) {
		uint32_t *set = &b->set[(uint64_t)region * b->per_region];
		uint32_t place = b->link[block].next;
		set[place] = set[r->full];
		b->link[set[place]].next = place;
	} else {
		list_remove(b, &r->order, block);
	}
}

void blocks_reindex(struct ftl_blocks *b, uint32_t block, uint32_t valid)
{
	uint32_t region = blocks_region(b, block);
	struct ftl_region *r = &b->region[region];
	if (b->index == FTL_INDEX_RECENT) {
		list_remove(b, &r->order, block);
		list_append(b, &r->order, block);
		return;
	}
	list_remove(b, bucket_of(b, region, valid), block);
	list_append(b, bucket_of(b, region, valid - 1), block);
	if (valid - 1 < r->lowest)
		r->lowest = valid - 1;
	while (bucket_of(b, region, r->lowest)->first == FTL_NO_BLOCK)
		r->lowest++;
}

/* ---- free blocks: a heap by erase count, or a ring ------------------------------------------------------ */

static bool less_worn(const struct ftl_blocks *b, uint32_t x, uint32_t y)
{
	uint32_t ex = b->block[x].erases, ey = b->block[y].erases;
	return ex < ey || (ex == ey && x < y);
}

static void heap_up(const struct ftl_blocks *b, uint32_t *heap, uint32_t i)
{
	uint32_t x = heap[i];
	for (; i > 0 && less_worn(b, x, heap[(i - 1) / 2]); i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = x;
}

static void heap_down(const struct ftl_blocks *b, uint32_t *heap, uint32_t n, uint32_t i)
{
	uint32_t x = heap[i];
	for (uint32_t child; (child = 2 * i + 1) < n; i = child) {
		if (child + 1 < n && less_worn(b, heap[child + 1], heap[child]))
			child++;
		if (!less_worn(b, heap[child], x))
			break;
		heap[i] = heap[child];
	}
	heap[i] = x;
}

static uint32_t ring_place(const struct ftl_blocks *b, const struct ftl_region *r, uint32_t i)
{
	uint32_t place = r->head + i;
	return place < b->per_region ? place : place - b->per_region;
}

static void free_put(struct ftl_blocks *b, uint32_t region, uint32_t block)
{
	struct ftl_region *r = &b->region[region];
	uint32_t *f = &b->free_block[(uint64_t)region * b->per_region];
	if (b->least_worn) {
		f[r->free] = block;
		heap_up(b, f, r->free++);
	} else {
		f[ring_place(b, r, r->free++)] = block;
	}
}

/* Takes the i-th entry out. */
static uint32_t free_remove(struct ftl_blocks *b, uint32_t region, uint32_t i)
{
	struct ftl_region *r = &b->region[region];
	uint32_t *f = &b->free_block[(uint64_t)region * b->per_region];
	uint32_t block;
	r->free--;
	if (b->least_worn) {
		block = f[i];
		f[i] = f[r->free];
		if (i < r->free) {
			heap_up(b, f, i);
			heap_down(b, f, r->free, i);
		}
		return block;
	}
	block = f[ring_place(b, r, i)];
	for (; i > 0; i--) /* what was freed before keeps its order */
		f[ring_place(b, r, i)] = f[ring_place(b, r, i - 1)];
	r->head = ring_place(b, r, 1);
	return block;
}

static uint32_t free_at(const struct ftl_blocks *b, uint32_t region, uint32_t i)
{
	const uint32_t *f = &b->free_block[(uint64_t)region * b->per_region];
	return b->least_worn ? f[i] : f[ring_place(b, &b->region[region], i)];
}

/* ---- states --------------------------------------------------------------------------------------------- */

uint32_t blocks_take(struct ftl_blocks *b, uint32_t region, bool most_worn)
{
	uint32_t n = b->region[region].free, best = 0;
	if (n == 0)
		return FTL_NO_BLOCK;
	for (uint32_t i = 1; most_worn && i < n; i++)
		if (b->block[free_at(b, region, i)].erases > b->block[free_at(b, region, best)].erases)
			best = i;
	uint32_t block = free_remove(b, region, best);
	b->block[block].state = FTL_OPEN;
	b->block[block].stamp = 0;
	return block;
}

void blocks_close(struct ftl_blocks *b, uint32_t block)
{
	b->block[block].state = FTL_CLOSING;
	if (b->block[block].pending == 0)
		blocks_fill(b, block);
}

void blocks_fill(struct ftl_blocks *b, uint32_t block)
{
	b->block[block].state = FTL_FULL;
	index_add(b, blocks_region(b, block), block);
}

void blocks_take_victim(struct ftl_blocks *b, uint32_t block)
{
	index_remove(b, blocks_region(b, block), block);
	b->block[block].state = FTL_VICTIM;
}

void blocks_erased(struct ftl_blocks *b, uint32_t block)
{
	uint32_t region = blocks_region(b, block);
	struct ftl_region *r = &b->region[region];
	struct ftl_block *k = &b->block[block];
	k->state = FTL_FREE;
	k->erases++;
	r->erases++;
	if (k->erases > r->max_erases)
		r->max_erases = k->erases;
	free_put(b, region, block);
}

void blocks_clear(struct ftl_blocks *b)
{
	uint64_t buckets = b->index == FTL_INDEX_BUCKETS ? (uint64_t)b->regions * (b->units + 1) : 0;
	memset(b->bucket, 0xff, buckets * sizeof(*b->bucket));
	for (uint32_t i = 0; i < b->regions; i++) {
		struct ftl_region *r = &b->region[i];
		r->free = r->full = r->head = 0;
		r->lowest = b->units;
		r->order = (struct ftl_list){FTL_NO_BLOCK, FTL_NO_BLOCK};
	}
}

void blocks_put_free(struct ftl_blocks *b, uint32_t block)
{
	b->block[block].state = FTL_FREE;
	free_put(b, blocks_region(b, block), block);
}

static uint32_t copy_list(const struct ftl_blocks *b, const struct ftl_list *l, uint32_t *out)
{
	uint32_t n = 0;
	for (uint32_t k = l->first; k != FTL_NO_BLOCK; k = b->link[k].next)
		out[n++] = k;
	return n;
}

uint32_t blocks_listed(const struct ftl_blocks *b, uint32_t region, enum ftl_block_state state, uint32_t *out)
{
	const struct ftl_region *r = &b->region[region];
	uint32_t n = 0;
	if (state == FTL_FREE) {
		for (; n < r->free; n++)
			out[n] = free_at(b, region, n);
	} else if (b->index == FTL_INDEX_SET) {
		for (; n < r->full; n++)
			out[n] = b->set[(uint64_t)region * b->per_region + n];
	} else if (b->index == FTL_INDEX_BUCKETS) {
		for (uint32_t v = r->lowest; v <= b->units; v++)
			n += copy_list(b, bucket_of(b, region, v), out + n);
	} else {
		n = copy_list(b, &r->order, out);
	}
	return n;
}

void blocks_mark_bad(struct ftl_blocks *b, uint32_t block)
{
	uint32_t region = blocks_region(b, block), i = 0;
	while (free_at(b, region, i) != block)
		i++;
	(void)free_remove(b, region, i);
	b->block[block].state = FTL_BAD;
	b->region[region].bad++;
}

uint32_t blocks_least_erased(const struct ftl_blocks *b, uint32_t region)
{
	uint32_t best = FTL_NO_BLOCK, first = region * b->per_region;
	for (uint32_t k = first; k < first + b->per_region; k++)
		if (b->block[k].state == FTL_FULL && (best == FTL_NO_BLOCK || b->block[k].erases < b->block[best].erases))
			best = k;
	return best;
}

uint32_t blocks_least_valid(const struct ftl_blocks *b, uint32_t region)
{
	uint32_t best = FTL_NO_BLOCK, first = region * b->per_region;
	for (uint32_t k = first; k < first + b->per_region; k++)
		if (b->block[k].state == FTL_FULL && (best == FTL_NO_BLOCK || b->block[k].valid < b->block[best].valid))
			best = k;
	return best;
}

/* ---- making and checking ----------------------------------------------------------------------------------- */

int blocks_init(struct ftl_blocks *b, struct arena *a, uint32_t regions, uint32_t per_region, uint32_t units,
	enum ftl_index index, bool least_worn)
{
	uint32_t count = regions * per_region;
	uint64_t buckets = index == FTL_INDEX_BUCKETS ? (uint64_t)regions * (units + 1) : 0;
	*b = (struct ftl_blocks){.regions = regions, .per_region = per_region, .units = units, .index = index,
		.least_worn = least_worn, .count = count, .by_region = fastdiv_make(per_region),
		.by_units = fastdiv_make(units)};
	b->block = arena_array(a, count, sizeof(*b->block));
	b->link = arena_array(a, count, sizeof(*b->link));
	b->free_block = arena_array(a, count, sizeof(*b->free_block));
	b->set = arena_array(a, index == FTL_INDEX_SET ? count : 0, sizeof(*b->set));
	b->bucket = arena_array(a, buckets, sizeof(*b->bucket));
	b->region = arena_array(a, regions, sizeof(*b->region));
	if (!b->block || !b->link || !b->free_block || !b->set || !b->bucket || !b->region)
		return -1;
	memset(b->bucket, 0xff, buckets * sizeof(*b->bucket));
	for (uint32_t i = 0; i < regions; i++)
		b->region[i] = (struct ftl_region){.lowest = units, .order = {FTL_NO_BLOCK, FTL_NO_BLOCK}};
	for (uint32_t k = 0; k < count; k++)
		free_put(b, k / per_region, k);
	return 0;
}

/* Blocks of a list, all with `valid` units (UINT32_MAX: any), linked both ways; UINT64_MAX: broken. */
static uint64_t list_count(const struct ftl_blocks *b, const struct ftl_list *l, uint32_t valid)
{
	uint64_t n = 0;
	uint32_t before = FTL_NO_BLOCK;
	for (uint32_t k = l->first; k != FTL_NO_BLOCK; before = k, k = b->link[k].next, n++)
		if (n > b->per_region || b->link[k].prev != before || b->block[k].state != FTL_FULL ||
		    (valid != UINT32_MAX && b->block[k].valid != valid))
			return UINT64_MAX;
	return l->last == before ? n : UINT64_MAX;
}

static uint64_t index_count(const struct ftl_blocks *b, uint32_t region)
{
	const struct ftl_region *r = &b->region[region];
	uint64_t n = 0;
	if (b->index == FTL_INDEX_BUCKETS) {
		for (uint32_t v = 0; v <= b->units; v++) {
			uint64_t in = list_count(b, bucket_of(b, region, v), v);
			if (in == UINT64_MAX || (in > 0 && v < r->lowest))
				return UINT64_MAX;
			n += in;
		}
		return n;
	}
	if (b->index != FTL_INDEX_SET)
		return list_count(b, &r->order, UINT32_MAX);
	for (; n < r->full; n++) {
		uint32_t k = b->set[(uint64_t)region * b->per_region + n];
		if (b->link[k].next != n || b->block[k].state != FTL_FULL)
			return UINT64_MAX;
	}
	return n;
}

bool blocks_check(const struct ftl_blocks *b, const char **why)
{
	for (uint32_t i = 0; i < b->regions; i++) {
		const struct ftl_region *r = &b->region[i];
		uint32_t in[FTL_BAD + 1] = {0};
		uint64_t erases = 0;
		for (uint32_t k = i * b->per_region; k < (i + 1) * b->per_region; k++) {
			in[b->block[k].state]++;
			erases += b->block[k].erases;
		}
		*why = "the count of full blocks";
		if (in[FTL_FULL] != r->full || index_count(b, i) != r->full)
			return false;
		*why = "the count of free blocks";
		if (in[FTL_FREE] != r->free || in[FTL_BAD] != r->bad)
			return false;
		for (uint32_t k = 0; k < r->free; k++)
			if (b->block[free_at(b, i, k)].state != FTL_FREE || b->block[free_at(b, i, k)].valid != 0)
				return false;
		*why = "the sum of erases";
		if (erases != r->erases)
			return false;
	}
	return true;
}
