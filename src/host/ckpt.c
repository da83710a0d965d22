/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking a checkpoint: freeze, index, pages, flush, superblock. */
#include "host/shown.h"

#include <inttypes.h>

static void walk_visit(void *ctx, const uint32_t *item, uint32_t count);
static void walk_over(void *ctx);
static void frozen_event(struct sim *s, struct event *e);
static const struct walker_ops walk_ops = {NULL, walk_visit, walk_over};

int ckpt_open(struct ckpt *c, struct host_io *io, const struct host_region *g, const struct ckpt_spec *spec, uint32_t pages,
	const struct ckpt_source_ops *source, void *source_ctx, uint64_t seed, struct err *e)
{
	struct arena *a = io->sim->arena;
	*c = (struct ckpt){.io = io, .region = g, .spec = spec, .pages = pages, .source = source, .source_ctx = source_ctx,
		.page_sectors = (uint32_t)(spec->page_bytes / SECTOR_BYTES)};
	event_init(&c->frozen, frozen_event, "program frozen", EVENT_PRIO_WORKLOAD);
	uint64_t left = g->sectors > 2 * c->page_sectors ? g->sectors - 2 * c->page_sectors : 0;
	c->area_sectors = left / 2 / c->page_sectors * c->page_sectors;
	uint64_t image = ckpt_index_sectors(c, pages) + (uint64_t)pages * c->page_sectors;
	if (c->area_sectors < image)
		return err_set(e, ERR_CONFIG, "area %s of %" PRIu64 " sectors does not hold two checkpoints of %" PRIu32 " pages, which take %"
			PRIu64 " each", g->name, g->sectors, pages, image);
	c->place = arena_array(a, pages, sizeof(*c->place));
	c->page = arena_array(a, pages, sizeof(*c->page));
	c->index_words = io->content ? arena_array(a, pages, sizeof(*c->index_words)) : NULL;
	if (!c->place || !c->page || (io->content && !c->index_words))
		return err_set(e, ERR_LIMIT, "no memory for checkpoints of %" PRIu32 " pages", pages);
	if (walker_open(&c->merger, io->sim, &spec->walker, pages, &ckpt_merge_ops, c, seed + 1, e) < 0)
		return -1;
	return walker_open(&c->walker, io->sim, &spec->walker, pages, &walk_ops, c, seed, e);
}

uint64_t ckpt_area_offset(const struct ckpt *c, uint32_t area) { return 2 * c->page_sectors + area * c->area_sectors; }

uint32_t ckpt_index_sectors(const struct ckpt *c, uint32_t pages)
{
	uint64_t bytes = (2 + (uint64_t)pages) * sizeof(uint32_t), page = (uint64_t)c->spec->page_bytes;
	return (uint32_t)((bytes + page - 1) / page) * c->page_sectors;
}

/* ---- superblock ------------------------------------------------------------------------------------------------- */

static void super_written(void *owner, uint64_t arg, enum blk_status status);

static void put_super(void *owner, uint64_t arg, enum blk_status status)
{
	struct ckpt *c = owner;
	uint64_t word[4 + 2 * (CKPT_CHAIN_MOST + 1)] = {++c->generation, c->number, c->area, c->elements};
	(void)arg;
	if (status != BLK_OK) {
		super_written(c, 1, status);
		return;
	}
	for (uint32_t i = 0; i < c->elements; i++) {
		word[4 + 2 * i] = c->element[i].offset;
		word[5 + 2 * i] = c->element[i].pages;
	}
	uint64_t offset = (c->generation & 1) * c->page_sectors;
	uint64_t tag = host_io_tag_item(c->io, c->region, offset, c->page_sectors, CONTENT_SUPER, word, 4 + 2 * c->elements);
	host_io_write(c->io, c->region, offset, c->page_sectors, 0, tag, (struct host_io_then){super_written, c, 0});
}

