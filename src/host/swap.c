/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The swap area: slots, clusters, trims. */
#include "host/host_private.h"

#include <inttypes.h>

int host_swap_open(struct host_swap *sw, struct arena *a, const struct host_region *region, const struct host_spec *spec, bool tags,
	struct err *e)
{
	*sw = (struct host_swap){.region = region, .spec = &spec->swap, .page_sectors = (uint32_t)(spec->page_bytes / SECTOR_BYTES)};
	if (!region || spec->swap.bytes == 0)
		return 0;
	struct blk_identity id = {0};
	region->dev->ops->identify(region->dev, &id);
	sw->discard = id.trims ? spec->swap.discard : HOST_DISCARD_NONE;
	uint64_t slots = (uint64_t)(spec->swap.bytes / spec->page_bytes), cluster = (uint64_t)spec->swap.cluster;
	if (slots * sw->page_sectors > region->sectors)
		return err_set(e, ERR_CONFIG, "host.swap.size: %" PRId64 " bytes do not fit in area %s of %" PRIu64 " bytes", spec->swap.bytes,
			region->name, region->sectors * SECTOR_BYTES);
	if (slots >= HOST_PLACE_BUSY)
		return err_set(e, ERR_CONFIG, "host.swap.size: %" PRIu64 " slots are more than the %" PRIu32 " that can be numbered", slots,
			HOST_PLACE_BUSY - 1);
	sw->slots = sw->free = (uint32_t)slots;
	sw->clusters = (uint32_t)((slots + cluster - 1) / cluster);
	sw->slot = arena_array(a, slots, sizeof(*sw->slot));
	sw->used = arena_array(a, slots / 64 + 1, sizeof(uint64_t));
	sw->written = arena_array(a, slots / 64 + 1, sizeof(uint64_t));
	sw->cluster_used = arena_array(a, sw->clusters, sizeof(*sw->cluster_used));
	sw->content = tags ? arena_array(a, slots, sizeof(uint64_t)) : NULL;
	if (!sw->slot || !sw->used || !sw->written || !sw->cluster_used || (tags && !sw->content))
		return err_set(e, ERR_LIMIT, "host.swap.size: no memory for %" PRIu64 " slots", slots);
	return 0;
}

/* A cluster without a slot in use becomes the present one; false: there is none. */
static bool next_cluster(struct host_swap *sw)
{
	uint32_t size = (uint32_t)sw->spec->cluster;
	for (uint32_t tries = 0; tries < sw->clusters; tries++) {
		uint32_t i = sw->cluster_turn;
		sw->cluster_turn = i + 1 == sw->clusters ? 0 : i + 1;
		if (sw->cluster_used[i] > 0)
			continue;
		sw->next = i * size;
		sw->cluster_end = sw->slots - sw->next < size ? sw->slots : sw->next + size;
		return true;
	}
	return false;
}

/* The first free slot from sw->next to the end of the cluster, or that end. */
static inline uint32_t free_in_cluster(const struct host_swap *sw)
{
	for (uint32_t at = sw->next; at < sw->cluster_end; at = (at | 63) + 1) {
		uint64_t free = ~sw->used[at / 64] >> at % 64;
		if (free) {
			at += (uint32_t)__builtin_ctzll(free);
			return at < sw->cluster_end ? at : sw->cluster_end;
		}
	}
	return sw->cluster_end;
}

/* The first free slot at or behind sw->next, round the area; there is one. */
static uint32_t scan(struct host_swap *sw)
{
	uint32_t words = sw->slots / 64 + 1, w = sw->next / 64;
	uint64_t free = ~sw->used[w] & ~UINT64_C(0) << sw->next % 64;
	for (;;) {
		uint32_t slot = free ? w * 64 + (uint32_t)__builtin_ctzll(free) : UINT32_MAX;
		if (slot < sw->slots)
			return slot;
		w = w + 1 == words ? 0 : w + 1;
		free = ~sw->used[w];
	}
}

