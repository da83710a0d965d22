# SPDX-License-Identifier: GPL-3.0-or-later
# Who caused the writes: for each run a bar of the bytes written to its devices, by cause in the host, and, of drives with flash, one
# of the bytes programmed for them: for the host, for cleaning, wear levelling, the map, and to fill pages up.
# Files: summary.json, as the table causes: bar (1 written, 2 programmed), cause, bytes, from_bytes, to_bytes

CAUSES = 10
array CAUSE[CAUSES] = ["host", "swap", "file", "log", "checkpoint", "migration", "gc", "wear", "mapping", "padding"]
array CAUSE_NAME[CAUSES] = ["host", "swap", "file", "log", "checkpoint", "migration", "cleaning", "wear levelling", "map", "padding"]
array COLOUR[CAUSES] = ["#CCCCCC", "#0072B2", "#00402F", "#E69F00", "#009E73", "#333333", "#D55E00", "#CC79A7", "#0072B2", "#E69F00"]
array PATTERN[CAUSES] = [3, 3, 3, 3, 3, 1, 4, 5, 6, 7] # 3: filled
array USED[CAUSES]
do for [k = 1 : CAUSES] { USED[k] = 0 }
number(what) = sum [k = 1 : CAUSES] (what eq CAUSE[k] ? k : 0)
BARS = 0
WROTE = 0
array RUN_OF[RUNS]
most = 0
array BAR_OF[2 * RUNS]
array BAR_NAME[2 * RUNS]
do for [i = 1 : RUNS] {
	do for [b = 1 : 2] {
		has = 0
		if (ROWS_causes[i] > 0) {
			WROTE = b == 1 ? WROTE + 1 : WROTE
			RUN_OF[WROTE] = i
			stats DATA index FROM(i, "causes") using ($1 == b ? (has = 1, most = max(most, $5), USED[number(strcol(2))] = 1) : 0, 0) nooutput
		}
		BAR_OF[2 * (i - 1) + b] = 0
		if (has) {
			BARS = BARS + 1
			BAR_OF[2 * (i - 1) + b] = BARS
			BAR_NAME[BARS] = (RUNS > 1 ? NAME[i] . ": " : "") . (b == 1 ? "written" : "programmed")
		}
	}
}

if (BARS == 0) {
	sentence = "nothing was written"
	eval no_data
} else {
	unit = bytes_factor(most)
	set xlabel "bytes (" . bytes_unit(most) . ")"
	set xrange [0 : most * unit * 1.03]
	set yrange [BARS + max(0.7, 2.2 - BARS * 0.75) : 1 - max(0.7, 2.2 - BARS * 0.75)]
	set ytics scale 0 ("" 1)
	do for [b = 1 : BARS] { set ytics add (BAR_NAME[b] b) noenhanced }
	unset grid
	at(r) = BAR_OF[2 * (RUN_OF[r] - 1) + int($1)]
	is(k) = strcol(2) eq CAUSE[k]
	if (DUMB) {
		# a letter for each piece, repeated over its length
		array LETTER[CAUSES] = [8, 19, 6, 12, 3, 13, 7, 23, 1, 16]
		wide = 60
		plot for [k = 1 : CAUSES] for [r = 1 : WROTE] for [c = 0 : wide - 1] DATA index FROM(RUN_OF[r], "causes") \
			using (x = (c + 0.5) * most / wide, is(k) && x >= $4 && x < $5 ? x * unit : NaN):(at(r)) with points pt LETTER[k] notitle, \
			for [k = 1 : CAUSES] keyentry with points pt LETTER[k] title (USED[k] ? label(CAUSE_NAME[k]) : "")
	} else {
		set grid xtics
		set key right samplen 1 width 0
		# what the flash does for itself is hatched
		plot for [k = 1 : CAUSES] for [r = 1 : WROTE] DATA index FROM(RUN_OF[r], "causes") \
			using ($4 * unit):(is(k) ? at(r) : NaN):($4 * unit):($5 * unit):(at(r) - 0.32):(at(r) + 0.32) \
			with boxxyerror lc rgb COLOUR[k] lw 0.9 dt 1 fs pattern PATTERN[k] @piece_border title (USED[k] && r == 1 ? CAUSE_NAME[k] : "")
	}
}
