/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a bench refuses and by which name; SLC mode, wordlines at once, suspension, power cuts, energy. */
#include "flash/flash_fixture.h"

#define US PS_PER_US

static enum nand_status program_at(struct rig *r, nand_ppa p, struct nand_span *s)
{
	return nand_program(r->n, nand_earliest(r->n, nand_ppa_die(&r->n->geom, p), NAND_OP_PROGRAM), &p, 1, NAND_PROGRAM_PAGE,
		false, 0, s);
}

static enum nand_status read_at(struct rig *r, nand_ppa p, enum nand_read_kind kind, struct nand_span *s)
{
	uint32_t die = nand_ppa_die(&r->n->geom, p);
	return nand_read(r->n, nand_earliest(r->n, die, NAND_OP_READ), &p, 1, kind, false, s);
}

START_TEST(a_block_is_programmed_in_order_and_once_between_erases)
{
	struct rig r;
	struct nand_span s;
	rig_open(&r, small_flash, NULL);
	nand_ppa b = at(&r, 3, 1, 4, 0);
	want(program_at(&r, b + 1, &s), NAND_OUT_OF_ORDER);
	want(program_at(&r, b, &s), NAND_OK);
	want(program_at(&r, b, &s), NAND_NOT_ERASED);
	want(program_at(&r, b + 2, &s), NAND_OUT_OF_ORDER);
	for (uint32_t i = 1; i < 12; i++)
		want(program_at(&r, b + i, &s), NAND_OK);
	ck_assert_uint_eq(nand_block_of(r.n, b)->next_page, 12);
	want(program_at(&r, b + 11, &s), NAND_NOT_ERASED);
	nand_ppa q = b + 5; /* any page names its block */
	want(nand_erase(r.n, s.ready_ps, &q, 1, false, &s), NAND_OK);
	ck_assert_uint_eq(nand_block_of(r.n, b)->erases, 1);
	ck_assert_uint_eq(nand_block_of(r.n, b)->next_page, 0);
	want(program_at(&r, b, &s), NAND_OK);
	ck_assert_uint_eq(r.n->counts.programs, 13);
	ck_assert_uint_eq(r.n->counts.erases, 1);
	rig_close(&r);
	rig_open(&r, small_flash, SETS("flash.geometry.program_rule=ascending"));
	want(program_at(&r, b + 3, &s), NAND_OK);
	want(program_at(&r, b + 2, &s), NAND_NOT_ERASED);
	want(program_at(&r, b + 9, &s), NAND_OK);
	rig_close(&r);
}
END_TEST

START_TEST(the_rules_alone_are_those_of_the_dies)
{
	struct rig r;
	rig_open(&r, small_flash, NULL);
	struct nand_block *b = nand_block_of(r.n, at(&r, 0, 0, 0, 0));
	want(nand_block_program(r.n, b, 1), NAND_OUT_OF_ORDER);
	for (uint32_t i = 0; i < 12; i++)
		want(nand_block_program(r.n, b, i), NAND_OK);
	want(nand_block_program(r.n, b, 12), NAND_BAD_ADDRESS);
	want(nand_block_program(r.n, b, 3), NAND_NOT_ERASED);
	b->reads = 7;
	nand_block_erase(b, true);
	ck_assert_uint_eq(b->reads, 0);
	ck_assert_uint_eq(b->erases, 1);
	for (uint32_t i = 0; i < 4; i++) /* four wordlines of three pages: four pages in SLC mode */
		want(nand_block_program(r.n, b, i), NAND_OK);
	want(nand_block_program(r.n, b, 4), NAND_BAD_ADDRESS);
	rig_close(&r);
}
END_TEST

