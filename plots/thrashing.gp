# SPDX-License-Identifier: GPL-3.0-or-later
# What more and more processes make of the processor: its share in use, and page faults a second, over the processes that run.
# Means over the intervals with as many processes.
# Files: hist/thrashing.csv: start_ns, processes, cpu_busy, faults_per_second, references_per_second; of several devices
# behind a column `device`, a line each.

LINES = 0
MOST_LINES = 24
array OF[MOST_LINES]
array DEVICE[MOST_LINES]
array TITLE_OF[MOST_LINES]
far = 0
rate = 0
file(i) = FROM(i, "hist/thrashing.csv")
shift = 0
last = ""
note(i, d) = (d eq last || LINES == MOST_LINES) ? 0 : (LINES = LINES + 1, OF[LINES] = i, DEVICE[LINES] = d, last = d, \
	TITLE_OF[LINES] = (RUNS > 1 ? NAME[i] : "") . (RUNS > 1 && shift ? ", " : "") . (shift ? d : ""), 0)
array SHIFT[RUNS]
do for [i = 1 : RUNS] {
	if (ROWS_hist_thrashing_csv[i] > 0) {
		shift = word(HEAD_hist_thrashing_csv[i], 1) eq "device"
		SHIFT[i] = shift
		last = "\n"
		stats DATA index file(i) using (note(i, shift ? strcol(1) : ""), 0) nooutput
		stats DATA index file(i) using (far = max(far, column(2 + shift)), rate = max(rate, column(4 + shift)), 0) nooutput
	}
}

if (LINES == 0) {
	sentence = "no processes were started one after another"
	eval no_data
} else {
	eval axes("processes", "processor in use (%), lines")
	set xrange [0.5 : max(far, 1) + 0.5]
	set yrange [0 : 105]
	if (far <= 24) { set xtics 1 }
	set ytics nomirror
	set y2label "page faults a second, points"
	set y2range [0 : max(rate * 1.08, 1)]
	set y2tics
	set border 11
	of(l, x) = SHIFT[OF[l]] && strcol(1) ne DEVICE[l] ? NaN : x
	if (LINES == 1) { eval no_key }
	# of several intervals with as many processes: their mean
	plot for [l = 1 : LINES] DATA index file(OF[l]) using (of(l, column(2 + SHIFT[OF[l]]))):(100.0 * column(3 + SHIFT[OF[l]])) \
		smooth unique with lines linetype l title label(TITLE_OF[l]), \
		for [l = 1 : LINES] DATA index file(OF[l]) using (of(l, column(2 + SHIFT[OF[l]]))):(column(4 + SHIFT[OF[l]])) \
		smooth unique axes x1y2 with points linetype l notitle
}
