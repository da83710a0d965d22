/* SPDX-License-Identifier: GPL-3.0-or-later */
/* quern sweep emit ENGINE FILE: a script that runs the sweep on more than one machine. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/json.h"
#include "cli/sweep_args.h"
#include "run/sweep_emit.h"

/* Without --shards: one for each point, but no more than these. */
#define SHARDS_DEFAULT 100

enum { KEY_SHARDS = 0x100 };

struct emit_args {
	struct sweep_args common;
	const char *engine;
	const char *shards;
	const char *jobs;
};

static const struct argp_option options[] = {
	{"shards", KEY_SHARDS, "N", 0, "In how many parts (default: as many as points, at most 100)", 0},
	{"jobs", 'j', "N", 0, "Threads of a part (default: all processors that it is given)", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct emit_args *a = state->input;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->common;
		return 0;
	case KEY_SHARDS:
		a->shards = arg;
		return 0;
	case 'j':
		a->jobs = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (a->engine)
			return ARGP_ERR_UNKNOWN; /* the sweep */
		a->engine = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* A whole number from 1 to `most`; 0 when it is none. */
static size_t parse_count(const char *text, size_t most)
{
	char *end;
	errno = 0;
	unsigned long n = strtoul(text, &end, 10);
	return errno || end == text || *end || text[0] == '-' || n > most ? 0 : n;
}

/* An absolute name (owned) of a file that need not be there, or NULL. */
static char *absolute(const char *name)
{
	char here[PATH_MAX];
	if (name[0] == '/')
		return strdup(name);
	if (!getcwd(here, sizeof(here)))
		return NULL;
	char *out = malloc(strlen(here) + strlen(name) + 2);
	if (out)
		stpcpy(stpcpy(stpcpy(out, here), "/"), name);
	return out;
}

static int print_json(const struct emit_args *a, const struct sweep_script *s, const char *text)
{
	json_t *doc = json_pack("{s:s, s:s, s:s, s:I, s:I, s:s}", "engine", a->engine, "sweep", s->sweep, "folder", s->output,
		"points", (json_int_t)s->points, "shards", (json_int_t)s->shards, "script", text);
	return cli_put_json(doc);
}

static int print(const struct emit_args *a, const struct sweep_engine *engine, const struct sweep_script *s)
{
	struct err e = {0};
	if (!a->common.json)
		return sweep_emit(engine, s, stdout, &e) < 0 ? cli_fail(&e) : 0;
	char *text = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&text, &bytes);
	if (!out)
		return cli_usage("no memory for the script");
	int bad = sweep_emit(engine, s, out, &e);
	bad |= fclose(out);
	int code = bad ? cli_usage("no memory for the script") : print_json(a, s, text);
	free(text);
	return code;
}

/* With the names made absolute; `counts` has how many points, shards and threads. */
static int emit_with(struct emit_args *a, const struct sweep_engine *engine, const struct sweep_script *counts)
{
	struct sweep_script s = *counts;
	char program[PATH_MAX];
	struct words dirs = {0};
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);
	if (n < 0)
		return cli_usage("cannot tell where this program is: %s", strerror(errno));
	program[n] = '\0';
	for (size_t i = 0; i < a->common.include_dirs.count; i++) {
		char *dir = absolute(a->common.include_dirs.word[i]);
		if (dir)
			words_add(&dirs, dir, &a->common.no_memory);
		a->common.no_memory |= !dir;
		free(dir);
	}
	const char *catalogue = getenv("QUERN_DEVICES");
	char *devices = catalogue ? absolute(catalogue) : NULL;
	char *sweep = absolute(a->common.file), *output = absolute(a->common.folder);
	s.program = program;
	s.sweep = sweep;
	s.output = output;
	s.devices = devices;
	s.sets = (const char *const *)a->common.sets.word;
	s.include_dirs = (const char *const *)dirs.word;
	int code = sweep && output && !a->common.no_memory ? print(a, engine, &s) : cli_usage("no memory for the script");
	free(devices);
	free(sweep);
	free(output);
	words_free(&dirs);
	return code;
}

static int emit(struct emit_args *a)
{
	struct err e = {0};
	struct sweep_script s = {0};
	const struct sweep_engine *engine = sweep_engine_find(a->engine, &e);
	if (!engine)
		return cli_fail(&e);
	if (!strcmp(a->common.file, "-"))
		return cli_usage("the machines cannot read a sweep from standard input: want a file");
	if (a->shards && !(s.shards = parse_count(a->shards, SWEEP_POINTS_MAX)))
		return cli_usage("--shards %s: want a whole number from 1 to %d", a->shards, SWEEP_POINTS_MAX);
	if (a->jobs && !(s.jobs = (unsigned)parse_count(a->jobs, 4096)))
		return cli_usage("--jobs %s: want a whole number from 1 to 4096", a->jobs);
	int code = sweep_args_load(&a->common);
	if (code)
		return code;
	s.points = a->common.points->count;
	if (!s.shards)
		s.shards = s.points < SHARDS_DEFAULT ? s.points : SHARDS_DEFAULT;
	if (s.shards > s.points)
		return cli_usage("--shards %s: the sweep has %zu points", a->shards, s.points);
	return emit_with(a, engine, &s);
}

static int run(int argc, char **argv)
{
	static const struct argp_child children[] = {{&sweep_args_argp, 0, NULL, 0}, {0}};
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "slurm|parallel FILE",
		.doc = "Print a shell script that runs the sweep in FILE on machines that see the same files: by Slurm as job arrays "
		       "and a job that collects, or by GNU parallel, on several hosts by its --sshlogin.",
		.children = children,
	};
	struct emit_args a = {.common.want = "want slurm or parallel, and a sweep file"};
	int code = cli_parse(&argp, argc, argv, &a);
	if (!code)
		code = emit(&a);
	sweep_args_free(&a.common);
	return cli_finish(code);
}

const struct cli_command sweep_cmd_emit = {
	.name = "emit",
	.doc = "print a script for Slurm or GNU parallel",
	.run = run,
};
