/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `quern report`: one page of one or several runs (run/report.h). */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/spool.h"
#include "run/report.h"

enum { KEY_TITLE = 256, KEY_FORCE, KEY_JSON };

static const struct argp_option options[] = {
	{"output", 'o', "FILE", 0, "Write the page there; \"-\" is the standard output; default: report.html", 0},
	{"label", 'l', "TEXT", 0, "Name of the first run directory in the page; again for the next ones", 0},
	{"title", KEY_TITLE, "TEXT", 0, "Heading of the page; default: workload and device", 0},
	{"force", KEY_FORCE, NULL, 0, "Replace an existing file", 0},
	{"json", KEY_JSON, NULL, 0, "Say as JSON what is in the page", 0},
	{0},
};

struct arguments {
	struct report_request request;
	const char **run, **label; /* owned; room for every word of the command line */
	size_t label_count;
	bool json;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;
	switch (key) {
	case 'o':
		a->request.output = arg;
		return 0;
	case 'l':
		a->label[a->label_count++] = arg;
		return 0;
	case KEY_TITLE:
		a->request.title = arg;
		return 0;
	case KEY_FORCE:
		a->request.force = true;
		return 0;
	case KEY_JSON:
		a->json = true;
		return 0;
	case ARGP_KEY_ARG:
		a->run[a->request.run_count++] = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options, parse_option, "RUNDIR... | SWEEP",
	"Write one self-contained HTML page of a run directory, of several side by side, or of a sweep (- is a sweep.db on standard "
	"input): figures, health, pictures, configuration.",
	NULL, NULL, NULL,
};

static int report(struct arguments *a)
{
	struct err e = {0};
	struct report_result made;
	if (!a->request.run_count)
		return cli_usage("want a run directory to report on");
	if (a->label_count && a->label_count != a->request.run_count)
		return cli_usage("%zu labels are given for %zu run directories", a->label_count, a->request.run_count);
	a->request.run = a->run;
	a->request.label = a->label_count ? a->label : NULL;
	bool piped = !strcmp(a->request.output, "-");
	if (a->json && piped)
		return cli_usage("--json and the page cannot both go to the standard output");
	if (report_make(&a->request, &made, &e) < 0)
		return cli_fail(&e);
	if (a->json)
		printf("{\"runs\": %zu, \"figures\": %zu, \"pictures\": %zu, \"settings\": %zu}\n", a->request.run_count, made.figures,
			made.pictures, made.settings);
	else if (!piped)
		printf("%s: %zu figures, %zu pictures, %zu settings\n", a->request.output, made.figures, made.pictures, made.settings);
	return cli_finish(0);
}

/* A sweep on standard input, from a copy. */
static int report_stdin(struct arguments *a)
{
	char path[PATH_MAX];
	struct err e = {0};
	if (cli_spool(path, &e) < 0)
		return cli_fail(&e);
	a->run[0] = path;
	if (a->label_count == 0)
		a->label[a->label_count++] = "standard input";
	int code = report(a);
	unlink(path);
	return code;
}

static int run(int argc, char **argv)
{
	struct arguments a = {.request.output = "report.html"};
	a.run = calloc((size_t)argc + 1, sizeof(*a.run));
	a.label = calloc((size_t)argc + 1, sizeof(*a.label));
	int code = ERR_LIMIT;
	if (a.run && a.label)
		code = cli_parse(&argp, argc, argv, &a);
	bool piped = a.request.run_count == 1 && !strcmp(a.run[0], "-");
	if (!code)
		code = piped ? report_stdin(&a) : report(&a);
	free(a.run);
	free(a.label);
	return code;
}

const struct cli_command cmd_report = {
	.name = "report",
	.doc = "write a page of runs or of a sweep: figures, pictures, configuration",
	.run = run,
};
