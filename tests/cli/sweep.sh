#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# quern sweep run and query from the command line: standard input, JSON, exit codes, Ctrl-C and going on.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/common.sh"

cat >s.yaml <<'END'
base:
  include: [seagate-cheetah-9lp.yaml]
  workload: {requests: 100}
axes:
  workload.depth: [1, 4]
  disk0.rpm: [7200 rpm, 10025 rpm]
replications: 2
END

good 'a sweep runs' sweep run s.yaml
holds 'its folder has its name' test -s s.sweep/sweep.db -a -s s.sweep/sweep.csv -a -s s.sweep/machine.json
holds 'a row for each point' test "$(wc -l <s.sweep/sweep.csv)" = 9
holds 'nothing is left that is not whole' test -z "$(find s.sweep -name '*partial*')"
"$quern" sweep run - -o in --json -j 1 <s.yaml >out 2>err
holds 'standard input is a sweep, too' cmp -s in/sweep.csv s.sweep/sweep.csv
holds 'the result is JSON' grep -q '"points": 8' out
holds 'no progress but on a terminal' test ! -s err
refused 'a folder with points is kept' 5 's.sweep has 8 points of a sweep and is kept' sweep run s.yaml
good 'and gone on with' sweep run s.yaml --resume --json
holds 'where nothing is left to do' grep -q '"stood_already": 8' out
good 'or made anew' sweep run s.yaml --force -q
holds 'quietly' test ! -s out
refused 'one of the two' 2 'want one of the two' sweep run s.yaml --force --resume
refused 'a wrong key' 3 'did you mean "rpm"' sweep run s.yaml -o no --set disk0.rmp=3
holds 'before anything runs' test ! -e no
refused 'a wrong number of threads' 2 'want a number of threads' sweep run s.yaml -j 0
refused 'a wrong shard' 2 'is no shard' sweep run s.yaml --shard 3/2

good 'a question' sweep query s.sweep --value jobs.0.read.lat_ns.mean --by rpm
holds 'a line for each group' test "$(wc -l <out)" = 3
good 'as CSV' sweep query s.sweep --value jobs.0.read.lat_ns.mean --csv
holds 'with its name' grep -q '^config.workload.depth,config.disk0.rpm,points,jobs.0.read.lat_ns.mean,' out
good 'as JSON' sweep query s.sweep --pareto min:jobs.0.read.lat_ns.mean,max:jobs.0.read.iops --json
holds 'with its groups' grep -q '"groups"' out
"$quern" sweep query - --value jobs.0.read.iops --where rpm=7200 --by rpm <s.sweep/sweep.db >out
holds 'a database on standard input' grep -q '^7200 ' out
refused 'no such column' 2 'has no column "latencyy"' sweep query s.sweep --value latencyy
refused 'no such sweep' 5 'there is no sweep nowhere' sweep query nowhere --value x

# interrupted: what runs is finished, the code is 7, and --resume ends as if nothing had been
sed 's/requests: 100/requests: 60000/' s.yaml >long.yaml
"$quern" sweep run long.yaml -o cut -j 1 >out 2>err &
pid=$!
while [ -z "$(find cut/points -name '*.json' 2>/dev/null)" ] && kill -0 $pid 2>/dev/null; do sleep 0.05; done
kill -TERM $pid
wait $pid
holds 'interrupted' test $? = 7
holds 'says so' grep -q -- '--resume goes on' err
good 'goes on' sweep run long.yaml -o cut --resume
good 'undisturbed' sweep run long.yaml -o whole
holds 'the same bytes' cmp -s cut/sweep.csv whole/sweep.csv

finish
