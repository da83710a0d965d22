/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a worker of the server does, from one request to the next. */
#include "host/serve_worker.h"

enum act { ACT_TAKE, ACT_SEND, ACT_DRAIN, ACT_RECEIVE, ACT_STORE, ACT_SYNC, ACT_OVER };

/* ---- its words --------------------------------------------------------------------------------------------------- */

/* Words for the pages of [offset, offset + bytes) from `first` on; of the flipping path only those that are copied, where they are
 * sent. */
static uint32_t touch(const struct serve_worker *w, uint64_t first, bool write, uint64_t *word)
{
	const struct serve *s = w->serve;
	uint64_t page = s->page;
	uint64_t from = w->at / page, to = (w->at + w->bytes - 1) / page;
	uint32_t n = 0;
	for (uint64_t p = from; p <= to; p++) {
		bool whole = p * page >= w->at && (p + 1) * page <= w->at + w->bytes;
		if (s->spec->path != SERVE_FLIP || w->upload || !whole)
			word[n++] = host_ref(first + p, write);
	}
	return n;
}

static bool take_request(struct serve_worker *w)
{
	struct serve *s = w->serve;
	if (s->stopping || s->taken == (uint64_t)s->spec->requests)
		return false;
	size_t i = gsl_ran_discrete(&s->pick->gsl, s->popularity);
	s->taken++;
	w->busy = true;
	w->number = i;
	w->upload = s->spec->uploads > 0 && rng_unit(s->choose) < s->spec->uploads;
	w->at = (uint64_t)s->spec->offset < s->size[i] && !w->upload ? (uint64_t)s->spec->offset : 0;
	w->left = s->size[i] - w->at;
	w->coming = w->left;
	return true;
}

/* A chunk of an upload. */
static uint32_t store_words(struct serve_worker *w)
{
	const struct serve *s = w->serve;
	uint32_t n = 0;
	w->call = (struct host_call){.file = s->file[w->number], .offset = w->at, .bytes = w->bytes, .write = true, .copies = true};
	w->word[n++] = HOST_REF_ACT | ACT_RECEIVE;
	n += touch(w, w->buffer - w->at / s->page, true, w->word + n);
	w->word[n++] = HOST_REF_ACT | ACT_STORE;
	if (w->left == w->bytes) {
		if (s->spec->upload_sync)
			w->word[n++] = HOST_REF_ACT | ACT_SYNC;
		w->word[n++] = HOST_REF_ACT | ACT_OVER;
	}
	return n;
}

static const uint64_t *next_words(struct host_stream *st, uint32_t *count)
{
	struct serve_worker *w = (struct serve_worker *)(void *)st;
	const struct serve *s = w->serve;
	if (!w->busy && !take_request(w))
		return NULL;
	uint64_t page = s->page;
	uint32_t n = 0;
	w->bytes = w->left < (uint64_t)s->spec->chunk ? w->left : (uint64_t)s->spec->chunk;
	if (w->upload) {
		*count = store_words(w);
		return w->word;
	}
	if (s->spec->path != SERVE_MMAP) {
		w->call = (struct host_call){.file = s->file[w->number], .offset = w->at, .bytes = w->bytes,
			.copies = s->spec->path == SERVE_READ};
		w->word[n++] = HOST_REF_ACT | ACT_TAKE;
	}
	if (s->spec->path == SERVE_MMAP)
		n += touch(w, s->mapped[w->number], false, w->word + n);
	else if (s->spec->path != SERVE_SENDFILE)
		n += touch(w, w->buffer - w->at / page, true, w->word + n);
	w->word[n++] = HOST_REF_ACT | ACT_SEND;
	if (w->left == w->bytes) {
		w->word[n++] = HOST_REF_ACT | ACT_DRAIN;
		w->word[n++] = HOST_REF_ACT | ACT_OVER;
	}
	*count = n;
	return w->word;
}

/* ---- sending ------------------------------------------------------------------------------------------------------- */

/* The processor's part of moving the chunk to the socket, or of flipping it out of the cache, within its call. */
static void charge_send(struct serve_worker *w)
{
	struct serve *s = w->serve;
	struct host *h = s->rig.host;
	const struct host_cost_spec *c = &h->spec->cost;
	uint64_t page = s->page;
	uint64_t copied = 0, copies = 1;
	switch ((enum serve_path)s->spec->path) {
	case SERVE_READ: /* once by the call that read it, and now */
		copied = w->bytes;
		copies = 2;
		break;
	case SERVE_MMAP:
	case SERVE_DIRECT:
		copied = w->bytes;
		break;
	case SERVE_FLIP: {
		uint64_t whole = serve_whole_pages(w->at, w->bytes, page);
		s->flipped += 2 * whole;
		host_charge(h, (time_ps)whole * 2 * (2 * c->entry_ps + c->invalidate_ps));
		copied = 2 * (w->bytes - whole * page); /* both copies are charged here: the call that read it copied none */
		break;
	}
	case SERVE_SENDFILE:
		return;
	}
	s->copied += copied * copies;
	host_charge(h, time_transfer(copied, (uint64_t)c->copy_rate, 1));
}

