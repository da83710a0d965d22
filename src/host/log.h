/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mechanism L: an append-only durable log in a ring of blocks.
 *
 * Entries are appended to a batch; a batch becomes one record, which is one write (or two, see below) and is acknowledged when
 * it and all before it are durable: group commit. A batch is written as soon as it is *ready* (it holds group_count commits,
 * its first commit is group_time old, or somebody forces it) and fewer than `depth` records are being written; until
 * then it takes more. A record is durable by
 *   fua    its write has the FUA flag,
 *   flush  a FLUSH follows its write,
 *   none   nothing: right only on a device without a volatile cache.
 * With commit `separate` the last block of a record is written by itself, after the rest of it is durable, for devices that may
 * tear a write without telling; with `joined` a checksum over the record tells (host/content.h: whole).
 *
 * On the medium: two header blocks, written in turn, of (epoch, turn, sequence and place of the first live record), then the
 * ring. A record carries its epoch and sequence number, lies in one piece, and begins where the last one ended, or at the
 * ring's begin where it would pass the end. Space is used again only when a header that no longer needs it is durable.
 *
 * Recovery reads the newer whole header, then the ring in pieces of scan_size, and stops at the first place where the next
 * sequence number of the header's epoch is neither here nor at the ring's begin: torn, stale or never written. Whoever
 * owns the log then applies what it was told, makes that durable, and log_restart() begins a new epoch, so that records behind
 * the torn one, which were under way with it, are never taken for new ones. A crash in the middle of that repeats it.
 *
 * Needs tags for contents: without them it takes the same time, and recovery finds nothing.
 *
 * Units: bytes and ps in the spec, blocks inside. Owner: the sim arena. Errors: a write that fails breaks the log: everything
 * that waits, and all that comes, is answered with its status.
 */
#ifndef QUERN_HOST_LOG_H
#define QUERN_HOST_LOG_H

#include "host/io.h"
#include "sim/option.h"

enum log_durability { LOG_FUA, LOG_FLUSH, LOG_NONE };
enum log_commit { LOG_JOINED, LOG_SEPARATE };

struct log_spec {
	int durability;          /* enum log_durability */
	int commit;              /* enum log_commit */
	int64_t block_bytes;     /* a record is whole blocks; a multiple of 512 */
	int64_t group_count;     /* commits that make a batch ready; 0: only time does */
	time_ps group_time_ps;   /* and the longest that a commit waits for others */
	int64_t depth;           /* records being written at once */
	int64_t record_bytes;    /* a batch that would grow past it, or past a quarter of the ring, is closed */
	int64_t scan_bytes;      /* recovery reads so much at a time */
	bool trim;               /* give truncated space back to the device */
	bool no_header_flush;    /* tests only: leaves the header of a truncation in the device's cache */
};
extern const struct opt_group log_options;

#define LOG_ENTRY_BYTES 16  /* of each entry, beside its own */
#define LOG_RECORD_BYTES 40 /* of each record: epoch, sequence, length, count, checksum */

struct log_batch;

struct log_place {
	uint32_t block;          /* in the ring */
	uint32_t blocks;
	uint32_t hole;           /* blocks left free at the ring's end before it */
};

struct log_stats {
	uint64_t entries, commits, truncations; /* as asked for */
	uint64_t entry_bytes;    /* as given to log_append() */
	uint64_t records, record_entries; /* that the device has taken, durable or not yet, and the entries in them */
	uint64_t record_blocks;  /* and their blocks */
	uint64_t header_blocks;  /* and those of headers: one of each begin and of each truncation */
	uint64_t waited_full;    /* records that had to wait for room, each once */
	uint64_t most_used;      /* blocks */
	uint64_t scanned_blocks; /* read by recovery */
	uint64_t recovered;      /* records found by it */
};

struct log;
/* Recovery: one entry, in the order of appending. word: NULL without tags. */
typedef void log_entry_fn(void *ctx, uint64_t sequence, const uint64_t *word, uint32_t words);