START_TEST(planes_of_an_operation_are_at_one_page_of_different_planes)
{
	struct rig r;
	struct nand_span s;
	rig_open(&r, small_flash, NULL);
	nand_ppa p = at(&r, 0, 0, 1, 0);
	const struct { nand_ppa second; enum nand_status status; } rows[] = {
		{at(&r, 0, 0, 2, 0), NAND_BAD_PLANES}, {at(&r, 0, 1, 1, 1), NAND_BAD_PLANES}, {at(&r, 1, 1, 1, 0), NAND_BAD_PLANES},
		{p, NAND_BAD_PLANES}, {at(&r, 0, 1, 7, 12), NAND_BAD_ADDRESS}, {at(&r, 0, 1, 6, 0), NAND_OK},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		nand_ppa pair[2] = {p, rows[i].second};
		want(nand_read(r.n, 0, pair, 2, NAND_READ_PAGE, false, &s), rows[i].status);
	}
	nand_ppa three[3] = {p, at(&r, 0, 1, 1, 0), at(&r, 0, 1, 2, 0)}, nowhere = at(&r, 8, 0, 0, 0);
	want(nand_read(r.n, 0, three, 3, NAND_READ_PAGE, false, &s), NAND_BAD_PLANES);
	want(nand_read(r.n, 0, three, 0, NAND_READ_PAGE, false, &s), NAND_BAD_PLANES);
	want(nand_program(r.n, 0, three, 3, NAND_PROGRAM_PAGE, false, 0, &s), NAND_BAD_PLANES);
	want(nand_program(r.n, 0, three, 0, NAND_PROGRAM_PAGE, false, 0, &s), NAND_BAD_PLANES);
	want(nand_erase(r.n, 0, three, 17, false, &s), NAND_BAD_PLANES);
	want(nand_read(r.n, 0, &nowhere, 1, NAND_READ_PAGE, false, &s), NAND_BAD_ADDRESS);
	want(nand_read(r.n, 0, &nowhere, 0, NAND_READ_CACHE_END, false, &s), NAND_BAD_ADDRESS);
	rig_close(&r);
}
END_TEST

START_TEST(data_come_only_of_what_was_read)
{
	struct rig r;
	struct nand_span s;
	rig_open(&r, small_flash, NULL);
	nand_ppa p[2] = {at(&r, 0, 0, 1, 0), at(&r, 0, 1, 1, 0)};
	want(nand_data_out(r.n, 0, 0, 0, 4096, &s), NAND_WRONG_STATE);
	want(read_at(&r, p[0], NAND_READ_CACHE, &s), NAND_WRONG_STATE); /* no read went before */
	want(nand_read(r.n, 0, p, 0, NAND_READ_CACHE_END, false, &s), NAND_WRONG_STATE);
	want(nand_read(r.n, 0, p, 1, NAND_READ_PAGE, false, &s), NAND_OK);
	want(nand_data_out(r.n, s.ready_ps, 0, 1, 4096, &s), NAND_WRONG_STATE); /* the other plane was not read */
	want(nand_data_out(r.n, s.ready_ps, 0, 0, 512, &s), NAND_OK);
	ck_assert_int_eq(s.bus_ps - 50 * US - 295000, 30000 + 5120000); /* a part of a page takes its share */
	nand_ppa q = p[0] + 2;
	want(nand_read(r.n, s.ready_ps, &q, 1, NAND_READ_CACHE_NEXT, false, &s), NAND_OUT_OF_ORDER); /* not the next page */
	want(nand_read(r.n, s.ready_ps, p, 2, NAND_READ_CACHE_NEXT, false, &s), NAND_OUT_OF_ORDER);
	want(nand_program(r.n, s.ready_ps, p, 1, NAND_PROGRAM_PAGE, false, 0, &s), NAND_OK);
	want(nand_data_out(r.n, s.ready_ps, 0, 0, 512, &s), NAND_WRONG_STATE); /* the program took the register */
	ck_assert_uint_eq(nand_block_of(r.n, p[0])->reads, 1);
	ck_assert_uint_eq(r.n->counts.bytes_out, 512);
	rig_close(&r);
}
END_TEST

