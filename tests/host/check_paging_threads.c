/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Processes of several threads in the scenario demand-paging, on a device of fixed latency, against what can be counted or worked out. */
#include <math.h>
#include <unistd.h>

#include "host/paging_fixture.h"
#include "host/paging_process.h"
#include "host/rig.h"

/* Each fault waits for a read of its page alone, and nothing takes processor time but references. */
#define BARE "file: {readahead: 1, readahead_initial: 0, fault_around: 1}, cost: {hit: %s, walk: 0, fault: 0, call: 0, switch: 0, " \
	"invalidate: 0, entry: 0}"

START_TEST(two_threads_at_one_page_wait_for_one_read)
{
	struct figures *f = run("{threads: 2, memory: file, load: {pages: 1, references: 1, writes: 0}}", "{frames: 16}");
	ck_assert_double_eq(f->processes, 1);
	ck_assert_double_eq(f->threads, 2);
	ck_assert_double_eq(f->references, 2);
	ck_assert_double_eq(f->faults, 2);
	ck_assert_double_eq(f->majors, 1);
	ck_assert_double_eq(f->followed, 1);
	ck_assert_double_eq(f->file_ins, 1);
	free(f);
}
END_TEST

/* However many write to its memory: each of its pages is filled once. */
START_TEST(threads_share_the_pages_of_their_process)
{
	for (int threads = 1; threads <= 16; threads *= 4) {
		char text[300];
		snprintf(text, sizeof(text), "{processes: 3, threads: %d, load: {pattern: sequential, pages: 64, references: 64, writes: 1}}",
			threads);
		struct figures *f = run(text, "{frames: 1024, cpus: 2}");
		ck_assert_double_eq(f->zero_fills, 3 * 64);
		ck_assert_double_eq(f->references, 3 * 64 * threads);
		ck_assert_double_eq(f->threads, threads > 1 ? 3 * threads : 0); /* told where it is not the number of processes */
		free(f);
	}
}
END_TEST

/* The program is gone through once a process, by its first thread; each thread has a stack. */
START_TEST(one_thread_starts_the_program_and_each_grows_a_stack)
{
	struct figures *f = run("{processes: 2, threads: 5, text: 100, stack: 20, load: {pages: 10, references: 30, burst: 7}}",
		"{frames: 4096, file: {readahead: 1, readahead_initial: 0, fault_around: 1}}");
	ck_assert_double_eq(f->references, 2 * (100 + 5 * (20 + 30 * 7)));
	ck_assert_double_eq(f->file_ins, 100);
	ck_assert_double_eq(f->grown, 2 * 5 * 19);
	ck_assert_double_eq(f->progress, 1);
	free(f);
	f = run("{threads: 3, stack: 20, text: 10, load: {pages: 442, references: 10}}", "{levels: 1}"); /* all of the 512 pages there are */
	ck_assert_double_eq(f->grown, 3 * 19);
	free(f);
}
END_TEST

/* Among a million pages, few are met twice. */
START_TEST(each_thread_draws_for_itself)
{
	struct figures *f = run("{processes: 2, threads: 3, curve: 0, load: {pages: 1000000, references: 100, writes: 1}}", "{frames: 1024}");
	ck_assert_double_ge(f->zero_fills, 590);
	free(f);
}
END_TEST

START_TEST(the_same_seed_gives_the_same_run)
{
	for (int cpus = 1; cpus <= 3; cpus++) {
		char host[300];
		snprintf(host, sizeof(host), "{frames: 100, cpus: %d, quantum: 50 us, allocation: {frames: fault-frequency, suspend: true}}", cpus);
		static const char text[] = "{processes: 3, threads: 4, text: 5, stack: 3, start_every: 3 ms, interval: 1 ms, "
			"load: {pattern: hot, pages: 80, references: 2000}}";
		struct figures *f = run(text, host), *g = run(text, host);
		ck_assert_mem_eq(f, g, sizeof(*f));
		ck_assert_double_eq(f->references, 3 * (5 + 4 * 2003));
		free(f);
		free(g);
	}
}
END_TEST

