/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A namespace of a device as a block device of its own, as a host sees it (NVM Express Base Specification, "Namespace"):
 * addresses from 0 on, a size, statistics. What is submitted to it goes on to the device at once, with the namespace's first
 * sector added and nsid set, and comes back through its own counters; it costs no time and no event. All namespaces share
 * what the device has: queues, buffer, flash.
 *
 * Which namespaces there are says the device's model (blk_dev_ops.space). They lie one after the other from sector 0 on, and
 * are numbered from 1. A flush goes on with its nsid; the device may flush more. A barrier separates the requests of its
 * namespace alone.
 *
 * Power, a saved state, the tag oracle, reports and blame are the device's: a cut or a restore here is one of the device.
 * The status of a namespace has no dirty sectors: only the device knows them.
 *
 * Owner: the sim arena. Memory: 96 bytes for each request in flight, two histograms for each namespace.
 */
#ifndef QUERN_BLK_SPACE_H
#define QUERN_BLK_SPACE_H

#include "blk/dev.h"
#include "sim/hist.h"

struct blk_space {
	struct blk_dev dev;      /* first */
	struct blk_dev *device;  /* borrowed */
	uint64_t first;          /* sector of the device */
	uint32_t nsid;
	struct pool calls;       /* requests inside the device */
	struct hist read, write; /* latencies from the intended arrival to the completion, of what ended with BLK_OK */
};

/* How many namespaces a device of these bound options has; 0: it is one device. */
uint32_t blk_spaces(const struct blk_dev_ops *ops, const void *spec);

/* Opens number nsid, from 1, of an open device; its name is as Linux makes it: "ssd0n1". NULL with a sentence: no memory. */
struct blk_dev *blk_space_open(struct sim *s, struct blk_dev *device, uint32_t nsid, struct err *e);

/* The namespace that a device is, or NULL. */
const struct blk_space *blk_space_of(const struct blk_dev *dev);

#endif
