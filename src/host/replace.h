/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Page replacement: which frame is given up when a page needs one. One table (replace_list.h); a new policy is one set of
 * functions and one line there, and, in a file of its own, one word in Makefile.am.
 *
 * An instance is the policy of a pool of frames: the whole machine, or one process. It knows frames by number (those
 * of the machine) and pages by a 64-bit key that the owner chooses; ghosts (pages that left not long ago) are
 * remembered by key, at most as many as the policy's options say. The order of calls for one fault:
 *
 *     hint = replace_miss(r, key)          the page is wanted and in no frame
 *     frame = replace_victim(r, hint)      only where the pool has no free frame; that frame has left the pool
 *     bit = replace_insert(r, frame, key, hint)   the page is there; its accessed bit is now to be `bit`
 *
 * Faults of several threads may overlap: each keeps its own hint. The reference that faulted is done with its
 * replace_insert(): it is neither touched nor does it set the accessed bit, which starts as replace_insert() says.
 * Later references set the accessed bit (policies with REPLACE_BITS) or call replace_touch() (REPLACE_TOUCH). A page that
 * is saved while its frame, already a victim, is being written comes back through replace_insert() with the hint of a
 * replace_miss() like any other.
 *
 * Virtual time is what the owner's now() says: picoseconds of processor time in the machine; in replace_run() one
 * unit a reference. Ticks come by the clock on the wall, as a timer interrupt does: in the machine each period of simulated
 * time, whether processors work or wait; in replace_run() after so many references.
 *
 * Cost: arrays by frame number, made at open; nothing is allocated afterwards. Owner: the arena. All instances of a
 * machine share what is by frame number (struct replace_pages), as a frame is in one pool at a time.
 * Errors: NULL or -1 and `struct err` at open (memory); a contract broken by the caller is not looked for.
 */
#ifndef QUERN_HOST_REPLACE_H
#define QUERN_HOST_REPLACE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "host/replace_link.h"
#include "host/replace_spec.h"
#include "sim/arena.h"
#include "sim/err.h"
#include "sim/rng.h"

#define REPLACE_NO_FRAME UINT32_MAX
#define REPLACE_NEVER UINT64_MAX

enum replace_need {
	REPLACE_LINKS = 1,  /* a list node for each frame: 8 bytes */
	REPLACE_KEYS = 2,   /* the page of each frame: 8 bytes */
	REPLACE_WORD = 4,   /* a word for each frame: 4 bytes */
	REPLACE_STAMP = 8,  /* a time for each frame: 8 bytes */
	REPLACE_BITS = 16,  /* reads accessed bits: env.referenced */
	REPLACE_DIRTY = 32, /* reads dirty bits: env.dirty; env.clean where there is one */
	REPLACE_NOW = 64,   /* reads virtual time: env.now */
	REPLACE_TOUCH = 128, /* must be told of each reference */
	REPLACE_TICK = 256, /* must be ticked each spec.period_ps */
	REPLACE_FUTURE = 512, /* must know the future: env.next_use; only where the string is known beforehand */
};

/* What a policy may ask of the owner. A function that the policy's needs do not name may be NULL. */
struct replace_env {
	void *owner;
	/* Was the frame referenced since its accessed bit was last cleared? Clears it where `clear`. */
	bool (*referenced)(void *owner, uint32_t frame, bool clear);
	/* Clears the accessed bits of so many frames, which are set. NULL: referenced() does. */
	void (*unuse)(void *owner, const uint32_t *frame, uint32_t count);
	/* May it be given up now? False while pinned or under I/O. NULL: all may. */
	bool (*evictable)(void *owner, uint32_t frame);
	bool (*dirty)(void *owner, uint32_t frame);
	/* The policy passes over a dirty page that it would rather have clean: begin to write it; it may not be given up before it is
	 * written. NULL: there is no such way, and dirty pages are given up as they are. */
	void (*clean)(void *owner, uint32_t frame);
	/* Virtual time of the process that the frame's page belongs to. */
	int64_t (*now)(void *owner, uint32_t frame);
	/* When the frame's page is referenced next, counted from any origin; REPLACE_NEVER. */
	uint64_t (*next_use)(void *owner, uint32_t frame);
	/* Saves most calls of referenced() and evictable(): of frame 0 a word of 64 bits, those of the others `stride` bytes apart. Where (word &
	 * plain_mask) == plain the frame may be given up, where word & used is 0 it was not referenced. NULL: they are always called.
	 * Where (word & easy_mask) == easy it may be given up as long as the owner has room for what is dirty (replace_victims()). With
	 * `word` all of these are to be set. */
	const char *word, *record; /* record: the first byte of what the owner knows of frame 0, the word in it */
	size_t stride;
	uint64_t plain_mask, plain, easy_mask, easy, used;
};

