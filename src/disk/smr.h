/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Shingled recording: which accesses of the medium a host's access becomes.
 *
 * On a shingled medium a track overlaps the next one, so a band of tracks can only be written from
 * its beginning to its end. Two kinds of drive live with that:
 *  - host-managed: the host keeps to the rule, zone by zone, and gets an error when it does not
 *    (smr_host.h; INCITS 536, ZBC);
 *  - drive-managed: the drive collects writes in a media cache, a log of its own, and later cleans the
 *    bands they belong to (smr_media_cache.h; Aghayev & Desnoyers, "Skylight - A Window on Shingled
 *    Disk Operation", FAST 2015).
 *
 * This is a state machine that knows no time. It turns a range of the host's into a plan: steps that
 * read or write a stretch of the medium, in order. The timed disk runs them on its mechanics and says
 * of each written step when it has landed. What a power cut leaves follows from that alone: what
 * landed is kept, with the maps that go with it.
 *
 *	struct smr_plan p;
 *	for (uint32_t done = 0; done < n; done += p.covered) {
 *		if (smr_write(s, lba + done, n - done, &p) != BLK_OK)
 *			... refused, nothing to undo: the first call decides for the whole range
 *		for (uint32_t i = 0; i < p.steps; i++) {
 *			... write p.step[i].sectors at p.step[i].lbn; then, when they are on the medium,
 *			smr_landed(s, &p.step[i], p.step[i].sectors);
 *		}
 *	}
 *
 * The whole course may be planned before its first step has landed: what a plan takes of the medium
 * is taken when it is made. Steps land in the order in which they were planned. A read is to be
 * planned when every write planned before it has landed.
 *
 * A drive-managed disk must clean before a write while smr_must_clean() says so, and may clean when
 * idle while smr_may_clean(): it calls smr_clean() for the next few steps, runs them, reports the
 * written ones as landed, calls smr_clean_done(), and may serve commands before it goes on.
 *
 * Host addresses are `lba`; `lbn` is an address of disk/geom.h, which knows nothing of all this.
 * Sectors of 512 bytes. Owner: the arena. Nothing is allocated after smr_new().
 */
#ifndef QUERN_DISK_SMR_H
#define QUERN_DISK_SMR_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "blk/req.h"
#include "disk/spec.h"
#include "sim/arena.h"
#include "sim/err.h"

struct smr;

#define SMR_STEPS 16

enum smr_kind_of_step {
	SMR_STEP_READ,
	SMR_STEP_PLACE,  /* write the host's data where its band or zone has them */
	SMR_STEP_LOG,    /* append them to the media cache: nothing of it counts until all has landed */
	SMR_STEP_CLEAN,  /* a write of cleaning: no data of the host's in flight */
};

struct smr_step {
	uint64_t lbn;
	uint64_t lba;      /* of the first sector of data; without meaning for SMR_STEP_CLEAN */
	uint32_t sectors;  /* all of it, the lead included */
	uint32_t lead;     /* sectors before the data: the log's record */
	uint8_t kind;      /* enum smr_kind_of_step */
	bool destroys;     /* SMR_STEP_PLACE over older data: what is behind the head is lost too, up to
	                    * the step's end, if it does not land whole */
	uint64_t stamp;    /* private */
};

struct smr_plan {
	struct smr_step step[SMR_STEPS];
	uint32_t steps;
	uint32_t covered;  /* sectors of the host's range that these steps serve: > 0 */
};

/* What shingling did, for reports. Sectors, unless it says otherwise. */
struct smr_counts {
	uint64_t placed, logged;         /* host data that landed in place, and in the media cache */
	uint64_t records;                /* of the log */
	uint64_t clean_reads, clean_writes;
	uint64_t cleaned_bands;          /* bands */
	uint64_t refused;                /* commands with a zone error */
	uint64_t resets;                 /* zones */
};

/* For a medium of so many sectors. spec->model is not SMR_NONE. NULL with *e set when it cannot be. */
struct smr *smr_new(struct arena *a, const struct disk_smr_spec *spec, uint64_t medium_sectors, struct err *e);

bool smr_host_managed(const struct smr *s);
/* What the host sees: capacity, and the size of a zone (0: not zoned). */
uint64_t smr_sectors(const struct smr *s);
uint32_t smr_zone_sectors(const struct smr *s);

/*
 * The steps of the first sectors of a read or a write; call again for the rest. lba + sectors is within
 * the capacity. Not BLK_OK: the command is refused (the names of ZBC, see blk/req.h), and nothing has
 * changed. Of the reads, O(steps x log extents).
 */
enum blk_status smr_read(struct smr *s, uint64_t lba, uint32_t sectors, struct smr_plan *p);
/* The write needs no cleaning (smr_must_clean). */
enum blk_status smr_write(struct smr *s, uint64_t lba, uint32_t sectors, struct smr_plan *p);
/* A zone operation on the zone that begins at lba; takes no medium step. On BLK_OK of a reset,
 * *void_lba and *void_sectors are what no longer holds data (0 sectors: nothing). */
enum blk_status smr_zone_op(struct smr *s, enum blk_op op, uint64_t lba, uint64_t *void_lba, uint64_t *void_sectors);

/* The first `sectors` of a planned write step are on the medium: all of it, or, at a power cut, fewer. */
void smr_landed(struct smr *s, const struct smr_step *step, uint32_t sectors);
/*
 * The power goes: after smr_landed() of the step in flight, if any. What was planned and has not landed
 * never happens; open zones are closed.
 */
void smr_power_cut(struct smr *s);

/* ---- cleaning: never on a host-managed drive --------------------------------------------------- */

/* A write of this range has to wait until cleaning made room. */
bool smr_must_clean(struct smr *s, uint64_t lba, uint32_t sectors);
/* There is something to clean. */
bool smr_may_clean(const struct smr *s);
/* The next steps; p->covered is 0. No steps: smr_may_clean() is false. */
void smr_clean(struct smr *s, struct smr_plan *p);
/* The steps of the last smr_clean() have all been run. */
void smr_clean_done(struct smr *s);

/* ---- questions ------------------------------------------------------------------------------------ */

const struct smr_counts *smr_counts(const struct smr *s);
/* They begin anew. */
void smr_forget(struct smr *s);
/* CSV: zones with condition and write pointer, as REPORT ZONES; or the bands that hold data in the
 * media cache. */
void smr_write_table(const struct smr *s, FILE *out);
/* Share of the media cache in use; 0 on a host-managed drive. */
double smr_cache_fill(const struct smr *s);

/* State as bytes, when nothing planned is still to land; see blk/dev.h. */
int smr_save(const struct smr *s, FILE *out, struct err *e);
int smr_load(struct smr *s, FILE *in, struct err *e);

#endif
