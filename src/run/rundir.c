/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The run directory: written beside its place, renamed when whole. */
#include "run/rundir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NUMBERED "quern-run-%03u"
#define NUMBERED_MAX 100000u
#define PARTIAL_MAX 100
/* what makes a folder a run directory: a run's file, or a probe's */
#define MARK "summary.json"
#define PROBE_MARK "probe.json"

struct rundir {
	char *name;    /* owned; final */
	char *partial; /* owned; NULL once committed */
	bool numbered;
	bool force;
};

static int no_memory(struct err *e)
{
	return err_set(e, ERR_LIMIT, "no memory for the names of the run directory");
}

static bool exists(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void remove_tree(const char *path)
{
	nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- names ------------------------------------------------------------------------------ */

static bool has_file(const char *name, const char *file)
{
	char *path;
	if (asprintf(&path, "%s/%s", name, file) < 0)
		return false;
	bool is = exists(path);
	free(path);
	return is;
}

static bool is_run_directory(const char *name)
{
	return has_file(name, MARK) || has_file(name, PROBE_MARK);
}

/* rename() may take the place of an empty folder. */
static bool is_empty_folder(const char *name)
{
	DIR *d = opendir(name);
	if (!d)
		return false;
	bool empty = true;
	for (struct dirent *entry = readdir(d); entry && empty; entry = readdir(d))
		empty = !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..");
	closedir(d);
	return empty;
}

static int check_free(const char *name, bool force, struct err *e)
{
	if (!exists(name) || is_empty_folder(name))
		return 0;
	if (!force)
		return err_set(e, ERR_IO, "%s exists and is kept (--force replaces it, -o names another)",
			name);
	if (!is_run_directory(name))
		return err_set(e, ERR_IO, "%s exists and is not a run directory (it has no " MARK "), so "
			"--force does not replace it", name);
	return 0;
}

static int pick_number(struct rundir *d, struct err *e)
{
	for (unsigned n = 1; n < NUMBERED_MAX; n++) {
		free(d->name);
		if (asprintf(&d->name, NUMBERED, n) < 0) {
			d->name = NULL;
			return no_memory(e);
		}
		if (!exists(d->name))
			return 0;
	}
	return err_set(e, ERR_IO, "there are %u run directories here already: name one with -o",
		NUMBERED_MAX - 1);
}

static int take_name(struct rundir *d, const char *name, struct err *e)
{
	d->numbered = !name;
	if (!name)
		return pick_number(d, e);
	size_t len = strlen(name);
	while (len > 1 && name[len - 1] == '/')
		len--;
	if (!len)
		return err_set(e, ERR_USAGE, "the name of the run directory is empty");
	d->name = strndup(name, len);
	if (!d->name)
		return no_memory(e);
	return check_free(d->name, d->force, e);
}

/* NAME.partial-PID, or with a number behind it where an earlier one was left lying. */
static int make_partial(struct rundir *d, struct err *e)
{
	for (int n = 0; n < PARTIAL_MAX; n++) {
		char suffix[16] = "";
		if (n > 0)
			snprintf(suffix, sizeof(suffix), "-%d", n);
		if (asprintf(&d->partial, "%s.partial-%ld%s", d->name, (long)getpid(), suffix) < 0) {
			d->partial = NULL;
			return no_memory(e);
		}
		if (mkdir(d->partial, 0777) == 0)
			return 0;
		bool again = errno == EEXIST && n + 1 < PARTIAL_MAX;
		if (!again)
			err_set(e, ERR_IO, "cannot make the run directory %s: %s", d->partial, strerror(errno));
		free(d->partial);
		d->partial = NULL;
		if (!again)
			break;
	}
	return -1;
}

struct rundir *rundir_open(const char *name, bool force, struct err *e)
{
	struct rundir *d = calloc(1, sizeof(*d));
	if (!d) {
		no_memory(e);
		return NULL;
	}
	d->force = force;
	if (take_name(d, name, e) < 0) {
		rundir_free(d);
		return NULL;
	}
	if (make_partial(d, e) < 0) {
		rundir_free(d);
		return NULL;
	}
	return d;
}

void rundir_free(struct rundir *d)
{
	if (!d)
		return;
	if (d->partial)
		remove_tree(d->partial);
	free(d->partial);
	free(d->name);
	free(d);
}

const char *rundir_name(const struct rundir *d)
{
	return d->name;
}

/* ---- files ------------------------------------------------------------------------------- */

static int make_folder_of(const char *full, const char *root, struct err *e)
{
	const char *slash = strrchr(full, '/');
	size_t len = (size_t)(slash - full);
	if (len == strlen(root))
		return 0;
	char *folder = strndup(full, len);
	if (!folder)
		return no_memory(e);
	int bad = mkdir(folder, 0777) < 0 && errno != EEXIST;
	if (bad)
		err_set(e, ERR_IO, "cannot make %s: %s", folder, strerror(errno));
	free(folder);
	return bad ? -1 : 0;
}

FILE *rundir_create(struct rundir *d, const char *path, struct err *e)
{
	char *full;
	if (asprintf(&full, "%s/%s", d->partial, path) < 0) {
		no_memory(e);
		return NULL;
	}
	FILE *f = NULL;
	if (make_folder_of(full, d->partial, e) == 0) {
		f = fopen(full, "wxe");
		if (!f)
			err_set(e, ERR_IO, "cannot write %s/%s: %s", d->name, path, strerror(errno));
	}
	free(full);
	return f;
}

int rundir_close(struct rundir *d, FILE *f, const char *path, struct err *e)
{
	errno = 0;
	int bad = ferror(f);
	bad |= fflush(f);
	if (!bad)
		bad = fsync(fileno(f));
	int why = errno;
	if (fclose(f) != 0 && !bad) {
		bad = 1;
		why = errno;
	}
	if (!bad)
		return 0;
	/* an earlier write failed: its reason is gone, and there is one usual reason */
	return err_set(e, ERR_IO, "cannot write %s/%s: %s", d->name, path,
		why ? strerror(why) : "some of it was lost (is the disk full?)");
}

/* ---- the last step ------------------------------------------------------------------------- */

static int commit_failed(const struct rundir *d, struct err *e)
{
	if (errno == EEXIST || errno == ENOTEMPTY)
		return err_set(e, ERR_IO, "%s was made by someone else during the run and is kept", d->name);
	return err_set(e, ERR_IO, "cannot rename %s to %s: %s", d->partial, d->name, strerror(errno));
}

static void sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

/* Swap the finished folder with the old one; where the file system cannot, step aside. */
static int replace_old(struct rundir *d, struct err *e)
{
	if (renameat2(AT_FDCWD, d->partial, AT_FDCWD, d->name, RENAME_EXCHANGE) == 0) {
		remove_tree(d->partial);
		return 0;
	}
	char *old;
	if (asprintf(&old, "%s.old-%ld", d->name, (long)getpid()) < 0)
		return no_memory(e);
	int bad = rename(d->name, old);
	if (!bad) {
		bad = rename(d->partial, d->name);
		if (bad && rename(old, d->name) < 0)
			err_set(e, ERR_IO, "cannot rename %s, and the old one is now %s", d->partial, old);
	}
	if (bad)
		commit_failed(d, e);
	else
		remove_tree(old);
	free(old);
	return bad;
}

/* rename() takes the place of nothing, or of an empty folder. */
static int take_place(struct rundir *d, struct err *e)
{
	if (rename(d->partial, d->name) == 0)
		return 0;
	while (d->numbered && (errno == ENOTEMPTY || errno == EEXIST)) {
		if (pick_number(d, e) < 0)
			return -1;
		if (rename(d->partial, d->name) == 0)
			return 0;
	}
	return commit_failed(d, e);
}

int rundir_commit(struct rundir *d, struct err *e)
{
	sync_folder(d->partial);
	int bad = d->force && is_run_directory(d->name) ? replace_old(d, e) : take_place(d, e);
	if (bad)
		return -1;
	free(d->partial);
	d->partial = NULL;
	return 0;
}
