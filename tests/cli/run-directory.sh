#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The run directory: same seed, same bytes; it re-runs itself; it is never overwritten unasked;
# what is interrupted says so.
. "$(dirname "$0")/common.sh"

cat >small.yaml <<'END'
include: [quantum-atlas-10k.yaml]
seed: 5
workload: {type: random, read_ratio: 67 %, request: 4 KiB, depth: 4, requests: 3000}
END
cat >measured.csv <<'END'
op,lbn,blocks,measured_response_us,think_us,kind,delay_before_us
W,4583176,4,663,45422,Hit,45422
W,4583180,4,607,34200,Hit,34200
R,3962268,12,6657,64047,Hit,64047
R,3962296,16,1825,36016,Hit,36016
END

# same NAME A B FILE...: the two run directories are equal but for the files named
same() {
	what=$1 a=$2 b=$3
	shift 3
	for f; do set -- "$@" -x "$f"; shift; done
	holds "$what" diff -r "$@" "$a" "$b"
}

good 'a run' run small.yaml -o a
for f in config.effective summary.json latency.hgrm series.csv commands machine.json \
	hist/latency_read.csv hist/latency_write.csv hist/seek.csv hist/rotation.csv \
	hist/queue_depth.csv hist/seek_distance.csv hist/seek_curve.csv hist/zones.csv service.csv \
	requests.csv; do
	holds "$f is there" test -s a/$f
done
holds 'the text is short' test "$(wc -l <out)" -le 35
good 'the same again' run small.yaml -o b
same 'same seed, same bytes' a b machine.json
good 'another seed' run small.yaml --seed 6 -o c
holds 'another seed, other results' sh -c '! cmp -s a/summary.json c/summary.json'
good 'it re-runs itself' run a/config.effective -o d
same 'and gives the same' a d machine.json commands
good 'a replay' replay measured.csv --device quantum-atlas-10k -o deep
mkdir -p x/y
holds 'responses' test -s deep/hist/response_measured.csv -a -s deep/hist/response_simulated.csv
holds 'residuals' test -s deep/residuals.csv -a -s deep/residuals.txt -a ! -e a/residuals.csv
good 'a replay from elsewhere' replay measured.csv --device quantum-atlas-10k -o x/y/z
good 'it re-runs itself too' run x/y/z/config.effective -o x/y/again
holds 'the trace was found' cmp deep/hist/latency_read.csv x/y/again/hist/latency_read.csv
holds 'commands' grep -q '^quern replay measured.csv --device quantum-atlas-10k$' deep/commands
holds 'no machine paths' sh -c '! grep -rqF "$1" deep --exclude=machine.json' sh "$scratch"

# ---- names

"$quern" run small.yaml -q && "$quern" run small.yaml -q
holds 'numbered runs' test -f quern-run-001/summary.json -a -f quern-run-002/summary.json
rm -rf quern-run-*
refused 'twice into the same' 5 'exists and is kept' run small.yaml -o a
good 'forced' run small.yaml --seed 6 -o a --force
same 'the new one stands' a c machine.json commands
cp a/summary.json kept.json
echo 'x: [' >broken.yaml
refused 'a failing run replaces nothing' 3 'broken' run broken.yaml -o a --force
holds 'it is as it was' cmp a/summary.json kept.json
mkdir empty
good 'an empty folder may be used' run small.yaml -o empty
good 'no directory' run small.yaml -o -
holds 'really none' test ! -e quern-run-001
holds 'nothing else is left' test "$(find . -name '*partial*' -o -name '*.old-*' | wc -l)" -eq 0

# ---- what is printed

good 'JSON' run small.yaml -o - --json
holds 'it is the file' diff out b/summary.json
if command -v jq >/dev/null; then
	for f in b/summary.json b/machine.json deep/summary.json; do
		holds "$f is JSON" jq -e . $f >/dev/null
	done
	holds 'all requests are there' test "$(jq '.jobs[0].read.total_ios + .jobs[0].write.total_ios' out)" -eq 3000
	holds 'measured means' test "$(jq '.measured.whole.measured_mean_ms' deep/summary.json)" = 2.438
