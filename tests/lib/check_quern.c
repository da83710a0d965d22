/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libquern as its users see it: linked with the shared library alone. */
#include "config.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/quern.h"

#define MS INT64_C(1000000000)
/* The reference drive R (devices/reference-r.yaml): 100,000 cylinders, one head, 2,000
 * sectors a track, 7,200 rpm, no overhead, no buffer. */
#define R "reference-r"
#define R_SECTORS UINT64_C(200000000)
#define R_TURN_PS (MS * 25 / 3)

#define LOG_MAX 4096

struct log {
	struct quern_completion row[LOG_MAX];
	size_t count;
	uint64_t random; /* of the workload, not of the library */
	unsigned to_come;
	int refused;     /* what advancing from the callback returned */
};

static void keep(void *context, const struct quern_completion *c)
{
	struct log *log = context;
	ck_assert_uint_lt(log->count, LOG_MAX);
	log->row[log->count++] = *c;
}

static struct quern *open_config(const struct quern_config *c)
{
	struct quern_error e;
	struct quern *q = quern_new(c, &e);
	ck_assert_msg(q != NULL, "%s", e.message);
	ck_assert_int_eq(e.code, 0);
	return q;
}

static struct quern *open_r(struct log *log, const char *const *set)
{
	return open_config(&(struct quern_config){.device = R, .set = set, .done = keep, .context = log});
}

/* ---- making ---------------------------------------------------------------------------- */

START_TEST(version_is_that_of_the_package)
{
	ck_assert_str_eq(quern_version(), PACKAGE_VERSION);
}
END_TEST

START_TEST(device_of_the_catalogue_is_identified)
{
	struct quern_identity id;
	struct quern *q = open_r(NULL, NULL);
	ck_assert_uint_eq(quern_device_count(q), 1);
	ck_assert_int_eq(quern_identify(q, 0, &id), 0);
	ck_assert_str_eq(id.name, "disk0");
	ck_assert_str_eq(id.kind, "disk");
	ck_assert_uint_eq(id.sectors, R_SECTORS);
	ck_assert_uint_eq(id.zone_sectors, 0);
	quern_free(q);
}
END_TEST

START_TEST(text_file_and_assignments_merge_in_this_order)
{
	const char *const set[] = {"disk0.rpm=15000 rpm", NULL};
	char name[] = "check_quern_XXXXXX.yaml";
	int fd = mkstemps(name, 5);
	ck_assert_int_ge(fd, 0);
	static const char file[] = "include: [" R ".yaml]\ndisk0: {name: from the file, rpm: 4000 rpm}\n";
	ck_assert_int_eq(write(fd, file, sizeof(file) - 1), (int)sizeof(file) - 1);
	close(fd);
	struct log log = {0};
	struct quern *q = open_config(&(struct quern_config){.file = name,
		.text = "disk0:\n  name: from the text\n  rpm: 5000 rpm\n", .set = set, .done = keep,
		.context = &log});
	unlink(name);
	struct quern_identity id;
	ck_assert_int_eq(quern_identify(q, 0, &id), 0);
	ck_assert_str_eq(id.model, "from the text");
	/* at 15,000 rpm the same sector comes back after 4 ms */
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(quern_submit(q, 0, QUERN_READ, 0, 1, 0, NULL), 0);
		ck_assert_int_eq(quern_run(q), 0);
	}
	ck_assert_int_eq(log.row[1].done_ps - log.row[0].done_ps, 4 * MS);
	quern_free(q);
}
END_TEST

static void refused(const struct quern_config *c, int code, const char *part)
{
	struct quern_error e;
	ck_assert_ptr_null(quern_new(c, &e));
	ck_assert_int_eq(e.code, code);
	ck_assert_msg(strstr(e.message, part) != NULL, "\"%s\" is not in \"%s\"", part, e.message);
	ck_assert_ptr_null(quern_new(c, NULL));
}

