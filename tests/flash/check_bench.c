/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When each operation is legal, over every timing mode; what a bench refuses; what overlaps. */
#include "flash/flash_fixture.h"

/* ---- legal at t, illegal a picosecond before ------------------------------------------------------------ */

enum act {
	ACT_READ, ACT_READ2, ACT_OUT, ACT_COLUMN, ACT_CACHE_NEXT, ACT_CACHE_RANDOM, ACT_CACHE_END, ACT_PROGRAM, ACT_PROGRAM2,
	ACT_CACHE_PROGRAM, ACT_COLUMN_IN, ACT_ERASE, ACT_COPY_READ, ACT_COPY, ACT_COPY_CHANGED, ACT_SUSPEND, ACT_RESUME,
	ACT_STATUS, ACT_RESET, ACT_SET, ACT_GET
};

/* One call on die 0, block 1 of plane 0 (and 1): `page` is the next to read or program. */
static enum nand_status act(struct rig *r, enum act a, uint32_t page, time_ps t, struct nand_span *s)
{
	struct nand *n = r->n;
	nand_ppa p[2] = {at(r, 0, 0, 1, page), at(r, 0, 1, 1, page)};
	switch (a) {
	case ACT_READ: return nand_read(n, t, p, 1, NAND_READ_PAGE, false, s);
	case ACT_READ2: return nand_read(n, t, p, 2, NAND_READ_PAGE, false, s);
	case ACT_OUT: return nand_data_out(n, t, 0, 0, 4096, s);
	case ACT_COLUMN: return nand_data_out(n, t, 0, 0, 512, s);
	case ACT_CACHE_NEXT: return nand_read(n, t, p, 1, NAND_READ_CACHE_NEXT, false, s);
	case ACT_CACHE_RANDOM: return nand_read(n, t, p, 1, NAND_READ_CACHE, false, s);
	case ACT_CACHE_END: return nand_read(n, t, p, 0, NAND_READ_CACHE_END, false, s);
	case ACT_PROGRAM: return nand_program(n, t, p, 1, NAND_PROGRAM_PAGE, false, 0, s);
	case ACT_PROGRAM2: return nand_program(n, t, p, 2, NAND_PROGRAM_PAGE, false, 0, s);
	case ACT_CACHE_PROGRAM: return nand_program(n, t, p, 1, NAND_PROGRAM_CACHE, false, 0, s);
	case ACT_COLUMN_IN: return nand_column_in(n, t, 0, 512, s);
	case ACT_ERASE: return nand_erase(n, t, p, 1, false, s);
	case ACT_COPY_READ: return nand_read(n, t, p, 1, NAND_READ_COPYBACK, false, s);
	case ACT_COPY: return nand_program(n, t, p, 1, NAND_PROGRAM_COPYBACK, false, 0, s);
	case ACT_COPY_CHANGED: return nand_program(n, t, p, 1, NAND_PROGRAM_CHANGED, false, 512, s);
	case ACT_SUSPEND: return nand_suspend(n, t, 0, s);
	case ACT_RESUME: return nand_resume(n, t, 0, s);
	case ACT_STATUS: return nand_status_read(n, t, 0, s);
	case ACT_RESET: return nand_reset(n, t, 0, s);
	case ACT_SET: return nand_set_features(n, t, 0, s);
	case ACT_GET: return nand_get_features(n, t, 0, s);
	}
	return NAND_STATUSES;
}

