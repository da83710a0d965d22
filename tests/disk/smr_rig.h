/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A shingled medium for tests of the media cache: an array of sectors on which writing destroys all
 * that follows in the same physical band, and an oracle of what the host must read.
 */
#ifndef QUERN_TESTS_SMR_RIG_H
#define QUERN_TESTS_SMR_RIG_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "disk/smr_clean.h"
#include "disk/smr_media_cache.h"
#include "sim/rng.h"

#define GARBAGE UINT64_MAX

struct cell {
	uint64_t lba; /* GARBAGE: no data */
	uint64_t tag; /* 0: zeros */
};

struct smr_rig {
	struct arena *arena;
	struct disk_smr_spec spec;
	struct smr_cache c;
	uint64_t sectors, medium_sectors;
	struct cell *medium;
	struct cell *image;    /* the drive's memory, for the band being cleaned */
	uint64_t cleaned;      /* bands, when the image was begun */
	uint64_t *latest;      /* tag a read of each host sector must return */
	bool *any;             /* was in flight over older data: old, new or torn */
	struct rng *rng;
	uint64_t tag;
	uint64_t steps;        /* written so far */
	uint64_t cut_at;       /* the power goes in this step ... */
	unsigned cut_how;      /* ... 0: before it, 1: in its first sector, 2: midway, 3: in its last sector, 4: at its end */
	bool off;
};

static inline struct disk_smr_spec rig_spec(void)
{
	return (struct disk_smr_spec){.model = SMR_DRIVE_MANAGED, .band_bytes = 40 * SECTOR_BYTES,
		.cache_bytes = 8 * 40 * SECTOR_BYTES, .record_bytes = 2 * SECTOR_BYTES, .map_extents = 500,
		.stream_bytes = 16 * SECTOR_BYTES, .clean_access_bytes = 16 * SECTOR_BYTES, .high_water = 1, .low_water = 1};
}

static inline void smr_rig_open(struct smr_rig *r, const struct disk_smr_spec *spec, uint64_t medium_sectors, uint64_t seed)
{
	struct err e = {0};
	memset(r, 0, sizeof(*r));
	r->arena = arena_new();
	r->spec = *spec;
	r->medium_sectors = medium_sectors;
	ck_assert_msg(smr_cache_init(&r->c, r->arena, &r->spec, medium_sectors, &e) == 0, "%s", e.msg);
	r->sectors = smr_cache_sectors(&r->c);
	r->medium = arena_array(r->arena, medium_sectors, sizeof(*r->medium));
	r->image = arena_array(r->arena, r->c.band_sectors, sizeof(*r->image));
	r->latest = arena_array(r->arena, r->sectors, sizeof(*r->latest));
	r->any = arena_array(r->arena, r->sectors, sizeof(*r->any));
	r->rng = rng_new(r->arena, seed, "smr");
	r->cut_at = UINT64_MAX;
	r->cleaned = UINT64_MAX;
	for (uint64_t i = 0; i < medium_sectors; i++)
		r->medium[i].lba = GARBAGE;
}

static inline void smr_rig_close(struct smr_rig *r) { arena_free(r->arena); }

/* ---- the medium ------------------------------------------------------------------------------------ */

/* The end of the physical band in which a sector lies. */
static inline uint64_t band_end(const struct smr_rig *r, uint64_t lbn)
{
	uint64_t scratch = r->c.scratch_lbn, behind = scratch + r->c.band_sectors + 2 * r->c.record_sectors;
	if (lbn >= scratch && lbn < behind)
		return behind;
	uint64_t from = lbn < scratch ? 0 : behind;
	return from + ((lbn - from) / r->c.band_sectors + 1) * r->c.band_sectors;
}

/* Write cells one after another; at a power cut `landed` of them. */
static inline void shingle(struct smr_rig *r, uint64_t lbn, const struct cell *cell, uint32_t landed)
{
	uint64_t end = band_end(r, lbn);
	ck_assert_uint_le(end, r->medium_sectors);
	for (uint32_t i = 0; i < landed; i++)
		r->medium[lbn + i] = cell[i];
	for (uint64_t i = lbn + landed; i < end; i++) /* the sector under the head and the tracks behind */
		r->medium[i] = (struct cell){GARBAGE, 0};
}

/* How much of a step lands; true: the power goes then. */
static inline bool landing(struct smr_rig *r, const struct smr_step *s, uint32_t *landed, bool *begun)
{
	*landed = s->sectors;
	*begun = true;
	if (r->steps++ != r->cut_at)
		return false;
	*begun = r->cut_how > 0;
	*landed = r->cut_how <= 1 ? 0 : r->cut_how == 2 ? s->sectors / 2 : r->cut_how == 3 ? s->sectors - 1 : s->sectors;
	return true;
}