START_TEST(bad_configurations_are_refused_with_a_sentence)
{
	const char *const bad_set[] = {"disk0.rpm=fast", NULL};
	refused(&(struct quern_config){0}, QUERN_ERROR_CALL, "want a configuration");
	refused(&(struct quern_config){.device = "reference-q"}, QUERN_ERROR_CALL, "did you mean \"" R "\"");
	refused(&(struct quern_config){.file = "/nowhere/x.yaml"}, QUERN_ERROR_IO, "/nowhere/x.yaml");
	refused(&(struct quern_config){.text = "disk0: [1"}, QUERN_ERROR_CONFIG, "<text>");
	refused(&(struct quern_config){.text = "seed: 1\n"}, QUERN_ERROR_CONFIG, "no device");
	refused(&(struct quern_config){.text = "include: [" R ".yaml]\ndisk0:\n  rmp: 7200 rpm\n"},
		QUERN_ERROR_CONFIG, "<text>:3:3");
	refused(&(struct quern_config){.device = R, .set = bad_set}, QUERN_ERROR_CONFIG, "rpm");
	refused(&(struct quern_config){.device = R, .seed_given = 1, .seed = UINT64_MAX},
		QUERN_ERROR_CONFIG, "seed");
}
END_TEST

/* ---- requests -------------------------------------------------------------------------- */

START_TEST(same_sector_comes_back_after_one_turn)
{
	struct log log = {0};
	int user = 0;
	struct quern *q = open_r(&log, NULL);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(quern_submit(q, 0, QUERN_READ, 12345, 1, QUERN_SYNC, &user), 0);
		ck_assert_uint_eq(quern_outstanding(q), 1);
		ck_assert_uint_eq(log.count, (size_t)i); /* never inside submit */
		ck_assert_int_eq(quern_run(q), 0);
		ck_assert_uint_eq(log.count, (size_t)i + 1);
	}
	for (int i = 1; i < 3; i++) {
		const struct quern_completion *c = &log.row[i];
		/* a turn is 25/3 ms, which no whole number of ps is */
		ck_assert_int_le(llabs(c->done_ps - log.row[i - 1].done_ps - R_TURN_PS), 1);
		ck_assert_int_eq(c->arrive_ps, log.row[i - 1].done_ps);
		ck_assert_int_eq(c->submit_ps, c->arrive_ps);
		ck_assert_int_eq(c->seek_ps, 0);
		/* 1 of 2,000 sectors */
		ck_assert_int_le(llabs(c->transfer_ps - R_TURN_PS / 2000), 1);
		ck_assert_int_le(llabs(c->rotation_ps + c->transfer_ps - R_TURN_PS), 2);
		ck_assert_ptr_eq(c->user, &user);
		ck_assert_ptr_eq(c->quern, q);
		ck_assert_uint_eq(c->op, QUERN_READ);
		ck_assert_uint_eq(c->flags, QUERN_SYNC);
		ck_assert_uint_eq(c->status, QUERN_OK);
		ck_assert_uint_eq(c->lba, 12345);
		ck_assert_uint_eq(c->sectors, 1);
		ck_assert_uint_eq(c->hit, QUERN_MISS);
		ck_assert_uint_eq(c->unwritten, 1);
		ck_assert_int_eq(c->done_ps, i == 2 ? quern_now(q) : log.row[2].arrive_ps);
	}
	quern_free(q);
}
END_TEST

START_TEST(request_for_later_arrives_then_and_not_before)
{
	struct log log = {0};
	struct quern *q = open_r(&log, NULL);
	ck_assert_int_eq(quern_next_time(q), -1);
	ck_assert_int_eq(quern_submit_at(q, 50 * MS, 0, QUERN_WRITE, 777, 8, 0, NULL), 0);
	ck_assert_uint_eq(quern_outstanding(q), 1);
	ck_assert_int_eq(quern_next_time(q), 50 * MS);
	ck_assert_int_eq(quern_advance(q, 50 * MS - 1), 0);
	struct quern_stats stats;
	ck_assert_int_eq(quern_stats(q, 0, &stats), 0);
	ck_assert_uint_eq(stats.submitted, 0);
	ck_assert_int_eq(quern_advance(q, 50 * MS), 0);
	ck_assert_int_eq(quern_stats(q, 0, &stats), 0);
	ck_assert_uint_eq(stats.submitted, 1);
	ck_assert_int_eq(quern_run(q), 0);
	ck_assert_uint_eq(log.count, 1);
	ck_assert_int_eq(log.row[0].arrive_ps, 50 * MS);
	ck_assert_int_eq(log.row[0].submit_ps, 50 * MS);
	ck_assert_int_gt(log.row[0].done_ps, 50 * MS);
	quern_free(q);
}
END_TEST

