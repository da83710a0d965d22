# SPDX-License-Identifier: GPL-3.0-or-later
# Where the time of a request that reached the medium went: the mean of each part, stacked,
# one bar a run. Parts of one request may overlap (bus and medium), so a bar can be longer
# than the mean service time.
# Files: hist/overhead.csv, hist/seek.csv, hist/rotation.csv, hist/transfer.csv, hist/bus.csv

array PART_NAME[5] = ["overhead", "seek", "rotation", "transfer", "bus"]
array PART_COLOUR[5] = ["#000000", "#56B4E9", "#D55E00", "#00402F", "#DDDDDD"]
part_rows(i, p) = p == 1 ? ROWS_hist_overhead_csv[i] : p == 2 ? ROWS_hist_seek_csv[i] \
	: p == 3 ? ROWS_hist_rotation_csv[i] : p == 4 ? ROWS_hist_transfer_csv[i] : ROWS_hist_bus_csv[i]

# BEGIN, END: of part p of run i in ms, at [5 * (i - 1) + p]
array BEGIN[5 * RUNS]
array END[5 * RUNS]
tallest = 0
longest = 0
do for [i = 1 : RUNS] {
	top = 0.0
	do for [p = 1 : 5] {
		mean = 0.0
		if (part_rows(i, p) > 0) {
			count = 0.0
			sum = 0.0
			stats DATA index FROM(i, "hist/" . PART_NAME[p] . ".csv") \
				using (count = count + $3, sum = sum + $3 * ($1 + $2) / 2, 0) nooutput
			mean = sum / count * 1e-3
		}
		BEGIN[5 * (i - 1) + p] = top
		top = top + mean
		END[5 * (i - 1) + p] = top
	}
	tallest = max(tallest, top)
	longest = max(longest, strlen(NAME[i]))
}

if (tallest == 0) {
	sentence = "no request reached the medium"
	eval no_data
} else {
	unit = latency_factor(tallest)
	set xlabel "mean time of a request that reached the medium (" . latency_unit(tallest) . ")"
	set xrange [0 : tallest * unit * 1.05]
	# the first run on top; a single bar keeps a bar's shape
	set yrange [RUNS + max(0.7, 2.2 - RUNS * 0.75) : 1 - max(0.7, 2.2 - RUNS * 0.75)]
	set ytics scale 0 ("" 1)
	do for [i = 1 : RUNS] { set ytics add (NAME[i] i) noenhanced }
	unset grid
	# from the right, where long names of runs do not push it out of the picture
	if (!DUMB) { set key right samplen 1 width 0 }
	# a piece of a bar is a box; on the text terminal, which has no areas, three lines
	set print $BAR
	do for [p = 1 : 5] {
		print "# ", PART_NAME[p]
		do for [i = 1 : RUNS] {
			from = BEGIN[5 * (i - 1) + p] * unit
			to = END[5 * (i - 1) + p] * unit
			do for [step = -1 : (DUMB ? 1 : -1)] {
				print sprintf("%.9g,%.9g,%.9g,%.9g,%.9g", from, i + step * 0.1, to, i - 0.32, i + 0.32)
				if (DUMB) { print sprintf("%.9g,%.9g", to, i + step * 0.1); print "" }
			}
		}
		print ""
		print ""
	}
	set print
	if (DUMB) {
		plot for [p = 1 : 5] $BAR index p - 1 using 1:2 with lines linetype p title label(PART_NAME[p])
	} else {
		set grid xtics
		set style fill solid 1 border lc rgb "white"
		plot for [p = 1 : 5] $BAR index p - 1 using 1:2:1:3:4:5 with boxxyerror \
			lc rgb PART_COLOUR[p] dt 1 title label(PART_NAME[p])
	}
}
