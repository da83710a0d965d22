/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared by `quern run` and `quern replay`. */
#include "cli/run_args.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "run/run.h"
#include "run/show.h"

/* ---- words ---------------------------------------------------------------------------------- */

void words_add(struct words *w, const char *text, bool *no_memory)
{
	char **grown = realloc(w->word, (w->count + 2) * sizeof(*grown));
	char *copy = grown ? strdup(text) : NULL;
	if (grown)
		w->word = grown;
	if (!copy) {
		*no_memory = true;
		return;
	}
	w->word[w->count++] = copy;
	w->word[w->count] = NULL;
}

void words_free(struct words *w)
{
	for (size_t i = 0; i < w->count; i++)
		free(w->word[i]);
	free(w->word);
}

static void args_free(struct run_args *a)
{
	words_free(&a->sets);
	words_free(&a->include_dirs);
	words_free(&a->devices);
}

void run_args_set(struct run_args *a, const char *option, const char *path, const char *value,
	bool list)
{
	if (a->option_count < RUN_ARGS_OPTIONS) {
		a->option[a->option_count] = option;
		a->path[a->option_count++] = path;
	}
	size_t most = strlen(path) + 2 * strlen(value) + 8;
	char *text = malloc(most);
	if (!text) {
		a->no_memory = true;
		return;
	}
	char *p = stpcpy(stpcpy(text, path), list ? "=[" : "='");
	for (const char *v = value; *v; v++) {
		if (!list && *v == '\'')
			*p++ = '\'';
		*p++ = *v;
	}
	strcpy(p, list ? "]" : "'");
	words_add(&a->sets, text, &a->no_memory);
	free(text);
}

/*
 * A complaint about an assignment that the user wrote as an option names the option:
 * "--set replay.limit: replay.limit = ..." becomes "--limit: replay.limit = ...".
 */
static int fail(const struct run_args *a, const struct err *e)
{
	static const char set[] = "--set ";
	size_t skip = sizeof(set) - 1;
	for (size_t i = 0; i < a->option_count && !strncmp(e->msg, set, skip); i++) {
		size_t len = strlen(a->path[i]);
		if (!strncmp(e->msg + skip, a->path[i], len) && e->msg[skip + len] == ':')
			return cli_usage("%s%s", a->option[i], e->msg + skip + len);
	}
	return cli_fail(e);
}

/* ---- options -------------------------------------------------------------------------------- */

enum { KEY_SET = 0x100, KEY_SEED, KEY_FORCE, KEY_LOG, KEY_EXPORT, KEY_JSON, KEY_POWER_CUT, KEY_SAVE, KEY_LOAD, KEY_GANTT,
	KEY_TIMELINE, KEY_TIMELINE_WINDOW, KEY_TIMELINE_LIMIT };

static const struct argp_option options[] = {
	{"output", 'o', "DIR", 0,
		"Run directory to make (default: the next free quern-run-NNN); - for none", 0},
	{"force", KEY_FORCE, NULL, 0, "Replace an existing run directory, request log or state", 0},
	{"set", KEY_SET, "PATH=VALUE", 0,
		"Set a value over the config, such as disk0.rpm=\"15000 rpm\"; may be repeated", 0},
	{"include", 'I', "DIR", 0, "Also look for included files and devices in DIR; may be repeated", 0},
	{"seed", KEY_SEED, "N", 0, "Seed of all random streams", 0},
	{"power-cut", KEY_POWER_CUT, "TIME", 0,
		"Cut the power of all devices at TIME; lost.csv tells what had been acknowledged and is lost", 0},
	{"gantt", KEY_GANTT, "FROM..TO", 0,
		"Note what channels and dies, or a disk's arms, do between these simulated times, for the plot gantt", 0},
	{"request-log", KEY_LOG, "FILE", 0,
		"Write one CSV row for each request; - for standard output (the summary then goes to standard error)", 0},
	{"export-trace", KEY_EXPORT, "FILE", 0,
		"Write what reaches the devices as a block trace (blkparse's text); - for standard output", 0},
	{"timeline", KEY_TIMELINE, "FILE", 0,
		"Write what every part did when, for a trace viewer: Perfetto's format, or with a name that ends in .json Chrome's; - for "
		"standard output", 0},
	{"timeline-window", KEY_TIMELINE_WINDOW, "FROM..TO", 0, "Only between these simulated times", 0},
	{"timeline-limit", KEY_TIMELINE_LIMIT, "SIZE", 0, "Size past which nothing more goes into the timeline (default: 256 MiB)", 0},
	{"save-state", KEY_SAVE, "FILE", 0, "Save the state of all devices at the end of the run in FILE", 0},
	{"load-state", KEY_LOAD, "FILE", 0,
		"Begin with the state saved in FILE, of the same devices; there is no preconditioning then", 0},
	{"json", KEY_JSON, NULL, 0, "Print summary.json instead of the short summary", 0},
	{"quiet", 'q', NULL, 0, "Print neither summary nor progress", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct run_args *a = state->input;
	switch (key) {
	case 'o':
		a->output = arg;
		return 0;
	case KEY_FORCE:
		a->force = true;
		return 0;
	case KEY_SET:
		words_add(&a->sets, arg, &a->no_memory);
		return 0;
	case 'I':
		words_add(&a->include_dirs, arg, &a->no_memory);
		return 0;
	case KEY_SEED:
		run_args_set(a, "--seed", "seed", arg, false);
		return 0;
	case KEY_POWER_CUT:
		run_args_set(a, "--power-cut", "replay.power_cut", arg, false);
		return 0;
	case KEY_GANTT:
		run_args_set(a, "--gantt", "stats.gantt", arg, false);
		return 0;
	case KEY_LOG:
		a->request_log = arg;
		return 0;
	case KEY_EXPORT:
		a->export_trace = arg;
		return 0;
	case KEY_TIMELINE:
		a->timeline = arg;
		return 0;
	case KEY_TIMELINE_WINDOW:
		run_args_set(a, "--timeline-window", "stats.timeline_window", arg, false);
		return 0;
	case KEY_TIMELINE_LIMIT:
		run_args_set(a, "--timeline-limit", "stats.timeline_limit", arg, false);
		return 0;
	case KEY_SAVE:
		a->save_state = arg;
		return 0;
	case KEY_LOAD:
		a->load_state = arg;
		return 0;
	case KEY_JSON:
		a->json = true;
		return 0;
	case 'q':
		a->quiet = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp run_args_argp = {.options = options, .parser = parse};

/* ---- progress ------------------------------------------------------------------------------- */

static void show_progress(void *ctx, const struct run_progress *p)
{
	bool *shown = ctx;
	struct show s = {0};
	double rate = p->wall_s > 0 ? (double)p->completed / p->wall_s : 0;
	*shown = true;
	fputs("\r\033[K", stderr);
	if (p->fraction >= 0)
		fprintf(stderr, "%s  ", show_percent(&s, p->fraction));
	fprintf(stderr, "%s requests, %s/s, simulated %s", show_count(&s, p->completed),
		show_number(&s, rate), show_time(&s, (double)p->now_ps));
	if (p->fraction > 0.001)
		fprintf(stderr, ", %s left",
			show_time(&s, p->wall_s * (1.0 / p->fraction - 1.0) * (double)PS_PER_S));
	fflush(stderr);
}

/* ---- the command line as recorded ---------------------------------------------------------------- */

static void put_quoted(FILE *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
		"-_=./,:+@%";
	if (*word && strspn(word, plain) == strlen(word)) {
		fputs(word, out);
		return;
	}
	fputc('\'', out);
	for (; *word; word++)
		fputs(*word == '\'' ? "'\\''" : (char[]){*word, '\0'}, out);
	fputc('\'', out);
}

/* Without what only says where the output goes, so that equal runs record equal commands. */
static char *command_line(int argc, char **argv)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&text, &bytes);
	if (!out)
		return NULL;
	fputs(argv[0], out);
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i];
		if (!strcmp(word, "-o") || !strcmp(word, "--output")) {
			i++;
			continue;
		}
		if (!strncmp(word, "-o", 2) || !strncmp(word, "--output=", 9) || !strcmp(word, "--force"))
			continue;
		fputc(' ', out);
		put_quoted(out, word);
	}
	fclose(out);
	return text;
}

