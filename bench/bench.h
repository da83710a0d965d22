/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What every bench program shares: a clock, the bare reference heap, the one line of JSON.
 *
 * A bench times our code and a reference in turn in one run, several rounds, and keeps the
 * fastest round of each (the machine's noise only ever adds). ratio = our time / the
 * reference's time for the same count of operations. Time is that of the processor, which on an idle
 * machine is the wall's, and does not count what others take; that of programs run to their end is in it.
 */
#ifndef QUERN_BENCH_H
#define QUERN_BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

static inline double bench_seconds(void)
{
	struct timespec t;
	struct rusage children;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	getrusage(RUSAGE_CHILDREN, &children);
	return (double)(t.tv_sec + children.ru_utime.tv_sec + children.ru_stime.tv_sec) + 1e-9 * (double)t.tv_nsec +
		1e-6 * (double)(children.ru_utime.tv_usec + children.ru_stime.tv_usec);
}

static inline void bench_line(const char *name, double value, const char *unit,
	const char *reference, double reference_value, double ratio)
{
	printf("{\"name\": \"%s\", \"value\": %.4g, \"unit\": \"%s\", \"reference\": \"%s\", "
	       "\"reference_value\": %.4g, \"ratio\": %.3f}\n",
		name, value, unit, reference, reference_value, ratio);
	fflush(stdout);
}

/* A small fast generator, so that drawing numbers does not hide what is measured
 * (splitmix64, Steele, Lea & Flood 2014). */
static inline uint64_t bench_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/*
 * The reference: a bare 4-ary heap of 16-byte entries (time, payload), with no handlers, no
 * order among equals and no cancel.
 */
struct bare_entry {
	int64_t at;
	uint64_t payload;
};

static inline void bare_push(struct bare_entry *heap, uint32_t *count, struct bare_entry x)
{
	uint32_t i = (*count)++;
	while (i > 0) {
		uint32_t parent = (i - 1) / 4;
		if (heap[parent].at <= x.at)
			break;
		heap[i] = heap[parent];
		i = parent;
	}
	heap[i] = x;
}

static inline struct bare_entry bare_pop(struct bare_entry *heap, uint32_t *count)
{
	struct bare_entry top = heap[0], x = heap[--*count];
	uint32_t n = *count, i = 0;
	for (;;) {
		uint32_t child = 4 * i + 1;
		if (child >= n)
			break;
		uint32_t end = child + 4 < n ? child + 4 : n, best = child;
		for (uint32_t c = child + 1; c < end; c++)
			best = heap[c].at < heap[best].at ? c : best;
		if (x.at <= heap[best].at)
			break;
		heap[i] = heap[best];
		i = best;
	}
	heap[i] = x;
	return top;
}

/* Seconds for `holds` times one pop and one push with `pending` entries (at most 65536),
 * `spread` apart at most. */
static inline double bare_hold(uint32_t pending, uint32_t holds, uint64_t spread)
{
	static struct bare_entry heap[65536 + 1];
	uint64_t random = 1;
	uint32_t count = 0;
	for (uint32_t i = 0; i < pending; i++)
		bare_push(heap, &count, (struct bare_entry){(int64_t)(bench_random(&random) % spread), i});
	double start = bench_seconds();
	for (uint32_t i = 0; i < holds; i++) {
		struct bare_entry x = bare_pop(heap, &count);
		x.at += (int64_t)(bench_random(&random) % spread);
		bare_push(heap, &count, x);
	}
	return bench_seconds() - start;
}

#endif
