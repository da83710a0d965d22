/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A drive parameter sheet as a device file: each key that acts in the model, and at the end those that
 * do not, with the reason.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "run/drive_txt.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The ways of sparing by DiskSim 4.0's numbers. Without spares (0), slips make the zone shorter; 5 differs
 * from 6 only in what it does with slips. */
static const char *const sparings[] = {"zone-slip-on", "zone-tracks", "cylinder", "track", "cylinder-slip-on",
	"cylinder-front", "cylinder-front", "disk", "range", "zone", "zone-slip-on"};
enum { SHEET_NO_SPARES = 0, SHEET_SPARES_AT_DISK_END = 7 };

struct writing {
	const struct drive_txt *t;
	FILE *out;
	struct err *e;
	int sparing;
	double heads, cylinders, rpm;
};

/* ---- geometry ------------------------------------------------------------------------------- */

static int compare_number(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

/* The numbers of slips.N or defects.N, ascending; *n of them, in the arena. */
static int numbers(const struct writing *w, const char *what, size_t zone, double **list, size_t *n)
{
	char key[32];
	snprintf(key, sizeof(key), "%s.%zu", what, zone);
	const struct drive_txt_row *row = drive_txt_find(w->t, key);
	*n = 0;
	*list = NULL;
	if (!row || !*row->value)
		return 0;
	*list = arena_array(w->t->arena, strlen(row->value) / 2 + 1, sizeof(**list));
	if (!*list)
		return err_set(w->e, ERR_LIMIT, "no memory for %s", w->t->path);
	for (const char *at = row->value; *at;) {
		char *end;
		double x = strtod(at, &end);
		if (end == at || x < 0 || x > 1e15 || x != floor(x) || (*end && !strchr(" \t", *end)))
			return err_set(w->e, ERR_CONFIG, "%s:%u: %s: want places counted from 0, separated by spaces: \"%.20s\"",
				w->t->path, row->line, key, at);
		(*list)[(*n)++] = x;
		for (at = end; *at == ' ' || *at == '\t'; at++)
			;
	}
	qsort(*list, *n, sizeof(**list), compare_number);
	return 0;
}

static void write_list(const struct writing *w, const char *key, const double *list, size_t n)
{
	int column = fprintf(w->out, "         %s: [", key);
	for (size_t i = 0; i < n; i++) {
		if (column > 100) {
			fputs("\n          ", w->out);
			column = 10;
		}
		column += fprintf(w->out, "%s%.0f%s", i ? " " : "", list[i], i + 1 < n ? "," : "]");
	}
}

/* Sectors in one of the sheet's units of skew. */
static int skew_unit(const struct writing *w, const struct drive_txt_zone *z, double *sectors)
{
	const struct drive_txt_row *row = drive_txt_find(w->t, "skew_units");
	double spt = (double)z->sectors_per_track;
	if (!row || !strcmp(row->value, "sectors"))
		*sectors = 1;
	else if (!strcmp(row->value, "revolutions"))
		*sectors = spt;
	else if (!strcmp(row->value, "ms"))
		*sectors = spt * w->rpm / 60e3;
	else
		return err_set(w->e, ERR_CONFIG, "%s:%u: skew_units = %s: want sectors, revolutions or ms", w->t->path,
			row->line, row->value);
	return 0;
}

/* The pairs bad:spare of defects.N, ascending. */
static int write_defects(const struct writing *w, size_t zone)
{
	char key[32];
	snprintf(key, sizeof(key), "defects.%zu", zone);
	const struct drive_txt_row *row = drive_txt_find(w->t, key);
	if (!row || !*row->value)
		return 0;
	struct pair {
		double bad, spare;
	} *list = arena_array(w->t->arena, strlen(row->value) / 2 + 1, sizeof(*list));
	size_t n = 0;
	if (!list)
		return err_set(w->e, ERR_LIMIT, "no memory for %s", w->t->path);
	for (const char *at = row->value; *at; n++) {
		char *colon, *rest;
		list[n].bad = strtod(at, &colon);
		list[n].spare = *colon == ':' ? strtod(colon + 1, &rest) : 0;
		if (colon == at || *colon != ':' || rest == colon + 1 || (*rest && !strchr(" \t", *rest)))
			return err_set(w->e, ERR_CONFIG, "%s:%u: %s: want pairs bad:spare, separated by spaces: \"%.20s\"", w->t->path,
				row->line, key, at);
		for (at = rest; *at == ' ' || *at == '\t'; at++)
			;
	}
	qsort(list, n, sizeof(*list), compare_number); /* by its first member */
	fputs(",\n         defects: [", w->out);
	for (size_t i = 0; i < n; i++)
		fprintf(w->out, "%s[%.0f, %.0f]", i ? ", " : "", list[i].bad, list[i].spare);
	fputs("]", w->out);
	return 0;
}

/* A skew or an offset within a turn: whole turns change nothing. */
static double within_turn(double sectors, const struct drive_txt_zone *z)
{
	double spt = (double)z->sectors_per_track, rest = spt > 0 ? fmod(sectors, spt) : 0;
	return rest < 0 ? rest + spt : rest;
}

static int write_zone(const struct writing *w, size_t i)
{
	const struct drive_txt_zone *z = &w->t->zone[i];
	double unit = 1, *slips;
	size_t n;
	/* at the disk's end the sheet's spares take no place in the zone */
	bool none = w->sparing == SHEET_NO_SPARES || w->sparing == SHEET_SPARES_AT_DISK_END;
	int64_t unused = z->first_cylinder - (i ? z[-1].last_cylinder + 1 : 0);
	if (skew_unit(w, z, &unit) < 0 || numbers(w, "slips", i, &slips, &n) < 0)
		return -1;
	fprintf(w->out, "      - {first_cylinder: %" PRId64 ", last_cylinder: %" PRId64 ", sectors_per_track: %" PRId64
		", offset: %.10g, track_skew: %.10g, cylinder_skew: %.10g, reserved_sectors: %" PRId64 ", spares: %" PRId64,
		z->first_cylinder, z->last_cylinder, z->sectors_per_track, within_turn(z->offset * unit, z),
		within_turn(z->track_skew * unit, z), within_turn(z->cylinder_skew * unit, z), z->reserved, none ? 0 : z->spares);
	if (unused > 0)
		fprintf(w->out, ", unused_cylinders_before: %" PRId64, unused);
	if (n) {
		fputs(",\n", w->out);
		write_list(w, "slips", slips, n);
	}
	if (write_defects(w, i) < 0)
		return -1;
	fputs("}\n", w->out);
	return 0;
}

static int write_geometry(struct writing *w)
{
	static const char *const orders[] = {"ascending", "serpentine-zone", "serpentine"};
	const size_t last_sparing = COUNT(sparings) - 1;
	double order, sparing, range;
	if (drive_txt_number(w->t, "lbn_order", 0, 2, 0, &order, w->e) < 0 ||
	    drive_txt_number(w->t, "sparing", 0, (double)last_sparing, SHEET_NO_SPARES, &sparing, w->e) < 0 ||
	    drive_txt_number(w->t, "sparing_range_cylinders", 1, 4e6, 1, &range, w->e) < 0)
		return -1;
	w->sparing = (int)sparing;
	fprintf(w->out, "\n  geometry:\n    heads: %.0f\n    cylinders: %.0f\n    lbn_order: %s\n    sparing: %s\n"
		"    sparing_range_cylinders: %.0f\n", w->heads, w->cylinders, orders[(int)order], sparings[w->sparing], range);
	if (w->sparing >= 2 && w->sparing <= 6) /* spares in each track or cylinder */
		fputs("    slips_turn: true\n", w->out);
	fputs("    zones:\n", w->out);
	for (size_t i = 0; i < w->t->zones; i++)
		if (write_zone(w, i) < 0)
			return -1;
	return 0;
}

/* ---- seek ------------------------------------------------------------------------------------- */

/* The seek table beside the sheet: a header line, then `distance,ms`. */
static int write_table(const struct writing *w)
{
	const struct drive_txt *t = w->t;
	const struct drive_txt_row *row = drive_txt_find(t, "seek_table");
	char path[4096], text[256];
	if (!row)
		return err_set(w->e, ERR_CONFIG, "%s: the key seek_table is missing", t->path);
	const char *slash = strrchr(t->path, '/');
	int dir = slash ? (int)(slash - t->path) + 1 : 0;
	if ((size_t)snprintf(path, sizeof(path), "%.*s%s", dir, t->path, row->value) >= sizeof(path))
		return err_set(w->e, ERR_CONFIG, "%s:%u: seek_table = %s: the name is too long", t->path, row->line, row->value);
	FILE *in = fopen(path, "r");
	if (!in)
		return err_set(w->e, ERR_IO, "%s:%u: seek_table = %s: cannot open %s: %s", t->path, row->line, row->value,
			path, strerror(errno));
	fputs("\n  seek:\n    model: table\n    table: [", w->out);
	unsigned line = 0;
	size_t points = 0;
	int bad = 0;
	while (!bad && fgets(text, sizeof(text), in)) {
		char *comma, *rest = NULL;
		double x = strtod(text, &comma), ms = 0;
		if (comma > text && *comma == ',')
			ms = strtod(comma + 1, &rest);
		bool header = ++line == 1 && isalpha((unsigned char)text[0]), empty = text[strspn(text, " \t\r\n")] == '\0';
		if (header || empty || text[0] == '#' || (rest && x == 0)) /* no distance: the arm stays */
			continue;
		if (!rest || rest == comma + 1 || x < 1 || x != floor(x) || !isfinite(ms))
			bad = err_set(w->e, ERR_CONFIG, "%s:%u: want a distance in cylinders and a time in ms, `12,1.515`",
				path, line);
		else
			fprintf(w->out, "%s%s[%.0f, %.10g ms]", points ? "," : "", points % 5 ? " " : "\n      ", x, ms), points++;
	}
	fclose(in);
	fputs("]\n", w->out);
	if (!bad && points < 2)
		bad = err_set(w->e, ERR_CONFIG, "%s: want at least two points of a seek curve", path);
	return bad;
}

/* A key with exactly n numbers. */
static int some_numbers(const struct writing *w, const char *key, double *x, int n)
{
	const struct drive_txt_row *row = drive_txt_find(w->t, key);
	if (!row)
		return err_set(w->e, ERR_CONFIG, "%s: the key %s is missing", w->t->path, key);
	const char *at = row->value;
	for (int i = 0; i < n; i++) {
		char *end;
		x[i] = strtod(at, &end);
		if (end == at || !isfinite(x[i]))
			return err_set(w->e, ERR_CONFIG, "%s:%u: %s = %s: want %d numbers", w->t->path, row->line, key, row->value, n);
		at = end;
	}
	return 0;
}

static int write_seek(const struct writing *w)
{
	const struct drive_txt_row *model = drive_txt_find(w->t, "seek_model");
	double first[10] = {0}, root[2] = {0}, linear[2] = {0}, at;
	if (!model || strcmp(model->value, "hplplus10") != 0)
		return write_table(w);
	if (some_numbers(w, "seek_first10_ms", first, 10) < 0 || some_numbers(w, "seek_sqrt", root, 2) < 0 ||
	    some_numbers(w, "seek_linear", linear, 2) < 0 ||
	    drive_txt_want(w->t, "seek_break_cylinders", 0, 4e6, &at, w->e) < 0)
		return -1;
	fputs("\n  seek:\n    model: sqrt-linear\n    first: [", w->out);
	for (int i = 0; i < 10; i++)
		fprintf(w->out, "%s%.10g ms", i ? ", " : "", first[i]);
	fprintf(w->out, "]\n    root_base: %.10g ms\n    root_slope: %.10g ms\n    break_cylinders: %.0f\n"
		"    linear_base: %.10g ms\n    linear_slope: %.10g ms\n", root[0], root[1], at, linear[0], linear[1]);
	return 0;
}

/* ---- command times, bus, cache ------------------------------------------------------------------ */

static int write_overheads(const struct writing *w)
{
	static const char *const scaled[] = {"read_hit_after_read", "read_hit_after_write", "read_miss_after_read",
		"read_miss_after_write", "write_hit_after_read", "write_hit_after_write", "write_miss_after_read",
		"write_miss_after_write"};
	static const struct { const char *ours, *theirs; } plain[] = {{"read_completion", "read_completion"},
		{"write_completion", "write_completion"}, {"data_preparation", "data_preparation"},
		{"read_reselect", "reselect_first"}, {"write_reselect", "reselect_first"}};
	double scale, each, x;
	if (drive_txt_number(w->t, "overhead_scale", 0, 1000, 1, &scale, w->e) < 0 ||
	    drive_txt_number(w->t, "overhead_per_request", 0, 1000, 0, &each, w->e) < 0)
		return -1;
	fputs("\n  overhead:\n", w->out);
	for (size_t i = 0; i < COUNT(scaled); i++) {
		if (drive_txt_number(w->t, scaled[i], 0, 1000, 0, &x, w->e) < 0)
			return -1;
		fprintf(w->out, "    %s: %.10g ms\n", scaled[i], (x + each) * scale);
	}
	for (size_t i = 0; i < COUNT(plain); i++) {
		if (drive_txt_number(w->t, plain[i].theirs, 0, 1000, 0, &x, w->e) < 0)
			return -1;
		fprintf(w->out, "    %s: %.10g ms\n", plain[i].ours, x * scale);
	}
	return 0;
}

static int write_bus(const struct writing *w)
{
	double read, write, water, of_request;
	if (drive_txt_number(w->t, "bus_block_read_ms", 0, 1, 0, &read, w->e) < 0 ||
	    drive_txt_number(w->t, "bus_block_write_ms", 0, 1, 0, &write, w->e) < 0 ||
	    drive_txt_number(w->t, "read_watermark", 0, 1, 0, &water, w->e) < 0 ||
	    drive_txt_number(w->t, "watermark_of_request", 0, 1, 1, &of_request, w->e) < 0)
		return -1;
	fprintf(w->out, "\n  bus:\n    read_sector: %.10g ms\n    write_sector: %.10g ms\n", read, write);
	if (of_request > 0)
		fprintf(w->out, "    read_watermark: %.10g %%\n", 100 * water);
	return 0;
}

static int write_cache(const struct writing *w)
{
	/* by read_ahead_kind */
	static const char *const kinds[] = {"none", "track", "cylinder", "segment", "next-track"};
	static const struct { const char *ours, *theirs; double otherwise; } flags[] = {
		{"enabled", "cache_enabled", 1}, {"read_ahead_on_hit", "read_ahead_on_idle_hit", 0},
		{"overwrite_requested", "read_ahead_over_requested", 0}, {"hit_on_written", "read_hit_on_write_data", 1},
		{"write_back", "fast_write", 0}, {"preempt_at_once", "stop_prefetch_in_sector", 0}};
	double segments, sectors, kind, least, most, x;
	if (drive_txt_number(w->t, "cache_segments", 1, 1024, 1, &segments, w->e) < 0 ||
	    drive_txt_number(w->t, "segment_blocks", 1, 1e7, 256, &sectors, w->e) < 0 ||
	    drive_txt_number(w->t, "read_ahead_kind", 0, 4, 0, &kind, w->e) < 0 ||
	    drive_txt_number(w->t, "read_ahead_min_blocks", 0, 1e7, 0, &least, w->e) < 0 ||
	    drive_txt_number(w->t, "read_ahead_max_blocks", 0, 1e7, 1e7, &most, w->e) < 0)
		return -1;
	fprintf(w->out, "\n  cache:\n    segments: %.0f\n    segment_sectors: %.0f\n    read_ahead: %s\n"
		"    read_ahead_min: %.0f\n    read_ahead_max: %.0f\n", segments, sectors, kinds[(int)kind], least, most);
	for (size_t i = 0; i < COUNT(flags); i++) {
		if (drive_txt_number(w->t, flags[i].theirs, 0, 10, flags[i].otherwise, &x, w->e) < 0)
			return -1;
		fprintf(w->out, "    %s: %s\n", flags[i].ours, x > 0 ? "true" : "false");
	}
	return 0;
}

/* ---- what does not act here ------------------------------------------------------------------------ */

/* A key without a counterpart; said where its value is not the neutral one. */
static const struct unmapped {
	const char *key;
	double neutral;
	const char *reason;
} unmapped[] = {
	{"rpm_error_percent", 0, "the spindle turns as stated"},
	{"bus_arbitration_ms", 0, "one initiator: the bus is free"},
	{"controller_delay_scale", 0, "there is no controller of its own between host and drive"},
	{"drive_queue_depth", 1, "queue_depth is that of the drive at the end of its cable"},
	{"reselect_other", 0, "one reselection a command"},
	{"read_disconnect_after_read", 0, "the drive moves its arm while it lets go of the bus"},
	{"read_disconnect_after_write", 0, "the drive moves its arm while it lets go of the bus"},
	{"write_disconnect", 0, "the medium works while the drive lets go of the bus"},
	{"extra_write_disconnect", 0, "no second disconnect before write data: overhead.write_data_delay is for all writes"},
	{"extra_disc_command", 0, "see extra_write_disconnect"},
	{"extra_disc_disconnect", 0, "see extra_write_disconnect"},
	{"extra_disc_gap", 0, "see extra_write_disconnect"},
	{"extra_disc_second_disconnect", 0, "see extra_write_disconnect"},
	{"extra_disc_seek_delta", 0, "see extra_write_disconnect"},
	{"min_seek_delay", 0, "positioning starts at the command's end"},
	{"max_write_segments", 1, "one write at a time is in the buffer"},
	{"dedicated_write_segment", 0, "writes take the segment used least recently"},
	{"combine_sequential_writes", 1, "data of sequential writes always share a segment"},
	{"read_before_request", 0, "no effect in DiskSim 4.0, measured"},
	{"zero_latency_read", 0, "no effect in DiskSim 4.0, measured"},
	{"zero_latency_write", 0, "no effect in DiskSim 4.0, measured"},
	{"almost_read_hit", 0, "data still arriving always count as a hit"},
	{"sneaky_full_hit", 0, "one command at a time"},
	{"sneaky_partial_hit", 0, "one command at a time"},
	{"sneaky_intermediate_hit", 0, "one command at a time"},
	{"write_prebuffering", 0, "one command at a time"},
	{"partial_hit_transfer", 1, "the cached part of a request always goes out at once"},
	{"write_hit_stops_prefetch", 1, "a write always stops background reading"},
	{"disconnect_write_if_seek", 0, "one initiator: the bus is free"},
	{"read_direct_to_buffer", 1, "a segment is taken before its data are read"},
	{"write_watermark", 0, "a write waits for no share of its data"},
	{"preseek", 0, "one command at a time"},
	{"never_disconnect", 0, "one initiator: the bus is free"},
	{"hold_bus_read", 0, "one initiator: the bus is free"},
	{"hold_bus_write", 0, "one initiator: the bus is free"},
};

/* Keys that act, are derived from others, or say where the sheet comes from. */
static const char *const known[] = {
	"drive", "trace_file", "disksim_demerit_stated_ms", "disksim_demerit_obtained_ms", "delay_field_meaning", "heads",
	"cylinders", "blocks_stated", "rpm", "lbn_order", "sparing", "sparing_range_cylinders", "skew_units", "zone_columns",
	"blocks_total", "seek_model", "seek_first10_ms", "seek_break_cylinders", "seek_sqrt", "seek_linear", "seek_table",
	"head_switch_ms", "write_settle_extra_ms", "bus_block_read_ms", "bus_block_write_ms", "bus_block_read_bus_part_ms",
	"bus_block_write_bus_part_ms", "bus_block_drive_part_ms", "overhead_per_request", "overhead_scale",
	"read_hit_after_read", "read_hit_after_write", "read_miss_after_read", "read_miss_after_write",
	"write_hit_after_read", "write_hit_after_write", "write_miss_after_read", "write_miss_after_write",
	"read_completion", "write_completion", "data_preparation", "reselect_first", "cache_enabled", "cache_segments",
	"segment_blocks", "fast_write", "read_hit_on_write_data", "read_ahead_kind", "read_ahead_min_blocks", "read_ahead_max_blocks",
	"stop_prefetch_in_sector",
	"read_ahead_over_requested", "read_ahead_on_idle_hit", "read_watermark", "watermark_of_request",
};

static const char *why_not(const struct drive_txt *t, const struct drive_txt_row *row, double *neutral)
{
	*neutral = NAN;
	(void)t;
	for (size_t i = 0; i < COUNT(known); i++)
		if (!strcmp(known[i], row->key))
			return NULL;
	if (!strncmp(row->key, "slips.", 6) || !strncmp(row->key, "defects.", 8))
		return NULL;
	for (size_t i = 0; i < COUNT(unmapped); i++)
		if (!strcmp(unmapped[i].key, row->key)) {
			*neutral = unmapped[i].neutral;
			return unmapped[i].reason;
		}
	return "not a key of these sheets";
}

static void write_rest(const struct writing *w)
{
	bool any = false;
	for (size_t i = 0; i < w->t->rows; i++) {
		const struct drive_txt_row *row = &w->t->row[i];
		double neutral;
		const char *reason = why_not(w->t, row, &neutral);
		if (!reason || strtod(row->value, NULL) == neutral)
			continue;
		if (!any)
			fputs("\n# Without a counterpart here:\n", w->out);
		any = true;
		fprintf(w->out, "#   %s = %.60s: %s\n", row->key, row->value, reason);
	}
}

static void write_name(const struct writing *w)
{
	const struct drive_txt_row *name = drive_txt_find(w->t, "drive");
	fputs("  name: \"", w->out);
	for (const char *p = name ? name->value : "a disk"; *p; p++) {
		if (*p == '"' || *p == '\\')
			fputc('\\', w->out);
		fputc(*p, w->out);
	}
	fputs("\"\n", w->out);
}

int drive_txt_write_device(const struct drive_txt *t, FILE *out, struct err *e)
{
	struct writing w = {.t = t, .out = out, .e = e};
	double head_switch, settle, depth;
	if (drive_txt_want(t, "heads", 1, 256, &w.heads, e) < 0 ||
	    drive_txt_want(t, "cylinders", 1, 4e6, &w.cylinders, e) < 0 ||
	    drive_txt_want(t, "rpm", 1, 100000, &w.rpm, e) < 0 ||
	    drive_txt_number(t, "head_switch_ms", 0, 1000, 0, &head_switch, e) < 0 ||
	    drive_txt_number(t, "write_settle_extra_ms", -1000, 1000, 0, &settle, e) < 0 ||
	    drive_txt_number(t, "drive_queue_depth", 1, 65536, 1, &depth, e) < 0)
		return -1;
	const char *slash = strrchr(t->path, '/');
	fprintf(out, "# Written from the drive parameter sheet %s, value by value; nothing is fitted.\n"
		"# Such sheets hold what the DiskSim 4.0 validation set (Carnegie Mellon University, Parallel Data\n"
		"# Laboratory) knows of a drive.\n\ndisk0:\n  model: disk\n", slash ? slash + 1 : t->path);
	write_name(&w);
	fprintf(out, "  rpm: %.10g rpm\n  head_switch: %.10g ms\n  write_settle: %.10g ms\n  queue_depth: %.0f\n"
		"  scheduler: fcfs\n", w.rpm, head_switch, settle, depth);
	if (write_geometry(&w) < 0 || write_seek(&w) < 0 || write_overheads(&w) < 0 || write_bus(&w) < 0 ||
	    write_cache(&w) < 0)
		return -1;
	write_rest(&w);
	if (ferror(out))
		return err_set(e, ERR_IO, "cannot write the device file: %s", strerror(errno));
	return 0;
}
