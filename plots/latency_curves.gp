# SPDX-License-Identifier: GPL-3.0-or-later
# Shared by latency.gp and cdf.gp: the latency curves of the runs (see curves.gp). One run gives
# a curve for each operation there was, and one of all requests where there were several; many
# runs give one of all requests each.
# Files: hist/latency_all.csv, hist/latency_read.csv, hist/latency_write.csv,
# hist/latency_other.csv

op_rows(i, op) = op == 1 ? ROWS_hist_latency_all_csv[i] : op == 2 ? ROWS_hist_latency_read_csv[i] \
	: op == 3 ? ROWS_hist_latency_write_csv[i] : ROWS_hist_latency_other_csv[i]

WANTED = RUNS > 1 ? RUNS : 4
array WANTED_FILE[WANTED]
array WANTED_ROWS[WANTED]
array WANTED_NAME[WANTED]
array WANTED_TYPE[WANTED]
array WANTED_WIDTH[WANTED]
array OP_FILE[4] = ["all", "read", "write", "other"]
array OP_NAME[4] = ["all", "reads", "writes", "others"]
array OP_TYPE[4] = [LT_ALL, LT_READ, LT_WRITE, LT_OTHER]
kinds = (op_rows(1, 2) > 0) + (op_rows(1, 3) > 0) + (op_rows(1, 4) > 0)
do for [w = 1 : WANTED] {
	i = RUNS > 1 ? w : 1
	op = RUNS > 1 ? 1 : w
	WANTED_FILE[w] = FROM(i, "hist/latency_" . OP_FILE[op] . ".csv")
	WANTED_ROWS[w] = RUNS == 1 && op == 1 && kinds == 1 ? 0 : op_rows(i, op)
	WANTED_NAME[w] = RUNS > 1 ? NAME[i] : OP_NAME[op]
	WANTED_TYPE[w] = RUNS > 1 ? i : OP_TYPE[op]
	WANTED_WIDTH[w] = RUNS == 1 && op == 1 ? 2.8 : 1.6
}
load PLOTS . "/curves.gp"
