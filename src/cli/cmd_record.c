/* SPDX-License-Identifier: GPL-3.0-or-later */
/* quern record faults|refs|dirty [OPTION...] -- CMD [ARG...]: write down which pages a program touches. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/json.h"
#include "record/child.h"
#include "run/show.h"
#include "sim/config.h"
#include "sim/units.h"

enum { KEY_FILTER = 0x100, KEY_INTERVAL, KEY_FORCE, KEY_JSON };

struct record_args {
	const char *name;
	const char *output;
	const char *filter;
	const char *interval;
	bool force, quiet, json;
};

static const struct argp_option options[] = {
	{"output", 'o', "FILE", 0, "Where to write (default: the program's name and .ref)", 0},
	{"force", KEY_FORCE, NULL, 0, "Overwrite FILE", 0},
	{"filter", KEY_FILTER, "N", 0, "refs: leave out what is a hit in N frames of LRU; the misses of LRU on N frames or more stay "
		"the same, those of other policies and of fewer frames do not (default 1: only successive references to one page become one run)", 0},
	{"interval", KEY_INTERVAL, "TIME", 0, "dirty: how long an interval is (default 50ms)", 0},
	{"json", KEY_JSON, NULL, 0, "Say as JSON what was recorded, behind what the program prints", 0},
	{"quiet", 'q', NULL, 0, "Say nothing when it went well", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct record_args *a = state->input;
	switch (key) {
	case 'o':
		a->output = arg;
		return 0;
	case 'q':
		a->quiet = true;
		return 0;
	case KEY_FILTER:
		a->filter = arg;
		return 0;
	case KEY_INTERVAL:
		a->interval = arg;
		return 0;
	case KEY_JSON:
		a->json = true;
		return 0;
	case KEY_FORCE:
		a->force = true;
		return 0;
	case ARGP_KEY_ARG:
		if (a->name)
			argp_error(state, "the program and its words come after --, got %s before it", arg);
		a->name = arg;
		return 0;
	case ARGP_KEY_END:
		if (!a->name)
			argp_error(state, "want faults, refs or dirty");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* 0 or an exit code. */
static int bind(const struct record_args *a, struct record_job *job)
{
	char why[256], *end = NULL;
	union unit_value interval = {.i = 50 * PS_PER_MS};
	unsigned long filter = a->filter ? strtoul(a->filter, &end, 10) : 1;
	if (a->filter && (*a->filter < '0' || *a->filter > '9' || *end || filter < 1 || filter > RECORD_FILTER_MAX))
		return cli_usage("--filter %s: want a number of pages from 1 to %d", a->filter, RECORD_FILTER_MAX);
	if (a->interval && unit_parse(UNIT_TIME, a->interval, &interval, why, sizeof(why)) < 0)
		return cli_usage("--interval: %s", why);
	if (interval.i < 100 * PS_PER_US || interval.i > 3600 * PS_PER_S)
		return cli_usage("--interval %s: want 100us to 1h", a->interval);
	if (a->filter && strcmp(a->name, "refs") != 0)
		return cli_usage("--filter is for quern record refs, not for %s", a->name);
	if (a->interval && strcmp(a->name, "dirty") != 0)
		return cli_usage("--interval is for quern record dirty, not for %s", a->name);
	job->filter = (uint32_t)filter;
	job->interval_ps = interval.i;
	return 0;
}

static const struct recorder *find(const char *name, int *code)
{
	const struct recorder *r = recorder_find(name);
	const char *names[8] = {0};
	if (r)
		return r;
	for (int i = 0; i < 7 && recorders[i]; i++)
		names[i] = recorders[i]->name;
	const char *near = nearest_word(name, names);
	*code = near ? cli_usage("quern record does not know \"%s\", did you mean \"%s\"?", name, near)
		: cli_usage("quern record does not know \"%s\": want faults, refs or dirty", name);
	return NULL;
}

static void tell(const struct record_job *job, const struct record_result *r)
{
	struct show s = {0};
	fprintf(stderr, "quern: %s: %s runs for %s references%s\n", job->output, show_count(&s, r->totals.runs),
		show_count(&s, r->totals.refs), r->totals.interrupted ? ", interrupted" : "");
	if (r->unwatched)
		fprintf(stderr, "quern: shared mappings cannot be watched (up to %s at a time, %s pages): writes there are not in the recording\n",
			show_count(&s, r->unwatched), show_count(&s, r->unwatched_pages));
	if (r->replaced)
		fprintf(stderr, "quern: an exec made another program of it, which is not in the recording: it could not be followed\n");
	if (r->lost)
		fprintf(stderr, "quern: the kernel had no room for %s events: the recording is not complete\n",
			show_count(&s, r->lost));
}

static int record(const struct recorder *r, const struct record_args *a, const struct record_job *job)
{
	struct record_result result = {0};
	struct err e = {0};
	if (!a->force && access(job->output, F_OK) == 0) {
		err_set(&e, ERR_IO, "%s is there already: --force overwrites it", job->output);
		return cli_fail(&e);
	}
	if (r->run(job, &result, &e) < 0)
		return cli_fail(&e);
	int code = 0;
	if (a->json)
		code = cli_put_json(json_pack("{s:s, s:I, s:I, s:b, s:I, s:I, s:I, s:b, s:i}", "output", job->output, "runs", (json_int_t)result.totals.runs,
			"references", (json_int_t)result.totals.refs, "interrupted", result.totals.interrupted, "lost", (json_int_t)result.lost,
			"unwatched_mappings", (json_int_t)result.unwatched, "unwatched_pages", (json_int_t)result.unwatched_pages,
			"replaced", result.replaced,
			"exit_code", result.exit_code));
	else if (!a->quiet)
		tell(job, &result);
	if (code)
		return code;
	return result.exit_code;
}

static int run(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "faults|refs|dirty -- COMMAND [WORD...]",
		.doc = "Run COMMAND and write down which pages of memory it touches, for the host to replay. faults: its page "
		       "faults with their times, as the kernel takes them. refs: every reference that its own instructions make, through valgrind, "
		       "reduced to runs of pages; what the kernel reads and writes for it, such as the buffer of a read(2), is none of them. dirty: the pages written in each interval (Linux 6.7), of private memory that is "
		       "still mapped when the interval ends: writes to shared mappings, and to what was unmapped before, are not seen. "
		       "The command itself is recorded, not the programs that it starts; where an exec makes another program of it, the recording "
		       "goes on with that one (refs where it can, and else says so). refs and dirty do not tell its threads "
		       "apart: refs has their references as one thread's, in the order in which valgrind ran them. Its exit code is passed on. Ctrl-C stops "
		       "it and leaves a good recording; a second one kills it. traces/FORMATS.md tells the format.",
	};
	struct record_args a = {0};
	struct record_job job = {0};
	int words = 1;
	while (words < argc && strcmp(argv[words], "--") != 0)
		words++;
	int code = cli_parse(&argp, words, argv, &a);
	if (code)
		return code;
	const struct recorder *r = find(a.name, &code);
	if (!r || (code = bind(&a, &job)))
		return code;
	if (words + 1 >= argc)
		return cli_usage("want the program to record, after --: quern record %s -- COMMAND [WORD...]", a.name);
	char name[4096];
	job.argv = argv + words + 1;
	snprintf(name, sizeof(name), "%s.ref", child_name(job.argv));
	job.output = a.output ? a.output : name;
	return record(r, &a, &job);
}

const struct cli_command cmd_record = {
	.name = "record",
	.doc = "run a program and write down which pages it touches",
	.run = run,
};
