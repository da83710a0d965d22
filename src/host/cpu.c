/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Processors and threads. A processor is one event: it runs its thread's references in a loop as long as nothing else happens, and
 * moves the clock itself where a fault or a call has to be worked out at its very time.
 */
#include "host/plain.h"
#include "host/shown.h"

/* So that whoever steps the simulation is asked now and then: of simulated time, and of references that cost next to nothing. */
#define LONGEST_TURN (10 * PS_PER_MS)
#define MOST_OF_TURN (1 << 26)

/* Why a processor stopped running references. */
enum why { WHY_TIME, WHY_FAULT, WHY_ACT, WHY_THROTTLE, WHY_END };

/* ---- ready threads --------------------------------------------------------------------------------------------- */

void host_make_ready(struct host_thread *th)
{
	struct host *h = th->host;
	if (th->state == HOST_THREAD_ENDED)
		return;
	th->state = HOST_THREAD_READY;
	if (th->counted && !th->file)
		h->n.stall_ps += time_max(h->sim->now_ps - th->asleep_ps, 0);
	th->asleep_ps = TIME_PS_MAX;
	host_does(th, "ready", h->sim->now_ps);
	th->link = HOST_NO_THREAD;
	if (h->ready_head == HOST_NO_THREAD)
		h->ready_head = th->id;
	else
		host_thread_at(h, h->ready_tail)->link = th->id;
	h->ready_tail = th->id;
	h->ready++;
	if (h->idle) {
		struct host_cpu *c = &h->cpu[__builtin_ctzll(h->idle)];
		h->idle &= h->idle - 1;
		sim_schedule(h->sim, &c->event, h->sim->now_ps);
	}
}

static struct host_thread *take_ready(struct host *h)
{
	while (h->ready_head != HOST_NO_THREAD) {
		struct host_thread *th = host_thread_at(h, h->ready_head);
		h->ready_head = th->link;
		h->ready--;
		if (th->state != HOST_THREAD_READY)
			continue;
		if (th->space->suspended)
			host_unhold(th); /* it left memory with its process: others may wait for the frame, and for nothing else */
		if (th->state != HOST_THREAD_READY)
			continue;
		if (!th->space->suspended)
			return th;
		host_does(th, "suspended", h->sim->now_ps);
		th->link = th->space->parked; /* until its process is in memory again */
		th->space->parked = th->id;
	}
	return NULL;
}

void host_thread_end(struct host_thread *th)
{
	struct host *h = th->host;
	if (th->state == HOST_THREAD_ENDED)
		return;
	host_unhold(th);
	th->state = HOST_THREAD_ENDED;
	sim_cancel(h->sim, &th->timer);
	if (--th->space->threads == 0)
		alloc_leave(h->alloc, th->space->id);
	if (h->alloc->suspended)
		host_resume(h);
	h->alive--;
	if (th->stage == HOST_STAGE_FRAME)
		host_fault_resign(th);
	host_does(th, NULL, h->sim->now_ps);
	host_event(h, HOST_EVENT_END, th->id);
	if (h->ended)
		h->ended(h->ended_ctx, th);
	if (h->alive == 0) {
		sim_cancel(h->sim, &h->flusher);
		sim_cancel(h->sim, &h->reclaimer);
		sim_cancel(h->sim, &h->ticker);
	}
}

static void timer_event(struct sim *s, struct event *e)
{
	(void)s;
	host_wake(container_of(e, struct host_thread, timer));
}

enum host_act host_think(struct host_thread *th, time_ps ps)
{
	struct host *h = th->host;
	if (event_pending(&th->timer))
		sim_bug(h->sim, "a thread thinks twice at once");
	sim_schedule(h->sim, &th->timer, h->sim->now_ps + h->charge_ps + ps);
	return HOST_ACT_SLEEP;
}

void host_wake(struct host_thread *th)
{
	if (th->state == HOST_THREAD_ASLEEP)
		host_make_ready(th);
	else
		th->wakes = true;
}

