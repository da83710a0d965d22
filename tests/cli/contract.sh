#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What every command of the table has: --help, --json with one document on standard output, exit code 2 for a wrong command line, 5 for a
# file that is not there or an answer that cannot be written, and - for standard input where it reads a file. A command without a row
# below is a failure.
. "$(dirname "$0")/common.sh"
QUERN_PLOTS=$top_srcdir/plots
export QUERN_PLOTS

cat >disk.yaml <<'END'
include: [hp-c2247a.yaml]
workload: {type: random, request: 4 KiB, requests: 50}
END
cat >sweep.yaml <<'END'
base: {include: [hp-c2247a.yaml], workload: {type: random, request: 4 KiB, requests: 20}}
axes: {workload.depth: [1, 2]}
END
cp "$top_srcdir/tests/data/trace-msr.csv" trace.csv
cp "$top_srcdir/tests/data/trace-measured.csv" measured.csv
good 'a run to look at' run disk.yaml -o run
good 'a sweep to ask' sweep run sweep.yaml -o swept -q
cp swept/sweep.db swept.db
# a drive of two zones, as in tests/run/check_drive_txt.c
cat >sheet.drive.txt <<'END'
# a drive that never was
drive = Test "9"
heads = 2
cylinders = 30
rpm = 6000
lbn_order = 1
sparing = 9
skew_units = sectors
zone_columns = index first_lbn first_cyl last_cyl sectors_per_track zone_offset reserved_front track_skew cylinder_skew spares
zone = 0 0 0 9 100 0.0 0 7 12 20
zone = 1 1980 12 29 80 5.5 0 6.5 11 40
slips.0 = 700 150
slips.1 =
blocks_total = 4820
seek_model = extracted
seek_table = test.seek.csv
head_switch_ms = 0.8
write_settle_extra_ms = -0.25
bus_block_read_ms = 0.1
bus_block_write_ms = 0.12
overhead_scale = 2
overhead_per_request = 0.05
read_hit_after_read = 0.2
read_miss_after_write = 0.3
cache_segments = 4
segment_blocks = 64
fast_write = 2
read_ahead_kind = 3
read_ahead_max_blocks = 32
read_watermark = 0.75
min_seek_delay = 0.6
stop_prefetch_in_sector = 1
END
printf 'distance_cylinders,seek_ms\n1,1.5\n10,2.75\n29,4\n' >test.seek.csv

plots=$(command -v gnuplot || true)
valgrind=$(command -v valgrind || true)

# words COMMAND: sets `json`, a command line that succeeds with --json; `file`, one that reads the file `input` (@ in its place; "": the command
# reads none); `gone`, the code where that file is not there
words() {
	json='' file='' input='' gone=5
	case $1 in
	run) json='run disk.yaml -o -' file='run @ -o - --json' input=disk.yaml ;;
	replay) json='replay trace.csv -d quantum-atlas-10k -o -' file='replay @ -d quantum-atlas-10k -o - --json' input=trace.csv ;;
	plot) json='plot run -k cdf -o cdf.svg' file='plot @ -k sweep-line -x workload.depth -y read.iops -t dumb' input=swept.db ;;
	report) json='report run --force -o page.html' file='report @ -l it --force -o -' input=swept.db ;;
	probe) json='probe hp-c2247a' file='probe @' input=$QUERN_DEVICES/hp-c2247a.yaml ;;
	list) json='list models' ;;
	options) json='options stats' ;;
	check) json='check disk.yaml' file='check @ --effective' input=disk.yaml ;;
	trace) json='trace head trace.csv' file='trace head @ --json' input=trace.csv ;;
	record) json='record refs --force -o it.ref -- true' ;;
	import) json='import drive sheet.drive.txt -o it.yaml' file='import drive @' input=sheet.drive.txt ;;
	calibrate) json='calibrate hp-c2247a -t - -o it.yaml' input=measured.csv ;; # once: it takes seconds
	version) json='version' ;;
	'sweep plan') json='sweep plan sweep.yaml' file='sweep plan @ -o swept --json' input=sweep.yaml ;;
	'sweep run') json='sweep run sweep.yaml -o swept --resume' file='sweep run @ -o swept --resume --json' input=sweep.yaml ;;
	'sweep collect') json='sweep collect sweep.yaml -o swept' file='sweep collect @ -o swept' input=sweep.yaml ;;
	'sweep query') json='sweep query swept --value read.iops' file='sweep query @ --value read.iops --csv' input=swept.db ;;
	'sweep emit') json='sweep emit slurm sweep.yaml' ;; # the script names its file, which the parts read again
	*) return 1 ;;
	esac
}

