/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes in place: their operations keep the rules of flash and lose nothing, and take the times of the formulas. */
#include "ftl/ftl_fixture.h"
#include "ftl/inplace.h"

struct place {
	struct arena *arena;
	struct nand_geom geom;
	struct inplace p;
};

static void open_place(struct place *x, const struct flash_geometry_spec *g, enum inplace_update update)
{
	struct err e = {0};
	x->arena = arena_new();
	ck_assert_int_eq(nand_geom_init(&x->geom, g, x->arena), 0);
	ck_assert_int_eq(inplace_open(&x->p, x->arena, &x->geom, update, &e), 0);
}

static struct flash_geometry_spec part(const char *geometry)
{
	struct rig r;
	char text[512];
	snprintf(text, sizeof(text), "geometry: {channels: 1, chips: 1, dies: 1, planes: 1, blocks: 16, %s}\n"
		"ftl: {map: {over_provisioning: 60 %%}}\n", geometry);
	rig_open(&r, text);
	struct flash_geometry_spec g = r.flash;
	rig_close(&r);
	return g;
}

/* Microseconds of one write of a page in a block that is full: tR, tP, tE, and x for a page over the bus. */
static double write_us(const char *geometry, enum inplace_update update, double r, double p, double e, double x)
{
	struct flash_geometry_spec g = part(geometry);
	struct place d;
	struct inplace_write w;
	struct inplace_op op;
	double us = 0;
	open_place(&d, &g, update);
	inplace_begin(&d.p, &w, 0, d.geom.pages);
	while (inplace_next(&d.p, &w, &op))
		continue;
	inplace_begin(&d.p, &w, 5, 1);
	while (inplace_next(&d.p, &w, &op))
		us += op.kind == INPLACE_READ ? r + x : op.kind == INPLACE_PROGRAM ? p + x : e;
	arena_free(d.arena);
	return us;
}

/* The SLC part of Arpaci-Dusseau, "Operating Systems: Three Easy Pieces", ch. 44: 25 us, 200 us, 1.5 ms: b (read + write)
 * + erase. */
START_TEST(the_lecture_reads_and_writes_all_pages_of_the_block)
{
	ck_assert_double_eq(write_us("pages: 64, page: 2 KiB, cell: slc", INPLACE_LECTURE, 25, 200, 1500, 0), 64 * (25 + 200) + 1500);
}
END_TEST

/* oracles, nand/seeds.csv, column T_no_remap_ms, which has two decimals. */
START_TEST(skip_old_takes_the_time_of_the_reference_table)
{
	ck_assert_double_eq_tol(write_us("pages: 64, page: 2 KiB, cell: slc", INPLACE_SKIP_OLD, 25, 200, 1500, 40.96), 21080, 5);
	ck_assert_double_eq_tol(write_us("pages: 256, page: 8 KiB, cell: mlc", INPLACE_SKIP_OLD, 75, 750, 3800, 24.576), 227480, 5);
}
END_TEST

/* What each page holds, and what has been read to be programmed again. */
struct holding {
	uint32_t flash[16 * 8], memory[8], wanted[16 * 8], next[16];
};

static void carry_out(struct holding *h, const struct inplace *p, const struct inplace_op *op, uint32_t version)
{
	uint32_t page = nand_ppa_page(p->geom, op->page), block = (uint32_t)nand_block_index(p->geom, op->page);
	uint32_t *at = &h->flash[block * 8 + page];
	switch (op->kind) {
	case INPLACE_READ:
		h->memory[page] = *at;
		break;
	case INPLACE_ERASE:
		memset(&h->flash[(size_t)block * 8], 0, 8 * sizeof(h->flash[0]));
		h->next[block] = 0;
		break;
	default:
		ck_assert_uint_eq(page, h->next[block]); /* programmed once, in order */
		h->next[block]++;
		*at = op->old ? h->memory[page] : version;
	}
}

START_TEST(random_writes_keep_the_rules_of_flash_and_lose_nothing)
{
	struct flash_geometry_spec g = part("pages: 8, page: 4 KiB, cell: slc");
	struct holding h = {0};
	struct place d;
	open_place(&d, &g, (enum inplace_update)_i);
	struct rng *rng = rng_new(d.arena, 3, "writes");
	for (uint32_t version = 1; version < 3000; version++) {
		uint32_t page = (uint32_t)rng_below(rng, 16 * 8), count = 1 + (uint32_t)rng_below(rng, 8 - page % 8);
		struct inplace_write w;
		struct inplace_op op;
		memset(h.memory, 0, sizeof(h.memory));
		inplace_begin(&d.p, &w, page, count);
		while (inplace_next(&d.p, &w, &op))
			carry_out(&h, &d.p, &op, version);
		ck_assert(!inplace_next(&d.p, &w, &op));
		for (uint32_t i = 0; i < count; i++)
			h.wanted[page + i] = version;
		for (uint32_t i = 0; i < 16 * 8; i++)
			if (h.wanted[i] != 0 || _i == INPLACE_LECTURE)
				ck_assert_uint_eq(h.flash[i], h.wanted[i]);
	}
	ck_assert_uint_gt(d.p.erases[3], 100);
	arena_free(d.arena);
}
END_TEST

START_TEST(pages_in_order_need_no_erase_where_old_ones_are_skipped)
{
	struct flash_geometry_spec g = part("pages: 8, page: 4 KiB, cell: slc");
	struct place d;
	open_place(&d, &g, INPLACE_SKIP_OLD);
	for (uint64_t page = 0; page < 8; page++) {
		struct inplace_write w;
		struct inplace_op op;
		inplace_begin(&d.p, &w, page, 1);
		ck_assert(inplace_next(&d.p, &w, &op));
		ck_assert_int_eq(op.kind, INPLACE_PROGRAM);
		ck_assert_uint_eq(op.page, inplace_page(&d.p, page));
		ck_assert(!inplace_next(&d.p, &w, &op));
	}
	ck_assert_uint_eq(d.p.reads, 0);
	ck_assert_uint_eq(d.p.programs, 8);
	ck_assert_uint_eq(d.p.erases[0], 0);
	arena_free(d.arena);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ftl/inplace");
	TCase *t = tcase_create("all");
	tcase_add_test(t, the_lecture_reads_and_writes_all_pages_of_the_block);
	tcase_add_test(t, skip_old_takes_the_time_of_the_reference_table);
	tcase_add_loop_test(t, random_writes_keep_the_rules_of_flash_and_lose_nothing, 0, 2);
	tcase_add_test(t, pages_in_order_need_no_erase_where_old_ones_are_skipped);
	suite_add_tcase(s, t);
	return run_suite(s);
}
