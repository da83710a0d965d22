/* SPDX-License-Identifier: GPL-3.0-or-later */
/* quern trace info|head FILE: look at a trace before replaying it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/json.h"
#include "cli/ref_info.h"
#include "cli/trace_info.h"
#include "run/plan.h"
#include "run/show.h"
#include "sim/config.h"

#define DEVICES_SHOWN 20
#define HEAD_RECORDS 10
#define LABEL "  %-18s"

enum { KEY_FORMAT = 0x100, KEY_SKIP, KEY_LIMIT, KEY_DEVICE, KEY_ACTION, KEY_SORT,
	KEY_JSON };

struct trace_args {
	const char *verb;
	const char *file;
	const char *format;
	const char *device;
	const char *action;
	const char *sort;
	const char *skip, *limit, *count;
	bool json;
};

static const struct argp_option options[] = {
	{"format", KEY_FORMAT, "NAME", 0, "Format (`quern list formats`) instead of detecting it", 0},
	{"records", 'n', "N", 0, "head: how many records (default 10)", 0},
	{"skip", KEY_SKIP, "N", 0, "Leave out the first N records", 0},
	{"limit", KEY_LIMIT, "N", 0, "info: look at N records at most", 0},
	{"trace-device", KEY_DEVICE, "N", 0, "Only device N of the trace", 0},
	{"action", KEY_ACTION, "Q|D|C", 0, "Which event of a blkparse trace is the request", 0},
	{"sort-window", KEY_SORT, "N", 0, "Put records whose times step back in order, within N", 0},
	{"json", KEY_JSON, NULL, 0, "Print JSON; head: an array of records", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct trace_args *a = state->input;
	const char **text[] = {&a->format, &a->skip, &a->limit, &a->device, &a->action, &a->sort};
	if (key >= KEY_FORMAT && key <= KEY_SORT) {
		*text[key - KEY_FORMAT] = arg;
		return 0;
	}
	switch (key) {
	case 'n':
		a->count = arg;
		return 0;
	case KEY_JSON:
		a->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (!a->verb)
			a->verb = arg;
		else if (!a->file)
			a->file = arg;
		else
			argp_error(state, "want one file, got %s and %s", a->file, arg);
		return 0;
	case ARGP_KEY_END:
		if (!a->file)
			argp_error(state, "want info or head, and a trace file");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* ---- info ------------------------------------------------------------------------------------- */

static void print_sizes(const char *label, const struct tally *t, struct show *s)
{
	if (!t->count)
		return;
	printf(LABEL "%s mean, %s to %s\n", label, show_bytes(s, tally_mean(t) * SECTOR_BYTES),
		show_bytes(s, (double)t->min * SECTOR_BYTES), show_bytes(s, (double)t->max * SECTOR_BYTES));
}

static void print_times(const struct trace_info *i, struct show *s)
{
	if (i->duration_ps > 0)
		printf(LABEL "%s (%.6f s), %s requests/s, %s\n", "duration",
			show_time(s, (double)i->duration_ps), time_seconds(i->duration_ps),
			show_number(s, (double)i->records / time_seconds(i->duration_ps)),
			show_rate(s, (double)(i->read_bytes + i->write_bytes) / time_seconds(i->duration_ps)));
	else
		printf(LABEL "%s\n", "duration",
			i->duration_ps < 0 ? "no arrival times" : "all requests at the same time");
	if (i->delay_ps.count)
		printf(LABEL "%s mean, %s max\n", "recorded pauses", show_time(s, tally_mean(&i->delay_ps)),
			show_time(s, (double)i->delay_ps.max));
	if (i->response_ps.count)
		printf(LABEL "%s mean, %s min, %s max\n", "measured response",
			show_time(s, tally_mean(&i->response_ps)), show_time(s, (double)i->response_ps.min),
			show_time(s, (double)i->response_ps.max));
}

