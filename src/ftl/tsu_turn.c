/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The scheduler as time goes on. A channel's turn comes when its timer stands, or when commands that wait may go, and is a
 * loop: as long as the bus is free and there is something to do, do the best of it.
 */
#include <string.h>

#include "ftl/tsu_private.h"

static inline void must(const struct tsu *t, enum nand_status s, const char *what, const struct tsu_die *d)
{
	if (__builtin_expect(s != NAND_OK, 0))
		sim_bug(t->sim, "die %u refuses a %s: %s", d->index, what, nand_status_text(s));
}

/* ---- dies --------------------------------------------------------------------------------------------- */

static enum tsu_share share_of(const struct tsu_tx *x)
{
	if (x->kind == TSU_ERASE)
		return TSU_SHARE_ERASE;
	if (x->source == TSU_GC || x->source == TSU_WEAR)
		return TSU_SHARE_GC;
	return x->kind == TSU_READ ? TSU_SHARE_READ : TSU_SHARE_PROGRAM;
}

/* Into a list of busy dies, behind all that are due by then. */
static inline void due_add(struct tsu_due *l, struct tsu_die *d, time_ps at)
{
	struct tsu_die **link = l->head && l->tail->due_ps <= at ? &l->tail->next_due : &l->head;
	while (*link && (*link)->due_ps <= at)
		link = &(*link)->next_due;
	d->due_ps = at;
	d->next_due = *link;
	*link = d;
	if (!d->next_due)
		l->tail = d;
}

static inline struct tsu_die *due_pop(struct tsu_due *l)
{
	struct tsu_die *d = l->head;
	l->head = d->next_due;
	return d;
}

static void due_remove(struct tsu_due *l, struct tsu_die *d)
{
	struct tsu_die *before = NULL;
	for (struct tsu_die *p = l->head; p != d; p = p->next_due)
		before = p;
	*(before ? &before->next_due : &l->head) = d->next_due;
	if (l->tail == d)
		l->tail = before;
}

/* What the controller sees of a die that it asks for its status. */
static TSU_RARE time_ps polled_ps(const struct tsu *t, const struct nand_span *span)
{
	return nand_seen_ps(t->n, span->bus_ps, span->ready_ps, NULL);
}

/* Busy from `span` on, until the controller sees it ready. */
static inline void die_busy(struct tsu *t, struct tsu_die *d, enum tsu_phase phase, const struct nand_span *span)
{
	struct tsu_channel *c = d->channel;
	d->phase = (uint8_t)phase;
	d->ready_ps = t->polled ? polled_ps(t, span) : span->ready_ps;
	c->idle &= ~tsu_bit(d);
	due_add(phase == TSU_DIE_READING ? &c->reads : &c->work, d, d->ready_ps);
}

/* Nothing is under way: idle, or back in suspension. */
static inline void die_free(struct tsu *t, struct tsu_die *d)
{
	bool held = (d->channel->held & tsu_bit(d)) != 0;
	d->phase = held ? TSU_DIE_SUSPENDED : TSU_DIE_IDLE;
	d->op.first = NULL;
	d->channel->idle |= tsu_bit(d);
	tsu_set_share(t, d, held ? TSU_SHARE_SUSPEND : TSU_SHARE_IDLE, held ? t->held[d->index].planes : 0);
}

/* The transaction is over; its owner may submit it anew. */
static inline void finish(struct tsu *t, struct tsu_die *d, struct tsu_tx *x)
{
	t->counts.done[x->kind][x->source]++;
	d->load--;
	t->unfinished--;
	x->done(t, x);
}

static void finish_all(struct tsu *t, struct tsu_die *d)
{
	struct tsu_tx *x = d->op.first;
	die_free(t, d);
	for (struct tsu_tx *next; x; x = next) {
		next = x->next;
		x->data_ps = x->done_ps = t->sim->now_ps;
		finish(t, d, x);
	}
}

/* ---- suspending --------------------------------------------------------------------------------------- */

