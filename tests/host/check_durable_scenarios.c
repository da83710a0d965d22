/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scenarios whose data outlive a crash, on the machine and on real devices: what they report against closed forms. */
#include "host/durable_run.h"

#include <math.h>

#include "blk/fixed.h"
#include "effort.h"
#include "host/crash.h"

/* ---- recoverable memory ---------------------------------------------------------------------------------------------- */

/* 7200 rpm without a write cache: a record starts where the last one ended, so a turn and the transfer each, 120 a second; a
 * separate commit record halves it. */
START_TEST(serial_transactions_run_at_the_speed_of_the_spindle)
{
	static const struct {
		const char *commit;
		double rate;
	} cases[] = {{"joined", 120}, {"separate", 60}};
	for (unsigned i = 0; i < 2; i++) {
		char text[512];
		snprintf(text, sizeof(text), "transactions: 400\nthreads: 1\nranges: 1\nrange_size: 64 B\nthink: 1 ms\nlog_size: 500 KiB\n"
			"memory: {pages: 256, truncate_at: 95 %%, log: {durability: none, block: 512 B, commit: %s}}\n", cases[i].commit);
		struct run *r = run_it(&disk_ops, PLAIN_DISK NO_CACHE "  overhead: {write_miss_after_write: 0.3 ms}\n", FREE_HOST,
			"recoverable-memory", text);
		ck_assert_double_eq_tol(value_of(r, "transactions"), 400, 1e-9);
		ck_assert_double_eq_tol(value_of(r, "transactions_per_second"), cases[i].rate, cases[i].rate / 100);
		ck_assert_double_eq_tol(value_of(r, "lost_transactions"), 0, 1e-9);
		ck_assert_double_gt(value_of(r, "recovery_time"), 0);
		ck_assert_double_eq_tol(value_of(r, "recovered_transactions"), 400, 1e-9);
		run_free(r);
	}
}
END_TEST

START_TEST(groups_commit_faster_and_write_less)
{
	double rate[2], amplification[2];
	for (int many = 0; many < 2; many++) {
		char text[512];
		snprintf(text, sizeof(text), "transactions: 400\nthreads: %d\nmemory: {pages: 256}\n", many ? 16 : 1);
		struct run *r = run_it(&disk_ops, CACHED_DISK, FREE_HOST, "recoverable-memory", text);
		rate[many] = value_of(r, "transactions_per_second");
		amplification[many] = value_of(r, "write_amplification");
		ck_assert_double_eq_tol(value_of(r, "lost_acknowledged"), 0, 1e-9);
		run_free(r);
	}
	ck_assert_double_gt(rate[1], 5 * rate[0]);
	ck_assert_double_lt(amplification[1], amplification[0] / 2);
}
END_TEST

START_TEST(a_transaction_takes_a_fault_for_each_page_it_writes)
{
	for (int ssd = 0; ssd < 2; ssd++) {
		struct run *r = run_it(ssd ? &ssd_ops : &disk_ops, ssd ? CACHED_SSD : CACHED_DISK, FREE_HOST, "recoverable-memory",
			"transactions: 300\nranges: 5\nreads: 3\nlog_size: 1 MiB\nmemory: {pages: 256, tracking: pages}\n");
		double faults = value_of(r, "faults_per_transaction");
		ck_assert_double_eq_tol(faults, value_of(r, "pages_per_transaction"), 1e-9);
		/* distinct pages of 5 draws of 256 */
		ck_assert_double_eq_tol(faults, 256 * (1 - pow(255.0 / 256, 5)), 0.05);
		ck_assert_double_gt(value_of(r, "stale_log_bytes"), 0);
		ck_assert_double_gt(value_of(r, "log_truncations"), 1);
		ck_assert_double_eq_tol(value_of(r, "lost_transactions"), 0, 1e-9);
		run_free(r);
	}
}
END_TEST

