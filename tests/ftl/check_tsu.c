/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The transaction scheduler: single transactions, packing, policies, suspending, arbitration. */
#include "ftl/tsu_rig.h"

/* ---- one by one --------------------------------------------------------------------------------------- */

START_TEST(a_lone_transaction_takes_the_sum_of_its_phases)
{
	struct bench b;
	int done = 0;
	open_bench(&b, SETS("flash.copyback.allowed=true"), "{}");
	struct tsu_tx read = tx(TSU_READ, at(&b.r, 3, 1, 2, 2)), program = tx(TSU_PROGRAM, at(&b.r, 0, 0, 0, 0)),
		erase = tx(TSU_ERASE, at(&b.r, 5, 0, 0, 0)), copy = tx(TSU_COPYBACK, at(&b.r, 7, 1, 3, 0));
	copy.from = at(&b.r, 7, 1, 2, 1);
	struct tsu_tx *all[] = {&read, &program, &erase, &copy};
	time_ps want_ps[] = {
		COMMAND + TO_DATA + 70 * US + DATA,
		COMMAND + 150 * NS + DATA_IN + 100 * NS + 300 * US,
		5 * 25 * NS + 100 * NS + 4000 * US,
		/* the copyback's program cannot go before tRR has passed */
		COMMAND + TO_DATA + 60 * US + COMMAND + 100 * NS + 300 * US,
	};
	for (int i = 0; i < 4; i++) {
		time_ps start = b.sim->now_ps;
		all[i]->owner = &done;
		tsu_submit(b.t, all[i]);
		ck_assert_int_eq(done, i); /* never inside */
		ck_assert(!tsu_idle(b.t, nand_ppa_die(&b.r.n->geom, all[i]->page)));
		run_all(&b);
		ck_assert_int_eq(done, i + 1);
		ck_assert_int_eq(all[i]->queued_ps, start);
		ck_assert_int_eq(all[i]->issued_ps, start);
		ck_assert_int_eq(all[i]->done_ps - start, want_ps[i]);
		ck_assert_int_eq(b.sim->now_ps, all[i]->done_ps);
		for (int k = 0; k < TSU_BEHINDS; k++)
			ck_assert_int_eq(all[i]->behind[k], 0);
	}
	close_bench(&b);
}
END_TEST

START_TEST(a_polled_die_is_seen_at_the_next_poll)
{
	struct bench b;
	open_bench(&b, SETS("flash.status={how: polled, interval: 64 us}"), "{}");
	struct tsu_tx x = tx(TSU_PROGRAM, at(&b.r, 0, 0, 0, 0));
	tsu_submit(b.t, &x);
	run_all(&b);
	/* 300.1 us behind the last cycle: the fifth poll */
	ck_assert_int_eq(x.done_ps, COMMAND + 150 * NS + DATA_IN + 5 * 64 * US);
	close_bench(&b);
}
END_TEST

static void again(struct tsu *t, struct tsu_tx *x)
{
	uint32_t *left = x->owner;
	if (*left > 0 && --*left > 0)
		tsu_submit(t, x);
}

START_TEST(done_may_submit_the_same_transaction_again)
{
	struct bench b;
	uint32_t left = 100;
	open_bench(&b, NULL, "{}");
	struct tsu_tx x = tx(TSU_READ, at(&b.r, 1, 0, 0, 0));
	x.done = again;
	x.owner = &left;
	tsu_submit(b.t, &x);
	run_all(&b);
	ck_assert_uint_eq(left, 0);
	ck_assert_int_eq(b.sim->now_ps, 100 * (COMMAND + TO_DATA + 50 * US + DATA));
	close_bench(&b);
}
END_TEST

START_TEST(one_submitted_alone_begins_at_once_and_ends_as_ever)
{
	struct bench b;
	int done = 0;
	open_bench(&b, NULL, "{}");
	struct tsu_tx x = tx(TSU_READ, at(&b.r, 0, 0, 0, 0)), y = tx(TSU_READ, at(&b.r, 0, 1, 1, 0)),
		z = tx(TSU_READ, at(&b.r, 1, 0, 0, 0));
	x.owner = &done;
	tsu_submit_alone(b.t, &x);
	ck_assert_int_eq(x.issued_ps, 0);
	ck_assert_int_lt(b.sim->now_ps, nand_die_ready(b.r.n, 0)); /* the bench has it already */
	tsu_submit_alone(b.t, &y); /* the die is busy: too late to be packed */
	tsu_submit_alone(b.t, &z); /* the channel is */
	ck_assert_int_eq(done, 0);
	run_all(&b);
	ck_assert_int_eq(x.done_ps, COMMAND + TO_DATA + 50 * US + DATA);
	ck_assert_int_eq(z.issued_ps, COMMAND);
	ck_assert_int_eq(y.issued_ps, x.done_ps);
	ck_assert(!x.packed && !y.packed);
	close_bench(&b);
}
END_TEST

