# SPDX-License-Identifier: GPL-3.0-or-later
# Shared by the plots over simulated time: axis of time, span, and which runs have windows.
# Files: series.csv
#
#   POINTS       windows in all runs; with 0 there is nothing to draw
#   span, tunit  end of the longest run in s; factor from s to the unit of the time axis
#   middle_of(t, w)  time of a window in that unit: its middle
#   @LINE        plotting style: dots are seen where windows are few, else hidden in the line

POINTS = 0
span = 0
do for [i = 1 : RUNS] {
	if (ROWS_series_csv[i] > 0) {
		POINTS = POINTS + ROWS_series_csv[i]
		stats RUN[i] . "/series.csv" using ($1 + $2) skip 1 name "END" nooutput
		span = max(span, END_max)
	}
}
if (!(span > 0)) { POINTS = 0 }
tunit = time_factor(span)
middle_of(t, w) = (t + w / 2.0) * tunit
file(i) = RUN[i] . "/series.csv"
FEW = POINTS <= 40 * RUNS
LINE = DUMB && !FEW ? "with lines" : "with linespoints"
set pointsize FEW ? 0.5 : 0.2

set xlabel "simulated time (" . time_unit(span) . ")"
if (POINTS > 0) { set xrange [0 : span * tunit] }
