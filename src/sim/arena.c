/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arena and pools.
 *
 * A list of chunks; the head is the one being filled. Small allocations are cut from it
 * in order; one too big to share gets a chunk of its own, put behind the head so that
 * the head goes on being filled. Chunks come from calloc, so memory is zero and large
 * tables cost no page until they are touched.
 *
 * Built with the address sanitizer, everything not handed out is poisoned, allocations
 * lie a red zone apart, and an object returned to its pool may not be touched.
 */
#include "sim/arena.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#ifdef ARENA_ASAN
#define RED_ZONE 16
#else
#define RED_ZONE 0
#endif

#define ALIGN_ANY 16
#define ALIGN_LINE 64       /* a cache line */
#define LINE_FROM 4096      /* allocations of this size and up start on a line */
#define CHUNK_MIN ((size_t)32 << 10)
#define CHUNK_MAX ((size_t)1 << 20)
#define SIZE_LIMIT ((size_t)PTRDIFF_MAX - 2 * LINE_FROM)

struct chunk {
	struct chunk *next;
	char *at;  /* first free byte */
	char *end;
};

struct arena {
	struct chunk *head;
	size_t next_chunk; /* size of the next shared chunk; doubles up to CHUNK_MAX */
	size_t bytes;
	uint64_t fail_in;  /* allocations until one fails; 0: none will */
};

struct arena *arena_new(void)
{
	struct arena *a = calloc(1, sizeof(*a));
	if (!a)
		return NULL;
	a->next_chunk = CHUNK_MIN;
	a->bytes = sizeof(*a);
	return a;
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	for (struct chunk *c = a->head; c;) {
		struct chunk *next = c->next;
		free(c);
		c = next;
	}
	free(a);
}

size_t arena_bytes(const struct arena *a)
{
	return a->bytes;
}

void arena_fail_at(struct arena *a, uint64_t n)
{
	a->fail_in = n;
}

/* A chunk with `bytes` of room, its own header not counted. */
static struct chunk *chunk_new(struct arena *a, size_t bytes)
{
	struct chunk *c = calloc(1, sizeof(*c) + bytes);
	if (!c)
		return NULL;
	c->at = (char *)(c + 1);
	c->end = c->at + bytes;
	a->bytes += sizeof(*c) + bytes;
	ARENA_POISON(c->at, bytes);
	return c;
}

/* Cut from a chunk, or NULL when it has not the room. */
static void *cut(struct chunk *c, size_t size, size_t align)
{
	size_t pad = -(uintptr_t)c->at & (align - 1);
	if ((size_t)(c->end - c->at) < pad + size + RED_ZONE)
		return NULL;
	char *p = c->at + pad;
	c->at = p + size + RED_ZONE;
	ARENA_UNPOISON(p, size);
	return p;
}

static void *chunk_alloc(struct arena *a, size_t size, size_t align)
{
	size_t need = size + align + RED_ZONE;
	bool own = need > a->next_chunk / 4;
	struct chunk *c = chunk_new(a, own ? need : a->next_chunk);
	if (!c)
		return NULL;
	if (own && a->head) {
		c->next = a->head->next;
		a->head->next = c;
	} else {
		c->next = a->head;
		a->head = c;
	}
	if (!own && a->next_chunk < CHUNK_MAX)
		a->next_chunk *= 2;
	return cut(c, size, align);
}

void *arena_alloc(struct arena *a, size_t size)
{
	if (a->fail_in && --a->fail_in == 0)
		return NULL;
	if (size > SIZE_LIMIT)
		return NULL;
	if (size == 0)
		size = 1;
	size_t align = size >= LINE_FROM ? ALIGN_LINE : ALIGN_ANY;
	void *p = a->head ? cut(a->head, size, align) : NULL;
	return p ? p : chunk_alloc(a, size, align);
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
	size_t bytes;
	if (__builtin_mul_overflow(count, size, &bytes))
		bytes = SIZE_MAX; /* refused by arena_alloc, which counts the attempt */
	return arena_alloc(a, bytes);
}

char *arena_strdup(struct arena *a, const char *s)
{
	size_t bytes = strlen(s) + 1;
	char *copy = arena_alloc(a, bytes);
	if (copy)
		memcpy(copy, s, bytes);
	return copy;
}

/* ---- pools -------------------------------------------------------------------------- */

void pool_init(struct pool *p, struct arena *a, size_t object_bytes, size_t grow_count)
{
	*p = (struct pool){
		.arena = a,
		.object_bytes = object_bytes < ALIGN_ANY ? ALIGN_ANY : object_bytes,
		.grow_count = grow_count ? grow_count : 1,
	};
	size_t align = p->object_bytes > ALIGN_LINE ? ALIGN_LINE : ALIGN_ANY, odd = p->object_bytes % align;
	if (odd && p->object_bytes <= SIZE_LIMIT)
		p->object_bytes += align - odd;
}

static void push_free(struct pool *p, void *object)
{
	memcpy(object, &p->free_list, sizeof(p->free_list));
	p->free_list = object;
	ARENA_POISON(object, p->object_bytes);
}

static int make_objects(struct pool *p, size_t count)
{
	char *objects = arena_array(p->arena, count, p->object_bytes);
	if (!objects)
		return -1;
	for (size_t i = count; i-- > 0;) /* lowest address on top: handed out in order */
		push_free(p, objects + i * p->object_bytes);
	p->total += count;
	return 0;
}

int pool_reserve(struct pool *p, size_t count)
{
	return count > p->total ? make_objects(p, count - p->total) : 0;
}

int pool_grow(struct pool *p) { return make_objects(p, p->grow_count); }
