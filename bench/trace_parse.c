/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * trace.parse: plain-text traces through the reader, record by record, against `wc -l` on the
 * same file. One line a format; the files are made here, in $TMPDIR or /tmp, and removed.
 */
#include <inttypes.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "trace/reader.h"

#define LINES 2000000u
#define ROUNDS 5

static void msr(FILE *out, uint64_t i, uint64_t x)
{
	fprintf(out, "%" PRIu64 ",hm,0,%s,%" PRIu64 ",%u,%u\n", UINT64_C(128166372003061629) + i * 1203,
		x & 1 ? "Read" : "Write", (x >> 8) % 36000000 * 512, 4096u << (x >> 1 & 3), 26u + (unsigned)(x >> 4 & 1023));
}

static void blkparse(FILE *out, uint64_t i, uint64_t x)
{
	fprintf(out, "  8,16   %u %8" PRIu64 " %5" PRIu64 ".%09" PRIu64 " %5u  Q %3s %" PRIu64 " + %u [java]\n",
		(unsigned)(x >> 60), i + 1, i / 100000, i % 100000 * 10000, 18615u, x & 1 ? "R" : "WS",
		(x >> 8) % 36000000, 8u << (x >> 1 & 3));
}

static void disksim(FILE *out, uint64_t i, uint64_t x)
{
	fprintf(out, "%" PRIu64 ".%06" PRIu64 "\t0\t%" PRIu64 "\t%u\t%u\n", i / 8, i % 8 * 125000,
		(x >> 8) % 36000000, 8u << (x >> 1 & 3), (unsigned)(x & 1));
}

static const struct {
	const char *name;
	void (*line)(FILE *out, uint64_t i, uint64_t x);
} formats[] = {{"msr", msr}, {"blkparse", blkparse}, {"disksim", disksim}};

static void make_file(const char *path, void (*line)(FILE *, uint64_t, uint64_t))
{
	FILE *out = fopen(path, "w");
	uint64_t random = 1;
	if (!out) {
		perror(path);
		exit(1);
	}
	for (uint64_t i = 0; i < LINES; i++)
		line(out, i, bench_random(&random));
	if (fclose(out) != 0) {
		perror(path);
		exit(1);
	}
}

static double time_ours(const char *path)
{
	struct trace_reader_options o = {.device = TRACE_ALL_DEVICES, .time_scale = 1, .sort_window = -1};
	struct err e = {0};
	struct trace_record r;
	uint64_t n = 0;
	double start = bench_seconds();
	struct trace_reader *reader = trace_reader_open(path, &o, &e);
	struct trace_source *source = reader ? trace_reader_source(reader) : NULL;
	while (source && source->next(source, 0, &r, &e) > 0)
		n++;
	double seconds = bench_seconds() - start;
	trace_reader_free(reader);
	if (n != LINES) {
		fprintf(stderr, "trace.parse: %s\n", e.msg);
		exit(1);
	}
	return seconds;
}

static double time_wc(const char *path)
{
	char *argv[] = {"wc", "-l", (char *)(uintptr_t)path, NULL};
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int status = 1;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", 1, 0);
	double start = bench_seconds();
	if (posix_spawnp(&pid, "wc", &actions, NULL, argv, environ) != 0 || waitpid(pid, &status, 0) < 0 || status != 0) {
		fprintf(stderr, "trace.parse: cannot run wc\n");
		exit(1);
	}
	double seconds = bench_seconds() - start;
	posix_spawn_file_actions_destroy(&actions);
	return seconds;
}

int main(void)
{
	const char *dir = getenv("TMPDIR");
	char path[1024], name[64];
	for (size_t k = 0; k < sizeof(formats) / sizeof(formats[0]); k++) {
		double ours = 1e9, wc = 1e9;
		snprintf(path, sizeof(path), "%s/quern-bench-%ld.%s", dir ? dir : "/tmp", (long)getpid(), formats[k].name);
		make_file(path, formats[k].line);
		for (int round = 0; round < ROUNDS; round++) {
			double t = time_ours(path);
			ours = t < ours ? t : ours;
			t = time_wc(path);
			wc = t < wc ? t : wc;
		}
		unlink(path);
		snprintf(name, sizeof(name), "trace.parse.%s", formats[k].name);
		bench_line(name, LINES / ours, "lines/s", "wc -l on the same file", LINES / wc, ours / wc);
	}
	return 0;
}
