# SPDX-License-Identifier: GPL-3.0-or-later
# The seek curve the disk was configured with: time of a seek over its distance.
# Files: hist/seek_curve.csv

far = 0
slow = 0
CURVES = 0
array RUN_OF[RUNS]
do for [i = 1 : RUNS] {
	if (ROWS_hist_seek_curve_csv[i] > 0) {
		CURVES = CURVES + 1
		RUN_OF[CURVES] = i
		stats DATA index FROM(i, "hist/seek_curve.csv") \
			using (far = max(far, $1), slow = max(slow, $2)) nooutput
	}
}

if (slow == 0) {
	sentence = "the device has no seek curve"
	eval no_data
} else {
	eval axes("seek distance (cylinders)", "seek time (" . latency_unit(slow) . ")")
	set xrange [0 : far * 1.02]
	set yrange [0 : slow * latency_factor(slow) * 1.08]
	if (RUNS == 1) { eval no_key }
	plot for [k = 1 : CURVES] DATA index FROM(RUN_OF[k], "hist/seek_curve.csv") \
		using 1:($2 * latency_factor(slow)) with lines linetype RUN_OF[k] \
		title label(NAME[RUN_OF[k]])
}
