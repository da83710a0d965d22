/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The drive's schedulers: SCHED(symbol, name, doc) defined in sched_<symbol>.c. */
SCHED(fcfs, "fcfs", "first come, first served; O(1)")
SCHED(clook, "c-look",
	"nearest cylinder in rising order, from the top back to the lowest waiting one; O(queue)")
SCHED(sptf, "sptf",
	"shortest positioning time first: seek, settle and rotational wait, exactly; O(queue)")
