# SPDX-License-Identifier: GPL-3.0-or-later
# Erases of each block by die: one row a die, its planes one behind the other. What is more than fits is put together, and shown as its
# mean. Of up to four runs a map each, of one scale of colours; of more, and as text, the mean of each die.
# Files: hist/wear.csv

MOST_MAPS = 4
MAPS = 0
dies = 0
planes = 0
wide = 0
array RUN_OF[RUNS]
array FILLED[RUNS]
file(m) = FROM(RUN_OF[m], "wear_cells")
least = 1e300
most = 0
cells = 0
do for [i = 1 : RUNS] {
	if (ROWS_wear_cells[i] > 0) {
		MAPS = MAPS + 1
		RUN_OF[MAPS] = i
		stats DATA index file(MAPS) using (wide = max(wide, $4), dies = max(dies, $5), planes = max(planes, $6), columns = $7, rows = $8, \
			least = min(least, $3), most = max(most, $3), 0) nooutput
		cells = max(cells, columns * rows)
		FILLED[MAPS] = columns > 1 && rows > 1 && ROWS_wear_cells[i] == columns * rows
	}
}

if (MAPS == 0) {
	sentence = "the device has no blocks that wear"
	eval no_data
} else {
	map = MAPS <= MOST_MAPS && !DUMB
	blocks = wide / planes
	if (map) {
		eval no_key
		x_name = planes > 1 ? sprintf("block of the die (%d planes of %d)", planes, wide / planes) : "block of the die"
		set ylabel "die"
		set cblabel cells < dies * wide ? "erases of a block (means)" : "erases of a block" offset 1.5
		set xrange [0 : wide]
		set yrange [-0.5 : dies - 0.5]
		set cbrange [least : max(most, least + 1)]
		if (most - least <= 10 && cells == dies * wide) { set cbtics 1 }
		if (dies <= 10) { set ytics 1 }
		unset grid
		# light to dark in one hue: read in grey as well
		set palette defined (0 "#F2F7FB", 0.35 "#8DBEDD", 0.7 "#2274B0", 1 "#06263F")
		if (planes > 1 && planes <= 16) {
			do for [p = 1 : planes - 1] { set arrow p from p * blocks, -0.5 to p * blocks, dies - 0.5 nohead front lc rgb "#D55E00" lw 1 }
		}
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
			if (FILLED[m]) {
				plot DATA index file(m) using 1:2:3 with image notitle
			} else {
				plot DATA index file(m) using 1:2:($1 - $4 / 2.0 / $7):($1 + $4 / 2.0 / $7):($2 - $5 / 2.0 / $8):($2 + $5 / 2.0 / $8):3 \
					with boxxyerror lc palette notitle
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
		plot for [m = 1 : MAPS] DATA index file(m) using 2:3 smooth unique with linespoints linetype RUN_OF[m] title label(NAME[RUN_OF[m]])
	}
}
