/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shingled recording: the one entry for both kinds of drive, and their state as bytes. */
#include "disk/smr.h"

#include <inttypes.h>

#include "blk/dev.h"
#include "disk/smr_host.h"
#include "disk/smr_media_cache.h"

struct smr {
	bool host_managed;
	struct smr_counts counts;   /* of a host-managed drive */
	struct smr_host host;
	struct smr_cache cache;
};

struct smr *smr_new(struct arena *a, const struct disk_smr_spec *spec, uint64_t medium_sectors, struct err *e)
{
	struct smr *s = arena_alloc(a, sizeof(*s));
	if (!s)
		return err_set(e, ERR_LIMIT, "no memory for shingled recording"), NULL;
	s->host_managed = spec->model == SMR_HOST_MANAGED;
	int got = s->host_managed ? smr_host_init(&s->host, a, spec, medium_sectors, e)
				  : smr_cache_init(&s->cache, a, spec, medium_sectors, e);
	return got < 0 ? NULL : s;
}

bool smr_host_managed(const struct smr *s) { return s->host_managed; }

uint64_t smr_sectors(const struct smr *s)
{
	return s->host_managed ? s->host.sectors : smr_cache_sectors(&s->cache);
}

uint32_t smr_zone_sectors(const struct smr *s) { return s->host_managed ? s->host.zone_sectors : 0; }

/* ---- commands ------------------------------------------------------------------------------------ */

static enum blk_status counted(struct smr *s, enum blk_status status)
{
	s->counts.refused += status != BLK_OK;
	return status;
}

static void one_step(struct smr_plan *p, enum smr_kind_of_step kind, uint64_t lba, uint32_t sectors)
{
	p->steps = 0;
	p->covered = sectors;
	smr_plan_add(p, kind, lba, lba, sectors);
}

enum blk_status smr_read(struct smr *s, uint64_t lba, uint32_t sectors, struct smr_plan *p)
{
	if (!s->host_managed)
		return smr_cache_read(&s->cache, lba, sectors, p), BLK_OK;
	one_step(p, SMR_STEP_READ, lba, sectors);
	return counted(s, smr_host_check_read(&s->host, lba, sectors));
}

enum blk_status smr_write(struct smr *s, uint64_t lba, uint32_t sectors, struct smr_plan *p)
{
	if (!s->host_managed)
		return smr_cache_write(&s->cache, lba, sectors, p), BLK_OK;
	one_step(p, SMR_STEP_PLACE, lba, sectors);
	return counted(s, smr_host_write(&s->host, lba, sectors));
}

enum blk_status smr_zone_op(struct smr *s, enum blk_op op, uint64_t lba, uint64_t *void_lba, uint64_t *void_sectors)
{
	*void_lba = *void_sectors = 0;
	if (!s->host_managed)
		return BLK_UNSUPPORTED;
	enum blk_status status = smr_host_op(&s->host, op, lba, void_lba, void_sectors);
	s->counts.resets += status == BLK_OK && op == BLK_ZONE_RESET;
	return counted(s, status);
}

void smr_landed(struct smr *s, const struct smr_step *step, uint32_t sectors)
{
	if (!s->host_managed) {
		smr_cache_landed(&s->cache, step, sectors);
		return;
	}
	smr_host_landed(&s->host, step->lba, sectors);
	s->counts.placed += sectors;
}

void smr_power_cut(struct smr *s)
{
	if (s->host_managed)
		smr_host_power_cut(&s->host);
	else
		smr_cache_power_cut(&s->cache);
}

bool smr_must_clean(struct smr *s, uint64_t lba, uint32_t sectors)
{
	return !s->host_managed && smr_cache_must_clean(&s->cache, lba, sectors);
}

bool smr_may_clean(const struct smr *s) { return !s->host_managed && smr_cache_may_clean(&s->cache); }

void smr_clean(struct smr *s, struct smr_plan *p)
{
	p->steps = p->covered = 0;
	if (!s->host_managed)
		smr_cache_clean(&s->cache, p);
}

void smr_clean_done(struct smr *s)
{
	if (!s->host_managed)
		smr_cache_clean_done(&s->cache);
}

/* ---- questions ----------------------------------------------------------------------------------- */

const struct smr_counts *smr_counts(const struct smr *s) { return s->host_managed ? &s->counts : &s->cache.counts; }

void smr_forget(struct smr *s) { s->counts = s->cache.counts = (struct smr_counts){0}; }

double smr_cache_fill(const struct smr *s)
{
	const struct smr_cache *c = &s->cache;
	return s->host_managed ? 0 : (double)(c->log_bands - c->free_logs) / c->log_bands;
}

