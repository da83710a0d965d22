/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The machine under everything at once, with content tags: threads of several processes read and write anonymous memory, private
 * and shared mappings of files, call read, write and fsync, copy address spaces, take images, track writes, and end; in little
 * memory. All invariants hold at every pause, and what is read is what was written last.
 */
#include "host/host_fixture.h"

#include "effort.h"

#define SPACES 12
#define THREADS 40
#define FILE_PAGES 40
#define HEAP_PAGES 60
#define STACK_FLOOR 400

/* A thread's stream: references and now and then something else. */
struct walker {
	struct host_stream base;
	struct play *play;
	struct rng *rng;
	struct host_call call;
	bool calling;
	uint64_t left;
	uint64_t word[16];
};

struct play {
	struct host_rig g;
	struct rng *rng;
	struct host_file *file[2];
	struct host_image *image[4];
	struct host_track *track[4];
	uint32_t threads;
	uint64_t acts, images, clones, exits, tracks;
};

static uint64_t some_page(struct walker *w)
{
	switch (rng_below(w->rng, 8)) {
	case 0: return 100 + rng_below(w->rng, FILE_PAGES);  /* shared */
	case 1: return 200 + rng_below(w->rng, FILE_PAGES);  /* private */
	case 2: return STACK_FLOOR + rng_below(w->rng, 20);  /* grows */
	case 3: return 500;           /* never leaves */
	default: return rng_below(w->rng, HEAP_PAGES);
	}
}

static const uint64_t *walker_next(struct host_stream *st, uint32_t *count)
{
	struct walker *w = (struct walker *)st;
	if (w->left == 0)
		return NULL;
	*count = 1 + (uint32_t)rng_below(w->rng, 16);
	for (uint32_t i = 0; i < *count; i++) {
		w->word[i] = host_ref(some_page(w), rng_below(w->rng, 3) == 0) | rng_below(w->rng, 3) << HOST_REF_MORE_SHIFT;
		if (rng_below(w->rng, 10) == 0)
			w->word[i] = HOST_REF_ACT | rng_below(w->rng, 12);
	}
	w->left--;
	return w->word;
}

static void add_thread(struct play *p, struct host_space *sp, uint64_t batches);

static void drop_image(struct play *p, uint32_t i)
{
	host_image_free(p->image[i]);
	p->image[i] = NULL;
}

/* Whether there were any: what waited for their frames goes on. */
static bool free_images(struct play *p)
{
	bool any = false;
	for (uint32_t i = 0; i < 4; i++) {
		any = any || p->image[i];
		drop_image(p, i);
	}
	return any;
}

/* The next event; images are freed where nothing else lets the threads go on that wait for frames, though policies may still look
 * at bits. */
static bool go_on(struct play *p)
{
	const struct host *h = p->g.h;
	if (h->waiters > 0 && h->ready == 0 && h->filling == 0 && h->leaving == 0 && h->writes_swap == 0 && h->writes == 0)
		free_images(p);
	return sim_step(p->g.sim) || free_images(p);
}

static void act_image(struct play *p, struct host_thread *th, struct rng *rng)
{
	uint32_t i = (uint32_t)rng_below(rng, 4);
	if (p->image[i]) {
		drop_image(p, i);
		return;
	}
	if (p->g.h->pins > 10) /* what images hold cannot be evicted */
		return;
	p->image[i] = host_image_new(th->space, true, &p->g.e);
	p->images++;
	while (p->g.h->pins > 10) /* these pages are written out at once */
		host_image_release(p->image[i], rng_below(rng, p->image[i]->pages));
}

static void act_clone(struct play *p, struct host_thread *th)
{
	if (p->g.h->spaces >= SPACES || p->threads >= THREADS)
		return;
	struct host_space *sp = host_clone(th->space, "copy", &p->g.e);
	ck_assert_msg(sp != NULL, "%s", p->g.e.msg);
	p->clones++;
	add_thread(p, sp, 100);
}

