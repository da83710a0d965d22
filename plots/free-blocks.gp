# SPDX-License-Identifier: GPL-3.0-or-later
# Free blocks of a region (what is cleaned by itself: a plane, or with superblocks more) over simulated time: the mean of all regions
# and the region with the least; of several runs the mean alone.
# Files: device-series.csv

load PLOTS . "/device_series_common.gp"
most = 0
do for [s = 1 : SERIES] { stats DATA index file(s) using ($0 < LAST[s] ? (most = max(most, $16)) : 0) nooutput }

if (SERIES == 0) {
	sentence = "no window of simulated time was completed"
	eval no_data
} else {
	eval axes(time_label, RUNS == 1 ? "free blocks of a region" : "free blocks of a region, mean")
	set yrange [0 : max(most, 1) * 1.08]
	if (RUNS == 1) {
		plot DATA index file(1) using (($1 + $2 / 2) * tunit):($0 < LAST[1] ? $16 : NaN) @LINE linetype 1 title label("mean of all regions"), \
			DATA index file(1) using (($1 + $2) * tunit):($0 < LAST[1] ? $15 : NaN) @LINE linetype 2 title label("region with the least")
	} else {
		plot for [s = 1 : SERIES] DATA index file(s) using (($1 + $2 / 2) * tunit):($0 < LAST[s] ? $16 : NaN) \
			@LINE linetype RUN_OF[s] title label(NAME[RUN_OF[s]])
	}
}
