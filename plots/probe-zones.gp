# SPDX-License-Identifier: GPL-3.0-or-later
# The zone map as `quern probe` measured it from outside: what the medium gives, from the sectors
# of a track, the turn and the skews found; on the map the disk was configured with; and what a
# sequential reader got, which the interface may limit.
# Files: probe/zones.csv, hist/zones.csv, probe/bandwidth.csv

far = 0
fast = 0
MAPS = 0
array RUN_OF[RUNS]
do for [i = 1 : RUNS] {
	if (ROWS_probe_zones_csv[i] > 0) {
		MAPS = MAPS + 1
		RUN_OF[MAPS] = i
		stats DATA index FROM(i, "probe/zones.csv") using (far = max(far, ($2 + $3) * 512), fast = max(fast, $7), 0) \
			nooutput
	}
}

if (fast == 0) {
	sentence = "the probe found no zones"
	eval no_data
} else {
	eval axes("address (" . bytes_unit(far) . ")", "bandwidth (" . bytes_unit(fast) . "/s)")
	x(lbn) = lbn * 512 * bytes_factor(far)
	y(b) = b * bytes_factor(fast)
	set xrange [0 : far * bytes_factor(far) * 1.001]
	set yrange [0 : y(fast) * 1.08]
	if (!DUMB) { set style line 9 lc rgb "#BBBBBB" lw 6 } else { set style line 9 lt 1 }
	if (RUNS == 1) {
		plot DATA index FROM(1, "hist/zones.csv") using (x($2)):(y($7)):(x($3)):(0) with vectors nohead \
			linestyle 9 title label("configured"), \
			DATA index FROM(1, "probe/zones.csv") using (x($2)):(y($7)):(x($3)):(0) with vectors nohead \
			linetype 1 lw 2 title label("measured from outside"), \
			DATA index FROM(1, "probe/bandwidth.csv") using (x($1)):(y($2)) with points linetype 2 \
			pointsize (DUMB ? 1 : 0.5) title label("sequential reads")
	} else {
		plot for [k = 1 : MAPS] DATA index FROM(RUN_OF[k], "probe/zones.csv") using (x($2)):(y($7)):(x($3)):(0) \
			with vectors nohead linetype RUN_OF[k] lw 2 title label(NAME[RUN_OF[k]])
	}
}
