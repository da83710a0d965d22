#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes the recordings of references in this folder (`quern record refs`), and counts what valgrind tells
# by rules of its own: REF-CHECKS.csv was made with it, and the tests hold the recordings to that table. What is
# counted is the very text that the recorder reads: a program named valgrind that comes first in PATH copies it.
#
#   usage: record-refs.sh QUERN [sort|sqlite|cc1]...      (default: all; writes NAME.ref here, prints the rows)
#
# A row: file,kind,references,instructions,pages,pages_written. Needs valgrind, sqlite3 and gcc.
set -eu
LC_ALL=C
export LC_ALL
quern=$(readlink -f -- "$1")
shift
[ $# -gt 0 ] || set -- sort sqlite cc1
out=$PWD
folder=$(mktemp -d "${TMPDIR:-/tmp}/quern-refs.XXXXXX")
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# references, instructions, pages, pages written: each access counts once for each page of 4096 bytes that it touches
cat >count.awk <<'END'
function touch(page, write) {
	refs++
	if (!(page in seen)) { seen[page] = 1; pages++ }
	if (write && !(page in wrote)) { wrote[page] = 1; written++ }
}
/^(I | L| S| M) / {
	split($2, f, ",")
	address = "000" f[1]
	page = substr(address, 1, length(address) - 3)
	sub(/^0+/, "", page)
	low = substr(address, length(address) - 2)
	at = 0
	for (i = 1; i <= 3; i++)
		at = at * 16 + index("0123456789abcdef", substr(low, i, 1)) - 1
	write = $1 == "S" || $1 == "M"
	touch(page, write)
	if (at + f[2] > 4096)
		touch(next_page(page), write)
	instructions += $1 == "I"
}
function next_page(page,   i, d) {
	for (i = length(page); i > 0; i--) {
		d = index("0123456789abcdef", substr(page, i, 1))
		if (d < 16)
			return substr(page, 1, i - 1) substr("0123456789abcdef", d + 1, 1) substr("0000000000000000", 1, length(page) - i)
	}
	return 1 substr("0000000000000000", 1, length(page))
}
END { printf "%.0f,%.0f,%d,%d\n", refs, instructions, pages, written }
END
mkdir bin
cat >bin/valgrind <<END
#!/bin/sh
words=\$#
while [ \$words -gt 0 ]; do
	word=\$1
	shift
	case \$word in --log-fd=*) log=\${word#*=} word=--log-fd=9 ;; esac
	set -- "\$@" "\$word"
	words=\$((words - 1))
done
{ "$(command -v valgrind)" "\$@" 9>&1 >&8 | tee "/dev/fd/\$log" | awk -f "$folder/count.awk" >"$folder/count"; } 8>&1
END
chmod +x bin/valgrind

transactions() {
	awk 'BEGIN {
		srand(3)
		print "CREATE TABLE sale(id INTEGER PRIMARY KEY, who INT, cents INT, text TEXT); CREATE INDEX by_who ON sale(who);"
		for (i = 1; i <= 60; i++)
			printf "BEGIN; INSERT INTO sale VALUES(NULL,%d,%d,\"%0*d\"); UPDATE sale SET cents = cents + 1 " \
				"WHERE who = %d; COMMIT;\n", rand() * 20, rand() * 1e6, 60 + rand() * 120, i, rand() * 20
	}'
}

program() {
	cat <<'END'
/* Heapsort of words, without a header, so that the compiler reads this alone. */
typedef const char *word;

static int before(word a, word b)
{
	while (*a && *a == *b)
		a++, b++;
	return (unsigned char)*a < (unsigned char)*b;
}

static void sift(word *heap, unsigned long at, unsigned long count)
{
	for (unsigned long child; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count && before(heap[child], heap[child + 1]))
			child++;
		if (!before(heap[at], heap[child]))
			return;
		word other = heap[at];
		heap[at] = heap[child];
		heap[child] = other;
	}
}

void sort_words(word *words, unsigned long count)
{
	for (unsigned long i = count / 2; i-- > 0;)
		sift(words, i, count);
	for (unsigned long left = count; left > 1;) {
		word last = words[--left];
		words[left] = words[0];
		words[0] = last;
		sift(words, 0, left);
	}
}
END
}

record() {
	name=$1 filter=$2
	shift 2
	PATH=$folder/bin:$PATH "$quern" record refs --filter "$filter" --force -o "$out/$name.ref" -- "$@"
}

for job; do
	case $job in
	sort)
		cat /usr/share/common-licenses/GPL-3 /usr/share/common-licenses/Apache-2.0 \
			/usr/share/common-licenses/MPL-2.0 /usr/share/common-licenses/GFDL-1.3 >licenses
		record sort 64 sort licenses -o sorted
		;;
	sqlite)
		transactions >transactions
		record sqlite 64 sqlite3 sale.db <transactions
		;;
	cc1)
		program >words.c
		record cc1 256 "$(gcc -print-prog-name=cc1)" -quiet -O0 words.c -o words.s
		;;
	*)
		echo "record-refs.sh: there is no job $job" >&2
		exit 2
		;;
	esac
	echo "$job.ref,refs,$(cat count)"
done
