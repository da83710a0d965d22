# SPDX-License-Identifier: GPL-3.0-or-later
# Zone map: sequential bandwidth of the medium over the address space, as the device's zones
# are configured. What the interface lets through may be less.
# Files: hist/zones.csv

far = 0
fast = 0
MAPS = 0
array RUN_OF[RUNS]
do for [i = 1 : RUNS] {
	if (ROWS_hist_zones_csv[i] > 0) {
		MAPS = MAPS + 1
		RUN_OF[MAPS] = i
		stats DATA index FROM(i, "hist/zones.csv") using (far = max(far, ($2 + $3) * 512), fast = max(fast, $7), 0) \
			nooutput
	}
}

if (fast == 0) {
	sentence = "the device has no zones"
	eval no_data
} else {
	eval axes("address (" . bytes_unit(far) . ")", "bandwidth (" . bytes_unit(fast) . "/s)")
	x(lbn) = lbn * 512 * bytes_factor(far)
	set xrange [0 : far * bytes_factor(far) * 1.001]
	set yrange [0 : fast * bytes_factor(fast) * 1.08]
	if (RUNS == 1) { eval no_key }
	# steps end where the last zone begins: each zone is drawn as a level piece too
	plot for [k = 1 : MAPS] DATA index FROM(RUN_OF[k], "hist/zones.csv") \
		using (x($2)):($7 * bytes_factor(fast)) with steps linetype RUN_OF[k] lw 2 \
		title label(NAME[RUN_OF[k]]), \
		for [k = 1 : MAPS] DATA index FROM(RUN_OF[k], "hist/zones.csv") \
		using (x($2)):($7 * bytes_factor(fast)):(x($3)):(0) with vectors nohead \
		linetype RUN_OF[k] lw 2 notitle
}
