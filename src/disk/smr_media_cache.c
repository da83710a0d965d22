/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drive-managed shingling: bands in place, and the media cache in front of them. */
#include "disk/smr_media_cache.h"

#include <inttypes.h>

#define NO_BAND UINT32_MAX

/* ---- where things lie ---------------------------------------------------------------------------- */

/* The scratch band: a band, the record that completes the copy, the record that ends the cleaning. */
static inline uint64_t scratch_sectors(const struct smr_cache *c)
{
	return (uint64_t)c->band_sectors + 2 * c->record_sectors;
}

static inline uint64_t place_lbn(const struct smr_cache *c, uint32_t place)
{
	uint64_t lbn = (uint64_t)place * c->band_sectors;
	return place < c->scratch_at ? lbn : lbn + scratch_sectors(c);
}

static inline uint32_t band_of(const struct smr_cache *c, uint64_t lba) { return (uint32_t)(lba / c->band_sectors); }
static inline uint32_t offset_of(const struct smr_cache *c, uint64_t lba) { return (uint32_t)(lba % c->band_sectors); }

uint64_t smr_cache_home(const struct smr_cache *c, uint32_t band, uint32_t offset)
{
	return place_lbn(c, c->band_at[band]) + offset;
}

uint64_t smr_cache_base(const struct smr_cache *c, uint32_t band, uint32_t offset)
{
	if (c->clean.phase != CLEAN_NONE && c->clean.copied && c->clean.band == band)
		return c->scratch_lbn + offset;
	return smr_cache_home(c, band, offset);
}

/* Places of log bands and bands, in order. */
static int lay_out(struct smr_cache *c, struct arena *a, enum disk_smr_place where)
{
	uint32_t places = c->bands + c->log_bands;
	uint32_t *band_at = arena_array(a, c->bands, sizeof(*band_at));
	uint32_t *log_at = arena_array(a, c->log_bands, sizeof(*log_at));
	if (!band_at || !log_at)
		return -1;
	uint32_t first = where == SMR_CACHE_OUTER ? 0 : where == SMR_CACHE_MIDDLE ? c->bands / 2 : c->bands;
	for (uint32_t i = 0; i < c->log_bands; i++)
		log_at[i] = where == SMR_CACHE_SPREAD ? (uint32_t)((uint64_t)i * places / c->log_bands) : first + i;
	uint32_t log = 0, band = 0;
	for (uint32_t place = 0; place < places; place++) {
		if (log < c->log_bands && log_at[log] == place)
			log++;
		else
			band_at[band++] = place;
	}
	c->band_at = band_at;
	c->log_at = log_at;
	c->scratch_at = where == SMR_CACHE_SPREAD ? places / 2 : first;
	c->scratch_lbn = (uint64_t)c->scratch_at * c->band_sectors;
	return 0;
}

static int check_sizes(const struct disk_smr_spec *spec, uint64_t medium_sectors, struct err *e)
{
	uint64_t band = (uint64_t)spec->band_bytes / SECTOR_BYTES, cache = (uint64_t)spec->cache_bytes / SECTOR_BYTES;
	if (band > medium_sectors)
		return err_set(e, ERR_CONFIG, "shingled band_size is %" PRIu64 " sectors: the disk has only %" PRIu64,
			band, medium_sectors);
	if (cache > medium_sectors / 2)
		return err_set(e, ERR_CONFIG, "shingled cache_size is %" PRIu64 " sectors: more than half of the disk's %" PRIu64,
			cache, medium_sectors);
	if (medium_sectors / band > UINT32_MAX / 2)
		return err_set(e, ERR_CONFIG, "shingled band_size is %" PRIu64 " sectors: the disk would have more than 2^31 bands",
			band);
	return 0;
}

int smr_cache_init(struct smr_cache *c, struct arena *a, const struct disk_smr_spec *spec, uint64_t medium_sectors,
	struct err *e)
{
	if (check_sizes(spec, medium_sectors, e) < 0)
		return -1;
	*c = (struct smr_cache){.spec = spec};
	c->band_sectors = (uint32_t)(spec->band_bytes / SECTOR_BYTES);
	c->record_sectors = (uint32_t)(spec->record_bytes / SECTOR_BYTES);
	c->log_bands = (uint32_t)(spec->cache_bytes / spec->band_bytes);
	/* the cache is at most half of the disk and at least 6 bands, so as many are left */
	c->bands = (uint32_t)((medium_sectors - scratch_sectors(c)) / c->band_sectors - c->log_bands);
	c->band = arena_array(a, c->bands, sizeof(*c->band));
	c->log = arena_array(a, c->log_bands, sizeof(*c->log));
	if (!c->band || !c->log || lay_out(c, a, (enum disk_smr_place)spec->cache_place) < 0 ||
	    smr_map_init(&c->map, a, (uint32_t)spec->map_extents) < 0)
		return err_set(e, ERR_LIMIT, "no memory for the media cache");
	c->log[0].used = true;
	c->free_logs = c->log_bands - 1;
	return 0;
}

