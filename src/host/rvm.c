/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recoverable virtual memory: transactions, commit, truncation. Recovery is in rvm_recover.c. */
#include "host/rvm.h"

#include <inttypes.h>
#include <string.h>

struct rvm_tx {
	struct rvm *rvm;
	struct rvm_tx *next, *prev;
	uint64_t number, sequence;
	uint64_t bytes, ranges;   /* as the program set them */
	struct host_io_then then; /* fn NULL: nobody waits */
	uint32_t pages, room;
	uint64_t *word;          /* the log entry, kept when the struct is used again */
};

static bool walk_wants(void *ctx, uint32_t page);
static void walk_visit(void *ctx, const uint32_t *page, uint32_t count);
static void walk_over(void *ctx);
static const struct walker_ops walk_ops = {walk_wants, walk_visit, walk_over};

static void log_full(void *ctx);

int rvm_open(struct rvm *r, struct host_io *io, const struct host_region *segment, const struct host_region *log,
	const struct rvm_spec *spec, uint64_t seed, struct err *e)
{
	struct arena *a = io->sim->arena;
	*r = (struct rvm){.io = io, .segment = segment, .spec = spec, .page_sectors = (uint32_t)(spec->page_bytes / SECTOR_BYTES)};
	r->waiting_end = &r->waiting;
	r->redo = spec->walker;
	r->redo.rate = 0;
	if (segment->sectors / r->page_sectors < (uint64_t)spec->pages)
		return err_set(e, ERR_CONFIG, "area %s of %" PRIu64 " sectors does not hold the segment's %" PRId64 " pages",
			segment->name, segment->sectors, spec->pages);
	r->ended = arena_array(a, (size_t)spec->pages, sizeof(*r->ended));
	r->durable = arena_array(a, (size_t)spec->pages, sizeof(*r->durable));
	r->first = arena_array(a, (size_t)spec->pages, sizeof(*r->first));
	if (!r->ended || !r->durable || !r->first)
		return err_set(e, ERR_LIMIT, "no memory for a recoverable segment of %" PRId64 " pages", spec->pages);
	if (log_open(&r->log, io, log, &spec->log, e) < 0)
		return -1;
	r->log.full = log_full;
	r->log.full_ctx = r;
	return walker_open(&r->walker, io->sim, &spec->walker, (uint32_t)spec->pages, &walk_ops, r, seed, e);
}

void rvm_started(struct rvm *r, enum blk_status status)
{
	r->ready = status == BLK_OK;
	r->stats.recovery_ps = r->io->sim->now_ps - r->start_ps;
	struct host_io_then then = r->start_then;
	then.fn(then.owner, then.arg, status);
}

static void formatted(void *owner, uint64_t arg, enum blk_status status)
{
	(void)arg;
	rvm_started(owner, status);
}

void rvm_format(struct rvm *r, struct host_io_then then)
{
	r->start_then = then;
	r->start_ps = r->io->sim->now_ps;
	log_format(&r->log, (struct host_io_then){formatted, r, 0});
}

/* ---- transactions ----------------------------------------------------------------------------------------------- */

struct rvm_tx *rvm_begin(struct rvm *r)
{
	struct rvm_tx *tx = r->spare;
	if (tx)
		r->spare = tx->next;
	else if (!(tx = arena_alloc(r->io->sim->arena, sizeof(*tx)))) {
		sim_fail(r->io->sim, ERR_LIMIT, "no memory for a transaction");
		return NULL;
	}
	uint64_t *word = tx->word;
	uint32_t room = tx->room;
	*tx = (struct rvm_tx){.rvm = r, .word = word, .room = room, .next = r->open_tx};
	if (r->open_tx)
		r->open_tx->prev = tx;
	r->open_tx = tx;
	r->stats.begun++;
	return tx;
}

/* Whether the page is new to the transaction. */
static bool add_page(struct rvm_tx *tx, uint64_t page)
{
	for (uint32_t i = 0; i < tx->pages; i++)
		if (tx->word[RVM_ENTRY_WORDS + 2 * i] == page)
			return false;
	uint32_t need = RVM_ENTRY_WORDS + 2 * (tx->pages + 1);
	if (need > tx->room) {
		uint32_t room = 2 * need + 8;
		uint64_t *grown = arena_array(tx->rvm->io->sim->arena, room, sizeof(*grown));
		if (!grown) {
			sim_fail(tx->rvm->io->sim, ERR_LIMIT, "no memory for a transaction of %" PRIu32 " pages", tx->pages + 1);
			return false;
		}
		if (tx->pages > 0)
			memcpy(grown, tx->word, (need - 2) * sizeof(*grown));
		tx->word = grown;
		tx->room = room;
	}
	tx->word[RVM_ENTRY_WORDS + 2 * tx->pages++] = page;
	return true;
}