/* Refused at t - 1 ps, with nothing changed; done at t, the channel held for `hold`, the die ready `busy` after that. */
static time_ps legal_from(struct rig *r, enum act a, uint32_t page, time_ps t, time_ps hold, time_ps busy)
{
	struct nand_span s = {-1, -1};
	struct nand_die die = r->n->die[0];
	struct nand_channel channel = r->n->channel[0];
	struct nand_counts counts = r->n->counts;
	uint16_t next = r->n->block[1].next_page;
	if (t > 0) {
		enum nand_status early = act(r, a, page, t - 1, &s);
		ck_assert_msg(early == NAND_EARLY, "act %d a picosecond early: %s", a, nand_status_name(early));
		ck_assert_mem_eq(&die, &r->n->die[0], sizeof(die));
		ck_assert_mem_eq(&channel, &r->n->channel[0], sizeof(channel));
		ck_assert_mem_eq(&counts, &r->n->counts, sizeof(counts));
		ck_assert_uint_eq(next, r->n->block[1].next_page);
		ck_assert_int_eq(s.bus_ps, -1);
	}
	enum nand_status status = act(r, a, page, t, &s);
	ck_assert_msg(status == NAND_OK, "act %d in time: %s", a, nand_status_name(status));
	ck_assert_msg(s.bus_ps == t + hold, "act %d holds the channel for %lld ps, not %lld", a, (long long)(s.bus_ps - t),
		(long long)hold);
	if (busy >= 0)
		ck_assert_msg(s.ready_ps == t + hold + busy, "act %d: busy for %lld ps, not %lld", a,
			(long long)(s.ready_ps - s.bus_ps), (long long)busy);
	return s.ready_ps;
}

/* A mode's row, its rate, and from these what the standards' figures add up to. */
struct mode_times {
	struct nand_bus_times t;
	uint64_t num, den;
	time_ps c;
};

static time_ps data(const struct mode_times *m, uint64_t bytes)
{
	uint128 n = (uint128)bytes * m->den * 1000000000000ULL;
	return (time_ps)((n + m->num - 1) / m->num);
}

#define US PS_PER_US

static const struct nand_timing *mode_open(struct rig *r, int i, struct mode_times *m)
{
	const struct nand_timing *row = &nand_timings[i];
	char interface[64], mode[64];
	static const char *const names[] = {"sdr", "nv-ddr", "nv-ddr2", "nv-ddr3", "nv-lpddr4", "toggle"};
	snprintf(interface, sizeof(interface), "flash.bus.interface=%s", names[row->interface]);
	snprintf(mode, sizeof(mode), "flash.bus.mode=%d", row->mode);
	rig_open(r, flash_without_bus, SETS(interface, mode, "flash.copyback.allowed=true",
		"flash.suspend={program: true, erase: true, program_time: 20 us, erase_time: 30 us, resume_time: 7 us, interval: 40 us}"));
	*m = (struct mode_times){row->t, row->rate_num, row->rate_den, row->t.cad_ps > 0 ? row->t.cad_ps : row->t.wc_ps};
	return row;
}

START_TEST(erases_programs_and_reads_are_legal_when_the_rows_times_have_passed)
{
	struct rig r;
	struct mode_times m;
	mode_open(&r, _i, &m);
	time_ps in = 7 * m.c + m.t.adl_ps + m.t.wpre_ps + m.t.wpst_ps, out = m.t.rpre_ps + m.t.rpst_ps;
	time_ps t = legal_from(&r, ACT_ERASE, 0, 0, 5 * m.c, m.t.wb_ps + 4000 * US);
	t = legal_from(&r, ACT_PROGRAM, 0, t, in + data(&m, 4096), m.t.wb_ps + 300 * US);
	t = legal_from(&r, ACT_PROGRAM, 1, t, in + data(&m, 4096), m.t.wb_ps + 500 * US);
	t = legal_from(&r, ACT_PROGRAM, 2, t, in + data(&m, 4096), m.t.wb_ps + 900 * US);
	t = legal_from(&r, ACT_READ, 0, t, 7 * m.c, m.t.wb_ps + 50 * US + m.t.rr_ps);
	t = legal_from(&r, ACT_OUT, 0, t, out + data(&m, 4096), 0);
	t = legal_from(&r, ACT_COLUMN, 0, t, m.t.rhw_ps + 4 * m.c + m.t.ccs_ps + out + data(&m, 512), 0);
	t = legal_from(&r, ACT_READ, 1, t, 7 * m.c, m.t.wb_ps + 60 * US + m.t.rr_ps);
	legal_from(&r, ACT_READ, 2, t, 7 * m.c, m.t.wb_ps + 70 * US + m.t.rr_ps);
	rig_close(&r);
}
END_TEST

