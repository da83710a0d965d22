# SPDX-License-Identifier: GPL-3.0-or-later
# Simulated against measured response times, as cumulative distributions: the horizontal
# distance of the two curves is what the demerit figure sums up. For replays of traces that
# carry measured response times.
# Files: hist/response_simulated.csv, hist/response_measured.csv

WANTED = 2 * RUNS
array WANTED_FILE[WANTED]
array WANTED_ROWS[WANTED]
array WANTED_NAME[WANTED]
array WANTED_TYPE[WANTED]
array WANTED_WIDTH[WANTED]
do for [w = 1 : WANTED] {
	i = (w + 1) / 2
	is_measured = w % 2
	WANTED_FILE[w] = FROM(i, "hist/response_" . (is_measured ? "measured" : "simulated") . ".csv")
	WANTED_ROWS[w] = is_measured ? ROWS_hist_response_measured_csv[i] \
		: ROWS_hist_response_simulated_csv[i]
	WANTED_NAME[w] = (RUNS > 1 ? NAME[i] . ", " : "") . (is_measured ? "measured" : "simulated")
	WANTED_TYPE[w] = DUMB && RUNS > 1 ? w : RUNS > 1 ? i : is_measured ? 5 : LT_READ
	WANTED_WIDTH[w] = is_measured ? 4 : 1.6 # the simulated one lies on top
}
load PLOTS . "/curves.gp"
quantity = "response time"
sentence = "no measured response time in the trace"
load PLOTS . "/draw_cdf.gp"
