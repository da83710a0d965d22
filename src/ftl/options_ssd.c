/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of the solid-state drive. What needs several parts is checked when it is opened. */
#include <inttypes.h>
#include <stdio.h>

#include "flash/nand_geom.h"
#include "ftl/options.h"
#include "ftl/ssd.h"

static const struct opt_choice pattern_choices[] = {
	[SSD_UNIFORM] = {"uniform", "every unit alike"},
	[SSD_ZIPF] = {"zipf", "the k-th most frequent unit with weight k^-theta; they lie apart"},
	[SSD_HOT_COLD] = {"hot-cold", "hot_writes of the writes go to the first hot_units of the units"},
	[SSD_TRACE] = {"trace", "the writes and trims of a file, again and again"},
	{NULL, NULL},
};
static const struct opt_choice range_choices[] = {
	[SSD_RANGE_ERROR] = {"error", "refuse it"},
	[SSD_RANGE_WRAP] = {"wrap", "take it modulo the size of the drive"},
	{NULL, NULL},
};

#define SHARE(name, field, d, text) {.key = name, .type = OPT_SCALAR, .unit = UNIT_RATIO, \
	.offset = FIELD(ssd_precondition_spec, field), .min = "0", .max = "1", .def = d, .doc = text}

static const struct opt_row precondition_rows[] = {
	SHARE("fill", fill, "0", "share of the logical units written in order before the run"),
	{.key = "overwrite", .type = OPT_SCALAR, .unit = UNIT_RATIO, .offset = FIELD(ssd_precondition_spec, overwrite), .min = "0",
	 .max = "1000", .def = "0", .doc = "writes that follow, as a multiple of the logical units"},
	{.key = "span", .type = OPT_SCALAR, .unit = UNIT_RATIO, .offset = FIELD(ssd_precondition_spec, span), .min = "0.000001",
	 .max = "1", .def = "1", .doc = "share of the logical units, the first ones, that they go to"},
	{.key = "pattern", .type = OPT_ENUM, .offset = FIELD(ssd_precondition_spec, pattern), .def = "uniform",
	 .choices = pattern_choices, .doc = "where they go"},
	{.key = "theta", .type = OPT_SCALAR, .offset = FIELD(ssd_precondition_spec, theta), .unit = UNIT_RATIO, .min = "0.01",
	 .max = "10", .def = "1", .doc = "of pattern zipf"},
	SHARE("hot_writes", hot_writes, "0.8", "of pattern hot-cold: share of the writes"),
	SHARE("hot_units", hot_units, "0.2", "of pattern hot-cold: share of the units they go to"),
	{.key = "trace", .type = OPT_FILE, .offset = FIELD(ssd_precondition_spec, trace), .def = "",
	 .doc = "of pattern trace: the file, plain or compressed, repeated until overwrite is reached"},
	{.key = "format", .type = OPT_STRING, .offset = FIELD(ssd_precondition_spec, format), .def = "",
	 .doc = "its format, one of `quern list formats`; by default it is detected"},
	{.key = "trace_range", .type = OPT_ENUM, .offset = FIELD(ssd_precondition_spec, trace_range), .def = "error",
	 .choices = range_choices, .doc = "what to do with an address past the end of the drive"},
	{.key = "seed", .type = OPT_SCALAR, .offset = FIELD(ssd_precondition_spec, seed), .min = "-1", .def = "-1",
	 .doc = "of all that is drawn before the run, so that drives have one past whatever the seed of the run, and the points of a "
	 "sweep share it; the run's own draws begin behind it, and behind a state that is loaded. -1: the run's seed, in one stream with "
	 "it"},
	{0},
};

static int precondition_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct ssd_precondition_spec *s = bound;
	bool trace = s->pattern == SSD_TRACE;
	*key = "trace";
	if (trace && !*s->trace)
		return snprintf(why, why_bytes, "want the file that pattern trace repeats"), -1;
	if (!trace && *s->trace)
		return snprintf(why, why_bytes, "is of no use without pattern: trace"), -1;
	if (trace && s->overwrite <= 0) {
		*key = "overwrite";
		return snprintf(why, why_bytes, "want how much of the drive pattern trace is to write, such as 1"), -1;
	}
	return 0;
}

static const struct opt_group precondition_group = {"ssd precondition",
	"what was written before the run: the same map and cleaning without time", precondition_rows,
	sizeof(struct ssd_precondition_spec), precondition_check};

static const struct opt_row moves_rows[] = {
	{.key = "ahead", .type = OPT_SCALAR, .offset = FIELD(ftl_ssd_gc_spec, moves), .min = "1", .max = "4096", .def = "4",
	 .doc = "programs of each plane of a region that a cleaning job has under way at a time: cleaning is incremental, and what the "
	 "host wants comes between; few for short waits, many for fast cleaning"},
	{.key = "copyback", .type = OPT_BOOL, .offset = FIELD(ftl_ssd_gc_spec, copyback), .def = "false",
	 .doc = "moves that stay in their plane do not cross the bus: without superblocks all of them; with them those for which the "
	 "stripe's next page is in the same plane, about one in as many as the superblock has planes; with flash.copyback.parity about "
	 "half of these. Wants flash.copyback.allowed, and units and programs of a page"},
	{0},
};
static const struct opt_group moves_group = {"ssd moves", "how cleaning moves units", moves_rows, sizeof(struct ftl_ssd_gc_spec),
	NULL};

