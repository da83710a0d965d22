/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scenario demand-paging on a device of fixed latency, against what can be counted. */
#include <unistd.h>

#include "host/paging_fixture.h"

/* k processes that share N pages of text: N pages are read, whatever k (HOST.md's oracle: N frames, N reads). */
START_TEST(a_shared_program_is_read_once_for_all_processes)
{
	for (int k = 1; k <= 8; k += 7)
		for (int every = 0; every <= 1; every++) {
			char text[300];
			snprintf(text, sizeof(text), "{processes: %d, start_every: %d ms, text: 100, load: {pages: 10, references: 10}}", k, every);
			struct figures *f = run(text, "{frames: 4096, file: {readahead: 1, readahead_initial: 0, fault_around: 1}}");
			ck_assert_double_eq(f->processes, k);
			ck_assert_double_eq(f->file_ins, 100);
			ck_assert_double_eq(f->references, 110.0 * k);
			free(f);
		}
}
END_TEST

START_TEST(a_stack_grows_by_a_page_for_each_one_touched)
{
	struct figures *f = run("{processes: 3, stack: 20, load: {pages: 10, references: 10}}", "{frames: 1024}");
	ck_assert_double_eq(f->grown, 3 * 19); /* one page is there from the first */
	free(f);
}
END_TEST

/* Traps are the accesses to watched pages: all of a uniform load on pages that are all watched, a quarter of those of a loop where
 * a quarter is. */
START_TEST(a_data_breakpoint_traps_at_each_access_to_its_pages)
{
	struct figures *f = run("{watched: 64, load: {pages: 64, references: 1000}}", "{frames: 1024}");
	ck_assert_double_eq(f->traps, 1000);
	free(f);
	f = run("{watched: 16, load: {pattern: sequential, pages: 64, references: 6400}}", "{frames: 1024}");
	ck_assert_double_eq(f->traps, 1600);
	free(f);
	f = run("{load: {pages: 64, references: 1000}}", "{frames: 1024}");
	ck_assert_double_eq(f->traps, 0);
	free(f);
}
END_TEST

/* What never waits keeps the processor busy from its start to its end, however long the lines of a table or the duration are. */
START_TEST(rates_are_over_the_time_until_the_last_process_has_ended)
{
	static const char *const until[] = {"interval: 0", "interval: 1 s", "duration: 10 s, interval: 0"};
	for (int i = 0; i < 3; i++) {
		char text[300];
		snprintf(text, sizeof(text), "{%s, load: {pages: 10, references: 1000}}", until[i]);
		struct figures *f = run(text, "{frames: 1024}");
		ck_assert_double_eq_tol(f->busy, 1, 1e-9);
		ck_assert_double_eq_tol(f->rate * f->time, 1000, 1e-6);
		free(f);
	}
	struct figures *f = run("{processes: 2, text: 10, stack: 5, load: {pages: 10, references: 100, burst: 7}}", "{frames: 1024}");
	ck_assert_double_eq(f->references, 2 * (10 + 5 + 700));
	ck_assert_double_eq(f->progress, 1);
	free(f);
}
END_TEST

START_TEST(memory_goes_to_swap_or_to_its_file)
{
	static const char load[] = "load: {pattern: sequential, pages: 200, references: 2000, writes: 1}";
	char text[300];
	snprintf(text, sizeof(text), "{memory: heap, %s}", load);
	struct figures *f = run(text, "{frames: 100}");
	ck_assert_double_ge(f->swap_outs, 100);
	ck_assert_double_eq(f->file_ins, 0);
	free(f);
	snprintf(text, sizeof(text), "{memory: file, %s}", load);
	f = run(text, "{frames: 100}");
	ck_assert_double_eq(f->swap_outs, 0);
	ck_assert_double_ge(f->file_ins, 200);
	ck_assert_double_ge(f->file_outs, 100);
	free(f);
}
END_TEST

/* Pages that are there once they were touched: with no turns the processor changes to the second process when the first has ended,
 * with short ones many times; what is done is the same. */