/* arg 0: it is at the device; 1: it is there for good. */
static void super_written(void *owner, uint64_t arg, enum blk_status status)
{
	struct ckpt *c = owner;
	if (status == BLK_OK && arg == 0 && c->spec->flush) {
		host_io_flush(c->io, c->region, (struct host_io_then){super_written, c, 1});
		return;
	}
	c->super_done(c, 0, status);
}

void ckpt_write_super(struct ckpt *c, host_io_done_fn *done)
{
	c->super_done = done;
	if (c->spec->flush && !c->spec->no_flush_before)
		host_io_flush(c->io, c->region, (struct host_io_then){put_super, c, 0});
	else
		put_super(c, 0, BLK_OK);
}

/* ---- taking one ------------------------------------------------------------------------------------------------- */

static void finish(struct ckpt *c, enum blk_status status)
{
	time_ps now = c->io->sim->now_ps;
	c->busy = false;
	c->now.valid_ps = now;
	if (c->spec->resume == CKPT_RESUME_VALID) {
		c->now.resumed_ps = now;
		c->source->resume(c->source_ctx);
	}
	if (status == BLK_OK) {
		c->stats.checkpoints++;
		c->stats.deltas += !c->now.whole;
		c->stats.pages += c->now.pages;
		c->stats.down_ps += c->now.resumed_ps - c->now.asked_ps;
		c->stats.valid_ps += now - c->now.asked_ps;
	}
	if (__builtin_expect(c->io->sim->timeline != NULL, 0))
		ckpt_shown_taken(c, status == BLK_OK);
	struct host_io_then then = c->then;
	bool merge = status == BLK_OK && c->elements > (uint64_t)c->spec->chain + 1;
	c->merging = merge;
	then.fn(then.owner, then.arg, status);
	if (merge)
		ckpt_merge(c);
}

static void valid(void *owner, uint64_t arg, enum blk_status status)
{
	struct ckpt *c = owner;
	(void)arg;
	c->changed_all |= status != BLK_OK;
	finish(c, status);
}

/* Index and pages are at the device: the chain gets its new element. */
static void walk_over(void *ctx)
{
	struct ckpt *c = ctx;
	c->now.written_ps = c->io->sim->now_ps;
	if (c->status != BLK_OK) {
		c->changed_all = true;
		finish(c, c->status);
		return;
	}
	const struct ckpt_element *x = &c->new_element;
	if (c->now.whole) {
		c->elements = 0;
		c->area = c->new_area;
		for (uint32_t i = 0; i < c->pages; i++)
			c->place[i] = 0;
	}
	c->element[c->elements++] = *x;
	c->area_end = x->offset - ckpt_area_offset(c, c->area) + x->index + (uint64_t)x->pages * c->page_sectors;
	for (uint32_t i = 0; i < x->pages; i++)
		c->place[c->page[i]] = x->offset + x->index + (uint64_t)i * c->page_sectors;
	c->number++;
	ckpt_write_super(c, valid);
}

/* The device has them: until now it may have been reading them. arg: first item << 32 | items. */
static void piece_done(void *owner, uint64_t arg, enum blk_status status)
{
	struct ckpt *c = owner;
	uint32_t first = (uint32_t)(arg >> 32), n = (uint32_t)arg;
	if (status != BLK_OK)
		c->status = status;
	for (uint32_t i = 0; i < n; i++)
		c->source->release(c->source_ctx, first + i);
	walker_done(&c->walker);
}

