/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The formulas of a device without remapping: the operations of ftl/inplace, one after the other on the bench; and a whole drive
 * (ssd.formula.drive), whose front costs nothing.
 *
 * Its lecture variant, which reads all b pages of a block: b (read + write) + erase, to the picosecond; the part is the
 * lecture's (Arpaci-Dusseau, "Operating Systems: Three Easy Pieces", ch. 44: 64 pages of 2 KiB, 25 us, 200 us, 1.5 ms), all bus
 * times 0 but the data's, which are 10 ps a byte. The other, which skips the pages it writes: column T_no_remap_ms of seeds.csv,
 * a row of which has the same figure for each over-provisioning.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bind_text.h"
#include "flash/bench.h"
#include "flash/options.h"
#include "ftl/inplace.h"
#include "ftl/ssd.h"
#include "sim/config.h"
#include "valid/valid.h"

struct part {
	const char *name;    /* as the table's begin */
	unsigned pages, page_bytes;
	const char *rate;
	long long read_us, program_us, erase_us;
};
static const struct part lecture = {"lecture", 64, 2048, "100000 MT/s", 25, 200, 1500};
#define PARTS 3
static const struct part parts[PARTS] = {
	{"SLC 2KiB", 64, 2048, "50 MT/s", 25, 200, 1500},
	{"MLC 8KiB", 256, 8192, "333 MT/s", 75, 750, 3800},
	{"TLC 16KiB", 768, 16384, "1200 MT/s", 60, 700, 5000},
};

/* One operation at t; when it is over, or -1. */
static time_ps carry_out(struct nand *n, time_ps t, const struct inplace_op *op)
{
	struct nand_span span = {0};
	enum nand_status s = NAND_OK;
	switch (op->kind) {
	case INPLACE_READ:
		s = nand_read(n, t, &op->page, 1, NAND_READ_PAGE, false, &span);
		if (s == NAND_OK)
			s = nand_data_out(n, span.ready_ps, 0, 0, n->geom.page_bytes, &span);
		return s == NAND_OK ? span.bus_ps : -1;
	case INPLACE_ERASE:
		s = nand_erase(n, t, &op->page, 1, false, &span);
		return s == NAND_OK ? span.ready_ps : -1;
	default:
		s = nand_program(n, t, &op->page, 1, NAND_PROGRAM_PAGE, false, 0, &span);
		return s == NAND_OK ? span.ready_ps : -1;
	}
}

static time_ps write_pages(struct nand *n, struct inplace *p, time_ps t, uint64_t page, uint32_t count)
{
	struct inplace_write w;
	struct inplace_op op;
	inplace_begin(p, &w, page, count);
	while (t >= 0 && inplace_next(p, &w, &op))
		t = carry_out(n, t, &op);
	return t;
}

/* Time of a write of one page in a block that is full, or -1. */
static time_ps write_ps(const struct part *x, enum inplace_update update)
{
	char text[512];
	struct err e = {0};
	struct flash_spec spec;
	struct inplace p;
	struct arena *a = arena_new();
	struct config *c = config_new(NULL);
	struct nand *n = NULL;
	time_ps took = -1;
	snprintf(text, sizeof(text),
		"geometry: {channels: 1, chips: 1, dies: 1, planes: 1, blocks: 2, pages: %u, page: %u B, cell: slc}\n"
		"bus: {interface: custom, rate: %s}\n"
		"array: {read: [%lld us], program: [%lld us], erase: %lld us}\n",
		x->pages, x->page_bytes, x->rate, x->read_us, x->program_us, x->erase_us);
	if (a && c && config_load_text(c, "ssd.formula", text, &e) == 0 &&
	    config_bind(config_root(c), "flash", &flash_options, NULL, &spec, a, &e) == 0)
		n = nand_open(a, &spec, &e);
	if (n && inplace_open(&p, a, &n->geom, update, &e) == 0) {
		time_ps begin = write_pages(n, &p, 0, 0, x->pages);
		time_ps end = begin < 0 ? -1 : write_pages(n, &p, begin, x->pages / 2, 1);
		took = end < 0 ? -1 : end - begin;
	}
	if (e.msg[0])
		fprintf(stderr, "ssd.formula: %s\n", e.msg);
	config_free(c);
	arena_free(a);
	return took;
}

/* ---- the same of a whole drive ---------------------------------------------------------------------------- */

/* A drive of `blocks` blocks of the part, whose front costs nothing. NULL: what is wrong goes to standard error. */
static struct blk_dev *drive(struct sim *s, const struct part *x, unsigned blocks, const char *more)
{
	char text[1024];
	struct err e = {0};
	snprintf(text, sizeof(text),
		"flash:\n  geometry: {channels: 1, chips: 1, dies: 1, planes: 1, blocks: %u, pages: %u, page: %u B, cell: slc}\n"
		"  bus: {interface: custom, rate: %s}\n"
		"  array: {read: [%lld us], program: [%lld us], erase: %lld us}\nfront: {kind: none}\n%s",
		blocks, x->pages, x->page_bytes, x->rate, x->read_us, x->program_us, x->erase_us, more);
	const void *spec = bind_text(s->arena, &ssd_options, text, &e);
	struct blk_dev *dev = spec ? blk_dev_open(s, &ssd_ops, "ssd", spec, &e) : NULL;
	if (e.msg[0])
		fprintf(stderr, "ssd.formula: %s\n", e.msg);
	return dev;
}

