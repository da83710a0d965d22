/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reference traces: which pages a program touched, in which order. A compact binary format,
 * described byte by byte in traces/FORMATS.md ("ref"): a header, blocks of varint deltas, each block
 * compressed by itself (zstd, through libarchive) under its own checksum (XXH3, 64 bits), and an end
 * block with the totals. Written and read as a stream, in memory that does not grow with the
 * length: a recording larger than memory replays.
 *
 * The unit is the *run*: one reference, or several, to `pages` consecutive pages. A recorder reduces
 * what it saw to runs while it records; what it left out is counted (`refs`) but not listed:
 *
 *   refs    of successive references of a thread to one page, one run. With a filter of k > 1 pages the string
 *           is a shorter one on which LRU with k frames or more takes the same misses (record/reduce.h says how); other
 *           policies see a string with its nearest repetitions taken out
 *   faults  a run for each page fault of the kernel, with its time
 *   dirty   a run for each range of pages written in an interval, with the time of the interval's end
 *
 * Errors: ERR_IO with the system's reason; ERR_TRACE naming file and byte offset where the file is
 * damaged, cut off, of another version, or followed by something else; ERR_LIMIT for memory. Where
 * the file itself is compressed (it may be, as any trace) offsets count the bytes inside.
 */
#ifndef QUERN_TRACE_REF_FILE_H
#define QUERN_TRACE_REF_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/err.h"

#define REF_MAGIC "QUERNREF"        /* the first eight bytes of a file */
#define REF_VERSION 1
#define REF_PEEK 32                 /* bytes that tell a reference trace */
#define REF_TEXT_MAX 4095           /* bytes of the program's name and of the command */
#define REF_THREADS_MAX 65536
#define REF_PAGES_MAX (UINT32_C(1) << 31) /* pages of one run */

enum ref_op { REF_READ, REF_WRITE, REF_FETCH /* of instructions */, REF_OP_COUNT };

enum ref_kind { REF_KIND_REFS, REF_KIND_FAULTS, REF_KIND_DIRTY, REF_KIND_COUNT };

/* What a file's runs carry. */
enum {
	REF_HAS_TIME = 1,         /* ref_run.time_ns */
	REF_HAS_INSTRUCTIONS = 2, /* ref_run.instructions */
};

struct ref_header {
	enum ref_kind kind;
	unsigned has;          /* REF_HAS_* */
	uint32_t page_bytes;   /* a power of two, 512 to 1 GiB */
	uint32_t filter;       /* refs: k of the filter; 1: plain runs; else 0 */
	uint64_t interval_ns;  /* dirty: the interval; else 0 */
	const char *program;   /* the traced program's name */
	const char *command;   /* its words, a blank between */
};

struct ref_run {
	uint64_t page;         /* virtual page number of the first page: address / page_bytes, below 2^55 */
	uint32_t pages;        /* 1 .. REF_PAGES_MAX consecutive pages, in rising order */
	uint32_t thread;       /* numbered from 0 in order of appearance, below REF_THREADS_MAX */
	enum ref_op op;
	uint64_t refs;         /* references it stands for, at least `pages`, those left out behind it included */
	uint64_t instructions; /* of its thread from this run to its next one; 0 without REF_HAS_INSTRUCTIONS */
	uint64_t time_ns;      /* since the start, never less than the run's before; 0 without REF_HAS_TIME */
};

/* The end block: sums over the runs. */
struct ref_totals {
	uint64_t runs, refs, instructions;
	bool interrupted;      /* recording was stopped before the program ended */
	bool lossy;            /* the recorder lost events (it said so) */
	bool partial;          /* dirty: the program could write memory that the recorder cannot watch; refs: an exec made it another, unseen */
};

/* "read", "write", "fetch"; "refs", "faults", "dirty". */
const char *ref_op_name(enum ref_op op);
const char *ref_kind_name(enum ref_kind kind);

/* ---- writing: constant memory, some 600 KiB --------------------------------------------------- */

struct ref_writer;

/* Creates or truncates `path`. Texts are copied, cut at REF_TEXT_MAX bytes. NULL with *e set. */
struct ref_writer *ref_writer_open(const char *path, const struct ref_header *h, struct err *e);
/* Appends a run; one that breaks a bound of struct ref_run is refused (ERR_TRACE). 0 or -1. */
int ref_writer_put(struct ref_writer *w, const struct ref_run *run, struct err *e);
/* What was put so far. `interrupted`, `lossy` and `partial` may be set by the owner before the close. */
struct ref_totals *ref_writer_totals(struct ref_writer *w);
/*
 * Writes out what is buffered, so that a reader of the file as it is finds all that was put (and is told
 * that the end is missing). 0 or -1.
 */
int ref_writer_flush(struct ref_writer *w, struct err *e);
/* Flush, end block, close and free; w is gone also where it fails. 0 or -1. */
int ref_writer_close(struct ref_writer *w, struct err *e);
/* Free without an end block: what is on disk stays, marked as cut off by its lack. NULL is legal. */
void ref_writer_free(struct ref_writer *w);

/* ---- reading: constant memory, some 1.2 MiB --------------------------------------------------- */

struct ref_reader;

/* A file or stdin ("-"); header read and checked. NULL with *e set. */
struct ref_reader *ref_reader_open(const char *path, struct err *e);
void ref_reader_free(struct ref_reader *r); /* NULL is legal */
/* The texts in it belong to the reader. */
const struct ref_header *ref_reader_header(const struct ref_reader *r);
/* The next run: 1, 0 at the end (after the end block was checked against the runs), -1 with *e set.
 * Each run of a damaged file before the damaged block has been delivered. */
int ref_reader_next(struct ref_reader *r, struct ref_run *run, struct err *e);
/* Totals of what was delivered so far; interrupted, lossy and partial after the end only. */
const struct ref_totals *ref_reader_totals(const struct ref_reader *r);
const char *ref_reader_name(const struct ref_reader *r);
/* Bytes of the file taken so far. */
uint64_t ref_reader_offset(const struct ref_reader *r);

/* Whether `head`, the first REF_PEEK bytes of a file or all of a shorter one, begins a reference trace, whole or with its first bytes damaged: what
 * is wrong with it is for ref_reader_open() to say. */
bool ref_file_detect(const char *head, size_t len);

#endif
