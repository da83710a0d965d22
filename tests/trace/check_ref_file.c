/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reference traces: what is written is read back, run by run; a file with any byte changed, cut off
 * anywhere or followed by anything is refused with its name and an offset; memory does not grow.
 */
#include <check.h>
#include <fcntl.h>
#include <inttypes.h>
#include <malloc.h>
#include <string.h>

#include "effort.h"
#include "sim/rng.h"
#include "trace/ref_file.h"
#include "trace_fixture.h"

static const struct ref_header plain = {
	.kind = REF_KIND_REFS, .has = REF_HAS_INSTRUCTIONS, .page_bytes = 4096, .filter = 1, .program = "sort",
	.command = "sort -o out in",
};

static struct ref_writer *open_writer(const char *path, const struct ref_header *h)
{
	struct err e = {0};
	struct ref_writer *w = ref_writer_open(path, h, &e);
	ck_assert_msg(w != NULL, "%s", e.msg);
	return w;
}

static void put(struct ref_writer *w, const struct ref_run *run)
{
	struct err e = {0};
	ck_assert_msg(ref_writer_put(w, run, &e) == 0, "%s", e.msg);
}

static void close_writer(struct ref_writer *w)
{
	struct err e = {0};
	ck_assert_msg(ref_writer_close(w, &e) == 0, "%s", e.msg);
}

/* A number of up to `bits` bits, each length as likely as any other. */
static uint64_t any(struct rng *r, unsigned bits)
{
	unsigned n = (unsigned)rng_below(r, bits + 1);
	return n ? rng_u64(r) >> (64 - n) : 0;
}

static struct ref_run any_run(struct rng *r, const struct ref_header *h, uint64_t *time)
{
	struct ref_run run = {.op = (enum ref_op)rng_below(r, REF_OP_COUNT)};
	run.page = any(r, 55);
	run.pages = 1 + (rng_below(r, 4) ? 0 : (uint32_t)any(r, 31));
	if (run.pages > REF_PAGES_MAX)
		run.pages = REF_PAGES_MAX;
	if (run.page + run.pages > UINT64_C(1) << 55)
		run.page = (UINT64_C(1) << 55) - run.pages;
	run.thread = rng_below(r, 3) ? 7 : (uint32_t)rng_below(r, REF_THREADS_MAX);
	run.refs = run.pages + (rng_below(r, 2) ? 0 : any(r, 40));
	if (h->has & REF_HAS_INSTRUCTIONS)
		run.instructions = any(r, 40);
	if (h->has & REF_HAS_TIME)
		run.time_ns = *time += any(r, 40);
	return run;
}

static void assert_same(const struct ref_run *a, const struct ref_run *b)
{
	ck_assert_uint_eq(a->page, b->page);
	ck_assert_uint_eq(a->pages, b->pages);
	ck_assert_uint_eq(a->thread, b->thread);
	ck_assert_int_eq(a->op, b->op);
	ck_assert_uint_eq(a->refs, b->refs);
	ck_assert_uint_eq(a->instructions, b->instructions);
	ck_assert_uint_eq(a->time_ns, b->time_ns);
}

/* The file's runs are those that the seed makes, and its totals their sums. */
static void assert_reads(const char *path, uint64_t seed, unsigned count, const struct ref_header *h)
{
	struct arena *arena = arena_new();
	struct rng *r = rng_new(arena, seed, "runs");
	struct err e = {0};
	struct ref_run got, want;
	uint64_t time = 0, refs = 0, instructions = 0;
	struct ref_reader *reader = ref_reader_open(path, &e);
	ck_assert_msg(reader != NULL, "%s", e.msg);
	for (unsigned i = 0; i < count; i++) {
		want = any_run(r, h, &time);
		ck_assert_msg(ref_reader_next(reader, &got, &e) == 1, "run %u: %s", i, e.msg);
		assert_same(&got, &want);
		refs += want.refs;
		instructions += want.instructions;
	}
	ck_assert_msg(ref_reader_next(reader, &got, &e) == 0, "%s", e.msg);
	ck_assert_int_eq(ref_reader_next(reader, &got, &e), 0);
	ck_assert_uint_eq(ref_reader_totals(reader)->runs, count);
	ck_assert_uint_eq(ref_reader_totals(reader)->refs, refs);
	ck_assert_uint_eq(ref_reader_totals(reader)->instructions, instructions);
	ref_reader_free(reader);
	arena_free(arena);
}

