/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The DRAM buffer: its states by hand, and random histories beside an oracle that knows for each sector what was
 * written last, what flash holds and what is in each entry.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "effort.h"
#include "ftl/buffer.h"
#include "ftl/options.h"
#include "sim/config.h"
#include "sim/rng.h"

#define MUST(x) ((x) ? (void)0 : ck_abort_msg("not so: %s", #x))

#define SECTORS 8
#define FULL UINT64_C(0xFF)

struct rig {
	struct arena *arena;
	struct ftl_buffer_spec spec;
	struct ftl_buffer *b;
};

static int rig_try(struct rig *r, const char *text, uint32_t unit_sectors, struct err *e)
{
	struct config *c = config_new(NULL);
	*r = (struct rig){.arena = arena_new()};
	int result = config_load_text(c, "test.yaml", text, e);
	if (result == 0)
		result = config_bind(config_get(config_root(c), "buffer"), "buffer", &ftl_buffer_group, NULL, &r->spec, r->arena, e);
	config_free(c);
	r->b = result == 0 ? ftl_buffer_open(r->arena, &r->spec, unit_sectors, 1000, true, "buffer", e) : NULL;
	return r->b != NULL ? 0 : -1;
}

static void rig_open(struct rig *r, const char *text)
{
	struct err e = {0};
	ck_assert_msg(rig_try(r, text, SECTORS, &e) == 0, "%s", e.msg);
}

static void rig_close(struct rig *r) { arena_free(r->arena); }

static void holds(const struct ftl_buffer *b)
{
	struct err e = {0};
	ck_assert_msg(ftl_buffer_check(b, &e) == 0, "%s", e.msg);
}

static struct ftl_buffer_entry *write_unit(struct rig *r, uint64_t unit)
{
	struct ftl_buffer_entry *e = ftl_buffer_write(r->b, unit, FULL, unit + 1);
	ck_assert_ptr_nonnull(e);
	return e;
}

static void land_next(struct rig *r)
{
	struct ftl_buffer_entry *e = ftl_buffer_next(r->b);
	ck_assert_ptr_nonnull(e);
	ftl_buffer_begin(r->b, e);
	ftl_buffer_landed(r->b, e);
}

/* ---- by hand ------------------------------------------------------------------------------------------ */

/* Entries put aside are not given out, count as waiting all the same, and come back in their order, in front of the others. */
START_TEST(what_was_put_aside_comes_back_first)
{
	struct rig r;
	rig_open(&r, "buffer: {size: 32 KiB, high: 50 %}\n");
	ck_assert_int_eq(ftl_buffer_make_lots(r.b, r.arena, 2), 0);
	struct ftl_buffer_entry *e[5];
	for (uint64_t u = 0; u < 5; u++)
		e[u] = write_unit(&r, u);
	ftl_buffer_put_aside(r.b, e[0], 1);
	ftl_buffer_put_aside(r.b, e[1], 1);
	ftl_buffer_put_aside(r.b, e[2], 0);
	holds(r.b);
	ck_assert_ptr_eq(ftl_buffer_next(r.b), e[3]);
	ck_assert_uint_eq(ftl_buffer_waiting(r.b), 5);
	ck_assert_uint_eq(ftl_buffer_unclean(r.b), 5);
	ck_assert(ftl_buffer_wanted(r.b)); /* five of eight */
	ck_assert(ftl_buffer_is_aside(r.b, 0));
	ck_assert_ptr_eq(ftl_buffer_write(r.b, 1, FULL, 77), e[1]); /* written again where it is */
	ck_assert_int_eq(ftl_buffer_trim(r.b, 2), FTL_BUFFER_UNMAP);
	ck_assert(!ftl_buffer_is_aside(r.b, 0));
	ck_assert(!ftl_buffer_bring_back(r.b, 0));
	ck_assert(ftl_buffer_bring_back(r.b, 1));
	ck_assert_ptr_eq(ftl_buffer_next(r.b), e[0]);
	ck_assert_ptr_eq(ftl_buffer_after(r.b, e[0]), e[3]);
	ck_assert(ftl_buffer_bring_back(r.b, 1));
	ck_assert_ptr_eq(ftl_buffer_next(r.b), e[1]);
	holds(r.b);
	while (ftl_buffer_next(r.b))
		land_next(&r);
	ck_assert_uint_eq(ftl_buffer_unclean(r.b), 0);
	holds(r.b);
	rig_close(&r);
}
END_TEST

