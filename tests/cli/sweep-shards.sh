#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A sweep in parts: what would run (plan), parts that write points alone (run --shard), tables from the
# parts (collect), scripts that do it on clusters (emit). The parts together are the whole, byte for byte.
. "$(dirname "$0")/common.sh"

cat >s.yaml <<'END'
base:
  include: [quantum-atlas-10k.yaml]
  workload: {type: random, request: 4 KiB, requests: 200}
axes:
  disk0.rpm: [5400 rpm, 10000 rpm]
  workload.depth: [1, 4, 8, 1]
END

# ---- plan

good 'plan' sweep plan s.yaml
holds 'it counts' grep -q '8 points, 6 of them different; 6 to run, 0 finished in s.sweep' out
holds 'it names the axes' grep -Eq 'workload.depth .* 4: 1, 4, 8, 1' out
good 'plan as JSON' sweep plan --json - -o s.sweep <s.yaml
if command -v jq >/dev/null; then
	holds 'the same figures' jq -e '.points == 8 and .distinct == 6 and .to_run == 6 and .states == 0' out
	holds 'points with their values' jq -e '.point[1].values == {"disk0.rpm": "5400 rpm", "workload.depth": "4"}' out
	holds 'what stands twice has one id' jq -e '.point[3].id == .point[0].id and .point[3].same_as == 1' out
else
	skip 'no jq to read JSON with'
fi
good 'a folder with a name of its own' sweep plan s.yaml --json -o 'Läufe'
holds 'which stands there as it is' grep -q '"folder": "Läufe"' out
refused 'a name that JSON cannot hold' 2 'not UTF-8' sweep plan s.yaml --json -o "$(printf 'L\344ufe')"
refused 'a key that is none' 3 'rpn.*rpm' sweep plan s.yaml --set disk0.rpn=3
refused 'a shard that is none' 2 '5/4' sweep plan s.yaml --shard 5/4
refused 'a command that is none' 2 'plam.*plan' sweep plam s.yaml
refused 'a sweep without a name' 2 'want -o' sweep plan -
refused 'no sweep at all' 5 'nowhere\.yaml' sweep plan nowhere.yaml

# ---- shards, collect

good 'the whole' sweep run s.yaml -o whole -q
good 'shard 1' sweep run s.yaml --shard 1/3 -o parts -q
good 'its plan' sweep plan s.yaml --shard 1/3 -o parts
holds 'all of it is finished' grep -q ' 0 to run, ' out
holds 'it made no tables' test ! -e parts/sweep.db -a ! -e parts/sweep.csv
good 'shard 2, in another folder' sweep run s.yaml --shard 2/3 -o elsewhere -q
"$quern" sweep collect s.yaml -o parts elsewhere >out 2>err
code=$?
holds "points are missing: $code" test $code -eq 1
holds 'they are counted' grep -q '2 of 8 points are missing' err
holds 'and named' grep -q '^missing: point 3, disk0.rpm = 5400 rpm, workload.depth = 8$' out
holds 'each of them' grep -q '^missing: point 6, disk0.rpm = 10000 rpm, workload.depth = 4$' out
"$quern" sweep collect s.yaml -o parts elsewhere --json >out 2>err
holds 'as JSON too' grep -q '"point": 6,' out
good 'shard 3, beside shard 1' sweep run s.yaml --shard 3/3 --resume -o parts -q
good 'collect' sweep collect s.yaml -o parts elsewhere
holds 'the parts are the whole' cmp parts/sweep.csv whole/sweep.csv
holds 'the tables too' cmp parts/sweep.db whole/sweep.db

# ---- emit

good 'a script for Slurm' sweep emit slurm s.yaml --shards 3 -o parts
holds 'it is shell' sh -n out
holds 'three shards' grep -q -- '--shard .*/3$' out
good 'one for GNU parallel' sweep emit parallel s.yaml --shards 2
holds 'it is shell too' sh -n out
holds 'as many parts as asked for' grep -q '^seq 2 ' out
good 'as JSON' sweep emit parallel s.yaml --json
holds 'the script is in it' grep -q '"script": "#!/bin/sh' out
refused 'an engine that is none' 2 'slrum.*slurm' sweep emit slrum s.yaml
refused 'a sweep that machines cannot read' 2 'standard input' sweep emit slurm - -o x
refused 'more shards than points' 2 '9: the sweep has 8 points' sweep emit slurm s.yaml --shards 9
refused 'shards that are no number' 2 'three' sweep emit slurm s.yaml --shards three
refused 'a mistake in the sweep' 3 'rpn.*rpm' sweep emit slurm s.yaml --set disk0.rpn=3

finish
