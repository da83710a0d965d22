/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads, data out, programs, erases on the bench. */
#include "flash/bench_private.h"

static inline bool in_geometry(const struct nand_geom *g, nand_ppa page)
{
	return nand_ppa_plane(g, page) < g->planes && nand_ppa_block(g, page) < g->blocks && nand_ppa_page(g, page) < g->pages;
}

/* Addresses of one operation: of one die, at one page, in ascending planes, in the geometry. */
static inline enum nand_status check_planes(const struct nand *n, const nand_ppa *page, uint32_t planes)
{
	const struct nand_geom *g = &n->geom;
	if (planes == 0 || planes > g->planes)
		return NAND_BAD_PLANES;
	if (page[0] >> g->die_shift >= g->dies || !in_geometry(g, page[0]))
		return NAND_BAD_ADDRESS;
	for (uint32_t i = 1; i < planes; i++) {
		if (!in_geometry(g, page[i]))
			return NAND_BAD_ADDRESS;
		if (nand_ppa_die(g, page[i]) != nand_ppa_die(g, page[0]) ||
		    nand_ppa_plane(g, page[i]) <= nand_ppa_plane(g, page[i - 1]) ||
		    nand_ppa_page(g, page[i]) != nand_ppa_page(g, page[0]))
			return NAND_BAD_PLANES;
	}
	return NAND_OK;
}

/* tWB + tDBSY before each plane but the first. */
static time_ps plane_gaps(const struct nand *n, uint32_t planes)
{
	return (planes - 1) * n->phases.busy_ps[NAND_OP_READ_PLANE];
}

/* The array takes up a program or erase. */
static inline void take_flight(struct nand *n, uint32_t die, enum nand_work work, const nand_ppa *page, uint32_t planes,
	uint32_t each, bool slc, time_ps begin, time_ps duration)
{
	struct nand_die *d = &n->die[die];
	d->last ^= 1;
	struct nand_flight *f = flight_of(n, die);
	f->begun_ps = begin;
	f->end_ps = begin + duration;
	f->whole_ps = duration;
	f->suspend_ps = begin + n->cells.suspend.interval_ps;
	f->suspends = 0;
	f->work = (uint8_t)work;
	f->planes = (uint8_t)planes;
	f->each = (uint8_t)each;
	f->slc = slc;
	f->given_up = false;
	for (uint32_t i = 0; i < planes; i++)
		f->page[i] = page[i];
	d->array_ps = begin + duration;
	d->planes = d->coming = d->given = d->copyback = 0;
	d->work_ps[work] += duration;
}

/* ---- reads --------------------------------------------------------------------------------------------- */

static bool under_suspension(const struct nand *n, uint32_t die, nand_ppa page)
{
	const struct nand_flight *f = flight_of(n, die);
	for (uint32_t i = 0; i < f->planes; i++)
		if (f->page[i] >> n->geom.block_shift == page >> n->geom.block_shift)
			return true;
	return false;
}

/* What the pages of a read must be, besides well-formed. Notes their blocks. */
static inline enum nand_status check_pages(const struct nand *n, const nand_ppa *page, uint32_t planes,
	enum nand_read_kind kind, bool slc, struct nand_block **block)
{
	uint32_t die = nand_ppa_die(&n->geom, page[0]);
	bool suspended = n->die[die].held_ps > 0;
	if (slc && (!n->cells.slc || nand_ppa_page(&n->geom, page[0]) >= n->geom.slc_pages))
		return n->cells.slc ? NAND_BAD_ADDRESS : NAND_UNSUPPORTED;
	for (uint32_t i = 0; i < planes; i++) {
		block[i] = nand_block_of(n, page[i]);
		if (block[i]->slc != slc && block[i]->next_page > 0)
			return NAND_MODE;
		if (suspended && under_suspension(n, die, page[i]))
			return NAND_SUSPENDED;
		if (kind == NAND_READ_CACHE_NEXT && page[i] != n->sense[die].page[i] + 1)
			return NAND_OUT_OF_ORDER;
	}
	return NAND_OK;
}

/* The pages go on their way to the page register from `begin` on. */
static inline void sense_pages(struct nand *n, uint32_t die, const nand_ppa *page, struct nand_block *const *block,
	uint32_t planes, bool slc, time_ps begin)
{
	struct nand_die *d = &n->die[die];
	time_ps array = nand_read_array_ps(n, nand_ppa_page(&n->geom, page[0]), slc);
	for (uint32_t i = 0; i < planes; i++) {
		n->sense[die].page[i] = page[i];
		block[i]->reads++;
	}
	d->array_ps = begin + array;
	d->work_ps[NAND_WORK_READ] += array;
	n->counts.reads += planes;
}

