/* SPDX-License-Identifier: GPL-3.0-or-later */
/* quern import drive FILE: a device file from a drive parameter sheet. */
#include <errno.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/json.h"
#include "run/drive_txt.h"
#include "sim/config.h"

enum { KEY_JSON = 0x100 };

struct import_args {
	const char *kind, *file, *output;
	bool json;
};

static const struct argp_option options[] = {
	{"output", 'o', "FILE", 0, "Write the device file there instead of to standard output", 0},
	{"json", KEY_JSON, NULL, 0, "Say as JSON what was written; with -o", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct import_args *a = state->input;
	switch (key) {
	case 'o':
		a->output = arg;
		return 0;
	case KEY_JSON:
		a->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (!a->kind)
			a->kind = arg;
		else if (!a->file)
			a->file = arg;
		else
			argp_error(state, "want one sheet, got %s and %s", a->file, arg);
		return 0;
	case ARGP_KEY_END:
		if (!a->kind)
			argp_error(state, "want what to import: drive FILE");
		if (!a->file)
			argp_error(state, "want a file");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int import_drive(const struct import_args *a, struct arena *arena)
{
	struct err e = {0};
	const struct drive_txt *sheet = drive_txt_read(arena, a->file, &e);
	if (!sheet)
		return cli_fail(&e);
	FILE *out = a->output ? fopen(a->output, "w") : stdout;
	if (!out) {
		err_set(&e, ERR_IO, "cannot open %s: %s", a->output, strerror(errno));
		return cli_fail(&e);
	}
	int bad = drive_txt_write_device(sheet, out, &e);
	if (a->output && fclose(out) != 0 && !bad)
		bad = err_set(&e, ERR_IO, "cannot write %s: %s", a->output, strerror(errno));
	if (bad)
		return cli_fail(&e);
	return !a->json ? 0 : cli_put_json(json_pack("{s:s, s:s, s:s, s:I, s:I}", "kind", a->kind, "sheet", a->file, "output", a->output,
		"parameters", (json_int_t)sheet->rows, "zones", (json_int_t)sheet->zones));
}

static int run(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "drive FILE",
		.doc = "Write a device file with exactly the parameters of a drive parameter sheet (NAME.drive.txt, "
		       "and the seek table that it names beside it; - is standard input, and the table in this folder). "
		       "`quern calibrate` fits such a device to a measured trace.",
	};
	static const char *const kinds[] = {"drive", NULL};
	struct import_args a = {0};
	int code = cli_parse(&argp, argc, argv, &a);
	if (code)
		return code;
	if (strcmp(a.kind, "drive") != 0) {
		const char *near = nearest_word(a.kind, kinds);
		return near ? cli_usage("quern import does not know \"%s\", did you mean \"%s\"?", a.kind, near)
			: cli_usage("quern import does not know \"%s\": want drive", a.kind);
	}
	if (a.json && !a.output)
		return cli_json_and("device file");
	struct arena *arena = arena_new();
	code = arena ? import_drive(&a, arena) : cli_usage("no memory for the sheet");
	arena_free(arena);
	return cli_finish(code);
}

const struct cli_command cmd_import = {
	.name = "import",
	.doc = "write a device file from a drive parameter sheet",
	.run = run,
};
