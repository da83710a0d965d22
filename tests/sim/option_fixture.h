/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For tests of options: a group with one row of every type, and a way to bind a text to it.
 */
#ifndef QUERN_TESTS_SIM_OPTION_FIXTURE_H
#define QUERN_TESTS_SIM_OPTION_FIXTURE_H

#include "config_fixture.h"

#include <stdint.h>

#include "sim/option.h"

enum { FCFS, C_LOOK, SPTF };

static const struct opt_choice schedulers[] = {
	{ "fcfs", "first come, first served" },
	{ "c-look", "one way over the disk, then back to the first" },
	{ "sptf", "shortest positioning time first" },
	{ NULL, NULL },
};

struct limits {
	int64_t low;
	int64_t high;
};

static const struct opt_row limits_rows[] = {
	{ .key = "low", .type = OPT_SCALAR, .unit = UNIT_NONE,
		.offset = offsetof(struct limits, low), .def = "1", .doc = "Lower limit." },
	{ .key = "high", .type = OPT_SCALAR, .unit = UNIT_NONE,
		.offset = offsetof(struct limits, high), .def = "9", .doc = "Upper limit." },
	{ .key = NULL },
};

static int check_limits(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct limits *l = bound;

	if (l->low > 100 && l->high > 100) {
		*key = "";
		snprintf(why, why_bytes, "one of low and high must be at most 100");
		return -1;
	}
	if (l->low <= l->high)
		return 0;
	*key = "low";
	snprintf(why, why_bytes, "want at most high (%lld)", (long long)l->high);
	return -1;
}

static const struct opt_group limits_group = { "limits", "Limits.", limits_rows,
	sizeof(struct limits), check_limits };

struct zone {
	int64_t heads;
	int64_t skew_ps;
	char *name;
	struct limits limits;
};

static const struct opt_row zone_rows[] = {
	{ .key = "heads", .type = OPT_SCALAR, .unit = UNIT_NONE,
		.offset = offsetof(struct zone, heads), .min = "1", .max = "32",
		.doc = "Heads of the zone." },
	{ .key = "skew", .type = OPT_SCALAR, .unit = UNIT_TIME,
		.offset = offsetof(struct zone, skew_ps), .def = "0", .doc = "Skew." },
	{ .key = "name", .type = OPT_STRING, .offset = offsetof(struct zone, name), .def = "",
		.doc = "Name." },
	{ .key = "limits", .type = OPT_GROUP, .offset = offsetof(struct zone, limits),
		.doc = "Limits of the zone.", .group = &limits_group },
	{ .key = NULL },
};

static const struct opt_group zone_group = { "disk zone", "A zone.", zone_rows,
	sizeof(struct zone), NULL };

struct drive {
	int64_t rpm;
	int64_t bytes;
	double ratio;
	double rate;
	bool fast;
	int scheduler;
	char *title;
	char *file;
	struct limits limits;
	struct opt_table zones;
	struct opt_list delays;
	struct opt_list factors;
	struct opt_curve seek;
	int64_t untouched;
};

#define AT(member) .offset = offsetof(struct drive, member)

static const struct opt_row drive_rows[] = {
	{ .key = "rpm", .type = OPT_SCALAR, .unit = UNIT_RPM, AT(rpm), .min = "100 rpm",
		.max = "30000 rpm", .doc = "Rotational speed of the spindle." },
	{ .key = "bytes", .type = OPT_SCALAR, .unit = UNIT_BYTES, AT(bytes), .min = "512 B",
		.def = "4 KiB", .doc = "Bytes." },
	{ .key = "ratio", .type = OPT_SCALAR, .unit = UNIT_RATIO, AT(ratio), .min = "0",
		.max = "100 %", .def = "67 %", .doc = "Ratio." },
	{ .key = "rate", .type = OPT_SCALAR, .unit = UNIT_IOPS, AT(rate), .max = "1 M/s",
		.def = "500 /s", .doc = "Rate." },
	{ .key = "fast", .type = OPT_BOOL, AT(fast), .def = "yes", .doc = "Fast." },
	{ .key = "scheduler", .type = OPT_ENUM, AT(scheduler), .def = "c-look",
		.doc = "Order of service.", .choices = schedulers },
	{ .key = "title", .type = OPT_STRING, AT(title), .def = "# a drive: {x}", .doc = "Title." },
	{ .key = "file", .type = OPT_FILE, AT(file), .def = "std/x.bin", .doc = "File." },
	{ .key = "limits", .type = OPT_GROUP, AT(limits), .doc = "Limits.",
		.group = &limits_group },
	{ .key = "zones", .type = OPT_TABLE, AT(zones), .def = "", .doc = "Zones.",
		.group = &zone_group },
	{ .key = "delays", .type = OPT_LIST, .unit = UNIT_TIME, AT(delays), .min = "0",
		.def = "[1 ms, 2 ms]", .doc = "Delays." },
	{ .key = "factors", .type = OPT_LIST, .unit = UNIT_NUMBER, AT(factors), .def = "",
		.doc = "Factors." },
	{ .key = "seek", .type = OPT_CURVE, .unit = UNIT_TIME, AT(seek), .min = "0", .def = "",
		.doc = "Seek time over distance." },
	{ .key = NULL },
};

static const struct opt_group drive_group = { "drive", "A drive.", drive_rows,
	sizeof(struct drive), NULL };

/* ---- the test's surroundings */

static struct config *c;
static struct arena *a;
static struct err e;
static struct drive d;

static void open_all(void)
{
	fixture_open();
	c = config_new(NULL);
	a = arena_new();
	e = (struct err){ .code = ERR_NONE };
	ck_assert(c != NULL && a != NULL);
}

static void close_all(void)
{
	config_free(c);
	arena_free(a);
	fixture_close();
}

static int bind(const char *yaml)
{
	static const char *const reserved[] = { "type", NULL };

	config_free(c);
	c = config_new(NULL);
	write_file("a.yaml", yaml);
	memset(&d, 0x55, sizeof(d));
	if (config_load(c, "a.yaml", &e) != 0)
		return -1;
	return config_bind(config_get(config_root(c), "disk0"), "disk0", &drive_group, reserved, &d,
		a, &e);
}

static void binds(const char *yaml)
{
	ck_assert_msg(bind(yaml) == 0, "%s", e.msg);
}

#endif
