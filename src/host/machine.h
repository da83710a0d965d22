/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The host: one small machine with virtual memory.
 *
 * Threads reference pages; a reference goes TLB, page walk, permission, and where that does not end it, fault, pager, and a frame or
 * a block request; a thread that waits for one sleeps, and others run. A processor runs references in a loop up to the time of the
 * simulation's next event, or the end of the thread's turn, and is itself one event; so all is exact in time on one processor,
 * and on several to within `window`.
 *
 * What a fault does is worked out anew each time its thread wakes (fault.c), from the page-table entry and the page's place; so whatever
 * others did meanwhile is right by construction. Threads that fault on one page wait for the one that leads. A frame
 * that was promised to a thread, and a page that came for one, are pinned until it has run.
 *
 * A dirty page that is evicted leaves when it is written, and its frame goes to whoever has waited for one longest. Until then its process
 * may have it back (it is rescued), which is a frame gained as by any fault: so not where the process has its quota, and not again and
 * again from one who waits. Of all rescues after which fewer pages leave than threads wait, there are between two frames that come to
 * waiters at most as many as there are waiters. Who may not rescue a page faults it in when it has gone. (Linux sets no such bound: who
 * reclaims goes on to the next page.)
 *
 * Making one: host_open(), files, spaces with areas, threads with streams, host_start(), and run the simulation until no event is
 * left or host_over(). Costs of the kernel's background work (reclaim ahead, writeback) are not charged to any processor.
 *
 * Results that are not errors: out of memory (host->oom). Errors: a reference outside every area, or a write where none is
 * allowed, stops the run (sim_fail, ERR_TRACE) and names place, page, and the nearest area.
 *
 * Owner: the sim arena. Memory: 24 bytes a frame and what the policy needs (8 for lists, clock 6.5, CLOCK-Pro 16), 8 bytes a page table
 * entry, 6 a swap slot, 4 a page of a file.
 */
#ifndef QUERN_HOST_MACHINE_H
#define QUERN_HOST_MACHINE_H

#include "host/alloc.h"
#include "host/cow.h"
#include "host/evlog.h"
#include "host/file.h"
#include "host/frame.h"
#include "host/io.h"
#include "host/pager.h"
#include "host/protect.h"
#include "host/space.h"
#include "host/spec.h"
#include "host/stream.h"
#include "host/swap.h"
#include "host/tlb.h"
#include "sim/counter.h"
#include "sim/sim.h"

enum host_thread_state { HOST_THREAD_NEW, HOST_THREAD_READY, HOST_THREAD_RUNNING, HOST_THREAD_ASLEEP, HOST_THREAD_ENDED };

/* What a thread's fault waits for. */
enum host_stage {
	HOST_STAGE_NONE,     /* no fault */
	HOST_STAGE_GO,       /* to be worked out (again) when the thread runs */
	HOST_STAGE_FRAME,    /* for a free frame */
	HOST_STAGE_FILL,     /* for its page, which it brought on its way */
	HOST_STAGE_FOLLOW,   /* for a page that another brings */
	HOST_STAGE_LEAVING,  /* for its page to be written and gone: it may not have it back before */
	HOST_STAGE_THROTTLE, /* for dirty pages to be written */
};

struct host_thread {
	/* what each fault looks at comes first */
	struct host *host;
	struct host_space *space;
	const uint64_t *word;       /* next word of the batch */
	const uint64_t *word_end;
	uint32_t id;
	uint32_t link;              /* in the one list it is in */
	uint32_t followers;         /* threads that wait while it gets a frame */
	uint8_t state;              /* enum host_thread_state */
	uint8_t stage;              /* enum host_stage */
	bool again;                 /* act() is to be asked again for the last word */
	bool wakes;                 /* woken before it was asleep */
	bool dirtied;               /* made a page dirty beyond the hard limit */
	bool fresh;                 /* its fault brought the page in */
	bool counted;               /* the fault, or the call, under way is counted */
	/* the fault, or the page of a file that a call wants */
	bool write;
	bool whole;                 /* the call writes all of it: nothing to read */
	bool major;                 /* it started a read */
	uint8_t hint;               /* of replace_miss() */
	uint32_t more;              /* references that follow the one that faulted */
	uint32_t held;              /* a frame pinned for it */
	uint32_t source;            /* the frame it copies, pinned */
	uint64_t page;              /* virtual page, or page of the file */
	uint64_t *pte;              /* of a reference's page; NULL: its entry has yet to be made */
	struct host_file *file;     /* a call's; NULL: a reference's */
	struct host_area *area;
	time_ps asleep_ps;          /* while it sleeps: since then, what it did in the kernel before it paid for; else TIME_PS_MAX */
	time_ps debt_ps;            /* processor time it owes */
	time_ps sync_ps;            /* when its sync began */
	uint64_t references, faults; /* what it has done */
	struct host_stream *stream;
	uint64_t act_word;          /* the last for act() */
	/* a burst on a watched page, taken apart */
	uint64_t rest;              /* the references of it that are yet to be made: the thread's batch */
	const uint64_t *behind;     /* its next word behind them; NULL: there is no such burst */
	const uint64_t *behind_end;
	struct event timer;         /* think time */
	/* for the timeline */
	const char *does;           /* since does_ps; NULL: nothing yet, or it is not shown */
	time_ps does_ps;
	uint32_t track;             /* 0: not yet made */
	uint64_t asked;             /* the request that its fault waits for; 0: none */
	time_ps ran_ps;             /* on processor ran_on since then, where it runs */
	uint32_t ran_on;
	bool ran;
	bool slept;                 /* in the fault under way */
};