/* The hash of all that happens in a machine with three processes of four threads. */
static uint64_t events_of(uint64_t seed)
{
	struct err e = {0};
	struct sim *s = sim_new(1);
	struct blk_dev *dev = blk_dev_open(s, &fixed_dev_ops, "dev0", bound(s, fixed_dev_ops.options, "{latency: 100 us, capacity: 4 GiB}"), &e);
	const struct paging_spec *spec = bound(s, &paging_options, "{processes: 3, threads: 4, text: 5, stack: 3, "
		"load: {pages: 80, references: 2000}}");
	const struct scenario_env env = {.sim = s, .dev = dev, .seed = seed,
		.host = bound(s, &host_options, "{frames: 100, cpus: 2, quantum: 50 us}")};
	const struct host_region_spec want[2] = {{.name = "program", .cause = BLK_CAUSE_FILE, .sectors = 40},
		{.name = "files", .cause = BLK_CAUSE_FILE, .sectors = 8}};
	struct host_region region[2];
	struct host_rig g = {0};
	struct paging_process p[3] = {{0}};
	ck_assert_msg(host_rig_open(&g, &env, want, 2, region, &e) == 0, "%s", e.msg);
	g.host->log = host_evlog_new(s->arena);
	struct paging_common c = {.spec = spec, .sim = s, .host = g.host, .program = &region[0], .files = &region[1], .seed = seed};
	ck_assert_msg(paging_common_open(&c, &e) == 0, "%s", e.msg);
	for (uint32_t i = 0; i < 3; i++) {
		ck_assert_msg(paging_process_open(&p[i], &c, i, &e) == 0, "%s", e.msg);
		ck_assert_msg(paging_process_start(&p[i], &e) == 0, "%s", e.msg);
	}
	host_start(g.host);
	ck_assert_msg(sim_run(s) == 0, "%s", s->err.msg);
	ck_assert(host_over(g.host));
	ck_assert_uint_eq(g.host->threads, 12);
	uint64_t hash = host_evlog_hash(g.host->log);
	blk_dev_close(dev);
	sim_free(s);
	return hash;
}

START_TEST(the_same_seed_gives_the_same_events)
{
	const uint64_t hash = events_of(7);
	ck_assert_uint_eq(events_of(7), hash);
	ck_assert_uint_ne(events_of(8), hash);
}
END_TEST

/* Shares of the processor in the lines of the table thrashing that begin at `from_ns` or later, without the last; *per_fault: references
 * a fault. */
static double busy_from(char *table, unsigned long from_ns, double *per_fault)
{
	double busy = 0, faults = 0, references = 0;
	unsigned n = 0;
	char *at;
	ck_assert_ptr_nonnull(strtok(table, "\n"));
	for (char *line = strtok(NULL, "\n"), *next; line; line = next) {
		next = strtok(NULL, "\n");
		if (strtoul(line, &at, 10) < from_ns || !next)
			continue;
		(void)strtoul(at + 1, &at, 10);
		busy += strtod(at + 1, &at);
		faults += strtod(at + 1, &at);
		references += strtod(at + 1, &at);
		n++;
	}
	ck_assert_uint_gt(n, 5);
	*per_fault = references / faults;
	return busy / n;
}

/*
 * A loop on fewer frames than it has pages, FIFO: each page is read each time, wherever the threads stand in the round. Each computes
 * 20 us and waits 100 us: the processor is busy for min(1, T 20/120) of the time, the asymptotic bounds of a closed system, which are
 * reached where no time varies (Denning and Buzen, "The operational analysis of queueing network models", Computing Surveys
 * 10(3), 1978).
 */
