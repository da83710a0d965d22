/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of scenarios. */
#include "host/scenario.h"

#include <string.h>

#define SCENARIO(symbol) extern const struct scenario_ops scenario_##symbol;
#include "host/scenario_list.h"
#undef SCENARIO

#define SCENARIO(symbol) &scenario_##symbol,
const struct scenario_ops *const scenario_list[] = {
#include "host/scenario_list.h"
	NULL,
};
#undef SCENARIO

const struct scenario_ops *scenario_find(const char *name)
{
	for (size_t i = 0; scenario_list[i]; i++)
		if (!strcmp(scenario_list[i]->name, name))
			return scenario_list[i];
	return NULL;
}
