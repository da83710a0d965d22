# SPDX-License-Identifier: GPL-3.0-or-later
# Shared by the plots of sweeps. The prologue says (src/run/plot_sweep.c):
#   X_LABEL, X_FACTOR      name of the axis with its unit, factor from the data's unit to it; also Y_ and, of a map, Z_
#   WANT_LOG_X, WANT_LOG_Y           1 where a logarithmic axis is wanted
#   XS, X_NAME[k]          values of a column of text, whose places are their numbers; XS 0: a column of numbers
#   LINES, LINE_NAME[k]; PANELS, PANEL_NAME[k]
#   REPLICATED             1 where points have replications, and so a confidence interval
#   ROWS_x                 rows of block "1:x" of the data: points, theory, residuals; cells; front
#
# Here: `eval sweep_axes(low, high)` sets the axes for values from low to high, in the data's unit, as blocks `points` need them;
# SHADE(k), the colour of a band of line k.

array SHADE[7] = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#333333"]
if (LINES > 7) { set key samplen 1.8 width 0 }
# seven colours with dashes and shapes of points; lines beyond the seventh have colours and dashes again, with other shapes
array SHAPE[7] = [7, 8, 5, 12, 11, 6, 9]
colour_of(k) = (k - 1) % 7 + 1
point_of(k) = k <= 7 ? SHAPE[k] : (k - 8) % 4 + 1
first_x = 1e300
last_x = -1e300
if (ROWS_points > 0) {
	stats DATA index "1:points" using (first_x = min(first_x, $3), last_x = max(last_x, $3), 0) nooutput
}
room(low, high, log) = log ? sprintf("[%.9g : %.9g]", low / 1.12, high * 1.12) \
	: sprintf("[%.9g : %.9g]", low - 0.03 * (high - low) - (high == low), high + 0.03 * (high - low) + (high == low))
x_at(v) = WANT_LOG_X && !XS ? above(v * X_FACTOR) : v * X_FACTOR
y_at(v) = WANT_LOG_Y ? above(v * Y_FACTOR) : v * Y_FACTOR
sweep_x = XS ? sprintf("set xrange [0.5 : %d.5]; set xtics scale 0 ('' 1); do for [k = 1 : XS] { set xtics add (X_NAME[k] k) noenhanced }", XS) \
	: sprintf("set xrange %s", room(first_x * X_FACTOR, last_x * X_FACTOR, WANT_LOG_X && first_x > 0)) \
	. (WANT_LOG_X && first_x > 0 ? "; set logscale x; set format x '%g'; eval log_tics('x', round_down(first_x * X_FACTOR), round_up(last_x * X_FACTOR))" : "")
