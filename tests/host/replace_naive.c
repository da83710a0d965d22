/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The replacement policies in arrays; CLOCK-Pro in replace_naive_clock_pro.c. */
#include "host/replace_naive.h"

#include <check.h>

/* What a policy is made of here. `come` is told of the page that faulted after room was made, `go` names the page that leaves. */
struct naive_policy {
	const char *name;
	void (*hit)(struct naive *v, int page);
	int (*go)(struct naive *v, int wanted);
	void (*come)(struct naive *v, int page);
	void (*tick)(struct naive *v);
};

static void come_last(struct naive *v, int page)
{
	naive_put(&v->a, page);
	v->uses[page] = 1;
	v->bit[page] = 0;
}

static int fifo_go(struct naive *v, int wanted)
{
	(void)wanted;
	return naive_cut(&v->a, 0);
}

static int second_chance_go(struct naive *v, int wanted)
{
	(void)wanted;
	while (naive_used(v, v->a.page[0]))
		naive_put(&v->a, naive_cut(&v->a, 0));
	return naive_cut(&v->a, 0);
}

/* Frames in a fixed circle; the page that comes takes the frame that was left. */
static int clock_go(struct naive *v, int wanted)
{
	(void)wanted;
	while (naive_used(v, v->slots.page[v->hand]))
		v->hand = (v->hand + 1) % v->m;
	int page = v->slots.page[v->hand];
	v->hand = (v->hand + 1) % v->m;
	return page;
}

static void clock_come(struct naive *v, int page)
{
	v->bit[page] = v->spec->initial_bit;
}

/* Newest at the left, as the paper draws it; the hand is a page, or -1. */
static int sieve_go(struct naive *v, int wanted)
{
	(void)wanted;
	int i = v->hand < 0 ? v->a.n - 1 : naive_find(&v->a, v->hand);
	while (naive_used(v, v->a.page[i]))
		i = i > 0 ? i - 1 : v->a.n - 1;
	v->hand = i > 0 ? v->a.page[i - 1] : -1;
	return naive_cut(&v->a, i);
}

static void sieve_come(struct naive *v, int page)
{
	memmove(&v->a.page[1], &v->a.page[0], (size_t)v->a.n++ * sizeof(int));
	v->a.page[0] = page;
	v->bit[page] = 0;
}

/* The page in memory with the least score; `first` of equal ones, in order of frames where by frame. */
static int least(struct naive *v, long (*score)(const struct naive *v, int page))
{
	int best = 0;
	for (int i = 1; i < v->a.n; i++)
		if (score(v, v->a.page[i]) < score(v, v->a.page[best]))
			best = i;
	return naive_cut(&v->a, best);
}

static long by_last(const struct naive *v, int page)
{
	return v->last[page];
}

static long by_uses_then_last(const struct naive *v, int page)
{
	return v->uses[page] * 1000000L + v->last[page];
}

static long by_uses(const struct naive *v, int page)
{
	return v->uses[page];
}

static int lru_go(struct naive *v, int wanted)
{
	(void)wanted;
	return least(v, by_last);
}

static int lfu_go(struct naive *v, int wanted)
{
	(void)wanted;
	return least(v, by_uses_then_last);
}

static void lfu_hit(struct naive *v, int page)
{
	v->uses[page]++;
}

static int by_uses_go(struct naive *v, int wanted)
{
	(void)wanted;
	return least(v, by_uses);
}

/* The pages that were used go behind the others, in their order. */
static void nfu_tick(struct naive *v)
{
	struct seq used_ones = {.n = 0};
	for (int i = 0; i < v->a.n;) {
		int page = v->a.page[i];
		if (!naive_used(v, page)) {
			i++;
			continue;
		}
		v->uses[page]++;
		naive_put(&used_ones, naive_cut(&v->a, i));
	}
	for (int i = 0; i < used_ones.n; i++)
		naive_put(&v->a, used_ones.page[i]);
}

static void aging_come(struct naive *v, int page)
{
	come_last(v, page);
	v->uses[page] = 1 << (v->spec->bits - 1);
}

/* Sorted by the registers as they were, equal ones as they stood. */
static void aging_tick(struct naive *v)
{
	for (int i = 1; i < v->a.n; i++)
		for (int k = i; k > 0 && v->uses[v->a.page[k]] < v->uses[v->a.page[k - 1]]; k--) {
			int page = v->a.page[k];
			v->a.page[k] = v->a.page[k - 1];
			v->a.page[k - 1] = page;
		}
	for (int i = 0; i < v->a.n; i++)
		v->uses[v->a.page[i]] = v->uses[v->a.page[i]] / 2 + naive_used(v, v->a.page[i]) * (1 << (v->spec->bits - 1));
}

static void wsclock_come(struct naive *v, int page)
{
	v->bit[page] = 0;
	v->uses[page] = v->now; /* when it was last found used */
}

