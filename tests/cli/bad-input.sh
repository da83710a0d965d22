#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Each kind of bad input gives one sentence that names file and line (or offset), the
# documented exit code, and no output that could be taken for a run.
. "$(dirname "$0")/common.sh"

dev='--device quantum-atlas-10k'

# ---- a log that nobody keeps, a window that is none (exit 3)

printf 'include: [quantum-atlas-10k.yaml]\nworkload: {type: random, requests: 10}\n' >disk.yaml
printf 'fixed0: {model: fixed}\nworkload: {type: random, requests: 10}\n' >fixed.yaml
refused 'a Gantt log of a device without parts' 3 'fixed0 is a fixed' run fixed.yaml --gantt 1s..2s -o -
refused 'a Gantt window that ends before it begins' 2 '2s\.\.1s.*two times' run disk.yaml --gantt 2s..1s -o -

# ---- a power cut of what cuts the power itself, or has nothing to lose (exit 2; of a value over the config 3)

for kind in checkpoint recoverable-memory demand-paging; do
	printf 'include: [quantum-atlas-10k.yaml]\ndevice: disk0\nscenario: {kind: %s}\n' $kind >$kind.yaml
done
refused 'a power cut of checkpoints' 2 '--power-cut: .*cuts the power itself.*scenario\.crash_at' run checkpoint.yaml -o - --power-cut 1s
refused 'a power cut of a log' 2 '--power-cut: .*cuts the power itself.*scenario\.crash_at' run recoverable-memory.yaml -o - --power-cut 1s
refused 'a power cut of demand paging' 2 '--power-cut: nothing of the scenario demand-paging' run demand-paging.yaml -o - --power-cut 1s
printf 'd0: {model: fixed}\ndevice: d0\nhost: {cost: {hit: 0}}\nscenario: {kind: demand-paging, duration: 1 s, load: {references: 0}}\n' >still.yaml
refused 'references without end that take no time' 3 'still\.yaml:4:.*references: 0 never ends.*host\.cost\.hit=0' run still.yaml -o -
refused 'a replay beside a scenario' 3 'replay: the scenario drives the devices' run demand-paging.yaml -o - --set replay.depth=2

# ---- traces (exit 4)

cat >good.csv <<'END'
op,lbn,blocks,measured_response_us,think_us,kind,delay_before_us
W,4583176,4,663,45422,Hit,45422
W,4583180,4,607,34200,Hit,34200
R,3962268,12,6657,64047,Hit,64047
END
good 'a good trace' replay good.csv $dev -o good-run

i=0
while [ $i -lt 2000 ]; do
	i=$((i + 1))
	printf '%d.0\t0\t%d\t8\t1\n' $i $((i * 7919 % 100000))
done >disksim.trace
gzip -c disksim.trace >whole.gz
good 'a compressed trace' replay whole.gz $dev -o whole-run
head -c 3000 whole.gz >cut.gz
refused 'a truncated gzip' 4 'cut\.gz:.*([0-9]+|truncated|end)' replay cut.gz $dev

head -c 4096 /dev/urandom >noise.bin
refused 'a binary file given as text' 4 'noise\.bin' replay noise.bin $dev --format disksim
refused 'a file of no known format' 4 'noise\.bin' replay noise.bin $dev
: >empty.csv
refused 'an empty file' 4 'empty\.csv' replay empty.csv $dev

sed '3s/.*/W,4583180,4/' good.csv >missing.csv
refused 'a line with a missing field' 4 'missing\.csv:3:' replay missing.csv $dev
sed '4s/12/-12/' good.csv >negative.csv
refused 'a negative number' 4 'negative\.csv:4:.*-12' replay negative.csv $dev
sed '2s/4583176/99999999999999999999/' good.csv >overflow.csv
refused 'an overflowing number' 4 'overflow\.csv:2:.*99999999999999999999' replay overflow.csv $dev
sed '100s/^[0-9]*/1/' disksim.trace >back.trace
refused 'time going backwards' 4 'back\.trace:100:' replay back.trace $dev
sed '3s/4583180/458318000/' good.csv >far.csv
refused 'an LBA past the end' 4 'far\.csv:3:.*(458318000|end of the device)' replay far.csv $dev
good 'the same, wrapped' replay far.csv $dev --range wrap -o wrapped
holds 'one wrapped' grep -q '"wrapped": 1' wrapped/summary.json
good 'the same, clipped' replay far.csv $dev --range clip -o clipped
holds 'one dropped' grep -q '"dropped": 1' clipped/summary.json
good 'the same, scaled' replay far.csv $dev --range scale -o scaled
refused 'a trace that does not exist' 5 'nowhere\.csv' replay nowhere.csv $dev
mkdir folder
refused 'a folder as a trace' 5 'folder' replay folder $dev

