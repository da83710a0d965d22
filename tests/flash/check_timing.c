/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Timing rows, rates, and the bus phases of each operation. */
#include "flash/flash_fixture.h"

static time_ps transfer(const char *rate, uint64_t bytes)
{
	char text[64];
	struct rig r;
	snprintf(text, sizeof(text), "flash.bus.rate=%s", rate);
	rig_open(&r, small_flash, SETS(text));
	time_ps t = nand_bus_transfer(&r.n->bus, bytes);
	rig_close(&r);
	return t;
}

/* 16 KiB: the exact times, rounded up to a picosecond; 533 MT/s is 1600/3, a transfer each 1.875 ns. */
START_TEST(every_rate_has_its_own_time)
{
	ck_assert_int_eq(transfer("333 MT/s", 16384), 49152000);  /* 3 ns each */
	ck_assert_int_eq(transfer("533 MT/s", 16384), 30720000);
	ck_assert_int_eq(transfer("800 MT/s", 16384), 20480000);
	ck_assert_int_eq(transfer("1000 MT/s", 16384), 16384000);
	ck_assert_int_eq(transfer("1200 MT/s", 16384), 13653334); /* 13653333.3 */
	ck_assert_int_eq(transfer("2400 MT/s", 16384), 6826667);  /* 6826666.7 */
	ck_assert_int_eq(transfer("667 MT/s", 16384), 24576000);  /* 1.5 ns each */
	ck_assert_int_eq(transfer("1067 MT/s", 16384), 15360000); /* 0.9375 ns each */
	ck_assert_int_eq(transfer("1333 MT/s", 16384), 12288000); /* 0.75 ns each */
	ck_assert_int_eq(transfer("7 MT/s", 1), 142858);          /* 142857.1 */
	ck_assert_int_eq(transfer("2.5 MT/s", 1), 400000);
	ck_assert_int_eq(transfer("0.0000005 MT/s", 1), 2 * PS_PER_S);
}
END_TEST

START_TEST(the_rows_of_an_interface_ascend_and_each_is_found_by_its_rate)
{
	for (size_t i = 0; i < nand_timing_count; i++) {
		const struct nand_timing *t = &nand_timings[i];
		ck_assert_ptr_eq(nand_timing_find(t->interface, t->rate_num, t->rate_den), t);
		ck_assert_ptr_eq(nand_timing_mode(t->interface, t->mode), t);
		if (i > 0 && t[-1].interface == t->interface) {
			ck_assert_int_gt(t->mode, t[-1].mode);
			/* a transfer a second more than the mode before reaches */
			ck_assert_ptr_eq(nand_timing_find(t->interface, t[-1].rate_num + t[-1].rate_den, t[-1].rate_den), t);
		}
	}
}
END_TEST

/* ONFI 4.0, table of the SDR modes 0 to 5, in ns. */
START_TEST(sdr_has_the_standards_times)
{
	static const int64_t wc[] = {100, 45, 35, 30, 25, 20}, rc[] = {100, 50, 35, 30, 25, 20};
	static const int64_t wb[] = {200, 100, 100, 100, 100, 100}, rhw[] = {200, 100, 100, 100, 100, 100},
		whr[] = {120, 80, 80, 80, 80, 80}, rr[] = {40, 20, 20, 20, 20, 20};
	for (int i = 0; i < 6; i++) {
		const struct nand_timing *t = nand_timing_mode(NAND_SDR, i);
		ck_assert_int_eq(t->t.wc_ps, wc[i] * 1000);
		ck_assert_uint_eq(UINT64_C(1000000000) * t->rate_den, t->rate_num * (uint64_t)rc[i]);
		ck_assert_int_eq(t->t.wb_ps, wb[i] * 1000);
		ck_assert_int_eq(t->t.rhw_ps, rhw[i] * 1000);
		ck_assert_int_eq(t->t.whr_ps, whr[i] * 1000);
		ck_assert_int_eq(t->t.rr_ps, rr[i] * 1000);
		ck_assert_int_eq(t->t.adl_ps, 400000);
		ck_assert_int_eq(t->t.ccs_ps, 500000);
	}
}
END_TEST

