/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The block request: what every workload hands to every device.
 *
 * A request is born in a workload (from a pool), is submitted to exactly one device, and
 * comes back exactly once through done(), which is always called from an event, never
 * inside submit. Between submit and done it belongs to the device; before and after to
 * the workload. Nothing below a device calls up in any other way.
 *
 * Addresses and lengths are in 512-byte sectors, whatever the device's own block size.
 * Times are simulated ps; a stage that did not happen keeps -1.
 */
#ifndef QUERN_BLK_REQ_H
#define QUERN_BLK_REQ_H

#include <stddef.h>
#include <stdint.h>

#include "sim/sim.h"

#define SECTOR_BYTES 512
#define BLK_NO_PLACE UINT64_MAX
#define BLK_ALL_SPACES UINT32_MAX /* nsid of a flush of all namespaces */

enum blk_op {
	BLK_READ,
	BLK_WRITE,
	BLK_FLUSH,        /* all acknowledged writes become durable; lba and sectors unused */
	BLK_TRIM,         /* content of the range is no longer needed; then reads as zeros */
	BLK_WRITE_ZEROES, /* as a write of zeros, without data on the bus */
	BLK_ZONE_OPEN,    /* zone operations name a zone by its first LBA */
	BLK_ZONE_CLOSE,
	BLK_ZONE_FINISH,
	BLK_ZONE_RESET,
	BLK_ZONE_APPEND,  /* write at the write pointer; lba returns where */
	BLK_OP_COUNT
};

enum blk_flag {
	BLK_FUA = 1 << 0,     /* durable before done() */
	BLK_BARRIER = 1 << 1, /* after all earlier, before all later requests of the device */
	BLK_SYNC = 1 << 2,    /* a caller waits; a hint for schedulers */
	BLK_ORDERED = 1 << 3, /* SCSI ordered tag: after all earlier, before all later in the drive's queue */
	BLK_HEAD_OF_QUEUE = 1 << 4, /* SCSI head-of-queue tag: the drive serves it next */
};

enum blk_status {
	BLK_OK,
	BLK_OUT_OF_RANGE,  /* lba + sectors passes the end (NVMe: LBA Out of Range, 00h/80h), or sectors is 0 where it must
	                    * not be */
	BLK_UNSUPPORTED,   /* the device has no such operation */
	BLK_MEDIA_ERROR,   /* unrecoverable read or failed write */
	BLK_POWER_LOST,    /* in flight when the power went; a write may be old, new or torn */
	BLK_NOT_READY,     /* submitted while the power is off */
	/* Zones; each is named as INCITS 536 (ZBC) names it, with the sense code (ASC/ASCQ) it comes with.
	 * The command changed nothing. */
	BLK_UNALIGNED_WRITE,   /* 21h/04h UNALIGNED WRITE COMMAND: not at the write pointer */
	BLK_WRITE_BOUNDARY,    /* 21h/05h WRITE BOUNDARY VIOLATION: past the end of its zone */
	BLK_READ_INVALID_DATA, /* 21h/06h ATTEMPT TO READ INVALID DATA: at or past the write pointer */
	BLK_READ_BOUNDARY,     /* 21h/07h READ BOUNDARY VIOLATION: past the end of its zone */
	BLK_ZONE_RESOURCES,    /* 55h/0Eh INSUFFICIENT ZONE RESOURCES: too many open zones */
	BLK_INVALID_FIELD,     /* 24h/00h INVALID FIELD IN CDB: not the start of a zone, a conventional
	                        * zone, a write to a full one */
	BLK_WRITE_FAULT,       /* NVMe: Media and Data Integrity Errors: Write Fault (02h/80h): the drive is read-only at its
	                        * end of life; the command changed nothing */
	BLK_INVALID_NAMESPACE, /* NVMe: Generic Command Status: Invalid Namespace or Format (00h/0Bh); the command changed nothing */
	BLK_STATUS_COUNT
};

/* Who caused it: bytes, write amplification and wear are attributed to these. */
enum blk_cause {
	BLK_CAUSE_HOST, /* a trace or a job */
	BLK_CAUSE_SWAP,
	BLK_CAUSE_FILE,
	BLK_CAUSE_LOG,
	BLK_CAUSE_CHECKPOINT,
	BLK_CAUSE_MIGRATION,
	BLK_CAUSE_COUNT
};

/* How a read or write was served, for reports. */
enum blk_hit {
	BLK_MISS,        /* the medium was needed for all of it */
	BLK_HIT,         /* served from the buffer, or a write taken by it */
	BLK_HIT_PARTIAL, /* some of it was, or the data was still arriving */
	BLK_HIT_NONE,    /* does not apply (flush, trim) */
	BLK_HIT_COUNT
};

struct blk_req;
typedef void blk_done_fn(struct sim *s, struct blk_req *r);