struct host_thread *host_thread_new(struct host_space *sp, struct host_stream *st, struct err *e)
{
	struct host *h = sp->host;
	struct host_thread *th = arena_alloc(h->sim->arena, sizeof(*th));
	if (th && h->threads == h->thread_room) {
		uint32_t room = h->thread_room ? 2 * h->thread_room : 16;
		struct host_thread **grown = arena_array(h->sim->arena, room, sizeof(struct host_thread *));
		for (uint32_t i = 0; grown && i < h->threads; i++)
			grown[i] = h->thread[i];
		h->thread = grown;
		h->thread_room = room;
	}
	if (!th || !h->thread) {
		err_set(e, ERR_LIMIT, "no memory for thread %" PRIu32 " of the host", h->threads);
		return NULL;
	}
	*th = (struct host_thread){.host = h, .space = sp, .stream = st, .id = h->threads, .link = HOST_NO_THREAD,
		.followers = HOST_NO_THREAD, .held = HOST_NO_FRAME, .source = HOST_NO_FRAME, .state = HOST_THREAD_NEW,
		.asleep_ps = TIME_PS_MAX};
	event_init(&th->timer, timer_event, "thread's timer", EVENT_PRIO_WORKLOAD);
	h->thread[h->threads++] = th;
	h->alive++;
	if (sp->threads++ == 0)
		host_join(sp);
	host_ticks_start(h);
	if (h->started)
		host_make_ready(th);
	return th;
}

/* ---- running --------------------------------------------------------------------------------------------------- */

struct run {
	time_ps t;
	uint64_t misses, references, writes; /* references that did not miss have hit */
};

/* A translation that is not in the TLB, or must be looked at for a write; `at`: tlb_find(). false: a fault. */
static inline __attribute__((always_inline)) bool walk(struct host *h, struct tlb *tlb, struct host_thread *th, uint64_t vpn, uint64_t key, uint64_t write,
	uint32_t at, uint32_t *frame)
{
	uint64_t *pte = th->pte = host_pte_find(&th->space->table, vpn);
	if (!pte)
		return false;
	/* one test for all: whether it is a write nobody can foretell, a processor neither */
	static_assert(HOST_PTE_WRITABLE == HOST_REF_WRITE << 1, "a write needs the bit above it");
	uint64_t v = *pte, need = HOST_PTE_PRESENT | write << 1;
	if ((v & (need | HOST_PTE_TRAP)) != need)
		return false;
	*frame = host_pte_number(v);
	static_assert(HOST_PTE_DIRTY == HOST_REF_WRITE << 2, "a write needs the bit two above it, too: one test again");
	if (__builtin_expect((write << 2 & ~v) != 0, 0)) {
		*pte = v |= HOST_PTE_DIRTY;
		host_dirty(h, *frame, th);
	}
	if (*frame != HOST_NO_FRAME)
		h->frame[*frame].flags |= HOST_FRAME_USED;
	const uint64_t free_write = HOST_PTE_WRITABLE | HOST_PTE_DIRTY;
	tlb_put(tlb, vpn, key, (v & free_write) == free_write ? TLB_WRITE : 0, *frame, at);
	return true;
}

/* What only some machines want of each reference. */
static inline void look(struct host *h, uint32_t frame, uint64_t write, uint32_t more)
{
	if (frame == HOST_NO_FRAME)
		return;
	if (h->touches && h->frame[frame].flags & HOST_FRAME_POOLED)
		for (uint32_t i = 0; i <= more; i++)
			replace_touch(alloc_pool_of(h->alloc, frame), frame, write);
	if (write && h->content)
		h->content[frame] = ++h->content_clock;
}

/*
 * The memory of a large machine does not fit in the caches of the one that simulates it. What a thread will reference is known some
 * words ahead: so where a word misses the TLB, the entry of the page that stands so many words behind it is asked for, and what an
 * entry points to (a frame, or a slot with its place and the device's map) when the entry has come, some misses later. A machine
 * that is small, or whose references hit, is spared this.
 */
#define WORDS_AHEAD 4
#define FRAMES_LARGE 16384u

/* Which of the two an entry is nobody can foretell: no branch. Where it is neither, what is asked for does no harm. */
static inline __attribute__((always_inline)) void look_behind(const struct host *h, uint64_t v)
{
	const struct host_swap *sw = &h->swap;
	const uintptr_t n = host_pte_number(v), absent = (uintptr_t)(v & HOST_PTE_PRESENT) - 1;
	const uintptr_t frame = (uintptr_t)h->frame + n * sizeof(*h->frame), place = (uintptr_t)sw->slot + n * sizeof(*sw->slot);
	const uintptr_t first = frame ^ ((frame ^ place) & absent), last = first + (sizeof(*h->frame) - 1);
	__builtin_prefetch((const void *)first, 1); // NOLINT(performance-no-int-to-ptr)
	__builtin_prefetch((const void *)last, 1);  // NOLINT(performance-no-int-to-ptr): a frame may lie in two cache lines
	if (sw->region)
		blk_written_prefetch(&sw->region->dev->written, sw->region->first + (n & absent) * sw->page_sectors);
}

