# SPDX-License-Identifier: GPL-3.0-or-later
# Throughput over simulated time: data rate above, requests a second below; reads and writes
# apart for one run, together for several.
# Files: series.csv

load PLOTS . "/series_common.gp"

# the height of the highest line: of reads or writes, or of both together
bytes_drawn(r, w) = RUNS > 1 ? r + w : max(r, w)
count_drawn(r, w, o) = RUNS > 1 ? r + w + o : max(r, w)
most_mb = 0
most_io = 0
reads = 0
writes = 0
do for [s = 1 : SERIES] {
	stats $WINDOW index s - 1 using (reads = reads + $3, writes = writes + $4, $2 > 0 ? \
		(most_mb = max(most_mb, bytes_drawn($6, $7) / $2 * 1e-6), \
		most_io = max(most_io, count_drawn($3, $4, $5) / $2)) : 0) nooutput
}

if (SERIES == 0 || most_io == 0) {
	sentence = SERIES == 0 ? no_series : "no request completed"
	eval no_data
} else {
	rate_name = most_mb < 1 ? "kB/s" : most_mb < 1e4 ? "MB/s" : "GB/s"
	rate = most_mb < 1 ? 1e-3 : most_mb < 1e4 ? 1e-6 : 1e-9
	io = most_io < 1e4 ? 1 : most_io < 1e7 ? 1e-3 : 1e-6
	per_s(n, w) = w > 0 ? n / w : NaN

	# one run: a line for each operation there was; several: one for each run
	array LINE_BYTES[2] = [6, 7]
	array LINE_COUNT[2] = [3, 4]
	array LINE_TYPE[2] = [LT_READ, LT_WRITE]
	array LINE_NAME[2] = ["reads", "writes"]
	first = reads > 0 || writes == 0 ? 1 : 2
	last = writes > 0 ? 2 : 1

	eval panel(1, 2)
	set ylabel rate_name
	high = most_mb * 1e6 * rate
	set yrange [0 : max(high * 1.08, 1e-9)]
	set ytics high > 0 ? tic_step(high, DUMB ? 3 : 4) : 1
	if (RUNS == 1) {
		plot for [k = first : last] $WINDOW \
			using (middle_of($1, $2)):(per_s(column(LINE_BYTES[k]), $2) * rate) \
			@LINE linetype LINE_TYPE[k] title label(LINE_NAME[k])
	} else {
		plot for [s = 1 : SERIES] $WINDOW index s - 1 \
			using (middle_of($1, $2)):(per_s($6 + $7, $2) * rate) \
			@LINE linetype RUN_OF[s] title label(NAME[RUN_OF[s]])
	}

	eval panel(2, 2)
	set ylabel io == 1 ? "IOPS" : io == 1e-3 ? "kIOPS" : "MIOPS"
	set yrange [0 : most_io * io * 1.08]
	set ytics tic_step(most_io * io, DUMB ? 3 : 4)
	set xlabel time_label
	if (RUNS == 1) {
		plot for [k = first : last] $WINDOW \
			using (middle_of($1, $2)):(per_s(column(LINE_COUNT[k]), $2) * io) \
			@LINE linetype LINE_TYPE[k] notitle
	} else {
		plot for [s = 1 : SERIES] $WINDOW index s - 1 \
			using (middle_of($1, $2)):(per_s($3 + $4 + $5, $2) * io) @LINE linetype RUN_OF[s] notitle
	}
	unset multiplot
}
