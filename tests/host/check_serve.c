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
	double requests, per_second, sent, copied, flipped, direct, cpu, file_reads, file_ins, latency_mean, link_busy, calls, uploads, received, upload_mean, syncs, file_outs;
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
		{"file_ins", offsetof(struct figures, file_ins)}, {"latency_mean", offsetof(struct figures, latency_mean)},
		{"link_busy", offsetof(struct figures, link_busy)}, {"calls", offsetof(struct figures, calls)},
		{"uploads", offsetof(struct figures, uploads)}, {"bytes_received", offsetof(struct figures, received)},
		{"upload_latency_mean", offsetof(struct figures, upload_mean)}, {"syncs", offsetof(struct figures, syncs)},
		{"file_outs", offsetof(struct figures, file_outs)},
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
	double calls;         /* of a chunk: to read it, and to send it */
} paths[] = {
	{"read", 2, 0, 2}, {"mmap", 1, 0, 1}, {"direct", 1, 0, 2}, {"flip", 0, 32, 2}, {"sendfile", 0, 0, 1},
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

/* A request of two chunks. A call that costs a millisecond more makes so much more processor time; whether it waits for room or not. */
START_TEST(calls_are_those_that_are_charged)
{
	struct figures f[2];
	for (int i = 0; i < 2; i++) {
		char yaml[200], host[200];
		snprintf(yaml, sizeof(yaml), "{path: %s, files: 20, size: 64 KiB, requests: 200, workers: 4, chunk: 32 KiB, socket: 32 KiB}",
			paths[_i].path);
		snprintf(host, sizeof(host), "{frames: 4096, cost: {call: %d us}}", 1000 * i);
		f[i] = run(yaml, host);
		ck_assert_double_eq(f[i].calls, 200 * 2 * paths[_i].calls);
	}
	ck_assert_double_eq_tol((f[1].cpu - f[0].cpu) * 200, f[1].calls * 1e-3, 5e-3); /* but for switches that are saved */
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

/*
 * By hand: hit 1 ns, call 1 us, entry 10 ns, invalidate 100 ns, the rest nothing; a chunk of 4 KiB takes 4.096 us to copy, and as
 * long on the link, which it gets when the processor has done with it. A file of two chunks, in memory:
 *
 *   read      each chunk 1 + 4.096 + .001 + 1 + 4.096 = 10.193 us of the processor, the first's link under the second's: 24.482
 *   mmap      .001 + 1 + 4.096 = 5.097, twice, and the link: 14.290
 *   direct    100 of the device, under which its call passes, + .001 + 1 + 4.096 = 105.097, twice, and the link: 214.290
 *   flip      1 + .01, then 2 (2 .01 + .1) + 1 = 2.25, and the link twice: 10.442
 *   sendfile  1 + .01, and the link twice: 9.202
 *
 * Where the socket takes one chunk, the call for the second waits until the first has left, and moves it then: of read and direct
 * it has left before. mmap: 5.097 + 4.096 until then, a copy and the link: 17.385; flip: 2.25 + 4.096, then .24 and the link.
 */
#define HAND "frames: 4096, cpus: %d, window: 0, cost: {hit: 1 ns, walk: 0, fault: 0, call: 1 us, switch: 0, invalidate: 100 ns, " \
	"shootdown: 0, interrupt: 0, entry: 10 ns, copy: 1 GB/s, zero: 10000 GB/s}"

/* The time that `more` requests take behind the first 40. */
static double time_of(const char *serve, int cpus, int more)
{
	double at[2];
	for (int i = 0; i < 2; i++) {
		char yaml[300], host[300];
		snprintf(yaml, sizeof(yaml), "{network: 1 GB/s, files: 1, requests: %d, %s}", 40 + i * more, serve);
		snprintf(host, sizeof(host), "{" HAND "}", cpus);
		struct figures f = run(yaml, host);
		at[i] = f.requests / f.per_second;
	}
	return at[1] - at[0];
}

static const struct {
	const char *path;
	double us, narrow_us;
} by_hand[] = {
	{"read", 24.482, 24.482}, {"mmap", 14.290, 17.385}, {"direct", 214.290, 214.290}, {"flip", 10.442, 10.682}, {"sendfile", 9.202, 9.202},
};

START_TEST(the_link_gets_a_chunk_when_the_processor_has_done_with_it)
{
	char serve[200];
	snprintf(serve, sizeof(serve), "path: %s, size: 8 KiB, chunk: 4 KiB, workers: 1", by_hand[_i].path);
	ck_assert_double_eq_tol(time_of(serve, 1, 100) * 1e6 / 100, by_hand[_i].us, 1e-5);
	strcat(serve, ", socket: 4 KiB");
	ck_assert_double_eq_tol(time_of(serve, 1, 100) * 1e6 / 100, by_hand[_i].narrow_us, 1e-5);
}
END_TEST

/*
 * Requests of a chunk, mmap. Two workers on one processor keep it busy: one in 5.097 us; each waits for the other, so that one takes
 * twice that. On two processors each goes its course of 5.097 + 4.096 us, one on the link while the other copies. Four on
 * four keep the link busy: one in 4.096 us.
 */
START_TEST(workers_share_processors_and_link)
{
	const char *two = "path: mmap, size: 4 KiB, chunk: 4 KiB, workers: 2", *four = "path: mmap, size: 4 KiB, chunk: 4 KiB, workers: 4";
	ck_assert_double_eq_tol(time_of(two, 1, 100) * 1e6 / 100, 5.097, 1e-5);
	ck_assert_double_eq_tol(time_of(two, 2, 100) * 1e6 / 50, 9.193, 1e-5);
	ck_assert_double_eq_tol(time_of(four, 4, 100) * 1e6 / 100, 4.096, 1e-5);
	struct figures f = run("{network: 1 GB/s, files: 1, requests: 4000, path: mmap, size: 4 KiB, chunk: 4 KiB, workers: 2}",
		"{frames: 4096, window: 0, cost: {copy: 1 GB/s, hit: 1 ns, walk: 0, call: 1 us, switch: 0}}");
	ck_assert_double_eq_tol(f.latency_mean * 1e6, 2 * 5.097, .1); /* the first waited for the device */
}
END_TEST

/* A client's request comes when its pause is over, whether or not a processor is free: each of ten has a turn of the busy
 * processor once in ten requests, and of that time 10 us are its own. */
START_TEST(a_request_that_waits_for_a_processor_is_late)
{
	const char *host = "{frames: 4096, window: 0, cost: {copy: 1 GB/s, hit: 1 ns, walk: 0, call: 1 us, switch: 0}}";
	struct figures f = run("{network: 1 GB/s, files: 1, requests: 20000, path: mmap, size: 4 KiB, chunk: 4 KiB, workers: 10, think: 10 us}",
		host);
	ck_assert_double_eq_tol(f.latency_mean * 1e6, 10 * 5.097 - 10, .1);
}
END_TEST

/* A worker whose turn ends as it has moved a chunk goes on elsewhere; whatever befalls it, the link carries each byte once, one
 * after another, so that it takes no less than these take. */
START_TEST(turns_that_end_anywhere_lose_nothing)
{
	for (int cpus = 1; cpus <= 8; cpus++) {
		char host[300];
		snprintf(host, sizeof(host), "{frames: 4096, cpus: %d, quantum: %d us, window: %d us, cost: {copy: 1 GB/s}}", cpus, 1 + cpus % 3 * 20,
			cpus % 4 * 30);
		struct figures f = run("{path: mmap, sizes: web, size_most: 64 KiB, files: 50, requests: 3000, workers: 20, chunk: 4 KiB, "
			"network: 3 GB/s, socket: 16 KiB}", host);
		ck_assert_double_eq(f.requests, 3000);
		ck_assert_double_eq_tol(f.link_busy * f.requests / f.per_second, f.sent / 3e9, 1e-6); /* a ps of rounding each chunk */
		ck_assert_double_le(f.link_busy, 1);
	}
}
END_TEST

/*
 * The same costs. The client sends both chunks ahead, each 4.096 us on the link; the first is there before the call's 1 us is over 4 times,
 * and is copied by it (4.096), and by the call that stores it (1 + 4.096), 1 ns for the buffer between: 13.289 us. The second is there then
 * and takes 10.193: 23.482. A sync asks for a write of both pages and a flush, 100 us each. On a link a quarter as fast the second comes
 * at 32.768, when the first has been stored: 32.768 + 9.193; where the socket takes one chunk it leaves the client when the first
 * has been copied, at 16.384 + 4.096, and comes 16.384 later.
 */
static const struct {
	const char *more;
	double us, copies, writes;
} stored[] = {
	{"network: 1 GB/s", 23.482, 2, 0},
	{"network: 1 GB/s, upload_sync: true", 223.482, 2, 2},
	{"network: 250 MB/s", 41.961, 2, 0},
	{"network: 250 MB/s, socket: 4 KiB", 46.057, 2, 0},
	{"network: 250 MB/s, socket: 4 KiB, path: flip", 46.057, 2, 0}, /* by write(2), however files are sent */
	{"network: 250 MB/s, socket: 4 KiB, path: mmap", 46.057, 2, 0},
};

START_TEST(an_upload_is_received_and_written)
{
	double at[2];
	for (int i = 0; i < 2; i++) {
		char serve[300], host[300];
		const int requests = 40 + 100 * i;
		snprintf(serve, sizeof(serve), "{files: 1, size: 8 KiB, chunk: 4 KiB, workers: 1, uploads: 1, requests: %d, %s}", requests,
			stored[_i].more);
		snprintf(host, sizeof(host), "{" HAND "}", 1);
		struct figures f = run(serve, host);
		at[i] = requests / f.per_second;
		ck_assert_double_eq(f.uploads, requests);
		ck_assert_double_eq(f.received, requests * 8192.0);
		ck_assert_double_eq(f.sent, 0);
		ck_assert_double_eq(f.copied, stored[_i].copies * f.received);
		ck_assert_double_eq(f.file_ins, 0); /* whole pages are not read first */
		ck_assert_double_eq(f.file_outs, stored[_i].writes * requests);
		ck_assert_double_eq(f.syncs, stored[_i].writes > 0 ? requests : 0);
		ck_assert_double_eq(f.calls, requests * 4 + f.syncs);
	}
	ck_assert_double_eq_tol((at[1] - at[0]) * 1e6 / 100, stored[_i].us, 1e-5);
}
END_TEST

/* A file that ends within a page: the first upload reads that page, as what lies behind the end stays; files that were sent before are
 * in memory. Eight workers fill the link, the one way as well as the other. */
START_TEST(uploads_and_files_sent_are_told_apart)
{
	struct figures f = run("{files: 5, size: 10000 B, workers: 4, uploads: 1, requests: 300}", "{frames: 4096}");
	ck_assert_double_eq(f.file_ins, 5);
	f = run("{files: 5, size: 8 KiB, workers: 4, uploads: 0.25, requests: 4000, path: mmap}", "{frames: 4096}");
	ck_assert_double_eq(f.requests, 4000);
	ck_assert_double_eq_tol(f.uploads, 1000, 4 * 27.4); /* binomial */
	ck_assert_double_eq(f.received, f.uploads * 8192);
	ck_assert_double_eq(f.sent, (4000 - f.uploads) * 8192);
	ck_assert_double_eq(f.copied, f.sent + 2 * f.received);
	ck_assert_double_gt(f.upload_mean, 0);
	ck_assert_double_gt(f.latency_mean, 0);
	f = run("{files: 4, size: 100000 B, requests: 400, workers: 8, network: 10 MB/s, uploads: 1}", "{frames: 4096}");
	ck_assert_double_eq_tol(f.per_second, 100, .05);
	f = run("{files: 4, size: 100000 B, requests: 4000, workers: 16, network: 10 MB/s, uploads: 0.5, path: sendfile}", "{frames: 4096}");
	ck_assert_double_eq_tol(f.per_second, 200, 10);
}
END_TEST

START_TEST(uploads_that_cannot_be_are_refused)
{
	static const char *const bad[][2] = {{"{path: direct, uploads: 0.1}", "uploads"}, {"{upload_sync: true}", "upload_sync"},
		{"{uploads: 1.5}", "uploads"}};
	struct sim *s = sim_new(1);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = {0};
		ck_assert_ptr_null(bind_text(s->arena, scenario_find("serve")->options, bad[i][0], &e));
		ck_assert_msg(strstr(e.msg, bad[i][1]) != NULL, "%s", e.msg);
	}
	sim_free(s);
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
	tcase_add_loop_test(t, calls_are_those_that_are_charged, 0, (int)(sizeof(paths) / sizeof(paths[0])));
	tcase_add_test(t, what_is_not_aligned_is_copied);
	tcase_add_test(t, the_device_does_the_same_whichever_way_the_data_takes);
	tcase_add_test(t, copying_costs_its_bytes_over_its_rate);
	tcase_add_test(t, a_slow_network_is_what_limits);
	tcase_add_loop_test(t, the_link_gets_a_chunk_when_the_processor_has_done_with_it, 0, (int)(sizeof(by_hand) / sizeof(by_hand[0])));
	tcase_add_test(t, workers_share_processors_and_link);
	tcase_add_test(t, a_request_that_waits_for_a_processor_is_late);
	tcase_add_test(t, turns_that_end_anywhere_lose_nothing);
	tcase_add_loop_test(t, an_upload_is_received_and_written, 0, (int)(sizeof(stored) / sizeof(stored[0])));
	tcase_add_test(t, uploads_and_files_sent_are_told_apart);
	tcase_add_test(t, uploads_that_cannot_be_are_refused);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