/* ---- packing ------------------------------------------------------------------------------------------ */

START_TEST(what_agrees_in_die_kind_and_page_number_is_one_operation)
{
	static const struct {
		const char *sched;
		enum tsu_kind kind;
		uint32_t die, block, page, plane; /* of the second; the first: die 0, plane 0, block 0, page 0 */
		bool slc;
		uint64_t operations;
	} rows[] = {
		{"{}", TSU_READ, 0, 5, 0, 1, false, 1},
		{"{}", TSU_PROGRAM, 0, 5, 0, 1, false, 1},
		{"{}", TSU_ERASE, 0, 5, 7, 1, false, 1},
		{"{policy: fifo}", TSU_READ, 0, 5, 0, 1, false, 1},
		{"{multi_plane: false}", TSU_READ, 0, 5, 0, 1, false, 2},
		{"{multi_plane: false}", TSU_PROGRAM, 0, 5, 0, 1, false, 2},
		{"{}", TSU_READ, 0, 5, 1, 1, false, 2},
		{"{}", TSU_READ, 0, 5, 0, 0, false, 2},
		{"{}", TSU_READ, 1, 5, 0, 1, false, 2},
		{"{}", TSU_READ, 0, 5, 0, 1, true, 2},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bench b;
		open_bench(&b, SETS("flash.array.slc_read=20 us", "flash.array.slc_program=100 us", "flash.array.slc_erase=1 ms"),
			rows[i].sched);
		struct tsu_tx x = tx(rows[i].kind, at(&b.r, 0, 0, 0, 0));
		struct tsu_tx y = tx(rows[i].kind, at(&b.r, rows[i].die, rows[i].plane, rows[i].block, rows[i].page));
		y.slc = rows[i].slc;
		tsu_submit(b.t, &y);
		tsu_submit(b.t, &x);
		run_all(&b);
		ck_assert_msg(tsu_counts(b.t)->operations[rows[i].kind] == rows[i].operations, "row %zu: %llu operations", i,
			(unsigned long long)tsu_counts(b.t)->operations[rows[i].kind]);
		ck_assert(x.packed == (rows[i].operations == 1) && y.packed == x.packed);
		close_bench(&b);
	}
}
END_TEST

START_TEST(the_planes_of_a_packed_read_give_their_data_one_behind_the_other)
{
	struct bench b;
	open_bench(&b, NULL, "{}");
	struct tsu_tx x = tx(TSU_READ, at(&b.r, 0, 0, 0, 0)), y = tx(TSU_READ, at(&b.r, 0, 1, 5, 0));
	tsu_submit(b.t, &y);
	tsu_submit(b.t, &x);
	run_all(&b);
	/* two commands, tWB and tDBSY between; the other plane's data behind tRHW, 7 cycles, tCCS */
	time_ps first = 2 * COMMAND + 600 * NS + TO_DATA + 50 * US + DATA;
	ck_assert_int_eq(x.done_ps, first);
	ck_assert_int_eq(y.done_ps, first + 100 * NS + COMMAND + 300 * NS + DATA);
	ck_assert_int_eq(y.behind[TSU_BEHIND_BUS], DATA);
	close_bench(&b);
}
END_TEST

/* Each program waits for the one before to be issued, not to be done: the bench itself refuses another order. */
START_TEST(programs_of_a_block_keep_their_order_whatever_their_priorities)
{
	for (int p = 0; tsu_policies[p]; p++) {
		struct bench b;
		char sched[64];
		int done = 0;
		struct tsu_tx x[24];
		snprintf(sched, sizeof(sched), "{policy: %s}", tsu_policies[p]->name);
		open_bench(&b, NULL, sched);
		for (uint32_t i = 0; i < 24; i++) {
			x[i] = tx(TSU_PROGRAM, at(&b.r, 0, i % 2, 3, i / 2));
			x[i].priority = (uint8_t)(i * 5 % TSU_PRIORITIES);
			x[i].source = i % 3 == 0 ? TSU_GC : TSU_HOST;
			x[i].owner = &done;
			tsu_submit(b.t, &x[i]);
		}
		run_all(&b);
		ck_assert_int_eq(done, 24);
		for (uint32_t i = 2; i < 24; i++)
			ck_assert_int_gt(x[i].issued_ps, x[i - 2].issued_ps);
		close_bench(&b);
	}
}
END_TEST