START_TEST(two_planes_add_tdbsy_and_the_change_of_plane)
{
	struct rig r;
	struct mode_times m;
	mode_open(&r, _i, &m);
	time_ps in = 7 * m.c + m.t.adl_ps + m.t.wpre_ps + m.t.wpst_ps, out = m.t.rpre_ps + m.t.rpst_ps;
	time_ps gap = m.t.wb_ps + m.t.dbsy_ps;
	struct nand_span s;
	time_ps t = legal_from(&r, ACT_PROGRAM2, 0, 0, 2 * (in + data(&m, 4096)), gap + m.t.wb_ps + 300 * US);
	t = legal_from(&r, ACT_READ2, 0, t, 14 * m.c, gap + m.t.wb_ps + 50 * US + m.t.rr_ps);
	t = legal_from(&r, ACT_OUT, 0, t, out + data(&m, 4096), 0);
	want(nand_data_out(r.n, t - 1, 0, 1, 4096, &s), NAND_EARLY);
	want(nand_data_out(r.n, t, 0, 1, 4096, &s), NAND_OK);
	ck_assert_int_eq(s.bus_ps - t, m.t.rhw_ps + 7 * m.c + m.t.ccs_ps + out + data(&m, 4096));
	nand_ppa p[2] = {at(&r, 0, 0, 1, 0), at(&r, 0, 1, 3, 0)};
	t = s.ready_ps;
	want(nand_erase(r.n, t - 1, p, 2, false, &s), NAND_EARLY);
	want(nand_erase(r.n, t, p, 2, false, &s), NAND_OK);
	ck_assert_int_eq(s.bus_ps - t, 10 * m.c);
	ck_assert_int_eq(s.ready_ps - s.bus_ps, gap + m.t.wb_ps + 4000 * US);
	rig_close(&r);
}
END_TEST

/* Cache read: the register takes the page over when the array has it, tRCBSY; the array reads on meanwhile. */
START_TEST(cache_reads_give_a_page_while_the_array_reads_the_next)
{
	struct rig r;
	struct mode_times m;
	mode_open(&r, _i, &m);
	time_ps out = m.t.rpre_ps + m.t.rpst_ps;
	time_ps t = legal_from(&r, ACT_READ, 0, 0, 7 * m.c, m.t.wb_ps + 50 * US + m.t.rr_ps);
	time_ps loaded = t + m.c + m.t.wb_ps + m.t.rcbsy_ps;
	t = legal_from(&r, ACT_CACHE_NEXT, 1, t, m.c, m.t.wb_ps + m.t.rcbsy_ps + m.t.rr_ps);
	ck_assert_int_eq(nand_die_state(r.n, 0, t), NAND_CACHE_READING);
	t = legal_from(&r, ACT_OUT, 0, t, out + data(&m, 4096), 0);
	/* page 1 takes the array 60 us from `loaded`; whichever is later, that or the command's tWB */
	time_ps next = time_max(t + 7 * m.c + m.t.wb_ps, loaded + 60 * US) + m.t.rcbsy_ps;
	t = legal_from(&r, ACT_CACHE_RANDOM, 5, t, 7 * m.c, next + m.t.rr_ps - t - 7 * m.c);
	t = legal_from(&r, ACT_OUT, 0, t, out + data(&m, 4096), 0);
	time_ps end = time_max(t + m.c + m.t.wb_ps, next + 70 * US) + m.t.rcbsy_ps;
	t = legal_from(&r, ACT_CACHE_END, 0, t, m.c, end + m.t.rr_ps - t - m.c);
	ck_assert_int_eq(nand_die_state(r.n, 0, t), NAND_DATA_READY);
	legal_from(&r, ACT_OUT, 0, t, out + data(&m, 4096), 0);
	rig_close(&r);
}
END_TEST

