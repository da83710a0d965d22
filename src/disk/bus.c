/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transfers on the shared bus. */
#include "disk/bus.h"

#include <string.h>

static void forget_past(struct bus *b, time_ps now)
{
	uint32_t over = 0;
	while (over < b->count && b->taken[over].to <= now)
		over++;
	if (over > 0) {
		b->count -= over;
		memmove(b->taken, b->taken + over, b->count * sizeof(b->taken[0]));
	}
}

time_ps bus_take(struct bus *b, time_ps now, time_ps want, time_ps length)
{
	forget_past(b, now);
	if (length == 0)
		return want;
	uint32_t i = 0;
	for (; i < b->count && b->taken[i].from < time_add(want, length); i++)
		want = time_max(want, b->taken[i].to);
	if (b->count == BUS_TRANSFERS) /* never with one transfer for each command in service */
		return want;
	memmove(&b->taken[i + 1], &b->taken[i], (b->count++ - i) * sizeof(b->taken[0]));
	b->taken[i].from = want;
	b->taken[i].to = time_add(want, length);
	return want;
}
