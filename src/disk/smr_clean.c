/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Band cleaning: one band at a time, through the scratch band, a few steps at a time. */
#include "disk/smr_clean.h"

/* ---- which band ------------------------------------------------------------------------------------- */

static uint32_t pick_fifo(const struct smr_cache *c)
{
	return (uint32_t)(c->map.extent[c->map.oldest].lba / c->band_sectors);
}

static uint32_t pick_most_cached(const struct smr_cache *c)
{
	uint32_t best = 0;
	for (uint32_t i = 1; i < c->bands; i++)
		if (c->band[i].cached > c->band[best].cached)
			best = i;
	return best;
}

#define ORDERS(X) \
	X("fifo", "the band whose data have been in the media cache longest; O(1)", pick_fifo) \
	X("most-cached", "the band with most data in the media cache; O(bands)", pick_most_cached)

const struct smr_clean_order smr_cleans[] = {
#define X(title, text, function) {title, text, function},
	ORDERS(X)
#undef X
	{NULL, NULL, NULL},
};
const struct opt_choice smr_clean_choices[] = {
#define X(title, text, function) {title, text},
	ORDERS(X)
#undef X
	{NULL, NULL},
};

/* ---- begin -------------------------------------------------------------------------------------------- */

static inline uint64_t band_start(const struct smr_cache *c, uint32_t band) { return (uint64_t)band * c->band_sectors; }

/* Of a band's sectors [0, fill), those in the log; and where its data in the log end. */
static uint32_t in_log(const struct smr_cache *c, uint32_t band, uint32_t *end)
{
	uint64_t start = band_start(c, band), fill = start + c->band[band].fill, sectors = 0;
	*end = 0;
	for (uint32_t i = smr_map_find(&c->map, start); i != SMR_NO_EXTENT; i = smr_map_after(&c->map, i)) {
		const struct smr_extent *x = &c->map.extent[i];
		if (x->lba >= start + c->band_sectors)
			break;
		*end = (uint32_t)(x->lba + x->sectors - start);
		if (x->lba < fill)
			sectors += (x->lba + x->sectors < fill ? x->lba + x->sectors : fill) - x->lba;
	}
	return (uint32_t)sectors;
}

static void begin(struct smr_cache *c)
{
	struct smr_cleaning *k = &c->clean;
	uint32_t end;
	*k = (struct smr_cleaning){.band = smr_cleans[c->spec->clean_order].pick(c), .stamp = c->stamp};
	uint32_t fill = c->band[k->band].fill;
	k->needs_copy = in_log(c, k->band, &end) < fill;
	k->fill = end > fill ? end : fill;
	k->phase = k->needs_copy ? CLEAN_READ_BAND : CLEAN_READ_LOG;
}

/* ---- phases -------------------------------------------------------------------------------------------- */

/* The next piece of a run through the band up to `end`, which lies at `lbn`. */
static void piece(struct smr_cache *c, struct smr_plan *p, enum smr_kind_of_step kind, uint64_t lbn, uint32_t end)
{
	struct smr_cleaning *k = &c->clean;
	uint64_t most = (uint64_t)c->spec->clean_access_bytes / SECTOR_BYTES, n = end - k->cursor;
	n = n < most ? n : most;
	if (n > 0)
		smr_plan_add(p, kind, lbn + k->cursor, 0, (uint32_t)n);
	k->ahead = k->cursor + n;
}

/* Extents of the band that are to be merged, from the cursor on. */
static void read_log(struct smr_cache *c, struct smr_plan *p)
{
	struct smr_cleaning *k = &c->clean;
	uint64_t start = band_start(c, k->band), end = start + c->band_sectors;
	uint32_t i = smr_map_find(&c->map, start + k->cursor);
	for (k->ahead = c->band_sectors; i != SMR_NO_EXTENT; i = smr_map_after(&c->map, i)) {
		const struct smr_extent *x = &c->map.extent[i];
		if (x->lba >= end)
			return;
		if (x->stamp <= k->stamp && !smr_plan_add(p, SMR_STEP_READ, x->lbn, x->lba, x->sectors)) {
			k->ahead = x->lba - start;
			return;
		}
	}
}