START_TEST(without_turns_a_process_runs_until_it_sleeps)
{
	static const char load[] = "{processes: 2, load: {pages: 64, references: 10000}}";
	for (int cpus = 1; cpus <= 2; cpus++) {
		char whole[300], turns[300];
		snprintf(whole, sizeof(whole), "{frames: 1024, quantum: 0, cpus: %d}", cpus);
		snprintf(turns, sizeof(turns), "{frames: 1024, quantum: 1 us, cpus: %d}", cpus);
		struct figures *f = run(load, whole), *g = run(load, turns);
		ck_assert_double_eq(f->references, 20000);
		ck_assert_double_eq(g->references, 20000);
		ck_assert_double_eq(f->switches, 2);
		ck_assert(cpus == 2 || g->switches > 20);
		free(f);
		free(g);
	}
	struct figures *f = run("{processes: 2, load: {pages: 64, references: 1000}}", "{frames: 40, quantum: 0}");
	ck_assert_double_eq(f->references, 2000);
	ck_assert_double_gt(f->switches, 100); /* at each fault that waits */
	free(f);
}
END_TEST

/* However few the frames, whoever holds one goes on and lets it go: nobody is out of memory while there is swap. */
START_TEST(a_frame_is_enough_for_many_processes)
{
	for (int frames = 1; frames <= 4; frames++)
		for (int processes = 1; processes <= 8; processes++)
			for (int cpus = 1; cpus <= 3; cpus++) {
				char load[300], host[300];
				snprintf(load, sizeof(load), "{processes: %d, curve: 0, load: {pages: 300, references: 60, writes: %s}}", processes,
					frames % 2 ? "0.3" : "1");
				snprintf(host, sizeof(host), "{frames: %d, cpus: %d, oom: %s}", frames, cpus, processes % 2 ? "stop" : "kill");
				struct figures *f = run(load, host);
				ck_assert_double_eq(f->ooms, 0);
				ck_assert_double_eq(f->references, 60.0 * processes);
				free(f);
			}
}
END_TEST

/* A process that load control puts out of memory keeps no frame for when it is back. */
START_TEST(a_suspended_process_holds_no_frame)
{
	for (int frames = 1; frames <= 3; frames++)
		for (int processes = 2; processes <= 8; processes++)
			for (int cpus = 1; cpus <= 3; cpus++) {
				char load[300], host[300];
				snprintf(load, sizeof(load), "{processes: %d, curve: 0, load: {pages: 300, references: 60}}", processes);
				snprintf(host, sizeof(host), "{frames: %d, cpus: %d, allocation: {frames: fault-frequency, suspend: true}}", frames, cpus);
				struct figures *f = run(load, host);
				ck_assert_double_eq(f->ooms, 0);
				ck_assert_double_eq(f->references, 60.0 * processes);
				free(f);
			}
}
END_TEST

/* Swap for 16 pages: all but those who fit are killed, and the others done; who is killed waits for a frame himself, or does not. */
START_TEST(without_frames_and_swap_processes_are_killed_until_the_others_fit)
{
	for (int processes = 2; processes <= 8; processes++)
		for (int cpus = 1; cpus <= 2; cpus++) {
			char load[300], host[300];
			snprintf(load, sizeof(load), "{processes: %d, curve: 0, load: {pages: 20, references: 400, writes: 1}}", processes);
			snprintf(host, sizeof(host), "{frames: 8, cpus: %d, quantum: 10 us, oom: kill, swap: {size: 64 KiB}}", cpus);
			struct figures *f = run(load, host);
			ck_assert_double_ge(f->ooms, 1);
			ck_assert_double_lt(f->ooms, processes);
			ck_assert_double_ge(f->references, 400 * (processes - f->ooms));
			free(f);
		}
}
END_TEST

