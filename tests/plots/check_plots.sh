#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Every plot on every terminal over run directories of the real program and over the odd ones a
# user may have: nothing in them, one request, one operation only, a folder with a name no
# shell would like. A picture must be there, be what its name says, and cost no warning.
set -u

scratch=$(mktemp -d "${TMPDIR:-/tmp}/quern-plots.XXXXXX") || exit 99
trap 'rm -rf "$scratch"' EXIT
quern=$top_builddir/quern
QUERN_DEVICES=$top_srcdir/devices QUERN_PLOTS=$top_srcdir/plots
LC_ALL=C # no pictures may depend on it
export QUERN_DEVICES QUERN_PLOTS LC_ALL
status=0

bad() {
	printf 'BAD:  %s\n' "$*"
	status=1
}

if ! command -v gnuplot >/dev/null; then
	echo 'SKIP: gnuplot is not installed'
	exit 77
fi

# ---- run directories

# run NAME REQUESTS READ_RATIO
run() {
	printf 'include: [quantum-atlas-10k.yaml]\nseed: 3\nworkload: {type: random, requests: %s, read_ratio: %s, request: 4 KiB, depth: 4}\nstats: {window: 200 ms}\n' \
		"$2" "$3" >"$scratch/config.yaml"
	"$quern" run "$scratch/config.yaml" -o "$scratch/$1" >"$scratch/out" 2>&1 || {
		cat "$scratch/out"
		bad "the run for $1 failed"
	}
}
odd="it's \"odd\", \`x\` \$HOME @a ; _{z}"
run many 1500 '60 %'
run writes 300 '0 %'
run one 1 '100 %'
"$quern" probe hp-c2247a -o "$scratch/probed" >"$scratch/out" 2>&1 || bad 'the probe failed'
printf 'op,lbn,blocks,measured_response_us,delay_before_us,kind\nR,0,8,9000,100,Miss\nR,8,8,900,100,Hit\nW,9,8,90,1,Hit\nR,80000,1,99,1,Hit\n' >"$scratch/t.csv"
"$quern" replay "$scratch/t.csv" --device quantum-atlas-10k -o "$scratch/replayed" >"$scratch/out" 2>&1 ||
	bad 'the replay failed'
printf '%s\n' 'include: [mqsim-default.yaml]' \
	'ssd0: {flash: {geometry: {channels: 2, chips: 1, dies: 1, blocks: 32, pages: 16}}, ftl: {map: {over_provisioning: 50 %}, gc: {low: 3}}, precondition: {fill: 100 %}, buffer: {size: 512 KiB}}' \
	'workload: {type: random, read_ratio: 30 %, request: 8 KiB, depth: 8, requests: 4000}' 'stats: {window: 20 ms}' >"$scratch/flash.yaml"
"$quern" run "$scratch/flash.yaml" --gantt 20ms..40ms -o "$scratch/flash" >"$scratch/out" 2>&1 || bad "the run of a solid-state drive failed: $(cat "$scratch/out")"
flash_files='device-series.csv hist/wear.csv hist/wear_histogram.csv hist/gantt.csv tail.csv'
"$quern" run "$top_srcdir/examples/checkpoint.yaml" -o "$scratch/states" >"$scratch/out" 2>&1 || bad "the run of checkpoints failed: $(cat "$scratch/out")"
# tables of hosts: of one device, and of two behind their names; a policy whose curve was left out
printf 'frames,fifo,clock,opt\n1,100,,100\n10,90,,50\n80,10,,10\n' >"$scratch/curve"
printf 'device,start_ns,processes,cpu_busy,faults_per_second,references_per_second\n' >"$scratch/thrashing"
printf 'disk0,0,1,0.4,10,1\ndisk0,1,2,0.1,40,1\nssd0,0,1,0.9,100,1\nssd0,1,2,0.5,900,1\n' >>"$scratch/thrashing"
for name in many writes one; do
	cp "$scratch/curve" "$scratch/$name/hist/fault_curve.csv"
	cp "$scratch/thrashing" "$scratch/$name/hist/thrashing.csv"
	cp "$scratch/states/hist/checkpoints.csv" "$scratch/states/hist/interval-study.csv" "$scratch/$name/hist"
	cp -R "$scratch/probed/probe" "$scratch/$name"
	for file in $flash_files; do
		cp "$scratch/flash/$file" "$scratch/$name/$file"
	done
	cp "$scratch/replayed/residuals.csv" "$scratch/$name"
done
cp -R "$scratch/many" "$scratch/$odd"
# a probe that is off by less than a microsecond
mkdir -p "$scratch/exact/probe"
printf 'distance_cylinders,seek_ms,from_lbn,to_lbn,configured_ms\n1,1.0001,0,1,1\n2,1.5,0,1,1.5001\n' >"$scratch/exact/probe/seek.csv"

