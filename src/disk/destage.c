/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of destage orders. */
#include "disk/destage.h"

#include <stddef.h>

#include "sim/option.h"

#define DESTAGE(symbol, title, place, text) \
	static const struct disk_destage destage_##symbol = {title, text, place, destage_pick_##symbol};
#include "disk/destage_list.h"
#undef DESTAGE

const struct disk_destage *const disk_destages[] = {
#define DESTAGE(symbol, title, place, text) &destage_##symbol,
#include "disk/destage_list.h"
#undef DESTAGE
	NULL,
};

const struct opt_choice disk_destage_choices[] = {
#define DESTAGE(symbol, title, place, text) {title, text},
#include "disk/destage_list.h"
#undef DESTAGE
	{NULL, NULL},
};
