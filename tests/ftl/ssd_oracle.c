/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The oracle of the solid-state drive: its making, and the recount of everything. */
#include "ftl/ssd_oracle.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void oracle_violation(struct oracle *o, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	if (o->violations++ == 0)
		(void)err_vset(&o->e, ERR_CHECK, fmt, ap);
	va_end(ap);
}

/* ---- what the translation layer tells ---------------------------------------------------------------------------- */

/* A program is over, or a place is padded. */
static void told_program(void *ctx, uint64_t physical, uint64_t logical, int cause)
{
	struct oracle *o = ctx;
	struct oracle_place *p = &o->place[physical];
	uint64_t page = nand_page_index(&o->d->nand->geom, ftl_page_of(o->d->ftl, physical, NULL));
	o->cause[cause]++;
	if (p->cause)
		oracle_violation(o, "unit %" PRIu64 " is counted as programmed twice between erases", physical);
	p->cause = (uint8_t)(cause + 1);
	p->owner = logical;
	if (cause == FTL_PADDING)
		return;
	if (!o->programmed[page])
		oracle_violation(o, "unit %" PRIu64 " is counted as programmed, and its page never was", physical);
	if (!p->planned || p->logical != logical)
		oracle_violation(o, "unit %" PRIu64 " ends as a program of %" PRIu64 ", which was not submitted", physical, logical);
	for (uint32_t s = 0; s < o->unit_sectors; s++) {
		uint64_t c = o->flash[physical * o->unit_sectors + s], lba = logical * o->unit_sectors + s;
		if (c != 0 && (c & ((UINT64_C(1) << ORACLE_LBA_BITS) - 1)) != lba)
			oracle_violation(o, "what was programmed for sector %" PRIu64 " is not its content", lba);
	}
	if (cause == FTL_HOST || o->map[logical] == p->from)
		o->map[logical] = physical;
	else
		o->stale++;
	p->planned = false;
}

static void told_erase(void *ctx, uint32_t block)
{
	struct oracle *o = ctx;
	(void)block;
	o->jobs_erased++;
}

/* ---- its making -------------------------------------------------------------------------------------------------- */

/* Never NULL. */
static void *zeroed(uint64_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size);
	if (!p)
		abort();
	return p;
}

static void fill(uint64_t *p, uint64_t count, uint64_t value)
{
	for (uint64_t i = 0; i < count; i++)
		p[i] = value;
}

static void make_tables(struct oracle *o)
{
	const struct ssd *d = o->d;
	const struct nand_geom *g = &d->nand->geom;
	uint32_t us = o->unit_sectors;
	o->flash = zeroed(o->physical * us, sizeof(*o->flash));
	o->staged = zeroed(o->physical * us, sizeof(*o->staged));
	o->place = zeroed(o->physical, sizeof(*o->place));
	o->first = zeroed(o->pages, sizeof(*o->first));
	o->programmed = zeroed(o->pages, sizeof(*o->programmed));
	o->sensed = zeroed(o->pages, sizeof(*o->sensed));
	o->erases = zeroed(g->all_blocks, sizeof(*o->erases));
	o->erases_before = zeroed(g->all_blocks, sizeof(*o->erases_before));
	o->map = zeroed(o->units, sizeof(*o->map));
	o->buffer = zeroed((uint64_t)d->buffer->entries * us, sizeof(*o->buffer));
	o->sector = zeroed(o->sectors, sizeof(*o->sector));
	o->reg = zeroed((uint64_t)g->dies * NAND_PLANES_MAX, sizeof(*o->reg));
	fill(o->first, o->pages, FTL_NOWHERE);
	fill(o->flash, o->physical * us, ORACLE_NOTHING);
	fill(o->buffer, (uint64_t)d->buffer->entries * us, ORACLE_NOTHING);
}

