# SPDX-License-Identifier: GPL-3.0-or-later
# Erases of a block over simulated time, the mean and the most worn one, and how many it is rated for: there a drive's life ends.
# Logarithmic where that line is far off.
# Files: device-series.csv and summary.json, as the table wear_time: time_s, erase_mean, erase_max, endurance

CURVES = 0
span = 0
most = 0
life = 0
least = 1e300
array RUN_OF[RUNS]
do for [i = 1 : RUNS] {
	if (ROWS_wear_time[i] > 0) {
		CURVES = CURVES + 1
		RUN_OF[CURVES] = i
		stats DATA index FROM(i, "wear_time") using (span = max(span, $1), most = max(most, $3), life = max(life, $4), \
			least = $2 > 0 ? min(least, $2) : least, 0) nooutput
	}
}

if (CURVES == 0 || most == 0) {
	sentence = CURVES == 0 ? "the device has no blocks that wear" : "no block has been erased"
	eval no_data
} else {
	tunit = time_factor(span)
	eval axes("simulated time (" . time_unit(span) . ")", "erases of a block")
	set xrange [0 : span * tunit]
	if (life > 5 * most) {
		set logscale y
		set format y "%g"
		set yrange [round_down(max(least, most * 1e-3)) : round_up(life * 1.5)]
	} else {
		set yrange [0 : max(most, life) * 1.08]
	}
	plot (life > 0 ? life : NaN) with lines linetype 4 lc rgb "#882255" lw 2.5 dt (12, 4) title (life > 0 ? label(sprintf("end of life: %g erases", life)) : ""), \
		for [k = 1 : CURVES] DATA index FROM(RUN_OF[k], "wear_time") using ($1 * tunit):(above($3)) with lines \
		linetype (RUNS == 1 ? 2 : RUN_OF[k]) dt 2 title label(RUNS == 1 ? "most worn block" : NAME[RUN_OF[k]] . ", most"), \
		for [k = 1 : CURVES] DATA index FROM(RUN_OF[k], "wear_time") using ($1 * tunit):(above($2)) with lines \
		linetype (RUNS == 1 ? 1 : RUN_OF[k]) dt 1 lw 2 title label(RUNS == 1 ? "mean of all blocks" : NAME[RUN_OF[k]] . ", mean")
}
