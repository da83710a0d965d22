/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Buffered input with decompression in front. */
#include "trace/input.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "trace/format.h"

#define BUFFER_BYTES (512 * 1024)
#define RAW_BYTES (128 * 1024) /* of compressed data at a time; the first decide what it is */
#define NO_ZERO UINT64_MAX

struct input {
	int fd;
	bool close_fd;
	bool eof;
	char *name;           /* owned */
	char *buffer;         /* owned, BUFFER_BYTES and TRACE_SLACK */
	char *p, *end;        /* what is buffered and not yet taken */
	uint64_t end_offset;  /* decompressed bytes up to `end` */
	uint64_t zero_offset; /* of the first zero byte met, or NO_ZERO */
	uint64_t count;       /* lines or records taken */
	uint64_t raw_read;    /* bytes read from fd */
	uint64_t raw_size;    /* of the file, 0 when unknown */
	/* compressed input only */
	struct archive *archive;
	char *raw;            /* owned, RAW_BYTES */
	size_t raw_pending;   /* bytes at raw that libarchive has not been given */
	bool raw_eof;         /* it was told that nothing follows */
	char compression[64];
};

static int fail_io(const struct input *in, const char *verb, int error, struct err *e)
{
	return err_set(e, ERR_IO, "%s: cannot %s: %s", in->name, verb, strerror(error));
}

