/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measuring a simulated disk from outside, as microbenchmark papers measure real ones: by
 * issuing requests through the block-device contract and looking at completion times.
 * Nothing of the method reads the configuration; what the configuration says is put beside
 * the result at the end (probe_truth.c).
 *
 * Sources of the methods: Worthington, Ganger, Patt & Wilkes, "On-line extraction of SCSI disk
 * drive parameters", SIGMETRICS 1995 (MTBRC: the minimum time between request completions);
 * Schindler & Ganger, "Automated disk drive characterization", CMU-CS-99-176 (DIXtrac);
 * Talagala, Arpaci-Dusseau & Patterson, "Microbenchmark-based extraction of local and global
 * disk characteristics", UCB/CSD-99-1063 (Skippy); Gim & Won, "Extract and infer quickly: obtaining
 * sector geometry of modern hard disk drives", ACM Trans. Storage 6(2), 2010 (DIG).
 *
 * Two things a simulation allows make the figures exact where the papers need statistics: the
 * pause before a request is chosen to the picosecond, and a power cycle empties the buffer.
 *
 * Deviation from MTBRC: instead of trying targets at all rotational offsets, one target is asked
 * for after longer and longer pauses; the longest pause after which it is still caught in the
 * same turn leaves exactly the positioning time.
 *
 * A device of which reads of what was never written cost nothing of the medium (blk_dev_ops.fill_option) is written full first, as
 * whoever measures a real one does; where the plan gives it a past, or says that it has none, that holds.
 *
 * Owner: probe_free(). Errors: ERR_CONFIG and so on as the plan's parts report them, ERR_LIMIT.
 */
#ifndef QUERN_RUN_PROBE_H
#define QUERN_RUN_PROBE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "run/plan.h"
#include "run/rundir.h"

/* One number that was looked for. NaN: not found (`note` says why), or not configured. */
struct probe_figure {
	const char *key;      /* in probe.json: "rotation_ms" */
	const char *text;     /* for people: "one turn" */
	const char *unit;     /* "ms", "" for a count, "yes" for a yes or no */
	const char *method;   /* one sentence */
	double measured, configured;
	const char *note;     /* a sentence, or NULL */
};

/* Rows of the files in probe/; each struct is a row. */
struct probe_turn { double pause_ms, interval_ms; };                    /* rotation.csv */
struct probe_zone {                                                     /* zones.csv */
	uint64_t first_lbn, lbns;
	uint32_t spt;
	double track_skew, cylinder_skew;  /* sectors; NaN: not found */
	double bytes_per_s;                /* of the medium, skews included */
	uint32_t spare_cylinders;          /* after it: cylinders without LBNs */
};
struct probe_track { uint64_t lbn; double skew, switch_ms; };           /* tracks.csv */
struct probe_burst { uint64_t lbn; double bytes_per_s; };               /* bandwidth.csv */
struct probe_seek { uint32_t cylinders; uint64_t from_lbn, to_lbn; double ms; };  /* seek.csv */
struct probe_ahead { double wait_ms; uint64_t ahead, behind; };         /* cache.csv */
struct probe_hit { uint32_t sectors; double read_ms, write_ms; };       /* hits.csv */
struct probe_depth { uint32_t depth; double iops; };                    /* depth.csv */

#define PROBE_FIGURES 48
#define PROBE_ROWS 1024

struct probe_list { void *row; size_t count; };  /* PROBE_ROWS rows at most, in the arena */

struct probe_result {
	struct arena *arena;     /* owned */
	struct system *system;   /* owned: the device, for its own tables */
	const struct plan *plan; /* borrowed */
	uint64_t sectors;        /* capacity */
	uint64_t requests;       /* issued in all */
	double simulated_s;
	struct probe_figure figure[PROBE_FIGURES];
	size_t figure_count;
	char past[320];          /* what the device had been through; "": that does not matter to reads */
	struct probe_list turns, zones, tracks, bursts, seeks, aheads, hits, depths;
};

/* Measure the plan's first device. NULL with *e set. */
struct probe_result *probe_run(const struct plan *p, struct err *e);
void probe_free(struct probe_result *r); /* NULL is legal */

/* By key, or NULL. */
const struct probe_figure *probe_figure_find(const struct probe_result *r, const char *key);

/* Two columns for people. */
void probe_text(const struct probe_result *r, FILE *out);
/* The figures with their methods as JSON; 0, or -1 when memory is exhausted. */
int probe_json(const struct probe_result *r, FILE *out);
/* probe.json, probe/X.csv and the device's own tables hist/X.csv. 0 or -1 with *e set. */
int probe_write(const struct probe_result *r, struct rundir *d, struct err *e);

#endif