START_TEST(a_write_to_a_dirty_unit_merges_into_it)
{
	struct rig r;
	rig_open(&r, "buffer: {size: 16 KiB}\n");
	struct ftl_buffer_entry *e = ftl_buffer_write(r.b, 7, ftl_buffer_mask(0, 2), 11);
	ck_assert_ptr_eq(ftl_buffer_write(r.b, 7, ftl_buffer_mask(1, 3), 12), e);
	ck_assert_uint_eq(e->held, 0xF);
	ck_assert_uint_eq(ftl_buffer_tags(r.b, e)[0], 11);
	ck_assert_uint_eq(ftl_buffer_tags(r.b, e)[1], 12);
	ck_assert_uint_eq(r.b->dirty_sectors, 4);
	ck_assert_uint_eq(ftl_buffer_unclean(r.b), 1);
	ck_assert_uint_eq(r.b->counts.merged, 1);
	ck_assert_uint_eq(ftl_buffer_read(r.b, 7, ftl_buffer_mask(3, 2)), 0x8);
	ck_assert_uint_eq(ftl_buffer_read(r.b, 8, FULL), 0);
	holds(r.b);
	rig_close(&r);
}
END_TEST

START_TEST(a_write_to_a_unit_in_flight_waits_until_that_has_landed)
{
	struct rig r;
	rig_open(&r, "buffer: {size: 16 KiB}\n");
	struct ftl_buffer_entry *old = write_unit(&r, 7);
	ftl_buffer_begin(r.b, old);
	struct ftl_buffer_entry *new = ftl_buffer_write(r.b, 7, 1, 99);
	ck_assert_ptr_ne(new, old);
	ck_assert_uint_eq(new->held, FULL); /* the rest is the older's */
	ck_assert_ptr_eq(ftl_buffer_find(r.b, 7), new);
	ck_assert_ptr_null(ftl_buffer_next(r.b));
	ck_assert(!ftl_buffer_wanted(r.b));
	ck_assert_uint_eq(r.b->dirty_sectors, SECTORS);
	holds(r.b);
	ftl_buffer_landed(r.b, old);
	ck_assert_uint_eq(r.b->dirty_sectors, 1);
	ck_assert_ptr_eq(ftl_buffer_next(r.b), new);
	holds(r.b);
	land_next(&r);
	ck_assert_uint_eq(r.b->dirty_sectors, 0);
	ck_assert_ptr_null(ftl_buffer_find(r.b, 7)); /* no read part: what is in flash is forgotten */
	rig_close(&r);
}
END_TEST

START_TEST(a_full_buffer_refuses_and_wants_to_be_written_out)
{
	struct rig r;
	rig_open(&r, "buffer: {size: 16 KiB, high: 1, low: 0.5}\n"); /* 4 units */
	for (uint64_t u = 0; u < 3; u++)
		write_unit(&r, u);
	ck_assert(!ftl_buffer_wanted(r.b));
	ck_assert_uint_eq(ftl_buffer_room(r.b), 1);
	write_unit(&r, 3);
	ck_assert(ftl_buffer_wanted(r.b)); /* full is above any watermark */
	ck_assert_ptr_null(ftl_buffer_write(r.b, 4, FULL, 1));
	ck_assert_ptr_nonnull(ftl_buffer_write(r.b, 3, FULL, 1)); /* merges all the same */
	land_next(&r);
	ck_assert(ftl_buffer_wanted(r.b)); /* down to the low watermark */
	land_next(&r);
	ck_assert(!ftl_buffer_wanted(r.b));
	ck_assert_uint_eq(ftl_buffer_room(r.b), 2);
	holds(r.b);
	rig_close(&r);
}
END_TEST

