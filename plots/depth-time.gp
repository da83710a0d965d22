# SPDX-License-Identifier: GPL-3.0-or-later
# Requests outstanding over simulated time: the mean of each window.
# Files: series.csv

load PLOTS . "/series_common.gp"

high = 0
do for [i = 1 : RUNS] {
	if (ROWS_series_csv[i] > 0) {
		stats file(i) using (high = max(high, $12)) skip 1 nooutput
	}
}

if (POINTS == 0) {
	sentence = "no request completed"
	eval empty_frame
} else {
	set ylabel "requests outstanding"
	set yrange [0 : max(high * 1.08, 1)]
	if (RUNS == 1) { eval no_key }
	plot for [i = 1 : RUNS] file(i) using (middle_of($1, $2)):12 skip 1 \
		@LINE linetype i title label(NAME[i])
}