/* When the oldest of its chunks that must have left for the new one to fit has left; 0: there is room. */
static time_ps make_room(struct serve_worker *w)
{
	const struct serve *s = w->serve;
	time_ps at = 0;
	while (w->sent_count > 0 && (w->sent[w->sent_first].left_ps <= s->sim->now_ps ||
	       w->sent_bytes + w->bytes > (uint64_t)s->spec->socket || w->sent_count == w->sent_room)) {
		at = w->sent[w->sent_first].left_ps;
		w->sent_bytes -= w->sent[w->sent_first].bytes;
		w->sent_first = (w->sent_first + 1) % w->sent_room;
		w->sent_count--;
	}
	return at;
}

/* The last chunk of the worker is ready: behind all that were ready before. */
static void to_link(struct serve_worker *w)
{
	struct serve *s = w->serve;
	uint32_t last = (w->sent_first + w->sent_count - 1) % w->sent_room;
	time_ps time = time_transfer(w->sent[last].bytes, (uint64_t)s->spec->network, 1);
	s->link_free_ps = time_max(s->link_free_ps, s->sim->now_ps) + time;
	s->link_busy_ps += time;
	w->sent[last].left_ps = s->link_free_ps;
}

/* The client of an upload sends as much as its socket takes: behind all that others have sent before. */
static void from_link(struct serve_worker *w)
{
	struct serve *s = w->serve;
	while (w->coming > 0) {
		uint64_t bytes = w->coming < (uint64_t)s->spec->chunk ? w->coming : (uint64_t)s->spec->chunk;
		if (w->sent_bytes + bytes > (uint64_t)s->spec->socket || w->sent_count == w->sent_room)
			return;
		uint32_t last = (w->sent_first + w->sent_count++) % w->sent_room;
		s->in_free_ps = time_max(s->in_free_ps, s->sim->now_ps) + time_transfer(bytes, (uint64_t)s->spec->network, 1);
		w->sent[last].left_ps = s->in_free_ps;
		w->sent[last].bytes = bytes;
		w->sent_bytes += bytes;
		w->coming -= bytes;
	}
}

static void ready(struct serve_worker *w)
{
	if (w->upload)
		from_link(w);
	else
		to_link(w);
}

static void ready_event(struct sim *sim, struct event *e)
{
	(void)sim;
	ready(container_of(e, struct serve_worker, ready));
}

static void ready_at(struct serve_worker *w, time_ps at)
{
	struct sim *sim = w->serve->sim;
	if (at > sim->now_ps)
		sim_schedule(sim, &w->ready, at);
	else
		ready(w);
}

/* The call waits for room, then moves the data. */
static enum host_act send_chunk(struct serve_worker *w, struct host_thread *th)
{
	struct serve *s = w->serve;
	struct host *h = s->rig.host;
	if (!w->calling && s->spec->path != SERVE_SENDFILE) /* of which one call does it all, and was charged */
		host_charge_call(h);
	w->calling = true;
	time_ps now = s->sim->now_ps + h->charge_ps, room = make_room(w);
	if (room > now) {
		host_think(th, room - now);
		return HOST_ACT_AGAIN;
	}
	w->calling = false;
	charge_send(w);
	w->sent[(w->sent_first + w->sent_count++) % w->sent_room].bytes = w->bytes;
	w->sent_bytes += w->bytes;
	ready_at(w, s->sim->now_ps + h->charge_ps);
	s->bytes += w->bytes;
	w->at += w->bytes;
	w->left -= w->bytes;
	return HOST_ACT_DONE;
}

static enum host_act drain(struct serve_worker *w, struct host_thread *th)
{
	const struct serve *s = w->serve;
	w->over_ps = w->sent[(w->sent_first + w->sent_count - 1) % w->sent_room].left_ps;
	w->sent_first = w->sent_count = 0;
	w->sent_bytes = 0;
	return w->over_ps > s->sim->now_ps ? host_think(th, w->over_ps - s->sim->now_ps) : HOST_ACT_DONE;
}

/* ---- uploads ------------------------------------------------------------------------------------------------------ */