# nothing at all: header lines only; and everything in no time
for name in none zero; do
	mkdir -p "$scratch/$name/hist"
	for file in latency_all latency_read latency_write latency_other overhead seek rotation \
		transfer bus response_measured response_simulated; do
		echo low_us,high_us,count >"$scratch/$name/hist/$file.csv"
		[ $name = none ] || echo 0,0.000001,5 >>"$scratch/$name/hist/$file.csv"
	done
	echo low_cylinders,high_cylinders,count >"$scratch/$name/hist/seek_distance.csv"
	echo distance_cylinders,seek_ms >"$scratch/$name/hist/seek_curve.csv"
	mkdir -p "$scratch/$name/probe"
	for file in hist/zones probe/seek probe/zones probe/bandwidth probe/rotation probe/cache probe/hits; do
		head -n 1 "$scratch/probed/$file.csv" >"$scratch/$name/$file.csv"
	done
	for file in $flash_files; do
		head -n 1 "$scratch/flash/$file" >"$scratch/$name/$file"
	done
	for file in checkpoints interval-study; do
		head -n 1 "$scratch/states/hist/$file.csv" >"$scratch/$name/hist/$file.csv"
	done
	echo '{}' >"$scratch/$name/summary.json"
	head -n 1 "$scratch/curve" >"$scratch/$name/hist/fault_curve.csv"
	head -n 1 "$scratch/thrashing" >"$scratch/$name/hist/thrashing.csv"
	head -n 1 "$scratch/many/requests.csv" >"$scratch/$name/requests.csv"
	head -n 1 "$scratch/many/residuals.csv" >"$scratch/$name/residuals.csv"
	if [ $name = zero ]; then
		echo 0,1,5 >>"$scratch/$name/hist/seek_distance.csv"
		echo 0,0,,0 >>"$scratch/$name/hist/fault_curve.csv"
		echo disk0,0,0,0,0,0 >>"$scratch/$name/hist/thrashing.csv"
		echo 0,0,0,0,,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0 >>"$scratch/$name/device-series.csv"
		echo disk0,1,0,0,0,0,0,0,0,1 >>"$scratch/$name/hist/checkpoints.csv"
		echo disk0,1,0,0,0,0,0 >>"$scratch/$name/hist/interval-study.csv"
		echo 0,0,0,0 >>"$scratch/$name/hist/wear.csv"
		echo 0,1,1 >>"$scratch/$name/hist/wear_histogram.csv"
		echo 0,0,0,0,read >>"$scratch/$name/hist/gantt.csv"
		echo 0,read,0,8,0,0,0,0,0,0,0,0,0,0,0,0,0 >>"$scratch/$name/tail.csv"
		echo 0,0,0,0,0,0,0 >>"$scratch/$name/hist/zones.csv"
		echo 0,0,0,0,,,0,0 >>"$scratch/$name/probe/zones.csv"
		echo 1,0,0,0, >>"$scratch/$name/probe/seek.csv"
		echo 0,0, >>"$scratch/$name/probe/rotation.csv"
		echo 0,0,0 >>"$scratch/$name/probe/cache.csv"
		echo 1,,,, >>"$scratch/$name/probe/hits.csv"
		echo 0,0.000000000,flush,0,0,none,,0.000000 >>"$scratch/$name/requests.csv"
		echo whole,all,all,all,all,1,0,0,0,0,0,0,0 >>"$scratch/$name/residuals.csv"
	fi
	head -n 1 "$scratch/many/series.csv" >"$scratch/$name/series.csv"
	[ $name = none ] || echo 0,1,5,0,0,20480,0,0,0,0,0,1,0 >>"$scratch/$name/series.csv"
done
# measured responses come with traces; here the simulated ones stand for both, and the figures of
# a probe beside a run
for name in many writes one "$odd"; do
	cp "$scratch/$name/hist/latency_all.csv" "$scratch/$name/hist/response_measured.csv"
	cp "$scratch/$name/hist/latency_all.csv" "$scratch/$name/hist/response_simulated.csv"
done

# ---- pictures

# is_a TYPE FILE: by its first bytes
is_a() {
	head=$(od -An -c -N 5 "$2" | tr -d ' \n')
	case $1:$head in
	svg:'<?xml' | pdf:'%PDF-' | png:'211PNG\r') return 0 ;;
	txt:*) [ "$(wc -l <"$2")" -le 24 ] && [ "$(awk 'length > 80' "$2" | wc -l)" -eq 0 ] ;;
	*) return 1 ;;
	esac
}