START_TEST(host_queue_depth_lets_that_many_through)
{
	const char *const set[] = {"replay.queue_depth=1", NULL};
	struct log log = {0};
	struct quern *q = open_r(&log, set);
	for (uint64_t i = 0; i < 3; i++)
		ck_assert_int_eq(quern_submit(q, 0, QUERN_READ, i * 1000000, 8, 0, NULL), 0);
	ck_assert_int_eq(quern_run(q), 0);
	ck_assert_uint_eq(log.count, 3);
	for (size_t i = 1; i < 3; i++) {
		ck_assert_int_eq(log.row[i].arrive_ps, 0);
		ck_assert_int_eq(log.row[i].submit_ps, log.row[i - 1].done_ps);
	}
	quern_free(q);
}
END_TEST

START_TEST(device_answers_bad_requests_with_a_status)
{
	struct log log = {0};
	struct quern *q = open_r(&log, NULL);
	ck_assert_int_eq(quern_submit(q, 0, QUERN_READ, R_SECTORS, 1, 0, NULL), 0);
	ck_assert_int_eq(quern_submit(q, 0, QUERN_READ, UINT64_MAX, UINT32_MAX, 0, NULL), 0);
	ck_assert_int_eq(quern_submit(q, 0, QUERN_WRITE, 0, 0, 0, NULL), 0);
	ck_assert_int_eq(quern_submit(q, 0, QUERN_ZONE_OPEN, 0, 0, 0, NULL), 0);
	ck_assert_int_eq(quern_run(q), 0);
	ck_assert_uint_eq(log.count, 4);
	for (size_t i = 0; i < 3; i++)
		ck_assert_uint_eq(log.row[i].status, QUERN_OUT_OF_RANGE);
	ck_assert_uint_eq(log.row[3].status, QUERN_UNSUPPORTED);
	quern_free(q);
}
END_TEST

START_TEST(calls_that_do_not_fit_are_refused)
{
	struct quern_identity id;
	struct quern_stats stats;
	struct quern *q = open_r(NULL, NULL);
	ck_assert_str_eq(quern_error(q), "");
	ck_assert_int_eq(quern_submit(q, 1, QUERN_READ, 0, 8, 0, NULL), -1);
	ck_assert_str_eq(quern_error(q), "there is no device 1: the simulation has 1, numbered from 0");
	ck_assert_int_eq(quern_error_code(q), QUERN_ERROR_CALL);
	ck_assert_int_eq(quern_identify(q, 7, &id), -1);
	ck_assert_ptr_nonnull(strstr(quern_error(q), "no device 7")); /* the newest sentence */
	ck_assert_int_eq(quern_stats(q, 1, &stats), -1);
	ck_assert_int_eq(quern_power_cut(q, 1), -1);
	ck_assert_int_eq(quern_submit(q, 0, (enum quern_op)99, 0, 8, 0, NULL), -1);
	ck_assert_int_eq(quern_submit(q, 0, QUERN_READ, 0, 8, 32, NULL), -1);
	ck_assert_int_eq(quern_advance(q, MS), 0);
	ck_assert_int_eq(quern_advance(q, MS - 1), -1);
	ck_assert_int_eq(quern_submit_at(q, MS - 1, 0, QUERN_READ, 0, 8, 0, NULL), -1);
	ck_assert_int_eq(quern_submit_at(q, INT64_MAX, 0, QUERN_READ, 0, 8, 0, NULL), -1);
	ck_assert_uint_eq(quern_outstanding(q), 0);
	ck_assert_int_eq(quern_now(q), MS);
	quern_free(q);
	quern_free(NULL);
}
END_TEST

/* ---- time ------------------------------------------------------------------------------ */

START_TEST(advance_fires_what_is_due_and_sets_the_clock)
{
	struct log log = {0};
	struct quern *q = open_r(&log, NULL);
	ck_assert_int_eq(quern_advance(q, 3 * MS), 0);
	ck_assert_int_eq(quern_now(q), 3 * MS);
	ck_assert_int_eq(quern_submit(q, 0, QUERN_READ, 5000, 8, 0, NULL), 0);
	while (log.count == 0) {
		int64_t next = quern_next_time(q);
		ck_assert_int_ge(next, quern_now(q));
		ck_assert_int_eq(quern_advance(q, next - (next > quern_now(q))), 0);
		ck_assert_uint_eq(log.count, 0);
		ck_assert_int_eq(quern_advance(q, next), 0);
		ck_assert_int_eq(quern_now(q), next);
	}
	ck_assert_int_eq(log.row[0].done_ps, quern_now(q));
	ck_assert_int_eq(log.row[0].arrive_ps, 3 * MS);
	quern_free(q);
}
END_TEST