static enum nand_status read_cache(struct nand *n, time_ps t, uint32_t die, const nand_ppa *page,
	struct nand_block *const *block, uint32_t planes, enum nand_read_kind kind, bool slc, struct nand_span *span)
{
	struct nand_die *d = &n->die[die];
	const struct nand_phases *p = &n->phases;
	if (d->held_ps > 0 || d->coming == 0 || d->copyback)
		return NAND_WRONG_STATE;
	if (kind == NAND_READ_CACHE_NEXT && planes != d->coming)
		return NAND_BAD_PLANES;
	enum nand_op op = kind == NAND_READ_CACHE ? NAND_OP_READ_CACHE_RANDOM :
		kind == NAND_READ_CACHE_NEXT ? NAND_OP_READ_CACHE_NEXT : NAND_OP_READ_CACHE_END;
	uint32_t commands = op == NAND_OP_READ_CACHE_RANDOM ? planes : 1;
	time_ps cycles = commands * p->hold_ps[op] + (slc ? commands * p->slc_ps : 0);
	span->bus_ps = hold(n, d, t, cycles, 0, 0);
	/* the cache takes over when the array has the page */
	time_ps loaded = time_max(span->bus_ps + plane_gaps(n, commands) + n->bus.t.wb_ps, d->array_ps) + n->bus.t.rcbsy_ps;
	d->planes = d->coming;
	d->given = 0;
	d->coming = (uint8_t)planes;
	d->array_ps = loaded;
	d->doing = planes > 0 ? NAND_CACHE_READING : NAND_READING;
	if (planes > 0)
		sense_pages(n, die, page, block, planes, slc, loaded);
	span->ready_ps = d->ready_ps = loaded + p->rr_ps;
	return NAND_OK;
}

/* 3Fh gives what is there; its die is that of the last read, named by page[0]. */
static enum nand_status read_cache_end(struct nand *n, time_ps t, const nand_ppa *page, struct nand_span *span)
{
	uint32_t die = nand_ppa_die(&n->geom, page[0]);
	const struct nand_die *d = &n->die[die];
	if (t < d->ready_ps || channel_taken(n, d, t))
		return NAND_EARLY;
	return read_cache(n, t, die, page, NULL, 0, NAND_READ_CACHE_END, false, span);
}

/* Made twice: for one page to the page register, which is most of what there is, and for all else. */
static inline __attribute__((always_inline)) enum nand_status read_pages(struct nand *n, time_ps t, const nand_ppa *page,
	uint32_t planes, enum nand_read_kind kind, bool slc, struct nand_span *span)
{
	struct nand_block *block[NAND_PLANES_MAX];
	enum nand_status status = check_planes(n, page, planes);
	if (status != NAND_OK || (status = check_pages(n, page, planes, kind, slc, block)) != NAND_OK)
		return status;
	uint32_t die = nand_ppa_die(&n->geom, page[0]);
	struct nand_die *d = &n->die[die];
	const struct nand_phases *p = &n->phases;
	bool cache = kind == NAND_READ_CACHE || kind == NAND_READ_CACHE_NEXT;
	if (t < (cache ? d->ready_ps : array_takes(d)) || channel_taken(n, d, t))
		return NAND_EARLY;
	if (cache)
		return read_cache(n, t, die, page, block, planes, kind, slc, span);
	if (kind == NAND_READ_COPYBACK && (!n->cells.copyback.allowed || d->held_ps > 0))
		return n->cells.copyback.allowed ? NAND_WRONG_STATE : NAND_UNSUPPORTED;
	time_ps cycles = planes * p->hold_ps[NAND_OP_READ] + (slc ? planes * p->slc_ps : 0);
	span->bus_ps = hold(n, d, t, cycles, 0, 0);
	sense_pages(n, die, page, block, planes, slc, span->bus_ps + plane_gaps(n, planes) + p->busy_ps[NAND_OP_READ]);
	d->planes = d->coming = (uint8_t)planes;
	d->given = 0;
	d->copyback = kind == NAND_READ_COPYBACK;
	d->doing = NAND_READING;
	span->ready_ps = d->ready_ps = d->array_ps + p->rr_ps;
	return NAND_OK;
}

enum nand_status nand_read(struct nand *n, time_ps t, const nand_ppa *page, uint32_t planes, enum nand_read_kind kind,
	bool slc, struct nand_span *span)
{
	if (planes == 1 && kind == NAND_READ_PAGE && !slc)
		return read_pages(n, t, page, 1, NAND_READ_PAGE, false, span);
	if (kind == NAND_READ_CACHE_END)
		return page[0] >> n->geom.die_shift < n->geom.dies ? read_cache_end(n, t, page, span) : NAND_BAD_ADDRESS;
	return read_pages(n, t, page, planes, kind, slc, span);
}