/* A fifth of the pages takes four fifths of the references: which of them were used, only looks at accessed bits can tell. */
static double hot_faults(const char *policy, const char *period, const char *more)
{
	char text[300], host[300];
	snprintf(text, sizeof(text), "{%s load: {pattern: hot, pages: 300, references: 5000}}", more);
	snprintf(host, sizeof(host), "{frames: 100, replace: {policy: %s, ageing: period, period: %s}}", policy, period);
	struct figures *f = run(text, host);
	double faults = f->faults;
	ck_assert_double_eq(f->references, 5000 * f->processes);
	free(f);
	return faults;
}

/* The first process comes when the machine runs already; the second one of the last line when the first has ended. */
START_TEST(the_period_of_looks_at_accessed_bits_matters)
{
	static const char *const policies[] = {"nfu", "aging", "mglru"};
	for (int i = 0; i < 3; i++) {
		const double never = hot_faults(policies[i], "1 h", "");
		ck_assert_double_ne(hot_faults(policies[i], "1 ms", ""), never);
		ck_assert_double_ne(hot_faults(policies[i], "10 ms", "processes: 2, start_every: 10 s,"),
			hot_faults(policies[i], "1 h", "processes: 2, start_every: 10 s,"));
	}
	for (int i = 0; i < 2; i++) { /* without looks it is the order in which pages came; with them it is not */
		ck_assert_double_eq(hot_faults(policies[i], "1 h", ""), hot_faults("fifo", "1 ms", ""));
		ck_assert_double_lt(hot_faults(policies[i], "1 ms", ""), 0.95 * hot_faults("fifo", "1 ms", ""));
	}
}
END_TEST

/* A loop of 120 pages: FIFO and LRU miss always on fewer frames, all policies fault once a page on as many. */
START_TEST(the_fault_curve_is_that_of_the_policies_on_the_string)
{
	struct figures *f = run("{curve: 1200, load: {pattern: sequential, pages: 120, references: 1200}}", "{frames: 512}");
	char *line = strtok(f->curve, "\n"), *last = NULL;
	unsigned lines = 0;
	ck_assert_ptr_nonnull(strstr(line, "frames,fifo,second-chance,clock,"));
	while ((line = strtok(NULL, "\n")) != NULL) {
		unsigned long frames = strtoul(line, &last, 10), faults = strtoul(last + 1, &last, 10);
		ck_assert_uint_eq(faults, frames < 120 ? 1200 : 120);
		lines++;
	}
	ck_assert_uint_eq(lines, 12);
	free(f);
	f = run("{curve: 0, load: {pages: 10, references: 10}}", "{frames: 512}");
	ck_assert_str_eq(f->curve, "");
	free(f);
}
END_TEST

/* One row of a fault curve: the faults of the policies of these names, on the most frames that are fewer than `below`. */
static void curve_row(const char *curve, unsigned long below, const char *const *names, int count, unsigned long *faults)
{
	const char *row = strchr(curve, '\n') + 1;
	for (const char *next = row; next && next[0] && strtoul(next, NULL, 10) < below; next = strchr(next, '\n') + 1)
		row = next;
	for (int i = 0; i < count; i++) {
		char name[32];
		snprintf(name, sizeof(name), ",%s,", names[i]);
		const char *column = strstr(curve, name), *at = row;
		ck_assert_ptr_nonnull(column);
		for (const char *c = curve; c <= column; c++)
			if (*c == ',')
				at = strchr(at, ',') + 1;
		faults[i] = strtoul(at, NULL, 10);
	}
}

/* Whatever the period: a string is shorter than any but the shortest. */
START_TEST(the_fault_curve_looks_at_accessed_bits)
{
	static const char *const names[] = {"fifo", "nfu", "aging"};
	static const char *const periods[] = {"1 h", "10 ms", "20 ns"};
	unsigned long faults[3][3];
	for (int i = 0; i < 3; i++) {
		char host[300];
		snprintf(host, sizeof(host), "{frames: 512, replace: {period: %s}, cost: {hit: 1 ns}}", periods[i]);
		struct figures *f = run("{curve: 5000, load: {pattern: hot, pages: 300, references: 5000}}", host);
		curve_row(f->curve, 101, names, 3, faults[i]);
		ck_assert_uint_lt(10 * faults[i][1], 8 * faults[i][0]);
		ck_assert_uint_lt(10 * faults[i][2], 8 * faults[i][0]);
		ck_assert_uint_ne(faults[i][1], faults[i][2]);
		free(f);
	}
	for (int k = 0; k < 3; k++)
		ck_assert_uint_eq(faults[0][k], faults[1][k]);
	ck_assert_uint_ne(faults[2][1], faults[0][1]);
	ck_assert_uint_ne(faults[2][2], faults[0][2]);
}
END_TEST

