# SPDX-License-Identifier: GPL-3.0-or-later
# How many blocks have been erased how often, as a share of all blocks.
# Files: hist/wear_histogram.csv

HISTS = 0
least = 1e300
far = 0
tallest = 0
array RUN_OF[RUNS]
array TOTAL[RUNS]
file(h) = FROM(RUN_OF[h], "hist/wear_histogram.csv")
do for [i = 1 : RUNS] {
	if (ROWS_hist_wear_histogram_csv[i] > 0) {
		HISTS = HISTS + 1
		RUN_OF[HISTS] = i
		TOTAL[HISTS] = 0.0
		stats DATA index file(HISTS) using (least = min(least, $1), far = max(far, $2), TOTAL[HISTS] = TOTAL[HISTS] + $3, 0) nooutput
		stats DATA index file(HISTS) using (tallest = max(tallest, 100.0 * $3 / max(TOTAL[HISTS], 1)), 0) nooutput
	}
}

if (HISTS == 0 || tallest == 0) {
	sentence = "the device has no blocks that wear"
	eval no_data
} else {
	eval axes("erases of a block", "blocks (%)")
	# bars stand on their number, and so do a few of them not fill the picture
	room = max(0.5, (8 - (far - least)) / 2.0)
	set xrange [max(least - room, -0.5) : far - 1 + room]
	if (far - least <= 12) { set xtics 1 }
	set yrange [0 : tallest * 1.08]
	if (RUNS == 1) { eval no_key }
	if (RUNS == 1 && !DUMB) {
		unset grid
		set grid ytics
		set style fill solid 0.85 noborder
		plot DATA index file(1) using (($1 + $2 - 1) / 2.0):(100.0 * $3 / TOTAL[1]):(($2 - $1) * 0.9) with boxes linetype 1 notitle
	} else {
		plot for [h = 1 : HISTS] DATA index file(h) using (($1 + $2 - 1) / 2.0):(100.0 * $3 / TOTAL[h]) \
			with linespoints linetype RUN_OF[h] title label(NAME[RUN_OF[h]])
	}
}