/* ---- plans ---------------------------------------------------------------------------------------- */

bool smr_plan_add(struct smr_plan *p, enum smr_kind_of_step kind, uint64_t lbn, uint64_t lba, uint32_t sectors)
{
	struct smr_step *last = p->steps > 0 ? &p->step[p->steps - 1] : NULL;
	if (last && kind == SMR_STEP_READ && last->lbn + last->sectors == lbn && sectors <= UINT32_MAX - last->sectors) {
		last->sectors += sectors;
		return true;
	}
	if (p->steps == SMR_STEPS)
		return false;
	p->step[p->steps++] = (struct smr_step){.lbn = lbn, .lba = lba, .sectors = sectors, .kind = (uint8_t)kind};
	return true;
}

static inline uint32_t shorter(uint64_t a, uint32_t b) { return a < b ? (uint32_t)a : b; }

void smr_cache_read(const struct smr_cache *c, uint64_t lba, uint32_t sectors, struct smr_plan *p)
{
	p->steps = p->covered = 0;
	uint32_t i = smr_map_find(&c->map, lba);
	while (p->covered < sectors) {
		const struct smr_extent *x = i == SMR_NO_EXTENT ? NULL : &c->map.extent[i];
		uint32_t n = sectors - p->covered;
		uint64_t lbn;
		if (x && x->lba <= lba) {
			n = shorter(x->lba + x->sectors - lba, n);
			lbn = x->lbn + (lba - x->lba);
			i = smr_map_after(&c->map, i);
		} else {
			n = shorter(c->band_sectors - offset_of(c, lba), n);
			if (x)
				n = shorter(x->lba - lba, n);
			lbn = smr_cache_base(c, band_of(c, lba), offset_of(c, lba));
		}
		if (!smr_plan_add(p, SMR_STEP_READ, lbn, lba, n))
			return;
		p->covered += n;
		lba += n;
	}
}

/* ---- streams ------------------------------------------------------------------------------------------ */

static struct smr_stream *find_stream(struct smr_cache *c, uint64_t lba)
{
	for (uint32_t i = 0; i < SMR_STREAMS; i++)
		if (c->stream[i].run > 0 && c->stream[i].next == lba)
			return &c->stream[i];
	return NULL;
}

/* Sectors written in one go up to the end of this range, with what went before it. */
static uint64_t stream_run(struct smr_cache *c, uint64_t lba, uint32_t sectors)
{
	const struct smr_stream *s = find_stream(c, lba);
	return sectors + (s ? s->run : 0);
}

static void stream_advance(struct smr_cache *c, uint64_t lba, uint32_t sectors)
{
	struct smr_stream *s = find_stream(c, lba);
	if (!s) {
		s = &c->stream[0];
		for (uint32_t i = 1; i < SMR_STREAMS; i++)
			if (c->stream[i].used < s->used)
				s = &c->stream[i];
		s->run = 0;
	}
	s->next = lba + sectors;
	s->run += sectors;
	s->used = ++c->used;
}

/* ---- writes --------------------------------------------------------------------------------------------- */

/* Whether the part of a write that lies in one band goes in place; `run`: the stream it belongs to. */
static bool goes_in_place(const struct smr_cache *c, uint32_t band, uint32_t offset, uint32_t sectors, uint64_t run)
{
	if (c->clean.phase != CLEAN_NONE && c->clean.band == band)
		return false;
	if (offset > c->band[band].planned || offset + sectors < c->band[band].planned)
		return false;
	return run * SECTOR_BYTES >= (uint64_t)c->spec->stream_bytes || sectors == c->band_sectors;
}

/* A write in place may leave two halves of an extent behind, unless it takes the whole band. */
static inline uint32_t extents_in_place(const struct smr_cache *c, uint32_t sectors)
{
	return sectors < c->band_sectors;
}

