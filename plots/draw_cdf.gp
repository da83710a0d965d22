# SPDX-License-Identifier: GPL-3.0-or-later
# Shared by cdf.gp and measured.gp: draws the curves of curves.gp as cumulative distributions of
# `quantity`, or says `sentence`.

if (CURVES == 0) {
	eval no_data
} else {
	unit = latency_factor(high)
	eval axes(quantity . " (" . latency_unit(high) . ")", "fraction of requests")
	floor_ms = max(low, high * 1e-5)
	if (high > 10 * middle) {
		set logscale x
		set xrange [round_down(floor_ms * unit) : round_up(high * unit)]
		set format x "%g"
		eval log_tics("x", round_down(floor_ms * unit), round_up(high * unit))
	} else {
		set xrange [0 : high * unit * 1.05]
	}
	set yrange [0 : 1]
	set ytics 0.2

	plot for [k = 1 : CURVES] $CURVE index k - 1 using (max($1, floor_ms) * unit):2 \
		with lines linestyle k title label(CURVE_NAME[k])
}
