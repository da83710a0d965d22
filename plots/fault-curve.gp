# SPDX-License-Identifier: GPL-3.0-or-later
# Page faults over the page frames that a program is given, by replacement policy, on the run's own string of references.
# Files: hist/fault_curve.csv: frames, then a column for each policy, which may be empty; of several devices behind a column `device`,
# all alike.

most = 0
far = 0
CURVES = 0
LINES = "" # 1000 curve + column of each that is not empty
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
		do for [c = 2 + SHIFT[i] : COLUMNS[i]] {
			filled = 0
			stats DATA index file(i) using (valid(c) ? (filled = 1, most = max(most, column(c))) : 0, 0) nooutput
			if (filled) { LINES = LINES . sprintf(" %d", 1000 * CURVES + c) }
		}
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
	run_of(l) = RUN_OF[int(l) / 1000]
	plot for [l in LINES] DATA index file(run_of(l)) \
		using (of_first(run_of(l), column(1 + SHIFT[run_of(l)]))):(column(int(l) % 1000)) with linespoints \
		linetype colour_of(run_of(l), int(l) % 1000) dashtype dash_of(run_of(l), int(l) % 1000) \
		pointtype int(l) % 1000 - 1 - SHIFT[run_of(l)] pointsize 1 linewidth 1.6 / (int(l) / 1000) \
		title label(word(HEAD_hist_fault_curve_csv[run_of(l)], int(l) % 1000) . (CURVES > 1 ? " (" . NAME[run_of(l)] . ")" : ""))
}
