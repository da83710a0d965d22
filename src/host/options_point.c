/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of the scenario checkpoint. */
#include <stddef.h>
#include <stdio.h>

#include "host/point.h"
#include "host/protect.h"

#define FIELD(f) offsetof(struct point_spec, f)
static const struct opt_choice tracking_choices[] = {
	[HOST_TRACK_FAULTS] = {"faults", "the first write to each page faults"},
	[HOST_TRACK_SCAN] = {"scan", "dirty bits are cleared and collected"},
	{NULL, NULL},
};

static int point_spec_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct point_spec *s = bound;
	if (s->load.references == 0) {
		*key = "load";
		return snprintf(why, why_bytes, "references: 0: the program would never end"), -1;
	}
	if (s->crash_at_ps > 0 && !s->crash) {
		*key = "crash_at";
		return snprintf(why, why_bytes, "is of no use without crash"), -1;
	}
	if (s->load.pages > 100000000) {
		*key = "load";
		return snprintf(why, why_bytes, "pages: at most 100000000"), -1;
	}
	return 0;
}

static const struct opt_row rows[] = {
	{.key = "checkpoint", .type = OPT_GROUP, .offset = FIELD(checkpoint), .group = &ckpt_options, .doc = "what a checkpoint is"},
	{.key = "load", .type = OPT_GROUP, .offset = FIELD(load), .group = &host_pattern_group, .doc = "what each thread of the program does"},
	{.key = "threads", .type = OPT_SCALAR, .offset = FIELD(threads), .min = "1", .max = "4096", .def = "1", .doc = "of the program"},
	{.key = "safe_point", .type = OPT_SCALAR, .offset = FIELD(safe_point), .min = "1", .max = "4096", .def = "16",
	 .doc = "bursts of references after which a thread can stop for a checkpoint"},
	{.key = "tracking", .type = OPT_ENUM, .offset = FIELD(tracking), .def = "faults", .choices = tracking_choices,
	 .doc = "how it is known which pages have changed, for incremental checkpoints: by a fault for each page written, or a look at each entry; with "
		"resume: protected the first write to a page after a checkpoint faults either way"},
	{.key = "interval", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(interval_ps), .min = "1 us", .max = "1000000 s", .def = "1 s",
	 .doc = "from one checkpoint to the next; one that is due before the last is valid is left out"},
	{.key = "mtbf", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(mtbf_ps), .min = "1 ms", .max = "1000000 s", .def = "1 h",
	 .doc = "mean time between the failures of the study of intervals"},
	{.key = "study_jobs", .type = OPT_SCALAR, .offset = FIELD(study_jobs), .min = "1", .max = "100000", .def = "20",
	 .doc = "jobs of a hundred mtbf that the study runs through injected failures for each interval"},
	{.key = "crash", .type = OPT_BOOL, .offset = FIELD(crash), .def = "true",
	 .doc = "the power goes, and the program restarts from the last valid checkpoint; where there is none, all its work is lost"},
	{.key = "crash_at", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(crash_at_ps), .min = "0", .max = "1000000 s", .def = "0",
	 .doc = "when that is, valid checkpoint or not; where the program is through before, and with 0, when it is through"},
	{0},
};
const struct opt_group point_options = {"checkpoint", "a program that takes checkpoints", rows, sizeof(struct point_spec),
	point_spec_check};
