/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine: faults counted by hand, threads that wait, frames that are wanted by several. */
#include <unistd.h>

#include "host/host_fixture.h"

/* Reference strings of textbooks (Silberschatz, Galvin & Gagne; Belady, Nelson & Shedler, CACM 1969), pages of a file. */
static const struct {
	const char *policy, *string;
	int frames;
	uint64_t faults;
} strings[] = {
	{"fifo", "1 2 3 4 1 2 5 1 2 3 4 5", 3, 9},
	{"fifo", "1 2 3 4 1 2 5 1 2 3 4 5", 4, 10}, /* Belady's anomaly */
	{"lru", "1 2 3 4 1 2 5 1 2 3 4 5", 3, 10},
	{"lru", "1 2 3 4 1 2 5 1 2 3 4 5", 4, 8},
	{"fifo", "7 0 1 2 0 3 0 4 2 3 0 3 2 1 2 0 1 7 0 1", 3, 15},
	{"lru", "7 0 1 2 0 3 0 4 2 3 0 3 2 1 2 0 1 7 0 1", 3, 12},
};

START_TEST(fault_counts_are_those_of_the_textbooks)
{
	char text[512];
	struct host_rig g;
	snprintf(text, sizeof(text), HOST_PLAIN "frames: %d\nshare_zero: false\nfile: {readahead: 1, readahead_initial: 0, fault_around: 1}\n"
		"replace: {policy: %s}\nswap: {size: 0}\n", strings[_i].frames, strings[_i].policy);
	host_rig_open(&g, text, false);
	struct host_space *sp = rig_space(&g, "p");
	rig_map(&g, sp, rig_file(&g, "data", 0, 8), 0, true);
	rig_thread(&g, sp, rig_string(&g, strings[_i].string, 1));
	rig_run(&g);
	ck_assert_uint_eq(g.h->n.faults, strings[_i].faults);
	ck_assert_uint_eq(g.h->n.major, strings[_i].faults);
	ck_assert_uint_eq(g.dev->stats.host_read_sectors, 8 * strings[_i].faults);
	/* closed loop: each fault is a millisecond, each reference a nanosecond */
	ck_assert_int_eq(g.sim->now_ps, (time_ps)strings[_i].faults * HOST_MS + (time_ps)g.h->n.references * PS_PER_NS);
	host_rig_free(&g);
}
END_TEST

#define SMALL_FILES "file: {readahead: 1, readahead_initial: 0, fault_around: 1}\n"

/* LRU and FIFO miss every reference of a loop that is one page longer than memory. */
START_TEST(a_loop_longer_than_memory_always_misses)
{
	struct host_rig g;
	host_rig_open(&g, _i ? HOST_PLAIN SMALL_FILES "frames: 4\nreplace: {policy: lru}\n"
		: HOST_PLAIN SMALL_FILES "frames: 4\nreplace: {policy: fifo}\n", false);
	struct host_space *sp = rig_space(&g, "p");
	rig_map(&g, sp, rig_file(&g, "data", 0, 5), 0, true);
	rig_thread(&g, sp, rig_string(&g, "0 1 2 3 4", 20));
	rig_run(&g);
	ck_assert_uint_eq(g.h->n.faults, 100);
	host_rig_free(&g);
}
END_TEST

/* A scan of N pages with a window of R: ceil(N / R) reads. */
START_TEST(a_scan_reads_once_a_window)
{
	struct host_rig g;
	host_rig_open(&g, HOST_PLAIN "frames: 100\nfile: {readahead: 8, readahead_initial: 0, fault_around: 1}\n", false);
	struct host_space *sp = rig_space(&g, "p");
	struct host_pattern_spec scan = {.pattern = HOST_PATTERN_SEQUENTIAL, .pages = 29, .references = 29, .burst = 1};
	rig_map(&g, sp, rig_file(&g, "data", 0, 29), 0, true);
	rig_thread(&g, sp, host_stream_pattern(g.sim->arena, &scan, 0, 1, "scan", NULL));
	rig_run(&g);
	ck_assert_uint_eq(g.h->n.file_reads, 4);
	ck_assert_uint_eq(g.h->n.file_ins, 29);
	ck_assert_uint_eq(g.h->n.major, 4);
	ck_assert_uint_eq(g.h->n.minor, 25);
	host_rig_free(&g);
}
END_TEST

