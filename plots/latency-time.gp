# SPDX-License-Identifier: GPL-3.0-or-later
# Latency over simulated time: mean, median, 99th percentile and maximum of each window; of
# several runs mean (solid) and 99th percentile (dashed; not on the text terminal).
# Files: series.csv

load PLOTS . "/series_common.gp"

high = 0
low = 1e300
typical = 0
do for [i = 1 : RUNS] {
	if (ROWS_series_csv[i] > 0) {
		stats file(i) using (requests = $3 + $4 + $5, \
			high = max(high, $11 * 1e-3), \
			low = requests > 0 ? min(low, $8 * 1e-3) : low, \
			typical = max(typical, $9 * 1e-3), 0) skip 1 nooutput
	}
}

if (POINTS == 0 || high == 0) {
	sentence = "no request completed"
	eval empty_frame
} else {
	unit = latency_factor(high)
	set ylabel "latency (" . latency_unit(high) . ")"
	floor_ms = high * 1e-5
	if (high > 10 * typical) {
		set logscale y
		set yrange [round_down(max(low, floor_ms) * unit) : round_up(high * unit)]
		set format y "%g"
	} else {
		set yrange [0 : high * unit * 1.08]
	}
	# a window without requests has no latency: a gap
	ms(n, us) = n > 0 ? max(us * 1e-3, floor_ms) * unit : NaN
	if (RUNS == 1) {
		plot file(1) using (middle_of($1, $2)):(ms($3 + $4 + $5, $11)) skip 1 \
				@LINE linetype 6 title label("maximum"), \
			"" using (middle_of($1, $2)):(ms($3 + $4 + $5, $10)) skip 1 \
				@LINE linetype 2 title label("p99"), \
			"" using (middle_of($1, $2)):(ms($3 + $4 + $5, $8)) skip 1 \
				@LINE linetype 7 title label("mean"), \
			"" using (middle_of($1, $2)):(ms($3 + $4 + $5, $9)) skip 1 \
				@LINE linetype 1 title label("median")
	} else {
		set for [i = 1 : RUNS] style line i linetype i
		set for [i = 1 : RUNS] style line RUNS + i linetype i dt 3
		last = DUMB ? RUNS : 2 * RUNS
		run(k) = k > RUNS ? k - RUNS : k
		plot for [k = 1 : last] file(run(k)) \
			using (middle_of($1, $2)):(ms($3 + $4 + $5, column(k > RUNS ? 10 : 8))) skip 1 \
			@LINE linestyle k title label(NAME[run(k)] . (k > RUNS ? ", p99" : ", mean"))
	}
}
