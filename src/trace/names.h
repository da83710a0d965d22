/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers for names, in order of first appearance: the devices of a trace that calls them
 * by path or host. Part of a format's state: zeroed memory is an empty table. The name met
 * last is found without hashing.
 *
 * Owner: the format's state; names_free() in its state_free.
 */
#ifndef QUERN_TRACE_NAMES_H
#define QUERN_TRACE_NAMES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define NAMES_MAX 65536
#define NAMES_FULL UINT32_MAX

struct names {
	char **text;      /* owned, zero-terminated, by number */
	size_t *length;
	uint32_t count, capacity;
	uint32_t *slots;  /* open addressing: number + 1, 0 free */
	uint32_t slot_count; /* a power of two */
	uint32_t last;    /* number found last */
};

uint32_t names_find_slow(struct names *n, const char *name, size_t len);

/* Number of a name, given at its first appearance. NAMES_FULL when there are NAMES_MAX
 * already, or no memory. */
static inline uint32_t names_find(struct names *n, const char *name, size_t len)
{
	if (n->last < n->count && n->length[n->last] == len &&
	    memcmp(n->text[n->last], name, len) == 0)
		return n->last;
	return names_find_slow(n, name, len);
}

/* The name of a number, or NULL. */
const char *names_text(const struct names *n, uint32_t number);
void names_free(struct names *n);

#endif
