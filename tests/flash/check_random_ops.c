/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random operations on random small devices, against an oracle that keeps a bit for every page and, for every die
 * and channel, when its last work ended. It knows nothing of how the bench keeps its state.
 */
#include "flash/flash_fixture.h"

#define DIES 8
#define BLOCKS_MAX 64
#define PAGES_MAX 48

struct oracle {
	struct rig *r;
	struct rng *rng;
	bool written[DIES * 2 * BLOCKS_MAX][PAGES_MAX];
	uint32_t erases[DIES * 2 * BLOCKS_MAX];
	time_ps die_end[DIES], channel_end[8];   /* of array work; of what the channel carried */
	int64_t work[DIES][NAND_WORKS], held[8];
	uint64_t reads, programs, erased;
};

/* The rules in the words of the data sheet: in order, once between erases. */
static enum nand_status may_program(const struct oracle *o, uint64_t block, uint32_t page)
{
	const struct nand_geom *g = &o->r->n->geom;
	for (uint32_t p = page; p < g->pages; p++)
		if (o->written[block][p])
			return NAND_NOT_ERASED;
	for (uint32_t p = 0; p < page && o->r->n->rule == NAND_RULE_NEXT; p++)
		if (!o->written[block][p])
			return NAND_OUT_OF_ORDER;
	return NAND_OK;
}

/* The channel carried something from t on, and the die's array works for `array` up to `end`. */
static void account(struct oracle *o, uint32_t die, time_ps t, const struct nand_span *s, enum nand_work work, time_ps array,
	time_ps end)
{
	uint32_t channel = die / o->r->n->geom.dies_per_channel;
	ck_assert_int_ge(t, o->channel_end[channel]);
	ck_assert_int_ge(s->bus_ps, t);
	o->channel_end[channel] = s->bus_ps;
	o->held[channel] += s->bus_ps - t;
	if (array > 0) {
		ck_assert_int_ge(end - array, o->die_end[die]); /* one operation of an array at a time */
		ck_assert_int_ge(end - array, s->bus_ps);       /* and it begins behind its cycles */
		o->die_end[die] = end;
		o->work[die][work] += array;
	}
}

static void step(struct oracle *o)
{
	struct nand *n = o->r->n;
	const struct nand_geom *g = &n->geom;
	struct nand_span s;
	uint32_t die = (uint32_t)rng_below(o->rng, g->dies), planes = 1 + (uint32_t)rng_below(o->rng, g->planes);
	uint32_t page = (uint32_t)rng_below(o->rng, g->pages), kind = (uint32_t)rng_below(o->rng, 10);
	nand_ppa p[2];
	uint64_t block[2];
	for (uint32_t k = 0; k < planes; k++) {
		uint32_t b = (uint32_t)rng_below(o->rng, g->blocks);
		uint32_t plane = planes == g->planes ? k : (uint32_t)rng_below(o->rng, g->planes);
		block[k] = ((uint64_t)die * g->planes + plane) * g->blocks + b;
		while (k == 0 && kind < 5 && rng_below(o->rng, 8) > 0 && page > 0 && !o->written[block[0]][page - 1])
			page--; /* mostly what is allowed */
		p[k] = nand_ppa_make(g, die, plane, b, page);
	}
	if (kind < 5) {
		time_ps t = nand_earliest(n, die, NAND_OP_PROGRAM);
		enum nand_status expect = NAND_OK, other = NAND_OK;
		for (uint32_t k = 0; k < planes; k++) {
			enum nand_status one = may_program(o, block[k], page);
			other = expect == NAND_OK ? one : other;
			expect = expect == NAND_OK ? one : expect;
		}
		enum nand_status status = nand_program(n, t, p, planes, NAND_PROGRAM_PAGE, false, 0, &s);
		ck_assert_msg(status == expect || status == other, "%s, not %s", nand_status_name(status), nand_status_name(expect));
		if (status != NAND_OK)
			return;
		for (uint32_t k = 0; k < planes; k++)
			o->written[block[k]][page] = true;
		o->programs += planes;
		account(o, die, t, &s, NAND_WORK_PROGRAM, n->cells.program_ps[nand_page_type(g, page)], s.ready_ps);
	} else if (kind == 5) {
		time_ps t = nand_earliest(n, die, NAND_OP_ERASE);
		want(nand_erase(n, t - 1, p, planes, false, &s), NAND_EARLY);
		want(nand_erase(n, t, p, planes, false, &s), NAND_OK);
		for (uint32_t k = 0; k < planes; k++) {
			memset(o->written[block[k]], 0, sizeof(o->written[0]));
			o->erases[block[k]]++;
		}
		o->erased += planes;
		account(o, die, t, &s, NAND_WORK_ERASE, n->cells.erase_ps, s.ready_ps);
	} else {
		time_ps t = nand_earliest(n, die, NAND_OP_READ);
		want(nand_read(n, t, p, planes, NAND_READ_PAGE, false, &s), NAND_OK);
		account(o, die, t, &s, NAND_WORK_READ, n->cells.read_ps[nand_page_type(g, page)], s.ready_ps - n->phases.rr_ps);
		o->reads += planes;
		for (uint32_t k = 0; k < planes && kind > 6; k++) { /* else nobody takes the data */
			t = nand_earliest(n, die, NAND_OP_DATA_OUT);
			want(nand_data_out(n, t, die, k, 512 * (1 + (uint32_t)rng_below(o->rng, g->page_bytes / 512)), &s), NAND_OK);
			account(o, die, t, &s, NAND_WORK_READ, 0, 0);
		}
	}
}

