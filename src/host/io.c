/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pooled requests, regions, causes. */
#include "host/io.h"

#include <inttypes.h>
#include <string.h>

#include "blk/shown.h"
#include "blk/space.h"
#include "blk/tag.h"

struct host_io_req {
	struct blk_req blk; /* first; blk.owner is the io */
	struct host_io_req *next;
	host_io_done_fn *fn; /* what is to be called, as struct host_io_then has it */
	void *owner;
	uint64_t arg;
	uint32_t epoch;
};

struct host_io *host_io_new(struct sim *s, struct content *content)
{
	struct host_io *io = arena_alloc(s->arena, sizeof(*io));
	if (!io)
		return NULL;
	io->sim = s;
	io->content = content;
	return io;
}

int host_io_add(struct host_io *io, struct blk_dev *dev, struct err *e)
{
	uint32_t i = io->devices;
	if (i == HOST_IO_DEVICES)
		return err_set(e, ERR_LIMIT, "a host has at most %d devices: %s is one too many", HOST_IO_DEVICES, dev->name);
	if (io->content && !dev->tags)
		return err_set(e, ERR_CONFIG, "device %s keeps no content tags, which this host needs", dev->name);
	io->dev[i] = dev;
	io->read_before[i] = dev->stats.host_read_sectors;
	io->write_before[i] = dev->stats.host_write_sectors;
	io->devices++;
	return (int)i;
}

int host_io_layout(const struct host_io *io, const struct host_region_spec *spec, uint32_t count, uint32_t align,
	uint64_t from, struct host_region *out, struct err *e)
{
	uint64_t at[HOST_IO_DEVICES];
	for (uint32_t i = 0; i < HOST_IO_DEVICES; i++)
		at[i] = (from + align - 1) / align * align;
	for (uint32_t i = 0; i < count; i++) {
		const struct host_region_spec *g = &spec[i];
		if (g->device >= io->devices)
			return err_set(e, ERR_CONFIG, "area %s lies on device %u of a host with %u devices", g->name,
				(unsigned)g->device, (unsigned)io->devices);
		struct blk_dev *dev = io->dev[g->device];
		uint64_t room = dev->sectors > at[g->device] ? dev->sectors - at[g->device] : 0;
		room = room / align * align;
		if (g->sectors > room)
			return err_set(e, ERR_CONFIG, "area %s of %" PRIu64 " sectors does not fit on device %s: %" PRIu64
				" of its %" PRIu64 " sectors are left", g->name, g->sectors, dev->name, room, dev->sectors);
		uint64_t sectors = (g->sectors + align - 1) / align * align;
		out[i] = (struct host_region){.name = g->name, .dev = dev, .first = at[g->device], .sectors = sectors,
			.device = g->device, .cause = g->cause};
		at[g->device] += sectors;
	}
	return 0;
}

/* ---- requests -------------------------------------------------------------------------------------------------- */

static void finish(struct sim *s, struct blk_req *blk)
{
	(void)s;
	struct host_io_req *r = (struct host_io_req *)(void *)blk;
	struct host_io *io = blk->owner;
	if (__builtin_expect(io->observe != NULL, 0))
		io->observe(io->observe_ctx, blk);
	host_io_done_fn *fn = r->fn;
	void *owner = r->owner;
	const uint64_t arg = r->arg;
	r->next = io->free_list;
	io->free_list = r;
	if (__builtin_expect(r->epoch != io->epoch, 0))
		return; /* of a machine that is dead */
	io->in_flight--;
	fn(owner, arg, (enum blk_status)blk->status);
}

/* As many again as there are. */
static struct host_io_req *grow(struct host_io *io)
{
	uint32_t more = io->made ? io->made : 32;
	struct host_io_req *r = arena_array(io->sim->arena, more, sizeof(*r));
	if (!r) {
		sim_fail(io->sim, ERR_LIMIT, "no memory for another %" PRIu32 " requests of the host", more);
		return NULL;
	}
	for (uint32_t i = 0; i < more; i++) {
		r[i].blk.done = finish;
		r[i].blk.owner = io;
		r[i].next = i + 1 < more ? &r[i + 1] : NULL;
	}
	io->free_list = r;
	io->made += more;
	return r;
}

static __attribute__((cold)) void note_asked(struct host_io *io, const struct host_region *g, const struct blk_req *r)
{
	const struct blk_space *space = blk_space_of(g->dev);
	io->asked = blk_flow(space ? space->device : g->dev, r);
}

static inline __attribute__((always_inline)) void start(struct host_io *io, const struct host_region *g, enum blk_op op, unsigned flags, uint64_t offset,
	uint32_t sectors, uint64_t tag, host_io_done_fn *fn, void *owner, uint64_t arg)
{
	if (__builtin_expect(offset > g->sectors || sectors > g->sectors - offset, 0))
		sim_bug(io->sim, "%s of %" PRIu32 " sectors at %" PRIu64 " of area %s, which has %" PRIu64,
			blk_op_name(op), sectors, offset, g->name, g->sectors);
	struct host_io_req *r = io->free_list;
	if (__builtin_expect(!r, 0) && !(r = grow(io)))
		return;
	io->free_list = r->next;
	r->fn = fn;
	r->owner = owner;
	r->arg = arg;
	r->epoch = io->epoch;
	io->in_flight++;
	r->blk.lba = g->first + offset;
	r->blk.sectors = sectors;
	r->blk.op = (uint8_t)op;
	r->blk.flags = (uint8_t)flags;
	r->blk.cause = g->cause;
	r->blk.stream = g->stream;
	r->blk.tag = tag;
	r->blk.arrive_ps = io->sim->now_ps;
	blk_submit(g->dev, &r->blk);
	if (__builtin_expect(io->sim->timeline != NULL, 0) && op == BLK_READ && io->asked == 0)
		note_asked(io, g, &r->blk);
}

