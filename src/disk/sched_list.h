/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The drive's schedulers: SCHED(symbol, name, looks at place, doc) defined in sched_<symbol>.c. */
SCHED(fcfs, "fcfs", false, "first come, first served; O(1)")
SCHED(clook, "c-look", true,
	"nearest cylinder in rising order, from the top back to the lowest waiting one; O(queue)")
SCHED(sptf, "sptf", true,
	"shortest positioning time first: seek, settle and rotational wait, exactly; O(queue)")
