/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The seams of the solid-state drive at which the oracle listens: __wrap_NAME() is called where NAME() is meant, and
 * calls __real_NAME(), as the linker's --wrap=NAME says (Makefile.am, SSD_SEAMS). The faults are made here too.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ftl/ssd_oracle.h"

/* The linker gives the seams no argument in which the oracle could come. */
static struct oracle *listening;

struct oracle *oracle_listening(void) { return listening; }
void oracle_listen(struct oracle *o) { listening = o; }

#define SEAM(type, name, parameters) \
	type __real_##name parameters; \
	type __wrap_##name parameters; \
	type __wrap_##name parameters

static uint64_t *content_of(const struct oracle *o, const struct ftl_buffer_entry *e)
{
	return o->buffer + (uint64_t)(e - o->d->buffer->entry) * o->unit_sectors;
}
static uint64_t *flash_at(const struct oracle *o, uint64_t physical) { return o->flash + physical * o->unit_sectors; }
static void copy_unit(const struct oracle *o, uint64_t *to, const uint64_t *from)
{
	memcpy(to, from, o->unit_sectors * sizeof(*to));
}
static void set_unit(const struct oracle *o, uint64_t *to, uint64_t value)
{
	for (uint32_t s = 0; s < o->unit_sectors; s++)
		to[s] = value;
}

/* ---- the bench ---------------------------------------------------------------------------------------------------- */

SEAM(enum nand_status, nand_read, (struct nand *n, time_ps t, const nand_ppa *page, uint32_t planes, enum nand_read_kind kind,
	bool slc, struct nand_span *span))
{
	struct oracle *o = listening;
	enum nand_status status = __real_nand_read(n, t, page, planes, kind, slc, span);
	if (!o || o->d->nand != n || status != NAND_OK || oracle_fault(o, FAULT_SENSE))
		return status;
	o->senses += planes;
	for (uint32_t i = 0; i < planes; i++) {
		uint64_t p = nand_page_index(&n->geom, page[i]);
		o->sensed[p] = ++o->clock;
		if (!o->programmed[p])
			oracle_violation(o, "page %" PRIu64 " is read and holds nothing", p);
		if (kind == NAND_READ_COPYBACK)
			o->reg[(uint64_t)nand_ppa_die(&n->geom, page[i]) * NAND_PLANES_MAX + i] = page[i];
	}
	return status;
}

static void program_page(struct oracle *o, const struct nand *n, nand_ppa at, const nand_ppa *source)
{
	uint64_t page = nand_page_index(&n->geom, at);
	if (o->programmed[page])
		oracle_violation(o, "page %" PRIu64 " is programmed twice between erases", page);
	o->programmed[page] = 1;
	if (o->first[page] == FTL_NOWHERE) {
		o->system_programs++;
		return;
	}
	uint64_t from = source ? o->first[nand_page_index(&n->geom, *source)] : 0;
	for (uint32_t i = 0; i < o->page_units; i++) {
		uint64_t u = o->first[page] + i;
		struct oracle_place *p = &o->place[u];
		if (source && p->planned)
			copy_unit(o, flash_at(o, u), flash_at(o, from + i));
		else if (p->planned && p->staged)
			copy_unit(o, flash_at(o, u), o->staged + u * o->unit_sectors);
		else if (p->planned)
			oracle_violation(o, "unit %" PRIu64 " is programmed before its data have come", u);
		p->staged = false;
	}
}

SEAM(enum nand_status, nand_program, (struct nand *n, time_ps t, const nand_ppa *page, uint32_t count,
	enum nand_program_kind kind, bool slc, uint32_t bytes, struct nand_span *span))
{
	struct oracle *o = listening;
	enum nand_status status = __real_nand_program(n, t, page, count, kind, slc, bytes, span);
	if (!o || o->d->nand != n || status != NAND_OK || oracle_fault(o, FAULT_PROGRAM))
		return status;
	o->programs += count;
	bool copy = kind == NAND_PROGRAM_COPYBACK;
	o->copybacks += copy ? count : 0;
	const nand_ppa *reg = o->reg + (uint64_t)nand_ppa_die(&n->geom, page[0]) * NAND_PLANES_MAX;
	for (uint32_t i = 0; i < count; i++)
		program_page(o, n, page[i], copy ? &reg[i] : NULL);
	return status;
}

