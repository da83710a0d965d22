/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rate-limited walker, and its option rows. */
#include "host/walker.h"

#include <stdio.h>

static void go(struct walker *w);

static void timer_fired(struct sim *s, struct event *e)
{
	(void)s;
	go(container_of(e, struct walker, timer));
}

int walker_open(struct walker *w, struct sim *s, const struct walker_spec *spec, uint32_t items, const struct walker_ops *ops,
	void *ctx, uint64_t seed, struct err *e)
{
	*w = (struct walker){.sim = s, .spec = spec, .ops = ops, .ctx = ctx, .items = items};
	event_init(&w->timer, timer_fired, "walker", EVENT_PRIO_WORKLOAD);
	if (spec->order == WALKER_RANDOM) {
		w->rng = rng_new(s->arena, seed, "walker");
		w->permutation = arena_array(s->arena, items, sizeof(*w->permutation));
		if (!w->rng || !w->permutation)
			return err_set(e, ERR_LIMIT, "no memory for a walk over %u items", items);
	}
	return 0;
}

void walker_resize(struct walker *w, uint32_t items)
{
	w->items = items;
	w->from = w->last = 0;
}

static void shuffle(struct walker *w)
{
	for (uint32_t i = 0; i < w->items; i++)
		w->permutation[i] = i;
	for (uint32_t i = w->items; i > 1; i--) {
		uint32_t k = (uint32_t)rng_below(w->rng, i), was = w->permutation[i - 1];
		w->permutation[i - 1] = w->permutation[k];
		w->permutation[k] = was;
	}
}

void walker_start(struct walker *w)
{
	if (w->walking)
		sim_bug(w->sim, "a walker is started while it walks");
	w->walking = true;
	w->at = 0;
	w->walks++;
	w->next_ps = w->sim->now_ps;
	w->rest_ps = 0;
	if (w->spec->order == WALKER_RANDOM)
		shuffle(w);
	sim_schedule(w->sim, &w->timer, w->sim->now_ps);
}

static uint32_t item_at(const struct walker *w, uint32_t i)
{
	switch ((enum walker_order)w->spec->order) {
	case WALKER_DESCENDING:
		return w->items - 1 - i;
	case WALKER_ONWARD:
		return (uint32_t)(((uint64_t)w->from + i) % w->items);
	case WALKER_RANDOM:
		return w->permutation[i];
	default:
		return i;
	}
}

/* The next items that are wanted, at most `most`. */
static uint32_t gather(struct walker *w, uint32_t *item, uint32_t most)
{
	uint32_t n = 0;
	while (n < most && w->at < w->items) {
		uint32_t i = item_at(w, w->at++);
		if (!w->ops->wants || w->ops->wants(w->ctx, i))
			item[n++] = i;
	}
	if (n > 0)
		w->last = item[n - 1];
	return n;
}

/* The budget of n items from now on; in doubles only below a picosecond. */
static void spend(struct walker *w, uint32_t n)
{
	if (w->spec->rate <= 0)
		return;
	double ps = (double)n * 1e12 / w->spec->rate + w->rest_ps;
	time_ps whole = (time_ps)ps, now = w->sim->now_ps;
	w->rest_ps = ps - (double)whole;
	w->next_ps = time_add(w->next_ps > now ? w->next_ps : now, whole);
}

/* Hand over what depth and budget allow. */
static void go(struct walker *w)
{
	uint32_t item[WALKER_BATCH];
	w->visiting = true;
	while (w->walking && w->at < w->items && w->under_way < (uint64_t)w->spec->depth) {
		if (w->next_ps > w->sim->now_ps) {
			if (!event_pending(&w->timer))
				sim_schedule(w->sim, &w->timer, w->next_ps);
			break;
		}
		uint32_t n = gather(w, item, (uint32_t)w->spec->batch);
		if (n == 0)
			break;
		spend(w, n);
		w->under_way++;
		w->handed += n;
		w->batches++;
		w->ops->visit(w->ctx, item, n);
	}
	w->visiting = false;
	if (w->walking && w->at == w->items && w->under_way == 0) {
		w->walking = false;
		sim_cancel(w->sim, &w->timer);
		w->from = (w->last + 1) % w->items;
		w->ops->over(w->ctx);
	}
}

void walker_done(struct walker *w)
{
	if (w->under_way == 0)
		sim_bug(w->sim, "a walker is told of a batch that it did not hand over");
	w->under_way--;
	if (!w->visiting)
		go(w);
}

void walker_split(struct walker *w, uint32_t pieces) { w->under_way += pieces - 1; }

void walker_drop(struct walker *w)
{
	sim_cancel(w->sim, &w->timer);
	w->walking = false;
	w->under_way = 0;
}

/* ---- options ---------------------------------------------------------------------------------------------------- */

#define FIELD(f) offsetof(struct walker_spec, f)
static const struct opt_choice order_choices[] = {
#define X(name, text, doc) [name] = {text, doc},
	WALKER_LIST(X)
#undef X
	{NULL, NULL},
};
static const struct opt_row rows[] = {
	{.key = "order", .type = OPT_ENUM, .offset = FIELD(order), .def = "ascending", .choices = order_choices,
	 .doc = "which item comes next"},
	{.key = "batch", .type = OPT_SCALAR, .offset = FIELD(batch), .min = "1", .max = "256", .def = "16",
	 .doc = "most items handed over at once"},
	{.key = "depth", .type = OPT_SCALAR, .offset = FIELD(depth), .min = "1", .max = "4096", .def = "4",
	 .doc = "batches under way at once"},
	{.key = "rate", .type = OPT_SCALAR, .unit = UNIT_IOPS, .offset = FIELD(rate), .min = "0", .max = "1e12 /s", .def = "0",
	 .doc = "items a second; 0: no limit"},
	{0},
};
const struct opt_group walker_options = {"walker", "the rate-limited walker", rows, sizeof(struct walker_spec), NULL};
