# SPDX-License-Identifier: GPL-3.0-or-later
# Latency over simulated time: median, 99th and 99.9th percentile and maximum of each window, with a band from each to the
# next; of several runs mean (solid) and 99th percentile (dashed; not on the text terminal).
# Files: series.csv

load PLOTS . "/series_common.gp"

# the highest of the lines that are drawn
top_of(mean, p99, most) = RUNS == 1 ? most : DUMB ? mean : max(mean, p99)
high = 0
low = 1e300
requests_all = 0
medians = 0.0
do for [s = 1 : SERIES] {
	stats $WINDOW index s - 1 using (requests = $3 + $4 + $5, high = max(high, top_of($8, $10, $11) * 1e-3), \
		low = requests > 0 ? min(low, min($8, $9) * 1e-3) : low, \
		requests_all = requests_all + requests, medians = medians + requests * $9 * 1e-3, 0) nooutput
}

if (high == 0) {
	sentence = SERIES == 0 ? no_series : "every request took 0 s"
	eval no_data
} else {
	unit = latency_factor(high)
	eval axes(time_label, "latency (" . latency_unit(high) . ")")
	floor_ms = high * 1e-5
	if (high > 10 * medians / requests_all) {
		set logscale y
		set yrange [round_down(max(low, floor_ms) * unit) : round_up(high * unit)]
		set format y "%g"
		eval log_tics("y", round_down(max(low, floor_ms) * unit), round_up(high * unit))
	} else {
		set yrange [0 : high * unit * 1.08]
	}
	# a window without requests has no latency: a gap
	ms(n, us) = n > 0 ? max(us * 1e-3, floor_ms) * unit : NaN
	if (RUNS == 1) {
		# from light to dark, the higher the lighter; their edges are lines of their own
		array COLUMN[4] = [11, 13, 10, 9]
		array COLUMN_NAME[4] = ["maximum", "p99.9", "p99", "median"]
		array COLUMN_TYPE[4] = [6, 4, 2, 1]
		array BAND[3] = ["#DDEFF9", "#B9D9EC", "#8FBFDD"]
		at(k) = ms($3 + $4 + $5, column(COLUMN[k]))
		if (DUMB) {
			plot for [k = 1 : 4] $WINDOW using (middle_of($1, $2)):(at(k)) @LINE linetype COLUMN_TYPE[k] title label(COLUMN_NAME[k])
		} else {
			plot for [k = 1 : 3] $WINDOW using (middle_of($1, $2)):(at(k + 1)):(at(k)) with filledcurves lc rgb BAND[k] notitle, \
				for [k = 1 : 4] $WINDOW using (middle_of($1, $2)):(at(k)) @LINE linetype COLUMN_TYPE[k] lw (k == 4 ? 2 : 1.2) \
				title label(COLUMN_NAME[k])
		}
	} else {
		set for [s = 1 : SERIES] style line s linetype RUN_OF[s] dt 1
		set for [s = 1 : SERIES] style line SERIES + s linetype RUN_OF[s] dt 3
		last = DUMB ? SERIES : 2 * SERIES
		series(k) = k > SERIES ? k - SERIES : k
		plot for [k = 1 : last] $WINDOW index series(k) - 1 \
			using (middle_of($1, $2)):(ms($3 + $4 + $5, column(k > SERIES ? 10 : 8))) \
			@LINE linestyle k title label(NAME[RUN_OF[series(k)]] . (k > SERIES ? ", p99" : ", mean"))
	}
}