# plot WHAT TYPE RUN...: kind WHAT
plot() {
	kind=$1 type=$2
	shift 2
	rm -f "$scratch/picture.$type"
	"$quern" plot "$@" -k "$kind" -o "$scratch/picture.$type" >"$scratch/out" 2>&1 ||
		bad "plot $kind.$type of $* failed"
	if [ -s "$scratch/out" ]; then
		bad "plot $kind.$type of $* is not silent:"
		cat "$scratch/out"
	fi
	is_a "$type" "$scratch/picture.$type" || bad "plot $kind.$type of $* is no $type file"
}

# plot_or_words WANT TYPE KIND RUN...: a picture, or, where the runs have nothing to draw, a sentence, code 5 and no file; WANT
# is words when there must be none
plot_or_words() {
	want=$1 type=$2 kind=$3
	shift 3
	rm -f "$scratch"/picture.*
	"$quern" plot "$@" -k "$kind" -o "$scratch/picture.$type" >"$scratch/out" 2>&1
	code=$?
	if [ $code -eq 0 ]; then
		[ "$want" != words ] && [ ! -s "$scratch/out" ] && is_a "$type" "$scratch/picture.$type" ||
			bad "plot $kind.$type of $* is not silent, or a picture of nothing: $(cat "$scratch/out")"
		return
	fi
	[ $code -eq 5 ] && grep -q 'so there is nothing to draw' "$scratch/out" && [ "$(wc -l <"$scratch/out")" -eq 1 ] ||
		bad "plot $kind.$type of $*: code $code, $(cat "$scratch/out")"
	[ -z "$(find "$scratch" -maxdepth 1 -name 'picture.*')" ] || bad "plot $kind.$type of $* left a file"
}

cd "$scratch" || exit 99
of_sweeps="sweep-line sweep-panels sweep-map sweep-residuals pareto"
kinds=$("$quern" plot --list | awk -v "not=$of_sweeps" '!index(" " not " ", " " $1 " ") { print $1 }')
[ "$(echo "$kinds" | wc -w)" -ge 16 ] || bad "quern plot --list names only: $kinds"
for kind in $kinds; do
	plot "$kind" svg many
	plot "$kind" txt many
	plot_or_words any svg "$kind" zero
	plot_or_words words svg "$kind" none
	plot_or_words any svg "$kind" many none one "$odd" zero
done
# a terminal is the same for all kinds
for kind in latency wear-map throughput-time; do
	plot $kind png many
	plot $kind pdf many
	plot $kind svg many none one "$odd" zero
	plot $kind txt many none one "$odd" zero
	plot_or_words any txt $kind one
	plot_or_words any txt $kind writes
done

# requests that took no time at all: a run of 0 s
mkdir -p instant
echo '{}' >instant/summary.json
head -n 1 many/series.csv >instant/series.csv
head -n 1 many/device-series.csv >instant/device-series.csv
echo 0,0,2000,0,0,8192000,0,0,0,0,0,4,0 >>instant/series.csv
for kind in throughput-time depth-time load-time latency-time; do
	plot_or_words words svg $kind instant
	grep -q 'no simulated time passed' "$scratch/out" || bad "plot $kind of no time does not say why: $(cat "$scratch/out")"
	plot $kind svg many instant
done

plot probe-seek svg exact

# what a picture says
"$quern" plot many -k throughput-time -t dumb >out || bad 'a plot as text failed'
grep -q 'MB/s\|kB/s' out && grep -q IOPS out && grep -q reads out && grep -q writes out ||
	bad 'the throughput plot lacks a word'
"$quern" plot many -k latency -t dumb | grep -q 'latency (.*s) over percentile (%)' ||
	bad 'the latency plot as text does not name both axes'
"$quern" plot writes -k throughput-time -t dumb >out
! grep -q reads out || bad 'the throughput plot speaks of reads where there were none'
"$quern" plot replayed -k residuals -t dumb >out
grep -q 'read, miss, random' out && grep -q 'miss taken for hit\|hit taken for\|read, hit' out ||
	bad 'the residuals lack their classes'
for run in left right; do
	mkdir $run && head -n 1 replayed/residuals.csv >$run/residuals.csv
	printf 'whole,%s,all\n' 'read,unknown,hit,sequential,50,1,1,0,0,0.1,0.2,0.3' 'write,hit,miss,random,10,1,1,0,0,0.5,0.7,0.6' \
		'read,unknown,miss,local,9,1,1,0,0,0.5,0.7,0.1' 'all,all,all,all,69,1,1,0,0,0.1,0.3,1' |
		sed 's/,all$//' >>$run/residuals.csv
done
plot residuals svg left right
grep -q 'read, hit, sequential' picture.svg && grep -q 'write, hit taken for miss, random' picture.svg ||
	bad 'the residuals of two runs lack a class'
