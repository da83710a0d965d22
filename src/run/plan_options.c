/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The option rows of a plan's own sections: run, replay, stats. */
#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "run/plan.h"
#include "run/plan_private.h"
#include "trace/format.h"

#define MAX_FORMATS 64

/* ---- run ------------------------------------------------------------------------------ */

#define SEED_ROW \
	{.key = "seed", .type = OPT_SCALAR, .unit = UNIT_NONE, .offset = offsetof(struct plan_run, seed), \
		.min = "0", .def = "1", \
		.doc = "Seed of all random streams; the same seed gives the same bytes of output."}

static const struct opt_row run_rows[] = {
	SEED_ROW,
	{.key = "device", .type = OPT_STRING, .offset = offsetof(struct plan_run, device), .def = "",
		.doc = "The component that is driven, or a list of them for a trace of several devices; "
		       "by default the only one there is."},
	{0},
};

const struct opt_group plan_run_options = {
	.name = "run",
	.doc = "The top level of a run's config. Besides these keys stand `include:` (a list of files "
	       "read first), the sections `workload:`, `replay:`, `scenario:`, `host:` and `stats:`, and one map for each "
	       "component, such as `disk0:`, whose `model:` says what it is.",
	.rows = run_rows,
	.struct_bytes = sizeof(struct plan_run),
};

/* `device` may be a list, which no row is: plan.c reads it by itself. */
static const struct opt_row bound_rows[] = {SEED_ROW, {0}};

const struct opt_group plan_bound_options = {
	.name = "run",
	.doc = "",
	.rows = bound_rows,
	.struct_bytes = sizeof(struct plan_run),
};

/* ---- replay --------------------------------------------------------------------------- */

static const struct opt_choice mode_choices[] = {
	{"auto", "think where the trace records pauses, open where it has arrival times, else depth"},
	{"open", "every request at its recorded arrival, whatever the device does"},
	{"think", "one request outstanding; the pause after each completion is kept"},
	{"depth", "a fixed number of requests outstanding; recorded times are not used"},
	{0},
};

static const struct opt_choice action_choices[] = {
	{"Q", "queued: as the program asked"},
	{"D", "dispatched: as the driver issued"},
	{"C", "completed"},
	{0},
};

#define REPLAY(field) offsetof(struct plan_replay, field)
static const struct opt_row replay_rows[] = {
	{.key = "trace", .type = OPT_FILE, .offset = REPLAY(trace), .def = "",
		.doc = "The trace to replay, plain or compressed."},
	{.key = "format", .type = OPT_STRING, .offset = REPLAY(format), .def = "auto",
		.doc = "Its format, one of `quern list formats`, or auto: detected."},
	{.key = "mode", .type = OPT_ENUM, .offset = REPLAY(mode), .def = "auto", .choices = mode_choices,
		.doc = "When a request is issued."},
	{.key = "depth", .type = OPT_SCALAR, .unit = UNIT_NONE, .offset = REPLAY(depth), .min = "1",
		.max = "1000000", .def = "1", .doc = "Mode depth: requests outstanding."},
	{.key = "think", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = REPLAY(think_ps), .min = "0",
		.def = "0", .doc = "Mode depth: pause between a completion and the next issue."},
	{.key = "range", .type = OPT_ENUM, .offset = REPLAY(range), .def = "error",
		.choices = replay_range_choices,
		.doc = "What to do with an address past the device's end."},
	{.key = "time_scale", .type = OPT_SCALAR, .unit = UNIT_NUMBER, .offset = REPLAY(time_scale),
		.min = "0.000001", .max = "1000000", .def = "1",
		.doc = "Factor on arrival times and pauses: 0.5 replays twice as fast."},
	{.key = "skip", .type = OPT_SCALAR, .unit = UNIT_NONE, .offset = REPLAY(skip), .min = "0",
		.def = "0", .doc = "Records left out at the front."},
	{.key = "limit", .type = OPT_SCALAR, .unit = UNIT_NONE, .offset = REPLAY(limit), .min = "0",
		.def = "0", .doc = "Records replayed at most; 0: all."},
	{.key = "sort_window", .type = OPT_SCALAR, .unit = UNIT_NONE, .offset = REPLAY(sort_window),
		.min = "-1", .max = "10000000", .def = "-1",
		.doc = "Records among which the earliest is sought, for a trace whose times step back; "
		       "0: stepping back is an error; -1: as the format needs."},
	{.key = "trace_device", .type = OPT_STRING, .offset = REPLAY(trace_device), .def = "all",
		.doc = "Replay only this device of the trace (a number as `quern trace info` shows it), "
		       "or all."},
	{.key = "trace_map", .type = OPT_LIST, .unit = UNIT_NONE, .offset = REPLAY(trace_map), .min = "0",
		.max = "4294967294", .def = "",
		.doc = "Several devices: which device of the trace each of them serves, in order; "
		       "by default 0, 1, 2..."},
	{.key = "unmapped", .type = OPT_ENUM, .offset = REPLAY(unmapped), .def = "error",
		.choices = replay_unmapped_choices,
		.doc = "Several devices: what to do with records of a trace device that none of them serves."},
	{.key = "blkparse_action", .type = OPT_ENUM, .offset = REPLAY(blkparse_action), .def = "Q",
		.choices = action_choices, .doc = "Which event of a blkparse trace counts as the request."},
	{.key = "queue_depth", .type = OPT_SCALAR, .unit = UNIT_NONE, .offset = REPLAY(queue_depth),
		.min = "0", .max = "1000000", .def = "0",
		.doc = "Requests of a trace or workload in the device at once; the rest wait in the host's "
		       "queue, first in first out, and their waiting counts. 0: no limit."},
	{.key = "power_cut", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = REPLAY(power_cut_ps), .min = "0",
		.max = "9000000 s", .def = "0",
		.doc = "Cut the power of all devices at this time and take no more requests. What had been "
		       "acknowledged and is lost stands in lost.csv. 0: the power stays on."},
	{.key = "max_outstanding", .type = OPT_SCALAR, .unit = UNIT_NONE, .offset = REPLAY(max_outstanding),
		.min = "1", .max = "100000000", .def = "1000000",
		.doc = "Stop an open-loop run in which more requests than this wait: the device cannot "
		       "keep up."},
	{0},
};