START_TEST(a_bus_is_run_with_the_slowest_mode_that_reaches_its_rate)
{
	struct rig r;
	rig_open(&r, flash_without_bus, SETS("flash.bus={interface: nv-ddr2, rate: 333 MT/s}"));
	ck_assert_int_eq(r.n->bus.row->mode, 6);
	ck_assert_int_eq(r.n->bus.cycle_ps, 25000);
	rig_close(&r);
	rig_open(&r, flash_without_bus, SETS("flash.bus={interface: nv-ddr2, rate: 340 MT/s, t_wc: 30 ns, t_rr: 0}"));
	ck_assert_int_eq(r.n->bus.row->mode, 7);
	ck_assert_int_eq(r.n->bus.cycle_ps, 30000);
	ck_assert_int_eq(r.n->phases.rr_ps, 0);
	ck_assert_int_eq(nand_bus_transfer(&r.n->bus, 340), 1000000);
	rig_close(&r);
	rig_open(&r, flash_without_bus, SETS("flash.bus={interface: nv-ddr, mode: 5}"));
	ck_assert_int_eq(r.n->bus.cycle_ps, 45000); /* tCAD */
	ck_assert_int_eq(nand_bus_transfer(&r.n->bus, 4096), 20480000);
	rig_close(&r);
	rig_open(&r, flash_without_bus, SETS("flash.bus={interface: sdr, mode: 4, width: 16}"));
	ck_assert_int_eq(nand_bus_transfer(&r.n->bus, 4096), 51200000); /* 2048 words of 25 ns */
	rig_close(&r);
}
END_TEST

START_TEST(a_rate_that_no_row_covers_is_refused_with_a_sentence)
{
	rig_refused(flash_without_bus, SETS("flash.bus={interface: nv-ddr2, rate: 1200 MT/s}"),
		"no timing row covers 1200 MT/s: nv-ddr2 reaches 800 MT/s in mode 10");
	rig_refused(flash_without_bus, SETS("flash.bus={interface: sdr, rate: 51 MT/s}"), "sdr reaches 50 MT/s in mode 5");
	rig_refused(flash_without_bus, SETS("flash.bus={interface: sdr, mode: 6}"),
		"sdr has no timing row for mode 6: the last is 5");
	rig_refused(flash_without_bus, SETS("flash.bus={interface: nv-lpddr4, mode: 3}"), "no timing row for mode 3");
	rig_refused(flash_without_bus, SETS("flash.bus={interface: nv-ddr3, mode: 8, rate: 800 MT/s}"),
		"reaches 533.3 MT/s, not 800 MT/s");
	rig_refused(flash_without_bus, SETS("flash.bus={interface: nv-ddr3}"), "want a rate");
	rig_refused(flash_without_bus, SETS("flash.bus={interface: custom}"), "custom has no rate of its own");
	rig_refused(small_flash, SETS("flash.bus.mode=3"), "custom has no modes");
	rig_refused(flash_without_bus, SETS("flash.bus={interface: toggle, mode: 2, width: 16}"), "only sdr and custom");
	rig_refused(small_flash, SETS("flash.bus.width=12"), "8 or 16");
	rig_refused(small_flash, SETS("flash.bus.t_wc=-2 ps"), "t_wc");
	rig_refused(small_flash, SETS("flash.status.interval=1 us"), "is of no use without how: polled");
}
END_TEST

/* "00h 5A 30h": the cycles named are the cycles counted. */
START_TEST(each_operation_has_the_cycles_it_names)
{
	for (int i = 0; i < NAND_OPS; i++) {
		const struct nand_op_row *o = &nand_ops[i];
		char text[64];
		uint32_t commands = 0, addresses = 0;
		bool data = false;
		snprintf(text, sizeof(text), "%s", o->cycles);
		char *save = NULL;
		for (char *word = strtok_r(text, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save)) {
			size_t last = strlen(word) - 1;
			commands += word[last] == 'h';
			addresses += word[last] == 'A' ? (uint32_t)atoi(word) : 0;
			data |= word[0] == 'D' && (word[1] == 'I' || word[1] == 'O');
		}
		ck_assert_uint_eq(commands, o->commands);
		ck_assert_uint_eq(addresses, o->addresses);
		ck_assert_int_eq(data, o->data != NAND_DATA_NONE);
	}
}
END_TEST

