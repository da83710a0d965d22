# SPDX-License-Identifier: GPL-3.0-or-later
# What the interval between checkpoints costs: above, the work that a failure loses, as simulated and as expected (closed form); below, time
# per work through failures, on Daly's formula (2006) where it holds. Means of a hundred failures each.
# Files: hist/interval-study.csv: of_daly, interval_s, wall_per_work, wall_expected, loss_mean_s, loss_expected_s; of several devices
# behind a column `device`

LINES = 0
MOST_LINES = 24
array OF[MOST_LINES]
array DEVICE[MOST_LINES]
array TITLE_OF[MOST_LINES]
array SHIFT[RUNS]
last = ""
first_s = 1e300
last_s = 0
worst = 0
least = 1e300
most_over = 0
note(i, d) = (d eq last || LINES == MOST_LINES) ? 0 : (LINES = LINES + 1, OF[LINES] = i, DEVICE[LINES] = d, last = d, \
	TITLE_OF[LINES] = (RUNS > 1 ? NAME[i] : "") . (RUNS > 1 && SHIFT[i] ? ", " : "") . (SHIFT[i] ? d : ""), 0)
file(i) = FROM(i, "hist/interval-study.csv")
do for [i = 1 : RUNS] {
	if (ROWS_hist_interval_study_csv[i] > 0) {
		SHIFT[i] = word(HEAD_hist_interval_study_csv[i], 1) eq "device"
		last = "\n"
		stats DATA index file(i) using (note(i, SHIFT[i] ? strcol(1) : ""), 0) nooutput
		stats DATA index file(i) using (x = column(2 + SHIFT[i]), y = column(5 + SHIFT[i]), first_s = x > 0 ? min(first_s, x) : first_s, last_s = max(last_s, x), \
			worst = max(worst, y), least = y > 0 ? min(least, y) : least, most_over = max(most_over, column(3 + SHIFT[i]) - 1), 0) nooutput
	}
}

if (LINES == 0 || worst == 0 || last_s == 0) {
	sentence = "no interval was studied"
	eval no_data
} else {
	col(l, c) = SHIFT[OF[l]] && strcol(1) ne DEVICE[l] ? NaN : column(c + SHIFT[OF[l]])
	xu = time_factor(last_s)
	yu = time_factor(worst)
	set logscale xy
	set xrange [first_s * xu * 0.8 : last_s * xu * 1.25]
	eval panel(1, 2)
	set ylabel (DUMB ? "lost " : "lost by a failure (") . time_unit(worst) . (DUMB ? "" : ")")
	set yrange [round_down(least * yu) : round_up(worst * yu)]
	set format y "%g"
	eval log_tics("y", round_down(least * yu), round_up(worst * yu))
	name(l) = TITLE_OF[l] . (TITLE_OF[l] eq "" ? "" : ", ")
	plot for [l = 1 : LINES] DATA index file(OF[l]) using (above(col(l, 2)) * xu):(above(col(l, 6)) * yu) with lines linetype l title label(name(l) . "closed form"), \
		for [l = 1 : LINES] DATA index file(OF[l]) using (above(col(l, 2)) * xu):(above(col(l, 5)) * yu) with points linetype l ps (DUMB ? 1 : 1.2) \
		title label(name(l) . "simulated")
	eval panel(2, 2)
	unset logscale y
	set ytics autofreq
	set format y "%h"
	set ylabel DUMB ? "over %" : "time over work (%)"
	set xlabel "interval between checkpoints (" . time_unit(last_s) . ")"
	set yrange [0 : max(most_over * 100, 1e-6) * 1.15]
	set ytics tic_step(max(most_over * 100, 1e-6), DUMB ? 3 : 4)
	eval log_tics("x", round_down(first_s * xu), round_up(last_s * xu))
	plot for [l = 1 : LINES] DATA index file(OF[l]) using (above(col(l, 2)) * xu):(col(l, 4) > 0 ? (col(l, 4) - 1) * 100 : NaN) with lines linetype l notitle, \
		for [l = 1 : LINES] DATA index file(OF[l]) using (above(col(l, 2)) * xu):((col(l, 3) - 1) * 100) with points linetype l ps (DUMB ? 1 : 1.2) notitle
	unset multiplot
}