/* A decimal number below 2^32 - 1, or "all". */
static int parse_device(const char *text, uint32_t *device)
{
	if (!strcmp(text, "all")) {
		*device = TRACE_ALL_DEVICES;
		return 0;
	}
	if (!isdigit((unsigned char)text[0]))
		return -1;
	char *end;
	errno = 0;
	unsigned long long v = strtoull(text, &end, 10);
	if (errno || *end || v >= TRACE_ALL_DEVICES)
		return -1;
	*device = (uint32_t)v;
	return 0;
}

static int check_format(const char *name, char *why, size_t why_bytes)
{
	const char *names[MAX_FORMATS] = {"auto"};
	if (!strcmp(name, "auto") || trace_format_find(name))
		return 0;
	for (size_t i = 0; trace_formats[i] && i + 2 < MAX_FORMATS; i++)
		names[i + 1] = trace_formats[i]->name;
	const char *near = nearest_word(name, names);
	if (near)
		snprintf(why, why_bytes, "there is no trace format \"%s\", did you mean \"%s\"?", name, near);
	else
		snprintf(why, why_bytes, "there is no trace format \"%s\" (see `quern list formats`)", name);
	return -1;
}

void plan_reader_options(const struct plan_replay *r, struct trace_reader_options *o)
{
	memset(o, 0, sizeof(*o));
	o->format = strcmp(r->format, "auto") != 0 ? r->format : NULL;
	o->device = TRACE_ALL_DEVICES;
	parse_device(r->trace_device, &o->device);
	o->skip = (uint64_t)r->skip;
	o->limit = (uint64_t)r->limit;
	o->time_scale = r->time_scale;
	o->sort_window = r->sort_window;
	o->parse.blkparse_action = action_choices[r->blkparse_action].name[0];
}

static int check_replay(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct plan_replay *r = bound;
	uint32_t device;
	*key = "format";
	if (check_format(r->format, why, why_bytes) < 0)
		return -1;
	*key = "trace_device";
	if (parse_device(r->trace_device, &device) < 0) {
		snprintf(why, why_bytes, "\"%s\": want a device number of the trace, or all",
			r->trace_device);
		return -1;
	}
	*key = "trace_map";
	for (size_t i = 0; i < r->trace_map.count; i++)
		for (size_t k = 0; k < i; k++)
			if (r->trace_map.values[i].i == r->trace_map.values[k].i) {
				snprintf(why, why_bytes, "trace device %lld stands twice",
					(long long)r->trace_map.values[i].i);
				return -1;
			}
	return 0;
}

const struct opt_group plan_replay_options = {
	.name = "replay",
	.doc = "How a trace is read and driven.",
	.rows = replay_rows,
	.struct_bytes = sizeof(struct plan_replay),
	.check = check_replay,
};

/* ---- stats ---------------------------------------------------------------------------- */

