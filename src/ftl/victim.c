/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of victim policies. */
#include "ftl/victim.h"

#define VICTIM(symbol, title, kind, text) \
	static const struct ftl_victim victim_##symbol = {title, text, kind, ftl_victim_##symbol};
#include "ftl/victim_list.h"
#undef VICTIM

const struct ftl_victim *const ftl_victims[] = {
#define VICTIM(symbol, title, kind, text) &victim_##symbol,
#include "ftl/victim_list.h"
#undef VICTIM
	NULL,
};

const struct opt_choice ftl_victim_choices[] = {
#define VICTIM(symbol, title, kind, text) {title, text},
#include "ftl/victim_list.h"
#undef VICTIM
	{NULL, NULL},
};
