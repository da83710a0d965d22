/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dirty pages recorded: of a program that writes known pages, and reads others. */
#include <fcntl.h>

#include "record_fixture.h"

#define STEPS 4
#define READ_ONLY 60            /* a page that is only read */
#define BY_KERNEL 61            /* a page that a system call writes */
#define SHARED_PAGES 1000
#define AT_END 62               /* a page written just before the end */

/* Memory that is written and cannot be watched; until the end. */
static bool write_shared(void)
{
	char *p = mmap(NULL, SHARED_PAGES * 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p != MAP_FAILED)
		memset(p, 1, SHARED_PAGES * 4096);
	return p != MAP_FAILED; // cppcheck-suppress memleak
}

/* Page 0 is written in each step, page s + 1 in step s alone. Without the exec it begins anew first. */
static int be_recorded(const char *word, const char *self)
{
	if (!strcmp(word, "exec")) {
		execl(self, self, "write", (char *)NULL);
		return 8;
	}
	volatile char *region = fixture_region();
	int zero = open("/dev/zero", O_RDONLY);
	if (!region || zero < 0 || (!strcmp(word, "shared") && !write_shared()))
		return 9;
	for (int s = 0; s < STEPS; s++) {
		region[0] = (char)s;
		region[(s + 1) * 4096] = 1;
		(void)region[READ_ONLY * 4096];
		if (s == 0 && read(zero, (char *)(uintptr_t)(region + BY_KERNEL * 4096), 1) != 1)
			return 7;
		fixture_sleep(60);
	}
	region[AT_END * 4096] = 1;
	return 42;
}

/* How many intervals have each page of the region, and the time of the first. */
static void read_region(unsigned count[REGION_PAGES], uint64_t first[REGION_PAGES])
{
	struct ref_reader *r = fixture_reader();
	struct ref_run run;
	memset(count, 0, REGION_PAGES * sizeof(*count));
	while (fixture_next(r, &run)) {
		ck_assert_int_eq(run.op, REF_WRITE);
		for (uint64_t page = run.page; page < run.page + run.pages; page++)
			if (page >= REGION_PAGE && page < REGION_PAGE + REGION_PAGES && count[page - REGION_PAGE]++ == 0)
				first[page - REGION_PAGE] = run.time_ns;
	}
	ref_reader_free(r);
}

static void assert_partial(bool want)
{
	struct ref_reader *r = fixture_reader();
	struct ref_run run;
	while (fixture_next(r, &run))
		;
	ck_assert_int_eq(ref_reader_totals(r)->partial, want);
	ref_reader_free(r);
}

/* No write is missed, and what is not written is never there. A look between a store's fault and the store counts it twice. */
START_TEST(every_write_to_private_memory_is_found_and_nothing_else)
{
	static const char *const word[] = {"write", "exec"};
	struct record_job job = {.interval_ps = INT64_C(5000000000)};
	unsigned count[REGION_PAGES];
	uint64_t first[REGION_PAGES];
	struct record_result result = fixture_record("dirty", word[_i], &job);
	ck_assert_int_eq(result.exit_code, 42);
	ck_assert_uint_eq(result.unwatched, 0);
	read_region(count, first);
	/* on a busy machine two steps may fall into one interval */
	ck_assert(count[0] >= 1 && count[0] <= 2 * STEPS);
	for (int page = 1; page < REGION_PAGES; page++) {
		unsigned least = page <= STEPS || page == BY_KERNEL || page == AT_END;
		ck_assert_msg(count[page] >= least && count[page] <= 2 * least, "page %d was in %u intervals", page, count[page]);
	}
	for (int s = 1; s < STEPS; s++)
		ck_assert_uint_le(first[s], first[s + 1]);
	ck_assert_uint_le(first[STEPS], first[AT_END]);
	assert_partial(false);
}
END_TEST

/* What cannot be seen is counted, and the recording says so. */
START_TEST(shared_mappings_are_counted)
{
	struct record_job job = {.interval_ps = INT64_C(5000000000)};
	struct record_result result = fixture_record("dirty", "shared", &job);
	unsigned count[REGION_PAGES];
	uint64_t first[REGION_PAGES];
	ck_assert_int_eq(result.exit_code, 42);
	ck_assert_uint_eq(result.unwatched, 1);
	ck_assert_uint_eq(result.unwatched_pages, SHARED_PAGES);
	assert_partial(true);
	read_region(count, first);
	ck_assert_uint_ge(count[0], 1);
}
END_TEST

int main(int argc, char **argv)
{
	if (argc > 1)
		_exit(be_recorded(argv[1], argv[0])); /* leak checkers do not like to be traced */
	TCase *c = tcase_create("dirty");
	tcase_add_loop_test(c, every_write_to_private_memory_is_found_and_nothing_else, 0, 2);
	tcase_add_test(c, shared_mappings_are_counted);
	return fixture_main("dirty", c);
}