/* Run one write step with these cells; false: the power has gone. */
static inline bool write_step(struct smr_rig *r, const struct smr_step *s, const struct cell *cell, uint64_t tag)
{
	uint32_t landed;
	bool begun, cut = landing(r, s, &landed, &begun);
	ck_assert_uint_eq(band_end(r, s->lbn), band_end(r, s->lbn + s->sectors - 1)); /* one physical band */
	if (begun)
		shingle(r, s->lbn, cell, landed);
	if (s->kind == SMR_STEP_PLACE)
		for (uint32_t i = 0; i < s->sectors; i++) {
			if (i < landed)
				r->latest[s->lba + i] = tag;
			if (i < landed || begun)
				r->any[s->lba + i] = i >= landed && s->destroys;
		}
	if (s->kind == SMR_STEP_LOG && landed == s->sectors)
		for (uint32_t i = 0; i < s->sectors - s->lead; i++) {
			r->latest[s->lba + i] = tag;
			r->any[s->lba + i] = false;
		}
	if (begun)
		smr_cache_landed(&r->c, s, landed);
	return !cut;
}

static inline void rig_power_cut(struct smr_rig *r)
{
	smr_cache_power_cut(&r->c);
	r->cleaned = UINT64_MAX; /* memory is gone */
	r->cut_at = UINT64_MAX;
}

/* ---- cleaning --------------------------------------------------------------------------------------- */

static inline void load_image(struct smr_rig *r, const struct smr_step *s)
{
	const struct smr_cleaning *k = &r->c.clean;
	uint64_t start = (uint64_t)k->band * r->c.band_sectors;
	for (uint32_t i = 0; i < s->sectors; i++) {
		const struct cell *m = &r->medium[s->lbn + i];
		uint64_t at = s->lbn + i - (k->phase == CLEAN_READ_COPY ? r->c.scratch_lbn : smr_cache_home(&r->c, k->band, 0));
		if (k->phase == CLEAN_READ_LOG) {
			ck_assert_uint_ge(m->lba, start);
			at = m->lba - start;
		}
		ck_assert_uint_lt(at, r->c.band_sectors);
		r->image[at] = *m;
	}
}

static inline bool write_image(struct smr_rig *r, const struct smr_step *s)
{
	const struct smr_cleaning *k = &r->c.clean;
	uint64_t from = k->phase == CLEAN_WRITE ? smr_cache_home(&r->c, k->band, 0) : r->c.scratch_lbn;
	struct cell cells[512];
	ck_assert_uint_le(s->sectors, 512);
	for (uint32_t i = 0; i < s->sectors; i++) {
		uint64_t at = s->lbn + i - from;
		bool record = k->phase == CLEAN_RECORD || at >= k->fill;
		ck_assert(!record || k->phase != CLEAN_WRITE);
		cells[i] = record ? (struct cell){GARBAGE, 0} : r->image[at];
	}
	return write_step(r, s, cells, 0);
}

/* The next few steps of cleaning. */
static inline void rig_clean(struct smr_rig *r)
{
	struct smr_plan p;
	if (r->off || !smr_cache_may_clean(&r->c))
		return;
	smr_cache_clean(&r->c, &p);
	ck_assert(p.steps > 0 || !smr_cache_may_clean(&r->c));
	if (r->cleaned != r->c.counts.cleaned_bands) { /* another band than before */
		r->cleaned = r->c.counts.cleaned_bands;
		for (uint32_t i = 0; i < r->c.band_sectors; i++)
			r->image[i] = (struct cell){(uint64_t)r->c.clean.band * r->c.band_sectors + i, 0};
	}
	for (uint32_t i = 0; i < p.steps && !r->off; i++) {
		if (p.step[i].kind == SMR_STEP_READ)
			load_image(r, &p.step[i]);
		else
			r->off = !write_image(r, &p.step[i]);
	}
	if (!r->off)
		smr_cache_clean_done(&r->c);
}

/* ---- the host ----------------------------------------------------------------------------------------- */

