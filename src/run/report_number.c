/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the page writes numbers: the unit that fits, and digits as far as they mean something. */
#include "run/report_private.h"

#include <math.h>
#include <string.h>

struct unit_step {
	const char *unit;
	double size;
};
static const struct unit_step time_steps[] = {{"s", 1e9}, {"ms", 1e6}, {"us", 1e3}, {"ns", 0}};
static const struct unit_step byte_steps[] = {{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}, {"B", 0}};
static const struct unit_step rate_steps[] = {{"GB/s", 1e9}, {"MB/s", 1e6}, {"kB/s", 1e3}, {"B/s", 0}};

/* The largest unit that the largest of the values has one of. */
/* By the name of the plain unit. */
static const struct {
	const char *unit;
	const struct unit_step *steps;
} scaled[] = {{"ns", time_steps}, {"B", byte_steps}, {"bytes", byte_steps}, {"B/s", rate_steps}, {"bytes/s", rate_steps}};

double report_unit(const char *unit, double largest, const char **shown)
{
	*shown = unit;
	for (size_t k = 0; k < sizeof(scaled) / sizeof(scaled[0]); k++) {
		const struct unit_step *s = scaled[k].steps;
		if (strcmp(unit, scaled[k].unit) != 0)
			continue;
		while (s->size > 0 && largest < s->size)
			s++;
		*shown = s->unit;
		return s->size > 0 ? s->size : 1;
	}
	return 1;
}

/* With `decimals` digits behind the point, and thousands parted. */
static void put_grouped(FILE *out, double v, int decimals)
{
	char text[80];
	int n = snprintf(text, sizeof(text), "%.*f", decimals, v), whole = (int)strcspn(text, ".");
	if (fabs(v) >= 1e16 || n >= (int)sizeof(text)) {
		fprintf(out, "%.4g", v);
		return;
	}
	for (int i = 0; i < n; i++) {
		int left = whole - i;
		if (fabs(v) >= 1e4 && left > 0 && left % 3 == 0 && i > 0 && text[i - 1] != '-')
			fputs("\xe2\x80\xaf", out);
		fputc(text[i], out);
	}
}

/* So many decimals that a value has `digits` of its own, none where it is whole. */
static int decimals_of(double v, int digits)
{
	if (v == 0 || (v == floor(v) && fabs(v) < 1e16))
		return 0;
	int behind = digits - 1 - (int)floor(log10(fabs(v)));
	return behind < 0 ? 0 : behind > 9 ? 9 : behind;
}

void report_number(FILE *out, double value, double half)
{
	int decimals = isfinite(half) ? decimals_of(half, 2) : decimals_of(value, 4);
	put_grouped(out, value, decimals);
	if (isfinite(half)) {
		fputs(" \xc2\xb1 ", out);
		put_grouped(out, half, decimals);
	}
}