# The parts of this machine that a command needs; false with a word where one is missing.
can() {
	case $1 in
	plot | report) [ -n "$plots" ] || { skip "$1: gnuplot is missing"; return 1; } ;;
	record) [ -n "$valgrind" ] || { skip "$1: valgrind is missing"; return 1; } ;;
	esac
}

# is_json FILE: one document
if command -v jq >/dev/null; then
	is_json() { [ "$(jq -s length "$1" 2>/dev/null)" = 1 ]; }
else
	is_json() { head -c 1 "$1" | grep -q '[[{]' && tail -n 1 "$1" | grep -q '[]}]$'; }
fi

same() { diff "$1" "$2" >differ || { head -n 5 differ; false; }; }

"$quern" --help >help
"$quern" sweep --help >help-sweep
commands=$(sed -n 's/^  \([a-z]*\)  *[a-z].*/\1/p' help | grep -v '^quern$\|^sweep$'; sed -n 's/^  \([a-z]*\)  *[a-z].*/sweep \1/p' help-sweep | grep -v 'sweep quern$')
holds 'the table has commands' test "$(echo "$commands" | wc -l)" -ge 18

echo "$commands" >commands.txt
while read -r command <&3; do
	words "$command" || {
		fail "$command has no row in this test"
		continue
	}
	# shellcheck disable=SC2086,SC2046
	{
		good "$command --help" $command --help
		holds "$command --help names --json" grep -q -- '--json' out
		"$quern" $command --no-such-option >out 2>err
		holds "$command: an option that is not there is code 2" test $? -eq 2
		holds "$command: and one sentence" test "$(wc -l <err)" -eq 1 -a ! -s out
		can "$command" || continue
		case $json in
		*' -- '*) json="${json%% -- *} --json -- ${json##* -- }" ;;
		*) json="$json --json" ;;
		esac
		good "$command --json" $json <"${input:-/dev/null}"
		holds "$command --json is one document" is_json out
		if [ -c /dev/full ]; then
			"$quern" $json <"${input:-/dev/null}" >/dev/full 2>err
			code=$?
			holds "$command --json: a full disk under standard output is code 5, not $code" test $code -eq 5
			holds "$command --json: and one sentence" test "$(grep -vc 'gnuplot says' err)" -eq 1
		fi
		[ -n "$file" ] || continue
		good "$command of a file" $(echo "$file" | sed "s|@|$input|")
		sed "s|$input|INPUT|g" out >of-file
		good "$command of standard input" $(echo "$file" | sed 's|@|-|') <"$input"
		sed 's|"-"|"INPUT"|g; s|<stdin>|INPUT|g; s|"stdin"|"INPUT"|; s|\(sheet\) -,|\1 INPUT,|; s|half of - |half of INPUT |' out >of-stdin
		holds "$command: both are the same" same of-file of-stdin
		"$quern" $(echo "$file" | sed 's|@|nowhere/none|') >out 2>err
		code=$?
		holds "$command: a file that is not there is code $gone, not $code" test $code -eq $gone
		holds "$command: and one sentence" test "$(wc -l <err)" -eq 1
	}
done 3<commands.txt

finish