struct log {
	struct host_io *io;
	const struct host_region *region;
	const struct log_spec *spec;
	uint32_t block_sectors;
	uint32_t ring;           /* blocks of it */
	uint64_t epoch, turn;
	uint64_t next_sequence;  /* of the next batch to be opened; the first is 1 */
	uint64_t head_sequence;  /* first live record, as the durable header has it */
	uint64_t written;        /* last sequence that has a place in the ring */
	uint64_t durable;        /* last that was acknowledged */
	uint32_t tail;           /* block where the next record would begin */
	uint32_t used;           /* blocks */
	uint32_t in_flight;      /* records */
	struct log_place *place; /* by sequence % ring: of live records */
	struct log_batch *first, *last; /* batches that are not durable, by sequence */
	struct log_batch *spare_batches;
	struct log_waiter *spare_waiters;
	struct event timer;      /* the open batch becomes ready; or: all is answered with `broken` */
	enum blk_status broken;  /* BLK_OK: it is not */
	bool ready;              /* open for appends */
	void (*full)(void *ctx); /* a record waits for room, now; it may start a truncation. NULL: nobody is told */
	void *full_ctx;
	/* the truncation under way */
	bool truncating;
	uint64_t new_head;
	struct host_io_then truncated;
	uint32_t trims;
	/* recovery under way */
	log_entry_fn *visit;
	void *visit_ctx;
	struct host_io_then recovered;
	uint32_t scan_at, scan_read; /* blocks: next record; read so far in this lap */
	bool scan_lapped;
	bool no_header;          /* recovery found none that is whole */
	uint32_t scan_end;       /* block where the ring's end was left, for the case that nothing lies at its begin */
	struct log_stats stats;
};

/* An empty log struct for this region; nothing is written or read. 0, or -1 with a sentence (region too small). */
int log_open(struct log *l, struct host_io *io, const struct host_region *g, const struct log_spec *spec, struct err *e);
/* Make an empty log on the medium and open it for appends. */
void log_format(struct log *l, struct host_io_then then);

/*
 * Append an entry that takes `bytes` in the log; its words stand for its content. commit: `then` is called when it is durable. Else it
 * goes out with the next commit, log_force() or full batch, and `then` is not used. Returns the sequence number of its
 * record. An entry larger than the ring is a sim_bug().
 */
uint64_t log_append(struct log *l, const uint64_t *word, uint32_t words, uint64_t bytes, bool commit,
	struct host_io_then then);
/* What was appended so far is to be written now; `then` when it is durable. */
void log_force(struct log *l, struct host_io_then then);

/*
 * Records up to and including `sequence`, all durable, are no longer needed: a new header, durable, then their space is
 * free. The caller has made durable what they stood for. One at a time (log->truncating).
 */
void log_truncate(struct log *l, uint64_t sequence, struct host_io_then then);

/* Whether the device has taken the record with this number, all but its separate mark; durable it may not be yet. */
bool log_has_written(const struct log *l, uint64_t sequence);

/* Read header and ring, and tell of each entry found; then log_restart(). status BLK_MEDIA_ERROR: no whole header. */
void log_recover(struct log *l, log_entry_fn *visit, void *ctx, struct host_io_then then);
/* Empty log, a new epoch, open for appends when `then` is called. */
void log_restart(struct log *l, struct host_io_then then);

/* Bytes of the ring, and how many of them live records take. */
static inline uint64_t log_ring_bytes(const struct log *l) { return (uint64_t)l->ring * l->block_sectors * SECTOR_BYTES; }
static inline uint64_t log_used_bytes(const struct log *l) { return (uint64_t)l->used * l->block_sectors * SECTOR_BYTES; }

/* Tags on: bytes of records that are no longer live and can still be read in the ring. */
uint64_t log_stale_bytes(const struct log *l);

/* The machine dies: cancels its events. log_open() makes a new one. */
void log_drop(struct log *l);

/* Private to log.c and log_recover.c: write the next header, durable. */
void log_write_header(struct log *l, uint64_t head_sequence, uint32_t head_block, host_io_done_fn *done);

#endif
