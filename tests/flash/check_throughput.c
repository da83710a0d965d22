/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Saturation of one channel, against the closed forms and the tables of the reference data (nand_throughput.csv):
 * read = min(P / (c + s + x), D P / die), program = min(P / (c + x), D P / die), n planes multiplying P, c and x.
 * The scheduler is the test's own and tiny: commands before data, or data before commands.
 */
#include "flash/flash_fixture.h"

struct closed {
	double channel_ns, die_ns; /* channel time and die cycle of one operation */
};

static double data_ns(const struct part *p)
{
	return 1e9 * p->page * (double)p->rate_den / (double)p->rate_num;
}

/* tWB 100, tRR 20, tDBSY 500, tRHW 100, tCCS 300 ns; 7 cycles a command. */
static struct closed closed_read(const struct part *p, uint32_t n)
{
	double c = 7e-3 * (double)p->cycle_ps, x = data_ns(p) + 1e-3 * (double)p->setup_ps;
	double channel = n * (c + x) + (n - 1) * (100 + c + 300);
	return (struct closed){channel, channel + (n - 1) * 600.0 + 100 + 1e-3 * (double)p->read_ps + 20};
}

static struct closed closed_program(const struct part *p, uint32_t n)
{
	double channel = n * (7e-3 * (double)p->cycle_ps + 150 + data_ns(p));
	return (struct closed){channel, channel + (n - 1) * 600.0 + 100 + 1e-3 * (double)p->program_ps};
}

static double bound(struct closed c, uint32_t dies, uint32_t bytes)
{
	double by_channel = 1 / c.channel_ns, by_dies = dies / c.die_ns;
	return (by_channel < by_dies ? by_channel : by_dies) * bytes * 1e3;
}

static void operands(const struct rig *r, uint32_t die, uint32_t planes, uint64_t number, nand_ppa *page)
{
	for (uint32_t k = 0; k < planes; k++)
		page[k] = at(r, die, k, (uint32_t)(number / 64 % 64), (uint32_t)(number % 64));
}

/* Reads of all dies, each again when its data are out. MB/s of the last three quarters. */
static double read_rate(struct rig *r, uint32_t dies, uint32_t planes, bool command_first, uint32_t operations)
{
	nand_ppa page[NAND_PLANES_MAX];
	time_ps ready[16], wait_from[16], begin = 0, now = 0;
	bool reading[16] = {false};
	uint32_t done = 0, from = operations / 4;
	struct nand_span s;
	for (uint32_t d = 0; d < dies; d++)
		wait_from[d] = d;
	while (done < operations) {
		uint32_t idle = dies, full = dies;
		time_ps first = TIME_PS_MAX;
		for (uint32_t d = 0; d < dies; d++) {
			if (!reading[d] && (idle == dies || wait_from[d] < wait_from[idle]))
				idle = d;
			if (reading[d] && ready[d] <= now && (full == dies || ready[d] < ready[full]))
				full = d;
			if (reading[d])
				first = time_min(first, ready[d]);
		}
		if (full < dies && (!command_first || idle == dies)) {
			for (uint32_t k = 0; k < planes; k++) {
				want(nand_data_out(r->n, now, full, k, r->n->geom.page_bytes, &s), NAND_OK);
				now = s.bus_ps;
			}
			reading[full] = false;
			wait_from[full] = now;
			if (++done == from)
				begin = now;
		} else if (idle < dies) {
			operands(r, idle, planes, done, page);
			want(nand_read(r->n, now, page, planes, NAND_READ_PAGE, false, &s), NAND_OK);
			reading[idle] = true;
			ready[idle] = s.ready_ps;
			now = s.bus_ps;
		} else {
			now = first;
		}
	}
	return (double)(operations - from) * planes * r->n->geom.page_bytes / (1e-6 * (double)(now - begin));
}

