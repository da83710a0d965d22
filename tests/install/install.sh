#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Tries an installed tree as its users would: `make installcheck` runs it, and so does distcheck.
# Takes the folders from the environment as the Makefile has them, below DESTDIR if that is set.
set -u
status=0
root=${DESTDIR-}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/quern-install.XXXXXX") || exit 99
trap 'rm -rf "$scratch"' EXIT

good() { printf 'good: %s\n' "$*"; }
bad() {
	printf 'BAD:  %s\n' "$*"
	status=1
}
skip() { printf 'SKIP: %s\n' "$*"; }
# try WHAT COMMAND...
try() {
	what=$1
	shift
	if "$@" >"$scratch/out" 2>&1; then
		good "$what"
	else
		bad "$what"
		cat "$scratch/out"
	fi
}

# Only the installed tree may answer.
PKG_CONFIG_PATH=$root$libdir/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root
LD_LIBRARY_PATH=$root$libdir${LD_LIBRARY_PATH+:$LD_LIBRARY_PATH}
QUERN_DEVICES=$root$pkgdatadir/devices QUERN_PLOTS=$root$pkgdatadir/plots
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR LD_LIBRARY_PATH QUERN_DEVICES QUERN_PLOTS
quern=$root$bindir/quern

try "the program runs and says its version" sh -c "'$quern' --version | grep -F '$version'"
for file in "$srcdir"/devices/*.yaml; do
	name=$(basename "$file" .yaml)
	try "the device $name is installed" cmp "$file" "$QUERN_DEVICES/$name.yaml"
	try "the device $name is in the list" sh -c "'$quern' list devices | grep -q '^$name '"
done
for file in "$srcdir"/plots/*.gp; do
	try "the script $(basename "$file") is installed" cmp "$file" "$QUERN_PLOTS/$(basename "$file")"
done
for file in $(cd "$srcdir" && find examples -type f); do
	try "the example ${file#examples/} is installed" cmp "$srcdir/$file" "$root$pkgdatadir/$file"
done

# A user's program.
try "a C program builds with pkg-config --cflags --libs quern" sh -c "
	$CC -std=c11 -pedantic -Wall -Wextra -Werror $CFLAGS $MODEL_CFLAGS -o '$scratch/embed' \
	'$srcdir/examples/embed.c' \$(pkg-config --cflags --libs quern)"
try "it runs" "$scratch/embed"

# What the library shows the world: the functions of its header, nothing else.
case $MODEL_CFLAGS in
*--coverage*) skip "a build for coverage exports more" ;;
*)
	nm -D --defined-only "$root$libdir/libquern.so" | awk '{ print $3 }' | sort >"$scratch/exported"
	grep -v '^typedef' "$root$includedir/quern.h" | grep -oE '\bquern_[a-z_]+\(' | tr -d '(' |
		sort -u >"$scratch/mentioned"
	grep -E '^QUERN_API' "$root$includedir/quern.h" | grep -oE 'quern_[a-z_]+\(' | tr -d '(' |
		sort -u >"$scratch/declared"
	try "every function of quern.h is exported, and nothing else" \
		diff "$scratch/declared" "$scratch/exported"
	try "every function that quern.h speaks of is declared there" \
		sh -c "! comm -13 '$scratch/declared' '$scratch/mentioned' | grep ."
	;;
esac

# The manual: complete, and clean for troff.
page=$root$mandir/man1/quern.1
sed -e 's/\\f[BIRP]//g' -e 's/\\-/-/g' -e 's/^\.[A-Z]* //' -e 's/"//g' "$page" >"$scratch/manual"
try "the manual has every command" sh -c "
	'$quern' --help | awk '/^To begin/ { exit } /^  [a-z]/ { print \$1 }' | while read -r word; do
		grep -q \"quern \$word\" '$scratch/manual' || { echo \"\$word\"; exit 1; }
	done"
try "the manual has the keys of every section" sh -c "
	'$quern' options --man | grep '^\\.SS' | while read -r line; do
		grep -qxF \"\$line\" '$page' || { echo \"\$line\"; exit 1; }
	done"
awk '/^include:/ { on = 1 } /^\.RE/ { on = 0 } on' "$page" | sed 's/\\-/-/g' >"$scratch/example.yaml"
try "the configuration that the manual shows holds" "$quern" check "$scratch/example.yaml"
try "nothing in the manual waits to be filled in" sh -c "! grep -n '@[A-Z]*@' '$page'"
if command -v groff >/dev/null 2>&1; then
	try "troff has no complaint about the manual" sh -c "
		groff -man -ww -Tutf8 -z '$page' 2>&1 | { ! grep .; }"
else
	skip "groff is not here to set the manual"
fi

# Completion, as bash does it.
if command -v bash >/dev/null 2>&1; then
	complete() {
		try "bash completes '$1' with $2" bash --norc -c "
			PATH='$root$bindir':\$PATH
			. '$root$datadir/bash-completion/completions/quern' || exit
			COMP_WORDS=($1) COMP_CWORD=\$((\${#COMP_WORDS[@]} - 1)) COMPREPLY=()
			_quern quern \"\${COMP_WORDS[COMP_CWORD]}\" '' || exit
			printf '%s\n' \"\${COMPREPLY[@]}\"
			printf '%s\n' \"\${COMPREPLY[@]}\" | grep -qxF -e '$2'"
	}
	complete "quern re" "replay"
	complete "quern list dev" "devices"
	complete "quern options di" "disk"
	complete "quern replay --dev" "--device"
	complete "quern replay x --device quantum" "quantum-atlas-10k"
	complete "quern plot run1 -k lat" "latency"
	complete "quern trace in" "info"
	complete "quern sweep pl" "plan"
	complete "quern sweep emit sl" "slurm"
	complete "quern sweep run x.yaml --sh" "--shard"
	complete "quern trace info --limit 5 --ac" "--action"
else
	skip "bash is not here to complete words"
fi
exit $status
