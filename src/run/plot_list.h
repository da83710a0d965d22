/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of plots. One line each: a new plot is plots/NAME.gp, one line here and its
 * word in Makefile.am. X(name, doc, files): `doc` is a phrase; up to its first of , : ; ( it is
 * also the title of a picture that is given none; `files` are the files of a run directory that
 * the script reads, parted by blanks ("@TABLE:FILE": a table that is worked out from the file, plot_private.h; "*" before a file:
 * each device has its own, and the picture is of one device; "#COLUMN" behind it: where it has that column); a run must have at
 * least one of them. A kind of sweeps has "=" and a letter for each thing it wants: the columns x, y, z, p (panel), t (theory), and
 * f for a front (plot_sweep.c). The script
 * finds the number of data rows of hist/latency_read.csv in run i as
 * ROWS_hist_latency_read_csv[i], and so on (plots/style.gp says what else).
 */
#define PLOT_LIST(X) \
	X("latency", "latency percentiles to the last nine, by operation", PLOT_LATENCY_FILES) \
	X("cdf", "cumulative distribution of latency, by operation", PLOT_LATENCY_FILES) \
	X("measured", "simulated against measured response times; for traces that carry them", \
	  "hist/response_measured.csv hist/response_simulated.csv") \
	X("latency-time", "latency over simulated time: bands between median, p99, p99.9 and maximum", \
	  "series.csv") \
	X("throughput-time", "data rate and requests a second over simulated time", "series.csv") \
	X("depth-time", "requests outstanding over simulated time, as completions found them", "series.csv") \
	X("load-time", "load over simulated time: data rate, requests outstanding and utilisation of the device", \
	  "series.csv *device-series.csv") \
	X("seek-curve", "seek time of the disk over distance", "*hist/seek_curve.csv") \
	X("zone-map", "sequential bandwidth of the medium over the address space", "*hist/zones.csv") \
	X("arm-time", "cylinder of each request over simulated time", "requests.csv") \
	X("seek-distance", "how far the arm went to a request", "hist/seek_distance.csv") \
	X("rotation-wait", "how long a request waited for its sector to come round", "hist/rotation.csv") \
	X("hit-map", "which requests the buffer served, by address and simulated time", "requests.csv") \
	X("residuals", "simulated less measured response by class of request; for traces that carry them", \
	  "residuals.csv") \
	X("probe-seek", "seek curve as measured from outside (`quern probe`), on the configured one", \
	  "probe/seek.csv hist/seek_curve.csv") \
	X("probe-zones", "zone map as measured from outside (`quern probe`), on the configured one", \
	  "probe/zones.csv hist/zones.csv probe/bandwidth.csv") \
	X("probe-rotation", "one turn as measured from outside (`quern probe`), on the configured one", \
	  "probe/rotation.csv") \
	X("probe-cache", "the buffer as measured from outside (`quern probe`): what it reads ahead, and its hits on the configured bus", \
	  "probe/cache.csv probe/hits.csv") \
	X("gantt", "what channels and dies or a disk's arms did: a window of the run, asked for with --gantt", "*hist/gantt.csv") \
	X("tail-blame", "where the time of the slowest requests went: queues, buffer, bus, what was before them, own work", "tail.csv") \
	X("waf-time", "write amplification and cleaning over simulated time: units programmed for each written, and erases", \
	  "*device-series.csv#waf") \
	X("free-blocks", "free blocks of a solid-state drive over simulated time", "*device-series.csv#free_blocks_mean") \
	X("wear-map", "erases of each block, by die", "@wear_cells:*hist/wear.csv") \
	X("wear-histogram", "how often blocks have been erased", "*hist/wear_histogram.csv") \
	X("wear-lorenz", "how evenly blocks wear: the Lorenz curve of their erases, and the Gini coefficient", \
	  "@lorenz:*hist/wear_histogram.csv") \
	X("wear-time", "erases of a block over simulated time: mean and most, and the end of life", \
	  "@wear_time:*device-series.csv#erase_mean") \
	X("write-causes", "who caused the writes: of the host by cause, and what the flash programmed for them", "@causes:summary.json") \
	X("checkpoint-time", "checkpoints over simulated time: running, copying, flushing, and the work that a failure would lose", \
	  "@states:hist/checkpoints.csv @lost_work:hist/checkpoints.csv") \
	X("checkpoint-interval", "checkpoint interval: work lost by a failure and time per work, on the closed forms", \
	  "hist/interval-study.csv") \
	X("fault-curve", "page faults over the page frames a program is given, by replacement policy", "hist/fault_curve.csv") \
	X("thrashing", "use of the processor as processes are added, and page faults", "hist/thrashing.csv") \
	X("sweep-line", "a column of a sweep over another, a line for each value of a third, with 95 % confidence bands", "=xy") \
	X("sweep-panels", "small multiples: the lines of a sweep in a panel for each value of one more column", "=xyp") \
	X("sweep-map", "heat map of a sweep: a column as colour over two others", "=xyz") \
	X("sweep-residuals", "residuals of a sweep against closed forms: how far the simulated means lie from them", "=xyt") \
	X("pareto", "all points of a sweep and its Pareto front: what no other point beats in one column without losing in the other", \
	  "=xyf") \
	X("service-split", "where the time of a request went: overhead, seek, rotation, transfer, bus", \
	  PLOT_SERVICE_FILES)

#define PLOT_LATENCY_FILES \
	"hist/latency_all.csv hist/latency_read.csv hist/latency_write.csv hist/latency_other.csv"
#define PLOT_SERVICE_FILES \
	"hist/overhead.csv hist/seek.csv hist/rotation.csv hist/transfer.csv hist/bus.csv"
