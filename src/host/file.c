/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files: the page cache, readahead, and the pager of mapped files. */
#include "host/host_private.h"

#include <inttypes.h>

struct host_file *host_file_new(struct host *h, const char *name, const struct host_region *region, uint64_t offset,
	uint64_t pages, struct err *e)
{
	struct arena *a = h->sim->arena;
	if (pages == 0 || pages >= HOST_PLACE_BUSY || offset > region->sectors || pages > (region->sectors - offset) / h->page_sectors) {
		err_set(e, ERR_CONFIG, "file %s of %" PRIu64 " pages does not fit at sector %" PRIu64 " of area %s, which has %" PRIu64, name,
			pages, offset, region->name, region->sectors);
		return NULL;
	}
	struct host_file *f = arena_alloc(a, sizeof(*f));
	host_place *cache = arena_array(a, pages, sizeof(*cache));
	uint64_t *dirty = arena_array(a, pages / 64 + 1, sizeof(*dirty));
	if (!f || !cache || !dirty) {
		err_set(e, ERR_LIMIT, "no memory for file %s of %" PRIu64 " pages", name, pages);
		return NULL;
	}
	*f = (struct host_file){.host = h, .name = name, .region = region, .offset = offset, .pages = pages, .cache = cache, .dirty = dirty,
		.sync_now = HOST_NO_THREAD, .sync_next = HOST_NO_THREAD, .next = h->files, .dirty_from = pages};
	f->owner = host_owner_new(h, f, HOST_OWNER_FILE);
	h->files = f;
	return f;
}

static uint64_t sector_of(const struct host_file *f, uint64_t page) { return f->offset + page * f->host->page_sectors; }

/* ---- reading --------------------------------------------------------------------------------------------------- */

static void arrived(void *owner, uint64_t arg, enum blk_status status)
{
	struct host_file *f = owner;
	struct host *h = f->host;
	uint64_t first = (uint32_t)arg, count = arg >> 32;
	h->n.io_errors += status != BLK_OK;
	for (uint64_t page = first; page < first + count; page++) {
		uint32_t frame = host_place_get(&f->cache[page]);
		if (h->content && !host_io_page(h->io, f->region, sector_of(f, page), h->page_sectors, &h->content[frame]))
			h->content[frame] = UINT64_MAX; /* torn */
		host_filled(h, frame);
	}
}

/* A page behind the one that is read comes along where nobody has it and a frame is to be had. */
static bool take_along(struct host_file *f, uint64_t page)
{
	struct host *h = f->host;
	if (page >= f->pages || host_place_get(&f->cache[page]) != HOST_NO_FRAME)
		return false;
	uint32_t frame = host_frame_try(h);
	if (frame == HOST_NO_FRAME)
		return false;
	host_frame_name(h, frame, host_key(f->owner, page), HOST_PAGER_FILE);
	h->frame[frame].state = HOST_FRAME_FILLING;
	host_place_set(&f->cache[page], frame);
	h->filling++;
	h->n.file_ahead++;
	return true;
}

static void read_pages(struct host_file *f, uint64_t page, uint64_t count)
{
	struct host *h = f->host;
	h->n.file_ins += count;
	h->n.file_reads++;
	host_io_read(h->io, f->region, sector_of(f, page), (uint32_t)count * h->page_sectors,
		(struct host_io_then){arrived, f, count << 32 | page});
}

/* The window that begins at `page`; `have` pages of it are taken already, and from `mark` on it was asked for ahead. */
static void read_window(struct host_file *f, uint64_t page, uint32_t window, uint64_t have, uint64_t mark)
{
	uint64_t end = page + have;
	while (end < page + window && take_along(f, end))
		end++;
	f->ahead_next = end;
	f->ahead_pages = window;
	if (f->host->spec->file.readahead_initial > 0 && mark < end)
		f->host->frame[host_place_get(&f->cache[mark])].flags |= HOST_FRAME_AHEAD;
	if (end > page)
		read_pages(f, page, end - page);
}

/* The window for a read at `page`. */
static uint32_t next_window(const struct host_file *f, uint64_t page)
{
	const struct host_file_spec *s = &f->host->spec->file;
	if (s->readahead_initial == 0)
		return (uint32_t)s->readahead;
	if (page != f->ahead_next || f->ahead_pages == 0)
		return (uint32_t)s->readahead_initial;
	return 2 * f->ahead_pages < (uint32_t)s->readahead ? 2 * f->ahead_pages : (uint32_t)s->readahead;
}

void host_file_ahead(struct host_file *f, uint64_t page)
{
	if (page >= f->ahead_next || f->ahead_next >= f->pages)
		return;
	uint64_t from = f->ahead_next;
	read_window(f, from, next_window(f, from), 0, from);
}

/* ---- the pager ------------------------------------------------------------------------------------------------- */

static uint64_t page_of(const struct host_thread *th)
{
	return th->file ? th->page : th->area->file_page + (th->page - th->area->first);
}

static struct host_file *file_of(const struct host_thread *th) { return th->file ? th->file : th->area->file; }

static host_place *place(struct host *h, struct host_thread *th, uint64_t pte)
{
	(void)h;
	(void)pte;
	return &file_of(th)->cache[page_of(th)];
}

static uint64_t key(struct host *h, struct host_thread *th, uint64_t pte)
{
	(void)h;
	(void)pte;
	return host_key(file_of(th)->owner, page_of(th));
}

static bool fill(struct host *h, struct host_thread *th, uint64_t pte, uint32_t frame)
{
	(void)pte;
	if (th->file && th->whole) { /* all of it is being written: what the file had is gone, whatever becomes of the thread */
		if (h->content)
			h->content[frame] = ++h->content_clock;
		host_dirty(h, frame, th);
		return true;
	}
	struct host_file *f = file_of(th);
	uint64_t page = page_of(th);
	read_window(f, page, next_window(f, page), 1, page + 1); /* the frame is in its place already */
	return false;
}

static bool may_evict(struct host *h, const struct host_frame *f)
{
	(void)h;
	(void)f;
	return true;
}

static uint64_t unmapped(struct host *h, uint32_t frame)
{
	(void)h;
	(void)frame;
	return 0; /* the page cache knows where it is */
}

static void gone(struct host *h, uint32_t frame)
{
	uint64_t k = h->frame[frame].key;
	struct host_file *f = h->owner[host_key_owner(k)].holder;
	host_place_set(&f->cache[host_key_page(k)], HOST_NO_FRAME);
}

static bool idle(struct host *h, uint32_t frame)
{
	(void)h;
	(void)frame;
	return false; /* the cache keeps it */
}

static void clean(struct host *h, uint32_t frame)
{
	uint64_t k = h->frame[frame].key;
	host_file_write(h->owner[host_key_owner(k)].holder, host_key_page(k), 1);
}

const struct host_pager host_pager_file = {HOST_PAGER_FILE, place, key, fill, may_evict, unmapped, gone, idle, clean};

uint64_t host_file_content(const struct host_file *f, uint64_t page)
{
	const struct host *h = f->host;
	uint32_t frame = host_place_get(&f->cache[page]);
	uint64_t content = 0;
	if (frame < h->frames && h->frame[frame].state == HOST_FRAME_LIVE)
		return h->content[frame];
	return host_io_page(h->io, f->region, sector_of(f, page), h->page_sectors, &content) ? content : UINT64_MAX;
}
