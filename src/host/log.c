/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The durable log: batches, records, acknowledgement in order, truncation.
 *
 * Invariants: first->sequence == durable + 1 where there is a batch; only the last batch may be open; `used` is the sum of
 * blocks and holes of place[] over the sequences head_sequence..written.
 */
#include "host/log.h"

#include <inttypes.h>
#include <string.h>

struct log_waiter {
	struct log_waiter *next;
	struct host_io_then then;
};

enum batch_state { BATCH_OPEN, BATCH_BODY, BATCH_BODY_FLUSH, BATCH_MARK, BATCH_MARK_FLUSH, BATCH_DURABLE };

struct log_batch {
	struct log_batch *next;
	struct log *log;
	uint64_t sequence;
	uint64_t bytes;
	uint32_t commits, entries;
	uint32_t blocks, block;    /* once it has a place */
	uint32_t words, room;      /* of `word`, which is kept when the batch is used again */
	uint64_t *word;
	struct log_waiter *waiters, **waiters_end;
	time_ps ready_ps;          /* TIME_PS_MAX: nothing presses */
	enum batch_state state;
	bool waited;               /* for room */
};

static void timer_fired(struct sim *s, struct event *e);

int log_open(struct log *l, struct host_io *io, const struct host_region *g, const struct log_spec *spec, struct err *e)
{
	*l = (struct log){.io = io, .region = g, .spec = spec, .block_sectors = (uint32_t)(spec->block_bytes / SECTOR_BYTES)};
	event_init(&l->timer, timer_fired, "log batch", EVENT_PRIO_WORKLOAD);
	uint64_t blocks = g->sectors / l->block_sectors;
	if (blocks < 2 + 4)
		return err_set(e, ERR_CONFIG, "area %s of %" PRIu64 " sectors is too small for a log: it takes at least 6 blocks of %"
			PRId64 " bytes", g->name, g->sectors, spec->block_bytes);
	l->ring = (uint32_t)(blocks - 2 < UINT32_MAX / 2 ? blocks - 2 : UINT32_MAX / 2);
	l->place = arena_array(io->sim->arena, l->ring, sizeof(*l->place));
	if (!l->place)
		return err_set(e, ERR_LIMIT, "no memory for the log in area %s", g->name);
	return 0;
}

/* ---- batches ---------------------------------------------------------------------------------------------------- */

static struct log_batch *open_batch(struct log *l)
{
	struct log_batch *b = l->spare_batches;
	if (b)
		l->spare_batches = b->next;
	else if (!(b = arena_alloc(l->io->sim->arena, sizeof(*b)))) {
		sim_fail(l->io->sim, ERR_LIMIT, "no memory for the batches of the log");
		return NULL;
	}
	uint64_t *word = b->word;
	uint32_t room = b->room;
	*b = (struct log_batch){.log = l, .sequence = l->next_sequence++, .bytes = LOG_RECORD_BYTES, .word = word, .room = room,
		.ready_ps = TIME_PS_MAX};
	b->waiters_end = &b->waiters;
	if (l->last)
		l->last->next = b;
	else
		l->first = b;
	l->last = b;
	return b;
}

static bool add_words(struct log *l, struct log_batch *b, const uint64_t *word, uint32_t words)
{
	if (!l->io->content)
		return true;
	uint32_t need = b->words + words + 1;
	if (need > b->room) {
		uint32_t room = need > 2 * b->room ? need + 16 : 2 * b->room;
		uint64_t *grown = arena_array(l->io->sim->arena, room, sizeof(*grown));
		if (!grown)
			return false;
		if (b->words > 0)
			memcpy(grown, b->word, b->words * sizeof(*grown));
		b->word = grown;
		b->room = room;
	}
	b->word[b->words] = words;
	if (words > 0)
		memcpy(b->word + b->words + 1, word, words * sizeof(*word));
	b->words = need;
	return true;
}

static void add_waiter(struct log *l, struct log_batch *b, struct host_io_then then)
{
	struct log_waiter *w = l->spare_waiters;
	if (w)
		l->spare_waiters = w->next;
	else if (!(w = arena_alloc(l->io->sim->arena, sizeof(*w)))) {
		sim_fail(l->io->sim, ERR_LIMIT, "no memory for those who wait for the log");
		return;
	}
	*w = (struct log_waiter){.then = then};
	*b->waiters_end = w;
	b->waiters_end = &w->next;
}