static void act_track(struct play *p, struct host_thread *th, struct rng *rng)
{
	uint32_t i = (uint32_t)rng_below(rng, 4);
	struct host_area *area = host_area_find(th->space, rng_below(rng, 2) ? 0 : 100);
	if (p->track[i] && p->track[i]->area->track == p->track[i]) {
		if (p->track[i]->active)
			host_track_end(p->track[i]);
		else
			host_track_begin(p->track[i]);
		if (rng_below(rng, 4) == 0) {
			host_track_close(p->track[i]);
			p->track[i] = NULL;
		}
		return;
	}
	p->track[i] = area->track ? NULL : host_track_new(th->space, area, (enum host_track_kind)rng_below(rng, 3), &p->g.e);
	p->tracks++;
	if (p->track[i] && p->track[i]->kind == HOST_TRACK_TRAP)
		host_track_trap(p->track[i], area->first + rng_below(rng, 10), 5, HOST_TRAP_ALL);
}

static enum host_act walker_act(struct host_stream *st, struct host_thread *th, uint64_t word)
{
	struct walker *w = (struct walker *)st;
	struct play *p = w->play;
	p->acts++;
	if (!w->calling && (word & 15) < 3) {
		w->calling = true;
		uint64_t size = FILE_PAGES * 4096, at = rng_below(w->rng, size - 20000);
		w->call = (struct host_call){.file = p->file[rng_below(w->rng, 2)], .offset = rng_below(w->rng, 2) ? at & ~UINT64_C(4095) : at,
			.bytes = 1 + rng_below(w->rng, 20000), .write = rng_below(w->rng, 2), .copies = true};
	}
	if (w->calling) {
		enum host_act act = host_file_call(th, &w->call);
		w->calling = act == HOST_ACT_AGAIN;
		return act;
	}
	switch (word & 15) {
	case 3: return host_think(th, (time_ps)rng_below(w->rng, 3 * HOST_MS));
	case 4: return host_file_sync(th, p->file[rng_below(w->rng, 2)]);
	case 5: act_image(p, th, w->rng); break;
	case 6: act_clone(p, th); break;
	case 7: act_track(p, th, w->rng); break;
	case 8:
		if (rng_below(w->rng, 20) == 0 && p->g.h->alive > th->space->threads) {
			p->exits++;
			host_space_exit(th->space);
			return HOST_ACT_EXIT;
		}
		break;
	default: break;
	}
	return HOST_ACT_DONE;
}

static const struct host_stream_ops walker_ops = {.name = "walker", .next = walker_next, .act = walker_act};

static void add_thread(struct play *p, struct host_space *sp, uint64_t batches)
{
	struct walker *w = arena_alloc(p->g.sim->arena, sizeof(*w));
	char path[32];
	snprintf(path, sizeof(path), "walker%u", p->threads++);
	*w = (struct walker){.base = {&walker_ops}, .play = p, .rng = rng_new(p->g.sim->arena, rng_u64(p->rng), path), .left = batches};
	rig_thread(&p->g, sp, &w->base);
}

