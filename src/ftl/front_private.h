/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside the front: what its kinds have in common, and what each keeps. */
#ifndef QUERN_FTL_FRONT_PRIVATE_H
#define QUERN_FTL_FRONT_PRIVATE_H

#include "ftl/front.h"
#include "sim/fastdiv.h"

#define FRONT_CORES_MAX 64
#define FRONT_QUEUES_MAX 64
#define FRONT_MEMO_BITS 6

/* Something that moves bytes one after the other: a link, or memory. */
struct front_pipe {
	uint64_t num, den;    /* num / den bytes a second; num 0: costs nothing */
	time_ps free_ps;
	time_ps busy_ps;
	struct {
		uint64_t bytes;
		time_ps ps;
	} memo[1 << FRONT_MEMO_BITS];  /* sizes asked for of late, and their times */
};

/* Priority classes of NVMe queues; without weights all are in the first. */
enum { FRONT_URGENT, FRONT_HIGH, FRONT_MEDIUM, FRONT_LOW, FRONT_CLASSES };

/* Whose turn it is: all that an idle front remembers. */
struct front_turns {
	uint32_t next[FRONT_CLASSES];  /* queue of the class */
	int64_t credit[FRONT_CLASSES]; /* commands left to the class in this round */
};

struct front_queue {
	struct blk_list entry; /* in the submission queue, not fetched; key: when the controller sees it */
	struct blk_list host;  /* wait for a place in it */
	uint32_t outstanding;  /* sent and not completed */
};

/* What a transfer of a size takes from the links: the time of asking for it or of its end, and of the data. */
struct front_transfer {
	uint64_t key;          /* of the size; 0: none */
	time_ps ask, data;
};

struct front_nvme {
	struct front *front;
	struct front_transfer reading[1 << FRONT_MEMO_BITS], writing[1 << FRONT_MEMO_BITS]; /* sizes asked for of late */
	struct fastdiv by_queues;
	struct front_queue *queue; /* by class, then number */
	uint32_t queues;
	uint32_t own;          /* queue pairs of each namespace; 0: all share all */
	uint64_t filled[FRONT_CLASSES]; /* mask of queues with entries */
	struct front_turns turns;
	uint32_t entries;      /* in all queues */
	uint32_t slots_used;
	time_ps fetched_ps;    /* the fetch under way ends */
	struct event event;    /* the next fetch */
};

struct front_sata {
	struct blk_list host;  /* wait for a tag */
	uint32_t outstanding;
	bool alone;            /* the one outstanding is not a queued command */
	time_ps register_ps, setup_ps, activate_ps, bits_ps; /* frames */
};

struct front_ops {
	int (*open)(struct front *f, struct arena *a);      /* 0, or -1: no memory */
	uint32_t (*depth)(const struct front *f);
	void (*submit)(struct front *f, struct blk_req *r);
	/* Where a request is counted, asked before its done(); and it has left there, told after. */
	uint32_t (*place)(const struct front *f, const struct blk_req *r);
	void (*left)(struct front *f, uint32_t place);
	/* Reserve the link for a request's data; last: and for its completion. Return when it is over; *bus: time of the data. */
	time_ps (*in)(struct front *f, const struct blk_req *r, uint64_t bytes, time_ps *bus);
	time_ps (*out)(struct front *f, const struct blk_req *r, uint64_t bytes, bool last, time_ps *bus);
	void (*power_cut)(struct front *f);                 /* front_lose() for all that wait; empty */
};

struct front {
	const struct front_ops *ops;
	const struct front_spec *spec; /* borrowed */
	struct sim *sim;
	struct blk_dev *dev;           /* borrowed */
	struct front_client client;
	struct front_pipe in, out, dram; /* a half-duplex link is `in` alone */
	time_ps core_free_ps[FRONT_CORES_MAX];
	uint32_t cores;
	struct blk_list moving;        /* on their way in or out, by their event */
	uint32_t waiting;
	uint32_t cuts;                 /* of power */
	struct front_stats stats;
	struct front_nvme nvme;
	struct front_sata sata;
};

#define FRONT(symbol, name, doc) extern const struct front_ops front_ops_##symbol;
#include "ftl/front_list.h"
#undef FRONT

static inline uint32_t front_memo(uint64_t key)
{
	return (uint32_t)(key * UINT64_C(0x9E3779B97F4A7C15) >> (64 - FRONT_MEMO_BITS)); /* 2^64 / golden ratio */
}
/* Time of so many bytes. */
time_ps front_pipe_time(struct front_pipe *p, uint64_t bytes);
/* Takes the pipe for `length` from now on, or from when it is free; returns from when. */
static inline time_ps front_pipe_take(struct front_pipe *p, time_ps now, time_ps length)
{
	time_ps from = time_max(p->free_ps, now);
	p->free_ps = time_add(from, length);
	p->busy_ps += length;
	return from;
}

/* The command is at the controller at `at`: a core takes it, and then command() gets it. from: it began to come in. Where
 * others come at the same instant behind it, the caller sets r->key after it (front.h). */
void front_bring(struct front *f, struct blk_req *r, time_ps from, time_ps at);
/* A waiting request goes with the power. */
void front_lose(struct front *f, struct blk_req *r);

#endif