static void erase_block(struct oracle *o, uint64_t block)
{
	uint64_t pages = o->d->nand->geom.pages;
	o->erases[block]++;
	bool system = o->first[block * pages] == FTL_NOWHERE;
	o->system_erased += system;
	for (uint64_t p = block * pages; p < (block + 1) * pages; p++) {
		for (uint64_t u = o->first[p]; !system && u < o->first[p] + o->page_units; u++) {
			struct oracle_place *at = &o->place[u];
			if (at->cause && at->owner != FTL_NOWHERE && o->map[at->owner] == u)
				oracle_violation(o, "unit %" PRIu64 " is erased and is the latest of %" PRIu64, u, at->owner);
			if (at->planned)
				oracle_violation(o, "unit %" PRIu64 " is erased and its program is not over", u);
			*at = (struct oracle_place){0};
			set_unit(o, flash_at(o, u), ORACLE_NOTHING);
		}
		o->programmed[p] = 0;
	}
}

SEAM(enum nand_status, nand_erase, (struct nand *n, time_ps t, const nand_ppa *block, uint32_t planes, bool slc,
	struct nand_span *span))
{
	struct oracle *o = listening;
	enum nand_status status = __real_nand_erase(n, t, block, planes, slc, span);
	if (!o || o->d->nand != n || status != NAND_OK || oracle_fault(o, FAULT_ERASE))
		return status;
	o->erased += planes;
	for (uint32_t i = 0; i < planes; i++)
		erase_block(o, nand_block_index(&n->geom, block[i]));
	return status;
}

/* ---- transactions -------------------------------------------------------------------------------------------------- */

/* What reaches the lane's read from a unit in flash. */
static void show(struct oracle *o, const struct oracle_read *r, uint32_t i)
{
	const struct ssd_read_part *part = &r->q->part[i];
	const struct blk_req *req = r->q->command->req;
	uint64_t lba = r->unit[i] * o->unit_sectors;
	for (uint32_t s = 0; s < o->unit_sectors; s++)
		if (part->mask >> s & 1)
			oracle_saw(o, container_of(req, struct oracle_lane, req), lba + s, flash_at(o, r->physical[i])[s], "flash");
}

/* A move's units, of this page, go to where its group is. */
static void stage_moves(struct oracle *o, const struct oracle_read *r, const struct ssd_group *g)
{
	const struct ssd *d = o->d;
	for (uint32_t i = 0; i < g->taken; i++) {
		const struct ssd_slot *s = &g->slot[i];
		if (s->kind != SSD_SLOT_MOVE || nand_page_index(&d->nand->geom, ftl_page_of(d->ftl, s->from, NULL)) != r->page)
			continue;
		copy_unit(o, o->staged + s->to * o->unit_sectors, flash_at(o, s->from));
		o->place[s->to].staged = true;
	}
}

static void read_done(struct tsu *t, struct tsu_tx *x)
{
	struct oracle_read *r = x->owner;
	struct oracle *o = listening;
	const struct nand_geom *g = &o->d->nand->geom;
	if (o->sensed[r->page] <= r->clock)
		oracle_violation(o, "a read of page %" PRIu32 " is over, and the flash never did it", r->page);
	if (o->erases[r->page / g->pages] != r->erased)
		oracle_violation(o, "page %" PRIu32 " was erased while it was read", r->page);
	for (uint32_t i = 0; i < r->q->count; i++) {
		if (r->q->command && r->physical[i] != FTL_NOWHERE)
			show(o, r, i);
		if (r->q->part[i].group)
			stage_moves(o, r, r->q->part[i].group);
	}
	x->owner = o->d;
	x->done = r->done;
	o->filling = r;
	r->done(t, x);
	o->filling = NULL;
	r->next = o->free;
	o->free = r;
}

/* Which unit a part of a page read is of. */
static uint64_t unit_of(struct oracle *o, const struct ssd_read *q, const struct ssd_read_part *part)
{
	if (!q->command)
		return part->entry ? part->entry->unit : FTL_NOWHERE;
	if (o->missing_first == o->missing_count) {
		oracle_violation(o, "a read of flash was submitted that no read of the host asked for");
		return FTL_NOWHERE;
	}
	const struct oracle_missing *m = &o->missing[o->missing_first++];
	if (m->mask != part->mask || (part->entry && part->entry->unit != m->unit))
		oracle_violation(o, "a read of flash is not of what is missing of unit %" PRIu64, m->unit);
	return m->unit;
}

static struct oracle_read *new_read(struct oracle *o)
{
	struct oracle_read *r = o->free;
	if (r) {
		o->free = r->next;
		return r;
	}
	r = malloc(sizeof(*r));
	if (!r)
		abort();
	r->other = o->all;
	o->all = r;
	return r;
}

