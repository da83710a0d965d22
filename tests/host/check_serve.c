/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The scenario serve on a device of fixed latency. What is copied and flipped is known by counting (oracle: pages flipped =
 * max(0, floor((off + n) / P) - ceil(off / P)), the rest copied; two copies by read and write, none from the cache straight to
 * the socket), and what the device does is the same whichever way the data takes.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "bind_text.h"
#include "blk/fixed.h"
#include "host/options.h"
#include "host/scenario.h"
#include "host/serve.h"

#define PAGE 4096

struct figures {
	double requests, per_second, sent, copied, flipped, direct, cpu, file_reads, file_ins;
};

static void note(void *ctx, const char *name, double value, const char *unit)
{
	static const struct {
		const char *name;
		size_t at;
	} wanted[] = {
		{"requests", offsetof(struct figures, requests)}, {"requests_per_second", offsetof(struct figures, per_second)},
		{"bytes_sent", offsetof(struct figures, sent)}, {"bytes_copied", offsetof(struct figures, copied)},
		{"pages_flipped", offsetof(struct figures, flipped)}, {"direct_reads", offsetof(struct figures, direct)},
		{"cpu_per_request", offsetof(struct figures, cpu)}, {"file_reads", offsetof(struct figures, file_reads)},
		{"file_ins", offsetof(struct figures, file_ins)},
	};
	(void)unit;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (!strcmp(name, wanted[i].name))
			*(double *)(void *)((char *)ctx + wanted[i].at) = value;
}

/* A bound section: the defaults, with these lines over them. */
static void *bound(struct sim *s, const struct opt_group *g, const char *yaml)
{
	struct err e = {0};
	void *spec = bind_text(s->arena, g, yaml, &e);
	ck_assert_msg(spec != NULL, "%s", e.msg);
	return spec;
}

static struct figures run(const char *serve, const char *host)
{
	struct figures f = {0};
	struct err e = {0};
	struct sim *s = sim_new(1);
	struct blk_dev *dev = blk_dev_open(s, &fixed_dev_ops, "dev0", bound(s, fixed_dev_ops.options, "{latency: 100 us}"), &e);
	ck_assert_msg(dev != NULL, "%s", e.msg);
	const struct scenario_env env = {.sim = s, .dev = dev, .host = bound(s, &host_options, host), .seed = 7};
	const struct scenario_ops *ops = scenario_find("serve");
	struct scenario *sc = ops->open(&env, bound(s, ops->options, serve), &e);
	ck_assert_msg(sc != NULL, "%s", e.msg);
	ops->start(sc);
	ck_assert_int_eq(sim_run(s), 0);
	ck_assert_msg(ops->check(sc, &e) == 0, "%s", e.msg);
	ops->report(sc, note, &f);
	ops->close(sc);
	blk_dev_close(dev);
	sim_free(s);
	return f;
}

/* By looking at each byte, not by the formula. */
static uint64_t pages_counted(uint64_t offset, uint64_t bytes, uint64_t page)
{
	uint64_t whole = 0;
	for (uint64_t p = offset / page; p * page < offset + bytes; p++) {
		uint64_t in = 0;
		for (uint64_t b = p * page; b < (p + 1) * page; b++)
			in += b >= offset && b < offset + bytes;
		whole += in == page;
	}
	return whole;
}

START_TEST(whole_pages_are_those_of_which_every_byte_is_sent)
{
	for (uint64_t offset = 0; offset < 40; offset++)
		for (uint64_t bytes = 1; bytes < 60; bytes++)
			ck_assert_uint_eq(serve_whole_pages(offset, bytes, 16), pages_counted(offset, bytes, 16));
}
END_TEST

static const struct {
	const char *path;
	double copies, flips; /* of each byte; of each request of 64 KiB, aligned: 16 pages in and 16 out */
} paths[] = {
	{"read", 2, 0}, {"mmap", 1, 0}, {"direct", 1, 0}, {"flip", 0, 32}, {"sendfile", 0, 0},
};

START_TEST(each_path_copies_what_it_must)
{
	char yaml[200];
	snprintf(yaml, sizeof(yaml), "{path: %s, files: 20, size: 64 KiB, requests: 200, workers: 4}", paths[_i].path);
	struct figures f = run(yaml, "{frames: 4096}");
	ck_assert_double_eq(f.requests, 200);
	ck_assert_double_eq(f.sent, 200 * 65536.0);
	ck_assert_double_eq(f.copied, paths[_i].copies * f.sent);
	ck_assert_double_eq(f.flipped, 200 * paths[_i].flips);
	ck_assert_double_eq(f.direct, strcmp(paths[_i].path, "direct") == 0 ? 200 : 0);
}
END_TEST

