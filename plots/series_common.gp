# SPDX-License-Identifier: GPL-3.0-or-later
# Shared by the plots over simulated time: reads the windows and merges neighbours where
# there are more of them than a picture can show.
# Files: series.csv
#
#   SERIES       runs with requests, where time passed; 0: there is nothing to draw, and
#   no_series    says why
#   RUN_OF[s]    which run
#   $WINDOW      a block for each, told apart by `index` s - 1, with the columns of
#                series.csv. A merged window has the sums of requests and bytes, the means
#                of mean latency, median and percentiles (by requests) and depth, and the
#                maximum of the maxima
#   span, tunit  end of the longest run in s; factor from s to the unit of the time axis
#   middle_of(t, w)  time of a window in that unit: its middle
#   @LINE        plotting style: dots are seen where windows are few

MOST = DUMB ? 140 : 300 # windows that are drawn as they are; more are merged to half of it

span = 0
SERIES = 0
array RUN_OF[RUNS]
array REQUESTS[RUNS]
do for [i = 1 : RUNS] {
	REQUESTS[i] = 0.0
	if (ROWS_series_csv[i] > 0) {
		stats DATA index FROM(i, "series.csv") using (span = max(span, $1 + $2), \
			REQUESTS[i] = REQUESTS[i] + $3 + $4 + $5, 0) nooutput
	}
}

asked = 0
do for [i = 1 : RUNS] { asked = asked + REQUESTS[i] }
no_series = asked > 0 ? "no simulated time passed" : "no request completed"

set print $WINDOW
print "# time_s,window_s,reads,writes,others,read_bytes,write_bytes,mean_us,p50_us,p99_us,max_us,depth,p999_us"
set print

FEWEST = 1e9
merged_s = 0
one_s = 0
do for [i = 1 : RUNS] {
	if (REQUESTS[i] > 0 && span > 0) {
		SERIES = SERIES + 1
		RUN_OF[SERIES] = i
		bins = ROWS_series_csv[i] > MOST ? MOST / 2 : ROWS_series_csv[i]
		merge = bins < ROWS_series_csv[i]
		FEWEST = min(FEWEST, bins)
		array BEGIN[bins + 1]
		array WIDTH_S[bins + 1]
		array SUM[(bins + 1) * 13]
		do for [k = 1 : bins + 1] { BEGIN[k] = -1; WIDTH_S[k] = 0.0 }
		do for [k = 1 : (bins + 1) * 13] { SUM[k] = 0.0 }
		row = 0
		add(g, n, w) = (BEGIN[g] = BEGIN[g] < 0 ? column(1) : BEGIN[g], \
			WIDTH_S[g] = WIDTH_S[g] + w, at = (g - 1) * 13, \
			sum5(at, 3), SUM[at + 8] = SUM[at + 8] + n * column(8), \
			SUM[at + 9] = SUM[at + 9] + n * column(9), SUM[at + 10] = SUM[at + 10] + n * column(10), \
			SUM[at + 11] = max(SUM[at + 11], column(11)), SUM[at + 12] = SUM[at + 12] + w * column(12), \
			SUM[at + 13] = SUM[at + 13] + n * column(13))
		sum5(at, k) = (SUM[at + k] = SUM[at + k] + column(k), k < 7 ? sum5(at, k + 1) : 0)
		stats DATA index FROM(i, "series.csv") using (row = row + 1, one_s = row == 1 ? $2 : one_s, \
			add(merge ? 1 + int($1 / span * bins) : row, $3 + $4 + $5, $2), 0) nooutput
		if (merge) { merged_s = max(merged_s, span / bins) }
		set print $WINDOW append
		if (SERIES > 1) { print ""; print "" }
		do for [k = 1 : bins + 1] {
			if (BEGIN[k] >= 0) {
				at = (k - 1) * 13
				n = max(SUM[at + 3] + SUM[at + 4] + SUM[at + 5], 1)
				print sprintf("%.12g,%.12g,%.12g,%.12g,%.12g,%.12g,%.12g,%.9g,%.9g,%.9g,%.9g,%.9g,%.9g", \
					BEGIN[k], WIDTH_S[k], SUM[at + 3], SUM[at + 4], SUM[at + 5], SUM[at + 6], \
					SUM[at + 7], SUM[at + 8] / n, SUM[at + 9] / n, SUM[at + 10] / n, SUM[at + 11], \
					WIDTH_S[k] > 0 ? SUM[at + 12] / WIDTH_S[k] : 0, SUM[at + 13] / n)
			}
		}
		set print
	}
}

tunit = time_factor(span)
middle_of(t, w) = (t + w / 2.0) * tunit
FEW = FEWEST <= 40
LINE = FEW ? "with linespoints" : "with lines"
set pointsize 0.5

time_label = "simulated time (" . time_unit(span) . ")"
if (merged_s > 0) {
	time_label = time_label . sprintf(", means over %.3g %s", \
		merged_s * time_factor(merged_s), time_unit(merged_s))
}
if (SERIES > 0) { set xrange [0 : span * tunit] }
