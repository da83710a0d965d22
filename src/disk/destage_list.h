/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The destage orders: DESTAGE(symbol, name, looks at place, doc) defined in destage_<symbol>.c. */
DESTAGE(fifo, "fifo", false, "oldest data first; O(extents)")
DESTAGE(elevator, "elevator", false,
	"rising LBNs from where the last destage ended, from the top back to the lowest; O(log extents)")
DESTAGE(nearest, "nearest", true, "nearest cylinder first; O(extents)")
DESTAGE(sptf, "sptf", true, "shortest positioning time first: seek, settle and rotational wait, exactly; O(extents)")
