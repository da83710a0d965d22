/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The filter of references, against LRU itself: on the string that is listed, LRU of k frames or more takes the misses and
 * evicts the pages of the whole string, in the same order, and each reference is counted once.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "effort.h"
#include "record/reduce.h"
#include "sim/rng.h"

#define LENGTH 3000
#define LISTED_MAX LENGTH
#define PAGES 48

struct string {
	uint64_t page[LISTED_MAX];
	enum ref_op op[LISTED_MAX];
	int length;
	uint64_t refs, instructions;
};

/* Misses and evictions of LRU, in order, into `out`: a miss as page, an eviction as page + 1000. */
static int lru(const struct string *s, int frames, uint64_t *out)
{
	uint64_t stack[PAGES];
	int used = 0, n = 0;
	for (int i = 0; i < s->length; i++) {
		int at = 0;
		while (at < used && stack[at] != s->page[i])
			at++;
		if (at == used) {
			out[n++] = s->page[i];
			if (used == frames)
				out[n++] = stack[--at] + 1000;
			else
				used++;
		}
		memmove(stack + 1, stack, (size_t)at * sizeof(*stack));
		stack[0] = s->page[i];
	}
	return n;
}

/* Half of the references go to a few pages that change slowly, the others anywhere, or in loops. */
static void make_string(struct string *s, struct rng *r, int length)
{
	uint64_t hot = 0, loop = 0;
	memset(s, 0, sizeof(*s));
	for (int i = 0; i < length; i++) {
		uint64_t kind = rng_below(r, 8);
		if (rng_below(r, 60) == 0)
			hot = rng_below(r, PAGES);
		s->page[i] = kind < 4 ? (hot + rng_below(r, 5)) % PAGES : kind < 7 ? loop++ % 11 : rng_below(r, PAGES);
		s->op[i] = (enum ref_op)rng_below(r, REF_OP_COUNT);
	}
	s->length = length;
}

static char path[64];

static void reduce(const struct string *s, uint32_t filter, struct string *out)
{
	struct ref_header h = {.has = REF_HAS_INSTRUCTIONS, .page_bytes = 4096, .filter = filter, .program = "p", .command = "p"};
	struct err e = {0};
	struct ref_run run;
	struct reduce r;
	struct ref_writer *w = ref_writer_open(path, &h, &e);
	ck_assert_msg(w != NULL, "%s", e.msg);
	ck_assert_int_eq(reduce_init(&r, w, filter, &e), 0);
	for (int i = 0; i < s->length; i++) {
		ck_assert_int_eq(reduce_ref(&r, s->page[i], s->op[i], &e), 0);
		reduce_instruction(&r);
	}
	ck_assert_int_eq(reduce_end(&r, &e), 0);
	reduce_free(&r);
	ck_assert_int_eq(ref_writer_close(w, &e), 0);
	memset(out, 0, sizeof(*out));
	struct ref_reader *reader = ref_reader_open(path, &e);
	ck_assert_msg(reader != NULL, "%s", e.msg);
	while (ref_reader_next(reader, &run, &e) > 0) {
		ck_assert_uint_eq(run.pages, 1);
		ck_assert_int_lt(out->length, LISTED_MAX);
		out->page[out->length] = run.page;
		out->op[out->length++] = run.op;
	}
	ck_assert_str_eq(e.msg, "");
	out->refs = ref_reader_totals(reader)->refs;
	out->instructions = ref_reader_totals(reader)->instructions;
	ref_reader_free(reader);
	unlink(path);
}

static void assert_same_lru(const struct string *whole, const struct string *listed, int frames)
{
	static uint64_t want[2 * LENGTH], got[2 * LENGTH];
	int n = lru(whole, frames, want);
	ck_assert_int_eq(lru(listed, frames, got), n);
	ck_assert_mem_eq(got, want, (size_t)n * sizeof(*want));
}

