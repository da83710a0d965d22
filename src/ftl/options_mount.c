/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of recovery after a power cut: a section of its own, for a device whose power may be cut. */
#include "ftl/options.h"

static const struct opt_choice recovery_choices[] = {
	[FTL_RECOVERY_AUTO] = {"auto", "where a power cut is planned (replay.power_cut)"},
	[FTL_RECOVERY_ALWAYS] = {"always", "in every run"},
	[FTL_RECOVERY_NEVER] = {"never", "a power cut ends what is under way in flash and keeps the map; only the buffer is lost"},
	{NULL, NULL},
};
static const struct opt_choice scan_choices[] = {
	[FTL_SCAN_CHECKPOINT] = {"checkpoint", "the last checkpoint, and what was programmed since"},
	[FTL_SCAN_FULL] = {"full", "all that is programmed; of the checkpoint only what it says of trims"},
	{NULL, NULL},
};

static const struct opt_row mount_rows[] = {
	{.key = "recovery", .type = OPT_ENUM, .offset = FIELD(ftl_mount_spec, recovery), .def = "auto", .choices = recovery_choices,
	 .doc = "when journal and checkpoints are written and a mount rebuilds the map from flash; 8 bytes of memory a physical unit, 16 "
	 "a logical one"},
	{.key = "scan", .type = OPT_ENUM, .offset = FIELD(ftl_mount_spec, scan), .def = "checkpoint", .choices = scan_choices,
	 .doc = "what a mount after a power cut reads"},
	{.key = "checkpoint", .type = OPT_SCALAR, .unit = UNIT_BYTES, .offset = FIELD(ftl_mount_spec, checkpoint_bytes), .min = "0",
	 .max = "1024 TiB", .def = "1 GiB", .doc = "host writes after which the changed parts of the map are written; 0: only when the "
	 "journal of trims is half full"},
	{.key = "journal", .type = OPT_SCALAR, .offset = FIELD(ftl_mount_spec, journal_records), .min = "16", .max = "1048576",
	 .def = "4096", .doc = "records of trims, each of a run of units, between two checkpoints"},
	{.key = "flush_log", .type = OPT_SCALAR, .offset = FIELD(ftl_mount_spec, flush_log), .min = "0", .max = "1024", .def = "0",
	 .doc = "programs of the map's changes that a flush waits for when data have gone to flash since the last; 0: none, a mount finds "
	 "all in the pages' metadata"},
	{0},
};
const struct opt_group ftl_mount_group = {"mount", "recovery after a power cut", mount_rows, sizeof(struct ftl_mount_spec), NULL};
