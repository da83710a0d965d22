/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of the transaction scheduler. */
#include <stdio.h>

#include "ftl/options.h"
#include "ftl/tsu.h"

static const struct opt_choice arbitration_choices[] = {
	[FTL_COMMAND_FIRST] = {"command-first", "commands go before data that wait in other dies, which keeps all dies at work"},
	[FTL_DATA_FIRST] = {"data-first", "data of reads go first, as many controllers do; dies fall into step and idle together"},
	{NULL, NULL},
};
static const struct opt_choice suspend_choices[] = {
	[FTL_SUSPEND_NONE] = {"none", "reads wait for programs and erases to end"},
	[FTL_SUSPEND_ERASE] = {"erase", "erases are suspended for reads"},
	[FTL_SUSPEND_ALL] = {"all", "programs and erases are suspended for reads"},
	{NULL, NULL},
};

static int sched_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct ftl_sched_spec *s = bound;
	if (s->suspend != FTL_SUSPEND_NONE && tsu_policies[s->policy]->whole_channel) {
		*key = "suspend";
		return snprintf(why, why_bytes, "is of no use with policy %s, in which no read overtakes", tsu_policies[s->policy]->name), -1;
	}
	if (!s->suspend_waiting && s->suspend != FTL_SUSPEND_ALL) {
		*key = "suspend_waiting";
		return snprintf(why, why_bytes, "is of no account where programs are not suspended: set suspend to all"), -1;
	}
	if (s->suspend_least_ps > 0 && s->suspend == FTL_SUSPEND_NONE) {
		*key = "suspend_least";
		return snprintf(why, why_bytes, "is of no use without suspend"), -1;
	}
	return 0;
}

static const struct opt_row sched_rows[] = {
	{.key = "policy", .type = OPT_ENUM, .offset = FIELD(ftl_sched_spec, policy), .def = "read-priority",
	 .choices = tsu_policy_choices,
	 .doc = "which of the waiting transactions goes next"},
	{.key = "arbitration", .type = OPT_ENUM, .offset = FIELD(ftl_sched_spec, arbitration), .def = "command-first",
	 .choices = arbitration_choices, .doc = "what a channel serves first"},
	{.key = "multi_plane", .type = OPT_BOOL, .offset = FIELD(ftl_sched_spec, multi_plane), .def = "true",
	 .doc = "transactions at one page number of several planes become one operation"},
	{.key = "suspend", .type = OPT_ENUM, .offset = FIELD(ftl_sched_spec, suspend), .def = "none", .choices = suspend_choices,
	 .doc = "what is suspended for reads, where flash.suspend says that the part can"},
	{.key = "suspend_waiting", .type = OPT_BOOL, .offset = FIELD(ftl_sched_spec, suspend_waiting), .def = "true",
	 .doc = "a read that comes while a program's data still cross suspends it once its array works; false: it waits for the program"},
	{.key = "suspend_least", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(ftl_sched_spec, suspend_least_ps), .min = "0",
	 .max = "1 s", .def = "0", .doc = "array time that must be left, beyond that of the suspend itself, for it to be worth while"},
	{.key = "age_limit", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(ftl_sched_spec, age_limit_ps), .min = "1 us",
	 .max = "1000 s", .def = "20 ms",
	 .doc = "a transaction that has waited so long goes before the younger ones of its die, and is not suspended"},
	{0},
};
const struct opt_group ftl_sched_group = {"sched", "scheduling of flash transactions", sched_rows, sizeof(struct ftl_sched_spec),
	sched_check};
