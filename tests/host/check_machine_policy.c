/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine under each replacement policy and allocation: the faults of the policy alone, quotas, page-fault frequency, and
 * thrashing with load control and without. */

#include "host/host_fixture.h"
#include "host/replace_run.h"

#define PLAIN HOST_PLAIN "share_zero: false\nfile: {readahead: 1, readahead_initial: 0, fault_around: 1}\ntlb: {flush_on_age: true}\n" \
	"swap: {readahead: 1}\n"

static struct host_stream *stream_of(struct host_rig *g, struct rng *rng, uint32_t pages, uint32_t count, uint64_t *refs)
{
	uint64_t *word = arena_array(g->sim->arena, count, sizeof(*word));
	for (uint32_t k = 0; k < count; k++) {
		word[k] = host_ref(rng_below(rng, 1 + rng_below(rng, pages)), rng_below(rng, 4) == 0);
		if (refs)
			refs[k] = word[k];
	}
	return host_stream_words(g->sim->arena, word, count, 1);
}

/* One thread on memory that fits in swap: the machine's faults are those of the policy run alone. Policies that look at times see
 * other times here, and random draws other lots: they are left out. */
START_TEST(a_policy_takes_the_same_faults_in_the_machine_as_alone)
{
	const struct replace_policy *p = &replace_policies[_i];
	uint64_t refs[3000];
	if (p->needs & (REPLACE_FUTURE | REPLACE_TICK | REPLACE_NOW) || strcmp(p->name, "random") == 0)
		return;
	for (uint32_t frames = 4; frames < 40; frames += 9) {
		char text[1024];
		struct host_rig g;
		struct err e = {0};
		struct replace_outcome out = {0};
		snprintf(text, sizeof(text), PLAIN "frames: %u\nreplace: {policy: %s}\n", frames, p->name);
		host_rig_open(&g, text, false);
		struct host_space *sp = rig_space(&g, "p");
		rig_area(&g, sp, "heap", HOST_PAGER_SWAP, 0, 64);
		rig_thread(&g, sp, stream_of(&g, rng_new(g.sim->arena, frames, "string"), 64, 3000, refs));
		rig_run(&g);
		ck_assert_int_eq(replace_run(&g.spec->replace, frames, refs, 3000, 1, &out, &e), 0);
		ck_assert_msg(g.h->n.zero_fills + g.h->n.swap_ins == out.faults, "%s on %u frames: %u fills, not %u", p->name, frames,
			(unsigned)(g.h->n.zero_fills + g.h->n.swap_ins), (unsigned)out.faults);
		ck_assert_uint_eq(g.h->n.evictions, out.evictions);
		host_rig_free(&g);
	}
}
END_TEST

/*
 * Little memory and many writes under each policy: two processes of two threads, memory that goes to swap or to a file, one pool or two,
 * tau from 0 on. All run to their ends, and all invariants hold at every pause: above all, that no frame goes whose page is being
 * written (what the policy named may be written for it by then).
 */
static void crowd(const char *policy, uint32_t frames, const char *tau, const char *allocation, bool file)
{
	char text[1024];
	struct host_rig g;
	snprintf(text, sizeof(text), HOST_PLAIN "frames: %u\nquantum: 20 us\nreplace: {policy: %s, tau: %s, period: 200 us}\n"
		"allocation: {%s}\nswap: {readahead: 1}\ntlb: {flush_on_age: false}\n", frames, policy, tau, allocation);
	host_rig_open(&g, text, true);
	struct rng *rng = rng_new(g.sim->arena, frames, "crowd");
	for (uint32_t p = 0; p < 2; p++) {
		struct host_space *sp = rig_space(&g, p ? "q" : "p");
		if (file)
			rig_map(&g, sp, rig_file(&g, p ? "g" : "f", 20 * p, 20), 0, true);
		else
			rig_area(&g, sp, "heap", HOST_PAGER_SWAP, 0, 20);
		for (uint32_t t = 0; t < 2; t++) {
			uint64_t *word = arena_array(g.sim->arena, 100, sizeof(*word));
			for (uint32_t k = 0; k < 100; k++)
				word[k] = host_ref(rng_below(rng, 4) ? (k / 2) % 20 : rng_below(rng, 20), rng_below(rng, 4) > 0) |
					rng_below(rng, 9000) << HOST_REF_MORE_SHIFT;
			rig_thread(&g, sp, host_stream_words(g.sim->arena, word, 100, 1));
		}
	}
	host_start(g.h);
	for (uint32_t n = 0; sim_step(g.sim); n++)
		if (n % 32 == 0)
			rig_check(&g);
	rig_check(&g);
	ck_assert_msg(host_over(g.h) && g.h->oom.times == 0, "%s on %u frames, tau %s, %s: %u threads wait for ever", policy, frames, tau,
		allocation, g.h->alive);
	ck_assert_uint_gt(file ? g.h->n.file_outs : g.h->n.swap_outs, frames);
	host_rig_free(&g);
}

