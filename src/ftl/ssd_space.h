/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Namespaces of the drive (the option `namespaces`; blk/space.h is what a host sees of them). They are parts of its logical
 * addresses, one after the other; everything behind these is shared.
 */
#ifndef QUERN_FTL_SSD_SPACE_H
#define QUERN_FTL_SSD_SPACE_H

#include "blk/dev.h"

struct ssd_spaces {
	uint32_t count;  /* 0: the drive is one namespace */
	uint64_t *end;   /* sector behind number i, from 1; end[0] is 0 */
};

/* blk_dev_ops.space: of a struct ssd_spec. */
uint64_t ssd_space(const void *spec, uint32_t nsid);

/* sectors: of the drive; unit_sectors: which the sizes must be multiples of. 0, or -1 with a sentence. */
int ssd_spaces_open(struct ssd_spaces *n, const struct blk_dev *dev, const struct opt_list *list, uint64_t sectors,
	uint32_t unit_sectors, struct err *e);

/* BLK_OK, BLK_INVALID_NAMESPACE or BLK_OUT_OF_RANGE. Without namespaces the numbers 0 and 1 name the drive. */
enum blk_status ssd_space_status(const struct ssd_spaces *n, const struct blk_req *r);

#endif
