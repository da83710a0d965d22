#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# quern record, and what quern trace says of recordings of references. What this machine does not allow is skipped.
. "$(dirname "$0")/common.sh"

# ---- the recordings at hand

for f in "$top_srcdir"/traces/*.ref; do
	name=$(basename "$f")
	good "info $name" trace info "$f"
	holds "$name: format" grep -q '^  format  *ref, kind refs: ' out
	holds "$name: threads" grep -q '^  threads  *1: its recorder does not tell' out
	holds "$name: command" grep -q '^  command  *.' out
	good "info --json $name" trace info --json "$f"
	holds "$name: JSON" grep -q '^  "format": "ref",$' out
	good "head $name" trace head -n 3 "$f"
	holds "$name: three runs" test "$(wc -l <out)" -eq 4
done

# ---- how many frames a program needs
QUERN=$quern sh "$top_srcdir/examples/fault-curve.sh" >curve.csv 2>err
holds 'the example of fault curves' test $? -eq 0
holds 'more frames, no more faults; at last a fault a page' awk -F, '
	NR == 1 { next }
	$1 == name && $3 > faults { exit 1 }
	{ name = $1; faults = $3; last[$1] = $2 == $3; n++ }
	END { for (name in last) if (!last[name]) exit 1; exit n < 8 }' curve.csv
! command -v gnuplot >/dev/null 2>&1 || holds 'its picture' grep -q '</svg>' fault-curve.svg

# ---- damage
sort=$top_srcdir/traces/sort.ref
head -c 3000 "$sort" >cut.ref
refused 'a cut-off recording' 4 'cut\.ref: .*cut off at byte offset [0-9]+' trace info cut.ref
{
	head -c 2000 "$sort"
	printf 'xyz'
	tail -c +2004 "$sort"
} >bad.ref
refused 'a damaged recording' 4 'bad\.ref: .*damaged: the block at byte offset [0-9]+' trace info bad.ref
for n in 1 2 3 4 5 6 7 8; do # each byte of the first word, and all up to it
	{
		head -c $((n - 1)) "$sort"
		printf 'x'
		tail -c +$((n + 1)) "$sort"
	} >first.ref
	refused "a damaged byte $n" 4 'first\.ref: .*does not begin with "QUERNREF", at byte offset 0' trace info first.ref
	{
		printf 'damaged!' | head -c "$n"
		tail -c +$((n + 1)) "$sort"
	} >first.ref
	refused "$n damaged bytes" 4 'first\.ref: .*does not begin with "QUERNREF", at byte offset 0' trace head first.ref
	head -c "$n" "$sort" >first.ref
	refused "no more than $n bytes" 4 "first\\.ref: .*cut off at byte offset $n, in the header" trace info first.ref
done
: >first.ref
refused 'none at all' 4 'first\.ref: the file is empty: it ends at byte offset 0' trace info first.ref
refused 'an option for block traces' 2 'recording of references' trace info --format msr "$sort"

# ---- the command line

"$quern" record 2>err
holds 'no kind' test $? -eq 2
holds 'no kind is said' grep -q 'want faults, refs or dirty' err
refused 'a kind that is none' 2 'did you mean "faults"' record fault -- true
refused 'no program' 2 'after --' record faults
refused 'nothing after --' 2 'after --' record faults --
"$quern" record faults true -- true 2>err
holds 'the program before --' test $? -eq 2
holds 'the program before -- is said' grep -q 'come after --, got true' err
refused 'a filter of nothing' 2 'from 1 to' record refs --filter 0 -- true
refused 'a filter for faults' 2 'for quern record refs' record faults --filter 2 -- true
refused 'an interval without a unit' 2 'interval' record dirty --interval 50 -- true
refused 'an interval of nothing' 2 '100us' record dirty --interval 1us -- true
touch there.ref
refused 'a file that is there' 5 'there\.ref is there already' record faults -o there.ref -- true
ls=$(command -v ls)
PATH='' "$quern" record refs -o none.ref -- "$ls" 2>err
holds 'no valgrind is said' grep -q '^quern: valgrind is not installed' err
holds 'and leaves nothing' test ! -e none.ref
cp "$sort" kept.ref
PATH='' "$quern" record refs --force -o kept.ref -- "$ls" 2>err
holds 'and what was there before, where it cannot begin' cmp -s kept.ref "$sort"

# ---- recording

# can KIND: whether this machine lets us record so; else says why not
can() {
	"$quern" record "$1" -q --force -o "probe-$1.ref" -- true 2>err && return
	skip "record $1: $(cat err)"
	return 1
}

# passes KIND: exit codes, signals and words go both ways
passes() {
	kind=$1
	printf 'in\n' | "$quern" record "$kind" -q -o "$kind.ref" -- sh -c 'cat; echo "$1"; exit 7' sh word >out 2>err
	holds "$kind: the exit code" test $? -eq 7
	printf 'in\nword\n' >want
	holds "$kind: input and output are the program's" cmp -s want out
	holds "$kind: nothing was said" test ! -s err
	good "$kind: info" trace info --json "$kind.ref"
	holds "$kind: its kind" grep -q "^  \"kind\": \"$kind\",$" out
	holds "$kind: whole" grep -q '^  "interrupted": false,$' out
	refused "$kind: no such program" 5 'nowhere/at-all: cannot be run' record "$kind" -o none.ref -- /nowhere/at-all
	holds "$kind: and leaves nothing" test ! -e none.ref
	"$quern" record "$kind" -q -o "stop-$kind.ref" -- sleep 60 2>err &
	pid=$!
	# until the program runs and its recording has begun
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		sleep 0.2
		[ -s "stop-$kind.ref" ] && break
	done
	sleep 0.3
	kill -TERM $pid
	wait $pid
	holds "$kind: stopped by the signal" test $? -eq 143
	good "$kind: a recording that was stopped" trace info --json "stop-$kind.ref"
	holds "$kind: says so" grep -q '^  "interrupted": true,$' out
}

# what cannot be run is said as the kernel would
if can refs; then
	printf 'x' >noexec
	{ # of a processor of 32 bits
		printf '\177ELF\001\001\001'
		head -c 9 /dev/zero
		printf '\002\000\050\000\001'
		head -c 100 /dev/zero
	} >noelf
	chmod +x noelf
	refused 'refs: a file that may not be run' 5 'noexec: cannot be run: Permission denied' record refs -o none.ref -- ./noexec
	refused 'refs: a folder' 5 '/tmp: cannot be run: Permission denied' record refs -o none.ref -- /tmp
	PATH=.:$PATH "$quern" record refs -o none.ref -- noexec 2>err
	holds 'refs: one of PATH' test $? -eq 5
	holds 'refs: one of PATH is said' grep -q 'noexec: cannot be run: Permission denied' err
	refused 'refs: none' 5 'no-such-program: cannot be run: No such file' record refs -o none.ref -- no-such-program
	"$quern" record refs -o none.ref -- ./noelf >out 2>err
	holds 'refs: no program of this machine' test $? -eq 5
	holds 'refs: which is said' grep -q '^quern: noelf: valgrind does not run it$' err
	holds 'refs: and leaves nothing' test ! -e none.ref
fi

# what the kernel alone writes, here some 10,000 pages, is none of the program's references, and the help says so
if can refs; then
	"$quern" record refs -q -o read.ref -- dd if=/dev/zero of=/dev/null bs=40M count=1 >out 2>err
	good 'refs: info of a read(2)' trace info --json read.ref
	pages=$(sed -n 's/^  "pages": \([0-9]*\),$/\1/p' out)
	holds 'refs: the buffer of a read(2) is not in it' test "${pages:-9999}" -lt 1000
	good 'the help' record --help
	holds 'refs: and the help says so' sh -c 'tr -s " \n" " " <out | grep -q "every reference that its own instructions make.* what the kernel reads and writes for it, such as the buffer of a read(2), is none"'
fi

# what an exec makes of a shell is recorded, words and name as they were; where lackey's descriptor is closed it cannot be, and is said to be missing
if can refs; then
	ln -sf "$(command -v sh)" by-name
	"$quern" record refs --json -o shell.ref -- sh -c 'exit 7' >out 2>err
	short=$(sed -n 's/^  "references": \([0-9]*\),$/\1/p' out)
	"$quern" record refs --json -o exec.ref -- sh -c 'X=1 exec ./by-name -c "echo \$0 \$1 \$X; exit 7" word "a b"' >out 2>err
	holds 'refs: the exit code of an exec' test $? -eq 7
	holds 'refs: its name, words and environment' grep -q '^word a b 1$' out
	holds 'refs: nothing is missing' grep -q '^  "replaced": false,$' out
	long=$(sed -n 's/^  "references": \([0-9]*\),$/\1/p' out)
	holds 'refs: both are in it' test "${long:-0}" -gt $((short * 3 / 2))
	good 'refs: info of it' trace info exec.ref
	holds 'refs: which is whole' sh -c '! grep -q "^  partial" out'
	printf '#!/bin/sh\necho "$0 $1"\n' >script
	chmod +x script
	"$quern" record refs -q -o exec.ref --force -- sh -c 'exec ./script word' >out 2>err
	holds 'refs: a script too' grep -q '^./script word$' out
	closes='for n in 3 4 5 6 7 8 9; do eval "exec $n>&-"; done; exec sh -c "exit 7"'
	"$quern" record refs --json -o exec.ref --force -- sh -c "$closes" >out 2>err
	holds 'refs: the exit code of one that cannot be followed' test $? -eq 7
	holds 'refs: which is said to be missing' grep -q '^  "replaced": true,$' out
	good 'refs: info of that' trace info exec.ref
	holds 'refs: says so' grep -q '^  partial  *an exec made another program of it, which was not recorded$' out
	"$quern" record refs -o exec.ref --force -- sh -c "$closes" >out 2>err
	holds 'refs: in words too' grep -q '^quern: an exec made another program of it, which is not in the recording' err
	"$quern" record refs --json -o exec.ref --force -- sh -c 'sh -c "exit 5"; exit 7' >out 2>err
	holds 'refs: a program that it starts is none of it' test $? -eq 7
	holds 'refs: and nothing is missing' grep -q '^  "replaced": false,$' out
	"$quern" record refs --json -o exec.ref --force -- sh -c 'kill -SEGV $$' >out 2>err
	holds 'refs: nor where a signal ends it' grep -q '^  "replaced": false,$' out
fi

for kind in faults dirty refs; do
	if can $kind; then passes $kind; fi
done

finish