START_TEST(a_frame_whose_page_is_being_written_is_nobodys_victim)
{
	static const uint32_t frames[] = {1, 3, 9};
	static const char *const taus[] = {"0", "5 us", "300 us", "1 h"};
	static const char *const shares[] = {"frames: global", "frames: equal", "frames: fault-frequency, interval: 20 us, suspend: true"};
	const struct replace_policy *p = &replace_policies[_i];
	if (p->needs & REPLACE_FUTURE)
		return;
	for (uint32_t k = 0; k < sizeof(frames) / sizeof(frames[0]); k++)
		for (uint32_t t = 0; t < (p->needs & REPLACE_NOW ? 4u : 1u); t++)
			for (uint32_t a = 0; a < 3; a++)
				for (int file = 0; file < 2; file++)
					crowd(p->name, frames[k], taus[t], shares[a], file);
}
END_TEST

/* Ten pages of which three are used always, the others once each after many ticks. */
START_TEST(ticks_let_aging_and_nfu_keep_what_is_used_often)
{
	static const char *const names[] = {"aging", "nfu", "mglru"};
	char text[1024];
	struct host_rig g;
	snprintf(text, sizeof(text), PLAIN "frames: 6\nreplace: {policy: %s, period: 20 us, ageing: period}\n", names[_i]);
	host_rig_open(&g, text, false);
	struct host_space *sp = rig_space(&g, "p");
	rig_area(&g, sp, "heap", HOST_PAGER_ZERO, 0, 500);
	uint64_t *word = arena_array(g.sim->arena, 100000, sizeof(*word));
	for (uint32_t k = 0; k < 100000; k++)
		word[k] = host_ref(k % 1000 == 999 ? 3 + k / 1000 % 6 : k % 3, 0);
	rig_thread(&g, sp, host_stream_words(g.sim->arena, word, 100000, 1));
	host_start(g.h);
	sim_run(g.sim);
	rig_check(&g);
	/* memory without a pager to leave to cannot be evicted while dirty: these pages are clean zeros and come back by a fault */
	for (uint64_t k = 0; k < 3; k++)
		ck_assert(host_page_entry(sp, k) & HOST_PTE_PRESENT);
	ck_assert_uint_ge(g.h->n.zero_fills, 9);
	ck_assert(!event_pending(&g.h->ticker));
	host_rig_free(&g);
}
END_TEST

/* Looks at accessed bits begin with the first thread there is, and end with the last one. */
START_TEST(ticks_go_on_while_there_are_threads)
{
	struct host_rig g;
	host_rig_open(&g, PLAIN "frames: 6\nreplace: {policy: aging, period: 20 us}\n", false);
	struct host_space *sp = rig_space(&g, "p");
	rig_area(&g, sp, "heap", HOST_PAGER_SWAP, 0, 10);
	host_start(g.h);
	for (int times = 0; times < 2; times++) {
		ck_assert(!event_pending(&g.h->ticker));
		rig_thread(&g, sp, rig_string(&g, "0 1 2", 1));
		rig_thread(&g, sp, rig_string(&g, "3 4", 1));
		ck_assert(event_pending(&g.h->ticker));
		sim_run(g.sim);
		rig_check(&g);
		ck_assert(host_over(g.h));
	}
	ck_assert(!event_pending(&g.h->ticker));
	host_rig_free(&g);
}
END_TEST