/* ---- policies ----------------------------------------------------------------------------------------- */

/* Die 0 programs for long; then a program for it, a read for it, and a read for die 1 of the same channel come. */
static void four_come(const char *sched, struct tsu_tx x[4])
{
	struct bench b;
	open_bench(&b, NULL, sched);
	x[0] = tx(TSU_PROGRAM, at(&b.r, 0, 0, 0, 0));
	x[1] = tx(TSU_PROGRAM, at(&b.r, 0, 0, 1, 0));
	x[2] = tx(TSU_READ, at(&b.r, 0, 0, 2, 0));
	x[3] = tx(TSU_READ, at(&b.r, 1, 0, 2, 0));
	tsu_submit(b.t, &x[0]);
	sim_run_until(b.sim, 100 * US);
	for (int i = 1; i < 4; i++)
		tsu_submit(b.t, &x[i]);
	run_all(&b);
	close_bench(&b);
}

START_TEST(fifo_waits_for_the_die_of_the_first)
{
	struct tsu_tx x[4];
	four_come("{policy: fifo}", x);
	ck_assert_int_eq(x[1].issued_ps, x[0].done_ps);
	ck_assert_int_eq(x[2].issued_ps, x[1].done_ps);
	ck_assert_int_eq(x[3].issued_ps, x[2].issued_ps + COMMAND);
	ck_assert_int_eq(x[2].behind[TSU_BEHIND_PROGRAM], x[2].issued_ps - x[2].queued_ps);
	ck_assert_int_eq(x[3].behind[TSU_BEHIND_BUS], x[3].data_ps - x[3].queued_ps - COMMAND - TO_DATA - 50 * US);
}
END_TEST

START_TEST(out_of_order_lets_other_dies_begin)
{
	struct tsu_tx x[4];
	four_come("{policy: out-of-order}", x);
	ck_assert_int_eq(x[3].issued_ps, 100 * US);
	ck_assert_int_eq(x[1].issued_ps, x[0].done_ps);
	ck_assert_int_eq(x[2].issued_ps, x[1].done_ps);
}
END_TEST

START_TEST(read_priority_lets_reads_of_the_die_pass)
{
	struct tsu_tx x[4];
	four_come("{policy: read-priority}", x);
	ck_assert_int_eq(x[3].issued_ps, 100 * US);
	ck_assert_int_eq(x[2].issued_ps, x[0].done_ps);
	ck_assert_int_eq(x[1].issued_ps, x[2].done_ps);
	ck_assert_int_eq(x[2].behind[TSU_BEHIND_PROGRAM], x[0].done_ps - 100 * US);
	ck_assert_int_eq(x[1].behind[TSU_BEHIND_PROGRAM], x[0].done_ps - 100 * US);
	ck_assert_int_eq(x[1].behind[TSU_BEHIND_READ], x[2].done_ps - x[2].issued_ps);
}
END_TEST

START_TEST(read_priority_serves_the_higher_priority_first)
{
	struct bench b;
	struct tsu_tx x[6];
	open_bench(&b, NULL, "{}");
	for (uint32_t i = 0; i < 6; i++) {
		x[i] = tx(i < 3 ? TSU_READ : TSU_PROGRAM, at(&b.r, 0, 0, i, 0));
		x[i].priority = (uint8_t)(2 - i % 3);
		tsu_submit(b.t, &x[i]);
	}
	run_all(&b);
	static const int order[] = {2, 1, 0, 5, 4, 3};
	for (int i = 1; i < 6; i++)
		ck_assert_int_gt(x[order[i]].issued_ps, x[order[i - 1]].issued_ps);
	close_bench(&b);
}
END_TEST

