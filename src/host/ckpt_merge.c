/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A chain that has grown long becomes one whole image in the other area: the newest version of each page is read back and written there. */
#include "host/shown.h"

/* item i of the new image: page[i]. */
static uint64_t new_place(const struct ckpt *c, uint32_t i)
{
	return c->new_element.offset + c->new_element.index + (uint64_t)i * c->page_sectors;
}

static void piece_written(void *owner, uint64_t arg, enum blk_status status)
{
	struct ckpt *c = owner;
	(void)arg;
	if (status != BLK_OK)
		c->status = status;
	walker_done(&c->merger);
}

/* What was read goes to its new place. arg: first item << 32 | items. */
static void piece_read(void *owner, uint64_t arg, enum blk_status status)
{
	struct ckpt *c = owner;
	uint32_t first = (uint32_t)(arg >> 32), n = (uint32_t)arg;
	uint64_t content[WALKER_BATCH] = {0};
	if (status != BLK_OK) {
		piece_written(c, 0, status);
		return;
	}
	for (uint32_t i = 0; i < n && c->io->content; i++)
		if (!host_io_page(c->io, c->region, c->place[c->page[first + i]], c->page_sectors, &content[i]))
			c->status = BLK_MEDIA_ERROR;
	c->stats.merged_pages += n;
	host_io_write(c->io, c->region, new_place(c, first), n * c->page_sectors, 0,
		host_io_tag_pages(c->io, c->region, new_place(c, first), c->page_sectors, n, content),
		(struct host_io_then){piece_written, c, 0});
}

static void merge_visit(void *ctx, const uint32_t *item, uint32_t count)
{
	struct ckpt *c = ctx;
	uint32_t pieces = 0;
	for (uint32_t i = 0; i < count; pieces++) {
		uint64_t place = c->place[c->page[item[i]]];
		uint32_t n = 1;
		while (i + n < count && item[i + n] == item[i] + n &&
		       c->place[c->page[item[i + n]]] == place + (uint64_t)n * c->page_sectors)
			n++;
		host_io_read(c->io, c->region, place, n * c->page_sectors, (struct host_io_then){piece_read, c,
			(uint64_t)item[i] << 32 | n});
		i += n;
	}
	walker_split(&c->merger, pieces);
}

static void merged(void *owner, uint64_t arg, enum blk_status status)
{
	struct ckpt *c = owner;
	(void)arg;
	c->merging = false;
	c->changed_all |= status != BLK_OK;
	c->stats.merges += status == BLK_OK;
	c->stats.merge_ps += c->io->sim->now_ps - c->start_ps;
	if (__builtin_expect(c->io->sim->timeline != NULL, 0))
		ckpt_shown_work(c, "merge");
}

static void merge_over(void *ctx)
{
	struct ckpt *c = ctx;
	if (c->status != BLK_OK) {
		merged(c, 0, c->status);
		return;
	}
	for (uint32_t i = 0; i < c->new_element.pages; i++)
		c->place[c->page[i]] = new_place(c, i);
	c->area = c->new_area;
	c->area_end = c->new_element.index + (uint64_t)c->new_element.pages * c->page_sectors;
	c->element[0] = c->new_element;
	c->elements = 1;
	ckpt_write_super(c, merged);
}

const struct walker_ops ckpt_merge_ops = {NULL, merge_visit, merge_over};

static void index_written(void *owner, uint64_t arg, enum blk_status status)
{
	struct ckpt *c = owner;
	(void)arg;
	c->status = status;
	walker_resize(&c->merger, c->new_element.pages);
	walker_start(&c->merger);
}

void ckpt_merge(struct ckpt *c)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < c->pages; i++)
		if (c->place[i] != 0)
			c->page[n++] = i;
	c->merging = true;
	c->start_ps = c->io->sim->now_ps;
	c->new_area = c->spec->one_area ? c->area : 1 - c->area;
	c->new_element = (struct ckpt_element){ckpt_area_offset(c, c->new_area), n, ckpt_index_sectors(c, n)};
	ckpt_write_index(c, index_written);
}
