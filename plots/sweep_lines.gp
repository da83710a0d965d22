# SPDX-License-Identifier: GPL-3.0-or-later
# Shared by sweep-line.gp and sweep-panels.gp: `plot @BANDS @THEORY @POINTS` draws the lines of panel number panel_now.

high = 0
lowest = 0
low = 1e300 # of those above 0
if (ROWS_points > 0) {
	stats DATA index "1:points" using (high = max(high, max($6, $4)), lowest = min(lowest, min($5, $4)), low = $4 > 0 ? min(low, $4) : low, 0) nooutput
}
if (ROWS_theory > 0) {
	stats DATA index "1:theory" using (high = max(high, $4), lowest = min(lowest, $4), low = $4 > 0 ? min(low, $4) : low, 0) nooutput
}
if (WANT_LOG_Y && low < 1e300) {
	set logscale y
	set format y "%g"
	set yrange [round_down(low * Y_FACTOR) : round_up(high * Y_FACTOR)]
	eval log_tics("y", round_down(low * Y_FACTOR), round_up(high * Y_FACTOR))
} else {
	Y_FORMAT = max(high, -lowest) * Y_FACTOR >= 1e5 ? "%.0s%c" : "%h" # numbers of six digits do not fit
	set format y Y_FORMAT
	set yrange [lowest * Y_FACTOR * 1.06 : max(high * Y_FACTOR, 1e-9) * 1.06]
}
here(k) = $1 == panel_now && $2 == k
# of numbers a band, of words bars
BANDS = REPLICATED && !DUMB ? (XS ? "for [k = 1 : LINES] DATA index '1:points' using (here(k) ? $3 : NaN):(y_at($4)):(y_at($5)):(y_at($6)) with yerrorbars linetype colour_of(k) dt 1 pt 0 notitle, " \
	: "for [k = 1 : LINES] DATA index '1:points' using (here(k) ? x_at($3) : NaN):(WANT_LOG_Y ? max(y_at($5), low * Y_FACTOR * 0.1) : y_at($5)):(y_at($6)) " \
	. "with filledcurves fs transparent solid 0.2 noborder lc rgb SHADE[colour_of(k)] notitle, ") : ""
THEORY = ROWS_theory > 0 ? "for [k = 1 : LINES] DATA index '1:theory' using (here(k) ? x_at($3) : NaN):(y_at($4)) with lines linetype colour_of(k) lw 1 dt 3 notitle, " \
	. "keyentry with lines linetype 7 lw 1 dt 3 title label('closed form'), " : ""
POINTS = "for [k = 1 : LINES] DATA index '1:points' using (here(k) ? x_at($3) : NaN):(y_at($4)) with linespoints linetype colour_of(k) " \
	. "pointtype point_of(k) pointsize (DUMB ? 1 : 1.2) title label(LINE_NAME[k])"
