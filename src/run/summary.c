/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The figures of a finished run, once; summary_json.c and summary_text.c only print them. */
#include "run/summary.h"

#include <math.h>
#include <string.h>

#define MSER_BATCH 5
#define BATCHES 20       /* of the confidence interval; fewer where they are correlated */
#define BATCHES_FEW 10
#define LAG1_LIMIT 0.2

static void condense_mean(struct summary *m)
{
	const struct obs_store *store = &m->observe->store;
	size_t cut = 0;
	if (m->plan->stats.warm_up == WARM_UP_MSER5) {
		/* a stored mean of 8 or more requests is a batch of its own */
		m->cut = mser(store->mean, store->count, store->batch < MSER_BATCH ? MSER_BATCH : 1);
		if (m->cut.settled)
			cut = m->cut.cut;
	}
	m->cut_requests = cut * store->batch;
	size_t n = store->count - cut;
	size_t k = BATCHES;
	m->interval = batch_means(store->mean + cut, n, k, m->plan->stats.confidence);
	if (m->interval.lag1 > LAG1_LIMIT) {
		k = BATCHES_FEW;
		m->interval = batch_means(store->mean + cut, n, k, m->plan->stats.confidence);
	}
	m->interval_batch = n / k * store->batch;
	m->interval.mean /= (double)PS_PER_NS;
	m->interval.half_width /= (double)PS_PER_NS;
}

double summary_depth_mean(const struct summary *m, size_t i)
{
	const struct system *s = m->system;
	return s->hosts ? hosts_depth_mean(s->hosts, i, m->end_ps) : level_mean(&s->queue[i]->outstanding, 0, m->end_ps);
}

uint64_t summary_depth_max(const struct summary *m, size_t i)
{
	const struct system *s = m->system;
	return s->hosts ? hosts_depth_max(s->hosts, i) : (uint64_t)s->queue[i]->outstanding.max;
}

static void condense_depth(struct summary *m)
{
	for (size_t i = 0; i < m->system->count; i++) {
		m->depth_mean += summary_depth_mean(m, i);
		if (summary_depth_max(m, i) > m->depth_max)
			m->depth_max = (uint32_t)summary_depth_max(m, i);
	}
	if (m->end_ps > 0)
		m->depth_from_latency = (double)m->observe->all_ps / (double)m->end_ps;
	m->little_applies = !m->system->hosts && m->system->mode != REPLAY_OPEN &&
		replay_outstanding(m->system->replay) == 0;
}

static int condense_measured(struct summary *m)
{
	const struct demerit *d = &m->observe->demerit;
	m->has_measured = m->observe->has_measured;
	if (!m->has_measured)
		return 0;
	if (demerit_figures(d, 0, d->count, &m->whole) < 0 ||
	    demerit_figures(d, 0, d->count / 2, &m->first_half) < 0)
		return -1;
	return demerit_figures(d, d->count / 2, d->count, &m->second_half);
}

int summary_make(struct summary *m, const struct system *s, const struct observe *o,
	time_ps end_ps)
{
	memset(m, 0, sizeof(*m));
	m->plan = s->plan;
	m->system = s;
	m->observe = o;
	m->end_ps = end_ps;
	m->measured_ps = end_ps - o->from_ps;
	condense_mean(m);
	condense_depth(m);
	return condense_measured(m);
}

double summary_iops(const struct summary *m, enum observe_class c)
{
	if (m->measured_ps <= 0)
		return m->observe->dir[c].lat.exact.count > 0 ? (double)NAN : 0.0;
	return (double)m->observe->dir[c].lat.exact.count / time_seconds(m->measured_ps);
}

double summary_bytes_per_s(const struct summary *m, enum observe_class c)
{
	if (m->measured_ps <= 0)
		return m->observe->dir[c].bytes > 0 ? (double)NAN : 0.0;
	return (double)m->observe->dir[c].bytes / time_seconds(m->measured_ps);
}