START_TEST(cache_programs_take_data_while_the_array_programs)
{
	struct rig r;
	struct mode_times m;
	mode_open(&r, _i, &m);
	time_ps in = 7 * m.c + m.t.adl_ps + m.t.wpre_ps + m.t.wpst_ps + data(&m, 4096);
	time_ps t = legal_from(&r, ACT_CACHE_PROGRAM, 0, 0, in, m.t.wb_ps + m.t.cbsy_ps);
	time_ps array = t + 300 * US;
	ck_assert_int_eq(nand_die_state(r.n, 0, t), NAND_CACHE_PROGRAMMING);
	time_ps free = time_max(t + in + m.t.wb_ps, array) + m.t.cbsy_ps;
	t = legal_from(&r, ACT_CACHE_PROGRAM, 1, t, in, free - t - in);
	ck_assert_int_eq(t, free);
	array = free + 500 * US;
	/* the last one is ready when the array has done both */
	t = legal_from(&r, ACT_PROGRAM, 2, t, in, time_max(t + in + m.t.wb_ps, array) + 900 * US - t - in);
	legal_from(&r, ACT_READ, 0, t, 7 * m.c, -1);
	rig_close(&r);
}
END_TEST

START_TEST(copyback_moves_a_page_without_its_data_on_the_channel)
{
	struct rig r;
	struct mode_times m;
	mode_open(&r, _i, &m);
	time_ps in = 7 * m.c + m.t.adl_ps + m.t.wpre_ps + m.t.wpst_ps, out = m.t.rpre_ps + m.t.rpst_ps;
	time_ps t = legal_from(&r, ACT_COPY_READ, 5, 0, 7 * m.c, m.t.wb_ps + 70 * US + m.t.rr_ps);
	t = legal_from(&r, ACT_COPY, 0, t, 7 * m.c, m.t.wb_ps + 300 * US);
	t = legal_from(&r, ACT_COPY_READ, 0, t, 7 * m.c, m.t.wb_ps + 50 * US + m.t.rr_ps);
	t = legal_from(&r, ACT_OUT, 0, t, out + data(&m, 4096), 0); /* to look at it on the way */
	t = legal_from(&r, ACT_COPY_CHANGED, 1, t, in + data(&m, 512), m.t.wb_ps + 500 * US);
	ck_assert_uint_eq(r.n->counts.copybacks, 1);
	ck_assert_uint_eq(r.n->counts.bytes_in, 512);
	t = legal_from(&r, ACT_COLUMN_IN, 0, t, 3 * m.c + m.t.ccs_ps + m.t.wpre_ps + m.t.wpst_ps + data(&m, 512), 0);
	legal_from(&r, ACT_PROGRAM, 2, t, in + data(&m, 4096), m.t.wb_ps + 900 * US);
	rig_close(&r);
}
END_TEST

/* The array does its work up to the suspend's last cycle; the rest, and resume_time, come after the resume. */
START_TEST(suspending_and_resuming_keep_their_times)
{
	struct rig r;
	struct mode_times m;
	mode_open(&r, _i, &m);
	time_ps in = 7 * m.c + m.t.adl_ps + m.t.wpre_ps + m.t.wpst_ps + data(&m, 4096);
	struct nand_span s;
	nand_ppa other = at(&r, 0, 0, 2, 0);
	time_ps ready = legal_from(&r, ACT_PROGRAM, 0, 0, in, m.t.wb_ps + 300 * US);
	time_ps t = ready - 300 * US + 40 * US; /* the interval */
	ck_assert_int_eq(nand_suspend_at(r.n, 0, t), t);
	want(act(&r, ACT_SUSPEND, 0, t - 1, &s), NAND_SUSPEND_LIMIT);
	want(act(&r, ACT_SUSPEND, 0, t, &s), NAND_OK);
	ck_assert_int_eq(s.bus_ps, t + 4 * m.c);
	ck_assert_int_eq(s.ready_ps, s.bus_ps + m.t.wb_ps + 20 * US);
	time_ps left = ready - s.bus_ps;
	t = s.ready_ps;
	want(nand_read(r.n, t - 1, &other, 1, NAND_READ_PAGE, false, &s), NAND_EARLY);
	want(nand_read(r.n, t, &other, 1, NAND_READ_PAGE, false, &s), NAND_OK);
	t = legal_from(&r, ACT_OUT, 0, s.ready_ps, m.t.rpre_ps + m.t.rpst_ps + data(&m, 4096), 0);
	t = legal_from(&r, ACT_RESUME, 0, t, 4 * m.c, m.t.wb_ps + 7 * US + left);
	t = legal_from(&r, ACT_ERASE, 0, t, 5 * m.c, m.t.wb_ps + 4000 * US);
	want(act(&r, ACT_SUSPEND, 0, t - 1000 * US, &s), NAND_OK);
	ck_assert_int_eq(s.ready_ps, t - 1000 * US + 4 * m.c + m.t.wb_ps + 30 * US);
	legal_from(&r, ACT_RESUME, 0, s.ready_ps, 4 * m.c, m.t.wb_ps + 7 * US + 1000 * US - 4 * m.c);
	rig_close(&r);
}
END_TEST

