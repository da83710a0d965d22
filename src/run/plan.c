/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From files and assignments to a bound plan.
 *
 * The second and later devices of the command line each live in a config of their own, so
 * that two files which both call their disk `disk0` do not merge; such a component is
 * renamed (disk1, disk2...), and an assignment to the new name goes to its own config.
 */
#include "run/plan.h"

#include <string.h>
#include <unistd.h>

#include "host/options.h"
#include "run/device.h"
#include "run/plan_memo.h"
#include "run/plan_private.h"

#define TOP_KEYS "include", "seed", "device", "workload", "replay", "scenario", "host", "stats"
static const char *const top_keys[] = {TOP_KEYS, NULL};

/* A plan being loaded. */
struct loading {
	struct plan *plan;
	const struct plan_input *in;
	const struct blk_dev_ops *const *kinds;
	struct config_search search;
	struct err *e;
};

static int no_memory(struct err *e)
{
	return err_set(e, ERR_LIMIT, "no memory for the configuration");
}

static bool is_top_key(const char *key)
{
	for (size_t i = 0; top_keys[i]; i++)
		if (!strcmp(top_keys[i], key))
			return true;
	return false;
}

static bool is_component(const struct cfg_node *n)
{
	return n->kind == CFG_MAP && !is_top_key(n->key) && config_get(n, "model");
}

/* ---- files ---------------------------------------------------------------------------- */

/* A word that is no file must be in the catalogue. */
static int check_device_word(const struct loading *l, const char *word)
{
	if (strchr(word, '/') || access(word, F_OK) == 0 || !strcmp(word, "-"))
		return 0;
	const char *const *names = device_catalogue(l->plan->arena);
	if (!names)
		return no_memory(l->e);
	size_t len = strlen(word);
	if (len > 5 && !strcmp(word + len - 5, ".yaml"))
		len -= 5;
	for (size_t i = 0; names[i]; i++)
		if (strlen(names[i]) == len && !strncmp(names[i], word, len))
			return 0;
	for (size_t i = 0; l->in->include_dirs && l->in->include_dirs[i]; i++)
		return 0; /* it may be there: the loader looks and says so */
	const char *near = nearest_word(word, names);
	if (near)
		return err_set(l->e, ERR_USAGE, "there is no device or file \"%s\", did you mean \"%s\"?",
			word, near);
	return err_set(l->e, ERR_USAGE, "there is no device or file \"%s\" (see `quern list devices`)",
		word);
}

static struct config *new_config(struct loading *l)
{
	struct config *c = config_new(&l->search);
	if (!c) {
		no_memory(l->e);
		return NULL;
	}
	l->plan->configs[l->plan->config_count++] = c;
	return c;
}

/* The only component of a device file. */
static const char *only_component(const struct config *c, const char *file, struct err *e)
{
	const char *name = NULL;
	for (const struct cfg_node *n = config_root(c)->child; n; n = n->next) {
		if (!is_component(n))
			continue;
		if (name) {
			err_set(e, ERR_CONFIG, "%s defines both %s and %s: a device file among several must "
				"define one", file, name, n->key);
			return NULL;
		}
		name = n->key;
	}
	if (!name)
		err_set(e, ERR_CONFIG, "%s defines no device (a map with `model:`)", file);
	return name;
}

/* "disk0", 2 -> "disk2" */
static const char *ordinal_name(struct arena *a, const char *name, size_t ordinal)
{
	size_t stem = strlen(name);
	while (stem > 0 && name[stem - 1] >= '0' && name[stem - 1] <= '9')
		stem--;
	size_t bytes = stem + 24;
	char *out = arena_alloc(a, bytes);
	if (out)
		snprintf(out, bytes, "%.*s%zu", (int)stem, name, ordinal);
	return out;
}

static int load_files(struct loading *l)
{
	struct config *c = new_config(l);
	if (!c || (l->in->config && config_load(c, l->in->config, l->e) < 0) ||
	    (l->in->text && config_load_text(c, "<text>", l->in->text, l->e) < 0))
		return -1;
	for (size_t i = 0; i < l->in->layer_count; i++) {
		const struct plan_layer *y = &l->in->layers[i];
		if (y->path ? config_put(c, y->path, &y->where, y->node, l->e) < 0 : config_load_node(c, y->node, l->e) < 0)
			return -1;
	}
	for (size_t i = 0; l->in->devices && l->in->devices[i]; i++) {
		const char *word = l->in->devices[i];
		if (check_device_word(l, word) < 0)
			return -1;
		if (i > 0)
			c = new_config(l);
		if (!c || config_load(c, word, l->e) < 0)
			return -1;
		if (i == 0)
			continue;
		const char *name = only_component(c, word, l->e);
		if (!name)
			return -1;
		l->plan->original[i] = name;
		l->plan->renamed[i] = ordinal_name(l->plan->arena, name, i);
		if (!l->plan->renamed[i])
			return no_memory(l->e);
	}
	return 0;
}