static const char *const machines[] = {
	"frames: 30\nshare_zero: true\nreplace: {policy: clock}\nswap: {size: 8 MiB}\n",
	"frames: 30\nshare_zero: false\ncpus: 2\nreplace: {policy: lru}\nswap: {size: 8 MiB, readahead: 1, reuse: true}\n",
	"frames: 45\ncpus: 3\nreplace: {policy: arc}\nreclaim: {low: 4, high: 8, batch: 4}\nswap: {size: 8 MiB, discard: pages}\n",
	"frames: 40\nquantum: 10 us\nreplace: {policy: wsclock}\nfile: {notify: false, readahead_initial: 0, readahead: 5}\n"
	"tlb: {entries: 8, ways: 2, asids: 1}\nswap: {size: 1600 KiB, discard: clusters, cluster: 8}\n",
	"frames: 35\nswap: {size: 8 MiB}\nreplace: {policy: s3-fifo}\nwriteback: {background: 0.02, hard: 0.1, interval: 10 ms, expire: 20 ms, batch: 3, depth: 2}\n",
	"frames: 64\nswap: {size: 2 MiB}\nreplace: {policy: mglru}\nlevels: 2\npage: 4 KiB\ntlb: {entries: 12, ways: 3, flush_on_age: false}\ncpus: 2\nwindow: 0\n",
	"frames: 32\nreplace: {policy: 2q}\nswap: {size: 300 KiB, cluster: 4}\noom: kill\n",
	"frames: 40\nreplace: {policy: lru}\nallocation: {frames: equal}\nswap: {size: 8 MiB, readahead: 4}\ncpus: 2\n",
	"frames: 44\nreplace: {policy: wsclock, tau: 20 us}\nallocation: {frames: proportional}\nreclaim: {low: 4, high: 8}\nswap: {size: 8 MiB}\n",
	"frames: 40\nreplace: {policy: clock}\nallocation: {frames: fault-frequency, interval: 50 us, suspend: true}\nswap: {size: 8 MiB}\n",
	"frames: 34\nreplace: {policy: wsclock, tau: 0}\nswap: {size: 1 MiB, discard: pages}\noom: kill\nquantum: 10 us\n",
};

static void play_open(struct play *p, struct sim *s, const char *text, uint64_t seed, bool tags)
{
	*p = (struct play){.rng = rng_new(s->arena, seed, "play")};
	host_rig_open_in(&p->g, s, text, tags);
	ck_assert_msg(p->g.h != NULL, "%s", p->g.e.msg);
	for (uint64_t i = 0; i < 2; i++)
		p->file[i] = rig_file(&p->g, i ? "other" : "data", i * FILE_PAGES, FILE_PAGES);
	for (int i = 0; i < 3; i++) {
		struct host_space *sp = rig_space(&p->g, "p");
		rig_area(&p->g, sp, "heap", HOST_PAGER_SWAP, 0, HEAP_PAGES);
		rig_map(&p->g, sp, p->file[0], 100, true);
		rig_map(&p->g, sp, p->file[0], 200, false);
		rig_area(&p->g, sp, "pinned", HOST_PAGER_ZERO, 500, 1);
		struct host_area stack = {.name = "stack", .first = STACK_FLOOR + 19, .pages = 1, .floor = STACK_FLOOR, .grows = true,
			.pager = HOST_PAGER_SWAP, .writable = true};
		ck_assert_ptr_nonnull(host_area_add(sp, &stack, &p->g.e));
		for (int k = 0; k < 3; k++)
			add_thread(p, sp, 200 + effort(200));
	}
	host_start(p->g.h);
}

static void play_end(struct play *p)
{
	free_images(p);
	rig_check(&p->g);
	for (uint32_t i = 0; i < p->g.h->spaces; i++)
		host_space_exit(p->g.h->space[i]);
	while (sim_step(p->g.sim))
		;
	rig_check(&p->g);
	/* frames and slots equal before and after: only the page cache is left */
	uint32_t cached = 0;
	for (uint32_t i = 0; i < 2; i++)
		for (uint64_t k = 0; k < FILE_PAGES; k++)
			cached += host_place_get(&p->file[i]->cache[k]) != HOST_NO_FRAME;
	ck_assert_uint_eq(p->g.h->free + cached, p->g.h->frames);
	ck_assert_uint_eq(p->g.h->swap.free, p->g.h->swap.slots);
}