enum nand_status nand_data_out(struct nand *n, time_ps t, uint32_t die, uint32_t slot, uint32_t bytes,
	struct nand_span *span)
{
	struct nand_die *d = &n->die[die];
	if (t < d->ready_ps || channel_taken(n, d, t))
		return NAND_EARLY;
	if (slot >= d->planes)
		return NAND_WRONG_STATE;
	span->bus_ps = hold(n, d, t, nand_data_out_cycles(n, die, slot), 0, nand_transfer(n, bytes));
	n->channel[d->channel].quiet_ps = span->bus_ps;
	d->given = (uint8_t)(slot + 1);
	span->ready_ps = d->ready_ps = span->bus_ps;
	n->counts.bytes_out += bytes;
	return NAND_OK;
}

/* ---- programs ------------------------------------------------------------------------------------------ */

/* A program's addresses: `each` pages of a wordline from the first on, for each of the planes. Notes their blocks. */
static inline enum nand_status check_program(const struct nand *n, const nand_ppa *page, uint32_t planes, uint32_t each, bool slc,
	struct nand_block **block)
{
	enum nand_status status = check_planes(n, page, planes);
	if (status != NAND_OK)
		return status;
	uint32_t first = nand_ppa_page(&n->geom, page[0]);
	if (slc && first >= n->geom.slc_pages)
		return NAND_BAD_ADDRESS;
	if (each > 1 && nand_page_type(&n->geom, first) != 0)
		return NAND_OUT_OF_ORDER;
	for (uint32_t i = planes; i < planes * each; i++)
		if (page[i] != page[i % planes] + i / planes)
			return NAND_BAD_PLANES;
	for (uint32_t i = 0; i < planes; i++) {
		const struct nand_block *b = block[i] = nand_block_of(n, page[i]);
		if (b->next_page > 0 && b->slc != slc)
			return NAND_MODE;
		if (first < b->next_page)
			return NAND_NOT_ERASED;
		if (first > b->next_page && n->rule == NAND_RULE_NEXT)
			return NAND_OUT_OF_ORDER;
	}
	return NAND_OK;
}

/* Copyback programs the pages whose planes it read. */
static enum nand_status check_copyback(const struct nand *n, uint32_t die, const nand_ppa *page, uint32_t planes)
{
	const struct nand_die *d = &n->die[die];
	if (!n->cells.copyback.allowed)
		return NAND_UNSUPPORTED;
	if (!d->copyback || d->planes != planes || n->geom.program_pages > 1)
		return NAND_WRONG_STATE;
	for (uint32_t i = 0; i < planes; i++) {
		nand_ppa from = n->sense[die].page[i];
		if (nand_ppa_plane(&n->geom, from) != nand_ppa_plane(&n->geom, page[i]))
			return NAND_OTHER_PLANE;
		if (n->cells.copyback.parity && ((from ^ page[i]) & 1) != 0)
			return NAND_PARITY;
	}
	return NAND_OK;
}

/* Channel time of one page of a program: its cycles and its data. */
static inline time_ps program_cycles(const struct nand *n, enum nand_program_kind kind, uint32_t *bytes)
{
	const struct nand_phases *p = &n->phases;
	switch (kind) {
	case NAND_PROGRAM_COPYBACK:
		*bytes = 0;
		return p->hold_ps[NAND_OP_COPYBACK_PROGRAM];
	case NAND_PROGRAM_CHANGED:
		return p->hold_ps[NAND_OP_COPYBACK_CHANGE];
	default:
		*bytes = *bytes > 0 ? *bytes : n->geom.page_bytes;
		return p->hold_ps[NAND_OP_PROGRAM];
	}
}

