/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Segments of the track buffer: finding, replacing, cutting, growing. */
#include "disk/disk_fixture.h"
#include "effort.h"

static struct arena *arena;
static struct buffer b;

static void open_buffer(void)
{
	arena = arena_new();
	ck_assert_int_eq(buffer_init(&b, arena, 4, 100), 0);
}

static void close_buffer(void) { arena_free(arena); }

static struct buffer_segment *hold(uint64_t lo, uint64_t hi)
{
	struct buffer_segment *s = buffer_take(&b);
	s->lo = lo;
	s->hi = hi;
	return s;
}

static uint32_t held(uint64_t lbn, uint32_t n)
{
	struct buffer_segment *s;
	return buffer_prefix(&b, lbn, n, &s);
}

START_TEST(an_empty_buffer_and_no_buffer_hold_nothing)
{
	struct buffer none;
	struct buffer_segment *s = (struct buffer_segment *)&none;
	ck_assert_uint_eq(held(0, 8), 0);
	ck_assert_int_eq(buffer_init(&none, arena, 0, 100), 0);
	ck_assert_uint_eq(buffer_prefix(&none, 0, 8, &s), 0);
	ck_assert_ptr_null(s);
	ck_assert_ptr_null(buffer_take(&none));
	ck_assert(!buffer_cut(&none, 0, 100));
	buffer_clear(&none);
}
END_TEST

START_TEST(a_range_is_found_as_far_as_it_goes)
{
	struct buffer_segment *s = hold(100, 150), *where;
	ck_assert_uint_eq(buffer_prefix(&b, 100, 8, &where), 8);
	ck_assert_ptr_eq(where, s);
	ck_assert_uint_eq(held(100, 50), 50);
	ck_assert_uint_eq(held(100, 51), 50);
	ck_assert_uint_eq(held(149, 8), 1);
	ck_assert_uint_eq(held(150, 8), 0);
	ck_assert_uint_eq(held(99, 8), 0);
	ck_assert_uint_eq(held(0, UINT32_MAX), 0);
}
END_TEST

START_TEST(a_range_may_go_on_in_another_segment)
{
	struct buffer_segment *where;
	struct buffer_segment *last = hold(300, 320);
	hold(280, 300);
	hold(250, 290);
	ck_assert_uint_eq(buffer_prefix(&b, 255, 60, &where), 60);
	ck_assert_ptr_eq(where, last);
	ck_assert_uint_eq(held(255, 1000), 65);
}
END_TEST

START_TEST(the_wrapped_part_joins_the_main_one_when_it_meets_it)
{
	struct buffer_segment *s = hold(60, 100), *where;
	s->wrap_lo = 0;
	s->wrap_hi = 40;
	ck_assert_uint_eq(held(0, 100), 40);
	ck_assert_uint_eq(held(40, 8), 0);
	ck_assert_uint_eq(held(60, 100), 40);
	s->wrap_hi = 60;
	ck_assert_uint_eq(buffer_prefix(&b, 5, 100, &where), 95);
	ck_assert_ptr_eq(where, s);
}
END_TEST

START_TEST(the_least_recently_used_segment_is_taken)
{
	struct buffer_segment *s[4];
	for (int i = 0; i < 4; i++)
		s[i] = hold((uint64_t)i * 100, (uint64_t)i * 100 + 10);
	buffer_touch(&b, s[0]);
	buffer_touch(&b, s[2]);
	struct buffer_segment *taken = buffer_take(&b);
	ck_assert_ptr_eq(taken, s[1]);
	ck_assert(taken->lo == 0 && taken->hi == 0 && taken->wrap_lo == 0 && taken->wrap_hi == 0);
	ck_assert_uint_eq(held(100, 1), 0);
	ck_assert_ptr_eq(buffer_take(&b), s[3]);
	ck_assert_ptr_eq(buffer_take(&b), s[0]);
	ck_assert_ptr_eq(buffer_take(&b), s[2]);
	ck_assert_ptr_eq(buffer_take(&b), s[1]);
}
END_TEST