/* Programs of all dies, each again when ready; erases are made between, without time. */
static double program_rate(struct rig *r, uint32_t dies, uint32_t planes, uint32_t operations)
{
	nand_ppa page[NAND_PLANES_MAX];
	uint64_t count[16] = {0};
	time_ps begin = 0;
	struct nand_span s = {0, 0};
	for (uint32_t done = 1; done <= operations; done++) {
		uint32_t d = 0;
		for (uint32_t k = 1; k < dies; k++)
			if (nand_die_ready(r->n, k) < nand_die_ready(r->n, d))
				d = k;
		operands(r, d, planes, count[d], page);
		for (uint32_t k = 0; k < planes && count[d] % 64 == 0; k++)
			nand_block_erase(nand_block_of(r->n, page[k]), false);
		count[d]++;
		want(nand_program(r->n, nand_earliest(r->n, d, NAND_OP_PROGRAM), page, planes, NAND_PROGRAM_PAGE, false, 0, &s), NAND_OK);
		if (done == operations / 4)
			begin = s.bus_ps;
	}
	return (double)(operations - operations / 4) * planes * r->n->geom.page_bytes / (1e-6 * (double)(s.bus_ps - begin));
}

static void near(double got, double target, double share, const char *part, const char *what, uint32_t dies)
{
	ck_assert_msg(got > target * (1 - share) && got < target * (1 + share), "part %s, %u dies, %s: %.3f, not %.3f", part, dies,
		what, got, target);
}

START_TEST(a_lone_operation_takes_the_sum_of_its_phases)
{
	const struct part *p = &parts[_i];
	for (uint32_t planes = 1; planes <= 4; planes *= 2) {
		struct rig r;
		part_open(&r, p, 1, planes);
		nand_ppa page[4];
		struct nand_span s;
		operands(&r, 0, planes, 0, page);
		want(nand_program(r.n, 0, page, planes, NAND_PROGRAM_PAGE, false, 0, &s), NAND_OK);
		/* each transfer is rounded up to a picosecond */
		ck_assert_double_eq_tol((double)s.ready_ps, 1e3 * closed_program(p, planes).die_ns, 1.0 * planes);
		ck_assert_double_eq_tol((double)s.bus_ps, 1e3 * closed_program(p, planes).channel_ns, 1.0 * planes);
		time_ps t = s.ready_ps;
		want(nand_read(r.n, t, page, planes, NAND_READ_PAGE, false, &s), NAND_OK);
		for (uint32_t k = 0; k < planes; k++)
			want(nand_data_out(r.n, s.ready_ps, 0, k, p->page, &s), NAND_OK);
		ck_assert_double_eq_tol((double)(s.bus_ps - t), 1e3 * closed_read(p, planes).die_ns, 1.0 * planes);
		rig_close(&r);
	}
}
END_TEST

START_TEST(a_saturated_channel_meets_the_bound_when_commands_go_first)
{
	const struct part *p = &parts[_i];
	for (uint32_t dies = 1; dies <= 16; dies *= 2)
		for (uint32_t planes = 1; planes <= 4; planes *= 2) {
			struct rig r;
			part_open(&r, p, dies, planes);
			uint32_t bytes = planes * p->page;
			near(read_rate(&r, dies, planes, true, 4000), bound(closed_read(p, planes), dies, bytes), 0.005, p->name, "read", dies);
			rig_close(&r);
			part_open(&r, p, dies, planes);
			near(program_rate(&r, dies, planes, 4000), bound(closed_program(p, planes), dies, bytes), 0.005, p->name, "program",
				dies);
			rig_close(&r);
		}
}
END_TEST

/* part,dies,read_QD1_us,prog_QD1_us,read_bound,read_des_dataprio,read_des_cmdprio,prog_bound,prog_des,
 * read_2,prog_2,read_4,prog_4,... */