#define STATS(field) offsetof(struct plan_stats, field)
static const struct opt_row stats_rows[] = {
	{.key = "warm_up", .type = OPT_STRING, .offset = STATS(warm_up_text), .def = "mser5",
		.doc = "What is left out at the start: none; a time (`10 s`); a number of requests "
		       "(`5000 requests`); or mser5, which counts everything and cuts only the confidence "
		       "interval of the mean, where the MSER-5 rule says."},
	{.key = "window", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = STATS(window_ps), .min = "1 us",
		.def = "1 s", .doc = "Width of a row of series.csv, in simulated time."},
	{.key = "gantt", .type = OPT_STRING, .offset = STATS(gantt_text), .def = "",
		.doc = "Note what channels and dies, or the arms of a disk, do between two simulated times (`1 s..1.005 s`), for hist/gantt.csv "
		       "and the plot gantt. Empty: nothing."},
	{.key = "timeline_window", .type = OPT_STRING, .offset = STATS(timeline_text), .def = "",
		.doc = "What of the run the timeline shows: between two simulated times (`1 s..1.01 s`). Empty: all."},
	{.key = "timeline_limit", .type = OPT_SCALAR, .unit = UNIT_BYTES, .offset = STATS(timeline_limit), .min = "1 KiB",
		.def = "256 MiB", .doc = "Size of the timeline past which nothing more goes into it; what is left out is told."},
	{.key = "confidence", .type = OPT_SCALAR, .unit = UNIT_RATIO, .offset = STATS(confidence),
		.min = "0.5", .max = "0.9999", .def = "95 %",
		.doc = "Level of the confidence interval of the mean latency (batch means)."},
	{0},
};

int plan_warm_up(const char *text, enum plan_warm_up *kind, int64_t *value, char *why,
	size_t why_bytes)
{
	*value = 0;
	*kind = WARM_UP_NONE;
	if (!strcmp(text, "none"))
		return 0;
	*kind = WARM_UP_MSER5;
	if (!strcmp(text, "mser5"))
		return 0;
	char *end;
	errno = 0;
	long long n = isdigit((unsigned char)text[0]) ? strtoll(text, &end, 10) : -1;
	if (n >= 0 && !errno && (!strcmp(end, " requests") || !strcmp(end, " request"))) {
		*kind = WARM_UP_REQUESTS;
		*value = n;
		return 0;
	}
	union unit_value v;
	char reason[256];
	*kind = WARM_UP_TIME;
	if (unit_parse(UNIT_TIME, text, &v, reason, sizeof(reason)) == 0 && v.i >= 0) {
		*value = v.i;
		return 0;
	}
	static const char *const words[] = {"none", "mser5", NULL};
	const char *near = nearest_word(text, words);
	snprintf(why, why_bytes, "\"%s\": want none, mser5, a time such as \"10 s\" or "
		"a count such as \"5000 requests\"%s%s%s", text, near ? "; did you mean \"" : "",
		near ? near : "", near ? "\"?" : "");
	return -1;
}

int plan_span(const char *text, time_ps *from, time_ps *to, char *why, size_t why_bytes)
{
	char first[64];
	const char *dots = strstr(text, "..");
	union unit_value a, b;
	*from = *to = 0;
	if (!*text)
		return 0;
	if (dots && (size_t)(dots - text) < sizeof(first)) {
		memcpy(first, text, (size_t)(dots - text));
		first[dots - text] = '\0';
		if (unit_parse(UNIT_TIME, first, &a, why, why_bytes) == 0 && unit_parse(UNIT_TIME, dots + 2, &b, why, why_bytes) == 0 &&
		    a.i >= 0 && b.i > a.i) {
			*from = a.i;
			*to = b.i;
			return 0;
		}
	}
	snprintf(why, why_bytes, "\"%s\": want two times, the later one behind, such as \"1 s..1.005 s\"", text);
	return -1;
}

static int check_stats(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct plan_stats *s = bound;
	enum plan_warm_up kind;
	int64_t value;
	time_ps from, to;
	*key = "warm_up";
	if (plan_warm_up(s->warm_up_text, &kind, &value, why, why_bytes) < 0)
		return -1;
	*key = "gantt";
	if (plan_span(s->gantt_text, &from, &to, why, why_bytes) < 0)
		return -1;
	*key = "timeline_window";
	return plan_span(s->timeline_text, &from, &to, why, why_bytes);
}

const struct opt_group plan_stats_options = {
	.name = "stats",
	.doc = "How the results are condensed.",
	.rows = stats_rows,
	.struct_bytes = sizeof(struct plan_stats),
	.check = check_stats,
};