/* Up to `bytes`; fewer only at the end of the file. -1 with errno. */
static ssize_t read_raw(struct input *in, char *to, size_t bytes, bool whole)
{
	size_t have = 0;

	do {
		ssize_t n = read(in->fd, to + have, bytes - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		have += (size_t)n;
		in->raw_read += (uint64_t)n;
	} while (whole && have < bytes);
	return (ssize_t)have;
}

/* ---- libarchive ---------------------------------------------------------------------- */

static struct archive *new_archive(void)
{
	struct archive *a = archive_read_new();

	if (a) {
		/* those that run inside this process; the rest would start programs by a file's say-so */
		archive_read_support_filter_gzip(a);
		archive_read_support_filter_bzip2(a);
		archive_read_support_filter_compress(a);
		archive_read_support_filter_lzma(a);
		archive_read_support_filter_xz(a);
		archive_read_support_filter_lz4(a);
		archive_read_support_filter_zstd(a);
		archive_read_support_format_raw(a);
		archive_read_support_format_empty(a);
	}
	return a;
}

/* Whether any filter claims these first bytes. */
static bool is_compressed(const char *head, size_t len)
{
	struct archive *a = new_archive();
	bool compressed = false;

	if (a) {
		/* a filter that fails on the cut-off head has claimed it */
		compressed = archive_read_open_memory(a, head, len) < ARCHIVE_WARN ||
			     archive_filter_count(a) > 1;
		archive_read_free(a);
	}
	return compressed;
}

static la_ssize_t give_raw(struct archive *a, void *ctx, const void **data)
{
	struct input *in = ctx;

	if (in->raw_pending == 0) {
		ssize_t n = read_raw(in, in->raw, RAW_BYTES, false);
		if (n < 0) {
			archive_set_error(a, errno, "%s", strerror(errno));
			return -1;
		}
		in->raw_pending = (size_t)n;
		in->raw_eof = n == 0;
	}
	size_t n = in->raw_pending;
	in->raw_pending = 0;
	*data = in->raw;
	return (la_ssize_t)n;
}

static int fail_compressed(struct input *in, struct err *e)
{
	const char *what = archive_error_string(in->archive);

	/* liblzma's words for it */
	if (!what || (in->raw_eof && strstr(what, "No progress is possible")))
		what = in->raw_eof ? "truncated compressed data" : "broken compressed data";
	return err_set(e, ERR_TRACE, "%s: %s, at byte offset %" PRIu64 " of the file", in->name, what,
		in->raw_read);
}

/* At the end of the content nothing may be left of the file. */
static int check_tail(struct input *in, struct err *e)
{
	uint64_t used = (uint64_t)archive_filter_bytes(in->archive, -1);

	if (in->raw_pending == 0 && used == in->raw_read) {
		ssize_t n = read_raw(in, in->raw, RAW_BYTES, false);
		if (n < 0)
			return fail_io(in, "read", errno, e);
		if (n == 0)
			return 0;
	}
	return err_set(e, ERR_TRACE, "%s: what follows byte offset %" PRIu64 " is no compressed data (%s)",
		in->name, used, in->compression);
}

static void name_filters(struct input *in)
{
	size_t n = 0;

	for (int i = 0; i < archive_filter_count(in->archive) && n < sizeof(in->compression); i++) {
		if (archive_filter_code(in->archive, i) == ARCHIVE_FILTER_NONE)
			continue;
		n += (size_t)snprintf(in->compression + n, sizeof(in->compression) - n, "%s%s",
			n ? " in " : "", archive_filter_name(in->archive, i));
	}
}

/* Called with the first bytes of the file in buffer .. end. */
static int open_archive(struct input *in, struct err *e)
{
	struct archive_entry *entry;

	in->raw = malloc(RAW_BYTES);
	in->archive = new_archive();
	if (!in->raw || !in->archive)
		return err_set(e, ERR_LIMIT, "%s: out of memory", in->name);
	in->raw_pending = (size_t)(in->end - in->buffer);
	memcpy(in->raw, in->buffer, in->raw_pending);
	in->end = in->buffer;
	if (archive_read_open(in->archive, in, NULL, give_raw, NULL) < ARCHIVE_WARN)
		return fail_compressed(in, e);
	name_filters(in);
	int r = archive_read_next_header(in->archive, &entry);
	if (r == ARCHIVE_EOF) {
		in->eof = true;
		return check_tail(in, e);
	}
	return r < ARCHIVE_WARN ? fail_compressed(in, e) : 0;
}

/* Decompressed bytes; 0 at the end, -1 with *e set. */
static ssize_t read_archive(struct input *in, char *to, size_t bytes, struct err *e)
{
	la_ssize_t n;

	do
		n = archive_read_data(in->archive, to, bytes);
	while (n == ARCHIVE_RETRY);
	if (n < 0)
		return fail_compressed(in, e);
	if (n == 0 && check_tail(in, e) < 0)
		return -1;
	return (ssize_t)n;
}

/* ---- the buffer ---------------------------------------------------------------------- */

/* Add bytes behind `end`, or set eof. What is untaken moves to the front of the buffer. */
static int fill(struct input *in, struct err *e)
{
	size_t have = (size_t)(in->end - in->p);

	if (in->p > in->buffer) {
		memmove(in->buffer, in->p, have);
		in->p = in->buffer;
		in->end = in->buffer + have;
	}
	ssize_t n;
	if (in->archive) {
		n = read_archive(in, in->end, BUFFER_BYTES - have, e);
		if (n < 0)
			return -1;
	} else {
		n = read_raw(in, in->end, BUFFER_BYTES - have, false);
		if (n < 0)
			return fail_io(in, "read", errno, e);
	}
	if (n == 0)
		in->eof = true;
	if (in->zero_offset == NO_ZERO) {
		const char *zero = memchr(in->end, 0, (size_t)n);
		if (zero)
			in->zero_offset = in->end_offset + (uint64_t)(zero - in->end);
	}
	in->end += n;
	in->end_offset += (uint64_t)n;
	return 0;
}

static int open_file(struct input *in, const char *path, struct err *e)
{
	struct stat st;

	if (strcmp(path, "-") != 0) {
		in->fd = open(path, O_RDONLY | O_CLOEXEC);
		in->close_fd = in->fd >= 0;
		if (in->fd < 0)
			return fail_io(in, "open", errno, e);
	}
	if (fstat(in->fd, &st) < 0)
		return fail_io(in, "open", errno, e);
	if (S_ISDIR(st.st_mode))
		return fail_io(in, "read", EISDIR, e);
	if (S_ISREG(st.st_mode))
		in->raw_size = (uint64_t)st.st_size;
	posix_fadvise(in->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return 0;
}

static int start(struct input *in, const char *path, struct err *e)
{
	if (open_file(in, path, e) < 0)
		return -1;
	in->buffer = calloc(1, BUFFER_BYTES + TRACE_SLACK);
	if (!in->buffer)
		return err_set(e, ERR_LIMIT, "%s: out of memory", in->name);
	in->p = in->end = in->buffer;
	ssize_t n = read_raw(in, in->buffer, RAW_BYTES, true);
	if (n < 0)
		return fail_io(in, "read", errno, e);
	if (n == 0)
		return err_set(e, ERR_TRACE, "%s: the file is empty: it ends at byte offset 0", in->name);
	in->end = in->buffer + n;
	if (is_compressed(in->buffer, (size_t)n)) {
		if (open_archive(in, e) < 0 || (!in->eof && fill(in, e) < 0))
			return -1;
		if (in->eof)
			return err_set(e, ERR_TRACE, "%s: nothing is in it once decompressed (%s)", in->name,
				in->compression);
		return 0;
	}
	const char *zero = memchr(in->buffer, 0, (size_t)n);
	if (zero)
		in->zero_offset = (uint64_t)(zero - in->buffer);
	in->end_offset = (uint64_t)n;
	return 0;
}

struct input *input_open(const char *path, struct err *e)
{
	struct input *in = calloc(1, sizeof(*in));

	if (!in || !(in->name = strdup(strcmp(path, "-") == 0 ? "stdin" : path))) {
		free(in);
		err_set(e, ERR_LIMIT, "%s: out of memory", path);
		return NULL;
	}
	in->fd = STDIN_FILENO;
	in->zero_offset = NO_ZERO;
	if (start(in, path, e) < 0) {
		input_free(in);
		return NULL;
	}
	return in;
}

void input_free(struct input *in)
{
	if (!in)
		return;
	if (in->archive)
		archive_read_free(in->archive);
	if (in->close_fd)
		close(in->fd);
	free(in->raw);
	free(in->buffer);
	free(in->name);
	free(in);
}

const char *input_name(const struct input *in) { return in->name; }
const char *input_compression(const struct input *in) { return in->compression; }
uint64_t input_count(const struct input *in) { return in->count; }

uint64_t input_offset(const struct input *in)
{
	return in->end_offset - (uint64_t)(in->end - in->p);
}

bool input_sized(const struct input *in) { return in->raw_size > 0; }

double input_fraction(const struct input *in)
{
	uint64_t done = in->raw_read;

	if (in->raw_size == 0)
		return 0.0;
	if (!in->archive)
		done -= (uint64_t)(in->end - in->p);
	return done >= in->raw_size ? 1.0 : (double)done / (double)in->raw_size;
}

int input_peek(struct input *in, size_t want, const char **data, size_t *len, struct err *e)
{
	while ((size_t)(in->end - in->p) < want && !in->eof)
		if (fill(in, e) < 0)
			return -1;
	*data = in->p;
	*len = (size_t)(in->end - in->p) < want ? (size_t)(in->end - in->p) : want;
	return 0;
}

void input_skip(struct input *in, size_t bytes)
{
	in->p += bytes;
}

/* ---- lines and records --------------------------------------------------------------- */

static int fail_binary(const struct input *in, const char *what, uint64_t offset, struct err *e)
{
	return err_set(e, ERR_TRACE, "%s:%" PRIu64 ": %s at byte offset %" PRIu64 ": a binary file given "
		"as text?", in->name, in->count + 1, what, offset);
}

static int take_line(struct input *in, size_t len, size_t with_newline, const char **line,
	size_t *line_len, struct err *e)
{
	if (len > INPUT_LINE_MAX)
		return fail_binary(in, "a line longer than 64 KiB", input_offset(in), e);
	if (in->zero_offset < input_offset(in) + len)
		return fail_binary(in, "a zero byte", in->zero_offset, e);
	*line = in->p;
	*line_len = len;
	in->p += with_newline;
	in->count++;
	return 1;
}

int input_line(struct input *in, const char **line, size_t *len, struct err *e)
{
	for (;;) {
		size_t have = (size_t)(in->end - in->p);
		const char *newline = memchr(in->p, '\n', have);

		if (newline) {
			size_t n = (size_t)(newline - in->p);
			return take_line(in, n, n + 1, line, len, e);
		}
		if (have > INPUT_LINE_MAX || (in->eof && have))
			return take_line(in, have, have, line, len, e);
		if (in->eof)
			return 0;
		if (fill(in, e) < 0)
			return -1;
	}
}

int input_record(struct input *in, size_t bytes, const char **record, struct err *e)
{
	while ((size_t)(in->end - in->p) < bytes && !in->eof)
		if (fill(in, e) < 0)
			return -1;
	size_t have = (size_t)(in->end - in->p);
	if (have == 0)
		return 0;
	if (have < bytes)
		return err_set(e, ERR_TRACE, "%s: the last record, at byte offset %" PRIu64 ", is cut off: "
			"%zu of %zu bytes", in->name, input_offset(in), have, bytes);
	*record = in->p;
	in->p += bytes;
	in->count++;
	return 1;
}
