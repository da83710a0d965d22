# SPDX-License-Identifier: GPL-3.0-or-later
# How long a request waited for its sector to come round: share of the requests that reached
# the medium over the wait. Random places give an even spread over one turn; more than a turn
# is several tracks, or a turn missed.
# Files: hist/rotation.csv

hist_rows(i) = ROWS_hist_rotation_csv[i]
hist_file(i) = FROM(i, "hist/rotation.csv")
whole = 0
factor(x) = latency_factor(x * 1e-3) * 1e-3
unit_name(x) = latency_unit(x * 1e-3)
quantity = "rotational wait"
thing = "a wait"
nothing = "no request reached the medium"
load PLOTS . "/histogram.gp"
