/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of the DRAM buffer. What needs the size of a unit is checked by ftl_buffer_open(). */
#include <stdio.h>

#include "ftl/options.h"

static int buffer_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct ftl_buffer_spec *s = bound;
	if (s->low > s->high) {
		*key = "low";
		return snprintf(why, why_bytes, "writing out that begins above high cannot end at more"), -1;
	}
	if (s->read_ahead > 0 && !(s->read_share > 0)) {
		*key = "read_ahead";
		return snprintf(why, why_bytes, "there is no place for data read ahead: read_share is 0"), -1;
	}
	return 0;
}

static const struct opt_choice order_choices[] = {
	[FTL_BUFFER_FIFO] = {"fifo", "the oldest first"},
	[FTL_BUFFER_LRU] = {"lru", "what was written longest ago first; what is written again goes to the end"},
	{NULL, NULL},
};

static const struct opt_row buffer_rows[] = {
	{.key = "size", .type = OPT_SCALAR, .unit = UNIT_BYTES, .offset = FIELD(ftl_buffer_spec, size_bytes), .min = "0",
	 .max = "64 GiB", .def = "4 MiB", .doc = "DRAM for data; 0: none, so that a write is acknowledged once it is in flash and the "
	 "rest of this section says nothing"},
	{.key = "read_share", .type = OPT_SCALAR, .unit = UNIT_RATIO, .offset = FIELD(ftl_buffer_spec, read_share), .min = "0",
	 .max = "0.99", .def = "0", .doc = "of the size, for data that is in flash too; the rest is for writes"},
	{.key = "low", .type = OPT_SCALAR, .unit = UNIT_RATIO, .offset = FIELD(ftl_buffer_spec, low), .min = "0", .max = "1",
	 .def = "0", .doc = "share of the write part that waits when writing out ends"},
	{.key = "high", .type = OPT_SCALAR, .unit = UNIT_RATIO, .offset = FIELD(ftl_buffer_spec, high), .min = "0", .max = "1",
	 .def = "0", .doc = "share of the write part above which waiting data is written out; 0: at once"},
	{.key = "order", .type = OPT_ENUM, .offset = FIELD(ftl_buffer_spec, order), .def = "fifo", .choices = order_choices,
	 .doc = "what is written out first"},
	{.key = "write_back", .type = OPT_BOOL, .offset = FIELD(ftl_buffer_spec, write_back), .def = "true",
	 .doc = "a write is acknowledged once it is in the buffer; false: once it is in flash"},
	{.key = "protected", .type = OPT_BOOL, .offset = FIELD(ftl_buffer_spec, protected), .def = "false",
	 .doc = "capacitors keep the power until written data is in flash: the buffer counts as durable"},
	{.key = "read_ahead", .type = OPT_SCALAR, .offset = FIELD(ftl_buffer_spec, read_ahead), .min = "0", .max = "65536",
	 .def = "0", .doc = "map units read beyond the end of a read that goes on where another ended"},
	{0},
};
const struct opt_group ftl_buffer_group = {"buffer", "the DRAM buffer", buffer_rows, sizeof(struct ftl_buffer_spec),
	buffer_check};