else
	skip 'there is no jq'
fi
good 'quiet' run small.yaml -o - -q
holds 'nothing printed' test ! -s out -a ! -s err

# ---- the request log

good 'a log' run small.yaml -o - --request-log log.csv
holds 'a row for each request' test "$(wc -l <log.csv)" -eq 3001
holds 'every row has every column' test "$(awk -F, '{print NF}' log.csv | sort -u)" = 23
holds 'times are in order' awk -F, 'NR > 1 && !($1 <= $2 && $2 <= $3 && $3 <= $5) { exit 1 }' log.csv
holds 'it has the mean of the summary' awk -F, '
	FNR == NR { if (/"mean":/ && !mean) mean = 1; next }
	FNR > 1 { sum += $5 - $1; n++ }
	END { exit !(n == 3000 && sum > 0) }' b/summary.json log.csv
good 'a log on standard output' run small.yaml -o - -q --request-log -
holds 'the same' cmp out log.csv
good 'forced log' run small.yaml -o - --request-log log.csv --force

# ---- a scenario's contract that is broken is a result

cat >lossy.yaml <<'END'
include: [tlc-nvme.yaml]
device: ssd0
scenario: {kind: recoverable-memory, transactions: 50, memory: {log: {durability: none}}}
host: {frames: 1100}
END
"$quern" run lossy.yaml -o lossy >out 2>err
holds 'it ends with 1' test $? -eq 1
holds 'one sentence says what was lost and where the rest is' grep -q '^quern: scenario recoverable-memory on ssd0: recovery fails: the log has no whole header; transactions up to 50 were durable.*; the results stand in lossy$' err
holds 'and no other' test "$(wc -l <err)" -eq 1
holds 'the text says so behind its first line' sh -c 'sed -n 2p out | grep -q "^CONTRACT BROKEN on ssd0: recovery"'
holds 'the summary too' grep -q '"contract": "recovery ' lossy/summary.json
holds 'with what was lost' grep -q '"lost_acknowledged"' lossy/summary.json
good 'a report of it' report lossy -o lossy.html
holds 'says so' grep -q 'contract broken' lossy.html
good 'what is flushed is kept' run lossy.yaml -o - --json --set scenario.memory.log.durability=flush
holds 'and so is the contract' grep -q '"contract": "kept"' out
good 'without a crash nobody knows' run lossy.yaml -o - --json --set scenario.crash=false
holds 'which is null' grep -q '"contract": null' out
printf 'base: {include: [lossy.yaml]}\naxes:\n  scenario.memory.log.durability: [none, flush]\n' >lossy-sweep.yaml
good 'a sweep keeps both' sweep run lossy-sweep.yaml -o lossy-swept -q
holds 'and none failed' sh -c 'test "$(grep -c ",done," lossy-swept/sweep.csv)" -eq 2'

# ---- out of memory

cat >small-host.yaml <<'END'
include: [tlc-nvme.yaml]
device: ssd0
scenario: {kind: serve, requests: 500, files: 20}
host: {frames: 10}
END
good 'a host without memory' run small-host.yaml -o -
holds 'says so behind the first line' sh -c 'sed -n 2p out | grep -q "^OUT OF MEMORY on the host of ssd0, 1 time: at [0-9.]* s process 0 (server) wanted page [0-9]* of buffer, and none of 10 frames could be had for it; 0 of the [0-9]* slots of the swap area were in use$"'
holds 'and that nothing was done' grep -Eq '^  requests +0 $' out
cat >busy-host.yaml <<'END'
device: f0
f0: {model: fixed, latency: 1 us}
scenario: {kind: serve, path: read, files: 3, size: 64 KiB, requests: 20, workers: 8}
host: {frames: 4, oom: kill, swap: {size: 0}}
END
good 'one that is killed at work' run busy-host.yaml -o -
holds 'works no longer than there was time' awk '/^  cpu_busy / {found = 1; busy = $2} END {exit !(found && busy > 0.5 && busy <= 1)}' out
good 'one with memory' run small-host.yaml -o - --set host.frames=3000
holds 'does not' sh -c '! grep -q "OUT OF MEMORY" out'

