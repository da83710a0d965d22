/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scenario `serve`: a server that sends files, by the ways in which their data can get from the page cache to the network.
 *
 *   read      read(2) into a buffer and write(2) to the socket: the processor copies each byte twice
 *   mmap      the file is mapped and written to the socket from there: once
 *   direct    past the page cache, from the device into the buffer, and write(2): once, and each request goes to the device
 *   flip      read and write that exchange whole pages between cache, buffer and socket and copy the rest: of n bytes at offset o
 *             in pages of P bytes max(0, floor((o + n) / P) - ceil(o / P)) pages change hands
 *   sendfile  from the cache straight to the socket: never
 *
 * Workers are threads of one process. Each takes the next request, whose file is drawn by popularity, sends it chunk by chunk and
 * waits until the last byte has left; then, after its client's think time, it takes the next. The network is one link that
 * carries a chunk after another, in the order in which the processor has done with them; a worker may have `socket` bytes on their way
 * to it: the call for a chunk that does not fit waits until it does, and moves it then. A request's latency is the client's: from when
 * it asks, whether or not the worker is waiting for a processor, until the last byte has left.
 *
 * A share `uploads` of the requests stores a file anew, all of it, whichever way files are sent: read from the socket into the buffer and
 * written from there, with two copies, as read and write do. Their data come on the other direction of the link, of the same rate; the
 * client begins when a worker takes its request up and sends as far ahead as the worker's socket takes. The answer, a few bytes that
 * take no time, is given when all is in the page cache, with `upload_sync` when it is durable.
 *
 * Sizes: all alike, or those of a web server as Barford and Crovella measured them: lognormal (9.357, 1.318) in its body and above
 * 133 KB, in 7 % of files, Pareto with exponent 1.1 ("Generating representative web workloads for network and server performance
 * evaluation", SIGMETRICS 1998, table 2). Popularity: the file of rank r in proportion to 1/r^popularity (Zipf's law).
 *
 * Page flipping after Brustoloni and Steenkiste, "Effects of buffering semantics on I/O performance", OSDI 1996: a page costs two
 * page-table entries and an invalidation.
 *
 * Units: bytes, ps. Owner: the sim arena; serve_close() gives back the table of popularities.
 */
#ifndef QUERN_HOST_SERVE_H
#define QUERN_HOST_SERVE_H

#include "host/scenario.h"

enum serve_path { SERVE_READ, SERVE_MMAP, SERVE_DIRECT, SERVE_FLIP, SERVE_SENDFILE };
enum serve_sizes { SERVE_FIXED, SERVE_WEB };

struct serve_spec {
	int path;             /* enum serve_path */
	int sizes;            /* enum serve_sizes */
	int64_t files;
	int64_t size;         /* of each, SERVE_FIXED */
	int64_t size_most;    /* SERVE_WEB: larger ones are cut */
	double popularity;
	int64_t workers;
	int64_t requests;
	int64_t offset;       /* byte of a file at which what is sent begins */
	int64_t chunk;        /* bytes of a call */
	int64_t socket;       /* bytes of a worker under way */
	int64_t network;      /* bytes/s */
	time_ps think_ps;
	double uploads;       /* share of requests */
	bool upload_sync;     /* fsync before the answer */
};

extern const struct opt_group serve_options;

/* Whole pages among `bytes` at `offset`, the formula above. */
static inline uint64_t serve_whole_pages(uint64_t offset, uint64_t bytes, uint64_t page)
{
	uint64_t first = (offset + page - 1) / page, end = (offset + bytes) / page;
	return end > first ? end - first : 0;
}

#endif
