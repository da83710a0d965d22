/* SPDX-License-Identifier: GPL-3.0-or-later */
/* quern options [SECTION]: every key a config may say, from the option rows. */
#include <string.h>

#include "cli/cli.h"
#include "cli/json.h"
#include "cli/tables.h"
#include "sim/config.h"

#define MAX_SECTIONS 64

enum { KEY_MAN = 0x100, KEY_JSON };

struct options_args {
	const char *section;
	bool man, json;
};

static const struct argp_option options[] = {
	{"json", KEY_JSON, NULL, 0, "Print a JSON array of {\"key\", \"type\", \"default\", \"range\", \"doc\", \"choices\"}", 0},
	{"man", KEY_MAN, NULL, 0, "Print troff source, for the manual page", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options_args *a = state->input;
	switch (key) {
	case KEY_MAN:
		a->man = true;
		return 0;
	case KEY_JSON:
		a->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (a->section)
			argp_error(state, "want one section, got %s and %s", a->section, arg);
		a->section = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void add_option(const struct opt_fact *f, void *ctx)
{
	json_t *list = ctx, *choices = f->choices ? json_array() : NULL;
	for (const struct opt_choice *c = f->choices; c && c->name; c++)
		json_array_append_new(choices, json_pack("{s:s, s:s}", "name", c->name, "doc", c->doc ? c->doc : ""));
	json_array_append_new(list, json_pack("{s:s, s:s, s:s?, s:s, s:s, s:o?}", "key", f->key, "type", f->type, "default", f->value,
		"range", f->range, "doc", f->doc, "choices", choices));
}

static void print_section(const struct cli_section *s, bool man, bool first)
{
	if (man) {
		printf(".SS %s\n", s->name);
		opt_print_man(s->group, s->prefix, stdout);
		return;
	}
	if (!first)
		putchar('\n');
	opt_print_text(s->group, s->prefix, stdout);
}

static int print(const struct options_args *a, const struct cli_section *sections)
{
	const char *words[MAX_SECTIONS] = {0};
	bool found = false;
	json_t *list = a->json ? json_array() : NULL;
	for (size_t i = 0; sections[i].group; i++) {
		if (i + 1 < MAX_SECTIONS)
			words[i] = sections[i].name;
		if (a->section && strcmp(a->section, sections[i].name) != 0)
			continue;
		if (a->json)
			opt_tell(sections[i].group, sections[i].prefix, add_option, list);
		else
			print_section(&sections[i], a->man, !found);
		found = true;
	}
	if (found)
		return a->json ? cli_put_json(list) : 0;
	json_decref(list);
	const char *near = nearest_word(a->section, words);
	if (near)
		return cli_usage("there is no section \"%s\", did you mean \"%s\"?", a->section, near);
	return cli_usage("there is no section \"%s\": want run, workload, replay, stats or a model "
		"(`quern list models`)", a->section);
}

static int run(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "[SECTION]",
		.doc = "Describe every key of a config: name, unit, default, range, meaning. SECTION is run, "
		       "workload, replay, stats or a model such as disk; without it: all.",
	};
	struct options_args a = {0};
	int code = cli_parse(&argp, argc, argv, &a);
	if (code)
		return code;
	struct arena *arena = arena_new();
	const struct cli_section *sections = arena ? cli_sections(arena) : NULL;
	code = sections ? print(&a, sections) : cli_usage("no memory for the options");
	arena_free(arena);
	return cli_finish(code);
}

const struct cli_command cmd_options = {
	.name = "options",
	.doc = "describe every key a config may say",
	.run = run,
};