/* What preconditioning left: each mapped sector holds version 1 of itself. */
static void take_over(struct oracle *o)
{
	const struct ssd *d = o->d;
	const struct nand_geom *g = &d->nand->geom;
	uint32_t us = o->unit_sectors;
	for (uint64_t u = 0; u < o->physical; u++) {
		uint32_t part;
		nand_ppa at = ftl_page_of(d->ftl, u, &part);
		uint64_t page = nand_page_index(g, at);
		if (part == 0)
			o->first[page] = u;
		o->programmed[page] = nand_ppa_page(g, at) < nand_block_of(d->nand, at)->next_page;
		if (!o->programmed[page])
			continue;
		o->place[u] = (struct oracle_place){.owner = map_owner(&d->ftl->map, u), .cause = FTL_HOST + 1};
		fill(o->flash + u * us, us, ORACLE_OLD);
	}
	for (uint64_t l = 0; l < o->units; l++) {
		o->map[l] = ftl_lookup(d->ftl, l);
		for (uint32_t s = 0; s < us && o->map[l] != FTL_NOWHERE; s++) {
			o->flash[o->map[l] * us + s] = oracle_content(1, l * us + s);
			o->sector[l * us + s] = (struct oracle_sector){.acked = 1, .issued = 1};
		}
	}
	for (uint64_t i = 0; i < g->all_blocks; i++)
		o->erases_before[i] = nand_block_of(d->nand, nand_ppa_of_block(g, i, 0))->erases;
	o->before = d->ftl->counts;
	o->flash_before = d->nand->counts;
	o->version = 1;
}

struct oracle *oracle_open(struct ssd *d, uint64_t seed)
{
	struct oracle *o = zeroed(1, sizeof(*o));
	o->d = d;
	o->sim = d->dev.sim;
	o->rng = rng_new(o->sim->arena, seed, "oracle");
	o->unit_sectors = d->unit_sectors;
	o->page_units = d->ftl->page_units;
	o->units = d->ftl->logical;
	o->physical = (uint64_t)d->ftl->blocks.count * d->ftl->blocks.units;
	o->pages = d->nand->geom.all_pages;
	o->sectors = o->units * o->unit_sectors;
	o->hot = o->sectors / 8 + 1;
	make_tables(o);
	take_over(o);
	d->ftl->tap = (struct ftl_tap){told_program, told_erase, o};
	oracle_listen(o);
	return o;
}

void oracle_close(struct oracle *o)
{
	oracle_listen(NULL);
	free(o->flash);
	free(o->staged);
	free(o->place);
	free(o->first);
	free(o->programmed);
	free(o->sensed);
	free(o->erases);
	free(o->erases_before);
	free(o->map);
	free(o->buffer);
	free(o->sector);
	free(o->reg);
	for (struct oracle_read *r = o->all, *next; r; r = next) {
		next = r->other;
		free(r);
	}
	free(o);
}

/* ---- the recount -------------------------------------------------------------------------------------------------- */

static void same(struct oracle *o, const char *what, uint64_t device, uint64_t oracle)
{
	if (device != oracle)
		oracle_violation(o, "%s: the drive says %" PRIu64 ", the recount %" PRIu64, what, device, oracle);
}

/* Each sector is in flash as last acknowledged, and in the buffer where that has it. */
static void check_contents(struct oracle *o)
{
	const struct ssd *d = o->d;
	for (uint64_t l = 0; l < o->units; l++) {
		uint64_t at = ftl_lookup(d->ftl, l);
		const struct ftl_buffer_entry *e = ftl_buffer_find(d->buffer, l);
		if (at != o->map[l])
			oracle_violation(o, "unit %" PRIu64 " is mapped to %" PRIu64 ", and its last program or trim says %" PRIu64, l, at,
				o->map[l]);
		for (uint32_t s = 0; s < o->unit_sectors; s++) {
			uint64_t lba = l * o->unit_sectors + s;
			const struct oracle_sector *t = &o->sector[lba];
			uint64_t want = t->acked == 0 || t->acked == t->zeroed ? 0 : oracle_content(t->acked, lba);
			uint64_t got = at == FTL_NOWHERE ? 0 : o->flash[at * o->unit_sectors + s];
			if (got != want)
				oracle_violation(o, "sector %" PRIu64 " holds %#" PRIx64 " in flash and was last written as %#" PRIx64, lba, got,
					want);
			if (e && (e->held >> s & 1) && o->buffer[(uint64_t)(e - d->buffer->entry) * o->unit_sectors + s] != want)
				oracle_violation(o, "sector %" PRIu64 " is in the buffer with another content", lba);
		}
	}
}

