#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The manual's parts that the program itself knows, as troff: what each command says of itself
# with --help, or the tables of `quern list`.
# Usage: commands.sh QUERN commands|tables
set -eu
quern=$1

# troff takes a leading dot or quote for a request, a backslash for an escape, a dash for a hyphen
escape='s/\\/\\e/g; s/-/\\-/g; s/^[.'"'"']/\\\&&/'

# Every command; behind one with commands of its own, these.
names() {
	list='/^To begin/ { exit } /^  [a-z]/ { print $1 }'
	"$quern" --help | awk "$list" | while read -r name; do
		echo "$name"
		[ "$name" != sweep ] || "$quern" sweep --help | awk "$list" | sed 's/^/sweep /'
	done
}

case $2 in
commands)
	names | while read -r name; do
		printf '.SS "quern %s"\n' "$name"
		# a fixed width, whatever the terminal; two words of `sweep run`
		# shellcheck disable=SC2086
		ARGP_HELP_FMT=rmargin=79 "$quern" $name --help | sed "$escape" | awk '
		function plain(text) { print (text ~ /^[.\047]/ ? "\\&" : "") text } # a line broken before a dot
		/^Usage: / {
			sub(/^Usage: /, "")
			print ".B " $0 "\n.PP"
			next
		}
		/^Mandatory or optional arguments/ || /^To begin/ { exit }
		/^  [a-z]+  +[a-z]/ { # a command of a command
			print ".TP\n.B " $1
			sub(/^  [a-z]+  +/, "")
			plain($0)
			next
		}
		/^ +(\\-., )? *\\-\\-(help|usage|version)  / { skip = 1; next }
		/^ +(\\-[^ ]+, )? *\\-\\-/ {
			skip = 0
			sub(/^ +/, "")
			text = $0
			sub(/  .*/, "")
			print ".TP\n.B " $0
			if (sub(/^.*[^ ]  +/, "", text))
				plain(text)
			next
		}
		skip || /^$/ { next }
		{
			sub(/^ +/, "")
			plain($0)
		}'
	done
	;;
tables)
	"$quern" list | awk '{ print $1 }' | while read -r kind; do
		printf '.TP\n.B %s\n' "$kind"
		"$quern" list "$kind" | awk '/^[^ ]/ { printf "%s%s", n++ ? ", " : "", $1 } END { print "." }' |
			sed "$escape"
	done
	;;
esac