! grep -q 'read, miss, local' picture.svg || bad 'the residuals of two runs show a class of 9 requests'
"$quern" plot probed -k probe-seek -t svg >out
grep -q 'measured from outside' out || bad 'the probed curve is not named'
"$quern" plot probed -k probe-cache -t svg >out
grep -q 'configured bus' out && grep -q 'ahead of it' out || bad 'the picture of the buffer lacks what was measured or configured'
# 5,400 rpm: 11.11 ms a turn, to less than 10 ns
awk -F, 'NR > 1 && ($2 < 11 || ($2 - $3) ^ 2 > 1e-10) { bad = 1 } END { exit bad || NR < 100 }' probed/probe/rotation.csv ||
	bad 'the turns of the probe are not beside the configured ones'
awk -F, 'NR > 1 && $2 != "" && ($2 - $4) ^ 2 > 1e-6 * $2 { bad = 1 } END { exit bad || NR < 5 }' probed/probe/hits.csv ||
	bad 'the hits of the probe are not beside the configured bus'
"$quern" plot many -k seek-distance -t dumb >out
grep -q '% without a seek' out || bad 'seeks over no distance are not told'
"$quern" plot none -k latency -t dumb 2>&1 | grep -q 'none: no request completed, so there is nothing to draw as "latency"' ||
	bad 'a plot of nothing does not say so'
"$quern" plot many "$odd" -k cdf -t svg --title 'a <title> & more' >out
grep -q 'a &lt;title> &amp; more' out || bad 'the title is not in the picture'
grep -qF "it's" out && grep -qF '@a' out && grep -qF '_{z}' out || bad 'the legend changed a name'
"$quern" plot many -k zone-map -t svg >out
grep -q 'random on Quantum Atlas 10K' out || bad 'a picture does not say workload and device'
"$quern" plot many -k cdf -t svg >out
grep -q 'Cumulative distribution of latency: random on Quantum Atlas 10K' out || bad 'the title does not end where the phrase goes on'
# with the phrase 79 characters: in a wide font more than there is room for
cp -r many wide && sed 's/Quantum Atlas 10K/Quantum Atlas 10K, twice/' many/summary.json >wide/summary.json
"$quern" plot wide -k thrashing -t svg >out
grep -q 'random on Quantum Atlas 10K, twice' out || bad 'a long title is not there'
! grep -q 'processes are added: random on' out || bad 'a long title runs off the picture'
"$quern" plot many -k thrashing -t svg >out
grep -q 'processes are added: random on Quantum Atlas 10K' out || bad 'a title that has room lacks what is shown'
"$quern" plot many -k cdf -t svg --title '' >out
! grep -q 'Cumulative\|Atlas' out || bad 'a title stands where none was wanted'
"$quern" plot many one -k cdf -t svg -l first -l second >out
grep -q '>first<\|>[[:space:]]*first' out && grep -q second out || bad 'the labels are not in the legend'
"$quern" plot many -k cdf -t png --size 300x200 >out
[ "$(od -An -tu1 -j 18 -N 2 out | tr -d ' ')$(od -An -tu1 -j 22 -N 2 out | tr -d ' ')" = 1440200 ] ||
	bad 'the size of the PNG is not 300 x 200' # bytes 1 44, 0 200

# ---- the numbers that are drawn are those of the run

# block FILE NAME: the rows of a block
block() { awk -v name="# $2" '$0 == name { on = 1; getline; next } /^$/ { on = 0 } on' "$1"; }
# data KIND RUN: makes now.dat
data() { "$quern" plot "$2" -k "$1" -o now.svg || bad "plot $1 of $2 failed"; }
for pair in latency:hist/latency_read.csv load-time:series.csv load-time:device-series.csv waf-time:device-series.csv \
	wear-histogram:hist/wear_histogram.csv gantt:hist/gantt.csv tail-blame:tail.csv arm-time:requests.csv; do
	run=flash
	case $pair in latency:* | arm-time:*) run=many ;; esac
	data "${pair%%:*}" $run
	block now.dat "1:${pair#*:}" >got
	sed 1d "$run/${pair#*:}" | cmp -s - got || bad "the data of ${pair%%:*} are not those of ${pair#*:}"
done
# the arm of a disk: one thing at a time, and over the whole run as much of each as the requests say
printf 'include: [quantum-atlas-10k.yaml]\nworkload: {type: random, requests: 200, read_ratio: 60 %%}\n' >arm.yaml
"$quern" run arm.yaml --gantt 0s..1000s -o arm >out 2>&1 || bad "the run of the arm failed: $(cat out)"
data gantt arm
block now.dat 1:hist/gantt.csv | awk -F, '$3 < end { exit 1 } { end = $4 }' || bad 'the arm does two things at once'
for part in seek rotation; do
	want=$(sed -n "/per_request_ns/,/}/s/.*\"$part\": *\([0-9.]*\).*/\1/p" arm/summary.json | head -n 1)
	block now.dat 1:hist/gantt.csv | awk -F, -v part=$part -v "want=$want" '$5 == part { sum += $4 - $3 }
		END { off = sum * 1000 / 200 / want - 1; exit !(want > 0) || off > 1e-6 || off < -1e-6 }' || bad "the $part of the arm is not $want ns a request"
