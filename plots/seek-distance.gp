# SPDX-License-Identifier: GPL-3.0-or-later
# How far the arm went to a request: share of the requests that reached the medium over the
# distance. Those that needed no seek are told in the legend.
# Files: hist/seek_distance.csv

hist_rows(i) = ROWS_hist_seek_distance_csv[i]
hist_file(i) = FROM(i, "hist/seek_distance.csv")
whole = 1
factor(x) = 1
unit_name(x) = "cylinders"
quantity = "seek distance"
thing = "a seek"
nothing = "no request reached the medium"
load PLOTS . "/histogram.gp"
