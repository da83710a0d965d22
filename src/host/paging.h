/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The scenario demand-paging: what its section of a config may say, and so what its processes and threads do.
 *
 * A process is an address space, and its threads share it. Its first thread does what a program's main thread does: it goes
 * through the program and starts the others, one after another, a system call each (cost.call). From there on all are alike:
 * each grows a stack of its own, page by page, and then makes the references of the load on the memory of the process.
 *
 * What the load says holds for each thread: it makes load.references, which it draws from a random stream of its own (the first
 * thread's is that of a process with one). In the pattern sequential thread i of n begins i/n of the way round: so a page comes again
 * after all the others, as with one thread. Had they begun at one page, they would share each read.
 *
 * A process has ended when its last thread has. Whatever takes a process takes all its threads: load control, which suspends it,
 * and being killed for want of memory. One that ends before its first thread has come so far never had the others.
 *
 * A process that has ended exits: its page tables are torn down, which takes its last thread's processor a time for each entry
 * (cost.entry), and its frames and swap slots are free, those of which a page is being read or written when that is over; pages of files
 * stay in the page cache. One that was stopped (duration, or where the run is broken off) has not ended, and keeps all it has.
 *
 * The load's memory may be a heap that grows by a call, as malloc() grows it with brk(2): where a thread's next reference lies beyond
 * its end, the thread first asks for as many whole steps as it takes, in one call (cost.call). It ends with the load's pages, and
 * does not shrink. A page that is there takes a frame once it is touched, as ever; a reference beyond the end that no call came before
 * would be an error.
 *
 * The string of the fault curves is the first process's load: its threads in turn, a burst each, as long as each has some; of a
 * recording, the recorded order.
 *
 * A recording replays in the recorded order, by one thread, or (recorded_threads) each of its threads by one of its own, each in
 * its own order. These begin together, and only the machine decides who goes on when: not kept is what they waited for in each other
 * (locks, the making of a thread, the end of another).
 */
#ifndef QUERN_HOST_PAGING_H
#define QUERN_HOST_PAGING_H

#include <stdbool.h>

#include "host/stream.h"
#include "sim/option.h"

#define PAGING_THREADS_MOST 50000   /* of all processes: as many as may wait for one page (host_frame.waits) */
#define PAGING_STACKS_MOST 1048576  /* pages of all stacks of a process */
#define PAGING_READERS_MOST 1000    /* of a recording, 1.2 MiB each (trace/ref_file.h) */

enum paging_memory { PAGING_HEAP, PAGING_FILE, PAGING_PRIVATE };

struct paging_heap_spec {
	int64_t start;                   /* pages that are there from the first; 0: all, and no calls */
	int64_t step;                    /* pages of which each call takes a whole number */
};

struct paging_spec {
	struct host_pattern_spec load;   /* of each process, on memory of its own */
	char *recording;                 /* in place of the load: a recording of references; "": none */
	int memory;                      /* enum paging_memory */
	struct paging_heap_spec heap;
	bool recorded_threads;           /* of the recording: each by a thread of its own */
	int64_t processes;
	int64_t more_pages;              /* that each has more than the one before, whose load has them too */
	int64_t threads;                 /* of each process, where it is not the recording that says how many */
	int64_t start_every_ps;          /* between the starts of two processes */
	int64_t text_pages;              /* of the program, which all processes share */
	int64_t stack_pages;             /* that each thread grows by, a page at a time, before its load */
	int64_t watched_pages;           /* the first of its memory, under a data breakpoint */
	int64_t sync_every;              /* bursts of a thread after which it syncs its process's file; 0: never */
	int64_t duration_ps;             /* 0: until all references are made */
	int64_t interval_ps;             /* between two lines of the table thrashing; 0: none */
	int64_t curve_references;        /* of the first process's string at most; 0: no fault curves */
};

extern const struct opt_group paging_heap_group, paging_options;

#endif