/* What is by frame number, for all instances of one machine; NULL where the policy does not need it. */
struct replace_pages {
	uint32_t frames;
	struct replace_link *link;
	uint64_t *key;
	uint32_t *word;
	uint64_t *stamp;
};

struct replace;

struct replace_ops {
	/* Fill r->state. NULL: none. */
	int (*open)(struct replace *r, struct arena *a, struct err *e);
	unsigned (*miss)(struct replace *r, uint64_t key); /* NULL: nothing to learn, hint 0 */
	bool (*insert)(struct replace *r, uint32_t frame, uint64_t key, unsigned hint);
	void (*touch)(struct replace *r, uint32_t frame, bool write);
	void (*remove)(struct replace *r, uint32_t frame);
	uint32_t (*victim)(struct replace *r, unsigned hint);
	/* What up to `most` calls of victim() with hint 0 would give, in *out, where there is room for what is dirty; how many. There
	 * may be more where it is less. NULL: none at once. */
	uint32_t (*victims)(struct replace *r, uint32_t *out, uint32_t most);
	/* A page will come: asks for the memory of what victim() will look at, and changes nothing else. NULL: nobody knows where. */
	void (*coming)(struct replace *r);
	void (*tick)(struct replace *r);
	void (*resize)(struct replace *r); /* r->capacity has changed. NULL: does not matter */
	int (*check)(const struct replace *r, struct err *e); /* its own invariants; O(frames) */
};

struct replace_policy {
	const char *name;
	const char *doc; /* what it does, and the cost of a choice */
	unsigned needs;  /* of enum replace_need */
	const struct replace_ops *ops;
};

#define REPLACE(symbol, name, needs, doc) extern const struct replace_ops replace_ops_##symbol;
#include "host/replace_list.h"
#undef REPLACE

extern const struct replace_policy replace_policies[];  /* ends with a NULL name */
extern const struct opt_choice replace_choices[];       /* the same names, for the option row */

/* One pool. Owners read `policy`, `held` and `capacity`, and change nothing. */
struct replace {
	const struct replace_policy *policy;
	const struct replace_ops *ops;
	const struct replace_spec *spec;
	struct replace_env env;
	struct replace_pages *pages;
	uint32_t held;     /* frames in the pool */
	uint32_t capacity; /* frames that the pool is meant for: what shares and ghosts are reckoned from */
	uint32_t largest;  /* most that capacity may become */
	bool waits;        /* set by victim(): it gave none though some may go: it has begun to write others, and they are its choice */
	struct rng *rng;
	void *state;
	uint64_t bytes; /* of the arrays that are its own, beside those of `pages` */
};

/* Arrays for `frames` frames under the policy of `spec`. NULL: memory. */
struct replace_pages *replace_pages_new(struct arena *a, const struct replace_spec *spec, uint32_t frames, struct err *e);

/*
 * A pool meant for `capacity` (1 to `largest`) of the frames of `pages`; it may hold up to `largest`. `spec`
 * (borrowed) must be that of `pages`. `env` is copied. `seed` and `path` name the random stream ("host0/replace"), which
 * policies without chance do not draw from. NULL: memory.
 */
struct replace *replace_new(struct arena *a, struct replace_pages *pages, const struct replace_spec *spec,
	const struct replace_env *env, uint32_t capacity, uint32_t largest, uint64_t seed, const char *path, struct err *e);

/* Another capacity, 1 to r->largest; the frames held stay. */
void replace_resize(struct replace *r, uint32_t capacity);

/* The page is wanted and in no frame. The answer goes to victim and insert of this fault; 0 stands for "nothing is known", and
 * is also what to give where a frame is freed ahead of any fault. */
