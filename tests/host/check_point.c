/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scenario checkpoint: what is lost when the power goes, what is copied and what faults, what its study says and what its notes say. */
#include "host/durable_run.h"

#include <math.h>

#include "blk/fixed.h"
#include "effort.h"

#define FIXED "d:\n  latency: 100 us\n"
/* 10 us a burst; all references are writes. */
#define TIMED_HOST "frames: 4096\ncost: {hit: 1 ns, walk: 0, fault: 0, call: 0, switch: 0, invalidate: 0, shootdown: 0, interrupt: 0,\n" \
	"  entry: 0, copy: 10000 GB/s, zero: 10000 GB/s}\n"
#define LOAD "load: {pages: 1000, references: 6000, burst: 10000, writes: 100 %, pattern: sequential}\n"

/* The note that has `part` in it, or NULL. */
static const char *note_with(const struct run *r, const char *part)
{
	static char text[SCENARIO_NOTE_BYTES];
	for (unsigned i = 0; r->ops->note(r->scenario, i, text, sizeof(text)); i++)
		if (strstr(text, part))
			return text;
	return NULL;
}

static struct run *fixed_run(enum scenario_contract contract, const char *more)
{
	char text[1000];
	snprintf(text, sizeof(text), "%s%s", LOAD, more);
	return run_to(contract, &fixed_dev_ops, FIXED, TIMED_HOST, "checkpoint", text);
}

/* ---- what is lost -------------------------------------------------------------------------------------------------------- */

/* The first is due at 20 ms, and takes more than 1 ms to become valid: whoever loses his power before loses it all. */
START_TEST(before_the_first_checkpoint_is_valid_all_is_lost)
{
	struct run *r = fixed_run(SCENARIO_KEPT, "interval: 20 ms\ncrash_at: 20.1 ms\n");
	ck_assert_double_eq_tol(value_of(r, "lost_work"), 20.1e-3, 1e-12);
	ck_assert_double_eq_tol(value_of(r, "checkpoints"), 0, 1e-9);
	ck_assert_double_eq_tol(value_of(r, "restart_checkpoint"), 0, 1e-9);
	ck_assert_ptr_nonnull(note_with(r, "all its work is lost"));
	run_free(r);
}
END_TEST

/* A superblock that is on the medium and whose flush has not come back counts: nobody was told, but the restart finds it. */
START_TEST(a_checkpoint_that_is_found_counts_even_if_nobody_was_told)
{
	struct run *r = fixed_run(SCENARIO_UNTRIED, "interval: 40 ms\ncrash: false\n");
	char more[100], *table = table_of(r, 0);
	double number, frozen, resumed, valid;
	ck_assert_int_eq(sscanf(strchr(table, '\n'), "%lf,%lf,%lf,%lf", &number, &frozen, &resumed, &valid), 4);
	ck_assert_double_eq_tol(frozen, 40e-3, 0.2e-3);
	ck_assert_ptr_null(note_with(r, "lost"));
	free(table);
	run_free(r);
	for (int found = 0; found < 2; found++) { /* the superblock is written 100 us before it is flushed */
		double at = valid - (found ? 50e-6 : 150e-6);
		snprintf(more, sizeof(more), "interval: 40 ms\ncrash_at: %.9f s\n", at);
		r = fixed_run(SCENARIO_KEPT, more);
		ck_assert_double_eq_tol(value_of(r, "restart_checkpoint"), found, 1e-9);
		ck_assert_double_eq_tol(value_of(r, "lost_work"), found ? at - frozen : at, 2e-9);
		ck_assert_int_eq(note_with(r, "all its work is lost") != NULL, !found);
		run_free(r);
	}
}
END_TEST

/* The program is through after 60 ms: 6000 bursts of 10 us. The power goes then, whatever has become of its checkpoints. */
START_TEST(the_power_goes_when_the_program_is_through)
{
	static const char *const none[] = {
		"interval: 10 s\n", "interval: 20 ms\ncheckpoint: {write: {rate: 1/s}}\n",
		"interval: 10 s\ncrash_at: 100 s\n",
	};
	for (unsigned i = 0; i < 3; i++) {
		struct run *r = fixed_run(SCENARIO_KEPT, none[i]);
		ck_assert_double_eq_tol(value_of(r, "run_time"), 60e-3, 1e-3);
		ck_assert_double_lt(time_seconds(r->rig.sim->now_ps), 0.1);
		ck_assert_double_eq_tol(value_of(r, "lost_work"), value_of(r, "run_time"), 1e-12);
		ck_assert_ptr_nonnull(note_with(r, "all its work is lost"));
		run_free(r);
	}
}
END_TEST