/* Valid units of each block and live ones of each region by the oracle's map; causes and reverse map by unit. */
static void check_blocks(struct oracle *o)
{
	const struct ftl *f = o->d->ftl;
	const struct nand_geom *g = &o->d->nand->geom;
	for (uint32_t r = 0; r < f->blocks.regions; r++) {
		uint64_t live = 0;
		for (uint32_t k = r * f->blocks.per_region; k < (r + 1) * f->blocks.per_region; k++) {
			uint32_t valid = 0;
			for (uint64_t u = (uint64_t)k * f->blocks.units; u < (uint64_t)(k + 1) * f->blocks.units; u++) {
				const struct oracle_place *p = &o->place[u];
				bool programmed = o->programmed[nand_page_index(g, ftl_page_of(f, u, NULL))];
				valid += p->cause != 0 && p->owner != FTL_NOWHERE && o->map[p->owner] == u;
				if (programmed != (p->cause != 0))
					oracle_violation(o, "unit %" PRIu64 " is %s and counted as %s", u, programmed ? "programmed" : "erased",
						p->cause ? "programmed" : "erased");
				if (p->cause && p->owner != map_owner(&f->map, u))
					oracle_violation(o, "the reverse map of unit %" PRIu64 " is wrong", u);
			}
			same(o, "valid units of a block", f->blocks.block[k].valid, valid);
			if (!o->d->spec->ftl.gc.pace)
				same(o, "programs under way in a block", f->blocks.block[k].pending, 0);
			for (uint32_t plane = 0; plane < f->alloc.planes_per_region; plane++) {
				uint64_t i = nand_block_index(g, ftl_block_of(f, k, plane));
				same(o, "erases of a block", f->blocks.block[k].erases, (uint64_t)o->erases_before[i] + o->erases[i]);
				same(o, "erases of a flash block", nand_block_of(o->d->nand, ftl_block_of(f, k, plane))->erases,
					f->blocks.block[k].erases);
			}
			live += valid;
		}
		same(o, "live units of a region", f->blocks.region[r].live, live);
	}
}

/* What is programmed in the system area for the map, and what the last program of it has left, is not told apart by the flash. */
static void check_causes(struct oracle *o)
{
	const uint64_t *now = o->d->ftl->counts.programmed, *before = o->before.programmed;
	static const char *const names[FTL_STREAMS] = {"units of the host", "units of garbage collection", "units of wear levelling"};
	uint64_t all = 0, system = o->system_programs * o->page_units;
	for (int i = 0; i < FTL_CAUSES; i++)
		all += now[i] - before[i];
	for (int i = 0; i < FTL_STREAMS; i++)
		same(o, names[i], now[i] - before[i], o->cause[i]);
	same(o, "units of the map and padding", now[FTL_MAPPING] - before[FTL_MAPPING] + now[FTL_PADDING] - before[FTL_PADDING],
		o->cause[FTL_PADDING] + system);
	if (system == 0)
		same(o, "padding", now[FTL_PADDING] - before[FTL_PADDING], o->cause[FTL_PADDING]);
	same(o, "units of all causes, against pages that the flash programmed", all, o->programs * o->page_units);
	o->cause[FTL_MAPPING] = now[FTL_MAPPING] - before[FTL_MAPPING];
	o->cause[FTL_PADDING] = now[FTL_PADDING] - before[FTL_PADDING];
}