START_TEST(copyback_stays_in_its_plane_and_at_its_parity)
{
	struct rig r;
	struct nand_span s;
	rig_open(&r, small_flash, NULL);
	want(read_at(&r, at(&r, 0, 0, 1, 5), NAND_READ_COPYBACK, &s), NAND_UNSUPPORTED);
	rig_close(&r);
	rig_open(&r, small_flash, SETS("flash.copyback={allowed: true, parity: true}"));
	nand_ppa to = at(&r, 0, 0, 2, 0), across = at(&r, 0, 1, 2, 0);
	want(nand_program(r.n, 0, &to, 1, NAND_PROGRAM_COPYBACK, false, 0, &s), NAND_WRONG_STATE); /* nothing was read */
	want(read_at(&r, at(&r, 0, 0, 1, 4), NAND_READ_PAGE, &s), NAND_OK);
	want(nand_program(r.n, s.ready_ps, &to, 1, NAND_PROGRAM_COPYBACK, false, 0, &s), NAND_WRONG_STATE); /* not for this */
	want(read_at(&r, at(&r, 0, 0, 1, 5), NAND_READ_COPYBACK, &s), NAND_OK);
	want(nand_program(r.n, s.ready_ps, &across, 1, NAND_PROGRAM_COPYBACK, false, 0, &s), NAND_OTHER_PLANE);
	want(nand_program(r.n, s.ready_ps, &to, 1, NAND_PROGRAM_COPYBACK, false, 0, &s), NAND_PARITY);
	ck_assert_uint_eq(nand_block_of(r.n, to)->next_page, 0); /* refused: nothing has changed */
	want(read_at(&r, at(&r, 0, 0, 1, 6), NAND_READ_COPYBACK, &s), NAND_OK);
	want(nand_program(r.n, s.ready_ps, &to, 1, NAND_PROGRAM_COPYBACK, false, 0, &s), NAND_OK);
	rig_close(&r);
	rig_refused(small_flash, SETS("flash.copyback.parity=true"), "without allowed");
}
END_TEST

START_TEST(slc_mode_has_its_own_times_and_one_page_a_wordline)
{
	struct rig r;
	struct nand_span s;
	rig_open(&r, small_flash, SETS("flash.array={slc_read: 20 us, slc_program: 100 us, slc_erase: 2 ms}"));
	nand_ppa p = at(&r, 0, 0, 1, 0), q = p + 4;
	want(nand_erase(r.n, 0, &p, 1, true, &s), NAND_OK);
	ck_assert_int_eq(s.bus_ps, 6 * 25000); /* DAh goes before */
	ck_assert_int_eq(s.ready_ps, s.bus_ps + 100000 + 2000 * US);
	want(nand_program(r.n, s.ready_ps, &p, 1, NAND_PROGRAM_PAGE, true, 0, &s), NAND_OK);
	ck_assert_int_eq(s.ready_ps - s.bus_ps, 100000 + 100 * US);
	want(program_at(&r, p + 1, &s), NAND_MODE);
	want(read_at(&r, p, NAND_READ_PAGE, &s), NAND_MODE);
	time_ps t = s.ready_ps;
	want(nand_read(r.n, t, &p, 1, NAND_READ_PAGE, true, &s), NAND_OK);
	ck_assert_int_eq(s.bus_ps, t + 8 * 25000);
	ck_assert_int_eq(s.ready_ps - s.bus_ps, 100000 + 20 * US + 20000);
	want(nand_program(r.n, s.ready_ps, &q, 1, NAND_PROGRAM_PAGE, true, 0, &s), NAND_BAD_ADDRESS);
	want(nand_read(r.n, s.ready_ps, &q, 1, NAND_READ_PAGE, true, &s), NAND_BAD_ADDRESS);
	want(nand_erase(r.n, s.ready_ps, &p, 1, false, &s), NAND_OK);
	want(program_at(&r, p, &s), NAND_OK); /* as TLC again */
	rig_close(&r);
	rig_open(&r, small_flash, NULL);
	want(nand_erase(r.n, 0, &p, 1, true, &s), NAND_UNSUPPORTED);
	want(nand_program(r.n, 0, &p, 1, NAND_PROGRAM_PAGE, true, 0, &s), NAND_UNSUPPORTED);
	want(nand_read(r.n, 0, &p, 1, NAND_READ_PAGE, true, &s), NAND_UNSUPPORTED);
	rig_close(&r);
}
END_TEST

