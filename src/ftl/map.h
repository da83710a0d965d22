/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The page map: logical unit to physical unit, and back as the out-of-band area of the flash holds it.
 *
 * A unit is what the map maps: a page, or a part of one (4 KiB in a page of 16 KiB). Physical units are numbered
 * densely, block by block. Both directions are flat arrays of 4 bytes an entry, 5 where a number does not fit, in memory
 * of their own in huge pages. An entry never written is zero, so memory never touched costs nothing.
 *
 * The reverse map says what was programmed last into a physical unit, valid or not, as the out-of-band area does. A
 * physical unit is valid when the map of its logical unit names it: map_valid(). So an overwrite writes one entry.
 *
 * Owner: map_open()'s caller closes it. O(1), no allocation after map_open().
 */
#ifndef QUERN_FTL_MAP_H
#define QUERN_FTL_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "sim/option.h"

#define FTL_NOWHERE UINT64_MAX

/* What an entry holds where it names no unit; a unit is held as its number plus MAP_FIRST. */
enum { MAP_NEVER = 0, MAP_TRIMMED = 1, MAP_FIRST = 2 };

struct ftl_map_scheme {
	const char *name;
	const char *doc;
};
#define MAP(symbol, name, doc) FTL_MAP_##symbol,
enum ftl_map_kind {
#include "ftl/map_list.h"
	FTL_MAPS
};
#undef MAP
extern const struct ftl_map_scheme *const ftl_map_schemes[]; /* NULL-terminated */
extern const struct opt_choice ftl_map_choices[];            /* the same names, for the option row */

struct map_array {
	unsigned char *bytes; /* owned: mmap */
	size_t size;          /* of the mapping */
	uint32_t width;       /* bytes of an entry: 4 or 5 */
};

struct ftl_map {
	uint64_t logical, physical; /* units */
	struct map_array forward, reverse;
};

/* 0, or -1 when memory is exhausted. map_close() of a map that is all zero is legal. */
int map_open(struct ftl_map *m, uint64_t logical, uint64_t physical);
void map_close(struct ftl_map *m);
size_t map_bytes(const struct ftl_map *m);

static inline uint64_t map_array_get(const struct map_array *a, uint64_t i)
{
	if (a->width == 4) {
		uint32_t x;
		memcpy(&x, a->bytes + 4 * i, sizeof(x));
		return x;
	}
	uint64_t x; /* the array has room to read behind its last entry */
	memcpy(&x, a->bytes + 5 * i, sizeof(x));
	return x & UINT64_C(0xffffffffff);
}

static inline void map_array_put(struct map_array *a, uint64_t i, uint64_t value)
{
	uint32_t low = (uint32_t)value;
	memcpy(a->bytes + a->width * i, &low, sizeof(low));
	if (a->width == 5)
		a->bytes[5 * i + 4] = (unsigned char)(value >> 32);
}

/* Physical unit of a logical one, or FTL_NOWHERE: never written, or trimmed. */
static inline uint64_t map_get(const struct ftl_map *m, uint64_t logical)
{
	uint64_t x = map_array_get(&m->forward, logical);
	return x >= MAP_FIRST ? x - MAP_FIRST : FTL_NOWHERE;
}
static inline bool map_trimmed(const struct ftl_map *m, uint64_t logical)
{
	return map_array_get(&m->forward, logical) == MAP_TRIMMED;
}
static inline void map_set(struct ftl_map *m, uint64_t logical, uint64_t physical)
{
	map_array_put(&m->forward, logical, physical + MAP_FIRST);
}
static inline void map_trim(struct ftl_map *m, uint64_t logical) { map_array_put(&m->forward, logical, MAP_TRIMMED); }

/* What was last programmed into a physical unit, before its erase too: a logical unit, or FTL_NOWHERE for padding. */
static inline uint64_t map_owner(const struct ftl_map *m, uint64_t physical)
{
	uint64_t x = map_array_get(&m->reverse, physical);
	return x >= MAP_FIRST ? x - MAP_FIRST : FTL_NOWHERE;
}
static inline void map_set_owner(struct ftl_map *m, uint64_t physical, uint64_t logical)
{
	map_array_put(&m->reverse, physical, logical == FTL_NOWHERE ? MAP_NEVER : logical + MAP_FIRST);
}

static inline bool map_valid(const struct ftl_map *m, uint64_t physical)
{
	uint64_t logical = map_owner(m, physical);
	return logical != FTL_NOWHERE && map_get(m, logical) == physical;
}

/* Bring an entry near, for loops that know what comes. Always inline: a function that does nothing else than to fetch counts as one
 * without effect, and a call of it is dropped. */
static inline __attribute__((always_inline)) void map_prefetch(const struct ftl_map *m, uint64_t logical)
{
	__builtin_prefetch(m->forward.bytes + m->forward.width * logical, 1);
}
static inline __attribute__((always_inline)) void map_prefetch_owner(const struct ftl_map *m, uint64_t physical)
{
	__builtin_prefetch(m->reverse.bytes + m->reverse.width * physical, 1);
}

#endif
