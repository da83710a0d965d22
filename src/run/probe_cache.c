/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The buffer. A read that ends where the medium would have ended it came from the medium; any
 * other came from the buffer. Each trial begins with a power cycle, so that it finds an
 * empty buffer. The interface is seen in hits of growing length.
 */
#include "run/probe_private.h"

#define MOST_AHEAD (UINT64_C(1) << 26)  /* sectors */
#define MOST_STREAMS 4096u
#define MOST_HELD (UINT64_C(1) << 20)   /* sectors read on end to see what a buffer keeps */
#define CHUNK 128u
#define LONG_TURNS 64                   /* until background reading is over */

struct trial {
	struct probe *p;
	uint64_t at;         /* the sector read first */
	double wait_ps;
	uint64_t length;     /* read on end */
};

typedef bool trial_fn(const struct trial *t, uint64_t n);

static uint64_t power_of_two_over(uint64_t n)
{
	uint64_t x = 1;
	while (x < n)
		x *= 2;
	return x;
}

/* The largest n <= most for which the trial holds, when it holds below and not above; 0: never. */
static uint64_t largest(const struct trial *t, trial_fn *holds, uint64_t most)
{
	uint64_t good = 0, bad = 1;
	while (bad <= most && !t->p->broken && holds(t, bad)) {
		good = bad;
		bad *= 2;
	}
	if (bad > most)
		bad = most + 1;
	while (bad - good > 1 && !t->p->broken) {
		uint64_t n = good + (bad - good) / 2;
		if (holds(t, n))
			good = n;
		else
			bad = n;
	}
	return good;
}

/* ---- reading ahead ---------------------------------------------------------------------------- */

static void read_and_wait(const struct trial *t)
{
	probe_power_cycle(t->p);
	probe_do(t->p, BLK_READ, t->at, 1, 0);
	probe_idle(t->p, t->wait_ps);
}

static bool holds_ahead(const struct trial *t, uint64_t n)
{
	if (t->at + n >= t->p->limit)
		return false;
	read_and_wait(t);
	return probe_from_buffer(t->p, t->at + n);
}

static bool holds_behind(const struct trial *t, uint64_t n)
{
	if (n > t->at)
		return false;
	read_and_wait(t);
	return probe_from_buffer(t->p, t->at - n);
}

static bool hits_itself(const struct trial *t)
{
	read_and_wait(t);
	return probe_from_buffer(t->p, t->at);
}

static void read_ahead(struct probe *p, struct trial t)
{
	static const double turns[] = {0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2, 3, 4, 8, 16, 32, LONG_TURNS};
	struct probe_ahead *row = NULL;
	for (size_t i = 0; i < sizeof(turns) / sizeof(turns[0]); i++) {
		t.wait_ps = turns[i] * p->turn_ps;
		row = probe_row(p, &p->out->aheads, sizeof(*row));
		if (!row)
			return;
		row->wait_ms = 1e-9 * t.wait_ps;
		row->ahead = largest(&t, holds_ahead, MOST_AHEAD);
		row->behind = largest(&t, holds_behind, MOST_AHEAD);
	}
	struct probe_figure *f = probe_found(p, "read_ahead_sectors", "read ahead of a read", "sectors", (double)row->ahead,
		"one sector read, a long pause, then sectors further and further on, each after a power cycle");
	if (row->ahead == MOST_AHEAD)
		f->note = "it goes further than was looked";
	probe_found(p, "read_behind_sectors", "read behind a read", "sectors", (double)row->behind,
		"the same, backwards");
}

/* ---- segments ----------------------------------------------------------------------------------- */

/* n streams of one read each, far apart: is the first still there? */
static bool holds_streams(const struct trial *t, uint64_t n)
{
	struct probe *p = t->p;
	probe_power_cycle(p);
	for (uint64_t i = 0; i < n; i++) {
		uint64_t apart = p->limit / (MOST_STREAMS + 1);
		probe_do(p, BLK_READ, apart * ((i * 1103 + t->at / apart) % MOST_STREAMS), 1, 0);
		probe_idle(p, 2 * p->turn_ps);
	}
	return probe_from_buffer(p, p->limit / (MOST_STREAMS + 1) * (t->at / (p->limit / (MOST_STREAMS + 1))));
}