START_TEST(a_wordline_is_programmed_at_once_where_the_part_does_so)
{
	struct rig r;
	struct nand_span s;
	rig_open(&r, small_flash, SETS("flash.geometry.program_unit=wordline", "flash.array.program_wordline=1400 us"));
	nand_ppa a = at(&r, 0, 0, 1, 0), b = at(&r, 0, 1, 5, 0);
	nand_ppa six[6] = {a, b, a + 1, b + 1, a + 2, b + 2}, wrong[3] = {a, a + 1, a + 3};
	want(nand_program(r.n, 0, six, 1, NAND_PROGRAM_PAGE, false, 0, &s), NAND_BAD_PLANES); /* a page alone */
	want(nand_program(r.n, 0, wrong, 3, NAND_PROGRAM_PAGE, false, 0, &s), NAND_BAD_PLANES);
	want(nand_program(r.n, 0, six, 6, NAND_PROGRAM_PAGE, false, 0, &s), NAND_OK);
	ck_assert_int_eq(s.bus_ps, 6 * (175000 + 150000 + 40960000));
	ck_assert_int_eq(s.ready_ps - s.bus_ps, 5 * 600000 + 100000 + 1400 * US);
	ck_assert_uint_eq(nand_block_of(r.n, b)->next_page, 3);
	ck_assert_uint_eq(r.n->counts.programs, 6);
	nand_ppa next[3] = {a + 4, a + 5, a + 6};
	want(nand_program(r.n, s.ready_ps, next, 3, NAND_PROGRAM_PAGE, false, 0, &s), NAND_OUT_OF_ORDER);
	rig_close(&r);
	rig_open(&r, small_flash, SETS("flash.geometry.program_unit=wordline"));
	ck_assert_int_eq(nand_program_array_ps(r.n, 0, false), 1700 * US); /* the sum of its pages' */
	rig_close(&r);
	rig_refused(small_flash, SETS("flash.array.program_wordline=1 ms"), "program_wordline: is of no use");
}
END_TEST

START_TEST(a_suspended_die_reads_other_blocks_and_resumes)
{
	struct rig r;
	struct nand_span s;
	rig_open(&r, small_flash, SETS("flash.suspend={program: true, program_time: 20 us, limit: 2, interval: 50 us}"));
	nand_ppa p[2] = {at(&r, 0, 0, 1, 0), at(&r, 0, 1, 3, 0)}, other = at(&r, 0, 0, 2, 0), mate = at(&r, 0, 1, 3, 9);
	want(nand_suspend(r.n, 0, 0, &s), NAND_WRONG_STATE); /* nothing to suspend */
	want(nand_resume(r.n, 0, 0, &s), NAND_WRONG_STATE);
	want(nand_program(r.n, 0, p, 2, NAND_PROGRAM_PAGE, false, 0, &s), NAND_OK);
	time_ps begin = s.ready_ps - 300 * US;
	want(nand_suspend(r.n, begin - 1, 0, &s), NAND_EARLY); /* data are in, the array has not begun */
	want(nand_suspend(r.n, begin + 10 * US, 0, &s), NAND_SUSPEND_LIMIT); /* too soon */
	ck_assert_int_eq(nand_suspend_at(r.n, 0, begin), begin + 50 * US);
	want(nand_suspend(r.n, begin + 50 * US, 0, &s), NAND_OK);
	time_ps t = s.ready_ps;
	want(nand_suspend(r.n, t, 0, &s), NAND_WRONG_STATE);
	want(nand_read(r.n, t, &mate, 1, NAND_READ_PAGE, false, &s), NAND_SUSPENDED);
	want(program_at(&r, other, &s), NAND_WRONG_STATE);
	want(nand_erase(r.n, t, &other, 1, false, &s), NAND_WRONG_STATE);
	want(nand_set_features(r.n, t, 0, &s), NAND_WRONG_STATE);
	want(nand_column_in(r.n, t, 0, 512, &s), NAND_WRONG_STATE);
	want(nand_read(r.n, t, &other, 1, NAND_READ_PAGE, false, &s), NAND_OK);
	want(nand_data_out(r.n, s.ready_ps, 0, 0, 4096, &s), NAND_OK);
	want(nand_resume(r.n, s.ready_ps, 0, &s), NAND_OK);
	ck_assert_int_eq(s.ready_ps - s.bus_ps, 100000 + 300 * US - 50 * US - 100000); /* tWB; its four cycles worked on */
	t = s.bus_ps + 100000;
	want(nand_suspend(r.n, t + 49 * US, 0, &s), NAND_SUSPEND_LIMIT);
	want(nand_suspend(r.n, t + 50 * US, 0, &s), NAND_OK);
	want(nand_resume(r.n, s.ready_ps, 0, &s), NAND_OK);
	want(nand_suspend(r.n, s.ready_ps - 60 * US, 0, &s), NAND_SUSPEND_LIMIT); /* the third */
	ck_assert_int_eq(nand_suspend_at(r.n, 0, s.ready_ps - 60 * US), TIME_PS_MAX);
	ck_assert_uint_eq(r.n->counts.suspends, 2);
	ck_assert_int_eq(r.n->die[0].work_ps[NAND_WORK_PROGRAM], 300 * US);
	p[0] += 1;
	want(nand_program(r.n, s.ready_ps, p, 1, NAND_PROGRAM_PAGE, false, 0, &s), NAND_OK); /* another one counts anew */
	want(nand_suspend(r.n, s.ready_ps - 100 * US, 0, &s), NAND_OK);
	rig_close(&r);
}
END_TEST

