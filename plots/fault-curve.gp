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
	# one run: a dash for each policy; several: colours tell policies, and dashes runs
	if (CURVES > 1) {
		plot for [k = 1 : CURVES] for [c = 2 + SHIFT[RUN_OF[k]] : COLUMNS[RUN_OF[k]]] file(RUN_OF[k]) \
			using (of_first(RUN_OF[k], column(1 + SHIFT[RUN_OF[k]]))):c with lines linetype c - 1 - SHIFT[RUN_OF[k]] \
			dashtype k title label(columnheader(c) . " (" . NAME[RUN_OF[k]] . ")")
	} else {
		plot for [c = 2 + SHIFT[RUN_OF[1]] : COLUMNS[RUN_OF[1]]] file(RUN_OF[1]) \
			using (of_first(RUN_OF[1], column(1 + SHIFT[RUN_OF[1]]))):c with lines linetype c - 1 - SHIFT[RUN_OF[1]] \
			title label(columnheader(c))
	}
}