static void check_counts(struct oracle *o)
{
	const struct ssd *d = o->d;
	const struct ftl_counts *c = &d->ftl->counts;
	check_causes(o);
	same(o, "pages programmed", d->nand->counts.programs - o->flash_before.programs, o->programs);
	same(o, "pages read", d->nand->counts.reads - o->flash_before.reads, o->senses);
	same(o, "blocks erased", d->nand->counts.erases - o->flash_before.erases, o->erased);
	same(o, "copybacks", d->counts.copybacks, o->copybacks);
	same(o, "units of the host that were submitted", c->programmed[FTL_HOST] - o->before.programmed[FTL_HOST], o->planned_host);
	same(o, "erases", c->erases - o->before.erases, o->jobs_erased);
	same(o, "erases, by plane", (c->erases - o->before.erases) * d->planes, o->erased - o->system_erased);
	same(o, "stale moves", c->stale - o->before.stale, o->stale);
	same(o, "trimmed units", c->trimmed - o->before.trimmed, o->trims);
	same(o, "jobs begun", c->victims[FTL_GC] + c->victims[FTL_WEAR] - o->before.victims[FTL_GC] - o->before.victims[FTL_WEAR],
		o->jobs_erased + d->jobs);
}

/* What the run's report says. */
struct reported {
	struct oracle *o;
	unsigned seen;
};

static void note_value(void *ctx, const char *name, double value, const char *unit)
{
	struct reported *r = ctx;
	const struct oracle *o = r->o;
	const uint64_t *c = o->cause;
	uint64_t all = 0, max = 0;
	(void)unit;
	for (int i = 0; i < FTL_CAUSES; i++)
		all += c[i];
	for (uint64_t i = 0; i < o->d->nand->geom.all_blocks; i++)
		if (o->first[i * o->d->nand->geom.pages] != FTL_NOWHERE && o->erases[i] + o->erases_before[i] > max)
			max = (uint64_t)o->erases[i] + o->erases_before[i];
	const struct {
		const char *name;
		double value;
	} want[] = {
		{"programmed_host_units", (double)c[FTL_HOST]}, {"programmed_gc_units", (double)c[FTL_GC]},
		{"programmed_wear_units", (double)c[FTL_WEAR]}, {"programmed_mapping_units", (double)c[FTL_MAPPING]},
		{"programmed_padding_units", (double)c[FTL_PADDING]}, {"erases", (double)o->jobs_erased},
		{"erase_max", (double)max}, {"waf", c[FTL_HOST] ? (double)all / (double)c[FTL_HOST] : 0},
	};
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		if (strcmp(name, want[i].name) == 0) {
			r->seen |= 1U << i;
			if (value < want[i].value - 1e-9 || value > want[i].value + 1e-9)
				oracle_violation(r->o, "the report says %s = %g, the recount %g", name, value, want[i].value);
		}
}

/* The wear table, line by line: die, plane, block, erases. */
static void check_wear(struct oracle *o)
{
	const struct nand_geom *g = &o->d->nand->geom;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	const char *name;
	for (unsigned i = 0; out && (name = ssd_ops.table(&o->d->dev, i, NULL)); i++)
		if (strcmp(name, "wear") == 0)
			(void)ssd_ops.table(&o->d->dev, i, out);
	if (!out || fclose(out) != 0)
		abort();
	uint64_t lines = 0;
	char *save = NULL;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *at = line;
		uint32_t n[4];
		for (int i = 0; i < 4; i++)
			n[i] = (uint32_t)strtoul(at + (i > 0 && *at == ','), &at, 10);
		if (at == line || *at != '\0') /* the heading */
			continue;
		uint64_t i = nand_block_index(g, nand_ppa_make(g, n[0], n[1], n[2], 0));
		same(o, "erases in the wear table", n[3], (uint64_t)o->erases[i] + o->erases_before[i]);
		lines++;
	}
	same(o, "lines of the wear table", lines, o->d->geom.all_blocks);
	free(text);
}

int oracle_check(struct oracle *o)
{
	struct err e = {0};
	struct reported r = {o, 0};
	same(o, "requests completed", o->d->dev.stats.completed, o->issued);
	if (o->violations == 0 && ftl_check(o->d->ftl, &e) < 0)
		oracle_violation(o, "%s", e.msg);
	if (o->violations == 0 && ftl_buffer_check(o->d->buffer, &e) < 0)
		oracle_violation(o, "%s", e.msg);
	check_counts(o);
	check_blocks(o);
	check_contents(o);
	ssd_ops.report(&o->d->dev, note_value, &r);
	if (r.seen != 0xff)
		oracle_violation(o, "the report lacks a figure");
	check_wear(o);
	return o->violations ? -1 : 0;
}