static const char *write_random(const char *name, uint64_t seed, unsigned count, const struct ref_header *h)
{
	struct arena *arena = arena_new();
	struct rng *r = rng_new(arena, seed, "runs");
	const char *path = fixture_path(name);
	struct ref_writer *w = open_writer(path, h);
	uint64_t time = 0;
	for (unsigned i = 0; i < count; i++) {
		struct ref_run run = any_run(r, h, &time);
		put(w, &run);
	}
	close_writer(w);
	arena_free(arena);
	return path;
}

START_TEST(random_runs_come_back_as_they_were_put)
{
	for (unsigned i = 0; i < effort(40); i++) {
		struct ref_header h = plain;
		h.has = i % 4;
		h.kind = (enum ref_kind)(i % REF_KIND_COUNT);
		unsigned count = i == 0 ? 0 : i == 1 ? 40000 : i * 97;
		assert_reads(write_random("random.ref", i, count, &h), i, count, &h);
	}
}
END_TEST

START_TEST(the_header_comes_back)
{
	static char longest[REF_TEXT_MAX + 10];
	struct err e = {0};
	struct ref_header h = {.kind = REF_KIND_DIRTY, .has = REF_HAS_TIME, .page_bytes = 65536, .filter = 16,
		.interval_ns = 50000000, .program = "caf\xc3\xa9", .command = longest};
	memset(longest, 'x', sizeof(longest) - 1);
	struct ref_writer *w = open_writer(fixture_path("header.ref"), &h);
	ref_writer_totals(w)->lossy = true;
	ref_writer_totals(w)->partial = true;
	close_writer(w);
	struct ref_reader *r = ref_reader_open(fixture_path("header.ref"), &e);
	ck_assert_msg(r != NULL, "%s", e.msg);
	const struct ref_header *got = ref_reader_header(r);
	ck_assert_int_eq(got->kind, REF_KIND_DIRTY);
	ck_assert_uint_eq(got->has, REF_HAS_TIME);
	ck_assert_uint_eq(got->page_bytes, 65536);
	ck_assert_uint_eq(got->filter, 16);
	ck_assert_uint_eq(got->interval_ns, 50000000);
	ck_assert_str_eq(got->program, "caf\xc3\xa9");
	ck_assert_uint_eq(strlen(got->command), REF_TEXT_MAX); /* cut, as said */
	struct ref_run run;
	ck_assert_int_eq(ref_reader_next(r, &run, &e), 0);
	ck_assert(ref_reader_totals(r)->lossy && ref_reader_totals(r)->partial && !ref_reader_totals(r)->interrupted);
	ref_reader_free(r);
}
END_TEST

/* A file of three small blocks and its bytes. */
static unsigned char small[4096];
static size_t small_bytes;

static void make_small(void)
{
	struct ref_writer *w = open_writer(fixture_path("small.ref"), &plain);
	struct err e = {0};
	for (unsigned i = 0; i < 60; i++) {
		struct ref_run run = {.page = 100 + i * i, .pages = 1 + i % 3, .thread = i / 25, .op = i % 3, .refs = 5 + i,
			.instructions = i};
		put(w, &run);
		if (i % 20 == 19)
			ck_assert_int_eq(ref_writer_flush(w, &e), 0);
	}
	close_writer(w);
	FILE *f = fopen(fixture_path("small.ref"), "rb");
	ck_assert_ptr_nonnull(f);
	small_bytes = fread(small, 1, sizeof(small), f);
	fclose(f);
	ck_assert(small_bytes > 100 && small_bytes < sizeof(small));
}

/* Reads to the end; -1 with the sentence, 0 when all was good. */
static int read_all(const char *path, struct err *e, uint64_t *runs)
{
	struct ref_run run;
	int got = -1;
	struct ref_reader *r = ref_reader_open(path, e);
	*runs = 0;
	while (r && (got = ref_reader_next(r, &run, e)) > 0)
		++*runs;
	ref_reader_free(r);
	return got;
}