/* Looks more frequent than references tell nothing, and a read from a device would take as long as many millions of them. */
START_TEST(a_period_shorter_than_a_reference_is_refused)
{
	struct err e = {0};
	struct sim *s = sim_new(1);
	ck_assert_ptr_nonnull(bind_text(s->arena, &host_options, "replace: {period: 1 ns}\n", &e));
	ck_assert_ptr_null(bind_text(s->arena, &host_options, "replace: {period: 999 ps}\n", &e));
	ck_assert_msg(strstr(e.msg, "period") != NULL, "%s", e.msg);
	sim_free(s);
}
END_TEST

/* A process that walks through much memory leaves another's pages alone under local allocation. */
START_TEST(an_equal_share_protects_a_small_process_from_a_large_one)
{
	uint64_t majors[2];
	for (int local = 0; local < 2; local++) {
		char text[1024];
		struct host_rig g;
		snprintf(text, sizeof(text), PLAIN "frames: 64\nquantum: 50 us\nreplace: {policy: lru}\nallocation: {frames: %s}\n",
			local ? "equal" : "global");
		host_rig_open(&g, text, false);
		struct host_space *small = rig_space(&g, "small"), *large = rig_space(&g, "large");
		rig_area(&g, small, "heap", HOST_PAGER_SWAP, 0, 30);
		rig_area(&g, large, "heap", HOST_PAGER_SWAP, 0, 1000);
		uint64_t *a = arena_array(g.sim->arena, 30, sizeof(*a)), *b = arena_array(g.sim->arena, 1000, sizeof(*b));
		for (uint32_t k = 0; k < 30; k++)
			a[k] = host_ref(k, 1) | UINT64_C(2000) << HOST_REF_MORE_SHIFT;
		for (uint32_t k = 0; k < 1000; k++)
			b[k] = host_ref(k, 1) | UINT64_C(2000) << HOST_REF_MORE_SHIFT;
		struct host_thread *th = rig_thread(&g, small, host_stream_words(g.sim->arena, a, 30, 40));
		rig_thread(&g, large, host_stream_words(g.sim->arena, b, 1000, 3));
		rig_run(&g);
		majors[local] = th->faults;
		host_rig_free(&g);
	}
	ck_assert_uint_eq(majors[1], 30); /* the first touches */
	ck_assert_uint_gt(majors[0], 30);
}
END_TEST

/* Round and round `pages` pages, `more` references of 1 ns behind the first on each. */
static struct host_thread *rounds(struct host_rig *g, struct host_space *sp, uint32_t pages, uint64_t more, uint64_t count)
{
	uint64_t *word = arena_array(g->sim->arena, pages, sizeof(*word));
	for (uint32_t k = 0; k < pages; k++)
		word[k] = host_ref(k, 1) | more << HOST_REF_MORE_SHIFT;
	return rig_thread(g, sp, host_stream_words(g->sim->arena, word, pages, count));
}

/*
 * One process goes round 80 pages in 100 frames, and has them all, when another comes that does the same. From then on each has 50, and
 * under LRU a loop of 80 in 50 faults on every page: also while the first wants pages back that leave for the second.
 */
