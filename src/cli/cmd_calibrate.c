/* SPDX-License-Identifier: GPL-3.0-or-later */
/* quern calibrate DEVICE --trace FILE: fit a disk to the first half of a measured trace. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/json.h"
#include "disk/disk.h"
#include "run/calibrate.h"
#include "run/plan.h"

enum { KEY_SEED = 0x500, KEY_JSON };

struct calibrate_args {
	const char *device, *trace, *output;
	uint64_t seed;
	bool json;
};

static const struct argp_option options[] = {
	{"trace", 't', "FILE", 0, "The measured trace (format `measured`: one request at a time, with responses)", 0},
	{"output", 'o', "FILE", 0, "Write the device file there instead of to standard output", 0},
	{"json", KEY_JSON, NULL, 0, "Say as JSON how well it fits; with -o", 0},
	{"seed", KEY_SEED, "N", 0, "Seed of what is tried at random; default 1", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct calibrate_args *a = state->input;
	char *end = NULL;
	switch (key) {
	case 't':
		a->trace = arg;
		return 0;
	case 'o':
		a->output = arg;
		return 0;
	case KEY_JSON:
		a->json = true;
		return 0;
	case KEY_SEED:
		errno = 0;
		a->seed = strtoull(arg, &end, 10);
		if (*arg < '0' || *arg > '9' || *end || errno)
			argp_error(state, "--seed %s: want a whole number", arg);
		return 0;
	case ARGP_KEY_ARG:
		if (a->device)
			argp_error(state, "want one device, got %s and %s", a->device, arg);
		a->device = arg;
		return 0;
	case ARGP_KEY_END:
		if (!a->device)
			argp_error(state, "want a device of the catalogue or a device file");
		if (!a->trace)
			argp_error(state, "want --trace FILE");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const char *leaf(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static int write_out(const struct calibration *c, const struct calibrate_args *a, struct err *e)
{
	FILE *out = a->output ? fopen(a->output, "w") : stdout;
	if (!out)
		return err_set(e, ERR_IO, "cannot open %s: %s", a->output, strerror(errno));
	int bad = calibrate_write(c, leaf(a->device), leaf(a->trace), out, e);
	if (a->output && fclose(out) != 0 && !bad)
		bad = err_set(e, ERR_IO, "cannot write %s: %s", a->output, strerror(errno));
	return bad;
}

static json_t *figures(const struct demerit_figures *f)
{
	return json_pack("{s:f, s:f, s:f}", "demerit_ms", f->demerit_ms, "rms_ms", f->rms_ms, "median_abs_ms", f->median_abs_ms);
}

static int tell(const struct calibration *c, const struct calibrate_args *a)
{
	if (!a->json) {
		fprintf(stderr, "first half (%zu requests): demerit %.3f ms, was %.3f; rms %.2f ms, was %.2f; median %.3f ms, was %.3f\n",
			c->trace->half, c->after.demerit_ms, c->before.demerit_ms, c->after.rms_ms, c->before.rms_ms, c->after.median_abs_ms,
			c->before.median_abs_ms);
		return 0;
	}
	return cli_put_json(json_pack("{s:s, s:s, s:s, s:I, s:o, s:o}", "device", a->device, "trace", a->trace, "output", a->output,
		"requests", (json_int_t)c->trace->half, "before", figures(&c->before), "after", figures(&c->after)));
}

/* The fitted device, written; NULL with *e set. */
static const struct calibration *fit(const struct calibrate_args *a, const struct plan *p, struct arena *arena, struct err *e)
{
	uint32_t nsid;
	const struct plan_component *d = plan_driven(p, 0, &nsid);
	if (d->ops != &disk_ops) {
		err_set(e, ERR_CONFIG, "%s: only a magnetic disk (model: disk) can be calibrated", a->device);
		return NULL;
	}
	const struct measured *m = measured_load(arena, a->trace, e);
	const struct calibration *c = m ? calibrate(arena, d->spec, m, a->seed, e) : NULL;
	return c && write_out(c, a, e) == 0 ? c : NULL;
}

static int run(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "DEVICE --trace FILE",
		.doc = "Fit a disk's parameters to a measured trace and write the fitted device file, with what was "
		       "changed in its comments. Only the first half of the trace is used: spindle speed, skews and zone "
		       "offsets from the rotational phase; command times, bus and seek curve by a search on the simulator; "
		       "the rules of the buffer by trying. Every parameter stays within physical bounds.",
	};
	struct calibrate_args a = {.seed = 1};
	int code = cli_parse(&argp, argc, argv, &a);
	if (code)
		return code;
	if (a.json && !a.output)
		return cli_json_and("device file");
	struct err e = {0};
	struct arena *arena = arena_new();
	const char *devices[] = {a.device, NULL};
	struct plan_input in = {.devices = devices};
	struct plan *p = arena ? plan_load(&in, &e) : NULL;
	if (!arena)
		err_set(&e, ERR_LIMIT, "no memory for a calibration");
	const struct calibration *c = p ? fit(&a, p, arena, &e) : NULL;
	code = c ? tell(c, &a) : cli_fail(&e);
	plan_free(p);
	arena_free(arena);
	return cli_finish(code);
}

const struct cli_command cmd_calibrate = {
	.name = "calibrate",
	.doc = "fit a disk to the first half of a measured trace",
	.run = run,
};