static bool may_suspend(const struct tsu *t, const struct tsu_die *d)
{
	return t->suspends && d->phase == TSU_DIE_WORKING && !d->armed &&
		(d->op.kind == TSU_ERASE || t->spec.suspend == FTL_SUSPEND_ALL);
}

/* What a suspend itself takes; less left is not worth it. */
static time_ps suspend_cost(const struct tsu *t, const struct tsu_die *d)
{
	const struct flash_suspend_spec *s = &t->n->cells.suspend;
	return (d->op.kind == TSU_ERASE ? s->erase_ps : s->program_ps) + t->spec.suspend_least_ps;
}

/* If reads wait for which the die is worth suspending: at the first instant that the part allows. */
static TSU_RARE void consider_suspend(struct tsu *t, struct tsu_die *d)
{
	time_ps now = t->sim->now_ps, end = t->n->die[d->index].array_ps;
	bool crossing = d->op.kind != TSU_ERASE && now < nand_work_begun(t->n, d->index);
	if (now >= end || (crossing && !t->spec.suspend_waiting) || !tsu_urgent_read(t, d, &d->op))
		return;
	time_ps from = nand_suspend_at(t->n, d->index, now);
	if (from == TIME_PS_MAX || end - time_max(from, now) <= suspend_cost(t, d))
		return;
	d->armed = true;
	due_remove(&d->channel->work, d);
	due_add(&d->channel->work, d, time_max(from, now));
}

/* It programs or erases. */
static inline void work_begins(struct tsu *t, struct tsu_die *d, const struct nand_span *span)
{
	die_busy(t, d, TSU_DIE_WORKING, span);
	if (may_suspend(t, d))
		consider_suspend(t, d);
}

static inline void disarm(struct tsu_die *d)
{
	d->channel->suspend &= ~tsu_bit(d);
	d->armed = false;
}

/* The bus is free: does the first die of those that may be suspended still want it? */
static TSU_RARE bool suspend_one(struct tsu *t, struct tsu_channel *c)
{
	struct tsu_die *d = &t->die[c->first + (uint32_t)__builtin_ctzll(c->suspend)];
	struct nand_span span;
	disarm(d);
	time_ps now = t->sim->now_ps, end = t->n->die[d->index].array_ps;
	if (end - now <= suspend_cost(t, d) || !tsu_urgent_read(t, d, &d->op))
		return false;
	must(t, nand_suspend(t->n, now, d->index, &span), "suspend", d);
	due_remove(&c->work, d);
	tsu_set_share(t, d, TSU_SHARE_SUSPEND, d->op.planes);
	die_busy(t, d, TSU_DIE_SUSPENDING, &span);
	return true;
}

static TSU_RARE void resume(struct tsu *t, struct tsu_die *d)
{
	struct nand_span span;
	must(t, nand_resume(t->n, t->sim->now_ps, d->index, &span), "resume", d);
	t->counts.resumes++;
	d->channel->held &= ~tsu_bit(d);
	d->op = t->held[d->index];
	t->held[d->index] = (struct tsu_op){0};
	tsu_set_share(t, d, (enum tsu_share)d->op.share, d->op.planes);
	work_begins(t, d, &span);
}

/* ---- commands ----------------------------------------------------------------------------------------- */

/* Addresses of the operation, in `space` where they are several; source: a copyback's. */
static TSU_RARE const nand_ppa *all_pages(const struct tsu_op *op, uint32_t each, bool source, nand_ppa *space)
{
	uint32_t n = 0;
	for (uint32_t k = 0; k < each; k++)
		for (const struct tsu_tx *x = op->first; x; x = x->next)
			space[n++] = (source ? x->from : x->page) + k;
	return space;
}

static inline const nand_ppa *pages_of(const struct tsu *t, const struct tsu_op *op, bool source, nand_ppa *space,
	uint32_t *count)
{
	uint32_t each = op->kind == TSU_PROGRAM && !op->first->slc ? t->n->geom.program_pages : 1;
	*count = op->count * each;
	if (*count == 1)
		return source ? &op->first->from : &op->first->page;
	return all_pages(op, each, source, space);
}

