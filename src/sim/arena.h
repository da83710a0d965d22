/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory of one simulation.
 *
 * arena: grows in chunks, is freed as a whole; holds everything built at start
 * (devices, tables, histograms). pool: equal-sized objects on a free list inside an
 * arena; holds what comes and goes (requests, transactions). Neither returns memory
 * before arena_free(). On the hot path only pool_get / pool_put run, and they do not
 * call malloc once the pool has grown to the run's need.
 *
 * Owner: the simulation. Errors: NULL on exhaustion. For tests, arena_fail_at(a, n)
 * makes the n-th allocation from now (1 = the next) return NULL, once; pool growth
 * counts as one allocation.
 */
#ifndef QUERN_SIM_ARENA_H
#define QUERN_SIM_ARENA_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *a); /* NULL is legal */

/* Zeroed memory aligned for any type (64 bytes from 4 KiB up). size 0 gives a valid pointer. */
void *arena_alloc(struct arena *a, size_t size);
/* count * size with the product checked; NULL on overflow. */
void *arena_array(struct arena *a, size_t count, size_t size);
char *arena_strdup(struct arena *a, const char *s);

/* Bytes obtained from the system so far. */
size_t arena_bytes(const struct arena *a);
void arena_fail_at(struct arena *a, uint64_t n);

struct pool {
	struct arena *arena; /* borrowed */
	void *free_list;     /* first pointer-sized word of a free object links to the next */
	size_t object_bytes;
	size_t grow_count;   /* objects added at a time */
	size_t total;        /* objects ever made */
	size_t in_use;
};

/* object_bytes >= sizeof(void *), and whole cache lines above one, are arranged by rounding up; grow_count >= 1. No allocation
 * yet. */
void pool_init(struct pool *p, struct arena *a, size_t object_bytes, size_t grow_count);
/* Add objects until at least `count` exist. 0 or -1. */
int pool_reserve(struct pool *p, size_t count);
/* An object with unspecified content, or NULL. */
static inline void *pool_get(struct pool *p);
static inline void pool_put(struct pool *p, void *object); /* object from this pool, not NULL */

/* ---- private: what pool_get() and pool_put() are made of ------------------------------------------------ */

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define ARENA_POISON(p, n) __asan_poison_memory_region(p, n)
#define ARENA_UNPOISON(p, n) __asan_unpoison_memory_region(p, n)
#else
#define ARENA_POISON(p, n) ((void)(p), (void)(n))
#define ARENA_UNPOISON(p, n) ((void)(p), (void)(n))
#endif

/* When the free list is empty: makes objects. 0 or -1. */
int pool_grow(struct pool *p) __attribute__((cold));

static inline void *pool_get(struct pool *p)
{
	if (__builtin_expect(!p->free_list, 0) && pool_grow(p) < 0)
		return NULL;
	void *object = p->free_list;
	ARENA_UNPOISON(object, p->object_bytes);
	memcpy(&p->free_list, object, sizeof(p->free_list));
	p->in_use++;
	return object;
}

static inline void pool_put(struct pool *p, void *object)
{
	memcpy(object, &p->free_list, sizeof(p->free_list));
	p->free_list = object;
	ARENA_POISON(object, p->object_bytes);
	p->in_use--;
}

#endif