/* 20 files of 16 pages and 4 buffers of 17 in 512 pages */
START_TEST(a_small_address_space_holds_what_is_mapped)
{
	char yaml[200];
	snprintf(yaml, sizeof(yaml), "{path: %s, files: 20, size: 64 KiB, requests: 200, workers: 4}", paths[_i].path);
	struct figures small = run(yaml, "{frames: 4096, levels: 1}"), usual = run(yaml, "{frames: 4096}");
	ck_assert_double_eq(small.requests, 200);
	ck_assert_double_eq(small.copied, usual.copied);
	ck_assert_double_eq(small.file_ins, usual.file_ins);
}
END_TEST

/* 100,000 bytes from byte 1000 on in chunks of 30,000: what each chunk's ends leave of pages is copied, in and out. */
START_TEST(what_is_not_aligned_is_copied)
{
	struct figures f = run("{path: flip, files: 1, size: 101000 B, offset: 1000 B, chunk: 30000 B, requests: 3, workers: 1}",
		"{frames: 4096}");
	uint64_t whole = 0;
	for (uint64_t at = 1000; at < 101000; at += 30000)
		whole += pages_counted(at, at + 30000 < 101000 ? 30000 : 101000 - at, PAGE);
	ck_assert_double_eq(f.flipped, 3 * 2 * (double)whole);
	ck_assert_double_eq(f.copied, 3 * 2 * (100000 - (double)whole * PAGE));
}
END_TEST

START_TEST(the_device_does_the_same_whichever_way_the_data_takes)
{
	static const char *const same[] = {"read", "flip", "sendfile"};
	struct figures first = {0};
	for (size_t i = 0; i < 3; i++) {
		char yaml[200];
		snprintf(yaml, sizeof(yaml), "{path: %s, files: 50, size: 60 KiB, requests: 300, workers: 1}", same[i]);
		struct figures f = run(yaml, "{frames: 4096}");
		if (i == 0)
			first = f;
		ck_assert_double_gt(f.file_reads, 0);
		ck_assert_double_eq(f.file_reads, first.file_reads);
		ck_assert_double_eq(f.file_ins, first.file_ins);
	}
}
END_TEST

/* Two copies of 64 KiB at 10 GB/s take 13.1072 us of the processor, at 5 GB/s twice that: the difference of the rest is none. */
START_TEST(copying_costs_its_bytes_over_its_rate)
{
	const char *serve = "{path: read, files: 4, size: 64 KiB, requests: 100, workers: 1}";
	struct figures fast = run(serve, "{frames: 4096, cost: {copy: 10 GB/s}}");
	struct figures slow = run(serve, "{frames: 4096, cost: {copy: 5 GB/s}}");
	ck_assert_double_eq_tol(slow.cpu - fast.cpu, 2 * 65536 / 10e9, 1e-9);
}
END_TEST

/* The link is what limits: requests a second = rate / size, but for the time until the first byte. */
START_TEST(a_slow_network_is_what_limits)
{
	struct figures f = run("{path: sendfile, files: 4, size: 100000 B, requests: 400, workers: 8, network: 10 MB/s}",
		"{frames: 4096}");
	ck_assert_double_eq_tol(f.per_second, 100, .05);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("serve");
	TCase *t = tcase_create("serve");
	tcase_set_timeout(t, 60);
	tcase_add_test(t, whole_pages_are_those_of_which_every_byte_is_sent);
	tcase_add_loop_test(t, each_path_copies_what_it_must, 0, (int)(sizeof(paths) / sizeof(paths[0])));
	tcase_add_loop_test(t, a_small_address_space_holds_what_is_mapped, 0, (int)(sizeof(paths) / sizeof(paths[0])));
	tcase_add_test(t, what_is_not_aligned_is_copied);
	tcase_add_test(t, the_device_does_the_same_whichever_way_the_data_takes);
	tcase_add_test(t, copying_costs_its_bytes_over_its_rate);
	tcase_add_test(t, a_slow_network_is_what_limits);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