/* A copyback programs the one page that was read. Why none ever can: NULL where some may. */
static const char *no_copyback(const struct ssd_spec *s)
{
	const struct flash_geometry_spec *g = &s->flash.geometry;
	if (!s->flash.copyback.allowed)
		return "where flash.copyback.allowed is false";
	if (s->ftl.map.unit_bytes > 0 && s->ftl.map.unit_bytes < g->page_bytes)
		return "with ftl.map.unit smaller than the page, which is then put together from several pages";
	if (g->program_unit == NAND_UNIT_WORDLINE && nand_cell_bits((enum nand_cell)g->cell) > 1)
		return "with flash.geometry.program_unit: wordline, whose programs take several pages";
	return NULL;
}

static int ssd_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct ssd_spec *s = bound;
	const char *never;
	if (s->namespaces.count > 0 && s->front.kind == FRONT_sata) {
		*key = "namespaces";
		return snprintf(why, why_bytes, "Serial ATA has none: want front.kind: nvme"), -1;
	}
	if (!s->front.nvme.share_queues && (s->namespaces.count == 0 || s->front.kind != FRONT_nvme)) {
		*key = "front";
		return snprintf(why, why_bytes, "nvme.share_queues: false wants front.kind: nvme, and namespaces"), -1;
	}
	if (!s->front.nvme.share_queues && (uint64_t)s->front.nvme.queues < s->namespaces.count) {
		*key = "front";
		return snprintf(why, why_bytes, "nvme.share_queues: false wants a queue pair for each of the %zu namespaces, and there are "
			"%" PRId64, s->namespaces.count, s->front.nvme.queues), -1;
	}
	if (s->moves.copyback && (never = no_copyback(s)) != NULL) {
		*key = "moves.copyback";
		return snprintf(why, why_bytes, "is of no use %s", never), -1;
	}
	bool erases = s->sched.suspend != FTL_SUSPEND_NONE, programs = s->sched.suspend == FTL_SUSPEND_ALL;
	if ((erases && !s->flash.suspend.erase) || (programs && !s->flash.suspend.program)) {
		*key = "sched";
		return snprintf(why, why_bytes, "suspend: %s wants flash that can be suspended: flash.suspend: {erase: true%s}",
			programs ? "all" : "erase", programs ? ", program: true" : ""), -1;
	}
	return 0;
}

static const char *without_map(const void *bound) { return ftl_without_map(&((const struct ssd_spec *)bound)->ftl); }

#define PART(name, field, g, text) {.key = name, .type = OPT_GROUP, .offset = FIELD(ssd_spec, field), .group = &g, .doc = text}
#define MAPPED(name, field, g, text) {.key = name, .type = OPT_GROUP, .offset = FIELD(ssd_spec, field), .group = &g, \
	.idle = without_map, .doc = text}
#define TIME(name, field, most, d, text) {.key = name, .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(ssd_spec, field), \
	.min = "0", .max = most, .def = d, .doc = text}

static const struct opt_row ssd_rows[] = {
	{.key = "name", .type = OPT_STRING, .offset = FIELD(ssd_spec, name), .def = "unnamed ssd", .doc = "model name, for reports"},
	{.key = "namespaces", .type = OPT_LIST, .unit = UNIT_BYTES, .offset = FIELD(ssd_spec, namespaces), .min = "512 B", .def = "",
	 .doc = "NVMe namespaces: the size of each, in the order of their numbers (1, 2...); each is driven as a device of its own, such "
	 "as ssd0n1; by default the drive is one"},
	PART("flash", flash, flash_options, "the NAND flash"),
	PART("ftl", ftl, ftl_options, "the translation layer"),
	PART("sched", sched, ftl_sched_group, "which transaction goes next to which die"),
	PART("front", front, front_group, "how commands and data get to the controller and back"),
	PART("buffer", buffer, ftl_buffer_group, "the DRAM buffer"),
	MAPPED("moves", moves, moves_group, "how cleaning moves units"),
	MAPPED("mount", mount, ftl_mount_group, "what a power cut leaves, and how the map is found again"),
	PART("precondition", precondition, precondition_group, "what was written before the run"),
	{.key = "idle_flush", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(ssd_spec, idle_flush_ps), .min = "0", .max = "3600 s",
	 .def = "1 ms", .idle = without_map, .doc = "after so long without a command the buffer is written to flash"},
	TIME("power_up", power_up_ps, "600 s", "0", "from power restored to the first command served"),
	{0},
};
const struct opt_group ssd_options = {"ssd", "solid-state drive", ssd_rows, sizeof(struct ssd_spec), ssd_check};
