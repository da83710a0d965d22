/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a config may say about page replacement: filled by the rows of options_replace.c. */
#ifndef QUERN_HOST_REPLACE_SPEC_H
#define QUERN_HOST_REPLACE_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/option.h"

enum replace_ageing { REPLACE_AGEING_DEMAND, REPLACE_AGEING_PERIOD };

struct replace_spec {
	int policy;               /* index into replace_policies */
	bool initial_bit;         /* clock: the reference that brings a page in sets its accessed bit */
	int64_t period_ps;        /* nfu, aging, mglru: the machine's time between two looks at the accessed bits */
	int64_t bits;             /* aging: width of a page's register */
	int64_t tau_ps;           /* wsclock: a page not used for longer is outside the working set */
	double two_q_in;          /* 2q: Kin, share of the frames */
	double two_q_out;         /* 2q: Kout, remembered pages as a share of the frames */
	double cold_share;        /* clock-pro: least target for cold pages, share of the frames */
	bool cold_adapts;         /* clock-pro: the target follows what happens in test periods */
	double small_share;       /* s3-fifo: share of the small queue */
	double small_ghosts;      /* s3-fifo: remembered pages as a share of the frames */
	int64_t small_uses;       /* s3-fifo: a page of the small queue used more often than this moves to the main queue */
	int ageing;               /* mglru: enum replace_ageing */
};

/* How frames are shared out among processes (host/alloc.h): the rows of alloc.c. */
struct alloc_spec {
	int frames;               /* enum alloc_frames */
	int64_t interval_ps;      /* page-fault frequency: virtual time between faults below which a process grows */
	int64_t processes;        /* local pools: most processes at once */
	bool suspend;             /* page-fault frequency: suspend a process where there is no room to grow */
};

/* The rows of the above, to embed. */
extern const struct opt_group host_replace_group;
extern const struct opt_group host_alloc_group;

#endif
