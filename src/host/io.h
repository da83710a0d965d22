/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The host's way to its block devices: named regions of a layout, pooled requests, who caused what, and content tags
 * when they are on.
 *
 * A region is a stretch of one device: superblock, swap, file extents, log ring, checkpoint A and B, in the order in which
 * the layout lists them. Whoever does I/O names region and offset and what is to be called when it is over; the request
 * itself is the io's and never seen. What is called (host_io_done_fn) is called from an event, exactly once, never
 * inside the call that started it, and may start more. Requests come from a free list that grows
 * by doubling and otherwise costs nothing: about 60 instructions on top of blk_submit() and of done().
 *
 * With tags on, io->content is set and each write has a tag: host_io_tag_pages() or content_name() makes it; off, tags are 0
 * and reads tell no contents. Tags on: each device must have dev->tags.
 *
 * Crash: host_io_crash() forgets the machine: what is under way still comes back to the io, but nobody is called.
 *
 * Invariant (host_io_check): of each device, sectors read and written by cause add up to the device's host sectors.
 *
 * Units: 512-byte sectors. Owner: the sim arena. Errors: host_io_layout() says what does not fit; memory that runs out and
 * requests beyond a region's end stop the run (sim_fail, sim_bug).
 */
#ifndef QUERN_HOST_IO_H
#define QUERN_HOST_IO_H

#include <stdbool.h>
#include <stdint.h>

#include "blk/dev.h"
#include "host/content.h"

#define HOST_IO_DEVICES 8

/* What is called when a request is over. */
typedef void host_io_done_fn(void *owner, uint64_t arg, enum blk_status status);

struct host_io_then {
	host_io_done_fn *fn;
	void *owner;
	uint64_t arg; /* the caller's own: a frame, a slot, ... */
};

/* A stretch of a device. */
struct host_region {
	const char *name;       /* "swap"; borrowed, static */
	struct blk_dev *dev;
	uint64_t first;         /* sector of the device */
	uint64_t sectors;
	uint8_t device;         /* index in the io */
	uint8_t cause;          /* enum blk_cause */
	uint16_t stream;        /* for the device (stream or placement id); 0: none */
};

/* What a layout asks for. */
struct host_region_spec {
	const char *name;
	uint8_t device;
	uint8_t cause;
	uint64_t sectors;       /* rounded up to `align` */
};

/* What was submitted, by cause. */
struct host_io_count {
	uint64_t reads, writes, flushes, trims;
	uint64_t read_sectors, write_sectors, trim_sectors;
};

struct host_io_req;

struct host_io {
	struct sim *sim;
	struct content *content;       /* NULL: tags are off */
	uint32_t devices;
	uint32_t epoch;                /* of the machine that lives now */
	uint32_t in_flight;            /* requests of this epoch */
	struct host_io_req *free_list;
	uint32_t made;                 /* requests ever made */
	struct blk_dev *dev[HOST_IO_DEVICES];
	uint64_t read_before[HOST_IO_DEVICES];  /* sectors of the device's own count when it was added */
	uint64_t write_before[HOST_IO_DEVICES];
	struct host_io_count count[HOST_IO_DEVICES][BLK_CAUSE_COUNT];
	/* sees each request that comes back, of dead machines too; NULL: nobody looks (export as a block trace) */
	void (*observe)(void *ctx, const struct blk_req *r);
	void *observe_ctx;
	uint64_t asked;                /* on the timeline: the first read since whoever wants to know has set it to 0 */
	uint32_t group;                /* on the timeline, of all that is on these devices; 0: not yet made */
};

/* NULL: no memory. content: borrowed, or NULL for no tags. */
struct host_io *host_io_new(struct sim *s, struct content *content);
/* Returns the device's index; -1: there are HOST_IO_DEVICES already, or it has no tags where tags are on. */
int host_io_add(struct host_io *io, struct blk_dev *dev, struct err *e);

/*
 * Lay regions out on their devices, each device from sector `from` on, in the order given, each beginning at a multiple of `align`
 * sectors (> 0). 0, or -1 with a sentence that names the first region that does not fit.
 */
int host_io_layout(const struct host_io *io, const struct host_region_spec *spec, uint32_t count, uint32_t align,
	uint64_t from, struct host_region *out, struct err *e);

/* Start a request; offset and sectors within the region. flags: enum blk_flag. */
static inline void host_io_read(struct host_io *io, const struct host_region *g, uint64_t offset, uint32_t sectors,
	struct host_io_then then);
static inline void host_io_write(struct host_io *io, const struct host_region *g, uint64_t offset, uint32_t sectors, unsigned flags,
	uint64_t tag, struct host_io_then then);
void host_io_trim(struct host_io *io, const struct host_region *g, uint64_t offset, uint32_t sectors,
	struct host_io_then then);
/* Flush the region's whole device; counted under the region's cause. */
void host_io_flush(struct host_io *io, const struct host_region *g, struct host_io_then then);

/* The tag of a write of `pages` pages of `unit` sectors with these contents; 0 when tags are off. */
uint64_t host_io_tag_pages(struct host_io *io, const struct host_region *g, uint64_t offset, uint32_t unit, uint32_t pages,
	const uint64_t *content);
/* The tag of a write that is one thing. 0 when tags are off. */
uint64_t host_io_tag_item(struct host_io *io, const struct host_region *g, uint64_t offset, uint32_t sectors,
	enum content_kind kind, const uint64_t *word, uint32_t words);
/* Tags on only: what a read finds there now. See content_page(), content_whole(); all within the region. */
bool host_io_page(const struct host_io *io, const struct host_region *g, uint64_t offset, uint32_t unit, uint64_t *page);
const struct content_item *host_io_item(const struct host_io *io, const struct host_region *g, uint64_t offset);

/* The machine dies now; the devices are another matter (blk_dev_power_cut). A new one may start at once. */
void host_io_crash(struct host_io *io);

/* The invariant above. 0, or -1 with a sentence. */
int host_io_check(const struct host_io *io, struct err *e);
/* Sum over all devices. */
struct host_io_count host_io_by_cause(const struct host_io *io, enum blk_cause cause);

/* Private: host_io_read() and host_io_write(). What is to be called goes in registers: a copy through memory waits for its parts to
 * be written. */
void host_io_read_then(struct host_io *io, const struct host_region *g, uint64_t offset, uint32_t sectors, host_io_done_fn *fn,
	void *owner, uint64_t arg);
void host_io_write_then(struct host_io *io, const struct host_region *g, uint64_t offset, uint32_t sectors, unsigned flags,
	uint64_t tag, host_io_done_fn *fn, void *owner, uint64_t arg);

static inline void host_io_read(struct host_io *io, const struct host_region *g, uint64_t offset, uint32_t sectors,
	struct host_io_then then)
{
	host_io_read_then(io, g, offset, sectors, then.fn, then.owner, then.arg);
}

static inline void host_io_write(struct host_io *io, const struct host_region *g, uint64_t offset, uint32_t sectors, unsigned flags,
	uint64_t tag, struct host_io_then then)
{
	host_io_write_then(io, g, offset, sectors, flags, tag, then.fn, then.owner, then.arg);
}

#endif
