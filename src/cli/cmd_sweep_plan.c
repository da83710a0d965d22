/* SPDX-License-Identifier: GPL-3.0-or-later */
/* quern sweep plan FILE: what would run, without running it. */
#include <stdlib.h>
#include <string.h>

#include "cli/json.h"
#include "cli/sweep_args.h"
#include "run/sweep_dir.h"

#define LABEL_BYTES 512
#define POINTS_SHOWN 100

enum { KEY_SHARD = 0x100 };

struct plan_args {
	struct sweep_args common;
	const char *shard_text;
	struct sweep_shard shard;
	bool *done;      /* by index: a finished point is in the folder; owned */
	size_t counted;  /* points of the shard */
	size_t distinct; /* of them, those of one id once */
	size_t finished; /* of these, done */
	size_t states;   /* preconditioned states that these share */
};

static const struct argp_option options[] = {
	{"shard", KEY_SHARD, "I/N", 0, "Only the points of shard I of N, such as 2/4", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct plan_args *a = state->input;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->common;
		return 0;
	case KEY_SHARD:
		a->shard_text = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* The first of the shard's points with this one's id. */
static bool first_of_id(const struct plan_args *a, size_t i)
{
	const struct sweep_point *p = a->common.points->point;
	if (a->shard.count == 1)
		return p[i].first == i;
	for (size_t k = p[i].first; k < i; k++)
		if (p[k].first == p[i].first && sweep_shard_has(&a->shard, k))
			return false;
	return true;
}

static int compare_words(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* -1 without memory. */
static int count_states(struct plan_args *a)
{
	const struct sweep_points *p = a->common.points;
	const char **state = calloc(p->count + 1, sizeof(*state));
	size_t n = 0;
	if (!state)
		return -1;
	for (size_t i = 0; i < p->count; i++)
		if (p->point[i].state[0] && sweep_shard_has(&a->shard, i))
			state[n++] = p->point[i].state;
	qsort(state, n, sizeof(*state), compare_words);
	for (size_t i = 0; i < n; i++)
		a->states += !i || strcmp(state[i - 1], state[i]) != 0;
	free(state);
	return 0;
}

static int look(struct plan_args *a, struct err *e)
{
	const struct sweep_points *p = a->common.points;
	bool any = sweep_dir_count(a->common.folder) > 0;
	a->done = calloc(p->count + 1, sizeof(*a->done));
	if (!a->done || count_states(a) < 0)
		return err_set(e, ERR_LIMIT, "no memory for the plan");
	for (size_t i = 0; i < p->count; i++) {
		json_t *doc = NULL;
		if (!sweep_shard_has(&a->shard, i))
			continue;
		int found = any ? sweep_dir_get(a->common.folder, p->point[i].id, true, &doc, e) : 0;
		if (found < 0)
			return -1;
		json_decref(doc);
		a->done[i] = found > 0;
		a->counted++;
		if (first_of_id(a, i)) {
			a->distinct++;
			a->finished += a->done[i];
		}
	}
	return 0;
}

/* ---- output ----------------------------------------------------------------------------------- */

static json_t *axes_json(const struct sweep *s)
{
	json_t *list = json_array();
	for (size_t k = 0; k < s->axis_count; k++) {
		json_t *values = json_array();
		for (size_t v = 0; v < s->axis[k].count; v++)
			json_array_append_new(values, json_string(s->axis[k].label[v]));
		json_array_append_new(list, json_pack("{s:s, s:I, s:o}", "axis", s->axis[k].path,
			"group", (json_int_t)s->axis[k].group, "values", values));
	}
	return list;
}

static json_t *point_json(const struct plan_args *a, size_t i)
{
	const struct sweep *s = a->common.sweep;
	const struct sweep_point *p = &a->common.points->point[i];
	json_t *values = json_object();
	for (size_t k = 0; k < s->axis_count; k++)
		json_object_set_new(values, s->axis[k].path, json_string(s->axis[k].label[sweep_choice(s, i, k)]));
	json_t *doc = json_pack("{s:I, s:s, s:o, s:I, s:I, s:b}", "point", (json_int_t)i + 1, "id", p->id, "values", values,
		"replication", (json_int_t)sweep_replication(s, i) + 1, "seed", (json_int_t)p->seed, "done", a->done[i]);
	json_object_set_new(doc, "same_as", p->first == i ? json_null() : json_integer((json_int_t)p->first + 1));
	json_object_set_new(doc, "state", p->state[0] ? json_string(p->state) : json_null());
	return doc;
}

static int print_json(const struct plan_args *a)
{
	json_t *points = json_array();
	for (size_t i = 0; i < a->common.points->count; i++)
		if (sweep_shard_has(&a->shard, i))
			json_array_append_new(points, point_json(a, i));
	json_t *doc = json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "sweep", a->common.sweep->name, "folder",
		a->common.folder, "replications", (json_int_t)a->common.sweep->replications, "points", (json_int_t)a->counted,
		"distinct", (json_int_t)a->distinct, "done", (json_int_t)a->finished,
		"to_run", (json_int_t)(a->distinct - a->finished), "states", (json_int_t)a->states,
		"axes", axes_json(a->common.sweep), "point", points);
	return cli_put_json(doc);
}

static void print_axes(const struct sweep *s)
{
	for (size_t k = 0; k < s->axis_count; k++) {
		const struct sweep_axis *x = &s->axis[k];
		bool with_last = k > 0 && s->axis[k - 1].group == x->group;
		printf("  %s %-32s %3zu: %s", with_last ? "with" : k ? "   x" : "    ", x->path, x->count, x->label[0]);
		for (size_t v = 1; v < x->count && v < 12; v++)
			printf(", %s", x->label[v]);
		printf("%s\n", x->count > 12 ? ", ..." : "");
	}
	if (s->replications > 1)
		printf("  %s %-32s %3lld\n", s->axis_count ? "   x" : "    ", "replications", (long long)s->replications);
}

static void print_text(const struct plan_args *a)
{
	const struct sweep *s = a->common.sweep;
	char label[LABEL_BYTES];
	size_t shown = 0;
	printf("%s: %zu points", s->name, a->counted);
	if (a->shard.count > 1)
		printf(" of %zu in shard %zu of %zu", s->points, a->shard.index, a->shard.count);
	if (a->distinct < a->counted)
		printf(", %zu of them different", a->distinct);
	printf("; %zu to run, %zu finished in %s\n\n", a->distinct - a->finished, a->finished, a->common.folder);
	print_axes(s);
	if (a->states)
		printf("  %zu states of preconditioned devices, each made once\n", a->states);
	printf("\n%7s  %-32s  %s\n", "point", "id", "");
	for (size_t i = 0; i < s->points; i++) {
		if (!sweep_shard_has(&a->shard, i))
			continue;
		if (shown++ == POINTS_SHOWN)
			break;
		printf("%7zu  %-32s  %s%s\n", i + 1, a->common.points->point[i].id,
			sweep_point_label(s, i, label, sizeof(label)), a->done[i] ? "; finished" : "");
	}
	if (a->counted > POINTS_SHOWN)
		printf("    and %zu more (see --json)\n", a->counted - POINTS_SHOWN);
}

static int plan(struct plan_args *a)
{
	struct err e = {0};
	a->shard = (struct sweep_shard){1, 1};
	if (a->shard_text && sweep_shard_parse(a->shard_text, &a->shard, &e) < 0)
		return cli_fail(&e);
	int code = sweep_args_load(&a->common);
	if (code)
		return code;
	if (look(a, &e) < 0)
		return cli_fail(&e);
	if (a->common.json)
		return print_json(a);
	if (!a->common.quiet)
		print_text(a);
	return 0;
}

static int run(int argc, char **argv)
{
	static const struct argp_child children[] = {{&sweep_args_argp, 0, NULL, 0}, {0}};
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "FILE",
		.doc = "Say what the sweep in FILE (- for standard input) would run: how many points, which, and what of it stands "
		       "finished in its folder already. Everything is checked, nothing runs.",
		.children = children,
	};
	struct plan_args a = {0};
	int code = cli_parse(&argp, argc, argv, &a);
	if (!code)
		code = plan(&a);
	free(a.done);
	sweep_args_free(&a.common);
	return cli_finish(code);
}

const struct cli_command sweep_cmd_plan = {
	.name = "plan",
	.doc = "say what would run",
	.run = run,
};
