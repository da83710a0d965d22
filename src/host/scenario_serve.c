/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A server that sends files (host/serve.h). A worker's stream gives, chunk by chunk, the acts and the pages of the buffer or of the
 * mapping that they touch; everything that takes time is the machine's, but for the link.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "host/rig.h"
#include "host/serve.h"
#include "sim/hist.h"

#define BODY_SHARE .93      /* of files; the three figures of each part stand in serve.h */
#define BODY_MU 9.357
#define BODY_SIGMA 1.318
#define TAIL_EXPONENT 1.1
#define TAIL_LEAST 133000.0

/* Where things lie in the address space, usually. */
#define BUFFERS_PAGE UINT64_C(4096)
#define MAPPINGS_PAGE (UINT64_C(1) << 30)

enum act { ACT_TAKE, ACT_SEND, ACT_DRAIN, ACT_RECEIVE, ACT_STORE, ACT_SYNC, ACT_OVER };

struct serve;

struct worker {
	struct host_stream base; /* first */
	struct serve *serve;
	struct host_thread *thread;
	struct host_call call;
	uint64_t buffer;         /* first page; what lies at file offset o lies at o modulo the page in it */
	bool busy;               /* a request is in hand */
	bool upload;             /* it stores a file */
	size_t number;           /* of its file */
	uint64_t at, left;       /* of it, still to be sent or stored */
	uint64_t coming;         /* bytes of an upload that its client has yet to send */
	uint64_t bytes;          /* of the chunk in hand */
	bool calling;            /* its call has begun and may be waiting for room, or for an upload's data */
	time_ps asked_ps;        /* when the client asked, or will ask, for the request in hand or the next */
	time_ps over_ps;         /* when the last byte of the last request left, or its upload was answered */
	uint64_t *word;
	/* chunks on their way to the network, the oldest first; of an upload those on their way from there */
	struct { time_ps left_ps; uint64_t bytes; } *sent;
	uint32_t sent_first, sent_count, sent_room;
	uint64_t sent_bytes;
	struct event ready;      /* the processor has done with the last of them: it goes to the link; of an upload, there is room */
};

struct serve {
	const struct serve_spec *spec;
	struct sim *sim;
	struct host_rig rig;
	struct host_region region;
	uint64_t page;           /* bytes */
	struct host_span span[2]; /* the workers' buffers; files' mappings, where they are mapped */
	struct host_space *space;
	struct host_file **file;
	uint64_t *size;
	uint64_t *mapped;        /* first page of each file's mapping */
	gsl_ran_discrete_t *popularity; /* owned */
	struct rng *pick, *choose; /* files; which requests are uploads */
	struct worker *worker;
	bool stopping;
	uint64_t taken, done;    /* requests */
	uint64_t uploads;        /* of those done */
	uint64_t bytes, received, copied, flipped, direct_reads;
	time_ps link_free_ps, link_busy_ps, in_free_ps, end_ps;
	struct hist latency, upload_latency;
};

/* ---- a worker's course ------------------------------------------------------------------------------------------- */

/* Words for the pages of [offset, offset + bytes) from `first` on; of the flipping path only those that are copied, where they are sent. */
static uint32_t touch(const struct worker *w, uint64_t first, bool write, uint64_t *word)
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

static bool take_request(struct worker *w)
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
static uint32_t store_words(struct worker *w)
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
	struct worker *w = (struct worker *)(void *)st;
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
		w->call = (struct host_call){.file = s->file[w->number], .offset = w->at, .bytes = w->bytes, .copies = s->spec->path == SERVE_READ};
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

/* The processor's part of moving the chunk to the socket, or of flipping it out of the cache, within its call. */
static void charge_send(struct worker *w)
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
static time_ps make_room(struct worker *w)
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
static void to_link(struct worker *w)
{
	struct serve *s = w->serve;
	uint32_t last = (w->sent_first + w->sent_count - 1) % w->sent_room;
	time_ps time = time_transfer(w->sent[last].bytes, (uint64_t)s->spec->network, 1);
	s->link_free_ps = time_max(s->link_free_ps, s->sim->now_ps) + time;
	s->link_busy_ps += time;
	w->sent[last].left_ps = s->link_free_ps;
}

/* The client of an upload sends as much as its socket takes: behind all that others have sent before. */
static void from_link(struct worker *w)
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