START_TEST(status_features_and_resets_keep_their_times)
{
	struct rig r;
	struct mode_times m;
	mode_open(&r, _i, &m);
	time_ps in = 7 * m.c + m.t.adl_ps + m.t.wpre_ps + m.t.wpst_ps + data(&m, 4096), out = m.t.rpre_ps + m.t.rpst_ps;
	time_ps t = legal_from(&r, ACT_SET, 0, 0, 2 * m.c + m.t.adl_ps + m.t.wpre_ps + m.t.wpst_ps + data(&m, 4),
		m.t.wb_ps + m.t.feat_ps);
	t = legal_from(&r, ACT_GET, 0, t, 2 * m.c + m.t.wb_ps + m.t.feat_ps + m.t.rr_ps + out + data(&m, 4), 0);
	t = legal_from(&r, ACT_RESET, 0, t, m.c, m.t.wb_ps + m.t.rst_idle_ps);
	legal_from(&r, ACT_PROGRAM, 0, t, in, m.t.wb_ps + 300 * US);
	/* the die is busy, the channel is free: 78h, three addresses, tWHR, one byte */
	time_ps status = 4 * m.c + m.t.whr_ps + out + data(&m, 1);
	legal_from(&r, ACT_STATUS, 0, t + in, status, -1);
	t = legal_from(&r, ACT_RESET, 0, t + in + status, m.c, m.t.wb_ps + m.t.rst_program_ps);
	legal_from(&r, ACT_READ, 0, t, 7 * m.c, m.t.wb_ps + 50 * US + m.t.rr_ps);
	t = legal_from(&r, ACT_RESET, 0, r.n->channel[0].free_ps, m.c, m.t.wb_ps + m.t.rst_read_ps);
	t = legal_from(&r, ACT_ERASE, 0, t, 5 * m.c, m.t.wb_ps + 4000 * US);
	t = r.n->channel[0].free_ps;
	t = legal_from(&r, ACT_RESET, 0, t, m.c, m.t.wb_ps + m.t.rst_erase_ps);
	legal_from(&r, ACT_PROGRAM, 0, t, in, m.t.wb_ps + 300 * US);
	rig_close(&r);
}
END_TEST

/* ---- who waits for whom ---------------------------------------------------------------------------------- */

START_TEST(dies_of_one_chip_overlap_and_share_only_the_channel)
{
	struct rig r;
	struct nand_span a, b, c;
	rig_open(&r, small_flash, NULL);
	nand_ppa p = at(&r, 0, 0, 0, 0), q = at(&r, 1, 0, 0, 0), far = at(&r, 4, 0, 0, 0);
	ck_assert_uint_eq(nand_addr_of(&r.n->geom, p).chip, nand_addr_of(&r.n->geom, q).chip);
	want(nand_erase(r.n, 0, &p, 1, false, &a), NAND_OK);
	want(nand_erase(r.n, a.bus_ps - 1, &q, 1, false, &b), NAND_EARLY);
	want(nand_erase(r.n, a.bus_ps, &q, 1, false, &b), NAND_OK);
	ck_assert_int_eq(b.ready_ps - a.ready_ps, 125000); /* five cycles later, not another erase */
	want(nand_erase(r.n, 0, &far, 1, false, &c), NAND_OK); /* the other channel is its own */
	ck_assert_int_eq(c.ready_ps, a.ready_ps);
	ck_assert_int_eq(nand_die_state(r.n, 0, a.ready_ps - 1), NAND_ERASING);
	ck_assert_int_eq(nand_die_state(r.n, 1, a.ready_ps - 1), NAND_ERASING);
	ck_assert_int_eq(nand_die_state(r.n, 0, a.ready_ps), NAND_IDLE);
	rig_close(&r);
}
END_TEST