/* Denning 1968. Shares of 64 frames and fewer for loops of 100 pages: from the fourth process on every page faults. */
START_TEST(the_thrashing_table_shows_the_processor_fall_idle)
{
	struct figures *f = run("{processes: 6, start_every: 40 ms, duration: 240 ms, interval: 40 ms, "
		"load: {pattern: sequential, pages: 80, references: 0, burst: 1000}}",
		"{frames: 320, quantum: 100 us, allocation: {frames: equal}}");
	double busy[6];
	unsigned n = 0;
	char *line = strtok(f->thrashing, "\n"), *at;
	ck_assert_str_eq(line, "start_ns,processes,cpu_busy,faults_per_second,references_per_second");
	for (; n < 6 && (line = strtok(NULL, "\n")) != NULL; n++) {
		ck_assert_uint_eq(strtoul(line, &at, 10), 40000000ul * n);
		(void)strtoul(at + 1, &at, 10);
		busy[n] = strtod(at + 1, NULL);
	}
	ck_assert_uint_ge(n, 5);
	ck_assert_double_gt(busy[0], 0.9);
	ck_assert_double_lt(busy[n - 1], 0.5);
	free(f);
}
END_TEST

/* As many faults on enough memory as pages were touched (traces/REF-CHECKS.csv is what wc and awk counted of the recording). */
START_TEST(a_recording_faults_once_for_each_page_it_touched)
{
	static const struct { const char *name; double pages, refs; } recordings[] = {{"sort.ref", 249, 2440353},
		{"sqlite.ref", 593, 11439486}};
	for (size_t i = 0; i < sizeof(recordings) / sizeof(recordings[0]); i++) {
		char text[1000];
		snprintf(text, sizeof(text), "{recording: %s/traces/%s, curve: 3000, load: {references: 0}}", TOP_SRCDIR, recordings[i].name);
		struct figures *f = run(text, "{frames: 20000, share_zero: false}");
		ck_assert_double_eq(f->references, recordings[i].refs);
		ck_assert_double_eq(f->zero_fills, recordings[i].pages);
		ck_assert_ptr_nonnull(strstr(f->curve, "frames,fifo"));
		free(f);
	}
}
END_TEST

/* sort.ref is filtered by 64 frames: said of each run that is not LRU's on so many, one process's, without read-ahead; but where
 * all of its 249 pages fit. */
START_TEST(a_filtered_recording_says_what_it_does_not_tell)
{
	static const struct { const char *scenario, *host, *why; } runs[] = {
		{"", "frames: 64, replace: {policy: lru}, swap: {readahead: 1}", NULL},
		{"", "frames: 200, replace: {policy: lru}, swap: {readahead: 1}, reclaim: {low: 8, high: 100}", NULL},
		{"processes: 2,", "frames: 600, replace: {policy: clock}", NULL},
		{"", "frames: 63, replace: {policy: lru}, swap: {readahead: 1}", "(host.frames=63)"},
		{"", "frames: 70, replace: {policy: lru}, swap: {readahead: 1}, reclaim: {high: 10}", "(host.frames=70, host.reclaim.high=10)"},
		{"", "frames: 64, replace: {policy: clock}, swap: {readahead: 1}", "(host.replace.policy=clock)"},
		{"", "frames: 64, replace: {policy: lru}", "(host.swap.readahead=8)"},
		{"processes: 2,", "frames: 400, replace: {policy: lru}, swap: {readahead: 1}", "(scenario.processes=2)"},
		{"", "frames: 64, replace: {policy: lru}, swap: {readahead: 1}, allocation: {frames: fault-frequency}",
			"(host.allocation.frames=fault-frequency)"},
	};
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		char scenario[1000], host[300];
		snprintf(scenario, sizeof(scenario), "{%s recording: %s/traces/sort.ref, curve: 0}", runs[i].scenario, TOP_SRCDIR);
		snprintf(host, sizeof(host), "{%s, share_zero: false}", runs[i].host);
		struct figures *f = run(scenario, host);
		if (runs[i].why)
			ck_assert_msg(strstr(f->notes, runs[i].why) && strstr(f->notes, "64 frames of LRU"), "%s: %s", host, f->notes);
		else
			ck_assert_msg(!strstr(f->notes, "64 frames of LRU"), "%s: %s", host, f->notes);
		free(f);
	}
}
END_TEST