/* 100 transactions of two bytes each, whichever way it is known in which pages. */
START_TEST(amplification_is_of_the_bytes_that_the_program_set)
{
	for (int pages = 0; pages < 2; pages++) {
		char text[300];
		snprintf(text, sizeof(text), "transactions: 100\nranges: 2\nrange_size: 1 B\nlog_size: 256 KiB\n"
			"crash: false\nmemory: {pages: 64, truncate_at: 50 %%, tracking: %s}\n", pages ? "pages" : "ranges");
		struct run *r = run_to(SCENARIO_UNTRIED, &fixed_dev_ops, "d: {latency: 100 us}\n", FREE_HOST, "recoverable-memory", text);
		double written = (double)r->rig.dev->stats.host_write_sectors * SECTOR_BYTES;
		ck_assert_double_eq_tol(value_of(r, "log_bytes") + value_of(r, "log_header_bytes") + value_of(r, "segment_bytes"), written, 1e-9);
		ck_assert_double_eq_tol(value_of(r, "log_header_bytes"), 4096 * (1 + value_of(r, "log_truncations")), 1e-9);
		ck_assert_double_gt(value_of(r, "log_truncations"), 1);
		ck_assert_double_ge(written, 100 * 4096); /* a record of a block each, at least */
		ck_assert_double_eq_tol(value_of(r, "write_amplification"), written / 200, 1e-9);
		run_free(r);
	}
}
END_TEST

/* A device of 1 ms: the log's header, a flush, the first thread's record from 2 ms to 3 ms and its flush until 4 ms; 64 threads that flush each of
 * their transactions of 100 bytes wait for these, all but the first for the next record. */
START_TEST(what_is_under_way_when_the_power_goes_was_not_written)
{
	static const struct {
		const char *at;
		double records, committed, bytes, recovered; /* bytes of records and of the header */
	} cases[] = {
		{"2.9 ms", 0, 0, 0, 0},
		{"3.9 ms", 1, 0, 8192, 1},    /* on the device, and nobody was told */
		{"4.9 ms", 1, 1, 8192, 1},    /* the second record is on its way */
	};
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[300];
		snprintf(text, sizeof(text), "threads: 64\ntransactions: 10000\nranges: 1\nrange_size: 100 B\nlog_size: 256 KiB\ncrash_at: %s\n"
			"memory: {pages: 64}\n", cases[i].at);
		struct run *r = run_it(&fixed_dev_ops, "d: {latency: 1 ms}\n", FREE_HOST, "recoverable-memory", text);
		ck_assert_double_eq_tol(value_of(r, "log_records"), cases[i].records, 1e-9);
		ck_assert_double_eq_tol(value_of(r, "transactions_per_record"), cases[i].records, 1e-9); /* one, where there is any */
		ck_assert_double_eq_tol(value_of(r, "committed_transactions"), cases[i].committed, 1e-9);
		ck_assert_double_eq_tol(value_of(r, "transactions_per_second") > 0, cases[i].committed > 0, 1e-9);
		ck_assert_double_eq_tol(value_of(r, "log_bytes"), 4096 * cases[i].records, 1e-9);
		ck_assert_double_eq_tol(value_of(r, "write_amplification"), cases[i].bytes / 100, 1e-9);
		ck_assert_double_eq_tol(value_of(r, "recovered_transactions"), cases[i].recovered, 1e-9);
		run_free(r);
	}
}
END_TEST

/* A record of 1 ms and a flush of 1 ms; those that made the log, before any thread ran, are no part of it. */
START_TEST(the_rate_counts_from_when_the_program_starts)
{
	for (int n = 1; n <= 2; n++) {
		char text[200];
		snprintf(text, sizeof(text), "threads: 8\ntransactions: %d\nmemory: {pages: 64}\n", n == 1 ? 1 : 8);
		struct run *r = run_it(&fixed_dev_ops, "d: {latency: 1 ms}\n", FREE_HOST, "recoverable-memory", text);
		ck_assert_double_eq_tol(value_of(r, "log_records"), n, 1e-9); /* the first alone, the other seven together */
		ck_assert_double_eq_tol(value_of(r, "transactions_per_second"), (n == 1 ? 1 / 2e-3 : 8 / 4e-3), 0.01); /* some ns of references */
		run_free(r);
	}
}
END_TEST

