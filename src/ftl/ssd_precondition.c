/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a solid-state drive has been through before the run: the translation layer without time (null.h), then the flash as it is
 * then. */
#include <inttypes.h>

#include "ftl/null.h"
#include "ftl/ssd_private.h"

/* ---- the writes of a file ------------------------------------------------------------------------------------------ */

/* How far a file has been played. */
struct played {
	struct ssd *ssd;
	uint64_t writes, wanted; /* units */
};

/* Of the units that the sectors touch, all are written. */
static void play_write(struct played *p, uint64_t first, uint64_t end)
{
	uint64_t last = (end - 1) >> p->ssd->unit_shift;
	for (uint64_t u = first >> p->ssd->unit_shift; u <= last && p->writes < p->wanted; u++, p->writes++)
		null_write(p->ssd->ftl, u);
}

/* Whole units are unmapped; a part of one is written with zeros where there is something. */
static void play_trim(struct played *p, uint64_t first, uint64_t end)
{
	struct ssd *d = p->ssd;
	while (first < end) {
		uint64_t u = first >> d->unit_shift, next = (u + 1) << d->unit_shift, to = next < end ? next : end;
		if (to - first == d->unit_sectors)
			(void)ftl_trim(d->ftl, u);
		else if (ftl_lookup(d->ftl, u) != FTL_NOWHERE)
			play_write(p, first, to);
		first = to;
	}
}

static int play(struct played *p, const struct blk_req *r, uint64_t line, struct err *e)
{
	const struct ssd_precondition_spec *s = &p->ssd->spec->precondition;
	uint64_t sectors = p->ssd->ftl->logical << p->ssd->unit_shift, first = r->lba;
	if ((r->op != BLK_WRITE && r->op != BLK_WRITE_ZEROES && r->op != BLK_TRIM) || r->sectors == 0)
		return 0;
	if (first >= sectors || r->sectors > sectors - first) {
		if (s->trace_range == SSD_RANGE_ERROR)
			return err_set(e, ERR_TRACE, "%s:%" PRIu64 ": %s of sectors %" PRIu64 " to %" PRIu64 " passes the end of %s at %" PRIu64
				" (precondition.trace_range: wrap takes addresses modulo its size)", s->trace, line, blk_op_name(r->op), first,
				first + r->sectors - 1, p->ssd->dev.name, sectors);
		first %= sectors;
	}
	uint64_t end = r->sectors < sectors - first ? first + r->sectors : sectors;
	if (r->op == BLK_TRIM)
		play_trim(p, first, end);
	else
		play_write(p, first, end);
	return 0;
}

/* Once through the file, or until enough has been written. */
static int play_once(struct played *p, const struct blk_streams *streams, struct err *e)
{
	const struct ssd_precondition_spec *s = &p->ssd->spec->precondition;
	uint64_t line = 0, before = p->writes;
	struct blk_req r;
	struct blk_stream *in = streams->open(s->trace, *s->format ? s->format : NULL, e);
	int got = in ? 1 : -1;
	while (got > 0 && p->writes < p->wanted)
		if ((got = streams->next(in, &r, &line, e)) > 0 && play(p, &r, line, e) < 0)
			got = -1;
	streams->close(in);
	if (got == 0 && p->writes == before)
		return err_set(e, ERR_TRACE, "%s: has no write, so it cannot be repeated until precondition.overwrite of %s is reached", s->trace,
			p->ssd->dev.name);
	return got < 0 ? -1 : 0;
}

static int overwrite_from_file(struct ssd *d, uint64_t writes, struct err *e)
{
	struct played p = {d, 0, writes};
	const struct blk_past *past = d->dev.past;
	if (!past || !past->streams)
		return err_set(e, ERR_CONFIG, "%s.precondition.trace: there is nobody here to read files", d->dev.name);
	while (p.writes < p.wanted)
		if (play_once(&p, past->streams, e) < 0)
			return -1;
	return 0;
}

/* ---- its life --------------------------------------------------------------------------------------------------------- */

void ssd_look_at_life(struct ssd *d)
{
	for (uint32_t i = 0; i < d->ftl->blocks.regions; i++)
		d->read_only |= d->ftl->blocks.region[i].max_erases >= d->nand->cells.endurance;
}

/* ---- all of it -------------------------------------------------------------------------------------------------------- */

static int overwrite(struct ssd *d, struct rng *rng, struct err *e)
{
	const struct ssd_precondition_spec *p = &d->spec->precondition;
	struct ftl *f = d->ftl;
	static const enum null_pattern patterns[] = {
		[SSD_UNIFORM] = NULL_UNIFORM, [SSD_ZIPF] = NULL_ZIPF, [SSD_HOT_COLD] = NULL_HOT_COLD,
	};
	uint64_t writes = (uint64_t)(p->overwrite * (double)f->logical);
	if (p->pattern == SSD_TRACE)
		return overwrite_from_file(d, writes, e);
	struct null_load load = {.pattern = patterns[p->pattern], .theta = p->theta, .hot_writes = p->hot_writes,
		.hot_units = p->hot_units, .units = (uint64_t)(p->span * (double)f->logical)};
	if (load.units == 0)
		load.units = 1;
	null_overwrite(f, &load, rng, writes);
	return 0;
}

int ssd_precondition(struct ssd *d, struct rng *rng, struct err *e)
{
	const struct ssd_precondition_spec *p = &d->spec->precondition;
	struct ftl *f = d->ftl;
	bool none = p->fill <= 0 && p->overwrite <= 0, full = none && d->dev.past && d->dev.past->full;
	uint64_t filled = full ? f->logical : (uint64_t)(p->fill * (double)f->logical);
	if (none && !full)
		return 0;
	null_fill(f, 0, filled);
	if (overwrite(d, rng, e) < 0)
		return -1;
	ssd_look_at_life(d);
	if (d->read_only)
		return err_set(e, ERR_CONFIG, "%s.precondition.overwrite: these are more writes than the flash lives: a block has been erased %"
			PRIu32 " times, and flash.array.endurance is %" PRIu32, d->dev.name, ftl_wear(f).max, d->nand->cells.endurance);
	for (uint32_t r = 0; r < f->alloc.regions; r++)
		for (int s = 0; s < FTL_STREAMS; s++)
			(void)ftl_pad_to(f, r, (enum ftl_stream)s, d->whole);
	null_settle(f, d->nand);
	d->before = f->counts;
	d->dev.filled = filled * d->unit_sectors;
	return 0;
}