static void note_done(struct sim *s, struct blk_req *r)
{
	(void)s;
	*(bool *)r->owner = r->status == BLK_OK;
}

/* Writes one page and waits for its acknowledgement. */
static bool write_page(struct blk_dev *dev, const struct part *x, uint64_t page)
{
	bool done = false;
	uint32_t sectors = x->page_bytes / SECTOR_BYTES;
	struct blk_req r = {.op = BLK_WRITE, .lba = page * sectors, .sectors = sectors, .done = note_done, .owner = &done, .tag = 1};
	blk_submit(dev, &r);
	while (!done && sim_step(dev->sim))
		;
	return done;
}

/* Time of a write of one page of a full drive without remapping, or -1. */
static time_ps drive_write_ps(const struct part *x, const char *update)
{
	char more[128];
	struct sim *s = sim_new(1);
	snprintf(more, sizeof(more), "ftl: {map: {scheme: none, update: %s}}\nprecondition: {fill: 100 %%}\n", update);
	struct blk_dev *dev = drive(s, x, 2, more);
	time_ps took = dev && write_page(dev, x, x->pages + x->pages / 2) ? s->now_ps : -1;
	blk_dev_close(dev);
	sim_free(s);
	return took;
}

/* With a map, overwriting in order what is two thirds of the flash, so that nothing is ever copied: the time of so many writes, a
 * whole number of blocks, or -1. */
static time_ps drive_in_order_ps(const struct part *x, unsigned blocks)
{
	char more[192];
	struct sim *s = sim_new(1);
	time_ps from = 0, took = -1;
	snprintf(more, sizeof(more), "ftl: {map: {capacity: %u B}, alloc: {frontiers: shared}}\nbuffer: {size: %u B, write_back: false}\n",
		10 * x->pages * x->page_bytes, 32 * x->page_bytes);
	struct blk_dev *dev = drive(s, x, 16, more);
	bool good = dev != NULL;
	for (uint64_t i = 0; i < (uint64_t)(40 + blocks) * x->pages && good; i++) {
		if (i == (uint64_t)40 * x->pages)
			from = s->now_ps;
		good = write_page(dev, x, i % (10 * x->pages));
	}
	if (good)
		took = s->now_ps - from;
	blk_dev_close(dev);
	sim_free(s);
	return took;
}

/* ---- figures -------------------------------------------------------------------------------------------- */

static void in_place(struct valid *v)
{
	const struct part *x = &lecture;
	time_ps data = 10 * (time_ps)x->page_bytes, us = 1000000, program = x->program_us * us + data, erase = x->erase_us * us;
	time_ps want = x->pages * (x->read_us * us + data + program) + erase;
	valid_near(v, "ssd.formula.lecture_off_ps", (double)(write_ps(x, INPLACE_LECTURE) - want), 0, 0,
		"b (read + write) + erase, OSTEP ch. 44");
	valid_near(v, "ssd.formula.drive.lecture_off_ps", (double)(drive_write_ps(x, "lecture") - want), 0, 0,
		"the same of a whole drive without remapping");
	valid_near(v, "ssd.formula.drive.remapped_off_ps", (double)(drive_in_order_ps(x, 40) - 40 * (x->pages * program + erase)), 0, 0,
		"of 40 blocks of writes with remapping and nothing to copy: each write + erase/b, OSTEP ch. 44");
}

static void seeds(struct valid *v)
{
	char path[4096], line[256], name[64];
	double target[PARTS] = {0}, ms;
	snprintf(path, sizeof(path), "%s/oracles/nand/seeds.csv", v->data ? v->data : "");
	FILE *f = v->data ? fopen(path, "r") : NULL;
	if (!f) {
		valid_skip(v, "ssd.formula.skip_old", "the reference data are not there");
		return;
	}
	while (fgets(line, sizeof(line), f))
		for (size_t i = 0; i < PARTS; i++)
			if (strncmp(line, parts[i].name, strlen(parts[i].name)) == 0 &&
			    sscanf(line, "%*[^,],%*u,%*f,%*f,%lf", &ms) == 1)
				target[i] = ms;
	fclose(f);
	for (size_t i = 0; i < PARTS; i++) {
		double took = 1e-9 * (double)write_ps(&parts[i], INPLACE_SKIP_OLD);
		snprintf(name, sizeof(name), "ssd.formula.skip_old_%.3s_ms", parts[i].name);
		valid_near(v, name, took, target[i], 0.01 * target[i], "seeds.csv, T_no_remap_ms");
		took = 1e-9 * (double)drive_write_ps(&parts[i], "skip_old");
		snprintf(name, sizeof(name), "ssd.formula.drive.skip_old_%.3s_ms", parts[i].name);
		valid_near(v, name, took, target[i], 0.01 * target[i], "seeds.csv, T_no_remap_ms");
	}
}

void valid_ssd_formula(struct valid *v)
{
	in_place(v);
	seeds(v);
}
