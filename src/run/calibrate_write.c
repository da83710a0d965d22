/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A calibrated device as a file, with what was changed and what it gained in its comments. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "run/calibrate_private.h"
#include "run/device_text.h"

/* A scalar below `bound`, and what it was. */
static void say_changes(const struct opt_group *g, const char *prefix, const void *now, const void *before, FILE *out)
{
	for (const struct opt_row *r = g->rows; r->key; r++) {
		const char *x = (const char *)now + r->offset, *y = (const char *)before + r->offset;
		char name[128], was[96], is[96];
		union unit_value a, b;
		snprintf(name, sizeof(name), "%s%s", prefix, r->key);
		switch (r->type) {
		case OPT_GROUP:
			strncat(name, ".", sizeof(name) - strlen(name) - 1);
			say_changes(r->group, name, x, y, out);
			break;
		case OPT_SCALAR:
			memcpy(&a, x, sizeof(a));
			memcpy(&b, y, sizeof(b));
			if (a.i != b.i) /* or the same bits of a double */
				fprintf(out, "#   %s: %s, was %s\n", name, unit_format(r->unit, a, is, sizeof(is)),
					unit_format(r->unit, b, was, sizeof(was)));
			break;
		case OPT_BOOL:
			if (*(const bool *)x != *(const bool *)y)
				fprintf(out, "#   %s: %s, was %s\n", name, *(const bool *)x ? "true" : "false",
					*(const bool *)y ? "true" : "false");
			break;
		case OPT_ENUM:
			if (*(const int *)(const void *)x != *(const int *)(const void *)y)
				fprintf(out, "#   %s: %s, was %s\n", name, opt_choice_name(r, *(const int *)(const void *)x),
					opt_choice_name(r, *(const int *)(const void *)y));
			break;
		default:
			break;
		}
	}
}

static void say_zones(const struct calibration *c, FILE *out)
{
	const struct disk_zone_spec *now = c->spec.geometry.zones.rows, *was = c->given.geometry.zones.rows;
	if (c->spec.geometry.zones.count != c->given.geometry.zones.count) {
		fprintf(out, "#   geometry.zones: %zu pieces, were %zu zones; skews and offsets of all are calibrated\n",
			c->spec.geometry.zones.count, c->given.geometry.zones.count);
		return;
	}
	for (size_t i = 0; i < c->spec.geometry.zones.count; i++)
		if (now[i].track_skew != was[i].track_skew || now[i].cylinder_skew != was[i].cylinder_skew ||
		    now[i].offset != was[i].offset)
			fprintf(out, "#   geometry.zones[%zu]: offset, track_skew, cylinder_skew were %g, %g, %g\n", i, was[i].offset,
				was[i].track_skew, was[i].cylinder_skew);
}

static void say_curve(const struct calibration *c, FILE *out)
{
	if (!c->curve_base)
		return;
	fputs("#   seek.table: each point multiplied or shifted by at most 15 % and 0.3 ms, twice at most\n", out);
}

int calibrate_write(const struct calibration *c, const char *device, const char *trace, FILE *out, struct err *e)
{
	fprintf(out, "# %s, calibrated on the first half of %s (%zu of %zu requests).\n"
		"# First half, before and after: demerit %.3f and %.3f ms; per request rms %.2f and %.2f ms, median %.3f\n"
		"# and %.3f ms. Start values are from %s; seed %" PRIu64 ".\n#\n# Calibrated:\n", c->spec.name, trace,
		c->trace->half, c->trace->count, c->before.demerit_ms, c->after.demerit_ms, c->before.rms_ms, c->after.rms_ms,
		c->before.median_abs_ms, c->after.median_abs_ms, device, c->seed);
	say_changes(&disk_options, "", &c->spec, &c->given, out);
	say_zones(c, out);
	say_curve(c, out);
	for (const struct calibrate_note *n = c->notes; n; n = n->next)
		fprintf(out, "#   %s\n", n->text);
	fputs("\ndisk0:\n  model: disk\n", out);
	return device_text_write(&disk_options, &c->spec, 2, out, e);
}