/* Die 1 takes data in; die 0, ready long since, gets the channel when they are over. */
START_TEST(a_channel_held_by_another_die_is_waited_for)
{
	static const struct { enum act before, then; uint32_t page; } rows[] = {
		{ACT_READ, ACT_READ, 0}, {ACT_READ, ACT_OUT, 0}, {ACT_READ, ACT_CACHE_NEXT, 1}, {ACT_READ, ACT_CACHE_RANDOM, 3},
		{ACT_READ, ACT_CACHE_END, 0}, {ACT_READ, ACT_PROGRAM, 0}, {ACT_READ, ACT_COLUMN_IN, 0}, {ACT_READ, ACT_ERASE, 0},
		{ACT_COPY_READ, ACT_COPY, 0}, {ACT_READ, ACT_STATUS, 0}, {ACT_READ, ACT_RESET, 0}, {ACT_READ, ACT_SET, 0},
		{ACT_READ, ACT_GET, 0}, {ACT_ERASE, ACT_SUSPEND, 0},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rig r;
		struct nand_span s;
		rig_open(&r, small_flash, SETS("flash.copyback.allowed=true", "flash.suspend={erase: true, erase_time: 30 us}"));
		want(act(&r, rows[i].before, 0, 0, &s), NAND_OK);
		time_ps t = rows[i].before == ACT_ERASE ? 100 * US : s.ready_ps;
		want(nand_column_in(r.n, t, 1, 4096, &s), NAND_OK);
		want(act(&r, rows[i].then, rows[i].page, s.bus_ps - 1, &s), NAND_EARLY);
		want(act(&r, rows[i].then, rows[i].page, s.bus_ps, &s), NAND_OK);
		rig_close(&r);
	}
	struct rig r; /* a resume too */
	struct nand_span s;
	rig_open(&r, small_flash, SETS("flash.suspend={erase: true, erase_time: 30 us}"));
	want(act(&r, ACT_ERASE, 0, 0, &s), NAND_OK);
	want(act(&r, ACT_SUSPEND, 0, 100 * US, &s), NAND_OK);
	want(nand_column_in(r.n, s.ready_ps, 1, 4096, &s), NAND_OK);
	want(act(&r, ACT_RESUME, 0, s.bus_ps - 1, &s), NAND_EARLY);
	want(act(&r, ACT_RESUME, 0, s.bus_ps, &s), NAND_OK);
	rig_close(&r);
}
END_TEST

/* Ready for data (R/B#) is not ready for all: a read or an erase needs the array too. */
START_TEST(what_needs_the_array_waits_for_a_cache_operation)
{
	static const enum act then[] = {ACT_READ, ACT_ERASE, ACT_COPY_READ, ACT_SET, ACT_GET};
	for (int cache = 0; cache < 2; cache++)
		for (size_t i = 0; i < sizeof(then) / sizeof(then[0]); i++) {
			struct rig r;
			struct nand_span s;
			rig_open(&r, small_flash, SETS("flash.copyback.allowed=true"));
			want(act(&r, cache ? ACT_CACHE_PROGRAM : ACT_READ, 0, 0, &s), NAND_OK);
			if (!cache)
				want(act(&r, ACT_CACHE_NEXT, 1, s.ready_ps, &s), NAND_OK);
			time_ps array = s.ready_ps + (cache ? 300 * US : 60 * US - 20000); /* tRR is in ready */
			want(act(&r, then[i], 0, array - 1, &s), NAND_EARLY);
			want(act(&r, then[i], 0, array, &s), NAND_OK);
			rig_close(&r);
		}
	struct rig r; /* and a program behind a cache read */
	struct nand_span s;
	rig_open(&r, small_flash, NULL);
	want(act(&r, ACT_READ, 0, 0, &s), NAND_OK);
	want(act(&r, ACT_CACHE_NEXT, 1, s.ready_ps, &s), NAND_OK);
	want(act(&r, ACT_PROGRAM, 0, s.ready_ps + 60 * US - 20001, &s), NAND_EARLY);
	want(act(&r, ACT_PROGRAM, 0, s.ready_ps + 60 * US - 20000, &s), NAND_OK);
	rig_close(&r);
}
END_TEST

