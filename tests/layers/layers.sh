#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The rooms of src/ may include only what doc/ARCHITECTURE.md allows. Reads every #include "..."
# line of src/, and first proves on a small wrong tree that it can see a wrong one.
# Usage: layers.sh [SOURCE_FOLDER]
set -u

# room: what it may include besides itself
table='
sim:
blk: sim
flash: sim
disk: sim blk
ftl: sim blk flash
nvm: sim blk
volume: sim blk
trace: sim blk
host: sim blk trace
record: sim trace
run: sim blk flash disk ftl nvm volume trace host record
lib: sim blk flash disk ftl nvm volume trace host record run
cli: sim blk flash disk ftl nvm volume trace host record run lib
'

# check FOLDER: one sentence for each wrong include below FOLDER/src; its last line counts.
check() {
	(cd "$1" && find src -name '*.[ch]' | sort | xargs awk -v table="$table" '
	BEGIN {
		n = split(table, row, "\n")
		for (i = 1; i <= n; i++) {
			if (split(row[i], word, /:? +|:$/) < 1 || word[1] == "")
				continue
			room[word[1]] = 1
			may[word[1], word[1]] = 1
			for (k = 2; k in word; k++)
				if (word[k] != "")
					may[word[1], word[k]] = 1
			delete word
		}
	}
	function wrong(why) {
		printf "%s:%d: %s\n", FILENAME, FNR, why
		found++
	}
	FNR == 1 {
		files++
		split(FILENAME, part, "/")
		from = part[2]
		if (!(from in room))
			wrong("the folder src/" from " has no row in the table of layers")
		if ($0 !~ /SPDX-License-Identifier: GPL-3.0-or-later/)
			wrong("the first line does not name the licence (SPDX-License-Identifier)")
	}
	/^[ \t]*#[ \t]*include[ \t]*"/ {
		name = $0
		sub(/^[^"]*"/, "", name)
		sub(/".*/, "", name)
		if (name == "config.h")
			next
		to = name
		sub(/\/.*/, "", to)
		if (name !~ /^[a-z]+\/[a-z0-9_]+\.(h|inc)$/)
			wrong("write \"" name "\" as \"room/file.h\"")
		else if (!(to in room))
			wrong("there is no room named " to)
		else if (!((from, to) in may))
			wrong(from " may not include " name)
		includes++
	}
	END {
		printf "%d files, %d includes, %d wrong\n", files, includes, found
		exit found > 0
	}')
}

# A tree with one fault of each kind must be refused, each fault named.
scratch=$(mktemp -d "${TMPDIR:-/tmp}/quern-layers.XXXXXX") || exit 99
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/src/disk" "$scratch/src/sim" "$scratch/src/attic"
spdx='/* SPDX-License-Identifier: GPL-3.0-or-later */'
printf '%s\n#include "sim/sim.h"\n#include "ftl/gc.h"\n' "$spdx" >"$scratch/src/disk/a.c"
printf '%s\n#  include "blk/req.h"\n#include "sim.h"\n' "$spdx" >"$scratch/src/sim/b.h"
printf 'int x;\n' >"$scratch/src/sim/c.c"
printf '%s\n#include "nowhere/x.h"\n' "$spdx" >"$scratch/src/attic/d.c"
want='src/attic/d.c:1: the folder src/attic has no row in the table of layers
src/attic/d.c:2: there is no room named nowhere
src/disk/a.c:3: disk may not include ftl/gc.h
src/sim/b.h:2: sim may not include blk/req.h
src/sim/b.h:3: write "sim.h" as "room/file.h"
src/sim/c.c:1: the first line does not name the licence (SPDX-License-Identifier)
4 files, 5 includes, 6 wrong'
if got=$(check "$scratch") || [ "$got" != "$want" ]; then
	printf 'The check itself is broken. Of a wrong tree it says:\n%s\n' "$got"
	exit 1
fi

check "${1:-${top_srcdir:-.}}"
