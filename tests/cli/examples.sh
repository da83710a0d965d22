#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Each example runs, shortened, and can be checked.
. "$(dirname "$0")/common.sh"

for f in "$top_srcdir"/examples/*.yaml; do
	name=$(basename "$f" .yaml)
	good "check $name" check "$f"
	if grep -q '^workload:' "$f"; then
		good "run $name" run "$f" --set workload.requests=3000 -o "$name"
	else
		good "run $name" run "$f" --set replay.limit=3000 -o "$name"
	fi
	# what its comments suggest to try
	sed -n 's/^#  *\(Try:\)*  *quern run [a-z-]*\.yaml --set \([^=]*=[^"$]*\)$/\2/p' "$f" >"$name.try"
	while read -r assignment; do
		good "check $name --set $assignment" check "$f" --set "$assignment"
	done <"$name.try"
	holds "$name is whole" grep -q '"partial": false' "$name/summary.json"
done

finish