/* Whether a path begins with this key; then *rest points behind it. */
static bool path_begins(const char *path, const char *key, const char **rest)
{
	size_t len = strlen(key);
	if (strncmp(path, key, len) != 0 || (path[len] != '.' && path[len] != '='))
		return false;
	*rest = path + len;
	return true;
}

static int apply_set(struct loading *l, const char *assignment)
{
	for (size_t i = 1; i < l->plan->config_count; i++) {
		const char *rest;
		if (!path_begins(assignment, l->plan->renamed[i], &rest))
			continue;
		size_t bytes = strlen(l->plan->original[i]) + strlen(rest) + 1;
		char *own = arena_alloc(l->plan->arena, bytes);
		if (!own)
			return no_memory(l->e);
		snprintf(own, bytes, "%s%s", l->plan->original[i], rest);
		return config_set(l->plan->configs[i], own, l->e);
	}
	return config_set(l->plan->configs[0], assignment, l->e);
}

/* ---- components ----------------------------------------------------------------------- */

static int refuse_key(const struct loading *l, const struct cfg_node *n, const struct cfg_node *root)
{
	size_t count = sizeof(top_keys) / sizeof(*top_keys);
	for (const struct cfg_node *m = root->child; m; m = m->next)
		count++;
	const char **names = arena_array(l->plan->arena, count, sizeof(*names));
	if (!names)
		return no_memory(l->e);
	size_t k = 0;
	for (size_t i = 0; top_keys[i]; i++)
		names[k++] = top_keys[i];
	for (const struct cfg_node *m = root->child; m; m = m->next)
		if (is_component(m))
			names[k++] = m->key;
	struct cfg_node at = *n; /* the key is wrong, not the value */
	at.where = n->key_where;
	const char *near = nearest_word(n->key, names);
	if (near)
		return config_error(&at, l->e, "unknown key \"%s\", did you mean \"%s\"?", n->key, near);
	if (n->kind == CFG_MAP)
		return config_error(&at, l->e, "component \"%s\" does not say what it is: want `model: NAME` in "
			"it (see `quern list models`)", n->key);
	return config_error(&at, l->e, "unknown key \"%s\": want include, seed, device, workload, replay, "
		"scenario, host, stats, or a component (a map with `model:`)", n->key);
}

/* Bind a section; *part: as the memo has it, NULL where it has not. */
static int bind_section(const struct loading *l, const struct cfg_node *n, const char *name, const struct opt_group *g,
	const char *const *reserved, void *bound, const struct plan_part **part)
{
	*part = NULL;
	if (l->in->memo && plan_memo_bind(l->in->memo, n, name, g, reserved, part, l->e) < 0)
		return -1;
	if (!*part)
		return config_bind(n, name, g, reserved, bound, l->plan->arena, l->e);
	memcpy(bound, (*part)->bound, g->struct_bytes); /* what it points to is the memo's */
	return 0;
}

static int bind_component(const struct loading *l, const struct cfg_node *n, const char *name,
	struct plan_component *out)
{
	static const char *const reserved[] = {"model", NULL};
	const struct cfg_node *model = config_get(n, "model");
	if (model->kind != CFG_SCALAR)
		return config_error(model, l->e, "%s.model: want a name", name);
	out->name = arena_strdup(l->plan->arena, name);
	for (size_t i = 0; l->kinds[i]; i++)
		if (!strcmp(l->kinds[i]->name, model->text))
			out->ops = l->kinds[i];
	if (!out->ops) {
		const char *const *names = device_names(l->kinds, l->plan->arena);
		const char *near = names ? nearest_word(model->text, names) : NULL;
		return config_error(model, l->e, near ? "%s.model: there is no model \"%s\", did you mean "
			"\"%s\"?" : "%s.model: there is no model \"%s\" (see `quern list models`)%s",
			name, model->text, near ? near : "");
	}
	out->spec = arena_alloc(l->plan->arena, out->ops->options->struct_bytes);
	if (!out->name || !out->spec)
		return no_memory(l->e);
	return bind_section(l, n, name, out->ops->options, reserved, out->spec, &out->part);
}

static int bind_components(struct loading *l)
{
	struct plan *p = l->plan;
	size_t most = 0;
	for (size_t i = 0; i < p->config_count; i++)
		for (const struct cfg_node *n = config_root(p->configs[i])->child; n; n = n->next)
			most++;
	p->component = arena_array(p->arena, most + 1, sizeof(*p->component));
	if (!p->component)
		return no_memory(l->e);
	for (size_t i = 0; i < p->config_count; i++) {
		const struct cfg_node *root = config_root(p->configs[i]);
		for (const struct cfg_node *n = root->child; n; n = n->next) {
			if (is_top_key(n->key))
				continue;
			if (!is_component(n))
				return refuse_key(l, n, root);
			const char *name = i > 0 ? l->plan->renamed[i] : n->key;
			if (plan_component(p, name))
				return err_set(l->e, ERR_CONFIG, "two devices are called %s", name);
			if (bind_component(l, n, name, &p->component[p->component_count]) < 0)
				return -1;
			p->component_count++;
		}
	}
	return 0;
}