static void ready(struct worker *w)
{
	if (w->upload)
		from_link(w);
	else
		to_link(w);
}

static void ready_event(struct sim *sim, struct event *e)
{
	(void)sim;
	ready(container_of(e, struct worker, ready));
}

static void ready_at(struct worker *w, time_ps at)
{
	struct sim *sim = w->serve->sim;
	if (at > sim->now_ps)
		sim_schedule(sim, &w->ready, at);
	else
		ready(w);
}

/* The call waits for room, then moves the data. */
static enum host_act send_chunk(struct worker *w, struct host_thread *th)
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

static enum host_act drain(struct worker *w, struct host_thread *th)
{
	const struct serve *s = w->serve;
	w->over_ps = w->sent[(w->sent_first + w->sent_count - 1) % w->sent_room].left_ps;
	w->sent_first = w->sent_count = 0;
	w->sent_bytes = 0;
	return w->over_ps > s->sim->now_ps ? host_think(th, w->over_ps - s->sim->now_ps) : HOST_ACT_DONE;
}

/* ---- uploads ------------------------------------------------------------------------------------------------------ */

/* The call waits for the chunk, then copies it into the buffer, and there is room for another. */
static enum host_act receive(struct worker *w, struct host_thread *th)
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

static enum host_act store(struct worker *w, struct host_thread *th)
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
static enum host_act over(struct worker *w, struct host_thread *th)
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
	struct worker *w = owner;
	(void)arg;
	if (status != BLK_OK)
		sim_fail(w->serve->sim, ERR_IO, "a read of the scenario serve failed: %s", blk_status_name(status));
	host_wake(w->thread);
}

static enum host_act read_direct(struct worker *w, struct host_thread *th)
{
	struct serve *s = w->serve;
	uint64_t first = w->at / SECTOR_BYTES, end = (w->at + w->bytes + SECTOR_BYTES - 1) / SECTOR_BYTES;
	host_charge_call(s->rig.host);
	s->direct_reads++;
	w->thread = th;
	host_io_read(s->rig.io, &s->region, s->file[w->number]->offset + first, (uint32_t)(end - first),
		(struct host_io_then){came, w, 0});
	return HOST_ACT_SLEEP;
}