/* ---- what it costs --------------------------------------------------------------------------------------------------------- */

#define ENTRY_HOST "frames: 4096\ncost: {hit: 1 ns, walk: 0, fault: 100 ns, call: 0, switch: 0, invalidate: 0, shootdown: 0, interrupt: 0,\n" \
	"  entry: %s, copy: 10000 GB/s, zero: 10000 GB/s}\n"

static struct run *entry_run(const char *entry, const char *more)
{
	char host[400], text[600];
	snprintf(host, sizeof(host), ENTRY_HOST, entry);
	snprintf(text, sizeof(text), "%s%s", LOAD, more);
	return run_to(SCENARIO_UNTRIED, &fixed_dev_ops, FIXED, host, "checkpoint", text);
}

/*
 * The sweep over the entries of 1000 pages, two tables of 512, is time in which the program stands still, whenever it goes on, and nothing is written before it
 * is over: with it, all are valid by so much later.
 */
START_TEST(the_sweep_takes_its_time_whenever_the_program_goes_on)
{
	static const char *const resume[] = {"protected", "valid"};
	for (int k = 0; k < 2; k++) {
		char more[200];
		snprintf(more, sizeof(more), "interval: 25 ms\ncrash: false\ncheckpoint: {resume: %s}\n", resume[k]);
		struct run *r = entry_run("0", more);
		double resumed = value_of(r, "resume_after"), valid = value_of(r, "valid_after");
		ck_assert_double_gt(value_of(r, "checkpoints"), 1.5);
		run_free(r);
		r = entry_run("1 us", more);
		ck_assert_double_eq_tol(value_of(r, "resume_after") - resumed, 1.024e-3, 1e-9);
		ck_assert_double_eq_tol(value_of(r, "valid_after") - valid, 1.024e-3, 1e-9);
		run_free(r);
	}
}
END_TEST

/* Each page faults once, when it is touched first. The pages of a program that stands still need no protection, so no more than these where it stands
 * still until the checkpoint is valid; where it goes on, one for each page after each checkpoint but for those at its end. */
START_TEST(a_program_that_stands_still_is_not_protected)
{
	struct run *r = entry_run("0", "interval: 10 ms\ncrash: false\ncheckpoint: {resume: valid}\n");
	ck_assert_double_ge(value_of(r, "checkpoints"), 5);
	ck_assert_double_eq_tol(value_of(r, "faults"), 1000, 1e-9);
	ck_assert_double_eq_tol(value_of(r, "cow_copies") + value_of(r, "cow_reuses"), 0, 1e-9);
	run_free(r);
	r = entry_run("0", "interval: 25 ms\ncrash: false\ncheckpoint: {resume: protected}\n");
	ck_assert_double_eq_tol(value_of(r, "checkpoints"), 2, 1e-9); /* at 25 and 50 ms of 60: the second has 1000 of its pages written after it */
	ck_assert_double_eq_tol(value_of(r, "faults"), 3000, 1e-9);
	run_free(r);
}
END_TEST

/*
 * The first write to each page faults, and where faults track what is written, so does the first after each of the two checkpoints; a freeze looks at
 * the two tables of 512 entries for the pages, and for tracking at 1000 written ones, or at all 1000 of the area. With copy-on-write it is the
 * protection that makes them fault, however they are tracked.
 */
