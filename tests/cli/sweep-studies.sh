#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Each study of examples/sweeps runs, with less effort than for its figure, and says what its head says of it; where theory
# has a figure, that one. The figures are drawn as the heads say.
# With a share of the effort (QUERN_TEST_EFFORT) the studies only run and are drawn: short runs do not show what is claimed.
. "$(dirname "$0")/common.sh"
QUERN_PLOTS=${QUERN_PLOTS:-$top_srcdir/plots}
export QUERN_PLOTS
studies=$top_srcdir/examples/sweeps

# study NAME [OPTION...]: runs it; its folder is NAME.sweep
study() {
	name=$1
	shift
	good "run $name" sweep run "$studies/$name.yaml" -q "$@"
}

# ask NAME BY VALUE: the means, one row a group, key and value parted by blanks
ask() {
	"$quern" sweep query "$1.sweep" --by "$2" --value "$3" --csv |
		awk -F, -v keys="$(echo "$2" | tr ',' '\n' | wc -l)" 'NR > 1 { for (i = 1; i <= keys; i++) printf "%s ", $i; print $(keys + 2) }' >answer
}

# of KEY...: the value of a group of the last answer
of() {
	awk -v want="$* " 'index($0, want) == 1 { print substr($0, length(want) + 1); exit }' answer
}

# near NAME VALUE TARGET SHARE
near() {
	holds "$1 has a figure" test -n "$2"
	whole "$1: $2, theory has $3" awk -v x="$2" -v t="$3" -v share="$4" 'BEGIN { d = x / t - 1; exit !(x != "" && d <= share && -d <= share) }'
}

# more NAME A B [TIMES]: A is more than TIMES (1) B
more() {
	holds "$1 has figures" test -n "$2" -a -n "$3"
	whole "$1: $2 against $3" awk -v a="$2" -v b="$3" -v times="${4:-1}" 'BEGIN { exit !(a != "" && b != "" && a + 0 > times * b) }'
}

# what takes long whatever is asked for
past=2 pages=1024 references=77224 drawn=over-provisioning
[ "$percent" -eq 100 ] || past=0.1 pages=128 references=24000 drawn=dies-channels

study schedulers --set "workload.requests=$(effort 1000)"
ask schedulers disk0.rpm,disk0.scheduler,workload.depth read.iops
# seek 3.5 ms, half a turn, transfer and overhead 0.13 ms
near 'in order of arrival, 5,400 rpm' "$(of 5400 fcfs 64)" 108.9 0.03
near 'in order of arrival, 15,000 rpm' "$(of 15000 fcfs 64)" 177.6 0.03
more 'knowing rotation beats turning faster' "$(of 5400 sptf 64)" "$(of 15000 fcfs 64)" 2
more 'sptf beats c-look' "$(of 10000 sptf 16)" "$(of 10000 c-look 16)" 1.3
more 'c-look beats fcfs' "$(of 10000 c-look 16)" "$(of 10000 fcfs 16)" 1.3

study track-buffer --set "workload.requests=$(effort 1500)"
ask track-buffer disk0.cache.read_ahead,workload.request,disk0.cache.segment_sectors read.iops
near 'a turn a read, at 15,000 rpm' "$(of none 4096 1024)" 250 0.02
more 'read-ahead' "$(of segment 4096 1024)" "$(of none 4096 1024)" 40
more 'a larger segment' "$(of segment 4096 1024)" "$(of segment 4096 64)" 3

study zones --set "workload.requests=$(effort 400)"
ask zones workload.start read.bw_bytes
near 'the outermost zone' "$(of 0)" 125.04e6 0.02 # sectors of a track over turn and skew: hist/zones.csv
near 'the innermost zone' "$(of 299000000000)" 72.96e6 0.02

study over-provisioning --set "workload.requests=$(effort 6000)" --set ssd0.precondition.overwrite=$past
ask over-provisioning ssd0.ftl.gc.policy,ssd0.ftl.map.over_provisioning waf
while IFS=, read -r policy share waf; do
	case $share in
	0.2 | 0.4 | 1) near "write amplification, $policy, $share" "$(of "$policy" "$share")" "$waf" 0.06 ;;
	esac
done <"$studies/over-provisioning-theory.csv"
# the file itself: a = (1 + share) 254 / 256, two blocks of 256 held back
awk -F, 'NR > 1 { a = (1 + $2) * 254 / 256 }
	$1 == "random" { t = a / (a - 1) }
	$1 == "fifo" { u = 0.5; for (i = 0; i < 20000; i++) u = exp(-a * (1 - u)); t = 1 / (1 - u) }
	($1 == "random" || $1 == "fifo") && ($3 / t - 1) ^ 2 > 1e-8 { print; bad = 1 }
	END { exit bad || NR < 10 }' "$studies/over-provisioning-theory.csv" || fail 'the closed forms are not those they are called'

