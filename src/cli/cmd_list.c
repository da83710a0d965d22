/* SPDX-License-Identifier: GPL-3.0-or-later */
/* quern list KIND: what stands in a table. */
#include <string.h>

#include "cli/cli.h"
#include "cli/json.h"
#include "cli/tables.h"
#include "sim/config.h"

#define MAX_TABLES 32
#define DOC_WIDTH 78

enum { KEY_JSON = 0x100 };

struct list_args {
	const char *kind;
	bool json;
};

static const struct argp_option options[] = {
	{"json", KEY_JSON, NULL, 0, "Print a JSON array of {\"name\", \"doc\"}", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct list_args *a = state->input;
	switch (key) {
	case KEY_JSON:
		a->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (a->kind)
			argp_error(state, "want one kind, got %s and %s", a->kind, arg);
		a->kind = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* A text in lines of DOC_WIDTH behind `indent` blanks; the first line is already indented. */
static void print_wrapped(const char *text, size_t indent)
{
	size_t at = 0;
	while (*text) {
		size_t len = strcspn(text, " ");
		if (at && at + 1 + len > DOC_WIDTH) {
			printf("\n%*s", (int)indent, "");
			at = 0;
		}
		at += (size_t)printf("%s%.*s", at ? " " : "", (int)len, text);
		text += len;
		text += strspn(text, " ");
	}
	putchar('\n');
}

static void print_items(const struct cli_item *items)
{
	size_t width = 0;
	for (size_t i = 0; items[i].name; i++)
		if (strlen(items[i].name) > width)
			width = strlen(items[i].name);
	for (size_t i = 0; items[i].name; i++) {
		printf("%-*s  ", (int)width, items[i].name);
		print_wrapped(items[i].doc ? items[i].doc : "", width + 2);
	}
}

static int print_json(const struct cli_item *items)
{
	json_t *list = json_array();
	int bad = 0;
	for (size_t i = 0; items[i].name; i++)
		bad |= json_array_append_new(list, json_pack("{s:s, s:s?}", "name", items[i].name, "doc",
			items[i].doc));
	if (!bad)
		return cli_put_json(list);
	json_decref(list);
	return cli_put_json(NULL);
}

static const struct cli_item *kinds(struct cli_item *items)
{
	size_t n = 0;
	for (; cli_tables[n].name && n + 1 < MAX_TABLES; n++)
		items[n] = (struct cli_item){cli_tables[n].name, cli_tables[n].doc};
	items[n] = (struct cli_item){NULL, NULL};
	return items;
}

static int list(const struct list_args *a, struct arena *arena)
{
	struct cli_item names[MAX_TABLES];
	const char *words[MAX_TABLES] = {0};
	const struct cli_item *items = kinds(names);
	for (size_t i = 0; a->kind && cli_tables[i].name; i++) {
		words[i] = cli_tables[i].name;
		if (strcmp(cli_tables[i].name, a->kind) != 0)
			continue;
		items = cli_tables[i].items(arena);
		if (!items)
			return cli_usage("no memory for the list");
		if (a->json)
			return print_json(items);
		print_items(items);
		return 0;
	}
	if (!a->kind && a->json)
		return print_json(items);
	if (!a->kind) {
		print_items(items);
		return 0;
	}
	const char *near = nearest_word(a->kind, words);
	if (near)
		return cli_usage("there is no list of \"%s\", did you mean \"%s\"?", a->kind, near);
	return cli_usage("there is no list of \"%s\" (see `quern list`)", a->kind);
}

static int run(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "[KIND]",
		.doc = "List what there is of a kind, such as devices, models, formats, schedulers, victims or plots. Without KIND: the "
		       "kinds.",
	};
	struct list_args a = {0};
	int code = cli_parse(&argp, argc, argv, &a);
	if (code)
		return code;
	struct arena *arena = arena_new();
	code = arena ? list(&a, arena) : cli_usage("no memory for the list");
	arena_free(arena);
	return cli_finish(code);
}

const struct cli_command cmd_list = {
	.name = "list",
	.doc = "list devices, models, formats, generators, schedulers, plots",
	.run = run,
};