START_TEST(lru_of_as_many_frames_or_more_does_the_same)
{
	static struct string whole, listed;
	struct arena *arena = arena_new();
	struct rng *r = rng_new(arena, 1, "reduce");
	for (unsigned round = 0; round < effort(60); round++) {
		uint32_t filter = 1 + (uint32_t)rng_below(r, 12);
		make_string(&whole, r, 1 + (int)rng_below(r, LENGTH));
		reduce(&whole, filter, &listed);
		for (int frames = (int)filter; frames < PAGES; frames += 1 + (int)rng_below(r, 4))
			assert_same_lru(&whole, &listed, frames);
		ck_assert_uint_eq(listed.refs, (uint64_t)whole.length);
		ck_assert_uint_eq(listed.instructions, (uint64_t)whole.length);
	}
	arena_free(arena);
}
END_TEST

/* The pages that are dirty at each eviction of LRU: the listed string must tell the same. */
static int dirty_evictions(const struct string *s, int frames, uint64_t *out)
{
	uint64_t stack[PAGES];
	bool dirty[PAGES] = {false};
	int used = 0, n = 0;
	for (int i = 0; i < s->length; i++) {
		int at = 0;
		while (at < used && stack[at] != s->page[i])
			at++;
		if (at == used && used == frames) {
			at--;
			if (dirty[stack[at]])
				out[n++] = stack[at];
			dirty[stack[at]] = false;
		} else if (at == used) {
			used++;
		}
		memmove(stack + 1, stack, (size_t)at * sizeof(*stack));
		stack[0] = s->page[i];
		dirty[stack[0]] |= s->op[i] == REF_WRITE;
	}
	return n;
}

START_TEST(pages_leave_lru_as_dirty_as_they_were)
{
	static struct string whole, listed;
	static uint64_t want[LENGTH], got[LENGTH];
	struct arena *arena = arena_new();
	struct rng *r = rng_new(arena, 2, "reduce");
	for (unsigned round = 0; round < effort(40); round++) {
		uint32_t filter = 1 + (uint32_t)rng_below(r, 12);
		make_string(&whole, r, LENGTH);
		reduce(&whole, filter, &listed);
		for (int frames = (int)filter; frames < PAGES; frames += 3) {
			int n = dirty_evictions(&whole, frames, want);
			ck_assert_int_eq(dirty_evictions(&listed, frames, got), n);
			ck_assert_mem_eq(got, want, (size_t)n * sizeof(*want));
		}
	}
	arena_free(arena);
}
END_TEST

START_TEST(plain_runs_are_successive_references_to_one_page)
{
	/* by hand: 5 5 7 7w 7 5 -> 5 (2 refs), 7 (1), 7w (2), 5 (1) */
	static const uint64_t page[] = {5, 5, 7, 7, 7, 5}, want[] = {5, 7, 7, 5};
	static const enum ref_op op[] = {REF_READ, REF_READ, REF_READ, REF_WRITE, REF_READ, REF_FETCH};
	static struct string whole, listed;
	memset(&whole, 0, sizeof(whole));
	whole.length = 6;
	memcpy(whole.page, page, sizeof(page));
	memcpy(whole.op, op, sizeof(op));
	reduce(&whole, 1, &listed);
	ck_assert_int_eq(listed.length, 4);
	ck_assert_mem_eq(listed.page, want, sizeof(want));
	ck_assert_int_eq(listed.op[2], REF_WRITE);
	ck_assert_int_eq(listed.op[3], REF_FETCH);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("reduce");
	TCase *c = tcase_create("reduce");
	strcpy(path, "/tmp/quern-reduce-XXXXXX");
	int fd = mkstemp(path);
	if (fd < 0)
		return EXIT_FAILURE;
	close(fd);
	tcase_add_test(c, lru_of_as_many_frames_or_more_does_the_same);
	tcase_add_test(c, pages_leave_lru_as_dirty_as_they_were);
	tcase_add_test(c, plain_runs_are_successive_references_to_one_page);
	suite_add_tcase(s, c);
	SRunner *runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	unlink(path);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
