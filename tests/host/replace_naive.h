/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The replacement policies once more, written in another way from the papers' descriptions: pages in short arrays that are
 * searched, shifted and sorted; no lists by frame, no hashes. Slow, for strings over pages 0 to 255. A sequence holds pages,
 * the next to go first, where nothing else is said.
 */
#ifndef QUERN_TESTS_REPLACE_NAIVE_H
#define QUERN_TESTS_REPLACE_NAIVE_H

#include <string.h>

#include "host/replace_run.h"

#define NAIVE_PAGES 256

struct seq {
	int page[2 * NAIVE_PAGES];
	int n;
};

struct naive {
	const struct replace_spec *spec;
	int m;                     /* frames */
	const uint64_t *refs;
	int count, now;
	struct rng *rng;
	struct replace_outcome *out;
	struct seq a, b, ga, gb;   /* what the policy makes of them */
	struct seq slots;          /* clocks: the page in each frame */
	int hand;                  /* an index, or a page */
	int bit[NAIVE_PAGES], dirty[NAIVE_PAGES], in[NAIVE_PAGES], frame[NAIVE_PAGES], uses[NAIVE_PAGES];
	long last[NAIVE_PAGES];
	double p;
	int target, full, hand_cold, hand_test, hot[NAIVE_PAGES], test[NAIVE_PAGES];
};

static inline int naive_find(const struct seq *s, int page)
{
	for (int i = 0; i < s->n; i++)
		if (s->page[i] == page)
			return i;
	return -1;
}

static inline void naive_put(struct seq *s, int page)
{
	s->page[s->n++] = page;
}

static inline int naive_cut(struct seq *s, int i)
{
	int page = s->page[i];
	memmove(&s->page[i], &s->page[i + 1], (size_t)(s->n - i - 1) * sizeof(int));
	s->n--;
	return page;
}

static inline void naive_drop(struct seq *s, int page)
{
	int i = naive_find(s, page);
	if (i >= 0)
		naive_cut(s, i);
}

static inline int naive_used(struct naive *v, int page)
{
	int bit = v->bit[page];
	v->bit[page] = 0;
	return bit;
}

/* A share of the frames, rounded down, at least one. */
static inline int naive_share(double share, int of)
{
	int n = (int)(share * of);
	return n < 1 ? 1 : n;
}

/* CLOCK-Pro has a file of its own. */
int naive_clock_pro_go(struct naive *v, int wanted);
void naive_clock_pro_come(struct naive *v, int page);

/* As replace_run(); `out->evicted` must be given. Stops the test where it does not know the policy. */
void naive_run(const struct replace_spec *spec, uint32_t frames, const uint64_t *refs, size_t count, uint64_t seed,
	struct replace_outcome *out);

#endif
