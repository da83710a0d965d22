/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files made by the tests of trace/, compressed where asked for, and traces read whole. */
#ifndef QUERN_TESTS_TRACE_FIXTURE_H
#define QUERN_TESTS_TRACE_FIXTURE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "trace/reader.h"

#define ALL_DEFAULTS { .device = TRACE_ALL_DEVICES, .sort_window = -1 }

static char fixture_dir[64];

static inline void fixture_open(void)
{
	strcpy(fixture_dir, "/tmp/quern-trace-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(fixture_dir));
}

static inline void fixture_close(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r %s", fixture_dir);
	ck_assert_int_eq(system(command), 0);
}

/* Path of a file in the test's folder; valid until the eighth call from now. */
static inline const char *fixture_path(const char *name)
{
	static char paths[8][128];
	static unsigned at;
	char *path = paths[at++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", fixture_dir, name);
	return path;
}

static inline const char *write_bytes(const char *name, const void *data, size_t len)
{
	const char *path = fixture_path(name);
	FILE *f = fopen(path, "wb");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(data, 1, len, f), len);
	ck_assert_int_eq(fclose(f), 0);
	return path;
}

static inline const char *write_text(const char *name, const char *text)
{
	return write_bytes(name, text, strlen(text));
}

/* Compress with one of libarchive's filters, by its name; false where it has none such. */
static inline bool compress_bytes(const char *filter, const void *data, size_t len, char **out,
	size_t *out_len)
{
	struct archive *a = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	size_t room = len + len / 2 + 65536;

	/* a filter that runs another program is as good as none: it may not be installed */
	bool good = archive_write_add_filter_by_name(a, filter) == ARCHIVE_OK;
	if (good) {
		*out = malloc(room);
		ck_assert_int_eq(archive_write_set_format_raw(a), ARCHIVE_OK);
		ck_assert_int_eq(archive_write_set_bytes_in_last_block(a, 1), ARCHIVE_OK);
		ck_assert_int_eq(archive_write_open_memory(a, *out, room, out_len), ARCHIVE_OK);
		archive_entry_set_filetype(entry, AE_IFREG);
		ck_assert_int_eq(archive_write_header(a, entry), ARCHIVE_OK);
		ck_assert_int_eq(archive_write_data(a, data, len), (la_ssize_t)len);
		ck_assert_int_eq(archive_write_close(a), ARCHIVE_OK);
	}
	archive_entry_free(entry);
	archive_write_free(a);
	return good;
}

static const char *const compressions[] = { "gzip", "bzip2", "xz", "zstd", "lz4", "lzma",
	"compress" };
#define COMPRESSIONS ((int)(sizeof(compressions) / sizeof(compressions[0])))

/* A trace read to its end or to an error. */
struct drained {
	struct err err;
	char format[16];
	char why[512];
	uint64_t count, lines, skipped;
	uint64_t reads, writes, flushes, trims, sectors;
	struct trace_record record[64]; /* the first of them */
	struct trace_record last;
	uint32_t devices;               /* highest number + 1 */
	bool has_arrivals, has_delays, has_responses;
};

static inline void drain_record(struct drained *d, const struct trace_record *rec)
{
	if (d->count < 64)
		d->record[d->count] = *rec;
	d->last = *rec;
	d->count++;
	d->reads += rec->op == BLK_READ;
	d->writes += rec->op == BLK_WRITE;
	d->flushes += rec->op == BLK_FLUSH;
	d->trims += rec->op == BLK_TRIM;
	d->sectors += rec->sectors;
	if (rec->device >= d->devices)
		d->devices = rec->device + 1;
}

/* Returns whether it came to its end. */
static inline bool drain_with(struct drained *d, const char *path,
	const struct trace_reader_options *o)
{
	struct trace_record rec;
	int got;

	memset(d, 0, sizeof(*d));
	struct trace_reader *r = trace_reader_open(path, o, &d->err);
	if (!r) {
		ck_assert_int_ne(d->err.code, ERR_NONE);
		return false;
	}
	struct trace_source *s = trace_reader_source(r);
	snprintf(d->format, sizeof(d->format), "%s", trace_reader_format(r)->name);
	snprintf(d->why, sizeof(d->why), "%s", trace_reader_why(r));
	d->has_arrivals = s->has_arrivals;
	d->has_delays = s->has_delays;
	d->has_responses = s->has_responses;
	while ((got = s->next(s, 0, &rec, &d->err)) > 0)
		drain_record(d, &rec);
	ck_assert((got < 0) == (d->err.code != ERR_NONE));
	d->lines = trace_reader_lines(r);
	d->skipped = trace_reader_skipped(r);
	trace_reader_free(r);
	return got == 0;
}

static inline bool drain(struct drained *d, const char *path, const char *format)
{
	struct trace_reader_options o = ALL_DEFAULTS;

	o.format = format;
	return drain_with(d, path, &o);
}

/* The reference data of the project, or NULL with a word on it. */
static inline const char *reference_path(const char *name)
{
	static char path[512];
	const char *dir = getenv("QUERN_REFERENCE_DATA");

	if (!dir || !*dir)
		dir = REFERENCE_DATA;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (*dir && access(path, R_OK) == 0)
		return path;
	printf("skipped: no reference data (%s)\n", name);
	return NULL;
}

#define assert_says(err, part) \
	ck_assert_msg(strstr((err).msg, (part)) != NULL, "\"%s\" does not say \"%s\"", (err).msg, (part))

static inline int run_suite(Suite *s)
{
	SRunner *runner = srunner_create(s);

	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
