# SPDX-License-Identifier: GPL-3.0-or-later
# How far simulated responses lie from measured ones, by class of request: median and root mean
# square of the difference, and what each class has in the sum of squares. Several runs have their classes
# beside each other (residuals_runs.gp), on the text terminal the figures of all their requests. For replays of
# traces with measured responses.
# Files: residuals.csv

# $ROW: median, rms and share (%) of a class, and its name. The rows of the whole trace come first
# in the file, all classes together last among them.
told(c) = strcol(c + 2) ne "unknown"
class_name(c) = strcol(c + 1) . ", " . (told(c) && strcol(c + 2) ne strcol(c + 3) \
	? strcol(c + 2) . " taken for " . strcol(c + 3) : strcol(c + 3)) . ", " . strcol(c + 4)
set print $ROW
set print
SHOWN = 0
least = 1e300
most = 0
longest = 0
do for [i = 1 : RUNS] {
	if (ROWS_residuals_csv[i] > 0) {
		rows = 0
		file = FROM(i, "residuals.csv")
		stats DATA index file using (rows = rows + (strcol(1) eq "whole"), 0) nooutput
		first = RUNS == 1 && rows > 1 ? 0 : rows - 1
		last = RUNS == 1 && rows > 1 ? rows - 2 : rows - 1
		name(c) = RUNS == 1 ? class_name(c) : NAME[i]
		if (rows > 0) {
			set table $ROW append separator tab
			plot DATA index file using (max($11, 1e-4)):(max($12, 1e-4)):($13 * 100):(name(1)) \
				every ::first::last with table
			unset table
			stats DATA index file using (least = min(least, max($11, 1e-4)), most = max(most, $12), \
				longest = max(longest, strlen(name(1))), 0) every ::first::last nooutput
			SHOWN = SHOWN + last - first + 1
		}
	}
}

if (SHOWN == 0) {
	sentence = "no measured response time in the trace"
	eval no_data
} else { if (RUNS > 1 && !DUMB) {
	load PLOTS . "/residuals_runs.gp"
} else {
	set datafile separator tab
	set multiplot
	# the legend has a frame of its own, since the plot's is too narrow for it
	if (!DUMB) {
		set lmargin at screen 0.02
		set rmargin at screen 0.98
		set tmargin at screen TITLE eq "" ? 0.89 : 0.84
		set bmargin at screen 0.15
		set border 0
		unset grid
		unset tics
		plot [0 : 1] [0 : 1] -1 notitle, \
			keyentry with points linetype 1 pointsize 1.4 title "median of |simulated - measured|", \
			keyentry with points linetype 2 pt 9 pointsize 1.4 title "root mean square", \
			keyentry with boxes linetype 2 fs solid 0.75 noborder title (RUNS == 1 ? "share of all squares" : "")
		unset key
		unset label 99
		set border 3
		set xtics nomirror out scale 0.6, 0.3 textcolor rgb "#222222"
		set ytics nomirror textcolor rgb "#222222"
		set grid xtics ytics
	}
	# room for the names on the left
	margin = DUMB ? min(longest + 3.0, 40.0) / WIDTH : min(0.52, 0.03 + longest * 0.0118)
	split = DUMB || RUNS > 1 ? 0.97 : margin + (0.97 - margin) * 0.64
	set lmargin at screen margin
	set rmargin at screen split
	set tmargin at screen DUMB ? 0.85 : TITLE eq "" ? 0.83 : 0.78
	set bmargin at screen DUMB ? 0.18 : 0.15
	set yrange [SHOWN + 0.7 : 0.3]
	set ytics scale 0 noenhanced
	set xlabel "difference (ms)"
	set logscale x
	set xrange [round_down(least) : round_up(max(most, 2e-4))]
	set format x "%g"
	plot $ROW using 1:($0 + 1):ytic(4) with points linetype 1 pointsize (DUMB ? 1 : 1.4) \
		title label("median of |simulated - measured|"), \
		$ROW using 2:($0 + 1) with points linetype 2 pt 9 pointsize (DUMB ? 1 : 1.4) \
		title label("root mean square")
	if (!DUMB && RUNS == 1) {
		unset title
		unset label 99
		unset logscale x
		set lmargin at screen split + 0.03
		set rmargin at screen 0.97
		unset ytics
		set ytics 1 scale 0 format ""
		set xlabel "share (%)"
		set xrange [0 : 100]
		set xtics 50
		set style fill solid 0.75 noborder
		plot $ROW using (0):($0 + 1):(0):3:($0 + 0.7):($0 + 1.3) with boxxyerror linetype 2 notitle
	}
	unset multiplot
	set datafile separator ","
} }
