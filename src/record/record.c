/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of recorders. */
#include "record/record.h"

#include <string.h>

#define RECORDER(symbol) extern const struct recorder record_##symbol;
#include "record/record_list.h"
#undef RECORDER

const struct recorder *const recorders[] = {
#define RECORDER(symbol) &record_##symbol,
#include "record/record_list.h"
#undef RECORDER
	NULL,
};

const struct recorder *recorder_find(const char *name)
{
	for (int i = 0; recorders[i]; i++)
		if (!strcmp(recorders[i]->name, name))
			return recorders[i];
	return NULL;
}