START_TEST(a_suspend_near_the_end_finds_the_work_over)
{
	struct rig r;
	struct nand_span s;
	rig_open(&r, small_flash, SETS("flash.suspend={program: true, program_time: 20 us}"));
	nand_ppa p = at(&r, 0, 0, 1, 0);
	want(nand_program(r.n, 0, &p, 1, NAND_PROGRAM_PAGE, false, 0, &s), NAND_OK);
	time_ps end = s.ready_ps;
	want(nand_suspend(r.n, end - 10 * US, 0, &s), NAND_OK);
	ck_assert_int_eq(s.ready_ps, end);
	ck_assert(!nand_die_suspended(r.n, 0));
	ck_assert_int_eq(nand_die_state(r.n, 0, end), NAND_IDLE);
	want(nand_resume(r.n, end, 0, &s), NAND_WRONG_STATE);
	ck_assert_uint_eq(r.n->counts.suspends, 0);
	want(nand_erase(r.n, end, &p, 1, false, &s), NAND_OK);
	want(nand_suspend(r.n, s.bus_ps + 100 * US, 0, &s), NAND_WRONG_STATE); /* erases cannot be */
	rig_close(&r);
	rig_refused(small_flash, SETS("flash.suspend.limit=3"), "is of no use where nothing can be suspended");
	rig_refused(small_flash, SETS("flash.suspend={program: true, erase_time: 3 us}"), "erase_time");
}
END_TEST

/* ---- power cuts --------------------------------------------------------------------------------------------- */

struct torn {
	uint32_t count;
	enum nand_work work[16];
	nand_ppa page[16];
	double share[16];
};

static void note_torn(void *ctx, enum nand_work work, nand_ppa page, uint32_t share_done)
{
	struct torn *t = ctx;
	ck_assert_uint_lt(t->count, 16);
	t->work[t->count] = work;
	t->page[t->count] = page;
	t->share[t->count++] = share_done / 4294967296.0;
}

START_TEST(a_power_cut_tells_what_was_half_done)
{
	struct rig r;
	struct nand_span s;
	struct torn torn = {0};
	rig_open(&r, small_flash, SETS("flash.suspend={erase: true, erase_time: 20 us}"));
	nand_ppa done = at(&r, 0, 0, 0, 0), pair[2] = {at(&r, 1, 0, 0, 0), at(&r, 1, 1, 4, 0)}, gone = at(&r, 2, 0, 6, 0),
		first = at(&r, 4, 0, 0, 0), second = first + 1;
	want(nand_program(r.n, 0, &done, 1, NAND_PROGRAM_PAGE, false, 0, &s), NAND_OK);
	want(nand_erase(r.n, s.bus_ps, &gone, 1, false, &s), NAND_OK);
	time_ps erase = s.ready_ps - 4000 * US;
	want(nand_suspend(r.n, erase + 1000 * US, 2, &s), NAND_OK); /* a quarter and its four cycles */
	want(nand_program(r.n, s.ready_ps, pair, 2, NAND_PROGRAM_PAGE, false, 0, &s), NAND_OK);
	time_ps cut = s.ready_ps - 150 * US; /* half done */
	/* on the other channel the array has `first`, three quarters, and the cache `second` */
	want(nand_program(r.n, cut - 41385 * 1000 - 3 * US - 225 * US, &first, 1, NAND_PROGRAM_CACHE, false, 0, &s), NAND_OK);
	ck_assert_int_eq(s.ready_ps, cut - 225 * US);
	want(nand_program(r.n, s.ready_ps, &second, 1, NAND_PROGRAM_CACHE, false, 0, &s), NAND_OK);
	nand_power_cut(r.n, cut, note_torn, &torn);
	ck_assert_uint_eq(torn.count, 5);
	const struct { enum nand_work work; nand_ppa page; double share; } rows[5] = {
		{NAND_WORK_PROGRAM, pair[0], 0.5}, {NAND_WORK_PROGRAM, pair[1], 0.5},
		{NAND_WORK_ERASE, gone, (1000 + 0.1) / 4000}, {NAND_WORK_PROGRAM, first, 0.75}, {NAND_WORK_PROGRAM, second, 0},
	};
	for (int i = 0; i < 5; i++) {
		ck_assert_int_eq(torn.work[i], rows[i].work);
		ck_assert_uint_eq(torn.page[i], rows[i].page);
		ck_assert_double_eq_tol(torn.share[i], rows[i].share, 1e-9);
	}
	ck_assert_int_eq(nand_work_ps(r.n, NAND_WORK_ERASE), 1000 * US + 100000);
	ck_assert_int_eq(nand_work_ps(r.n, NAND_WORK_PROGRAM), (300 + 150 + 225) * US);
	for (uint32_t i = 0; i < r.n->geom.dies; i++)
		ck_assert_int_eq(nand_die_state(r.n, i, cut), NAND_IDLE);
	torn.count = 0;
	nand_power_cut(r.n, cut + 1, note_torn, &torn);
	ck_assert_uint_eq(torn.count, 0);
	want(program_at(&r, pair[0] + 1, &s), NAND_OK);
	rig_close(&r);
}
END_TEST