static int wsclock_go(struct naive *v, int wanted)
{
	(void)wanted;
	int start = v->hand, clean = -1, written = -1, victim = -1;
	for (int k = 0; k < v->m && victim < 0; k++) {
		int at = (start + k) % v->m, page = v->slots.page[at];
		if (naive_used(v, page))
			v->uses[page] = v->now;
		if (!v->dirty[page] && clean < 0)
			clean = at;
		if (v->now - v->uses[page] <= v->spec->tau_ps)
			continue;
		if (!v->dirty[page])
			victim = at;
		else
			v->out->writes++;
		if (v->dirty[page] && written < 0)
			written = at;
		v->dirty[page] = 0;
	}
	if (victim < 0) /* what was written is clean when the hand comes again */
		victim = clean >= 0 ? clean : written >= 0 ? written : start;
	v->hand = (victim + 1) % v->m;
	return v->slots.page[victim];
}

/* a: A1in, b: Am, ga: A1out, all with the next to go first. */
static void two_q_hit(struct naive *v, int page)
{
	if (naive_find(&v->b, page) < 0)
		return;
	naive_drop(&v->b, page);
	naive_put(&v->b, page);
}

static int two_q_go(struct naive *v, int wanted)
{
	v->in[wanted] = naive_find(&v->ga, wanted) >= 0;
	if (v->a.n <= naive_share(v->spec->two_q_in, v->m) && v->b.n > 0)
		return naive_cut(&v->b, 0);
	int page = naive_cut(&v->a, 0);
	naive_put(&v->ga, page);
	if (v->ga.n > naive_share(v->spec->two_q_out, v->m))
		naive_cut(&v->ga, 0);
	return page;
}

static void two_q_come(struct naive *v, int page)
{
	naive_put(v->in[page] ? &v->b : &v->a, page);
	v->in[page] = 0;
	naive_drop(&v->ga, page);
}

/* a: T1, b: T2, ga: B1, gb: B2. The whole of figure 4 for a miss is here. */
static void arc_hit(struct naive *v, int page)
{
	naive_drop(&v->a, page);
	naive_drop(&v->b, page);
	naive_put(&v->b, page);
}

static double arc_adapted(const struct naive *v, int wanted)
{
	double c = v->m, p = v->p, b1 = v->ga.n, b2 = v->gb.n;
	if (naive_find(&v->ga, wanted) >= 0)
		p = p + (b2 / b1 > 1 ? b2 / b1 : 1) > c ? c : p + (b2 / b1 > 1 ? b2 / b1 : 1);
	else if (naive_find(&v->gb, wanted) >= 0)
		p = p - (b1 / b2 > 1 ? b1 / b2 : 1) < 0 ? 0 : p - (b1 / b2 > 1 ? b1 / b2 : 1);
	return p;
}

static int arc_go(struct naive *v, int wanted)
{
	int in_b2 = naive_find(&v->gb, wanted) >= 0;
	v->in[wanted] = in_b2 || naive_find(&v->ga, wanted) >= 0;
	v->p = arc_adapted(v, wanted);
	if (!v->in[wanted] && v->a.n + v->ga.n == v->m) {
		if (v->a.n == v->m)
			return naive_cut(&v->a, 0);
		naive_cut(&v->ga, 0);
	} else if (!v->in[wanted] && v->a.n + v->ga.n + v->b.n + v->gb.n == 2 * v->m) {
		naive_cut(&v->gb, 0);
	}
	int from_t1 = v->a.n >= 1 && ((in_b2 && v->a.n == v->p) || v->a.n > v->p);
	int page = naive_cut(from_t1 ? &v->a : &v->b, 0);
	naive_put(from_t1 ? &v->ga : &v->gb, page);
	return page;
}

static void arc_come(struct naive *v, int page)
{
	naive_drop(&v->ga, page);
	naive_drop(&v->gb, page);
	naive_put(v->in[page] ? &v->b : &v->a, page);
	v->in[page] = 0;
}

/* a: S, b: M, ga: G. */
static void s3_hit(struct naive *v, int page)
{
	v->uses[page] = v->uses[page] < 3 ? v->uses[page] + 1 : 3;
}

static int s3_main(struct naive *v)
{
	while (v->b.n > 0) {
		int page = naive_cut(&v->b, 0);
		if (v->uses[page]-- == 0)
			return page;
		naive_put(&v->b, page);
	}
	return -1;
}

static int s3_go(struct naive *v, int wanted)
{
	v->in[wanted] = naive_find(&v->ga, wanted) >= 0;
	if (v->a.n >= naive_share(v->spec->small_share, v->m) || v->b.n == 0)
		while (v->a.n > 0) {
			int page = naive_cut(&v->a, 0);
			if (v->uses[page] <= v->spec->small_uses) {
				naive_put(&v->ga, page);
				if (v->ga.n > naive_share(v->spec->small_ghosts, v->m))
					naive_cut(&v->ga, 0);
				return page;
			}
			v->uses[page] = 0;
			naive_put(&v->b, page);
		}
	return s3_main(v);
}

static void s3_come(struct naive *v, int page)
{
	naive_put(v->in[page] ? &v->b : &v->a, page);
	v->uses[page] = v->in[page] = 0;
	naive_drop(&v->ga, page);
}

