/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The transaction scheduler: long random mixtures of everything it takes, power cuts in their midst, and what is saved at rest. */
#include <unistd.h>

#include "effort.h"
#include "ftl/tsu_rig.h"

#define MIX 48

struct mix {
	struct bench b;
	struct tsu_tx x[MIX];
	uint8_t live[MIX];
	struct rng *rng;
	uint32_t left;
	uint16_t next[8 * 2 * 8]; /* by block: next page to submit; above 12: to be erased */
	uint8_t busy[8 * 2 * 8];  /* programs, copies, erases under way */
	uint64_t done[TSU_KINDS], torn, lost;
};

static uint32_t mix_block(const struct mix *m, const struct tsu_tx *x)
{
	return (uint32_t)nand_block_index(&m->b.r.n->geom, x->page);
}

static void mix_next(struct mix *m, struct tsu_tx *x);

/* Check's assertions cost a system call each: one for all. */
static void hold_done(const struct mix *m, const struct tsu_tx *x)
{
	time_ps waited = 0, until = x->kind == TSU_READ ? x->data_ps : x->issued_ps;
	bool good = x->done_ps == m->b.sim->now_ps;
	for (int i = 0; i < TSU_BEHINDS; i++) {
		good = good && x->behind[i] >= 0;
		waited += x->behind[i];
	}
	good = good && waited >= x->issued_ps - x->queued_ps && waited <= until - x->queued_ps;
	uint32_t shift = m->b.r.n->geom.die_shift;
	for (int i = 0; i < MIX && x->kind == TSU_ERASE; i++) /* it has overtaken no read */
		good = good && !(m->live[i] && m->x[i].kind == TSU_READ && m->x[i].number < x->number && m->x[i].issued_ps < 0 &&
			m->x[i].page >> shift == x->page >> shift);
	ck_assert_msg(good, "transaction %llu of kind %d", (unsigned long long)x->number, x->kind);
}

static void mix_done(struct tsu *t, struct tsu_tx *x)
{
	struct mix *m = x->owner;
	(void)t;
	hold_done(m, x);
	m->done[x->kind]++;
	if (x->kind != TSU_READ)
		m->busy[mix_block(m, x)]--;
	if (x->kind == TSU_COPYBACK)
		m->busy[nand_block_index(&m->b.r.n->geom, x->from)]--;
	if (x->kind == TSU_ERASE)
		m->next[mix_block(m, x)] = 0;
	m->live[x - m->x] = 0;
	mix_next(m, x);
}

/* A random transaction that is legal now: a read of anything, programs and copies in order, erases of full blocks. */
static void mix_next(struct mix *m, struct tsu_tx *x)
{
	const struct nand_geom *g = &m->b.r.n->geom;
	if (m->left == 0)
		return;
	m->left--;
	uint32_t block = (uint32_t)rng_below(m->rng, g->all_blocks), dice = (uint32_t)rng_below(m->rng, 100);
	*x = tx(TSU_READ, nand_ppa_of_block(g, block, (uint32_t)rng_below(m->rng, g->pages)));
	x->done = mix_done;
	x->owner = m;
	x->flow = (uint16_t)rng_below(m->rng, 5);
	x->bytes = 512 * (uint32_t)(1 + rng_below(m->rng, 8));
	x->priority = (uint8_t)rng_below(m->rng, TSU_PRIORITIES);
	x->source = (uint8_t)rng_below(m->rng, TSU_SOURCES);
	if (dice >= 50 && m->next[block] < g->pages) {
		x->kind = TSU_PROGRAM;
		x->page = nand_ppa_of_block(g, block, m->next[block]++);
		uint32_t from = block / g->blocks * g->blocks + (uint32_t)rng_below(m->rng, g->blocks);
		if (dice >= 85 && m->next[from] <= g->pages && from != block) {
			x->kind = TSU_COPYBACK;
			x->from = nand_ppa_of_block(g, from, (uint32_t)rng_below(m->rng, g->pages));
			m->busy[from]++;
		}
	} else if (m->next[block] == g->pages && m->busy[block] == 0) {
		x->kind = TSU_ERASE;
		m->next[block] = (uint16_t)(g->pages + 1);
	}
	if (x->kind != TSU_READ)
		m->busy[block]++;
	m->live[x - m->x] = 1;
	x->issued_ps = -1;
	if (dice % 3 == 0)
		tsu_submit_alone(m->b.t, x);
	else
		tsu_submit(m->b.t, x);
}

static void mix_open(struct mix *m, const char *sched, uint32_t steps)
{
	memset(m, 0, sizeof(*m));
	open_bench(&m->b, SETS(SUSPENDS, "flash.copyback.allowed=true", "flash.suspend.interval=50 us"), sched);
	m->rng = rng_new(m->b.r.arena, 7, "mix");
	m->left = steps;
	for (int i = 0; i < MIX; i++)
		mix_next(m, &m->x[i]);
}

