/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of the host's memory: swap area, files, writeback, reclaim. */
#include <inttypes.h>
#include <stdio.h>

#include "host/options.h"

#define COUNT(k, s, field, least, most, d, text) {.key = k, .type = OPT_SCALAR, .offset = HOST_FIELD(s, field), .min = least, \
	.max = most, .def = d, .doc = text}
#define FLAG(k, s, field, d, text) {.key = k, .type = OPT_BOOL, .offset = HOST_FIELD(s, field), .def = d, .doc = text}

/* ---- the swap area --------------------------------------------------------------------------------------------- */

static int swap_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct host_swap_spec *s = bound;
	if (!power_of_two(s->readahead)) {
		*key = "readahead";
		return snprintf(why, why_bytes, "%" PRId64 " is no power of two", s->readahead), -1;
	}
	return 0;
}

static const struct opt_choice discard_choices[] = {
	[HOST_DISCARD_NONE] = {"none", "the device is told nothing"},
	[HOST_DISCARD_PAGES] = {"pages", "each slot that is freed is trimmed"},
	[HOST_DISCARD_CLUSTERS] = {"clusters", "a cluster is trimmed when its last slot is freed"},
	{NULL, NULL},
};

/* Clusters of 256 slots (SWAPFILE_CLUSTER) and a window of 8 (vm.page-cluster 3): Linux. */
static const struct opt_row swap_rows[] = {
	{.key = "size", .type = OPT_SCALAR, .unit = UNIT_BYTES, .offset = HOST_FIELD(host_swap_spec, bytes), .min = "0", .max = "8 TiB",
	 .def = "1 GiB", .doc = "the swap area; 0: none"},
	COUNT("cluster", host_swap_spec, cluster, "1", "65536", "256", "slots of a cluster, which are given out one after another"),
	COUNT("readahead", host_swap_spec, readahead, "1", "64", "8", "slots of the aligned window from which what follows each other around a "
		"slot is read with it, as far as frames are to be had at once: free ones, or those of clean pages; where pages in memory are dirty, "
		"reclaim.low and high are what keeps some free. A power of two"),
	FLAG("reuse", host_swap_spec, reuse, "false", "a page that is written keeps its slot and goes back there; false: the slot is freed"),
	{.key = "discard", .type = OPT_ENUM, .offset = HOST_FIELD(host_swap_spec, discard), .def = "none", .choices = discard_choices,
	 .doc = "what of the freed is trimmed; on a device without TRIM (disks) nothing is, as swapon of Linux has it"},
	{0},
};
const struct opt_group host_swap_group = {"host swap", "the swap area", swap_rows, sizeof(struct host_swap_spec), swap_check};

/* ---- files ----------------------------------------------------------------------------------------------------- */

static int file_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct host_file_spec *s = bound;
	if (!power_of_two(s->fault_around)) {
		*key = "fault_around";
		return snprintf(why, why_bytes, "%" PRId64 " is no power of two", s->fault_around), -1;
	}
	if (s->readahead_initial > s->readahead) {
		*key = "readahead_initial";
		return snprintf(why, why_bytes, "a window that begins at %" PRId64 " pages cannot grow to %" PRId64 " (readahead)",
			s->readahead_initial, s->readahead), -1;
	}
	return 0;
}

/* 32 pages: read_ahead_kb 128; 16 pages: fault_around_bytes 65536; both of Linux. */
static const struct opt_row file_rows[] = {
	COUNT("readahead", host_file_spec, readahead, "1", "1024", "32", "pages read at once at most"),
	COUNT("readahead_initial", host_file_spec, readahead_initial, "0", "1024", "4", "pages of the first window, which doubles while the "
		"file is read in order; 0: always `readahead`"),
	COUNT("fault_around", host_file_spec, fault_around, "1", "512", "16", "pages of the aligned window around a fault of which those in "
		"memory are mapped too; a power of two"),
	FLAG("notify", host_file_spec, notify, "true", "the first write to a clean page of a shared mapping faults, which is how a kernel "
		"counts dirty pages"),
	{0},
};
const struct opt_group host_file_group = {"host file", "files and the page cache", file_rows, sizeof(struct host_file_spec), file_check};

/* ---- writeback ------------------------------------------------------------------------------------------------- */

/* Linux: dirty_background_ratio 10, dirty_ratio 20, dirty_expire_centisecs 3000, dirty_writeback_centisecs 500. */
static const struct opt_row writeback_rows[] = {
	{.key = "background", .type = OPT_SCALAR, .unit = UNIT_RATIO, .offset = HOST_FIELD(host_writeback_spec, background), .min = "0",
	 .max = "1", .def = "0.1", .doc = "share of memory that may be dirty pages of files before they are written"},
	{.key = "hard", .type = OPT_SCALAR, .unit = UNIT_RATIO, .offset = HOST_FIELD(host_writeback_spec, hard), .min = "0",
	 .max = "1", .def = "0.2", .doc = "share at which a thread that makes another page dirty waits; where it is not above `background`, pages are written "
		"from half of it on, as Linux does"},
	{.key = "expire", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = HOST_FIELD(host_writeback_spec, expire_ps), .min = "0", .max = "1 d",
	 .def = "30 s", .doc = "age at which a file's dirty pages are written in any case"},
	{.key = "interval", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = HOST_FIELD(host_writeback_spec, interval_ps), .min = "0",
	 .max = "1 d", .def = "5 s", .doc = "between two looks for such; 0: never"},
	COUNT("batch", host_writeback_spec, batch, "1", "1024", "256", "pages of one write at most"),
	COUNT("depth", host_writeback_spec, depth, "1", "1024", "8", "writes under way at once, but for those of a sync"),
	{0},
};
const struct opt_group host_writeback_group = {"host writeback", "writing dirty pages of files", writeback_rows,
	sizeof(struct host_writeback_spec), NULL};

/* ---- reclaim --------------------------------------------------------------------------------------------------- */

static int reclaim_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct host_reclaim_spec *s = bound;
	if (s->high < s->low) {
		*key = "high";
		return snprintf(why, why_bytes, "reclaim that begins below %" PRId64 " free frames (low) cannot end at %" PRId64, s->low,
			s->high), -1;
	}
	return 0;
}

static const struct opt_row reclaim_rows[] = {
	COUNT("low", host_reclaim_spec, low, "0", "1073741824", "0", "free frames below which pages are evicted ahead of need; 0: only when a "
		"frame is needed"),
	COUNT("high", host_reclaim_spec, high, "0", "1073741824", "0", "free frames at which that ends"),
	COUNT("batch", host_reclaim_spec, batch, "1", "1024", "32", "pages of one write to swap at most, where their slots follow each other"),
	{0},
};
const struct opt_group host_reclaim_group = {"host reclaim", "taking frames back", reclaim_rows, sizeof(struct host_reclaim_spec),
	reclaim_check};