/* 1,000 transactions of 100 bytes of which each n-th is flushed, and takes those before it along: 142 records of 7, and 6 that no record
 * took. Where none is flushed the first record is written when it is full (a quarter of the log: 496 entries of 132 bytes), which 100 us
 * are too short for, and all of it is lost; it counts no more than those behind it. */
START_TEST(a_record_counts_what_went_along_in_it)
{
	static const struct {
		int every;
		double records, each;
	} cases[] = {{7, 142, 7}, {1001, 0, 0}};
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[300];
		snprintf(text, sizeof(text), "transactions: 1000\nranges: 1\nrange_size: 100 B\nlog_size: 256 KiB\nflush_every: %d\n"
			"memory: {pages: 64}\n", cases[i].every);
		struct run *r = run_it(&fixed_dev_ops, "d: {latency: 100 us}\n", FREE_HOST, "recoverable-memory", text);
		ck_assert_double_eq_tol(value_of(r, "log_records"), cases[i].records, 1e-9);
		ck_assert_double_eq_tol(value_of(r, "transactions_per_record"), cases[i].each, 1e-9);
		ck_assert_double_eq_tol(value_of(r, "committed_transactions"), 1000, 1e-9); /* no thread waits for one without a flush */
		ck_assert_double_eq_tol(value_of(r, "recovered_transactions"), cases[i].records * cases[i].each, 1e-9);
		double written = cases[i].records > 0 ? value_of(r, "log_bytes") + value_of(r, "log_header_bytes") + value_of(r, "segment_bytes") : 0;
		ck_assert_double_eq_tol(value_of(r, "write_amplification") * cases[i].records * cases[i].each * 100, written, 1e-6);
		run_free(r);
	}
}
END_TEST

START_TEST(without_flushes_a_crash_loses_what_was_not_flushed)
{
	struct run *r = run_it(&disk_ops, CACHED_DISK, FREE_HOST, "recoverable-memory",
		"transactions: 95\nflush_every: 10\nmemory: {pages: 64}\n");
	ck_assert_double_eq_tol(value_of(r, "lost_transactions"), 5, 1e-9);
	ck_assert_double_eq_tol(value_of(r, "recovered_transactions"), 90, 1e-9);
	run_free(r);
}
END_TEST

/* Without a flush the device's cache has what was acknowledged when the power goes. */
START_TEST(a_broken_contract_is_a_result)
{
	struct run *r = run_to(SCENARIO_BROKEN, &disk_ops, CACHED_DISK, FREE_HOST, "recoverable-memory",
		"transactions: 50\nmemory: {pages: 64, log: {durability: none}}\n");
	ck_assert_double_eq_tol(value_of(r, "transactions"), 50, 1e-9);
	ck_assert_double_gt(value_of(r, "lost_acknowledged"), 0);
	run_free(r);
	r = run_to(SCENARIO_BROKEN, &disk_ops, CACHED_DISK, FREE_HOST, "checkpoint", "interval: 100 us\n"
		"load: {pages: 10, references: 3000, burst: 100, writes: 100 %}\ncheckpoint: {flush: false}\n");
	ck_assert_double_gt(value_of(r, "checkpoints"), value_of(r, "restart_checkpoint"));
	ck_assert_double_eq_tol(value_of(r, "lost_work"), value_of(r, "run_time"), 1e-9);
	run_free(r);
	r = run_to(SCENARIO_UNTRIED, &disk_ops, CACHED_DISK, FREE_HOST, "recoverable-memory",
		"transactions: 50\ncrash: false\nmemory: {pages: 64, log: {durability: none}}\n");
	run_free(r);
}
END_TEST

