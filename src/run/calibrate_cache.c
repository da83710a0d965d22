/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rules of the buffer, by trying: every kind of read-ahead, and from each the other rules one after the
 * other as long as one of them lowers the score on the first half. A rule that explains nothing is
 * not changed.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run/calibrate_private.h"

#define WORTH 0.01 /* a change of rule must better the score by so much */
#define NOTHING INT64_MIN

enum rule_type { RULE_BOOL, RULE_WHOLE, RULE_PERCENT }; /* bool, int64_t, double */

struct rule {
	const char *name;
	size_t offset;
	enum rule_type type;
	int64_t value[12]; /* to try, ended by NOTHING */
};

#define AT(field) #field, offsetof(struct disk_spec, field)
#define MILLISECONDS INT64_C(1000000000)
static const struct rule rules[] = {
	{AT(cache.next_tracks), RULE_WHOLE, {0, 1, 2, NOTHING}},
	{AT(cache.drop_after_read), RULE_BOOL, {0, 1, NOTHING}},
	{AT(cache.stream_hit_after), RULE_WHOLE, {0, 1, 2, 3, 4, NOTHING}},
	{AT(cache.stream_idle_ps), RULE_WHOLE, {0, 20 * MILLISECONDS, 30 * MILLISECONDS, 40 * MILLISECONDS, 50 * MILLISECONDS,
		55 * MILLISECONDS, 60 * MILLISECONDS, 80 * MILLISECONDS, 100 * MILLISECONDS, NOTHING}},
	{AT(cache.read_on_arrival), RULE_BOOL, {0, 1, NOTHING}},
	{AT(cache.hit_on_arriving), RULE_BOOL, {0, 1, NOTHING}},
	{AT(cache.partial_hits), RULE_BOOL, {0, 1, NOTHING}},
	{AT(cache.preempt_at_once), RULE_BOOL, {0, 1, NOTHING}},
	{AT(cache.read_ahead_on_hit), RULE_BOOL, {0, 1, NOTHING}},
	{AT(cache.overwrite_requested), RULE_BOOL, {0, 1, NOTHING}},
	{AT(cache.hit_on_written), RULE_BOOL, {0, 1, NOTHING}},
	{AT(cache.segments), RULE_WHOLE, {1, 2, 3, 4, 6, 8, 10, 12, 16, 24, 32, NOTHING}},
	{AT(cache.segment_sectors), RULE_WHOLE, {32, 64, 96, 128, 192, 256, 384, 512, 768, 1024, NOTHING}},
	{AT(cache.read_ahead_max_sectors), RULE_WHOLE, {0, 32, 64, 96, 128, 192, 256, 384, 512, 1024, 10000000, NOTHING}},
	{AT(bus.read_watermark), RULE_PERCENT, {0, 25, 50, 75, 100, NOTHING}},
	{AT(bus.read_watermark_max), RULE_WHOLE, {2, 4, 8, 16, 32, NOTHING}},
	{AT(cache.read_ahead_after), RULE_WHOLE, {0, 1, 2, 3, NOTHING}},
	{AT(bus.read_dry_ps), RULE_WHOLE, {0, MILLISECONDS / 4, MILLISECONDS / 2, MILLISECONDS, NOTHING}},
};
#define RULES (sizeof(rules) / sizeof(*rules))

static int64_t get(const struct disk_spec *s, const struct rule *r)
{
	const char *at = (const char *)s + r->offset;
	if (r->type == RULE_BOOL)
		return *(const bool *)at;
	if (r->type == RULE_PERCENT)
		return llround(100 * *(const double *)(const void *)at);
	return *(const int64_t *)(const void *)at;
}

static void set(struct disk_spec *s, const struct rule *r, int64_t value)
{
	char *at = (char *)s + r->offset;
	if (r->type == RULE_BOOL)
		*(bool *)at = value != 0;
	else if (r->type == RULE_PERCENT)
		*(double *)(void *)at = (double)value / 100;
	else
		*(int64_t *)(void *)at = value;
}

struct choosing {
	struct calibration *c;
	double heap_ms[2]; /* where hits after reads pile up, the lower first; equal: only one heap */
	struct measured_row *row;
	struct err *e;
	bool failed;
};

/* A whole track must fit into a segment. */
static void make_room(struct disk_spec *s)
{
	const struct disk_zone_spec *z = s->geometry.zones.rows;
	for (size_t i = 0; s->cache.read_ahead == AHEAD_WHOLE_TRACK && i < s->geometry.zones.count; i++)
		if (s->cache.segment_sectors < z[i].sectors_per_track)
			s->cache.segment_sectors = z[i].sectors_per_track;
}

static double score_of(struct choosing *x, const struct disk_spec *s)
{
	if (x->failed || calibrate_replay(x->c, s, x->row, x->e) < 0) {
		x->failed = true;
		return INFINITY;
	}
	return calibrate_score(x->c, x->row);
}

