#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What does a disk look like from outside? `quern probe` sends requests to a simulated device and sees completion times
# alone, as microbenchmarks do with real disks. It prints rotation, zones, seek curve, buffer and queue as measured, each
# beside what is configured; the pictures draw both. Here: the Atlas 10K, and the same turning a third slower,
# which the zones show as a lower bandwidth and the seek curve not at all.
# Usage: sh probe-a-device.sh [FOLDER]        needs quern in PATH, or its name in $QUERN
set -e
quern=${QUERN:-quern}
mkdir -p "${1:-probed}"
cd "${1:-probed}"
"$quern" probe quantum-atlas-10k -o atlas --force
"$quern" probe quantum-atlas-10k --set disk0.rpm="6700 rpm" -o slow --force >slow.txt
echo 'and turning a third slower:'
grep 'speed\|bandwidth\|mean over' slow.txt
for kind in probe-seek probe-zones; do
	"$quern" plot atlas -k $kind -o $kind.svg || echo "no picture without gnuplot" >&2
done
