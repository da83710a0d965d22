/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server that sends files (host/serve.h): what it is made of, and what it tells. Its workers' course stands in serve_worker.c. */
#include <inttypes.h>
#include <math.h>

#include "host/serve_worker.h"

#define BODY_SHARE .93      /* of files; the three figures of each part stand in serve.h */
#define BODY_MU 9.357
#define BODY_SIGMA 1.318
#define TAIL_EXPONENT 1.1
#define TAIL_LEAST 133000.0

/* Where things lie in the address space, usually. */
#define BUFFERS_PAGE UINT64_C(4096)
#define MAPPINGS_PAGE (UINT64_C(1) << 30)

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

static int open_workers(struct serve *s, struct err *e)
{
	size_t n = (size_t)s->spec->workers;
	uint64_t pages = buffer_pages(s);
	s->worker = arena_array(s->sim->arena, n, sizeof(*s->worker));
	if (!s->worker)
		return no_memory(e);
	for (size_t i = 0; i < n; i++)
		if (serve_worker_open(&s->worker[i], s, s->span[0].first + i * pages, pages, e) < 0)
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
	/* work on requests that were given up may go on behind the last answer */
	double worked = fmax(seconds, time_seconds(host_worked_until(h))), linked = fmax(seconds, time_seconds(s->link_free_ps));
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
	put(ctx, "cpu_busy", time_seconds(busy) / worked / (double)h->spec->cpus, "");
	put(ctx, "link_busy", time_seconds(s->link_busy_ps) / linked, "");
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