const struct plan_component *plan_component(const struct plan *p, const char *name)
{
	for (size_t i = 0; i < p->component_count; i++)
		if (!strcmp(p->component[i].name, name))
			return &p->component[i];
	return NULL;
}

/* The last of a path's keys that stands in a file, or NULL; *all: it is the last of the path, too. */
static const struct opt_where *find_path(const struct plan *p, const char *path, bool *all)
{
	for (size_t i = 0; i < p->config_count; i++) {
		const struct cfg_node *n = config_root(p->configs[i]);
		const struct opt_where *found = NULL;
		const char *at = path;
		*all = false;
		for (size_t len; n && (len = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")) > 0; at += len + 1) {
			char key[128];
			snprintf(key, sizeof(key), "%.*s", (int)(len < 127 ? len : 127), at);
			bool own = at == path && i > 0 && !strcmp(key, p->renamed[i]);
			n = config_get(n, own ? p->original[i] : key);
			if (n)
				found = &n->key_where;
			*all = n && at[len] != '.';
			if (at[len] != '.')
				break;
		}
		if (found)
			return found;
	}
	*all = false;
	return NULL;
}

const struct opt_where *plan_where(const struct plan *p, const char *path)
{
	bool all;
	return find_path(p, path, &all);
}

bool plan_states(const struct plan *p, const char *path)
{
	bool all;
	return find_path(p, path, &all) && all;
}

/* ---- sections ------------------------------------------------------------------------------ */

static int bind_run(struct loading *l, const struct cfg_node *root)
{
	struct plan *p = l->plan;
	size_t count = 2;
	for (const struct cfg_node *n = root->child; n; n = n->next)
		count++;
	const char **reserved = arena_array(p->arena, count, sizeof(*reserved));
	if (!reserved)
		return no_memory(l->e);
	size_t k = 0;
	for (const struct cfg_node *n = root->child; n; n = n->next)
		if (strcmp(n->key, "seed") != 0)
			reserved[k++] = n->key;
	struct plan_run run = {0};
	if (config_bind(root, "run", &plan_bound_options, reserved, &run, p->arena, l->e) < 0)
		return -1;
	p->seed = run.seed;
	return 0;
}

static int refuse_scenario(const struct loading *l, const struct cfg_node *kind)
{
	size_t count = 0;
	while (scenario_list[count])
		count++;
	const char **names = arena_array(l->plan->arena, count + 1, sizeof(*names));
	if (!names)
		return no_memory(l->e);
	for (size_t i = 0; i < count; i++)
		names[i] = scenario_list[i]->name;
	const char *near = nearest_word(kind->text, names);
	return config_error(kind, l->e, near ? "scenario.kind: there is no scenario \"%s\", did you mean \"%s\"?"
		: "scenario.kind: there is no scenario \"%s\" (see `quern list scenarios`)%s", kind->text, near ? near : "");
}

/* A scenario drives the devices by itself: nothing else may. */
static int refuse_others(const struct loading *l, const struct cfg_node *root)
{
	static const char *const others[] = {"workload", "replay"};
	const struct scenario_ops *sc = l->plan->scenario;
	const struct cfg_node *cut = config_get(config_get(root, "replay"), "power_cut");
	if (cut && sc->crash)
		return config_error(cut, l->e, "the scenario %s cuts the power itself: say when with scenario.crash_at", sc->name);
	if (cut)
		return config_error(cut, l->e, "nothing of the scenario %s is to outlive a power cut: those that have scenario.crash_at "
			"(checkpoint, recoverable-memory) cut the power", sc->name);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		const struct cfg_node *other = config_get(root, others[i]);
		if (other)
			return config_error(other, l->e, "%s: the scenario drives the devices: want one of the two", others[i]);
	}
	return 0;
}

