/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CLOCK-Pro in an array: v->a is the list from its tail, where HAND_hot stands, to its head; what a hand moves past goes to the
 * end. v->in[] says whether a page of the list is in memory. */
#include "host/replace_naive.h"

static int ghosts(const struct naive *v)
{
	int n = 0;
	for (int i = 0; i < v->a.n; i++)
		n += !v->in[v->a.page[i]];
	return n;
}

static int hots(const struct naive *v)
{
	int n = 0;
	for (int i = 0; i < v->a.n; i++)
		n += v->hot[v->a.page[i]];
	return n;
}

static void retarget(struct naive *v, int by)
{
	int low = naive_share(v->spec->cold_share, v->m), high = v->m > 1 ? v->m - 1 : 1;
	v->target += v->spec->cold_adapts ? by : 0;
	v->target = v->target < low ? low : v->target;
	v->target = v->target > high ? high : v->target;
}

/* The page in the list after this one, the tail after the head. */
static int after(const struct naive *v, int page)
{
	return v->a.page[(naive_find(&v->a, page) + 1) % v->a.n];
}

static void leave_list(struct naive *v, int page)
{
	v->hand_cold = v->hand_cold == page ? after(v, page) : v->hand_cold;
	v->hand_test = v->hand_test == page ? after(v, page) : v->hand_test;
	naive_drop(&v->a, page);
}

static void end_test(struct naive *v, int page)
{
	if (!v->in[page]) {
		leave_list(v, page);
		v->test[page] = 0;
		retarget(v, -1);
	} else if (v->test[page]) {
		v->test[page] = 0;
		retarget(v, v->bit[page] ? 0 : -1);
	}
}

static int colds(const struct naive *v)
{
	int n = 0;
	for (int i = 0; i < v->a.n; i++)
		n += v->in[v->a.page[i]] && !v->hot[v->a.page[i]];
	return n;
}

static void hand_hot(struct naive *v)
{
	for (int done = 0; !done || (hots(v) > 0 && !v->hot[v->a.page[0]]);) {
		int page = v->a.page[0];
		if (v->hot[page]) {
			int spare = naive_used(v, page);
			if (!spare) {
				v->hand_cold = colds(v) == 0 ? page : v->hand_cold;
				v->hot[page] = 0;
				done = 1;
			}
		} else {
			end_test(v, page);
			if (naive_find(&v->a, page) < 0)
				continue;
		}
		naive_put(&v->a, naive_cut(&v->a, 0));
	}
}

static void to_head(struct naive *v, int page, int hot)
{
	int cold = colds(v);
	if (v->a.n == 0)
		v->hand_test = page;
	if (v->a.n == 0 || (cold == 0 && !hot))
		v->hand_cold = page;
	naive_put(&v->a, page);
	v->hot[page] = hot;
	v->test[page] = !hot;
	v->in[page] = 1;
	while (hots(v) + v->target > v->m && v->full)
		hand_hot(v);
}

static void seek_cold(struct naive *v)
{
	int cold = colds(v);
	while (cold > 0 && (!v->in[v->hand_cold] || v->hot[v->hand_cold]))
		v->hand_cold = after(v, v->hand_cold);
}

int naive_clock_pro_go(struct naive *v, int wanted)
{
	(void)wanted;
	v->full = 1;
	for (;;) {
		if (colds(v) == 0)
			hand_hot(v);
		seek_cold(v);
		int page = v->hand_cold;
		if (!naive_used(v, page)) {
			if (!v->test[page])
				leave_list(v, page);
			v->in[page] = 0;
			if (naive_find(&v->a, page) >= 0)
				v->hand_cold = after(v, page);
			seek_cold(v);
			while (ghosts(v) > v->m) {
				int tested = v->hand_test;
				v->hand_test = after(v, tested);
				end_test(v, tested);
			}
			return page;
		}
		int tested = v->test[page];
		leave_list(v, page);
		if (tested)
			retarget(v, 1);
		to_head(v, page, tested);
	}
}

void naive_clock_pro_come(struct naive *v, int page)
{
	int ghost = naive_find(&v->a, page) >= 0;
	if (v->target == 0)
		retarget(v, 0);
	v->bit[page] = 0;
	if (ghost) {
		leave_list(v, page);
		retarget(v, 1);
	}
	to_head(v, page, ghost || (!v->full && hots(v) + v->target < v->m));
}
