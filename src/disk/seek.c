/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The seek curve, tabulated at start. */
#include "disk/seek.h"

#include <math.h>

static double from_table(const struct opt_curve *t, uint32_t d)
{
	size_t i = 0;
	while (i + 2 < t->count && t->x[i + 1] < (int64_t)d)
		i++;
	if (t->count == 1 || (int64_t)d <= t->x[0])
		return t->y[0];
	double slope = (t->y[i + 1] - t->y[i]) / (double)(t->x[i + 1] - t->x[i]);
	return t->y[i] + slope * (double)((int64_t)d - t->x[i]);
}

static double from_law(const struct disk_seek_spec *s, uint32_t d)
{
	if ((int64_t)d < s->break_cylinders)
		return (double)s->root_base_ps + (double)s->root_slope_ps * sqrt((double)d);
	return (double)s->linear_base_ps + (double)s->linear_slope_ps * (double)d;
}

/* The table's points ascend, so one pass with a moving segment would do; building once at
 * start, n x segments is kept short by starting each search where the last one ended. */
static void fill_from_table(time_ps *out, const struct opt_curve *t, uint32_t cylinders)
{
	struct opt_curve rest = *t;
	for (uint32_t d = 1; d < cylinders; d++) {
		while (rest.count > 2 && rest.x[1] < (int64_t)d) {
			rest.x++;
			rest.y++;
			rest.count--;
		}
		out[d] = llround(from_table(&rest, d));
	}
}

int seek_init(struct seek_curve *c, struct arena *a, const struct disk_seek_spec *spec,
	uint32_t cylinders, struct err *e)
{
	time_ps *t = arena_array(a, cylinders, sizeof(*t));
	if (!t)
		return err_set(e, ERR_LIMIT, "no memory for a seek curve of %u cylinders", cylinders);
	if (spec->model == SEEK_TABLE)
		fill_from_table(t, &spec->table, cylinders);
	else
		for (uint32_t d = 1; d < cylinders; d++)
			t[d] = llround(from_law(spec, d));
	for (size_t i = 0; i < spec->first.count && i + 1 < cylinders; i++)
		t[i + 1] = spec->first.values[i].i;
	for (uint32_t d = 1; d < cylinders; d++)
		if (t[d] < 0)
			return err_set(e, ERR_CONFIG, "seek: the curve is negative at a distance of %u cylinders", d);
	c->by_distance = t;
	c->cylinders = cylinders;
	return 0;
}