/* ---- carrying it out ------------------------------------------------------------------------------ */

static bool is_stdout(const char *name) { return name && !strcmp(name, "-"); }

static int print_result(const struct run_args *a, const struct run *r)
{
	bool taken = is_stdout(a->request_log) || is_stdout(a->export_trace) || is_stdout(a->timeline);
	FILE *out = taken ? stderr : stdout;
	if (a->json) {
		json_t *doc = summary_json(&r->summary);
		if (!doc)
			return cli_usage("no memory for the summary");
		summary_json_write(doc, out);
		json_decref(doc);
	} else if (!a->quiet) {
		summary_text(&r->summary, out);
		if (r->directory)
			fprintf(out, "\nwritten to %s (quern plot %s -k latency -o latency.svg)\n", r->directory,
				r->directory);
		if (r->export_left_out)
			fprintf(out, "%llu operations of zones are not in %s: the format has none\n",
				(unsigned long long)r->export_left_out, a->export_trace);
		if (*r->timeline_note)
			fprintf(out, "%s\n", r->timeline_note);
	}
	return 0;
}

static int carry_out(struct run_args *a, const struct plan *plan, const char *command)
{
	bool shown = false;
	bool progress = !a->quiet && isatty(STDERR_FILENO);
	struct run_options o = {
		.output = a->output,
		.no_output = a->output && !strcmp(a->output, "-"),
		.force = a->force,
		.request_log = a->request_log,
		.export_trace = a->export_trace,
		.timeline = a->timeline,
		.save_state = a->save_state,
		.load_state = a->load_state,
		.command = command,
		.stop = cli_catch_signals(),
		.progress = progress ? show_progress : NULL,
		.ctx = &shown,
	};
	struct err e = {0};
	struct run *r = run_plan(plan, &o, &e);
	if (shown)
		fputs("\r\033[K", stderr);
	int code = 0;
	if (r)
		code = print_result(a, r);
	if (e.code)
		code = cli_fail(&e);
	run_free(r);
	return code;
}

static int load_and_run(struct run_args *a, bool trace, const char *command)
{
	struct err e = {0};
	struct plan_input in = {
		.config = trace ? NULL : a->subject,
		.trace = trace ? a->subject : NULL,
		.devices = (const char *const *)a->devices.word,
		.sets = (const char *const *)a->sets.word,
		.include_dirs = (const char *const *)a->include_dirs.word,
	};
	if (a->no_memory || !command)
		return cli_usage("no memory for the command line");
	struct plan *plan = plan_load(&in, &e);
	if (!plan)
		return fail(a, &e);
	int code = carry_out(a, plan, command);
	plan_free(plan);
	return code;
}

int run_args_go(const struct argp *argp, bool trace, int argc, char **argv)
{
	struct run_args a = {0};
	char *command = command_line(argc, argv); /* before argp puts the words in its order */
	int code = cli_parse(argp, argc, argv, &a);
	if (!code && a.depth_given && !a.mode_given)
		run_args_set(&a, "--depth", "replay.mode", "depth", false);
	if (!code)
		code = load_and_run(&a, trace, command);
	free(command);
	args_free(&a);
	return cli_finish(code);
}
