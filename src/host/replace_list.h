/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Replacement policies: REPLACE(symbol, name, needs, doc), struct replace_policy_ops replace_ops_symbol. In order of
 * arrival: replace_order.c.
 */
REPLACE(fifo, "fifo", REPLACE_LINKS, "the page that came first; O(1)")
REPLACE(clock, "clock", REPLACE_LINKS | REPLACE_BITS,
	"pages in a circle; the hand clears accessed bits and takes the first page whose bit was clear; O(1) amortised")
