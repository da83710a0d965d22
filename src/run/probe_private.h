/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of a probe share: the device, one request at a time, and what is known so far. */
#ifndef QUERN_RUN_PROBE_PRIVATE_H
#define QUERN_RUN_PROBE_PRIVATE_H

#include <math.h>
#include <stdbool.h>

#include "run/probe.h"
#include "run/system.h"
#include "sim/rng.h"

struct probe {
	struct probe_result *out;
	struct sim *sim;
	struct blk_dev *dev;
	struct rng *rng;
	bool broken;           /* the simulation stopped, or memory ran out */
	enum blk_status status; /* of the last request */
	uint64_t limit;        /* sectors that can be read */
	/* found on the way; 0: not (yet) found */
	double turn_ps;
	double still_ps;       /* from one completion to the next without positioning, less the sector */
	bool reads_only;       /* the arm is put in place by reads, since writes do not go there */
	uint32_t most_spt;
	uint32_t heads;        /* tracks of a cylinder in LBN order */
	double head_switch_ps, cylinder_switch_ps;
	uint64_t band;         /* tracks along one surface before the next one; 0: cylinder by cylinder */
	bool switch_by_skew;   /* cylinders are told by their skew, not by the time of the switch */
};

#define PROBE_SAME_PS 20000.0 /* times closer than this are the same rotational position */

/* ---- probe.c: requests ------------------------------------------------------------------- */

/* Issue one request now and wait for it. Returns its completion time; p->status its status. */
time_ps probe_do(struct probe *p, enum blk_op op, uint64_t lba, uint32_t sectors, uint8_t flags);
/* One sector from the medium, whatever is buffered. */
time_ps probe_medium(struct probe *p, uint64_t lba);
/* Response of a plain read or write of n sectors. */
time_ps probe_response(struct probe *p, enum blk_op op, uint64_t lba, uint32_t sectors);
void probe_idle(struct probe *p, double ps);
/* Off and on again: the buffer is empty, the arm somewhere. */
void probe_power_cycle(struct probe *p);
/* From completion to completion, how far apart two sectors pass under the heads: [0, turn). */
double probe_gap(struct probe *p, uint64_t a, uint64_t b);
/* Whether a read of lba now is served from the buffer: its end is not where the medium's would be. */
bool probe_from_buffer(struct probe *p, uint64_t lba);
/* Shortest time between the end of an access to a and the end of a read of b that is asked for
 * after it: what the drive needs to be ready, and the sector. To 0.1 us; where the arm is placed by
 * reads, to a sector's time, and b must be the first of its track. */
double probe_catch(struct probe *p, uint64_t a, uint64_t b);
/* Of it, what is there without any positioning, less the sector. */
double probe_still(struct probe *p, uint64_t at);
/* The same, less what it takes without any positioning: seek, switch and settle alone. */
double probe_position(struct probe *p, uint64_t a, uint64_t b);
/* Whether b needs no positioning after a. */
bool probe_same_track(struct probe *p, uint64_t a, uint64_t b);

struct probe_figure *probe_found(struct probe *p, const char *key, const char *text, const char *unit,
	double measured, const char *method);
struct probe_figure *probe_missed(struct probe *p, const char *key, const char *text, const char *unit,
	const char *method, const char *why);
/* A new row at the end, or NULL when the list is full. */
void *probe_row(struct probe *p, struct probe_list *l, size_t bytes);

/* ---- the parts --------------------------------------------------------------------------- */

void probe_rotation(struct probe *p);
void probe_zones(struct probe *p);
uint32_t probe_spt(struct probe *p, uint64_t lba);
const struct probe_zone *probe_zone_of(const struct probe *p, uint64_t lba);
void probe_tracks(struct probe *p);
/* The first LBN of the next track, of the next cylinder, after lba. */
uint64_t probe_next_track(struct probe *p, uint64_t lba);
uint64_t probe_next_cylinder(struct probe *p, uint64_t lba);
/* Where LBNs run along one surface and back along another: how many tracks they run; else 0. */
uint64_t probe_find_band(struct probe *p);
/* How many cylinders there are; looks for spare ones between zones on the way. */
uint64_t probe_count_cylinders(struct probe *p);
/* The number of the cylinder that begins at this LBN; a place a little before a cylinder. */
uint64_t probe_cylinder_at(const struct probe *p, uint64_t first);
uint64_t probe_lbn_before(const struct probe *p, uint64_t cylinder);
/* Positioning from an LBN to the nearest track of the cylinder that begins at `to`; infinite: none. */
double probe_cylinder_position(struct probe *p, uint64_t from, uint64_t to);
void probe_seeks(struct probe *p);
void probe_cache(struct probe *p);
void probe_bursts(struct probe *p);
void probe_depths(struct probe *p);
/* Put beside each figure what is configured. */
void probe_truth(struct probe_result *r);
/* Seek time in ms that the device's own table gives for a distance; NaN where it has none. */
double probe_truth_seek(const struct probe_result *r, uint32_t cylinders);

#endif