START_TEST(a_power_cut_counts_what_a_resume_costs_and_frees_the_channels)
{
	struct rig r;
	struct nand_span s;
	struct torn torn = {0};
	rig_open(&r, small_flash, SETS("flash.suspend={program: true, program_time: 20 us, resume_time: 100 us}"));
	nand_ppa p = at(&r, 0, 0, 0, 0), q = at(&r, 1, 0, 0, 0);
	want(nand_program(r.n, 0, &p, 1, NAND_PROGRAM_PAGE, false, 0, &s), NAND_OK);
	want(nand_suspend(r.n, s.ready_ps - 150 * US, 0, &s), NAND_OK);
	want(nand_resume(r.n, s.ready_ps, 0, &s), NAND_OK);
	time_ps cut = s.ready_ps - 100 * US; /* of 300 us and the 100 us of the resume */
	want(nand_program(r.n, cut - 10 * US, &q, 1, NAND_PROGRAM_PAGE, false, 0, &s), NAND_OK);
	ck_assert_int_gt(s.bus_ps, cut);
	nand_power_cut(r.n, cut, note_torn, &torn);
	ck_assert_uint_eq(torn.count, 2);
	ck_assert_double_eq_tol(torn.share[0], 0.75, 1e-9);
	ck_assert_double_eq_tol(torn.share[1], 0, 1e-9); /* its data were still on the channel */
	ck_assert_int_eq(nand_earliest(r.n, 1, NAND_OP_READ), cut);
	rig_close(&r);
}
END_TEST

START_TEST(a_reset_gives_up_what_it_meets)
{
	struct rig r;
	struct nand_span s;
	rig_open(&r, small_flash, SETS("flash.suspend={program: true, program_time: 20 us}"));
	nand_ppa p = at(&r, 0, 0, 0, 0);
	want(nand_program(r.n, 0, &p, 1, NAND_PROGRAM_PAGE, false, 0, &s), NAND_OK);
	want(nand_reset(r.n, s.ready_ps - 100 * US - 25000, 0, &s), NAND_OK);
	ck_assert_int_eq(s.ready_ps - s.bus_ps, 100000 + 10 * US);
	ck_assert_int_eq(r.n->die[0].work_ps[NAND_WORK_PROGRAM], 200 * US);
	const struct nand_flight *f = &r.n->flight[r.n->die[0].last];
	ck_assert(f->given_up);
	ck_assert_uint_eq(f->page[0], p);
	ck_assert_int_eq(f->end_ps, s.bus_ps);
	want(program_at(&r, p + 1, &s), NAND_OK);
	want(nand_suspend(r.n, s.ready_ps - 100 * US, 0, &s), NAND_OK);
	want(nand_reset(r.n, s.ready_ps, 0, &s), NAND_OK); /* a suspended program is given up too */
	ck_assert_int_eq(s.ready_ps - s.bus_ps, 100000 + 10 * US);
	want(nand_resume(r.n, s.ready_ps, 0, &s), NAND_WRONG_STATE);
	want(nand_read(r.n, s.ready_ps, &p, 1, NAND_READ_PAGE, false, &s), NAND_OK);
	want(nand_reset(r.n, s.ready_ps - 20000 - 30 * US - 25000, 0, &s), NAND_OK);
	ck_assert_int_eq(s.ready_ps - s.bus_ps, 100000 + 6 * US);
	ck_assert_int_eq(r.n->die[0].work_ps[NAND_WORK_READ], 20 * US);
	rig_close(&r);
}
END_TEST

