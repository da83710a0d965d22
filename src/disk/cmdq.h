/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An arm's command queue: the commands taken and not yet begun.
 *
 * The first `depth` commands that need the medium are candidates, a flat array for the
 * scheduler; later ones wait in arrival order until a place is free. Commands without a
 * place on the medium (flush, refused ones) wait apart.
 *
 * Who is next, in this order: with queue.tagging scsi, a head-of-queue command, the newest
 * first (SCSI-2, 7.8.2), and of the rest none that came after an ordered one, nor that one
 * while an older command waits or is in service; then a command older than queue.age_limit;
 * then, among those of the highest priority, and the reads of them, where the options say
 * so, the one that goes on where the last one ended (queue.stream_limit); then the
 * scheduler's choice of them.
 *
 * Invariants: candidate[0 .. count) and in_order hold the same requests, and req->key is a
 * request's index in candidate; overflow is empty unless all places are taken.
 * Owner: embedded in the arm; its arrays are the arena's.
 */
#ifndef QUERN_DISK_CMDQ_H
#define QUERN_DISK_CMDQ_H

#include <stdbool.h>
#include <stdint.h>

#include "blk/req.h"
#include "disk/geom.h"
#include "disk/sched.h"
#include "sim/arena.h"

enum disk_tagging { TAGGING_SIMPLE, TAGGING_SCSI };

struct cmdq {
	const struct disk_sched *sched;
	const struct disk_queue_spec *spec;
	const struct geom *geom;
	time_ps turn_ps;
	struct disk_candidate *candidate;
	uint32_t depth, count;
	bool plain;                /* no option narrows the choice */
	bool ordered;              /* an ordered command was taken out, and may be in service */
	uint32_t tagged;           /* ordered and head-of-queue commands among the candidates */
	uint64_t next_lbn;         /* where the last command taken ends */
	int64_t stream_run;        /* commands taken in a row because they went on there */
	uint32_t first_cylinder, last_cylinder;
	struct blk_list in_order;  /* the candidates by arrival */
	struct blk_list no_media;  /* flushes and refused commands */
	struct blk_list overflow;  /* beyond `depth` */
	uint64_t state[SCHED_STATE_BYTES / 8]; /* the scheduler's */
};

/* turn_ps: of the spindle. 0 or -1: no memory. */
int cmdq_init(struct cmdq *q, struct arena *a, uint32_t depth, const struct disk_sched *sched,
	const struct disk_queue_spec *spec, const struct geom *geom, time_ps turn_ps);
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
/*
 * Take out who is next, or NULL. Of `v`, arm, times, serving and the buffer's part are the caller's;
 * the rest is filled in here.
 */
struct blk_req *cmdq_choose(struct cmdq *q, struct disk_view *v);
/* Take out any command, oldest first within its kind, or NULL: the power went. */
struct blk_req *cmdq_drop(struct cmdq *q);

#endif
