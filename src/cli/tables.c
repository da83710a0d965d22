/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything that stands in a table, for `quern list` and `quern options`. */
#include "cli/tables.h"

#include <string.h>

#include "host/options.h"
#include "host/scenario.h"
#include "run/device.h"
#include "run/plan.h"
#include "run/show.h"
#include "run/system.h"
#include "trace/format.h"
#include "trace/gen.h"

#define MAX_ITEMS 256

/* ---- devices: opened, so that what is listed is what works -------------------------------------- */

static const char *describe_device(const char *name, struct arena *a)
{
	const char *const words[] = {name, NULL};
	struct plan_input in = {.devices = words};
	struct err e = {0};
	struct plan *p = plan_load(&in, &e);
	struct system *s = p ? system_open_devices(p, &e) : NULL;
	char text[1200];
	if (s) {
		struct show show = {0};
		snprintf(text, sizeof(text), "%s: %s, %s", s->identity[0].model, s->identity[0].kind,
			show_bytes(&show, (double)s->identity[0].sectors * SECTOR_BYTES));
	} else {
		snprintf(text, sizeof(text), "cannot be used: %s", e.msg);
	}
	system_free(s);
	plan_free(p);
	return arena_strdup(a, text);
}

static const struct cli_item *device_items(struct arena *a)
{
	const char *const *names = device_catalogue(a);
	size_t n = 0;
	while (names && names[n])
		n++;
	struct cli_item *items = names ? arena_array(a, n + 1, sizeof(*items)) : NULL;
	for (size_t i = 0; items && i < n; i++) {
		items[i].name = names[i];
		items[i].doc = describe_device(names[i], a);
		if (!items[i].doc)
			return NULL;
	}
	return items;
}

/* ---- code tables --------------------------------------------------------------------------------- */

static const struct cli_item *model_items(struct arena *a)
{
	struct cli_item *items = arena_array(a, MAX_ITEMS, sizeof(*items));
	for (size_t i = 0; items && device_kinds[i] && i + 1 < MAX_ITEMS; i++)
		items[i] = (struct cli_item){device_kinds[i]->name, device_kinds[i]->doc};
	return items;
}

static const struct cli_item *format_items(struct arena *a)
{
	struct cli_item *items = arena_array(a, MAX_ITEMS, sizeof(*items));
	for (size_t i = 0; items && trace_formats[i] && i + 1 < MAX_ITEMS; i++)
		items[i] = (struct cli_item){trace_formats[i]->name, trace_formats[i]->doc};
	return items;
}

static const struct cli_item *generator_items(struct arena *a)
{
	struct cli_item *items = arena_array(a, MAX_ITEMS, sizeof(*items));
	for (size_t i = 0; items && gen_list[i] && i + 1 < MAX_ITEMS; i++)
		items[i] = (struct cli_item){gen_list[i]->name, gen_list[i]->doc};
	return items;
}

static const struct cli_item *scenario_items(struct arena *a)
{
	struct cli_item *items = arena_array(a, MAX_ITEMS, sizeof(*items));
	for (size_t i = 0; items && scenario_list[i] && i + 1 < MAX_ITEMS; i++)
		items[i] = (struct cli_item){scenario_list[i]->name, scenario_list[i]->doc};
	return items;
}

static const struct cli_item *plot_items(struct arena *a)
{
	(void)a;
	return cmd_plot_items();
}

static const struct cli_item *choice_items(const struct opt_choice *c, struct arena *a)
{
	struct cli_item *items = arena_array(a, MAX_ITEMS, sizeof(*items));
	for (size_t i = 0; items && c && c[i].name && i + 1 < MAX_ITEMS; i++)
		items[i] = (struct cli_item){c[i].name, c[i].doc};
	return items;
}

/* The choices of a row, given as "group.key" (the group at any depth) or "key". */
static const struct opt_choice *find_choices(const struct opt_group *g, const char *path)
{
	const char *dot = strchr(path, '.');
	for (const struct opt_row *r = g->rows; r->key; r++) {
		const struct opt_choice *c = NULL;
		if (!dot && r->type == OPT_ENUM && !strcmp(r->key, path))
			return r->choices;
		if (r->type == OPT_GROUP && dot && strlen(r->key) == (size_t)(dot - path) && !strncmp(r->key, path, strlen(r->key)))
			c = find_choices(r->group, dot + 1);
		else if (r->type == OPT_GROUP && dot)
			c = find_choices(r->group, path);
		if (c)
			return c;
	}
	return NULL;
}