done
# cells of the map: 2 dies of 64 blocks fit, each as it is
data wear-map flash
block now.dat 1:wear_cells | cut -d, -f3 | sort >got
sed 1d flash/hist/wear.csv | cut -d, -f4 | sort | cmp -s - got || bad 'the map of wear has other erases than wear.csv'
# of many more each cell is the mean of the blocks in it: 720 blocks of a die, two to a cell
mkdir -p large/hist && awk 'BEGIN { print "die,plane,block,erases"; for (b = 0; b < 720; b++) printf "0,0,%d,%d\n", b, b }' >large/hist/wear.csv
data wear-map large
block now.dat 1:wear_cells | awk -F, '$1 != 2 * (NR - 1) + 1 || $3 != 2 * (NR - 1) + 0.5 { bad = 1 } END { exit bad || NR != 360 }' ||
	bad 'a cell of the map of wear is not the mean of its blocks'
# two blocks erased once, one three times: two thirds of the blocks have two fifths of the erases;
# Gini 1 - 2 (2/3 x 2/5 / 2 + 1/3 x 7/5 / 2) = 4/15
mkdir -p uneven/hist && printf 'low_erases,high_erases,blocks\n1,2,2\n3,4,1\n' >uneven/hist/wear_histogram.csv
data wear-lorenz uneven
[ "$(block now.dat 1:lorenz | tr '\n' ' ')" = '0,0,0.266666667 66.6666667,40,0.266666667 100,100,0.266666667 ' ] ||
	bad "the Lorenz curve is not as by hand: $(block now.dat 1:lorenz)"
data wear-time flash
block now.dat 1:wear_time | awk -F, '{ print $2 "," $3 "," $4 }' >got
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { print $at["erase_mean"] "," $at["erase_max"] ",3000" }' \
	flash/device-series.csv | cmp -s - got || bad 'the wear over time is not that of device-series.csv'
data write-causes flash
written=$(awk -F, 'NR > 1 { sum += $7 } END { printf "%d", sum }' flash/series.csv)
[ "$(block now.dat 1:causes | awk -F, '$1 == 1 { printf "%d", $3 }')" = "$written" ] || bad 'the writes by cause are not what was written'
"$quern" plot states -k checkpoint-time -o now.svg || bad 'the picture of checkpoints failed'
block now.dat 1:states | awk -F, '$4 == "flushing" { print $5 "," $2 + 0 "," $3 + 0 }' >got
sed 1d states/hist/checkpoints.csv | awk -F, '{ print $1 "," $4 + 0 "," $5 + 0 }' | cmp -s - got || bad 'the checkpoints are not those of checkpoints.csv'
# just before a checkpoint is valid, the one before it is what a failure would go back to
block now.dat 1:lost_work | awk -F, '$1 == 1 && NR % 2 == 0 { printf "%.6f\n", $3 }' >got
sed 1d states/hist/checkpoints.csv | awk -F, '$1 == "disk0" { printf "%.6f\n", $5 - held; held = $3 }' | cmp -s - got ||
	bad 'the work that a failure loses is not as by hand'
# Checkpoint intervals, where the program stands still until a checkpoint is valid, against the closed forms, worked out here: Young, CACM 17(9),
# 1974: sqrt(2 d M); Daly, FGCS 22(3), 2006, eq. 37 and, for the time, eq. 20. Lost: half of interval and stop, and the stop, less what
# failures that come soon leave, below 3 %. Simulated: 3 % where the loss is a mean of a hundred failures and more.
"$quern" run "$top_srcdir/examples/checkpoint.yaml" --set scenario.checkpoint.resume=valid --set scenario.mtbf=1h -o stopped >out 2>&1 ||
	bad "the run of stopping checkpoints failed: $(cat out)"
data checkpoint-interval stopped
block now.dat 1:hist/interval-study.csv >study
for what in resume_after restart_time young_interval daly_interval; do
	sed -n "/\"$what\"/,/}/s/.*\"value\": *\([0-9.e-]*\).*/\1/p" stopped/summary.json | tr '\n' ' '
	echo