START_TEST(watermarks_are_shares_of_the_write_part)
{
	struct rig r;
	rig_open(&r, "buffer: {size: 64 KiB, read_share: 0.5, high: 0.75, low: 0.25}\n"); /* 8 units for writes */
	for (uint64_t u = 0; u < 6; u++)
		write_unit(&r, u);
	ck_assert(!ftl_buffer_wanted(r.b));
	write_unit(&r, 6);
	for (int left = 7; left > 2; left--) {
		ck_assert(ftl_buffer_wanted(r.b));
		land_next(&r);
	}
	ck_assert(!ftl_buffer_wanted(r.b));
	rig_close(&r);
}
END_TEST

START_TEST(order_says_what_is_written_out_first)
{
	struct rig r;
	for (int lru = 0; lru < 2; lru++) {
		rig_open(&r, lru ? "buffer: {size: 16 KiB, order: lru}\n" : "buffer: {size: 16 KiB, order: fifo}\n");
		struct ftl_buffer_entry *a = write_unit(&r, 1), *b = write_unit(&r, 2);
		write_unit(&r, 1);
		ck_assert_ptr_eq(ftl_buffer_next(r.b), lru ? b : a);
		ck_assert_ptr_eq(ftl_buffer_after(r.b, lru ? b : a), lru ? a : b);
		ck_assert_ptr_null(ftl_buffer_after(r.b, lru ? a : b));
		rig_close(&r);
	}
}
END_TEST

START_TEST(a_flush_is_over_when_what_it_found_has_landed)
{
	struct rig r;
	rig_open(&r, "buffer: {size: 32 KiB, high: 1, order: lru}\n");
	write_unit(&r, 1);
	write_unit(&r, 2);
	uint64_t mark = ftl_buffer_mark(r.b);
	ftl_buffer_flush(r.b, mark);
	write_unit(&r, 3);
	write_unit(&r, 1); /* written again and again it keeps its place */
	ck_assert(ftl_buffer_wanted(r.b));
	land_next(&r);
	ck_assert_uint_le(ftl_buffer_oldest(r.b), mark);
	ck_assert(ftl_buffer_wanted(r.b));
	land_next(&r);
	ck_assert_uint_gt(ftl_buffer_oldest(r.b), mark);
	ck_assert(!ftl_buffer_wanted(r.b)); /* unit 3 came later */
	ck_assert_uint_eq(ftl_buffer_next(r.b)->unit, 3);
	land_next(&r);
	ck_assert_uint_eq(ftl_buffer_oldest(r.b), FTL_BUFFER_ALL);
	rig_close(&r);
}
END_TEST

START_TEST(clean_data_gives_way_least_recently_used_first)
{
	struct rig r;
	rig_open(&r, "buffer: {size: 16 KiB, read_share: 0.5}\n"); /* 2 and 2 */
	for (uint64_t u = 1; u <= 2; u++) {
		write_unit(&r, u);
		land_next(&r);
	}
	ck_assert_uint_eq(ftl_buffer_read(r.b, 1, FULL), FULL);
	write_unit(&r, 3);
	land_next(&r);
	ck_assert_ptr_nonnull(ftl_buffer_find(r.b, 1));
	ck_assert_ptr_null(ftl_buffer_find(r.b, 2));
	ck_assert_uint_eq(r.b->counts.evicted, 1);
	holds(r.b);
	rig_close(&r);
}
END_TEST

