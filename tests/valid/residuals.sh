#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# residuals.sh QUERN DATA PICTURE: the section of doc/VALIDATION.md on where the error of the measured drives
# lies, by class of request, and its picture (`make validation-doc`). DATA: the folder with the traces.
set -eu
quern=$1 data=$2 picture=$3
cat <<'END'

## Where the error lies

Simulated less measured response on the second half of each trace, by class of request: as the simulation served it (a
hit, a partial hit, a miss), and where it lies: *sequential* starts where the request before ended, *local* within
4,000 sectors of that, *random* elsewhere. One run from one start angle, so its rms may differ from the median over 20 angles
above. Classes of fewer than 10 requests are left out. For one drive:

    quern replay cheetah9LP.trace.csv --device seagate-cheetah-9lp --mode think -o run    # run/residuals.csv
    quern plot run -k residuals -o residuals.svg

END
if [ ! -d "$data/validation" ]; then
	echo 'Skipped: the measured traces are not here.'
	exit 0
fi
scratch=$(mktemp -d "${TMPDIR:-/tmp}/quern-residuals.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cat <<'END'
![Median and root mean square of the difference, by class of request, on six drives](residuals.svg)

Made by `quern plot RUN... -k residuals` from the second halves of six such runs.

| drive | class | requests | simulated, ms | measured, ms | bias, ms | median, ms | rms, ms | share of squares |
|---|---|---|---|---|---|---|---|---|
END
set --
for drive in atlas10k:quantum-atlas-10k atlas_III:quantum-atlas-iii cheetah9LP:seagate-cheetah-9lp \
	dec_rz26:dec-rz26 hp_c2247a:hp-c2247a hp_c3323a:hp-c3323a; do
	name=${drive%%:*} device=${drive#*:}
	"$quern" replay "$data/validation/$name.trace.csv" --device "$device" --mode think -o "$scratch/$device" -q
	awk -F, -v device="$device" '
	$1 == "second_half" && ($6 >= 10 || $2 == "all") {
		seen = $3 == "unknown" || $3 == $4 ? $4 : $3 " taken for " $4
		class = $2 == "all" ? "**all**" : $2 ", " seen ", " $5
		printf "| %s | %s | %d | %.3f | %.3f | %+.3f | %.3f | %.3f | %.1f %% |\n", device, class, $6, $7, $8, $9,
			$11, $12, 100 * $13
	}' "$scratch/$device/residuals.csv"
	# the picture is of the second half
	sed -n '1p; s/^second_half,/whole,/p' "$scratch/$device/residuals.csv" >"$scratch/half"
	mv "$scratch/half" "$scratch/$device/residuals.csv"
	set -- "$@" "$scratch/$device"
done
"$quern" plot "$@" -k residuals --title 'Difference of simulated and measured response, second half' -o "$picture"
