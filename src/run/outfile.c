/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file that is whole or not there. */
#include "run/outfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_BYTES ((size_t)1 << 18)

struct outfile {
	FILE *out;        /* owned unless stdout; NULL once closed */
	const char *what; /* borrowed */
	char *name;       /* owned; as the user typed it */
	char *partial;    /* owned; NULL where the name is written directly */
	bool finished;
};

static int prepare(struct outfile *f, bool force, struct err *e)
{
	struct stat st;
	bool there = stat(f->name, &st) == 0;
	if (there && !S_ISREG(st.st_mode))
		return 0;
	if (there && !force)
		return err_set(e, ERR_IO, "%s exists and is kept (--force replaces it)", f->name);
	if (asprintf(&f->partial, "%s.partial-%ld", f->name, (long)getpid()) < 0) {
		f->partial = NULL;
		return err_set(e, ERR_LIMIT, "no memory for the %s", f->what);
	}
	return 0;
}

struct outfile *outfile_open(const char *name, const char *what, bool force, struct err *e)
{
	struct outfile *f = calloc(1, sizeof(*f));
	if (!f || !(f->name = strdup(name))) {
		err_set(e, ERR_LIMIT, "no memory for the %s", what);
		free(f);
		return NULL;
	}
	f->what = what;
	if (!strcmp(name, "-")) {
		f->out = stdout;
	} else if (prepare(f, force, e) == 0) {
		f->out = fopen(outfile_name(f), "we");
		if (!f->out)
			err_set(e, ERR_IO, "cannot write the %s %s: %s", what, name, strerror(errno));
	}
	if (!f->out) {
		free(f->partial); /* nothing was made: nothing to remove */
		f->partial = NULL;
		outfile_free(f);
		return NULL;
	}
	if (f->out != stdout)
		setvbuf(f->out, NULL, _IOFBF, BUFFER_BYTES);
	return f;
}

void outfile_free(struct outfile *f)
{
	if (!f)
		return;
	if (f->out && f->out != stdout)
		fclose(f->out);
	if (f->partial && !f->finished)
		unlink(f->partial);
	free(f->partial);
	free(f->name);
	free(f);
}

FILE *outfile_stream(struct outfile *f) { return f->out; }

const char *outfile_name(const struct outfile *f) { return f->partial ? f->partial : f->name; }

int outfile_finish(struct outfile *f, bool whole, struct err *e)
{
	errno = 0;
	bool bad = ferror(f->out);
	bad |= fflush(f->out) != 0;
	int why = errno;
	if (f->out != stdout && fclose(f->out) != 0 && !bad) {
		bad = true;
		why = errno;
	}
	f->out = NULL;
	if (bad)
		return err_set(e, ERR_IO, "cannot write the %s %s: %s", f->what, strcmp(f->name, "-") ? f->name : "to standard output",
			why ? strerror(why) : "some of it was lost (is the disk full?)");
	f->finished = true;
	if (!whole || !f->partial)
		return 0;
	if (rename(f->partial, f->name) < 0)
		return err_set(e, ERR_IO, "cannot rename %s to %s: %s", f->partial, f->name, strerror(errno));
	free(f->partial);
	f->partial = NULL;
	return 0;
}