/* Whether only the first column behind the frames' that LRU has is filled, in each row from `frames` on. */
static void assert_curve_of_lru(char *curve, unsigned long frames)
{
	unsigned column = 0, rows = 0;
	char *line = strtok(curve, "\n");
	for (const char *at = strstr(line, ",lru,"); at > line; at--)
		column += at[-1] == ',';
	for (unsigned long last = 0; (line = strtok(NULL, "\n")); rows++) {
		char *at;
		unsigned long here = strtoul(line, &at, 10);
		ck_assert_uint_gt(here, last);
		ck_assert_uint_ge(here, frames);
		if (rows == 0)
			ck_assert_uint_eq(here, frames);
		last = here;
		for (unsigned i = 0; *at == ','; i++) {
			at++;
			ck_assert_int_eq(*at >= '0' && *at <= '9', i == column);
			at += strspn(at, "0123456789");
		}
	}
	ck_assert_uint_gt(rows, 5);
}

START_TEST(the_curve_of_a_filtered_recording_begins_at_its_filter)
{
	struct figures *f = run("{recording: " TOP_SRCDIR "/traces/sort.ref, curve: 100000}",
		"{frames: 64, replace: {policy: lru}, swap: {readahead: 1}, share_zero: false}");
	ck_assert_ptr_nonnull(strstr(f->notes, "fault_curve begins at 64 frames and holds LRU alone"));
	assert_curve_of_lru(f->curve, 64);
	free(f);
}
END_TEST

/* A recording in the file, of `kind`: each of 20 pages once. */
static void write_recording(const char *path, enum ref_kind kind, enum ref_op op)
{
	const struct ref_header h = {.kind = kind, .page_bytes = 4096, .filter = kind == REF_KIND_REFS, .interval_ns = kind == REF_KIND_DIRTY,
		.program = "p", .command = "p"};
	struct err e = {0};
	struct ref_writer *w = ref_writer_open(path, &h, &e);
	ck_assert_msg(w != NULL, "%s", e.msg);
	ck_assert_int_eq(ref_writer_put(w, &(struct ref_run){.page = 100, .pages = 20, .op = op, .refs = 20}, &e), 0);
	ck_assert_int_eq(ref_writer_close(w, &e), 0);
}

