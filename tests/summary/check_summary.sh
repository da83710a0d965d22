#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# summary.sh must count each kind of log, above all the ones that failed in an odd way.
set -u
summary=${top_srcdir:-.}/tests/summary/summary.sh
scratch=$(mktemp -d "${TMPDIR:-/tmp}/quern-summary.XXXXXX") || exit 99
trap 'rm -rf "$scratch"' EXIT
failed=0

# counts WANTED EXIT_CODE: the last line and the exit code of summary.sh over the scratch folder
counts() {
	out=$(sh "$summary" "$scratch")
	code=$?
	got=$(printf '%s\n' "$out" | tail -n 1)
	if [ "$got" != "$1" ] || [ $code -ne "$2" ]; then
		printf 'wanted "%s" (exit %s), got "%s" (exit %s)\n' "$1" "$2" "$got" $code
		failed=1
	fi
}

# log NAME RESULT TEXT: what the test harness leaves of one test
log() {
	printf ':test-result: %s\n' "$2" >"$scratch/$1.trs"
	printf "$3" >"$scratch/$1.log"
}

counts '0 passed, 0 failed, 0 skipped' 1
log all_good PASS 'Running suite(s): x\n100%%: Checks: 5, Failures: 0, Errors: 0\n'
counts '5 passed, 0 failed, 0 skipped' 0
log two_without_data PASS 'SKIP: no data\nSKIP: no data\n100%%: Checks: 3, Failures: 0, Errors: 0\n'
counts '6 passed, 0 failed, 2 skipped' 0
log script_good PASS ''
log script_skipped SKIP 'SKIP: no man\n'
log script_that_counts PASS 'SKIP: no x\n7 passed, 0 failed, 1 skipped\n'
counts '14 passed, 0 failed, 4 skipped' 0
log one_bad FAIL '66%%: Checks: 3, Failures: 1, Errors: 0\nfile.c:1: no\n'
counts '16 passed, 1 failed, 4 skipped' 1
log crashed_at_once ERROR 'Segmentation fault\n'
counts '16 passed, 2 failed, 4 skipped' 1
log leaked_at_the_end FAIL '100%%: Checks: 2, Failures: 0, Errors: 0\nleak\n'
counts '18 passed, 3 failed, 4 skipped' 1
printf '' >"$scratch/empty.trs"
counts '18 passed, 4 failed, 4 skipped' 1
exit $failed
