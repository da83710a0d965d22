/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Recoverable virtual memory: transactions on a segment of pages that outlives crashes (Satyanarayanan, Mashburn, Kumar, Steere and
 * Kistler, "Lightweight recoverable virtual memory", SOSP 1993). Redo only: new values go to a log (host/log.h) at the end of a transaction,
 * pages go to the segment when the log is truncated.
 *
 *   rvm_begin()      a transaction
 *   rvm_set_range()  these bytes will be written by it; the log takes the bytes of the ranges (tracking `ranges`), or the
 *                    whole of each page that is touched (tracking `pages`)
 *   rvm_set_page()   some bytes of this page were, as a page fault on the first write tells; the log takes the whole of it
 *   rvm_end()        commits: with flush, the caller is told when it is durable; without, it is at the next flush or later
 *   rvm_flush()      all that ended so far becomes durable
 *
 * Truncation: above `truncate_at` of the log, a walker writes each page that a durable record has changed, with what is durable of it, then
 * the segment's device is flushed, then the log's head moves. So a page on the medium never holds what the log might
 * lose, and the log never forgets what is not on the medium.
 *
 * Recovery reads the log, then the segment, puts the log's new values on top, writes what changed, flushes, and begins the log anew. Nobody
 * else is served meanwhile, so the rate of truncation does not hold it up (the paper's section 5.1.2 knows of no pace either).
 * A crash in the middle of it does no harm. With tracking `ranges` it relies on the device to write each sector whole or not at all, as the
 * paper does; with `pages` a torn page is mended too.
 *
 * The content of a page is the number of the transaction that wrote it last; the transactions are numbered as they end. The
 * recovered state is that of a prefix of them (rvm_content()).
 *
 * Owner: the sim arena. Memory: 24 bytes a page. Errors: a device that fails is told to whoever waits, by its status.
 */
#ifndef QUERN_HOST_RVM_H
#define QUERN_HOST_RVM_H

#include "host/log.h"
#include "host/walker.h"

enum rvm_tracking { RVM_RANGES, RVM_PAGES };

struct rvm_spec {
	int64_t pages;
	int64_t page_bytes;
	int tracking;            /* enum rvm_tracking */
	double truncate_at;      /* share of the log in use at which truncation begins */
	struct log_spec log;
	struct walker_spec walker; /* of truncation */
	bool no_data_flush;      /* tests only: truncation leaves the segment's pages in the device's cache */
};
extern const struct opt_group rvm_options;

#define RVM_RANGE_BYTES 16   /* of each range or page in the log, beside its data */

struct rvm_tx;

struct rvm_stats {
	uint64_t begun, ended, aborted, durable; /* transactions */
	uint64_t ranges, set_bytes;        /* as set by the program in those that ended */
	uint64_t durable_set_bytes;        /* and in those that are durable */
	uint64_t pages;                    /* distinct pages of each transaction that ended, summed */
	uint64_t logged_bytes;             /* given to the log */
	uint64_t truncations, pages_written;
	uint64_t redone_pages, loaded_pages; /* by recovery */
	uint64_t unmended_pages;           /* of the segment, found to hold what the log does not account for: then nothing is redone */
	time_ps recovery_ps;               /* of log and segment, until it is ready */
};

struct rvm {
	struct host_io *io;
	const struct host_region *segment;
	const struct rvm_spec *spec;
	struct log log;
	struct walker walker;
	struct walker_spec redo; /* as that of truncation, without its rate */
	uint32_t page_sectors;
	uint64_t *ended;         /* by page: last transaction that ended */
	uint64_t *durable;       /* by page: last one that is known to be in the log for good */
	uint64_t *first;         /* by page: sequence of the first record that the segment does not hold; 0: none */
	uint64_t last_ended, last_durable; /* transactions */
	struct rvm_tx *open_tx;  /* begun, neither ended nor aborted */
	struct rvm_tx *waiting, **waiting_end; /* ended, not known to be durable */
	struct rvm_tx *spare;
	uint64_t truncate_to;    /* sequence */
	bool truncating, ready, failed;
	uint32_t load_at;        /* recovery: pages of the segment read so far */
	bool gap;                /* an entry of the log does not follow on the one before it */
	struct host_io_then start_then;
	time_ps start_ps;
	struct rvm_stats stats;
};

/* 0, or -1 with a sentence: a segment or a log that is too small, memory. Nothing is read or written yet. */
int rvm_open(struct rvm *r, struct host_io *io, const struct host_region *segment, const struct host_region *log,
	const struct rvm_spec *spec, uint64_t seed, struct err *e);
/* A new segment of zeros and an empty log; the segment's sectors were never written. */
void rvm_format(struct rvm *r, struct host_io_then then);
/* What was there before. status BLK_MEDIA_ERROR: the device says so, or log.no_header, or stats.unmended_pages, or gap; transactions and
 * contents then stand for nothing. */
void rvm_recover(struct rvm *r, struct host_io_then then);

struct rvm_tx *rvm_begin(struct rvm *r); /* NULL: no memory, the run stops */
/* Pages that a range touches count once a transaction. Beyond the segment's end: sim_bug(). Returns the pages that it touched first. */
uint32_t rvm_set_range(struct rvm_tx *tx, uint64_t offset, uint64_t bytes);
/* Tracking `pages` only. Whether the page is new to the transaction. */
bool rvm_set_page(struct rvm_tx *tx, uint64_t page);
/* So many bytes were set in such pages, which no page fault tells: for the figures only. */
void rvm_count_set(struct rvm_tx *tx, uint64_t bytes);
/* The transaction's number. `then`, with it as the argument, when it is durable; flush false: `then` is not used. */
uint64_t rvm_end(struct rvm_tx *tx, bool flush, host_io_done_fn *then, void *owner);
void rvm_abort(struct rvm_tx *tx);
void rvm_flush(struct rvm *r, struct host_io_then then);

/* The last transaction that wrote a page, as the memory of this machine has it. */
static inline uint64_t rvm_content(const struct rvm *r, uint64_t page) { return r->ended[page]; }
/* Bytes written to log, its headers and segment for each byte that was set by the transactions in what the device has of the log. 0: it has none. */
double rvm_write_amplification(const struct rvm *r);
/* The machine dies. */
void rvm_drop(struct rvm *r);

/* Private: rvm.c and rvm_recover.c. A log entry's words: transaction, pages, then each page's number and the transaction that wrote
 * it before. */
#define RVM_ENTRY_WORDS 2
void rvm_started(struct rvm *r, enum blk_status status);
/* What recovery has put on top is in the segment for good. */
void rvm_redone(struct rvm *r, enum blk_status status);

#endif