static void compare(const struct oracle *o)
{
	const struct nand *n = o->r->n;
	const struct nand_geom *g = &n->geom;
	for (uint64_t b = 0; b < g->all_blocks; b++) {
		uint32_t next = 0;
		for (uint32_t p = 0; p < g->pages; p++)
			next = o->written[b][p] ? p + 1 : next;
		ck_assert_uint_eq(n->block[b].next_page, next);
		ck_assert_uint_eq(n->block[b].erases, o->erases[b]);
	}
	for (uint32_t d = 0; d < g->dies; d++)
		for (int w = 0; w < NAND_WORKS; w++)
			ck_assert_int_eq(n->die[d].work_ps[w], o->work[d][w]);
	for (uint32_t c = 0; c < g->channels; c++)
		ck_assert_int_eq(n->channel[c].command_ps + n->channel[c].in_ps + n->channel[c].out_ps, o->held[c]);
	ck_assert_uint_eq(n->counts.reads, o->reads);
	ck_assert_uint_eq(n->counts.programs, o->programs);
	ck_assert_uint_eq(n->counts.erases, o->erased);
}

START_TEST(random_operations_agree_with_an_oracle_of_single_pages)
{
	static const char *const cells[] = {"flash.geometry.cell=slc", "flash.geometry.cell=mlc", "flash.geometry.cell=tlc",
		"flash.geometry.cell=qlc"};
	static const char *const shapes[] = {"flash.geometry={channels: 1, chips: 1, dies: 1, planes: 1, blocks: 3}",
		"flash.geometry={channels: 2, chips: 1, dies: 3, planes: 2, blocks: 5}",
		"flash.geometry={channels: 4, chips: 2, dies: 1, planes: 2, blocks: 8}"};
	struct rig r;
	struct oracle *o = calloc(1, sizeof(*o));
	ck_assert_ptr_nonnull(o);
	o->r = &r;
	rig_open(&r, small_flash, SETS("flash.geometry.pages=24", cells[_i % 4], shapes[_i / 4 % 3],
		"flash.array={read: [50 us], program: [500 us]}", _i % 2 == 0 ? "flash.geometry.program_rule=ascending" :
		"flash.geometry.page_order=shadow"));
	o->rng = rng_new(r.arena, (uint64_t)_i, "random_ops");
	ck_assert_ptr_nonnull(o->rng);
	for (int i = 0; i < 20000; i++)
		step(o);
	compare(o);
	ck_assert_uint_gt(o->programs, 1000);
	ck_assert_uint_gt(o->erased, 1000);
	rig_close(&r);
	free(o);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("random_ops");
	TCase *t = tcase_create("random_ops");
	tcase_add_loop_test(t, random_operations_agree_with_an_oracle_of_single_pages, 0, 12);
	suite_add_tcase(s, t);
	return run_suite(s);
}