/* Made twice, as read_pages(). */
static inline __attribute__((always_inline)) enum nand_status program_pages(struct nand *n, time_ps t, const nand_ppa *page,
	uint32_t planes, uint32_t each, enum nand_program_kind kind, bool slc, uint32_t bytes, struct nand_span *span)
{
	uint32_t count = planes * each;
	struct nand_block *block[NAND_PLANES_MAX];
	enum nand_status status = check_program(n, page, planes, each, slc, block);
	if (status != NAND_OK)
		return status;
	uint32_t die = nand_ppa_die(&n->geom, page[0]);
	struct nand_die *d = &n->die[die];
	if (t < program_takes(d) || channel_taken(n, d, t))
		return NAND_EARLY;
	if (d->held_ps > 0)
		return NAND_WRONG_STATE;
	bool copy = kind == NAND_PROGRAM_COPYBACK || kind == NAND_PROGRAM_CHANGED;
	if (copy && (status = check_copyback(n, die, page, planes)) != NAND_OK)
		return status;
	for (uint32_t i = 0; i < planes; i++) {
		block[i]->slc = slc;
		block[i]->next_page = (uint16_t)(nand_ppa_page(&n->geom, page[i]) + each);
	}
	time_ps cycles = program_cycles(n, kind, &bytes) + (slc ? n->phases.slc_ps : 0);
	span->bus_ps = hold(n, d, t, count * cycles, count * nand_transfer(n, bytes), 0);
	/* behind a cache program the array comes free later than the data arrive */
	time_ps begin = span->bus_ps + plane_gaps(n, count) + n->bus.t.wb_ps;
	begin = d->doing == NAND_CACHE_PROGRAMMING ? time_max(begin, d->array_ps) : begin;
	begin += kind == NAND_PROGRAM_CACHE ? n->bus.t.cbsy_ps : 0;
	take_flight(n, die, NAND_WORK_PROGRAM, page, planes, each, slc, begin,
		nand_program_array_ps(n, nand_ppa_page(&n->geom, page[0]), slc));
	d->doing = kind == NAND_PROGRAM_CACHE ? NAND_CACHE_PROGRAMMING : NAND_PROGRAMMING;
	span->ready_ps = d->ready_ps = kind == NAND_PROGRAM_CACHE ? begin : d->array_ps;
	n->counts.programs += count;
	n->counts.copybacks += kind == NAND_PROGRAM_COPYBACK ? count : 0;
	n->counts.bytes_in += (uint64_t)count * bytes;
	return NAND_OK;
}

enum nand_status nand_program(struct nand *n, time_ps t, const nand_ppa *page, uint32_t count,
	enum nand_program_kind kind, bool slc, uint32_t bytes, struct nand_span *span)
{
	uint32_t each = slc ? 1 : n->geom.program_pages;
	if (count == 1 && each == 1 && kind == NAND_PROGRAM_PAGE && !slc)
		return program_pages(n, t, page, 1, 1, NAND_PROGRAM_PAGE, false, bytes, span);
	if (count == 0 || count % each != 0)
		return NAND_BAD_PLANES;
	if (slc && !n->cells.slc)
		return NAND_UNSUPPORTED;
	return program_pages(n, t, page, count / each, each, kind, slc, bytes, span);
}

enum nand_status nand_column_in(struct nand *n, time_ps t, uint32_t die, uint32_t bytes, struct nand_span *span)
{
	struct nand_die *d = &n->die[die];
	if (t < program_takes(d) || channel_taken(n, d, t))
		return NAND_EARLY;
	if (d->held_ps > 0)
		return NAND_WRONG_STATE;
	span->bus_ps = hold(n, d, t, n->phases.hold_ps[NAND_OP_COLUMN_IN], nand_transfer(n, bytes), 0);
	span->ready_ps = d->ready_ps = span->bus_ps;
	n->counts.bytes_in += bytes;
	return NAND_OK;
}

enum nand_status nand_erase(struct nand *n, time_ps t, const nand_ppa *block, uint32_t planes, bool slc,
	struct nand_span *span)
{
	nand_ppa at[NAND_PLANES_MAX];
	if (planes > NAND_PLANES_MAX)
		return NAND_BAD_PLANES;
	for (uint32_t i = 0; i < planes; i++)
		at[i] = block[i] & ~(nand_ppa)n->geom.page_mask;
	enum nand_status status = check_planes(n, at, planes);
	if (status != NAND_OK)
		return status;
	if (slc && !n->cells.slc)
		return NAND_UNSUPPORTED;
	uint32_t die = nand_ppa_die(&n->geom, at[0]);
	struct nand_die *d = &n->die[die];
	if (t < array_takes(d) || channel_taken(n, d, t))
		return NAND_EARLY;
	if (d->held_ps > 0)
		return NAND_WRONG_STATE;
	for (uint32_t i = 0; i < planes; i++)
		nand_block_erase(nand_block_of(n, at[i]), slc);
	span->bus_ps = hold(n, d, t, planes * (n->phases.hold_ps[NAND_OP_ERASE] + (slc ? n->phases.slc_ps : 0)), 0, 0);
	time_ps begin = span->bus_ps + plane_gaps(n, planes) + n->phases.busy_ps[NAND_OP_ERASE];
	take_flight(n, die, NAND_WORK_ERASE, at, planes, 1, slc, begin, nand_erase_array_ps(n, slc));
	d->doing = NAND_ERASING;
	span->ready_ps = d->ready_ps = d->array_ps;
	n->counts.erases += planes;
	return NAND_OK;
}
