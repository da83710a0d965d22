/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The fixed device: every request takes the same time, any number at once, what is acknowledged is durable, and a write
 * happens at its end or, where the power goes before, not at all. For what should
 * show the host alone: faults, schedules, logs, without the course of a medium.
 */
#ifndef QUERN_BLK_FIXED_H
#define QUERN_BLK_FIXED_H

#include "blk/dev.h"

struct fixed_dev_spec {
	char *name;
	int64_t latency_ps;      /* of everything but writes and trims */
	int64_t write_latency_ps; /* of writes and trims; 0: latency */
	int64_t capacity_bytes;
	int64_t power_up_ps;
};

extern const struct blk_dev_ops fixed_dev_ops;

#endif