static int bind_scenario(const struct loading *l, const struct cfg_node *root)
{
	static const char *const reserved[] = {"kind", NULL};
	struct plan *p = l->plan;
	const struct cfg_node *n = config_get(root, "scenario"), *host = config_get(root, "host");
	if (!n)
		return host ? config_error(host, l->e, "host: there is no `scenario:` for it to run") : 0;
	if (l->in->trace)
		return config_error(n, l->e, "scenario: a trace is replayed: want one of the two");
	const struct cfg_node *kind = config_get(n, "kind");
	if (!kind || kind->kind != CFG_SCALAR)
		return config_error(kind ? kind : n, l->e, "scenario.kind: want the name of a scenario (see `quern list scenarios`)");
	p->scenario = scenario_find(kind->text);
	if (!p->scenario)
		return refuse_scenario(l, kind);
	if (refuse_others(l, root) < 0)
		return -1;
	p->scenario_spec = arena_alloc(p->arena, p->scenario->options->struct_bytes);
	p->host = arena_alloc(p->arena, sizeof(*p->host));
	if (!p->scenario_spec || !p->host)
		return no_memory(l->e);
	if (bind_section(l, n, "scenario", p->scenario->options, reserved, p->scenario_spec, &p->part[PLAN_SCENARIO]) < 0)
		return -1;
	return bind_section(l, host, "host", &host_options, NULL, p->host, &p->part[PLAN_HOST]);
}

static int bind_sections(struct loading *l)
{
	struct plan *p = l->plan;
	const struct cfg_node *root = config_root(p->configs[0]);
	if (bind_run(l, root) < 0)
		return -1;
	if (bind_section(l, config_get(root, "replay"), "replay", &plan_replay_options, NULL, &p->replay, &p->part[PLAN_REPLAY]) < 0)
		return -1;
	if (bind_section(l, config_get(root, "stats"), "stats", &plan_stats_options, NULL, &p->stats, &p->part[PLAN_STATS]) < 0)
		return -1;
	char why[512];
	if (plan_warm_up(p->stats.warm_up_text, &p->stats.warm_up, &p->stats.warm_up_value, why,
		sizeof(why)) < 0)
		return err_set(l->e, ERR_CONFIG, "stats.warm_up = %s", why);
	if (plan_span(p->stats.gantt_text, &p->stats.gantt_from_ps, &p->stats.gantt_to_ps, why, sizeof(why)) < 0)
		return err_set(l->e, ERR_CONFIG, "stats.gantt = %s", why);
	if (plan_span(p->stats.timeline_text, &p->stats.timeline_from_ps, &p->stats.timeline_to_ps, why, sizeof(why)) < 0)
		return err_set(l->e, ERR_CONFIG, "stats.timeline_window = %s", why);
	if (bind_scenario(l, root) < 0)
		return -1;
	const struct cfg_node *workload = config_get(root, "workload");
	if (l->in->trace) {
		p->part[PLAN_REPLAY] = NULL;
		p->replay.trace = arena_strdup(p->arena, l->in->trace);
		return p->replay.trace ? 0 : no_memory(l->e);
	}
	if (!workload)
		return 0;
	if (*p->replay.trace)
		return config_error(workload, l->e, "there is both a workload and a trace (replay.trace): "
			"want one of them");
	p->has_workload = true;
	return bind_section(l, workload, "workload", &gen_options, NULL, &p->workload, &p->part[PLAN_WORKLOAD]);
}

/* ---- whole ----------------------------------------------------------------------------------- */

static int load(struct loading *l)
{
	struct plan *p = l->plan;
	size_t devices = 0;
	while (l->in->devices && l->in->devices[devices])
		devices++;
	p->name = arena_strdup(p->arena, l->in->name ? l->in->name : l->in->config ? l->in->config
		: devices ? l->in->devices[0] : "the configuration");
	p->configs = arena_array(p->arena, devices + 1, sizeof(*p->configs));
	l->plan->renamed = arena_array(p->arena, devices + 1, sizeof(*l->plan->renamed));
	l->plan->original = arena_array(p->arena, devices + 1, sizeof(*l->plan->original));
	l->search.include_dirs = l->in->include_dirs;
	l->search.device_dirs = device_dirs(p->arena);
	if (!p->name || !p->configs || !l->plan->renamed || !l->plan->original || !l->search.device_dirs)
		return no_memory(l->e);
	if (load_files(l) < 0)
		return -1;
	for (size_t i = 0; l->in->sets && l->in->sets[i]; i++)
		if (apply_set(l, l->in->sets[i]) < 0)
			return -1;
	if (bind_components(l) < 0 || plan_pick_devices(p, l->e) < 0)
		return -1;
	return bind_sections(l);
}

struct plan *plan_load(const struct plan_input *in, struct err *e)
{
	struct arena *a = arena_new();
	struct plan *p = a ? arena_alloc(a, sizeof(*p)) : NULL;
	if (!p) {
		arena_free(a);
		no_memory(e);
		return NULL;
	}
	p->arena = a;
	struct loading l = {.plan = p, .in = in, .kinds = in->kinds ? in->kinds : device_kinds, .e = e};
	if (load(&l) < 0) {
		plan_free(p);
		return NULL;
	}
	return p;
}

void plan_free(struct plan *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->config_count; i++)
		config_free(p->configs[i]);
	arena_free(p->arena);
}
