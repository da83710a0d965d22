# SPDX-License-Identifier: GPL-3.0-or-later
# Latency percentiles: how slow the slowest requests are. The horizontal axis is drawn as
# HdrHistogram's plots draw it, each nine as wide as the one before, so the tail is seen.
# Files: hist/latency_all.csv, hist/latency_read.csv, hist/latency_write.csv,
# hist/latency_other.csv

load PLOTS . "/latency_curves.gp"

if (CURVES == 0) {
	sentence = "no request completed"
	eval no_data
} else {
	most = 0
	do for [k = 1 : CURVES] { most = max(most, CURVE_COUNT[k]) }

	# Latencies spread over decades want a logarithmic axis.
	unit = latency_factor(high)
	eval axes("percentile (%)", "latency (" . latency_unit(high) . ")")
	floor_ms = max(low, high * 1e-5)
	if (high > 10 * middle) {
		set logscale y
		set yrange [round_down(floor_ms * unit) : round_up(high * unit)]
		set format y "%g"
		eval log_tics("y", round_down(floor_ms * unit), round_up(high * unit))
	} else {
		set yrange [0 : high * unit * 1.08]
	}

	LOG_X = 1
	NINES = 1
	set logscale x
	set xrange [1 : max(2 * most, 10)]
	unset mxtics
	set xtics ("0" 1, "50" 2, "90" 10, "99" 1e2, "99.9" 1e3, "99.99" 1e4, "99.999" 1e5, \
		"99.9999" 1e6, "99.99999" 1e7, "99.999999" 1e8, "99.9999999" 1e9)

	# The largest of n stands at 1 - 1/(2n), in the middle of its share.
	place(f, n) = f < 1 ? 1.0 / (1 - f) : 2.0 * n
	plot for [k = 1 : CURVES] $CURVE index k - 1 \
		using (place($2, CURVE_COUNT[k])):(max($1, floor_ms) * unit) \
		with lines linestyle k title label(CURVE_NAME[k])
}