uint32_t host_swap_take(struct host_swap *sw)
{
	if (sw->free == 0)
		return HOST_NO_SLOT;
	uint32_t slot;
	for (;;) {
		slot = free_in_cluster(sw);
		if (slot < sw->cluster_end)
			break;
		sw->next = sw->next < sw->cluster_end ? sw->cluster_end : sw->next;
		if (!sw->scattered && next_cluster(sw))
			continue;
		sw->scattered = true; /* until a cluster comes free */
		if (sw->next >= sw->slots)
			sw->next = 0;
		slot = scan(sw);
		break;
	}
	sw->next = slot + 1;
	bits_add(sw->used, slot);
	bits_drop(sw->written, slot);
	sw->cluster_used[slot / (uint32_t)sw->spec->cluster]++;
	sw->free--;
	return slot;
}

static void slots_free(struct host_swap *sw, uint32_t first, uint32_t count)
{
	uint32_t cluster = first / (uint32_t)sw->spec->cluster;
	for (uint32_t i = first; i < first + count; i++)
		bits_drop(sw->used, i);
	sw->free += count;
	sw->cluster_used[cluster] -= count;
	if (sw->cluster_used[cluster] == 0)
		sw->scattered = false;
}

static void trimmed(void *owner, uint64_t arg, enum blk_status status)
{
	struct host *h = owner;
	uint32_t first = (uint32_t)arg, count = (uint32_t)(arg >> 32);
	h->n.io_errors += status != BLK_OK;
	h->swap.trimming -= count;
	slots_free(&h->swap, first, count);
	if (h->waiters)
		host_balance(h);
}

static void trim(struct host *h, uint32_t first, uint32_t count)
{
	struct host_swap *sw = &h->swap;
	sw->trimming += count;
	h->n.slots_trimmed += count;
	host_io_trim(h->io, sw->region, (uint64_t)first * sw->page_sectors, count * sw->page_sectors,
		(struct host_io_then){trimmed, h, (uint64_t)count << 32 | first});
}

void host_swap_free(struct host *h, uint32_t slot)
{
	struct host_swap *sw = &h->swap;
	h->n.slots_freed++;
	bits_drop(sw->written, slot);
	if (sw->discard == HOST_DISCARD_NONE) {
		slots_free(sw, slot, 1);
		return;
	}
	if (sw->discard == HOST_DISCARD_PAGES) {
		trim(h, slot, 1);
		return;
	}
	uint32_t size = (uint32_t)sw->spec->cluster, cluster = slot / size, first = cluster * size;
	slots_free(sw, slot, 1);
	if (sw->cluster_used[cluster] > 0)
		return;
	uint32_t count = sw->slots - first < size ? sw->slots - first : size;
	for (uint32_t i = first; i < first + count; i++)
		bits_add(sw->used, i);
	sw->free -= count;
	sw->cluster_used[cluster] = count;
	trim(h, first, count);
}

int host_swap_check(const struct host *h, struct err *e)
{
	const struct host_swap *sw = &h->swap;
	uint32_t used = 0;
	for (uint32_t i = 0; i < sw->slots; i++) {
		uint32_t frame = host_place_get(&sw->slot[i].place);
		bool wanted = sw->slot[i].refs > 0 || frame != HOST_NO_FRAME;
		used += bits_has(sw->used, i);
		if (wanted && !bits_has(sw->used, i))
			return err_set(e, ERR_CHECK, "swap slot %" PRIu32 " is free, but %u entries name it", i, (unsigned)sw->slot[i].refs);
		if (frame < h->frames && h->frame[frame].slot != i)
			return err_set(e, ERR_CHECK, "swap slot %" PRIu32 " is held by frame %" PRIu32 ", which does not know it", i, frame);
		if (!wanted && bits_has(sw->used, i) && sw->trimming == 0)
			return err_set(e, ERR_CHECK, "swap slot %" PRIu32 " is in use for nobody", i);
	}
	if (sw->trimming == 0 && h->n.slots_taken - h->n.slots_freed != used)
		return err_set(e, ERR_CHECK, "%" PRIu64 " swap slots were taken and %" PRIu64 " freed, and %" PRIu32 " are in use",
			h->n.slots_taken, h->n.slots_freed, used);
	if (used + sw->free != sw->slots)
		return err_set(e, ERR_CHECK, "%" PRIu32 " swap slots in use and %" PRIu32 " free are not %" PRIu32, used, sw->free, sw->slots);
	return 0;
}