#define HOST_SOON 8 /* a power of two */

struct host_cpu {
	struct event event;
	struct host *host;
	struct host_thread *thread; /* running, or NULL */
	struct tlb tlb;
	uint32_t id;
	uint32_t space;             /* whose translations are in use */
	uint64_t asid;              /* of that, shifted */
	struct host_thread *last;   /* that ran here */
	time_ps slice_end;
	time_ps free_ps;            /* when the last turn ended */
	time_ps owed_ps;            /* interrupts it has yet to serve */
	time_ps busy_ps;
	const uint64_t *soon[HOST_SOON]; /* entries on their way into the cache, a ring */
	uint32_t soon_at;
};

/* What has happened; all only grow. */
struct host_counts {
	uint64_t references, writes, tlb_hits, tlb_misses;
	uint64_t faults;            /* begun; minor + major + those under way or cut short */
	uint64_t minor, major;      /* ended: without, and with a read begun by it */
	uint64_t followed;          /* of the minor: waited for another's read */
	uint64_t zero_fills, cow_copies, cow_reuses, write_notices, track_faults, traps, around, grown;
	uint64_t evictions, clean_evictions, rescued;
	uint64_t swap_outs, swap_ins, swap_ahead; /* pages */
	uint64_t swap_writes, swap_reads;         /* requests */
	uint64_t file_ins, file_ahead, file_outs; /* pages */
	uint64_t file_reads, file_writes;         /* requests */
	uint64_t slots_taken, slots_freed, slots_trimmed; /* taken - freed: in use */
	uint64_t io_errors;         /* requests that a device failed */
	uint64_t shootdowns, invalidations, switches, syncs, throttled, frame_waits, calls, suspensions;
	time_ps stall_ps;           /* asleep in faults until they are ready again, sum over threads */
	time_ps throttled_ps;       /* the same at the hard limit of dirty pages */
};

/* The first time that memory ran out, and how often it did. */
struct host_oom_result {
	bool happened;
	time_ps at_ps;
	uint32_t process;           /* whose thread wanted the frame: its number */
	const char *name;           /* and name */
	const char *area;           /* or the file that it called for; "": none */
	uint64_t page;
	uint32_t slots_used;        /* of the swap area */
	uint64_t times;
};