static inline unsigned replace_miss(struct replace *r, uint64_t key)
{
	return r->ops->miss ? r->ops->miss(r, key) : 0;
}

/* A fault's page is being brought in: for speed alone. */
static inline void replace_coming(struct replace *r)
{
	if (r->ops->coming)
		r->ops->coming(r);
}

/* The page is in the frame, which is in no pool. Returns what the page's accessed bit is to be. */
static inline bool replace_insert(struct replace *r, uint32_t frame, uint64_t key, unsigned hint)
{
	r->held++;
	return r->ops->insert(r, frame, key, hint);
}

/* A frame of the pool was referenced. To be called only where the policy has REPLACE_TOUCH. */
static inline void replace_touch(struct replace *r, uint32_t frame, bool write)
{
	r->ops->touch(r, frame, write);
}

/* A frame of the pool is freed, its page gone for good: it leaves the pool, and no ghost remains. */
static inline void replace_remove(struct replace *r, uint32_t frame)
{
	r->held--;
	r->ops->remove(r, frame);
}

/* The frame to give up; it has left the pool, and its page may be a ghost. REPLACE_NO_FRAME: none may be given up now (or r->waits),
 * and nothing has changed but bits and the place of hands. */
static inline uint32_t replace_victim(struct replace *r, unsigned hint)
{
	r->waits = false;
	uint32_t frame = r->held ? r->ops->victim(r, hint) : REPLACE_NO_FRAME;
	r->held -= frame != REPLACE_NO_FRAME;
	return frame;
}

/* As many frames as replace_victim() would give with hint 0, called `most` times until it gives none; the caller has room for
 * what is dirty in so many. */
static inline uint32_t replace_victims(struct replace *r, uint32_t *out, uint32_t most)
{
	const bool easy = r->ops->victims && r->env.word;
	uint32_t n = 0;
	while (n < most) {
		uint32_t some = easy && r->held > 0 ? r->ops->victims(r, out + n, most - n) : 0;
		r->held -= some;
		n += some;
		if (some > 0)
			continue;
		out[n] = replace_victim(r, 0);
		if (out[n] == REPLACE_NO_FRAME)
			break;
		n++;
	}
	return n;
}

/* A period has passed. To be called only where the policy has REPLACE_TICK. */
static inline void replace_tick(struct replace *r)
{
	r->ops->tick(r);
}

/* The policy's invariants: 0, or -1 and what is wrong (ERR_CHECK). O(frames). */
int replace_check(const struct replace *r, struct err *e);

static inline uint64_t replace_word(const struct replace_env *env, uint32_t frame)
{
	uint64_t w;
	memcpy(&w, env->word + frame * env->stride, sizeof(w));
	return w;
}

/* For policies: the frame's word will be asked for soon, and where it is given up the record in which it stands. */
static inline __attribute__((always_inline)) void replace_prefetch(const struct replace *r, uint32_t frame)
{
	const size_t at = frame * r->env.stride;
	if (!r->env.word)
		return;
	__builtin_prefetch(r->env.word + at, 1);
	__builtin_prefetch(r->env.record + at, 1);
}

/* For policies: may this frame be given up? */
static inline bool replace_evictable(const struct replace *r, uint32_t frame)
{
	if (r->env.word && (replace_word(&r->env, frame) & r->env.plain_mask) == r->env.plain)
		return true;
	return !r->env.evictable || r->env.evictable(r->env.owner, frame);
}

/* For policies: the accessed bit, which is cleared. */
static inline bool replace_used(const struct replace *r, uint32_t frame)
{
	if (r->env.word && !(replace_word(&r->env, frame) & r->env.used))
		return false;
	return r->env.referenced(r->env.owner, frame, true);
}

/* For policies: take the first frame of the list that may go out of it, REPLACE_NO_FRAME when there is none; a share of the
 * frames, rounded down, but at least `least`; the errors they have in common (-1); and the check of those whose pages are all
 * in `count` lists. */
uint32_t replace_take_first(struct replace *r, struct replace_list *l);
uint32_t replace_share(double share, uint32_t frames, uint32_t least);
int replace_no_memory(struct err *e);
int replace_wrong_count(const struct replace *r, uint64_t counted, struct err *e);
int replace_check_lists(const struct replace *r, const struct replace_list *lists, uint32_t count, struct err *e);

#endif