/* Two reads of one die that are always there leave no room for a program, but for its age. */
START_TEST(a_program_behind_endless_reads_is_served_at_the_age_limit)
{
	static const char *const scheds[] = {"{age_limit: 3 ms}", "{age_limit: 3 ms, arbitration: data-first}",
		"{age_limit: 3 ms, policy: fair}"};
	for (int i = 0; i < 3; i++) {
		struct bench b;
		struct tsu_tx x[4];
		uint32_t left = 1000;
		open_bench(&b, NULL, scheds[i]);
		for (uint32_t k = 0; k < 3; k++) {
			x[k] = tx(TSU_READ, at(&b.r, k / 2, 0, k, 0));
			x[k].done = again;
			x[k].owner = &left;
			tsu_submit(b.t, &x[k]);
		}
		x[3] = tx(TSU_PROGRAM, at(&b.r, 0, 0, 5, 0));
		tsu_submit(b.t, &x[3]);
		ck_assert_int_eq(sim_run(b.sim), 0);
		time_ps wait = x[3].issued_ps - x[3].queued_ps;
		ck_assert_int_lt(wait, 3 * PS_PER_MS + 3 * (COMMAND + TO_DATA + 50 * US + 2 * DATA));
		if (i < 2)
			ck_assert_int_gt(wait, 3 * PS_PER_MS);
		close_bench(&b);
	}
}
END_TEST

/* Reads of three dies fill the channel; a program for the fourth, which idles, has data of its own to send. */
START_TEST(a_program_gets_its_turn_on_a_channel_full_of_reads)
{
	static const struct {
		const char *sched;
		time_ps least, most;
	} rows[] = {
		{"{policy: read-priority, age_limit: 2 ms}", 2 * PS_PER_MS, 2 * PS_PER_MS + 2 * DATA},
		{"{policy: read-priority, age_limit: 2 ms, arbitration: data-first}", 0, 2 * PS_PER_MS + 2 * DATA},
		{"{policy: out-of-order}", 0, 4 * DATA},
		{"{policy: out-of-order, arbitration: data-first}", 0, 4 * DATA},
		{"{policy: fair}", 0, 4 * DATA},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bench b;
		struct tsu_tx x[4];
		uint32_t left = 1000;
		open_bench(&b, NULL, rows[i].sched);
		for (uint32_t k = 0; k < 3; k++) {
			x[k] = tx(TSU_READ, at(&b.r, k, 0, k, 0));
			x[k].done = again;
			x[k].owner = &left;
			tsu_submit(b.t, &x[k]);
		}
		sim_run_until(b.sim, 200 * US);
		x[3] = tx(TSU_PROGRAM, at(&b.r, 3, 0, 5, 0));
		tsu_submit(b.t, &x[3]);
		ck_assert_int_eq(sim_run(b.sim), 0);
		time_ps wait = x[3].issued_ps - x[3].queued_ps;
		ck_assert_msg(wait >= rows[i].least && wait <= rows[i].most, "row %zu: %lld", i, (long long)wait);
		close_bench(&b);
	}
}
END_TEST

static void next_page(struct tsu *t, struct tsu_tx *x)
{
	++*(uint32_t *)x->owner;
	x->page++;
	tsu_submit(t, x);
}

START_TEST(dies_share_a_channel_full_of_programs_evenly)
{
	struct bench b;
	struct tsu_tx x[4];
	uint32_t done[4] = {0};
	open_bench(&b, SETS("flash.array.program=[50 us]", "flash.geometry.pages=768"), "{}");
	for (uint32_t k = 0; k < 4; k++) {
		x[k] = tx(TSU_PROGRAM, at(&b.r, k, 0, 0, 0));
		x[k].done = next_page;
		x[k].owner = &done[k];
		tsu_submit(b.t, &x[k]);
	}
	sim_run_until(b.sim, 10 * PS_PER_MS);
	ck_assert_uint_gt(done[0], 50); /* 10 ms / (4 x 41.3 us) */
	for (int k = 1; k < 4; k++)
		ck_assert(done[k] + 1 >= done[0] && done[k] <= done[0] + 1);
	close_bench(&b);
}
END_TEST

START_TEST(fair_lets_a_flow_with_little_waiting_pass_one_with_much)
{
	static const char *const scheds[] = {"{policy: fair}", "{policy: read-priority}"};
	for (int i = 0; i < 2; i++) {
		struct bench b;
		struct tsu_tx x[9];
		open_bench(&b, NULL, scheds[i]);
		for (uint32_t k = 0; k < 9; k++) {
			x[k] = tx(TSU_READ, at(&b.r, 0, 0, k % 8, 0));
			x[k].flow = k == 8 ? 7 : 3;
			tsu_submit(b.t, &x[k]);
		}
		run_all(&b);
		/* FLIN: the light flow goes first; without it, last */
		for (int k = 0; k < 8; k++)
			ck_assert(i == 0 ? x[8].issued_ps < x[k].issued_ps : x[8].issued_ps > x[k].issued_ps);
		close_bench(&b);
	}
}
END_TEST

