#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs every study of this folder (or those named) and draws its figure, in the present folder, as the comments at the head of each
# file say. The options of SWEEP_OPTIONS go to `quern sweep run`, such as --set workload.requests=1000 for a quick look.
# Usage: sh figures.sh [STUDY...]      such as sh figures.sh zones write-buffer
set -u
quern=${QUERN:-quern}
here=$(cd "$(dirname "$0")" && pwd) || exit
[ $# -gt 0 ] || for file in "$here"/*.yaml; do
	name=${file##*/}
	set -- "$@" "${name%.yaml}"
done
for study; do
	# "#     quern plot zones.sweep -k sweep-line ... -o zones.svg"
	plot=$(sed -n 's/^#     quern plot //p' "$here/$study.yaml")
	# shellcheck disable=SC2086
	"$quern" sweep run "$here/$study.yaml" --resume ${SWEEP_OPTIONS-} || exit
	case $plot in
	*' --theory '*) cp "$here/$study-theory.csv" . ;;
	esac
	# shellcheck disable=SC2086
	"$quern" plot $plot || exit
done
