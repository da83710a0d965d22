/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The arrays of the page map, in memory of their own, and the table of schemes. */
#include "ftl/map.h"

#include <sys/mman.h>

#define MAP(symbol, title, text) static const struct ftl_map_scheme scheme_##symbol = {title, text};
#include "ftl/map_list.h"
#undef MAP

const struct ftl_map_scheme *const ftl_map_schemes[] = {
#define MAP(symbol, title, text) &scheme_##symbol,
#include "ftl/map_list.h"
#undef MAP
	NULL,
};

const struct opt_choice ftl_map_choices[] = {
#define MAP(symbol, title, text) {title, text},
#include "ftl/map_list.h"
#undef MAP
	{NULL, NULL},
};

#define HUGE_PAGE ((size_t)2 << 20)
#define READ_BEHIND 8 /* bytes that map_array_get() may read behind the last entry */

/* Zeroed; `values` different values besides MAP_NEVER and MAP_TRIMMED. */
static int array_open(struct map_array *a, uint64_t entries, uint64_t values)
{
	size_t size;
	a->width = values + MAP_FIRST <= UINT64_C(1) << 32 ? 4 : 5;
	if (values + MAP_FIRST > UINT64_C(1) << 40 || __builtin_mul_overflow(entries, a->width, &size) ||
	    __builtin_add_overflow(size, READ_BEHIND, &size))
		return -1;
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return -1;
	if (size >= HUGE_PAGE)
		(void)madvise(p, size, MADV_HUGEPAGE); /* speed alone */
	a->bytes = p;
	a->size = size;
	return 0;
}

static void array_close(struct map_array *a)
{
	if (a->bytes)
		munmap(a->bytes, a->size);
	a->bytes = NULL;
}

int map_open(struct ftl_map *m, uint64_t logical, uint64_t physical)
{
	*m = (struct ftl_map){.logical = logical, .physical = physical};
	if (array_open(&m->forward, logical, physical) == 0 && array_open(&m->reverse, physical, logical) == 0)
		return 0;
	map_close(m);
	return -1;
}

void map_close(struct ftl_map *m)
{
	array_close(&m->forward);
	array_close(&m->reverse);
}

size_t map_bytes(const struct ftl_map *m)
{
	return m->forward.size + m->reverse.size;
}