START_TEST(fair_weighs_reads_and_programs_by_their_own_time)
{
	struct bench b;
	open_bench(&b, NULL, "{policy: fair}");
	struct tsu_tx busy = tx(TSU_ERASE, at(&b.r, 0, 0, 0, 0)), program = tx(TSU_PROGRAM, at(&b.r, 0, 0, 1, 0)),
		read = tx(TSU_READ, at(&b.r, 0, 0, 2, 0));
	tsu_submit(b.t, &busy);
	sim_run_until(b.sim, 1000 * US);
	tsu_submit(b.t, &program); /* will have waited 3 ms, ten times its 300 us */
	sim_run_until(b.sim, 3700 * US);
	tsu_submit(b.t, &read); /* 0.5 ms, six times its 50 us */
	run_all(&b);
	ck_assert_int_lt(program.issued_ps, read.issued_ps);
	close_bench(&b);
}
END_TEST

/* ---- suspending --------------------------------------------------------------------------------------- */

#define CYCLES_4 (100 * NS)

START_TEST(a_read_suspends_a_program_that_then_goes_on)
{
	struct bench b;
	open_bench(&b, SETS(SUSPENDS), "{suspend: all}");
	struct tsu_tx program = tx(TSU_PROGRAM, at(&b.r, 0, 0, 0, 0)), read = tx(TSU_READ, at(&b.r, 0, 0, 1, 0));
	tsu_submit(b.t, &program);
	sim_run_until(b.sim, 100 * US);
	tsu_submit(b.t, &read);
	run_all(&b);
	/* the suspend's cycles, its time, then a read as ever */
	ck_assert_int_ge(read.issued_ps, 100 * US + CYCLES_4 + 20 * US);
	ck_assert_int_le(read.issued_ps, 100 * US + CYCLES_4 + 20 * US + 100 * NS);
	ck_assert_int_eq(read.done_ps - read.issued_ps, COMMAND + TO_DATA + 50 * US + DATA);
	ck_assert_int_eq(read.behind[TSU_BEHIND_SUSPEND], read.issued_ps - read.queued_ps);
	time_ps alone = COMMAND + 150 * NS + DATA_IN + 100 * NS + 300 * US;
	time_ps out = read.done_ps - (100 * US + CYCLES_4);
	ck_assert_int_ge(program.done_ps, alone + out + CYCLES_4 + 5 * US);
	ck_assert_int_le(program.done_ps, alone + out + CYCLES_4 + 5 * US + 100 * NS);
	ck_assert_uint_eq(tsu_counts(b.t)->suspends, 1);
	ck_assert_uint_eq(tsu_counts(b.t)->resumes, 1);
	close_bench(&b);
}
END_TEST

