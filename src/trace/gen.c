/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The synthetic source: a position from a generator, an operation by a coin of its own
 * stream, a priority and a tag by coins of theirs, an arrival when Poisson's. Streams of their own
 * ("workload/position", "workload/op", "workload/priority", "workload/tag", "workload/arrival"), so
 * that changing the mix or the rate moves no address.
 */
#include "trace/gen.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>

#include "blk/req.h"

#define GEN(x, name, doc) extern const struct gen_ops gen_##x;
#include "trace/gen_list.h"
#undef GEN

const struct gen_ops *const gen_list[] = {
#define GEN(x, name, doc) &gen_##x,
#include "trace/gen_list.h"
#undef GEN
	NULL
};

static const struct opt_choice type_choices[] = {
#define GEN(x, name, doc) { name, doc },
#include "trace/gen_list.h"
#undef GEN
	{ NULL, NULL }
};

static const struct opt_choice arrival_choices[] = {
	[GEN_CLOSED] = { "closed", "`depth` requests outstanding; a completion brings the next" },
	[GEN_POISSON] = { "poisson", "at `rate` on average, whatever the device does" },
	{ NULL, NULL }
};

#define ROW(field) .offset = offsetof(struct gen_spec, field)

static const struct opt_row gen_rows[] = {
	{ .key = "type", .type = OPT_ENUM, ROW(type), .def = "random", .choices = type_choices,
	  .doc = "Address pattern." },
	{ .key = "read_ratio", .type = OPT_SCALAR, .unit = UNIT_RATIO, ROW(read_ratio), .min = "0 %",
	  .max = "100 %", .def = "100 %", .doc = "Share of reads; the others are writes." },
	{ .key = "request", .type = OPT_SCALAR, .unit = UNIT_BYTES, ROW(request_bytes), .min = "512 B",
	  .max = "1 GiB", .def = "4 KiB", .doc = "Size of a request, a multiple of 512 bytes." },
	{ .key = "align", .type = OPT_SCALAR, .unit = UNIT_BYTES, ROW(align_bytes), .min = "0",
	  .def = "0", .doc = "Addresses are multiples of it; 0: the size of a request." },
	{ .key = "start", .type = OPT_SCALAR, .unit = UNIT_BYTES, ROW(start_bytes), .min = "0",
	  .def = "0", .doc = "Where the range used begins." },
	{ .key = "span", .type = OPT_SCALAR, .unit = UNIT_BYTES, ROW(span_bytes), .min = "0",
	  .def = "0", .doc = "Length of the range used; 0: up to the end of the device." },
	{ .key = "requests", .type = OPT_SCALAR, .unit = UNIT_NONE, ROW(requests), .min = "1",
	  .def = "100000", .doc = "How many requests are made." },
	{ .key = "depth", .type = OPT_SCALAR, .unit = UNIT_NONE, ROW(depth), .min = "1",
	  .max = "1000000", .def = "1", .doc = "Arrival closed: requests outstanding." },
	{ .key = "arrival", .type = OPT_ENUM, ROW(arrival), .def = "closed", .choices = arrival_choices,
	  .doc = "When requests arrive." },
	{ .key = "rate", .type = OPT_SCALAR, .unit = UNIT_IOPS, ROW(rate_per_s), .min = "0",
	  .def = "0", .doc = "Arrival poisson: requests a second on average." },
	{ .key = "low_priority_ratio", .type = OPT_SCALAR, .unit = UNIT_RATIO, ROW(low_priority_ratio), .min = "0 %",
	  .max = "100 %", .def = "0 %", .doc = "Share of requests of priority 1, the others having 0, the highest; see a disk's "
	  "queue.by_priority." },
	{ .key = "ordered_ratio", .type = OPT_SCALAR, .unit = UNIT_RATIO, ROW(ordered_ratio), .min = "0 %",
	  .max = "100 %", .def = "0 %", .doc = "Share of requests with SCSI's ordered tag; see a disk's queue.tagging." },
	{ .key = "head_of_queue_ratio", .type = OPT_SCALAR, .unit = UNIT_RATIO, ROW(head_of_queue_ratio), .min = "0 %",
	  .max = "100 %", .def = "0 %", .doc = "Share of requests with SCSI's head-of-queue tag." },
	{ .key = "think", .type = OPT_SCALAR, .unit = UNIT_TIME, ROW(think_ps), .min = "0",
	  .def = "0", .doc = "Arrival closed: pause between a completion and the request it brings." },
	{ .key = NULL }
};

