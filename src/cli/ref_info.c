/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reference traces, told. */
#include "cli/ref_info.h"

#include <inttypes.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/json.h"
#include "host/curves.h"
#include "run/show.h"
#include "trace/input.h"
#include "trace/ref_stat.h"

#define LABEL "  %-18s"
#define CURVE_MOST (UINT64_C(1) << 22) /* references of a string whose curve is worked out: 40 bytes each */
#define CURVE_POINTS 40

/* Faults of LRU by frames: 1, 2, 4... from the recording's filter on, and all pages. */
struct fault_curve {
	int points;
	uint64_t frames[CURVE_POINTS], faults[CURVE_POINTS];
};

bool ref_info_is(const char *file)
{
	struct err ignored = {0};
	const char *head;
	size_t len = 0;
	struct input *in = strcmp(file, "-") != 0 ? input_open(file, &ignored) : NULL;
	bool is = in && input_peek(in, REF_PEEK, &head, &len, &ignored) == 0 && ref_file_detect(head, len);
	input_free(in);
	return is;
}

/* Text of a file: what would move the cursor becomes a question mark. */
static void print_text(const char *label, const char *text)
{
	printf(LABEL, label);
	for (; *text; text++)
		putchar((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text);
	putchar('\n');
}

static void print_kind(const struct ref_header *h, struct show *s)
{
	printf(LABEL "ref, kind %s", "format", ref_kind_name(h->kind));
	if (h->kind == REF_KIND_REFS && h->filter > 1)
		printf(": without what hits in %s frames of LRU", show_count(s, h->filter));
	if (h->kind == REF_KIND_DIRTY)
		printf(": pages written in each %s", show_time(s, (double)h->interval_ns * 1e3));
	putchar('\n');
	print_text("program", h->program);
	print_text("command", h->command);
}

static void print_string(const struct ref_header *h, const struct ref_stat *t, struct show *s)
{
	double page = h->page_bytes;
	printf(LABEL "%s, of which %s are listed: %s reads, %s writes, %s fetches\n", "references",
		show_count(s, t->totals.refs), show_count(s, t->length), show_count(s, t->by_op[REF_READ]),
		show_count(s, t->by_op[REF_WRITE]), show_count(s, t->by_op[REF_FETCH]));
	if (h->has & REF_HAS_INSTRUCTIONS)
		printf(LABEL "%s\n", "instructions", show_count(s, t->totals.instructions));
	printf(LABEL "%s of %" PRIu32 " bytes (%s), %s of them written\n", "pages touched", show_count(s, t->pages),
		h->page_bytes, show_bytes(s, page * (double)t->pages), show_count(s, t->written));
	if (t->pages)
		printf(LABEL "0x%" PRIx64 " to 0x%" PRIx64 "\n", "addresses", t->lowest * h->page_bytes,
			(t->highest + 1) * h->page_bytes - 1);
	printf(LABEL "%s%s\n", "threads", show_count(s, t->threads), h->kind != REF_KIND_FAULTS && t->threads == 1 ?
		": its recorder does not tell those of a program apart" : "");
	if (h->has & REF_HAS_TIME)
		printf(LABEL "%s\n", "duration", show_time(s, (double)t->last_ns * 1e3));
	if (h->kind == REF_KIND_DIRTY && t->intervals)
		printf(LABEL "%s with writes, %s pages mean, %s most\n", "intervals", show_count(s, t->intervals),
			show_number(s, (double)t->length / (double)t->intervals), show_count(s, t->interval_most));
}

static void print_working_sets(const struct ref_stat *t, struct show *s)
{
	if (!t->length)
		return;
	printf("\n  %-18s %s\n", "listed references", "mean working set, pages");
	for (int i = 0; i < REF_STAT_WINDOWS && (i == 0 || t->window[i - 1] < t->length); i++)
		printf("  %-18s %s\n", show_count(s, t->window[i]), show_number(s, t->working_set[i]));
}

/* The string of the file, of `length` references. NULL with *e set. */
static uint64_t *read_string(struct arena *a, const char *file, uint64_t length, struct err *e)
{
	struct ref_reader *r = ref_reader_open(file, e);
	uint64_t *refs = r ? arena_array(a, length, sizeof(*refs)) : NULL, n = 0;
	struct ref_run run;
	if (r && !refs)
		err_set(e, ERR_LIMIT, "%s: no memory for its references", file);
	while (refs && ref_reader_next(r, &run, e) > 0)
		for (uint64_t i = 0; i < run.pages && n < length; i++)
			refs[n++] = (run.page + i) << 1 | (run.op == REF_WRITE);
	ref_reader_free(r);
	return n == length ? refs : NULL;
}

static int measure_curve(const char *file, const struct ref_header *h, const struct ref_stat *t, struct fault_curve *f,
	struct err *e)
{
	f->points = 0;
	if (h->kind == REF_KIND_DIRTY || t->length > CURVE_MOST || !t->length)
		return 0;
	struct arena *a = arena_new();
	struct curves c;
	uint64_t *refs = a ? read_string(a, file, t->length, e) : NULL;
	int bad = refs ? curves_measure(&c, a, refs, t->length, e) : -1;
	for (uint64_t m = 1; bad == 0 && f->points < CURVE_POINTS; m *= 2) {
		if (m < h->filter)
			continue;
		uint64_t frames = m < t->pages ? m : t->pages;
		f->frames[f->points] = frames;
		f->faults[f->points++] = c.lru_faults[frames];
		if (frames == t->pages)
			break;
	}
	arena_free(a);
	return bad;
}

static void print_curve(const struct fault_curve *f, const struct ref_stat *t, struct show *s)
{
	if (!f->points)
		return;
	printf("\n  %-18s %-14s %s\n", "frames", "faults of LRU", "references a fault");
	for (int i = 0; i < f->points; i++)
		printf("  %-18s %-14s %s\n", show_count(s, f->frames[i]), show_count(s, f->faults[i]),
			show_number(s, (double)t->totals.refs / (double)f->faults[i]));
}

static void print_info(const char *file, const struct ref_header *h, const struct ref_stat *t, const struct fault_curve *f)
{
	struct show s = {0};
	printf("%s: %s runs\n\n", file, show_count(&s, t->totals.runs));
	print_kind(h, &s);
	print_string(h, t, &s);
	if (t->totals.interrupted)
		printf(LABEL "the recording was stopped before the program ended\n", "interrupted");
	if (t->totals.lossy)
		printf(LABEL "the recorder lost events: it is not complete\n", "lossy");
	if (t->totals.partial)
		printf(LABEL "%s\n", "partial", h->kind == REF_KIND_REFS ? "an exec made another program of it, which was not recorded" :
			"the program had writable memory that could not be watched (shared mappings)");
	print_working_sets(t, &s);
	print_curve(f, t, &s);
}

static int print_json(const char *file, const struct ref_header *h, const struct ref_stat *t, const struct fault_curve *f)
{
	json_t *sets = json_array(), *curve = json_array();
	for (int i = 0; i < f->points; i++)
		json_array_append_new(curve, json_pack("{s:I, s:I}", "frames", (json_int_t)f->frames[i], "faults",
			(json_int_t)f->faults[i]));
	for (int i = 0; i < REF_STAT_WINDOWS; i++)
		json_array_append_new(sets, json_pack("{s:I, s:f}", "window", (json_int_t)t->window[i], "mean_pages",
			t->working_set[i]));
	return cli_put_json(json_pack("{s:s, s:s, s:s, s:s%, s:s%, s:i, s:I, s:I, s:I, s:I, s:I, s:{s:I, s:I, s:I}, s:I, s:I, s:I, "
		"s:I, s:I, s:I, s:I, s:b, s:b, s:b, s:o, s:o}",
		"file", file, "format", "ref", "kind", ref_kind_name(h->kind), "program", h->program, strlen(h->program),
		"command", h->command, strlen(h->command), "page_bytes", (int)h->page_bytes, "filter", (json_int_t)h->filter,
		"runs", (json_int_t)t->totals.runs, "references", (json_int_t)t->totals.refs, "instructions",
		(json_int_t)t->totals.instructions, "listed", (json_int_t)t->length, "operations", "read",
		(json_int_t)t->by_op[REF_READ], "write", (json_int_t)t->by_op[REF_WRITE], "fetch",
		(json_int_t)t->by_op[REF_FETCH], "pages", (json_int_t)t->pages, "pages_written", (json_int_t)t->written,
		"threads", (json_int_t)t->threads, "duration_ns", (json_int_t)t->last_ns, "interval_ns",
		(json_int_t)h->interval_ns, "intervals", (json_int_t)t->intervals, "interval_most_pages",
		(json_int_t)t->interval_most, "interrupted", t->totals.interrupted, "lossy", t->totals.lossy, "partial",
		t->totals.partial, "working_set",
		sets, "lru", curve));
}

int ref_info(const char *file, bool json)
{
	struct err e = {0};
	struct ref_stat t;
	struct fault_curve f = {.points = 0};
	struct ref_reader *r = ref_reader_open(file, &e);
	if (!r)
		return cli_fail(&e);
	int bad = ref_stat_read(&t, r, &e), code = 0;
	if (bad >= 0)
		bad = measure_curve(file, ref_reader_header(r), &t, &f, &e);
	if (json && bad >= 0)
		code = print_json(file, ref_reader_header(r), &t, &f);
	else if (!json)
		print_info(file, ref_reader_header(r), &t, &f); /* of a damaged one, what is before the damage */
	ref_stat_free(&t);
	ref_reader_free(r);
	return bad < 0 ? cli_fail(&e) : code;
}

static void print_run(const struct ref_run *run, uint64_t i, uint64_t page_bytes)
{
	printf("%8" PRIu64 " %6" PRIu32 " %5s %#18" PRIx64 " %8" PRIu32 " %12" PRIu64 " %12" PRIu64 " %16.3f\n", i, run->thread,
		ref_op_name(run->op), run->page * page_bytes, run->pages, run->refs, run->instructions, (double)run->time_ns / 1e3);
}

static json_t *run_json(const struct ref_run *run, uint64_t i, uint64_t page_bytes)
{
	uint64_t address = run->page * page_bytes;
	return json_pack("{s:I, s:I, s:s, s:I, s:I, s:I, s:I, s:I}", "run", (json_int_t)i, "thread", (json_int_t)run->thread, "op",
		ref_op_name(run->op), "address", (json_int_t)address, "pages", (json_int_t)run->pages, "refs",
		(json_int_t)run->refs, "instructions", (json_int_t)run->instructions, "time_ns", (json_int_t)run->time_ns);
}

int ref_head(const char *file, uint64_t runs, bool json)
{
	struct err e = {0};
	struct ref_run run;
	int got = 1;
	struct ref_reader *r = ref_reader_open(file, &e);
	if (!r)
		return cli_fail(&e);
	uint64_t page_bytes = ref_reader_header(r)->page_bytes;
	json_t *list = json ? json_array() : NULL;
	if (!json)
		printf("%8s %6s %5s %18s %8s %12s %12s %16s\n", "run", "thread", "op", "address", "pages", "refs", "instructions", "time_us");
	for (uint64_t i = 1; i <= runs && (got = ref_reader_next(r, &run, &e)) > 0; i++)
		if (json)
			json_array_append_new(list, run_json(&run, i, page_bytes));
		else
			print_run(&run, i, page_bytes);
	ref_reader_free(r);
	if (json && got >= 0)
		return cli_put_json(list);
	json_decref(list);
	return got < 0 ? cli_fail(&e) : 0;
}