START_TEST(a_quota_holds_for_who_was_there_before)
{
	static const char *const policies[] = {"lru", "lru", "fifo", "lru", "arc"};
	static const char *const shares[] = {"equal", "equal", "equal", "proportional", "equal"};
	static const uint64_t more[] = {999, 29999, 999, 999, 999}; /* a round takes 0.08 reads of the device, or 2.4 */
	char text[1024];
	struct host_rig g;
	snprintf(text, sizeof(text), PLAIN "frames: 100\nquantum: 100 us\nreplace: {policy: %s}\nallocation: {frames: %s}\n", policies[_i],
		shares[_i]);
	host_rig_open(&g, text, true);
	struct host_space *sp[2] = {rig_space(&g, "first"), rig_space(&g, "second")};
	struct host_thread *th[2];
	for (int p = 0; p < 2; p++)
		rig_area(&g, sp[p], "heap", HOST_PAGER_SWAP, 0, 80);
	th[0] = rounds(&g, sp[0], 80, more[_i], 1000000);
	host_start(g.h);
	while (g.sim->now_ps < 10 * HOST_MS)
		ck_assert(sim_step(g.sim));
	ck_assert_uint_eq(th[0]->faults, 80);
	th[1] = rounds(&g, sp[1], 80, more[_i], 1000000);
	uint64_t before[2][2] = {{0}};
	for (int half = 0; half < 2; half++) {
		while (g.sim->now_ps < (1 + 2 * half) * 1000 * HOST_MS)
			ck_assert(sim_step(g.sim));
		rig_check(&g);
		for (int p = 0; p < 2; p++) {
			uint64_t faults = th[p]->faults - before[0][p], visits = (th[p]->references - before[1][p]) / (more[_i] + 1);
			before[0][p] = th[p]->faults;
			before[1][p] = th[p]->references;
			if (half == 0)
				continue;
			ck_assert_uint_gt(visits, 300); /* a fault: a page written, another read */
			if (strcmp(policies[_i], "arc") != 0)
				ck_assert_msg(faults <= visits + 1 && visits <= faults + 1, "process %d: %u faults on %u pages", p, (unsigned)faults,
					(unsigned)visits);
			ck_assert_uint_ge(sp[p]->resident, 48);
			ck_assert_uint_le(sp[p]->resident, 50);
		}
	}
	ck_assert_uint_eq(g.h->n.rescued, 0);
	host_stop(g.h);
	sim_run(g.sim);
	rig_check(&g);
	host_rig_free(&g);
}
END_TEST

/*
 * One thread that goes round 60 pages, which waits for a frame most of the time, and a process of eight with a larger memory, in
 * 100 frames: each wants more than its 50, and each gives up its own for what it wants, whoever has waited longer.
 */
START_TEST(who_waits_gives_up_pages_of_his_own_process)
{
	static const char *const policies[] = {"lru", "clock", "fifo"};
	char text[1024];
	struct host_rig g;
	snprintf(text, sizeof(text), PLAIN "frames: 100\nquantum: 10 us\nreplace: {policy: %s}\nallocation: {frames: equal}\n", policies[_i]);
	host_rig_open(&g, text, true);
	struct host_space *sp[2] = {rig_space(&g, "one"), rig_space(&g, "eight")};
	rig_area(&g, sp[0], "heap", HOST_PAGER_SWAP, 0, 60);
	rig_area(&g, sp[1], "heap", HOST_PAGER_SWAP, 0, 500);
	rounds(&g, sp[0], 60, 9, 1000);
	for (uint32_t k = 0; k < 8; k++) {
		uint64_t *word = arena_array(g.sim->arena, 2000, sizeof(*word));
		struct rng *rng = rng_new(g.sim->arena, k, "eight");
		for (uint32_t i = 0; i < 2000; i++)
			word[i] = host_ref(rng_below(rng, 500), 1);
		rig_thread(&g, sp[1], host_stream_words(g.sim->arena, word, 2000, 1));
	}
	const struct replace *one = g.h->alloc->process[0].pool, *eight = g.h->alloc->process[1].pool;
	uint32_t least = 100, most = 0;
	host_start(g.h);
	while (sim_step(g.sim) && g.sim->now_ps < 1000 * HOST_MS)
		if (g.sim->now_ps > 300 * HOST_MS) {
			least = one->held < least ? one->held : least;
			most = eight->held > most ? eight->held : most;
		}
	rig_check(&g);
	ck_assert_uint_gt(g.h->n.evictions, 1000);
	ck_assert_msg(least >= 49 && most <= 50, "%s: one has %u frames at times, eight up to %u", policies[_i], least, most);
	host_stop(g.h);
	sim_run(g.sim);
	rig_check(&g);
	host_rig_free(&g);
}
END_TEST