static inline __attribute__((always_inline)) void look_at(struct host_cpu *c, const struct host_thread *th, uint64_t ref)
{
	const uint64_t *pte = host_pte_kept(&th->space->table, host_ref_vpn(ref));
	if (!pte)
		return;
	__builtin_prefetch(pte, 1);
	const uint64_t **place = &c->soon[c->soon_at], *before = *place;
	*place = pte;
	c->soon_at = (c->soon_at + 1) % HOST_SOON;
	look_behind(c->host, *before);
}

/* The thread's next words, in `large` machines their first pages asked for. false: the end. */
static bool next_words(struct host_cpu *c, struct host_thread *th, bool large)
{
	uint32_t n = 0;
	if (th->behind) { /* a burst that was taken apart is over */
		th->word = th->behind;
		th->word_end = th->behind_end;
		th->behind = NULL;
		if (th->word != th->word_end)
			return true;
	}
	th->word = c->host->stopping ? NULL : th->stream->ops->next(th->stream, &n);
	th->word_end = th->word + n;
	for (uint32_t i = 0; large && th->word && i < WORDS_AHEAD && i < n; i++)
		look_at(c, th, th->word[i]);
	return th->word && n > 0;
}

/* ways: of the TLB, where the compiler is to know them; 0: as it has. */
static inline __attribute__((always_inline)) enum why references(struct host_cpu *c, struct host_thread *th, struct run *r,
	time_ps end, uint32_t ways)
{
	struct host *h = c->host;
	struct tlb own = c->tlb, *tlb = &own; /* its arrays change, it does not */
	if (ways)
		tlb_fix_ways(tlb, ways);
	const time_ps hit = h->spec->cost.hit_ps, walk_ps = h->walk_ps;
	const bool looks = h->looks, large = h->large;
	const uint64_t asid = c->asid;
	while (r->t < end) {
		if (th->word == th->word_end && !next_words(c, th, large))
			return WHY_END;
		uint64_t ref = *th->word++;
		if (__builtin_expect((ref & HOST_REF_ACT) != 0, 0)) {
			th->act_word = ref;
			return WHY_ACT;
		}
		uint64_t vpn = host_ref_vpn(ref), write = ref & HOST_REF_WRITE;
		uint32_t more = host_ref_more(ref), frame;
		const uint64_t key = tlb_key(vpn, asid);
		uint32_t at = tlb_find(tlb, vpn, key);
		r->references += 1u + more;
		r->writes += write * (1u + more);
		r->t += hit;
		if (at != UINT32_MAX && (tlb->tag[at] & TLB_WRITE) >= write) {
			tlb_use(&tlb->order[vpn & tlb->set_mask], at & (tlb->stride - 1));
			frame = tlb->frame[at];
		} else {
			r->misses += at == UINT32_MAX;
			r->t += walk_ps;
			if (large && th->word_end - th->word >= WORDS_AHEAD)
				look_at(c, th, th->word[WORDS_AHEAD - 1]);
			if (!walk(h, tlb, th, vpn, key, write, at, &frame)) {
				th->page = vpn;
				th->write = write;
				th->more = more; /* these are counted when they are made */
				r->references -= more;
				r->writes -= write * more;
				return WHY_FAULT;
			}
			if (__builtin_expect(th->dirtied, 0)) {
				r->t += more * hit;
				return WHY_THROTTLE;
			}
		}
		r->t += more * hit;
		if (looks)
			look(h, frame, write, more);
	}
	return WHY_TIME;
}

/* Run references until `end` or until something must be done about the thread. */
static enum why run_references(struct host_cpu *c, struct host_thread *th, time_ps *t, time_ps end)
{
	struct host *h = c->host;
	struct run r = {.t = *t};
	enum why why = c->tlb.ways == 8 ? references(c, th, &r, end, 8) : references(c, th, &r, end, 0);
	h->n.references += r.references;
	h->n.writes += r.writes;
	h->n.tlb_hits += r.references - r.misses;
	h->n.tlb_misses += r.misses;
	th->references += r.references;
	th->space->cpu_ps += r.t - *t;
	*t = r.t;
	return why;
}

