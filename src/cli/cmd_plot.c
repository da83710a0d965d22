/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `quern plot`: pictures of run directories, by gnuplot (run/plot.h). */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/json.h"
#include "cli/spool.h"
#include "run/plot.h"
#include "run/plot_list.h"

#define X(name, doc, files) {name, doc},
static const struct cli_item items[] = {PLOT_LIST(X){NULL, NULL}};
#undef X

const struct cli_item *cmd_plot_items(void)
{
	return items;
}

enum { KEY_TITLE = 256, KEY_SIZE, KEY_LIST, KEY_BY, KEY_PANEL, KEY_WHERE, KEY_LOG, KEY_THEORY, KEY_DEVICE, KEY_JSON };

static const struct argp_option options[] = {
	{"kind", 'k', "KIND", 0, "Which plot: one of --list", 0},
	{"output", 'o', "FILE", 0, "Write there; the ending .svg, .png, .pdf or .txt says what; \"-\" is "
		"the standard output. The data (.dat) and gnuplot's commands (.gp) stay beside it", 0},
	{"terminal", 't', "TYPE", 0, "svg, png, pdf, or dumb for text; without it and -o, text on a terminal",
		0},
	{"label", 'l', "TEXT", 0, "Legend name of the first run directory; again for the next ones", 0},
	{"title", KEY_TITLE, "TEXT", 0, "Title above the plot; default: what it shows, workload and device; \"\" for none", 0},
	{"size", KEY_SIZE, "WxH", 0, "Size: 1/96 inch for svg and pdf (720x450), pixels for png (1440x900), "
		"characters for dumb (80x24)", 0},
	{"device", KEY_DEVICE, "NAME", 0, "Of a run with several devices this one, for a kind that shows one (wear, seek curve, Gantt, "
		"...); default: the first that there is a picture of", 0},
	{NULL, 0, NULL, 0, "Of sweeps (a folder of `quern sweep run`, or a sweep.db):", 1},
	{NULL, 'x', "COLUMN", 0, "Along the horizontal axis; for pareto min:COLUMN or max:COLUMN", 1},
	{NULL, 'y', "COLUMN", 0, "Along the vertical axis, likewise", 1},
	{NULL, 'z', "COLUMN", 0, "As colour, of a map", 1},
	{"by", KEY_BY, "COLUMN", 0, "A line for each of its values", 1},
	{"panel", KEY_PANEL, "COLUMN", 0, "A panel for each of its values", 1},
	{"where", KEY_WHERE, "COLUMN=VALUE", 0, "Only points that have it; again for more, which all must hold", 1},
	{"log", KEY_LOG, "AXES", 0, "Logarithmic axes: x, y or xy", 1},
	{"theory", KEY_THEORY, "FILE", 0, "Closed forms to draw over: a CSV file with columns named as those of -x, -y and --by", 1},
	{"list", KEY_LIST, NULL, 0, "List the kinds of plot", 0},
	{"json", KEY_JSON, NULL, 0, "Say as JSON what was drawn, with -o FILE; with --list, the kinds", 0},
	{0},
};

struct arguments {
	const char *kind;
	const char *output;
	const char *terminal;
	const char *title;
	const char *size;
	const char *device;
	const char **run;   /* owned; room for every word of the command line */
	size_t run_count;
	const char **label; /* owned, likewise */
	size_t label_count;
	struct plot_sweep sweep;
	const char **where; /* owned, likewise; ends with NULL */
	size_t where_count;
	int of_sweep;       /* any of the options of sweeps */
	int list, json;
};

/* The field of an option of sweeps, or NULL. */
static const char **sweep_field(struct arguments *a, int key)
{
	switch (key) {
	case 'x':
		return &a->sweep.x;
	case 'y':
		return &a->sweep.y;
	case 'z':
		return &a->sweep.z;
	case KEY_BY:
		return &a->sweep.by;
	case KEY_PANEL:
		return &a->sweep.panel;
	case KEY_LOG:
		return &a->sweep.log;
	case KEY_THEORY:
		return &a->sweep.theory;
	default:
		return NULL;
	}
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;
	const char **field = sweep_field(a, key);
	if (field) {
		*field = arg;
		a->of_sweep = 1;
		return 0;
	}
	switch (key) {
	case 'k':
		a->kind = arg;
		return 0;
	case 'o':
		a->output = arg;
		return 0;
	case 't':
		a->terminal = arg;
		return 0;
	case 'l':
		a->label[a->label_count++] = arg;
		return 0;
	case KEY_TITLE:
		a->title = arg;
		return 0;
	case KEY_SIZE:
		a->size = arg;
		return 0;
	case KEY_DEVICE:
		a->device = arg;
		return 0;
	case KEY_WHERE:
		a->where[a->where_count++] = arg;
		a->of_sweep = 1;
		return 0;
	case KEY_JSON:
		a->json = 1;
		return 0;
	case KEY_LIST:
		a->list = 1;
		return 0;
	case ARGP_KEY_ARG:
		a->run[a->run_count++] = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options, parse_option, "RUNDIR...\nSWEEP",
	"Draw a picture of a run directory, of several in one frame, or of a sweep; SWEEP - is a sweep.db on standard input.", NULL, NULL,
	NULL,
};

/* "WxH", both 20 ... 20000. */
static int parse_size(const char *text, int *width, int *height)
{
	char *end;
	long w = strtol(text, &end, 10);
	if (end == text || *end != 'x')
		return -1;
	const char *second = end + 1;
	long h = strtol(second, &end, 10);
	if (end == second || *end || w < 20 || w > 20000 || h < 10 || h > 20000)
		return -1;
	*width = (int)w;
	*height = (int)h;
	return 0;
}

/* As large as the terminal, less the line of the next prompt. */
static void terminal_size(int *width, int *height)
{
	struct winsize w;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) < 0 || w.ws_col < 40 || w.ws_row < 12)
		return;
	*width = w.ws_col < 160 ? w.ws_col : 160;
	*height = (w.ws_row < 50 ? w.ws_row : 50) - 1;
}