static int complain(const char **key, const char *name, char *why, size_t why_bytes,
	const char *phrase)
{
	*key = name;
	snprintf(why, why_bytes, "%s", phrase);
	return -1;
}

static int check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct gen_spec *g = bound;
	const struct { const char *key; int64_t bytes; } whole[] = {
		{ "request", g->request_bytes }, { "align", g->align_bytes },
		{ "start", g->start_bytes }, { "span", g->span_bytes },
	};

	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		if (whole[i].bytes % SECTOR_BYTES)
			return complain(key, whole[i].key, why, why_bytes, "want a multiple of 512 bytes");
	if (g->arrival == GEN_POISSON && g->rate_per_s <= 0.0)
		return complain(key, "rate", why, why_bytes, "arrival is poisson: want a rate above 0");
	if (g->arrival == GEN_POISSON && g->depth != 1)
		return complain(key, "depth", why, why_bytes,
			"arrival is poisson, which no depth limits: want 1, or arrival closed");
	if (g->arrival == GEN_POISSON && g->think_ps != 0)
		return complain(key, "think", why, why_bytes,
			"arrival is poisson, which waits for nothing: want 0, or arrival closed");
	if (g->arrival == GEN_CLOSED && g->rate_per_s != 0.0)
		return complain(key, "rate", why, why_bytes,
			"arrival is closed, where completions set the pace: want 0, or arrival poisson");
	if (g->ordered_ratio + g->head_of_queue_ratio > 1.0)
		return complain(key, "ordered_ratio", why, why_bytes,
			"with head_of_queue_ratio that is more than all requests: a request has one tag");
	return 0;
}

const struct opt_group gen_options = {
	.name = "workload",
	.doc = "A synthetic workload: an address pattern, a mix of reads and writes, an arrival process.",
	.rows = gen_rows,
	.struct_bytes = sizeof(struct gen_spec),
	.check = check,
};

/* ---- the source ---------------------------------------------------------------------- */

struct gen {
	struct trace_source source;
	const struct gen_ops *ops;
	void *state;
	struct rng *position, *arrival; /* arrival: Poisson only */
	struct rng *op, *priority, *tag; /* NULL: all alike */
	uint64_t start;       /* sector of slot 0 */
	uint64_t align;       /* sectors from slot to slot */
	uint32_t sectors;     /* of a request */
	uint64_t read_below;  /* a 53-bit draw below this is a read, */
	uint64_t low_below;   /* of low priority, */
	uint64_t ordered_below, head_below; /* ordered; below the second, and not the first: head of queue */
	double mean_gap_ps;
	time_ps arrive_ps;    /* Poisson: of the last request */
	uint64_t made;
};

static int arrive(struct gen *g, struct err *e)
{
	double gap = -g->mean_gap_ps * log(rng_unit_open(g->arrival)); /* exponential, never 0 or inf */

	if (gap >= (double)(TIME_PS_MAX - g->arrive_ps))
		return err_set(e, ERR_LIMIT, "workload: request %" PRIu64 " would arrive after the end of "
			"simulated time, 106 days", g->made + 1);
	g->arrive_ps += (time_ps)llrint(gap);
	return 0;
}

static uint8_t draw_tag(struct gen *g)
{
	uint64_t x = rng_u64(g->tag) >> 11;
	return x < g->ordered_below ? BLK_ORDERED : x < g->head_below ? BLK_HEAD_OF_QUEUE : 0;
}

static int next(struct trace_source *self, time_ps now, struct trace_record *r, struct err *e)
{
	struct gen *g = container_of(self, struct gen, source);

	if (g->made == g->source.expected)
		return 0;
	if (g->arrival && arrive(g, e) < 0)
		return -1;
	r->arrive_ps = g->arrival ? g->arrive_ps : now;
	r->delay_ps = -1;
	r->response_ps = -1;
	r->lba = g->start + g->ops->next(g->state, g->position) * g->align;
	r->sectors = g->sectors;
	r->device = 0;
	r->op = (g->op ? rng_u64(g->op) >> 11 : 0) < g->read_below ? BLK_READ : BLK_WRITE;
	r->flags = g->tag ? draw_tag(g) : 0;
	r->priority = g->priority && rng_u64(g->priority) >> 11 < g->low_below;
	r->kind = 0;
	r->line = ++g->made;
	return 1;
}