# ---- swap slots that are trimmed

# figure NAME DIR: what the host reports, as a whole number
figure() { sed -n "/\"$1\": {/{n;s/.*: \([0-9]*\)\..*/\1/p;}" "$2/summary.json"; }

cat >trims.yaml <<'END'
include: [tlc-nvme.yaml, quantum-atlas-10k.yaml]
scenario: {kind: demand-paging, curve: 0, interval: 0, load: {pattern: uniform, pages: 400, references: 4000, writes: 0.5}}
host: {frames: 100, swap: {discard: pages}}
END
good 'on a drive' run trims.yaml --set device=ssd0 -o trims
holds 'they are' test "$(figure slots_trimmed trims)" -gt 100
ins=$(figure swap_ins trims) outs=$(figure swap_outs trims)
holds 'and carry no data' grep -q "^      \"swap\": $(((ins + outs) * 4096)),\$" trims/summary.json
good 'on a disk, which has no TRIM' run trims.yaml --set device=disk0 -o trims-not
holds 'none is' test "$(figure slots_trimmed trims-not)" -eq 0
holds 'nor fails' test "$(figure io_errors trims-not)" -eq 0
holds 'and pages went there' test "$(figure swap_outs trims-not)" -gt 100

# ---- remarks in tables of several devices

cat >two.yaml <<'END'
include: [tlc-nvme.yaml, hp-c2247a.yaml]
device: [ssd0, disk0]
scenario: {kind: checkpoint, interval: 10 ms, mtbf: 1 ms, load: {pages: 50, references: 600000, burst: 1000}}
host: {frames: 200}
END
good 'intervals that are not studied' run two.yaml -o two -q
for device in ssd0 disk0; do holds "are named of $device" grep -q "^# $device: 1 times Daly's interval is" two/hist/interval-study.csv; done
holds 'and no device stands before a remark' sh -c '! grep -q "^[a-z0-9]*,#" two/hist/interval-study.csv'

# ---- snapshots

cat >ssd.yaml <<'END'
include: [slc-textbook.yaml]
workload: {type: random, requests: 50, read_ratio: 0}
END
good 'a state is saved' run ssd.yaml -o - -q --save-state one.state
good 'and loaded' run ssd.yaml -o - --json --load-state one.state --save-state two.state
holds 'only its own requests count' grep -q '"submitted": 50' out
refused 'a state is kept' 5 'one\.state exists and is kept' run ssd.yaml -o - --save-state one.state
refused 'a state that is not there' 5 'three\.state' run ssd.yaml -o - --load-state three.state
refused 'another model' 3 'one\.state: the saved state is of a ssd, and disk0 is a disk' run small.yaml -o - --load-state one.state
refused 'a file that is none' 3 'ssd\.yaml: this is no saved state' run ssd.yaml -o - --load-state ssd.yaml
# the run directory takes the place in which the state was to go
refused 'a state that cannot be saved in the end' 5 'cannot write the state both: .*; the results stand in both' \
	run ssd.yaml -o both -q --save-state both
holds 'and its results are kept' test -s both/summary.json
refused 'a state after a power cut' 2 'after a power cut' run ssd.yaml -o - --power-cut '1 ms' --save-state four.state
holds 'nothing half is left' test "$(find . -name '*.state*' | wc -l)" -eq 2
good 'a power cut of a solid-state drive' run ssd.yaml -o - --power-cut '1 ms'
holds 'says how long its mount took' grep -q 'mounted in [0-9.]* [mu]*s: [0-9,]* pages read' out

# ---- interrupted