/* Pages that come along are of the process that faults, also where its frame came to it by an event: it stays within its 50, and the
 * one that has ten pages holds no more. */
START_TEST(pages_read_ahead_count_for_who_faults)
{
	struct host_rig g;
	host_rig_open(&g, HOST_PLAIN "frames: 100\nquantum: 100 us\nshare_zero: false\nreplace: {policy: clock}\n"
		"allocation: {frames: equal}\nreclaim: {low: 0}\nswap: {readahead: 8}\n", true);
	struct host_space *sp[2] = {rig_space(&g, "small"), rig_space(&g, "large")};
	struct host_file *f = rig_file(&g, "file", 0, 80);
	rig_area(&g, sp[0], "heap", HOST_PAGER_SWAP, 0, 10);
	if (_i)
		rig_map(&g, sp[1], f, 0, true);
	else
		rig_area(&g, sp[1], "heap", HOST_PAGER_SWAP, 0, 80);
	rounds(&g, sp[0], 10, 9999, 1000000);
	uint64_t *word = arena_array(g.sim->arena, 2000, sizeof(*word));
	for (uint32_t k = 0; k < 2000; k++)
		word[k] = host_ref(k % 80, k % 7 == 0); /* some dirty, so that it waits for frames; some clean, so that pages come along */
	struct host_thread *th = rig_thread(&g, sp[1], host_stream_words(g.sim->arena, word, 2000, 1000));
	host_start(g.h);
	while (g.sim->now_ps < 2000 * HOST_MS)
		ck_assert(sim_step(g.sim));
	uint64_t before = th->faults;
	while (g.sim->now_ps < 3000 * HOST_MS) {
		ck_assert(sim_step(g.sim));
		ck_assert_uint_le(g.h->alloc->process[0].pool->held, 10);
		ck_assert_uint_le(g.h->alloc->process[1].pool->held, 50);
	}
	ck_assert_uint_gt(_i ? g.h->n.file_ahead : g.h->n.swap_ahead, 50);
	ck_assert_uint_gt(th->faults, before + 100);
	host_stop(g.h);
	sim_run(g.sim);
	rig_check(&g);
	host_rig_free(&g);
}
END_TEST

/* One pool, and one process that has all of it and wants each page back before it is written: the other gets a frame all the same,
 * within two writes of the device (one page rescued, the next not). */
START_TEST(who_waits_for_a_frame_is_not_robbed_of_it_for_ever)
{
	struct host_rig g;
	host_rig_open(&g, PLAIN "frames: 100\nquantum: 100 us\nreplace: {policy: lru}\n", true);
	struct host_space *sp[2] = {rig_space(&g, "first"), rig_space(&g, "second")};
	for (int p = 0; p < 2; p++)
		rig_area(&g, sp[p], "heap", HOST_PAGER_SWAP, 0, 100);
	struct host_thread *first = rounds(&g, sp[0], 100, 999, 1000000);
	host_start(g.h);
	while (g.sim->now_ps < 10 * HOST_MS)
		ck_assert(sim_step(g.sim));
	ck_assert_uint_eq(first->faults, 100);
	time_ps began = g.sim->now_ps;
	struct host_thread *second = rounds(&g, sp[1], 20, 999, 1);
	while (second->state != HOST_THREAD_ENDED && g.sim->now_ps < began + 1000 * HOST_MS)
		ck_assert(sim_step(g.sim));
	ck_assert_msg(g.sim->now_ps <= began + 20 * (2 * HOST_MS + 200 * PS_PER_US), "20 frames took %g ms", 1e3 * time_seconds(g.sim->now_ps - began));
	ck_assert_uint_gt(g.h->n.rescued, 0);
	host_stop(g.h);
	sim_run(g.sim);
	rig_check(&g);
	host_rig_free(&g);
}
END_TEST

