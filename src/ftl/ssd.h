/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The solid-state drive as a block device: front, buffer, translation layer, scheduler and flash put together.
 *
 * A command comes from the front. A read takes from the buffer what is there and the rest from flash, one transaction for each
 * page; a write goes into the buffer, unit by unit, and waits there for room. Units are programmed when the buffer's watermarks, a
 * flush, a FUA write or an idle time want it; a unit of which a part was written is read first. Units are gathered into
 * what one program takes (a page, or the pages of a wordline); what a flush cannot wait for is padded. Of each frontier and
 * plane one program is under way at a time, so that the pages of a block are programmed in order.
 *
 * Garbage collection runs by region as the translation layer wants it (ftl.h), a bounded number of moves at a time; a victim is
 * erased when its copies are in flash, and behind whatever reads it (the scheduler lets no erase overtake a read).
 *
 * What the model leaves out stands in doc/FIDELITY.md.
 */
#ifndef QUERN_FTL_SSD_H
#define QUERN_FTL_SSD_H

#include "blk/dev.h"
#include "flash/spec.h"
#include "ftl/spec.h"

struct ftl_ssd_gc_spec {
	int64_t moves;          /* of a region, under way at a time: transactions of its stripe */
	bool copyback;          /* inside a plane, where the flash can */
};

enum ssd_pattern { SSD_UNIFORM, SSD_ZIPF, SSD_HOT_COLD, SSD_TRACE };
enum ssd_range { SSD_RANGE_ERROR, SSD_RANGE_WRAP };

struct ssd_precondition_spec {
	double fill;            /* of the logical units, the first ones, in order */
	double overwrite;       /* of the logical units, how many times */
	double span;            /* of the logical units: the overwrites go to so many, the first ones */
	int pattern;            /* enum ssd_pattern */
	double theta;           /* of zipf */
	double hot_writes, hot_units;
	char *trace, *format;   /* of trace; format "": detected */
	int trace_range;        /* enum ssd_range */
	int64_t seed;           /* of what is drawn before the run; -1: the run's */
};

struct ssd_spec {
	char *name;
	struct opt_list namespaces; /* bytes of each; none: the drive is one */
	struct flash_spec flash;
	struct ftl_spec ftl;
	struct ftl_sched_spec sched;
	struct front_spec front;
	struct ftl_buffer_spec buffer;
	struct ftl_ssd_gc_spec moves;
	struct ftl_mount_spec mount;
	struct ssd_precondition_spec precondition;
	int64_t idle_flush_ps;  /* nothing to do for so long: the buffer is written */
	int64_t power_up_ps;    /* from power to the first command served */
};

extern const struct opt_group ssd_options; /* binds struct ssd_spec */
extern const struct blk_dev_ops ssd_ops;   /* name "ssd" */

#endif
