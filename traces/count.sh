#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Counts what a recording holds, by rules of its own: traces/CHECKS.csv was made with it, and
# the tests hold Quern's readers to that table. It reads plain and gzipped files of blkparse
# text and of fio's iolog, version 3, and prints one row for each:
#   file,format,device,action,records,reads,writes,flushes,trims,read_sectors,write_sectors,
#   duration_us,end_sector
#
#   usage: count.sh [-a Q|D|C] FILE...
#
# A write with the letter F before its W asks for a flush first: that is one more record, a
# flush. end_sector is the first sector after the furthest read, write or trim. duration_us
# runs from the first record to the last. device is `all`; action is - where the format has none.
set -eu
LC_ALL=C
export LC_ALL

action=Q
if [ "${1-}" = -a ]; then
	action=$2
	shift 2
fi
[ $# -gt 0 ] || { echo "usage: ${0##*/} [-a Q|D|C] FILE..." >&2; exit 2; }

for file; do
	gzip -cdf -- "$file" | awk -v action="$action" -v file="${file##*/}" '
	function add(op, lba, sectors) {
		if (op == "flush") { flushes++; return }
		if (op == "read") { reads++; read_sectors += sectors }
		else if (op == "write") { writes++; write_sectors += sectors }
		else if (op == "trim") trims++
		if (lba + sectors > end) end = lba + sectors
	}
	function at(us) {
		if (!begun++ || us < first) first = us
		if (us > last) last = us
	}
	NR == 1 { format = /^fio version 3 iolog$/ ? "fio-v3" : "blkparse" }

	format == "blkparse" && $6 == action {
		letters = $7
		flush = sub(/^F/, "", letters)
		ranged = $9 == "+" && letters ~ /^[RWD]/
		if (flush || ranged) at($4 * 1000000)
		if (flush) add("flush")
		if (!ranged) next
		add(substr(letters, 1, 1) == "R" ? "read" : substr(letters, 1, 1) == "W" ? "write" : "trim",
			$8, $10)
	}
	format == "fio-v3" && $3 ~ /^(read|write|trim)$/ { at($1); add($3, $4 / 512, $5 / 512) }
	format == "fio-v3" && $3 ~ /^(data)?sync(fs)?$/ { at($1); add("flush") }
	END {
		printf "%s,%s,all,%s,%d,%d,%d,%d,%d,%.0f,%.0f,%.0f,%.0f\n", file, format,
			format == "blkparse" ? action : "-",
			reads + writes + flushes + trims, reads, writes, flushes, trims,
			read_sectors, write_sectors, last - first, end
	}'
done