static enum host_act act(struct host_stream *st, struct host_thread *th, uint64_t word)
{
	struct worker *w = (struct worker *)(void *)st;
	if (event_pending(&w->ready)) { /* its turn was over, and another processor is behind the one that moved the chunk */
		host_think(th, sim_event_time(w->serve->sim, &w->ready) - w->serve->sim->now_ps);
		return HOST_ACT_AGAIN;
	}
	switch ((enum act)(word & ~HOST_REF_ACT)) {
	case ACT_TAKE:
		return w->serve->spec->path == SERVE_DIRECT ? read_direct(w, th) : host_file_call(th, &w->call);
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

static int no_memory(struct err *e) { return err_set(e, ERR_LIMIT, "no memory for the scenario serve"); }

static uint64_t web_size(const struct serve *s, struct rng *r)
{
	double size = rng_unit(r) < BODY_SHARE ? gsl_ran_lognormal(&r->gsl, BODY_MU, BODY_SIGMA)
		: gsl_ran_pareto(&r->gsl, TAIL_EXPONENT, TAIL_LEAST);
	double most = (double)s->spec->size_most;
	return size < 1 ? 1 : (uint64_t)(size < most ? size : most);
}

/* Sizes and popularity; the sectors that all files take. 0: no memory. */
static uint64_t draw_files(struct serve *s, uint64_t seed)
{
	size_t n = (size_t)s->spec->files;
	struct rng *r = rng_new(s->sim->arena, seed, "serve/sizes");
	double *weight = arena_array(s->sim->arena, n, sizeof(*weight));
	uint64_t sectors = 0, page = s->page;
	s->size = arena_array(s->sim->arena, n, sizeof(*s->size));
	if (!r || !weight || !s->size)
		return 0;
	for (size_t i = 0; i < n; i++) {
		s->size[i] = s->spec->sizes == SERVE_WEB ? web_size(s, r) : (uint64_t)s->spec->size;
		sectors += (s->size[i] + page - 1) / page * (page / SECTOR_BYTES);
		weight[i] = pow((double)(i + 1), -s->spec->popularity);
	}
	s->popularity = gsl_ran_discrete_preproc(n, weight);
	return s->popularity ? sectors : 0;
}

static uint64_t buffer_pages(const struct serve *s) { return ((uint64_t)s->spec->chunk + s->page - 1) / s->page + 1; }

static int place(struct serve *s, uint64_t file_sectors, struct err *e)
{
	uint64_t mapped = s->spec->path == SERVE_MMAP ? file_sectors / (s->page / SECTOR_BYTES) : 0;
	s->span[0] = (struct host_span){.name = "buffers", .usual = BUFFERS_PAGE, .pages = (uint64_t)s->spec->workers * buffer_pages(s)};
	s->span[1] = (struct host_span){.name = "mapped files", .usual = MAPPINGS_PAGE, .pages = mapped};
	return host_spans_place(s->rig.host, s->span, 2, e);
}

static int open_files(struct serve *s, struct err *e)
{
	size_t n = (size_t)s->spec->files;
	struct arena *a = s->sim->arena;
	uint64_t at = 0, first = s->span[1].first;
	s->file = arena_array(a, n, sizeof(struct host_file *));
	s->mapped = arena_array(a, n, sizeof(*s->mapped));
	if (!s->file || !s->mapped)
		return no_memory(e);
	for (size_t i = 0; i < n; i++) {
		uint64_t pages = (s->size[i] + s->page - 1) / s->page;
		s->file[i] = host_file_new(s->rig.host, "served", &s->region, at, pages, e);
		if (!s->file[i])
			return -1;
		at += pages * (s->page / SECTOR_BYTES);
		s->mapped[i] = first;
		const struct host_area area = {.name = "mapping", .first = first, .floor = first, .pages = pages, .file = s->file[i],
			.pager = HOST_PAGER_FILE, .shared = true};
		if (s->spec->path == SERVE_MMAP && !host_area_add(s->space, &area, e))
			return -1;
		first += pages;
	}
	return 0;
}

static int open_worker(struct serve *s, struct worker *w, uint64_t first, uint64_t pages, struct err *e)
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
		return no_memory(e);
	if (!host_area_add(s->space, &area, e))
		return -1;
	w->thread = host_thread_new(s->space, &w->base, e);
	return w->thread ? 0 : -1;
}

static int open_workers(struct serve *s, struct err *e)
{
	size_t n = (size_t)s->spec->workers;
	uint64_t pages = buffer_pages(s);
	s->worker = arena_array(s->sim->arena, n, sizeof(*s->worker));
	if (!s->worker)
		return no_memory(e);
	for (size_t i = 0; i < n; i++)
		if (open_worker(s, &s->worker[i], s->span[0].first + i * pages, pages, e) < 0)
			return -1;
	return 0;
}

static void serve_close(struct scenario *sc)
{
	struct serve *s = (struct serve *)(void *)sc;
	if (s->popularity)
		gsl_ran_discrete_free(s->popularity);
	s->popularity = NULL;
}

static struct scenario *serve_open(const struct scenario_env *env, const void *spec, struct err *e)
{
	struct serve *s = arena_alloc(env->sim->arena, sizeof(*s));
	if (!s) {
		no_memory(e);
		return NULL;
	}
	s->spec = spec;
	s->sim = env->sim;
	s->page = (uint64_t)env->host->page_bytes;
	s->pick = rng_new(env->sim->arena, env->seed, "serve/requests");
	s->choose = rng_new(env->sim->arena, env->seed, "serve/uploads");
	uint64_t sectors = s->pick && s->choose && hist_init(&s->latency, env->sim->arena) == 0 &&
		hist_init(&s->upload_latency, env->sim->arena) == 0 ? draw_files(s, env->seed) : 0;
	const struct host_region_spec files = {.name = "files", .cause = BLK_CAUSE_FILE, .sectors = sectors};
	if (sectors == 0)
		no_memory(e);
	if (sectors == 0 || host_rig_open(&s->rig, env, &files, 1, &s->region, e) < 0 || place(s, sectors, e) < 0 ||
	    !(s->space = host_space_new(s->rig.host, "server", e)) || open_files(s, e) < 0 || open_workers(s, e) < 0) {
		serve_close((struct scenario *)(void *)s);
		return NULL;
	}
	return (struct scenario *)(void *)s;
}

/* ---- the run, and what it tells ---------------------------------------------------------------------------------------- */

static const struct serve *of(const struct scenario *sc) { return (const struct serve *)(const void *)sc; }

static void serve_start(struct scenario *sc)
{
	struct serve *s = (struct serve *)(void *)sc;
	for (int64_t i = 0; i < s->spec->workers; i++)
		s->worker[i].asked_ps = s->sim->now_ps;
	host_start(s->rig.host);
}

/* Requests in hand are brought to their end. */
static void serve_stop(struct scenario *sc) { ((struct serve *)(void *)sc)->stopping = true; }

static double serve_progress(const struct scenario *sc) { return (double)of(sc)->done / (double)of(sc)->spec->requests; }

static int serve_check(const struct scenario *sc, struct err *e)
{
	const struct serve *s = of(sc);
	if (!s->rig.host->oom.happened && (s->done != s->taken || (!s->stopping && s->done != (uint64_t)s->spec->requests)))
		return err_set(e, ERR_CHECK, "of %" PRId64 " requests %" PRIu64 " were taken up and %" PRIu64 " answered", s->spec->requests,
			s->taken, s->done);
	return host_check(s->rig.host, true, e) < 0 ? -1 : host_io_check(s->rig.io, e);
}

typedef void put_fn(void *ctx, const char *name, double value, const char *unit);

static void report_rates(const struct serve *s, put_fn *put, void *ctx)
{
	const struct host *h = s->rig.host;
	double seconds = time_seconds(s->done ? s->end_ps : s->sim->now_ps + 1); /* where none was answered, of the whole run */
	double requests = s->done ? (double)s->done : 1;
	time_ps busy = host_busy_time(h);
	put(ctx, "requests", (double)s->done, "");
	put(ctx, "requests_per_second", (double)s->done / seconds, "1/s");
	put(ctx, "bytes_per_second", (double)s->bytes / seconds, "B/s");
	put(ctx, "latency_mean", tally_mean(&s->latency.exact) * 1e-12, "s");
	put(ctx, "latency_p50", time_seconds(hist_quantile(&s->latency, .5)), "s");
	put(ctx, "latency_p99", time_seconds(hist_quantile(&s->latency, .99)), "s");
	put(ctx, "latency_max", time_seconds(s->latency.exact.count ? s->latency.exact.max : 0), "s");
	if (s->spec->uploads > 0) {
		put(ctx, "uploads", (double)s->uploads, "");
		put(ctx, "upload_latency_mean", tally_mean(&s->upload_latency.exact) * 1e-12, "s");
		put(ctx, "upload_latency_p99", time_seconds(hist_quantile(&s->upload_latency, .99)), "s");
	}
	put(ctx, "cpu_per_request", time_seconds(busy) / requests, "s");
	put(ctx, "cpu_busy", time_seconds(busy) / seconds / (double)h->spec->cpus, "");
	put(ctx, "link_busy", time_seconds(s->link_busy_ps) / seconds, "");
}

static void serve_report(const struct scenario *sc, put_fn *put, void *ctx)
{
	const struct serve *s = of(sc);
	report_rates(s, put, ctx);
	put(ctx, "bytes_sent", (double)s->bytes, "B");
	if (s->spec->uploads > 0)
		put(ctx, "bytes_received", (double)s->received, "B");
	put(ctx, "bytes_copied", (double)s->copied, "B");
	put(ctx, "copies_per_byte", s->bytes + s->received ? (double)s->copied / (double)(s->bytes + s->received) : 0, "");
	put(ctx, "pages_flipped", (double)s->flipped, "");
	put(ctx, "direct_reads", (double)s->direct_reads, "");
	host_report(s->rig.host, put, ctx);
}

static const struct host *serve_machine(const struct scenario *sc) { return of(sc)->rig.host; }

const struct scenario_ops scenario_serve = {
	.name = "serve",
	.doc = "a server sends files: copied from the page cache, mapped, past the cache, by exchanging pages, or straight from it",
	.options = &serve_options,
	.open = serve_open,
	.close = serve_close,
	.start = serve_start,
	.stop = serve_stop,
	.progress = serve_progress,
	.check = serve_check,
	.machine = serve_machine,
	.report = serve_report,
};
