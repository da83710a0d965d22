#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A sweep on a real Slurm of one node: what its job arrays and the job that collects make of it is what one
# process makes of it; exit codes are passed on; what is missing is named, and run when it is submitted again.
. "$(dirname "$0")/common.sh"
. "$top_srcdir/tests/cli/slurm.sh"

why=$(slurm_why_not)
[ -z "$why" ] || {
	skip "$why"
	finish
}

cat >s.yaml <<'END'
base:
  include: [quantum-atlas-10k.yaml]
  workload: {type: random, request: 4 KiB, requests: 200}
axes:
  disk0.rpm: [5400 rpm, 7200 rpm, 10000 rpm, 15000 rpm]
  workload.depth: [1, 4]
END
good 'the whole' sweep run s.yaml -o whole -q

# Three tasks in an array: five shards are two arrays.
slurm_start 3 >said || {
	sed '$d' said
	skip "no Slurm comes up on this machine: $(tail -n 1 said)"
	finish
}
good 'a script' sweep emit slurm s.yaml --shards 5 -j 1 -o "folder of it's"
mv out submit.sh

# ---- one task is cancelled, and so misses

sh submit.sh --hold >submitted 2>&1 || fail "submitting: $(cat submitted)"
collect=$(sed -n 's/^Submitted batch job //p' submitted)
first=$(squeue -h -o %F -t PD -n quern-sweep | sort -n | head -n 1)
second=$(squeue -h -o %F -t PD -n quern-sweep | sort -n | tail -n 1)
holds 'no array is larger than the cluster allows' test "$(squeue -h -r -j "$first" | wc -l) $(squeue -h -r -j "$second" | wc -l)" = '3 2'
scancel "${second}_0"
scontrol release "$first" "$second" "$collect"
holds 'all jobs end' slurm_wait 30
holds "the tasks that ran are good: $(slurm_exit_codes "$first")" test "$(slurm_exit_codes "$first")" = '0 0 0'
holds "the job that collects tells: $(slurm_exit_codes "$collect")" test "$(slurm_exit_codes "$collect")" = 1
holds 'it names the point of shard 4' grep -q '^missing: point 4, disk0.rpm = 7200 rpm, workload.depth = 4' \
	"folder of it's/slurm/collect-$collect.log"
ls --full-time "folder of it's"/points/*.json | sort >before

# ---- submitted again, it runs what is missing

sh submit.sh >submitted 2>&1 || fail "submitting again: $(cat submitted)"
collect=$(sed -n 's/^Submitted batch job //p' submitted)
holds 'all jobs end again' slurm_wait 30
holds "nothing is missing: $(slurm_exit_codes "$collect")" test "$(slurm_exit_codes "$collect")" = 0
holds 'the shards are the whole' cmp "folder of it's/sweep.csv" whole/sweep.csv
holds 'the tables too' cmp "folder of it's/sweep.db" whole/sweep.db
ls --full-time "folder of it's"/points/*.json | sort >after
holds 'nothing ran twice' test "$(comm -12 before after | wc -l)" -eq "$(wc -l <before)"

# ---- exit codes are passed on

sed 's/workload.depth/workload.dpeth/' s.yaml >broken.yaml
mv broken.yaml s.yaml
sh submit.sh --wait >submitted 2>&1
code=$?
holds "--wait exits as the job that collects: $code" test $code -eq 3
last=$(scontrol -o show job | sed -nE 's/.*ArrayJobId=([0-9]+) .*/\1/p' | sort -n | tail -n 1)
holds "a task exits as its shard: $(slurm_exit_codes "$last")" test "$(slurm_exit_codes "$last")" = '3 3'

[ $failed -eq 0 ] || tail -n 20 "folder of it's"/slurm/*.log "$slurm"/*.log
finish
