/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a config may say about the host: the plain structs that its option rows (options_NAME.c) fill. */
#ifndef QUERN_HOST_SPEC_H
#define QUERN_HOST_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "host/replace_spec.h"
#include "sim/option.h"

enum host_oom { HOST_OOM_STOP, HOST_OOM_KILL };
enum host_discard { HOST_DISCARD_NONE, HOST_DISCARD_PAGES, HOST_DISCARD_CLUSTERS };

struct host_tlb_spec {
	int64_t entries;           /* of each processor */
	int64_t ways;
	int64_t asids;             /* address spaces whose entries may stand beside each other; 1: a switch flushes */
	bool flush_on_age;         /* clearing a page's accessed bit drops its entries */
};

/* What things cost a processor. */
struct host_cost_spec {
	int64_t hit_ps;            /* a reference that hits the TLB, the access included */
	int64_t walk_ps;           /* each reference of a page walk */
	int64_t fault_ps;          /* entry to and return from the kernel at a page fault, its bookkeeping included */
	int64_t call_ps;           /* the same of a system call */
	int64_t switch_ps;         /* from one thread to another */
	int64_t invalidate_ps;     /* an entry of the own TLB */
	int64_t shootdown_ps;      /* for each other processor whose TLB must drop entries: the sender's part */
	int64_t interrupt_ps;      /* the receiver's part */
	int64_t entry_ps;          /* looking at or changing a page-table entry in a sweep */
	int64_t copy_rate;         /* bytes/s, memory to memory */
	int64_t zero_rate;         /* bytes/s, filling with zeros */
};

struct host_swap_spec {
	int64_t bytes;             /* the area; 0: there is none */
	int64_t cluster;           /* slots given out one after another */
	int64_t readahead;         /* slots of the aligned window that is read in with one; a power of two */
	bool reuse;                /* a page that is written keeps its slot and goes back there */
	int discard;               /* enum host_discard */
};

struct host_file_spec {
	int64_t readahead;         /* pages read at once at most */
	int64_t readahead_initial; /* pages of the first window, which doubles while reading is sequential; 0: always `readahead` */
	int64_t fault_around;      /* pages of the aligned window whose resident pages are mapped with one; a power of two */
	bool notify;               /* the first write to a clean page of a shared mapping faults */
};

struct host_writeback_spec {
	double background;         /* share of memory that may be dirty file pages before they are written */
	double hard;               /* share at which who dirties another waits */
	int64_t expire_ps;         /* age at which a file's dirty pages are written */
	int64_t interval_ps;       /* between two looks for such; 0: none */
	int64_t batch;             /* pages of a write at most */
	int64_t depth;             /* writes under way at most, but for those of a sync */
};

struct host_reclaim_spec {
	int64_t low;               /* free frames below which pages are reclaimed ahead of need; 0: only at need */
	int64_t high;              /* free frames at which that ends */
	int64_t batch;             /* pages of a write to swap at most, where their slots follow each other */
};

/* The bound section `host:`. */
struct host_spec {
	int64_t frames;
	int64_t page_bytes;
	int64_t levels;            /* of the page table */
	int64_t cpus;
	int64_t quantum_ps;        /* a thread's turn; 0: until it sleeps */
	int64_t window_ps;         /* how far a processor may run ahead of another's references */
	bool share_zero;           /* reading memory never written maps one shared page of zeros */
	int oom;                   /* enum host_oom */
	struct host_tlb_spec tlb;
	struct host_cost_spec cost;
	struct host_swap_spec swap;
	struct host_file_spec file;
	struct host_writeback_spec writeback;
	struct host_reclaim_spec reclaim;
	struct replace_spec replace;
	struct alloc_spec allocation;
};

#endif