/* Against the time of each one's last use, by which the least is looked for; of those never used the first. */
START_TEST(the_order_of_use_holds_through_takes_touches_and_divisions)
{
	struct buffer x;
	struct rng *r = rng_new(arena, 7, "order");
	uint64_t last[8] = {0}, now = 0;
	ck_assert_int_eq(buffer_init(&x, arena, 8, 100), 0);
	for (unsigned n = 0; n < effort(20000); n++) {
		uint32_t least = 0, any = (uint32_t)rng_below(r, x.count);
		for (uint32_t i = 1; i < x.count; i++)
			least = last[i] < last[least] ? i : least;
		switch (rng_below(r, 500)) {
		case 0: /* divided by as many streams as there are hits; places change, stamps go with them */
			for (uint32_t k = 0; k < BUFFER_WINDOW; k++)
				buffer_count_read(&x, &x.segments[rng_below(r, any + 1)]);
			buffer_adapt(&x);
			break;
		case 1:
			buffer_clear(&x);
			now = 0;
			break;
		case 2: /* filled in from elsewhere */
			x.segments[any].used = ++x.stamp;
			now++;
			buffer_reorder(&x);
			break;
		default:
			now++;
			if (rng_below(r, 2))
				buffer_touch(&x, &x.segments[any]);
			else
				ck_assert_ptr_eq(buffer_take(&x), &x.segments[least]);
		}
		ck_assert_uint_eq(x.stamp, now);
		for (uint32_t i = 0; i < x.count; i++)
			last[i] = x.segments[i].used;
	}
}
END_TEST

START_TEST(a_cut_leaves_the_longer_part)
{
	struct buffer_segment *s = hold(100, 200);
	ck_assert(!buffer_cut(&b, 90, 10));
	ck_assert(!buffer_cut(&b, 200, 10));
	ck_assert(buffer_cut(&b, 95, 10));
	ck_assert(s->lo == 105 && s->hi == 200);
	ck_assert(buffer_cut(&b, 195, 50));
	ck_assert(s->lo == 105 && s->hi == 195);
	ck_assert(buffer_cut(&b, 120, 10)); /* 15 below, 65 above */
	ck_assert(s->lo == 130 && s->hi == 195);
	ck_assert(buffer_cut(&b, 180, 1)); /* 50 below, 14 above */
	ck_assert(s->lo == 130 && s->hi == 180);
	ck_assert(buffer_cut(&b, 0, 1000));
	ck_assert_uint_eq(s->lo, s->hi);
}
END_TEST

START_TEST(a_cut_reaches_every_segment_and_the_wrapped_part)
{
	struct buffer_segment *s = hold(60, 100);
	struct buffer_segment *other = hold(30, 80);
	s->wrap_lo = 0;
	s->wrap_hi = 60;
	ck_assert(buffer_cut(&b, 50, 30));
	ck_assert(s->lo == 80 && s->hi == 100 && s->wrap_lo == 0 && s->wrap_hi == 50);
	ck_assert(other->lo == 30 && other->hi == 50);
	ck_assert_uint_eq(held(40, 60), 10);
}
END_TEST

START_TEST(what_exceeds_a_segment_pushes_out_its_oldest)
{
	struct buffer_segment *s = hold(1000, 1000);
	buffer_extend(&b, s, 1060);
	ck_assert(s->lo == 1000 && s->hi == 1060);
	buffer_extend(&b, s, 1100);
	ck_assert(s->lo == 1000 && s->hi == 1100);
	buffer_extend(&b, s, 1101);
	ck_assert(s->lo == 1001 && s->hi == 1101);
	buffer_extend(&b, s, 5000);
	ck_assert(s->lo == 4900 && s->hi == 5000);
}
END_TEST

/* Random segments against a list of single sectors. */
START_TEST(prefixes_agree_with_a_list_of_sectors)
{
	struct rng *r = rng_new(arena, (uint64_t)_i, "buffer");
	for (int n = 0; n < 5000; n++) {
		bool there[160] = {false};
		buffer_clear(&b);
		for (int i = 0; i < 4; i++) {
			struct buffer_segment *s = buffer_take(&b);
			s->wrap_lo = rng_below(r, 60);
			s->wrap_hi = s->wrap_lo + rng_below(r, 30);
			s->lo = s->wrap_hi + rng_below(r, 3) * rng_below(r, 20);
			s->hi = s->lo + rng_below(r, 30);
			for (uint64_t k = s->wrap_lo; k < s->wrap_hi; k++)
				there[k] = true;
			for (uint64_t k = s->lo; k < s->hi; k++)
				there[k] = true;
		}
		uint64_t lbn = rng_below(r, 150);
		uint32_t count = 1 + (uint32_t)rng_below(r, 80), want = 0;
		while (want < count && lbn + want < 160 && there[lbn + want])
			want++;
		struct buffer_segment *where;
		uint32_t got = buffer_prefix(&b, lbn, count, &where);
		if (got != want || (want > 0) != (where != NULL))
			ck_abort_msg("%u of %u sectors from %u, want %u", got, count, (unsigned)lbn, want);
		if (where && !((where->lo < lbn + got && lbn + got <= where->hi) ||
			       (where->wrap_lo < lbn + got && lbn + got <= where->wrap_hi)))
			ck_abort_msg("the segment named does not hold the last sector");
	}
}
END_TEST