done | awk '{ for (i = 1; i <= NF; i++) v[i, NR] = $i } END { for (i = 1; i <= 2; i++) print v[i, 1], v[i, 2], v[i, 3], v[i, 4] }' >found
awk 'function off(got, want, share) { return got / want - 1 > share || got / want - 1 < -share }
	NR == FNR { stop[NR] = $1; restart[NR] = $2; x = $1 / (2 * M); young = sqrt(2 * $1 * M)
		daly[NR] = young * (1 + sqrt(x) / 3 + x / 9) - $1
		if (off($3, young, 1e-9) || off($4, daly[NR], 1e-9)) { print "interval", $0; exit 1 }
		next }
	{ split($0, c, ","); d = c[1] == "disk0" ? 1 : 2; t = c[3]; n[d]++
		wall = M * exp(restart[d] / M) * (exp((t + stop[d]) / M) - 1) / t
		if (off(t, c[2] * daly[d], 1e-6)) { print "of Daly", $0; bad = 1 }
		if (off(c[5] - 1, wall - 1, 1e-3)) { print "expected time", $0, wall; bad = 1 }
		if (off(c[4] - 1, wall - 1, 0.03)) { print "time", $0, wall; bad = 1 }
		if (off(c[7], (t + stop[d]) / 2 + stop[d], 0.01 + t / M / 3)) { print "expected loss", $0; bad = 1 }
		if (off(c[6], c[7], 0.03)) { print "loss", $0; bad = 1 }
		if (!(d in least) || c[4] < least[d]) { least[d] = c[4]; at[d] = c[2] } }
	END { if (bad || n[1] != 7 || n[2] != 7 || at[1] != 1 || at[2] != 1) exit 1 }' M=3600 found study >said ||
	bad "the checkpoint intervals are not those of Young and Daly: $(cat said)"

# ---- one of several devices

"$quern" plot states -k load-time --device ssd0 -o now.svg || bad 'the picture of the second device failed'
block now.dat 1:device-series.csv >got
sed 1d states/device-series-ssd0.csv | cmp -s - got || bad 'the data of the second device are not its own'
grep -q 'checkpoint on ssd0 (TLC NVMe drive)' now.svg || bad 'the picture does not say which device it is of'
"$quern" plot states -k load-time -o now.svg && block now.dat 1:device-series.csv >got
sed 1d states/device-series.csv | cmp -s - got && grep -q 'on disk0 (Quantum Atlas 10K)' now.svg || bad 'without a word it is not the first device'
# the first that has blocks is the second
"$quern" plot states -k wear-histogram -o now.svg && block now.dat 1:hist/wear_histogram.csv >got
sed 1d states/hist/ssd0_wear_histogram.csv | cmp -s - got && grep -q 'on ssd0 (TLC' now.svg || bad 'wear is not that of the device that wears'
"$quern" plot states -k free-blocks -o now.svg && grep -q 'on ssd0' now.svg || bad 'free blocks are not those of the drive'
"$quern" plot states -k seek-curve --device ssd0 -o now.svg 2>said && bad 'a drive has a seek curve'
grep -q 'no hist/seek_curve.csv of device ssd0' said || bad "not said what is missing: $(cat said)"
"$quern" plot states -k wear-map --device ssd1 -o now.svg 2>said
[ $? -eq 2 ] && grep -q 'no device "ssd1": it has disk0, ssd0' said || bad "not said which devices there are: $(cat said)"
"$quern" plot states -k cdf --device ssd0 -o now.svg 2>said
[ $? -eq 2 ] || bad 'a kind of all devices takes one'
"$quern" plot arm -k waf-time -o now.svg 2>said && bad 'a disk has a write amplification'
grep -q 'no device-series.csv with a column waf' said || bad "not said what a disk has not: $(cat said)"

"$quern" plot many states -k checkpoint-time -o now.svg 2>said && bad 'two runs in a picture of one'
grep -q 'a picture of one run only' said || bad 'two runs are not refused in words'

# ---- sweeps: two schedulers, three depths, two speeds, two replications

cat >sweep.yaml <<'EOF'
base: {include: [quantum-atlas-10k.yaml], workload: {type: random, requests: 60}, stats: {window: 1 s}}
axes:
  disk0.scheduler: [fcfs, sptf]
  workload.depth: [1, 4, 16]
  disk0.rpm: [7200 rpm, 10000 rpm]