/* The kernel's part, at the present time: act() of the stream, or the fault. */
static enum host_step kernel_step(struct host_cpu *c, struct host_thread *th)
{
	if (th->stage == HOST_STAGE_THROTTLE) {
		th->stage = HOST_STAGE_NONE;
		return host_throttle(th) ? HOST_STEP_SLEEP : HOST_STEP_DONE;
	}
	if (th->stage != HOST_STAGE_NONE && !th->again)
		return host_fault_step(c, th);
	th->stage = HOST_STAGE_NONE;
	th->wakes = false;
	enum host_act act = th->stream->ops->act(th->stream, th, th->act_word);
	th->again = act == HOST_ACT_AGAIN;
	if (act == HOST_ACT_EXIT)
		return HOST_STEP_END;
	if (act == HOST_ACT_DONE && th->dirtied)
		th->stage = HOST_STAGE_THROTTLE;
	if (act == HOST_ACT_DONE || th->wakes)
		return HOST_STEP_DONE;
	return HOST_STEP_SLEEP;
}

/* Whoever is ready runs next; false: nobody is. */
static bool next_thread(struct host_cpu *c, time_ps *t)
{
	struct host *h = c->host;
	struct host_thread *th = take_ready(h);
	if (!th)
		return false;
	c->thread = th;
	th->state = HOST_THREAD_RUNNING;
	if (th != c->last) {
		*t += h->spec->cost.switch_ps;
		h->n.switches++;
		c->last = th;
	}
	if (c->space != th->space->id) {
		c->space = th->space->id;
		c->asid = tlb_switch(&c->tlb, c->space);
	}
	if (__builtin_expect(th->space->stale >> c->id & 1, 0))
		*t += host_drop_stale(c, th->space);
	th->space->cpus |= UINT64_C(1) << c->id;
	c->slice_end = h->spec->quantum_ps > 0 ? *t + h->spec->quantum_ps : TIME_PS_MAX;
	host_runs(th, c->id, *t);
	host_event(h, HOST_EVENT_RUN, th->id);
	return true;
}

/* The thread ends; where its process does, too, that takes time. */
static void end_here(struct host_cpu *c, struct host_thread *th, time_ps *t)
{
	struct host *h = c->host;
	h->charge_ps = 0;
	host_thread_end(th);
	*t += h->charge_ps;
	th->space->cpu_ps += h->charge_ps;
	h->charge_ps = 0;
	c->thread = NULL;
}

/* What the thread has to do in the kernel; it may sleep or end there. */
static void kernel(struct host_cpu *c, struct host_thread *th, time_ps *t)
{
	struct host *h = c->host;
	h->charge_ps = 0;
	enum host_step step = kernel_step(c, th);
	*t += h->charge_ps;
	th->space->cpu_ps += h->charge_ps;
	h->charge_ps = 0;
	if (th->state == HOST_THREAD_ENDED || step == HOST_STEP_END) {
		host_does(th, NULL, *t);
		end_here(c, th, t);
	} else if (step == HOST_STEP_SLEEP) {
		if (th->state == HOST_THREAD_RUNNING) { /* else what it waits for has come already */
			th->state = HOST_THREAD_ASLEEP;
			th->asleep_ps = *t;
			host_sleeps(th, *t);
		}
		c->thread = NULL;
	} else {
		host_traps(th, c->id, *t, th->counted);
	}
}

static time_ps turn_end(const struct host *h, const struct host_cpu *c, time_ps from)
{
	time_ps end = sim_quiet_until(h->sim);
	if (h->spec->cpus > 1)
		end += h->spec->window_ps;
	end = time_max(end, h->sim->now_ps + 1); /* what is due now has had its turn before, or comes behind */
	end = time_min(end, from + h->longest_ps);
	return h->ready ? time_min(end, c->slice_end) : end;
}

/* The clock moves to `*t`: false where other events come before, and the turn goes on behind them. */
static inline bool arrive(struct host_cpu *c, time_ps t)
{
	struct sim *s = c->host->sim;
	if (t <= s->now_ps || sim_advance(s, t))
		return true;
	sim_schedule(s, &c->event, t);
	return false;
}

/* A fault begins at the present time. */
static inline void fault_begins(struct host_cpu *c, struct host_thread *th, time_ps *t)
{
	if (!c->host->plain || !host_plain_lead(th)) {
		kernel(c, th, t);
		return;
	}
	th->state = HOST_THREAD_ASLEEP;
	th->asleep_ps = *t;
	c->thread = NULL;
}

