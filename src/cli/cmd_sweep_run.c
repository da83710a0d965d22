/* SPDX-License-Identifier: GPL-3.0-or-later */
/* quern sweep run FILE: all points of a sweep, or of a shard of it, on the processors of this machine. */
#include <stdlib.h>
#include <unistd.h>

#include "cli/json.h"
#include "cli/sweep_args.h"
#include "run/show.h"
#include "run/sweep_collect.h"
#include "run/sweep_run.h"
#include "sim/units.h"

#define JOBS_MOST 4096

enum { KEY_SHARD = 0x100, KEY_RESUME, KEY_FORCE, KEY_NO_SHARING };

struct run_words {
	struct sweep_args common;
	const char *jobs, *shard;
	struct sweep_run_options o;
	bool shown; /* progress */
};

static const struct argp_option options[] = {
	{"jobs", 'j', "N", 0, "Threads (default: one for each processor)", 0},
	{"resume", KEY_RESUME, NULL, 0, "Go on: points that are finished stand, those that failed run again", 0},
	{"force", KEY_FORCE, NULL, 0, "Begin anew: remove what the folder has of a sweep", 0},
	{"shard", KEY_SHARD, "I/N", 0, "Only the I-th of N parts, such as 2/4; `quern sweep collect` makes the tables", 0},
	{"no-sharing", KEY_NO_SHARING, NULL, 0,
		"Let each point read its trace and precondition its devices by itself; the results are the same", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct run_words *a = state->input;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->common;
		return 0;
	case 'j':
		a->jobs = arg;
		return 0;
	case KEY_SHARD:
		a->shard = arg;
		return 0;
	case KEY_RESUME:
		a->o.resume = true;
		return 0;
	case KEY_FORCE:
		a->o.force = true;
		return 0;
	case KEY_NO_SHARING:
		a->o.no_sharing = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int read_words(struct run_words *a)
{
	union unit_value v = {.i = 0};
	struct err e = {0};
	char why[256];
	if (a->jobs && (unit_parse(UNIT_NONE, a->jobs, &v, why, sizeof(why)) < 0 || v.i < 1 || v.i > JOBS_MOST))
		return cli_usage("-j %s: want a number of threads from 1 to %d", a->jobs, JOBS_MOST);
	if (a->o.resume && a->o.force)
		return cli_usage("--resume goes on with what is there and --force removes it: want one of the two");
	a->o.jobs = a->common.jobs = (unsigned)v.i;
	return a->shard && sweep_shard_parse(a->shard, &a->o.shard, &e) < 0 ? cli_fail(&e) : 0;
}

static void show_progress(void *ctx, const struct sweep_progress *p)
{
	struct run_words *a = ctx;
	struct show s = {0};
	size_t now = p->done - p->skipped;
	a->shown = true;
	fprintf(stderr, "\r\033[K%s of %s points", show_count(&s, p->done), show_count(&s, p->points));
	if (p->failed)
		fprintf(stderr, ", %s failed", show_count(&s, p->failed));
	if (now && p->wall_s > 0)
		fprintf(stderr, ", %s points/s", show_number(&s, (double)now / p->wall_s));
	if (p->left_s >= 0 && p->done < p->points)
		fprintf(stderr, ", %s left", show_time(&s, p->left_s * (double)PS_PER_S));
	fflush(stderr);
}

static int print_result(const struct run_words *a, const struct sweep_progress *p, bool collected)
{
	if (a->common.json) {
		json_t *doc = json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:b}", "sweep", a->common.sweep->name, "folder", a->common.folder,
			"points", (json_int_t)p->points, "done", (json_int_t)p->done, "failed", (json_int_t)p->failed, "stood_already",
			(json_int_t)p->skipped, "collected", collected);
		return cli_put_json(doc);
	}
	if (!a->common.quiet && collected) {
		printf("%zu points are in %s/sweep.db and sweep.csv (quern sweep query %s --value jobs.0.all.lat_ns.mean)\n",
			a->common.points->count, a->common.folder, a->common.folder);
	} else if (!a->common.quiet && p->done == p->points && p->points > 0) {
		printf("%zu points are in %s/points\n", p->done, a->common.folder);
	}
	return 0;
}

/* Of a whole sweep that came to its end: the tables. */
static int collect(const struct run_words *a, struct err *e)
{
	const char *const dirs[] = {a->common.folder, NULL};
	struct sweep_collected c;
	int result = sweep_collect(a->common.sweep, a->common.points, dirs, a->common.folder, a->o.jobs, a->o.results, &c, e);
	if (result == 0)
		sweep_collected_free(&c);
	return result;
}

static int run_sweep(struct run_words *a)
{
	struct err e = {0}, why = {0};
	struct sweep_progress p = {0};
	int code = sweep_args_load(&a->common);
	if (code)
		return code;
	a->o.output = a->common.folder;
	a->o.stop = a->common.stop;
	a->o.progress = !a->common.quiet && isatty(STDERR_FILENO) ? show_progress : NULL;
	a->o.ctx = a;
	a->o.results = sweep_results_new(a->common.sweep, a->common.points->count); /* without memory they are read again */
	(void)sweep_run(a->common.sweep, a->common.points, &a->o, &p, &e);
	if (a->shown)
		fputs("\r\033[K", stderr);
	bool whole = p.points > 0 && p.done == p.points && a->o.shard.count < 2;
	if (whole && collect(a, &why) < 0) {
		whole = false;
		if (!e.code)
			e = why;
	}
	sweep_results_free(a->o.results);
	code = p.points > 0 || a->o.shard.count > 1 ? print_result(a, &p, whole) : 0;
	return e.code ? cli_fail(&e) : code;
}

static int run(int argc, char **argv)
{
	static const struct argp_child children[] = {{&sweep_args_argp, 0, NULL, 0}, {0}};
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "FILE",
		.doc = "Run every point of the sweep in FILE (- for standard input) on the processors of this machine and make sweep.db "
		       "and sweep.csv of the results. A point that fails is recorded and the others go on; the exit code is then its. "
		       "Interrupted once, what runs is finished, and --resume goes on later; a point that is finished is never lost.",
		.children = children,
	};
	struct run_words a = {0};
	int code = cli_parse(&argp, argc, argv, &a);
	if (!code)
		code = read_words(&a);
	if (!code)
		code = run_sweep(&a);
	sweep_args_free(&a.common);
	return cli_finish(code);
}

const struct cli_command sweep_cmd_run = {
	.name = "run",
	.doc = "run the points, on all processors",
	.run = run,
};
