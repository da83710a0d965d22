# SPDX-License-Identifier: GPL-3.0-or-later
# Write amplification over simulated time above, blocks erased a second below. Of one run the amplification is parted by what was
# programmed: host, cleaning, wear levelling, map, padding; of several it is one line a run.
# Files: device-series.csv

load PLOTS . "/device_series_common.gp"

# written for each unit of the host; nothing where the host wrote nothing
of_host(v) = $6 > 0 ? v / $6 : NaN
array NAME_OF[5] = ["host", "cleaning", "wear levelling", "map", "padding"]
array COLOUR[5] = ["#BBBBBB", "#D55E00", "#CC79A7", "#56B4E9", "#E69F00"]
up_to(k) = k == 1 ? $6 : k == 2 ? $6 + $7 : k == 3 ? $6 + $7 + $8 : k == 4 ? $6 + $7 + $8 + $9 : $6 + $7 + $8 + $9 + $10
array SUM[5]
do for [k = 1 : 5] { SUM[k] = 0 }
most = 0
most_erases = 0
do for [s = 1 : SERIES] {
	stats DATA index file(s) using ($0 < LAST[s] && $2 > 0 ? (most_erases = max(most_erases, $13 / $2), \
		most = $6 > 0 ? max(most, up_to(5) / $6) : most, SUM[1] = SUM[1] + $6, SUM[2] = SUM[2] + $7, \
		SUM[3] = SUM[3] + $8, SUM[4] = SUM[4] + $9, SUM[5] = SUM[5] + $10) : 0) nooutput
}

if (SERIES == 0 || most == 0) {
	sentence = "no window in which writes of the host were programmed"
	eval no_data
} else {
	eval panel(1, 2)
	set ylabel "WAF"
	set yrange [0 : most * 1.08]
	set ytics tic_step(most, DUMB ? 3 : 4)
	if (RUNS == 1 && !DUMB) {
		set style fill solid 0.85 noborder
		set style data filledcurves
		plot for [n = 0 : 4] DATA index file(1) using (($1 + $2 / 2) * tunit):(SUM[5 - n] > 0 && $0 < LAST[1] ? of_host(up_to(5 - n)) : NaN) \
			with filledcurves x1 lc rgb COLOUR[5 - n] notitle, \
			for [k = 1 : 5] (SUM[k] > 0 ? 0 : NaN) with boxes lc rgb COLOUR[k] title (SUM[k] > 0 ? NAME_OF[k] : "")
	} else {
		plot for [s = 1 : SERIES] DATA index file(s) using (($1 + $2 / 2) * tunit):($0 < LAST[s] ? of_host(up_to(5)) : NaN) \
			@LINE linetype RUN_OF[s] title label(RUNS == 1 ? "write amplification" : NAME[RUN_OF[s]])
	}

	eval panel(2, 2)
	set ylabel DUMB ? "/s" : "erases/s"
	factor = most_erases < 2e4 ? 1 : 1e-3
	if (factor < 1) { set ylabel DUMB ? "k/s" : "1000 erases/s" }
	set yrange [0 : max(most_erases * factor, 1e-9) * 1.08]
	set ytics most_erases > 0 ? tic_step(most_erases * factor, DUMB ? 3 : 4) : 1
	set xlabel time_label
	plot for [s = 1 : SERIES] DATA index file(s) using (($1 + $2 / 2) * tunit):($0 < LAST[s] && $2 > 0 ? $13 / $2 * factor : NaN) \
		@LINE linetype RUN_OF[s] notitle
	unset multiplot
}