/* The same of the first kind of device that has such a row. */
static const struct cli_item *device_choice_items(const char *path, struct arena *a)
{
	for (size_t i = 0; device_kinds[i]; i++) {
		const struct opt_choice *c = find_choices(device_kinds[i]->options, path);
		if (c)
			return choice_items(c, a);
	}
	return choice_items(NULL, a);
}

static const struct cli_item *scheduler_items(struct arena *a) { return device_choice_items("scheduler", a); }
static const struct cli_item *seek_items(struct arena *a) { return device_choice_items("seek.model", a); }
static const struct cli_item *destage_items(struct arena *a) { return device_choice_items("write_cache.order", a); }

static const struct cli_item *victim_items(struct arena *a) { return device_choice_items("gc.policy", a); }
static const struct cli_item *allocation_items(struct arena *a) { return device_choice_items("alloc.order", a); }
static const struct cli_item *map_items(struct arena *a) { return device_choice_items("map.scheme", a); }
static const struct cli_item *transaction_items(struct arena *a) { return device_choice_items("sched.policy", a); }
static const struct cli_item *front_items(struct arena *a) { return device_choice_items("front.kind", a); }
static const struct cli_item *cell_items(struct arena *a) { return device_choice_items("geometry.cell", a); }
static const struct cli_item *bus_items(struct arena *a) { return device_choice_items("bus.interface", a); }
static const struct cli_item *pattern_items(struct arena *a) { return device_choice_items("precondition.pattern", a); }

static const struct cli_item *mode_items(struct arena *a)
{
	return choice_items(find_choices(&plan_replay_options, "mode"), a);
}

static const struct cli_item *range_items(struct arena *a)
{
	return choice_items(replay_range_choices, a);
}

const struct cli_table cli_tables[] = {
	{"devices", "named devices of the catalogue", device_items},
	{"models", "kinds of device, for `model:`", model_items},
	{"formats", "trace formats that are read", format_items},
	{"generators", "address patterns of generated workloads", generator_items},
	{"schedulers", "command schedulers of the disk", scheduler_items},
	{"seeks", "models of the seek curve", seek_items},
	{"destages", "orders of destaging the disk's write cache", destage_items},
	{"victims", "which block garbage collection of an ssd takes next", victim_items},
	{"allocations", "which plane of an ssd a write goes to", allocation_items},
	{"maps", "mapping schemes of an ssd", map_items},
	{"transactions", "policies of an ssd's transaction scheduler", transaction_items},
	{"fronts", "host interfaces of an ssd", front_items},
	{"cells", "flash cells", cell_items},
	{"interfaces", "bus interfaces of flash, by their timing modes", bus_items},
	{"preconditions", "patterns of an ssd's preconditioning", pattern_items},
	{"scenarios", "what a host does, for `scenario: {kind: NAME}`", scenario_items},
	{"modes", "ways to replay a trace", mode_items},
	{"ranges", "what to do with addresses past the device's end", range_items},
	{"plots", "pictures of `quern plot`", plot_items},
	{NULL, NULL, NULL},
};

/* ---- option sections -------------------------------------------------------------------------------- */

const struct cli_section *cli_sections(struct arena *a)
{
	static const struct cli_section own[] = {
		{"run", "", &plan_run_options},
		{"workload", "workload.", &gen_options},
		{"replay", "replay.", &plan_replay_options},
		{"stats", "stats.", &plan_stats_options},
		{"host", "host.", &host_options},
	};
	size_t n = sizeof(own) / sizeof(*own), kinds = 0, scenarios = 0;
	while (device_kinds[kinds])
		kinds++;
	while (scenario_list[scenarios])
		scenarios++;
	struct cli_section *all = arena_array(a, n + kinds + scenarios + 1, sizeof(*all));
	if (!all)
		return NULL;
	memcpy(all, own, sizeof(own));
	for (size_t i = 0; i < kinds; i++) {
		const char *name = device_kinds[i]->name;
		size_t bytes = strlen(name) + 3;
		char *prefix = arena_alloc(a, bytes);
		if (!prefix)
			return NULL;
		snprintf(prefix, bytes, "%s0.", name);
		all[n + i] = (struct cli_section){name, prefix, device_kinds[i]->options};
	}
	for (size_t i = 0; i < scenarios; i++)
		all[n + kinds + i] = (struct cli_section){scenario_list[i]->name, "scenario.", scenario_list[i]->options};
	return all;
}
