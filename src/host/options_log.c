/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of a durable log. */
#include <stdio.h>

#include "host/log.h"

#define FIELD(f) offsetof(struct log_spec, f)

static const struct opt_choice durability_choices[] = {
	[LOG_FUA] = {"fua", "each write of the log is durable when it completes (force unit access)"},
	[LOG_FLUSH] = {"flush", "a flush of the device follows each write of the log"},
	[LOG_NONE] = {"none", "nothing: right only on a device without a volatile cache"},
	{NULL, NULL},
};
static const struct opt_choice commit_choices[] = {
	[LOG_JOINED] = {"joined", "a record is one write, and a checksum tells whether it is whole"},
	[LOG_SEPARATE] = {"separate", "the last block of a record is written when the rest of it is durable"},
	{NULL, NULL},
};

static int log_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct log_spec *s = bound;
	if (s->block_bytes % SECTOR_BYTES != 0) {
		*key = "block";
		return snprintf(why, why_bytes, "not a multiple of %d bytes", SECTOR_BYTES), -1;
	}
	if (s->group_count == 0 && s->group_time_ps == 0) {
		*key = "group_count";
		return snprintf(why, why_bytes, "0 without a group_time: commits would wait for nothing"), -1;
	}
	if (s->group_count > 1 && s->group_time_ps == 0) {
		*key = "group_count";
		return snprintf(why, why_bytes, "is of no use without group_time: no commit waits for another"), -1;
	}
	return 0;
}

static const struct opt_row rows[] = {
	{.key = "durability", .type = OPT_ENUM, .offset = FIELD(durability), .def = "flush", .choices = durability_choices,
	 .doc = "how a record is made to last"},
	{.key = "commit", .type = OPT_ENUM, .offset = FIELD(commit), .def = "joined", .choices = commit_choices,
	 .doc = "whether the end of a record is written by itself"},
	{.key = "block", .type = OPT_SCALAR, .unit = UNIT_BYTES, .offset = FIELD(block_bytes), .min = "512 B", .max = "1 MiB",
	 .def = "4 KiB", .doc = "a record is whole blocks"},
	{.key = "group_count", .type = OPT_SCALAR, .offset = FIELD(group_count), .min = "0", .max = "1000000", .def = "1",
	 .doc = "so many commits wait no longer for others, however much of group_time is left; 0: only that sends them off"},
	{.key = "group_time", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(group_time_ps), .min = "0", .max = "3600 s",
	 .def = "0", .doc = "longest that a commit waits for others to share its record"},
	{.key = "depth", .type = OPT_SCALAR, .offset = FIELD(depth), .min = "1", .max = "1024", .def = "1",
	 .doc = "records being written at once; commits that come meanwhile share the next one"},
	{.key = "record_size", .type = OPT_SCALAR, .unit = UNIT_BYTES, .offset = FIELD(record_bytes), .min = "512 B", .max = "1 GiB",
	 .def = "1 MiB", .doc = "a record takes no more entries than fit in this, if it has one"},
	{.key = "scan_size", .type = OPT_SCALAR, .unit = UNIT_BYTES, .offset = FIELD(scan_bytes), .min = "512 B", .max = "1 GiB",
	 .def = "256 KiB", .doc = "recovery reads the log in pieces of this size"},
	{.key = "trim", .type = OPT_BOOL, .offset = FIELD(trim), .def = "false",
	 .doc = "truncated space is given back to the device, so that what it held can no longer be read"},
	{0},
};
const struct opt_group log_options = {"log", "the durable log", rows, sizeof(struct log_spec), log_check};