/* sched; the read comes at 20 us, while the data of the program cross, or later; source, block of the read; suspends. */
START_TEST(what_is_not_to_be_suspended_is_not)
{
	static const struct {
		const char *sched, *suspend;
		enum tsu_kind kind;
		int source;
		uint32_t block;
		time_ps when;
		uint64_t suspends;
	} rows[] = {
		{"{suspend: all}", SUSPENDS, TSU_PROGRAM, TSU_HOST, 1, 20 * US, 1}, /* later, when the array works */
		{"{suspend: all, suspend_waiting: false}", SUSPENDS, TSU_PROGRAM, TSU_HOST, 1, 20 * US, 0},
		{"{suspend: all, suspend_waiting: false}", SUSPENDS, TSU_PROGRAM, TSU_HOST, 1, 100 * US, 1},
		{"{suspend: all}", SUSPENDS, TSU_ERASE, TSU_MAPPING, 1, 100 * US, 1},
		{"{suspend: erase}", SUSPENDS, TSU_ERASE, TSU_HOST, 1, 100 * US, 1},
		{"{suspend: erase}", SUSPENDS, TSU_PROGRAM, TSU_HOST, 1, 100 * US, 0},
		{"{suspend: none}", SUSPENDS, TSU_PROGRAM, TSU_HOST, 1, 100 * US, 0},
		{"{suspend: all}", SUSPENDS, TSU_PROGRAM, TSU_GC, 1, 100 * US, 0},
		{"{suspend: all}", SUSPENDS, TSU_PROGRAM, TSU_HOST, 0, 100 * US, 0}, /* its own block */
		{"{suspend: all}", SUSPENDS, TSU_PROGRAM, TSU_HOST, 1, 330 * US, 0}, /* over sooner */
		{"{suspend: all, suspend_least: 300 us}", SUSPENDS, TSU_PROGRAM, TSU_HOST, 1, 100 * US, 0},
		{"{suspend: all, age_limit: 50 us}", SUSPENDS, TSU_PROGRAM, TSU_HOST, 1, 100 * US, 0},
		{"{suspend: all}", "flash.suspend={erase: true}", TSU_PROGRAM, TSU_HOST, 1, 100 * US, 0},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bench b;
		open_bench(&b, SETS(rows[i].suspend), rows[i].sched);
		struct tsu_tx x = tx(rows[i].kind, at(&b.r, 0, 0, 0, 0)), read = tx(TSU_READ, at(&b.r, 0, 0, rows[i].block, 0));
		read.source = (uint8_t)rows[i].source;
		tsu_submit(b.t, &x);
		sim_run_until(b.sim, rows[i].when);
		tsu_submit(b.t, &read);
		run_all(&b);
		ck_assert_msg(tsu_counts(b.t)->suspends == rows[i].suspends, "row %zu: %llu suspends", i,
			(unsigned long long)tsu_counts(b.t)->suspends);
		close_bench(&b);
	}
}
END_TEST

START_TEST(the_limits_of_the_part_hold)
{
	struct bench b;
	struct tsu_tx program, read[8];
	open_bench(&b, SETS(SUSPENDS, "flash.suspend.limit=3", "flash.suspend.interval=30 us"), "{suspend: all}");
	program = tx(TSU_PROGRAM, at(&b.r, 0, 0, 0, 0));
	tsu_submit(b.t, &program);
	for (uint32_t i = 0; i < 8; i++) {
		sim_run_until(b.sim, (100 + 130 * i) * US);
		read[i] = tx(TSU_READ, at(&b.r, 0, 0, 1, i));
		tsu_submit(b.t, &read[i]);
	}
	run_all(&b);
	ck_assert_uint_eq(tsu_counts(b.t)->suspends, 3); /* the bench would refuse more, and sooner */
	ck_assert_uint_eq(b.r.n->counts.suspends, 3);
	close_bench(&b);
}
END_TEST

/* ---- the channel -------------------------------------------------------------------------------------- */

/* One channel of `dies`, all read over and over: MB/s of the last three quarters. */
struct saturation {
	struct tsu_tx x[16];
	struct sim *sim;
	uint32_t done;
	time_ps begin;
};

static void saturated(struct tsu *t, struct tsu_tx *x)
{
	struct saturation *s = x->owner;
	if (++s->done == 1000)
		s->begin = s->sim->now_ps;
	if (s->done < 4000)
		tsu_submit(t, x);
	else
		s->sim->stop = true;
}

/* Part D of the reference figures. */
static double saturation_rate(const char *sched, uint32_t dies)
{
	struct rig r;
	struct saturation s = {.sim = sim_new(1)};
	struct ftl_sched_spec spec;
	struct err e = {0};
	part_open(&r, &parts[3], dies, 1);
	ck_assert_int_eq(bind_sched(&spec, r.arena, sched, &e), 0);
	struct tsu *t = tsu_open(r.arena, s.sim, r.n, &spec, &e);
	for (uint32_t i = 0; i < dies; i++) {
		s.x[i] = (struct tsu_tx){.done = saturated, .owner = &s, .kind = TSU_READ, .page = at(&r, i, 0, 0, 0), .bytes = 16384};
		tsu_submit(t, &s.x[i]);
	}
	sim_run(s.sim);
	double rate = 3000.0 * 16384 / (1e-6 * (double)(s.sim->now_ps - s.begin));
	sim_free(s.sim);
	rig_close(&r);
	return rate;
}