/* Figures and sentence of what is left where nothing was flushed. Returns which of the three sentences it is. */
static unsigned told_of_a_loss(const struct run *r)
{
	struct err e = {0};
	char says[200];
	double ended = value_of(r, "transactions"), found = value_of(r, "recovered_transactions");
	double unmended = value_of(r, "recovery_unmended_pages"), wrong = value_of(r, "wrong_pages");
	r->ops->contract(r->scenario, &e);
	ck_assert_double_eq_tol(value_of(r, "lost_transactions"), ended - found, 1e-9);
	ck_assert_double_eq_tol(value_of(r, "lost_acknowledged"), ended - found, 1e-9); /* each was flushed */
	if (!strstr(e.msg, "recovery fails")) {
		snprintf(says, sizeof(says), "recovery finds transactions up to %.0f, those up to %.0f were durable; %.0f pages are wrong", found, ended,
			wrong);
		ck_assert_str_eq(e.msg, says);
		ck_assert_double_gt(found, 0);
		return 0;
	}
	ck_assert_double_eq_tol(found, 0, 1e-9);
	ck_assert_double_eq_tol(value_of(r, "recovery_redone_pages"), 0, 1e-9);
	snprintf(says, sizeof(says), "recovery fails: %.0f pages of the segment hold what the log does not account for; transactions up to %.0f "
		"were durable, and %.0f pages hold none of them", unmended, ended, wrong);
	if (unmended > 0)
		ck_assert_str_eq(e.msg, says);
	else
		ck_assert_ptr_nonnull(strstr(e.msg, "recovery fails: the log has no whole header; transactions up to "));
	ck_assert(strstr(e.msg, "media") == NULL); /* no device failed */
	return unmended > 0 ? 1 : 2;
}

START_TEST(a_loss_is_told_as_what_happened)
{
	unsigned seen[3] = {0};
	for (int i = 0; i < 12; i++) {
		bool ssd = i & 1;
		char text[300];
		snprintf(text, sizeof(text), "transactions: %d\nlog_size: 256 KiB\nmemory: {pages: 64, log: {durability: none}}\n", 20 + 30 * i);
		struct run *r = run_to(SCENARIO_BROKEN, ssd ? &ssd_ops : &disk_ops, ssd ? CACHED_SSD : CACHED_DISK, FREE_HOST,
			"recoverable-memory", text);
		seen[told_of_a_loss(r)]++;
		run_free(r);
	}
	ck_assert_msg(seen[0] && seen[1] && seen[2], "found less %u, cannot be mended %u, no header %u", seen[0], seen[1], seen[2]);
}
END_TEST

START_TEST(what_cannot_be_is_said_with_its_key)
{
	static const struct {
		const char *scenario, *says;
	} cases[] = {
		{"memory: {pages: 585}\n", "host.frames: a segment of 585 pages must be in memory as a whole, with 16 frames to spare"},
		{"memory: {page: 8 KiB}\n", "scenario.memory.page: the host's pages have 4096 bytes"},
		{"memory: {pages: 64, tracking: pages}\nthreads: 2\n",
			"scenario.threads: page faults tell what one thread writes, not which of several"},
		{"memory: {pages: 64}\nrange_size: 8 KiB\n", "scenario.range_size: a range lies within a page of 4096 bytes"},
		{"memory: {pages: 64, tracking: pages}\nranges: 300\n",
			"scenario.log_size: a transaction may take 1233600 bytes, and four times that and 16 blocks of 4096 bytes (scenario.memory.log.block) "
			"are 4999936, more than 4194304"},
		{"memory: {pages: 64}\nlog_size: 67839 B\n",
			"scenario.log_size: a transaction may take 576 bytes, and four times that and 16 blocks of 4096 bytes (scenario.memory.log.block) "
			"are 67840, more than 67839"},
		{"memory: {pages: 64}\nlog_size: 1 GiB\n",
			"area log of 2097152 sectors does not fit on device d: 100000 of its 100000 sectors are left"},
	};
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err e = {0};
		struct run *r = malloc(sizeof(*r));
		open_run(r, &disk_ops, CACHED_DISK, FREE_HOST, "recoverable-memory", cases[i].scenario, &e);
		ck_assert_ptr_null(r->scenario);
		ck_assert_str_eq(e.msg, cases[i].says);
		run_free(r);
	}
}
END_TEST

