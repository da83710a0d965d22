/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What recoverable memory does after a crash: log, segment, redo, flush, a new log.
 *
 * While it runs, first[page] is not 0 where the log has the page, durable[page] is then the last transaction that wrote
 * it, and ended[page] the one before the first of these; a page of the segment may hold any from there on.
 */
#include "host/rvm.h"

#define LOAD_PAGES 64

static void load(struct rvm *r);

static void tell(void *ctx, uint64_t sequence, const uint64_t *word, uint32_t words)
{
	struct rvm *r = ctx;
	(void)words;
	r->last_ended = word[0];
	for (uint64_t i = 0; i < word[1]; i++) {
		uint64_t page = word[RVM_ENTRY_WORDS + 2 * i], before = word[RVM_ENTRY_WORDS + 2 * i + 1];
		if (r->first[page] == 0) {
			r->first[page] = sequence;
			r->ended[page] = before;
		} else if (before != r->durable[page]) {
			r->gap = true; /* an entry between them is missing */
		}
		r->durable[page] = word[0];
	}
}

/* Whether each sector holds a version that the log's values may be put on. */
static bool can_be_mended(const struct rvm *r, uint32_t page)
{
	uint64_t lba = r->segment->first + (uint64_t)page * r->page_sectors;
	for (uint32_t i = 0; i < r->page_sectors; i++) {
		uint64_t tag = blk_tags_latest(r->segment->dev->tags, lba + i);
		const struct content_item *item = content_find(r->io->content, tag);
		if (tag != TAG_ZERO && (!item || item->kind != CONTENT_PAGES || item->unit != r->page_sectors))
			return false;
		uint64_t version = tag == TAG_ZERO ? 0 : item->word[(lba - item->lba) / r->page_sectors];
		if (version < r->ended[page] || version > r->durable[page])
			return false;
	}
	return true;
}

static void take_page(struct rvm *r, uint32_t page)
{
	uint64_t content = 0;
	bool whole = host_io_page(r->io, r->segment, (uint64_t)page * r->page_sectors, r->page_sectors, &content);
	if (r->first[page] != 0) {
		r->stats.redone_pages++;
		r->stats.unmended_pages += r->spec->tracking == RVM_RANGES && !can_be_mended(r, page);
		return;
	}
	r->stats.unmended_pages += !whole;
	r->durable[page] = content;
	if (content > r->last_ended)
		r->last_ended = content;
}

static void piece_loaded(void *owner, uint64_t pages, enum blk_status status)
{
	struct rvm *r = owner;
	if (status != BLK_OK) {
		rvm_started(r, status);
		return;
	}
	for (uint32_t i = 0; i < pages; i++)
		take_page(r, r->load_at + i);
	r->load_at += (uint32_t)pages;
	r->stats.loaded_pages += pages;
	load(r);
}

static void load(struct rvm *r)
{
	uint32_t left = (uint32_t)r->spec->pages - r->load_at, pages = left < LOAD_PAGES ? left : LOAD_PAGES;
	if (pages > 0) {
		host_io_read(r->io, r->segment, (uint64_t)r->load_at * r->page_sectors, pages * r->page_sectors,
			(struct host_io_then){piece_loaded, r, pages});
		return;
	}
	if (r->gap || r->stats.unmended_pages > 0) {
		r->stats.redone_pages = 0;
		rvm_started(r, BLK_MEDIA_ERROR);
		return;
	}
	r->truncate_to = UINT64_MAX; /* all that the log has */
	r->walker.spec = &r->redo;
	walker_start(&r->walker);
}

static void log_found(void *owner, uint64_t arg, enum blk_status status)
{
	struct rvm *r = owner;
	(void)arg;
	if (status != BLK_OK)
		rvm_started(r, status);
	else
		load(r);
}

static void log_begun(void *owner, uint64_t arg, enum blk_status status)
{
	struct rvm *r = owner;
	(void)arg;
	for (uint32_t i = 0; i < r->spec->pages; i++)
		r->ended[i] = r->durable[i];
	r->last_durable = r->last_ended;
	rvm_started(r, status);
}

void rvm_redone(struct rvm *r, enum blk_status status)
{
	r->walker.spec = &r->spec->walker;
	if (status != BLK_OK)
		rvm_started(r, status);
	else
		log_restart(&r->log, (struct host_io_then){log_begun, r, 0});
}

void rvm_recover(struct rvm *r, struct host_io_then then)
{
	r->start_then = then;
	r->start_ps = r->io->sim->now_ps;
	r->load_at = 0;
	r->gap = false;
	log_recover(&r->log, tell, r, (struct host_io_then){log_found, r, 0});
}