/* Neighbours on the medium go in one write. */
static void walk_visit(void *ctx, const uint32_t *item, uint32_t count)
{
	struct ckpt *c = ctx;
	const struct ckpt_element *x = &c->new_element;
	uint64_t content[WALKER_BATCH];
	uint32_t pieces = 0;
	for (uint32_t i = 0; i < count; pieces++) {
		uint32_t n = 0;
		do {
			content[n] = c->io->content ? c->source->content(c->source_ctx, item[i + n]) : 0;
			n++;
		} while (i + n < count && item[i + n] == item[i] + n);
		uint64_t offset = x->offset + x->index + (uint64_t)item[i] * c->page_sectors;
		host_io_write(c->io, c->region, offset, n * c->page_sectors, 0,
			host_io_tag_pages(c->io, c->region, offset, c->page_sectors, n, content),
			(struct host_io_then){piece_done, c, (uint64_t)item[i] << 32 | n});
		i += n;
	}
	walker_split(&c->walker, pieces);
}

static void index_written(void *owner, uint64_t arg, enum blk_status status)
{
	struct ckpt *c = owner;
	(void)arg;
	c->status = status;
	walker_resize(&c->walker, c->new_element.pages);
	if (c->new_element.pages == 0)
		walk_over(c);
	else
		walker_start(&c->walker);
}

void ckpt_write_index(struct ckpt *c, host_io_done_fn *done)
{
	const struct ckpt_element *x = &c->new_element;
	uint64_t tag = 0;
	if (c->io->content) {
		for (uint32_t i = 0; i < x->pages; i++)
			c->index_words[i] = c->page[i];
		tag = host_io_tag_item(c->io, c->region, x->offset, x->index, CONTENT_SUPER, c->index_words, x->pages);
	}
	host_io_write(c->io, c->region, x->offset, x->index, 0, tag, (struct host_io_then){done, c, 0});
}

/* Where the new element goes; a delta that does not fit makes the checkpoint a whole one: false. */
static bool place_delta(struct ckpt *c, uint32_t pages)
{
	uint64_t need = ckpt_index_sectors(c, pages) + (uint64_t)pages * c->page_sectors;
	if (c->elements == 0 || c->elements > CKPT_CHAIN_MOST || c->area_end + need > c->area_sectors) {
		c->stats.no_room += c->elements <= (uint64_t)c->spec->chain;
		return false;
	}
	c->new_area = c->area;
	c->new_element = (struct ckpt_element){ckpt_area_offset(c, c->area) + c->area_end, pages, ckpt_index_sectors(c, pages)};
	return true;
}

/* All pages are as they will stay. */
static void frozen(struct ckpt *c)
{
	if (c->spec->resume == CKPT_RESUME_PROTECTED) {
		c->now.resumed_ps = c->io->sim->now_ps;
		c->source->resume(c->source_ctx);
	}
	ckpt_write_index(c, index_written);
}

static void frozen_event(struct sim *s, struct event *e)
{
	(void)s;
	frozen(container_of(e, struct ckpt, frozen));
}

void ckpt_take(struct ckpt *c, struct host_io_then then)
{
	time_ps now = c->io->sim->now_ps, took = 0;
	if (!ckpt_idle(c))
		sim_bug(c->io->sim, "a checkpoint is asked for while one is under way");
	bool delta = c->spec->content == CKPT_CHANGED && c->number > 0 && !c->changed_all;
	uint32_t pages = c->source->freeze(c->source_ctx, delta, c->page, &took);
	if (delta && !place_delta(c, pages)) {
		delta = false;
		pages = c->source->freeze(c->source_ctx, false, c->page, &took);
	}
	c->busy = true;
	c->then = then;
	c->now = (struct ckpt_times){.asked_ps = now, .pages = pages, .whole = !delta};
	if (!delta) {
		c->new_area = c->number > 0 && !c->spec->one_area ? 1 - c->area : c->area;
		c->new_element = (struct ckpt_element){ckpt_area_offset(c, c->new_area), pages, ckpt_index_sectors(c, pages)};
		c->changed_all = false;
	}
	if (took > 0)
		sim_schedule(c->io->sim, &c->frozen, now + took);
	else
		frozen(c);
}

void ckpt_drop(struct ckpt *c)
{
	sim_cancel(c->io->sim, &c->frozen);
	walker_drop(&c->walker);
	walker_drop(&c->merger);
}
