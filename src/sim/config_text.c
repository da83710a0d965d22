/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text files of the configuration: reading them whole, saying where in them something is
 * wrong, and finding one from another.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/config_internal.h"
#include "sim/utf8.h"

static int error_at(const struct opt_where *where, struct err *e, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));

static int error_at(const struct opt_where *where, struct err *e, const char *fmt, va_list ap)
{
	char sentence[sizeof(e->msg)];

	vsnprintf(sentence, sizeof(sentence), fmt, ap);
	if (where == NULL || where->file == NULL)
		return err_set(e, ERR_CONFIG, "%s", sentence);
	if (where->line == 0)
		return err_set(e, ERR_CONFIG, "%s: %s", where->file, sentence);
	return err_set(e, ERR_CONFIG, "%s:%d:%d: %s", where->file, where->line, where->column,
		sentence);
}

int config_error_at(const struct opt_where *where, struct err *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	error_at(where, e, fmt, ap);
	va_end(ap);
	return -1;
}

int config_error(const struct cfg_node *node, struct err *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	error_at(node != NULL ? &node->where : NULL, e, fmt, ap);
	va_end(ap);
	return -1;
}

int config_no_memory(struct err *e)
{
	return err_set(e, ERR_LIMIT, "out of memory while reading the configuration");
}

/* Line and column (1-based, in characters) of a byte of a text. */
static void place_of(const char *data, size_t at, struct opt_where *where)
{
	where->line = 1;
	where->column = 1;
	for (size_t i = 0; i < at; i++) {
		if (data[i] == '\n') {
			where->line++;
			where->column = 1;
		} else if ((data[i] & 0xc0) != 0x80) {
			where->column++;
		}
	}
}

static int check_text(const char *path, const struct config_text *t, struct err *e)
{
	struct opt_where where = { path, 0, 0 };
	uint32_t code;
	size_t length;

	for (size_t i = 0; i < t->bytes; i += length) {
		length = utf8_decode(t->data + i, t->bytes - i, &code);
		if (length > 0 && code != 0)
			continue;
		place_of(t->data, i, &where);
		if (length > 0)
			return config_error_at(&where, e, "a NUL byte: this is not a text file "
				"(or one in UTF-16; want UTF-8)");
		return config_error_at(&where, e, "byte 0x%02x is not valid UTF-8",
			(unsigned)(unsigned char)t->data[i]);
	}
	return 0;
}

static int cannot_read(const char *path, const struct opt_where *named_at, const char *why,
	struct err *e)
{
	if (named_at != NULL && named_at->file != NULL)
		return config_error_at(named_at, e, "cannot read \"%.200s\": %s", path, why);
	return err_set(e, ERR_IO, "cannot read \"%.200s\": %s", path, why);
}

static int read_stream(FILE *in, const char *path, const struct opt_where *named_at,
	struct config_text *out, struct err *e)
{
	size_t room = 0;

	for (;;) {
		if (out->bytes == room) {
			room = room == 0 ? 1 << 16 : room * 2;
			char *more = realloc(out->data, room);
			if (more == NULL)
				return config_no_memory(e);
			out->data = more;
		}
		size_t got = fread(out->data + out->bytes, 1, room - out->bytes, in);
		out->bytes += got;
		if (out->bytes > CONFIG_FILE_MAX)
			return cannot_read(path, named_at,
				"it is larger than 64 MiB, which is no configuration", e);
		if (got == 0)
			break;
	}
	if (ferror(in))
		return cannot_read(path, named_at, strerror(errno), e);
	return 0;
}

int config_read_text(const char *path, const struct opt_where *named_at,
	struct config_text *out, struct err *e)
{
	const bool is_stdin = strcmp(path, CONFIG_STDIN) == 0;
	FILE *in = is_stdin ? stdin : fopen(path, "rb");
	struct stat st;
	int result;

	*out = (struct config_text){ .data = NULL };
	if (in == NULL)
		return cannot_read(path, named_at, strerror(errno), e);
	if (fstat(fileno(in), &st) == 0) {
		out->device = st.st_dev;
		out->inode = st.st_ino;
	}
	result = read_stream(in, path, named_at, out, e);
	if (!is_stdin)
		fclose(in);
	if (result == 0 && out->bytes >= 3 && memcmp(out->data, "\xef\xbb\xbf", 3) == 0) {
		out->bytes -= 3;
		memmove(out->data, out->data + 3, out->bytes);
	}
	if (result == 0)
		result = check_text(path, out, e);
	if (result != 0)
		config_free_text(out);
	return result;
}

void config_free_text(struct config_text *t)
{
	free(t->data);
	*t = (struct config_text){ .data = NULL };
}

char *config_path_beside(struct arena *a, const struct opt_where *named_at, const char *name)
{
	const char *slash = NULL;

	/* On the command line (line 0) and from standard input a path is as the shell has it. */
	if (name[0] != '/' && name[0] != '\0' && named_at->file != NULL && named_at->line != 0 &&
	    strcmp(named_at->file, CONFIG_STDIN) != 0)
		slash = strrchr(named_at->file, '/');
	if (slash == NULL)
		return arena_strdup(a, name);

	const size_t folder = (size_t)(slash + 1 - named_at->file), rest = strlen(name) + 1;
	char *path = arena_alloc(a, folder + rest);
	if (path != NULL) {
		memcpy(path, named_at->file, folder);
		memcpy(path + folder, name, rest);
	}
	return path;
}