START_TEST(invariants_hold_at_every_pause)
{
	struct play p;
	play_open(&p, sim_new(7), machines[_i], 100 + (uint64_t)_i, true);
	for (uint64_t n = 0; go_on(&p); n++)
		if (n % 32 == 0)
			rig_check(&p.g);
	rig_check(&p.g);
	ck_assert_msg(host_over(p.g.h), "%u threads wait for ever", p.g.h->alive);
	ck_assert_uint_gt(p.g.h->n.evictions, 10);
	ck_assert_uint_gt(p.images * p.tracks, 0);
	play_end(&p);
	host_rig_free(&p.g);
}
END_TEST

START_TEST(the_same_seed_gives_the_same_events_and_machines_share_nothing)
{
	struct play alone, again, one, two;
	play_open(&alone, sim_new(7), machines[0], 5, false);
	sim_run(alone.g.sim);
	play_open(&again, sim_new(7), machines[0], 5, false);
	sim_run(again.g.sim);
	uint64_t hash = host_evlog_hash(alone.g.h->log);
	ck_assert_uint_gt(host_evlog_count(alone.g.h->log), 1000);
	ck_assert_uint_eq(hash, host_evlog_hash(again.g.h->log));
	struct sim *s = sim_new(7);
	play_open(&one, s, machines[0], 5, false);
	play_open(&two, s, machines[0], 6, false);
	sim_run(s);
	ck_assert_uint_eq(hash, host_evlog_hash(one.g.h->log));
	ck_assert_uint_ne(hash, host_evlog_hash(two.g.h->log));
	free_images(&alone);
	free_images(&again);
	free_images(&one);
	free_images(&two);
	host_rig_free(&alone.g);
	host_rig_free(&again.g);
	host_rig_close(&two.g);
	host_rig_free(&one.g);
}
END_TEST

/* Every option of the machine does something: with it, the events are others. `with` what else it needs, and the value that
 * changes. */
#define BASE "frames: 40\nreplace: {policy: clock}\n"
#define SWAP(x) BASE "swap: {size: 8 MiB" x "}\n"
static const struct {
	const char *one, *other;
} changes[] = {
	{SWAP(""), "frames: 41\nreplace: {policy: clock}\nswap: {size: 8 MiB}\n"},
	{SWAP(""), "frames: 40\nreplace: {policy: fifo}\nswap: {size: 8 MiB}\n"},
	{SWAP(""), SWAP("") "page: 8 KiB\n"},
	{SWAP(""), SWAP("") "levels: 3\n"},
	{SWAP(""), SWAP("") "cpus: 2\n"},
	{SWAP(""), SWAP("") "quantum: 1 us\n"},
	{SWAP("") "cpus: 2\n", SWAP("") "cpus: 2\nwindow: 100 us\n"},
	{SWAP(""), SWAP("") "share_zero: false\n"},
	{BASE "swap: {size: 160 KiB}\n", BASE "swap: {size: 160 KiB}\noom: kill\n"},
	{SWAP(""), SWAP("") "tlb: {entries: 8}\n"},
	{SWAP("") "tlb: {entries: 16}\n", SWAP("") "tlb: {entries: 16, ways: 4}\n"},
	{SWAP(""), SWAP("") "tlb: {asids: 1}\n"},
	{SWAP(""), SWAP("") "tlb: {flush_on_age: false}\n"},
	{SWAP(""), SWAP("") "cost: {hit: 2 ns}\n"},
	{SWAP(""), SWAP("") "cost: {walk: 5 ns}\n"},
	{SWAP(""), SWAP("") "cost: {fault: 1 us}\n"},
	{SWAP(""), SWAP("") "cost: {call: 1 us}\n"},
	{SWAP(""), SWAP("") "cost: {switch: 3 us}\n"},
	{SWAP(""), SWAP("") "cost: {invalidate: 80 ns}\n"},
	{SWAP("") "cpus: 2\n", SWAP("") "cpus: 2\ncost: {shootdown: 3 us}\n"},
	{SWAP("") "cpus: 2\n", SWAP("") "cpus: 2\ncost: {interrupt: 3 us}\n"},
	{SWAP(""), SWAP("") "cost: {entry: 9 ns}\n"},
	{SWAP(""), SWAP("") "cost: {copy: 1 GB/s}\n"},
	{SWAP(""), SWAP("") "cost: {zero: 1 GB/s}\n"},
	{SWAP(""), BASE "swap: {size: 200 KiB}\n"},
	{SWAP(", readahead: 8"), SWAP(", readahead: 8, cluster: 2")},
	{SWAP(""), SWAP(", readahead: 1")},
	{SWAP(""), SWAP(", reuse: true")},
	{SWAP(""), SWAP("") "file: {readahead: 4}\n"},
	{SWAP(""), SWAP("") "file: {readahead_initial: 0}\n"},
	{SWAP(""), SWAP("") "file: {fault_around: 1}\n"},
	{SWAP(""), SWAP("") "file: {notify: false}\n"},
	{SWAP(""), SWAP("") "writeback: {background: 0}\n"},
	{SWAP("") "writeback: {background: 0}\n", SWAP("") "writeback: {background: 0, hard: 0}\n"},
	{SWAP("") "writeback: {background: 1, hard: 1, interval: 5 ms}\n",
		SWAP("") "writeback: {background: 1, hard: 1, interval: 5 ms, expire: 0}\n"},
	{SWAP("") "writeback: {background: 1, hard: 1, expire: 0}\n",
		SWAP("") "writeback: {background: 1, hard: 1, expire: 0, interval: 5 ms}\n"},
	{SWAP("") "writeback: {background: 0}\n", SWAP("") "writeback: {background: 0, batch: 1}\n"},
	{SWAP("") "writeback: {background: 0, batch: 1}\n", SWAP("") "writeback: {background: 0, batch: 1, depth: 1}\n"},
	{SWAP(""), SWAP("") "reclaim: {low: 3, high: 6}\n"},
	{SWAP("") "reclaim: {low: 3, high: 6}\n", SWAP("") "reclaim: {low: 3, high: 9}\n"},
};

