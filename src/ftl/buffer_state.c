/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The DRAM buffer at rest as bytes: what it holds of the flash, for snapshots within one build. */
#include <string.h>

#include "blk/dev.h"
#include "ftl/buffer.h"

/* Copies the state, but for what its opening has given. */
static void take(struct ftl_buffer *to, const struct ftl_buffer *from)
{
	struct ftl_buffer own = *to;
	*to = *from;
	to->spec = own.spec;
	to->low = own.low; /* of options that may differ */
	to->high = own.high;
	to->entry = own.entry;
	to->place = own.place;
	to->tags = own.tags;
	to->lot = own.lot;
	to->lots = own.lots;
}

int ftl_buffer_save(const struct ftl_buffer *b, FILE *out, struct err *e)
{
	struct ftl_buffer x;
	memset(&x, 0, sizeof(x));
	take(&x, b);
	if (blk_save_bytes(out, &x, sizeof(x), e) < 0 ||
	    blk_save_bytes(out, b->entry, b->entries * sizeof(*b->entry), e) < 0)
		return -1;
	return blk_save_bytes(out, b->place, sizeof(*b->place) << b->place_bits, e);
}

static bool in_range(const struct ftl_buffer *b, uint32_t i) { return i == FTL_BUFFER_NONE || i < b->entries; }

static bool list_in_range(const struct ftl_buffer *b, const struct ftl_buffer_list *l)
{
	return in_range(b, l->head) && in_range(b, l->tail);
}

/* Every number names an entry there is; at rest none is dirty, in flight or pinned. */
static bool is_possible(const struct ftl_buffer *b)
{
	bool good = list_in_range(b, &b->clean) && list_in_range(b, &b->waiting) && list_in_range(b, &b->age) && in_range(b, b->free);
	for (uint32_t i = 0; i < b->entries; i++) {
		const struct ftl_buffer_entry *x = &b->entry[i];
		good = good && in_range(b, x->other) && !x->user && x->pins == 0 && x->state <= FTL_BUFFER_CLEAN &&
			(x->state == FTL_BUFFER_FREE || x->lot == FTL_BUFFER_NONE);
		for (int k = 0; k < FTL_BUFFER_LINKS; k++)
			good = good && in_range(b, x->link[k].before) && in_range(b, x->link[k].after);
	}
	for (size_t i = 0; i < (size_t)1 << b->place_bits; i++)
		good = good && in_range(b, b->place[i]);
	return good;
}

int ftl_buffer_load(struct ftl_buffer *b, FILE *in, struct err *e)
{
	struct ftl_buffer x;
	if (blk_load_bytes(in, &x, sizeof(x), e) < 0)
		return -1;
	if (x.entries != b->entries || x.place_bits != b->place_bits || x.unit_sectors != b->unit_sectors || x.units != b->units)
		return err_set(e, ERR_CONFIG, "the saved state is of a buffer configured otherwise");
	take(b, &x);
	if (blk_load_bytes(in, b->entry, b->entries * sizeof(*b->entry), e) < 0 ||
	    blk_load_bytes(in, b->place, sizeof(*b->place) << b->place_bits, e) < 0)
		return -1;
	return is_possible(b) ? 0 : err_set(e, ERR_CONFIG, "the saved state of the buffer is damaged");
}