START_TEST(every_row_of_the_reference_table_is_met)
{
	char line[512], path[4096];
	const char *folder = getenv("QUERN_REFERENCE_DATA");
	snprintf(path, sizeof(path), "%s/oracles/nand/nand_throughput.csv", folder != NULL && *folder != 0 ? folder : REFERENCE_DATA);
	FILE *f = fopen(path, "r");
	if (f == NULL) {
		printf("SKIP: no oracles/nand/nand_throughput.csv in the reference data\n");
		return;
	}
	uint32_t rows = 0;
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), f));
	for (; fgets(line, sizeof(line), f) != NULL; rows++) {
		const struct part *p = &parts[line[0] - 'A'];
		double v[11];
		char *s = strchr(line, ',');
		uint32_t dies = (uint32_t)strtoul(s + 1, &s, 10);
		for (int i = 0; i < 11; i++)
			v[i] = strtod(s + 1, &s);
		ck_assert_double_eq_tol(1e-3 * closed_read(p, 1).die_ns, v[0], 0.0006);
		ck_assert_double_eq_tol(1e-3 * closed_program(p, 1).die_ns, v[1], 0.0006);
		struct rig r;
		part_open(&r, p, dies, 1);
		near(read_rate(&r, dies, 1, false, 4000), v[3], 0.02, p->name, "read, data first", dies);
		rig_close(&r);
		part_open(&r, p, dies, 1);
		near(read_rate(&r, dies, 1, true, 4000), v[4], 0.005, p->name, "read, commands first", dies);
		rig_close(&r);
		part_open(&r, p, dies, 1);
		near(program_rate(&r, dies, 1, 4000), v[5], 0.005, p->name, "program", dies);
		rig_close(&r);
		for (uint32_t planes = 2; planes <= 4; planes += 2) {
			part_open(&r, p, dies, planes);
			near(read_rate(&r, dies, planes, true, 4000), v[5 + planes], 0.005, p->name, "multi-plane read", dies);
			rig_close(&r);
			part_open(&r, p, dies, planes);
			near(program_rate(&r, dies, planes, 4000), v[6 + planes], 0.005, p->name, "multi-plane program", dies);
			rig_close(&r);
		}
	}
	fclose(f);
	ck_assert_uint_eq(rows, 30);
}
END_TEST

/* Cache read: the die's cycle is max(tR, x + c) where the bus has no other times. */
START_TEST(cache_reads_take_the_longer_of_array_and_channel)
{
	static const char *const reads[] = {"flash.array.read=[20 us]", "flash.array.read=[41015 ns]", "flash.array.read=[90 us]"};
	for (int i = 0; i < 3; i++) {
		struct rig r;
		struct nand_span s;
		rig_open(&r, flash_without_bus, SETS("flash.bus={interface: custom, rate: 100 MT/s, t_wc: 25 ns}",
			"flash.geometry.pages=768", reads[i]));
		nand_ppa p = at(&r, 0, 0, 0, 0);
		want(nand_read(r.n, 0, &p, 1, NAND_READ_PAGE, false, &s), NAND_OK);
		time_ps began = 0, array = r.n->cells.read_ps[0], channel = 25000 + 40960000;
		for (uint32_t k = 1; k <= 700; k++) {
			p++;
			want(nand_read(r.n, s.ready_ps, &p, 1, NAND_READ_CACHE_NEXT, false, &s), NAND_OK);
			want(nand_data_out(r.n, s.ready_ps, 0, 0, 4096, &s), NAND_OK);
			if (k == 100)
				began = s.bus_ps;
		}
		ck_assert_int_eq(s.bus_ps - began, 600 * time_max(array, channel));
		rig_close(&r);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("throughput");
	TCase *t = tcase_create("throughput");
	tcase_add_loop_test(t, a_lone_operation_takes_the_sum_of_its_phases, 0, PARTS);
	tcase_add_loop_test(t, a_saturated_channel_meets_the_bound_when_commands_go_first, 0, PARTS);
	tcase_add_test(t, every_row_of_the_reference_table_is_met);
	tcase_add_test(t, cache_reads_take_the_longer_of_array_and_channel);
	suite_add_tcase(s, t);
	return run_suite(s);
}
