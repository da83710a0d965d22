/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Address spaces: areas, each naming a pager, and a page table. An address space is a process's; its threads share it.
 *
 * Areas do not overlap and are kept in order. An area of the file pager maps pages of a file, shared or private; a private one is
 * copy-on-write, and its copies belong to the swap pager, as all memory that has no file. An area that grows does so down to its floor, by
 * itself, as a stack does; one with room behind it is made longer by host_area_extend(), as a heap is by a call.
 */
#ifndef QUERN_HOST_SPACE_H
#define QUERN_HOST_SPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "host/ptable.h"
#include "sim/err.h"
#include "sim/time.h"

struct host;
struct host_file;
struct host_track;

enum host_pager_id { HOST_PAGER_ZERO, HOST_PAGER_FILE, HOST_PAGER_SWAP };

struct host_area {
	const char *name;        /* "heap"; borrowed */
	uint64_t first;          /* page number */
	uint64_t pages;
	uint64_t floor;          /* lowest page of an area that grows; else 0 */
	uint64_t room;           /* pages that it may come to have by host_area_extend(); not more than `pages`: it stays as it is */
	uint64_t file_page;      /* of the file, at `first` */
	struct host_file *file;  /* file pager only */
	struct host_track *track; /* whoever tracks writes here (host/protect.h), or NULL */
	uint8_t pager;           /* enum host_pager_id */
	bool writable;
	bool shared;             /* of a file: writes go to the file */
	bool grows;              /* down to `floor`, which is 0 and counts for nothing else where it does not */
};

struct host_space {
	struct host *host;
	const char *name;        /* of the process; borrowed */
	uint32_t id;             /* number among the machine's spaces */
	uint32_t owner;          /* number in the keys of pages it makes from now on */
	struct host_space *next_of_family; /* a ring of all that were copied from one another */
	struct host_ptable table;
	struct host_area **area; /* by page number */
	struct host_area *area_last; /* the one that was found last, or NULL */
	uint32_t areas, area_room;
	uint64_t cpus;           /* a bit for each processor that may hold translations */
	uint64_t stale;          /* of these, such as must drop them all before they run it again */
	bool alive;
	bool suspended;          /* by load control: its threads do not run */
	uint32_t parked;         /* the first of its threads that would, or HOST_NO_THREAD */
	uint32_t threads;        /* that have not ended */
	uint64_t resident;       /* present entries */
	time_ps cpu_ps;          /* its threads' time on processors: its virtual time */
};

/* What lies together in every address space of a scenario that does not mind where. */
struct host_span {
	const char *name;  /* "stack"; borrowed */
	uint64_t usual;    /* first page, where all spans have room there */
	uint64_t pages;    /* 0: it is left out */
	uint64_t first;    /* of host_spans_place() */
};

/* Finds each its place, in their order: the usual ones, or one behind another from page 0 on where the address spaces that the
 * levels of the page table give are too small for those. 0, or -1 with *e set: too small for all ("host.levels: ..."). */
int host_spans_place(const struct host *h, struct host_span *span, uint32_t count, struct err *e);
/* A new, empty address space. NULL with *e set. */
struct host_space *host_space_new(struct host *h, const char *name, struct err *e);
/* Adds a copy of `area`; its pages must be below table.pages and overlap none. NULL with *e set. */
struct host_area *host_area_add(struct host_space *sp, const struct host_area *area, struct err *e);
/* It has so many pages from now on: at least as many as before, and at most its room. */
void host_area_extend(struct host_space *sp, struct host_area *area, uint64_t pages);
/* The pages that it has or may come to have. */
static inline uint64_t host_area_room(const struct host_area *x) { return x->room > x->pages ? x->room : x->pages; }
/* Private: host_area_find() where it is another than the last time. */
struct host_area *host_area_search(struct host_space *sp, uint64_t vpn);
/* The area of the page, or NULL; grows one that may. */
static inline struct host_area *host_area_find(struct host_space *sp, uint64_t vpn)
{
	struct host_area *x = sp->area_last;
	return x && vpn - x->first < x->pages ? x : host_area_search(sp, vpn);
}
/* The process ends: threads, pages, slots. Its frames are free when what is under way with them is over. For whoever ends it: the machine
 * itself does so for want of memory alone, as scenarios may want to look at the memory of a process whose threads have ended. */
void host_space_exit(struct host_space *sp);

#endif