uint32_t rvm_set_range(struct rvm_tx *tx, uint64_t offset, uint64_t bytes)
{
	struct rvm *r = tx->rvm;
	uint64_t page_bytes = (uint64_t)r->spec->page_bytes;
	uint32_t new_pages = 0;
	if (bytes == 0)
		return 0;
	if (offset + bytes > (uint64_t)r->spec->pages * page_bytes)
		sim_bug(r->io->sim, "a range of %" PRIu64 " bytes at %" PRIu64 " of a segment of %" PRId64 " pages", bytes, offset,
			r->spec->pages);
	for (uint64_t page = offset / page_bytes; page <= (offset + bytes - 1) / page_bytes; page++)
		new_pages += add_page(tx, page);
	tx->ranges++;
	tx->bytes += bytes;
	return new_pages;
}

bool rvm_set_page(struct rvm_tx *tx, uint64_t page)
{
	struct rvm *r = tx->rvm;
	if (page >= (uint64_t)r->spec->pages || r->spec->tracking != RVM_PAGES)
		sim_bug(r->io->sim, "page %" PRIu64 " of a segment of %" PRId64 " pages, which are %stracked", page, r->spec->pages,
			r->spec->tracking == RVM_PAGES ? "" : "not ");
	return add_page(tx, page);
}

void rvm_count_set(struct rvm_tx *tx, uint64_t bytes) { tx->bytes += bytes; }

static void leave_open(struct rvm_tx *tx)
{
	struct rvm *r = tx->rvm;
	if (tx->prev)
		tx->prev->next = tx->next;
	else
		r->open_tx = tx->next;
	if (tx->next)
		tx->next->prev = tx->prev;
	tx->next = tx->prev = NULL;
}

static void give_back(struct rvm *r, struct rvm_tx *tx)
{
	tx->next = r->spare;
	r->spare = tx;
}

void rvm_abort(struct rvm_tx *tx)
{
	tx->rvm->stats.aborted++;
	leave_open(tx);
	give_back(tx->rvm, tx);
}

static void consider_truncation(struct rvm *r);

/* Its new values are in the log for good. */
static void settle(struct rvm *r, struct rvm_tx *tx)
{
	for (uint32_t i = 0; i < tx->pages; i++) {
		uint64_t page = tx->word[RVM_ENTRY_WORDS + 2 * i];
		r->durable[page] = tx->number;
		if (r->first[page] == 0)
			r->first[page] = tx->sequence;
	}
	r->last_durable = tx->number;
	r->stats.durable++;
	r->stats.durable_set_bytes += tx->bytes;
}

/* Records that hold no flushed transaction tell nobody that they are durable. */
static void settle_unasked(struct rvm *r)
{
	while (r->waiting && r->waiting->sequence <= r->log.durable && !r->waiting->then.fn) {
		struct rvm_tx *tx = r->waiting;
		r->waiting = tx->next;
		if (!r->waiting)
			r->waiting_end = &r->waiting;
		settle(r, tx);
		give_back(r, tx);
	}
}

/* A record is durable: so is all that it and those before it hold, also what ended without a flush. */
static void durable_up_to(struct rvm *r, uint64_t number, enum blk_status status)
{
	r->failed |= status != BLK_OK;
	while (r->waiting && (status == BLK_OK ? r->waiting->sequence <= r->log.durable : r->waiting->number <= number)) {
		struct rvm_tx *tx = r->waiting;
		r->waiting = tx->next;
		if (!r->waiting)
			r->waiting_end = &r->waiting;
		if (status == BLK_OK)
			settle(r, tx);
		struct host_io_then then = tx->then;
		give_back(r, tx);
		if (then.fn)
			then.fn(then.owner, then.arg, status);
	}
	consider_truncation(r);
}

static void committed(void *owner, uint64_t number, enum blk_status status) { durable_up_to(owner, number, status); }

/* Its number and its entry's words; the pages are its from now on. */
static void seal(struct rvm_tx *tx)
{
	struct rvm *r = tx->rvm;
	leave_open(tx);
	tx->number = ++r->last_ended;
	tx->sequence = UINT64_MAX; /* until it is in the log */
	tx->word[0] = tx->number;
	tx->word[1] = tx->pages;
	for (uint32_t i = 0; i < tx->pages; i++) {
		uint64_t *entry = &tx->word[RVM_ENTRY_WORDS + 2 * i];
		entry[1] = r->ended[entry[0]];
		r->ended[entry[0]] = tx->number;
	}
	*r->waiting_end = tx;
	r->waiting_end = &tx->next;
}

static uint64_t end(struct rvm_tx *tx, bool flush, struct host_io_then then, bool numbered)
{
	struct rvm *r = tx->rvm;
	if (tx->pages == 0 && tx->room == 0)
		tx->word = arena_array(r->io->sim->arena, tx->room = RVM_ENTRY_WORDS, sizeof(*tx->word));
	if (!tx->word) {
		sim_fail(r->io->sim, ERR_LIMIT, "no memory for a transaction");
		return 0;
	}
	uint64_t bytes = r->spec->tracking == RVM_PAGES ? tx->pages * ((uint64_t)r->spec->page_bytes + RVM_RANGE_BYTES) :
		tx->bytes + tx->ranges * RVM_RANGE_BYTES;
	seal(tx);
	uint64_t number = tx->number;
	if (numbered)
		then.arg = number;
	tx->then = then;
	r->stats.ended++;
	r->stats.pages += tx->pages;
	r->stats.ranges += tx->ranges;
	r->stats.set_bytes += tx->bytes;
	r->stats.logged_bytes += bytes;
	tx->sequence = log_append(&r->log, tx->word, RVM_ENTRY_WORDS + 2 * tx->pages, bytes, flush,
		(struct host_io_then){committed, r, number});
	consider_truncation(r);
	return number;
}