/* The least log that is not refused holds the load. */
START_TEST(a_log_of_the_least_size_does)
{
	static const char *const logs[] = {"log_size: 67840 B\nmemory: {pages: 64}\n", "log_size: 32 KiB\nmemory: {pages: 64, log: {block: 512 B}}\n"};
	for (unsigned i = 0; i < 2; i++) {
		char text[200];
		snprintf(text, sizeof(text), "transactions: 300\nthreads: 4\n%s", logs[i]);
		struct run *r = run_it(&disk_ops, CACHED_DISK, FREE_HOST, "recoverable-memory", text);
		ck_assert_double_eq_tol(value_of(r, "transactions"), 300, 1e-9);
		ck_assert_double_gt(value_of(r, "log_truncations"), 1);
		run_free(r);
	}
}
END_TEST

static bool in_first_cell(const char *text, const char *at)
{
	const char *p = at - 1;
	while (p > text && *p != '|' && *p != '\n')
		p--;
	return p > text && *p == '|' && p[-1] == '\n';
}

/* doc/SUMMARY.md has a row for each figure of the scenario's own, which stand before those of the machine. */
START_TEST(each_figure_is_explained)
{
	static char text[1 << 17];
	FILE *f = fopen(TOP_SRCDIR "/doc/SUMMARY.md", "r");
	ck_assert_ptr_nonnull(f);
	size_t n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	ck_assert_uint_lt(n, sizeof(text) - 1);
	const char *table = strstr(text, "\n### The figures of the scenario recoverable-memory\n"), *end = table ? strstr(table, "\n## ") : NULL;
	ck_assert_ptr_nonnull(end);
	text[end - text] = '\0';
	struct run *r = run_it(&fixed_dev_ops, "d: {latency: 1 ms}\n", FREE_HOST, "recoverable-memory", "memory: {pages: 64}\n");
	unsigned own = 0;
	for (; strcmp(r->value[own].name, "references") != 0; own++) {
		char name[80];
		snprintf(name, sizeof(name), "`%s`", r->value[own].name);
		const char *at = strstr(table, name);
		while (at && !in_first_cell(table, at)) /* not in the words of another's row */
			at = strstr(at + 1, name);
		ck_assert_msg(at != NULL, "%s", name);
	}
	ck_assert_uint_eq(own, 26);
	run_free(r);
}
END_TEST

/* ---- checkpoints -------------------------------------------------------------------------------------------------------- */

/* Uniform writes of 256 pages, one each 20 us: a page is written at 195 a second. */
#define PROGRAM(more) "interval: 100 ms\nload: {pages: 256, references: 60000, burst: 20000, writes: 100 %}\n" \
	"checkpoint: {" more "write: {batch: 1, depth: 1}}\n"

START_TEST(a_program_resumes_after_protection_or_when_its_checkpoint_is_valid)
{
	for (int k = 0; k < 4; k++) {
		bool ssd = k & 1, cow = k & 2;
		struct run *r = run_it(ssd ? &ssd_ops : &disk_ops, ssd ? CACHED_SSD : PLAIN_DISK NO_CACHE, FREE_HOST, "checkpoint",
			cow ? PROGRAM("resume: protected, ") : PROGRAM("resume: valid, "));
		double resume = value_of(r, "resume_after"), valid = value_of(r, "valid_after");
		ck_assert_double_ge(value_of(r, "checkpoints"), 3);
		if (cow)
			ck_assert_double_lt(resume, 1e-6); /* sweeps cost nothing here */
		else
			ck_assert_double_eq_tol(resume, valid, 1e-9);
		/* the disk takes 258 pages in order at a turn for 1000 sectors */
		if (!ssd)
			ck_assert_double_ge(valid, 258 * 8 * 25e-3 / 3 / 1000);
		if (!ssd) /* whose buffer takes the image at once */
			ck_assert_int_eq(value_of(r, "copies_per_checkpoint") > 0, cow);
		ck_assert_double_eq_tol(value_of(r, "restart_pages"), 256, 1e-9);
		ck_assert_double_gt(value_of(r, "lost_work"), 0);
		run_free(r);
	}
}
END_TEST

