#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# How much memory does a program need? The faults of LRU over page frames, from recordings of its references:
#
#   quern record refs --filter 64 -o sort.ref -- sort words
#   fault-curve.sh sort.ref >curve.csv
#
# Prints one line for each recording and number of frames, and draws fault-curve.svg where gnuplot is installed: the knee of
# a curve is where the program's loops fit. Without words: the recordings that come with Quern.
set -eu
quern=${QUERN:-quern}
here=$(dirname "$0")
[ $# -gt 0 ] || set -- "$here"/../traces/*.ref

echo 'recording,frames,faults,references_a_fault'
table=$(mktemp)
trap 'rm -f "$table"' EXIT
for file; do
	name=$(basename "$file" .ref)
	"$quern" trace info --json "$file" | awk -v name="$name" '
	/"references":/ { references = $2 + 0 }
	/"frames":/ { frames = $2 + 0 }
	/"faults":/ { faults = $2 + 0; printf "%s,%d,%d,%.1f\n", name, frames, faults, references / faults }' >>"$table"
	printf '\n\n' >>"$table" # gnuplot takes what follows for another set
done
grep . "$table"

if command -v gnuplot >/dev/null 2>&1; then
	gnuplot <<END
set terminal svg size 800,500 background "white"
set output "fault-curve.svg"
set datafile separator ","
set logscale xy
set xlabel "page frames"
set ylabel "faults of LRU"
set grid
plot for [i = 0:$(($# - 1))] "$table" index i using 2:3 with linespoints title system(sprintf("grep . $table | cut -d, -f1 | uniq | sed -n %dp", i + 1))
END
fi