START_TEST(regular_threads_keep_the_processor_as_busy_as_can_be)
{
	static const int threads[] = {1, 2, 3, 5, 6, 8, 12};
	for (size_t i = 0; i < sizeof(threads) / sizeof(threads[0]); i++) {
		char text[300], host[300];
		snprintf(text, sizeof(text), "{threads: %d, memory: file, curve: 0, load: {pattern: sequential, pages: 1200, "
			"references: 3000, burst: 20, writes: 0}}", threads[i]);
		snprintf(host, sizeof(host), "{frames: 600, replace: {policy: fifo}, " BARE "}", "1 us");
		struct figures *f = run(text, host);
		ck_assert_double_eq(f->file_ins, 3000 * threads[i]);
		ck_assert_double_eq(f->followed, 0);
		ck_assert_double_eq_tol(f->busy, fmin(1, threads[i] / 6.), .005);
		free(f);
	}
}
END_TEST

/* The busy share of the one server of n machines that are away for `away` between two services that last `service` in the mean,
 * exponential: the machine repair model (Kleinrock, "Queueing Systems" 1, 1975, section 3.8). */
static double machine_repair(int n, double service, double away)
{
	double sum = 1, term = 1;
	for (int k = 1; k <= n; k++)
		sum += term *= (n - k + 1) * service / away;
	return 1 - 1 / sum;
}

/*
 * Uniform references to 50,000 pages on 49,000 frames: in the long run one in fifty faults, so that the time between two faults of a
 * thread is geometric, all but exponential; the device always takes 100 us, but of the time away only the mean matters (Baskett,
 * Chandy, Muntz and Palacios, "Open, closed, and mixed networks of queues with different classes of customers", JACM 22(2), 1975).
 */
START_TEST(random_threads_keep_the_processor_as_busy_as_the_repair_model_says)
{
	for (int threads = 2; threads <= 8; threads *= 2) {
		char text[300], host[300];
		snprintf(text, sizeof(text), "{threads: %d, memory: file, curve: 0, duration: 12 s, interval: 250 ms, "
			"load: {pages: 50000, references: 0, writes: 0}}", threads);
		snprintf(host, sizeof(host), "{frames: 49000, quantum: 0, replace: {policy: random}, " BARE "}", "400 ns");
		struct figures *f = run(text, host);
		double per_fault;
		const double busy = busy_from(f->thrashing, 5000000000, &per_fault);
		ck_assert_double_eq_tol(per_fault, 50, 2);
		ck_assert_double_eq_tol(busy, machine_repair(threads, per_fault * .4, 100), .006);
		free(f);
	}
}
END_TEST

/* Whether the column `processes` of the table thrashing is `want` in each line; how many lines. */
static unsigned processes_are(char *table, unsigned long want)
{
	unsigned n = 0;
	char *at;
	ck_assert_ptr_nonnull(strtok(table, "\n"));
	for (const char *line; (line = strtok(NULL, "\n")); n++) {
		(void)strtoul(line, &at, 10);
		ck_assert_uint_eq(strtoul(at + 1, NULL, 10), want);
	}
	return n;
}

START_TEST(the_thrashing_table_counts_processes)
{
	struct figures *f = run("{processes: 3, threads: 7, interval: 1 ms, duration: 20 ms, load: {pages: 40, references: 0}}", "{frames: 60}");
	ck_assert_uint_ge(processes_are(f->thrashing, 3), 19);
	ck_assert_double_eq(f->threads, 21);
	free(f);
}
END_TEST

/* The end of the duration finds the program half read: what has not begun does not begin. */
START_TEST(no_thread_is_started_after_the_end)
{
	struct figures *f = run("{threads: 8, text: 100, duration: 1 ms, load: {references: 0}}",
		"{frames: 200, file: {readahead: 1, readahead_initial: 0, fault_around: 1}}");
	ck_assert_double_eq(f->threads, 1);
	ck_assert_double_eq(f->references, 100);
	free(f);
}
END_TEST