START_TEST(a_trim_drops_what_is_not_in_flight_and_waits_for_what_is)
{
	struct rig r;
	rig_open(&r, "buffer: {size: 16 KiB}\n");
	ck_assert_int_eq(ftl_buffer_trim(r.b, 9), FTL_BUFFER_UNMAP);
	write_unit(&r, 1);
	ck_assert_int_eq(ftl_buffer_trim(r.b, 1), FTL_BUFFER_UNMAP);
	ck_assert_uint_eq(r.b->dirty_sectors, 0);
	ck_assert_ptr_null(ftl_buffer_next(r.b));
	struct ftl_buffer_entry *e = write_unit(&r, 2);
	ftl_buffer_begin(r.b, e);
	ck_assert_int_eq(ftl_buffer_trim(r.b, 2), FTL_BUFFER_LATER);
	ck_assert_uint_eq(ftl_buffer_read(r.b, 2, FULL), FULL); /* zeros */
	ftl_buffer_landed(r.b, e);
	e = ftl_buffer_next(r.b);
	ck_assert(e->trim && e->unit == 2);
	holds(r.b);
	ck_assert_ptr_eq(ftl_buffer_write(r.b, 2, 1, 77), e); /* a write after it makes it content */
	ck_assert(!e->trim);
	ck_assert_uint_eq(ftl_buffer_tags(r.b, e)[0], 77);
	ck_assert_uint_eq(ftl_buffer_tags(r.b, e)[1], 0);
	land_next(&r);
	holds(r.b);
	rig_close(&r);
}
END_TEST

START_TEST(a_fill_does_not_overwrite_what_was_written_meanwhile)
{
	struct rig r;
	rig_open(&r, "buffer: {size: 16 KiB, read_share: 0.5}\n");
	struct ftl_buffer_entry *e = ftl_buffer_expect(r.b, 5);
	ck_assert_uint_eq(e->held, 0);
	ck_assert_ptr_eq(ftl_buffer_write(r.b, 5, 1, 44), e);
	ftl_buffer_fill(r.b, e, FULL);
	ck_assert_uint_eq(e->held, FULL);
	ck_assert_uint_eq(e->dirty, 1);
	/* trimmed meanwhile: the data is of no use, and the entry is not another's before it came */
	e = ftl_buffer_expect(r.b, 6);
	ck_assert_int_eq(ftl_buffer_trim(r.b, 6), FTL_BUFFER_UNMAP);
	ck_assert_ptr_null(ftl_buffer_find(r.b, 6));
	holds(r.b);
	ck_assert_int_eq(e->state, FTL_BUFFER_GONE);
	ftl_buffer_fill(r.b, e, FULL);
	ck_assert_int_eq(e->state, FTL_BUFFER_FREE);
	holds(r.b);
	/* both places of the read part in use: a third read has to do without */
	ck_assert_ptr_nonnull(ftl_buffer_expect(r.b, 7));
	ck_assert_ptr_nonnull(ftl_buffer_expect(r.b, 8));
	ck_assert_ptr_null(ftl_buffer_expect(r.b, 9));
	rig_close(&r);
}
END_TEST

START_TEST(reads_that_go_on_are_read_ahead_of)
{
	struct rig r;
	uint64_t from = 0;
	rig_open(&r, "buffer: {size: 64 KiB, read_share: 0.5, read_ahead: 4}\n");
	ck_assert_uint_eq(ftl_buffer_ahead(r.b, 80, 8, &from), 0);
	ck_assert_uint_eq(ftl_buffer_ahead(r.b, 4000, 8, &from), 0); /* another stream between */
	ck_assert_uint_eq(ftl_buffer_ahead(r.b, 88, 12, &from), 4); /* ends inside unit 12 */
	ck_assert_uint_eq(from, 13);
	ck_assert_uint_eq(ftl_buffer_ahead(r.b, 100, 8, &from), 1); /* 13 to 16 are asked for */
	ck_assert_uint_eq(from, 17);
	ck_assert_uint_eq(ftl_buffer_ahead(r.b, 7976, 8, &from), 0);
	ck_assert_uint_eq(ftl_buffer_ahead(r.b, 7984, 8, &from), 1); /* the device ends with unit 999 */
	ck_assert_uint_eq(from, 999);
	rig_close(&r);
}
END_TEST

START_TEST(without_a_size_it_takes_nothing)
{
	struct rig r;
	rig_open(&r, "buffer: {size: 0}\n");
	ck_assert(r.spec.write_back && !r.spec.protected);
	ck_assert_ptr_null(ftl_buffer_write(r.b, 1, FULL, 1));
	ck_assert_ptr_null(ftl_buffer_expect(r.b, 1));
	ck_assert_int_eq(ftl_buffer_trim(r.b, 1), FTL_BUFFER_UNMAP);
	ck_assert_uint_eq(ftl_buffer_read(r.b, 1, FULL), 0);
	ck_assert_uint_eq(ftl_buffer_room(r.b), 0);
	ck_assert(!ftl_buffer_wanted(r.b));
	holds(r.b);
	rig_close(&r);
}
END_TEST

