#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Real recordings: counts against the check values that stand beside them.
. "$(dirname "$0")/common.sh"
data=${QUERN_REFERENCE_DATA:-}
samples=$data/traces/samples

# counts FILE RECORDS READS SECTORS DEVICES [OPTION...]: sectors - is not checked
counts() {
	file=$1 records=$2 reads=$3 sectors=$4 devices=$5
	shift 5
	good "info $file" trace info --json "$@" "$file"
	holds "$file: records" grep -q "^  \"records\": $records,$" out
	holds "$file: reads" grep -q "^    \"read\": $reads,$" out
	holds "$file: devices" test "$(grep -c '"number":' out)" -eq "$devices"
	[ "$sectors" = - ] || holds "$file: sectors" grep -q "^  \"sectors\": $sectors,$" out
}

if [ -n "$data" ] && [ -d "$samples" ]; then
	# traces/FORMATS.md of the reference data; bytes and shares turned into sectors and counts
	counts "$samples/cloudphysics.vscsi.gz" 113872 46974 8214801 1
	counts "$samples/mqsim-tpcc-small.trace.gz" 6999 4381 116638 16
	counts "$samples/disksim-ascii.trace.gz" 100000 79634 1016678 14
else
	skip 'no reference data: the sample traces are not checked'
fi

# every recording of our own says what it is and replays
set -- "$top_srcdir"/traces/*.gz "$top_srcdir"/traces/*.zst "$top_srcdir"/traces/*.xz
for f; do
	[ -f "$f" ] || continue
	name=$(basename "$f")
	good "info $name" trace info "$f"
	good "replay $name" replay "$f" --device reference-r --limit 2000 --range wrap -o "$name"
done

finish