static void assert_refused(const char *path, const char *what, size_t at)
{
	struct err e = {0};
	uint64_t runs;
	ck_assert_msg(read_all(path, &e, &runs) < 0, "%s %zu was not noticed", what, at);
	ck_assert_msg(e.code == ERR_TRACE, "%s %zu: code %d, %s", what, at, (int)e.code, e.msg);
	ck_assert_msg(strncmp(e.msg, path, strlen(path)) == 0 && strstr(e.msg, "byte offset "), "%s %zu: %s", what, at, e.msg);
	ck_assert_uint_eq(runs % 20, 0); /* whole blocks before the damage, no run of a damaged one */
}

START_TEST(a_changed_byte_anywhere_is_named)
{
	static const unsigned char flips[] = {0x01, 0xff};
	make_small();
	for (size_t at = 0; at < small_bytes; at++)
		for (size_t k = 0; k < sizeof(flips); k++) {
			small[at] ^= flips[k];
			assert_refused(write_bytes("bad.ref", small, small_bytes), "change of byte", at);
			small[at] ^= flips[k];
		}
	struct err e = {0};
	uint64_t runs;
	ck_assert_msg(read_all(write_bytes("good.ref", small, small_bytes), &e, &runs) == 0, "%s", e.msg);
	ck_assert_uint_eq(runs, 60);
}
END_TEST

START_TEST(a_cut_anywhere_is_named)
{
	struct err e = {0};
	uint64_t runs;
	make_small();
	for (size_t bytes = 1; bytes < small_bytes; bytes++)
		assert_refused(write_bytes("cut.ref", small, bytes), "cut at", bytes);
	/* at the end of the last block of runs everything but the end is there */
	ck_assert_int_lt(read_all(write_bytes("cut.ref", small, small_bytes - 40), &e, &runs), 0);
	ck_assert_uint_eq(runs, 60);
	ck_assert_ptr_nonnull(strstr(e.msg, "its end block is missing"));
}
END_TEST

START_TEST(what_follows_the_end_is_named)
{
	make_small();
	small[small_bytes] = 'Q';
	assert_refused(write_bytes("long.ref", small, small_bytes + 1), "byte", small_bytes);
}
END_TEST

static uint64_t little(const unsigned char *p)
{
	return p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24;
}

START_TEST(blocks_in_another_order_or_left_out_are_named)
{
	unsigned char other[sizeof(small)];
	make_small();
	size_t first = little(small + 12), second = first + 24 + little(small + first + 4);
	size_t third = second + 24 + little(small + second + 4);
	memcpy(other, small, first);
	memcpy(other + first, small + second, third - second);
	memcpy(other + first + third - second, small + first, second - first);
	memcpy(other + third, small + third, small_bytes - third);
	assert_refused(write_bytes("swapped.ref", other, small_bytes), "order of blocks", 0);
	memcpy(other + first, small + second, small_bytes - second);
	assert_refused(write_bytes("left.ref", other, small_bytes - (second - first)), "left out block", 0);
}
END_TEST

START_TEST(other_files_are_refused_as_such)
{
	struct err e = {0};
	uint64_t runs;
	ck_assert_int_lt(read_all(write_text("text", "128166372003061629,hm,0,Write,7014912,4096,26\n"), &e, &runs), 0);
	ck_assert_ptr_nonnull(strstr(e.msg, "no recording of references"));
	err_clear(&e);
	ck_assert_int_lt(read_all(fixture_path("nothing"), &e, &runs), 0);
	ck_assert_int_eq(e.code, ERR_IO);
	ck_assert(ref_file_detect("QUERNREF", 8) && ref_file_detect("QUERNREX", 8) && ref_file_detect("QUERNREF", 7)); /* whole, damaged, cut off */
	ck_assert(!ref_file_detect("QUEXXXXX", 8) && !ref_file_detect("8,16   5", 8) && !ref_file_detect("", 0));
	make_small();
	small[8] = 2;
	err_clear(&e);
	ck_assert_int_lt(read_all(write_bytes("version.ref", small, small_bytes), &e, &runs), 0);
	ck_assert_ptr_nonnull(strstr(e.msg, "of version 2"));
}
END_TEST

