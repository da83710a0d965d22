/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a written tag means: the dictionary behind the content-tag oracle (blk/tag.h).
 *
 * With tags on, each write of the host has a tag of its own, and the dictionary says what was written: where it began, how
 * many sectors, what kind of thing it is, and a few 64-bit words that stand for its content. A write of pages has one
 * word a page, its content; a log record or a superblock has its fields. What a sector holds is then its tag
 * and its distance from where that write began. The dictionary only gives names to contents, as the alphabet does: it knows nothing of
 * which are on a medium, so it outlives a crash, and a recovery that asks it only for tags that it has read
 * from sectors learns no more than what stands there.
 *
 * A thing of several sectors is *whole* when each of its sectors still holds the very write that made it. Where one does not
 * (overwritten, lost, torn), a checksum over the thing would fail: nothing can be told of it.
 *
 * Memory: 32 bytes and the words for each write, never given back; tests and small runs only. Owner: content_free().
 */
#ifndef QUERN_HOST_CONTENT_H
#define QUERN_HOST_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "blk/tag.h"

struct content;

enum content_kind {
	CONTENT_PAGES = 1, /* one word a unit of `unit` sectors: the page's content (0: all zeros) */
	CONTENT_RECORD,    /* a log record (host/log.h) */
	CONTENT_SUPER,     /* a superblock or the header of an area */
};

struct content_item {
	uint64_t lba;         /* where the write began */
	uint32_t sectors;
	uint16_t kind;        /* enum content_kind */
	uint16_t unit;        /* CONTENT_PAGES: sectors a page; else 0 */
	uint32_t words;
	const uint64_t *word; /* the dictionary's own copy */
};

struct content *content_new(void);      /* NULL: no memory */
void content_free(struct content *c);   /* NULL is legal */

/* Name a content: the tag of a write of `item` (its words are copied). 0: no memory, and content_exhausted() from then on. */
uint64_t content_name(struct content *c, const struct content_item *item);
bool content_exhausted(const struct content *c);

/* What a tag means, or NULL (zeros, torn, not of this dictionary). The answer holds until the next content_name(). */
const struct content_item *content_find(const struct content *c, uint64_t tag);

/* What a read of the device finds now: the item that begins at `lba`, where all of it is whole; else NULL. */
const struct content_item *content_whole(const struct content *c, const struct blk_tags *t, uint64_t lba);

/*
 * The page of `unit` sectors at `lba`: its word in *page, 0 where nothing was ever written or all was trimmed. false: the
 * sectors do not hold one whole page.
 */
bool content_page(const struct content *c, const struct blk_tags *t, uint64_t lba, uint32_t unit, uint64_t *page);

#endif