START_TEST(step_does_one_thing_at_a_time)
{
	struct log log = {0};
	struct quern *q = open_r(&log, NULL);
	ck_assert_int_eq(quern_step(q), 0);
	ck_assert_int_eq(quern_submit_at(q, MS, 0, QUERN_READ, 0, 8, 0, NULL), 0);
	ck_assert_int_eq(quern_step(q), 1);
	ck_assert_int_eq(quern_now(q), MS);
	ck_assert_uint_eq(log.count, 0);
	while (quern_step(q) == 1)
		;
	ck_assert_uint_eq(log.count, 1);
	quern_free(q);
}
END_TEST

static void try_everything(void *context, const struct quern_completion *c)
{
	struct log *log = context;
	keep(log, c);
	if (log->count > 1)
		return;
	log->refused = quern_advance(c->quern, c->done_ps + MS);
	ck_assert_int_eq(quern_run(c->quern), -1);
	ck_assert_int_eq(quern_step(c->quern), -1);
	ck_assert_int_eq(quern_power_cut(c->quern, 0), -1);
	ck_assert_int_eq(quern_submit(c->quern, 0, QUERN_READ, 64, 8, 0, NULL), 0);
	ck_assert_uint_eq(quern_outstanding(c->quern), 1);
}

START_TEST(callback_may_submit_but_not_let_time_pass)
{
	struct log log = {0};
	struct quern *q = open_config(&(struct quern_config){.device = R, .done = try_everything,
		.context = &log});
	ck_assert_int_eq(quern_submit(q, 0, QUERN_READ, 0, 8, 0, NULL), 0);
	ck_assert_int_eq(quern_run(q), 0);
	ck_assert_int_eq(log.refused, -1);
	ck_assert_uint_eq(log.count, 2);
	ck_assert_uint_eq(quern_outstanding(q), 0);
	quern_free(q);
}
END_TEST

START_TEST(day_100_is_the_last_for_new_requests)
{
	struct log log = {0};
	struct quern *q = open_r(&log, NULL);
	ck_assert_int_eq(QUERN_END_PS / (MS * 1000), 100 * 24 * 60 * 60);
	ck_assert_int_eq(quern_advance(q, QUERN_END_PS + 1), -1);
	ck_assert_int_eq(quern_submit_at(q, QUERN_END_PS + 1, 0, QUERN_READ, 0, 8, 0, NULL), -1);
	ck_assert_int_eq(quern_error_code(q), QUERN_ERROR_CALL);
	ck_assert_int_eq(quern_submit_at(q, QUERN_END_PS, 0, QUERN_READ, R_SECTORS / 2, 8, 0, NULL), 0);
	ck_assert_int_eq(quern_run(q), 0);
	ck_assert_uint_eq(log.count, 1);
	ck_assert_int_gt(log.row[0].done_ps, QUERN_END_PS);
	ck_assert_int_eq(quern_submit(q, 0, QUERN_READ, 0, 8, 0, NULL), -1);
	quern_free(q);
}
END_TEST

START_TEST(tags_and_priorities_reach_the_drive)
{
	struct log log = {0};
	const char *const set[] = {"disk0.queue_depth=16", "disk0.queue.by_priority=true", NULL};
	static const unsigned flags[] = {0, QUERN_PRIORITY(2), QUERN_PRIORITY(1), QUERN_PRIORITY(3) | QUERN_HEAD_OF_QUEUE};
	static const int order[] = {0, 3, 2, 1};
	struct quern *q = open_r(&log, set);
	for (uint64_t i = 0; i < 4; i++)
		ck_assert_int_eq(quern_submit(q, 0, QUERN_READ, i * 1000000, 8, flags[i], (void *)&flags[i]), 0);
	ck_assert_int_eq(quern_run(q), 0);
	ck_assert_uint_eq(log.count, 4);
	for (size_t i = 0; i < 4; i++) {
		ck_assert_ptr_eq(log.row[i].user, &flags[order[i]]);
		ck_assert_uint_eq(log.row[i].flags, flags[order[i]]);
	}
	quern_free(q);
}
END_TEST

/* ---- power and statistics -------------------------------------------------------------- */

