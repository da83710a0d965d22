/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Namespaces of the drive: where they lie, and the two statuses with which NVMe refuses what does not belong to one (NVM Express
 * Base Specification 1.4, figure 126): Invalid Namespace or Format (00h/0Bh), LBA Out of Range (00h/80h).
 */
#include "ftl/ssd_space.h"

#include <inttypes.h>

#include "ftl/ssd.h"

uint64_t ssd_space(const void *spec, uint32_t nsid)
{
	const struct opt_list *l = &((const struct ssd_spec *)spec)->namespaces;
	return nsid >= 1 && nsid <= l->count ? (uint64_t)l->values[nsid - 1].i / SECTOR_BYTES : 0;
}

int ssd_spaces_open(struct ssd_spaces *n, const struct blk_dev *dev, const struct opt_list *list, uint64_t sectors,
	uint32_t unit_sectors, struct err *e)
{
	n->count = (uint32_t)list->count;
	n->end = arena_array(dev->sim->arena, list->count + 1, sizeof(*n->end));
	if (!n->end)
		return err_set(e, ERR_LIMIT, "no memory for the namespaces of device %s", dev->name);
	for (uint32_t i = 1; i <= n->count; i++) {
		int64_t bytes = list->values[i - 1].i;
		uint64_t size = (uint64_t)bytes / SECTOR_BYTES;
		if (bytes % ((int64_t)unit_sectors * SECTOR_BYTES) != 0)
			return err_set(e, ERR_CONFIG, "%s.namespaces: number %" PRIu32 " has %" PRId64 " bytes: want a multiple of what the "
				"drive writes at once, %" PRIu32, dev->name, i, bytes, unit_sectors * SECTOR_BYTES);
		if (size > sectors - n->end[i - 1])
			return err_set(e, ERR_CONFIG, "%s.namespaces: up to number %" PRIu32 " they have more than the drive, %" PRIu64 " bytes",
				dev->name, i, sectors * SECTOR_BYTES);
		n->end[i] = n->end[i - 1] + size;
	}
	return 0;
}

enum blk_status ssd_space_status(const struct ssd_spaces *n, const struct blk_req *r)
{
	if (r->op == BLK_FLUSH && r->nsid == BLK_ALL_SPACES)
		return BLK_OK;
	if (n->count == 0)
		return r->nsid <= 1 ? BLK_OK : BLK_INVALID_NAMESPACE;
	if (r->nsid < 1 || r->nsid > n->count)
		return BLK_INVALID_NAMESPACE;
	if (!blk_op_has_range(r->op))
		return BLK_OK;
	return r->lba >= n->end[r->nsid - 1] && r->lba + r->sectors <= n->end[r->nsid] ? BLK_OK : BLK_OUT_OF_RANGE;
}