static const char *const mixtures[] = {
	"{policy: fifo}",
	"{policy: fifo, arbitration: data-first, multi_plane: false}",
	"{policy: out-of-order, suspend: all}",
	"{policy: out-of-order, arbitration: data-first}",
	"{policy: read-priority}",
	"{policy: read-priority, suspend: all, age_limit: 5 ms}",
	"{policy: read-priority, suspend: erase, arbitration: data-first, multi_plane: false}",
	"{policy: fair}",
	"{policy: fair, suspend: all, arbitration: data-first, age_limit: 100 us}",
};
#define MIXTURES (sizeof(mixtures) / sizeof(mixtures[0]))

START_TEST(a_long_mixture_ends_with_everything_done)
{
	struct mix m;
	uint32_t steps = effort(20000);
	mix_open(&m, mixtures[_i], steps);
	for (int i = 0; i < 20; i++) {
		sim_run_until(m.b.sim, (i + 1) * 7 * PS_PER_MS + i);
		times_add_up(&m.b);
	}
	run_all(&m.b);
	times_add_up(&m.b);
	uint64_t done = 0, counted = 0;
	for (int k = 0; k < TSU_KINDS; k++) {
		done += m.done[k];
		for (int s = 0; s < TSU_SOURCES; s++)
			counted += tsu_counts(m.b.t)->done[k][s];
	}
	ck_assert_uint_eq(done, steps);
	ck_assert_uint_eq(counted, steps);
	/* the bench's own counts of pages and blocks */
	ck_assert_uint_eq(m.b.r.n->counts.reads, m.done[TSU_READ] + m.done[TSU_COPYBACK]);
	ck_assert_uint_eq(m.b.r.n->counts.programs, m.done[TSU_PROGRAM] + m.done[TSU_COPYBACK]);
	ck_assert_uint_eq(m.b.r.n->counts.erases, m.done[TSU_ERASE]);
	ck_assert_uint_eq(m.b.r.n->counts.suspends, tsu_counts(m.b.t)->suspends);
	for (uint32_t d = 0; d < 8; d++)
		ck_assert(tsu_idle(m.b.t, d));
	ck_assert(strstr(mixtures[_i], "suspend") == NULL || tsu_counts(m.b.t)->suspends > 0 || effort(100) < 100);
	ck_assert(strstr(mixtures[_i], "false") != NULL || tsu_counts(m.b.t)->packed[TSU_READ] > 0);
	close_bench(&m.b);
}
END_TEST

/* ---- data that no event begins ------------------------------------------------------------------------ */

#define READY (COMMAND + TO_DATA + 50 * US)

/* A lone read is one event, at its end; whoever asks in between is told of its data all the same. */
START_TEST(books_know_of_data_on_their_way)
{
	struct bench b;
	time_ps part[TSU_BUSES];
	open_bench(&b, NULL, "{}");
	struct tsu_tx x = tx(TSU_READ, at(&b.r, 0, 0, 0, 0));
	tsu_submit_alone(b.t, &x);
	sim_run_until(b.sim, READY);
	tsu_channel_time(b.t, 0, part);
	ck_assert_int_eq(part[TSU_BUS_OUT], 0);
	sim_run_until(b.sim, READY + 30 * NS + 5 * US);
	tsu_channel_time(b.t, 0, part);
	ck_assert_int_eq(part[TSU_BUS_OUT], 5 * US);
	ck_assert_int_eq(part[TSU_BUS_COMMAND], COMMAND + 30 * NS); /* and the preamble */
	ck_assert_int_eq(part[TSU_BUS_IDLE], TO_DATA + 50 * US);
	ck_assert(tsu_counts(b.t) != NULL && b.r.n->counts.bytes_out == 4096);
	run_all(&b);
	ck_assert_int_eq(x.done_ps, READY + DATA);
	ck_assert_uint_eq(b.sim->fired, 1);
	close_bench(&b);
}
END_TEST

/* A program of another die: it keeps data that are not ready yet off the bus, and waits for the end of those that are. */
START_TEST(what_comes_before_the_data_goes_before_them)
{
	static const time_ps when[] = {READY - 1 * US, READY - 1, READY + 1, READY + 5 * US};
	const time_ps in = COMMAND + 150 * NS + DATA_IN;
	for (int alone = 0; alone < 2; alone++) {
		struct bench b;
		open_bench(&b, NULL, "{}");
		struct tsu_tx read = tx(TSU_READ, at(&b.r, 0, 0, 0, 0)), program = tx(TSU_PROGRAM, at(&b.r, 1, 0, 0, 0));
		tsu_submit_alone(b.t, &read);
		sim_run_until(b.sim, when[_i]);
		(alone ? tsu_submit_alone : tsu_submit)(b.t, &program);
		run_all(&b);
		bool before = when[_i] < READY;
		ck_assert_int_eq(program.issued_ps, before ? when[_i] : READY + DATA);
		ck_assert_int_eq(read.data_ps, before ? when[_i] + in : READY);
		ck_assert_int_eq(read.behind[TSU_BEHIND_BUS], read.data_ps - READY);
		ck_assert_int_eq(read.done_ps, read.data_ps + DATA);
		times_add_up(&b);
		close_bench(&b);
	}
}
END_TEST

