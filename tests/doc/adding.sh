#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# doc/ADDING.md shows a whole scheduler and its list line: both are taken from the page as they
# stand, compiled with the table, and asked to choose.
set -eu
: "${top_srcdir:?}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/disk"
cp "$top_srcdir"/src/disk/sched.[ch] "$top_srcdir"/src/disk/sched_*.[ch] "$work/disk"

# the C block: indented lines from the licence line to the closing brace in the first column
awk '/^    \/\* SPDX/ { on = 1 } on { sub(/^    /, ""); print } on && /^}/ { exit }' \
	"$top_srcdir/doc/ADDING.md" >"$work/disk/sched_farthest.c"
sed -n 's/.*`\(SCHED(farthest,.*)\)`.*/\1/p' "$top_srcdir/doc/ADDING.md" >"$work/line"
[ -s "$work/disk/sched_farthest.c" ] && [ -s "$work/line" ] || {
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
	/* the textbook's queue with the arm at 53: 183 is farthest */
	static const uint32_t cylinders[] = {98, 183, 37, 122, 14, 124, 65, 67};
	struct disk_candidate c[8] = {0};
	struct disk_view v = {.cylinder = 53};
	for (uint32_t i = 0; i < 8; i++) {
		c[i].cylinder = cylinders[i];
		c[i].sequence = i;
	}
	for (size_t i = 0; disk_scheds[i]; i++)
		if (strcmp(disk_scheds[i]->name, "farthest") == 0)
			return c[disk_scheds[i]->pick(&v, c, 8)].cylinder == 183 ? 0 : 1;
	return 2;
}
END
${CC:-cc} -std=c11 -D_GNU_SOURCE -Wall -Wextra -Wmissing-prototypes -Werror -I"$work" -I"$top_srcdir/src" \
	-o "$work/main" "$work/main.c" "$work"/disk/*.c
"$work/main" || {
	echo "the scheduler of doc/ADDING.md compiles but does not choose the farthest cylinder"
	exit 1
}

# the same of the victim policy, as far as the compiler
mkdir "$work/ftl"
cp "$top_srcdir"/src/ftl/victim.[ch] "$top_srcdir"/src/ftl/victim_list.h "$work/ftl"
awk '/^    \/\* SPDX/ { n++ } n == 2 { sub(/^    /, ""); print } n == 2 && /^}/ { exit }' \
	"$top_srcdir/doc/ADDING.md" >"$work/ftl/victim_youngest.c"
sed -n 's/.*`\(VICTIM(youngest,.*)\)`.*/\1/p' "$top_srcdir/doc/ADDING.md" >"$work/line"
[ -s "$work/ftl/victim_youngest.c" ] && [ -s "$work/line" ] || {
	echo "doc/ADDING.md no longer holds the victim policy this test looks for"
	exit 1
}
cat "$work/line" >>"$work/ftl/victim_list.h"
for file in victim victim_youngest; do
	# shellcheck disable=SC2086
	${CC:-cc} -std=c11 -D_GNU_SOURCE -Wall -Wextra -Wmissing-prototypes -Werror ${GSL_CFLAGS:-} -I"$work" \
		-I"$top_srcdir/src" -c -o "$work/$file.o" "$work/ftl/$file.c"
done
nm "$work/victim_youngest.o" | grep -q 'T ftl_victim_youngest' || {
	echo "the victim policy of doc/ADDING.md compiles to something else"
	exit 1
}
