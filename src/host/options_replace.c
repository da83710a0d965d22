/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of page replacement. */
#include "host/replace.h"

#define FIELD(name) offsetof(struct replace_spec, name)
#define SHARE(name, field, d, text) {.key = name, .type = OPT_SCALAR, .unit = UNIT_RATIO, .offset = FIELD(field), .min = "0", \
	.max = "1", .def = d, .doc = text}

static const struct opt_choice ageing_choices[] = {
	{"demand", "when the old generation has run out"},
	{"period", "then, and each period"},
	{NULL, NULL},
};

/* Where the defaults come from stands with each policy. The period is that of a clock interrupt (100 a second), tau ten of them. */
static const struct opt_row replace_rows[] = {
	{.key = "policy", .type = OPT_ENUM, .offset = FIELD(policy), .def = "clock", .choices = replace_choices,
	 .doc = "which page gives up its frame"},
	{.key = "initial_bit", .type = OPT_BOOL, .offset = FIELD(initial_bit), .def = "true",
	 .doc = "clock: the reference that brings a page in sets its accessed bit"},
	{.key = "period", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(period_ps), .min = "1 ns", .max = "1 h", .def = "10 ms",
	 .doc = "nfu, aging, mglru with ageing: period: the machine's time between two looks at all accessed bits, waits "
	 "included; in fault curves at most as many references as there are frames"},
	{.key = "bits", .type = OPT_SCALAR, .offset = FIELD(bits), .min = "1", .max = "16", .def = "8",
	 .doc = "aging: bits of a page's register"},
	{.key = "tau", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(tau_ps), .min = "0", .max = "1 h", .def = "100 ms",
	 .doc = "wsclock: a page not used for more of its process's virtual time is outside the working set"},
	SHARE("two_q_in", two_q_in, "0.25", "2q: Kin, share of the frames for pages that came once"),
	SHARE("two_q_out", two_q_out, "0.5", "2q: Kout, pages remembered, as a share of the frames"),
	SHARE("cold_share", cold_share, "0.01", "clock-pro: least target for cold pages, and the first, as a share of the frames"),
	{.key = "cold_adapts", .type = OPT_BOOL, .offset = FIELD(cold_adapts), .def = "true",
	 .doc = "clock-pro: the target for cold pages follows what happens in test periods"},
	SHARE("small_share", small_share, "0.1", "s3-fifo: share of the small queue"),
	SHARE("small_ghosts", small_ghosts, "0.9", "s3-fifo: pages remembered, as a share of the frames"),
	{.key = "small_uses", .type = OPT_SCALAR, .offset = FIELD(small_uses), .min = "0", .max = "2", .def = "1",
	 .doc = "s3-fifo: a page of the small queue that was used more often moves to the main queue"},
	{.key = "ageing", .type = OPT_ENUM, .offset = FIELD(ageing), .def = "demand", .choices = ageing_choices,
	 .doc = "mglru: when the accessed bits of the young generation are looked at"},
	{0},
};
const struct opt_group host_replace_group = {"host replace", "page replacement", replace_rows, sizeof(struct replace_spec), NULL};