static void print_devices(const struct trace_info *i, const struct trace_reader *reader,
	struct show *s)
{
	if (i->device_count < 2)
		return;
	printf("\n  %-8s %12s %12s  %s\n", "device", "requests", "reaches", "name");
	for (size_t k = 0; k < i->device_count && k < DEVICES_SHOWN; k++) {
		const struct trace_info_device *d = &i->device[k];
		const char *name = trace_reader_device_name(reader, d->number);
		printf("  %-8" PRIu32 " %12s %12s  %s\n", d->number, show_count(s, d->requests),
			show_bytes(s, (double)d->end_sector * SECTOR_BYTES), name ? name : "");
	}
	if (i->device_count > DEVICES_SHOWN)
		printf("  and %s more (see --json)\n", show_count(s, i->device_count - DEVICES_SHOWN));
}

static void print_info(const struct trace_info *i, const struct trace_reader *reader,
	const char *file)
{
	struct show s = {0};
	uint64_t reads = i->by_op[BLK_READ], writes = i->by_op[BLK_WRITE];
	double n = i->records ? (double)i->records : 1.0;
	printf("%s: %s records\n\n", file, show_count(&s, i->records));
	printf(LABEL "%s: %s\n", "format", trace_reader_format(reader)->name, trace_reader_why(reader));
	if (trace_reader_skipped(reader))
		printf(LABEL "%s of %s\n", "lines not used", show_count(&s, trace_reader_skipped(reader)),
			show_count(&s, trace_reader_lines(reader)));
	printf(LABEL "%s (%.3f %%), %s writes, %s others\n", "reads", show_count(&s, reads),
		100.0 * (double)reads / n, show_count(&s, writes),
		show_count(&s, i->records - reads - writes));
	printf(LABEL "%s in %s sectors; %s read, %s written\n", "data",
		show_bytes(&s, (double)i->sectors * SECTOR_BYTES), show_count(&s, i->sectors),
		show_bytes(&s, (double)i->read_bytes), show_bytes(&s, (double)i->write_bytes));
	print_sizes("size of reads", &i->read_sectors, &s);
	print_sizes("size of writes", &i->write_sectors, &s);
	printf(LABEL "%s of the requests begin where the last one ended\n", "sequential",
		show_percent(&s, (double)i->sequential / n));
	printf(LABEL "sector %s (%s): the device must be at least this large\n", "reaches",
		show_count(&s, i->end_sector), show_bytes(&s, (double)i->end_sector * SECTOR_BYTES));
	if (i->fua || i->barrier)
		printf(LABEL "%s FUA, %s barriers\n", "flags", show_count(&s, i->fua),
			show_count(&s, i->barrier));
	print_times(i, &s);
	printf(LABEL "%s\n", "devices", show_count(&s, i->device_count));
	print_devices(i, reader, &s);
}

static json_t *tally_json(const struct tally *t, double unit)
{
	if (!t->count)
		return json_null();
	return json_pack("{s:f, s:f, s:f, s:I}", "mean", tally_mean(t) / unit, "min",
		(double)t->min / unit, "max", (double)t->max / unit, "N", (json_int_t)t->count);
}

static json_t *ops_json(const struct trace_info *i)
{
	json_t *o = json_object();
	for (int op = 0; op < BLK_OP_COUNT; op++)
		json_object_set_new(o, blk_op_name(op), json_integer((json_int_t)i->by_op[op]));
	return o;
}

static json_t *devices_json(const struct trace_info *i, const struct trace_reader *reader)
{
	json_t *list = json_array();
	for (size_t k = 0; k < i->device_count; k++)
		json_array_append_new(list, json_pack("{s:I, s:s?, s:I, s:I}", "number",
			(json_int_t)i->device[k].number, "name",
			trace_reader_device_name(reader, i->device[k].number), "requests",
			(json_int_t)i->device[k].requests, "end_sector", (json_int_t)i->device[k].end_sector));
	return list;
}

