/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files and the page cache. A file is an extent of a region; its cache, one word a page, serves mappings and calls alike, so that
 * a page is in memory once.
 *
 * Readahead: a page that is not in memory is read together with those behind it, up to a window, as far as they are not in memory
 * either. Where reading goes on in order, the window doubles from its first size to its most, and reaching the page at which the
 * last window began to be read ahead starts the next, so that reading runs ahead of use. With readahead_initial 0 each window is of the
 * full size and is read when its first page is missed: ceil(pages / readahead) reads for a scan.
 *
 * Writeback (host/writeback.c): dirty pages are bits of the file, written in order, several at once where they follow each other.
 * host_file_sync() writes all pages that are dirty when it is called, waits for these, and flushes the device; callers who
 * come meanwhile share the next round.
 *
 * Memory: 4 bytes and a bit a page of the file. Owner: the arena.
 */
#ifndef QUERN_HOST_FILE_H
#define QUERN_HOST_FILE_H

#include "host/io.h"
#include "host/pager.h"
#include "host/stream.h"

struct host_file {
	struct host *host;
	const char *name;           /* borrowed */
	const struct host_region *region;
	uint64_t offset;            /* sectors of the region */
	uint64_t pages;
	uint32_t owner;             /* in keys */
	host_place *cache;          /* by page */
	uint64_t *dirty;            /* by page, a bit */
	uint64_t dirty_pages;
	uint64_t dirty_from;        /* no page before it is dirty */
	time_ps dirty_since;        /* when the oldest of them became so, or before */
	bool old;                   /* it is being gone through because of its age: */
	bool old_skipped;           /* a page was being written already when it was reached */
	uint64_t old_from;          /* pages before it are written or under way */
	time_ps old_since;          /* when the first page became dirty since; TIME_PS_MAX: none has */
	uint32_t writing;           /* pages under way to the device */
	/* readahead: one window, of whoever reads */
	uint64_t ahead_next;        /* page behind the last window */
	uint32_t ahead_pages;       /* of the last window */
	/* sync: those of this round, and of the next; linked by host_thread.link */
	uint32_t sync_now, sync_next;
	uint64_t sync_from;         /* pages before it are written or under way */
	bool sync_skipped;          /* pages were dirty and still being written */
	bool flushing;
	struct host_file *next;     /* of the machine */
	struct host_mapping *mappings; /* areas that map it */
};

/* An area that maps a file; a list, for taking entries down. */
struct host_mapping {
	struct host_space *space;
	struct host_area *area;
	struct host_mapping *next;
};

/* A file of `pages` pages at sector `offset` of the region. NULL with *e set (it does not fit, or memory). */
struct host_file *host_file_new(struct host *h, const char *name, const struct host_region *region, uint64_t offset,
	uint64_t pages, struct err *e);

/* A call on a file, for streams: what it moves between the page cache and memory. */
struct host_call {
	struct host_file *file;
	uint64_t offset;            /* bytes */
	uint64_t bytes;
	bool write;
	bool copies;                /* the processor copies the data; false: pages change hands */
	uint64_t *content;          /* tags on: becomes what each page held when it had been moved; or NULL */
	uint64_t done;              /* bytes; 0 before the first time, kept by who calls */
};

/*
 * read(2) and write(2): to be called from act() with the same struct until it answers HOST_ACT_DONE, and its answer returned. A page that
 * is written whole is not read first. Costs: the call once, the copying, and what is missing.
 */
enum host_act host_file_call(struct host_thread *th, struct host_call *call);
/* fsync(2), as well msync(2): from act(). HOST_ACT_SLEEP: the thread wakes when all is durable. */
enum host_act host_file_sync(struct host_thread *th, struct host_file *f);

/* Tags on only: the content of a page of the file as a reader would see it now: of the cache where it is there, else of the device. */
uint64_t host_file_content(const struct host_file *f, uint64_t page);

#endif