static void write_zones(const struct smr_host *h, FILE *out)
{
	fputs("zone,first_lba,sectors,type,condition,write_pointer\n", out);
	for (uint32_t i = 0; i < h->zones; i++) {
		uint64_t first = (uint64_t)i * h->zone_sectors;
		fprintf(out, "%" PRIu32 ",%" PRIu64 ",%" PRIu64 ",%s,%s,", i, first, smr_host_end(h, i) - first,
			i < h->conventional ? "conventional" : "sequential-write-required",
			smr_condition_name(h->zone[i].condition));
		if (i >= h->conventional && h->zone[i].condition != ZONE_FULL)
			fprintf(out, "%" PRIu64, h->zone[i].pointer);
		fputc('\n', out);
	}
}

static void write_bands(const struct smr_cache *c, FILE *out)
{
	fputs("band,first_lba,first_lbn,sectors,in_place,in_media_cache\n", out);
	for (uint32_t i = 0; i < c->bands; i++)
		if (c->band[i].fill > 0 || c->band[i].cached > 0)
			fprintf(out, "%" PRIu32 ",%" PRIu64 ",%" PRIu64 ",%" PRIu32 ",%" PRIu32 ",%" PRIu32 "\n", i,
				(uint64_t)i * c->band_sectors, smr_cache_home(c, i, 0), c->band_sectors, c->band[i].fill,
				c->band[i].cached);
}

void smr_write_table(const struct smr *s, FILE *out)
{
	if (s->host_managed)
		write_zones(&s->host, out);
	else
		write_bands(&s->cache, out);
}

/* ---- state ------------------------------------------------------------------------------------------- */

/* What changes, as stretches of memory; the config fixes their number and sizes. */
struct part {
	void *bytes;
	size_t count;
};

#define PARTS 17

static size_t state_parts(struct smr *s, struct part part[PARTS])
{
	struct smr_host *h = &s->host;
	struct smr_cache *c = &s->cache;
	struct smr_map *m = &c->map;
	struct part host[] = {
		{&s->counts, sizeof(s->counts)}, {&h->implicit_open, sizeof(h->implicit_open)},
		{&h->explicit_open, sizeof(h->explicit_open)}, {&h->used, sizeof(h->used)},
		{h->zone, h->zones * sizeof(*h->zone)},
	};
	struct part cache[] = {
		{m->extent, m->limit * sizeof(*m->extent)}, {&m->count, sizeof(m->count)}, {&m->root, sizeof(m->root)},
		{&m->free, sizeof(m->free)}, {&m->oldest, sizeof(m->oldest)}, {&m->newest, sizeof(m->newest)},
		{c->band, c->bands * sizeof(*c->band)}, {c->log, c->log_bands * sizeof(*c->log)},
		{&c->open, sizeof(c->open)}, {&c->head, sizeof(c->head)}, {&c->free_logs, sizeof(c->free_logs)},
		{&c->stamp, sizeof(c->stamp)}, {&c->used, sizeof(c->used)}, {&c->forced, sizeof(c->forced)}, {&c->stream, sizeof(c->stream)},
		{&c->clean, sizeof(c->clean)}, {&c->counts, sizeof(c->counts)},
	};
	_Static_assert(sizeof(host) / sizeof(host[0]) <= PARTS && sizeof(cache) / sizeof(cache[0]) <= PARTS, "parts");
	size_t count = s->host_managed ? sizeof(host) / sizeof(host[0]) : sizeof(cache) / sizeof(cache[0]);
	for (size_t i = 0; i < count; i++)
		part[i] = s->host_managed ? host[i] : cache[i];
	return count;
}

int smr_save(const struct smr *s, FILE *out, struct err *e)
{
	struct smr copy = *s; /* the parts are only read */
	struct part part[PARTS];
	size_t count = state_parts(&copy, part);
	for (size_t i = 0; i < count; i++)
		if (blk_save_bytes(out, part[i].bytes, part[i].count, e) < 0)
			return -1;
	return 0;
}

int smr_load(struct smr *s, FILE *in, struct err *e)
{
	struct part part[PARTS];
	size_t count = state_parts(s, part);
	for (size_t i = 0; i < count; i++)
		if (blk_load_bytes(in, part[i].bytes, part[i].count, e) < 0)
			return -1;
	const struct smr_cache *c = &s->cache;
	if (!s->host_managed && (c->open >= c->log_bands || c->head > c->band_sectors || c->free_logs >= c->log_bands ||
	    c->clean.band >= c->bands || c->clean.phase > CLEAN_RECORD || c->map.count > c->map.limit ||
	    !smr_map_sound(&c->map)))
		return err_set(e, ERR_CONFIG, "the saved state has a broken map of the media cache");
	return 0;
}