/* By hand from ONFI's cycles: with SDR mode 5, tWC 20, tADL 400, tWB 100, tCCS 500, tWHR 80 ns, 20 ns a byte. */
START_TEST(phases_are_the_sums_of_their_cycles)
{
	struct rig r;
	rig_open(&r, flash_without_bus, SETS("flash.bus={interface: sdr, mode: 5}"));
	const struct nand_phases *p = &r.n->phases;
	static const struct { enum nand_op op; int64_t hold_ns, busy_ns; } rows[] = {
		{NAND_OP_READ, 7 * 20, 100}, {NAND_OP_READ_PLANE, 7 * 20, 600}, {NAND_OP_READ_CACHE_NEXT, 20, 3100},
		{NAND_OP_READ_CACHE_RANDOM, 7 * 20, 3100}, {NAND_OP_READ_CACHE_END, 20, 3100}, {NAND_OP_DATA_OUT, 0, 0},
		{NAND_OP_COLUMN_OUT, 4 * 20 + 500, 0}, {NAND_OP_PLANE_OUT, 7 * 20 + 500, 0}, {NAND_OP_PROGRAM, 7 * 20 + 400, 100},
		{NAND_OP_PROGRAM_PLANE, 540, 600}, {NAND_OP_PROGRAM_CACHE, 540, 3100}, {NAND_OP_COLUMN_IN, 3 * 20 + 500, 0},
		{NAND_OP_ERASE, 100, 100}, {NAND_OP_ERASE_PLANE, 100, 600}, {NAND_OP_COPYBACK_READ, 140, 100},
		{NAND_OP_COPYBACK_PROGRAM, 140, 100}, {NAND_OP_COPYBACK_CHANGE, 540, 100}, {NAND_OP_STATUS, 100, 0},
		{NAND_OP_STATUS_ENHANCED, 160, 0}, {NAND_OP_PROGRAM_SUSPEND, 80, 100}, {NAND_OP_SET_FEATURES, 440, 1100},
		{NAND_OP_GET_FEATURES, 40, 1100}, {NAND_OP_RESET, 20, 100}, {NAND_OP_SLC_MODE, 20, 0},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_msg(p->hold_ps[rows[i].op] == rows[i].hold_ns * 1000, "%s holds the channel %lld ps",
			nand_ops[rows[i].op].name, (long long)p->hold_ps[rows[i].op]);
		ck_assert_msg(p->busy_ps[rows[i].op] == rows[i].busy_ns * 1000, "%s is busy %lld ps", nand_ops[rows[i].op].name,
			(long long)p->busy_ps[rows[i].op]);
	}
	ck_assert_int_eq(p->status_ps, 180000); /* two dies in a chip: 78h and 3 addresses, tWHR, a byte */
	rig_close(&r);
}
END_TEST

/* With every time of the bus 0, an operation takes what the array and the data take. */
START_TEST(a_custom_row_of_zeros_leaves_array_and_data)
{
	struct rig r;
	struct nand_span s;
	rig_open(&r, flash_without_bus, SETS("flash.bus={interface: custom, rate: 50 MT/s}"));
	nand_ppa p = at(&r, 0, 0, 0, 0);
	want(nand_program(r.n, 0, &p, 1, NAND_PROGRAM_PAGE, false, 0, &s), NAND_OK);
	ck_assert_int_eq(s.bus_ps, 4096 * 20000);
	ck_assert_int_eq(s.ready_ps, 4096 * 20000 + 300 * PS_PER_US);
	time_ps t = s.ready_ps;
	want(nand_read(r.n, t, &p, 1, NAND_READ_PAGE, false, &s), NAND_OK);
	ck_assert_int_eq(s.bus_ps, t);
	ck_assert_int_eq(s.ready_ps, t + 50 * PS_PER_US);
	want(nand_data_out(r.n, s.ready_ps, 0, 0, 4096, &s), NAND_OK);
	ck_assert_int_eq(s.bus_ps, t + 50 * PS_PER_US + 4096 * 20000);
	t = s.bus_ps;
	want(nand_erase(r.n, t, &p, 1, false, &s), NAND_OK);
	ck_assert_int_eq(s.bus_ps, t);
	ck_assert_int_eq(s.ready_ps, t + 4 * PS_PER_MS);
	rig_close(&r);
}
END_TEST

START_TEST(spare_bytes_cross_with_their_data_where_asked)
{
	struct rig r;
	rig_open(&r, small_flash, SETS("flash.geometry.spare=400 B", "flash.bus.transfer_spare=true"));
	ck_assert_int_eq(nand_transfer(r.n, 4096), 4496 * 10000);
	ck_assert_int_eq(nand_transfer(r.n, 2048), 2248 * 10000);
	ck_assert_int_eq(nand_transfer(r.n, 100), 110 * 10000); /* 9.8 spare bytes, whole ones */
	rig_close(&r);
	rig_open(&r, small_flash, SETS("flash.geometry.spare=400 B"));
	ck_assert_int_eq(nand_transfer(r.n, 4096), 4096 * 10000);
	rig_close(&r);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("timing");
	TCase *t = tcase_create("timing");
	tcase_add_test(t, every_rate_has_its_own_time);
	tcase_add_test(t, the_rows_of_an_interface_ascend_and_each_is_found_by_its_rate);
	tcase_add_test(t, sdr_has_the_standards_times);
	tcase_add_test(t, a_bus_is_run_with_the_slowest_mode_that_reaches_its_rate);
	tcase_add_test(t, a_rate_that_no_row_covers_is_refused_with_a_sentence);
	tcase_add_test(t, each_operation_has_the_cycles_it_names);
	tcase_add_test(t, phases_are_the_sums_of_their_cycles);
	tcase_add_test(t, a_custom_row_of_zeros_leaves_array_and_data);
	tcase_add_test(t, spare_bytes_cross_with_their_data_where_asked);
	suite_add_tcase(s, t);
	return run_suite(s);
}
