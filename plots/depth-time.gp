# SPDX-License-Identifier: GPL-3.0-or-later
# Requests outstanding over simulated time, as the completions of each window found them
# (the completing one included): their mean.
# Files: series.csv

load PLOTS . "/series_common.gp"

high = 0
do for [s = 1 : SERIES] { stats $WINDOW index s - 1 using (high = max(high, $12)) nooutput }

if (SERIES == 0) {
	sentence = no_series
	eval no_data
} else {
	eval axes(time_label, "requests outstanding at completion")
	set yrange [0 : max(high * 1.08, 1)]
	if (RUNS == 1) { eval no_key }
	plot for [s = 1 : SERIES] $WINDOW index s - 1 using (middle_of($1, $2)):12 \
		@LINE linetype RUN_OF[s] title label(NAME[RUN_OF[s]])
}