/*
 * `processes` processes, each going round and round in 40 pages of its own, 1 us on each, in 100 frames, with a device of 1 ms: two
 * fit. Returns references per simulated second.
 */
static double throughput(const char *allocation, uint32_t processes, uint64_t *suspensions)
{
	char text[1024];
	struct host_rig g;
	snprintf(text, sizeof(text), PLAIN "frames: 100\nquantum: 100 us\nreplace: {policy: clock}\nallocation: {%s}\n", allocation);
	host_rig_open(&g, text, false);
	for (uint32_t p = 0; p < processes; p++) {
		struct host_space *sp = rig_space(&g, "p");
		uint64_t *word = arena_array(g.sim->arena, 40, sizeof(*word));
		rig_area(&g, sp, "heap", HOST_PAGER_SWAP, 0, 40);
		for (uint32_t k = 0; k < 40; k++)
			word[k] = host_ref(k, 1) | UINT64_C(1000) << HOST_REF_MORE_SHIFT;
		rig_thread(&g, sp, host_stream_words(g.sim->arena, word, 40, 200));
	}
	rig_run(&g);
	double rate = (double)g.h->n.references / time_seconds(g.sim->now_ps);
	*suspensions = g.h->n.suspensions;
	host_rig_free(&g);
	return rate;
}

/* Denning, "Thrashing: its causes and prevention", AFIPS FJCC 1968: with more processes than fit the processor waits for pages;
 * with load control the rest waits outside. */
START_TEST(too_many_processes_thrash_and_load_control_prevents_it)
{
	uint64_t none, some;
	double fit = throughput("frames: global", 2, &none);
	double crowd = throughput("frames: global", 6, &none);
	ck_assert_uint_eq(none, 0);
	double controlled = throughput("frames: fault-frequency, interval: 1 ms, suspend: true", 6, &some);
	ck_assert_msg(crowd < 0.05 * fit, "six run at %g references a second, two at %g", crowd, fit);
	ck_assert_msg(controlled > 20 * crowd, "under load control %g references a second, without %g", controlled, crowd);
	ck_assert_uint_gt(some, 0);
}
END_TEST

/* Their number need not be told: 40 go round two pages each, alone in memory that holds them all, and then 40 more come. */
START_TEST(there_is_a_pool_for_each_process_that_comes)
{
	struct host_rig g;
	host_rig_open(&g, PLAIN "frames: 160\nallocation: {frames: equal}\n", true);
	for (uint32_t p = 0; p < 80; p++) {
		struct host_space *sp = rig_space(&g, "p");
		rig_area(&g, sp, "heap", HOST_PAGER_SWAP, 0, 3);
		rig_thread(&g, sp, rig_string(&g, p < 40 ? "0w 1w" : "0w 1w 2w", 20));
		if (p == 39) {
			host_start(g.h);
			sim_run(g.sim);
			rig_check(&g);
			ck_assert_uint_eq(g.h->n.faults, 80);
			for (uint32_t i = 0; i < 40; i++)
				host_space_exit(g.h->space[i]);
		}
	}
	ck_assert_uint_eq(g.h->alloc->here, 40);
	for (uint32_t p = 40; p < 80; p++)
		ck_assert_uint_eq(g.h->alloc->process[p].quota, 4);
	sim_run(g.sim);
	rig_check(&g);
	ck_assert(host_over(g.h));
	ck_assert_uint_eq(g.h->n.faults, 80 + 120);
	host_rig_free(&g);
}
END_TEST

START_TEST(one_process_too_many_for_the_pools_is_refused_by_key)
{
	struct host_rig g;
	host_rig_open(&g, PLAIN "frames: 64\nallocation: {frames: equal, processes: 2}\n", false);
	rig_space(&g, "a");
	rig_space(&g, "b");
	ck_assert_ptr_null(host_space_new(g.h, "c", &g.e));
	ck_assert_str_eq(g.e.msg, "host.allocation.processes: process c is one more than the 2 there may be");
	host_rig_free(&g);
}
END_TEST