study dies-channels --set "workload.requests=$(effort 5000)"
ask dies-channels ssd0.flash.geometry.channels,ssd0.flash.geometry.dies read.iops
near 'a die alone' "$(of 1 1)" 14122 0.02 # 1 / 70.8 us
near 'two channels of a die are two dies' "$(of 2 1)" "$(of 1 2)" 0.001
near 'a full channel' "$(of 1 16)" 48300 0.03 # 1 / 20.7 us
near 'four channels' "$(of 4 8)" $((4 * 48300)) 0.08

study write-buffer --set "workload.requests=$(effort 20000)"
ask write-buffer workload.rate,ssd0.buffer.size write.lat_ns.percentile.99.900000
more 'a small buffer waits for programs' "$(of 2000 16384)" "$(of 2000 65536)" 1000
more 'and longer near saturation' "$(of 2400 32768)" "$(of 2000 32768)" 10

study wear-levelling --set ssd0.flash.array.endurance=15 --set "workload.requests=$(effort 61500)"
ask wear-levelling workload.span,ssd0.ftl.alloc.frontiers,ssd0.ftl.wear.threshold write.total_ios
more 'levelling lengthens life' "$(of 1048576 separate 5)" "$(of 1048576 separate 0)" 2
more 'less where cold pages mix with warm' "$(of 1048576 separate 5)" "$(of 1048576 host-gc 5)" 1.5
more 'and never beyond all erases' 61440 "$(of 1048576 separate 5)"

study replacement --set "scenario.load.references=$(effort 12000)"
ask replacement variant,host.frames,host.replace.policy faults
near 'fifo faults as often as random' "$(of zipf 512 fifo)" "$(of zipf 512 random)" 0.03
more 'lru less' "$(of zipf 512 fifo)" "$(of zipf 512 lru)" 1.1
more 'arc still less' "$(of zipf 128 lru)" "$(of zipf 128 arc)" 1.1
near 'a loop defeats lru' "$(of loop 896 lru)" 12000 0
# 1,024 first faults, then a share m = 1 - exp(-m 1024 / 512) of the references: 0.797
near 'and random less' "$(of loop 512 random)" 9772 0.02

study checkpoint-interval --set scenario.load.pages=$pages --set scenario.load.references=$references
ask checkpoint-interval variant,scenario.interval valid_after
near 'a checkpoint on flash is valid after some milliseconds' "$(of ssd 400000000)" 0.009 0.1
more 'on the disk after a hundred times as much, nearly' "$(of disk 400000000)" "$(of ssd 400000000)" 80
ask checkpoint-interval variant,scenario.interval lost_work
more 'the disk loses more than the drive' "$(of disk 50000000)" "$(of ssd 50000000)" 10

study paging-devices
ask paging-devices variant,host.frames references_per_second
more 'paging to a disk' "$(of sata 512)" "$(of disk 512)" 20
more 'the faster drive' "$(of nvme 512)" "$(of sata 512)" 1.2
near 'where all fits, the device is of no account' "$(of disk 1024)" "$(of nvme 1024)" 0.001
ask paging-devices variant,host.frames faults
near 'all fault equally often' "$(of disk 512)" "$(of nvme 512)" 0

# ---- the figures

holds 'every study has been run' test "$(ls -d ./*.sweep | wc -l)" -eq "$(ls "$studies"/*.yaml | wc -l)"
if command -v gnuplot >/dev/null; then
	cp "$studies"/*.csv .
	for file in "$studies"/*.yaml; do
		# shellcheck disable=SC2046
		good "draw $(basename "$file" .yaml)" plot $(sed -n 's/^#     quern plot //p' "$file")
	done
	holds 'every study has its figure' test "$(ls ./*.svg | wc -l)" -eq "$(ls "$studies"/*.yaml | wc -l)"
	export QUERN="$quern"
	mkdir script && cd script || exit 99
	holds 'the script runs and draws what it is asked for' \
		env SWEEP_OPTIONS='-q --set workload.requests=100' sh "$studies/figures.sh" zones $drawn
	holds 'and nothing else' test "$(echo ./*.svg)" = "./$drawn.svg ./zones.svg"
else
	skip 'no gnuplot to draw the figures with'
fi

finish
