/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of the command queue, and of the schedulers that have figures of their own. */
#include "disk/cmdq.h"
#include "disk/options.h"

static const struct opt_choice tagging_choices[] = {
	[TAGGING_NONE] = {"none", "one command at a time, in order of arrival"},
	[TAGGING_SIMPLE] = {"simple", "every command may be served in any order, whatever its tag"},
	[TAGGING_SCSI] = {"scsi", "SCSI task attributes: head-of-queue and ordered tags are kept; a flush with neither goes first"},
	[TAGGING_NCQ] = {"ncq", "SATA: 32 queued reads and writes, one bit of priority; a flush waits for what came before it and holds "
		"back what comes after"},
	{NULL, NULL},
};
static const struct opt_choice knows_choices[] = {
	{"lbn", "capacity and cylinders: the cylinder in proportion to the LBN"},
	{"zones", "the zone table: the cylinder in proportion within its zone"},
	{"full", "all of it, with heads, angles, slipped and remapped places"},
	{NULL, NULL},
};

static const struct opt_row queue_rows[] = {
	{.key = "tagging", .type = OPT_ENUM, .offset = FIELD(disk_queue_spec, tagging), .def = "scsi",
	 .choices = tagging_choices, .doc = "which tags commands may carry"},
	{.key = "scheduler_knows", .type = OPT_ENUM, .offset = FIELD(disk_queue_spec, knows), .def = "full",
	 .choices = knows_choices, .doc = "how much of the layout the scheduler knows; without angles it expects half a turn"},
	{.key = "age_limit", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(disk_queue_spec, age_limit_ps),
	 .min = "0", .max = "3600 s", .def = "0", .doc = "commands that have waited so long go first, the oldest first; 0: no limit"},
	{.key = "by_priority", .type = OPT_BOOL, .offset = FIELD(disk_queue_spec, by_priority), .def = "false",
	 .doc = "the scheduler chooses among the waiting commands of the highest priority only (SATA: the priority bit)"},
	{.key = "reads_first", .type = OPT_BOOL, .offset = FIELD(disk_queue_spec, reads_first), .def = "false",
	 .doc = "the scheduler chooses among the waiting reads, and among writes when there is none"},
	{.key = "stream_limit", .type = OPT_SCALAR, .offset = FIELD(disk_queue_spec, stream_limit), .min = "0", .max = "1000000",
	 .def = "0", .doc = "a command that goes on where the arm's last one ended is next, up to so many in a row; 0: none is preferred"},
	{.key = "scan_bias", .type = OPT_SCALAR, .unit = UNIT_RATIO, .offset = FIELD(disk_queue_spec, scan_bias),
	 .min = "0", .max = "1", .def = "0.2", .doc = "R of scheduler vscan: a turn back is charged R of the cylinders; 0 is sstf, 1 goes "
	 "on to the last command as look does"},
	{.key = "step_commands", .type = OPT_SCALAR, .offset = FIELD(disk_queue_spec, step_commands), .min = "1", .max = "4096",
	 .def = "8", .doc = "N of scheduler n-step-scan: commands served in one sweep"},
	{.key = "age_weight", .type = OPT_SCALAR, .unit = UNIT_NUMBER, .offset = FIELD(disk_queue_spec, age_weight),
	 .min = "0", .max = "1000", .def = "6", .doc = "W of scheduler asptf: a command's positioning time is taken less W / 1000 of the "
	 "time it has waited"},
	{.key = "age_scale", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(disk_queue_spec, age_scale_ps),
	 .min = "1 ps", .max = "3600 s", .def = "1 s", .doc = "M of scheduler wptf: positioning time is weighted by (M - waited) / M"},
	{0},
};
const struct opt_group disk_queue_group = {"disk queue", "the command queue, and figures of its schedulers",
	queue_rows, sizeof(struct disk_queue_spec), NULL};
