/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of the waiting goes next, and what goes with it. */
#include "ftl/tsu_private.h"

static inline struct tsu_tx *head_of(const struct tsu *t, const struct tsu_die *at, uint32_t classes)
{
	return tsu_queue_of(t, at, (uint32_t)__builtin_ctz(classes))->head;
}

/* The program is the next of its block: none submitted before it waits. */
static bool in_order(const struct tsu *t, const struct tsu_tx *x)
{
	if (tsu_group(x->kind) != 1 || t->n->rule == NAND_RULE_ASCENDING)
		return true;
	return nand_block_of(t->n, x->page)->next_page == nand_ppa_page(&t->n->geom, x->page);
}

static struct tsu_tx *oldest_of(const struct tsu *t, const struct tsu_die *at, uint32_t classes)
{
	struct tsu_tx *oldest = NULL;
	for (; classes != 0; classes &= classes - 1) {
		struct tsu_tx *x = head_of(t, at, classes);
		if (!oldest || x->number < oldest->number)
			oldest = x;
	}
	return oldest;
}

/* Array time of a transaction by itself. */
static time_ps own_time(const struct nand *n, const struct tsu_tx *x)
{
	uint32_t page = nand_ppa_page(&n->geom, x->page);
	switch (x->kind) {
	case TSU_READ:
		return nand_read_array_ps(n, page, x->slc);
	case TSU_ERASE:
		return nand_erase_array_ps(n, x->slc);
	default:
		return nand_program_array_ps(n, page, x->slc);
	}
}

static bool read_older_than(const struct tsu *t, const struct tsu_die *at, uint64_t number)
{
	for (uint32_t left = at->waiting & TSU_GROUP_CLASSES(0); left != 0; left &= left - 1)
		for (const struct tsu_tx *x = head_of(t, at, left); x; x = x->next)
			if (x->kind == TSU_READ && x->number < number)
				return true;
	return false;
}

/* FLIN's third stage: of the first read, program and erase the one that has waited longest, measured in its own time. */
static struct tsu_tx *choose_fair(const struct tsu *t, const struct tsu_die *at)
{
	struct tsu_tx *best = NULL;
	for (uint32_t group = 0; group < TSU_GROUPS; group++) {
		uint32_t classes = at->waiting & TSU_GROUP_CLASSES(group);
		if (classes == 0)
			continue;
		struct tsu_tx *x = head_of(t, at, classes);
		time_ps waited = t->sim->now_ps - x->queued_ps;
		if (best && (int128)waited * own_time(t->n, best) <= (int128)(t->sim->now_ps - best->queued_ps) * own_time(t->n, x))
			continue;
		if (group < 2 || !best || !read_older_than(t, at, x->number))
			best = x;
	}
	return best;
}

struct tsu_tx *tsu_choose_class(const struct tsu *t, const struct tsu_die *at)
{
	struct tsu_tx *x = head_of(t, at, at->waiting), *oldest = oldest_of(t, at, at->waiting);
	bool old = tsu_is_old(t, oldest->queued_ps) &&
		!(t->fair && oldest->kind == TSU_ERASE && read_older_than(t, at, oldest->number));
	x = old ? oldest : t->fair ? choose_fair(t, at) : x;
	return in_order(t, x) ? x : oldest_of(t, at, at->waiting & TSU_GROUP_CLASSES(1));
}

static bool in_blocks_of(const struct tsu *t, const struct tsu_tx *x, const struct tsu_op *op)
{
	for (const struct tsu_tx *y = op->first; y; y = y->next)
		if (y->page >> t->n->geom.block_shift == x->page >> t->n->geom.block_shift)
			return true;
	return false;
}

struct tsu_tx *tsu_urgent_read(const struct tsu *t, struct tsu_die *d, const struct tsu_op *op)
{
	if (tsu_is_old(t, op->queued_ps))
		return NULL;
	struct tsu_tx *x = tsu_choose(t, d);
	bool urgent = x && x->kind == TSU_READ && (x->source == TSU_HOST || x->source == TSU_MAPPING) && !in_blocks_of(t, x, op);
	return urgent ? x : NULL;
}

/* ---- packing ------------------------------------------------------------------------------------------ */

static bool goes_with(const struct tsu *t, struct tsu_die *d, const struct tsu_tx *x, const struct tsu_tx *y)
{
	const struct nand_geom *g = &t->n->geom;
	if (x->kind != y->kind || x->slc != y->slc)
		return false;
	if (x->kind == TSU_ERASE)
		return !read_older_than(t, tsu_at(t, d), y->number);
	if (nand_ppa_page(g, x->page) != nand_ppa_page(g, y->page) || !in_order(t, y))
		return false;
	return x->kind != TSU_COPYBACK || nand_ppa_page(g, x->from) == nand_ppa_page(g, y->from);
}

/* Into the operation, ascending planes; out of the queue. */
static void take(struct tsu *t, struct tsu_die *d, struct tsu_tx *x)
{
	struct tsu_op *op = &d->op;
	tsu_dequeue(t, d, x);
	struct tsu_tx **link = &op->first;
	while (*link && (*link)->page < x->page)
		link = &(*link)->next;
	x->next = *link;
	*link = x;
	op->count++;
	op->planes |= (uint16_t)(1U << nand_ppa_plane(&t->n->geom, x->page));
	op->queued_ps = time_min(op->queued_ps, x->queued_ps);
}

void tsu_pack(struct tsu *t, struct tsu_die *d, const struct tsu_tx *x, struct tsu_tx *y, const struct tsu_op *avoid)
{
	/* a plane that was passed is not come back to, so that its transactions keep their order */
	uint32_t closed = d->op.planes, all = (1U << t->n->geom.planes) - 1;
	for (uint32_t look = 0; y && look < TSU_PACK_LOOK && closed != all; look++) {
		struct tsu_tx *next = y->next;
		uint32_t plane = 1U << nand_ppa_plane(&t->n->geom, y->page);
		if (nand_ppa_die(&t->n->geom, y->page) == d->index) {
			bool fits = (closed & plane) == 0 && goes_with(t, d, x, y) && !(avoid && in_blocks_of(t, y, avoid));
			if (fits)
				take(t, d, y);
			if (fits || x->kind != TSU_READ || y->kind != TSU_READ)
				closed |= plane;
		}
		y = next;
	}
}
