/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a log finds after a crash: the newer whole header, then record by record until the next one is not there. Only what has been
 * read from the device is looked at.
 */
#include "host/log.h"

static void scan(struct log *l);

static void scan_over(struct log *l, enum blk_status status)
{
	struct host_io_then then = l->recovered;
	then.fn(then.owner, then.arg, status);
}

static const struct content_item *item_at(const struct log *l, uint32_t block, enum content_kind kind)
{
	const struct content_item *item = l->io->content ? host_io_item(l->io, l->region, (uint64_t)(2 + block) * l->block_sectors) :
		NULL;
	return item && item->kind == kind && item->words >= 4 ? item : NULL;
}

/* The record with the next sequence number, where it is at `block`, whole and committed; its blocks in *blocks. NULL with *blocks > 0:
 * more must be read first. */
static const struct content_item *record_at(const struct log *l, uint32_t block, uint32_t *blocks)
{
	bool separate = l->spec->commit == LOG_SEPARATE;
	const struct content_item *body = item_at(l, block, CONTENT_RECORD);
	*blocks = 0;
	if (!body || body->word[0] != l->epoch || body->word[1] != l->next_sequence || body->word[2] == 0)
		return NULL;
	*blocks = (uint32_t)body->word[2];
	if (block + *blocks > l->scan_read)
		return NULL;
	const struct content_item *mark = separate ? item_at(l, block + *blocks - 1, CONTENT_RECORD) : NULL;
	if (separate && (!mark || mark->word[0] != l->epoch || mark->word[1] != l->next_sequence || mark->word[2] != 0)) {
		*blocks = 0;
		return NULL;
	}
	return content_find(l->io->content, blk_tags_latest(l->region->dev->tags,
		l->region->first + (uint64_t)(2 + block) * l->block_sectors));
}

static void piece_read(void *owner, uint64_t blocks, enum blk_status status)
{
	struct log *l = owner;
	if (status != BLK_OK) {
		scan_over(l, status);
		return;
	}
	l->scan_read += (uint32_t)blocks;
	l->stats.scanned_blocks += blocks;
	scan(l);
}

/* Read the next piece of this lap. */
static void read_piece(struct log *l)
{
	uint64_t piece = (uint64_t)(l->spec->scan_bytes / l->spec->block_bytes), left = l->ring - l->scan_read;
	if (piece == 0)
		piece = 1;
	if (piece > left)
		piece = left;
	host_io_read(l->io, l->region, (uint64_t)(2 + l->scan_read) * l->block_sectors, (uint32_t)piece * l->block_sectors,
		(struct host_io_then){piece_read, l, piece});
}

static void tell(const struct log *l, const struct content_item *record)
{
	uint32_t at = 4; /* behind the record's own fields */
	for (uint64_t n = record->word[3]; n > 0; n--) {
		uint32_t words = (uint32_t)record->word[at];
		l->visit(l->visit_ctx, record->word[1], record->word + at + 1, words);
		at += 1 + words;
	}
}

/* As far as it goes with what was read. */
static void scan(struct log *l)
{
	for (;;) {
		uint32_t blocks = 0;
		const struct content_item *record = l->scan_at < l->scan_read ? record_at(l, l->scan_at, &blocks) : NULL;
		if (record) {
			tell(l, record);
			l->scan_at += blocks;
			l->next_sequence++;
			l->stats.recovered++;
			continue;
		}
		if ((l->scan_at >= l->scan_read || blocks > 0) && l->scan_read < l->ring) {
			read_piece(l);
			return;
		}
		if (l->scan_lapped || l->scan_at == 0)
			break;
		/* not here: at the ring's begin, or nowhere */
		l->scan_lapped = true;
		l->scan_end = l->scan_at;
		l->scan_at = l->scan_read = 0;
	}
	l->tail = l->scan_at == 0 && l->scan_lapped ? l->scan_end : l->scan_at;
	scan_over(l, BLK_OK);
}

static void headers_read(void *owner, uint64_t arg, enum blk_status status)
{
	struct log *l = owner;
	const struct content_item *best = NULL;
	(void)arg;
	for (uint32_t i = 0; i < 2 && status == BLK_OK && l->io->content; i++) {
		const struct content_item *h = host_io_item(l->io, l->region, (uint64_t)i * l->block_sectors);
		if (h && h->kind == CONTENT_SUPER && h->words == 4 && (!best || h->word[1] > best->word[1]))
			best = h;
	}
	if (!best) {
		l->no_header = status == BLK_OK;
		scan_over(l, status == BLK_OK ? BLK_MEDIA_ERROR : status);
		return;
	}
	l->epoch = best->word[0];
	l->turn = best->word[1];
	l->next_sequence = best->word[2];
	l->scan_at = l->scan_read = (uint32_t)best->word[3];
	l->scan_lapped = false;
	scan(l);
}

void log_recover(struct log *l, log_entry_fn *visit, void *ctx, struct host_io_then then)
{
	l->visit = visit;
	l->visit_ctx = ctx;
	l->recovered = then;
	host_io_read(l->io, l->region, 0, 2 * l->block_sectors, (struct host_io_then){headers_read, l, 0});
}

uint64_t log_stale_bytes(const struct log *l)
{
	uint64_t stale = 0, ring = (uint64_t)l->ring * l->block_sectors;
	for (uint64_t i = 0; i < ring; i++) {
		uint64_t tag = blk_tags_latest(l->region->dev->tags, l->region->first + 2 * l->block_sectors + i);
		const struct content_item *item = content_find(l->io->content, tag);
		if (item && item->kind == CONTENT_RECORD && (item->word[0] != l->epoch || item->word[1] < l->head_sequence))
			stale += SECTOR_BYTES;
	}
	return stale;
}