static inline void note_issue(struct tsu *t, struct tsu_die *d)
{
	struct tsu_op *op = &d->op;
	uint8_t slot = 0;
	time_ps now = t->sim->now_ps;
	for (struct tsu_tx *x = op->first; x; x = x->next) {
		x->issued_ps = now;
		x->slot = slot++;
		x->packed = op->count > 1;
		time_ps wait = now - x->queued_ps;
		if (wait == 0) {
			memset(x->behind, 0, sizeof(x->behind));
			continue;
		}
		tsu_add_spent(x->behind, d->spent_ps);
		int64_t *sum = &t->counts.wait_ps[x->kind][x->source], *max = &t->counts.wait_max_ps[x->kind][x->source];
		*sum = time_add(*sum, wait);
		if (wait > *max)
			*max = wait;
	}
	t->counts.operations[op->kind]++;
	t->counts.packed[op->kind] += op->count > 1 ? op->count : 0;
}

/* Begin what the die is to be at. share: of the transaction that was chosen. */
static inline void issue(struct tsu *t, struct tsu_die *d, enum tsu_share share)
{
	nand_ppa space[NAND_PLANES_MAX * NAND_TYPES_MAX];
	struct nand_span span;
	struct tsu_op *op = &d->op;
	time_ps now = t->sim->now_ps;
	bool slc = op->first->slc;
	op->share = (uint8_t)share;
	tsu_set_share(t, d, share, op->planes);
	note_issue(t, d);
	uint32_t count;
	const nand_ppa *page = pages_of(t, op, op->kind == TSU_COPYBACK, space, &count);
	switch (op->kind) {
	case TSU_READ:
		must(t, nand_read(t->n, now, page, count, NAND_READ_PAGE, slc, &span), "read", d);
		die_busy(t, d, TSU_DIE_READING, &span);
		return;
	case TSU_COPYBACK:
		must(t, nand_read(t->n, now, page, count, NAND_READ_COPYBACK, slc, &span), "copyback read", d);
		die_busy(t, d, TSU_DIE_COPY_READ, &span);
		return;
	case TSU_PROGRAM:
		must(t, nand_program(t->n, now, page, count, NAND_PROGRAM_PAGE, slc, 0, &span), "program", d);
		break;
	default:
		must(t, nand_erase(t->n, now, page, count, slc, &span), "erase", d);
	}
	work_begins(t, d, &span);
}

/* The second half of a copyback. */
static TSU_RARE void copy_program(struct tsu *t, struct tsu_channel *c)
{
	nand_ppa space[NAND_PLANES_MAX];
	uint32_t count;
	struct nand_span span;
	struct tsu_die *d = &t->die[c->first + (uint32_t)__builtin_ctzll(c->copy)];
	c->copy &= ~tsu_bit(d);
	const nand_ppa *page = pages_of(t, &d->op, false, space, &count);
	must(t, nand_program(t->n, t->sim->now_ps, page, count, NAND_PROGRAM_COPYBACK, d->op.first->slc, 0, &span), "copyback", d);
	work_begins(t, d, &span);
}

/* ---- data --------------------------------------------------------------------------------------------- */

/* When the bus can take the data of the first of the reads, if no command comes before. */
static time_ps data_begin_ps(const struct tsu *t, const struct tsu_channel *c)
{
	return time_max(c->reads.head->due_ps, tsu_bus_free(t, c));
}

static void data_out(const struct tsu *t, struct tsu_channel *c, time_ps at)
{
	const struct tsu_die *d = c->reads.head;
	struct tsu_tx *x = d->op.first;
	struct nand_span span;
	must(t, nand_data_out(t->n, at, d->index, x->slot, x->bytes, &span), "data output", d);
	x->data_ps = at;
	x->behind[TSU_BEHIND_BUS] += at - d->ready_ps;
	x->done_ps = span.bus_ps;
	c->leaving = x;
}