/* The string of two threads, half a round apart, begins 0 5 1 6 2 7 3 8 4 9 5 0. */
START_TEST(the_fault_curve_has_the_threads_of_a_process_in_turn)
{
	static const unsigned long faults[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10};
	for (int most = 1; most <= 12; most++) {
		char text[300];
		snprintf(text, sizeof(text), "{processes: 2, threads: 2, curve: %d, load: {pattern: sequential, pages: 10, references: 100}}", most);
		struct figures *f = run(text, "{frames: 64}");
		const char *row = strstr(f->curve, "\n10,");
		ck_assert_ptr_nonnull(row);
		ck_assert_uint_eq(strtoul(row + 4, NULL, 10), faults[most]);
		free(f);
	}
	/* seven threads in a loop: as one, it faults each time until the loop fits */
	struct figures *f = run("{threads: 7, curve: 1200, load: {pattern: sequential, pages: 120, references: 200}}", "{frames: 512}");
	unsigned lines = 0;
	char *at;
	ck_assert_ptr_nonnull(strtok(f->curve, "\n"));
	for (const char *line; (line = strtok(NULL, "\n")); lines++) {
		const unsigned long frames = strtoul(line, &at, 10);
		if (frames < 110) /* seven do not part 120 pages evenly: nearly a round lies between */
			ck_assert_uint_eq(strtoul(at + 1, NULL, 10), 1200);
		else if (frames == 120)
			ck_assert_uint_eq(strtoul(at + 1, NULL, 10), 120);
	}
	ck_assert_uint_eq(lines, 12);
	free(f);
}
END_TEST

/* Whatever its threads are doing: they are suspended and come back together, and all is done in the end. */
START_TEST(a_process_is_suspended_with_all_its_threads)
{
	double suspensions = 0;
	for (int frames = 1; frames <= 9; frames += 2)
		for (int threads = 2; threads <= 6; threads++)
			for (int cpus = 1; cpus <= 3; cpus++) {
				char load[300], host[300];
				snprintf(load, sizeof(load), "{processes: %d, threads: %d, text: 3, stack: 2, curve: 0, memory: %s, "
					"load: {pages: 30, references: 60}}", 2 + frames % 4, threads, threads % 2 ? "file" : "heap");
				snprintf(host, sizeof(host), "{frames: %d, cpus: %d, allocation: {frames: fault-frequency, suspend: true}}", frames, cpus);
				struct figures *f = run(load, host);
				ck_assert_double_eq(f->ooms, 0);
				ck_assert_double_eq(f->references, (2 + frames % 4) * (3 + threads * 62));
				suspensions += f->suspensions;
				free(f);
			}
	ck_assert_double_gt(suspensions, 100);
}
END_TEST

/* Swap for 16 pages: who is killed goes with all threads, also one that has not started them yet, and the others are done. */
START_TEST(a_process_is_killed_with_all_its_threads)
{
	for (int processes = 2; processes <= 6; processes++)
		for (int threads = 2; threads <= 8; threads += 3)
			for (int cpus = 1; cpus <= 3; cpus++)
				for (int stop = 0; stop <= 1; stop++) {
					char load[300], host[300];
					snprintf(load, sizeof(load), "{processes: %d, threads: %d, text: %d, stack: 1, start_every: %d us, curve: 0, "
						"load: {pages: 20, references: 400, writes: 1}}", processes, threads, 3 * (threads % 2), 200 * (processes % 2));
					snprintf(host, sizeof(host), "{frames: 8, cpus: %d, quantum: 10 us, oom: %s, swap: {size: 64 KiB}}", cpus,
						stop ? "stop" : "kill");
					struct figures *f = run(load, host);
					const double each = 3 * (threads % 2) + 401 * threads;
					ck_assert_double_ge(f->ooms, 1);
					ck_assert_double_eq(f->faults, f->minors + f->majors + f->cut);
					if (stop)
						ck_assert_double_eq(f->ooms, 1);
					else
						ck_assert_double_ge(f->references, each * (processes - f->ooms));
					free(f);
				}
}
END_TEST

/* ---- recordings ------------------------------------------------------------------------------------------------ */

struct piece {
	uint64_t page;
	uint32_t pages, thread;
};