/* The thread goes on in the kernel at the present time. Whether it may go on with references at once. */
static inline bool kernel_ends(struct host_cpu *c, struct host_thread *th, time_ps *t)
{
	struct host *h = c->host;
	h->charge_ps = 0;
	if (!h->plain || th->again || !th->counted || !host_plain_land(c, th)) {
		kernel(c, th, t);
		return false;
	}
	*t += h->charge_ps;
	th->space->cpu_ps += h->charge_ps;
	h->charge_ps = 0;
	return th->stage == HOST_STAGE_NONE && !h->sim->stop && h->sim->err.code == ERR_NONE;
}

/* One step of a turn: false where the turn is over, with the next one scheduled where there is one. */
static bool turn(struct host_cpu *c, time_ps *t, time_ps from)
{
	struct host *h = c->host;
	if (!c->thread && !next_thread(c, t)) {
		h->idle |= UINT64_C(1) << c->id;
		return false;
	}
	struct host_thread *th = c->thread;
	*t += th->debt_ps;
	th->debt_ps = 0;
	if (th->stage != HOST_STAGE_NONE || th->again) {
		if (!arrive(c, *t))
			return false;
		if (!kernel_ends(c, th, t))
			return true;
	}
	time_ps end = turn_end(h, c, from);
	switch (*t < end ? run_references(c, th, t, end) : WHY_TIME) {
	case WHY_FAULT:
		th->stage = HOST_STAGE_GO;
		host_traps(th, c->id, *t, true);
		*t += h->spec->cost.fault_ps;
		if (!arrive(c, *t))
			return false;
		fault_begins(c, th, t);
		return true;
	case WHY_ACT:
		th->again = true;
		return true;
	case WHY_THROTTLE:
		th->stage = HOST_STAGE_THROTTLE;
		return true;
	case WHY_END:
		if (h->sim->err.code == ERR_NONE && *t > h->sim->now_ps && !sim_advance(h->sim, *t)) {
			th->word = th->word_end = NULL; /* it asks again and is told the same */
			sim_schedule(h->sim, &c->event, *t);
			return false;
		}
		end_here(c, th, t);
		return h->sim->err.code == ERR_NONE;
	case WHY_TIME:
		break;
	}
	if (h->ready && *t >= c->slice_end) {
		c->thread = NULL;
		host_does(th, "ready", *t);
		host_make_ready(th);
		if (*t < sim_quiet_until(h->sim))
			return true;
	}
	sim_schedule(h->sim, &c->event, *t);
	return false;
}

static void cpu_event(struct sim *s, struct event *e)
{
	struct host_cpu *c = container_of(e, struct host_cpu, event);
	struct host *h = c->host;
	const time_ps from = time_max(s->now_ps, c->free_ps);
	time_ps t = from + c->owed_ps;
	c->owed_ps = 0;
	h->current = c;
	if (c->thread && c->thread->state == HOST_THREAD_ENDED)
		c->thread = NULL; /* its process was ended by another */
	while (turn(c, &t, from))
		if (s->stop || s->err.code != ERR_NONE) {
			sim_schedule(s, &c->event, t);
			break;
		}
	h->current = NULL;
	c->free_ps = t;
	c->busy_ps += t - from;
}

static const uint64_t nothing; /* an entry of no page */

int host_cpus_open(struct host *h)
{
	uint32_t n = (uint32_t)h->spec->cpus;
	h->walk_ps = h->spec->cost.walk_ps * h->spec->levels;
	h->longest_ps = time_min(LONGEST_TURN, time_max(h->spec->cost.hit_ps, 1) * MOST_OF_TURN);
	h->looks = h->touches || h->content;
	h->large = h->frames >= FRAMES_LARGE;
	h->cpu = arena_array(h->sim->arena, n, sizeof(*h->cpu));
	if (!h->cpu)
		return -1;
	for (uint32_t i = 0; i < n; i++) {
		struct host_cpu *c = &h->cpu[i];
		const struct host_tlb_spec *s = &h->spec->tlb;
		c->host = h;
		c->id = i;
		c->space = UINT32_MAX;
		event_init(&c->event, cpu_event, "processor", EVENT_PRIO_WORKLOAD);
		if (tlb_open(&c->tlb, h->sim->arena, (uint32_t)s->entries, (uint32_t)s->ways, (uint32_t)s->asids) < 0)
			return -1;
		h->idle |= UINT64_C(1) << i;
		for (uint32_t k = 0; k < HOST_SOON; k++)
			c->soon[k] = &nothing;
	}
	return 0;
}