static uint32_t blocks_of(const struct log *l, uint64_t bytes)
{
	uint64_t block = (uint64_t)l->spec->block_bytes;
	return (uint32_t)((bytes + block - 1) / block) + (l->spec->commit == LOG_SEPARATE);
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

static void pump(struct log *l);
static void batch_done(void *owner, uint64_t blocks, enum blk_status status);

/* A place for a record of so many blocks; false: no room now. */
static bool take_place(struct log *l, struct log_batch *b)
{
	bool lap = l->tail + b->blocks > l->ring;
	uint32_t hole = lap && l->used > 0 ? l->ring - l->tail : 0;
	if ((uint64_t)l->used + hole + b->blocks > l->ring)
		return false;
	b->block = lap ? 0 : l->tail;
	l->place[b->sequence % l->ring] = (struct log_place){b->block, b->blocks, hole};
	l->used += hole + b->blocks;
	l->tail = b->block + b->blocks;
	l->written = b->sequence;
	if (l->used > l->stats.most_used)
		l->stats.most_used = l->used;
	return true;
}

static void write_blocks(struct log *l, struct log_batch *b, uint32_t block, uint32_t blocks, bool mark)
{
	uint64_t offset = (uint64_t)(2 + block) * l->block_sectors;
	uint32_t sectors = blocks * l->block_sectors;
	uint64_t tag = 0;
	if (l->io->content) {
		uint64_t head[] = {l->epoch, b->sequence, mark ? 0 : b->blocks, b->entries};
		memcpy(b->word, head, sizeof(head));
		tag = host_io_tag_item(l->io, l->region, offset, sectors, CONTENT_RECORD, b->word, mark ? 4 : b->words);
	}
	host_io_write(l->io, l->region, offset, sectors, l->spec->durability == LOG_FUA ? BLK_FUA : 0, tag,
		(struct host_io_then){batch_done, b, blocks});
}

static void write_body(struct log *l, struct log_batch *b)
{
	b->state = BATCH_BODY;
	l->in_flight++;
	write_blocks(l, b, b->block, b->blocks - (l->spec->commit == LOG_SEPARATE), false);
}

/* Calls those who wait; they may append more. */
static void answer(struct log *l, struct log_batch *b, enum blk_status status)
{
	struct log_waiter *w = b->waiters;
	b->next = l->spare_batches;
	l->spare_batches = b;
	while (w) {
		struct log_waiter *next = w->next;
		struct host_io_then then = w->then;
		w->next = l->spare_waiters;
		l->spare_waiters = w;
		then.fn(then.owner, then.arg, status);
		w = next;
	}
}

static void acknowledge(struct log *l)
{
	while (l->first && l->first->state == BATCH_DURABLE) {
		struct log_batch *b = l->first;
		l->first = b->next;
		if (!l->first)
			l->last = NULL;
		l->durable = b->sequence;
		answer(l, b, BLK_OK);
	}
}

/* From an event: nobody is called inside log_append(). */
static void answer_broken(struct log *l)
{
	struct log_batch *b = l->first;
	l->first = l->last = NULL;
	while (b) {
		struct log_batch *next = b->next;
		answer(l, b, l->broken);
		b = next;
	}
}

static void break_log(struct log *l, enum blk_status status)
{
	if (l->broken == BLK_OK)
		l->broken = status;
	if (!event_pending(&l->timer) || sim_event_time(l->io->sim, &l->timer) > l->io->sim->now_ps) {
		sim_cancel(l->io->sim, &l->timer);
		sim_schedule(l->io->sim, &l->timer, l->io->sim->now_ps);
	}
}

/* Figures are of what the device took, not of what was on its way to it when the power went. */
static void count_written(struct log *l, const struct log_batch *b, uint64_t blocks)
{
	l->stats.record_blocks += blocks;
	if (b->state == BATCH_BODY) {
		l->stats.records++;
		l->stats.record_entries += b->entries;
	}
}

/* blocks: written by now; 0: flushed. */
static void batch_done(void *owner, uint64_t blocks, enum blk_status status)
{
	struct log_batch *b = owner;
	struct log *l = b->log;
	bool flush = l->spec->durability == LOG_FLUSH, separate = l->spec->commit == LOG_SEPARATE;
	if (status == BLK_OK && blocks > 0)
		count_written(l, b, blocks);
	if (l->broken != BLK_OK || status != BLK_OK) {
		break_log(l, status);
		return;
	}
	if (flush && (b->state == BATCH_BODY || b->state == BATCH_MARK)) {
		b->state++;
		host_io_flush(l->io, l->region, (struct host_io_then){batch_done, b, 0});
		return;
	}
	if (separate && b->state <= BATCH_BODY_FLUSH) {
		b->state = BATCH_MARK;
		write_blocks(l, b, b->block + b->blocks - 1, 1, true);
		return;
	}
	b->state = BATCH_DURABLE;
	l->in_flight--;
	acknowledge(l);
	pump(l);
}

/* Write what is ready and has room. */
static void pump(struct log *l)
{
	struct sim *s = l->io->sim;
	for (struct log_batch *b = l->first; b && l->ready && l->broken == BLK_OK && l->in_flight < (uint64_t)l->spec->depth; b = b->next) {
		if (b->state != BATCH_OPEN)
			continue;
		if (b->ready_ps > s->now_ps) {
			if (b->ready_ps < TIME_PS_MAX && !event_pending(&l->timer))
				sim_schedule(s, &l->timer, b->ready_ps);
			return;
		}
		b->blocks = blocks_of(l, b->bytes);
		if (!take_place(l, b)) {
			l->stats.waited_full += !b->waited;
			b->waited = true;
			if (l->full)
				l->full(l->full_ctx);
			return;
		}
		write_body(l, b);
	}
}

static void timer_fired(struct sim *s, struct event *e)
{
	(void)s;
	struct log *l = container_of(e, struct log, timer);
	if (l->broken != BLK_OK)
		answer_broken(l);
	else
		pump(l);
}

/* ---- appending -------------------------------------------------------------------------------------------------- */

/* The batch that takes `bytes` more. */
static struct log_batch *batch_for(struct log *l, uint64_t bytes)
{
	struct log_batch *b = l->last;
	if (b && b->state == BATCH_OPEN) {
		uint64_t most = log_ring_bytes(l) / 4;
		if (most > (uint64_t)l->spec->record_bytes)
			most = (uint64_t)l->spec->record_bytes;
		if (b->bytes + bytes <= most || b->entries == 0)
			return b;
		b->ready_ps = l->io->sim->now_ps; /* full */
	}
	b = open_batch(l);
	if (b && l->io->content) { /* room for the record's own fields */
		uint64_t none[3] = {0};
		if (!add_words(l, b, none, 3)) {
			sim_fail(l->io->sim, ERR_LIMIT, "no memory for what is appended to the log");
			return NULL;
		}
	}
	return b;
}

static void make_ready(struct log *l, struct log_batch *b, time_ps at)
{
	if (at < b->ready_ps)
		b->ready_ps = at;
	if (event_pending(&l->timer) && sim_event_time(l->io->sim, &l->timer) > b->ready_ps)
		sim_cancel(l->io->sim, &l->timer);
	if (l->broken != BLK_OK)
		break_log(l, l->broken);
	else
		pump(l);
}

uint64_t log_append(struct log *l, const uint64_t *word, uint32_t words, uint64_t bytes, bool commit,
	struct host_io_then then)
{
	struct sim *s = l->io->sim;
	if (blocks_of(l, LOG_RECORD_BYTES + LOG_ENTRY_BYTES + bytes) > l->ring)
		sim_bug(s, "an entry of %" PRIu64 " bytes is larger than the log", bytes);
	struct log_batch *b = batch_for(l, LOG_ENTRY_BYTES + bytes);
	if (!b)
		return 0;
	if (!add_words(l, b, word, words)) {
		sim_fail(s, ERR_LIMIT, "no memory for what is appended to the log");
		return 0;
	}
	uint64_t sequence = b->sequence;
	b->bytes += LOG_ENTRY_BYTES + bytes;
	b->entries++;
	l->stats.entries++;
	l->stats.entry_bytes += bytes;
	if (commit) {
		b->commits++;
		l->stats.commits++;
		add_waiter(l, b, then);
		bool enough = l->spec->group_count > 0 && b->commits >= (uint64_t)l->spec->group_count;
		make_ready(l, b, enough ? s->now_ps : time_add(s->now_ps, l->spec->group_time_ps));
	} else {
		pump(l); /* a full batch may be ready now */
	}
	return sequence;
}

void log_force(struct log *l, struct host_io_then then)
{
	struct log_batch *b = l->last;
	if (!b)
		b = batch_for(l, 0); /* an empty record: the answer comes by an event */
	if (!b)
		return;
	add_waiter(l, b, then);
	if (b->state == BATCH_OPEN || l->broken != BLK_OK)
		make_ready(l, b, l->io->sim->now_ps);
}

bool log_has_written(const struct log *l, uint64_t sequence)
{
	if (sequence <= l->durable)
		return true;
	const struct log_batch *b = l->first;
	while (b && b->sequence < sequence && b->state != BATCH_OPEN)
		b = b->next;
	return b && b->sequence == sequence && b->state > BATCH_BODY;
}

/* ---- truncation ------------------------------------------------------------------------------------------------- */

void log_write_header(struct log *l, uint64_t head_sequence, uint32_t head_block, host_io_done_fn *done)
{
	uint64_t word[] = {l->epoch, ++l->turn, head_sequence, head_block};
	uint64_t offset = (l->turn & 1) * l->block_sectors;
	uint64_t tag = host_io_tag_item(l->io, l->region, offset, l->block_sectors, CONTENT_SUPER, word, 4);
	host_io_write(l->io, l->region, offset, l->block_sectors, l->spec->durability == LOG_FUA ? BLK_FUA : 0, tag,
		(struct host_io_then){done, l, 0});
}

static void truncation_over(struct log *l, enum blk_status status)
{
	l->truncating = false;
	for (; status == BLK_OK && l->head_sequence < l->new_head; l->head_sequence++) {
		const struct log_place *p = &l->place[l->head_sequence % l->ring];
		l->used -= p->blocks + p->hole;
	}
	struct host_io_then then = l->truncated;
	then.fn(then.owner, then.arg, status);
	pump(l);
}

static void trim_done(void *owner, uint64_t arg, enum blk_status status)
{
	struct log *l = owner;
	(void)arg;
	(void)status; /* a device that cannot trim keeps the bytes */
	if (--l->trims == 0)
		truncation_over(l, BLK_OK);
}

static void trim_ring(struct log *l, uint32_t from, uint32_t blocks)
{
	if (blocks == 0)
		return;
	l->trims++;
	host_io_trim(l->io, l->region, (uint64_t)(2 + from) * l->block_sectors, blocks * l->block_sectors,
		(struct host_io_then){trim_done, l, 0});
}

/* The blocks of the records that are given up, in at most two pieces. */
static void trim_truncated(struct log *l)
{
	uint32_t from = l->place[l->head_sequence % l->ring].block, end = from;
	l->trims = 0;
	for (uint64_t q = l->head_sequence; q < l->new_head; q++) {
		const struct log_place *p = &l->place[q % l->ring];
		if (p->block != end) {
			trim_ring(l, from, end - from);
			from = end = p->block;
		}
		end += p->blocks;
	}
	trim_ring(l, from, end - from);
}

static void header_flushed(void *owner, uint64_t arg, enum blk_status status)
{
	struct log *l = owner;
	(void)arg;
	if (status == BLK_OK && l->spec->trim && l->new_head > l->head_sequence)
		trim_truncated(l);
	else
		truncation_over(l, status);
}

static void header_written(void *owner, uint64_t arg, enum blk_status status)
{
	struct log *l = owner;
	l->stats.header_blocks += status == BLK_OK;
	if (status == BLK_OK && l->spec->durability == LOG_FLUSH && !l->spec->no_header_flush)
		host_io_flush(l->io, l->region, (struct host_io_then){header_flushed, l, 0});
	else
		header_flushed(owner, arg, status);
}

void log_truncate(struct log *l, uint64_t sequence, struct host_io_then then)
{
	if (l->truncating || sequence > l->durable)
		sim_bug(l->io->sim, "the log is truncated up to %" PRIu64 ", durable is %" PRIu64 "%s", sequence, l->durable,
			l->truncating ? ", while it is being truncated" : "");
	l->truncating = true;
	l->truncated = then;
	l->new_head = sequence + 1 > l->head_sequence ? sequence + 1 : l->head_sequence;
	l->stats.truncations++;
	uint32_t block = l->new_head <= l->written ? l->place[l->new_head % l->ring].block : l->tail;
	log_write_header(l, l->new_head, block, header_written);
}

/* ---- begin and end ---------------------------------------------------------------------------------------------- */

static void start_flushed(void *owner, uint64_t arg, enum blk_status status)
{
	struct log *l = owner;
	(void)arg;
	l->ready = status == BLK_OK;
	l->broken = status;
	struct host_io_then then = l->truncated;
	then.fn(then.owner, then.arg, status);
	pump(l);
}

static void start_written(void *owner, uint64_t arg, enum blk_status status)
{
	struct log *l = owner;
	l->stats.header_blocks += status == BLK_OK;
	if (status == BLK_OK && l->spec->durability == LOG_FLUSH)
		host_io_flush(l->io, l->region, (struct host_io_then){start_flushed, l, 0});
	else
		start_flushed(owner, arg, status);
}

void log_restart(struct log *l, struct host_io_then then)
{
	l->truncated = then;
	l->epoch++;
	l->used = 0;
	l->head_sequence = l->next_sequence;
	l->written = l->durable = l->next_sequence - 1;
	log_write_header(l, l->next_sequence, l->tail, start_written);
}

void log_format(struct log *l, struct host_io_then then)
{
	l->next_sequence = 1;
	l->tail = 0;
	log_restart(l, then);
}

void log_drop(struct log *l)
{
	sim_cancel(l->io->sim, &l->timer);
	l->ready = false;
}
