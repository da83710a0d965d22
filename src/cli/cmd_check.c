/* SPDX-License-Identifier: GPL-3.0-or-later */
/* quern check FILE: load, bind and open everything a run would, and run nothing. */
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/json.h"
#include "cli/run_args.h"
#include "run/show.h"
#include "run/system.h"

enum { KEY_SET = 0x100, KEY_EFFECTIVE, KEY_JSON };

struct check_args {
	struct run_args common;
	bool effective;
};

static const struct argp_option options[] = {
	{"set", KEY_SET, "PATH=VALUE", 0, "Set a value over the config; may be repeated", 0},
	{"include", 'I', "DIR", 0, "Also look for included files in DIR; may be repeated", 0},
	{"json", KEY_JSON, NULL, 0, "Print JSON; with --effective the config is the text `config` of it", 0},
	{"effective", KEY_EFFECTIVE, NULL, 0, "Print the config with every setting, defaults too", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct check_args *a = state->input;
	struct run_args *c = &a->common;
	switch (key) {
	case KEY_SET:
		words_add(&c->sets, arg, &c->no_memory);
		return 0;
	case 'I':
		words_add(&c->include_dirs, arg, &c->no_memory);
		return 0;
	case KEY_JSON:
		c->json = true;
		return 0;
	case KEY_EFFECTIVE:
		a->effective = true;
		return 0;
	case ARGP_KEY_ARG:
		if (c->subject)
			argp_error(state, "want one config, got %s and %s", c->subject, arg);
		c->subject = arg;
		return 0;
	case ARGP_KEY_END:
		if (!c->subject)
			argp_error(state, "want a config or device file");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void print_found(const struct system *s, const char *file)
{
	struct show show = {0};
	printf("%s: ok\n", file);
	for (size_t i = 0; i < s->count; i++)
		printf("  %s: %s, %s of %s (%s sectors), queue depth %u\n", s->dev[i]->name,
			s->identity[i].model, s->identity[i].kind,
			show_bytes(&show, (double)s->identity[i].sectors * SECTOR_BYTES),
			show_count(&show, s->identity[i].sectors), s->identity[i].queue_depth);
	if (s->source && s->mode == REPLAY_DEPTH)
		printf("  %s: %s, closed loop, depth %u", s->reader ? "trace" : "workload", s->source->name,
			s->depth);
	else if (s->source)
		printf("  %s: %s, %s", s->reader ? "trace" : "workload", s->source->name,
			s->mode == REPLAY_OPEN ? "open loop" : "closed loop, pauses kept");
	if (s->source && s->source->expected)
		printf(", %s requests", show_count(&show, s->source->expected));
	if (s->source)
		putchar('\n');
	if (s->reader)
		printf("  format: %s: %s\n", trace_reader_format(s->reader)->name,
			trace_reader_why(s->reader));
	if (s->hosts)
		printf("  scenario: %s, on %zu host%s\n", hosts_kind(s->hosts)->name, hosts_count(s->hosts),
			hosts_count(s->hosts) == 1 ? "" : "s");
	if (!s->source && !s->hosts)
		printf("  (devices only: there is no workload and no trace)\n");
}

/* The same as a document; the config with every setting as text, or null. */
static int put_json(const struct system *s, const struct plan *p, const struct check_args *a)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *out = a->effective ? open_memstream(&text, &bytes) : NULL;
	if (out) {
		plan_write_yaml(p, NULL, out);
		fclose(out);
	}
	json_t *devices = json_array();
	for (size_t i = 0; i < s->count; i++)
		json_array_append_new(devices, json_pack("{s:s, s:s, s:s, s:I, s:I}", "name", s->dev[i]->name, "model", s->identity[i].model,
			"kind", s->identity[i].kind, "sectors", (json_int_t)s->identity[i].sectors, "queue_depth",
			(json_int_t)s->identity[i].queue_depth));
	json_t *doc = json_pack("{s:s, s:b, s:o, s:s?, s:s?, s:s?, s:s?}", "file", a->common.subject, "ok", 1, "devices", devices,
		"load", s->source ? s->source->name : NULL, "format", s->reader ? trace_reader_format(s->reader)->name : NULL,
		"scenario", s->hosts ? hosts_kind(s->hosts)->name : NULL, "config", text);
	free(text);
	return cli_put_json(doc);
}

static int check(const struct check_args *a)
{
	struct err e = {0};
	struct plan_input in = {
		.config = a->common.subject,
		.sets = (const char *const *)a->common.sets.word,
		.include_dirs = (const char *const *)a->common.include_dirs.word,
	};
	struct plan *p = plan_load(&in, &e);
	if (!p)
		return cli_fail(&e);
	bool runs = p->has_workload || p->scenario || *p->replay.trace;
	struct system *s = runs ? system_open(p, NULL, NULL, &e) : system_open_devices(p, &e);
	int code = 0;
	if (!s)
		code = cli_fail(&e);
	else if (a->common.json)
		code = put_json(s, p, a);
	else if (a->effective)
		plan_write_yaml(p, NULL, stdout);
	else
		print_found(s, a->common.subject);
	system_free(s);
	plan_free(p);
	return code;
}

static int run(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "FILE",
		.doc = "Check a config or device file as a run would, without running it: unknown keys, units, "
		       "bounds, geometry, the trace's format. Exit code 3 (4 for a trace) when it does not hold.",
	};
	struct check_args a = {0};
	int code = cli_parse(&argp, argc, argv, &a);
	if (!code)
		code = a.common.no_memory ? cli_usage("no memory for the command line") : check(&a);
	words_free(&a.common.sets);
	words_free(&a.common.include_dirs);
	return cli_finish(code);
}

const struct cli_command cmd_check = {
	.name = "check",
	.doc = "check a config or device file without running it",
	.run = run,
};
