/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An arm's command queue: the commands taken and not yet begun.
 *
 * The first `depth` commands that need the medium are candidates, a flat array for the
 * scheduler; later ones wait in arrival order until a place is free. Commands without a
 * place on the medium (flush, refused ones) wait apart.
 *
 * Who is next, in this order: what the commands' tags say (queue.tagging); a flush and other
 * commands without a place; then a command older than queue.age_limit; then, among those of the
 * highest priority, and the reads of them, where the options say so, the one that goes on where
 * the last one ended (queue.stream_limit); then the scheduler's choice of them.
 *
 * Tags. SCSI: a head-of-queue command goes before all that wait, the newest first (SCSI-2, 7.8.2); an
 * ordered one begins when all that came before it are done, and what came after it waits until it is
 * done (SAM: ordered tasks). A plain flush is a simple task: it is about writes that are done, so it
 * need not wait for others. ATA: reads and writes are queued, with one bit of priority (NCQ); a
 * flush is not a queued command, so the host lets the queue run empty, sends it, and goes on
 * when it is done: it is as an ordered one. Without tags every command is as an ordered one. Of the
 * commands beyond `depth` the drive knows nothing, but for those that wait for one of them.
 *
 * Invariants: candidate[0 .. count) and in_order hold the same requests, and req->key is a
 * request's index in candidate (unless first_come); overflow is empty unless all places are taken.
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

enum disk_tagging { TAGGING_NONE, TAGGING_SIMPLE, TAGGING_SCSI, TAGGING_NCQ };

#define NCQ_DEPTH 32

/* What the queue remembers of the commands it gave out; all of it that an idle drive has. */
struct cmdq_memory {
	uint64_t next_lbn;         /* where the last command taken ends; CMDQ_NO_LBN: none yet */
	uint64_t wrote;            /* 1: it was a write */
	int64_t stream_run;        /* commands taken in a row because they went on there */
	uint64_t sched[SCHED_STATE_BYTES / 8]; /* the scheduler's state */
};

#define CMDQ_NO_LBN UINT64_MAX

struct cmdq {
	const struct disk_sched *sched;
	const struct disk_queue_spec *spec;
	const struct geom *geom;
	time_ps turn_ps;
	struct disk_candidate *candidate;
	uint32_t depth, count;
	bool plain;                /* no option but the tags narrows the choice */
	bool first_come;           /* and of what these leave the oldest is next: `candidate` is not used */
	bool ordered;              /* an ordered command was taken out, and may be in service */
	uint32_t tagged;           /* waiting commands that are ordered or head-of-queue */
	uint32_t first_cylinder, last_cylinder;
	struct blk_list in_order;  /* the candidates by arrival */
	struct blk_list no_media;  /* flushes and refused commands */
	struct blk_list overflow;  /* beyond `depth` */
	struct cmdq_memory memory;
};

/* turn_ps: of the spindle. 0 or -1: no memory. */
int cmdq_init(struct cmdq *q, struct arena *a, uint32_t depth, const struct disk_sched *sched,
	const struct disk_queue_spec *spec, const struct geom *geom, time_ps turn_ps);
/* What a command's tag says, under queue.tagging: it goes before all that wait; or in its order of arrival. */
bool cmdq_is_head(const struct cmdq *q, const struct blk_req *r);
bool cmdq_is_ordered(const struct cmdq *q, const struct blk_req *r);
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
/* Whether tags keep commands from being taken out of turn now. serving: commands taken out and not done. */
static inline bool cmdq_keeps_order(struct cmdq *q, uint32_t serving)
{
	if (serving == 0)
		q->ordered = false;
	return q->tagged > 0 || q->ordered;
}
/* Take out a command without a place on the medium that may go now, the oldest first, or NULL. */
struct blk_req *cmdq_take_no_media(struct cmdq *q, uint32_t serving);
/*
 * Take out who is next of those with a place, or NULL. Of `v`, arm, times, serving and the buffer's part are
 * the caller's; the rest is filled in here.
 */
struct blk_req *cmdq_choose(struct cmdq *q, struct disk_view *v);
/* The same where first_come, which needs no view. */
struct blk_req *cmdq_choose_first(struct cmdq *q, uint32_t serving);
/* Take out any command, oldest first within its kind, or NULL: the power went, and the memory with it. */
struct blk_req *cmdq_drop(struct cmdq *q);
/* What no single option can see: 0, or -1 with the offending key and a phrase. */
int cmdq_check_spec(const struct disk_queue_spec *o, int64_t depth, const char **key, char *why, size_t why_bytes);

#endif