struct blk_req {
	/* set by the workload */
	uint64_t lba;      /* first sector */
	uint32_t sectors;  /* length; 0 only for flush and zone operations */
	uint8_t op;        /* enum blk_op */
	uint8_t flags;     /* enum blk_flag */
	uint8_t priority;  /* 0 highest */
	uint8_t cause;     /* enum blk_cause */
	uint16_t stream;   /* stream or FDP placement id; 0 none */
	uint16_t queue;    /* submitter (process, queue pair), for fair schedulers */
	uint32_t nsid;     /* namespace, from 1; 0: of a device that is one. Set by blk/space */
	uint64_t tag;      /* content tag of written data (blk/tag.h); 0: none */
	blk_done_fn *done;
	void *owner;       /* the workload's own */
	time_ps arrive_ps; /* intended arrival: latency counts from here */

	/* set by the queue and the device */
	uint8_t status;    /* enum blk_status */
	uint8_t hit;       /* enum blk_hit */
	time_ps submit_ps; /* handed to the device */
	time_ps start_ps;  /* the device began to work on it */
	time_ps media_ps;  /* first sector under the head (or first die busy); -1: none */
	time_ps done_ps;   /* completion seen by the host */
	/* where the service time went; they need not sum to it, since they overlap */
	time_ps overhead_ps;  /* controller and command overheads */
	time_ps seek_ps;      /* seek, head switch and settle, all of them */
	time_ps rotation_ps;  /* rotational waits, all of them */
	time_ps transfer_ps;  /* data passing under the head, or array and channel time */
	time_ps bus_ps;       /* data on the host bus */
	int64_t energy_pj;    /* what its mechanics drew, in 1e-12 J; 0 where the device does not know */
	uint32_t unwritten;   /* sectors read that were never written (read as zeros) */
	uint32_t seek_distance; /* to the first place, in the device's own steps (disks: cylinders) */
	uint64_t place;       /* where it was served first (disks: cylinder); BLK_NO_PLACE: no medium */

	/* private to whoever holds the request now */
	struct event event;    /* the holder's next event for it */
	struct blk_req *next;  /* intrusive list links */
	struct blk_req *prev;
	uint64_t sequence;     /* order of arrival at the device */
	uint64_t key;          /* the device's sort key (cylinder, band, ...) */
	void *device_private;
};

const char *blk_op_name(enum blk_op op);         /* "read", "write", ... */
const char *blk_status_name(enum blk_status s);  /* "ok", "out-of-range", ... */
const char *blk_cause_name(enum blk_cause c);
const char *blk_hit_name(enum blk_hit h);

/* Whether a command that ended so was turned away before it touched anything. */
static inline int blk_status_refused(enum blk_status s)
{
	return s == BLK_OUT_OF_RANGE || s == BLK_UNSUPPORTED || s == BLK_NOT_READY || s >= BLK_UNALIGNED_WRITE;
}

/* Whether the operation carries a sector range. */
static inline int blk_op_has_range(enum blk_op op)
{
	return (1u << op & (1u << BLK_READ | 1u << BLK_WRITE | 1u << BLK_TRIM | 1u << BLK_WRITE_ZEROES |
		1u << BLK_ZONE_APPEND)) != 0;
}

/* Clear everything the queue and the device set; the workload's part stays. */
static inline void blk_req_reset(struct blk_req *r)
{
	r->status = BLK_OK;
	r->hit = BLK_HIT_NONE;
	r->submit_ps = r->start_ps = r->media_ps = r->done_ps = -1;
	r->overhead_ps = r->seek_ps = r->rotation_ps = r->transfer_ps = r->bus_ps = 0;
	r->energy_pj = 0;
	r->unwritten = r->seek_distance = 0;
	r->place = BLK_NO_PLACE;
	r->next = r->prev = NULL;
	r->sequence = r->key = 0;
	r->device_private = NULL;
}

/* Intrusive doubly linked FIFO of requests. */
struct blk_list {
	struct blk_req *head;
	struct blk_req *tail;
	uint32_t count;
};

static inline void blk_list_append(struct blk_list *l, struct blk_req *r)
{
	r->next = NULL;
	r->prev = l->tail;
	if (l->tail)
		l->tail->next = r;
	else
		l->head = r;
	l->tail = r;
	l->count++;
}

/* The first, taken out; there is one. */
static inline struct blk_req *blk_list_take(struct blk_list *l)
{
	struct blk_req *r = l->head;
	l->head = r->next;
	if (l->head)
		l->head->prev = NULL;
	else
		l->tail = NULL;
	r->next = NULL;
	l->count--;
	return r;
}

static inline void blk_list_remove(struct blk_list *l, struct blk_req *r)
{
	if (r->prev)
		r->prev->next = r->next;
	else
		l->head = r->next;
	if (r->next)
		r->next->prev = r->prev;
	else
		l->tail = r->prev;
	r->next = r->prev = NULL;
	l->count--;
}

#endif
