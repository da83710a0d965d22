# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by the tests of the command line. Makes a scratch folder, goes there, and counts.
# The program is $QUERN, by default the one in the build folder.
set -u
top_srcdir=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
quern=${QUERN:-${top_builddir:-.}/quern}
case $quern in /*) ;; *) quern=$(pwd)/$quern ;; esac
[ -x "$quern" ] || {
	echo "there is no program $quern"
	exit 99
}
QUERN_DEVICES=$top_srcdir/devices
export QUERN_DEVICES
LC_ALL=C
export LC_ALL
scratch=$(mktemp -d "${TMPDIR:-/tmp}/quern-cli.XXXXXX") || exit 99
trap 'chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT
cd "$scratch" || exit 99
passed=0
failed=0
skipped=0

pass() {
	passed=$((passed + 1))
}

fail() {
	failed=$((failed + 1))
	printf 'FAILED: %s\n' "$*"
}

skip() {
	skipped=$((skipped + 1))
	printf 'SKIP: %s\n' "$*"
}

# holds NAME COMMAND...: the command succeeds
holds() {
	label=$1
	shift
	if "$@"; then pass; else fail "$label: $*"; fi
}

# As tests/effort.h: builds in which everything is slow take a share, in percent, of the steps.
percent=${QUERN_TEST_EFFORT:-100}

# effort STEPS: their share, at least 1
effort() {
	share=$(($1 * percent / 100))
	[ "$share" -gt 0 ] || share=1
	echo "$share"
}

# whole NAME COMMAND...: holds, where runs are as long as what is claimed of them takes
whole() {
	[ "$percent" -lt 100 ] || holds "$@"
}

# good NAME ARGUMENT...: quern exits 0; its output is in ./out and ./err
good() {
	label=$1
	shift
	"$quern" "$@" >out 2>err
	code=$?
	if [ $code -eq 0 ]; then
		pass
	else
		fail "$label: exit $code: $(cat err)"
	fi
}

# refused NAME CODE PATTERN ARGUMENT...: quern exits with CODE, says one line on stderr that
# begins with "quern: " and matches PATTERN (grep -E), and leaves no run directory behind
refused() {
	label=$1
	want=$2
	pattern=$3
	shift 3
	"$quern" "$@" >out 2>err
	code=$?
	if [ $code -ne "$want" ]; then
		fail "$label: wanted exit $want, got $code: $(head -n 3 err)"
	elif [ "$(wc -l <err)" -ne 1 ] || ! grep -q '^quern: ' err; then
		fail "$label: wanted one line: $(head -n 5 err)"
	elif ! grep -Eq -- "$pattern" err; then
		fail "$label: wanted /$pattern/, got: $(cat err)"
	elif ls -d ./*partial* quern-run-* >/dev/null 2>&1; then
		fail "$label: something is left behind: $(echo ./*partial* quern-run-*)"
		rm -rf ./*partial* quern-run-*
	else
		pass
	fi
}

finish() {
	printf '%d passed, %d failed, %d skipped\n' $passed $failed $skipped
	[ $failed -eq 0 ]
	exit
}
