# SPDX-License-Identifier: GPL-3.0-or-later
# Latency as a cumulative distribution: which fraction of the requests took at most so long.
# Files: hist/latency_all.csv, hist/latency_read.csv, hist/latency_write.csv,
# hist/latency_other.csv

load PLOTS . "/latency_curves.gp"

quantity = "latency"
sentence = "no request completed"
load PLOTS . "/draw_cdf.gp"
