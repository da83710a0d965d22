/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared by the commands of `quern sweep`. */
#include "cli/sweep_args.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_SET = 0x400, KEY_JSON };

static const struct argp_option options[] = {
	{"output", 'o', "DIR", 0, "Folder of the sweep (default: the name of FILE without its ending, and .sweep)", 10},
	{"set", KEY_SET, "PATH=VALUE", 0,
		"Set a value over every point, such as workload.requests=1000; may be repeated", 10},
	{"include", 'I', "DIR", 0, "Also look for included files and devices in DIR; may be repeated", 10},
	{"json", KEY_JSON, NULL, 0, "Print JSON", 10},
	{"quiet", 'q', NULL, 0, "Print nothing but errors", 10},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct sweep_args *a = state->input;
	switch (key) {
	case 'o':
		a->output = arg;
		return 0;
	case KEY_SET:
		words_add(&a->sets, arg, &a->no_memory);
		return 0;
	case 'I':
		words_add(&a->include_dirs, arg, &a->no_memory);
		return 0;
	case KEY_JSON:
		a->json = true;
		return 0;
	case 'q':
		a->quiet = true;
		return 0;
	case ARGP_KEY_ARG:
		if (a->file)
			argp_error(state, "want one sweep file, got %s and %s", a->file, arg);
		a->file = arg;
		return 0;
	case ARGP_KEY_END:
		if (!a->file)
			argp_error(state, "%s", a->want ? a->want : "want a sweep file, such as examples/sweeps/zones.yaml");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp sweep_args_argp = {.options = options, .parser = parse};

/* "studies/depth.yaml" gives "depth.sweep", here. */
static int choose_folder(struct sweep_args *a)
{
	if (!a->output && !strcmp(a->file, "-"))
		return cli_usage("a sweep from standard input has no name: want -o DIR for its folder");
	const char *slash = strrchr(a->file, '/'), *name = a->output ? a->output : slash ? slash + 1 : a->file;
	const char *dot = a->output ? NULL : strrchr(name, '.');
	size_t len = dot && dot > name ? (size_t)(dot - name) : strlen(name);
	a->folder = malloc(len + sizeof(".sweep"));
	if (!a->folder)
		return cli_usage("no memory for the command line");
	memcpy(a->folder, name, len);
	strcpy(a->folder + len, a->output ? "" : ".sweep");
	return 0;
}

int sweep_args_load(struct sweep_args *a)
{
	struct err e = {0};
	struct sweep_input in = {
		.file = a->file,
		.sets = (const char *const *)a->sets.word,
		.include_dirs = (const char *const *)a->include_dirs.word,
	};
	if (a->no_memory)
		return cli_usage("no memory for the command line");
	int code = choose_folder(a);
	if (code)
		return code;
	a->stop = cli_catch_signals();
	a->sweep = sweep_load(&in, &e);
	if (a->sweep)
		a->points = sweep_points_make(a->sweep, a->jobs, a->stop, &e);
	return a->points ? 0 : cli_fail(&e);
}

void sweep_args_free(struct sweep_args *a)
{
	sweep_points_free(a->points);
	sweep_free(a->sweep);
	free(a->folder);
	words_free(&a->sets);
	words_free(&a->include_dirs);
}