START_TEST(tracking_costs_a_fault_for_each_page_or_a_look_at_each_entry)
{
	static const struct {
		const char *more;
		double faults, track_faults, looks;
	} cases[] = {
		{"tracking: faults\ncheckpoint: {resume: valid, content: changed}\n", 3000, 3000, 2024},
		{"tracking: scan\ncheckpoint: {resume: valid, content: changed}\n", 1000, 0, 2024},
		{"tracking: faults\ncheckpoint: {resume: protected, content: changed}\n", 3000, 3000, 2024},
		{"tracking: scan\ncheckpoint: {resume: protected, content: changed}\n", 3000, 0, 2024},
		{"tracking: scan\ncheckpoint: {resume: valid, content: all}\n", 1000, 0, 1024},
	};
	double busy[5];
	for (unsigned k = 0; k < 5; k++) {
		char more[200];
		snprintf(more, sizeof(more), "interval: 25 ms\ncrash: false\n%s", cases[k].more);
		struct run *r = entry_run("0", more);
		ck_assert_double_eq_tol(value_of(r, "checkpoints"), 2, 1e-9);
		ck_assert_double_eq_tol(value_of(r, "faults"), cases[k].faults, 1e-9);
		ck_assert_double_eq_tol(value_of(r, "track_faults"), cases[k].track_faults, 1e-9);
		double resumed = value_of(r, "resume_after");
		busy[k] = value_of(r, "cpu_time");
		run_free(r);
		r = entry_run("1 us", more);
		ck_assert_double_eq_tol(value_of(r, "resume_after") - resumed, cases[k].looks * 1e-6, 1e-9);
		run_free(r);
	}
	ck_assert_double_eq_tol(busy[0] - busy[1], 2000 * 100e-9, 1e-9); /* where entries cost nothing, scans do */
	ck_assert_double_eq_tol(busy[2] - busy[3], 0, 1e-9);
}
END_TEST

/* ---- the study of intervals, and notes ------------------------------------------------------------------------------------ */

/* Row k of the table of intervals, from 0. */
static bool study_row(const char *text, unsigned k, double value[6])
{
	for (const char *at = strchr(text, '\n'); at; at = strchr(at + 1, '\n'))
		if (at[1] != '#' && at[1] != '\0' && k-- == 0)
			return sscanf(at + 1, "%lf,%lf,%lf,%lf,%lf,%lf", &value[0], &value[1], &value[2], &value[3], &value[4], &value[5]) == 6;
	return false;
}

/* Whoever has no restart is told so, and by how much the figures are too low: Daly's formula has exp(R / mtbf) as a factor. */
START_TEST(a_study_without_a_restart_says_so)
{
	static const char *const crash[] = {"true", "false"};
	double expected[2], restart = 0;
	for (int k = 0; k < 2; k++) {
		char more[200], *text;
		double row[6];
		snprintf(more, sizeof(more), "interval: 10 ms\nmtbf: 10 ms\ncrash: %s\ncheckpoint: {resume: valid}\n", crash[k]);
		struct run *r = fixed_run(k ? SCENARIO_UNTRIED : SCENARIO_KEPT, more);
		text = table_of(r, 1);
		ck_assert(study_row(text, 3, row));
		expected[k] = row[3];
		ck_assert_int_eq(strstr(text, "\n# no restart was measured: ") != NULL, k);
		ck_assert_int_eq(note_with(r, "No restart was measured") != NULL, k);
		restart = k ? restart : value_of(r, "restart_time");
		free(text);
		run_free(r);
	}
	ck_assert_double_gt(restart, 1e-3);
	ck_assert_double_eq_tol(expected[0] / expected[1], exp(restart / 10e-3), 1e-5);
}
END_TEST

/*
 * Copy-on-write with nothing but a sweep of 1024 x 10 ns to stop for: Daly's interval of sqrt(2 x 10.24 us x 1 s) = 4.5 ms is shorter than the 25 ms that
 * 1000 pages take, at 100 us for each 4. The shortest that can be is told, and has the study's first row.
 */
START_TEST(an_interval_that_cannot_be_is_noted)
{
	for (int k = 0; k < 2; k++) {
		struct run *r = entry_run("10 ns", k ? "interval: 45 ms\nmtbf: 1 s\ncrash: false\ncheckpoint: {write: {batch: 4, depth: 1}}\n" :
			"interval: 45 ms\nmtbf: 1 s\ncrash: false\ncheckpoint: {resume: valid, write: {batch: 4, depth: 1}}\n");
		double shortest = value_of(r, "shortest_interval"), row[6];
		char *text = table_of(r, 1);
		ck_assert_double_eq_tol(value_of(r, "checkpoints"), 1, 1e-9);
		ck_assert_double_eq_tol(shortest, value_of(r, "valid_after") - value_of(r, "resume_after"), 1e-12);
		ck_assert_double_eq_tol(shortest, k ? 25e-3 + 4 * 100e-6 : 0, 1e-9); /* index, two flushes, superblock */
		ck_assert_int_eq(note_with(r, "cannot be had on d: 0.0254 s pass") != NULL, k);
		if (k) {
			ck_assert_double_eq_tol(value_of(r, "daly_interval"), 4.515e-3, 1e-5);
			const char *at = strstr(text, "\n5.6"); /* times Daly's */
			ck_assert_msg(at && sscanf(at, "%lf,%lf", &row[0], &row[1]) == 2, "%s", text);
			ck_assert_double_eq_tol(row[1], shortest, 1e-6);
		}
		free(text);
		run_free(r);
	}
}
END_TEST

