/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of recoverable virtual memory. */
#include <stdio.h>

#include "host/rvm.h"

#define FIELD(f) offsetof(struct rvm_spec, f)

static const struct opt_choice tracking_choices[] = {
	[RVM_RANGES] = {"ranges", "the log takes the bytes that a transaction says it writes"},
	[RVM_PAGES] = {"pages", "the log takes the whole of each page whose first write in a transaction faults"},
	{NULL, NULL},
};

static int rvm_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct rvm_spec *s = bound;
	if (s->page_bytes % SECTOR_BYTES != 0) {
		*key = "page";
		return snprintf(why, why_bytes, "not a multiple of %d bytes", SECTOR_BYTES), -1;
	}
	return 0;
}

static const struct opt_row rows[] = {
	{.key = "pages", .type = OPT_SCALAR, .offset = FIELD(pages), .min = "1", .max = "1000000000", .def = "1024",
	 .doc = "pages of the segment"},
	{.key = "page", .type = OPT_SCALAR, .unit = UNIT_BYTES, .offset = FIELD(page_bytes), .min = "512 B", .max = "1 MiB",
	 .def = "4 KiB", .doc = "bytes of a page of the segment"},
	{.key = "tracking", .type = OPT_ENUM, .offset = FIELD(tracking), .def = "ranges", .choices = tracking_choices,
	 .doc = "how it is known what a transaction writes"},
	{.key = "truncate_at", .type = OPT_SCALAR, .unit = UNIT_RATIO, .offset = FIELD(truncate_at), .min = "0.01", .max = "0.95",
	 .def = "50 %", .doc = "share of the log in use at which its truncation begins"},
	{.key = "log", .type = OPT_GROUP, .offset = FIELD(log), .group = &log_options, .doc = "the log"},
	{.key = "truncation", .type = OPT_GROUP, .offset = FIELD(walker), .group = &walker_options,
	 .doc = "how pages go to the segment when the log is truncated, and after a crash, then without its rate"},
	{0},
};
const struct opt_group rvm_options = {"recoverable memory", "a segment of pages that outlives crashes", rows, sizeof(struct rvm_spec),
	rvm_check};