START_TEST(what_cannot_be_is_refused_in_a_sentence)
{
	static const struct {
		const char *text, *part;
		uint32_t unit_sectors;
	} bad[] = {
		{"buffer: {size: 1 KiB}\n", "buffer.size", SECTORS},
		{"buffer: {size: 4 KiB, read_share: 0.5}\n", "the read part's 1", SECTORS},
		{"buffer: {size: 1 MiB}\n", "at most 32 KiB", 128},
		{"buffer: {size: 1 MiB, low: 0.6, high: 0.5}\n", "begins above high", SECTORS},
		{"buffer: {size: 1 MiB, read_ahead: 4}\n", "read_share is 0", SECTORS},
		{"buffer: {size: 16 KiB, read_share: 0.5, read_ahead: 4}\n", "more than the 2", SECTORS},
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct rig r;
		struct err e = {0};
		ck_assert_int_eq(rig_try(&r, bad[i].text, bad[i].unit_sectors, &e), -1);
		ck_assert_msg(strstr(e.msg, bad[i].part) != NULL, "\"%s\" lacks \"%s\"", e.msg, bad[i].part);
		rig_close(&r);
	}
}
END_TEST

/* ---- random histories --------------------------------------------------------------------------------- */

#define UNITS 24
#define ENTRIES_MAX 16
#define AT_ONCE 8

struct oracle {
	struct rig r;
	struct rng *rng;
	uint64_t latest[UNITS][SECTORS], flash[UNITS][SECTORS]; /* content */
	uint64_t held[ENTRIES_MAX][SECTORS];                    /* of each entry */
	struct ftl_buffer_entry *flight[AT_ONCE];
	struct {
		struct ftl_buffer_entry *e;
		uint64_t data[SECTORS];
	} fill[AT_ONCE];
	uint32_t flights, fills;
	uint64_t content;
};

static uint32_t below(struct oracle *o, uint32_t bound) { return (uint32_t)rng_below(o->rng, bound); }
static uint64_t *held_by(struct oracle *o, const struct ftl_buffer_entry *e) { return o->held[e - o->r.b->entry]; }

static void copy_sectors(uint64_t *to, const uint64_t *from, uint64_t mask)
{
	for (int i = 0; i < SECTORS; i++)
		if (mask >> i & 1)
			to[i] = from[i];
}

/* A new version begins with what the older one holds. */
static void take_over(struct oracle *o, const struct ftl_buffer_entry *old, const struct ftl_buffer_entry *new)
{
	if (old && old != new)
		copy_sectors(held_by(o, new), held_by(o, old), FULL);
}

static void set_latest(struct oracle *o, const struct ftl_buffer_entry *e, uint32_t unit, uint64_t mask, uint64_t content)
{
	for (int i = 0; i < SECTORS; i++) {
		if ((mask >> i & 1) == 0)
			continue;
		o->latest[unit][i] = content;
		if (e)
			held_by(o, e)[i] = content;
	}
}

static void random_write(struct oracle *o)
{
	uint32_t unit = below(o, UNITS), first = below(o, SECTORS), count = 1 + below(o, SECTORS - first);
	uint64_t mask = ftl_buffer_mask(first, count), content = ++o->content;
	uint32_t room = ftl_buffer_room(o->r.b);
	struct ftl_buffer_entry *old = ftl_buffer_find(o->r.b, unit);
	struct ftl_buffer_entry *e = ftl_buffer_write(o->r.b, unit, mask, content);
	if (!e) {
		MUST(room == 0);
		return;
	}
	take_over(o, old, e);
	set_latest(o, e, unit, mask, content);
}