/* k processes sharing N pages of text: N frames, N pages read; who comes second waits for the same read. */
START_TEST(processes_share_the_pages_of_a_file)
{
	struct host_rig g;
	host_rig_open(&g, HOST_PLAIN SMALL_FILES "frames: 50\n", false);
	struct host_file *f = rig_file(&g, "text", 0, 10);
	for (int k = 0; k < 4; k++) {
		struct host_space *sp = rig_space(&g, "p");
		rig_map(&g, sp, f, 1000, true);
		rig_thread(&g, sp, rig_string(&g, "1000 1001 1002 1003 1004 1005 1006 1007 1008 1009", 1));
	}
	rig_run(&g);
	ck_assert_uint_eq(g.h->n.file_reads, 10);
	ck_assert_uint_eq(g.h->frames - g.h->free, 10);
	ck_assert_uint_eq(g.h->n.major, 10);
	ck_assert_uint_eq(g.h->n.minor, 30);
	ck_assert_uint_eq(g.h->n.followed, 30);
	ck_assert_uint_eq(g.h->frame[host_place_get(&f->cache[3])].maps, 4);
	host_rig_free(&g);
}
END_TEST

struct think_stream {
	struct host_stream base;
	time_ps ps;
	uint64_t word[2];
	bool said;
};

static const uint64_t *think_next(struct host_stream *st, uint32_t *count)
{
	struct think_stream *t = (struct think_stream *)st;
	if (t->said)
		return NULL;
	t->said = true;
	*count = 2;
	return t->word;
}

static enum host_act think_act(struct host_stream *st, struct host_thread *th, uint64_t word)
{
	(void)word;
	return host_think(th, ((struct think_stream *)st)->ps);
}

static const struct host_stream_ops think_ops = {.name = "think", .next = think_next, .act = think_act};

/* References that begin again after a while. */
struct twice_stream {
	struct host_stream base;
	time_ps ps;
	uint64_t word[3];
	bool begun;
};

static const uint64_t *twice_next(struct host_stream *st, uint32_t *count)
{
	struct twice_stream *x = (struct twice_stream *)st;
	*count = 3;
	if (x->begun)
		return NULL;
	x->begun = true;
	return x->word;
}

static enum host_act twice_act(struct host_stream *st, struct host_thread *th, uint64_t word)
{
	(void)word;
	return host_think(th, ((struct twice_stream *)st)->ps);
}

static const struct host_stream_ops twice_ops = {.name = "twice", .next = twice_next, .act = twice_act};

/*
 * a's page goes while a sleeps: nobody is interrupted, and it finds the page gone where it ran before, on the first processor. There b
 * has run in the meantime, on the second b wanted the page. While a runs, its processor is interrupted.
 */
START_TEST(who_does_not_run_is_not_interrupted)
{
	struct host_rig g;
	host_rig_open(&g, "cost: {hit: 1 us, walk: 0, fault: 0, call: 0, switch: 0, invalidate: 0, shootdown: 0, interrupt: 0, entry: 0}\n"
		"cpus: 2\nframes: 2\nreplace: {policy: fifo}\nswap: {size: 1 MiB, readahead: 1}\n", true);
	struct host_space *a = rig_space(&g, "a"), *b = rig_space(&g, "b");
	rig_area(&g, a, "heap", HOST_PAGER_SWAP, 0, 4);
	rig_area(&g, b, "heap", HOST_PAGER_SWAP, 0, 4);
	struct twice_stream sleeps = {.base = {&twice_ops}, .ps = 20 * HOST_MS, .word = {host_ref(0, 1), HOST_REF_ACT, host_ref(0, 1)}};
	rig_thread(&g, a, _i ? rig_string(&g, "0w", 10000) : &sleeps.base);
	rig_thread(&g, b, rig_string(&g, "0w", 300));
	rig_thread(&g, b, rig_string(&g, "0w", 4000));
	struct think_stream late = {.base = {&think_ops}, .ps = HOST_MS / 2, .word = {HOST_REF_ACT, host_ref(1, 1)}};
	rig_thread(&g, b, &late.base);
	rig_run(&g);
	ck_assert_int_eq(g.h->n.shootdowns > 0, _i);
	ck_assert_uint_ge(g.h->n.major + g.h->n.rescued, 1); /* a misses its page 0 */
	host_rig_free(&g);
}
END_TEST

