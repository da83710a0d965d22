# SPDX-License-Identifier: GPL-3.0-or-later
# Load over simulated time in three panels: data rate, requests outstanding, and the share of the time in which the (first) device
# worked. Of one run reads and writes have a line each.
# Files: series.csv, device-series.csv

load PLOTS . "/series_common.gp"

most_mb = 0
most_depth = 0
reads = 0
writes = 0
drawn(r, w) = RUNS > 1 ? r + w : max(r, w)
do for [s = 1 : SERIES] {
	stats $WINDOW index s - 1 using (reads = reads + $3, writes = writes + $4, most_depth = max(most_depth, $12), \
		most_mb = $2 > 0 ? max(most_mb, drawn($6, $7) / $2 * 1e-6) : most_mb, 0) nooutput
}

if (SERIES == 0) {
	sentence = no_series
	eval no_data
} else {
	rate_name = most_mb < 1 ? "kB/s" : most_mb < 1e4 ? "MB/s" : "GB/s"
	rate = most_mb < 1 ? 1e-3 : most_mb < 1e4 ? 1e-6 : 1e-9
	high = most_mb * 1e6 * rate
	per_s(n, w) = w > 0 ? n / w * rate : NaN
	first = reads > 0 || writes == 0 ? 1 : 2
	last = writes > 0 ? 2 : 1
	few = DUMB ? 2 : 3

	eval panel(1, 3)
	set ylabel rate_name
	set yrange [0 : max(high * 1.08, 1e-9)]
	set ytics high > 0 ? tic_step(high, few) : 1
	if (RUNS == 1) {
		plot for [k = first : last] $WINDOW using (middle_of($1, $2)):(per_s(column(5 + k), $2)) \
			@LINE linetype (k == 1 ? LT_READ : LT_WRITE) title label(k == 1 ? "reads" : "writes")
	} else {
		plot for [s = 1 : SERIES] $WINDOW index s - 1 using (middle_of($1, $2)):(per_s($6 + $7, $2)) \
			@LINE linetype RUN_OF[s] title label(NAME[RUN_OF[s]])
	}

	eval panel(2, 3)
	set ylabel DUMB ? "depth" : "outstanding"
	set yrange [0 : max(most_depth * 1.08, 1)]
	set ytics tic_step(max(most_depth, 1), few)
	plot for [s = 1 : SERIES] $WINDOW index s - 1 using (middle_of($1, $2)):12 @LINE linetype (RUNS == 1 ? LT_ALL : RUN_OF[s]) dt 1 notitle

	eval panel(3, 3)
	set ylabel DUMB ? "busy %" : "busy (%)"
	set xlabel time_label
	set yrange [0 : 108]
	set ytics 50
	known = 0
	array KNOWN[RUNS]
	do for [i = 1 : RUNS] { if (ROWS_device_series_csv[i] > 0) { known = known + 1; KNOWN[known] = i } }
	busy(i) = words(HEAD_device_series_csv[i])
	if (known) {
		plot for [k = 1 : known] DATA index FROM(KNOWN[k], "device-series.csv") \
			using (middle_of($1, $2)):(column(busy(KNOWN[k])) * 100) with lines linetype (RUNS == 1 ? LT_ALL : KNOWN[k]) dt 1 notitle
	} else {
		set label 1 "of no device of these runs" at graph 0.5, 0.5 center
		plot -1 notitle
	}
	unset multiplot
}
