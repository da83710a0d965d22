/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A reference stream: what a thread does, in batches of words.
 *
 * A word with bit 63 clear is references to one page: bits 0 write, 1 to 45 virtual page number, 48 to 62 how many more
 * of the same follow: they hit the TLB, whatever else there is, but on a page under a data breakpoint, where each of them traps.
 * A word with bit 63 set is the stream's own: its act() is called for it, in the thread, at its time; think time, calls to files,
 * transactions and whatever a scenario wants are such.
 *
 * Owner: who made it. A stream serves one thread.
 */
#ifndef QUERN_HOST_STREAM_H
#define QUERN_HOST_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "sim/arena.h"
#include "sim/option.h"
#include "sim/rng.h"

#define HOST_REF_WRITE UINT64_C(1)
#define HOST_REF_VPN_MASK ((UINT64_C(1) << 45) - 1)
#define HOST_REF_MORE_SHIFT 48
#define HOST_REF_MORE_MOST UINT64_C(32767)
#define HOST_REF_ACT (UINT64_C(1) << 63)

static inline uint64_t host_ref(uint64_t vpn, unsigned write) { return vpn << 1 | write; }
static inline uint64_t host_ref_vpn(uint64_t ref) { return ref >> 1 & HOST_REF_VPN_MASK; }
static inline uint32_t host_ref_more(uint64_t ref) { return (uint32_t)(ref >> HOST_REF_MORE_SHIFT & HOST_REF_MORE_MOST); }

enum host_act {
	HOST_ACT_DONE,  /* the thread goes on with the next word */
	HOST_ACT_SLEEP, /* it sleeps until host_wake() and then goes on with the next word */
	HOST_ACT_AGAIN, /* it sleeps, and the same word is asked for again */
	HOST_ACT_EXIT,  /* it ends */
};

struct host;
struct host_thread;
struct host_stream;

struct host_stream_ops {
	const char *name;
	/* The next words, at least one, which stay as they are until the next call; *count. NULL: the end (which
	 * it says again when asked again), or sim_fail() was called. */
	const uint64_t *(*next)(struct host_stream *st, uint32_t *count);
	/* A word with HOST_REF_ACT. NULL: there are none. */
	enum host_act (*act)(struct host_stream *st, struct host_thread *th, uint64_t word);
	/* Where the words of the last batch come from ("sort.qref: offset 1234"), for errors. NULL: nobody knows. */
	void (*where)(const struct host_stream *st, char *out, size_t bytes);
};

struct host_stream {
	const struct host_stream_ops *ops;
};

/* A stream of words in memory, `rounds` times over (0: for ever); borrowed. */
struct host_stream *host_stream_words(struct arena *a, const uint64_t *word, uint32_t count, uint64_t rounds);

/* Synthetic patterns over a run of pages: also a group of option rows, to embed in a scenario's. */
enum host_pattern { HOST_PATTERN_UNIFORM, HOST_PATTERN_SEQUENTIAL, HOST_PATTERN_ZIPF, HOST_PATTERN_HOT };

struct host_pattern_spec {
	int pattern;         /* enum host_pattern */
	int64_t pages;
	int64_t references;  /* 0: for ever */
	int64_t burst;       /* references to a page, one after another */
	double writes;       /* share */
	double skew;         /* zipf: exponent; hot: share of references that go to the hot pages */
	double hot;          /* hot: share of pages */
};
extern const struct opt_group host_pattern_group;

/*
 * What zipf divides by: the sum of i^-skew, i = 1 to n, 0 < skew < 1. Up to 2^20 terms one by one, the first to the last; of more the
 * tail behind the first 1024 by Euler and Maclaurin's formula, to within 1e-12 of the sum. *known is {0} at first, and what has been added
 * up so far from there on: for more threads, and larger memories, nothing is added twice.
 */
struct host_zipf {
	double skew, sum;
	uint64_t n;
};
double host_zipf_sum(struct host_zipf *known, double skew, uint64_t n);

/* NULL: no memory. The pages are first to first + spec->pages - 1; path names the random stream; *zipf as above, or NULL. */
struct host_stream *host_stream_pattern(struct arena *a, const struct host_pattern_spec *spec, uint64_t first, uint64_t seed,
	const char *path, struct host_zipf *zipf);
/* Of a sequential one, before its first word: it begins with this of its pages, counted from 0. Others stay as they are. */
void host_stream_pattern_begin(struct host_stream *st, uint64_t page);

#endif
