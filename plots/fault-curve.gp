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
file(i) = FROM(i, "hist/fault_curve.csv")
do for [i = 1 : RUNS] {
	if (ROWS_hist_fault_curve_csv[i] > 0) {
		CURVES = CURVES + 1
		RUN_OF[CURVES] = i
		SHIFT[i] = word(HEAD_hist_fault_curve_csv[i], 1) eq "device"
		COLUMNS[i] = words(HEAD_hist_fault_curve_csv[i])
		stats DATA index file(i) using (FIRST[i] = SHIFT[i] ? strcol(1) : "", 0) every ::0::0 nooutput
		stats DATA index file(i) using (far = max(far, column(1 + SHIFT[i])), 0) nooutput
		do for [c = 2 + SHIFT[i] : COLUMNS[i]] { stats DATA index file(i) using (most = max(most, column(c)), 0) nooutput }
	}
}

if (most == 0) {
	sentence = "the run kept no curve of page faults"
	eval no_data
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
	plot for [k = 1 : CURVES] for [c = 2 + SHIFT[RUN_OF[k]] : COLUMNS[RUN_OF[k]]] DATA index file(RUN_OF[k]) \
		using (of_first(RUN_OF[k], column(1 + SHIFT[RUN_OF[k]]))):c with linespoints linetype colour_of(RUN_OF[k], c) \
		dashtype dash_of(RUN_OF[k], c) pointtype c - 1 - SHIFT[RUN_OF[k]] pointsize 1 linewidth 1.6 / k \
		title label(word(HEAD_hist_fault_curve_csv[RUN_OF[k]], c) . (CURVES > 1 ? " (" . NAME[RUN_OF[k]] . ")" : ""))
}