uint64_t rvm_end(struct rvm_tx *tx, bool flush, host_io_done_fn *then, void *owner)
{
	return end(tx, flush, (struct host_io_then){flush ? then : NULL, owner, 0}, true);
}

/* An empty transaction that ends behind all others. */
void rvm_flush(struct rvm *r, struct host_io_then then)
{
	struct rvm_tx *tx = rvm_begin(r);
	if (tx)
		end(tx, true, then, false);
}

/* ---- truncation -------------------------------------------------------------------------------------------------- */

/* All that is durable, if there is any and none is under way. */
static void truncate_log(struct rvm *r)
{
	if (r->truncating || r->failed || !r->ready)
		return;
	settle_unasked(r);
	uint64_t upto = r->log.durable;
	if (r->waiting && r->waiting->sequence <= upto)
		upto = r->waiting->sequence - 1; /* its answer is on the way */
	if (upto < r->log.head_sequence)
		return;
	r->truncating = true;
	r->truncate_to = upto;
	r->stats.truncations++;
	walker_start(&r->walker);
}

static void consider_truncation(struct rvm *r)
{
	if ((double)log_used_bytes(&r->log) >= r->spec->truncate_at * (double)log_ring_bytes(&r->log))
		truncate_log(r);
}

static void log_full(void *ctx) { truncate_log(ctx); }

static bool walk_wants(void *ctx, uint32_t page)
{
	const struct rvm *r = ctx;
	return r->first[page] != 0 && r->first[page] <= r->truncate_to;
}

static void page_written(void *owner, uint64_t pages, enum blk_status status)
{
	struct rvm *r = owner;
	r->failed |= status != BLK_OK;
	r->stats.pages_written += status == BLK_OK ? pages : 0;
	walker_done(&r->walker);
}

/* Neighbours go in one write. */
static void walk_visit(void *ctx, const uint32_t *page, uint32_t count)
{
	struct rvm *r = ctx;
	uint64_t content[WALKER_BATCH];
	uint32_t writes = 0;
	for (uint32_t i = 0; i < count;) {
		uint32_t n = 0;
		do {
			content[n] = r->durable[page[i + n]];
			r->first[page[i + n]] = 0;
			n++;
		} while (i + n < count && page[i + n] == page[i] + n);
		uint64_t offset = (uint64_t)page[i] * r->page_sectors;
		writes++;
		host_io_write(r->io, r->segment, offset, n * r->page_sectors, 0,
			host_io_tag_pages(r->io, r->segment, offset, r->page_sectors, n, content),
			(struct host_io_then){page_written, r, n});
		i += n;
	}
	walker_split(&r->walker, writes);
}

static void head_moved(void *owner, uint64_t arg, enum blk_status status)
{
	struct rvm *r = owner;
	(void)arg;
	r->truncating = false;
	r->failed |= status != BLK_OK;
	consider_truncation(r);
}

static void segment_flushed(void *owner, uint64_t arg, enum blk_status status)
{
	struct rvm *r = owner;
	(void)arg;
	r->failed |= status != BLK_OK;
	if (!r->ready)
		rvm_redone(r, r->failed ? BLK_MEDIA_ERROR : BLK_OK);
	else if (!r->failed)
		log_truncate(&r->log, r->truncate_to, (struct host_io_then){head_moved, r, 0});
}

static void walk_over(void *ctx)
{
	struct rvm *r = ctx;
	if (r->spec->log.durability == LOG_NONE || r->spec->no_data_flush)
		segment_flushed(r, 0, BLK_OK);
	else
		host_io_flush(r->io, r->segment, (struct host_io_then){segment_flushed, r, 0});
}

/* ---- the end ------------------------------------------------------------------------------------------------------ */

double rvm_write_amplification(const struct rvm *r)
{
	double written = (double)(r->log.stats.record_blocks + r->log.stats.header_blocks) * (double)r->spec->log.block_bytes +
		(double)r->stats.pages_written * (double)r->spec->page_bytes;
	uint64_t set = r->stats.durable_set_bytes;
	for (const struct rvm_tx *tx = r->waiting; tx; tx = tx->next)
		set += log_has_written(&r->log, tx->sequence) ? tx->bytes : 0;
	return set ? written / (double)set : 0;
}

void rvm_drop(struct rvm *r)
{
	log_drop(&r->log);
	walker_drop(&r->walker);
	r->ready = false;
}