/* A thread that has a processor to itself works or sleeps in a fault, and nothing else. */
START_TEST(one_thread_works_or_waits)
{
	struct host_rig g;
	host_rig_open(&g, _i ? "frames: 3\nreplace: {policy: lru}\nswap: {size: 1 MiB, readahead: 1}\n" :
		"frames: 3\nreplace: {policy: fifo}\nreclaim: {low: 1, high: 2}\nswap: {size: 1 MiB}\n", true);
	struct host_space *sp = rig_space(&g, "p");
	rig_area(&g, sp, "heap", HOST_PAGER_SWAP, 0, 10);
	rig_thread(&g, sp, rig_string(&g, "0w 1w 2 3w 4 0w 1 2w 3 4w 5w 1 1w 0", 20));
	rig_run(&g);
	ck_assert_uint_gt(g.h->n.major, 50);
	ck_assert_int_eq(host_busy_time(g.h) + g.h->n.stall_ps, g.sim->now_ps);
	host_rig_free(&g);
}
END_TEST

/* Page 0 is being written out, for page 2, when another thread reads it: it is taken up again and page 1 goes instead. */
START_TEST(a_page_on_its_way_out_is_taken_up_again)
{
	struct host_rig g;
	host_rig_open(&g, HOST_PLAIN "frames: 2\nreplace: {policy: fifo}\nswap: {size: 1 MiB, readahead: 1}\n", true);
	struct host_space *sp = rig_space(&g, "p");
	rig_area(&g, sp, "heap", HOST_PAGER_SWAP, 0, 10);
	rig_thread(&g, sp, rig_string(&g, "0w 1w 2w", 1));
	struct think_stream late = {.base = {&think_ops}, .ps = HOST_MS / 2, .word = {HOST_REF_ACT, host_ref(0, 0)}};
	rig_thread(&g, sp, &late.base);
	rig_run(&g);
	ck_assert_uint_eq(g.h->n.rescued, 1);
	ck_assert_uint_eq(g.h->n.swap_ins, 0);
	ck_assert_uint_eq(g.h->n.swap_outs, 2); /* 0 for nothing, and 1 */
	ck_assert_uint_eq(g.h->n.major, 0);
	ck_assert(host_page_entry(sp, 0) & HOST_PTE_PRESENT);
	ck_assert_int_eq(host_pte_where(host_page_entry(sp, 1)), HOST_WHERE_SWAP);
	host_rig_free(&g);
}
END_TEST

/* New frames = distinct pages written; the last that holds a page takes it over without a copy. */
START_TEST(a_copied_process_copies_what_is_written)
{
	struct host_rig g;
	host_rig_open(&g, HOST_PLAIN "frames: 100\n", true);
	struct host_space *sp = rig_space(&g, "parent");
	rig_area(&g, sp, "heap", HOST_PAGER_SWAP, 0, 20);
	rig_thread(&g, sp, rig_string(&g, "0w 1w 2w 3w 4w 5w 6w 7w", 1));
	rig_run(&g);
	uint64_t third = host_page_content(sp, 3);
	struct host_space *copy = host_clone(sp, "copy", &g.e);
	ck_assert_uint_eq(g.h->frames - g.h->free, 8);
	rig_thread(&g, copy, rig_string(&g, "0 1 2 3w 4w 3w 9w", 1));
	rig_run(&g);
	ck_assert_uint_eq(g.h->n.cow_copies, 2);
	ck_assert_uint_eq(g.h->frames - g.h->free, 11); /* and page 9 */
	ck_assert_uint_eq(host_page_content(sp, 3), third);
	ck_assert_uint_ne(host_page_content(copy, 3), third);
	ck_assert_uint_eq(host_page_content(copy, 5), host_page_content(sp, 5));
	rig_thread(&g, sp, rig_string(&g, "3w 5w", 1)); /* 3 is the parent's alone by now, 5 is not */
	rig_run(&g);
	ck_assert_uint_eq(g.h->n.cow_copies, 3);
	ck_assert_uint_eq(g.h->n.cow_reuses, 1);
	host_space_exit(copy);
	ck_assert_uint_eq(g.h->frames - g.h->free, 8); /* the copies of 3, 4, 5 and page 9 are gone */
	rig_check(&g);
	host_rig_free(&g);
}
END_TEST

