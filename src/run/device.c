/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of device kinds and the folders of the device catalogue. */
#include "run/device.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "blk/fixed.h"
#include "disk/disk.h"
#include "ftl/ssd.h"
#include "run/device_list.h"

#define X(ops) &ops,
const struct blk_dev_ops *const device_kinds[] = {DEVICE_LIST(X) NULL};
#undef X

const struct blk_dev_ops *device_find(const char *name)
{
	for (size_t i = 0; device_kinds[i]; i++)
		if (!strcmp(device_kinds[i]->name, name))
			return device_kinds[i];
	return NULL;
}

const char *const *device_names(const struct blk_dev_ops *const *kinds, struct arena *a)
{
	size_t n = 0;
	while (kinds[n])
		n++;
	const char **names = arena_array(a, n + 1, sizeof(*names));
	for (size_t i = 0; names && i < n; i++)
		names[i] = kinds[i]->name;
	return names;
}

static bool is_folder(const char *path)
{
	struct stat st;
	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

const char *const *device_dirs(struct arena *a)
{
	const char *env = getenv("QUERN_DEVICES");
	char *list = arena_strdup(a, env ? env : "");
	if (!list)
		return NULL;
	size_t most = 4;
	for (const char *p = list; *p; p++)
		most += *p == ':';
	const char **dirs = arena_array(a, most, sizeof(*dirs));
	if (!dirs)
		return NULL;
	size_t n = 0;
	char *rest = list;
	for (char *dir = strsep(&rest, ":"); dir; dir = strsep(&rest, ":"))
		if (*dir && is_folder(dir))
			dirs[n++] = dir;
	if (is_folder(QUERN_DATADIR "/devices"))
		dirs[n++] = QUERN_DATADIR "/devices";
	if (is_folder(QUERN_SRCDIR "/devices"))
		dirs[n++] = QUERN_SRCDIR "/devices";
	return dirs;
}

struct name_list {
	const char **name;
	size_t count;
	size_t capacity;
};

/* Add the name of a catalogue file, in order; a double is left out. -1: no memory. */
static int name_list_add(struct name_list *l, struct arena *a, const char *file)
{
	size_t len = strlen(file);
	if (file[0] == '.' || len <= 5 || strcmp(file + len - 5, ".yaml") != 0)
		return 0;
	char *name = arena_strdup(a, file);
	if (!name)
		return -1;
	name[len - 5] = '\0';
	size_t at = l->count;
	while (at > 0 && strcmp(l->name[at - 1], name) > 0)
		at--;
	if (at > 0 && !strcmp(l->name[at - 1], name))
		return 0;
	if (l->count + 1 >= l->capacity) {
		size_t capacity = l->capacity ? 2 * l->capacity : 16;
		const char **grown = arena_array(a, capacity, sizeof(*grown));
		if (!grown)
			return -1;
		for (size_t i = 0; i < l->count; i++)
			grown[i] = l->name[i];
		l->name = grown;
		l->capacity = capacity;
	}
	memmove(&l->name[at + 1], &l->name[at], (l->count - at) * sizeof(*l->name));
	l->name[at] = name;
	l->name[++l->count] = NULL;
	return 0;
}

const char *const *device_catalogue(struct arena *a)
{
	const char *const *dirs = device_dirs(a);
	struct name_list list = {arena_array(a, 1, sizeof(char *)), 0, 0};
	if (!dirs || !list.name)
		return NULL;
	for (size_t i = 0; dirs[i]; i++) {
		DIR *d = opendir(dirs[i]);
		if (!d)
			continue;
		int bad = 0;
		for (struct dirent *entry = readdir(d); entry && !bad; entry = readdir(d))
			bad = name_list_add(&list, a, entry->d_name);
		closedir(d);
		if (bad)
			return NULL;
	}
	return list.name;
}