/* a: old, b: young. */
static void mglru_age(struct naive *v)
{
	for (int i = 0; i < v->b.n;) {
		if (naive_used(v, v->b.page[i]))
			i++;
		else
			naive_put(&v->a, naive_cut(&v->b, i));
	}
}

static int mglru_go(struct naive *v, int wanted)
{
	(void)wanted;
	for (;;) {
		while (v->a.n > 0) {
			int page = naive_cut(&v->a, 0);
			if (!naive_used(v, page))
				return page;
			naive_put(&v->b, page);
		}
		mglru_age(v);
	}
}

static void mglru_come(struct naive *v, int page)
{
	naive_put(&v->b, page);
	v->bit[page] = 1;
}

static void mglru_tick(struct naive *v)
{
	if (v->spec->ageing == REPLACE_AGEING_PERIOD)
		mglru_age(v);
}

static int random_go(struct naive *v, int wanted)
{
	(void)wanted;
	int i = (int)rng_below(v->rng, (uint64_t)v->a.n), page = v->a.page[i];
	v->a.page[i] = v->a.page[--v->a.n];
	return page;
}

/* Looks ahead along the string for each page. */
static int opt_go(struct naive *v, int wanted)
{
	(void)wanted;
	int best = 0, best_at = -1;
	for (int i = 0; i < v->a.n; i++) {
		int at = v->now;
		while (at < v->count && (int)(v->refs[at] >> 1) != v->a.page[i])
			at++;
		if (at > best_at || (at == best_at && v->frame[v->a.page[i]] < v->frame[v->a.page[best]])) {
			best = i;
			best_at = at;
		}
	}
	return naive_cut(&v->a, best);
}

static const struct naive_policy policies[] = {
	{"fifo", NULL, fifo_go, come_last, NULL},
	{"second-chance", NULL, second_chance_go, come_last, NULL},
	{"clock", NULL, clock_go, clock_come, NULL},
	{"sieve", NULL, sieve_go, sieve_come, NULL},
	{"lru", NULL, lru_go, come_last, NULL},
	{"lfu", lfu_hit, lfu_go, come_last, NULL},
	{"nfu", NULL, by_uses_go, come_last, nfu_tick},
	{"aging", NULL, by_uses_go, aging_come, aging_tick},
	{"wsclock", NULL, wsclock_go, wsclock_come, NULL},
	{"2q", two_q_hit, two_q_go, two_q_come, NULL},
	{"arc", arc_hit, arc_go, arc_come, NULL},
	{"clock-pro", NULL, naive_clock_pro_go, naive_clock_pro_come, NULL},
	{"s3-fifo", s3_hit, s3_go, s3_come, NULL},
	{"mglru", NULL, mglru_go, mglru_come, mglru_tick},
	{"random", NULL, random_go, come_last, NULL},
	{"opt", NULL, opt_go, come_last, NULL},
};

static void naive_fault(struct naive *v, const struct naive_policy *p, int page, int *resident)
{
	struct replace_outcome *out = v->out;
	int slot = v->slots.n;
	out->faults++;
	if (slot == v->m) {
		int gone = p->go(v, page);
		slot = v->frame[gone];
		out->evicted[out->evictions++] = (uint64_t)gone;
		out->writes += (uint64_t)v->dirty[gone];
		resident[gone] = 0;
	} else {
		v->slots.n++;
	}
	v->slots.page[slot] = page;
	v->frame[page] = slot;
	resident[page] = 1;
	v->dirty[page] = 0;
	p->come(v, page);
}

void naive_run(const struct replace_spec *spec, uint32_t frames, const uint64_t *refs, size_t count, uint64_t seed,
	struct replace_outcome *out)
{
	struct arena *a = arena_new();
	struct naive v = {.spec = spec, .m = (int)frames, .refs = refs, .count = (int)count, .out = out, .hand = 0};
	const struct naive_policy *p = policies;
	int resident[NAIVE_PAGES] = {0};
	for (size_t k = 0; k < sizeof(policies) / sizeof(policies[0]); k++)
		if (strcmp(policies[k].name, replace_policies[spec->policy].name) == 0)
			p = &policies[k];
	ck_assert_str_eq(p->name, replace_policies[spec->policy].name); /* it has no naive twin */
	v.rng = rng_new(a, seed, "replace");
	v.hand = strcmp(p->name, "sieve") == 0 ? -1 : 0;
	*out = (struct replace_outcome){.evicted = out->evicted};
	for (v.now = 0; v.now < v.count; v.now++) {
		int page = (int)(refs[v.now] >> 1);
		if (resident[page]) {
			v.bit[page] = 1;
			if (p->hit)
				p->hit(&v, page);
		} else {
			naive_fault(&v, p, page, resident);
		}
		v.last[page] = v.now;
		v.dirty[page] |= (int)(refs[v.now] & 1);
		if (p->tick && (v.now + 1) % spec->period_ps == 0)
			p->tick(&v);
	}
	arena_free(a);
}