static inline void rig_write(struct smr_rig *r, uint64_t lba, uint32_t sectors)
{
	struct smr_plan p;
	uint64_t tag = ++r->tag;
	while (!r->off && smr_cache_must_clean(&r->c, lba, sectors)) {
		ck_assert(smr_cache_may_clean(&r->c));
		rig_clean(r);
	}
	for (uint32_t done = 0; done < sectors && !r->off; done += p.covered) {
		smr_cache_write(&r->c, lba + done, sectors - done, &p);
		ck_assert_uint_gt(p.covered, 0);
		for (uint32_t i = 0; i < p.steps && !r->off; i++) {
			const struct smr_step *s = &p.step[i];
			struct cell cells[512];
			ck_assert_uint_le(s->sectors, 512);
			for (uint32_t k = 0; k < s->sectors; k++)
				cells[k] = k < s->lead ? (struct cell){GARBAGE, 0} : (struct cell){s->lba + k - s->lead, tag};
			r->off = !write_step(r, s, cells, tag);
		}
	}
}

/* Zeros where nothing was ever written in place: the drive knows, whatever is there. */
static inline bool reads_zero(const struct smr_rig *r, uint64_t lbn, uint64_t lba)
{
	const struct smr_cache *c = &r->c;
	uint32_t band = (uint32_t)(lba / c->band_sectors), offset = (uint32_t)(lba % c->band_sectors);
	if (lbn != smr_cache_base(c, band, offset))
		return false;
	return offset >= (lbn == smr_cache_home(c, band, offset) ? c->band[band].fill : c->clean.fill);
}

static inline void rig_read(struct smr_rig *r, uint64_t lba, uint32_t sectors)
{
	struct smr_plan p;
	for (uint32_t done = 0; done < sectors; done += p.covered) {
		uint32_t at = 0;
		smr_cache_read(&r->c, lba + done, sectors - done, &p);
		for (uint32_t i = 0; i < p.steps; i++)
			for (uint32_t k = 0; k < p.step[i].sectors; k++, at++) {
				uint64_t x = lba + done + at, lbn = p.step[i].lbn + k;
				const struct cell *m = &r->medium[lbn];
				if (r->any[x])
					continue;
				if (reads_zero(r, lbn, x) || (m->lba == x && m->tag == 0))
					ck_assert_msg(r->latest[x] == 0, "sector %lu reads as zeros", (unsigned long)x);
				else
					ck_assert_msg(m->lba == x && m->tag == r->latest[x], "sector %lu: wrong content", (unsigned long)x);
			}
		ck_assert_uint_eq(at, p.covered);
		ck_assert_uint_gt(at, 0);
	}
}

/* All of it, and the invariants of the state. */
static inline void rig_check(struct smr_rig *r)
{
	const struct smr_cache *c = &r->c;
	rig_read(r, 0, (uint32_t)r->sectors);
	ck_assert(smr_map_sound(&c->map));
	uint64_t extents = 0, cached = 0, live = 0;
	uint32_t free_logs = 0;
	for (uint32_t i = c->map.oldest; i != SMR_NO_EXTENT; i = c->map.extent[i].newer)
		extents += c->map.extent[i].sectors;
	for (uint32_t i = 0; i < c->bands; i++)
		cached += c->band[i].cached;
	for (uint32_t i = 0; i < c->log_bands; i++) {
		live += c->log[i].live;
		free_logs += !c->log[i].used;
		ck_assert(c->log[i].used || (c->log[i].live == 0 && c->log[i].pending == 0));
	}
	ck_assert_uint_eq(extents, cached);
	ck_assert_uint_eq(extents, live);
	ck_assert_uint_eq(free_logs, c->free_logs);
	ck_assert_uint_eq(c->pending_extents, 0);
	ck_assert(c->log[c->open].used);
}

/* A random command: reads, short and long writes, runs of a stream, cleaning. */
static inline void rig_random(struct smr_rig *r)
{
	uint64_t what = rng_below(r->rng, 100), at = rng_below(r->rng, r->sectors);
	uint32_t n = 1 + (uint32_t)rng_below(r->rng, what < 50 ? 8 : 130);
	if (what < 30)
		at %= 3 * r->c.band_sectors; /* a few hot bands */
	else if (what < 40)
		at -= at % r->c.band_sectors;
	n = n < r->sectors - at ? n : (uint32_t)(r->sectors - at);
	if (what < 60)
		rig_write(r, at, n);
	else if (what < 70)
		for (uint32_t i = 0; i < 6 && !r->off && at + (i + 1) * (uint64_t)n <= r->sectors; i++)
			rig_write(r, at + (uint64_t)i * n, n);
	else if (what < 80)
		rig_read(r, at, n);
	else
		for (uint64_t k = rng_below(r->rng, 12); k > 0; k--)
			rig_clean(r);
}

#endif
