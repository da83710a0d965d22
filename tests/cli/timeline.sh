#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# quern run --timeline: Perfetto's form decoded by protoc, both forms of one run against each other, what is refused, an
# interrupted run.
. "$(dirname "$0")/common.sh"

cat >disk.yaml <<'END'
include: [quantum-atlas-iii.yaml]
workload: {type: random, request: 8 KiB, depth: 4, read_ratio: 0.5, requests: 500}
replay: {queue_depth: 2}
END

good 'Perfetto, by its name' run disk.yaml -o - --timeline disk.perfetto
holds 'the summary tells of it' grep -Eq '^timeline of [0-9,]+ slices in disk\.perfetto$' out
good 'the same as JSON' run disk.yaml -o - -q --timeline disk.json
holds 'that is JSON for Chrome' grep -q '^{"displayTimeUnit":"ns","traceEvents":\[' disk.json
good 'and of another ending' run disk.yaml -o - -q --timeline disk.pftrace
holds 'it is Perfetto too' cmp disk.perfetto disk.pftrace
good 'to standard output' run disk.yaml -o - --timeline -
holds 'it is the same' cmp disk.perfetto out
holds 'the summary then goes to standard error' grep -q 'iops\|IOPS\|requests' err

if command -v protoc >/dev/null 2>&1; then
	holds 'protoc decodes it' protoc --proto_path="$top_srcdir/tests/data" --decode=perfetto.protos.Trace perfetto_subset.proto \
		<disk.perfetto >decoded
	# a field that the schema does not know is shown by its number
	holds 'every field is known' sh -c '! grep -Eq "^ *[0-9]+[:{ ]" decoded'
	awk '$1 == "timestamp:" { at = $2 }
		$1 == "type:" { type = $2; n[type]++ }
		$1 == "track_uuid:" && type == "TYPE_SLICE_BEGIN" { begin[$2]++ }
		$1 == "track_uuid:" && type == "TYPE_SLICE_END" { end[$2]++ }
		$1 == "uuid:" { known[$2] = 1 }
		END {
			for (t in begin) if (begin[t] != end[t] || !(t in known)) bad++
			for (t in end) if (!(t in begin)) bad++
			print n["TYPE_SLICE_BEGIN"], n["TYPE_SLICE_END"], n["TYPE_COUNTER"], bad + 0
		}' decoded >counted
	read -r begins ends counts bad <counted
	holds 'each slice ends, on a track that is described' test "$bad" -eq 0 -a "$begins" -gt 500 -a "$begins" -eq "$ends"
	holds 'both forms have the same slices' test "$begins" -eq "$(grep -c '^{"ph":"X"' disk.json)"
	holds 'and the same counts' test "$counts" -eq "$(grep -c '^{"ph":"C"' disk.json)"
	holds 'requests and what served them are joined' test "$(grep -c 'flow_ids:' decoded)" -gt 1000
	holds 'the arm has a track' grep -q 'name: "arm 0"' decoded
	# as the trace processor does it: events by time, of one time in the order of the file; an end closes the slice that was opened
	# last on its track. Each slice then is as long as duration_ps says, but for two roundings.
	awk '$1 == "timestamp:" { at = $2 }
		$1 == "type:" { type = $2 }
		$1 == "track_uuid:" { track = $2 }
		$1 == "uint_value:" && !known { ps = $2; known = 1 }
		/^}/ { if (type ~ /SLICE/) print at, ++n, type, track, ps; type = ""; known = 0 }' decoded | sort -n -k1,1 -k2,2 |
	awk '$3 == "TYPE_SLICE_BEGIN" { k = ++depth[$4]; begin[$4, k] = $1; ps[$4, k] = $5; n++; next }
		{ k = depth[$4]--; off = ($1 - begin[$4, k]) * 1000 - ps[$4, k]; if (k < 1 || off <= -1000 || off >= 1000) bad++ }
		END { for (t in depth) if (depth[t] != 0) bad++; print n, bad + 0 }' >nested
	read -r begun bad <nested
	holds 'slices nest for a reader who sorts them' test "$begun" -eq "$begins" -a "$bad" -eq 0
else
	skip 'protoc is not installed (package protobuf-compiler)'
fi

good 'of a replay' replay "$top_srcdir/tests/data/trace-blkparse.txt" -d quantum-atlas-iii --range wrap -o - -q --timeline replay.json
holds 'with its requests' grep -q '"name":"read","cat":"host"' replay.json
good 'a window' run disk.yaml -o - --timeline part.json --timeline-window '100 ms..200 ms'
holds 'is smaller' test "$(wc -c <part.json)" -lt "$(($(wc -c <disk.json) / 2))"
good 'a limit' run disk.yaml -o - --timeline less.perfetto --timeline-limit '10 KiB'
holds 'is kept to' test "$(wc -c <less.perfetto)" -lt 12000
holds 'and told of' grep -Eq 'its limit was reached at .*, and [0-9,]+ more were left out' out

refused 'a file that is there' 5 'disk\.json exists and is kept' run disk.yaml -o - --timeline disk.json
good 'unless forced' run disk.yaml -o - -q --timeline disk.json --force
refused 'no such folder' 5 'cannot write the timeline none/x\.json' run disk.yaml -o - --timeline none/x.json
refused 'a window that is none' 2 "--timeline-window.* want two times" run disk.yaml -o - --timeline x.json --timeline-window '2 s..1 s'
refused 'a limit that is none' 2 '--timeline-limit' run disk.yaml -o - --timeline x.json --timeline-limit many
holds 'nothing is left of them' test ! -e x.json
if [ -w /dev/full ]; then
	refused 'a full disk' 5 'cannot write the timeline' run disk.yaml -o - --timeline /dev/full
fi

sed 's/requests: 500/requests: 2000000000/' disk.yaml >long.yaml
"$quern" run long.yaml -o - -q --timeline cut.json --timeline-limit '1 MiB' >out 2>err &
pid=$!
sleep 1
kill -INT $pid
wait $pid
holds 'interrupted with 7' test $? -eq 7
holds 'it keeps its partial name' test ! -e cut.json
for f in cut.json.partial-*; do
	holds 'which the sentence names' grep -qF "; the timeline so far is $f" err
	holds 'and it is whole as far as it goes' test "$(tail -n 1 "$f")" = ']}'
done

finish