START_TEST(turnaround_keeps_trhw_between_data_out_and_any_command)
{
	for (int on = 0; on < 2; on++) {
		struct rig r;
		struct nand_span s;
		rig_open(&r, small_flash, SETS(on ? "flash.bus.turnaround=true" : "flash.bus.turnaround=false"));
		nand_ppa p = at(&r, 0, 0, 0, 0), q = at(&r, 1, 0, 0, 0);
		want(nand_read(r.n, 0, &p, 1, NAND_READ_PAGE, false, &s), NAND_OK);
		want(nand_data_out(r.n, s.ready_ps, 0, 0, 4096, &s), NAND_OK);
		time_ps from = s.bus_ps + (on ? 100000 : 0);
		want(nand_read(r.n, from - 1, &q, 1, NAND_READ_PAGE, false, &s), NAND_EARLY);
		ck_assert_int_eq(nand_earliest(r.n, 1, NAND_OP_READ), from);
		want(nand_read(r.n, from, &q, 1, NAND_READ_PAGE, false, &s), NAND_OK);
		/* status and features are data out too */
		want(nand_status_read(r.n, s.ready_ps, 1, &s), NAND_OK);
		ck_assert_int_eq(nand_earliest(r.n, 2, NAND_OP_READ), s.bus_ps + (on ? 100000 : 0));
		want(nand_get_features(r.n, s.ready_ps + PS_PER_MS, 2, &s), NAND_OK);
		ck_assert_int_eq(nand_earliest(r.n, 3, NAND_OP_READ), s.bus_ps + (on ? 100000 : 0));
		rig_close(&r);
	}
}
END_TEST

START_TEST(another_column_or_plane_costs_its_cycles)
{
	struct rig r;
	struct nand_span s;
	rig_open(&r, small_flash, NULL);
	want(act(&r, ACT_READ2, 0, 0, &s), NAND_OK);
	/* behind the first: tRHW, 05h 2A E0h or 06h 5A E0h, tCCS, preamble, 512 bytes */
	static const struct { uint32_t slot; int64_t hold_ns; } rows[] = {
		{1, 30 + 5120}, {1, 100 + 4 * 25 + 300 + 30 + 5120}, {0, 100 + 7 * 25 + 300 + 30 + 5120},
		{0, 100 + 4 * 25 + 300 + 30 + 5120}, {1, 100 + 7 * 25 + 300 + 30 + 5120},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		time_ps t = s.ready_ps;
		want(nand_data_out(r.n, t, 0, rows[i].slot, 512, &s), NAND_OK);
		ck_assert_int_eq(s.bus_ps - t, rows[i].hold_ns * 1000);
	}
	rig_close(&r);
}
END_TEST

START_TEST(polled_status_costs_a_status_read_before_data)
{
	struct rig r;
	struct nand_span s;
	uint64_t polls;
	rig_open(&r, small_flash, SETS("flash.status.how=polled", "flash.status.interval=15 us"));
	nand_ppa p = at(&r, 0, 0, 0, 0);
	want(nand_read(r.n, 0, &p, 1, NAND_READ_PAGE, false, &s), NAND_OK);
	/* polls at 15, 30, 45, 60 us behind the cycles' end, 0.175 us: the page is there 50.12 us behind it */
	ck_assert_int_eq(nand_seen_ps(r.n, s.bus_ps, s.ready_ps, &polls), s.bus_ps + 60 * US);
	ck_assert_uint_eq(polls, 4);
	ck_assert_int_eq(nand_seen_ps(r.n, 0, 60 * US, &polls), 60 * US);
	ck_assert_uint_eq(polls, 4);
	time_ps t = 61 * US;
	want(nand_data_out(r.n, t, 0, 0, 4096, &s), NAND_OK);
	/* 78h 3A tWHR preamble, a byte, 00h; then preamble and page */
	ck_assert_int_eq(s.bus_ps - t, (4 * 25 + 80 + 30 + 10 + 25 + 30 + 40960) * 1000);
	rig_close(&r);
	rig_open(&r, small_flash, NULL);
	ck_assert_int_eq(nand_seen_ps(r.n, 0, 77, &polls), 77);
	ck_assert_uint_eq(polls, 0);
	rig_close(&r);
}
END_TEST