/* An image is the state at its start, whatever is written later. */
START_TEST(an_image_keeps_what_was)
{
	struct host_rig g;
	host_rig_open(&g, HOST_PLAIN "frames: 100\n", true);
	struct host_space *sp = rig_space(&g, "p");
	rig_area(&g, sp, "heap", HOST_PAGER_SWAP, 0, 20);
	rig_thread(&g, sp, rig_string(&g, "0w 1w 2w 3w", 1));
	rig_run(&g);
	uint64_t was[4];
	for (uint64_t i = 0; i < 4; i++)
		was[i] = host_page_content(sp, i);
	struct host_image *im = host_image_new(sp, true, &g.e);
	ck_assert_uint_eq(im->pages, 4);
	rig_thread(&g, sp, rig_string(&g, "1w 2w 1w", 1));
	rig_run(&g);
	ck_assert_uint_eq(g.h->n.cow_copies, 2);
	for (uint64_t i = 0; i < 4; i++) {
		ck_assert_uint_eq(host_image_content(im, i), was[i]);
		ck_assert((host_page_content(sp, i) != was[i]) == (i == 1 || i == 2));
	}
	ck_assert_uint_eq(g.h->frames - g.h->free, 6);
	host_image_release(im, 1);
	ck_assert_uint_eq(g.h->frames - g.h->free, 5);
	host_image_free(im);
	ck_assert_uint_eq(g.h->frames - g.h->free, 4);
	rig_check(&g);
	host_rig_free(&g);
}
END_TEST

/* Pages that were written and have left memory since are found too, whichever way they left: alone or several ahead of need. */
START_TEST(tracking_finds_pages_that_have_left_memory)
{
	struct host_rig g;
	host_rig_open(&g, _i ? HOST_PLAIN "frames: 8\nswap: {readahead: 1}\nreclaim: {low: 2, high: 5}\n" : HOST_PLAIN
		"frames: 8\nswap: {readahead: 1}\n", false);
	struct host_space *sp = rig_space(&g, "p");
	struct host_area *heap = rig_area(&g, sp, "heap", HOST_PAGER_SWAP, 0, 40);
	rig_thread(&g, sp, rig_string(&g, "3w 5w 7w 10w 11w 12w 13w 14w 15w 16w 17w 18w 19w 20w 21w 22w 23w 24w 25w", 1));
	rig_run(&g);
	struct host_track *t = host_track_new(sp, heap, HOST_TRACK_SCAN, &g.e);
	host_track_begin(t);
	rig_thread(&g, sp, rig_string(&g, "3w 7w 5w 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25", 1));
	rig_run(&g);
	ck_assert(g.h->plain);
	ck_assert(!(host_page_entry(sp, 3) & HOST_PTE_PRESENT) && !(host_page_entry(sp, 5) & HOST_PTE_PRESENT));
	host_track_end(t);
	ck_assert_uint_eq(t->count, 3);
	ck_assert_uint_eq(host_track_next(t, 0), 3);
	ck_assert_uint_eq(host_track_next(t, 4), 5);
	ck_assert_uint_eq(host_track_next(t, 6), 7);
	host_track_close(t);
	rig_check(&g);
	host_rig_free(&g);
}
END_TEST

/* The data breakpoint: traps = accesses to the pages. */
START_TEST(a_trap_sees_every_access)
{
	struct host_rig g;
	host_rig_open(&g, HOST_PLAIN "frames: 100\n", false);
	struct host_space *sp = rig_space(&g, "p");
	struct host_area *heap = rig_area(&g, sp, "heap", HOST_PAGER_SWAP, 0, 20);
	struct host_track *t = host_track_new(sp, heap, HOST_TRACK_TRAP, &g.e);
	host_track_trap(t, 2, 2, _i ? HOST_TRAP_ALL : HOST_TRAP_WRITES);
	rig_thread(&g, sp, rig_string(&g, "0 2w 3 2 1w 4 3w 2 2w 0", 1));
	rig_run(&g);
	ck_assert_uint_eq(t->traps, _i ? 6 : 3);
	host_rig_free(&g);
}
END_TEST