static void read_on_end(const struct trial *t)
{
	struct probe *p = t->p;
	probe_power_cycle(p);
	for (uint64_t n = 0; n < t->length; n += CHUNK)
		probe_do(p, BLK_READ, t->at + n, CHUNK, 0);
	probe_idle(p, LONG_TURNS * p->turn_ps);
}

static bool held_before(const struct trial *t, uint64_t n)
{
	if (n > t->length)
		return false;
	read_on_end(t);
	return probe_from_buffer(t->p, t->at + t->length - n);
}

static bool held_after(const struct trial *t, uint64_t n)
{
	if (t->at + t->length + n > t->p->limit)
		return false;
	read_on_end(t);
	return probe_from_buffer(t->p, t->at + t->length + n - 1);
}

static void segments(struct probe *p, struct trial t)
{
	static const char *const method = "single reads far apart until the first of them no longer hits";
	uint64_t n = p->limit > 16 * MOST_STREAMS ? largest(&t, holds_streams, MOST_STREAMS) : 0;
	struct probe_figure *f = probe_found(p, "segments", "streams held at once (segments)", "", (double)n, method);
	if (n == MOST_STREAMS)
		f->note = "more than were tried";
	t.length = CHUNK;
	while (t.length < MOST_HELD && t.at + 4 * t.length < p->limit && held_before(&t, t.length))
		t.length *= 2;
	t.length = power_of_two_over(t.length);
	uint64_t held = largest(&t, held_before, t.length) + largest(&t, held_after, MOST_AHEAD);
	f = probe_found(p, "held_sectors", "held of one long read", "sectors", (double)held,
		"a long sequential read and a pause, then single sectors backwards and forwards from its end");
	if (held >= MOST_HELD)
		f->note = "more than was tried";
}

/* ---- writes ---------------------------------------------------------------------------------------- */

/* Responses of single-sector writes at all rotational offsets: the longest less the shortest. */
static bool acknowledged_early(struct probe *p, uint64_t at, double *least)
{
	double most = 0;
	*least = INFINITY;
	for (int i = 0; i < 16; i++) {
		probe_idle(p, (LONG_TURNS + i / 16.0) * p->turn_ps);
		double t = (double)probe_response(p, BLK_WRITE, at, 1);
		*least = fmin(*least, t);
		most = fmax(most, t);
	}
	return most - *least < 0.3 * p->turn_ps;
}

static void writes(struct probe *p, uint64_t at)
{
	static const char *const method = "single writes at 16 rotational offsets";
	double response;
	probe_power_cycle(p);
	bool early = acknowledged_early(p, at, &response);
	if (p->status != BLK_OK) {
		probe_missed(p, "write_back", "writes acknowledged early", "yes", method, "writes here are refused");
		return;
	}
	probe_found(p, "write_back", "writes acknowledged early", "yes", early, method);
	if (early) {
		probe_found(p, "write_hit_ms", "response of such a write", "ms", 1e-9 * response, method);
		unsigned n = 0;
		probe_idle(p, LONG_TURNS * p->turn_ps);
		while (n < 4096 && !p->broken && (double)probe_response(p, BLK_WRITE, rng_below(p->rng, p->limit), 1)
				< response + 0.05 * p->turn_ps)
			n++;
		struct probe_figure *f = probe_found(p, "writes_in_a_row", "writes taken in a row", "", n,
			"single random writes on end, until one has to wait");
		if (n == 4096)
			f->note = "more than were tried";
	}
	probe_power_cycle(p);
	probe_do(p, BLK_WRITE, at, 1, 0);
	probe_idle(p, LONG_TURNS * p->turn_ps);
	probe_found(p, "hit_on_written", "reads hit what was written", "yes", probe_from_buffer(p, at),
		"a write, a long pause, a read of the same sector");
}

