#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Each example runs, shortened, and can be checked; what its comments promise shows in full runs.
# With a share of the effort (QUERN_TEST_EFFORT) the longest are left out: full runs of a drive that cleans, and the search that
# calibrates one.
. "$(dirname "$0")/common.sh"

for f in "$top_srcdir"/examples/*.yaml; do
	name=$(basename "$f" .yaml)
	good "check $name" check "$f"
	if grep -q '^workload:' "$f"; then
		good "run $name" run "$f" --set "workload.requests=$(effort 3000)" -o "$name"
	elif grep -q '^scenario:' "$f"; then
		good "run $name" run "$f" -o "$name"
	else
		good "run $name" run "$f" --set "replay.limit=$(effort 3000)" -o "$name"
	fi
	# what its comments suggest to try
	sed -n 's/^#  *\(Try:\)*  *quern run [a-z-]*\.yaml --set \([^=]*=[^$]*\)$/\2/p' "$f" | tr -d '"' >"$name.try"
	while read -r assignment; do
		good "check $name --set $assignment" check "$f" --set "$assignment"
	done <"$name.try"
	holds "$name is whole" grep -q '"partial": false' "$name/summary.json"
done

# a run repeats itself, with the files that it names, from wherever its config was written
cp "$top_srcdir/traces/sqlite.ref" .
sed 's|\.\./traces/||' "$top_srcdir/examples/demand-paging-recorded.yaml" >recorded.yaml
mkdir deep
good 'a run that names a file' run recorded.yaml -o deep/first
holds 'what its filter leaves out is said' grep -q '^  note: Table fault_curve begins at 64 frames' out
holds 'and nothing else' test "$(grep -c '^  note:' out)" -eq 1
holds 'in the summary too' grep -q '^      "Table fault_curve begins at 64 frames' deep/first/summary.json
good 'a run that the filter does not carry' run recorded.yaml -o few --set host.frames=50
holds 'says so' grep -q '"The recording lacks .*host.frames=50' few/summary.json
good 'runs again' run deep/first/config.effective -o second
holds 'and does the same' cmp deep/first/summary.json second/summary.json

# full NAME [ASSIGNMENT]: the example as it stands, or with one setting; summary in ./out
full() {
	good "full run of $*" run "$top_srcdir/examples/$1.yaml" ${2:+--set "$2"} --force -o full
}

# rate: requests a second of the last full run, in whole numbers
rate() {
	awk '$1 == "read" || $1 == "write" { gsub(",", "", $3); printf "%d", $3 }' out
}

full dual-actuator
two=$(rate)
full dual-actuator disk0.actuators.count=1
holds "two arms serve half as much again as one: $two, $(rate)" test $((2 * two)) -gt $((3 * $(rate)))
full schedulers-ncq
sptf=$(rate)
full schedulers-ncq disk0.scheduler=fcfs
holds "sptf serves more than half as much again as fcfs: $sptf, $(rate)" test $((2 * sptf)) -gt $((3 * $(rate)))
full write-cache-power-cut
holds 'a power cut loses what was acknowledged' grep -q 'acknowledged sectors lost' out
holds 'and names it' test "$(wc -l <full/lost.csv)" -gt 1
full write-cache-power-cut disk0.cache.write_back=false
holds 'without a write cache nothing' grep -q 'nothing that was acknowledged is lost' out
full smr-host-managed
holds 'a stream through zones is taken whole' grep -q '"unaligned-write": 0' full/summary.json
full smr-host-managed workload.type=random
holds 'random writes are not' grep -q '[0-9] unaligned-write; not in the latencies' out
full smr-drive-managed
cliff=$(rate)
full smr-drive-managed 'disk0.shingled.cache_size=1500 MiB'
holds "a full media cache is slow: $cliff, $(rate)" test $((5 * cliff)) -lt "$(rate)"
full grown-defects
holds 'four blocks moved' test "$(grep -A 1 '"remapped_blocks"' full/summary.json | grep -c '"value": 4\.0')" -eq 1
full grown-defects disk0.defects.recovered=false
holds 'or cannot be read' grep -q 'media-error' out
if [ "$percent" -eq 100 ]; then
	full ssd-random-write
	full_waf=$(sed -nE 's/.*write amplification ([0-9])\.([0-9]{3}):.*/\1\2/p' out)
	holds "a full drive cleans: $full_waf thousandths" test "$full_waf" -gt 2000
	holds 'preconditioned sectors are not told as never written' sh -c '! grep -q "read before any write" out'
	full ssd-random-write ssd0.ftl.map.over_provisioning=1
	waf=$(sed -nE 's/.*write amplification ([0-9])\.([0-9]{3}):.*/\1\2/p' out)
	holds "more flash, less cleaning: $waf" test "$waf" -lt 1700
fi
full ssd-random-write workload.read_ratio=1
holds 'what preconditioning has filled is read as written' sh -c '! grep -q "read before any write" out'
full ssd-random-write "ssd0.precondition={fill: 0, overwrite: 0}"
holds "an empty drive does not clean" grep -q "cleaning 0.000" out

export QUERN="$quern"
# script NAME [ARGUMENT]: the example runs; what it says is in NAME.out
script() {
	sh "$top_srcdir/examples/$1.sh" ${2:+"$2"} >"$1.out" 2>&1
}
for f in "$top_srcdir"/examples/*.sh; do
	name=$(basename "$f" .sh)
	[ "$percent" -eq 100 ] || [ "$name" != calibrate-a-drive ] || continue
	if [ "$name" = fault-curve ]; then # its words are recordings; without any, those of Quern
		holds "$name runs" script "$name"
	else
		holds "$name runs" script "$name" "$name"
	fi
done
holds 'the fault curve has a line for more than one size of memory' test "$(grep -c '^sort,' fault-curve.out)" -gt 2
holds 'a tenant waits behind another' awk '$1 == "alone:" { alone = $4 } $1 == "both:" { exit !($4 > 2 * alone) }' ssd-two-tenants.out
holds 'the probe finds the speed of rotation' grep -q 'speed  *6,700 rpm  *6,700 rpm' probe-a-device.out
whole 'calibration finds the command time' grep -q 'read_miss_after_read: .*, was 400 us' calibrate-a-drive.out
whole 'and fits the half it has not seen' grep -q '^fitted: .*second half' calibrate-a-drive.out

finish