/* In a new file at `path`, which ends in XXXXXX: references, all writes, plain or as a filter of so many pages leaves them. */
static void write_pieces(char *path, const struct piece *piece, size_t pieces, uint32_t filter)
{
	const struct ref_header h = {.kind = REF_KIND_REFS, .page_bytes = 4096, .filter = filter, .program = "p", .command = "p"};
	struct err e = {0};
	int fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	close(fd);
	struct ref_writer *w = ref_writer_open(path, &h, &e);
	ck_assert_msg(w != NULL, "%s", e.msg);
	for (size_t i = 0; i < pieces; i++)
		ck_assert_int_eq(ref_writer_put(w, &(struct ref_run){.page = piece[i].page, .pages = piece[i].pages, .thread = piece[i].thread,
			.op = REF_WRITE, .refs = piece[i].pages}, &e), 0);
	ck_assert_int_eq(ref_writer_close(w, &e), 0);
}

/* Three threads, rounds in areas of their own: as recorded one waits for the other's pages, side by side their reads overlap. */
START_TEST(recorded_threads_run_side_by_side)
{
	struct piece piece[90];
	char path[] = "/tmp/quern-threads-XXXXXX", text[300];
	for (uint32_t i = 0; i < 90; i++)
		piece[i] = (struct piece){1000 * (i % 3), 20, i % 3};
	write_pieces(path, piece, 90, 1);
	for (int processes = 1; processes <= 2; processes++) {
		static const char host[] = "{frames: 18, share_zero: false, swap: {readahead: 1}}";
		snprintf(text, sizeof(text), "{recording: %s, processes: %d}", path, processes);
		struct figures *f = run(text, host);
		snprintf(text, sizeof(text), "{recording: %s, processes: %d, recorded_threads: true}", path, processes);
		struct figures *g = run(text, host);
		ck_assert_double_eq(f->threads, 0);
		ck_assert_double_eq(g->threads, 3 * processes);
		ck_assert_double_eq(f->references, 1800 * processes);
		ck_assert_double_eq(g->references, 1800 * processes);
		ck_assert_double_gt(g->rate, 2 * f->rate);
		ck_assert_str_eq(f->curve, g->curve); /* the recorded order */
		ck_assert_str_eq(f->notes, "");
		ck_assert_ptr_nonnull(strstr(g->notes, "3 threads begin at once"));
		free(f);
		free(g);
	}
	unlink(path);
}
END_TEST

/* The second thread's pages take longer than the first one's: until they are done the process is there. */
START_TEST(a_process_is_there_until_its_last_thread_ends)
{
	struct piece piece[21] = {{5, 1, 0}};
	char path[] = "/tmp/quern-threads-XXXXXX", text[300];
	for (int i = 1; i <= 20; i++)
		piece[i] = (struct piece){100, 30, 1};
	write_pieces(path, piece, 21, 1);
	snprintf(text, sizeof(text), "{recording: %s, recorded_threads: true, interval: 1 ms}", path);
	struct figures *f = run(text, "{frames: 10, swap: {readahead: 1}}");
	ck_assert_uint_gt(processes_are(f->thrashing, 1), 20);
	free(f);
	unlink(path);
}
END_TEST

START_TEST(recorded_threads_say_what_is_lost_with_their_order)
{
	static const struct piece two[] = {{5, 90, 0}, {500, 90, 1}}, one[] = {{5, 90, 0}};
	char path[2][30] = {"/tmp/quern-threads-XXXXXX", "/tmp/quern-threads-XXXXXX"}, text[300];
	write_pieces(path[0], two, 2, 64);
	write_pieces(path[1], one, 1, 64);
	for (int single = 0; single <= 1; single++)
		for (int each = 0; each <= 1; each++) {
			snprintf(text, sizeof(text), "{recording: %s, recorded_threads: %s, curve: 0}", path[single], each ? "true" : "false");
			struct figures *f = run(text, "{frames: 64, replace: {policy: lru}, swap: {readahead: 1}}");
			ck_assert_int_eq(strstr(f->notes, "scenario.recorded_threads=true)") != NULL, each && !single);
			ck_assert_int_eq(strstr(f->notes, "2 threads begin at once") != NULL, each && !single);
			ck_assert_int_eq(strstr(f->notes, "has one thread, so that") != NULL, each && single);
			free(f);
		}
	unlink(path[0]);
	unlink(path[1]);
}
END_TEST