/* Stop-and-copy that takes longer than its interval: from freeze to freeze as many whole intervals as it takes. */
START_TEST(a_checkpoint_that_is_due_while_one_is_under_way_is_left_out)
{
	struct run *r = run_it(&disk_ops, PLAIN_DISK NO_CACHE, FREE_HOST, "checkpoint",
		"interval: 7 ms\nload: {pages: 256, references: 5000, burst: 20000, writes: 100 %}\ncheckpoint: {resume: valid, write: {batch: 256}}\n");
	double n = value_of(r, "checkpoints"), valid = value_of(r, "valid_after"), cycle = 7e-3 * ceil(valid / 7e-3);
	ck_assert_double_gt(valid, 2 * 7e-3);
	ck_assert_double_ge(n, 5);
	ck_assert_double_eq_tol(value_of(r, "run_time"), 5000 * 20e-6 + n * valid, 5e-3);
	ck_assert_double_eq_tol(value_of(r, "run_time") / cycle, n, 1);
	run_free(r);
}
END_TEST

START_TEST(an_incremental_checkpoint_writes_what_was_written_since_the_last)
{
	for (int scan = 0; scan < 2; scan++) {
		struct run *r = run_it(&ssd_ops, CACHED_SSD, FREE_HOST, "checkpoint", scan ?
			"tracking: scan\ninterval: 5 ms\nload: {pages: 200, references: 30000, burst: 20000, writes: 100 %}\n"
			"checkpoint: {content: changed, chain: 1}\n" :
			"interval: 5 ms\nload: {pages: 200, references: 30000, burst: 20000, writes: 100 %}\n"
			"checkpoint: {content: changed, chain: 1}\n");
		double n = value_of(r, "checkpoints"), deltas = value_of(r, "incremental");
		ck_assert_double_gt(n, 15);
		ck_assert_double_gt(deltas, n / 2);
		ck_assert_double_gt(value_of(r, "merges"), 3);
		ck_assert_double_lt(value_of(r, "pages_per_checkpoint"), 200);
		ck_assert_double_eq_tol(value_of(r, "restart_pages"), 200, 1e-9);
		run_free(r);
	}
}
END_TEST

START_TEST(the_tables_name_each_checkpoint_and_each_interval)
{
	struct run *r = run_it(&ssd_ops, CACHED_SSD, FREE_HOST, "checkpoint", PROGRAM("resume: valid, "));
	static const char *const names[] = {"checkpoints", "interval-study"};
	for (unsigned i = 0; i < 2; i++) {
		char *text = NULL;
		size_t bytes = 0, lines = 0;
		FILE *f = open_memstream(&text, &bytes);
		ck_assert_str_eq(r->ops->table(r->scenario, i, f), names[i]);
		fclose(f);
		for (size_t k = 0; k < bytes; k++)
			lines += text[k] == '\n';
		ck_assert_uint_eq(lines, 1 + (i == 0 ? (size_t)value_of(r, "checkpoints") : 7));
		free(text);
	}
	ck_assert_ptr_null(r->ops->table(r->scenario, 2, NULL));
	run_free(r);
}
END_TEST

/* More checkpoints than the table has rows: each copy that the machine made was made for one. */
START_TEST(means_are_of_all_checkpoints_and_the_table_says_where_it_ends)
{
	struct run *r = run_to(SCENARIO_UNTRIED, &fixed_dev_ops, "d:\n  latency: 10 us\n", FREE_HOST, "checkpoint", "interval: 100 us\n"
		"crash: false\nload: {pages: 10, references: 500000, burst: 1000, writes: 20 %}\ncheckpoint: {resume: protected, content: changed}\n");
	double n = value_of(r, "checkpoints");
	char *text = table_of(r, 0), says[100];
	size_t lines = 0;
	for (const char *at = text; *at; at++)
		lines += *at == '\n';
	ck_assert_double_gt(n, 4100);
	ck_assert_uint_eq(lines, 1 + 4096 + 1);
	snprintf(says, sizeof(says), "\n# the table ends here: %.0f more checkpoints were begun\n", n - 4096);
	ck_assert_msg(strstr(text, says) != NULL, "%s", says);
	ck_assert_double_gt(value_of(r, "cow_copies"), n / 10);
	ck_assert_double_eq_tol(value_of(r, "copies_per_checkpoint") * n, value_of(r, "cow_copies"), 1);
	free(text);
	run_free(r);
}
END_TEST

