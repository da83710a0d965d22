# SPDX-License-Identifier: GPL-3.0-or-later
# Shared by the plots of single requests over simulated time.
# Files: requests.csv
#
#   SAMPLES      runs with requests; 0: there is nothing to draw
#   RUN_OF[s]    which run
#   MOST_ROWS    rows of the longest sample
#   span, tunit  end of the longest run in s; factor from s to the unit of the time axis
#   blank(c)     whether column c is empty
#   DOT          size of a point: smaller where there are many
#   time_label   name of the time axis, with "one request in k" where a run kept only those

SAMPLES = 0
MOST_ROWS = 0
every = 1
span = 0
array RUN_OF[RUNS]
blank(c) = strlen(strcol(c)) == 0
do for [i = 1 : RUNS] {
	if (ROWS_requests_csv[i] > 0) {
		SAMPLES = SAMPLES + 1
		RUN_OF[SAMPLES] = i
		MOST_ROWS = max(MOST_ROWS, ROWS_requests_csv[i])
		stats DATA index FROM(i, "requests.csv") using (span = max(span, $2), \
			every = $1 > 0 && ROWS_requests_csv[i] > 1 ? max(every, $1 / max($0, 1)) : every, 0) nooutput
	}
}
if (SAMPLES > 0 && span == 0) { span = 1e-12 }
tunit = time_factor(span)
every = int(every + 0.5)
time_label = "simulated time (" . time_unit(span) . ")" . (every > 1 ? sprintf(", one request in %d", every) : "")
DOT = DUMB ? 1 : MOST_ROWS > 4000 ? 0.35 : MOST_ROWS > 1000 ? 0.5 : 0.8