START_TEST(states_follow_the_operations)
{
	struct rig r;
	struct nand_span s;
	rig_open(&r, small_flash, SETS("flash.suspend={program: true, program_time: 20 us}"));
	nand_ppa p = at(&r, 0, 0, 0, 0), q = at(&r, 0, 0, 1, 0);
	ck_assert_int_eq(nand_die_state(r.n, 0, 0), NAND_IDLE);
	want(nand_program(r.n, 0, &p, 1, NAND_PROGRAM_PAGE, false, 0, &s), NAND_OK);
	ck_assert_int_eq(nand_die_state(r.n, 0, 1), NAND_PROGRAMMING);
	want(nand_suspend(r.n, 100 * US, 0, &s), NAND_OK);
	ck_assert_int_eq(nand_die_state(r.n, 0, s.ready_ps - 1), NAND_SUSPENDING);
	ck_assert_int_eq(nand_die_state(r.n, 0, s.ready_ps), NAND_SUSPENDED_PROGRAM);
	ck_assert(nand_die_suspended(r.n, 0));
	want(nand_read(r.n, s.ready_ps, &q, 1, NAND_READ_PAGE, false, &s), NAND_OK);
	ck_assert_int_eq(nand_die_state(r.n, 0, s.ready_ps - 1), NAND_READING);
	ck_assert_int_eq(nand_die_state(r.n, 0, s.ready_ps), NAND_DATA_READY);
	want(nand_resume(r.n, s.ready_ps, 0, &s), NAND_OK);
	ck_assert_int_eq(nand_die_state(r.n, 0, s.ready_ps - 1), NAND_PROGRAMMING);
	ck_assert_int_eq(nand_die_state(r.n, 0, s.ready_ps), NAND_IDLE);
	ck_assert(!nand_die_suspended(r.n, 0));
	want(nand_reset(r.n, s.ready_ps, 0, &s), NAND_OK);
	ck_assert_int_eq(nand_die_state(r.n, 0, s.ready_ps - 1), NAND_BUSY_OTHER);
	for (int i = 0; i < NAND_STATES; i++)
		ck_assert(strlen(nand_state_name((enum nand_state)i)) > 0);
	for (int i = 0; i < NAND_STATUSES; i++)
		ck_assert(strlen(nand_status_name((enum nand_status)i)) > 0 && strlen(nand_status_text((enum nand_status)i)) > 0);
	rig_close(&r);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("bench");
	TCase *t = tcase_create("bench");
	int modes = (int)nand_timing_count;
	tcase_add_loop_test(t, erases_programs_and_reads_are_legal_when_the_rows_times_have_passed, 0, modes);
	tcase_add_loop_test(t, two_planes_add_tdbsy_and_the_change_of_plane, 0, modes);
	tcase_add_loop_test(t, cache_reads_give_a_page_while_the_array_reads_the_next, 0, modes);
	tcase_add_loop_test(t, cache_programs_take_data_while_the_array_programs, 0, modes);
	tcase_add_loop_test(t, copyback_moves_a_page_without_its_data_on_the_channel, 0, modes);
	tcase_add_loop_test(t, suspending_and_resuming_keep_their_times, 0, modes);
	tcase_add_loop_test(t, status_features_and_resets_keep_their_times, 0, modes);
	tcase_add_test(t, dies_of_one_chip_overlap_and_share_only_the_channel);
	tcase_add_test(t, a_channel_held_by_another_die_is_waited_for);
	tcase_add_test(t, what_needs_the_array_waits_for_a_cache_operation);
	tcase_add_test(t, turnaround_keeps_trhw_between_data_out_and_any_command);
	tcase_add_test(t, another_column_or_plane_costs_its_cycles);
	tcase_add_test(t, polled_status_costs_a_status_read_before_data);
	tcase_add_test(t, states_follow_the_operations);
	suite_add_tcase(s, t);
	return run_suite(s);
}
