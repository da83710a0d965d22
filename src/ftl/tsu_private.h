/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of the transaction scheduler share: tsu.c opens, queues and tells; tsu_pick.c chooses what goes next; tsu_turn.c
 * carries it out as time goes on.
 *
 * Sets of dies are words of bits by the die's number in its channel, so that a decision looks at no die that has nothing to do.
 *
 * A die that is busy hangs in one of two lists of its channel, in the order of the times at which it is due: `reads`, whose data
 * need no event until they have crossed, and `work`, all else. The channel's timer stands at the first time at which work is due
 * or data will have crossed; the event `go` is for commands that wait, at this instant or when the bus comes free.
 */
#ifndef QUERN_FTL_TSU_PRIVATE_H
#define QUERN_FTL_TSU_PRIVATE_H

#include "ftl/tsu.h"

#define TSU_GROUPS 3 /* of kinds: reads, programs and copybacks, erases */
#define TSU_CLASSES (TSU_GROUPS * TSU_PRIORITIES)
#define TSU_GROUP_CLASSES(group) (((1U << TSU_PRIORITIES) - 1) << ((group) * TSU_PRIORITIES))
#define TSU_FLOWS 16 /* counted apart; others share a count */
#define TSU_PACK_LOOK 16 /* how many behind the first are looked at for packing */
#define TSU_CHANNEL_DIES 64

/* Out of the way of what mostly happens. */
#define TSU_RARE __attribute__((noinline, cold))
/* What is called in one place, or in one that counts. */
#define ALWAYS_INLINE inline __attribute__((always_inline))

enum tsu_phase {
	TSU_DIE_IDLE,       /* takes a command */
	TSU_DIE_READING,    /* reads a page, or its data wait or cross */
	TSU_DIE_WORKING,    /* programs or erases */
	TSU_DIE_SUSPENDING,
	TSU_DIE_SUSPENDED,  /* takes a read, or a resume */
	TSU_DIE_COPY_READ,
	TSU_DIE_COPY_DUE,   /* the copyback's program may go */
};

/* What a die is at: transactions linked by next, ascending planes. */
struct tsu_op {
	struct tsu_tx *first;       /* of a read: whose data cross next */
	time_ps queued_ps;          /* of the oldest */
	uint16_t planes;            /* bits */
	uint8_t count, kind, share;
};

struct tsu_queue {
	struct tsu_tx *head, *tail;
};

/* Two cache lines: there are many dies, and each is looked at anew for each of its operations. */
struct tsu_die {
	struct tsu_channel *channel;
	uint32_t waiting;           /* classes, bits */
	uint32_t load;
	uint16_t index;             /* in the device */
	uint8_t place;              /* in its channel */
	uint8_t phase;
	uint8_t share;              /* enum tsu_share, since since_ps */
	bool armed;                 /* a suspend is wanted */
	uint16_t share_planes;
	struct tsu_op op;
	struct tsu_die *next_due;   /* in a list of its channel */
	time_ps due_ps;             /* what it hangs there for: ready, or may be suspended */
	time_ps ready_ps;           /* as the controller sees it */
	time_ps since_ps, spent_ps[TSU_SHARES];
};

/* Busy dies, the one first due first. */
struct tsu_due {
	struct tsu_die *head, *tail;
};

struct tsu_channel {
	struct event timer, go;
	struct tsu *t;
	const struct nand_channel *bus;
	time_ps timer_ps;           /* TIME_PS_MAX: it does not run */
	uint32_t index, first;      /* dense number of its first die */
	bool running;               /* its turn is under way: what is submitted is seen without an event */
	uint32_t turn;              /* die that is asked first */
	uint64_t idle, held;        /* dies: take a command; are suspended */
	uint64_t waiting, reading;  /* in their queues is something; with classes: a read */
	uint64_t suspend, copy;     /* may be suspended now; await the program of a copyback */
	struct tsu_due reads, work;
	struct tsu_tx *leaving;     /* its data cross; it is of the first of reads */
	int64_t before_ps[TSU_BUSES]; /* held before tsu_open() */
};

struct tsu {
	struct sim *sim;            /* borrowed */
	struct nand *n;             /* borrowed */
	struct ftl_sched_spec spec;
	const struct tsu_policy *policy;
	struct tsu_die *die;
	struct tsu_queue *queue;    /* TSU_CLASSES of each die */
	struct tsu_op *held;        /* by die: what is suspended, where its channel says so */
	struct tsu_channel *channel;
	uint8_t class_base[TSU_KINDS], class_mask[TSU_KINDS]; /* a class is base + (priority & mask) */
	void (*soon)(const struct tsu_tx *x, const struct tsu_tx *later); /* NULL: nobody asks */
	bool polled;                /* a die is seen ready later than it is */
	bool fair, whole_channel, reads_first, multi_plane, suspends; /* of policy and spec */
	uint16_t *flow;             /* policy fair: waiting reads, TSU_FLOWS for each die */
	time_ps *plane_ps;          /* by dense number */
	struct tsu_note *note;      /* by die: what it is at; NULL: the flash keeps no log */
	uint32_t (*flow_of)(const struct tsu_tx *x, uint64_t *out, uint32_t room);
	uint64_t number, unfinished;
	time_ps open_ps;
	struct tsu_counts counts;
};

static inline uint32_t tsu_group(uint32_t kind)
{
	return kind == TSU_READ ? 0 : kind == TSU_ERASE ? 2 : 1;
}

static inline struct tsu_die *tsu_die_of(const struct tsu *t, const struct tsu_tx *x)
{
	return &t->die[nand_ppa_die(&t->n->geom, x->page)];
}

static inline bool tsu_is_old(const struct tsu *t, time_ps queued)
{
	return t->sim->now_ps - queued > t->spec.age_limit_ps;
}

