/* SPDX-License-Identifier: GPL-3.0-or-later */
/* quern probe DEVICE: measure a simulated device from outside (run/probe.h). */
#include <string.h>

#include "cli/cli.h"
#include "cli/run_args.h"
#include "run/probe.h"

enum { KEY_SET = 0x100, KEY_FORCE, KEY_JSON, KEY_SEED };

struct probe_args {
	struct run_args common; /* sets, include_dirs, subject, output, force, json */
	bool seed_given;
};

static const struct argp_option options[] = {
	{"output", 'o', "DIR", 0, "Also write the figures, curves and the device's own tables there, for "
		"`quern plot`", 0},
	{"force", KEY_FORCE, NULL, 0, "Replace an existing run directory", 0},
	{"set", KEY_SET, "PATH=VALUE", 0, "Set a value over the device's file; may be repeated", 0},
	{"include", 'I', "DIR", 0, "Also look for included files in DIR; may be repeated", 0},
	{"json", KEY_JSON, NULL, 0, "Print the figures as JSON", 0},
	{"seed", KEY_SEED, "N", 0, "Seed of the random places", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct probe_args *a = state->input;
	struct run_args *c = &a->common;
	switch (key) {
	case 'o':
		c->output = arg;
		return 0;
	case KEY_FORCE:
		c->force = true;
		return 0;
	case KEY_SET:
		words_add(&c->sets, arg, &c->no_memory);
		return 0;
	case 'I':
		words_add(&c->include_dirs, arg, &c->no_memory);
		return 0;
	case KEY_JSON:
		c->json = true;
		return 0;
	case KEY_SEED:
		run_args_set(c, "--seed", "seed", arg, false);
		return 0;
	case ARGP_KEY_ARG:
		if (c->subject)
			argp_error(state, "want one device, got %s and %s", c->subject, arg);
		c->subject = arg;
		return 0;
	case ARGP_KEY_END:
		if (!c->subject)
			argp_error(state, "want a device of the catalogue (`quern list devices`) or a device file");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int put(const struct probe_args *a, const struct probe_result *r, struct err *e)
{
	const char *output = a->common.output;
	if (output && strcmp(output, "-") != 0) {
		struct rundir *d = rundir_open(output, a->common.force, e);
		int bad = !d || probe_write(r, d, e) < 0 || rundir_commit(d, e) < 0;
		rundir_free(d);
		if (bad)
			return -1;
	}
	if (a->common.json)
		return probe_json(r, stdout) < 0 ? err_set(e, ERR_LIMIT, "no memory for the figures") : 0;
	probe_text(r, stdout);
	if (output && strcmp(output, "-") != 0)
		printf("\nwritten to %s (quern plot %s -k probe-seek -o seek.svg)\n", output, output);
	return 0;
}

static int probe(const struct probe_args *a)
{
	struct err e = {0};
	const char *const devices[] = {a->common.subject, NULL};
	struct plan_input in = {
		.devices = devices,
		.sets = (const char *const *)a->common.sets.word,
		.include_dirs = (const char *const *)a->common.include_dirs.word,
	};
	struct plan *p = plan_load(&in, &e);
	struct probe_result *r = p ? probe_run(p, &e) : NULL;
	int code = 0;
	if (!r || put(a, r, &e) < 0)
		code = cli_fail(&e);
	probe_free(r);
	plan_free(p);
	return code;
}

static int run(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "DEVICE",
		.doc = "Measure a simulated device from outside, by its completion times alone, as microbenchmarks "
		       "measure real disks: rotation, zones, tracks, seek curve, buffer, interface, queue. What was "
		       "measured and what is configured stand side by side. A solid-state drive that has no past (precondition) is "
		       "written full first: reads of a blank one cost no flash time.",
	};
	struct probe_args a = {0};
	int code = cli_parse(&argp, argc, argv, &a);
	if (!code)
		code = a.common.no_memory ? cli_usage("no memory for the command line") : probe(&a);
	words_free(&a.common.sets);
	words_free(&a.common.include_dirs);
	return cli_finish(code);
}

const struct cli_command cmd_probe = {
	.name = "probe",
	.doc = "measure a simulated device from outside, as microbenchmarks do",
	.run = run,
};
