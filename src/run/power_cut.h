/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A power cut during a run (replay.power_cut): from the start every device keeps the content-tag
 * oracle; at the stated time the power of all of them goes, no further request is taken, and what had
 * been acknowledged and is lost stands here, for lost.csv and the summary.
 *
 * Owner: power_cut_free(). Memory: that of the oracle (blk/tag.h), and 48 bytes for each lost stretch.
 */
#ifndef QUERN_RUN_POWER_CUT_H
#define QUERN_RUN_POWER_CUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "blk/dev.h"
#include "sim/err.h"
#include "trace/replay.h"

/* Neighbouring sectors acknowledged at the same time and alike. */
struct power_loss {
	uint64_t lba, sectors;
	time_ps acked_ps;
	uint32_t device;   /* index */
	bool in_flight;    /* the medium was writing it: old, new or torn */
};

struct power_cut {
	struct event event;
	struct blk_dev *const *dev; /* borrowed */
	size_t count;
	struct replay *replay;      /* borrowed; set before the event */
	struct blk_tags **tags;     /* owned; one each */
	bool happened, failed;      /* failed: memory ran out */
	time_ps at_ps;
	struct power_loss *loss;    /* owned */
	size_t losses, room;
	uint64_t lost_sectors, in_flight_sectors;
	time_ps oldest_ps;          /* acknowledged; -1: nothing is lost */
	uint32_t device;            /* being cut */
};

/* Switch the oracle on in all devices, and cut at `at`. NULL: no memory. */
struct power_cut *power_cut_new(struct sim *s, struct blk_dev *const *dev, size_t count, time_ps at);
void power_cut_free(struct power_cut *c); /* NULL is legal */

/* device,lba,sectors,acked_ns,age_ns,state; in the order of devices and LBAs. */
void power_cut_csv(const struct power_cut *c, FILE *out);

#endif