/* ---- power cuts --------------------------------------------------------------------------------------- */

static void mix_torn(void *ctx, enum nand_work work, nand_ppa page, uint32_t share)
{
	struct mix *m = ctx;
	(void)work;
	(void)page;
	(void)share;
	m->torn++;
}

static void mix_lost(void *ctx, struct tsu_tx *x)
{
	struct mix *m = ctx;
	if (!m->live[x - m->x])
		ck_abort_msg("it was given back before");
	m->live[x - m->x] = 0;
	m->lost++;
}

START_TEST(a_power_cut_gives_back_each_unfinished_transaction_once)
{
	for (uint32_t i = 0; i < effort(20); i++) {
		struct mix m;
		mix_open(&m, mixtures[_i], 2000);
		for (uint32_t step = 0; step < 83 * i; step++)
			sim_step(m.b.sim);
		uint64_t unfinished = tsu_unfinished(m.b.t), begun = 0;
		for (int k = 0; k < MIX; k++)
			begun += m.live[k] && m.x[k].issued_ps >= 0 && m.x[k].kind != TSU_READ;
		tsu_power_cut(m.b.t, mix_torn, mix_lost, &m);
		ck_assert_uint_eq(m.lost, unfinished);
		for (int k = 0; k < MIX; k++)
			ck_assert_uint_eq(m.live[k], 0);
		ck_assert_uint_le(m.torn, begun); /* some have only been sent for, or are done in the array */
		ck_assert_uint_eq(tsu_unfinished(m.b.t), 0);
		ck_assert_uint_eq(sim_pending(m.b.sim), 0);
		times_add_up(&m.b);
		struct tsu_tx x = tx(TSU_READ, at(&m.b.r, 0, 0, 0, 0)); /* and it may go on */
		time_ps start = m.b.sim->now_ps;
		tsu_submit(m.b.t, &x);
		run_all(&m.b);
		ck_assert_int_eq(x.done_ps - start, COMMAND + TO_DATA + 50 * US + DATA);
		times_add_up(&m.b);
		close_bench(&m.b);
	}
}
END_TEST

/* ---- at rest ------------------------------------------------------------------------------------------ */

/* Two benches, one saved and loaded into the other, go on alike: the turns of the channels are part of it. */
START_TEST(a_loaded_scheduler_goes_on_as_the_saved_one)
{
	struct bench b[2];
	struct tsu_tx x[2][8];
	struct err e = {0};
	FILE *f = tmpfile();
	for (int i = 0; i < 2; i++)
		open_bench(&b[i], SETS("flash.array.program=[50 us]"), "{}");
	struct tsu_tx first = tx(TSU_PROGRAM, at(&b[0].r, 1, 0, 0, 0));
	tsu_submit(b[0].t, &first);
	run_all(&b[0]);
	ck_assert(f != NULL && nand_save(b[0].r.n, b[0].sim->now_ps, f, &e) == 0 && tsu_state_save(b[0].t, f, &e) == 0);
	rewind(f);
	ck_assert(nand_load(b[1].r.n, 0, f, &e) == 0 && tsu_state_load(b[1].t, f, &e) == 0);
	times_add_up(&b[1]); /* what the channels did before is none of its time */
	time_ps start = b[0].sim->now_ps;
	for (int i = 0; i < 2; i++) {
		for (uint32_t k = 0; k < 8; k++) {
			x[i][k] = tx(TSU_PROGRAM, at(&b[i].r, k % 4, 0, 1 + k / 4, 0));
			tsu_submit(b[i].t, &x[i][k]);
		}
		run_all(&b[i]);
		times_add_up(&b[i]);
	}
	for (int k = 0; k < 8; k++)
		ck_assert_int_eq(x[0][k].done_ps - start, x[1][k].done_ps);
	ck_assert_int_lt(x[0][2].issued_ps, x[0][0].issued_ps); /* die 2 was next */
	/* cut short, it says so */
	rewind(f);
	ck_assert(ftruncate(fileno(f), 0) == 0 && tsu_state_load(b[1].t, f, &e) == -1 && e.code != ERR_NONE);
	fclose(f);
	for (int i = 0; i < 2; i++)
		close_bench(&b[i]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tsu_mix");
	TCase *t = tcase_create("tsu_mix");
	tcase_add_loop_test(t, a_long_mixture_ends_with_everything_done, 0, MIXTURES);
	tcase_add_loop_test(t, a_power_cut_gives_back_each_unfinished_transaction_once, 0, MIXTURES);
	tcase_add_test(t, books_know_of_data_on_their_way);
	tcase_add_loop_test(t, what_comes_before_the_data_goes_before_them, 0, 4);
	tcase_add_test(t, a_loaded_scheduler_goes_on_as_the_saved_one);
	suite_add_tcase(s, t);
	return run_suite(s);
}