static void note_read(struct oracle *o, struct tsu_tx *x)
{
	struct ssd_read *q = container_of(x, struct ssd_read, tx);
	const struct ssd *d = o->d;
	struct oracle_read *r = new_read(o);
	r->q = q;
	r->done = x->done;
	r->clock = o->clock;
	r->page = (uint32_t)nand_page_index(&d->nand->geom, x->page);
	r->erased = o->erases[r->page / d->nand->geom.pages];
	for (uint32_t i = 0; i < q->count; i++) {
		r->physical[i] = r->unit[i] = FTL_NOWHERE;
		if (q->part[i].group)
			continue;
		uint64_t unit = unit_of(o, q, &q->part[i]), at = unit != FTL_NOWHERE ? o->map[unit] : FTL_NOWHERE;
		if (at == FTL_NOWHERE || o->first[r->page] > at || at >= o->first[r->page] + o->page_units) {
			oracle_violation(o, "unit %" PRIu64 " is read from page %" PRIu32 ", where it is not", unit, r->page);
			continue;
		}
		r->unit[i] = unit;
		r->physical[i] = at;
	}
	x->done = read_done;
	x->owner = r;
}

static void note_program(struct oracle *o, const struct tsu_tx *x)
{
	const struct ssd_group *g = container_of(x, struct ssd_group, tx);
	for (uint32_t i = 0; i < g->taken; i++) {
		const struct ssd_slot *s = &g->slot[i];
		struct oracle_place *p = &o->place[s->to];
		p->planned = true;
		p->logical = s->logical;
		p->from = s->kind == SSD_SLOT_MOVE ? s->from : FTL_NOWHERE;
		if (s->kind == SSD_SLOT_MOVE)
			continue;
		o->planned_host++;
		if (s->entry->unit != s->logical || s->entry->held != o->d->full)
			oracle_violation(o, "unit %" PRIu64 " is programmed without all of its sectors", s->logical);
		copy_unit(o, o->staged + s->to * o->unit_sectors, content_of(o, s->entry));
		p->staged = true;
	}
}

static void note(struct oracle *o, const struct tsu *t, struct tsu_tx *x)
{
	if (!o || o->d->tsu != t)
		return;
	if (x->kind == TSU_READ)
		note_read(o, x);
	else if (x->kind != TSU_ERASE && x->source != TSU_MAPPING)
		note_program(o, x);
}

SEAM(void, tsu_submit, (struct tsu *t, struct tsu_tx *x))
{
	note(listening, t, x);
	__real_tsu_submit(t, x);
}

SEAM(void, tsu_submit_alone, (struct tsu *t, struct tsu_tx *x))
{
	note(listening, t, x);
	__real_tsu_submit_alone(t, x);
}

/* ---- the buffer ----------------------------------------------------------------------------------------------------- */

SEAM(struct ftl_buffer_entry *, ftl_buffer_write, (struct ftl_buffer *b, uint64_t unit, uint64_t mask, uint64_t tag))
{
	struct oracle *o = listening;
	const struct ftl_buffer_entry *older = ftl_buffer_find(b, unit);
	struct ftl_buffer_entry *e = __real_ftl_buffer_write(b, unit, mask, tag);
	if (!o || o->d->buffer != b || !e)
		return e;
	uint64_t *to = content_of(o, e);
	if (e != older && older)
		copy_unit(o, to, content_of(o, older));
	else if (e != older)
		set_unit(o, to, ORACLE_NOTHING);
	if (oracle_fault(o, FAULT_BUFFER))
		return e;
	for (uint32_t s = 0; s < o->unit_sectors; s++)
		if (mask >> s & 1)
			to[s] = tag ? oracle_content(tag, unit * o->unit_sectors + s) : 0;
	return e;
}

SEAM(enum ftl_buffer_trim, ftl_buffer_trim, (struct ftl_buffer *b, uint64_t unit))
{
	struct oracle *o = listening;
	enum ftl_buffer_trim how = __real_ftl_buffer_trim(b, unit);
	if (o && o->d->buffer == b && how == FTL_BUFFER_LATER)
		set_unit(o, content_of(o, ftl_buffer_find(b, unit)), 0);
	return how;
}

SEAM(void, ftl_buffer_fill, (struct ftl_buffer *b, struct ftl_buffer_entry *e, uint64_t mask))
{
	struct oracle *o = listening;
	uint64_t missing = mask & ~e->held, *to = o && o->d->buffer == b ? content_of(o, e) : NULL;
	if (to && e->state != FTL_BUFFER_GONE && missing && (e->state == FTL_BUFFER_CLEAN || !oracle_fault(o, FAULT_FILL))) {
		const uint64_t *from = NULL;
		for (uint32_t i = 0; o->filling && i < o->filling->q->count; i++)
			if (o->filling->q->part[i].entry == e && o->filling->physical[i] != FTL_NOWHERE)
				from = flash_at(o, o->filling->physical[i]);
		if (!from && o->map[e->unit] != FTL_NOWHERE)
			oracle_violation(o, "unit %" PRIu64 " is filled with zeros and is in flash", e->unit);
		for (uint32_t s = 0; s < o->unit_sectors; s++)
			if (missing >> s & 1)
				to[s] = from ? from[s] : 0;
	}
	__real_ftl_buffer_fill(b, e, mask);
}

