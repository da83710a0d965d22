# SPDX-License-Identifier: GPL-3.0-or-later
# The seek curve as `quern probe` measured it from outside, on the one the disk was configured
# with; below, for one disk, what the probe is off by.
# Files: probe/seek.csv, hist/seek_curve.csv

far = 0
slow = 0
CURVES = 0
off = 0
array RUN_OF[RUNS]
do for [i = 1 : RUNS] {
	if (ROWS_probe_seek_csv[i] > 0) {
		CURVES = CURVES + 1
		RUN_OF[CURVES] = i
		stats DATA index FROM(i, "probe/seek.csv") using (far = max(far, $1), slow = max(slow, $2), 0) \
			nooutput
	}
}

if (slow == 0) {
	sentence = "the probe found no seek curve"
	eval no_data
} else {
	unit = latency_factor(slow)
	both = RUNS == 1 && !DUMB
	if (both) {
		stats DATA index FROM(1, "probe/seek.csv") using (off = max(off, abs($2 - $5)), 0) nooutput
		set multiplot
		set key width 0 # one row, for which there is room
		set lmargin at screen 0.14
		set rmargin at screen 0.97
		set tmargin at screen TITLE eq "" ? 0.91 : 0.86
		set bmargin at screen 0.43
		set format x ""
		set ylabel "seek time (" . latency_unit(slow) . ")"
	} else {
		eval axes("seek distance (cylinders)", "seek time (" . latency_unit(slow) . ")")
	}
	set logscale x
	set xrange [0.9 : far * 1.1]
	set yrange [0 : slow * unit * 1.08]
	set style line 9 lc rgb "#BBBBBB" lw 5
	# without the configured curve the measured one stands for it
	truth(i) = FROM(i, ROWS_hist_seek_curve_csv[i] > 0 ? "hist/seek_curve.csv" : "probe/seek.csv")
	plot for [k = 1 : CURVES] DATA index truth(RUN_OF[k]) using 1:($2 * unit) \
		with lines linestyle 9 title (k == 1 ? label("configured") : ""), \
		for [k = 1 : CURVES] DATA index FROM(RUN_OF[k], "probe/seek.csv") using 1:($2 * unit) \
		with points linetype RUN_OF[k] pointsize (DUMB ? 1 : 0.6) \
		title label(RUNS == 1 ? "measured from outside" : NAME[RUN_OF[k]])
	if (both) {
		unset key
		unset title
		unset label 99
		set tmargin at screen 0.38
		set bmargin at screen 0.15
		set format x "%g"
		set xlabel "seek distance (cylinders)"
		top = max(round_up(off * 1e3), 1.0) # a real number, as half of it is wanted
		set ylabel "off by (µs)"
		set format y "%g"
		set yrange [-top : top]
		set ytics top / 2
		plot DATA index FROM(1, "probe/seek.csv") using 1:(strlen(strcol(5)) ? ($2 - $5) * 1e3 : NaN) \
			with points linetype 1 pointsize 0.6 notitle
		unset multiplot
	}
}