static int print_info_json(const struct trace_info *i, const struct trace_reader *reader,
	const char *file)
{
	return cli_put_json(json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:o, s:I, s:I, s:I, s:I, s:I, s:o, s:o, "
		"s:o, s:o, s:o, s:o}",
		"file", file, "format", trace_reader_format(reader)->name, "format_why",
		trace_reader_why(reader), "lines", (json_int_t)trace_reader_lines(reader),
		"lines_without_request", (json_int_t)trace_reader_skipped(reader), "records",
		(json_int_t)i->records, "operations", ops_json(i), "sectors", (json_int_t)i->sectors,
		"read_bytes", (json_int_t)i->read_bytes, "write_bytes", (json_int_t)i->write_bytes,
		"sequential", (json_int_t)i->sequential, "end_sector", (json_int_t)i->end_sector,
		"duration_s", i->duration_ps < 0 ? json_null() : json_real(time_seconds(i->duration_ps)),
		"read_sectors", tally_json(&i->read_sectors, 1), "write_sectors",
		tally_json(&i->write_sectors, 1), "measured_ns", tally_json(&i->response_ps, 1e3),
		"delay_ns", tally_json(&i->delay_ps, 1e3), "devices", devices_json(i, reader)));
}

static int info(const struct trace_args *a, struct trace_reader *reader)
{
	struct trace_info i;
	struct err e = {0};
	int code = 0;
	if (trace_info_read(&i, trace_reader_source(reader), &e) < 0)
		code = cli_fail(&e);
	else if (a->json)
		code = print_info_json(&i, reader, a->file);
	else
		print_info(&i, reader, a->file);
	trace_info_free(&i);
	return code;
}

/* ---- head --------------------------------------------------------------------------------------- */

static void print_us(time_ps t)
{
	if (t < 0)
		printf(" %16s", "-");
	else
		printf(" %16.3f", (double)t / (double)PS_PER_US);
}

/* Microseconds, or null. */
static json_t *us_json(time_ps t)
{
	return t < 0 ? json_null() : json_real((double)t / (double)PS_PER_US);
}

static int head_json(struct trace_source *source)
{
	struct trace_record r;
	struct err e = {0};
	json_t *list = json_array();
	int got;
	while ((got = source->next(source, 0, &r, &e)) > 0)
		json_array_append_new(list, json_pack("{s:I, s:I, s:s, s:I, s:I, s:b, s:b, s:b, s:o, s:o, s:o}", "line", (json_int_t)r.line,
			"device", (json_int_t)r.device, "op", blk_op_name(r.op), "lba", (json_int_t)r.lba, "sectors", (json_int_t)r.sectors,
			"fua", (r.flags & BLK_FUA) != 0, "barrier", (r.flags & BLK_BARRIER) != 0, "sync", (r.flags & BLK_SYNC) != 0,
			"arrive_us", us_json(r.arrive_ps), "delay_us", us_json(r.delay_ps), "measured_us", us_json(r.response_ps)));
	if (got == 0)
		return cli_put_json(list);
	json_decref(list);
	return cli_fail(&e);
}

static int head(struct trace_reader *reader)
{
	struct trace_source *source = trace_reader_source(reader);
	struct trace_record r;
	struct err e = {0};
	int got;
	printf("%8s %8s %12s %12s %8s %5s %16s %16s %16s\n", "line", "device", "op", "lba", "sectors",
		"flags", "arrive_us", "delay_us", "measured_us");
	while ((got = source->next(source, 0, &r, &e)) > 0) {
		printf("%8" PRIu64 " %8" PRIu32 " %12s %12" PRIu64 " %8" PRIu32 " %2s%s%s%s", r.line,
			r.device, blk_op_name(r.op), r.lba, r.sectors, "", r.flags & BLK_FUA ? "F" : "-",
			r.flags & BLK_BARRIER ? "B" : "-", r.flags & BLK_SYNC ? "S" : "-");
		print_us(r.arrive_ps);
		print_us(r.delay_ps);
		print_us(r.response_ps);
		putchar('\n');
	}
	return got < 0 ? cli_fail(&e) : 0;
}

