/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The transaction scheduler: opening it, its queues, power cuts, its figures. */
#include "ftl/tsu.h"

#include "blk/dev.h"
#include "ftl/tsu_private.h"

/* Unused ones in front of the first die's: so TSU_HIGH to TSU_BACKGROUND of a group, which is what waits mostly, share a cache
 * line. */
#define QUEUES_BEFORE 2

#define TSU_POLICY(symbol, title, channel, by_class, reads, by_flow, text) \
	static const struct tsu_policy policy_##symbol = {title, text, channel, by_class, reads, by_flow};
#include "ftl/tsu_list.h"
#undef TSU_POLICY

const struct tsu_policy *const tsu_policies[] = {
#define TSU_POLICY(symbol, title, channel, by_class, reads, by_flow, text) &policy_##symbol,
#include "ftl/tsu_list.h"
#undef TSU_POLICY
	NULL,
};

const struct opt_choice tsu_policy_choices[] = {
#define TSU_POLICY(symbol, title, channel, by_class, reads, by_flow, text) {title, text},
#include "ftl/tsu_list.h"
#undef TSU_POLICY
	{NULL, NULL},
};

const char *tsu_behind_name(enum tsu_behind b)
{
	static const char *const names[TSU_BEHINDS] = {"bus", "read", "program", "erase", "gc", "suspend"};
	return names[b];
}

const char *tsu_share_name(enum tsu_share s)
{
	static const char *const names[TSU_SHARES] = {"idle", "read", "program", "erase", "gc", "suspend"};
	return names[s];
}

/* ---- opening ------------------------------------------------------------------------------------------ */

/* Bus time that lies before t; the bench counts it when it begins. */
static void bus_time(const struct tsu *t, uint32_t channel, time_ps at, int64_t out[TSU_BUSES])
{
	const struct nand_channel *c = &t->n->channel[channel];
	time_ps ahead = time_max(0, c->free_ps - at);
	out[TSU_BUS_COMMAND] = c->command_ps;
	out[TSU_BUS_IN] = c->in_ps;
	out[TSU_BUS_OUT] = c->out_ps;
	/* of one operation, cycles come first: what lies ahead is of its data, as far as that goes */
	enum tsu_bus data = t->channel[channel].leaving ? TSU_BUS_OUT : TSU_BUS_IN;
	time_ps of_data = time_min(ahead, out[data]);
	out[data] -= of_data;
	out[TSU_BUS_COMMAND] -= ahead - of_data;
}

static void open_parts(struct tsu *t)
{
	const struct nand_geom *g = &t->n->geom;
	for (uint32_t i = 0; i < g->channels; i++) {
		struct tsu_channel *c = &t->channel[i];
		*c = (struct tsu_channel){.t = t, .index = i, .bus = &t->n->channel[i], .first = i * g->dies_per_channel,
			.timer_ps = TIME_PS_MAX};
		c->idle = g->dies_per_channel == 64 ? UINT64_MAX : (UINT64_C(1) << g->dies_per_channel) - 1;
		event_init(&c->timer, tsu_timer_event, "flash channel", EVENT_PRIO_DEVICE);
		event_init(&c->go, tsu_go_event, "flash commands", EVENT_PRIO_DEVICE);
		bus_time(t, i, t->sim->now_ps, c->before_ps);
	}
	for (uint32_t i = 0; i < g->dies; i++) {
		struct tsu_die *d = &t->die[i];
		*d = (struct tsu_die){.channel = &t->channel[nand_die_channel(g, i)], .index = (uint16_t)i,
			.place = (uint8_t)(i % g->dies_per_channel), .since_ps = t->sim->now_ps};
	}
}

