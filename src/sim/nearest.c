/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "Did you mean": the nearest of a list of words by the Damerau-Levenshtein distance
 * (insertion, deletion, substitution, and transposition of neighbours each cost 1;
 * Lowrance & Wagner, "An Extension of the String-to-String Correction Problem", 1975).
 * Bytes, not characters, are compared: keys and policy names are ASCII.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "sim/config.h"

/* Longer words are nobody's typing error for a key. */
#define WORD_MAX 64

static unsigned min2(unsigned a, unsigned b) { return a < b ? a : b; }

/* Both words are at most WORD_MAX bytes long. */
static unsigned distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	/* d[i + 1][j + 1] is the distance of the first i bytes of a and the first j of b;
	 * row and column 0 hold a value larger than any distance. */
	uint8_t d[WORD_MAX + 2][WORD_MAX + 2];
	uint8_t last_row[256] = { 0 }; /* last row whose byte of a was this one */
	const uint8_t far = (uint8_t)(a_length + b_length);

	d[0][0] = far;
	for (size_t i = 0; i <= a_length; i++) {
		d[i + 1][0] = far;
		d[i + 1][1] = (uint8_t)i;
	}
	for (size_t j = 0; j <= b_length; j++) {
		d[0][j + 1] = far;
		d[1][j + 1] = (uint8_t)j;
	}
	for (size_t i = 1; i <= a_length; i++) {
		size_t last_column = 0; /* last column of this row where the bytes matched */
		for (size_t j = 1; j <= b_length; j++) {
			size_t row = last_row[(unsigned char)b[j - 1]];
			size_t column = last_column;
			unsigned cost = 1;

			if (a[i - 1] == b[j - 1]) {
				cost = 0;
				last_column = j;
			}
			unsigned best = min2(d[i][j] + cost, min2(d[i + 1][j], d[i][j + 1]) + 1u);
			unsigned swap = (unsigned)(d[row][column] + (i - row - 1) + 1 +
				(j - column - 1));
			d[i + 1][j + 1] = (uint8_t)min2(best, swap);
		}
		last_row[(unsigned char)a[i - 1]] = (uint8_t)i;
	}
	return d[a_length + 1][b_length + 1];
}

const char *nearest_word(const char *word, const char *const *candidates)
{
	const size_t length = strlen(word);
	const char *best = NULL;
	unsigned best_distance = (unsigned)(length / 3 + 2); /* one more than is allowed */

	if (length > WORD_MAX)
		return NULL;
	for (; *candidates != NULL; candidates++) {
		size_t other = strlen(*candidates);
		if (other > WORD_MAX)
			continue;
		unsigned d = distance(word, length, *candidates, other);
		if (d < best_distance) {
			best = *candidates;
			best_distance = d;
		}
	}
	return best;
}
