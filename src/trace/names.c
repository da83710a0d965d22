/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names to numbers: a hash table that is never more than half full. */
#include "trace/names.h"

#include <stdbool.h>
#include <stdlib.h>

#include <xxhash.h>

static uint32_t *place(const struct names *n, const char *name, size_t len)
{
	uint32_t mask = n->slot_count - 1;
	uint32_t at = (uint32_t)XXH3_64bits(name, len) & mask;

	for (;; at = (at + 1) & mask) {
		uint32_t *slot = &n->slots[at];
		if (*slot == 0)
			return slot;
		uint32_t number = *slot - 1;
		if (n->length[number] == len && memcmp(n->text[number], name, len) == 0)
			return slot;
	}
}

static bool grow(struct names *n)
{
	uint32_t capacity = n->capacity ? n->capacity * 2 : 16;
	char **text = realloc(n->text, capacity * sizeof(*text));
	if (!text)
		return false;
	n->text = text;
	size_t *length = realloc(n->length, capacity * sizeof(*length));
	if (!length)
		return false;
	n->length = length;
	uint32_t *slots = calloc((size_t)capacity * 2, sizeof(*slots));
	if (!slots)
		return false;
	free(n->slots);
	n->slots = slots;
	n->slot_count = capacity * 2;
	n->capacity = capacity;
	for (uint32_t i = 0; i < n->count; i++)
		*place(n, n->text[i], n->length[i]) = i + 1;
	return true;
}

uint32_t names_find_slow(struct names *n, const char *name, size_t len)
{
	if (n->slots) {
		uint32_t number = *place(n, name, len);
		if (number) {
			n->last = number - 1;
			return n->last;
		}
	}
	if (n->count == NAMES_MAX || ((n->count == n->capacity || !n->slots) && !grow(n)))
		return NAMES_FULL;
	char *copy = malloc(len + 1);
	if (!copy)
		return NAMES_FULL;
	memcpy(copy, name, len);
	copy[len] = '\0';
	*place(n, name, len) = n->count + 1;
	n->text[n->count] = copy;
	n->length[n->count] = len;
	n->last = n->count++;
	return n->last;
}

const char *names_text(const struct names *n, uint32_t number)
{
	return number < n->count ? n->text[number] : NULL;
}

void names_free(struct names *n)
{
	for (uint32_t i = 0; i < n->count; i++)
		free(n->text[i]);
	free(n->text);
	free(n->length);
	free(n->slots);
	memset(n, 0, sizeof(*n));
}