/* One past the end of the present phase. */
static uint32_t phase_end(const struct smr_cache *c)
{
	const struct smr_cleaning *k = &c->clean;
	switch (k->phase) {
	case CLEAN_READ_BAND: return c->band[k->band].fill;
	case CLEAN_READ_LOG: return c->band_sectors;
	case CLEAN_COPY: return k->fill + c->record_sectors;
	case CLEAN_RECORD: return c->record_sectors;
	default: return k->fill;
	}
}

static void finish(struct smr_cache *c)
{
	struct smr_cleaning *k = &c->clean;
	uint64_t start = band_start(c, k->band), end = start + c->band_sectors;
	struct smr_band *b = &c->band[k->band];
	uint32_t i = smr_map_find(&c->map, start);
	while (i != SMR_NO_EXTENT && c->map.extent[i].lba < end) {
		struct smr_extent x = c->map.extent[i];
		if (x.stamp <= k->stamp) {
			smr_map_drop(&c->map, i);
			smr_cache_gone(c, x.lba, x.lbn, x.sectors);
		}
		i = smr_map_find(&c->map, x.lba + x.sectors);
	}
	b->fill = b->planned = k->fill;
	c->counts.cleaned_bands++;
	*k = (struct smr_cleaning){0};
}

/* The present phase is over. */
static void next_phase(struct smr_cache *c)
{
	struct smr_cleaning *k = &c->clean;
	k->cursor = 0;
	switch (k->phase) {
	case CLEAN_READ_BAND: k->phase = CLEAN_READ_LOG; break;
	case CLEAN_READ_LOG: k->phase = k->needs_copy ? CLEAN_COPY : CLEAN_WRITE; break;
	case CLEAN_COPY: k->copied = true; k->phase = CLEAN_WRITE; break;
	case CLEAN_READ_COPY: k->phase = CLEAN_WRITE; break;
	case CLEAN_WRITE:
		k->phase = CLEAN_RECORD;
		if (c->record_sectors == 0)
			finish(c);
		break;
	default: finish(c); break;
	}
}

bool smr_cache_may_clean(const struct smr_cache *c) { return c->clean.phase != CLEAN_NONE || c->map.count > 0; }

static void plan_phase(struct smr_cache *c, struct smr_plan *p)
{
	struct smr_cleaning *k = &c->clean;
	if (k->phase == CLEAN_NONE)
		begin(c);
	switch (k->phase) {
	case CLEAN_READ_BAND: piece(c, p, SMR_STEP_READ, smr_cache_home(c, k->band, 0), phase_end(c)); break;
	case CLEAN_READ_LOG: read_log(c, p); break;
	case CLEAN_READ_COPY: piece(c, p, SMR_STEP_READ, c->scratch_lbn, phase_end(c)); break;
	case CLEAN_COPY: piece(c, p, SMR_STEP_CLEAN, c->scratch_lbn, phase_end(c)); break;
	case CLEAN_WRITE: piece(c, p, SMR_STEP_CLEAN, smr_cache_home(c, k->band, 0), phase_end(c)); break;
	default: piece(c, p, SMR_STEP_CLEAN, c->scratch_lbn + k->fill + c->record_sectors, phase_end(c)); break;
	}
}

void smr_cache_clean_done(struct smr_cache *c)
{
	struct smr_cleaning *k = &c->clean;
	if (k->phase == CLEAN_NONE)
		return;
	k->cursor = k->ahead;
	if (k->cursor >= phase_end(c))
		next_phase(c);
}

void smr_cache_clean(struct smr_cache *c, struct smr_plan *p)
{
	p->steps = p->covered = 0;
	while (p->steps == 0 && smr_cache_may_clean(c)) {
		plan_phase(c, p);
		if (p->steps == 0)
			smr_cache_clean_done(c); /* what was left of the phase has been overwritten since */
	}
	for (uint32_t i = 0; i < p->steps; i++)
		if (p->step[i].kind == SMR_STEP_READ)
			c->counts.clean_reads += p->step[i].sectors;
}