/* ---- crashes anywhere ---------------------------------------------------------------------------------------------------- */

/* The scenario's own power fails, the machine and its device with it; it restarts, and what it promises is asked for. */
static void power_fails(void *ctx, uint64_t seed, char *why, size_t why_bytes)
{
	struct run *r = ctx;
	struct err e = {0};
	(void)seed;
	r->ops->crash(r->scenario);
	if (sim_run(r->rig.sim) < 0)
		snprintf(why, why_bytes, "%.200s", r->rig.sim->err.msg);
	else if (r->ops->check(r->scenario, &e) < 0 || r->ops->contract(r->scenario, &e) != SCENARIO_KEPT)
		snprintf(why, why_bytes, "%.200s", e.code ? e.msg : "the contract is not tried");
}

/* Until the scenario's own crash. */
static bool is_through(void *ctx)
{
	const struct run *r = ctx;
	return r->ops->progress(r->scenario) >= 1;
}

#define TRANSACTIONS "log_size: 256 KiB\ntransactions: 40\nthreads: 2\nflush_every: 2\nthink: 1 ms\nmemory: {pages: 32, %s}\n"
#define CHECKPOINTS "interval: 15 ms\nload: {pages: 24, references: 4000, burst: 20000, writes: 100 %%}\ncheckpoint: {write: {batch: 4, depth: 2}, %s}\n"

static const struct {
	const char *kind, *scenario, *more;
	bool sound; /* else a flush is left out, and some crash has to show it */
} crashes[] = {
	{"recoverable-memory", TRANSACTIONS, "tracking: ranges", true},
	{"recoverable-memory", TRANSACTIONS, "log: {durability: fua, group_count: 2, group_time: 1 ms}", true},
	{"recoverable-memory", TRANSACTIONS, "log: {durability: none}", false},
	{"checkpoint", CHECKPOINTS, "resume: valid", true},
	{"checkpoint", CHECKPOINTS, "resume: protected", true},
	{"checkpoint", CHECKPOINTS, "resume: protected, content: changed, chain: 2", true},
	{"checkpoint", CHECKPOINTS, "resume: protected, flush: false", false},
};

START_TEST(at_every_event_of_a_scenario_a_crash_leaves_what_it_promises)
{
	const bool ssd = _i & 1, sound = crashes[_i / 2].sound;
	char scenario[512];
	struct err e = {0};
	struct run *r = malloc(sizeof(*r));
	snprintf(scenario, sizeof(scenario), crashes[_i / 2].scenario, crashes[_i / 2].more);
	open_run(r, ssd ? &ssd_ops : &disk_ops, ssd ? CACHED_SSD : CACHED_DISK, FREE_HOST, crashes[_i / 2].kind, scenario, &e);
	ck_assert_msg(r->scenario != NULL, "%s", e.msg);
	struct crash_run c = {.sim = r->rig.sim, .crash = power_fails, .over = is_through, .ctx = r};
	r->ops->start(r->scenario);
	unsigned step = sound && effort(100) >= 50 ? 1 : 5;
	crash_everywhere(&c, step);
	ck_assert_uint_gt(c.cuts * step, 60);
	ck_assert_msg((c.violations == 0) == sound, "%llu violations in %llu crashes: %s", (unsigned long long)c.violations,
		(unsigned long long)c.cuts, c.first);
	run_free(r);
}
END_TEST