/* Three pages of memory and two of swap hold five written pages, not six. */
START_TEST(out_of_memory_is_a_result)
{
	struct host_rig g;
	host_rig_open(&g, _i ? HOST_PLAIN "frames: 3\nswap: {size: 8 KiB, readahead: 1}\noom: kill\n" : HOST_PLAIN
		"frames: 3\nswap: {size: 8 KiB, readahead: 1}\n", false);
	struct host_space *sp = rig_space(&g, "greedy");
	rig_area(&g, sp, "heap", HOST_PAGER_SWAP, 0, 20);
	rig_thread(&g, sp, rig_string(&g, "0w 1w 2w 3w 4w 5w 6w", 1));
	rig_run(&g);
	ck_assert(g.h->oom.happened);
	ck_assert_str_eq(g.h->oom.name, "greedy");
	ck_assert_str_eq(g.h->oom.area, "heap");
	ck_assert_uint_eq(g.h->oom.page, 5);
	ck_assert_uint_eq(g.h->n.swap_outs, 2);
	if (_i)
		ck_assert_uint_eq(g.h->free, 3);
	host_rig_free(&g);
}
END_TEST

/*
 * Two frames. One process copies a page of a file and holds it, another (the victim) has written a page and wants a second, a third
 * wants its first: no frame can come free, and of those with most pages the first made, the victim, is killed. Its frame goes to the third,
 * who needs no more; it is the first process, which still waits, for whom the next one has to go: not the victim, who waits no more.
 */
START_TEST(who_was_killed_waits_for_no_frame)
{
	struct host_rig g;
	host_rig_open(&g, HOST_PLAIN "frames: 2\nquantum: 1 us\noom: kill\nfile: {readahead: 1, readahead_initial: 0, fault_around: 1}\n",
		true);
	struct host_space *victim = rig_space(&g, "victim"), *third = rig_space(&g, "third"), *copies = rig_space(&g, "copies");
	rig_area(&g, victim, "heap", HOST_PAGER_ZERO, 0, 2);
	rig_area(&g, third, "heap", HOST_PAGER_ZERO, 0, 2);
	rig_map(&g, copies, rig_file(&g, "file", 0, 1), 0, false);
	uint64_t words[] = {host_ref(0, 1) | UINT64_C(4000) << HOST_REF_MORE_SHIFT, host_ref(1, 1)};
	rig_thread(&g, copies, rig_string(&g, "0w", 1));
	rig_thread(&g, victim, host_stream_words(g.sim->arena, words, 2, 1));
	const struct host_thread *th = rig_thread(&g, third, rig_string(&g, "0w", 1));
	rig_run(&g);
	ck_assert_uint_eq(g.h->oom.times, 2);
	ck_assert_str_eq(g.h->oom.name, "third"); /* for whom the first kill was */
	ck_assert(!victim->alive && third->alive && !copies->alive);
	ck_assert_uint_eq(th->references, 1);
	host_rig_free(&g);
}
END_TEST

/* Two threads want a copy of a page, and there is but the frame that holds it: memory has run out, and nobody waits for ever. With
 * another frame the copy is made for both. */
START_TEST(who_waits_for_a_copy_holds_no_frame)
{
	struct host_rig g;
	host_rig_open(&g, _i ? HOST_PLAIN "frames: 2\nfile: {readahead: 1, readahead_initial: 0, fault_around: 1}\n" : HOST_PLAIN
		"frames: 1\nfile: {readahead: 1, readahead_initial: 0, fault_around: 1}\n", true);
	struct host_space *sp = rig_space(&g, "p");
	rig_map(&g, sp, rig_file(&g, "file", 0, 1), 0, false);
	rig_thread(&g, sp, rig_string(&g, "0w", 1));
	rig_thread(&g, sp, rig_string(&g, "0w", 1));
	rig_run(&g);
	ck_assert_uint_eq(g.h->oom.times, _i ? 0 : 1);
	ck_assert_uint_eq(g.h->n.cow_copies, _i ? 1 : 0);
	host_rig_free(&g);
}
END_TEST

/* Six levels of 8,192 entries are more bits than a page number has. */
START_TEST(the_deepest_table_of_the_largest_pages_works)
{
	struct host_rig g;
	host_rig_open(&g, HOST_PLAIN "frames: 10\npage: 64 KiB\nlevels: 6\n", true);
	struct host_space *sp = rig_space(&g, "p");
	ck_assert_uint_eq(sp->table.pages, UINT64_C(1) << HOST_VPN_BITS);
	rig_area(&g, sp, "low", HOST_PAGER_SWAP, 0, 10);
	rig_area(&g, sp, "high", HOST_PAGER_SWAP, sp->table.pages - 1, 1);
	rig_thread(&g, sp, rig_string(&g, "0w 9w 35184372088831w 1", 1));
	rig_run(&g);
	ck_assert_uint_eq(host_page_content(sp, sp->table.pages - 1), 3);
	host_space_exit(sp);
	ck_assert_uint_eq(g.h->free, 10);
	host_rig_free(&g);
}
END_TEST

