# SPDX-License-Identifier: GPL-3.0-or-later
# Which requests the buffer served: their addresses over simulated time, coloured by hit and
# miss. Of several runs the read misses alone, one colour a run.
# A run keeps every k-th request (run/sample.h); the axis says so where k is more than 1.
# Files: requests.csv

load PLOTS . "/requests_common.gp"
low = 1e300
high = 0
do for [s = 1 : SAMPLES] {
	stats DATA index FROM(RUN_OF[s], "requests.csv") using (low = min(low, $4 * 512), high = max(high, ($4 + $5) * 512), 0) \
		nooutput
}

if (SAMPLES == 0 || high == 0) {
	sentence = "no request completed"
	eval no_data
} else {
	eval axes(time_label, (RUNS == 1 ? "address (" : "address of read misses (") . bytes_unit(high) . ")")
	set xrange [0 : span * tunit]
	low = low > high * 0.5 ? low : 0
	set yrange [low * bytes_factor(high) : (high + (high - low) * 0.03) * bytes_factor(high)]
	lbn(op, hit) = strcol(3) eq op && (hit eq "" || strcol(6) eq hit) ? $4 * 512 * bytes_factor(high) : NaN
	if (RUNS == 1) {
		array MAP_OP[4] = ["write", "read", "read", "read"]
		array MAP_HIT[4] = ["", "miss", "partial", "hit"]
		array MAP_NAME[4] = ["writes", "read misses", "partial hits", "read hits"]
		# light, middle and dark, with shapes of their own: told apart without colour too
		set style line 1 lc rgb "#C4C4C4" pt (DUMB ? 23 : 7)
		set style line 2 lc rgb "#E8703A" pt (DUMB ? 13 : 2)
		set style line 3 lc rgb "#9E3D78" pt (DUMB ? 16 : 4)
		set style line 4 lc rgb "#003D5C" pt (DUMB ? 8 : 9)
		array MAP_SIZE[4] = [1, 1.3, 1.6, 1.6]
		plot for [k = 1 : 4] DATA index FROM(1, "requests.csv") using ($2 * tunit):(lbn(MAP_OP[k], MAP_HIT[k])) \
			with points linestyle k pointsize DOT * (DUMB ? 1 : MAP_SIZE[k]) notitle, \
			for [k = 1 : 4] keyentry with points linestyle k pointsize 1 title label(MAP_NAME[k])
	} else {
		plot for [s = 1 : SAMPLES] DATA index FROM(RUN_OF[s], "requests.csv") \
			using ($2 * tunit):(lbn("read", "miss")) with points linetype RUN_OF[s] \
			pointsize DOT notitle, \
			for [s = 1 : SAMPLES] keyentry with points linetype RUN_OF[s] pointsize 1 title label(NAME[RUN_OF[s]])
	}
}