/* The option for it: the power goes then, not at the end, and not later than that. */
START_TEST(the_power_fails_when_it_is_told_to)
{
	static const char *const kinds[] = {"checkpoint", "recoverable-memory"};
	static const char *const loads[] = {PROGRAM("resume: protected, "), "transactions: 100\nthink: 1 ms\nmemory: {pages: 32}\n"};
	static const char *const done[] = {"checkpoints", "transactions"}, *const soon[] = {"250 ms", "60 ms"};
	struct run *whole = run_it(&ssd_ops, CACHED_SSD, FREE_HOST, kinds[_i], loads[_i]);
	double all = value_of(whole, done[_i]);
	run_free(whole);
	for (int late = 0; late < 2; late++) {
		char scenario[600];
		snprintf(scenario, sizeof(scenario), "%scrash_at: %s\n", loads[_i], late ? "50 s" : soon[_i]);
		struct run *r = run_to(SCENARIO_KEPT, &ssd_ops, CACHED_SSD, FREE_HOST, kinds[_i], scenario);
		if (late)
			ck_assert_double_eq_tol(value_of(r, done[_i]), all, 1e-9);
		else
			ck_assert(value_of(r, done[_i]) > 0 && value_of(r, done[_i]) < all);
		ck_assert_double_lt(time_seconds(r->rig.sim->now_ps), late ? 49 : 1);
		run_free(r);
	}
}
END_TEST

START_TEST(a_program_that_cannot_be_is_said_with_its_key)
{
	static const struct {
		const char *scenario, *says;
	} cases[] = {
		{"load: {pages: 300}\n", "host.frames: a program of 300 pages, a copy of each and some to spare take 618 frames"},
		{"load: {pages: 64}\ncheckpoint: {page: 8 KiB}\n", "scenario.checkpoint.page: the host's pages have 4096 bytes"},
	};
	for (unsigned i = 0; i < 2; i++) {
		struct err e = {0};
		struct run *r = malloc(sizeof(*r));
		open_run(r, &disk_ops, CACHED_DISK, FREE_HOST, "checkpoint", cases[i].scenario, &e);
		ck_assert_ptr_null(r->scenario);
		ck_assert_str_eq(e.msg, cases[i].says);
		run_free(r);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("durable scenarios");
	TCase *t = tcase_create("durable scenarios");
	tcase_add_test(t, serial_transactions_run_at_the_speed_of_the_spindle);
	tcase_add_test(t, groups_commit_faster_and_write_less);
	tcase_add_test(t, a_transaction_takes_a_fault_for_each_page_it_writes);
	tcase_add_test(t, amplification_is_of_the_bytes_that_the_program_set);
	tcase_add_test(t, what_is_under_way_when_the_power_goes_was_not_written);
	tcase_add_test(t, the_rate_counts_from_when_the_program_starts);
	tcase_add_test(t, a_record_counts_what_went_along_in_it);
	tcase_add_test(t, without_flushes_a_crash_loses_what_was_not_flushed);
	tcase_add_test(t, a_broken_contract_is_a_result);
	tcase_add_test(t, a_loss_is_told_as_what_happened);
	tcase_add_test(t, what_cannot_be_is_said_with_its_key);
	tcase_add_test(t, a_log_of_the_least_size_does);
	tcase_add_test(t, each_figure_is_explained);
	tcase_add_test(t, a_program_resumes_after_protection_or_when_its_checkpoint_is_valid);
	tcase_add_test(t, a_checkpoint_that_is_due_while_one_is_under_way_is_left_out);
	tcase_add_test(t, an_incremental_checkpoint_writes_what_was_written_since_the_last);
	tcase_add_test(t, the_tables_name_each_checkpoint_and_each_interval);
	tcase_add_test(t, means_are_of_all_checkpoints_and_the_table_says_where_it_ends);
	tcase_add_loop_test(t, at_every_event_of_a_scenario_a_crash_leaves_what_it_promises, 0, 2 * (int)(sizeof(crashes) / sizeof(crashes[0])));
	tcase_add_loop_test(t, the_power_fails_when_it_is_told_to, 0, 2);
	tcase_add_test(t, a_program_that_cannot_be_is_said_with_its_key);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