START_TEST(a_reference_that_may_not_be_is_named)
{
	static const char *const text[] = {"process p reads page 30, which lies in none of its areas: area heap has pages 0 to 19",
		"process p writes to page 100, which may not be written: area text has pages 100 to 103"};
	struct host_rig g;
	host_rig_open(&g, HOST_PLAIN "frames: 10\n", false);
	struct host_space *sp = rig_space(&g, "p");
	rig_area(&g, sp, "heap", HOST_PAGER_SWAP, 0, 20);
	rig_map(&g, sp, rig_file(&g, "text", 0, 4), 100, true)->writable = false;
	rig_thread(&g, sp, rig_string(&g, _i ? "0w 100 100w" : "0w 30", 1));
	host_start(g.h);
	ck_assert_int_eq(sim_run(g.sim), -1);
	ck_assert_int_eq(g.sim->err.code, ERR_TRACE);
	ck_assert_str_eq(g.sim->err.msg, text[_i]);
	host_rig_free(&g);
}
END_TEST

START_TEST(a_machine_that_cannot_be_is_refused)
{
	struct host_rig g;
	host_rig_open(&g, HOST_PLAIN "frames: 10\nswap: {size: 8 MiB}\n", false);
	struct host_spec big = *g.spec;
	struct host_region small = g.region[0];
	small.sectors = 8;
	ck_assert_ptr_null(host_open(g.sim, &big, &(struct host_place_spec){.io = g.io, .swap = &small, .path = "h"}, &g.e));
	ck_assert_str_eq(g.e.msg, "host.swap.size: 8388608 bytes do not fit in area swap of 4096 bytes");
	struct err e = {0};
	if (sysconf(_SC_PHYS_PAGES) < (long)((UINT64_C(32) << 31) / (uint64_t)sysconf(_SC_PAGESIZE))) { /* less than 2^31 frames take */
		struct host_spec huge = *g.spec;
		huge.frames = INT64_C(1) << 31;
		ck_assert_ptr_null(host_open(g.sim, &huge, &(struct host_place_spec){.io = g.io, .path = "h"}, &e));
		ck_assert_int_eq(e.code, ERR_LIMIT);
		ck_assert_msg(strstr(e.msg, "host.frames: the model of 2147483648 frames takes 65536 MiB") == e.msg, "%s", e.msg);
	}
	for (uint64_t n = 1; n < 8; n++) { /* memory may run out anywhere */
		e = (struct err){0};
		arena_fail_at(g.sim->arena, n);
		ck_assert_ptr_null(host_open(g.sim, g.spec, &(struct host_place_spec){.io = g.io, .path = "h"}, &e));
		ck_assert_int_eq(e.code, ERR_LIMIT);
	}
	host_rig_free(&g);
}
END_TEST

struct sync_stream {
	struct host_stream base;
	struct host_file *file;
	struct host_call call;
	uint64_t word[3];
	bool said;
};

static const uint64_t *sync_next(struct host_stream *st, uint32_t *count)
{
	struct sync_stream *t = (struct sync_stream *)st;
	if (t->said)
		return NULL;
	t->said = true;
	*count = 3;
	return t->word;
}

static enum host_act sync_act(struct host_stream *st, struct host_thread *th, uint64_t word)
{
	struct sync_stream *t = (struct sync_stream *)st;
	return word & 1 ? host_file_sync(th, t->file) : host_file_call(th, &t->call);
}

static const struct host_stream_ops sync_ops = {.name = "sync", .next = sync_next, .act = sync_act};

/* write(2) of three pages, the last in part (which has to be read first), a mapped write, fsync: one read, writes and a flush of a
 * millisecond each, and the device holds what the cache held. */
