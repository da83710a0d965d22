/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The device under load: sequential reading at places all over it, random reads at growing depth. */
#include "run/probe_private.h"

#define PLACES 200
#define BURST 4096u     /* sectors of a burst */
#define CHUNK 128u
#define RANDOM_SECTORS 8u
#define MOST_DEPTH 256u
#define WARM_UP 500u
#define COUNTED 3000u

static const char *const no_time = "the reads took no time at all, so that there is no rate";

/* A closed loop of reads. */
struct loop {
	struct probe *p;
	struct blk_req req[MOST_DEPTH];
	uint64_t next;      /* sequential: the next LBN */
	bool sequential;
	uint32_t issued, completed, total, warm_up;
	time_ps from_ps, to_ps;
};

static void submit(struct loop *l, struct blk_req *r)
{
	struct probe *p = l->p;
	uint32_t n = l->sequential ? CHUNK : RANDOM_SECTORS;
	r->sectors = n;
	r->lba = l->sequential ? l->next : rng_below(p->rng, (p->limit - n) / n) * n;
	r->arrive_ps = p->sim->now_ps;
	l->next += n;
	l->issued++;
	p->out->requests++;
	blk_submit(p->dev, r);
}

static void completed(struct sim *s, struct blk_req *r)
{
	struct loop *l = r->owner;
	if (r->status != BLK_OK)
		l->p->status = (enum blk_status)r->status;
	if (++l->completed == l->warm_up)
		l->from_ps = s->now_ps;
	l->to_ps = s->now_ps;
	if (l->issued < l->total)
		submit(l, r);
}

/* Runs the loop; seconds from the warm-up's last completion to the last of all, or NaN: no time has passed. */
static double drive(struct loop *l, uint32_t depth)
{
	struct probe *p = l->p;
	p->status = BLK_OK;
	for (uint32_t i = 0; i < depth; i++) {
		l->req[i] = (struct blk_req){.op = BLK_READ, .done = completed, .owner = l};
		if (!p->broken && l->issued < l->total)
			submit(l, &l->req[i]);
	}
	while (!p->broken && l->completed < l->total)
		if (!sim_step(p->sim))
			p->broken = true;
	return l->to_ps > l->from_ps ? time_seconds(l->to_ps - l->from_ps) : (double)NAN;
}

void probe_bursts(struct probe *p)
{
	static const char *const method = "2 MiB read on end, two requests of 64 KiB outstanding, at 200 places";
	double most = 0, least = INFINITY;
	for (uint64_t i = 0; i < PLACES && p->limit > 2 * BURST && !p->broken; i++) {
		struct loop *l = &(struct loop){.p = p, .sequential = true, .total = BURST / CHUNK, .warm_up = 4};
		l->next = (uint64_t)((double)(p->limit - BURST) / (PLACES - 1) * (double)i);
		struct probe_burst *b = probe_row(p, &p->out->bursts, sizeof(*b));
		if (!b)
			return;
		b->lbn = l->next;
		b->bytes_per_s = (BURST - 4 * CHUNK) * 512.0 / drive(l, 2);
		most = fmax(most, b->bytes_per_s);
		least = fmin(least, b->bytes_per_s);
		probe_idle(p, 20e9);
	}
	if (most == 0) {
		probe_missed(p, "sequential_most", "sequential reading, fastest place", "B/s", method,
			p->out->bursts.count > 0 ? no_time : "the device is too small for a burst");
		return;
	}
	probe_found(p, "sequential_most_bytes_per_s", "sequential reading, fastest place", "B/s", most, method);
	probe_found(p, "sequential_least_bytes_per_s", "sequential reading, slowest place", "B/s", least, method);
}

static void found_rate(struct probe *p, const char *key, const char *text, double rate, const char *method)
{
	struct probe_figure *f = probe_found(p, key, text, "1/s", rate, method);
	if (f && isnan(rate))
		f->note = p->out->depths.count > 0 ? no_time : "the device is too small for random reads";
}

void probe_depths(struct probe *p)
{
	static const char *const method = "random reads of 4 KiB in a closed loop";
	double one = NAN, last = NAN;
	for (uint32_t depth = 1; depth <= MOST_DEPTH && p->limit > 1000 && !p->broken; depth *= 2) {
		struct loop *l = &(struct loop){.p = p, .total = WARM_UP + COUNTED, .warm_up = WARM_UP};
		struct probe_depth *d = probe_row(p, &p->out->depths, sizeof(*d));
		if (!d)
			return;
		d->depth = depth;
		d->iops = COUNTED / drive(l, depth);
		one = depth == 1 ? d->iops : one;
		last = d->iops;
	}
	found_rate(p, "iops_depth_1", "random reads a second, depth 1", one, method);
	found_rate(p, "iops_depth_256", "random reads a second, depth 256", last, method);
}