replications: 2
EOF
"$quern" sweep run -q sweep.yaml -o swept >out 2>&1 || bad "the sweep failed: $(cat out)"
printf 'config.workload.depth,read.iops,disk0.rpm\n1,100,7200\n4,150,7200\n2,9,7200\n16,200,1\n' >theory.csv
xy='-x workload.depth -y read.iops'
for type in svg png pdf txt; do
	plot_sweep() { "$quern" plot swept -k "$@" -o "picture.$type" 2>said || bad "$1.$type: $(cat said)"; [ ! -s said ] || bad "$1.$type says $(cat said)"
		is_a $type "picture.$type" || bad "$1.$type is no $type file"; }
	plot_sweep sweep-line $xy --by disk0.scheduler --log xy --where disk0.rpm=7200
	plot_sweep sweep-panels $xy --by disk0.scheduler --panel disk0.rpm --theory theory.csv
	plot_sweep sweep-map -x workload.depth -y disk0.rpm -z read.lat_ns.mean
	plot_sweep sweep-residuals $xy --by disk0.rpm --theory theory.csv
	plot_sweep pareto -x min:read.lat_ns.mean -y max:read.iops --by disk0.scheduler
	plot_sweep sweep-line -x disk0.scheduler -y read.iops --by workload.depth
done
# the mean of the four points of each depth, from the table of the sweep
"$quern" plot swept -k sweep-line $xy -o now.svg
block now.dat 1:points | awk -F, '{ printf "%g,%.6g,%d\n", $3, $4, $7 }' >got
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	{ d = $at["config.workload.depth"]; sum[d] += $at["jobs.0.read.iops"]; n[d]++ }
	END { for (d = 1; d <= 16; d *= 4) printf "%g,%.6g,%d\n", d, sum[d] / n[d], n[d] }' swept/sweep.csv | cmp -s - got ||
	bad "the means of a sweep are not those of its points: $(cat got)"
# small multiples: for each speed and scheduler the mean of two points at each depth, and Student's t for one degree of freedom, 12.7062
"$quern" plot swept -k sweep-panels $xy --by disk0.scheduler --panel disk0.rpm -o now.svg
block now.dat 1:points | awk -F, '{ printf "%d,%d,%g,%.5g,%.5g,%.5g,%d\n", $1, $2, $3, $4, $5, $6, $7 }' >got
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	{ k = ($at["config.disk0.rpm"] > 8000 ? 2 : 1) "," ($at["config.disk0.scheduler"] ~ /sptf/ ? 2 : 1) "," $at["config.workload.depth"]
		if (k in first) second[k] = $at["jobs.0.read.iops"]; else { first[k] = $at["jobs.0.read.iops"]; order[++n] = k } }
	END { for (i = 1; i <= n; i++) { k = order[i]; a = first[k]; b = second[k]; half = 12.7062047 * (a > b ? a - b : b - a) / 2
		printf "%s,%.5g,%.5g,%.5g,2\n", k, (a + b) / 2, (a + b) / 2 - half, (a + b) / 2 + half } }' swept/sweep.csv | sort >want
sort got | cmp -s - want || bad "the panels of a sweep are not as by hand: $(sort got | diff - want)"
# the map: of each depth and speed the mean of four points
"$quern" plot swept -k sweep-map -x workload.depth -y disk0.rpm -z read.lat_ns.mean -o now.svg
block now.dat 1:cells | awk -F, '{ printf "%d,%d,%.7g,%d\n", $1, $2, $3, $5 }' | sort >got
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	{ d = $at["config.workload.depth"]; k = (d == 1 ? 1 : d == 4 ? 2 : 3) "," ($at["config.disk0.rpm"] > 8000 ? 2 : 1)
		sum[k] += $at["jobs.0.read.lat_ns.mean"]; n[k]++ }
	END { for (k in sum) printf "%s,%.7g,%d\n", k, sum[k] / n[k], n[k] }' swept/sweep.csv | sort >want
cmp -s got want || bad "the cells of a map are not the means of their points: $(diff got want)"
# three figures of theory are of points that there are: 100 and 150 at 7,200 rpm; that of depth 2 and that of 1 rpm have none
"$quern" plot swept -k sweep-line $xy --by disk0.rpm -o now.svg && block now.dat 1:points >points
"$quern" plot swept -k sweep-residuals $xy --by disk0.rpm --theory theory.csv -o now.svg
block now.dat 1:residuals | awk -F, '{ printf "%g,%g,%.6f\n", $2, $3, $4 }' >got
awk -F, '$2 == 1 && ($3 == 1 || $3 == 4) { printf "%g,%g,%.6f\n", $2, $3, 100 * ($4 / ($3 == 1 ? 100 : 150) - 1) }' points | cmp -s - got ||
	bad "the residuals are not as by hand: $(cat got)"
# the front, worked out from all points: nobody has less latency and as many requests, or as little latency and more
"$quern" plot swept -k pareto -x min:read.lat_ns.mean -y max:read.iops -o now.svg
block now.dat 1:points | awk -F, '{ x[NR] = $2; y[NR] = $3 } END { for (i = 1; i <= NR; i++) { beaten = 0
	for (k = 1; k <= NR; k++) if (x[k] <= x[i] && y[k] >= y[i] && (x[k] < x[i] || y[k] > y[i])) beaten = 1
	if (!beaten) printf "%.9g,%.9g\n", x[i], y[i] } }' | sort >want
