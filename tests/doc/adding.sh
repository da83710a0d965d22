#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# doc/ADDING.md shows a whole scheduler and its list line: both are taken from the page as they
# stand, compiled with the table, and asked to choose.
set -eu
: "${top_srcdir:?}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/disk"
cp "$top_srcdir"/src/disk/sched.h "$top_srcdir"/src/disk/sched.c "$top_srcdir"/src/disk/sched_*.c \
	"$top_srcdir"/src/disk/sched_list.h "$work/disk"

# the C block: indented lines from the licence line to the closing brace in the first column
awk '/^    \/\* SPDX/ { on = 1 } on { sub(/^    /, ""); print } on && /^}/ { exit }' \
	"$top_srcdir/doc/ADDING.md" >"$work/disk/sched_sstf.c"
sed -n 's/.*`\(SCHED(sstf,.*)\)`.*/\1/p' "$top_srcdir/doc/ADDING.md" >"$work/line"
[ -s "$work/disk/sched_sstf.c" ] && [ -s "$work/line" ] || {
	echo "doc/ADDING.md no longer holds the scheduler this test looks for"
	exit 1
}
cat "$work/line" >>"$work/disk/sched_list.h"
cat >"$work/main.c" <<'END'
#include <stdio.h>
#include <string.h>
#include "disk/sched.h"
int main(void)
{
	/* Denning's rule on cylinders 98 183 37 122 14 124 65 67 with the arm at 53: 65 is nearest */
	static const uint32_t cylinders[] = {98, 183, 37, 122, 14, 124, 65, 67};
	struct disk_candidate c[8] = {0};
	struct mech m = {.cylinder = 53};
	struct disk_view v = {.mech = &m};
	for (uint32_t i = 0; i < 8; i++) {
		c[i].cylinder = cylinders[i];
		c[i].sequence = i;
	}
	for (size_t i = 0; disk_scheds[i]; i++)
		if (strcmp(disk_scheds[i]->name, "sstf") == 0)
			return c[disk_scheds[i]->pick(&v, c, 8)].cylinder == 65 ? 0 : 1;
	return 2;
}
END
${CC:-cc} -std=c11 -D_GNU_SOURCE -Wall -Wextra -Wmissing-prototypes -Werror -I"$work" -I"$top_srcdir/src" \
	-o "$work/main" "$work/main.c" "$work"/disk/*.c
"$work/main" || {
	echo "the scheduler of doc/ADDING.md compiles but does not choose the nearest cylinder"
	exit 1
}
