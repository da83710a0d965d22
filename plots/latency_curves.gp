# SPDX-License-Identifier: GPL-3.0-or-later
# Shared by latency.gp and cdf.gp: cumulative latency curves from the run directories.
# Files: hist/latency_read.csv, hist/latency_write.csv, hist/latency_other.csv
#
# One run gives a curve for each operation there was, and one of all requests where there
# were several; many runs give one of all requests each. Fills
#   $CURVE       one block a curve, told apart by `index`: latency in ms, and the fraction
#                of the requests at or below it, rising from 0 to 1
#   CURVES       how many; CURVE_NAME[k], CURVE_TYPE[k] (line type), CURVE_COUNT[k] (requests)
#   low, high    smallest and largest latency in ms; high > 0
#   middle       smallest of the curves' medians, in ms

US = 1e-3 # the files are in microseconds

array OP_NAME[3] = ["reads", "writes", "others"]
array OP_TYPE[3] = [LT_READ, LT_WRITE, LT_OTHER]
op_rows(i, op) = op == 1 ? ROWS_hist_latency_read_csv[i] \
	: op == 2 ? ROWS_hist_latency_write_csv[i] : ROWS_hist_latency_other_csv[i]
op_file(i, op) = RUN[i] . (op == 1 ? "/hist/latency_read.csv" \
	: op == 2 ? "/hist/latency_write.csv" : "/hist/latency_other.csv")

array CURVE_NAME[RUNS + 3]
array CURVE_TYPE[RUNS + 3]
array CURVE_COUNT[RUNS + 3]
CURVES = 0
low = 1e300
high = 0
middle = 1e300

set print $CURVE
print "# latency_ms,fraction"
set print

do for [i = 1 : RUNS] {
	kinds = (op_rows(i, 1) > 0) + (op_rows(i, 2) > 0) + (op_rows(i, 3) > 0)
	# op 0 is all of them
	first = RUNS > 1 || kinds > 1 ? 0 : 1
	last = RUNS > 1 ? 0 : 3
	do for [op = first : last] {
		from = op == 0 ? 1 : op
		to = op == 0 ? 3 : op
		rows = 0
		edge_low = 1e300
		set print $BUCKET
		print "# low,high,count"
		do for [o = from : to] {
			if (op_rows(i, o) > 0) {
				rows = rows + op_rows(i, o)
				set table $PART separator comma
				plot op_file(i, o) using ($1 * US):($2 * US):3 skip 1 with table
				unset table
				do for [k = 1 : |$PART|] {
					if (strlen($PART[k]) > 0) { print $PART[k] }
				}
			}
		}
		set print
		if (rows > 0) {
			stats $BUCKET using (edge_low = min(edge_low, $1), high = max(high, $2), $3) \
				name "COUNT" nooutput
			so_far = 0.0
			half = 0
			# ranges that hold everything, so that nothing is cut and none is empty
			set xrange [-1 : 2 * high + 1]
			set yrange [-1 : 2 * COUNT_sum]
			# smooth orders the buckets of several operations and adds up equal ones
			set table $SUM
			plot $BUCKET using 2:3 smooth frequency
			unset table
			set table $RISE separator comma
			set datafile separator whitespace
			plot $SUM using 1:(so_far = so_far + $2, \
				half = half == 0 && so_far * 2 >= COUNT_sum ? $1 : half, \
				so_far / COUNT_sum) with table
			set datafile separator comma
			unset table
			set autoscale
			CURVES = CURVES + 1
			CURVE_NAME[CURVES] = RUNS > 1 ? NAME[i] : op == 0 ? "all" : OP_NAME[op]
			CURVE_TYPE[CURVES] = RUNS > 1 ? i : op == 0 ? LT_ALL : OP_TYPE[op]
			CURVE_COUNT[CURVES] = COUNT_sum
			set print $CURVE append
			if (CURVES > 1) { print ""; print "" }
			print sprintf("%.9g,0", edge_low)
			do for [k = 1 : |$RISE|] {
				if (strlen($RISE[k]) > 0 && $RISE[k][1:1] ne "#") { print $RISE[k] }
			}
			set print
			low = min(low, edge_low)
			middle = min(middle, half)
		}
	}
}
