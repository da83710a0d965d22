# SPDX-License-Identifier: GPL-3.0-or-later
# Shared: cumulative curves from histograms ("low,high,count" in us). The caller lists what it
# would like to draw:
#   WANTED       how many; WANTED_FILE[k], WANTED_ROWS[k], WANTED_NAME[k] (legend),
#                WANTED_TYPE[k] (line type), WANTED_WIDTH[k] (of the line)
# Those without rows are left out. Fills
#   $CURVE       one block a curve, told apart by `index`: latency in ms, and the fraction
#                of the requests at or below it, rising from 0 to 1 in steps: for `with lines`
#   CURVES       how many; CURVE_NAME[k], CURVE_COUNT[k] (requests), and line style k for each
#   low, high    smallest and largest latency in ms; high > 0
#   middle       smallest of the curves' medians, in ms

US = 1e-3 # in ms

array CURVE_NAME[WANTED]
array CURVE_COUNT[WANTED]
is_kept(f) = f == 1 || f - kept > 0.0005 || 1 - f < 0.985 * (1 - kept)
CURVES = 0
low = 1e300
high = 0
middle = 1e300

set print $CURVE
print "# latency_ms,fraction"
set print

do for [w = 1 : WANTED] {
	if (WANTED_ROWS[w] > 0) {
		lowest = 1e300
		count = 0.0
		stats DATA index WANTED_FILE[w] using (lowest = min(lowest, $1 * US), high = max(high, $2 * US), \
			count = count + $3, 0) nooutput
		# a step is left out where a picture would not show it: within 1/2000 of the
		# height, and within 1.5 % of what is left to the top
		so_far = 0.0
		kept = 0.0
		half = 0
		set table $RISE separator comma
		plot DATA index WANTED_FILE[w] using ($2 * US):(so_far = so_far + $3, \
			half = half == 0 && so_far * 2 >= count ? $2 * US : half, f = so_far / count, \
			keep = is_kept(f), kept = keep ? f : kept, f) with table if (keep)
		unset table
		CURVES = CURVES + 1
		CURVE_NAME[CURVES] = WANTED_NAME[w]
		CURVE_COUNT[CURVES] = count
		set style line CURVES linetype WANTED_TYPE[w] lw WANTED_WIDTH[w]
		set print $CURVE append
		if (CURVES > 1) { print ""; print "" }
		print sprintf("%.9g,0", lowest)
		# with the corner of each step, so that one line goes through all and its dashes are even
		below = "0"
		do for [k = 1 : |$RISE|] {
			comma = strstrt($RISE[k], ",")
			print $RISE[k][1:comma], below
			print $RISE[k]
			below = $RISE[k][comma + 1:*]
		}
		set print
		low = min(low, lowest)
		middle = min(middle, half)
	}
}
