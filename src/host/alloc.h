/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How memory is shared out among processes, above the replacement policies: one pool for all (global), or a pool for each
 * process (local) with an equal share, a share in proportion to its pages, or as many frames as its page-fault frequency asks
 * for; and load control, which takes a process out of memory when all together want more than there is.
 *
 * Page-fault frequency: Chu & Opderbeck, "Program behavior and the page-fault-frequency replacement algorithm", Computer 9(11),
 * 1976. At a fault of a process whose last one is longer ago than `interval` of its virtual time, all its pages that were not
 * used since that last fault go; at one that comes sooner it gets a frame more. All accessed bits are cleared at each fault, and the
 * reference that faults sets none.
 *
 * Load control (Denning, "Working sets past and present", IEEE Trans. Software Engineering SE-6(1), 1980): where a process is
 * to grow and no frame is free, the process activated last is suspended and its pages leave memory; it comes back, the one suspended
 * first before the others, when as many frames are free as it had, or when nobody else is active.
 *
 * A frame is charged to the process for whose fault it was taken, also where others share its page. What is on its way counts:
 * frames that are being filled, and those that threads wait for. Processes are numbered by the owner, 0 to processes - 1. Cost: as
 * the policies'; a fault under page-fault frequency looks at all pages of its process. Owner: the arena.
 */
#ifndef QUERN_HOST_ALLOC_H
#define QUERN_HOST_ALLOC_H

#include "host/replace.h"

#define ALLOC_NOBODY UINT32_MAX

enum alloc_frames { ALLOC_GLOBAL, ALLOC_EQUAL, ALLOC_PROPORTIONAL, ALLOC_FAULT_FREQUENCY };

struct alloc_process {
	struct replace *pool;
	struct replace_list pages;   /* page-fault frequency: its frames */
	uint64_t size;               /* its pages, for a share in proportion */
	uint64_t turn;               /* when it was activated, or suspended: a count */
	int64_t fault;               /* virtual time of its last fault */
	uint32_t quota;              /* frames; UINT32_MAX: as many as it gets */
	uint32_t coming;             /* frames charged that are in no pool yet, and those waited for */
	uint32_t had;                /* frames when it was suspended */
	uint32_t look;               /* the frame that alloc_release() looks at next */
	bool here, suspended, growing;
};

struct alloc {
	const struct alloc_spec *spec;
	struct replace_env env;
	struct alloc_process *process;
	struct replace_link *link;   /* by frame: page-fault frequency */
	uint16_t *charge;            /* by frame: to whom; NULL: one pool for all, process[0]'s */
	uint32_t frames, processes, here, suspended;
	uint32_t room, most;         /* of process[]: what there is memory for, and what there may be */
	struct arena *arena;         /* for those to come */
	const struct replace_spec *policy;
	struct replace_pages *pages;
	uint64_t seed;
	const char *path;
	uint64_t turns;
	uint64_t suspensions, resumptions, released; /* how often, and frames that page-fault frequency took back */
};

/* `processes` (1 to 65535) may be here at once, or as many as are announced (0); with one pool for all their number does not matter.
 * `path` is borrowed. NULL: memory. */
struct alloc *alloc_new(struct arena *a, const struct replace_spec *policy, const struct alloc_spec *spec,
	const struct replace_env *env, uint32_t frames, uint32_t processes, uint64_t seed, const char *path, struct err *e);

/* The process with this number may come: its pool is there. Numbers are announced in order. 0, or -1: it is one too many (ERR_CONFIG), or
 * memory. */
int alloc_announce(struct alloc *al, uint32_t process, struct err *e);

/* A process of so many pages comes; it goes, and the frames that it leaves behind are the first to be taken. */
void alloc_join(struct alloc *al, uint32_t process, uint64_t size);
void alloc_leave(struct alloc *al, uint32_t process);
/* It has so many pages from now on. */
void alloc_resize(struct alloc *al, uint32_t process, uint64_t size);

/* The pool that a frame of this process, or this frame, is in. */
static inline struct replace *alloc_pool(const struct alloc *al, uint32_t process)
{
	return al->process[al->charge ? process : 0].pool;
}
static inline struct replace *alloc_pool_of(const struct alloc *al, uint32_t frame)
{
	return al->process[al->charge ? al->charge[frame] : 0].pool;
}

/* The process may take a free frame; otherwise it has to give up one of its own. */
static inline bool alloc_may_grow(const struct alloc *al, uint32_t process)
{
	return !al->charge || al->process[process].pool->held + al->process[process].coming < al->process[process].quota;
}

/* A fault of the process begins, at its virtual time. Page-fault frequency: the frames that alloc_release() names until it
 * names none are to be given up; they have left the pool. */
void alloc_fault(struct alloc *al, uint32_t process, int64_t now);
uint32_t alloc_release(struct alloc *al, uint32_t process);

/* The process gets this frame, which is in no pool, and will be in its. */
static inline void alloc_charge(struct alloc *al, uint32_t frame, uint32_t process)
{
	if (!al->charge)
		return;
	al->charge[frame] = (uint16_t)process;
	al->process[process].coming++;
}

/* A thread of the process waits for a frame; it waits no more. */
static inline void alloc_wait(struct alloc *al, uint32_t process)
{
	if (al->charge)
		al->process[process].coming++;
}
static inline void alloc_unwait(struct alloc *al, uint32_t process)
{
	if (al->charge)
		al->process[process].coming--;
}

/* As replace_insert() and replace_remove(), in the pool of the process that the frame has been charged to. */
static inline bool alloc_insert(struct alloc *al, uint32_t frame, uint64_t key, unsigned hint)
{
	if (al->charge) {
		struct alloc_process *x = &al->process[al->charge[frame]];
		x->coming--;
		if (al->link)
			replace_list_push_last(&x->pages, al->link, frame);
	}
	bool used = replace_insert(alloc_pool_of(al, frame), frame, key, hint);
	return used && !al->link; /* the reference that faulted is not one since the fault */
}
void alloc_remove(struct alloc *al, uint32_t frame);

/*
 * A frame to give up for a fault of this process (ALLOC_NOBODY: ahead of any): one that a process left behind, or its own, or, where
 * it may grow, one of the process furthest above its quota; if these have none that may go, and their policy waits for none, one of any
 * other. REPLACE_NO_FRAME: none.
 */
uint32_t alloc_victim(struct alloc *al, uint32_t process, unsigned hint);

/* What alloc_victim() would name ahead of any fault, called up to `most` times until it names none, where the caller has room for
 * what is dirty in so many frames. How many. */
uint32_t alloc_victims(struct alloc *al, uint32_t *out, uint32_t most);

/* A period has passed: all pools are ticked. */
void alloc_tick(struct alloc *al);

/* The process wants a frame and none is free: whom to suspend, ALLOC_NOBODY: nobody. Suspended is who was named: its frames are
 * to be taken with alloc_drain() until there is none. */
uint32_t alloc_suspend(struct alloc *al, uint32_t process);
uint32_t alloc_drain(struct alloc *al, uint32_t process);
/* So many frames are free: who is active again now, or ALLOC_NOBODY. */
uint32_t alloc_resume(struct alloc *al, uint32_t free);

/* Frames in all pools. */
uint64_t alloc_held(const struct alloc *al);
/* The invariants of all pools: 0, or -1 (ERR_CHECK). */
int alloc_check(const struct alloc *al, struct err *e);

#endif
