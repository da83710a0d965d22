/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What reaches the devices, written as blkparse's output and read back. The letters are those of blktrace 1.3's fill_rwbs():
 * operation first, F for forced unit access behind it, S for synchronous; a flush alone is FN.
 */
#include <check.h>
#include <stdlib.h>
#include <unistd.h>

#include "run/export.h"
#include "run/fixed.h"
#include "trace/reader.h"

static char folder[] = "/tmp/quern-check-export.XXXXXX";

static void nothing(struct sim *s, struct blk_req *r)
{
	(void)s;
	(void)r;
}

static struct blk_dev *device(struct sim *s, const char *name)
{
	static const struct fixed_spec spec = {.latency_ps = PS_PER_MS, .sectors = 1 << 20, .bad = -1, .lost = -1};
	struct err e = {0};
	struct blk_dev *d = blk_dev_open(s, &fixed_ops, name, &spec, &e);
	ck_assert_msg(d != NULL, "%s", e.msg);
	return d;
}

struct want {
	time_ps at;
	unsigned device;
	uint8_t op, flags;
	uint64_t lba;
	uint32_t sectors;
	const char *line;
};

static const struct want wants[] = {
	{0, 0, BLK_READ, 0, 8, 16, "8,0 0 1 0.000000000 0 Q R 8 + 16 [quern]\n"},
	{1999, 1, BLK_WRITE, BLK_FUA | BLK_SYNC, 1000000, 8, "8,1 0 2 0.000000001 0 Q WFS 1000000 + 8 [quern]\n"},
	{2 * PS_PER_S + 5000, 0, BLK_WRITE, BLK_SYNC, 24, 1, "8,0 0 3 2.000000005 0 Q WS 24 + 1 [quern]\n"},
	{3 * PS_PER_S, 0, BLK_FLUSH, 0, 0, 0, "8,0 0 4 3.000000000 0 Q FN [quern]\n"},
	{3 * PS_PER_S, 1, BLK_TRIM, 0, 64, 64, "8,1 0 5 3.000000000 0 Q D 64 + 64 [quern]\n"},
	{4 * PS_PER_S, 1, BLK_READ, BLK_SYNC, 64, 64, "8,1 0 6 4.000000000 0 Q RS 64 + 64 [quern]\n"},
};
#define WANTS (sizeof(wants) / sizeof(wants[0]))

/* Submits them all, and a zone reset, which the format cannot say. */
static void write_file(const char *path)
{
	struct sim *s = sim_new(1);
	struct blk_dev *dev[2] = {device(s, "disk0"), device(s, "disk1")};
	struct err e = {0};
	struct export *x = export_open(path, false, dev, 2, &e);
	ck_assert_msg(x != NULL, "%s", e.msg);
	struct blk_req req[WANTS + 1] = {0};
	for (size_t i = 0; i < WANTS; i++) {
		const struct want *w = &wants[i];
		sim_run_until(s, w->at);
		req[i] = (struct blk_req){.op = w->op, .flags = w->flags, .lba = w->lba, .sectors = w->sectors, .done = nothing,
			.arrive_ps = w->at};
		event_init(&req[i].event, NULL, "request", EVENT_PRIO_DEVICE);
		blk_submit(dev[w->device], &req[i]);
	}
	req[WANTS] = (struct blk_req){.op = BLK_ZONE_RESET, .done = nothing};
	event_init(&req[WANTS].event, NULL, "request", EVENT_PRIO_DEVICE);
	blk_submit(dev[0], &req[WANTS]);
	sim_run(s);
	ck_assert_uint_eq(export_left_out(x), 1);
	ck_assert_int_eq(outfile_finish(export_file(x), true, &e), 0);
	export_free(x);
	blk_dev_close(dev[0]);
	blk_dev_close(dev[1]);
	sim_free(s);
}

START_TEST(each_request_is_a_line_that_blkparse_would_write)
{
	char line[128];
	write_file("lines");
	FILE *f = fopen("lines", "r");
	ck_assert_ptr_nonnull(f);
	for (size_t i = 0; i < WANTS; i++) {
		ck_assert_ptr_nonnull(fgets(line, sizeof(line), f));
		ck_assert_str_eq(line, wants[i].line);
	}
	ck_assert_ptr_null(fgets(line, sizeof(line), f));
	fclose(f);
}
END_TEST

START_TEST(the_reader_of_blkparse_takes_them_back)
{
	struct err e = {0};
	write_file("back");
	struct trace_reader_options o = {.device = TRACE_ALL_DEVICES, .sort_window = -1, .time_scale = 1};
	o.parse.blkparse_action = 'Q';
	struct trace_reader *reader = trace_reader_open("back", &o, &e);
	ck_assert_msg(reader != NULL, "%s", e.msg);
	ck_assert_str_eq(trace_reader_format(reader)->name, "blkparse");
	struct trace_source *source = trace_reader_source(reader);
	struct trace_record r;
	for (size_t i = 0; i < WANTS; i++) {
		const struct want *w = &wants[i];
		ck_assert_int_eq(source->next(source, 0, &r, &e), 1);
		ck_assert_int_eq(r.op, w->op);
		ck_assert_uint_eq(r.device, w->device);
		ck_assert_int_eq(r.arrive_ps, w->at / PS_PER_NS * PS_PER_NS);
		if (w->op != BLK_FLUSH) {
			ck_assert_uint_eq(r.lba, w->lba);
			ck_assert_uint_eq(r.sectors, w->sectors);
		}
		ck_assert_int_eq(r.flags & BLK_FUA, w->flags & BLK_FUA);
	}
	ck_assert_int_eq(source->next(source, 0, &r, &e), 0);
	trace_reader_free(reader);
}
END_TEST

START_TEST(a_file_that_is_there_is_kept)
{
	struct err e = {0};
	write_file("kept");
	ck_assert_ptr_null(export_open("kept", false, NULL, 0, &e));
	ck_assert_int_eq(e.code, ERR_IO);
	ck_assert_str_eq(e.msg, "kept exists and is kept (--force replaces it)");
}
END_TEST

int main(void)
{
	if (!mkdtemp(folder) || chdir(folder) < 0)
		return 2;
	Suite *s = suite_create("export");
	TCase *t = tcase_create("export");
	tcase_add_test(t, each_request_is_a_line_that_blkparse_would_write);
	tcase_add_test(t, the_reader_of_blkparse_takes_them_back);
	tcase_add_test(t, a_file_that_is_there_is_kept);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
