/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers for people. */
#include "run/show.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/units.h"

static char *take(struct show *s)
{
	return s->text[s->next++ % SHOW_TEXTS];
}

#define TEXT_BYTES sizeof(((struct show *)0)->text[0])

const char *show_count(struct show *s, uint64_t n)
{
	char digits[24];
	char *out = take(s), *p = out;
	int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);
	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			*p++ = ',';
		*p++ = digits[i];
	}
	*p = '\0';
	return out;
}

const char *show_number(struct show *s, double v)
{
	if (v >= 1000.0 && v < 1e18)
		return show_count(s, (uint64_t)llround(v));
	char *out = take(s);
	int decimals = v >= 100.0 ? 0 : v >= 10.0 ? 1 : v >= 1.0 ? 2 : 3;
	if (v != 0.0 && v < 0.01)
		snprintf(out, TEXT_BYTES, "%.3g", v);
	else
		snprintf(out, TEXT_BYTES, "%.*f", v == 0.0 ? 0 : decimals, v);
	return out;
}

const char *show_time(struct show *s, double ps)
{
	return unit_show_time(ps, take(s), TEXT_BYTES);
}

const char *show_rate(struct show *s, double bytes_per_s)
{
	return unit_show_rate(bytes_per_s, take(s), TEXT_BYTES);
}

const char *show_bytes(struct show *s, double bytes)
{
	return unit_show_bytes(bytes, take(s), TEXT_BYTES);
}

const char *show_percent(struct show *s, double ratio)
{
	char *out = take(s);
	double percent = ratio * 100.0;
	snprintf(out, TEXT_BYTES, percent != 0.0 && percent < 0.1 ? "%.2g %%" : "%.1f %%", percent);
	return out;
}
