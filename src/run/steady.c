/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The five-round rule. */
#include "run/steady.h"

#include <math.h>

/*
 * With x = -2 ... 2 the slope of the best line is sum (x y) / 10, and it rises by 4 of that. Both limits are compared as
 * multiples of the sum, so that whole numbers are compared exactly.
 */
static bool five(const double *y, struct steady_snia *s)
{
	double sum = 0, xy = 0, least = y[0], most = y[0];
	for (int i = 0; i < STEADY_WINDOW; i++) {
		sum += y[i];
		xy += (i - 2) * y[i];
		least = fmin(least, y[i]);
		most = fmax(most, y[i]);
	}
	s->mean = sum / STEADY_WINDOW;
	s->range = s->mean > 0 ? (most - least) / s->mean : 0;
	s->excursion = s->mean > 0 ? 0.4 * fabs(xy) / s->mean : 0;
	return (most - least) * 25 <= sum && 20 * fabs(xy) <= sum;
}

struct steady_snia steady_snia(const double *y, size_t n)
{
	struct steady_snia s = {.applies = n >= STEADY_WINDOW};
	for (s.round = STEADY_WINDOW; s.applies && s.round <= n; s.round++) {
		s.reached = five(y + s.round - STEADY_WINDOW, &s);
		if (s.reached || s.round == n)
			break;
	}
	return s;
}