/* The class a transaction waits in. With program_rule ascending their order alone tells which program is next. */
static void open_classes(struct tsu *t)
{
	for (uint32_t kind = 0; kind < TSU_KINDS && t->policy->classes; kind++) {
		bool ordered = tsu_group(kind) == 1 && t->n->rule == NAND_RULE_ASCENDING;
		t->class_base[kind] = (uint8_t)(tsu_group(kind) * TSU_PRIORITIES);
		t->class_mask[kind] = ordered ? 0 : TSU_PRIORITIES - 1;
	}
	t->polled = t->n->status.how == NAND_STATUS_POLLED;
	t->fair = t->policy->fair;
	t->whole_channel = t->policy->whole_channel;
	t->reads_first = t->policy->reads_first;
	t->multi_plane = t->spec.multi_plane;
	t->suspends = t->spec.suspend != FTL_SUSPEND_NONE;
}

struct tsu *tsu_open(struct arena *a, struct sim *sim, struct nand *n, const struct ftl_sched_spec *spec, struct err *e)
{
	const struct nand_geom *g = &n->geom;
	if (g->dies_per_channel > TSU_CHANNEL_DIES)
		return err_set(e, ERR_CONFIG, "A channel of the flash has %u dies; the scheduler handles at most %d.", g->dies_per_channel,
			TSU_CHANNEL_DIES), NULL;
	const struct flash_suspend_spec *can = &n->cells.suspend;
	if (spec->suspend != FTL_SUSPEND_NONE && !can->erase && !(can->program && spec->suspend == FTL_SUSPEND_ALL))
		return err_set(e, ERR_CONFIG, "The scheduler is to suspend what the flash cannot suspend (option flash.suspend)."), NULL;
	struct tsu *t = arena_alloc(a, sizeof(*t));
	struct tsu_queue *queue = arena_array(a, (size_t)g->dies * TSU_CLASSES + QUEUES_BEFORE, sizeof(*queue));
	if (t) {
		*t = (struct tsu){.sim = sim, .n = n, .spec = *spec, .policy = tsu_policies[spec->policy], .open_ps = sim->now_ps};
		t->die = arena_array(a, g->dies, sizeof(*t->die));
		t->channel = arena_array(a, g->channels, sizeof(*t->channel));
		t->flow = arena_array(a, t->policy->fair ? (size_t)g->dies * TSU_FLOWS : 1, sizeof(*t->flow));
		t->plane_ps = arena_array(a, g->all_planes, sizeof(*t->plane_ps));
		t->held = arena_array(a, g->dies, sizeof(*t->held));
	}
	if (!t || !t->die || !t->channel || !queue || !t->flow || !t->plane_ps || !t->held)
		return err_set(e, ERR_LIMIT, "No memory for the scheduler of %u dies.", g->dies), NULL;
	t->queue = queue + QUEUES_BEFORE;
	open_parts(t);
	open_classes(t);
	return t;
}

void tsu_tell_soon(struct tsu *t, void (*soon)(const struct tsu_tx *x, const struct tsu_tx *later)) { t->soon = soon; }

/* ---- queues ------------------------------------------------------------------------------------------- */

/* FLIN's first stage (Tavakkol et al., ISCA 2018): behind the last of its own flow, of a flow with no more waiting, or
 * too old to be passed. */
static struct tsu_tx *place_by_flow(const struct tsu *t, const struct tsu_tx *tail, const uint16_t *flow, uint32_t own)
{
	const struct tsu_tx *p = tail;
	while (p && p->flow % TSU_FLOWS != own && flow[p->flow % TSU_FLOWS] > flow[own] && !tsu_is_old(t, p->queued_ps))
		p = p->prev;
	return (struct tsu_tx *)(uintptr_t)p;
}

