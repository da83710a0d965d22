/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of garbage collection. */
#include <inttypes.h>
#include <stdio.h>

#include "ftl/options.h"
#include "ftl/victim.h"

static int gc_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct ftl_gc_spec *s = bound;
	if (s->reserve > s->low) {
		*key = "reserve";
		return snprintf(why, why_bytes, "%" PRId64 " blocks are kept from the host, so cleaning must begin below as many: low is %"
			PRId64, s->reserve, s->low), -1;
	}
	if (s->hard > 0 && !s->preemptible) {
		*key = "hard";
		return snprintf(why, why_bytes, "is of no use without preemptible: true"), -1;
	}
	if (s->preemptible && s->hard >= s->low) {
		*key = "hard";
		return snprintf(why, why_bytes, "cleaning begins below %" PRId64 " free blocks (low), so it would never pause for a read: want "
			"less", s->low), -1;
	}
	if (s->high != 0 && s->high < s->low) {
		*key = "high";
		return snprintf(why, why_bytes, "cleaning that begins below %" PRId64 " free blocks (low) cannot end at %" PRId64, s->low,
			s->high), -1;
	}
	return 0;
}

#define BLOCKS(name, field, least, d, text) {.key = name, .type = OPT_SCALAR, .offset = FIELD(ftl_gc_spec, field), .min = least, \
	.max = "1048576", .def = d, .doc = text}

static const struct opt_row gc_rows[] = {
	{.key = "policy", .type = OPT_ENUM, .offset = FIELD(ftl_gc_spec, policy), .def = "greedy", .choices = ftl_victim_choices,
	 .doc = "which full block is cleaned next"},
	BLOCKS("low", low, "1", "2", "free blocks of a region below which writes wait for cleaning"),
	BLOCKS("high", high, "0", "0", "free blocks of a region at which such cleaning ends; 0: low"),
	BLOCKS("background", background, "0", "0", "free blocks of a region below which idle time is used to clean; 0: it is not"),
	BLOCKS("reserve", reserve, "1", "1", "free blocks of a region that host writes leave to cleaning"),
	BLOCKS("choices", choices, "1", "10", "d of policy d-choices"),
	BLOCKS("window", window, "1", "64", "blocks that policy windowed-greedy chooses from"),
	{.key = "threshold", .type = OPT_SCALAR, .unit = UNIT_RATIO, .offset = FIELD(ftl_gc_spec, threshold), .min = "0", .max = "1",
	 .def = "0.07", .doc = "share of a block that must be invalid for policy random++"},
	{.key = "pace", .type = OPT_BOOL, .offset = FIELD(ftl_gc_spec, pace), .def = "false",
	 .doc = "writes and moves of a region take turns in the proportion in which the victim holds invalid and valid units, in place "
	 "of each as fast as it can"},
	{.key = "preemptible", .type = OPT_BOOL, .offset = FIELD(ftl_gc_spec, preemptible), .def = "false",
	 .doc = "a cleaning job begins neither moves nor its erase while a read of the host is in the controller, and goes on afterwards"},
	{.key = "resume", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(ftl_gc_spec, resume_ps), .min = "0", .max = "1 s",
	 .def = "100 us", .doc = "preemptible: time without a read after which it goes on"},
	BLOCKS("hard", hard, "0", "0", "preemptible: with so few free blocks of a region cleaning goes on beside reads"),
	{0},
};
const struct opt_group ftl_gc_group = {"ftl gc", "garbage collection", gc_rows, sizeof(struct ftl_gc_spec), gc_check};
