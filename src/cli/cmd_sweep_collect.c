/* SPDX-License-Identifier: GPL-3.0-or-later */
/* quern sweep collect FILE [DIR...]: tables from the points that shards have run. */
#include <stdlib.h>

#include "cli/json.h"
#include "cli/sweep_args.h"
#include "run/sweep_collect.h"

#define LABEL_BYTES 512
#define MISSING_SHOWN 20

struct collect_args {
	struct sweep_args common;
	const char **dirs; /* owned: the words, the folder of the sweep before them; NULL-terminated */
	size_t count;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct collect_args *a = state->input;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->common;
		return 0;
	case ARGP_KEY_ARG:
		if (!a->common.file)
			return ARGP_ERR_UNKNOWN; /* the sweep */
		a->dirs[1 + a->count++] = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int print_json(const struct collect_args *a, const struct sweep_collected *c)
{
	char label[LABEL_BYTES];
	json_t *missing = json_array();
	for (size_t k = 0; k < c->missing; k++) {
		size_t i = c->index[k];
		json_array_append_new(missing, json_pack("{s:I, s:s, s:s}", "point", (json_int_t)i + 1,
			"id", a->common.points->point[i].id,
			"label", sweep_point_label(a->common.sweep, i, label, sizeof(label))));
	}
	json_t *doc = json_pack("{s:s, s:s, s:I, s:I, s:I, s:o}", "sweep", a->common.sweep->name, "folder", a->common.folder,
		"points", (json_int_t)a->common.points->count, "rows", (json_int_t)c->rows, "failed", (json_int_t)c->failed,
		"missing", missing);
	return cli_put_json(doc);
}

static void print_text(const struct collect_args *a, const struct sweep_collected *c)
{
	char label[LABEL_BYTES];
	printf("%zu of %zu points are in %s/sweep.db and sweep.csv\n", c->rows, a->common.points->count, a->common.folder);
	for (size_t k = 0; k < c->missing && k < MISSING_SHOWN; k++)
		printf("missing: point %zu, %s\n", c->index[k] + 1,
			sweep_point_label(a->common.sweep, c->index[k], label, sizeof(label)));
	if (c->missing > MISSING_SHOWN)
		printf("and %zu more (see --json)\n", c->missing - MISSING_SHOWN);
}

static int collect(struct collect_args *a)
{
	struct err e = {0};
	struct sweep_collected c = {0};
	int code = sweep_args_load(&a->common);
	if (code)
		return code;
	a->dirs[0] = a->common.folder;
	if (sweep_collect(a->common.sweep, a->common.points, a->dirs, a->common.folder, a->common.jobs, NULL, &c, &e) < 0)
		return cli_fail(&e);
	if (a->common.json)
		code = print_json(a, &c);
	else if (!a->common.quiet)
		print_text(a, &c);
	if (!code && c.missing)
		err_set(&e, ERR_CHECK, "%s: %zu of %zu points are missing; `quern sweep run --resume` runs them",
			a->common.sweep->name, c.missing, a->common.points->count);
	else if (!code && c.failed)
		err_set(&e, ERR_CHECK, "%s: %zu of %zu points failed; the column \"error\" of %s/sweep.csv says how",
			a->common.sweep->name, c.failed, a->common.points->count, a->common.folder);
	if (e.code)
		code = cli_fail(&e);
	sweep_collected_free(&c);
	return code;
}

static int run(int argc, char **argv)
{
	static const struct argp_child children[] = {{&sweep_args_argp, 0, NULL, 0}, {0}};
	static const struct argp argp = {
		.parser = parse,
		.args_doc = "FILE [DIR...]",
		.doc = "Make sweep.db and sweep.csv of the points that stand in the sweep's folder, and in each DIR, another "
		       "folder of the same sweep. Names the points that are missing, and exits with 1 when there are any, or any "
		       "that failed.",
		.children = children,
	};
	struct collect_args a = {0};
	a.dirs = calloc((size_t)argc + 2, sizeof(*a.dirs));
	int code = a.dirs ? cli_parse(&argp, argc, argv, &a) : cli_usage("no memory for the command line");
	if (!code)
		code = collect(&a);
	free(a.dirs);
	sweep_args_free(&a.common);
	return cli_finish(code);
}

const struct cli_command sweep_cmd_collect = {
	.name = "collect",
	.doc = "make the tables from the points of several shards",
	.run = run,
};
