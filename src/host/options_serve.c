/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of the scenario serve. */
#include <stddef.h>
#include <stdio.h>

#include "host/options.h"
#include "host/serve.h"

static const struct opt_choice path_choices[] = {
	[SERVE_READ] = {"read", "read into a buffer and written to the socket: two copies"},
	[SERVE_MMAP] = {"mmap", "the mapped file is written to the socket: one copy"},
	[SERVE_DIRECT] = {"direct", "from the device into a buffer, past the page cache, and written to the socket: one copy"},
	[SERVE_FLIP] = {"flip", "as read, but whole pages change hands: what is left is copied twice"},
	[SERVE_SENDFILE] = {"sendfile", "from the page cache to the socket: no copy"},
	{NULL, NULL},
};

static const struct opt_choice size_choices[] = {
	[SERVE_FIXED] = {"fixed", "all of `size`"},
	[SERVE_WEB] = {"web", "lognormal with a Pareto tail, as measured on web servers (Barford and Crovella 1998)"},
	{NULL, NULL},
};

#define FIELD(f) HOST_FIELD(serve_spec, f)
#define COUNT(k, f, most, d, text) {.key = k, .type = OPT_SCALAR, .offset = FIELD(f), .min = "1", .max = most, .def = d, .doc = text}
#define BYTES(k, f, least, most, d, text) {.key = k, .type = OPT_SCALAR, .unit = UNIT_BYTES, .offset = FIELD(f), .min = least, \
	.max = most, .def = d, .doc = text}

static const struct opt_row rows[] = {
	{.key = "path", .type = OPT_ENUM, .offset = FIELD(path), .def = "read", .choices = path_choices,
	 .doc = "how the data gets to the network"},
	COUNT("files", files, "10000000", "1000", "files that are served"),
	{.key = "sizes", .type = OPT_ENUM, .offset = FIELD(sizes), .def = "fixed", .choices = size_choices, .doc = "sizes of the files"},
	BYTES("size", size, "1 B", "1 GiB", "64 KiB", "sizes fixed: of each file"),
	BYTES("size_most", size_most, "1 KiB", "1 GiB", "16 MiB", "sizes web: of the largest files, larger ones are cut"),
	{.key = "popularity", .type = OPT_SCALAR, .unit = UNIT_NUMBER, .offset = FIELD(popularity), .min = "0", .max = "4", .def = "1",
	 .doc = "exponent of Zipf's law, by which files are asked for; 0: all alike"},
	COUNT("workers", workers, "10000", "16", "threads of the server"),
	COUNT("requests", requests, "1000000000", "10000", "requests in all"),
	BYTES("offset", offset, "0 B", "1 GiB", "0 B", "byte of a file at which what is sent begins, "
		"of a shorter file its first; what is not aligned to pages cannot be flipped"),
	BYTES("chunk", chunk, "512 B", "64 MiB", "64 KiB", "bytes of a call"),
	BYTES("socket", socket, "512 B", "1 GiB", "256 KiB", "bytes of a worker that may be under way to the network"),
	{.key = "network", .type = OPT_SCALAR, .unit = UNIT_RATE, .offset = FIELD(network), .min = "1 KB/s", .max = "1000 GB/s",
	 .def = "1.25 GB/s", .doc = "rate of the link that all workers share"},
	{.key = "think", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(think_ps), .min = "0", .max = "3600 s", .def = "0",
	 .doc = "pause of a worker's client between a response and its next request"},
	{.key = "uploads", .type = OPT_SCALAR, .unit = UNIT_RATIO, .offset = FIELD(uploads), .min = "0", .max = "1", .def = "0",
	 .doc = "share of the requests that store a file in place of what it held, through write(2)"},
	{.key = "upload_sync", .type = OPT_BOOL, .offset = FIELD(upload_sync), .def = "false",
	 .doc = "an upload is answered when it is durable (fsync); false: when it is in the page cache"},
	{0},
};

static int check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct serve_spec *s = bound;
	*key = "offset";
	if (s->offset > 0 && s->sizes == SERVE_FIXED && s->offset >= s->size)
		return snprintf(why, why_bytes, "no file is as long"), -1;
	*key = "chunk";
	if (s->path == SERVE_DIRECT && (s->offset % 512 != 0 || s->chunk % 512 != 0))
		return snprintf(why, why_bytes, "reading past the page cache takes whole sectors of 512 B, and so must offset"), -1;
	*key = "uploads";
	if (s->path == SERVE_DIRECT && s->uploads > 0)
		return snprintf(why, why_bytes, "what was stored lies in the page cache, and path: direct reads past it"), -1;
	*key = "upload_sync";
	if (s->upload_sync && s->uploads == 0)
		return snprintf(why, why_bytes, "there are no uploads"), -1;
	*key = "socket";
	if (s->socket < s->chunk)
		return snprintf(why, why_bytes, "a chunk does not fit into it"), -1;
	return 0;
}

const struct opt_group serve_options = {"serve", "a server that sends files", rows, sizeof(struct serve_spec), check};
