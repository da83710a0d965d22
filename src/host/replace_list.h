/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Replacement policies: REPLACE(symbol, name, needs, doc), struct replace_ops replace_ops_symbol. In order of arrival:
 * replace_order.c; by count: replace_count.c; to measure against: replace_bounds.c; the others in files of their names, lru in
 * replace_recent.c.
 */
REPLACE(fifo, "fifo", REPLACE_LINKS, "the page that came first; O(1)")
REPLACE(second_chance, "second-chance", REPLACE_LINKS | REPLACE_BITS,
	"the page that came first, unless its accessed bit is set: then it counts as new; the reference that faulted does not set it; "
	"O(1) amortised")
REPLACE(clock, "clock", REPLACE_BITS,
	"pages in a circle; the hand clears accessed bits and takes the first page whose bit was clear; O(1) amortised")
REPLACE(sieve, "sieve", REPLACE_LINKS | REPLACE_BITS,
	"SIEVE: as clock, but survivors keep their place and new pages join at the end; O(1) amortised")
REPLACE(lru, "lru", REPLACE_LINKS | REPLACE_TOUCH, "the page whose last reference is longest ago, exactly; O(1)")
REPLACE(lfu, "lfu", REPLACE_LINKS | REPLACE_WORD | REPLACE_TOUCH,
	"the page referenced least often since it came, of several the least recently used; O(1)")
REPLACE(nfu, "nfu", REPLACE_LINKS | REPLACE_WORD | REPLACE_BITS | REPLACE_TICK,
	"the page whose accessed bit was found set at the fewest ticks; O(1), a tick O(frames)")
REPLACE(aging, "aging", REPLACE_LINKS | REPLACE_WORD | REPLACE_BITS | REPLACE_TICK,
	"the page whose register, shifted at each tick with the accessed bit going in on the left, is smallest; O(1), a tick O(frames)")
REPLACE(wsclock, "wsclock", REPLACE_LINKS | REPLACE_STAMP | REPLACE_BITS | REPLACE_DIRTY | REPLACE_NOW,
	"clock that takes a clean page not used for longer than tau and writes dirty ones; O(1) amortised while there is one, else "
	"O(frames)")
REPLACE(two_q, "2q", REPLACE_LINKS | REPLACE_WORD | REPLACE_KEYS | REPLACE_TOUCH,
	"new pages in a FIFO, those wanted again soon after in an LRU list; O(1)")
REPLACE(arc, "arc", REPLACE_LINKS | REPLACE_WORD | REPLACE_KEYS | REPLACE_TOUCH,
	"ARC: a list of pages used once and one of those used more often, balanced by what would have hit; O(1)")
REPLACE(clock_pro, "clock-pro", REPLACE_LINKS | REPLACE_WORD | REPLACE_KEYS | REPLACE_BITS,
	"CLOCK-Pro: hot and cold pages in one clock with three hands, a test period for cold ones; O(1) amortised")
REPLACE(s3_fifo, "s3-fifo", REPLACE_LINKS | REPLACE_WORD | REPLACE_KEYS | REPLACE_TOUCH,
	"S3-FIFO: a small FIFO queue filters what enters the main one; O(1) amortised")
REPLACE(mglru, "mglru", REPLACE_LINKS | REPLACE_WORD | REPLACE_BITS | REPLACE_TICK,
	"two generations of pages; aging makes young ones that were not used old, eviction takes old ones; O(1) amortised")
REPLACE(random, "random", REPLACE_WORD, "any page, by lot; O(1)")
REPLACE(opt, "opt", REPLACE_WORD | REPLACE_STAMP | REPLACE_TOUCH | REPLACE_FUTURE,
	"the page referenced furthest in the future; needs to know it; O(log frames)")