void tsu_catch_up(const struct tsu *t, struct tsu_channel *c)
{
	if (c->leaving || !c->reads.head)
		return;
	time_ps at = data_begin_ps(t, c);
	if (at < t->sim->now_ps)
		data_out(t, c, at);
}

static void data_crossed(struct tsu *t, struct tsu_channel *c)
{
	struct tsu_tx *x = c->leaving;
	struct tsu_die *d = c->reads.head;
	c->leaving = NULL;
	d->op.first = x->next;
	if (!d->op.first) {
		due_pop(&c->reads);
		die_free(t, d);
	}
	finish(t, d, x);
}

/* ---- a channel's turn --------------------------------------------------------------------------------- */

/* What could begin: a transaction, or (x NULL, d set) the resume of a die. */
struct choice {
	struct tsu_die *d;
	struct tsu_tx *x;
};

static inline struct choice of_die(struct tsu *t, const struct tsu_channel *c, struct tsu_die *d)
{
	return (struct choice){d, (c->held & tsu_bit(d)) != 0 ? tsu_urgent_read(t, d, &t->held[d->index]) : tsu_choose(t, d)};
}

/* The first of the dies, round robin, that has a command without data; program: the first that has one with. */
static inline struct choice among(struct tsu *t, const struct tsu_channel *c, uint64_t dies, struct choice *program)
{
	uint64_t later = dies & (UINT64_MAX << c->turn);
	for (uint64_t left = later ? later : dies; left != 0;) {
		struct choice ch = of_die(t, c, &t->die[c->first + (uint32_t)__builtin_ctzll(left)]);
		if (!ch.x || ch.x->kind != TSU_PROGRAM)
			return ch;
		if (!program->d)
			*program = ch;
		left &= left - 1;
		if (left == 0 && later != 0) {
			left = dies & ~later;
			later = 0;
		}
	}
	return (struct choice){NULL, NULL};
}

/* Where transactions of a channel begin in their order: the die of the first, if it takes it. */
static TSU_RARE uint64_t first_candidate(const struct tsu *t, const struct tsu_channel *c)
{
	const struct tsu_tx *x = tsu_choose(t, &t->die[c->first]);
	return x ? c->idle & tsu_bit(tsu_die_of(t, x)) : 0;
}

/* Dies for which a command could go. */
static inline uint64_t candidates(const struct tsu *t, const struct tsu_channel *c)
{
	return __builtin_expect(t->whole_channel, 0) ? first_candidate(t, c) : c->idle & (c->waiting | c->held);
}

/* Which of the candidates goes; those with reads are asked first where the policy says so. */
static struct choice command(struct tsu *t, const struct tsu_channel *c, uint64_t dies, struct choice *program)
{
	struct choice ch = {NULL, NULL};
	program->d = NULL;
	program->x = NULL;
	if (dies == 0)
		return ch;
	uint64_t asked = t->reads_first ? dies & (c->reading | c->held) : dies;
	for (;;) {
		if (asked != 0)
			ch = among(t, c, asked, program);
		if (ch.d || asked == dies || (dies &= ~asked) == 0)
			return ch;
		asked = dies;
	}
}

/* The die after this one is asked first next time. */
static inline void turn_passes(const struct tsu *t, struct tsu_channel *c, const struct tsu_die *d)
{
	c->turn = d->place + 1U < t->n->geom.dies_per_channel ? d->place + 1U : 0;
}

static void begin(struct tsu *t, struct tsu_channel *c, struct choice ch)
{
	turn_passes(t, c, ch.d);
	if (!ch.x) {
		resume(t, ch.d);
		return;
	}
	struct tsu_tx *behind = ch.x->next;
	tsu_dequeue(t, ch.d, ch.x);
	tsu_alone(t, ch.d, ch.x);
	if (behind && t->multi_plane)
		tsu_pack(t, ch.d, ch.x, behind, (c->held & tsu_bit(ch.d)) != 0 ? &t->held[ch.d->index] : NULL);
	issue(t, ch.d, share_of(ch.x));
}