static int choose_terminal(const struct arguments *a, struct plot_request *r, struct err *e)
{
	int to_stdout = !a->output || !strcmp(a->output, "-");
	if (a->terminal)
		r->terminal = plot_terminal_find(a->terminal, e);
	else if (!to_stdout)
		r->terminal = plot_terminal_of_file(a->output, e);
	else if (isatty(STDOUT_FILENO))
		r->terminal = PLOT_DUMB;
	else
		return err_set(e, ERR_USAGE, "want -o FILE.svg (or .png, .pdf) to say where the picture goes, or "
			"-t dumb for text");
	if (r->terminal == PLOT_TERMINALS)
		return -1;
	if (to_stdout && r->terminal != PLOT_DUMB && isatty(STDOUT_FILENO))
		return err_set(e, ERR_USAGE, "a terminal cannot show a %s file: want -o FILE", a->terminal);
	r->output = to_stdout ? NULL : a->output;
	r->stream = stdout;
	if (to_stdout && r->terminal == PLOT_DUMB && isatty(STDOUT_FILENO))
		terminal_size(&r->width, &r->height);
	return 0;
}

static int plot(const struct arguments *a)
{
	struct err e = {0};
	char notice[512];
	struct plot_request r = {.run = a->run, .run_count = a->run_count, .title = a->title, .device = a->device,
		.notice = notice, .notice_bytes = sizeof(notice),
		.sweep = a->of_sweep ? &a->sweep : NULL};
	if (!a->kind)
		return cli_usage("want -k KIND; `quern plot --list` shows the kinds of plot");
	if (!a->run_count)
		return cli_usage("want a run directory to plot");
	if (a->label_count && a->label_count != a->run_count)
		return cli_usage("%zu labels are given for %zu run directories", a->label_count, a->run_count);
	r.label = a->label_count ? a->label : NULL;
	r.kind = plot_kind_find(a->kind, &e);
	if (!r.kind || choose_terminal(a, &r, &e) < 0)
		return cli_fail(&e);
	if (a->json && !r.output)
		return cli_json_and("picture");
	if (a->size && parse_size(a->size, &r.width, &r.height) < 0)
		return cli_usage("--size \"%s\": want WIDTHxHEIGHT, such as 720x450", a->size);
	if (plot_make(&r, &e) < 0)
		return cli_fail(&e);
	if (*notice)
		fprintf(stderr, "quern: gnuplot says: %s\n", notice);
	if (a->json)
		return cli_put_json(json_pack("{s:s, s:s, s:I, s:s?}", "kind", a->kind, "output", r.output, "runs", (json_int_t)r.run_count,
			"device", r.device));
	return cli_finish(0);
}

/* A sweep on standard input is read from a copy, since title and data both want it. */
static int plot_stdin(struct arguments *a)
{
	char path[PATH_MAX];
	struct err e = {0};
	if (cli_spool(path, &e) < 0)
		return cli_fail(&e);
	a->run[0] = path;
	int code = plot(a);
	unlink(path);
	return code;
}

static int list(const struct arguments *a)
{
	json_t *kinds = a->json ? json_array() : NULL;
	for (const struct cli_item *i = items; i->name; i++)
		if (a->json)
			json_array_append_new(kinds, json_pack("{s:s, s:s}", "name", i->name, "doc", i->doc));
		else
			printf("%-16s %s\n", i->name, i->doc);
	return a->json ? cli_put_json(kinds) : cli_finish(0);
}

static int run(int argc, char **argv)
{
	struct arguments a = {0};
	a.run = calloc((size_t)argc + 1, sizeof(*a.run));
	a.label = calloc((size_t)argc + 1, sizeof(*a.label));
	a.where = calloc((size_t)argc + 1, sizeof(*a.where));
	a.sweep.where = a.where;
	int code = ERR_LIMIT;
	if (a.run && a.label && a.where)
		code = cli_parse(&argp, argc, argv, &a);
	bool piped = a.run_count == 1 && !strcmp(a.run[0], "-");
	if (!code)
		code = a.list ? list(&a) : piped ? plot_stdin(&a) : plot(&a);
	free(a.run);
	free(a.label);
	free(a.where);
	return code;
}

const struct cli_command cmd_plot = {
	.name = "plot",
	.doc = "draw a picture of one or several run directories, or of a sweep",
	.run = run,
};