/* ---- both ---------------------------------------------------------------------------------------- */

/* The options bound through the same rows as a run's, so that every message is the same. */
static int reader_options(const struct trace_args *a, struct arena *arena, struct plan_replay *r,
	struct err *e)
{
	const struct {
		const char *key;
		const char *text;
	} given[] = {
		{"format", a->format}, {"skip", a->skip}, {"limit", a->limit},
		{"trace_device", a->device}, {"blkparse_action", a->action},
		{"sort_window", a->sort},
	};
	struct config *c = config_new(NULL);
	int bad = c ? 0 : err_set(e, ERR_LIMIT, "no memory for the command line");
	for (size_t i = 0; i < sizeof(given) / sizeof(*given) && !bad; i++) {
		char text[512];
		if (!given[i].text)
			continue;
		if ((size_t)snprintf(text, sizeof(text), "%s=%s", given[i].key, given[i].text) >= sizeof(text))
			bad = err_set(e, ERR_USAGE, "--%s is too long", given[i].key);
		else
			bad = config_set(c, text, e);
	}
	if (!bad)
		bad = config_bind(config_root(c), "trace", &plan_replay_options, NULL, r, arena, e);
	config_free(c);
	return bad;
}

/* Of a reference trace; its options are those of the one format. */
static int look_refs(const struct trace_args *a, uint64_t count, bool is_head)
{
	if (a->format || a->device || a->action || a->sort || a->skip || a->limit)
		return cli_usage("%s is a recording of references: only -n and --json are for these", a->file);
	return is_head ? ref_head(a->file, count, a->json) : ref_info(a->file, a->json);
}

static int look(const struct trace_args *a, struct arena *arena)
{
	struct plan_replay bound;
	struct trace_reader_options o;
	struct err e = {0};
	bool is_head = !strcmp(a->verb, "head");
	if (reader_options(a, arena, &bound, &e) < 0)
		return cli_fail(&e);
	plan_reader_options(&bound, &o);
	if (is_head) {
		char *end = NULL;
		o.limit = a->count ? strtoull(a->count, &end, 10) : HEAD_RECORDS;
		if (a->count && (*a->count < '0' || *a->count > '9' || *end || !o.limit))
			return cli_usage("-n %s: want a number of records above 0", a->count);
	}
	if (ref_info_is(a->file))
		return look_refs(a, o.limit, is_head);
	struct trace_reader *reader = trace_reader_open(a->file, &o, &e);
	if (!reader)
		return cli_fail(&e);
	int code = !is_head ? info(a, reader) : a->json ? head_json(trace_reader_source(reader)) : head(reader);
	trace_reader_free(reader);
	return code;
}

static int run(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "info|head FILE",
		.doc = "Look at a trace before replaying it. info reads it whole and tells its format, "
		       "operations, sizes, rates, devices and highest address; head shows its first records in "
		       "Quern's own columns: 512-byte sectors, microseconds. Of a recording of references (`quern record`) "
		       "info tells pages touched and working sets.",
	};
	static const char *const verbs[] = {"info", "head", NULL};
	struct trace_args a = {0};
	int code = cli_parse(&argp, argc, argv, &a);
	if (code)
		return code;
	if (strcmp(a.verb, "info") != 0 && strcmp(a.verb, "head") != 0) {
		const char *near = nearest_word(a.verb, verbs);
		return near ? cli_usage("quern trace does not know \"%s\", did you mean \"%s\"?", a.verb, near)
			: cli_usage("quern trace does not know \"%s\": want info or head", a.verb);
	}
	struct arena *arena = arena_new();
	code = arena ? look(&a, arena) : cli_usage("no memory for the command line");
	arena_free(arena);
	return cli_finish(code);
}

const struct cli_command cmd_trace = {
	.name = "trace",
	.doc = "tell what a trace holds, or show its first records",
	.run = run,
};