/* Extents that landing this range may take: one for each band it touches, and a cut one's second half. */
static inline uint32_t extents_needed(const struct smr_cache *c, uint64_t lba, uint32_t sectors)
{
	return band_of(c, lba + sectors - 1) - band_of(c, lba) + 2;
}

static uint32_t log_of(const struct smr_cache *c, uint64_t lbn)
{
	uint64_t behind = lbn < c->scratch_lbn ? 0 : scratch_sectors(c);
	uint32_t place = (uint32_t)((lbn - behind) / c->band_sectors), lo = 0, hi = c->log_bands - 1;
	while (lo < hi) {
		uint32_t mid = (lo + hi + 1) / 2;
		if (c->log_at[mid] <= place)
			lo = mid;
		else
			hi = mid - 1;
	}
	return lo;
}

/* A log band in which nothing is valid can be written again from its beginning. */
static void release_log(struct smr_cache *c, uint32_t log)
{
	struct smr_log_band *b = &c->log[log];
	if (!b->used || b->live > 0 || b->pending > 0)
		return;
	if (log == c->open) {
		c->head = 0;
		return;
	}
	b->used = false;
	c->free_logs++;
}

/* The next log band: in turn, or the one nearest to the written band. There is a free one. */
static void open_log(struct smr_cache *c, uint32_t band)
{
	uint32_t best = NO_BAND, least = UINT32_MAX, was = c->open;
	for (uint32_t k = 1; k <= c->log_bands; k++) {
		uint32_t i = (c->open + k) % c->log_bands;
		if (c->log[i].used)
			continue;
		uint32_t at = c->log_at[i], to = c->band_at[band], far = at > to ? at - to : to - at;
		if (c->spec->cache_place != SMR_CACHE_SPREAD)
			far = 0;
		if (best == NO_BAND || far < least) {
			best = i;
			least = far;
		}
	}
	c->open = best;
	c->head = 0;
	c->log[best].used = true;
	c->free_logs--;
	release_log(c, was);
}

/* Append up to `sectors` to the log; returns how many the open log band takes. */
static uint32_t plan_append(struct smr_cache *c, uint64_t lba, uint32_t sectors, struct smr_plan *p)
{
	if (c->head + c->record_sectors >= c->band_sectors)
		open_log(c, band_of(c, lba));
	uint32_t n = shorter(c->band_sectors - c->head - c->record_sectors, sectors);
	uint64_t lbn = place_lbn(c, c->log_at[c->open]) + c->head;
	smr_plan_add(p, SMR_STEP_LOG, lbn, lba, n + c->record_sectors);
	p->step[p->steps - 1].lead = c->record_sectors;
	c->head += n + c->record_sectors;
	c->log[c->open].pending++;
	c->pending_extents += extents_needed(c, lba, n);
	return n;
}

static void plan_in_place(struct smr_cache *c, uint64_t lba, uint32_t sectors, struct smr_plan *p)
{
	uint32_t band = band_of(c, lba), offset = offset_of(c, lba);
	struct smr_band *b = &c->band[band];
	smr_plan_add(p, SMR_STEP_PLACE, smr_cache_home(c, band, offset), lba, sectors);
	p->step[p->steps - 1].destroys = offset < b->planned;
	b->planned = offset + sectors;
	c->pending_extents += extents_in_place(c, sectors);
}

/* How far from lba on the write goes the same way, and whether that is in place. */
static uint32_t same_way(const struct smr_cache *c, uint64_t lba, uint32_t sectors, uint64_t run, bool *in_place)
{
	uint32_t n = shorter(c->band_sectors - offset_of(c, lba), sectors);
	*in_place = goes_in_place(c, band_of(c, lba), offset_of(c, lba), n, run);
	while (!*in_place && n < sectors) {
		uint32_t more = shorter(c->band_sectors, sectors - n);
		if (goes_in_place(c, band_of(c, lba + n), 0, more, run))
			break;
		n += more;
	}
	return n;
}

void smr_cache_write(struct smr_cache *c, uint64_t lba, uint32_t sectors, struct smr_plan *p)
{
	uint64_t run = stream_run(c, lba, sectors);
	p->steps = p->covered = 0;
	while (p->covered < sectors && p->steps < SMR_STEPS) {
		bool in_place;
		uint64_t at = lba + p->covered;
		uint32_t n = same_way(c, at, sectors - p->covered, run, &in_place);
		if (in_place)
			plan_in_place(c, at, n, p);
		else
			n = plan_append(c, at, n, p);
		p->covered += n;
	}
	stream_advance(c, lba, p->covered);
}