START_TEST(too_many_threads_of_a_recording_are_refused)
{
	static const struct piece piece[] = {{5, 1, 0}, {6, 1, 500}};
	char path[] = "/tmp/quern-threads-XXXXXX", text[300];
	write_pieces(path, piece, 2, 1);
	for (int processes = 1; processes <= 2; processes++) {
		struct sim *s = sim_new(1);
		struct err e = {0};
		struct blk_dev *dev = blk_dev_open(s, &fixed_dev_ops, "dev0",
			bound(s, fixed_dev_ops.options, "{latency: 1 us, capacity: 4 GiB}"), &e);
		const struct scenario_env env = {.sim = s, .dev = dev, .host = bound(s, &host_options, "{frames: 64}"), .seed = 7};
		const struct scenario_ops *ops = scenario_find("demand-paging");
		snprintf(text, sizeof(text), "{recording: %s, processes: %d, recorded_threads: true}", path, processes);
		struct scenario *sc = ops->open(&env, bound(s, ops->options, text), &e);
		ck_assert_int_eq(sc != NULL, processes == 1);
		if (sc)
			ops->close(sc);
		else
			ck_assert_msg(strstr(e.msg, "scenario.recorded_threads: /tmp/quern-threads-") && strstr(e.msg, "has 501 threads, which "
				"scenario.processes=2 make 1002"), "%s", e.msg);
		blk_dev_close(dev);
		sim_free(s);
	}
	unlink(path);
}
END_TEST

START_TEST(what_does_not_go_together_is_refused)
{
	static const struct { const char *text, *why; } wrong[] = {
		{"{threads: 0}", "threads"},
		{"{threads: 4097}", "threads"},
		{"{threads: 2, recording: x.ref}", "replayed by one thread, or with recorded_threads: true"},
		{"{recorded_threads: true}", "there is no recording"},
		{"{threads: 51, processes: 1000}", "have 51000 in all, and at most 50000"},
		{"{threads: 17, stack: 65536}", "17 threads with so many have 1114112 pages of stacks"},
	};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct sim *s = sim_new(1);
		struct err e = {0};
		ck_assert_ptr_null(bind_text(s->arena, scenario_find("demand-paging")->options, wrong[i].text, &e));
		ck_assert_msg(strstr(e.msg, wrong[i].why) != NULL, "%s", e.msg);
		sim_free(s);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("host/paging threads");
	TCase *t = tcase_create("all");
	tcase_add_test(t, two_threads_at_one_page_wait_for_one_read);
	tcase_add_test(t, threads_share_the_pages_of_their_process);
	tcase_add_test(t, one_thread_starts_the_program_and_each_grows_a_stack);
	tcase_add_test(t, each_thread_draws_for_itself);
	tcase_add_test(t, the_same_seed_gives_the_same_run);
	tcase_add_test(t, the_same_seed_gives_the_same_events);
	tcase_add_test(t, regular_threads_keep_the_processor_as_busy_as_can_be);
	tcase_add_test(t, random_threads_keep_the_processor_as_busy_as_the_repair_model_says);
	tcase_add_test(t, the_thrashing_table_counts_processes);
	tcase_add_test(t, no_thread_is_started_after_the_end);
	tcase_add_test(t, the_fault_curve_has_the_threads_of_a_process_in_turn);
	tcase_add_test(t, a_process_is_suspended_with_all_its_threads);
	tcase_add_test(t, a_process_is_killed_with_all_its_threads);
	tcase_add_test(t, recorded_threads_run_side_by_side);
	tcase_add_test(t, a_process_is_there_until_its_last_thread_ends);
	tcase_add_test(t, recorded_threads_say_what_is_lost_with_their_order);
	tcase_add_test(t, too_many_threads_of_a_recording_are_refused);
	tcase_add_test(t, what_does_not_go_together_is_refused);
	suite_add_tcase(s, t);
	return replace_suite(s);
}