/*
 * 64 pages come back from swap in their order, in windows of 8, while the pages that give way for them are dirty or clean. Clean ones give
 * their frames at once: 8 reads. Dirty ones do not, and read-ahead waits for nobody: it finds frames where reclaim keeps some free.
 */
START_TEST(swap_readahead_takes_frames_that_are_to_be_had_at_once)
{
	static const struct { const char *host; bool dirty; uint64_t reads; } runs[] = {
		{"frames: 80\n", true, 64},
		{"frames: 80\n", false, 8},
		{"frames: 80\nreclaim: {low: 8, high: 16}\n", true, 8},
		{"frames: 80\nreclaim: {low: 8, high: 16}\nswap: {readahead: 1}\n", true, 64},
	};
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		struct host_rig g;
		char text[1024];
		snprintf(text, sizeof(text), HOST_PLAIN "replace: {policy: lru}\nshare_zero: false\n%s", runs[i].host);
		host_rig_open(&g, text, true);
		struct host_space *sp = rig_space(&g, "p");
		rig_area(&g, sp, "heap", HOST_PAGER_SWAP, 0, 200);
		uint64_t *word = arena_array(g.sim->arena, 64 + 96 + 100 + 64, sizeof(*word)), n = 0;
		for (uint64_t k = 0; k < 64; k++)
			word[n++] = host_ref(k, 1);
		for (uint64_t k = 100; k < 196; k++) /* more than there are frames: they drive all of these out */
			word[n++] = host_ref(k, runs[i].dirty) | UINT64_C(5000) << HOST_REF_MORE_SHIFT;
		for (uint64_t k = 0; k < 100; k++) /* reclaim comes to rest */
			word[n++] = host_ref(195, 0) | UINT64_C(30000) << HOST_REF_MORE_SHIFT;
		for (uint64_t k = 0; k < 64; k++)
			word[n++] = host_ref(k, 0) | UINT64_C(20000) << HOST_REF_MORE_SHIFT;
		rig_thread(&g, sp, host_stream_words(g.sim->arena, word, (uint32_t)n, 1));
		rig_run(&g);
		ck_assert_uint_eq(g.h->n.swap_ins, 64);
		ck_assert_msg(g.h->n.swap_reads == runs[i].reads, "run %u: %u reads", (unsigned)i, (unsigned)g.h->n.swap_reads);
		ck_assert_uint_eq(g.h->n.swap_ahead, 64 - runs[i].reads);
		host_rig_free(&g);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("host/machine_policy");
	TCase *t = tcase_create("all");
	int policies = 0;
	while (replace_policies[policies].name)
		policies++;
	tcase_add_loop_test(t, a_policy_takes_the_same_faults_in_the_machine_as_alone, 0, policies);
	tcase_add_loop_test(t, a_frame_whose_page_is_being_written_is_nobodys_victim, 0, policies);
	tcase_add_loop_test(t, ticks_let_aging_and_nfu_keep_what_is_used_often, 0, 3);
	tcase_add_test(t, ticks_go_on_while_there_are_threads);
	tcase_add_test(t, a_period_shorter_than_a_reference_is_refused);
	tcase_add_test(t, an_equal_share_protects_a_small_process_from_a_large_one);
	tcase_add_loop_test(t, a_quota_holds_for_who_was_there_before, 0, 5);
	tcase_add_loop_test(t, who_waits_gives_up_pages_of_his_own_process, 0, 3);
	tcase_add_loop_test(t, pages_read_ahead_count_for_who_faults, 0, 2);
	tcase_add_test(t, who_waits_for_a_frame_is_not_robbed_of_it_for_ever);
	tcase_add_test(t, too_many_processes_thrash_and_load_control_prevents_it);
	tcase_add_test(t, swap_readahead_takes_frames_that_are_to_be_had_at_once);
	tcase_add_test(t, there_is_a_pool_for_each_process_that_comes);
	tcase_add_test(t, one_process_too_many_for_the_pools_is_refused_by_key);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
