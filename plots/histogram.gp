# SPDX-License-Identifier: GPL-3.0-or-later
# Shared by seek-distance.gp and rotation-wait.gp: bars of equal width from the fine buckets of
# a histogram file. The caller says
#   hist_rows(i), hist_file(i)   rows and path of the histogram of run i
#   factor                       from the file's unit to the axis'; evaluated once the maximum is known
#   quantity                     name of the horizontal axis, without its unit
#   thing                        what values above 0 are with and those of 0 without, for the legend
#   nothing                      the sentence where there is nothing to draw

BINS = DUMB ? 40 : 72
HISTS = 0
array RUN_OF[RUNS]
array TOTAL[RUNS]
array ZERO[RUNS]
far = 0
do for [i = 1 : RUNS] {
	if (hist_rows(i) > 0) {
		HISTS = HISTS + 1
		RUN_OF[HISTS] = i
		TOTAL[HISTS] = 0.0
		ZERO[HISTS] = 0.0
		stats DATA index hist_file(i) using (far = max(far, $2), TOTAL[HISTS] = TOTAL[HISTS] + $3, \
			ZERO[HISTS] = ZERO[HISTS] + ($1 == 0 ? $3 : 0), 0) nooutput
	}
}

if (HISTS == 0) {
	sentence = nothing
	eval no_data
} else {
	width = far > BINS || !whole ? far / BINS : 1
	tallest = 0
	array COUNT[BINS + 1]
	set print $BAR
	do for [h = 1 : HISTS] {
		do for [k = 1 : BINS + 1] { COUNT[k] = 0.0 }
		bin(x) = min(int(x / width) + 1, BINS + 1)
		# zeros stand in the legend: one bar of them would dwarf the rest
		stats DATA index hist_file(RUN_OF[h]) using (b = bin(whole ? $1 : ($1 + $2) / 2), \
			COUNT[b] = COUNT[b] + ($1 == 0 ? 0 : $3), 0) nooutput
		if (h > 1) { print ""; print "" }
		last = int(min(BINS, ceil(far / width)))
		do for [k = 1 : last] {
			share = 100.0 * COUNT[k] / TOTAL[h]
			tallest = max(tallest, share)
			print sprintf("%.9g,%.9g", (k - 0.5) * width * factor(far), share)
		}
	}
	set print
	eval axes(quantity . " (" . unit_name(far) . ")", "share of requests (%)")
	set xrange [0 : far * factor(far) * 1.01]
	set yrange [0 : max(tallest * 1.1, 0.1)]
	none(h) = 100.0 * ZERO[h] / TOTAL[h]
	share_of(h) = sprintf("%.1f %% without %s", none(h), thing)
	legend(h) = RUNS == 1 ? sprintf("%.1f %% with %s; not drawn: ", 100 - none(h), thing) . share_of(h) \
		: NAME[RUN_OF[h]] . (none(h) < 0.05 ? "" : ": " . share_of(h))
	if (RUNS == 1 && none(1) < 0.05) { eval no_key }
	if (HISTS == 1 && !DUMB) {
		set style fill solid 0.75 noborder
		set boxwidth width * factor(far)
		plot $BAR using 1:2 with boxes linetype RUN_OF[1] title label(legend(1))
	} else {
		plot for [h = 1 : HISTS] $BAR index h - 1 using 1:2 with histeps linetype RUN_OF[h] title label(legend(h))
	}
}