START_TEST(a_recording_that_leaves_the_device_idle_says_why)
{
	static const struct { enum ref_kind kind; enum ref_op op; const char *host, *note; } runs[] = {
		{REF_KIND_FAULTS, REF_READ, "frames: 10", "one page of zeros stands, and no frame was taken. host.share_zero=false"},
		{REF_KIND_FAULTS, REF_READ, "frames: 10", "holds page faults"},
		{REF_KIND_FAULTS, REF_READ, "frames: 10, share_zero: false", "evicted had never been written"},
		{REF_KIND_DIRTY, REF_WRITE, "frames: 10", "holds the pages written in each interval"},
		{REF_KIND_REFS, REF_WRITE, "frames: 40", "(20) fit into host.frames=40. host.share_zero=false"},
		{REF_KIND_REFS, REF_READ, "frames: 40, share_zero: false", "(20) fit into host.frames=40."},
		{REF_KIND_REFS, REF_WRITE, "frames: 10", NULL},
	};
	char path[] = "/tmp/quern-paging-XXXXXX", scenario[200], host[200];
	int fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	close(fd);
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		write_recording(path, runs[i].kind, runs[i].op);
		snprintf(scenario, sizeof(scenario), "{recording: %s}", path);
		snprintf(host, sizeof(host), "{%s}", runs[i].host);
		struct figures *f = run(scenario, host);
		if (runs[i].note)
			ck_assert_msg(strstr(f->notes, runs[i].note) != NULL, "%s: %s", host, f->notes);
		else
			ck_assert_msg(!strstr(f->notes, "no request"), "%s: %s", host, f->notes);
		free(f);
	}
	unlink(path);
	struct figures *f = run("{load: {pages: 10, references: 10}}", "{frames: 512}");
	ck_assert_str_eq(f->notes, "");
	free(f);
}
END_TEST

START_TEST(what_cannot_end_or_is_not_there_is_refused)
{
	static const char *const wrong[] = {"{load: {references: 0}}", "{watched: 11, load: {pages: 10}}",
		"{recording: x.ref, memory: file}", "{recording: x.ref, text: 1}", "{recording: x.ref, stack: 1}"};
	static const char *const why[] = {"never ends", "fewer pages", "goes with memory: heap", "without text", "without text, stack"};
	for (int i = 0; i < 5; i++) {
		struct sim *s = sim_new(1);
		struct err e = {0};
		ck_assert_ptr_null(bind_text(s->arena, scenario_find("demand-paging")->options, wrong[i], &e));
		ck_assert_msg(strstr(e.msg, why[i]) != NULL, "%s", e.msg);
		sim_free(s);
	}
}
END_TEST

/* 370 pages: wherever they lie, the same happens, down to the one level that just holds them. */
START_TEST(areas_find_room_in_a_small_address_space)
{
	const char *const scenario = "{text: 50, stack: 20, watched: 30, load: {pages: 300, references: 2000}}";
	struct figures *usual = run(scenario, "{frames: 1024, file: {fault_around: 1}}");
	for (int levels = 1; levels <= 3; levels++) {
		char host[100];
		snprintf(host, sizeof(host), "{frames: 1024, levels: %d, file: {fault_around: 1}}", levels);
		struct figures *f = run(scenario, host);
		ck_assert_double_eq(f->faults, usual->faults);
		ck_assert_double_eq(f->references, usual->references);
		ck_assert_double_eq(f->grown, 19);
		ck_assert_double_gt(f->traps, 0);
		ck_assert_double_eq(f->traps, usual->traps);
		free(f);
	}
	free(usual);
	/* 262,144 pages in all: to the last of them */
	free(run("{text: 1144, stack: 1000, load: {pages: 260000, references: 500}}", "{frames: 4096, levels: 2, swap: {size: 0}}"));
}
END_TEST

