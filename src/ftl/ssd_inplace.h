/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The solid-state drive without remapping (ftl.map.scheme none): every logical page has its place for good, and a write takes
 * the operations of inplace.h, one after the other. ssd_open() hands its device over to it.
 *
 * Requests of one block go in their order. Writes that wait for their block are one update when its turn comes: from the first of
 * their pages to the last. Data count when they are in flash: there is no cache to be flushed. A trim writes zeros, as
 * write-zeroes.
 *
 * A power cut between an update's erase and its end loses the block's pages, those that were not written too; with capacitors
 * (buffer.protected) the update is brought to its end.
 */
#ifndef QUERN_FTL_SSD_INPLACE_H
#define QUERN_FTL_SSD_INPLACE_H

#include "blk/dev.h"
#include "ftl/ssd.h"

extern const struct blk_dev_ops ssd_inplace_ops; /* name "ssd"; its state is at most as large as ssd_ops says */

#endif
