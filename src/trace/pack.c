/* SPDX-License-Identifier: GPL-3.0-or-later */
/* zstd frames through libarchive's filters with its raw format. */
#include "trace/pack.h"

#include <archive.h>
#include <archive_entry.h>

static int write_entry(struct archive *a, const void *data, size_t bytes)
{
	struct archive_entry *entry = archive_entry_new();
	if (!entry)
		return -1;
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_pathname(entry, "block");
	int good = archive_write_header(a, entry) == ARCHIVE_OK &&
		archive_write_data(a, data, bytes) == (la_ssize_t)bytes;
	archive_entry_free(entry);
	return good ? 0 : -1;
}

size_t pack_block(const void *data, size_t bytes, void *out, size_t capacity)
{
	struct archive *a = archive_write_new();
	size_t used = 0;
	if (!a)
		return 0;
	/* one byte a block: nothing is padded behind the frame */
	int good = archive_write_add_filter_zstd(a) == ARCHIVE_OK &&
		archive_write_set_filter_option(a, "zstd", "compression-level", "9") == ARCHIVE_OK &&
		archive_write_set_format_raw(a) == ARCHIVE_OK &&
		archive_write_set_bytes_in_last_block(a, 1) == ARCHIVE_OK &&
		archive_write_open_memory(a, out, capacity, &used) == ARCHIVE_OK &&
		write_entry(a, data, bytes) == 0 && archive_write_close(a) == ARCHIVE_OK;
	archive_write_free(a);
	return good ? used : 0;
}

int unpack_block(const void *packed, size_t packed_bytes, void *out, size_t bytes)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	char beyond;
	int good = -1;
	if (!a)
		return -1;
	if (archive_read_support_filter_zstd(a) == ARCHIVE_OK &&
	    archive_read_support_format_raw(a) == ARCHIVE_OK &&
	    archive_read_open_memory(a, packed, packed_bytes) == ARCHIVE_OK &&
	    archive_read_next_header(a, &entry) == ARCHIVE_OK &&
	    archive_read_data(a, out, bytes) == (la_ssize_t)bytes &&
	    archive_read_data(a, &beyond, 1) == 0)
		good = 0;
	archive_read_free(a);
	return good;
}
