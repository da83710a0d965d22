# SPDX-License-Identifier: GPL-3.0-or-later
# How far the simulated means of a sweep lie from closed forms, in percent of these, with the 95 % confidence intervals of the means.
# Data: residuals (panel, line, x, percent, percent_low, percent_high)

load PLOTS . "/sweep_common.gp"

far = 0
if (ROWS_residuals > 0) {
	stats DATA index "1:residuals" using (far = max(far, max(abs($4), max(abs($5), abs($6)))), 0) nooutput
}

if (ROWS_residuals == 0) {
	sentence = "no point of the sweep stands in the file of closed forms"
	eval no_data
} else {
	eval axes(X_LABEL, "simulated less closed form (% of it)")
	eval sweep_x
	set yrange [-max(far, 0.1) * 1.1 : max(far, 0.1) * 1.1]
	if (LINES == 1) { eval no_key }
	set xzeroaxis lt 1 lc rgb "#333333" lw 1 dt 1
	plot for [k = 1 : LINES] DATA index "1:residuals" using ($2 == k ? x_at($3) : NaN):4:5:6 with yerrorbars linetype colour_of(k) dt 1 pt 0 notitle, \
		for [k = 1 : LINES] DATA index "1:residuals" using ($2 == k ? x_at($3) : NaN):4 with linespoints linetype colour_of(k) \
		pointtype point_of(k) pointsize (DUMB ? 1 : 1.2) title label(LINE_NAME[k])
}
