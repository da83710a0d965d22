#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# How are a drive's parameters found from a measured trace? The "measured" drive is itself simulated here, so that the
# truth is known: 1,500 random requests, one at a time, are served by the HP C2247A, and their response times are
# the measurement. The sheet to begin with is wrong about the speed of rotation (5403 for 5400 rpm: a turn in 3 s) and
# the command time of reads (0.4 for 0.85 ms). `quern calibrate` sees the first half of the trace
# only; the comments at the top of fitted.yaml tell what it changed, and how well the drive fits before and after.
# The second half, which it has not seen, is then replayed with the sheet and with what was fitted.
# Usage: sh calibrate-a-drive.sh [FOLDER]     needs quern in PATH, or its name in $QUERN
set -e
quern=${QUERN:-quern}
mkdir -p "${1:-calibrated}"
cd "${1:-calibrated}"
cat >load.yaml <<'END'
include: [hp-c2247a.yaml]
workload: {type: random, request: 4 KiB, read_ratio: 60 %, requests: 1500, think: 5 ms}
END
cat >sheet.yaml <<'END'
include: [hp-c2247a.yaml]
disk0:
  rpm: 5403 rpm
  overhead: {read_miss_after_read: 0.4 ms, read_miss_after_write: 0.4 ms}
END
"$quern" run load.yaml -q -o - --request-log log.csv --force
# from the log's columns to those of the format `measured`
awk -F, '
NR == 1 { print "op,lbn,blocks,measured_response_us,delay_before_us"; next }
{
	printf "%s,%d,%d,%.3f,%.3f\n", ($6 == "read" ? "R" : "W"), $7, $8, ($5 - $1) / 1000, (NR > 2 ? ($1 - last) / 1000 : 0)
	last = $5
}' log.csv >measured.csv
"$quern" calibrate sheet.yaml --trace measured.csv -o fitted.yaml
sed -n '/^# Calibrated/,/^$/p' fitted.yaml
for drive in sheet fitted; do
	"$quern" replay measured.csv --device $drive.yaml -o $drive --force >$drive.txt
	echo "$drive: $(grep 'second half' $drive.txt)"
done
