/* SPDX-License-Identifier: GPL-3.0-or-later */
/* quern replay TRACE --device NAME: a trace on a device without writing a config. */
#include "cli/cli.h"
#include "cli/run_args.h"


enum { KEY_FORMAT = 0x200, KEY_MODE, KEY_DEPTH, KEY_RANGE, KEY_SCALE, KEY_SKIP, KEY_LIMIT,
	KEY_TRACE_DEVICE, KEY_TRACE_MAP, KEY_QUEUE_DEPTH, KEY_ACTION, KEY_SORT };

static const struct argp_option options[] = {
	{"device", 'd', "NAME", 0, "Device of the catalogue (`quern list devices`) or a config file; repeated: "
		"the devices of the trace go to them in order", 1},
	{"format", KEY_FORMAT, "NAME", 0, "Trace format (`quern list formats`) instead of detecting it", 1},
	{"mode", KEY_MODE, "MODE", 0, "open: at recorded arrivals; think: one at a time, pauses kept; depth: a "
		"fixed number outstanding. Default: as the trace's format suggests", 1},
	{"depth", KEY_DEPTH, "N", 0, "Outstanding requests of mode depth", 1},
	{"range", KEY_RANGE, "POLICY", 0, "Addresses past the device's end: error, wrap, scale or clip", 1},
	{"time-scale", KEY_SCALE, "X", 0, "Multiply arrival times and pauses by X", 1},
	{"skip", KEY_SKIP, "N", 0, "Leave out the first N records", 1},
	{"limit", KEY_LIMIT, "N", 0, "Replay at most N records", 1},
	{"trace-device", KEY_TRACE_DEVICE, "N", 0, "Replay only device N of the trace, or all (merged)", 1},
	{"trace-map", KEY_TRACE_MAP, "A,B,...", 0, "Devices of the trace that the given devices serve, in order", 1},
	{"queue-depth", KEY_QUEUE_DEPTH, "N", 0, "Requests in the device at once; the rest wait in the host's queue", 1},
	{"sort-window", KEY_SORT, "N", 0, "Put records whose times step back in order, within N", 1},
	{"action", KEY_ACTION, "Q|D|C", 0, "Which event of a blkparse trace is the request", 1},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	static const struct {
		int key;
		const char *option, *path;
	} assigned[] = {
		{KEY_FORMAT, "--format", "replay.format"},
		{KEY_MODE, "--mode", "replay.mode"},
		{KEY_DEPTH, "--depth", "replay.depth"},
		{KEY_RANGE, "--range", "replay.range"},
		{KEY_SCALE, "--time-scale", "replay.time_scale"},
		{KEY_SKIP, "--skip", "replay.skip"},
		{KEY_LIMIT, "--limit", "replay.limit"},
		{KEY_TRACE_DEVICE, "--trace-device", "replay.trace_device"},
		{KEY_TRACE_MAP, "--trace-map", "replay.trace_map"},
		{KEY_QUEUE_DEPTH, "--queue-depth", "replay.queue_depth"},
		{KEY_ACTION, "--action", "replay.blkparse_action"},
		{KEY_SORT, "--sort-window", "replay.sort_window"},
	};
	struct run_args *a = state->input;
	for (size_t i = 0; i < sizeof(assigned) / sizeof(*assigned); i++)
		if (assigned[i].key == key) {
			run_args_set(a, assigned[i].option, assigned[i].path, arg, key == KEY_TRACE_MAP);
			/* a depth without a mode can only mean one */
			a->depth_given |= key == KEY_DEPTH;
			a->mode_given |= key == KEY_MODE;
			return 0;
		}
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = a;
		return 0;
	case 'd':
		words_add(&a->devices, arg, &a->no_memory);
		return 0;
	case ARGP_KEY_ARG:
		if (a->subject)
			argp_error(state, "want one trace, got %s and %s", a->subject, arg);
		a->subject = arg;
		return 0;
	case ARGP_KEY_END:
		if (!a->subject)
			argp_error(state, "want a trace file");
		if (!a->devices.count)
			argp_error(state, "want --device NAME (see `quern list devices`)");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int run(int argc, char **argv)
{
	static const struct argp_child children[] = {{&run_args_argp, 0, NULL, 0}, {0}};
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "TRACE",
		.doc = "Replay TRACE (plain or compressed, - for standard input) on one or more devices. "
		       "Prints a summary and writes a run directory.",
		.children = children,
	};
	return run_args_go(&argp, true, argc, argv);
}

const struct cli_command cmd_replay = {
	.name = "replay",
	.doc = "replay a recorded trace on a device",
	.run = run,
};
