/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For tests of the transaction scheduler: one on a small bench. Times are sums of the phases of flash_fixture.h's
 * small_flash: cycles of 25 ns (7 a read, 7 and 150 ns a program, 5 an erase), 10 ns a byte, tWB 100, tRR 20, preamble
 * 30, tDBSY 500 ns; tR 50, 60, 70 us, tPROG 300, 500, 900 us by page type, tBERS 4 ms.
 */
#ifndef QUERN_TESTS_TSU_RIG_H
#define QUERN_TESTS_TSU_RIG_H

#include "flash/flash_fixture.h"

#include "ftl/options.h"
#include "ftl/tsu.h"

struct bench {
	struct rig r;
	struct sim *sim;
	struct ftl_sched_spec spec;
	struct tsu *t;
};

static inline int bind_sched(struct ftl_sched_spec *spec, struct arena *a, const char *text, struct err *e)
{
	struct config *c = config_new(NULL);
	int result = config_load_text(c, "test.yaml", text, e);
	if (result == 0)
		result = config_bind(config_get(config_root(c), "sched"), "sched", &ftl_sched_group, NULL, spec, a, e);
	config_free(c);
	return result;
}

/* sched: the section's flow text, "{policy: fifo}". */
static inline void open_bench(struct bench *b, const char *const *sets, const char *sched)
{
	struct err e = {0};
	char text[512];
	rig_open(&b->r, small_flash, sets);
	b->sim = sim_new(1);
	snprintf(text, sizeof(text), "sched: %s\n", sched);
	ck_assert_msg(bind_sched(&b->spec, b->r.arena, text, &e) == 0, "%s", e.msg);
	b->t = tsu_open(b->r.arena, b->sim, b->r.n, &b->spec, &e);
	ck_assert_msg(b->t != NULL, "%s", e.msg);
}

static inline void close_bench(struct bench *b)
{
	sim_free(b->sim);
	rig_close(&b->r);
}

static inline void run_all(struct bench *b)
{
	ck_assert_int_eq(sim_run(b->sim), 0);
	ck_assert_uint_eq(tsu_unfinished(b->t), 0);
}

static inline void count_done(struct tsu *t, struct tsu_tx *x)
{
	(void)t;
	if (x->owner)
		++*(int *)x->owner;
}

static inline struct tsu_tx tx(enum tsu_kind kind, nand_ppa page)
{
	return (struct tsu_tx){.done = count_done, .kind = (uint8_t)kind, .page = page, .bytes = kind == TSU_READ ? 4096 : 0,
		.priority = TSU_MEDIUM};
}

#define NS INT64_C(1000)
#define US INT64_C(1000000)
#define COMMAND (175 * NS)
#define TO_DATA (120 * NS)         /* tWB, tRR */
#define DATA (30 * NS + 40960 * NS)
#define DATA_IN (40960 * NS)

/* Of every die, plane and channel. */
static inline void times_add_up(const struct bench *b)
{
	const struct nand_geom *g = &b->r.n->geom;
	for (uint32_t d = 0; d < g->dies; d++) {
		time_ps part[TSU_SHARES], sum = 0, plane = 0;
		tsu_die_time(b->t, d, part);
		for (int i = 0; i < TSU_SHARES; i++) {
			ck_assert_int_ge(part[i], 0);
			sum += part[i];
		}
		ck_assert_int_eq(sum, b->sim->now_ps);
		for (uint32_t p = 0; p < g->planes; p++) {
			time_ps busy = tsu_plane_busy(b->t, d * g->planes + p);
			ck_assert_int_le(busy, sum - part[TSU_SHARE_IDLE]);
			plane += busy;
		}
		ck_assert_int_ge(plane, sum - part[TSU_SHARE_IDLE]);
	}
	for (uint32_t c = 0; c < g->channels; c++) {
		time_ps part[TSU_BUSES], sum = 0;
		tsu_channel_time(b->t, c, part);
		for (int i = 0; i < TSU_BUSES; i++) {
			ck_assert_int_ge(part[i], 0);
			sum += part[i];
		}
		ck_assert_int_eq(sum, b->sim->now_ps);
	}
}

#define SUSPENDS "flash.suspend={program: true, erase: true, program_time: 20 us, erase_time: 40 us, resume_time: 5 us}"

#endif
