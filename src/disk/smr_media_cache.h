/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Drive-managed shingling: a media cache in front of bands, mapped statically.
 *
 * The host's addresses are divided into bands of equal size, each at a place of its own. A band holds
 * data in place up to its `fill`. A write goes in place only if nothing that the band must keep lies
 * behind it and it leaves no gap, that is, if it begins within the fill and reaches its end; and then only
 * if it continues a sequential stream, or is the whole band. Every other write is appended to the media cache: log bands that are
 * written from their beginning to their end, each append led by a record that maps it. A log band is free again when
 * nothing in it is valid any more.
 *
 * Cleaning takes one band at a time: reads it, reads what the log has of it, writes the merged band to a
 * scratch band, and when that is complete, in place; a last record ends it, and the log's extents of
 * the band are dropped. When the log has all of the band's data, it is neither read nor copied. So
 * at every instant each sector has a valid copy that the maps find:
 *  - before the copy is complete, in place or in the log; a power cut forgets the cleaning;
 *  - after it, in the scratch band, from which cleaning goes on after a power cut;
 *  - what the host writes meanwhile goes to the log and stays there when the cleaning ends.
 *
 * Source: Aghayev & Desnoyers, "Skylight", FAST 2015: a single cache at the outer diameter, static
 * mapping, bands cleaned in order of arrival by read-modify-write, in idle time and when the cache is
 * full. The scratch band and the records are an assumption: the paper looks from outside.
 *
 * Invariants: live sectors of a log band are the sectors of the extents in it; cached[b] those of
 * the extents of band b; a free log band has neither live nor pending sectors.
 */
#ifndef QUERN_DISK_SMR_MEDIA_CACHE_H
#define QUERN_DISK_SMR_MEDIA_CACHE_H

#include "disk/smr.h"
#include "disk/smr_map.h"

#define SMR_STREAMS 8
#define SMR_LOG_BANDS_MIN 6

struct smr_log_band {
	uint32_t live;      /* valid sectors */
	uint32_t pending;   /* planned appends, not landed */
	bool used;
};

struct smr_band {
	uint32_t fill;      /* sectors that hold data in place */
	uint32_t planned;   /* the same once every planned write has landed */
	uint32_t cached;    /* sectors in the log */
};

struct smr_stream {
	uint64_t next, run; /* where it goes on; how many sectors it was so far */
	uint64_t used;
};

enum smr_clean_phase {
	CLEAN_NONE,
	CLEAN_READ_BAND,
	CLEAN_READ_LOG,
	CLEAN_COPY,        /* merged band to the scratch band */
	CLEAN_READ_COPY,   /* after a power cut */
	CLEAN_WRITE,       /* in place */
	CLEAN_RECORD,      /* the cleaning is complete */
};

struct smr_cleaning {
	uint8_t phase;
	bool needs_copy;   /* some of the band is in place alone */
	bool copied;       /* the scratch band holds the band */
	uint32_t band;
	uint32_t fill;     /* of the cleaned band */
	uint64_t stamp;    /* extents up to here are merged */
	uint64_t cursor;   /* how far the phase is: sector of the band */
	uint64_t ahead;    /* where it will be when the given steps are done */
};

struct smr_cache {
	const struct disk_smr_spec *spec; /* borrowed */
	uint32_t band_sectors, record_sectors;
	uint32_t bands, log_bands;
	const uint32_t *band_at, *log_at; /* which place each has */
	uint64_t scratch_lbn;
	uint32_t scratch_at;              /* places from here on lie behind the scratch band */
	struct smr_map map;
	struct smr_band *band;
	struct smr_log_band *log;
	uint32_t open;                    /* log band that takes the next append */
	uint32_t head;                    /* its next sector */
	uint32_t free_logs;
	uint32_t pending_extents;         /* that planned writes may need */
	uint64_t stamp;
	bool forced;                      /* cleaning before writes, since high_water, until low_water */
	uint64_t used;
	struct smr_stream stream[SMR_STREAMS];
	struct smr_cleaning clean;
	struct smr_counts counts;
};

int smr_cache_init(struct smr_cache *c, struct arena *a, const struct disk_smr_spec *spec, uint64_t medium_sectors,
	struct err *e);
static inline uint64_t smr_cache_sectors(const struct smr_cache *c) { return (uint64_t)c->bands * c->band_sectors; }

/* The parts of disk/smr.h, which see. */
void smr_cache_read(const struct smr_cache *c, uint64_t lba, uint32_t sectors, struct smr_plan *p);
void smr_cache_write(struct smr_cache *c, uint64_t lba, uint32_t sectors, struct smr_plan *p);
void smr_cache_landed(struct smr_cache *c, const struct smr_step *step, uint32_t sectors);
void smr_cache_power_cut(struct smr_cache *c);
bool smr_cache_must_clean(struct smr_cache *c, uint64_t lba, uint32_t sectors);

/* Cleaning: smr_clean.c. */
bool smr_cache_may_clean(const struct smr_cache *c);
void smr_cache_clean(struct smr_cache *c, struct smr_plan *p);
void smr_cache_clean_done(struct smr_cache *c);

/* Where a sector of a band lies in place, and where the band's base data are now. */
uint64_t smr_cache_home(const struct smr_cache *c, uint32_t band, uint32_t offset);
uint64_t smr_cache_base(const struct smr_cache *c, uint32_t band, uint32_t offset);
/* A stretch has left the map: ctx is the cache. */
smr_map_gone smr_cache_gone;
/* Add a step to a plan, joined with the last one if both read and it goes on there. false: no place. */
bool smr_plan_add(struct smr_plan *p, enum smr_kind_of_step kind, uint64_t lbn, uint64_t lba, uint32_t sectors);

#endif