block now.dat 1:front | awk -F, '{ printf "%.9g,%.9g\n", $2, $3 }' | sort >got
cmp -s want got && [ -s got ] || bad "the Pareto front is not that of the points: $(cat got)"
grep -q 'random on Quantum Atlas 10K' now.svg || bad 'the picture of a sweep does not say workload and device'
# said CODE WORDS ARGUMENT...
said() {
	code=$1 words=$2
	shift 2
	"$quern" plot "$@" -o nothing.svg 2>said
	[ $? -eq "$code" ] && grep -qF -- "$words" said && [ ! -e nothing.svg ] || bad "plot $*: $(cat said)"
}
said 2 'wants -y COLUMN' swept -k sweep-line -x workload.depth
said 2 'wants -z COLUMN' swept -k sweep-map $xy
said 2 'wants --theory' swept -k sweep-residuals $xy
said 2 'pareto' swept -k pareto -x min:read.iops -y read.iops
said 2 'is of one sweep' swept swept -k sweep-line $xy
said 2 'are for pictures of sweeps' many -k latency $xy
said 2 'no column' swept -k sweep-line -x workload.depth -y read.iosp
said 2 'no finished point' swept -k sweep-line $xy --where disk0.rpm=1
said 5 'no column' swept -k sweep-residuals -x workload.depth -y read.bw --theory theory.csv
said 5 'nofile.csv' swept -k sweep-line $xy --theory nofile.csv

# ---- what stays beside a picture

# drawn again from what is kept, in another place: the same bytes
mkdir kept && (cd kept && "$quern" plot ../many -k throughput-time -o a.svg) && cp kept/a.svg first.svg && rm kept/a.svg
mv kept moved && (cd moved && LC_ALL=C.UTF-8 gnuplot -d a.gp) && cmp -s moved/a.svg first.svg || bad 'the commands that were kept do not draw the same'
# the numbers are the run's own
sed -n '/^# 1:series.csv$/,/^$/p' moved/a.dat | sed 1d | sed 's/^# //' | sed '/^$/d' | cmp -s - many/series.csv ||
	bad 'the data beside the picture are not those of series.csv'
"$quern" plot many -k cdf -o moved/a.svg || bad 'a second picture does not replace the first'
sed 1d moved/a.gp >changed && cp changed moved/a.gp
"$quern" plot many -k cdf -o moved/a.svg 2>said && bad 'commands that the user has changed were replaced'
grep -q 'moved/a.gp is there' said && cmp -s changed moved/a.gp || bad 'the sentence on changed commands is not there'
"$quern" plot many -k cdf -t svg -o moved/b.dat 2>said && bad 'the picture took the name of its data'

# ---- what is refused: exit code, sentence, nothing left, what was there is kept

# refused CODE WORDS ARGUMENT...
path=$PATH
refused() {
	code=$1 words=$2
	shift 2
	echo old >keep.svg
	PATH=$path "$quern" plot "$@" >out 2>said
	got=$?
	[ $got -eq "$code" ] || bad "plot $*: exit $got, want $code"
	grep -qF -- "$words" said || {
		bad "plot $*: \"$words\" is not in:"
		cat said
	}
	[ "$(wc -l <said)" -eq 1 ] || bad "plot $*: said more than one line"
	[ "$(cat keep.svg)" = old ] || bad "plot $*: the old picture is gone"
	[ -z "$(find . -name '*partial*')" ] || bad "plot $*: left a partial file"
}
refused 2 'did you mean "latency"' many -k latancy -o keep.svg
refused 2 'want -k KIND' many -o keep.svg
refused 2 'want a run directory' -k latency -o keep.svg
refused 2 'want -o FILE.svg' many -k latency
refused 2 'keep.gif' many -k latency -o keep.gif
refused 2 '--size' many -k latency -o keep.svg --size 12
refused 2 'labels' many -k latency -o keep.svg -l a -l b
refused 5 'nowhere' nowhere -k latency -o keep.svg
refused 5 'no hist/latency_all.csv' "$top_srcdir/devices" -k latency -o keep.svg
refused 5 'nofolder/x.svg' many -k latency -o nofolder/x.svg
mkdir broken && cp "$top_srcdir"/plots/*.gp broken && echo 'x = y + 1' >>broken/cdf.gp
QUERN_PLOTS=$scratch/broken
refused 1 'undefined variable: y' many -k cdf -o keep.svg
QUERN_PLOTS=$top_srcdir/plots
path=$scratch
refused 5 'gnuplot was not found' many -k cdf -o keep.svg

exit $status
