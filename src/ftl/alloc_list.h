/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which region a write goes to. STATIC(NAME): by the logical page alone; the letters say what varies first: channel, way
 * (chip), die, plane (the 24 orders of Tavakkol et al., ACM TOMPECS 1(3), 2016, after Hu et al., ICS 2011).
 * DYNAMIC(symbol, name, doc): ftl_alloc_symbol() in alloc.c.
 */
STATIC(CWDP) STATIC(CWPD) STATIC(CDWP) STATIC(CDPW) STATIC(CPWD) STATIC(CPDW)
STATIC(WCDP) STATIC(WCPD) STATIC(WDCP) STATIC(WDPC) STATIC(WPCD) STATIC(WPDC)
STATIC(DCWP) STATIC(DCPW) STATIC(DWCP) STATIC(DWPC) STATIC(DPCW) STATIC(DPWC)
STATIC(PCWD) STATIC(PCDW) STATIC(PWCD) STATIC(PWDC) STATIC(PDCW) STATIC(PDWC)
DYNAMIC(round_robin, "round-robin", "one after the other in the order of CWDP, leaving out what has no room; O(1)")
DYNAMIC(shortest_queue, "shortest-queue",
	"the least work waiting in its die; of equals, and without a clock, the fewest units programmed so far; O(regions)")
DYNAMIC(locality, "locality",
	"where the old copy is; new data behind the unit before it, one on in the order of CWDP; O(1)")