static inline void enqueue(struct tsu *t, struct tsu_die *d, struct tsu_tx *x)
{
	struct tsu_die *at = tsu_at(t, d);
	uint32_t class = t->class_base[x->kind] + (uint32_t)(x->priority & t->class_mask[x->kind]);
	struct tsu_queue *q = tsu_queue_of(t, at, class);
	struct tsu_tx *prev = q->tail, *next = NULL;
	if (t->fair && x->kind == TSU_READ) {
		uint16_t *flow = &t->flow[(size_t)d->index * TSU_FLOWS];
		flow[x->flow % TSU_FLOWS]++;
		prev = place_by_flow(t, q->tail, flow, x->flow % TSU_FLOWS);
		next = prev ? prev->next : q->head;
	}
	x->class = (uint8_t)class;
	x->prev = prev;
	x->next = next;
	*(prev ? &prev->next : &q->head) = x;
	*(next ? &next->prev : &q->tail) = x;
	at->waiting |= UINT32_C(1) << class;
	at->channel->waiting |= tsu_bit(at);
	if (x->kind == TSU_READ)
		at->channel->reading |= tsu_bit(at);
	tsu_less_spent(x->behind, d->spent_ps); /* what is spent until it is issued comes to it */
	x->behind[d->share] -= x->queued_ps - d->since_ps;
}

/* All that is noted of a transaction that comes. */
static inline struct tsu_die *receive(struct tsu *t, struct tsu_tx *x)
{
	uint32_t die = nand_ppa_die(&t->n->geom, x->page);
	if (die >= t->n->geom.dies || (x->kind == TSU_READ && (x->bytes == 0 || x->bytes > t->n->geom.page_bytes)))
		sim_bug(t->sim, "a transaction of kind %d for die %u with %u bytes", x->kind, die, x->bytes);
	struct tsu_die *d = &t->die[die];
	__builtin_prefetch(nand_block_of(t->n, x->page), 1); /* read or written when it is issued */
	x->queued_ps = t->sim->now_ps;
	x->number = t->number++;
	x->packed = false;
	d->load++;
	t->unfinished++;
	return d;
}

void tsu_submit(struct tsu *t, struct tsu_tx *x)
{
	struct tsu_die *d = receive(t, x);
	enqueue(t, d, x);
	const struct tsu_channel *c = d->channel;
	if (t->suspends || (!c->running && !event_pending(&c->go) && (c->idle & tsu_bit(d)) != 0))
		tsu_submitted(t, d, x, false);
}

void tsu_submit_alone(struct tsu *t, struct tsu_tx *x)
{
	struct tsu_die *d = receive(t, x);
	if (tsu_begin_alone(t, d, x))
		return;
	enqueue(t, d, x);
	tsu_submitted(t, d, x, true);
}

uint32_t tsu_load(const struct tsu *t, uint32_t die) { return t->die[die].load; }
uint64_t tsu_unfinished(const struct tsu *t) { return t->unfinished; }

/* ---- power cuts --------------------------------------------------------------------------------------- */

static void lose_all(struct tsu_tx *x, void (*lost)(void *ctx, struct tsu_tx *x), void *ctx)
{
	for (struct tsu_tx *next; x; x = next) {
		next = x->next;
		lost(ctx, x);
	}
}

