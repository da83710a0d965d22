/* SPDX-License-Identifier: GPL-3.0-or-later */
/* First come, first served. */
#include "disk/sched.h"

uint32_t disk_pick_fcfs(const struct disk_view *v, const struct disk_candidate *c, uint32_t n)
{
	(void)c;
	(void)n;
	return v->oldest;
}
