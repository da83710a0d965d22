# SPDX-License-Identifier: GPL-3.0-or-later
# Where the arm was over simulated time: the cylinder of each request that reached the medium.
# A run keeps every k-th request (run/sample.h); the axis says so where k is more than 1.
# Files: requests.csv

load PLOTS . "/requests_common.gp"
high = 0
do for [s = 1 : SAMPLES] {
	stats DATA index FROM(RUN_OF[s], "requests.csv") using (high = max(high, blank(7) ? 0 : real(strcol(7)))) nooutput
}

if (SAMPLES == 0 || high == 0) {
	sentence = SAMPLES == 0 ? "no request completed" : "no request says where the arm was"
	eval no_data
} else {
	eval axes(time_label, "cylinder")
	set xrange [0 : span * tunit]
	set yrange [0 : high * 1.04]
	at(op) = strcol(3) eq op && !blank(7) ? $7 : NaN
	# few enough requests to follow the arm from one to the next
	if (RUNS == 1 && MOST_ROWS <= 300 && !DUMB) {
		set style line 9 lc rgb "#BBBBBB" lw 0.6
	} else {
		set style line 9 lt nodraw
	}
	if (RUNS == 1) {
		plot DATA index FROM(1, "requests.csv") using ($2 * tunit):(blank(7) ? NaN : $7) with lines ls 9 notitle, \
			for [k = 1 : 2] DATA index FROM(1, "requests.csv") using ($2 * tunit):(at(k == 1 ? "read" : "write")) \
			with points linetype (k == 1 ? LT_READ : LT_WRITE) pt (DUMB ? (k == 1 ? 18 : 23) : k == 1 ? 7 : 2) pointsize DOT notitle, \
			for [k = 1 : 2] keyentry with points linetype (k == 1 ? LT_READ : LT_WRITE) pt (DUMB ? (k == 1 ? 18 : 23) : k == 1 ? 7 : 2) pointsize 1 \
			title label(k == 1 ? "reads" : "writes")
	} else {
		plot for [s = 1 : SAMPLES] DATA index FROM(RUN_OF[s], "requests.csv") \
			using ($2 * tunit):(blank(7) ? -1 : real(strcol(7))) with points linetype RUN_OF[s] \
			pointsize DOT notitle, \
			for [s = 1 : SAMPLES] keyentry with points linetype RUN_OF[s] pointsize 1 title label(NAME[RUN_OF[s]])
	}
}