START_TEST(power_cut_takes_what_is_in_flight)
{
	struct log log = {0};
	int64_t ready = -1;
	struct quern *q = open_r(&log, NULL);
	ck_assert_int_eq(quern_power_restore(q, 0, &ready), -1); /* it is on */
	for (uint64_t i = 0; i < 3; i++)
		ck_assert_int_eq(quern_submit(q, 0, QUERN_WRITE, i * 1000000, 8, 0, NULL), 0);
	ck_assert_int_eq(quern_advance(q, 1000), 0);
	ck_assert_int_eq(quern_power_cut(q, 0), 0);
	ck_assert_int_eq(quern_power_cut(q, 0), -1);
	ck_assert_int_eq(quern_advance(q, 1000), 0);
	ck_assert_uint_eq(log.count, 3);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_uint_eq(log.row[i].status, QUERN_POWER_LOST);
		ck_assert_int_eq(log.row[i].done_ps, 1000);
	}
	struct quern_stats stats;
	ck_assert_int_eq(quern_stats(q, 0, &stats), 0);
	ck_assert_int_eq(stats.power_on, 0);
	ck_assert_int_eq(quern_submit(q, 0, QUERN_READ, 0, 8, 0, NULL), 0);
	ck_assert_int_eq(quern_run(q), 0);
	ck_assert_uint_eq(log.row[3].status, QUERN_NOT_READY);
	ck_assert_int_eq(quern_power_restore(q, 0, &ready), 0);
	ck_assert_int_ge(ready, quern_now(q));
	ck_assert_int_eq(quern_submit(q, 0, QUERN_READ, 0, 8, 0, NULL), 0);
	ck_assert_int_eq(quern_run(q), 0);
	ck_assert_uint_eq(log.row[4].status, QUERN_OK);
	ck_assert_int_gt(log.row[4].done_ps, ready);
	quern_free(q);
}
END_TEST

START_TEST(statistics_add_up)
{
	struct log log = {0};
	struct quern_stats stats;
	double seek = 0, transfer = 0;
	struct quern *q = open_r(&log, NULL);
	for (uint64_t i = 0; i < 50; i++)
		ck_assert_int_eq(quern_submit(q, 0, i % 5 ? QUERN_READ : QUERN_WRITE, i * 3999971, 16, 0, NULL), 0);
	ck_assert_int_eq(quern_stats(q, 0, &stats), 0);
	ck_assert_uint_eq(stats.queued + stats.in_service, 50);
	ck_assert_int_eq(stats.busy, 1);
	ck_assert_int_eq(quern_run(q), 0);
	for (size_t i = 0; i < log.count; i++) {
		seek += (double)log.row[i].seek_ps * 1e-12;
		transfer += (double)log.row[i].transfer_ps * 1e-12;
	}
	ck_assert_int_eq(quern_stats(q, 0, &stats), 0);
	ck_assert_uint_eq(stats.submitted, 50);
	ck_assert_uint_eq(stats.completed, 50);
	ck_assert_uint_eq(stats.read_sectors, 40 * 16);
	ck_assert_uint_eq(stats.written_sectors, 10 * 16);
	ck_assert_uint_eq(stats.unwritten_sectors, 40 * 16);
	ck_assert_uint_eq(stats.read_hits + stats.read_partial_hits + stats.read_misses, 40);
	ck_assert_uint_eq(stats.write_hits + stats.write_misses, 10);
	ck_assert_double_eq_tol(stats.seek_s, seek, 1e-12);
	ck_assert_double_eq_tol(stats.transfer_s, transfer, 1e-12);
	/* the drive worked on one request or another all the time */
	ck_assert_double_eq_tol(stats.busy_s, (double)quern_now(q) * 1e-12, 1e-12);
	ck_assert_int_eq(stats.busy, 0);
	quern_free(q);
}
END_TEST

/* ---- many simulations ------------------------------------------------------------------ */

static void submit_random(struct quern *q, struct log *log)
{
	struct quern_identity id;
	ck_assert_int_eq(quern_identify(q, 0, &id), 0);
	/* Knuth's MMIX multiplier */
	log->random = log->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	uint64_t lba = (log->random >> 20) % (id.sectors - 64);
	ck_assert_int_eq(quern_submit(q, 0, log->random >> 62 ? QUERN_READ : QUERN_WRITE, lba,
		1 + (uint32_t)(log->random >> 58) % 16, 0, (void *)(uintptr_t)log->to_come), 0);
	log->to_come--;
}

static void again(void *context, const struct quern_completion *c)
{
	struct log *log = context;
	keep(log, c);
	if (log->to_come)
		submit_random(c->quern, log);
}

