/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The magnetic disk as a block device.
 *
 * One command is in service at a time; the drive looks at `queue_depth` waiting ones and its
 * scheduler chooses. A command's whole course (overhead, positioning, rotation, transfer,
 * bus) is worked out when it starts, from the exact state of arm, spindle and buffer, and
 * one event completes it. Background reading costs no events; a write that was acknowledged
 * from the buffer keeps the medium until its own event.
 *
 * What the model leaves out stands in doc/FIDELITY.md.
 */
#ifndef QUERN_DISK_DISK_H
#define QUERN_DISK_DISK_H

#include "blk/dev.h"

extern const struct blk_dev_ops disk_ops; /* name "disk"; spec: struct disk_spec */

#endif
