/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mechanism P: protect and track. A track watches one area in epochs and knows which of its pages were written in the present one.
 *
 * HOST_TRACK_FAULTS: at the begin of an epoch all entries become read-only, and the first write to each page faults, is noted
 * and let through: one fault for each distinct page written. HOST_TRACK_SCAN: at the begin dirty bits are cleared, at the end they
 * are collected; nothing faults, but each entry is looked at both times. Where one epoch follows another at once, faults need only make
 * read-only again what was written, and a scan collects and clears in one go. HOST_TRACK_TRAP: pages given to host_track_trap() trap at
 * every access (or every write), which is let through and counted: the data breakpoint.
 *
 * A page that leaves memory keeps what is known of it.
 *
 * Cost where unused: a NULL pointer that is looked at on faults. Memory: two bits a page of the area. Owner: the arena.
 */
#ifndef QUERN_HOST_PROTECT_H
#define QUERN_HOST_PROTECT_H

#include "host/space.h"

enum host_track_kind { HOST_TRACK_FAULTS, HOST_TRACK_SCAN, HOST_TRACK_TRAP };
enum host_trap { HOST_TRAP_NONE, HOST_TRAP_WRITES, HOST_TRAP_ALL };

struct host_thread;

struct host_track {
	struct host_space *space;
	struct host_area *area;
	uint64_t first, pages;   /* as the area was when it began, its room included */
	int kind;
	bool active;             /* an epoch is under way */
	uint64_t *written;       /* a bit a page: in this epoch */
	uint64_t *trap;          /* HOST_TRACK_TRAP: a bit a page */
	int trap_kind;
	uint64_t count;          /* pages written in this epoch, as far as known */
	uint64_t faults, traps;  /* ever */
	/* Told of each page when it is first noted (SCAN: at the end), or of each trap; within a fault. NULL: nobody. It may charge. */
	void (*noted)(void *ctx, struct host_thread *th, uint64_t vpn, bool write);
	void *ctx;
};

/* One for each area at most. NULL with *e set. */
struct host_track *host_track_new(struct host_space *sp, struct host_area *area, enum host_track_kind kind, struct err *e);
/* Begin an epoch: nothing is written yet. Charges its sweep. */
void host_track_begin(struct host_track *t);
/* End it: t->written and t->count are complete until the next begin; nothing is watched any more. */
void host_track_end(struct host_track *t);
/*
 * An epoch that follows another at once, while nothing runs: host_track_collect() makes t->written and t->count complete, host_track_renew() then
 * begins the next. FAULTS charges an entry for each page written, SCAN its sweep.
 */
void host_track_collect(struct host_track *t);
void host_track_renew(struct host_track *t);
/* HOST_TRACK_TRAP: watch these pages of the area (or, HOST_TRAP_NONE, no longer). */
void host_track_trap(struct host_track *t, uint64_t vpn, uint64_t pages, enum host_trap kind);
/* The next page noted at or behind vpn, or UINT64_MAX. */
uint64_t host_track_next(const struct host_track *t, uint64_t vpn);
/* Stop for good. */
void host_track_close(struct host_track *t);

#endif