# ---- configs (exit 3)

# config NAME PATTERN: stdin is a config that is refused with the pattern, by run and check
config() {
	cat >bad.yaml
	refused "$1 (run)" 3 "$2" run bad.yaml
	refused "$1 (check)" 3 "$2" check bad.yaml
}

config 'a typo at the top' 'bad\.yaml:2:1:.*wrkload.*"workload"' <<'END'
include: [quantum-atlas-10k.yaml]
wrkload: {type: random}
END
config 'a typo in a section' 'bad\.yaml:2:.*reqest.*request' <<'END'
include: [quantum-atlas-10k.yaml]
workload: {type: random, reqest: 4 KiB}
END
config 'a typo in a device' 'bad\.yaml:2:.*rmp.*rpm' <<'END'
include: [quantum-atlas-10k.yaml]
disk0: {rmp: 7200 rpm}
workload: {type: random}
END
config 'a typo in a component name' 'bad\.yaml:2:1:.*dsik0.*disk0' <<'END'
include: [quantum-atlas-10k.yaml]
dsik0: {rpm: 7200 rpm}
workload: {type: random}
END
config 'a typo in a choice' 'bad\.yaml:2:.*rnadom.*random' <<'END'
include: [quantum-atlas-10k.yaml]
workload: {type: rnadom}
END
config 'an unknown model' 'bad\.yaml:1:.*dsik.*disk' <<'END'
disk0: {model: dsik}
END
config 'a component without a model' 'bad\.yaml:1:1:.*model' <<'END'
tape: {speed: 4}
END
config 'a wrong unit' 'bad\.yaml:2:.*7200 ms' <<'END'
include: [quantum-atlas-10k.yaml]
disk0: {rpm: 7200 ms}
workload: {type: random}
END
config 'a missing unit' 'bad\.yaml:2:.*4096' <<'END'
include: [quantum-atlas-10k.yaml]
workload: {type: random, request: 4096}
END
config 'a value out of bounds' 'bad\.yaml:2:.*depth' <<'END'
include: [quantum-atlas-10k.yaml]
workload: {type: random, depth: 0}
END
config 'a key twice' 'bad\.yaml:[23]:.*workload' <<'END'
include: [quantum-atlas-10k.yaml]
workload: {type: random}
workload: {type: random}
END
config 'broken YAML' 'bad\.yaml:[234]:' <<'END'
include: [quantum-atlas-10k.yaml]
workload: {type: random
END
config 'an include that does not exist' 'bad\.yaml:1:.*quantum-atlas-99k' <<'END'
include: [quantum-atlas-99k.yaml]
workload: {type: random}
END
config 'a warm-up nobody knows' 'bad\.yaml:3:.*mser5' <<'END'
include: [quantum-atlas-10k.yaml]
workload: {type: random}
stats: {warm_up: mser}
END
config 'a device that is not there' 'bad\.yaml:2:.*disk1.*disk0' <<'END'
include: [quantum-atlas-10k.yaml]
device: disk1
workload: {type: random}
END
config 'no device at all' 'device' <<'END'
workload: {type: random}
END
config 'zones that overlap' 'bad\.yaml:[0-9]+:.*zone' <<'END'
include: [reference-r.yaml]
disk0:
  geometry:
    zones:
      - {first_cylinder: 0, last_cylinder: 500, sectors_per_track: 400}
      - {first_cylinder: 400, last_cylinder: 900, sectors_per_track: 300}
workload: {type: random}
END
config 'zones with a hole between them' 'bad\.yaml:4:.*leaves 99 cylinders before it unused' <<'END'
include: [reference-r.yaml]
disk0:
  geometry:
    zones:
      - {first_cylinder: 0, last_cylinder: 500, sectors_per_track: 400}
      - {first_cylinder: 600, last_cylinder: 900, sectors_per_track: 300}
workload: {type: random}
END
config 'a skew longer than a track' 'bad\.yaml:5:.*track_skew = 401: longer than a track' <<'END'
include: [reference-r.yaml]
disk0:
  geometry:
    zones:
      - {first_cylinder: 0, last_cylinder: 500, sectors_per_track: 400, track_skew: 401}
workload: {type: random}
END
config 'more defects than spares' 'bad\.yaml:4:.*2 slips and 1 defects, more than its 2 spares' <<'END'
include: [reference-r.yaml]
disk0:
  geometry:
    zones:
      - {first_cylinder: 0, last_cylinder: 500, sectors_per_track: 400, spares: 2, slips: [5, 9], defects: [[7, 200399]]}
workload: {type: random}
END
config 'a map that uses a track twice' 'bad\.yaml:5:.*the map uses cylinder 7 of head 0 twice' <<'END'
include: [reference-r.yaml]
disk0:
  geometry:
    lbn_order: map
    map: [{first_cylinder: 0, last_cylinder: 99999}, {first_cylinder: 7, last_cylinder: 8}]
workload: {type: random}
END
config 'a zone without sectors' 'bad\.yaml:[0-9]+:.*sectors_per_track' <<'END'
include: [reference-r.yaml]
disk0:
  geometry:
    zones:
      - {first_cylinder: 0, last_cylinder: 500, sectors_per_track: 0}
workload: {type: random}
END
config 'a seek table that is not sorted by distance' 'bad\.yaml:3:31: disk0\.seek\.table\[1\]: x = 5 does not rise above the 10' <<'END'
include: [reference-r.yaml]
disk0:
  seek: {table: [[10, 1 ms], [5, 2 ms]]}
workload: {type: random}
END
config 'a seek time below zero' 'bad\.yaml:3:[0-9]+: disk0\.seek\.table\[1\].*-2 ms.*want 0' <<'END'
include: [reference-r.yaml]
disk0:
  seek: {table: [[1, 1 ms], [5, -2 ms]]}
workload: {type: random}
END
printf 'distance,seek_time [ms]\n1,1\n9,2\n5,3\n' >unsorted.csv
printf 'distance,seek_time [ms]\n1,1\n9,-2\n' >below.csv
config 'a seek table in a file that is not sorted' 'unsorted\.csv:4:1: .* x = 5 does not rise above the 9' <<'END'
include: [reference-r.yaml]
disk0: {seek: {table: unsorted.csv}}
workload: {type: random}
END
config 'a seek time below zero in a file' 'below\.csv:3:3: .*-2 ms.*want 0' <<'END'
include: [reference-r.yaml]
disk0: {seek: {table: below.csv}}
workload: {type: random}
END
config 'a segment larger than the buffer' 'bad\.yaml:2:.*segment_sectors = 2000: a segment larger than the buffer, which has 1024' <<'END'
include: [reference-r.yaml]
disk0: {cache: {segments: 1, segment_sectors: 2000, buffer_size: 512 KiB}}
workload: {type: random}
END
config 'an unknown scheduler' 'bad\.yaml:2:20: disk0\.scheduler = "ssft": did you mean "sstf"' <<'END'
include: [reference-r.yaml]
disk0: {scheduler: ssft}
workload: {type: random}
END
config 'a workload and a trace' 'bad\.yaml:2:.*trace' <<'END'
include: [quantum-atlas-10k.yaml]
workload: {type: random}
replay: {trace: good.csv}
END
# a zone is written from its pointer on: the drive turns the rest away, by the name of the standard
cat >zoned.yaml <<'END'
include: [wd-ultrastar-dc-hc620.yaml]
workload: {type: random, request: 4 KiB, read_ratio: 0, requests: 2000}
END
good 'writes beside the pointers of a host-managed drive' run zoned.yaml -o zoned
holds 'all but those to conventional zones are unaligned' grep -q '"unaligned-write": 19[0-9][0-9]' zoned/summary.json
# a solid-state drive, one setting wrong: SETTING | what the sentence says. Each names where the key stands.
cat >ssd.yaml <<'END'
ssd0:
  model: ssd
  flash:
    geometry: {channels: 2, chips: 1, dies: 1, planes: 2, blocks: 64, pages: 66, page: 16 KiB, cell: tlc}
    bus: {interface: nv-ddr3, rate: 800 MT/s}
    array: {read: [60 us], program: [700 us], erase: 3 ms}
workload: {type: random, requests: 100}
END
good 'a solid-state drive by its defaults' run ssd.yaml -o - -q
good 'and without a buffer' run ssd.yaml -o - -q --set ssd0.buffer.size=0
good 'filled and overwritten as people write it' run ssd.yaml -o - -q --set 'ssd0.precondition={fill: 100%, overwrite: 2x}'
printf '1,a,0,Write,0,4096,1\n2,a,0,Write,4096,\n' >past.csv
printf '1,a,0,Write,0,4096,1\n2,a,0,Write,999999999488,4096,1\n' >far-past.csv
printf '1,a,0,Read,0,4096,1\n2,a,0,Read,0,4096,1\n' >reads.csv
while IFS='|' read -r set pattern; do
	refused "$set" 3 "^quern: --set ssd0[^ ]*: .*$pattern" run ssd.yaml -o - -q --set "$set"
done <<'END'
ssd0.flash.geometry.pages=64|pages = 64: 64 is not a multiple of the 3 bits of a tlc cell
ssd0.flash.geometry.page=3 KiB|3072 is not a power of two
ssd0.flash.geometry.page=16|want a number with a unit such as "16 KiB"
ssd0.flash.geometry.channels=0|want 1 to 256
ssd0.flash.geometry.channels=-3|want 1 to 256
ssd0.flash.geometry.blocks=99999999999999999999|out of range
ssd0.flash.geometry.cell=tcl|did you mean "tlc"
ssd0.flash.bus.rate=9000 MT/s|no timing row covers 9000 MT/s
ssd0.flash.bus.rate=800|want a number with a unit
ssd0.flash.array.read=60 us|want a list such as \[60 us\]
ssd0.flash.suspend.program_time=10 us|of no use where nothing can be suspended
ssd0.ftl.map.over_provisioning=1 %|leaves no free block to write to
ssd0.ftl.map.over_provisioning=0|leaves no free block to write to
ssd0.ftl.map.over_provisioning=700|want 0 to 100
ssd0.ftl.map.capacity=1 TiB|do not fit into flash
ssd0.ftl.map.capacity=100|want a number with a unit
ssd0.ftl.map.unit=32 KiB|want an even part of a page of 16384 bytes
ssd0.ftl.gc.low=30|ssd0.ftl.gc: to keep 30 of 64 blocks free is above the over-provisioning
ssd0.ftl.gc.polcy=greedy|unknown key "polcy".*"policy"
ssd0.ftl.gc.policy=gredy|did you mean "greedy"
ssd0.ftl.gc.reserve=9|low is 2
ssd0.ftl.gc.hard=1|of no use without preemptible
ssd0.ftl.gc={preemptible: true, hard: 3}|never pause
ssd0.ftl.alloc.order=CWPD2|did you mean "CWPD"
ssd0.ftl.wear.threshold=-1|want 0 to 1000000
ssd0.sched.suspend=all|wants flash that can be suspended
ssd0.moves.copyback=true|ssd0.moves.copyback = true: is of no use where flash.copyback.allowed is false
ssd0.buffer.size=1 KiB|hold 0 map units of 16384 bytes
ssd0.buffer.size=100 GiB|want 0 to 64 GiB
ssd0.buffer.high=150|want 0 to 1 .100 % at most.
ssd0.buffer.read_ahead=4|read_share is 0
ssd0.front.kind=pcie|want nvme, sata or none
ssd0.front.nvme.lanes=3|1, 2, 4, 8 or 16 lanes
ssd0.precondition.fill=100|want 0 to 1 .100 % at most.
ssd0.precondition={pattern: trace, overwrite: 1}|want the file that pattern trace repeats
ssd0.gc.policy=greedy|unknown key "gc"
END
refused "a past longer than the life of the flash" 3 "^quern: --set ssd0.precondition: .*more writes than the flash lives" \
	run ssd.yaml -o - -q --set ssd0.flash.array.endurance=20 --set "ssd0.precondition={fill: 100 %, overwrite: 40}"
printf 'include: [ssd.yaml]\nssd0:\n  ftl:\n    gc: {low: 30}\n' >low.yaml
refused 'a device that cannot be, by file and line' 3 'low\.yaml:4:[0-9]+: ssd0\.ftl\.gc: to keep 30' run low.yaml -o -
cat >copyback.yaml <<'END'
include: [ssd.yaml]
ssd0:
  flash: {copyback: {allowed: true}}
  moves:
    ahead: 2
    copyback: true
END
good 'copyback of pages' run copyback.yaml -o - -q
good 'and of units that are named a page' run copyback.yaml -o - -q --set 'ssd0.ftl.map.unit=16 KiB'
refused 'copyback of a part of a page, by file and line' 3 \
	'copyback\.yaml:6:5: ssd0\.moves\.copyback = true: is of no use with ftl\.map\.unit smaller' \
	run copyback.yaml -o - --set 'ssd0.ftl.map.unit=4 KiB'
refused 'copyback of wordlines, by file and line' 3 \
	'copyback\.yaml:6:5: ssd0\.moves\.copyback = true: is of no use with flash\.geometry\.program_unit: wordline' \
	run copyback.yaml -o - --set ssd0.flash.geometry.program_unit=wordline
past() {
	refused "preconditioning from $1" "$2" "$3" run ssd.yaml -o - -q --set "ssd0.precondition={pattern: trace, trace: $1, overwrite: 0.01}"
}
past nowhere.csv 5 'nowhere\.csv'
past past.csv 4 'past\.csv:2:'
past far-past.csv 4 'far-past\.csv:2: write of sectors 1953124999 to 1953125006 passes the end of ssd0'
past reads.csv 4 'reads\.csv: has no write'
good 'a past with addresses wrapped' run ssd.yaml -o - -q --set \
	'ssd0.precondition={pattern: trace, trace: far-past.csv, trace_range: wrap, overwrite: 0.01}'
good 'a drive at the end of its life' run ssd.yaml -o worn --set ssd0.flash.array.endurance=2 --set workload.read_ratio=0 \
	--set workload.requests=30000 --set workload.request='16 KiB' --set workload.depth=16
holds 'the summary says so' grep -q 'Media and Data Integrity Errors: Write Fault (02h/80h)' out
grep -A 1 '"critical_warning"' worn/summary.json >out
holds 'and SMART' grep -q '"value": 8.0' out
rm -rf worn

cat >idle.yaml <<'END'
include: [quantum-atlas-10k.yaml]
END
refused 'nothing to run' 3 'workload|trace' run idle.yaml
good 'a device alone can be checked' check idle.yaml
refused 'a config that does not exist' 5 'nowhere\.yaml' run nowhere.yaml
refused 'a wrong --set' 3 'disk0\.rmp|rpm' replay good.csv $dev --set disk0.rmp=7200rpm
refused 'a wrong --mode' 2 '^quern: --mode: .*opne.*open' replay good.csv $dev --mode opne
refused 'a wrong --format' 2 '^quern: --format: .*masured.*measured' replay good.csv $dev --format masured

# ---- words of the command line (exit 2)

refused 'an unknown command' 2 'replya.*replay' replya
refused 'an unknown option' 2 'devise.*device' replay good.csv --devise quantum-atlas-10k
refused 'an unknown device' 2 'quantum-atlas-10.*quantum-atlas-10k' replay good.csv --device quantum-atlas-10
refused 'an unknown list' 2 'device.*devices' list device
refused 'an unknown section' 2 'workloads.*workload' options workloads
refused 'an unknown verb' 2 'inof.*info' trace inof good.csv

# ---- output (exit 5)

refused 'an existing run directory' 5 'good-run.*--force' replay good.csv $dev -o good-run
holds 'it is kept' test -f good-run/summary.json
mkdir notes
echo mine >notes/mine
refused 'another folder, even with --force' 5 'notes' replay good.csv $dev -o notes --force
holds 'it is kept too' grep -q mine notes/mine
refused 'a place that does not exist' 5 'no/such/place' replay good.csv $dev -o no/such/place
if [ "$(id -u)" -ne 0 ]; then
	mkdir sealed
	chmod a-w sealed
	refused 'an unwritable place' 5 'sealed' replay good.csv $dev -o sealed/run
else
	refused 'an unwritable place' 5 '/proc/run' replay good.csv $dev -o /proc/run
fi
"$quern" calibrate hp-c2247a -t good.csv --seed 18446744073709551616 >out 2>err
holds 'a seed beyond all seeds is code 2' test $? -eq 2
holds 'and told' grep -q 'seed 18446744073709551616: want a whole number' err
odd=$(printf 'L\344ufe.csv')
cp good.csv "$odd"
refused 'an answer with a name that JSON cannot hold' 2 'not UTF-8' trace info --json "$odd"
echo mine >log.csv
refused 'an existing request log' 5 'log\.csv.*--force' replay good.csv $dev -o - --request-log log.csv
holds 'it is kept' grep -q mine log.csv
if [ -c /dev/full ]; then
	refused 'a full disk under the request log' 5 '/dev/full' \
		replay good.csv $dev -o - --request-log /dev/full
	"$quern" list devices >/dev/full 2>err
	holds 'a full disk under standard output' test $? -eq 5
	holds 'and a sentence' grep -q 'standard output' err
	"$quern" options ssd --json >/dev/full 2>err
	holds 'a full disk in the midst of a long document' test $? -eq 5
	holds 'of which memory is not to blame' grep -q 'standard output' err
else
	skip 'there is no /dev/full'
fi
# a limit on file sizes fails writes as a full disk does
(
	ulimit -f 1
	exec "$quern" replay disksim.trace $dev -o full --format disksim
) >out 2>err
holds 'a full disk under the run directory' test $? -eq 5
holds 'one sentence about it' test "$(grep -c '^quern: .*full/' err)" -eq 1
holds 'no run directory' test ! -e full
holds 'no part of one' test "$(ls -d full.* 2>/dev/null | wc -l)" -eq 0

finish
