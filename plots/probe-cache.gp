# SPDX-License-Identifier: GPL-3.0-or-later
# The buffer, as `quern probe` measured it from outside: how much is there ahead of and behind one sector read,
# over the time since; below, for one disk, how long hits of so many sectors take, on what the configured bus takes for them.
# Files: probe/cache.csv, probe/hits.csv

held = 0
first = 1e300
last = 0
CURVES = 0
array RUN_OF[RUNS]
do for [i = 1 : RUNS] {
	if (ROWS_probe_cache_csv[i] > 0) {
		CURVES = CURVES + 1
		RUN_OF[CURVES] = i
		stats DATA index FROM(i, "probe/cache.csv") using (first = min(first, $1), last = max(last, $1), \
			held = max(held, max($2, $3)), 0) nooutput
	}
}
most = 0
slow = 0
if (RUNS == 1 && ROWS_probe_hits_csv[1] > 0) {
	given(c) = valid(c) ? column(c) : 0
	stats DATA index FROM(1, "probe/hits.csv") using (most = max(most, $1), slow = max(slow, max(max(given(2), given(3)), max(given(4), given(5)))), 0) nooutput
}

if (CURVES == 0 || last == 0) {
	sentence = "the probe found no buffer"
	eval no_data
} else {
	both = slow > 0 && !DUMB
	if (both) {
		set multiplot
		set key width 0
		set lmargin at screen 0.14
		set rmargin at screen 0.95
		set tmargin at screen TITLE eq "" ? 0.91 : 0.86
		set bmargin at screen 0.58
		set xlabel "time since the read (ms)"
		set ylabel "sectors held"
	} else {
		eval axes("time since the read (ms)", "sectors held")
	}
	set logscale x
	set xrange [round_down(max(first, last * 1e-6)) : round_up(last)]
	set format x "%g"
	set yrange [0 : max(held * 1.1, 1)]
	if (both) { set ytics tic_step(max(held, 1.0), 3) }
	file(k) = FROM(RUN_OF[k], "probe/cache.csv")
	if (RUNS == 1) {
		plot DATA index file(1) using 1:2 with linespoints linetype 1 pointsize (DUMB ? 1 : 0.6) title label("ahead of it"), \
			DATA index file(1) using 1:3 with linespoints linetype 2 pointsize (DUMB ? 1 : 0.8) title label("behind it")
	} else {
		plot for [k = 1 : CURVES] DATA index file(k) using 1:2 with linespoints linetype RUN_OF[k] \
			pointsize (DUMB ? 1 : 0.6) title label(NAME[RUN_OF[k]])
	}
	if (both) {
		unit = latency_factor(slow)
		unset title
		unset label 99
		unset logscale x
		set key title "" inside bottom right vertical Left reverse width 0 # below the line, which rises
		set tmargin at screen 0.39
		set bmargin at screen 0.15
		set xlabel "sectors of a hit"
		set ylabel "response (" . latency_unit(slow) . ")"
		set xrange [0 : most * 1.02]
		set yrange [0 : slow * unit * 1.05]
		set ytics tic_step(slow * unit, 3)
		set style line 9 lc rgb "#BBBBBB" lw 5
		hits = FROM(1, "probe/hits.csv")
		ms(c) = valid(c) ? column(c) * unit : NaN
		plot DATA index hits using 1:(ms(4)) with lines linestyle 9 title "configured bus", \
			DATA index hits using 1:(ms(5)) with lines linestyle 9 notitle, \
			DATA index hits using 1:(ms(2)) with points linetype 1 pointsize 0.8 title "reads", \
			DATA index hits using 1:(ms(3)) with points linetype 2 pointsize 1 title "writes"
		unset multiplot
	}
}
