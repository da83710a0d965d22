# SPDX-License-Identifier: GPL-3.0-or-later
# Shared by latency.gp and cdf.gp: cumulative latency curves from the run directories.
# Files: hist/latency_all.csv, hist/latency_read.csv, hist/latency_write.csv,
# hist/latency_other.csv
#
# One run gives a curve for each operation there was, and one of all requests where there
# were several; many runs give one of all requests each. Fills
#   $CURVE       one block a curve, told apart by `index`: latency in ms, and the fraction
#                of the requests at or below it, rising from 0 to 1
#   CURVES       how many; CURVE_NAME[k], CURVE_TYPE[k] (line type), CURVE_COUNT[k] (requests)
#   low, high    smallest and largest latency in ms; high > 0
#   middle       smallest of the curves' medians, in ms

US = 1e-3 # the files are in microseconds

array OP_NAME[4] = ["all", "reads", "writes", "others"]
array OP_TYPE[4] = [LT_ALL, LT_READ, LT_WRITE, LT_OTHER]
op_rows(i, op) = op == 1 ? ROWS_hist_latency_all_csv[i] : op == 2 ? ROWS_hist_latency_read_csv[i] \
	: op == 3 ? ROWS_hist_latency_write_csv[i] : ROWS_hist_latency_other_csv[i]
op_file(i, op) = RUN[i] . "/hist/latency_" . \
	(op == 1 ? "all" : op == 2 ? "read" : op == 3 ? "write" : "other") . ".csv"

array CURVE_NAME[RUNS + 4]
array CURVE_TYPE[RUNS + 4]
array CURVE_COUNT[RUNS + 4]
CURVES = 0
low = 1e300
high = 0
middle = 1e300

set print $CURVE
print "# latency_ms,fraction"
set print

do for [i = 1 : RUNS] {
	kinds = (op_rows(i, 2) > 0) + (op_rows(i, 3) > 0) + (op_rows(i, 4) > 0)
	first = RUNS > 1 || kinds > 1 ? 1 : 2
	last = RUNS > 1 ? 1 : 4
	do for [op = first : last] {
		if (op_rows(i, op) > 0) {
			lowest = 1e300
			count = 0.0
			stats op_file(i, op) using (lowest = min(lowest, $1 * US), \
				high = max(high, $2 * US), count = count + $3, 0) skip 1 nooutput
			so_far = 0.0
			half = 0
			set table $RISE separator comma
			plot op_file(i, op) using ($2 * US):(so_far = so_far + $3, \
				half = half == 0 && so_far * 2 >= count ? $2 * US : half, \
				so_far / count) skip 1 with table
			unset table
			CURVES = CURVES + 1
			CURVE_NAME[CURVES] = RUNS > 1 ? NAME[i] : OP_NAME[op]
			CURVE_TYPE[CURVES] = RUNS > 1 ? i : OP_TYPE[op]
			CURVE_COUNT[CURVES] = count
			set print $CURVE append
			if (CURVES > 1) { print ""; print "" }
			print sprintf("%.9g,0", lowest)
			do for [k = 1 : |$RISE|] { print $RISE[k] }
			set print
			low = min(low, lowest)
			middle = min(middle, half)
		}
	}
}
