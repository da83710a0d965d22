/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plan as it stands: the effective config as YAML, and value by value. */
#include <string.h>

#include "host/options.h"
#include "run/plan.h"
#include "run/plan_memo.h"
#include "run/plan_private.h"

void plan_write_yaml(const struct plan *p, const char *from, FILE *out)
{
	fprintf(out, "seed: %lld\ndevice: ", (long long)p->seed);
	if (p->device_count == 1) {
		fprintf(out, "%s\n", p->device[0]);
	} else {
		for (size_t i = 0; i < p->device_count; i++)
			fprintf(out, "%s%s", i ? ", " : "[", p->device[i]);
		fputs("]\n", out);
	}
	for (size_t i = 0; i < p->component_count; i++) {
		const struct plan_component *c = &p->component[i];
		fprintf(out, "%s:\n  model: %s\n", c->name, c->ops->name);
		opt_write_yaml(c->ops->options, c->spec, 2, from, out);
	}
	if (p->has_workload) {
		fputs("workload:\n", out);
		opt_write_yaml(&gen_options, &p->workload, 2, from, out);
	}
	if (p->scenario) {
		fprintf(out, "scenario:\n  kind: %s\n", p->scenario->name);
		opt_write_yaml(p->scenario->options, p->scenario_spec, 2, from, out);
		fputs("host:\n", out);
		opt_write_yaml(&host_options, p->host, 2, from, out);
	} else {
		fputs("replay:\n", out);
		opt_write_yaml(&plan_replay_options, &p->replay, 2, from, out);
	}
	fputs("stats:\n", out);
	opt_write_yaml(&plan_stats_options, &p->stats, 2, from, out);
}

/* ---- values -------------------------------------------------------------------------------------- */

struct walk {
	void (*value)(void *ctx, const struct opt_value *v);
	void *ctx;
	bool texts;
};

static void name_value(const struct walk *w, const char *path, const char *text)
{
	const struct opt_value v = {.path = path, .text = text, .unit = ""};
	w->value(w->ctx, &v);
}

static int device_value(const struct plan *p, const struct walk *w)
{
	size_t bytes = 3;
	for (size_t i = 0; i < p->device_count; i++)
		bytes += strlen(p->device[i]) + 2;
	char *text = arena_alloc(p->arena, bytes), *at = text;
	if (!text)
		return -1;
	for (size_t i = 0; i < p->device_count; i++)
		at += snprintf(at, bytes - (size_t)(at - text), "%s%s", i ? ", " : "", p->device[i]);
	name_value(w, "device", text);
	return 0;
}

/* A section of the plan, from the memo where that has it. */
static int section_values(const struct walk *w, const struct plan_part *part, const struct opt_group *g, const void *bound,
	const char *name)
{
	if (!part)
		return opt_each_value(g, bound, name, w->texts, w->value, w->ctx);
	plan_part_each(part, w->texts, w->value, w->ctx);
	return 0;
}

static int component_values(const struct plan_component *c, const struct walk *w)
{
	char path[256];
	snprintf(path, sizeof(path), "%s.model", c->name);
	name_value(w, path, c->ops->name);
	return section_values(w, c->part, c->ops->options, c->spec, c->name);
}

int plan_each_value(const struct plan *p, bool texts, void (*each)(void *ctx, const struct opt_value *v), void *ctx)
{
	const struct walk w = {each, ctx, texts};
	struct plan_run run = {.seed = p->seed};
	if (opt_each_value(&plan_bound_options, &run, "", texts, each, ctx) < 0 || device_value(p, &w) < 0)
		return -1;
	for (size_t i = 0; i < p->component_count; i++)
		if (component_values(&p->component[i], &w) < 0)
			return -1;
	if (p->has_workload && section_values(&w, p->part[PLAN_WORKLOAD], &gen_options, &p->workload, "workload") < 0)
		return -1;
	if (p->scenario) {
		name_value(&w, "scenario.kind", p->scenario->name);
		if (section_values(&w, p->part[PLAN_SCENARIO], p->scenario->options, p->scenario_spec, "scenario") < 0 ||
		    section_values(&w, p->part[PLAN_HOST], &host_options, p->host, "host") < 0)
			return -1;
	} else if (section_values(&w, p->part[PLAN_REPLAY], &plan_replay_options, &p->replay, "replay") < 0) {
		return -1;
	}
	return section_values(&w, p->part[PLAN_STATS], &plan_stats_options, &p->stats, "stats");
}