static double progress(const struct trace_source *self)
{
	const struct gen *g = container_of(self, const struct gen, source);

	return (double)g->made / (double)g->source.expected;
}

/* A draw of 53 bits is below this with that probability. */
static uint64_t below(double ratio)
{
	return (uint64_t)llrint(ratio * 0x1p53);
}

/* The streams. 0, or -1: no memory. */
static int make_streams(struct gen *g, const struct gen_spec *spec, struct arena *a, uint64_t seed)
{
	const struct { struct rng **rng; const char *path; bool wanted; } streams[] = {
		{ &g->position, "workload/position", true },
		{ &g->op, "workload/op", spec->read_ratio > 0.0 && spec->read_ratio < 1.0 },
		{ &g->arrival, "workload/arrival", spec->arrival == GEN_POISSON },
		{ &g->priority, "workload/priority", spec->low_priority_ratio > 0.0 },
		{ &g->tag, "workload/tag", spec->ordered_ratio + spec->head_of_queue_ratio > 0.0 },
	};

	for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++)
		if (streams[i].wanted && !(*streams[i].rng = rng_new(a, seed, streams[i].path)))
			return -1;
	return 0;
}

/* Aligned positions in the range, with the first sector of it; 0 with *e set. */
static uint64_t count_slots(const struct gen_spec *spec, uint64_t sectors, uint64_t align,
	uint64_t *first, struct err *e)
{
	uint64_t start = (uint64_t)spec->start_bytes / SECTOR_BYTES;
	uint64_t span = (uint64_t)spec->span_bytes / SECTOR_BYTES;
	uint64_t request = (uint64_t)spec->request_bytes / SECTOR_BYTES;

	if (start > sectors || span > sectors - start) {
		err_set(e, ERR_CONFIG, "workload: the range of %" PRIu64 " sectors from sector %" PRIu64
			" does not fit the device, which has %" PRIu64 " sectors", span, start, sectors);
		return 0;
	}
	uint64_t end = span ? start + span : sectors;
	*first = start % align ? start + align - start % align : start;
	if (*first > end || end - *first < request) {
		err_set(e, ERR_CONFIG, "workload: no request of %" PRIu64 " sectors, aligned to %" PRIu64
			", fits sectors %" PRIu64 " to %" PRIu64, request, align, start, end);
		return 0;
	}
	return (end - *first - request) / align + 1;
}

struct trace_source *gen_new(struct arena *a, const struct gen_spec *spec, uint64_t sectors,
	uint64_t seed, struct err *e)
{
	uint64_t first, align;
	struct gen *g = arena_alloc(a, sizeof(*g));

	align = (uint64_t)(spec->align_bytes ? spec->align_bytes : spec->request_bytes) / SECTOR_BYTES;
	uint64_t slots = count_slots(spec, sectors, align, &first, e);
	if (slots == 0)
		return NULL;
	if (g) {
		g->ops = gen_list[spec->type];
		g->state = arena_alloc(a, g->ops->state_size);
	}
	if (!g || !g->state || make_streams(g, spec, a, seed) < 0) {
		err_set(e, ERR_LIMIT, "workload: out of memory");
		return NULL;
	}
	g->start = first;
	g->align = align;
	g->sectors = (uint32_t)(spec->request_bytes / SECTOR_BYTES);
	g->read_below = below(spec->read_ratio);
	g->low_below = below(spec->low_priority_ratio);
	g->ordered_below = below(spec->ordered_ratio);
	g->head_below = below(spec->ordered_ratio + spec->head_of_queue_ratio);
	g->mean_gap_ps = g->arrival ? (double)PS_PER_S / spec->rate_per_s : 0.0;
	g->ops->init(g->state, spec, slots, g->position);
	g->source = (struct trace_source){
		.next = next,
		.name = g->ops->name,
		.has_arrivals = g->arrival != NULL,
		.expected = (uint64_t)spec->requests,
		.progress = progress,
	};
	return &g->source;
}