/* ---- room ------------------------------------------------------------------------------------------------- */

static inline uint32_t used_logs(const struct smr_cache *c) { return c->log_bands - c->free_logs; }

/* Whether log and map can take the write whole. */
static bool has_room(struct smr_cache *c, uint64_t lba, uint32_t sectors)
{
	uint64_t run = stream_run(c, lba, sectors), need = 0;
	uint64_t extents = c->pending_extents;
	for (uint32_t done = 0, n; done < sectors; done += n) {
		bool in_place;
		n = same_way(c, lba + done, sectors - done, run, &in_place);
		uint32_t logs = in_place ? 0 : n / (c->band_sectors - c->record_sectors) + 2;
		need += in_place ? 0 : n + (uint64_t)logs * c->record_sectors;
		extents += in_place ? extents_in_place(c, n) : extents_needed(c, lba + done, n) + 3 * logs;
	}
	uint64_t room = c->band_sectors - c->head + (uint64_t)c->free_logs * c->band_sectors;
	return need <= room && extents <= smr_map_room(&c->map);
}

bool smr_cache_must_clean(struct smr_cache *c, uint64_t lba, uint32_t sectors)
{
	double used = used_logs(c);
	if (used > c->spec->high_water * c->log_bands)
		c->forced = true;
	if (used <= c->spec->low_water * c->log_bands || !smr_cache_may_clean(c))
		c->forced = false;
	return c->forced || !has_room(c, lba, sectors);
}

/* ---- landing ------------------------------------------------------------------------------------------------ */

void smr_cache_gone(void *ctx, uint64_t lba, uint64_t lbn, uint32_t sectors)
{
	struct smr_cache *c = ctx;
	uint32_t log = log_of(c, lbn);
	c->band[band_of(c, lba)].cached -= sectors;
	c->log[log].live -= sectors;
	release_log(c, log);
}

/* All of an append is on the medium, its record with it: the map has it from now on. */
static void append_landed(struct smr_cache *c, const struct smr_step *step)
{
	uint64_t lba = step->lba, lbn = step->lbn + step->lead;
	uint32_t left = step->sectors - step->lead, log = log_of(c, lbn);
	c->pending_extents -= extents_needed(c, lba, left);
	c->counts.logged += left;
	c->counts.records += step->lead;
	c->stamp++;
	smr_map_cut(&c->map, lba, left, smr_cache_gone, c);
	while (left > 0) {
		uint32_t n = shorter(c->band_sectors - offset_of(c, lba), left);
		smr_map_put(&c->map, lba, n, lbn, c->stamp);
		c->band[band_of(c, lba)].cached += n;
		c->log[log].live += n;
		lba += n;
		lbn += n;
		left -= n;
	}
	c->log[log].pending--;
}

void smr_cache_landed(struct smr_cache *c, const struct smr_step *step, uint32_t sectors)
{
	if (step->kind == SMR_STEP_LOG) {
		if (sectors == step->sectors)
			append_landed(c, step);
	} else if (step->kind == SMR_STEP_PLACE && sectors > 0) {
		struct smr_band *b = &c->band[band_of(c, step->lba)];
		uint32_t end = offset_of(c, step->lba) + sectors;
		if (sectors == step->sectors)
			c->pending_extents -= extents_in_place(c, sectors);
		smr_map_cut(&c->map, step->lba, sectors, smr_cache_gone, c);
		if (end > b->fill)
			b->fill = end;
		c->counts.placed += sectors;
	} else if (step->kind == SMR_STEP_CLEAN) {
		c->counts.clean_writes += sectors;
	}
}

void smr_cache_power_cut(struct smr_cache *c)
{
	for (uint32_t i = 0; i < c->bands; i++)
		c->band[i].planned = c->band[i].fill;
	c->pending_extents = 0;
	for (uint32_t i = 0; i < c->log_bands; i++) {
		c->log[i].pending = 0;
		release_log(c, i);
	}
	for (uint32_t i = 0; i < SMR_STREAMS; i++)
		c->stream[i] = (struct smr_stream){0};
	c->forced = false;
	struct smr_cleaning *k = &c->clean;
	k->cursor = 0;
	if (!k->copied)
		k->phase = CLEAN_NONE;
	else if (k->phase != CLEAN_RECORD)
		k->phase = CLEAN_READ_COPY;
}
