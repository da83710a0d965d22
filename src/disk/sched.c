/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of drive schedulers. */
#include "disk/sched.h"

#include <stddef.h>

#include "sim/option.h"

#define SCHED(symbol, title, place, text) \
	static const struct disk_sched sched_##symbol = {title, text, place, disk_pick_##symbol};
#include "disk/sched_list.h"
#undef SCHED

const struct disk_sched *const disk_scheds[] = {
#define SCHED(symbol, title, place, text) &sched_##symbol,
#include "disk/sched_list.h"
#undef SCHED
	NULL,
};

const struct opt_choice disk_sched_choices[] = {
#define SCHED(symbol, title, place, text) {title, text},
#include "disk/sched_list.h"
#undef SCHED
	{NULL, NULL},
};