static struct quern *start(struct log *log, const char *device, uint64_t seed)
{
	*log = (struct log){.random = seed, .to_come = 2000};
	struct quern *q = open_config(&(struct quern_config){.device = device, .seed_given = 1,
		.seed = seed, .done = again, .context = log});
	for (int i = 0; i < 6; i++)
		submit_random(q, log);
	return q;
}

static void same(const struct log *a, const struct log *b)
{
	ck_assert_uint_eq(a->count, 2000);
	ck_assert_uint_eq(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		const struct quern_completion *x = &a->row[i], *y = &b->row[i];
		ck_assert_ptr_eq(x->user, y->user);
		ck_assert_uint_eq(x->op, y->op);
		ck_assert_uint_eq(x->status, y->status);
		ck_assert_uint_eq(x->lba, y->lba);
		ck_assert_uint_eq(x->sectors, y->sectors);
		ck_assert_uint_eq(x->hit, y->hit);
		ck_assert_uint_eq(x->unwritten, y->unwritten);
		/* arrive_ps to bus_ps stand in a row, without holes */
		ck_assert_mem_eq(&x->arrive_ps, &y->arrive_ps, 10 * sizeof(x->arrive_ps));
	}
}

START_TEST(two_interleaved_simulations_equal_each_alone)
{
	static struct log alone[2], mixed[2];
	static const char *const device[2] = {"quantum-atlas-10k", "hp-c2247a"};
	struct quern *q[2];
	for (unsigned i = 0; i < 2; i++) {
		q[i] = start(&alone[i], device[i], i + 1);
		ck_assert_int_eq(quern_run(q[i]), 0);
		quern_free(q[i]);
	}
	for (unsigned i = 0; i < 2; i++)
		q[i] = start(&mixed[i], device[i], i + 1);
	for (;;) {
		int64_t a = quern_next_time(q[0]), b = quern_next_time(q[1]);
		if (a < 0 && b < 0)
			break;
		unsigned i = a < 0 || (b >= 0 && b < a);
		ck_assert_int_eq(quern_advance(q[i], i ? b : a), 0);
	}
	for (unsigned i = 0; i < 2; i++) {
		same(&alone[i], &mixed[i]);
		quern_free(q[i]);
	}
}
END_TEST

START_TEST(freeing_with_requests_in_flight_calls_nobody)
{
	struct log log = {0};
	struct quern *q = open_r(&log, NULL);
	for (uint64_t i = 0; i < 200; i++)
		ck_assert_int_eq(quern_submit_at(q, (int64_t)i * 1000, 0, QUERN_READ, i * 999, 8, 0, NULL), 0);
	ck_assert_int_eq(quern_advance(q, 100000), 0);
	size_t seen = log.count;
	quern_free(q);
	ck_assert_uint_eq(log.count, seen);
}
END_TEST

int main(void)
{
	setenv("QUERN_DEVICES", TOP_SRCDIR "/devices", 1);
	Suite *suite = suite_create("libquern");
	TCase *all = tcase_create("all");
	tcase_add_test(all, version_is_that_of_the_package);
	tcase_add_test(all, device_of_the_catalogue_is_identified);
	tcase_add_test(all, text_file_and_assignments_merge_in_this_order);
	tcase_add_test(all, bad_configurations_are_refused_with_a_sentence);
	tcase_add_test(all, same_sector_comes_back_after_one_turn);
	tcase_add_test(all, request_for_later_arrives_then_and_not_before);
	tcase_add_test(all, host_queue_depth_lets_that_many_through);
	tcase_add_test(all, device_answers_bad_requests_with_a_status);
	tcase_add_test(all, calls_that_do_not_fit_are_refused);
	tcase_add_test(all, advance_fires_what_is_due_and_sets_the_clock);
	tcase_add_test(all, step_does_one_thing_at_a_time);
	tcase_add_test(all, callback_may_submit_but_not_let_time_pass);
	tcase_add_test(all, day_100_is_the_last_for_new_requests);
	tcase_add_test(all, tags_and_priorities_reach_the_drive);
	tcase_add_test(all, power_cut_takes_what_is_in_flight);
	tcase_add_test(all, statistics_add_up);
	tcase_add_test(all, two_interleaved_simulations_equal_each_alone);
	tcase_add_test(all, freeing_with_requests_in_flight_calls_nobody);
	suite_add_tcase(suite, all);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
