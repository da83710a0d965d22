# SPDX-License-Identifier: GPL-3.0-or-later
# Checkpoints over simulated time. Above, a row for each device: the program runs, is frozen while the state is marked for copying, and
# runs on while the state is flushed; a mark where it is resumed. Below, the work that a failure at that time would lose: the time since
# the state of the last valid checkpoint. One run.
# Files: hist/checkpoints.csv, as the tables states (device, begin_s, end_s, state, name) and lost_work (device, time_s, lost_s)

LANES = 0
span = 0
worst = 0
MOST_LANES = 24
array LANE[MOST_LANES]
if (RUNS == 1 && ROWS_states[1] > 0) {
	stats DATA index "1:states" using (LANES = min(max(LANES, $1), MOST_LANES), LANE[min(int($1), MOST_LANES)] = strcol(5), span = max(span, $3), 0) nooutput
	stats DATA index "1:lost_work" using (worst = max(worst, $3), 0) nooutput
}

if (span == 0) {
	sentence = RUNS > 1 ? "a picture of one run only" : "no checkpoint became valid"
	eval no_data
} else {
	tunit = time_factor(span)
	lunit = time_factor(worst)
	array STATE[3] = ["running", "flushing", "copying"]
	array COLOUR[3] = ["#D9D9D9", "#56B4E9", "#D55E00"]
	array STATE_NAME[3] = ["running", "running, state is flushed", "frozen, copying"]
	is(k) = strcol(4) eq STATE[k]
	set xrange [0 : span * tunit]

	eval panel(1, 2)
	if (DUMB) { set lmargin at screen 12.0 / WIDTH }
	set yrange [LANES + 0.6 : 0.4]
	set ytics scale 0 ("" 0)
	do for [l = 1 : LANES] { set ytics add (LANE[l] l) noenhanced }
	unset grid
	if (DUMB) {
		array LETTER[3] = [18, 6, 3]
		wide = 64
		plot for [k = 1 : 3] for [c = 0 : wide - 1] DATA index "1:states" \
			using (x = (c + 0.5) * span / wide, is(k) && x >= $2 && x < $3 ? x * tunit : NaN):1 with points pt LETTER[k] notitle, \
			for [k = 1 : 2] keyentry with points pt LETTER[k] title label(STATE_NAME[k])
	} else {
		set key samplen 1
		set style fill solid 1 noborder
		plot for [k = 1 : 3] DATA index "1:states" using ($2 * tunit):(is(k) ? $1 : NaN):($2 * tunit):($3 * tunit):($1 - 0.32):($1 + 0.32) \
			with boxxyerror lc rgb COLOUR[k] dt 1 title STATE_NAME[k], \
			DATA index "1:states" using ($3 * tunit):(is(3) ? $1 - 0.4 : NaN) with points pt 11 ps 0.7 lc rgb "#333333" title "resumed"
	}

	eval panel(2, 2)
	set grid
	set ytics scale 0.6, 0.3 autofreq
	set ylabel (DUMB ? "lost " : "lost work (") . time_unit(worst) . (DUMB ? "" : ")")
	set xlabel "simulated time (" . time_unit(span) . ")"
	set yrange [0 : worst * lunit * 1.08]
	set ytics tic_step(worst * lunit, DUMB ? 3 : 4)
	if (LANES > 1) { set key at graph 0.01, 0.98 left top vertical title "" }
	plot for [l = 1 : LANES] DATA index "1:lost_work" using ($2 * tunit):($1 == l ? $3 * lunit : NaN) with lines linetype l \
		title (LANES > 1 ? label(LANE[l]) : "")
	unset multiplot
}