void host_io_read_then(struct host_io *io, const struct host_region *g, uint64_t offset, uint32_t sectors, host_io_done_fn *fn,
	void *owner, uint64_t arg)
{
	struct host_io_count *c = &io->count[g->device][g->cause];
	c->reads++;
	c->read_sectors += sectors;
	start(io, g, BLK_READ, 0, offset, sectors, 0, fn, owner, arg);
}

void host_io_write_then(struct host_io *io, const struct host_region *g, uint64_t offset, uint32_t sectors, unsigned flags,
	uint64_t tag, host_io_done_fn *fn, void *owner, uint64_t arg)
{
	struct host_io_count *c = &io->count[g->device][g->cause];
	c->writes++;
	c->write_sectors += sectors;
	start(io, g, BLK_WRITE, flags, offset, sectors, tag, fn, owner, arg);
}

void host_io_trim(struct host_io *io, const struct host_region *g, uint64_t offset, uint32_t sectors,
	struct host_io_then then)
{
	struct host_io_count *c = &io->count[g->device][g->cause];
	c->trims++;
	c->trim_sectors += sectors;
	start(io, g, BLK_TRIM, 0, offset, sectors, 0, then.fn, then.owner, then.arg);
}

void host_io_flush(struct host_io *io, const struct host_region *g, struct host_io_then then)
{
	io->count[g->device][g->cause].flushes++;
	start(io, g, BLK_FLUSH, 0, 0, 0, 0, then.fn, then.owner, then.arg);
}

/* ---- tags ------------------------------------------------------------------------------------------------------ */

static uint64_t name(struct host_io *io, const struct content_item *item)
{
	uint64_t tag = content_name(io->content, item);
	if (tag == 0)
		sim_fail(io->sim, ERR_LIMIT, "no memory for the contents of what is written");
	return tag;
}

uint64_t host_io_tag_pages(struct host_io *io, const struct host_region *g, uint64_t offset, uint32_t unit, uint32_t pages,
	const uint64_t *content)
{
	if (!io->content)
		return 0;
	return name(io, &(struct content_item){.lba = g->first + offset, .sectors = unit * pages, .kind = CONTENT_PAGES,
		.unit = (uint16_t)unit, .words = pages, .word = content});
}

uint64_t host_io_tag_item(struct host_io *io, const struct host_region *g, uint64_t offset, uint32_t sectors,
	enum content_kind kind, const uint64_t *word, uint32_t words)
{
	if (!io->content)
		return 0;
	return name(io, &(struct content_item){.lba = g->first + offset, .sectors = sectors, .kind = (uint16_t)kind,
		.words = words, .word = word});
}

bool host_io_page(const struct host_io *io, const struct host_region *g, uint64_t offset, uint32_t unit, uint64_t *page)
{
	return offset <= g->sectors && unit <= g->sectors - offset &&
		content_page(io->content, g->dev->tags, g->first + offset, unit, page);
}

const struct content_item *host_io_item(const struct host_io *io, const struct host_region *g, uint64_t offset)
{
	if (offset >= g->sectors)
		return NULL;
	const struct content_item *item = content_whole(io->content, g->dev->tags, g->first + offset);
	return item && item->sectors <= g->sectors - offset ? item : NULL;
}

/* ---- the end --------------------------------------------------------------------------------------------------- */

void host_io_crash(struct host_io *io)
{
	io->epoch++;
	io->in_flight = 0;
}

int host_io_check(const struct host_io *io, struct err *e)
{
	for (uint32_t i = 0; i < io->devices; i++) {
		const struct blk_dev *dev = io->dev[i];
		uint64_t reads = dev->stats.host_read_sectors - io->read_before[i];
		uint64_t writes = dev->stats.host_write_sectors - io->write_before[i];
		for (const struct blk_req *r = dev->held.head; r; r = r->next) { /* the device has not counted these yet */
			reads += r->op == BLK_READ ? r->sectors : 0;
			writes += r->op == BLK_WRITE ? r->sectors : 0;
		}
		uint64_t our_reads = 0, our_writes = 0;
		for (int c = 0; c < BLK_CAUSE_COUNT; c++) {
			our_reads += io->count[i][c].read_sectors;
			our_writes += io->count[i][c].write_sectors;
		}
		if (reads != our_reads || writes != our_writes)
			return err_set(e, ERR_CHECK, "device %s counts %" PRIu64 " sectors read and %" PRIu64 " written, the host's "
				"causes %" PRIu64 " and %" PRIu64, dev->name, reads, writes, our_reads, our_writes);
	}
	return 0;
}

struct host_io_count host_io_by_cause(const struct host_io *io, enum blk_cause cause)
{
	struct host_io_count sum = {0};
	for (uint32_t i = 0; i < io->devices; i++) {
		const struct host_io_count *c = &io->count[i][cause];
		sum.reads += c->reads;
		sum.writes += c->writes;
		sum.flushes += c->flushes;
		sum.trims += c->trims;
		sum.read_sectors += c->read_sectors;
		sum.write_sectors += c->write_sectors;
		sum.trim_sectors += c->trim_sectors;
	}
	return sum;
}