START_TEST(what_has_no_room_names_levels_and_page)
{
	static const struct { const char *kind, *scenario, *host, *says; } cases[] = {
		{"demand-paging", "{text: 50, stack: 20, load: {pages: 443}}", "{levels: 1}", "host.levels: with 1 and pages of 4096 bytes (host.page) "
			"an address space has 512 pages; wanted are 513: 50 of program, 20 of stack, 443 of load"},
		{"demand-paging", "{recording: " TOP_SRCDIR "/traces/sort.ref, load: {references: 0}}", "{levels: 2}", "host.levels: with 2 and pages "
			"of 4096 bytes (host.page) an address space has 262144 pages; area recorded of process process is pages "},
		{"serve", "{path: mmap, files: 10, size: 1 MiB, workers: 1}", "{levels: 2, page: 512 B}", "host.levels: with 2 and pages of 512 bytes "
			"(host.page) an address space has 4096 pages; wanted are 20609: 129 of buffers, 20480 of mapped files"},
		{"checkpoint", "{load: {pages: 600}}", "{levels: 1}", "host.levels: with 1 and pages of 4096 bytes (host.page) an address space has "
			"512 pages; area data of process program is pages 0 to 599"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err e = {0};
		struct sim *s = sim_new(1);
		struct blk_dev *dev = blk_dev_open(s, &fixed_dev_ops, "dev0",
			bound(s, fixed_dev_ops.options, "{latency: 100 us, capacity: 4 GiB}"), &e);
		const struct scenario_env env = {.sim = s, .dev = dev, .host = bound(s, &host_options, cases[i].host), .seed = 7};
		const struct scenario_ops *ops = scenario_find(cases[i].kind);
		ck_assert_ptr_null(ops->open(&env, bound(s, ops->options, cases[i].scenario), &e));
		ck_assert_int_eq(e.code, ERR_CONFIG);
		ck_assert_msg(!strncmp(e.msg, cases[i].says, strlen(cases[i].says)), "%s", e.msg);
		blk_dev_close(dev);
		sim_free(s);
	}
}
END_TEST

/* Slots that were taken and not freed are in use, though pages that were rescued and written to went out twice; and each fault has ended
 * in one of three ways. */
START_TEST(sums_hold_whatever_befell_the_pages)
{
	static const struct { const char *scenario, *host; bool twice, cut; } cases[] = {
		{"{processes: 5, load: {pages: 300, references: 2000, pattern: hot}}", "{frames: 73, cpus: 3}", true, false},
		{"{load: {pages: 300, references: 5000}}", "{frames: 100, swap: {size: 0}}", false, true},
	};
	for (size_t i = 0; i < 2; i++) {
		struct figures *f = run(cases[i].scenario, cases[i].host);
		ck_assert_double_eq(f->slots_taken - f->slots_freed, f->slots_used);
		ck_assert_int_eq(f->swap_outs > f->slots_taken, cases[i].twice);
		ck_assert_double_eq(f->faults, f->minors + f->majors + f->cut);
		ck_assert_int_eq(f->cut > 0, cases[i].cut);
		free(f);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("host/paging");
	TCase *t = tcase_create("all");
	tcase_add_test(t, a_shared_program_is_read_once_for_all_processes);
	tcase_add_test(t, a_stack_grows_by_a_page_for_each_one_touched);
	tcase_add_test(t, a_data_breakpoint_traps_at_each_access_to_its_pages);
	tcase_add_test(t, rates_are_over_the_time_until_the_last_process_has_ended);
	tcase_add_test(t, memory_goes_to_swap_or_to_its_file);
	tcase_add_test(t, without_turns_a_process_runs_until_it_sleeps);
	tcase_add_test(t, a_frame_is_enough_for_many_processes);
	tcase_add_test(t, a_suspended_process_holds_no_frame);
	tcase_add_test(t, without_frames_and_swap_processes_are_killed_until_the_others_fit);
	tcase_add_test(t, the_period_of_looks_at_accessed_bits_matters);
	tcase_add_test(t, the_fault_curve_is_that_of_the_policies_on_the_string);
	tcase_add_test(t, the_fault_curve_looks_at_accessed_bits);
	tcase_add_test(t, the_thrashing_table_shows_the_processor_fall_idle);
	tcase_add_test(t, a_recording_faults_once_for_each_page_it_touched);
	tcase_add_test(t, areas_find_room_in_a_small_address_space);
	tcase_add_test(t, what_has_no_room_names_levels_and_page);
	tcase_add_test(t, a_filtered_recording_says_what_it_does_not_tell);
	tcase_add_test(t, the_curve_of_a_filtered_recording_begins_at_its_filter);
	tcase_add_test(t, a_recording_that_leaves_the_device_idle_says_why);
	tcase_add_test(t, what_cannot_end_or_is_not_there_is_refused);
	tcase_add_test(t, sums_hold_whatever_befell_the_pages);
	suite_add_tcase(s, t);
	return replace_suite(s);
}
