# SPDX-License-Identifier: GPL-3.0-or-later
# What each channel carried and each die was in service of, over a window of simulated time: a row a channel, its dies above it. Of a disk
# what its arms did.
# One run; of a large device the channels that fit.
# Files: hist/gantt.csv

MOST = DUMB ? 18 : 80 # rows
first = 1e300
last = 0
dies = 0
channels = 0
part = word(HEAD_hist_gantt_csv[1], 1) # channel or arm
of_flash = part ne "arm"
if (RUNS == 1 && ROWS_hist_gantt_csv[1] > 0) {
	stats DATA index FROM(1, "hist/gantt.csv") using (first = min(first, $3), last = max(last, $4), channels = max(channels, $1 + 1), \
		dies = of_flash && strlen(strcol(2)) > 0 ? max(dies, $2 + 1) : dies, 0) nooutput
}

if (RUNS > 1 || last <= first) {
	sentence = RUNS > 1 ? "a picture of one run only" : "nothing was noted in the window asked for with --gantt"
	eval no_data
} else {
	step = dies + 1.5
	shown = int(max(1, min(channels, MOST / step)))
	# a drive with flash has channels and dies, a disk arms
	if (!of_flash) {
		array WHAT[8] = ["rotation", "", "read ahead", "read", "write", "seek", "", ""]
		array WHAT_NAME[8] = ["waiting for the sector", "", "reading ahead", "reading", "writing", "seeking", "", ""]
	} else {
		array WHAT[8] = ["command", "data in", "data out", "read", "program", "erase", "gc", "suspend"]
		array WHAT_NAME[8] = ["bus: commands", "bus: data in", "bus: data out", "die: read", "program", "erase", "cleaning", "suspend"]
	}
	# from light to dark, of a channel, of a die, of an arm: none is like another of its row in greyscale
	array COLOUR[8] = ["#C4C4C4", "#8C6D31", "#003D2B", "#005A8C", "#F2CF84", "#2B0720", "#D55E00", "#DDA0C4"]
	if (!of_flash) {
		array COLOUR[8] = ["#DDDDDD", "#000000", "#009E73", "#0068A3", "#E69F00", "#4B0F30", "#000000", "#000000"]
	}
	array USED[8]
	do for [k = 1 : 8] { USED[k] = 0 }
	number(what) = sum [k = 1 : 8] (what eq WHAT[k] ? k : 0)
	stats DATA index FROM(1, "hist/gantt.csv") using (k = number(strcol(5)), $1 < shown && k > 0 && $4 > $3 ? (USED[k] = 1) : 0) nooutput
	span = (last - first) * 1e-6
	factor = time_factor(span) * 1e-6
	at(c, die) = c * step + (of_flash && strlen(die) > 0 ? 1 + real(die) : 0)
	set xlabel sprintf("simulated time from %.6g s on (%s)", first * 1e-6, time_unit(span))
	set xrange [0 : (last - first) * factor]
	set yrange [-1 : shown * step - 0.5]
	few = shown * step <= 18 # rows that have room for a name each
	if (!few && !DUMB) { set ylabel of_flash ? "channels, each below its dies" : "arms" }
	set ytics scale 0 ("" -1)
	do for [c = 0 : shown - 1] {
		set ytics add (sprintf("%s %d", part, c) c * step)
		if (few && !DUMB) {
			do for [d = 0 : dies - 1] { set ytics add (sprintf("die %d", d) c * step + 1 + d) }
		}
	}
	unset grid
	name_of(k) = USED[k] ? label(WHAT_NAME[k]) : ""
	is(k) = $1 < shown && strcol(5) eq WHAT[k]
	if (DUMB) {
		# a letter for each piece of time, by what comes first in it
		array LETTER[8] = [3, 9, 15, 18, 16, 5, 7, 19]
		lines = int(shown * step) + 1
		wide = 64
		array CELL[lines * wide]
		do for [k = 1 : lines * wide] { CELL[k] = 0 }
		place(us) = int(min(wide - 1, (us - first) / (last - first) * wide))
		fill(y, x, end, k) = (CELL[y * wide + x + 1] = CELL[y * wide + x + 1] > 0 ? CELL[y * wide + x + 1] : k, x < end ? fill(y, x + 1, end, k) : 0)
		stats DATA index FROM(1, "hist/gantt.csv") using (k = number(strcol(5)), $1 < shown && k > 0 && $4 > $3 ? \
			fill(int(at($1, strcol(2))), place($3), place($4), k) : 0) nooutput
		set print $CELLS
		do for [k = 1 : 8] {
			print "# ", WHAT[k]
			print "0,-5" # outside: a block must not be empty
			do for [i = 1 : lines * wide] {
				if (CELL[i] == k) { print sprintf("%.9g,%d", (((i - 1) % wide) + 0.5) / wide * (last - first) * factor, (i - 1) / wide) }
			}
			print ""
			print ""
		}
		set print
		plot for [k = 1 : 8] $CELLS index k - 1 using 1:2 with points pt LETTER[k] title name_of(k)
	} else {
		set key samplen 1
		set style fill solid 0.95 noborder
		plot for [k = 1 : 8] DATA index FROM(1, "hist/gantt.csv") using (($3 - first) * factor):(is(k) ? at($1, strcol(2)) : NaN): \
			(($3 - first) * factor):(($4 - first) * factor):(at($1, strcol(2)) - 0.4):(at($1, strcol(2)) + 0.4) \
			with boxxyerror lc rgb COLOUR[k] dt 1 title name_of(k)
	}
}