START_TEST(wrong_runs_are_refused_by_the_writer)
{
	static const struct ref_run wrong[] = {
		{.page = 1, .pages = 0, .refs = 1},
		{.page = 1, .pages = 2, .refs = 1},
		{.page = 1, .pages = REF_PAGES_MAX + 1, .refs = UINT64_MAX},
		{.page = UINT64_C(1) << 55, .pages = 1, .refs = 1},
		{.page = (UINT64_C(1) << 55) - 1, .pages = 2, .refs = 2},
		{.page = 1, .pages = 1, .refs = 1, .thread = REF_THREADS_MAX},
		{.page = 1, .pages = 1, .refs = 1, .op = REF_OP_COUNT},
		{.page = 1, .pages = 1, .refs = 1, .time_ns = 1}, /* the header announces no times */
	};
	struct ref_writer *w = open_writer(fixture_path("wrong.ref"), &plain);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct err e = {0};
		ck_assert_int_lt(ref_writer_put(w, &wrong[i], &e), 0);
		ck_assert_int_eq(e.code, ERR_TRACE);
	}
	close_writer(w);
	struct err e = {0};
	uint64_t runs;
	ck_assert_int_eq(read_all(fixture_path("wrong.ref"), &e, &runs), 0);
	ck_assert_uint_eq(runs, 0);
}
END_TEST

START_TEST(times_do_not_go_back)
{
	struct ref_header h = plain;
	struct err e = {0};
	h.has = REF_HAS_TIME;
	struct ref_writer *w = open_writer(fixture_path("time.ref"), &h);
	put(w, &(struct ref_run){.page = 1, .pages = 1, .refs = 1, .time_ns = 10});
	ck_assert_int_eq(ref_writer_flush(w, &e), 0); /* a new block forgets nothing */
	ck_assert_int_lt(ref_writer_put(w, &(struct ref_run){.page = 1, .pages = 1, .refs = 1, .time_ns = 9}, &e), 0);
	close_writer(w);
}
END_TEST

START_TEST(a_full_disk_is_an_error)
{
	struct err e = {0};
	int full = open("/dev/full", O_WRONLY);
	if (full < 0)
		return;
	close(full);
	ck_assert_ptr_null(ref_writer_open("/dev/full", &plain, &e));
	ck_assert_int_eq(e.code, ERR_IO);
}
END_TEST

START_TEST(memory_does_not_grow_with_the_length)
{
	struct err e = {0};
	struct ref_run run;
	unsigned count = effort(400000);
	const char *path = write_random("large.ref", 9, count, &plain);
	struct ref_reader *r = ref_reader_open(path, &e);
	ck_assert_ptr_nonnull(r);
	ck_assert_int_eq(ref_reader_next(r, &run, &e), 1);
	size_t first = mallinfo2().uordblks;
	for (unsigned i = 2; i < count; i++)
		ck_assert_int_eq(ref_reader_next(r, &run, &e), 1);
	ck_assert_uint_le(mallinfo2().uordblks, first + 4096);
	ref_reader_free(r);
}
END_TEST

START_TEST(a_compressed_recording_is_read_as_it_is)
{
	struct err e = {0};
	uint64_t runs;
	char command[256];
	make_small();
	snprintf(command, sizeof(command), "gzip -k %s", fixture_path("small.ref"));
	ck_assert_int_eq(system(command), 0);
	ck_assert_msg(read_all(fixture_path("small.ref.gz"), &e, &runs) == 0, "%s", e.msg);
	ck_assert_uint_eq(runs, 60);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ref_file");
	TCase *c = tcase_create("ref_file");
	tcase_add_checked_fixture(c, fixture_open, fixture_close);
	tcase_set_timeout(c, 20);
	tcase_add_test(c, random_runs_come_back_as_they_were_put);
	tcase_add_test(c, the_header_comes_back);
	tcase_add_test(c, a_changed_byte_anywhere_is_named);
	tcase_add_test(c, a_cut_anywhere_is_named);
	tcase_add_test(c, what_follows_the_end_is_named);
	tcase_add_test(c, blocks_in_another_order_or_left_out_are_named);
	tcase_add_test(c, other_files_are_refused_as_such);
	tcase_add_test(c, wrong_runs_are_refused_by_the_writer);
	tcase_add_test(c, times_do_not_go_back);
	tcase_add_test(c, a_full_disk_is_an_error);
	tcase_add_test(c, memory_does_not_grow_with_the_length);
	tcase_add_test(c, a_compressed_recording_is_read_as_it_is);
	suite_add_tcase(s, c);
	SRunner *runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