START_TEST(without_a_checkpoint_there_is_nothing_to_study)
{
	struct run *r = fixed_run(SCENARIO_UNTRIED, "interval: 10 s\ncrash: false\n");
	char *text = table_of(r, 1);
	ck_assert_str_eq(strchr(text, '\n'), "\n# no checkpoint became valid: there is nothing to study\n");
	ck_assert_ptr_null(note_with(r, ""));
	free(text);
	run_free(r);
}
END_TEST

/*
 * All 1000 pages change in each 11 ms, and an area has room for three images: of five checkpoints the first is whole, two follow it, the fourth finds no
 * room, and the fifth follows that. A chain of 2 is not cut by it: it would be merged then.
 */
START_TEST(a_chain_that_is_cut_is_noted)
{
	for (int chain = 2; chain <= 99; chain += 97) {
		char more[200];
		snprintf(more, sizeof(more), "interval: 11 ms\ncrash: false\ncheckpoint: {content: changed, chain: %d}\n", chain);
		struct run *r = fixed_run(SCENARIO_UNTRIED, more);
		ck_assert_double_eq_tol(value_of(r, "checkpoints"), 5, 1e-9);
		ck_assert_double_eq_tol(value_of(r, "incremental"), 3, 1e-9);
		ck_assert_double_eq_tol(value_of(r, "merges"), 0, 1e-9);
		ck_assert_double_eq_tol(value_of(r, "chains_cut"), chain > 2, 1e-9);
		ck_assert_int_eq(note_with(r, "became whole ones (chains_cut: 1)") != NULL, chain > 2);
		run_free(r);
	}
}
END_TEST

/* Of the scenario's own, which stand before the machine's. */
START_TEST(each_figure_stands_in_the_book)
{
	static char book[100000];
	FILE *f = fopen(TOP_SRCDIR "/doc/SUMMARY.md", "r");
	ck_assert_ptr_nonnull(f);
	book[fread(book, 1, sizeof(book) - 1, f)] = '\0';
	fclose(f);
	const char *table = strstr(book, "\n### The figures of the scenario checkpoint\n");
	ck_assert_ptr_nonnull(table);
	struct run *r = fixed_run(SCENARIO_KEPT, "interval: 20 ms\n");
	for (unsigned i = 0; strcmp(r->value[i].name, "references") != 0; i++) {
		char quoted[100];
		snprintf(quoted, sizeof(quoted), "`%s`", r->value[i].name);
		const char *at = strstr(table, quoted);
		ck_assert_msg(at && !memmem(table + 1, (size_t)(at - table - 1), "\n##", 3), "%s", quoted);
	}
	run_free(r);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("scenario checkpoint");
	TCase *t = tcase_create("scenario checkpoint");
	tcase_add_test(t, before_the_first_checkpoint_is_valid_all_is_lost);
	tcase_add_test(t, a_checkpoint_that_is_found_counts_even_if_nobody_was_told);
	tcase_add_test(t, the_power_goes_when_the_program_is_through);
	tcase_add_test(t, the_sweep_takes_its_time_whenever_the_program_goes_on);
	tcase_add_test(t, a_program_that_stands_still_is_not_protected);
	tcase_add_test(t, tracking_costs_a_fault_for_each_page_or_a_look_at_each_entry);
	tcase_add_test(t, a_study_without_a_restart_says_so);
	tcase_add_test(t, an_interval_that_cannot_be_is_noted);
	tcase_add_test(t, without_a_checkpoint_there_is_nothing_to_study);
	tcase_add_test(t, a_chain_that_is_cut_is_noted);
	tcase_add_test(t, each_figure_stands_in_the_book);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