/* What shows of a run: its events, and what the device was asked for. */
static void run_of(const char *text, uint64_t out[4])
{
	struct play p;
	play_open(&p, sim_new(7), text, 5, false);
	while (go_on(&p))
		;
	rig_check(&p.g);
	struct host_io_count swap = host_io_by_cause(p.g.io, BLK_CAUSE_SWAP);
	out[0] = host_evlog_hash(p.g.h->log);
	out[1] = swap.writes;
	out[2] = swap.trims;
	out[3] = swap.trim_sectors;
	free_images(&p);
	host_rig_free(&p.g);
}

START_TEST(every_option_acts)
{
	uint64_t one[4], other[4];
	run_of(changes[_i].one, one);
	run_of(changes[_i].other, other);
	ck_assert_msg(one[0] != other[0], "%s as well as\n%s", changes[_i].one, changes[_i].other);
}
END_TEST

/* Machines whose faults are worked out shortly (host/plain.h). */
#define ALONE(x) SWAP(", readahead: 1" x)
static const char *const plain[] = {
	ALONE(""), ALONE(", reuse: true"), ALONE(", discard: pages"), ALONE(", discard: clusters, cluster: 4"),
	ALONE("") "reclaim: {low: 3, high: 9}\n", ALONE("") "reclaim: {low: 3, high: 9, batch: 2}\nshare_zero: false\n",
	ALONE("") "tlb: {flush_on_age: false}\n", ALONE(", reuse: true") "tlb: {entries: 12, ways: 3, asids: 1}\nreclaim: {low: 1, high: 2}\n",
	ALONE("") "quantum: 1 us\ncost: {fault: 0, switch: 0, hit: 0, walk: 0}\n", BASE "swap: {size: 200 KiB, readahead: 1}\noom: kill\n",
	BASE "swap: {size: 300 KiB, readahead: 1}\nreclaim: {low: 3, high: 9}\noom: kill\n",
	"frames: 40\nreplace: {policy: fifo}\nswap: {size: 8 MiB, readahead: 1}\nreclaim: {low: 3, high: 9}\n",
	"frames: 60\nreplace: {policy: clock, initial_bit: false}\nswap: {size: 8 MiB, readahead: 1}\nreclaim: {low: 20, high: 40}\n",
	"frames: 50\nreplace: {policy: sieve}\nswap: {size: 8 MiB, readahead: 1}\nreclaim: {low: 6, high: 12}\n",
	"frames: 50\nreplace: {policy: wsclock}\nswap: {size: 8 MiB, readahead: 1}\nreclaim: {low: 6, high: 12}\n",
	"frames: 50\nreplace: {policy: aging}\nswap: {size: 8 MiB, readahead: 1}\nreclaim: {low: 6, high: 12}\n",
};

