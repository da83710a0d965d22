/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Restart: the newer whole superblock, the indexes of its chain, the newest version of each page. */
#include "host/shown.h"

#define PIECE_PAGES 64

static void read_next(struct ckpt *c);

static void restart_over(struct ckpt *c, enum blk_status status)
{
	c->stats.restart_ps = c->io->sim->now_ps - c->start_ps;
	if (__builtin_expect(c->io->sim->timeline != NULL, 0))
		ckpt_shown_work(c, "restart");
	c->busy = false;
	struct host_io_then then = c->then;
	then.fn(then.owner, then.arg, status);
}

/* The index of an element: where each of its pages lies, unless a later element has it. */
static bool take_index(struct ckpt *c)
{
	const struct ckpt_element *x = &c->element[c->at_element];
	const struct content_item *item = host_io_item(c->io, c->region, x->offset);
	if (!item || item->kind != CONTENT_SUPER || item->words != x->pages || item->sectors != x->index)
		return false;
	for (uint32_t i = 0; i < x->pages; i++) {
		if (item->word[i] >= c->pages)
			return false;
		c->place[item->word[i]] = x->offset + x->index + (uint64_t)i * c->page_sectors;
	}
	return true;
}

static void index_read(void *owner, uint64_t arg, enum blk_status status)
{
	struct ckpt *c = owner;
	(void)arg;
	if (status != BLK_OK || !take_index(c)) {
		restart_over(c, BLK_MEDIA_ERROR);
		return;
	}
	c->at_element++;
	read_next(c);
}

/* arg: pages of the present element from at_page on. */
static void pages_read(void *owner, uint64_t n, enum blk_status status)
{
	struct ckpt *c = owner;
	const struct ckpt_element *x = &c->element[c->at_element];
	const struct content_item *item = host_io_item(c->io, c->region, x->offset);
	bool good = status == BLK_OK && item;
	for (uint32_t i = 0; i < n && good; i++) {
		uint32_t at = c->at_page + i;
		uint64_t content = 0;
		good = host_io_page(c->io, c->region, x->offset + x->index + (uint64_t)at * c->page_sectors, c->page_sectors, &content);
		if (good)
			c->visit(c->visit_ctx, (uint32_t)item->word[at], content);
	}
	if (!good) {
		restart_over(c, BLK_MEDIA_ERROR);
		return;
	}
	c->at_page += (uint32_t)n;
	c->stats.restart_pages += n;
	read_next(c);
}

/* Whether page i of the present element is the newest of its number. */
static bool is_newest(const struct ckpt *c, const struct content_item *item, uint32_t i)
{
	const struct ckpt_element *x = &c->element[c->at_element];
	return c->place[item->word[i]] == x->offset + x->index + (uint64_t)i * c->page_sectors;
}

/* The next run of pages to be read; false: the elements are through. */
static bool read_run(struct ckpt *c)
{
	for (; c->at_element < c->elements; c->at_element++, c->at_page = 0) {
		const struct ckpt_element *x = &c->element[c->at_element];
		const struct content_item *item = host_io_item(c->io, c->region, x->offset);
		while (item && c->at_page < x->pages && !is_newest(c, item, c->at_page))
			c->at_page++;
		uint32_t n = 0;
		while (item && n < PIECE_PAGES && c->at_page + n < x->pages && is_newest(c, item, c->at_page + n))
			n++;
		if (n == 0)
			continue;
		host_io_read(c->io, c->region, x->offset + x->index + (uint64_t)c->at_page * c->page_sectors, n * c->page_sectors,
			(struct host_io_then){pages_read, c, n});
		return true;
	}
	return false;
}

static void read_next(struct ckpt *c)
{
	if (c->indexes && c->at_element < c->elements) {
		const struct ckpt_element *x = &c->element[c->at_element];
		host_io_read(c->io, c->region, x->offset, x->index, (struct host_io_then){index_read, c, 0});
		return;
	}
	if (c->indexes) {
		c->indexes = false;
		c->at_element = c->at_page = 0;
	}
	if (!read_run(c))
		restart_over(c, BLK_OK);
}

static void take_super(struct ckpt *c, const struct content_item *s)
{
	c->generation = s->word[0];
	c->number = s->word[1];
	c->area = (uint32_t)s->word[2];
	c->elements = (uint32_t)s->word[3];
	for (uint32_t i = 0; i < c->elements; i++) {
		uint32_t pages = (uint32_t)s->word[5 + 2 * i];
		c->element[i] = (struct ckpt_element){s->word[4 + 2 * i], pages, ckpt_index_sectors(c, pages)};
	}
	const struct ckpt_element *x = &c->element[c->elements - 1];
	c->area_end = x->offset - ckpt_area_offset(c, c->area) + x->index + (uint64_t)x->pages * c->page_sectors;
}

static void supers_read(void *owner, uint64_t arg, enum blk_status status)
{
	struct ckpt *c = owner;
	const struct content_item *best = NULL;
	(void)arg;
	for (uint32_t i = 0; i < 2 && status == BLK_OK && c->io->content; i++) {
		const struct content_item *s = host_io_item(c->io, c->region, (uint64_t)i * c->page_sectors);
		if (s && s->kind == CONTENT_SUPER && s->words >= 6 && (!best || s->word[0] > best->word[0]))
			best = s;
	}
	if (!best) {
		restart_over(c, status == BLK_OK ? BLK_MEDIA_ERROR : status);
		return;
	}
	take_super(c, best);
	c->indexes = true;
	c->at_element = 0;
	read_next(c);
}

void ckpt_restart(struct ckpt *c, void (*visit)(void *ctx, uint32_t page, uint64_t content), void *ctx, struct host_io_then then)
{
	if (!ckpt_idle(c))
		sim_bug(c->io->sim, "a restart is asked for while a checkpoint is under way");
	c->visit = visit;
	c->visit_ctx = ctx;
	c->then = then;
	c->busy = true;
	c->changed_all = true; /* who restarts knows of no changes */
	c->start_ps = c->io->sim->now_ps;
	c->stats.restart_pages = 0;
	for (uint32_t i = 0; i < c->pages; i++)
		c->place[i] = 0;
	host_io_read(c->io, c->region, 0, 2 * c->page_sectors, (struct host_io_then){supers_read, c, 0});
}
