# SPDX-License-Identifier: GPL-3.0-or-later
# One turn, as `quern probe` measured it from outside: reads of one sector end whole turns apart whatever the
# pause between them. On the configured turns; below, for one disk, what each is off by.
# Files: probe/rotation.csv

far = 0
long = 0
off = 0
CURVES = 0
array RUN_OF[RUNS]
do for [i = 1 : RUNS] {
	if (ROWS_probe_rotation_csv[i] > 0) {
		CURVES = CURVES + 1
		RUN_OF[CURVES] = i
		stats DATA index FROM(i, "probe/rotation.csv") using (far = max(far, $1), long = max(long, $2), \
			off = valid(3) ? max(off, abs(column(2) - column(3))) : off, 0) nooutput
	}
}

if (far == 0 || long == 0) {
	sentence = "the probe found nothing that turns"
	eval no_data
} else {
	both = RUNS == 1 && !DUMB
	if (both) {
		set multiplot
		set key width 0
		set lmargin at screen 0.14
		set rmargin at screen 0.97
		set tmargin at screen TITLE eq "" ? 0.91 : 0.86
		set bmargin at screen 0.43
		set format x ""
		set ylabel "between the reads (ms)"
	} else {
		eval axes("pause (ms)", "between the reads (ms)")
	}
	set xrange [0 : far * 1.02]
	set yrange [0 : long * 1.1]
	set style line 9 lc rgb "#BBBBBB" lw 5
	file(k) = FROM(RUN_OF[k], "probe/rotation.csv")
	plot for [k = 1 : (RUNS == 1 ? CURVES : 0)] DATA index file(k) using 1:(valid(3) ? column(3) : NaN) \
		smooth unique with steps linestyle 9 title label("configured"), \
		for [k = 1 : CURVES] DATA index file(k) using 1:2 with points linetype RUN_OF[k] pointsize (DUMB ? 1 : 0.6) \
		title label(RUNS == 1 ? "measured from outside" : NAME[RUN_OF[k]])
	if (both) {
		unset key
		unset title
		unset label 99
		set tmargin at screen 0.38
		set bmargin at screen 0.15
		set format x "%g"
		set xlabel "pause between two reads of one sector (ms)"
		top = max(round_up(off * 1e6), 1.0)
		set ylabel "off by (ns)"
		set format y "%g"
		set yrange [-top : top]
		set ytics top / 2
		plot DATA index file(1) using 1:(valid(3) ? (column(2) - column(3)) * 1e6 : NaN) with points linetype 1 pointsize 0.6 notitle
		unset multiplot
	}
}