void tsu_power_cut(struct tsu *t, void (*torn)(void *ctx, enum nand_work work, nand_ppa page, uint32_t share_done),
	void (*lost)(void *ctx, struct tsu_tx *x), void *ctx)
{
	struct nand *n = t->n;
	for (uint32_t i = 0; i < n->geom.channels; i++) {
		struct tsu_channel *c = &t->channel[i];
		time_ps held[TSU_BUSES];
		tsu_catch_up(t, c);
		bus_time(t, i, t->sim->now_ps, held); /* what did not cross any more is not counted */
		n->channel[i].command_ps = held[TSU_BUS_COMMAND];
		n->channel[i].in_ps = held[TSU_BUS_IN];
		n->channel[i].out_ps = held[TSU_BUS_OUT];
		sim_cancel(t->sim, &c->timer);
		sim_cancel(t->sim, &c->go);
		c->timer_ps = TIME_PS_MAX;
		c->idle |= n->geom.dies_per_channel == 64 ? UINT64_MAX : (UINT64_C(1) << n->geom.dies_per_channel) - 1;
		c->held = c->suspend = c->copy = c->waiting = c->reading = 0;
		c->reads = c->work = (struct tsu_due){0};
		c->leaving = NULL;
	}
	nand_power_cut(n, t->sim->now_ps, torn, ctx);
	for (uint32_t i = 0; i < n->geom.dies; i++) {
		struct tsu_die *d = &t->die[i];
		tsu_set_share(t, d, TSU_SHARE_IDLE, 0);
		struct tsu_tx *op = d->op.first, *held = t->held[i].first;
		d->op = t->held[i] = (struct tsu_op){0};
		d->phase = TSU_DIE_IDLE;
		d->armed = false;
		d->waiting = d->load = 0;
		lose_all(op, lost, ctx);
		lose_all(held, lost, ctx);
		for (uint32_t k = 0; k < TSU_CLASSES; k++) {
			struct tsu_queue *q = tsu_queue_of(t, d, k);
			struct tsu_tx *x = q->head;
			*q = (struct tsu_queue){0};
			lose_all(x, lost, ctx);
		}
		for (uint32_t k = 0; t->fair && k < TSU_FLOWS; k++)
			t->flow[(size_t)i * TSU_FLOWS + k] = 0;
	}
	t->unfinished = 0;
}

/* ---- figures ------------------------------------------------------------------------------------------ */

const struct tsu_counts *tsu_counts(const struct tsu *t)
{
	for (uint32_t i = 0; i < t->n->geom.channels; i++)
		tsu_catch_up(t, &t->channel[i]);
	return &t->counts;
}

void tsu_die_time(const struct tsu *t, uint32_t die, time_ps out[TSU_SHARES])
{
	const struct tsu_die *d = &t->die[die];
	for (int i = 0; i < TSU_SHARES; i++)
		out[i] = d->spent_ps[i];
	out[d->share] += t->sim->now_ps - d->since_ps;
}

time_ps tsu_plane_busy(const struct tsu *t, uint64_t plane)
{
	const struct tsu_die *d = &t->die[plane / t->n->geom.planes];
	bool now = d->share_planes >> (plane % t->n->geom.planes) & 1;
	return t->plane_ps[plane] + (now ? t->sim->now_ps - d->since_ps : 0);
}

void tsu_channel_time(const struct tsu *t, uint32_t channel, time_ps out[TSU_BUSES])
{
	tsu_catch_up(t, &t->channel[channel]);
	bus_time(t, channel, t->sim->now_ps, out);
	out[TSU_BUS_IDLE] = t->sim->now_ps - t->open_ps;
	for (int i = TSU_BUS_COMMAND; i < TSU_BUSES; i++) {
		out[i] -= t->channel[channel].before_ps[i];
		out[TSU_BUS_IDLE] -= out[i];
	}
}

/* ---- at rest ------------------------------------------------------------------------------------------- */

int tsu_state_save(const struct tsu *t, FILE *out, struct err *e)
{
	for (uint32_t i = 0; i < t->n->geom.channels; i++)
		if (blk_save_bytes(out, &t->channel[i].turn, sizeof(t->channel[i].turn), e) < 0)
			return -1;
	return 0;
}

int tsu_state_load(struct tsu *t, FILE *in, struct err *e)
{
	for (uint32_t i = 0; i < t->n->geom.channels; i++) {
		uint32_t turn;
		if (blk_load_bytes(in, &turn, sizeof(turn), e) < 0)
			return -1;
		if (turn >= t->n->geom.dies_per_channel)
			return err_set(e, ERR_CONFIG, "the saved state of the scheduler is damaged");
		t->channel[i].turn = turn;
		bus_time(t, i, t->sim->now_ps, t->channel[i].before_ps);
	}
	return 0;
}

void tsu_forget(struct tsu *t)
{
	for (uint32_t i = 0; i < t->n->geom.channels; i++)
		bus_time(t, i, t->sim->now_ps, t->channel[i].before_ps);
}