START_TEST(what_a_reset_gave_up_is_not_torn_again)
{
	struct rig r;
	struct nand_span s;
	struct torn torn = {0};
	rig_open(&r, small_flash, NULL);
	nand_ppa p = at(&r, 0, 0, 0, 0);
	want(nand_erase(r.n, 0, &p, 1, false, &s), NAND_OK);
	time_ps end = s.ready_ps;
	want(nand_reset(r.n, end - 100 * US, 0, &s), NAND_OK);
	nand_power_cut(r.n, s.bus_ps - 1, note_torn, &torn);
	ck_assert_uint_eq(torn.count, 0);
	rig_close(&r);
}
END_TEST

/* ---- as bytes ------------------------------------------------------------------------------------------------- */

START_TEST(a_saved_bench_goes_on_where_it_was)
{
	struct rig r, q;
	struct nand_span s;
	struct err e = {0};
	static char bytes[1 << 16];
	FILE *f = fmemopen(bytes, sizeof(bytes), "wb+");
	ck_assert_ptr_nonnull(f);
	rig_open(&r, small_flash, NULL);
	nand_ppa p = at(&r, 3, 1, 2, 0);
	want(nand_erase(r.n, 0, &p, 1, false, &s), NAND_OK);
	ck_assert_int_eq(nand_save(r.n, s.ready_ps - 1, f, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.msg, "at rest only: die 3 is erasing"));
	err_clear(&e);
	want(program_at(&r, p, &s), NAND_OK);
	want(program_at(&r, p + 1, &s), NAND_OK);
	ck_assert_int_eq(nand_save(r.n, s.ready_ps, f, &e), 0);
	long size = ftell(f);
	rig_open(&q, small_flash, NULL);
	rewind(f);
	ck_assert_msg(nand_load(q.n, 5 * US, f, &e) == 0, "%s", e.msg);
	want(program_at(&q, p + 1, &s), NAND_NOT_ERASED);
	ck_assert_int_eq(nand_earliest(q.n, 3, NAND_OP_PROGRAM), 5 * US);
	want(program_at(&q, p + 2, &s), NAND_OK);
	ck_assert_uint_eq(nand_block_of(q.n, p)->erases, 1);
	ck_assert_uint_eq(q.n->counts.programs, 3);
	ck_assert_int_eq(nand_work_ps(q.n, NAND_WORK_PROGRAM), 1700 * US);
	ck_assert_int_eq(q.n->channel[0].in_ps, r.n->channel[0].in_ps + 40960000);
	for (long cut = 0; cut < size; cut += 7) { /* cut short anywhere */
		FILE *part = fmemopen(bytes, (size_t)cut + 1, "rb");
		err_clear(&e);
		ck_assert_ptr_nonnull(part);
		if (cut + 1 < size)
			ck_assert_int_eq(nand_load(q.n, 0, part, &e), -1);
		fclose(part);
	}
	rig_close(&q);
	err_clear(&e);
	rig_open(&q, small_flash, SETS("flash.geometry.blocks=9"));
	rewind(f);
	ck_assert_int_eq(nand_load(q.n, 0, f, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.msg, "another geometry: 2 channels x 2 chips x 2 dies x 2 planes x 8 blocks x 12 pages"));
	rig_close(&q);
	err_clear(&e);
	rig_open(&q, small_flash, NULL);
	struct nand_block *blocks = (void *)(bytes + 40 + sizeof(struct nand_counts));
	blocks[4].next_page = 13;
	rewind(f);
	ck_assert_int_eq(nand_load(q.n, 0, f, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.msg, "page 13 of a block of 12"));
	bytes[0] = 'x';
	rewind(f);
	err_clear(&e);
	ck_assert_int_eq(nand_load(q.n, 0, f, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.msg, "no saved state of flash"));
	rig_close(&q);
	rig_close(&r);
	fclose(f);
}
END_TEST

/* ---- energy -------------------------------------------------------------------------------------------------- */