START_TEST(short_ways_do_what_the_long_ones_do)
{
	struct play short_way, long_way;
	uint64_t seed = 5 + (uint64_t)_i;
	play_open(&short_way, sim_new(7), plain[_i], seed, false);
	ck_assert_msg(short_way.g.h->plain, "%s", plain[_i]);
	play_open(&long_way, sim_new(7), plain[_i], seed, false);
	long_way.g.h->plain = false;
	sim_run(short_way.g.sim);
	sim_run(long_way.g.sim);
	const struct host *a = short_way.g.h, *b = long_way.g.h;
	ck_assert_uint_gt(a->n.swap_ins, 10);
	ck_assert_uint_eq(host_evlog_hash(a->log), host_evlog_hash(b->log));
	ck_assert_mem_eq(&a->n, &b->n, sizeof(a->n));
	ck_assert_mem_eq(&short_way.g.dev->stats, &long_way.g.dev->stats, sizeof(short_way.g.dev->stats));
	ck_assert_int_eq(short_way.g.sim->now_ps, long_way.g.sim->now_ps);
	ck_assert_int_eq(a->cpu[0].busy_ps, b->cpu[0].busy_ps);
	for (uint32_t i = 0; i < a->spaces; i++)
		ck_assert_int_eq(a->space[i]->cpu_ps, b->space[i]->cpu_ps);
	play_end(&short_way);
	play_end(&long_way);
	host_rig_free(&short_way.g);
	host_rig_free(&long_way.g);
}
END_TEST

/* These change requests, and no event of the host itself on a device of fixed latency. */
START_TEST(options_of_requests_act)
{
	uint64_t none[4], pages[4], clusters[4], batch[4], one[4];
	run_of(SWAP(""), none);
	run_of(SWAP(", discard: pages"), pages);
	run_of(SWAP(", discard: clusters, cluster: 4"), clusters);
	ck_assert_uint_eq(none[2], 0);
	ck_assert_uint_gt(pages[2], 0);
	ck_assert_uint_eq(pages[3], 8 * pages[2]);
	ck_assert_uint_gt(clusters[2], 0);
	ck_assert_uint_eq(clusters[3], 4 * 8 * clusters[2]);
	run_of(SWAP("") "reclaim: {low: 4, high: 12}\n", batch);
	run_of(SWAP("") "reclaim: {low: 4, high: 12, batch: 1}\n", one);
	ck_assert_uint_gt(one[1], batch[1]);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("host machine at random");
	TCase *t = tcase_create("random");
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, invariants_hold_at_every_pause, 0, sizeof(machines) / sizeof(machines[0]));
	tcase_add_test(t, the_same_seed_gives_the_same_events_and_machines_share_nothing);
	tcase_add_loop_test(t, every_option_acts, 0, sizeof(changes) / sizeof(changes[0]));
	tcase_add_loop_test(t, short_ways_do_what_the_long_ones_do, 0, sizeof(plain) / sizeof(plain[0]));
	tcase_add_test(t, options_of_requests_act);
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