/* ---- the interface ------------------------------------------------------------------------------------ */

/* Response of a request of n sectors that the buffer alone serves; NaN when it does not. */
static double hit_response(struct probe *p, enum blk_op op, uint64_t at, uint32_t n)
{
	double t[2];
	probe_power_cycle(p);
	probe_do(p, op, at, n, 0); /* brings the data; a write: so that each comes after a write */
	for (int i = 0; i < 2; i++) { /* twice alike, at different angles: the medium had no part in it */
		probe_idle(p, (LONG_TURNS + 0.37 * i) * p->turn_ps);
		t[i] = (double)probe_response(p, op, at, n);
	}
	return fabs(t[0] - t[1]) < 1e-3 * p->turn_ps && p->status == BLK_OK ? t[0] : NAN;
}

struct line { double n, x, y, xx, xy; };

static void line_add(struct line *l, double x, double y)
{
	if (isnan(y))
		return;
	l->n++;
	l->x += x;
	l->y += y;
	l->xx += x * x;
	l->xy += x * y;
}

static double line_slope(const struct line *l)
{
	return (l->n * l->xy - l->x * l->y) / (l->n * l->xx - l->x * l->x);
}

static void bandwidth(struct probe *p, const struct line *l, const char *key, const char *text)
{
	static const char *const method = "requests of 1, 2, 4 ... sectors that the buffer serves: the slope";
	double slope = line_slope(l);
	if (l->n < 3) {
		probe_missed(p, key, text, "B/s", method, "too few requests were served by the buffer alone");
		return;
	}
	struct probe_figure *f = probe_found(p, key, text, "B/s", slope > 1 ? 512 / (slope * 1e-12) : NAN, method);
	if (slope <= 1)
		f->note = "longer requests take no longer: the interface costs no time";
}

static void interface(struct probe *p, uint64_t at)
{
	struct line read = {0}, write = {0};
	for (uint32_t n = 1; n <= 256; n *= 2) {
		struct probe_hit *h = probe_row(p, &p->out->hits, sizeof(*h));
		if (!h)
			return;
		*h = (struct probe_hit){n, 1e-9 * hit_response(p, BLK_READ, at, n),
			p->reads_only ? NAN : 1e-9 * hit_response(p, BLK_WRITE, at, n)};
		line_add(&read, n, 1e9 * h->read_ms);
		line_add(&write, n, 1e9 * h->write_ms);
	}
	bandwidth(p, &read, "bus_read_bytes_per_s", "interface, reads");
	if (!p->reads_only)
		bandwidth(p, &write, "bus_write_bytes_per_s", "interface, writes");
	const struct probe_hit *h = p->out->hits.row;
	if (!isnan(h->read_ms))
		probe_found(p, "read_hit_ms", "response of a read hit, 1 sector", "ms", h->read_ms, "one sector read twice");
}

void probe_cache(struct probe *p)
{
	static const char *const method = "one sector read twice with a long pause between";
	/* the middle of a track */
	uint64_t track = probe_next_track(p, p->limit / 3);
	struct trial t = {.p = p, .at = track + probe_zone_of(p, track)->spt / 2, .wait_ps = LONG_TURNS * p->turn_ps};
	bool hits = hits_itself(&t);
	probe_found(p, "read_hit", "a read again is a hit", "yes", hits, method);
	if (hits) {
		read_ahead(p, t);
		segments(p, t);
	} else {
		probe_missed(p, "segments", "streams held at once (segments)", "", method,
			"the buffer does not serve reads, or there is none");
	}
	writes(p, t.at);
	if (hits)
		interface(p, track);
	else
		probe_missed(p, "bus_read_bytes_per_s", "interface, reads", "B/s", method,
			"without hits the interface cannot be told from the medium");
	probe_power_cycle(p);
}