/* The call waits for the chunk, then copies it into the buffer, and there is room for another. */
static enum host_act receive(struct serve_worker *w, struct host_thread *th)
{
	struct serve *s = w->serve;
	struct host *h = s->rig.host;
	if (!w->calling)
		host_charge_call(h);
	w->calling = true;
	from_link(w);
	time_ps now = s->sim->now_ps + h->charge_ps, came = w->sent[w->sent_first].left_ps;
	if (came > now) {
		host_think(th, came - now);
		return HOST_ACT_AGAIN;
	}
	w->calling = false;
	w->sent_first = (w->sent_first + 1) % w->sent_room;
	w->sent_count--;
	w->sent_bytes -= w->bytes;
	s->received += w->bytes;
	s->copied += w->bytes;
	host_charge(h, time_transfer(w->bytes, (uint64_t)h->spec->cost.copy_rate, 1));
	if (w->coming > 0)
		ready_at(w, s->sim->now_ps + h->charge_ps);
	return HOST_ACT_DONE;
}

static enum host_act store(struct serve_worker *w, struct host_thread *th)
{
	enum host_act act = host_file_call(th, &w->call);
	if (act == HOST_ACT_DONE) {
		w->serve->copied += w->bytes;
		w->at += w->bytes;
		w->left -= w->bytes;
	}
	return act;
}

/* ---- the end of a request ------------------------------------------------------------------------------------------ */

/* The client does not wait for the worker to learn that all has left. */
static enum host_act over(struct serve_worker *w, struct host_thread *th)
{
	struct serve *s = w->serve;
	w->busy = false;
	if (w->upload)
		w->over_ps = s->sim->now_ps;
	s->done++;
	s->end_ps = time_max(s->end_ps, w->over_ps);
	s->uploads += w->upload;
	hist_add(w->upload ? &s->upload_latency : &s->latency, w->over_ps - w->asked_ps);
	w->asked_ps = w->over_ps + s->spec->think_ps;
	time_ps wait = w->asked_ps - s->sim->now_ps;
	return wait > 0 && s->taken < (uint64_t)s->spec->requests ? host_think(th, wait) : HOST_ACT_DONE;
}

/* ---- past the page cache ------------------------------------------------------------------------------------------ */

static void came(void *owner, uint64_t arg, enum blk_status status)
{
	struct serve_worker *w = owner;
	(void)arg;
	if (status != BLK_OK)
		sim_fail(w->serve->sim, ERR_IO, "a read of the scenario serve failed: %s", blk_status_name(status));
	host_wake(w->thread);
}

static enum host_act read_direct(struct serve_worker *w)
{
	struct serve *s = w->serve;
	uint64_t first = w->at / SECTOR_BYTES, end = (w->at + w->bytes + SECTOR_BYTES - 1) / SECTOR_BYTES;
	host_charge_call(s->rig.host);
	s->direct_reads++;
	host_io_read(s->rig.io, &s->region, s->file[w->number]->offset + first, (uint32_t)(end - first),
		(struct host_io_then){came, w, 0});
	return HOST_ACT_SLEEP;
}

static enum host_act act(struct host_stream *st, struct host_thread *th, uint64_t word)
{
	struct serve_worker *w = (struct serve_worker *)(void *)st;
	if (event_pending(&w->ready)) { /* its turn was over, and another processor is behind the one that moved the chunk */
		host_think(th, sim_event_time(w->serve->sim, &w->ready) - w->serve->sim->now_ps);
		return HOST_ACT_AGAIN;
	}
	switch ((enum act)(word & ~HOST_REF_ACT)) {
	case ACT_TAKE:
		return w->serve->spec->path == SERVE_DIRECT ? read_direct(w) : host_file_call(th, &w->call);
	case ACT_SEND:
		return send_chunk(w, th);
	case ACT_DRAIN:
		return drain(w, th);
	case ACT_RECEIVE:
		return receive(w, th);
	case ACT_STORE:
		return store(w, th);
	case ACT_SYNC:
		return host_file_sync(th, w->serve->file[w->number]);
	case ACT_OVER:
		break;
	}
	return over(w, th);
}

static const struct host_stream_ops worker_ops = {"serve", next_words, act, NULL};

/* ---- making one ---------------------------------------------------------------------------------------------------- */

int serve_worker_open(struct serve_worker *w, struct serve *s, uint64_t first, uint64_t pages, struct err *e)
{
	struct arena *a = s->sim->arena;
	const struct host_area area = {.name = "buffer", .first = first, .floor = first, .pages = pages, .pager = HOST_PAGER_ZERO,
		.writable = true};
	w->base.ops = &worker_ops;
	w->serve = s;
	w->buffer = first;
	event_init(&w->ready, ready_event, "a chunk is ready", EVENT_PRIO_WORKLOAD);
	w->sent_room = (uint32_t)(s->spec->socket / s->spec->chunk) + 2;
	w->word = arena_array(a, pages + 4, sizeof(*w->word));
	w->sent = arena_array(a, w->sent_room, sizeof(*w->sent));
	if (!w->word || !w->sent)
		return err_set(e, ERR_LIMIT, "no memory for the scenario serve");
	if (!host_area_add(s->space, &area, e))
		return -1;
	w->thread = host_thread_new(s->space, &w->base, e);
	return w->thread ? 0 : -1;
}