START_TEST(command_first_keeps_dies_busy_where_data_first_convoys)
{
	/* closed forms: oracles/README.md */
	double c = 175, x = 30 + 16384 / 1.2, die = c + 100 + 60000 + 20 + x;
	double best = 4 * 16384e3 / die, convoy = 4 * 16384e3 / (100 + 60000 + 20 + 4 * (c + x));
	double command = saturation_rate("sched: {arbitration: command-first}", 4);
	double data = saturation_rate("sched: {arbitration: data-first}", 4);
	ck_assert_msg(command > 0.995 * best && command < 1.005 * best, "%f, not %f", command, best);
	ck_assert_msg(data > 0.95 * convoy && data < 0.99 * best, "%f, not %f", data, convoy);
}
END_TEST

/* ---- bad input ---------------------------------------------------------------------------------------- */

START_TEST(useless_or_impossible_settings_are_refused_with_a_sentence)
{
	struct err e = {0};
	struct ftl_sched_spec spec;
	struct arena *a = arena_new();
	ck_assert_int_eq(bind_sched(&spec, a, "sched: {policy: fifo, suspend: all}\n", &e), -1);
	ck_assert_ptr_nonnull(strstr(e.msg, "no read overtakes"));
	err_clear(&e);
	ck_assert_int_eq(bind_sched(&spec, a, "sched: {suspend_least: 1 us}\n", &e), -1);
	ck_assert_ptr_nonnull(strstr(e.msg, "without suspend"));
	err_clear(&e);
	struct rig r;
	struct sim *sim = sim_new(1);
	ck_assert_int_eq(bind_sched(&spec, a, "sched: {}\n", &e), 0);
	rig_open(&r, small_flash, SETS("flash.geometry.chips=33"));
	ck_assert_ptr_null(tsu_open(a, sim, r.n, &spec, &e));
	ck_assert_ptr_nonnull(strstr(e.msg, "has 66 dies"));
	rig_close(&r);
	rig_open(&r, small_flash, SETS("flash.geometry.chips=32"));
	err_clear(&e);
	ck_assert_ptr_nonnull(tsu_open(a, sim, r.n, &spec, &e));
	rig_close(&r);
	rig_open(&r, small_flash, SETS("flash.suspend={program: true}"));
	err_clear(&e);
	ck_assert_int_eq(bind_sched(&spec, a, "sched: {suspend: erase}\n", &e), 0);
	ck_assert_ptr_null(tsu_open(a, sim, r.n, &spec, &e));
	ck_assert_ptr_nonnull(strstr(e.msg, "cannot suspend"));
	rig_close(&r);
	sim_free(sim);
	arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tsu");
	TCase *t = tcase_create("tsu");
	tcase_add_test(t, a_lone_transaction_takes_the_sum_of_its_phases);
	tcase_add_test(t, a_polled_die_is_seen_at_the_next_poll);
	tcase_add_test(t, done_may_submit_the_same_transaction_again);
	tcase_add_test(t, one_submitted_alone_begins_at_once_and_ends_as_ever);
	tcase_add_test(t, what_agrees_in_die_kind_and_page_number_is_one_operation);
	tcase_add_test(t, the_planes_of_a_packed_read_give_their_data_one_behind_the_other);
	tcase_add_test(t, programs_of_a_block_keep_their_order_whatever_their_priorities);
	tcase_add_test(t, fifo_waits_for_the_die_of_the_first);
	tcase_add_test(t, out_of_order_lets_other_dies_begin);
	tcase_add_test(t, read_priority_lets_reads_of_the_die_pass);
	tcase_add_test(t, read_priority_serves_the_higher_priority_first);
	tcase_add_test(t, a_program_behind_endless_reads_is_served_at_the_age_limit);
	tcase_add_test(t, a_program_gets_its_turn_on_a_channel_full_of_reads);
	tcase_add_test(t, dies_share_a_channel_full_of_programs_evenly);
	tcase_add_test(t, fair_lets_a_flow_with_little_waiting_pass_one_with_much);
	tcase_add_test(t, fair_weighs_reads_and_programs_by_their_own_time);
	tcase_add_test(t, a_read_suspends_a_program_that_then_goes_on);
	tcase_add_test(t, what_is_not_to_be_suspended_is_not);
	tcase_add_test(t, the_limits_of_the_part_hold);
	tcase_add_test(t, command_first_keeps_dies_busy_where_data_first_convoys);
	tcase_add_test(t, useless_or_impossible_settings_are_refused_with_a_sentence);
	suite_add_tcase(s, t);
	return run_suite(s);
}
