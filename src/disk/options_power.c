/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of power. */
#include "disk/options.h"

#include <stdio.h>

static int power_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct disk_power_spec *s = bound;
	if (s->standby_after_ps > 0 && s->unload_after_ps >= s->standby_after_ps) {
		*key = "unload_after";
		return snprintf(why, why_bytes, "want less than standby_after: spun down, the heads are unloaded already"), -1;
	}
	if (s->load_ps > 0 && s->unload_after_ps == 0) {
		*key = "load_time";
		return snprintf(why, why_bytes, "is of no use without unload_after: the heads are never unloaded"), -1;
	}
	return 0;
}

#define WATT(name, field, text) {.key = name, .type = OPT_SCALAR, .unit = UNIT_POWER, \
	.offset = FIELD(disk_power_spec, field), .min = "0", .max = "1000 W", .def = "0", .doc = text}
#define SPAN(name, field, text) {.key = name, .type = OPT_SCALAR, .unit = UNIT_TIME, \
	.offset = FIELD(disk_power_spec, field), .min = "0", .max = "24 h", .def = "0", .doc = text}

static const struct opt_row power_rows[] = {
	WATT("idle", idle_uw, "spinning, heads on a track, nothing to do; electronics included"),
	WATT("seek", seek_uw, "in all while the arm moves; 0: as idle"),
	WATT("read", read_uw, "in all while data are read from the medium; 0: as idle"),
	WATT("write", write_uw, "in all while data are written to the medium; 0: as idle"),
	WATT("unloaded", unloaded_uw, "spinning, heads unloaded (low-power idle); 0: as idle"),
	WATT("standby", standby_uw, "spun down"),
	WATT("spin_up", spin_up_uw, "mean while spinning up; 0: as idle"),
	SPAN("unload_after", unload_after_ps, "time without commands after which the heads are unloaded; 0: never"),
	SPAN("load_time", load_ps, "from unloaded to ready"),
	SPAN("standby_after", standby_after_ps,
		"time without commands after which the drive spins down; 0: never. Back takes the disk's spin_up"),
	{0},
};
const struct opt_group disk_power_group = {"disk power", "what the drive draws, and when it goes to sleep",
	power_rows, sizeof(struct disk_power_spec), power_check};
