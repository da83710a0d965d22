# SPDX-License-Identifier: GPL-3.0-or-later
# How evenly blocks wear: the least worn share of the blocks on the share of all erases that it had (Lorenz, 1905), and the Gini
# coefficient, 0 where all are alike.
# Files: hist/wear_histogram.csv, as the table lorenz: blocks_percent, erases_percent, gini

CURVES = 0
array RUN_OF[RUNS]
array GINI[RUNS]
do for [i = 1 : RUNS] {
	if (ROWS_lorenz[i] > 0) {
		CURVES = CURVES + 1
		RUN_OF[CURVES] = i
		stats DATA index FROM(i, "lorenz") using (GINI[CURVES] = $3, 0) nooutput
	}
}

if (CURVES == 0) {
	sentence = "no block has been erased"
	eval no_data
} else {
	eval axes("blocks, the least worn first (%)", "share of all erases (%)")
	set xrange [0 : 100]
	set yrange [0 : 100]
	plot x with lines linetype 6 lc rgb "#888888" lw 1 dt 3 title label("all alike"), \
		for [k = 1 : CURVES] DATA index FROM(RUN_OF[k], "lorenz") using 1:2 with lines linetype RUN_OF[k] lw 2 \
		title label((RUNS > 1 ? NAME[RUN_OF[k]] . ": " : "") . sprintf("Gini %.3f", GINI[k]))
}
