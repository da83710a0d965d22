/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The drive's command queue: the commands it has taken and not yet begun.
 *
 * The first `depth` commands that need the medium are candidates, a flat array for the
 * scheduler; later ones wait in arrival order until a place is free. Commands without a
 * place on the medium (flush, refused ones) wait apart.
 *
 * Invariants: candidate[0 .. count) and in_order hold the same requests, and req->key is a
 * request's index in candidate; overflow is empty unless all places are taken.
 * Owner: embedded in the disk; its arrays are the arena's.
 */
#ifndef QUERN_DISK_CMDQ_H
#define QUERN_DISK_CMDQ_H

#include <stdbool.h>
#include <stdint.h>

#include "blk/req.h"
#include "disk/geom.h"
#include "disk/sched.h"
#include "sim/arena.h"

struct cmdq {
	const struct disk_sched *sched;
	const struct geom *geom;
	struct disk_candidate *candidate;
	uint32_t depth, count;
	struct blk_list in_order;  /* the candidates by arrival */
	struct blk_list no_media;  /* flushes and refused commands */
	struct blk_list overflow;  /* beyond `depth` */
};

/* 0 or -1: no memory. */
int cmdq_init(struct cmdq *q, struct arena *a, uint32_t depth, const struct disk_sched *sched,
	const struct geom *geom);
/* A command comes in. */
void cmdq_put(struct cmdq *q, struct blk_req *r);
/* Waiting commands, all kinds. */
static inline uint32_t cmdq_waiting(const struct cmdq *q)
{
	return q->count + q->no_media.count + q->overflow.count;
}
/* The candidate that came first; NULL when there is none. */
static inline struct blk_req *cmdq_oldest(const struct cmdq *q) { return q->in_order.head; }
/* Take out this candidate; one that waits beyond the depth takes its place. */
void cmdq_take(struct cmdq *q, struct blk_req *r);
/* Take out the first command without a place on the medium, or NULL. */
struct blk_req *cmdq_take_no_media(struct cmdq *q);
/* Take out what the scheduler chooses; NULL when no candidate waits. Of `v`, `oldest` is filled in. */
struct blk_req *cmdq_choose(struct cmdq *q, struct disk_view *v);
/* Take out any command, oldest first within its kind, or NULL: the power went. */
struct blk_req *cmdq_drop(struct cmdq *q);

#endif