/* What is found in the buffer for the read that is being put together; the rest of it must come from flash. */
SEAM(uint64_t, ftl_buffer_read, (struct ftl_buffer *b, uint64_t unit, uint64_t mask))
{
	struct oracle *o = listening;
	uint64_t held = __real_ftl_buffer_read(b, unit, mask);
	if (!o || o->d->buffer != b || !o->current)
		return held;
	const uint64_t *from = held ? content_of(o, ftl_buffer_find(b, unit)) : NULL;
	for (uint32_t s = 0; s < o->unit_sectors; s++)
		if (held >> s & 1)
			oracle_saw(o, o->current, unit * o->unit_sectors + s, from[s], "the buffer");
	if (mask & ~held && o->map[unit] != FTL_NOWHERE)
		o->missing[o->missing_count++] = (struct oracle_missing){unit, mask & ~held};
	return held;
}

/* ---- commands of the host --------------------------------------------------------------------------------------------- */

/* A FUA read takes nothing from the buffer. */
static void begin_read(struct oracle *o, const struct ssd_command *c)
{
	const struct blk_req *r = c->req;
	o->current = container_of(r, struct oracle_lane, req);
	o->missing_first = o->missing_count = 0;
	for (uint64_t at = r->lba, end = r->lba + r->sectors; (r->flags & BLK_FUA) && at < end;) {
		uint32_t first = (uint32_t)(at % o->unit_sectors), count = o->unit_sectors - first;
		count = count < end - at ? count : (uint32_t)(end - at);
		if (o->map[at / o->unit_sectors] != FTL_NOWHERE)
			o->missing[o->missing_count++] =
				(struct oracle_missing){at / o->unit_sectors, ftl_buffer_mask(first, count)};
		at += count;
	}
}

SEAM(void, ssd_read_command, (struct ssd *d, struct ssd_command *c))
{
	struct oracle *o = listening;
	bool ours = o && o->d == d;
	if (ours)
		begin_read(o, c);
	__real_ssd_read_command(d, c);
	if (ours)
		o->current = NULL;
}

SEAM(void, ssd_read_go, (struct ssd *d, struct ssd_command *c))
{
	struct oracle *o = listening;
	bool ours = o && o->d == d;
	if (ours)
		begin_read(o, c);
	__real_ssd_read_go(d, c);
	if (ours)
		o->current = NULL;
}

/* ---- the map ------------------------------------------------------------------------------------------------------------ */

static void compare_map(struct oracle *o, uint64_t logical, uint64_t device)
{
	if (o->map[logical] != device)
		oracle_violation(o, "unit %" PRIu64 " was mapped to %" PRIu64 ", and its last program or trim said %" PRIu64, logical, device,
			o->map[logical]);
}

SEAM(void, ftl_write_commit, (struct ftl *f, uint64_t logical, uint64_t physical))
{
	struct oracle *o = listening;
	uint64_t old = ftl_lookup(f, logical);
	if (o && o->d->ftl == f)
		compare_map(o, logical, old);
	__real_ftl_write_commit(f, logical, physical);
	if (o && o->d->ftl == f && old != FTL_NOWHERE && oracle_fault(o, FAULT_MAP))
		map_set(&f->map, logical, old);
}

SEAM(bool, ftl_move_commit, (struct ftl *f, uint32_t region, const struct ftl_move *m))
{
	struct oracle *o = listening;
	bool kept = __real_ftl_move_commit(f, region, m);
	if (o && o->d->ftl == f && kept && oracle_fault(o, FAULT_MOVE))
		map_set(&f->map, m->logical, m->from);
	return kept;
}

SEAM(bool, ftl_trim, (struct ftl *f, uint64_t logical))
{
	struct oracle *o = listening;
	bool ours = o && o->d->ftl == f;
	uint64_t old = ftl_lookup(f, logical);
	bool mapped = __real_ftl_trim(f, logical);
	if (!ours)
		return mapped;
	compare_map(o, logical, old);
	o->trims += o->map[logical] != FTL_NOWHERE;
	o->map[logical] = FTL_NOWHERE;
	if (old != FTL_NOWHERE && oracle_fault(o, FAULT_TRIM))
		map_set(&f->map, logical, old);
	return mapped;
}