sed 's/requests: 3000/requests: 2000000000/' small.yaml >long.yaml
for signal in INT TERM; do
	"$quern" run long.yaml -o cut-$signal --request-log cut-$signal.csv --export-trace cut-$signal.blk >out 2>err &
	pid=$!
	sleep 1
	kill -$signal $pid
	wait $pid
	holds "$signal ends it with 7" test $? -eq 7
	holds 'one sentence' grep -q '^quern: interrupted after [1-9]' err
	holds 'the summary says partial' grep -q '"partial": true' cut-$signal/summary.json
	holds 'and the text' grep -q '^PARTIAL' out
	holds 'the log keeps its partial name' test ! -e cut-$signal.csv
	holds "so does the trace, and both are named" test ! -e cut-$signal.blk
	for f in cut-$signal.csv.partial-* cut-$signal.blk.partial-*; do holds "the sentence names $f" grep -qF "$f" err; done
	rm -f cut-$signal.*.partial-*
done

# few events, each with thousands of faults, and references that cost next to nothing: a signal is looked at between them
cat >watched.yaml <<'END'
d0: {model: fixed}
device: d0
host: {frames: 20}
scenario: {kind: demand-paging, curve: 0, watched: 1, load: {pages: 1, references: 30000000, burst: 100}}
END
cat >cheap.yaml <<'END'
d0: {model: fixed}
device: d0
host: {frames: 20, cost: {hit: 1 ps}}
scenario: {kind: demand-paging, curve: 0, duration: 1000 s, load: {pages: 1, references: 0}}
END
for what in watched cheap; do
	"$quern" run $what.yaml -o - >out 2>err &
	pid=$!
	sleep 1
	kill -TERM $pid
	for _ in 1 2 3 4 5 6 7 8; do kill -0 $pid 2>/dev/null && sleep 1; done
	kill -KILL $pid 2>/dev/null
	wait $pid
	holds "TERM ends $what" test $? -eq 7
done

# the study of intervals is made while the tables are written: a signal ends it too
cat >study.yaml <<'END'
d0: {model: fixed, latency: 100 ms}
device: d0
host: {frames: 1024}
scenario:
  kind: checkpoint
  interval: 20 ms
  mtbf: 1 s
  study_jobs: 100000
  load: {pages: 64, references: 2000, burst: 10000, writes: 100 %}
  checkpoint: {resume: valid}
END
"$quern" run study.yaml -o study >out 2>err &
pid=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do [ -n "$(find . -path './study.partial-*/hist/interval-study.csv')" ] || sleep 0.2; done
kill -TERM $pid
wait $pid
holds 'TERM in the study of intervals ends it with 7' test $? -eq 7
holds 'the study says so' grep -q '^# the table ends here: the study was interrupted$' study/hist/interval-study.csv
holds 'the summary says partial' grep -q '"partial_reason": "interrupted by a signal while the tables' study/summary.json

# ---- a drive that has never been written

cat >blank.yaml <<'END'
include: [femu-default.yaml]
workload: {type: random, read_ratio: 1, request: 4 KiB, depth: 4, requests: 2000}
END
good 'reads of a blank drive without a front' run blank.yaml -o blank
holds 'the user is told why they take no time' grep -q \
	'100.0 % of what was read and cost no flash time: --set ssd0.precondition.fill=1 writes' out
holds 'and no more than that' sh -c '! grep -q "slowest 0.1" out'
holds 'without a rate' grep -q '^  read  *2,000  *-  *-  *0 ps' out
holds 'nothing is divided by nothing' sh -c '! grep -riwE -e "-?(nan|inf)" out blank'
holds 'no time has no shares' grep -q '"share": null' blank/summary.json
holds 'nor a rate' grep -q '"iops": null' blank/summary.json
good 'reads of a full one' run blank.yaml -o - --set ssd0.precondition.fill=1
holds 'take time' grep -q 'slowest 0.1 %.* service [0-9]' out
holds 'and nothing is to be told' sh -c '! grep -q "cost no flash time" out'
good 'few reads of what is blank' run blank.yaml -o - --set ssd0.precondition.fill=0.995
holds 'are not worth a word' sh -c 'grep -q "sectors read before any write" out && ! grep -q "cost no flash time" out'

finish
