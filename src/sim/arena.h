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

/* object_bytes >= sizeof(void *) is arranged by rounding up; grow_count >= 1. No allocation yet. */
void pool_init(struct pool *p, struct arena *a, size_t object_bytes, size_t grow_count);
/* Add objects until at least `count` exist. 0 or -1. */
int pool_reserve(struct pool *p, size_t count);
/* An object with unspecified content, or NULL. */
void *pool_get(struct pool *p);
void pool_put(struct pool *p, void *object); /* object from this pool, not NULL */

#endif