/* Read data and a program want the bus: the older, or, where reads come first, the program only when it is old. */
static bool program_before_data(const struct tsu *t, const struct tsu_channel *c, const struct tsu_tx *program)
{
	if (t->reads_first)
		return tsu_is_old(t, program->queued_ps);
	return program->number < c->reads.head->op.first->number;
}

/* The best thing to do now that the bus is free, with these candidates. false: there is nothing. */
static bool act(struct tsu *t, struct tsu_channel *c, uint64_t dies)
{
	struct choice program;
	while (__builtin_expect(c->suspend != 0, 0))
		if (suspend_one(t, c))
			return true;
	bool data = tsu_data_wait(c, t->sim->now_ps), data_first = t->spec.arbitration == FTL_DATA_FIRST;
	if (!(data && data_first) && c->copy != 0)
		return copy_program(t, c), true;
	struct choice ch = command(t, c, dies, &program);
	if (ch.d && !(data && data_first))
		return begin(t, c, ch), true;
	if (program.d && (!data || program_before_data(t, c, program.x)))
		return begin(t, c, program), true;
	if (data)
		return data_out(t, c, t->sim->now_ps), true;
	return false;
}

/* A command waits for the bus alone. */
static inline bool command_waits(const struct tsu *t, const struct tsu_channel *c)
{
	return (c->suspend | c->copy | candidates(t, c)) != 0;
}

/* The timer to `at`, or to when the first die is due, if it does not stand before. */
static void set_timer(struct tsu *t, struct tsu_channel *c, time_ps at)
{
	if (c->work.head)
		at = time_min(at, c->work.head->due_ps);
	if (at >= c->timer_ps)
		return;
	if (c->timer_ps != TIME_PS_MAX)
		sim_cancel(t->sim, &c->timer);
	sim_schedule(t->sim, &c->timer, at);
	c->timer_ps = at;
}

/* What the bus does now, if it is free; false: nothing. */
static inline bool use_bus(struct tsu *t, struct tsu_channel *c)
{
	time_ps now = t->sim->now_ps;
	if (tsu_bus_free(t, c) > now)
		return false;
	uint64_t dies = candidates(t, c);
	if ((c->suspend | c->copy | dies) != 0)
		return act(t, c, dies);
	if (!tsu_data_wait(c, now))
		return false;
	data_out(t, c, now);
	return true;
}

/* Until the bus is taken or nothing is left to do. */
static void serve(struct tsu *t, struct tsu_channel *c)
{
	do {
		if (c->leaving && c->leaving->done_ps > t->sim->now_ps)
			return;
		if (c->leaving)
			data_crossed(t, c);
	} while (use_bus(t, c));
}

/*
 * The turn is over: when is the next? Where the timer stands for then, commands that wait need no event of their own.
 * Where none waits, the next data will cross as soon as they can, unless something else comes; who does looks first
 * (tsu_catch_up()), so that only their end needs the timer.
 */
static void turn_over(struct tsu *t, struct tsu_channel *c)
{
	c->running = false;
	if (c->leaving) {
		set_timer(t, c, c->leaving->done_ps);
		return;
	}
	bool waits = command_waits(t, c);
	time_ps crossed = !waits && c->reads.head ? data_begin_ps(t, c) : TIME_PS_MAX;
	if (crossed < c->timer_ps) {
		const struct tsu_die *d = c->reads.head;
		crossed += nand_data_out_ps(t->n, d->index, d->op.first->slot, d->op.first->bytes);
	}
	set_timer(t, c, crossed);
	if (!waits)
		return;
	time_ps from = time_max(t->sim->now_ps, tsu_bus_free(t, c));
	if (c->timer_ps > from && !event_pending(&c->go))
		sim_schedule(t->sim, &c->go, from);
}

