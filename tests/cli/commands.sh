#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Help, lists, options and traces: what a new user asks first.
. "$(dirname "$0")/common.sh"

good 'help' --help
for c in run replay plot report probe list options check trace record version; do
	holds "help names $c" grep -q "^  $c " out
done
for c in run replay plot report probe list options check trace record version; do
	good "$c --help" $c --help
	holds "$c --help says how" grep -q "^Usage: quern $c" out
done
good 'help WORD' help replay
good 'version' --version
holds 'version says it' grep -q '^quern [0-9]' out
"$quern" >out 2>err
holds 'no word at all is a mistake' test $? -eq 2
holds 'and shows the help' grep -q '^Usage: quern' err

# ---- lists

good 'list' list
for kind in $(cut -d' ' -f1 out); do
	good "list $kind" list $kind
	holds "list $kind has something" test -s out
	good "list $kind --json" list $kind --json
done
good 'list devices' list devices
holds 'every device of the catalogue works' sh -c '! grep -q "cannot be used" out'
cp out devices.txt
for f in "$top_srcdir"/devices/*.yaml; do
	holds "$f is listed" grep -q "^$(basename "$f" .yaml) " devices.txt
	good "check $f" check "$f"
done

# ---- options

good 'options' options
for key in disk0.rpm workload.requests replay.mode stats.window seed; do
	holds "options tells $key" grep -q "^$key " out
done
good 'options disk' options disk
holds 'only the disk' sh -c '! grep -q "^workload" out'
good 'options --man' options --man
good 'check' check "$top_srcdir/examples/disk-random.yaml"
good 'check --effective' check --effective "$top_srcdir/examples/disk-random.yaml"
cp out effective.yaml
good 'it loads again' check --effective effective.yaml
holds 'to the same' cmp out effective.yaml

# ---- probe

good 'probe' probe reference-r
holds 'it measures the turn' grep -Eq '^ *one turn +8.33333 ms +8.33333 ms' out
good 'probe into a folder' probe hp-c2247a -o probed --json
holds 'the figures are there' grep -q '"segments": {' out
holds 'and in the folder' cmp out probed/probe.json
for f in probe/seek.csv probe/zones.csv probe/rotation.csv probe/cache.csv hist/seek_curve.csv probe.txt; do
	holds "it has $f" test -s probed/$f
done
refused 'a probed folder is kept' 5 'probed exists and is kept' probe hp-c2247a -o probed
good 'unless told otherwise' probe hp-c2247a -o probed --force --set disk0.rpm="7200 rpm" --seed 5
holds 'with the setting' grep -q '7,200 rpm *7,200 rpm' out
good 'probe of a solid-state drive' probe slc-textbook --json
holds 'which is written full' grep -q '"past": "written full' out
good 'or blank, where that is asked for' probe slc-textbook --set ssd0.precondition.fill=0 -o blank
holds 'which is told' grep -q '^past: none, .*; 100 % of the sectors read were never written' out
holds 'and has no rates' grep -q 'no time at all' out
holds 'not even strange ones' sh -c '! grep -riwE -e "-?(nan|inf)" out blank/probe blank/probe.txt blank/probe.json'
holds 'but empty fields' grep -q '^1,$' blank/probe/depth.csv
refused 'a device that is not there' 2 'did you mean "hp-c2247a"' probe hp-c2247

# ---- traces

cat >two.csv <<'END'
128166372003061629,hm,0,Write,7014912,4096,26000
128166372003161629,hm,1,Read,1024,8192,10000
128166372003261629,hm,1,Read,9216,8192,10000
128166372013061629,hm,0,Write,512,1024,20000
END
good 'trace info' trace info two.csv
holds 'records' grep -q ' 4 records' out
holds 'format and why' grep -q 'msr: ' out
holds 'sequential' grep -q '25.0 % of the requests' out
holds 'measured' grep -q 'measured response *1.65 ms mean' out
good 'trace info of one device' trace info two.csv --trace-device 1
holds 'its records' grep -q ' 2 records' out
good 'trace info --json' trace info --json two.csv
holds 'duration' grep -q '"duration_s": 1.0' out
good 'trace head' trace head two.csv -n 2
holds 'two records' test "$(wc -l <out)" -eq 3
holds 'sectors' awk 'NR == 2 && !($3 == "write" && $4 == 13701 && $5 == 8) { exit 1 }' out

# ---- several devices

two="--device quantum-atlas-10k --device hp-c2247a"
good 'two devices' replay two.csv $two -o two --json
holds 'both are there' grep -q '"name": "disk1"' out
holds 'as they are called' grep -q 'HP C2247A' out
holds 'two requests each' test "$(grep -c '"submitted": 2' out)" -eq 2
good 'turned round' replay two.csv $two --trace-map 1,0 -o turned
good 'set on the second one' replay two.csv $two --set disk1.queue_depth=3 -o set --json
holds 'it took' grep -q '"queue_depth": 3' out
good 'it re-runs itself' run two/config.effective -o two-again
holds 'to the same' cmp two/latency.hgrm two-again/latency.hgrm
good 'merged on one' replay two.csv --device quantum-atlas-10k -o merged --json
holds 'all four' grep -q '"submitted": 4' out
good 'merged, as text' replay two.csv --device quantum-atlas-10k -o -
holds 'it says so' grep -q '^  trace devices *2, all on disk0' out
good 'a warm-up longer than the run' replay two.csv --device quantum-atlas-10k -o - \
	--set 'stats.warm_up=100 s'
holds 'it says so' grep -q '^  warm-up *the whole run' out
good 'one device of the trace' replay two.csv --device quantum-atlas-10k --trace-device 1 -o one --json
holds 'its two' grep -q '"submitted": 2' out
refused 'a device without a place' 4 'two.csv:1: trace device 0 is mapped to no device' \
	replay two.csv $two --trace-map 1,2 -o nowhere

mkdir -p folder
cp "$top_srcdir/devices/hp-c2247a.yaml" folder/mine.yaml
good 'a device of an --include folder' replay two.csv --device mine --include folder -o - --json
holds 'it is that one' grep -q 'HP C2247A' out
refused 'without the folder' 2 'no device or file "mine"' replay two.csv --device mine -o -
good 'a device file' replay two.csv --device folder/mine.yaml -o -
good 'a config from a pipe' run - -o - --set workload.requests=10 \
	<"$top_srcdir/examples/disk-random.yaml"

# ---- namespaces

cat >spaces.yaml <<'END'
include: [mqsim-default.yaml]
ssd0:
  namespaces: [4 MiB, 8 MiB]
  flash: {geometry: {channels: 2, chips: 1, dies: 2, planes: 1, blocks: 64, pages: 32, page: 4 KiB, spare: 0}}
  ftl: {map: {over_provisioning: 28 %}, gc: {low: 3}}
END
cat >spaces.trace <<'END'
0.000000 0 8184 8 0
1.000000 1 8192 8 0
2.000000 0 8184 8 1
3.000000 1 16376 8 0
END
spaces="spaces.trace --format disksim --device ./spaces.yaml"
good 'two namespaces' replay $spaces -o spaces
holds 'each is told' grep -q '^  ssd0n2 .* 2 writes' out
good 'a state of them' replay $spaces -o - --save-state spaces.state
good 'is theirs' replay $spaces -o - --load-state spaces.state
refused 'another layout' 3 'of another ssd: it has "namespaces: \[4 MiB, 8 MiB\]", and ssd0 has "namespaces: \[8 MiB, 4 MiB\]"' \
	replay $spaces -o - --load-state spaces.state --set 'ssd0.namespaces=[8 MiB, 4 MiB]'
good 'it re-runs itself' run spaces/config.effective -o spaces-again
holds 'to the same' cmp spaces/latency.hgrm spaces-again/latency.hgrm
refused 'past the end of one' 4 'spaces.trace:2: .* passes the end of the device, which has 8192' replay $spaces -o - --trace-map 1,0
refused 'one that is not there' 3 'there is no "ssd0n3" .Invalid Namespace or Format.: ssd0 has 2 namespaces' \
	replay $spaces -o - --set device=ssd0n3
refused 'more than the drive' 3 '--set ssd0.namespaces: .*they have more than the drive, 26214400 bytes' \
	replay $spaces -o - --set 'ssd0.namespaces=[16 MiB, 16 MiB]'
refused 'a load for two' 3 'a generated workload drives one device, and `device` names 2' \
	run spaces.yaml --set workload.type=random --set 'workload.request=4 KiB' -o -

# ---- how a trace is driven

good 'open by default' replay two.csv --device quantum-atlas-10k -o - --json
holds 'open' grep -q '"mode": "open"' out
good 'a depth' replay two.csv --device quantum-atlas-10k --depth 2 -o - --json
holds 'depth' grep -q '"mode": "depth"' out
good 'thinking' replay two.csv --device quantum-atlas-10k --mode think -o - --json
holds 'think' grep -q '"mode": "think"' out
good 'limit and skip' replay two.csv --device quantum-atlas-10k --skip 1 --limit 2 -o - --json
holds 'two' grep -q '"issued": 2' out
good 'from a pipe' replay - --device quantum-atlas-10k -o - --json <two.csv
holds 'all' grep -q '"issued": 4' out
refused 'scale from a pipe' 2 'twice' replay - --device quantum-atlas-10k -o - --range scale

finish
