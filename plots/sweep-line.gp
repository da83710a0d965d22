# SPDX-License-Identifier: GPL-3.0-or-later
# A column of a sweep over another: means over replications, with the band of their 95 % confidence intervals, a line for each value of a
# third column; closed forms, where given, as thin dashed lines of the same colours.
# Data: points (panel, line, x, mean, low, high, points), theory (panel, line, x, y)

load PLOTS . "/sweep_common.gp"

load PLOTS . "/sweep_lines.gp"

if (ROWS_points == 0) {
	sentence = "no point of the sweep has both columns"
	eval no_data
} else {
	eval axes(X_LABEL, Y_LABEL)
	eval sweep_x
	if (LINES == 1 && ROWS_theory == 0) { eval no_key }
	panel_now = 1
	plot @BANDS @THEORY @POINTS
}
