/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dictionary of tags: an array of items by tag - 1; their words lie in an arena. */
#include "host/content.h"

#include <stdlib.h>
#include <string.h>

#include "sim/arena.h"

struct content {
	struct arena *words;
	struct content_item *item; /* of tag i + 1 */
	uint64_t count, room;
	bool exhausted;
};

struct content *content_new(void)
{
	struct content *c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->words = arena_new();
	if (!c->words) {
		free(c);
		return NULL;
	}
	return c;
}

void content_free(struct content *c)
{
	if (!c)
		return;
	arena_free(c->words);
	free(c->item);
	free(c);
}

static bool grow(struct content *c)
{
	uint64_t room = c->room ? 2 * c->room : 64;
	struct content_item *grown = realloc(c->item, room * sizeof(*grown));
	if (!grown)
		return false;
	c->item = grown;
	c->room = room;
	return true;
}

uint64_t content_name(struct content *c, const struct content_item *item)
{
	uint64_t *word = arena_array(c->words, item->words, sizeof(*word));
	if (!word || (c->count == c->room && !grow(c))) {
		c->exhausted = true;
		return 0;
	}
	if (item->words > 0)
		memcpy(word, item->word, item->words * sizeof(*word));
	c->item[c->count] = *item;
	c->item[c->count].word = word;
	return ++c->count;
}

bool content_exhausted(const struct content *c) { return c->exhausted; }

const struct content_item *content_find(const struct content *c, uint64_t tag)
{
	return tag >= 1 && tag <= c->count ? &c->item[tag - 1] : NULL;
}

static bool all_hold(const struct blk_tags *t, uint64_t lba, uint32_t sectors, uint64_t tag)
{
	for (uint32_t i = 0; i < sectors; i++)
		if (blk_tags_latest(t, lba + i) != tag)
			return false;
	return true;
}

const struct content_item *content_whole(const struct content *c, const struct blk_tags *t, uint64_t lba)
{
	uint64_t tag = blk_tags_latest(t, lba);
	const struct content_item *item = content_find(c, tag);
	return item && item->lba == lba && all_hold(t, lba, item->sectors, tag) ? item : NULL;
}

bool content_page(const struct content *c, const struct blk_tags *t, uint64_t lba, uint32_t unit, uint64_t *page)
{
	uint64_t tag = blk_tags_latest(t, lba);
	if (!all_hold(t, lba, unit, tag))
		return false;
	*page = 0;
	if (tag == TAG_ZERO)
		return true;
	const struct content_item *item = content_find(c, tag);
	if (!item || item->kind != CONTENT_PAGES || item->unit != unit || (lba - item->lba) % unit != 0)
		return false;
	*page = item->word[(lba - item->lba) / unit];
	return true;
}
