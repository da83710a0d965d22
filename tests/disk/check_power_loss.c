/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A power cut loses exactly what was acknowledged and has not reached the medium: small runs cut at every
 * event and at random times between, held against a model of the test's own (loss_model.h).
 */
#include "disk/loss_model.h"

#include "blk/contract_rig.h"

#define DRIVE \
	"d:\n" \
	"  rpm: 6000 rpm\n" \
	"  head_switch: 0.5 ms\n" \
	"  geometry: {heads: 2, cylinders: 6, zones: [{first_cylinder: 0, last_cylinder: 5, sectors_per_track: 100}]}\n" \
	"  seek: {model: sqrt-linear, linear_base: 1 ms, linear_slope: 0.1 ms}\n" \
	"  queue_depth: 4\n"
#define SLOW \
	"  overhead: {write_hit_after_read: 0.2 ms, write_hit_after_write: 0.3 ms, write_miss_after_read: 0.1 ms,\n" \
	"             write_data_delay: 0.2 ms, write_completion: 0.1 ms, data_preparation: 0.05 ms}\n"
#define BACK "  cache: {segments: 4, segment_sectors: 100, write_back: true}\n"

/* The arms meet at LBN 200, inside the load. */
#define TWO_ARMS \
	"d:\n" \
	"  rpm: 6000 rpm\n" \
	"  head_switch: 0.5 ms\n" \
	"  geometry: {heads: 2, cylinders: 2, zones: [{first_cylinder: 0, last_cylinder: 1, sectors_per_track: 100}]}\n" \
	"  seek: {model: sqrt-linear, linear_base: 1 ms, linear_slope: 0.1 ms}\n" \
	"  actuators: {count: 2, split: radius}\n" \
	"  queue_depth: 4\n"

static const struct loss_drive {
	const char *title, *config;
	bool volatile_cache;
} drives[] = {
	{"through", DRIVE SLOW "  cache: {segments: 4, segment_sectors: 100}\n", false},
	{"no buffer", DRIVE "  cache: {enabled: false, write_back: true}\n", false},
	{"one write at a time", DRIVE SLOW BACK, true},
	{"one write at a time, no overhead", DRIVE BACK, true},
	{"many, at once, fifo", DRIVE SLOW BACK "  write_cache: {extents: 20}\n", true},
	{"many, at once, nothing combined", DRIVE SLOW BACK "  write_cache: {extents: 20, combine: none, order: nearest}\n", true},
	{"many, idle, elevator", DRIVE SLOW BACK "  write_cache: {extents: 20, order: elevator, idle_time: 8 ms}\n", true},
	{"many, idle, sptf, combined when appended", DRIVE BACK
		"  write_cache: {extents: 9, sectors: 120, order: sptf, combine: append, idle_time: 4 ms, access_sectors: 17}\n", true},
	{"reads first", DRIVE SLOW BACK "  write_cache: {extents: 20, order: sptf, reads_first: true, max_age: 40 ms}\n", true},
	{"few, to the water marks", DRIVE SLOW BACK
		"  write_cache: {extents: 6, order: nearest, idle_time: 1 s, high_water: 60 %, low_water: 20 %}\n", true},
	{"appending only", DRIVE SLOW BACK "  write_cache: {extents: 4, accept: appending}\n", true},
	{"sptf in the queue, reads not hit", DRIVE SLOW
		"  scheduler: sptf\n  cache: {segments: 4, segment_sectors: 100, write_back: true, hit_on_written: false}\n"
		"  write_cache: {extents: 20, idle_time: 5 ms}\n", true},
	{"hits beside the arm's work, next at the medium's end", DRIVE SLOW BACK
		"  concurrent_hits: true\n  next_position: media-end\n  write_cache: {extents: 20, order: sptf}\n", true},
	{"moving on at the medium's end, through", DRIVE SLOW "  next_position: media-end\n  cache: {segments: 4, segment_sectors: 100}\n",
		false},
	{"two arms, at once", TWO_ARMS SLOW BACK "  write_cache: {extents: 20}\n", true},
	{"two arms, idle, sptf", TWO_ARMS SLOW BACK "  concurrent_hits: true\n  write_cache: {extents: 12, idle_time: 5 ms, order: sptf}\n",
		true},
	{"two arms, through", TWO_ARMS SLOW "  cache: {segments: 4, segment_sectors: 100}\n", false},
};
#define DRIVES ((int)(sizeof(drives) / sizeof(drives[0])))