/* The two highest heaps of responses less bus time, at least APART bins from each other. */
static void find_heaps(struct choosing *x)
{
	enum { BINS = 256, APART = 3 };
	const double bin_ms = 0.02;
	const struct calibration *c = x->c;
	unsigned count[BINS] = {0};
	int top = 0, other = -1;
	double limit = calibrate_hit_limit(c);
	for (size_t i = 1; i < c->trace->half; i++) {
		double net = calibrate_net_ms(c, i);
		if (c->trace->rec[i].op == BLK_READ && c->trace->rec[i - 1].op == BLK_READ && net >= 0 && net < limit &&
		    net < bin_ms * BINS)
			count[(size_t)(net / bin_ms)]++;
	}
	for (int k = 1; k < BINS; k++)
		top = count[k] > count[top] ? k : top;
	for (int k = 0; k < BINS; k++)
		if (abs(k - top) >= APART && count[k] * 10 > count[top] && (other < 0 || count[k] > count[other]))
			other = k;
	other = other < 0 ? top : other;
	x->heap_ms[0] = bin_ms * ((top < other ? top : other) + 0.5);
	x->heap_ms[1] = bin_ms * ((top < other ? other : top) + 0.5);
}

/* The command times of hits, if a stream's are those of the lower heap. */
static void use_heaps(const struct choosing *x, struct disk_spec *s)
{
	time_ps rest = s->overhead.data_preparation + s->overhead.read_completion;
	s->overhead.read_stream_hit = time_max(0, (time_ps)(x->heap_ms[0] * 1e9) - rest);
	s->overhead.read_hit_after_read = time_max(0, (time_ps)(x->heap_ms[1] * 1e9) - rest);
}

/* The best value of one rule; true when it bettered the score. */
static bool choose(struct choosing *x, struct disk_spec *s, const struct rule *r, double *score)
{
	struct disk_spec best = *s;
	double least = *score;
	for (size_t i = 0; r->value[i] != NOTHING; i++) {
		struct disk_spec now = *s;
		if (get(s, r) == r->value[i])
			continue;
		set(&now, r, r->value[i]);
		if (r->offset == offsetof(struct disk_spec, bus.read_watermark_max) && now.bus.read_watermark <= 0)
			now.bus.read_watermark = 1; /* a limit of nothing says nothing */
		if (r->offset == offsetof(struct disk_spec, cache.stream_hit_after) && get(s, r) == 0)
			use_heaps(x, &now); /* a stream's hits need a time of their own */
		make_room(&now);
		double then = score_of(x, &now);
		if (then < least - WORTH) {
			least = then;
			best = now;
		}
	}
	bool any = least < *score;
	*s = best;
	*score = least;
	return any;
}

static double descend(struct choosing *x, struct disk_spec *s)
{
	double score = score_of(x, s);
	for (int round = 0; round < 4; round++) {
		bool any = false;
		for (size_t i = 0; i < RULES; i++)
			any |= choose(x, s, &rules[i], &score);
		if (!any)
			break;
	}
	return score;
}

/* The descents that ended lowest, in order. */
#define LOWEST 3

struct lowest {
	struct disk_spec spec[LOWEST];
	double score[LOWEST];
	size_t count;
};

static void keep(struct lowest *l, const struct disk_spec *s, double score)
{
	size_t i = l->count < LOWEST ? l->count++ : LOWEST;
	for (; i > 0 && score < l->score[i - 1]; i--)
		if (i < LOWEST) {
			l->spec[i] = l->spec[i - 1];
			l->score[i] = l->score[i - 1];
		}
	if (i < LOWEST) {
		l->spec[i] = *s;
		l->score[i] = score;
	}
}

/* From each kind of read-ahead, at once and only in a stream. */
static void descend_all(struct choosing *x, struct lowest *l)
{
	for (int kind = AHEAD_NONE; kind <= AHEAD_SEGMENT; kind++) {
		struct disk_spec s[2];
		double score[2];
		for (int after = 0; after < 2; after++) {
			s[after] = x->c->spec;
			s[after].cache.read_ahead = kind;
			s[after].cache.read_ahead_after = after;
			make_room(&s[after]);
			score[after] = descend(x, &s[after]);
		}
		int better = score[1] < score[0] - WORTH;
		keep(l, &s[better], score[better]);
	}
}

/* Rules suit the times they are used with: the lowest are compared with times fitted to each. */
static int settle(struct choosing *x, const struct lowest *l)
{
	struct calibration *c = x->c;
	struct calibrate_saved here = {0}, best = {0};
	double least, now;
	if (calibrate_score_now(c, x->row, &least, x->e) < 0 || calibrate_save(c, &here, x->e) < 0 ||
	    calibrate_save(c, &best, x->e) < 0)
		return -1;
	for (size_t i = 0; i < l->count; i++) {
		calibrate_restore(c, &here);
		c->spec = l->spec[i];
		if (calibrate_search(c, 1, x->e) < 0 || calibrate_score_now(c, x->row, &now, x->e) < 0)
			return -1;
		if (now < least - WORTH) {
			least = now;
			if (calibrate_save(c, &best, x->e) < 0)
				return -1;
		}
	}
	calibrate_restore(c, &best);
	return 0;
}

int calibrate_cache(struct calibration *c, struct err *e)
{
	if (!c->spec.cache.enabled)
		return 0;
	struct choosing x = {.c = c, .row = arena_array(c->arena, c->trace->half, sizeof(struct measured_row)), .e = e};
	struct lowest l = {.count = 0};
	if (!x.row)
		return err_set(e, ERR_LIMIT, "no memory for a calibration");
	find_heaps(&x);
	descend_all(&x, &l);
	return x.failed ? -1 : settle(&x, &l);
}