START_TEST(energy_is_power_times_time_of_each_kind_of_work)
{
	struct rig r;
	struct nand_span s;
	struct nand_energy e;
	rig_open(&r, small_flash, SETS("flash.power={read: 60 mW, program: 80 mW, erase: 70 mW, bus_in: 20 mW, bus_out: 30 mW, "
		"standby: 1 mW}"));
	nand_ppa p = at(&r, 0, 0, 0, 0);
	want(nand_erase(r.n, 0, &p, 1, false, &s), NAND_OK);
	want(nand_program(r.n, s.ready_ps, &p, 1, NAND_PROGRAM_PAGE, false, 0, &s), NAND_OK);
	want(nand_read(r.n, s.ready_ps, &p, 1, NAND_READ_PAGE, false, &s), NAND_OK);
	want(nand_data_out(r.n, s.ready_ps, 0, 0, 4096, &s), NAND_OK);
	nand_energy_used(r.n, PS_PER_S, &e);
	ck_assert_double_eq_tol(e.erase_j, 70e-3 * 4e-3, 1e-15);
	ck_assert_double_eq_tol(e.program_j, 80e-3 * 300e-6, 1e-15);
	ck_assert_double_eq_tol(e.read_j, 60e-3 * 50e-6, 1e-15);
	/* 5 + 7 + 7 cycles, tADL, the read's preamble; 40.96 us each way */
	ck_assert_double_eq_tol(e.bus_in_j, 20e-3 * (19 * 25e-9 + 150e-9 + 30e-9 + 40.96e-6), 1e-15);
	ck_assert_double_eq_tol(e.bus_out_j, 30e-3 * 40.96e-6, 1e-15);
	ck_assert_double_eq_tol(e.standby_j, 8 * 1e-3, 1e-12); /* eight dies, a second */
	ck_assert_int_eq(nand_array_pj(&r.n->cells, NAND_WORK_PROGRAM, 300 * US), 24000000); /* 24 uJ */
	ck_assert_int_eq(nand_bus_pj(&r.n->cells, true, 40960000), 1228800);
	rig_close(&r);
	rig_open(&r, small_flash, NULL);
	nand_energy_used(r.n, PS_PER_S, &e);
	ck_assert_double_eq(e.standby_j, 0);
	rig_close(&r);
}
END_TEST

START_TEST(array_times_that_cannot_be_are_refused)
{
	rig_refused(small_flash, SETS("flash.array.read=[50 us, 60 us]"),
		"read: has 2 times: want one for all pages, or one for each of the 3 page types");
	rig_refused(small_flash, SETS("flash.array.program=[]"), "program: has 0 times");
	rig_refused(small_flash, SETS("flash.array.read=[2 s]"), "want times from 0 to 1 s");
	rig_refused(small_flash, SETS("flash.array.slc_read=20 us"), "an SLC mode wants");
	rig_refused(small_flash, SETS("flash.geometry.cell=slc", "flash.array={read: [25 us], program: [200 us], slc_read: 20 us, "
		"slc_program: 100 us, slc_erase: 2 ms}"), "cells of one bit");
	rig_refused(small_flash, SETS("flash.power.read=1 kW"), "power.read");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("rules");
	TCase *t = tcase_create("rules");
	tcase_add_test(t, a_block_is_programmed_in_order_and_once_between_erases);
	tcase_add_test(t, the_rules_alone_are_those_of_the_dies);
	tcase_add_test(t, planes_of_an_operation_are_at_one_page_of_different_planes);
	tcase_add_test(t, data_come_only_of_what_was_read);
	tcase_add_test(t, copyback_stays_in_its_plane_and_at_its_parity);
	tcase_add_test(t, slc_mode_has_its_own_times_and_one_page_a_wordline);
	tcase_add_test(t, a_wordline_is_programmed_at_once_where_the_part_does_so);
	tcase_add_test(t, a_suspended_die_reads_other_blocks_and_resumes);
	tcase_add_test(t, a_suspend_near_the_end_finds_the_work_over);
	tcase_add_test(t, a_power_cut_tells_what_was_half_done);
	tcase_add_test(t, a_power_cut_counts_what_a_resume_costs_and_frees_the_channels);
	tcase_add_test(t, what_a_reset_gave_up_is_not_torn_again);
	tcase_add_test(t, a_reset_gives_up_what_it_meets);
	tcase_add_test(t, a_saved_bench_goes_on_where_it_was);
	tcase_add_test(t, energy_is_power_times_time_of_each_kind_of_work);
	tcase_add_test(t, array_times_that_cannot_be_are_refused);
	suite_add_tcase(s, t);
	return run_suite(s);
}
