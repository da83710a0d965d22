# SPDX-License-Identifier: GPL-3.0-or-later
# Shared by the plots of what a device tells of itself over simulated time.
# Files: device-series.csv
#
#   SERIES       runs with at least one window
#   RUN_OF[s]    which run
#   LAST[s]      windows of it that are drawn: without the last, which is cut short, or in which the device finished
#                what it had begun when all requests were served
#   file(s)      its file
#   span, tunit  end of the longest run in s; factor from s to the unit of the time axis
#   middle()     where a window stands on the time axis
#   LINE         how a series is drawn
#   time_label   name of the time axis

SERIES = 0
span = 0
FEWEST = 1e9
array RUN_OF[RUNS]
array LAST[RUNS]
file(s) = FROM(RUN_OF[s], "device-series.csv")
do for [i = 1 : RUNS] {
	if (ROWS_device_series_csv[i] > 0) {
		SERIES = SERIES + 1
		RUN_OF[SERIES] = i
		LAST[SERIES] = max(ROWS_device_series_csv[i] - 1, 1)
		FEWEST = min(FEWEST, LAST[SERIES])
		stats DATA index file(SERIES) using (span = $0 < LAST[SERIES] ? max(span, $1 + $2) : span, 0) nooutput
	}
}
if (SERIES > 0 && span == 0) { span = 1e-12 }
tunit = time_factor(span)
LINE = FEWEST <= 40 ? "with linespoints" : "with lines"
set pointsize 0.5
time_label = "simulated time (" . time_unit(span) . ")"
if (SERIES > 0) { set xrange [0 : span * tunit] }
