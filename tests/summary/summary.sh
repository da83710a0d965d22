#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Counts what `make check` left in build folders, and prints one line:
#     N passed, N failed, N skipped
# Each test inside a Check program counts by itself, a script as one (or as what it says itself,
# where its log ends with such a line). A line "SKIP: reason" is one test that did not run. Before
# that line it names whatever failed and gives each reason for skipping once.
# Exit code 1 where anything failed or nothing ran.
# Usage: summary.sh BUILD_FOLDER...
set -u
[ $# -gt 0 ] || {
	echo "usage: summary.sh BUILD_FOLDER..." >&2
	exit 2
}
find "$@" -name '*.trs' | sort | awk '
function finish() {
	failed_here = 0
	if (programs) {
		failed_here = bad
		if (!bad && result !~ /^(PASS|SKIP)$/)
			failed_here = 1
		if (!said)
			skips = skip_lines < checks - bad ? skip_lines : checks - bad
		passed += checks - bad - skips
		skipped += skips
	} else if (result == "PASS") {
		passed++
	} else if (result == "SKIP") {
		skipped++
	} else {
		failed_here = 1
	}
	if (failed_here)
		printf "failed: %s (%d)\n", name, failed_here
	failed += failed_here
}
{
	name = $0
	log_file = name
	sub(/\.trs$/, ".log", log_file)
	sub(/\.trs$/, "", name)
	result = "ERROR"
	while ((getline line < $0) > 0)
		if (line ~ /^:test-result:/) {
			split(line, word, " ")
			result = word[2]
		}
	close($0)
	programs = checks = bad = skips = said = skip_lines = 0
	while ((getline line < log_file) > 0) {
		if (line ~ /^[0-9]+%: Checks: [0-9]+, Failures: [0-9]+, Errors: [0-9]+$/) {
			split(line, word, /[ ,]+/)
			programs++
			checks += word[3]
			bad += word[5] + word[7]
		} else if (line ~ /^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/) {
			split(line, word, " ")
			programs++
			checks += word[1] + word[3] + word[5]
			bad += word[3]
			skips += word[5]
			said = 1
		} else if (line ~ /^SKIP: /) {
			skip_lines++
			if (!(line in told)) {
				told[line] = 1
				print line
			}
		}
	}
	close(log_file)
	finish()
}
END {
	printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
	exit failed > 0 || passed == 0
}'