/* Eight segments of 100. Reads hit three of them in 64: four segments of 200, the last used ones. */
START_TEST(an_adaptive_buffer_has_a_segment_for_each_stream_and_one_more)
{
	struct buffer x;
	struct arena *own = arena_new();
	struct buffer_segment *s[8];
	ck_assert_int_eq(buffer_init(&x, own, 8, 100), 0);
	for (int i = 0; i < 8; i++) {
		s[i] = buffer_take(&x);
		s[i]->lo = s[i]->hi = 1000 * (uint64_t)i;
		buffer_extend(&x, s[i], s[i]->lo + 100);
	}
	for (int i = 0; i < 63; i++) {
		buffer_count_read(&x, s[i % 3]);
		buffer_touch(&x, s[i % 3]);
		buffer_adapt(&x);
		ck_assert_uint_eq(x.count, 8);
	}
	buffer_count_read(&x, NULL);
	buffer_adapt(&x);
	ck_assert_uint_eq(x.count, 4);
	ck_assert_uint_eq(x.segment_sectors, 200);
	static const uint64_t kept[] = {0, 1000, 2000, 7000};
	for (size_t i = 0; i < 4; i++) {
		struct buffer_segment *where;
		ck_assert_uint_eq(buffer_prefix(&x, kept[i], 100, &where), 100);
		buffer_extend(&x, where, kept[i] + 200);
		ck_assert_uint_eq(buffer_prefix(&x, kept[i], 200, &where), 200);
	}
	/* four hit, and one more: eight of 100 again, each cut at its lower end */
	for (int i = 0; i < 64; i++)
		buffer_count_read(&x, &x.segments[i % 4]);
	buffer_adapt(&x);
	ck_assert_uint_eq(x.count, 8);
	ck_assert_uint_eq(x.segment_sectors, 100);
	struct buffer_segment *where;
	ck_assert_uint_eq(buffer_prefix(&x, 0, 1, &where), 0);
	ck_assert_uint_eq(buffer_prefix(&x, 100, 100, &where), 100);
	/* none hit: one for all */
	for (int i = 0; i < 64; i++)
		buffer_count_read(&x, NULL);
	buffer_adapt(&x);
	ck_assert_uint_eq(x.count, 1);
	ck_assert_uint_eq(x.segment_sectors, 800);
	arena_free(own);
}
END_TEST

START_TEST(a_segment_is_dropped_up_to_an_end_in_both_its_runs)
{
	struct buffer_segment s = {.lo = 50, .hi = 80, .wrap_lo = 10, .wrap_hi = 30};
	buffer_drop(&s, 20);
	ck_assert_uint_eq(s.lo, 50);
	ck_assert_uint_eq(s.wrap_lo, 20);
	buffer_drop(&s, 60);
	ck_assert_uint_eq(s.lo, 60);
	ck_assert_uint_eq(s.wrap_lo, 30);
	buffer_drop(&s, 100);
	ck_assert_uint_eq(s.lo, 80);
	ck_assert_uint_eq(s.hi, 80);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("buffer");
	TCase *t = tcase_create("buffer");
	tcase_add_checked_fixture(t, open_buffer, close_buffer);
	tcase_add_test(t, an_empty_buffer_and_no_buffer_hold_nothing);
	tcase_add_test(t, a_range_is_found_as_far_as_it_goes);
	tcase_add_test(t, a_range_may_go_on_in_another_segment);
	tcase_add_test(t, the_wrapped_part_joins_the_main_one_when_it_meets_it);
	tcase_add_test(t, the_least_recently_used_segment_is_taken);
	tcase_add_test(t, the_order_of_use_holds_through_takes_touches_and_divisions);
	tcase_add_test(t, a_cut_leaves_the_longer_part);
	tcase_add_test(t, a_cut_reaches_every_segment_and_the_wrapped_part);
	tcase_add_test(t, what_exceeds_a_segment_pushes_out_its_oldest);
	tcase_add_test(t, an_adaptive_buffer_has_a_segment_for_each_stream_and_one_more);
	tcase_add_test(t, a_segment_is_dropped_up_to_an_end_in_both_its_runs);
	tcase_add_loop_test(t, prefixes_agree_with_a_list_of_sectors, 0, 4);
	suite_add_tcase(s, t);
	return run_suite(s);
}