START_TEST(a_sync_makes_durable_what_was_written_either_way)
{
	struct host_rig g;
	host_rig_open(&g, HOST_PLAIN SMALL_FILES "frames: 50\n", true);
	struct host_space *sp = rig_space(&g, "p");
	struct host_file *f = rig_file(&g, "data", 0, 10);
	rig_map(&g, sp, f, 100, true);
	struct sync_stream t = {.base = {&sync_ops}, .file = f, .call = {.file = f, .bytes = 8192 + 100, .write = true, .copies = true},
		.word = {HOST_REF_ACT, host_ref(101, 1), HOST_REF_ACT | 1}};
	rig_thread(&g, sp, &t.base);
	rig_run(&g);
	ck_assert_uint_eq(g.h->n.file_ins, 1);
	ck_assert_uint_eq(g.h->n.file_outs, 3);
	ck_assert_uint_eq(g.h->n.file_writes, 1);
	ck_assert_uint_eq(host_io_by_cause(g.io, BLK_CAUSE_FILE).flushes, 1);
	ck_assert_uint_eq(g.h->dirty_pages, 0);
	ck_assert_int_eq((g.sim->now_ps + PS_PER_US) / HOST_MS, 3);
	for (uint64_t i = 0; i < 3; i++) {
		uint64_t on_device = 0;
		ck_assert(host_io_page(g.io, &g.region[1], i * 8, 8, &on_device));
		ck_assert_uint_ne(on_device, 0);
		ck_assert_uint_eq(on_device, host_file_content(f, i));
	}
	host_rig_free(&g);
}
END_TEST

/* Memory of 100 frames, hard limit 5: who writes 20 pages of a file waits, and never are more than 6 dirty or under way. */
START_TEST(who_dirties_too_much_waits)
{
	struct host_rig g;
	host_rig_open(&g, HOST_PLAIN SMALL_FILES "frames: 100\nwriteback: {background: 0.03, hard: 0.05, depth: 1, batch: 2}\n", false);
	struct host_space *sp = rig_space(&g, "p");
	rig_map(&g, sp, rig_file(&g, "data", 0, 20), 0, true);
	rig_thread(&g, sp, rig_string(&g, "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 "
		"0w 1w 2w 3w 4w 5w 6w 7w 8w 9w 10w 11w 12w 13w 14w 15w 16w 17w 18w 19w", 1));
	host_start(g.h);
	while (sim_step(g.sim))
		ck_assert_uint_le(g.h->dirty_pages + g.h->writing_pages, 6);
	rig_check(&g);
	ck_assert(host_over(g.h));
	ck_assert_uint_gt(g.h->n.throttled, 0);
	ck_assert_uint_ge(g.h->n.file_outs, 14);
	host_rig_free(&g);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("host machine");
	TCase *t = tcase_create("machine");
	tcase_add_loop_test(t, fault_counts_are_those_of_the_textbooks, 0, sizeof(strings) / sizeof(strings[0]));
	tcase_add_loop_test(t, a_loop_longer_than_memory_always_misses, 0, 2);
	tcase_add_test(t, a_scan_reads_once_a_window);
	tcase_add_test(t, processes_share_the_pages_of_a_file);
	tcase_add_loop_test(t, one_thread_works_or_waits, 0, 2);
	tcase_add_loop_test(t, who_does_not_run_is_not_interrupted, 0, 2);
	tcase_add_test(t, a_page_on_its_way_out_is_taken_up_again);
	tcase_add_test(t, a_copied_process_copies_what_is_written);
	tcase_add_test(t, an_image_keeps_what_was);
	tcase_add_loop_test(t, tracking_finds_pages_that_have_left_memory, 0, 2);
	tcase_add_loop_test(t, a_trap_sees_every_access, 0, 2);
	tcase_add_loop_test(t, out_of_memory_is_a_result, 0, 2);
	tcase_add_loop_test(t, who_waits_for_a_copy_holds_no_frame, 0, 2);
	tcase_add_test(t, who_was_killed_waits_for_no_frame);
	tcase_add_test(t, the_deepest_table_of_the_largest_pages_works);
	tcase_add_loop_test(t, a_reference_that_may_not_be_is_named, 0, 2);
	tcase_add_test(t, a_machine_that_cannot_be_is_refused);
	tcase_add_test(t, a_sync_makes_durable_what_was_written_either_way);
	tcase_add_test(t, who_dirties_too_much_waits);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	SRunner *r = srunner_create(suite());
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed > 0;
}
