/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files of requests for devices that are preconditioned from them (`pattern: trace`): what trace/ reads, in the words of
 * blk/dev.h, since a device room cannot include trace/.
 *
 * Only reads, writes, trims and flushes come through as they are; times are left out. Errors name file and line.
 */
#ifndef QUERN_RUN_PAST_H
#define QUERN_RUN_PAST_H

#include "blk/dev.h"

extern const struct blk_streams past_streams;

#endif