struct loss_run {
	struct rig rig; /* first */
	struct contract_device device;
	struct loss_model model;
};

static void note_done(struct rig *g, struct lane *l)
{
	model_acked(&((struct loss_run *)(void *)g)->model, &l->req, g->sim->now_ps);
}

static struct loss_run *run_new(int drive, uint64_t seed, unsigned mix)
{
	struct loss_run *x = calloc(1, sizeof(*x));
	struct rig *g = &x->rig;
	struct err e = {0};
	x->device = (struct contract_device){.title = drives[drive].title, .ops = &disk_ops, .config = drives[drive].config};
	g->device = &x->device;
	g->sim = sim_new(seed);
	g->dev = rig_device(g->sim, g->device, NULL, &e);
	ck_assert_msg(g->dev != NULL, "%s", e.msg);
	g->rng = rng_new(g->sim->arena, seed, "loss");
	for (unsigned i = 0; i < LANES; i++) {
		g->lane[i].rig = g;
		event_init(&g->lane[i].wake, rig_wake, "lane wakes", EVENT_PRIO_WORKLOAD);
	}
	rig_tags(g);
	g->done = note_done;
	model_init(&x->model, (struct disk *)(void *)g->dev, 100, 2);
	x->model.turn_ps = 10 * PS_PER_MS;
	x->model.switch_ps = PS_PER_MS / 2;
	x->model.seek_base_ps = PS_PER_MS;
	x->model.seek_slope_ps = PS_PER_MS / 10;
	rig_start(g, LANES, 70, mix);
	model_follow(&x->model);
	return x;
}

static void run_free(struct loss_run *x)
{
	model_free(&x->model);
	rig_close(&x->rig);
	free(x);
}

static bool run_step(struct loss_run *x)
{
	bool more = sim_step(x->rig.sim);
	model_follow(&x->model);
	return more;
}

#define MIX (MIX_READS | MIX_FUA | MIX_FLUSH | MIX_BARRIER)

START_TEST(at_every_event_a_cut_loses_what_was_acknowledged_and_not_landed)
{
	uint64_t lost = 0;
	for (unsigned k = 0;; k++) {
		struct loss_run *x = run_new(_i, 3, MIX);
		bool more = true;
		for (unsigned n = 0; n < k && more; n++)
			more = run_step(x);
		model_cut(&x->model);
		lost += x->model.lost;
		run_free(x);
		if (!more)
			break;
	}
	ck_assert_int_eq(lost > 0, drives[_i].volatile_cache);
}
END_TEST

START_TEST(between_events_a_cut_loses_what_was_acknowledged_and_not_landed)
{
	uint64_t lost = 0, open = 0;
	for (uint64_t n = 0; n < 400; n++) {
		struct loss_run *x = run_new(_i, 50 + n % 5, n % 2 ? MIX : MIX_READS);
		struct rng *r = rng_new(x->rig.sim->arena, n, "when");
		time_ps at = (time_ps)rng_below(r, 350 * PS_PER_MS);
		for (time_ps next; (next = sim_next_time(x->rig.sim)) >= 0 && next <= at;)
			run_step(x);
		sim_run_until(x->rig.sim, at);
		model_cut(&x->model);
		lost += x->model.lost;
		open += x->model.open;
		run_free(x);
	}
	ck_assert_int_eq(lost > 0, drives[_i].volatile_cache);
	ck_assert_uint_gt(open, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("power loss");
	TCase *t = tcase_create("loss");
	tcase_add_loop_test(t, at_every_event_a_cut_loses_what_was_acknowledged_and_not_landed, 0, DRIVES);
	tcase_add_loop_test(t, between_events_a_cut_loses_what_was_acknowledged_and_not_landed, 0, DRIVES);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