static void random_trim(struct oracle *o)
{
	uint32_t unit = below(o, UNITS);
	const struct ftl_buffer_entry *e = NULL;
	enum ftl_buffer_trim t = ftl_buffer_trim(o->r.b, unit);
	if (t == FTL_BUFFER_FULL)
		return;
	if (t == FTL_BUFFER_UNMAP)
		memset(o->flash[unit], 0, sizeof(o->flash[unit]));
	else
		e = ftl_buffer_find(o->r.b, unit);
	set_latest(o, e, unit, FULL, 0);
}

static void random_begin(struct oracle *o)
{
	struct ftl_buffer_entry *e = ftl_buffer_next(o->r.b);
	if (!e || o->flights == AT_ONCE)
		return;
	MUST(e->state == FTL_BUFFER_DIRTY);
	if (e->held != FULL) { /* the rest is read from flash */
		uint64_t missing = FULL & ~e->held;
		ftl_buffer_pin(o->r.b, e);
		copy_sectors(held_by(o, e), o->flash[e->unit], missing);
		ftl_buffer_fill(o->r.b, e, missing);
	}
	ftl_buffer_begin(o->r.b, e);
	o->flight[o->flights++] = e;
}

static void random_landing(struct oracle *o)
{
	if (o->flights == 0)
		return;
	uint32_t i = below(o, o->flights);
	struct ftl_buffer_entry *e = o->flight[i];
	o->flight[i] = o->flight[--o->flights];
	const uint64_t *tags = ftl_buffer_tags(o->r.b, e);
	for (int s = 0; s < SECTORS; s++)
		MUST((e->dirty >> s & 1) == 0 || tags[s] == held_by(o, e)[s]);
	copy_sectors(o->flash[e->unit], held_by(o, e), FULL);
	ftl_buffer_landed(o->r.b, e);
}

static void random_read(struct oracle *o)
{
	uint32_t unit = below(o, UNITS);
	uint64_t mask = ftl_buffer_mask(below(o, SECTORS), 1), have = ftl_buffer_read(o->r.b, unit, mask);
	if (have == mask || o->fills == AT_ONCE)
		return;
	struct ftl_buffer_entry *e = ftl_buffer_expect(o->r.b, unit);
	if (!e)
		return;
	o->fill[o->fills].e = e;
	copy_sectors(o->fill[o->fills++].data, o->flash[unit], FULL);
}

static void random_fill(struct oracle *o)
{
	if (o->fills == 0)
		return;
	uint32_t i = below(o, o->fills);
	struct ftl_buffer_entry *e = o->fill[i].e;
	if (e->state != FTL_BUFFER_GONE)
		copy_sectors(held_by(o, e), o->fill[i].data, FULL & ~e->held);
	ftl_buffer_fill(o->r.b, e, FULL);
	o->fill[i] = o->fill[--o->fills];
}

/* What the buffer holds is the latest, and what it does not hold is so in flash. */
static void compare(struct oracle *o)
{
	holds(o->r.b);
	for (uint32_t u = 0; u < UNITS; u++) {
		const struct ftl_buffer_entry *e = ftl_buffer_find(o->r.b, u);
		for (int s = 0; s < SECTORS; s++)
			MUST(o->latest[u][s] == (e && e->held >> s & 1 ? held_by(o, e)[s] : o->flash[u][s]));
	}
}

static void (*const steps[])(struct oracle *) = {random_write, random_write, random_write, random_begin, random_begin,
	random_landing, random_landing, random_read, random_fill, random_trim};

static const char *const histories[] = {
	"buffer: {size: 32 KiB}\n",
	"buffer: {size: 4 KiB}\n",
	"buffer: {size: 64 KiB, read_share: 0.5, order: lru}\n",
	"buffer: {size: 16 KiB, read_share: 0.75, order: lru, high: 1}\n",
	"buffer: {size: 64 KiB, read_share: 0.9, high: 0.5, low: 0.2}\n",
};