static inline uint64_t tsu_bit(const struct tsu_die *d) { return UINT64_C(1) << d->place; }

/* Whose queues hold what is for the die: itself, or with policy fifo the channel's first. */
static inline struct tsu_die *tsu_at(const struct tsu *t, struct tsu_die *d)
{
	return __builtin_expect(t->whole_channel, 0) ? d - d->place : d;
}
static inline struct tsu_queue *tsu_queue_of(const struct tsu *t, const struct tsu_die *at, uint32_t class)
{
	return &t->queue[(size_t)at->index * TSU_CLASSES + class];
}

/* What a die has spent so far: taken from what a transaction waits behind when it is queued, added when it is issued. */
static inline void tsu_less_spent(time_ps *restrict behind, const time_ps *restrict spent)
{
#pragma GCC unroll 8
	for (int i = 0; i < TSU_BEHINDS; i++)
		behind[i] = -spent[i];
}
static inline void tsu_add_spent(time_ps *restrict behind, const time_ps *restrict spent)
{
#pragma GCC unroll 8
	for (int i = 0; i < TSU_BEHINDS; i++)
		behind[i] += spent[i];
}

/* nand_channel_free() of the channel. */
static inline time_ps tsu_bus_free(const struct tsu *t, const struct tsu_channel *c)
{
	return t->n->turnaround ? nand_channel_free(t->n, c->index) : c->bus->free_ps;
}

/* Data of a read wait for the bus. */
static inline bool tsu_data_wait(const struct tsu_channel *c, time_ps now)
{
	return c->reads.head && c->reads.head->due_ps <= now;
}

/* The same for the flash's log, before it is so: the die's operation is in its place already. */
TSU_RARE void tsu_note_share(struct tsu *t, const struct tsu_die *d, enum tsu_share share, uint32_t planes);

/* The die's time from now on is this share's. */
static inline void tsu_set_share(struct tsu *t, struct tsu_die *d, enum tsu_share share, uint32_t planes)
{
	time_ps now = t->sim->now_ps, span = now - d->since_ps;
	d->spent_ps[d->share] += span;
	if (__builtin_expect(t->n->log != NULL, 0))
		tsu_note_share(t, d, share, planes);
	if (d->share_planes != 0) {
		time_ps *plane = &t->plane_ps[d->index * t->n->geom.planes];
		for (uint32_t left = d->share_planes; left != 0; left &= left - 1)
			plane[__builtin_ctz(left)] += span;
	}
	d->since_ps = now;
	d->share = (uint8_t)share;
	d->share_planes = (uint16_t)planes;
}

/* x is what the die is at, so far by itself. */
static inline void tsu_alone(const struct tsu *t, struct tsu_die *d, struct tsu_tx *x)
{
	x->next = NULL;
	d->op.first = x;
	d->op.queued_ps = x->queued_ps;
	d->op.planes = (uint16_t)(1U << nand_ppa_plane(&t->n->geom, x->page));
	d->op.count = 1;
	d->op.kind = x->kind;
}

/* tsu_choose() among several classes. */
struct tsu_tx *tsu_choose_class(const struct tsu *t, const struct tsu_die *at);

/* What the policy would begin next of those that wait for a die; NULL: nothing waits. */
static inline struct tsu_tx *tsu_choose(const struct tsu *t, struct tsu_die *d)
{
	const struct tsu_die *at = tsu_at(t, d);
	if ((at->waiting & (at->waiting - 1)) != 0)
		return tsu_choose_class(t, at);
	return at->waiting == 0 ? NULL : tsu_queue_of(t, at, (uint32_t)__builtin_ctz(at->waiting))->head;
}

/* The same, if it is a read for which a die that programs or erases `op` is worth suspending; else NULL. */
struct tsu_tx *tsu_urgent_read(const struct tsu *t, struct tsu_die *d, const struct tsu_op *op);
/* Out of its queue. */
static inline void tsu_dequeue(struct tsu *t, struct tsu_die *d, const struct tsu_tx *x)
{
	struct tsu_die *at = tsu_at(t, d);
	struct tsu_queue *q = tsu_queue_of(t, at, x->class);
	*(x->prev ? &x->prev->next : &q->head) = x->next;
	*(x->next ? &x->next->prev : &q->tail) = x->prev;
	if (t->fair && x->kind == TSU_READ)
		t->flow[(size_t)d->index * TSU_FLOWS + x->flow % TSU_FLOWS]--;
	if (q->head)
		return;
	at->waiting &= ~(UINT32_C(1) << x->class);
	if (at->waiting == 0)
		at->channel->waiting &= ~tsu_bit(at);
	if ((at->waiting & TSU_GROUP_CLASSES(0)) == 0)
		at->channel->reading &= ~tsu_bit(at);
}
/* Takes what can go with x, from y on, out of the queue, into d->op. avoid: as tsu_urgent_read, or NULL. */
void tsu_pack(struct tsu *t, struct tsu_die *d, const struct tsu_tx *x, struct tsu_tx *y, const struct tsu_op *avoid);

/* Data out that have begun since anything last happened on the channel; to be called before anything else does. */
void tsu_catch_up(const struct tsu *t, struct tsu_channel *c);

/* If x can begin now, as nothing else of the channel can: begins it, without a queue. */
bool tsu_begin_alone(struct tsu *t, struct tsu_die *d, struct tsu_tx *x);

/* Events, and: something for the die has come; alone: nothing else comes at this instant. */
void tsu_timer_event(struct sim *s, struct event *e);
void tsu_go_event(struct sim *s, struct event *e);
void tsu_submitted(struct tsu *t, struct tsu_die *d, const struct tsu_tx *x, bool alone);

#endif
