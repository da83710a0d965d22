/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Victim policies of garbage collection: VICTIM(symbol, name, index, doc), ftl_victim_symbol(). By lists:
 * victim_list_order.c; by score: victim_score.c; by lot: victim_lot.c.
 */
VICTIM(greedy, "greedy", FTL_INDEX_BUCKETS, "fewest valid units, of several the one longest so; O(1)")
VICTIM(fifo, "fifo", FTL_INDEX_ORDER, "the block that has been full for longest; O(1)")
VICTIM(lru, "lru", FTL_INDEX_RECENT, "the block whose last unit was written or lost longest ago; O(1)")
VICTIM(windowed_greedy, "windowed-greedy", FTL_INDEX_ORDER,
	"fewest valid units among the gc.window blocks full for longest; O(window)")
VICTIM(cost_benefit, "cost-benefit", FTL_INDEX_SET, "highest (1 - u) age / 2u, u the valid share; O(blocks of the region)")
VICTIM(cost_age_times, "cost-age-times", FTL_INDEX_SET,
	"lowest u / (1 - u) x erases / age, u the valid share; O(blocks of the region)")
VICTIM(d_choices, "d-choices", FTL_INDEX_SET, "fewest valid units among gc.choices drawn by lot (RGA); O(choices)")
VICTIM(random, "random", FTL_INDEX_SET, "any full block; O(1)")
VICTIM(random_plus, "random+", FTL_INDEX_SET, "any with an invalid unit, as far as found in as many draws as there are blocks; "
	"O(1) expected")
VICTIM(random_plus_plus, "random++", FTL_INDEX_SET,
	"any with more than gc.threshold of its units invalid, as far as found in as many draws as there are blocks; O(1) expected")