START_TEST(random_histories_lose_nothing_and_end)
{
	struct oracle *o = calloc(1, sizeof(*o));
	MUST(o != NULL);
	rig_open(&o->r, histories[_i]);
	o->rng = rng_new(o->r.arena, (uint64_t)_i, "buffer");
	for (unsigned n = effort(100000); n > 0; n--) {
		steps[below(o, sizeof(steps) / sizeof(steps[0]))](o);
		if (n % 8 == 0)
			compare(o);
	}
	uint64_t mark = ftl_buffer_mark(o->r.b);
	ftl_buffer_flush(o->r.b, mark);
	while (ftl_buffer_oldest(o->r.b) <= mark) {
		MUST(o->flights > 0 || ftl_buffer_wanted(o->r.b));
		random_begin(o);
		random_landing(o);
	}
	while (o->fills > 0)
		random_fill(o);
	compare(o);
	MUST(memcmp(o->latest, o->flash, sizeof(o->flash)) == 0);
	MUST(o->r.b->dirty_sectors == 0 && ftl_buffer_unclean(o->r.b) == 0);
	ftl_buffer_clear(o->r.b);
	holds(o->r.b);
	MUST(ftl_buffer_room(o->r.b) == o->r.b->write_limit);
	rig_close(&o->r);
	free(o);
}
END_TEST

START_TEST(at_rest_it_is_saved_and_loaded_with_what_it_holds)
{
	struct rig r, other;
	struct err e = {0};
	FILE *f = tmpfile();
	rig_open(&r, "buffer: {size: 64 KiB, read_share: 50 %}\n");
	for (uint64_t u = 0; u < 6; u++) {
		struct ftl_buffer_entry *x = write_unit(&r, u);
		ftl_buffer_begin(r.b, x);
		ftl_buffer_landed(r.b, x);
	}
	ck_assert_int_eq(ftl_buffer_save(r.b, f, &e), 0);
	rewind(f);
	rig_open(&other, "buffer: {size: 64 KiB, read_share: 50 %}\n");
	ck_assert_msg(ftl_buffer_load(other.b, f, &e) == 0, "%s", e.msg);
	holds(other.b);
	for (uint64_t u = 0; u < 8; u++)
		ck_assert_uint_eq(ftl_buffer_read(other.b, u, FULL), u < 6 ? FULL : 0);
	rewind(f);
	struct rig smaller;
	rig_open(&smaller, "buffer: {size: 32 KiB, read_share: 50 %}\n");
	ck_assert_int_eq(ftl_buffer_load(smaller.b, f, &e), -1);
	ck_assert_int_eq(e.code, ERR_CONFIG);
	fclose(f);
	rig_close(&smaller);
	rig_close(&other);
	rig_close(&r);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("buffer");
	TCase *t = tcase_create("buffer");
	tcase_set_timeout(t, 60);
	tcase_add_test(t, what_was_put_aside_comes_back_first);
	tcase_add_test(t, a_write_to_a_dirty_unit_merges_into_it);
	tcase_add_test(t, a_write_to_a_unit_in_flight_waits_until_that_has_landed);
	tcase_add_test(t, a_full_buffer_refuses_and_wants_to_be_written_out);
	tcase_add_test(t, watermarks_are_shares_of_the_write_part);
	tcase_add_test(t, order_says_what_is_written_out_first);
	tcase_add_test(t, a_flush_is_over_when_what_it_found_has_landed);
	tcase_add_test(t, clean_data_gives_way_least_recently_used_first);
	tcase_add_test(t, a_trim_drops_what_is_not_in_flight_and_waits_for_what_is);
	tcase_add_test(t, a_fill_does_not_overwrite_what_was_written_meanwhile);
	tcase_add_test(t, reads_that_go_on_are_read_ahead_of);
	tcase_add_test(t, without_a_size_it_takes_nothing);
	tcase_add_test(t, at_rest_it_is_saved_and_loaded_with_what_it_holds);
	tcase_add_test(t, what_cannot_be_is_refused_in_a_sentence);
	tcase_add_loop_test(t, random_histories_lose_nothing_and_end, 0, (int)(sizeof(histories) / sizeof(histories[0])));
	suite_add_tcase(s, t);
	SRunner *runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