struct host {
	struct sim *sim;
	const struct host_spec *spec;
	struct host_io *io;
	struct host_frame *frame;
	struct alloc *alloc;            /* frames among processes, and the replacement policy; a process is a space, by id */
	struct host_evlog *log;         /* or NULL */
	struct host_shown *shown;       /* on the timeline (host/shown.h); NULL: it is not */
	uint64_t *content;              /* by frame, tags on only */
	uint32_t tracks;                /* areas that are watched */
	uint64_t content_clock;
	struct host_cpu *cpu;
	struct host_thread **thread;    /* by id */
	struct host_space **space;      /* by id */
	struct host_file *files;
	struct host_swap swap;
	struct host_nodes nodes;
	uint32_t frames, free, free_list;
	uint32_t threads, thread_room, alive; /* threads; those that have not ended */
	uint32_t spaces, space_room;
	uint32_t ready_head, ready_tail, ready;
	uint32_t waiter_head, waiter_tail, waiters; /* threads that wait for a frame */
	uint32_t reader;                /* the process whose fault reads: for the pages that come along */
	uint32_t robbed;                /* rescues of what they needed since one of them got a frame */
	uint32_t leaving;               /* frames that are being written in order to be free */
	uint32_t cleaning;              /* frames that are being written for the policy */
	uint32_t filling;               /* frames being filled */
	uint32_t waits, pins;           /* sums over all frames */
	uint32_t throttle_head;         /* threads at HOST_STAGE_THROTTLE */
	struct host_cpu *current;       /* whose turn it is, or NULL */
	struct tally sync;              /* times of syncs, ps, from the call until all is durable */
	uint64_t idle;                  /* a bit for each processor that has nothing to do */
	uint32_t run_first, run_pages;  /* slots of the write to swap that is being gathered */
	uint32_t writes_swap;           /* pages under way to swap */
	uint32_t page_shift, page_sectors;
	bool touches;                   /* the policy wants each reference */
	bool looks;                     /* it or the tags do */
	bool large;                     /* its memory is too large for the caches of the machine that simulates it (cpu.c) */
	bool plain;                     /* faults of which nothing is special are worked out shortly (plain.h); off, the same happens */
	bool started, stopping;
	bool ending;                    /* processes are being ended */
	uint64_t dirty_pages;           /* of files */
	uint64_t writing_pages;         /* of files, under way to the device */
	uint64_t dirty_soft, dirty_hard; /* limits, pages */
	uint32_t writes;                /* of writeback under way */
	uint32_t old_files;             /* that are being written because of their age */
	time_ps look_ps;                /* when the next look for such is due; 0: none is planned */
	struct event flusher, reclaimer, ticker;
	struct { void *holder; uint32_t kind, frames; } *owner; /* by owner number */
	uint32_t owners, owner_turn;
	time_ps charge_ps;              /* processor time of what is being done */
	time_ps zero_ps, copy_ps;       /* of a page */
	time_ps walk_ps;                /* of all levels */
	time_ps longest_ps;             /* that a processor runs in one turn */
	struct host_counts n;
	struct host_oom_result oom;
	void (*ended)(void *ctx, struct host_thread *th); /* a thread has ended, from an event; may end its process. Or NULL */
	void *ended_ctx;
};

/* Regions that the machine itself uses; files name their own. */
struct host_place_spec {
	struct host_io *io;
	const struct host_region *swap;  /* at least spec->swap.bytes; NULL: no swap whatever the spec says */
	uint64_t seed;
	const char *path;                /* of random streams: "host0" */
	bool log_events;                 /* keep the hash of all events (host->log): for tests */
};

/* A machine at rest. NULL with *e set: memory ("host.frames: ..."), a swap area that does not hold spec->swap.bytes. */
struct host *host_open(struct sim *s, const struct host_spec *spec, const struct host_place_spec *place, struct err *e);
/* A thread; it runs from host_start() on, or at once. NULL with *e set. */
struct host_thread *host_thread_new(struct host_space *sp, struct host_stream *st, struct err *e);
void host_start(struct host *h);
/* Take up nothing new: threads end at their next word. */
void host_stop(struct host *h);
/* All threads have ended. */
bool host_over(const struct host *h);
/* Crash: the machine is gone; no event and no callback of it comes any more. The io is told by who crashes it. */
void host_drop(struct host *h);

/* ---- for streams' act(), and for scenarios ----------------------------------------------------------------------- */

/* The thread pays this much processor time, now. */
static inline void host_charge(struct host *h, time_ps ps) { h->charge_ps += ps; }
/* For a system call, which is counted. */
static inline void host_charge_call(struct host *h)
{
	h->n.calls++;
	host_charge(h, h->spec->cost.call_ps);
}
/* It sleeps for so long: the answer for act(). */
enum host_act host_think(struct host_thread *th, time_ps ps);
/* A thread that sleeps by its own act() goes on. From any event. */
void host_wake(struct host_thread *th);
/* Tags on only: what a process would read on its page now; 0: zeros. */
uint64_t host_page_content(struct host_space *sp, uint64_t vpn);
/* Where a page is: its entry, 0 where nothing is known. */
uint64_t host_page_entry(const struct host_space *sp, uint64_t vpn);

/* ---- the end ------------------------------------------------------------------------------------------------------ */

/* Invariants: 0, or -1 with the numbers (ERR_CHECK). cheap: O(1) and per thread; else over all frames, slots and entries. */
int host_check(const struct host *h, bool cheap, struct err *e);
/* Time that the processors worked, their sum. What a processor is charged with it does at once in the machine's eyes, and has done by
 * host_worked_until(), which may lie behind the present. */
time_ps host_busy_time(const struct host *h);
/* Of that, up to the present. */
time_ps host_busy_by_now(const struct host *h);
/* When the last of them stopped working. */
time_ps host_worked_until(const struct host *h);
/* Where memory ran out: a clause that says who wanted which page, and what there was. false: it did not. */
bool host_oom_text(const struct host *h, char *out, size_t bytes);
/* Each figure by name, in a stable order. */
void host_report(const struct host *h, void (*put)(void *ctx, const char *name, double value, const char *unit), void *ctx);
/* Bytes that the model of frames, page tables, swap slots and pages of files takes: for benches. */
uint64_t host_memory_bytes(const struct host *h);

#endif
