/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The processes of the scenario demand-paging and their threads, as paging.h says: what they map, and what each references.
 *
 * Owner: the sim arena, but for the open files of a recording, which paging_process_close() gives back.
 */
#ifndef QUERN_HOST_PAGING_PROCESS_H
#define QUERN_HOST_PAGING_PROCESS_H

#include "host/machine.h"
#include "host/paging.h"
#include "host/recorded_limits.h"
#include "host/stream_recorded.h"

enum { PAGING_SPAN_TEXT, PAGING_SPAN_STACK, PAGING_SPAN_LOAD, PAGING_SPANS };

/* What a thread does first, the same in each process. */
struct paging_begin {
	uint64_t *word; /* NULL: nothing */
	uint32_t words;
};

/* What all processes of an instance have in common. */
struct paging_common {
	const struct paging_spec *spec;
	struct sim *sim;
	struct host *host;
	const struct host_region *program, *files;
	uint64_t seed;
	/* private, of paging_common_open() */
	uint32_t threads;                     /* of each process */
	struct host_span span[PAGING_SPANS];  /* of each process, but for a recording */
	struct host_file *text;
	struct host_zipf *zipf;
	struct paging_begin *begin;           /* by number of the thread */
	struct host_recorded_area *area;      /* of a recording */
	int areas;
	uint64_t recorded_pages;              /* touched */
	struct recorded_limits limits;
};

struct paging_thread {
	struct host_stream base; /* first */
	struct paging_process *process;
	struct host_stream *load;
	uint32_t number;         /* in its process */
	bool begun;              /* past what it does first */
	/* where words are not handed on as the load gives them: what is left of its last */
	uint32_t words;
	const uint64_t *word;
	uint64_t until_sync;     /* so many of them */
	uint64_t grow[2];        /* a call, and the word that it is for */
};

struct paging_process {
	const struct paging_common *all;
	struct host_space *space;
	struct host_track *watch; /* or NULL */
	struct host_file *file;   /* or NULL */
	struct host_area *heap;   /* one that grows, or NULL */
	uint64_t heap_calls, heap_grown; /* how often it did, and by how many pages */
	struct paging_thread *thread;
};

static inline bool paging_recorded(const struct paging_common *c) { return c->spec->recording && c->spec->recording[0]; }
/* References of a process that comes to its end; not of a recording. */
double paging_references(const struct paging_common *c);

/* Pages of all processes before this one, and so of all where it is their number. */
uint64_t paging_pages_before(const struct paging_spec *s, uint32_t number);

/* Its public members are set, to a machine that has not started: finds areas their places, and reads through the recording once. 0, or -1
 * with *e set, and so the others. */
int paging_common_open(struct paging_common *c, struct err *e);
/* *p becomes process `number`, which has not begun: its first thread is made by paging_process_start(). */
int paging_process_open(struct paging_process *p, const struct paging_common *c, uint32_t number, struct err *e);
int paging_process_start(struct paging_process *p, struct err *e);
/* Also of one that was never opened. */
void paging_process_close(struct paging_process *p, const struct paging_common *c);
/* The string of the fault curves, at most `most` words (page << 1 | write), each burst as one. */
int paging_string(const struct paging_common *c, size_t most, uint64_t **string, size_t *count, struct err *e);

#endif
