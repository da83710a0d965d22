# SPDX-License-Identifier: GPL-3.0-or-later
# All points of a sweep in two of its columns, and the front of those that no other point beats in one without losing in the other.
# Data: points (line, x, y), front (line, x, y): means over replications

load PLOTS . "/sweep_common.gp"

low_x = 1e300
high_x = -1e300
low_y = 1e300
high_y = -1e300
if (ROWS_points > 0) {
	stats DATA index "1:points" using (low_x = min(low_x, $2), high_x = max(high_x, $2), low_y = min(low_y, $3), high_y = max(high_y, $3), 0) nooutput
}

if (ROWS_points == 0) {
	sentence = "no point of the sweep has both columns"
	eval no_data
} else {
	eval axes(X_LABEL, Y_LABEL)
	if (WANT_LOG_X && low_x > 0) { set logscale x; set format x "%g"; eval log_tics("x", round_down(low_x * X_FACTOR), round_up(high_x * X_FACTOR)) }
	if (WANT_LOG_Y && low_y > 0) { set logscale y; set format y "%g"; eval log_tics("y", round_down(low_y * Y_FACTOR), round_up(high_y * Y_FACTOR)) }
	eval "set xrange " . room(low_x * X_FACTOR, high_x * X_FACTOR, WANT_LOG_X && low_x > 0)
	eval "set yrange " . room(low_y * Y_FACTOR, high_y * Y_FACTOR, WANT_LOG_Y && low_y > 0)
	plot DATA index "1:front" using ($2 * X_FACTOR):($3 * Y_FACTOR) with lines linetype 7 lw 1.6 dt 2 title label("Pareto front"), \
		for [k = 1 : LINES] DATA index "1:points" using ($1 == k ? $2 * X_FACTOR : NaN):($3 * Y_FACTOR) with points linetype colour_of(k) \
		pointtype point_of(k) pointsize (DUMB ? 1 : 1.5) title (LINES > 1 ? label(LINE_NAME[k]) : label("points of the sweep")), \
		DATA index "1:front" using ($2 * X_FACTOR):($3 * Y_FACTOR) with points pt (DUMB ? 23 : 6) pointsize (DUMB ? 1 : 2.6) lc rgb "#333333" notitle
}
