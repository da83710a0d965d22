# SPDX-License-Identifier: GPL-3.0-or-later
# Erases of each block by die: one row a die, its planes one behind the other. What is more than fits is put together, and shown as its
# mean. Of up to four runs a map each, of one scale of colours; of more, and as text, the mean of each die.
# Files: hist/wear.csv

MOST_X = 360
MOST_Y = 128
MOST_MAPS = 4
MAPS = 0
dies = 0
planes = 0
blocks = 0
array RUN_OF[RUNS]
file(m) = FROM(RUN_OF[m], "hist/wear.csv")
do for [i = 1 : RUNS] {
	if (ROWS_hist_wear_csv[i] > 0) {
		MAPS = MAPS + 1
		RUN_OF[MAPS] = i
		stats DATA index file(MAPS) using (dies = max(dies, $1 + 1), planes = max(planes, $2 + 1), blocks = max(blocks, $3 + 1), 0) nooutput
	}
}

if (MAPS == 0) {
	sentence = "the device has no blocks that wear"
	eval no_data
} else {
	map = MAPS <= MOST_MAPS && !DUMB
	columns = map ? int(min(planes * blocks, MOST_X)) : 1
	rows = int(min(dies, map && MAPS > 1 ? MOST_Y / 2 : MOST_Y))
	cells = columns * rows
	array SUM[cells]
	array COUNT[cells]
	array FILLED[MAPS]
	least = 1e300
	most = 0
	set print $CELL
	do for [m = 1 : MAPS] {
		do for [k = 1 : cells] { SUM[k] = 0.0; COUNT[k] = 0 }
		cell(die, plane, block) = int(die * rows / dies) * columns + int((plane * blocks + block) * columns / (planes * blocks)) + 1
		stats DATA index file(m) using (k = cell($1, $2, $3), SUM[k] = SUM[k] + $4, COUNT[k] = COUNT[k] + 1, 0) nooutput
		if (m > 1) { print ""; print "" }
		FILLED[m] = 0
		do for [k = 1 : cells] {
			if (COUNT[k] > 0) {
				mean = SUM[k] / COUNT[k]
				FILLED[m] = FILLED[m] + 1
				least = min(least, mean)
				most = max(most, mean)
				print sprintf("%.9g,%.9g,%.9g", (((k - 1) % columns) + 0.5) * planes * blocks / columns, \
					((k - 1) / columns + 0.5) * dies / rows - 0.5, mean)
			}
		}
	}
	set print
	if (map) {
		eval no_key
		x_name = planes > 1 ? sprintf("block of the die (%d planes of %d)", planes, blocks) : "block of the die"
		set ylabel "die"
		set cblabel cells < dies * planes * blocks ? "erases of a block (means)" : "erases of a block" offset 1.5
		set xrange [0 : planes * blocks]
		set yrange [-0.5 : dies - 0.5]
		set cbrange [least : max(most, least + 1)]
		if (most - least <= 10 && cells == dies * planes * blocks) { set cbtics 1 }
		if (dies <= 10) { set ytics 1 }
		unset grid
		# light to dark in one hue: read in grey as well
		set palette defined (0 "#F2F7FB", 0.35 "#8DBEDD", 0.7 "#2274B0", 1 "#06263F")
		if (planes > 1 && planes <= 16) {
			do for [p = 1 : planes - 1] { set arrow p from p * blocks, -0.5 to p * blocks, dies - 0.5 nohead front lc rgb "#D55E00" lw 1 }
		}
		wide = planes * blocks / (2.0 * columns)
		high = dies / (2.0 * rows)
		set style fill solid 1 noborder
		if (MAPS > 1) {
			# one above the other; the first draws the scale of colours beside all
			low = 0.155
			top = TITLE eq "" ? 0.99 : 0.95
			set lmargin at screen 0.1
			set rmargin at screen 0.82
			set colorbox user origin screen 0.84, screen low size screen 0.03, screen top - 0.065 - low
			if (dies > 10) { set ytics tic_step(dies, 8.0 / MAPS) }
			set multiplot
			unset title
		}
		do for [m = 1 : MAPS] {
			if (MAPS > 1) {
				set tmargin at screen top - (m - 1) * (top - low) / MAPS - 0.065
				set bmargin at screen top - m * (top - low) / MAPS
				set label 101 NAME[RUN_OF[m]] at graph 0, graph 1 left offset 0, 0.65 noenhanced
				set format x m < MAPS ? "" : "%h"
			}
			if (m == MAPS) { set xlabel x_name }
			# an image has two rows and columns at least, and no gaps, as a smaller drive beside a larger one would have
			if (columns > 1 && rows > 1 && FILLED[m] == cells) {
				plot $CELL index m - 1 using 1:2:3 with image notitle
			} else {
				plot $CELL index m - 1 using 1:2:($1 - wide):($1 + wide):($2 - high):($2 + high):3 with boxxyerror lc palette notitle
			}
			unset colorbox
			unset label 99
		}
		if (MAPS > 1) { unset multiplot }
	} else {
		eval axes("die", "erases of a block, mean of the die")
		set xrange [-0.5 : dies - 0.5]
		set yrange [0 : max(most, 1) * 1.08]
		if (RUNS == 1) { eval no_key }
		plot for [m = 1 : MAPS] $CELL index m - 1 using 2:3 with linespoints linetype RUN_OF[m] title label(NAME[RUN_OF[m]])
	}
}
