/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A copy of standard input. */
#include "cli/spool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int copy(FILE *in, FILE *out)
{
	char block[1 << 14];
	size_t n;
	while ((n = fread(block, 1, sizeof(block), in)) > 0)
		if (fwrite(block, 1, n, out) != n)
			return -1;
	return ferror(in) ? -1 : 0;
}

int cli_spool(char *path, struct err *e)
{
	static const char ending[] = ".db";
	const char *tmp = getenv("TMPDIR");
	if (snprintf(path, PATH_MAX, "%s/quern-XXXXXX%s", tmp && *tmp == '/' ? tmp : "/tmp", ending) >= PATH_MAX) {
		*path = '\0';
		return err_set(e, ERR_IO, "%s: the name is too long", tmp);
	}
	int fd = mkstemps(path, (int)strlen(ending));
	FILE *out = fd < 0 ? NULL : fdopen(fd, "wb");
	if (!out) {
		err_set(e, ERR_IO, "cannot make a temporary file: %s", strerror(errno));
		*path = '\0';
		return -1;
	}
	int bad = copy(stdin, out);
	if (fclose(out) != 0 || bad) {
		err_set(e, ERR_IO, "cannot copy standard input into %s: %s", path, strerror(errno));
		unlink(path);
		*path = '\0';
		return -1;
	}
	return 0;
}
