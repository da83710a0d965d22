/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The formulas of a device without remapping: the operations of ftl/inplace, one after the other on the bench.
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

#include "flash/bench.h"
#include "flash/options.h"
#include "ftl/inplace.h"
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

static void in_place(struct valid *v)
{
	const struct part *x = &lecture;
	time_ps data = 10 * (time_ps)x->page_bytes, us = 1000000;
	time_ps want = x->pages * (x->read_us * us + data + x->program_us * us + data) + x->erase_us * us;
	valid_near(v, "ssd.formula.lecture_off_ps", (double)(write_ps(x, INPLACE_LECTURE) - want), 0, 0,
		"b (read + write) + erase, OSTEP ch. 44");
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
	}
}

void valid_ssd_formula(struct valid *v)
{
	in_place(v);
	seeds(v);
}