/* The array is done, or has let go for a suspend. */
static void die_ready(struct tsu *t, struct tsu_channel *c, struct tsu_die *d)
{
	switch (d->phase) {
	case TSU_DIE_COPY_READ:
		d->phase = TSU_DIE_COPY_DUE;
		c->copy |= tsu_bit(d);
		break;
	case TSU_DIE_SUSPENDING:
		if (nand_die_suspended(t->n, d->index)) {
			t->counts.suspends++;
			t->held[d->index] = d->op;
			c->held |= tsu_bit(d);
			die_free(t, d);
			break;
		}
		finish_all(t, d);
		break;
	case TSU_DIE_WORKING:
		disarm(d);
		finish_all(t, d);
		break;
	default:
		sim_bug(t->sim, "die %u is ready with nothing under way", d->index);
	}
}

/* Of the busy dies that are at work, the time of the first has come. */
static inline bool work_due(const struct tsu *t, const struct tsu_channel *c)
{
	return c->work.head && c->work.head->due_ps <= t->sim->now_ps;
}

static inline void work_done(struct tsu *t, struct tsu_channel *c)
{
	struct tsu_die *d = due_pop(&c->work);
	if (t->soon && c->work.head)
		t->soon(c->work.head->op.first, c->work.head->next_due ? c->work.head->next_due->op.first : NULL);
	if (t->sim->now_ps < d->ready_ps) { /* armed */
		c->suspend |= tsu_bit(d);
		due_add(&c->work, d, d->ready_ps);
	} else {
		die_ready(t, c, d);
	}
}

void tsu_timer_event(struct sim *s, struct event *e)
{
	struct tsu_channel *c = container_of(e, struct tsu_channel, timer);
	struct tsu *t = c->t;
	(void)s;
	c->timer_ps = TIME_PS_MAX;
	c->running = true;
	tsu_catch_up(t, c);
	if (work_due(t, c))
		work_done(t, c);
	serve(t, c);
	while (work_due(t, c)) {
		work_done(t, c);
		serve(t, c);
	}
	turn_over(t, c);
}

void tsu_go_event(struct sim *s, struct event *e)
{
	struct tsu_channel *c = container_of(e, struct tsu_channel, go);
	(void)s;
	c->running = true;
	tsu_catch_up(c->t, c);
	serve(c->t, c);
	turn_over(c->t, c);
}

bool tsu_begin_alone(struct tsu *t, struct tsu_die *d, struct tsu_tx *x)
{
	struct tsu_channel *c = d->channel;
	if (c->running || d->phase != TSU_DIE_IDLE || tsu_at(t, d)->waiting != 0 || event_pending(&c->go) || c->timer_ps <= t->sim->now_ps)
		return false;
	tsu_catch_up(t, c);
	if (c->leaving || tsu_bus_free(t, c) > t->sim->now_ps || tsu_data_wait(c, t->sim->now_ps) || command_waits(t, c))
		return false;
	tsu_alone(t, d, x);
	turn_passes(t, c, d);
	issue(t, d, share_of(x));
	turn_over(t, c);
	return true;
}

void tsu_submitted(struct tsu *t, struct tsu_die *d, const struct tsu_tx *x, bool alone)
{
	struct tsu_channel *c = d->channel;
	if (x->kind == TSU_READ && may_suspend(t, d)) {
		consider_suspend(t, d);
		if (!c->running)
			set_timer(t, c, TIME_PS_MAX);
	}
	if (c->running || event_pending(&c->go) || (c->idle & tsu_bit(d)) == 0)
		return;
	tsu_catch_up(t, c);
	time_ps now = t->sim->now_ps, from = time_max(now, tsu_bus_free(t, c));
	if (c->timer_ps <= from)
		return;
	if (!alone || from > now)
		sim_schedule(t->sim, &c->go, from);
	else if (act(t, c, candidates(t, c))) /* no data cross, so that nothing can be over */
		turn_over(t, c);
}
