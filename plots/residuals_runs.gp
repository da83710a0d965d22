# SPDX-License-Identifier: GPL-3.0-or-later
# Of residuals.gp: several runs beside each other. Median of the absolute difference on the left, root mean
# square on the right, a row for each class that has at least 10 requests in one of the runs.
# Files: residuals.csv

FEW = 10
is_row(unused) = strcol(1) eq "whole" && strcol(2) ne "all" && $6 >= FEW
list = "|"
top_of(x) = max(x, 1e-4)
array LEAST[2] = [1e300, 1e300]
array MOST[2] = [0, 0]
seen(c, k) = (LEAST[k] = min(LEAST[k], top_of(column(c))), MOST[k] = max(MOST[k], top_of(column(c))), 0)
do for [i = 1 : RUNS] {
	if (ROWS_residuals_csv[i] > 0) {
		stats DATA index FROM(i, "residuals.csv") using (is_row(0) ? (list = list . class_name(1) . "|", \
			seen(11, 1), seen(12, 2)) : 0) nooutput
	}
}
# those that occur, in one order
array CLASS[63]
CLASSES = 0
array SEEN_AS[7] = ["hit", "hit taken for partial", "hit taken for miss", "partial", "miss taken for hit", \
	"miss taken for partial", "miss"]
do for [op in "read write other"] {
	do for [k = 1 : 7] {
		do for [place in "sequential local random"] {
			name = op . ", " . SEEN_AS[k] . ", " . place
			if (strstrt(list, "|" . name . "|") > 0) {
				CLASSES = CLASSES + 1
				CLASS[CLASSES] = name
				longest = max(longest, strlen(name))
			}
		}
	}
}

if (CLASSES == 0) {
	sentence = "no class has " . FEW . " requests"
	eval no_data
} else {
	row_of(name, k) = k > CLASSES ? NaN : CLASS[k] eq name ? k : row_of(name, k + 1)
	# the marks of a row one below the other
	place_of(name, i) = row_of(name, 1) + (i - (RUNS + 1) / 2.0) * 0.6 / RUNS
	set multiplot
	margin = min(0.52, 0.03 + longest * 0.0118)
	split = margin + (0.97 - margin) * 0.5
	set tmargin at screen TITLE eq "" ? 0.83 : 0.78
	set bmargin at screen 0.15
	set yrange [CLASSES + 0.6 : 0.4]
	set ytics scale 0 noenhanced
	do for [k = 1 : CLASSES] { set ytics add (CLASS[k] k) }
	set logscale x
	set format x "%g"
	set xrange [round_down(LEAST[1]) : round_up(MOST[1] * 1.0001)]
	set lmargin at screen margin
	set rmargin at screen split - 0.03
	set xlabel "median (ms)"
	unset key
	plot for [i = 1 : RUNS] DATA index FROM(i, "residuals.csv") \
		using (is_row(0) ? top_of($11) : NaN):(is_row(0) ? place_of(class_name(1), i) : NaN) \
		with points linetype i pointsize 1 notitle
	unset title
	unset label 99
	set lmargin at screen split + 0.03
	set rmargin at screen 0.97
	do for [k = 1 : CLASSES] { set ytics add ("" k) }
	set xrange [round_down(LEAST[2]) : round_up(MOST[2] * 1.0001)]
	set xlabel "root mean square (ms)"
	plot for [i = 1 : RUNS] DATA index FROM(i, "residuals.csv") \
		using (is_row(0) ? top_of($12) : NaN):(is_row(0) ? place_of(class_name(1), i) : NaN) \
		with points linetype i pointsize 1 notitle
	# the legend has a frame of its own, since neither plot is wide enough for it
	set lmargin at screen 0.02
	set rmargin at screen 0.98
	set border 0
	unset grid
	unset tics
	unset xlabel
	unset logscale x
	set key
	plot [0 : 1] [0 : 1] -1 notitle, \
		for [i = 1 : RUNS] keyentry with points linetype i pointsize 1.2 title NAME[i]
	unset multiplot
}
