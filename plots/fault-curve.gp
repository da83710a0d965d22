# SPDX-License-Identifier: GPL-3.0-or-later
# Page faults over the page frames that a program is given, by replacement policy, on the run's own string of references.
# Files: hist/fault_curve.csv: frames, then a column for each policy; of several devices behind a column `device`, all alike.

most = 0
far = 0
CURVES = 0
array RUN_OF[RUNS]
array SHIFT[RUNS]
array COLUMNS[RUNS]
array FIRST[RUNS]
file(i) = RUN[i] . "/hist/fault_curve.csv"
do for [i = 1 : RUNS] {
	if (ROWS_hist_fault_curve_csv[i] > 0) {
		CURVES = CURVES + 1
		RUN_OF[CURVES] = i
		stats file(i) using (SHIFT[i] = strcol(1) eq "device", 0) every ::0::0 nooutput
		COLUMNS[i] = STATS_columns
		stats file(i) using (FIRST[i] = SHIFT[i] ? strcol(1) : "", 0) every ::1::1 nooutput
		stats file(i) using (far = max(far, column(1 + SHIFT[i])), 0) skip 1 nooutput
		do for [c = 2 + SHIFT[i] : COLUMNS[i]] { stats file(i) using (most = max(most, column(c)), 0) skip 1 nooutput }
	}
}

if (most == 0) {
	sentence = "the run kept no curve of page faults"
	eval empty_frame
} else {
	eval axes("page frames", "page faults")
	set xrange [0 : far * 1.02]
	set yrange [0 : most * 1.08]
	# of several devices the curve is the same: that of the first
	of_first(i, x) = SHIFT[i] && strcol(1) ne FIRST[i] ? NaN : x
	# sixteen policies: seven colours, then the same dashed, each with a shape of its own; the runs after the first by thinner lines
	set key samplen 1.8 width 0 spacing 1.0
	colour_of(i, c) = (c - 2 - SHIFT[i]) % 7 + 1
	dash_of(i, c) = (c - 2 - SHIFT[i]) / 7 + 1
	plot for [k = 1 : CURVES] for [c = 2 + SHIFT[RUN_OF[k]] : COLUMNS[RUN_OF[k]]] file(RUN_OF[k]) \
		using (of_first(RUN_OF[k], column(1 + SHIFT[RUN_OF[k]]))):c with linespoints linetype colour_of(RUN_OF[k], c) \
		dashtype dash_of(RUN_OF[k], c) pointtype c - 1 - SHIFT[RUN_OF[k]] pointsize 0.7 linewidth 1.6 / k \
		title label(columnheader(c) . (CURVES > 1 ? " (" . NAME[RUN_OF[k]] . ")" : ""))
}
