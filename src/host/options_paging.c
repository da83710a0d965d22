/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of the scenario demand-paging. */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "host/options.h"
#include "host/paging.h"

#define FIELD(f) HOST_FIELD(paging_spec, f)
#define COUNT(k, f, least, most, d, text) {.key = k, .type = OPT_SCALAR, .offset = FIELD(f), .min = least, .max = most, .def = d, .doc = text}
#define TIME(k, f, d, text) {.key = k, .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(f), .min = "0", .max = "1 d", .def = d, \
	.doc = text}

static const struct opt_choice memory_choices[] = {
	[PAGING_HEAP] = {"heap", "memory of its own, which goes to the swap area"},
	[PAGING_FILE] = {"file", "a file of its own, mapped shared: what is written goes to the file"},
	[PAGING_PRIVATE] = {"private", "a file of its own, mapped private: pages are read from it, the first write to one copies it, and "
		"the copy goes to the swap area"},
	{NULL, NULL},
};

/* 32 pages: M_TOP_PAD of glibc, 128 KiB more than was asked for (mallopt(3)). */
static const struct opt_row heap_rows[] = {
	{.key = "start", .type = OPT_SCALAR, .offset = HOST_FIELD(paging_heap_spec, start), .min = "0", .max = "1099511627776", .def = "0",
	 .doc = "pages that are there from the first; 0: all that the load goes over"},
	{.key = "step", .type = OPT_SCALAR, .offset = HOST_FIELD(paging_heap_spec, step), .min = "1", .max = "1099511627776", .def = "32",
	 .doc = "pages by which a system call makes it longer where a reference would lie beyond its end, or twice as many, three times, "
	 "as it takes"},
	{0},
};
const struct opt_group paging_heap_group = {"heap", "a heap that grows by calls", heap_rows, sizeof(struct paging_heap_spec), NULL};

static const struct opt_row rows[] = {
	{.key = "load", .type = OPT_GROUP, .offset = FIELD(load), .group = &host_pattern_group, .doc = "references to the memory of each process, "
	 "which each of its threads makes: load.references are those of one thread"},
	{.key = "recording", .type = OPT_FILE, .offset = FIELD(recording), .def = "",
	 .doc = "a recording of a program's references (quern record refs) in place of the load: each process does what it did, on memory that goes "
	 "to swap; a filtered one is exact for LRU on its filter's frames or more alone"},
	{.key = "recorded_threads", .type = OPT_BOOL, .offset = FIELD(recorded_threads), .def = "false",
	 .doc = "each thread of the recording is a thread here, and they run side by side, each in its own order; false: one thread makes all "
	 "references in the recorded order"},
	{.key = "memory", .type = OPT_ENUM, .offset = FIELD(memory), .def = "heap", .choices = memory_choices, .doc = "what the load's pages are"},
	{.key = "heap", .type = OPT_GROUP, .offset = FIELD(heap), .group = &paging_heap_group, .doc = "memory heap: how it grows"},
	COUNT("processes", processes, "1", "1000", "1", "processes, each with pages of its own"),
	COUNT("more_pages", more_pages, "0", "1048576", "0", "pages that each further process has more than the one before, over which its "
		"load goes too: load.pages are those of the first"),
	COUNT("threads", threads, "1", "4096", "1", "threads of each process, which share its pages: the first goes through the program and starts the "
		"others, and then each makes the references of the load, drawn for itself (sequential: each from another place of the "
		"round on)"),
	TIME("start_every", start_every_ps, "0", "between the starts of two processes"),
	COUNT("text", text_pages, "0", "1048576", "0", "pages of the program, which all processes map; each goes through it once as it starts, "
		"and it is brought in as it goes"),
	COUNT("stack", stack_pages, "0", "65536", "0", "pages by which each thread's stack grows, one after another, before its load"),
	COUNT("watched", watched_pages, "0", "1048576", "0", "the first pages of the load under a data breakpoint: each access to them traps"),
	COUNT("sync_every", sync_every, "0", "1000000000", "0", "bursts of the load after which a thread calls msync on its process's file "
		"(memory: file) and waits until all of it that was dirty is durable; 0: never"),
	TIME("duration", duration_ps, "0", "when no more references are made; 0: all of load.references are"),
	TIME("interval", interval_ps, "1 s", "between two lines of the table thrashing; 0: none"),
	COUNT("curve", curve_references, "0", "10000000", "20000", "references of the first process, its threads in turn, each burst as one, that the "
		"fault curves of all policies are worked out from; 0: none"),
	{0},
};

static int check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct paging_spec *s = bound;
	bool recorded = s->recording && s->recording[0];
	if (!recorded && s->load.references == 0 && s->duration_ps == 0) {
		*key = "duration";
		return snprintf(why, why_bytes, "load.references: 0 never ends, and neither does duration: 0"), -1;
	}
	if (recorded && (s->memory != PAGING_HEAP || s->watched_pages > 0 || s->text_pages > 0 || s->stack_pages > 0 ||
		s->more_pages > 0)) {
		*key = "recording";
		return snprintf(why, why_bytes, "goes with memory: heap and without text, stack, watched and more pages"), -1;
	}
	if (s->sync_every > 0 && s->memory != PAGING_FILE) {
		*key = "sync_every";
		return snprintf(why, why_bytes, "only what is written to a file can be synced, which takes memory: file"), -1;
	}
	if (recorded && s->threads > 1) {
		*key = "threads";
		return snprintf(why, why_bytes, "a recording is replayed by one thread, or with recorded_threads: true by as many as it has"), -1;
	}
	if (!recorded && s->recorded_threads) {
		*key = "recorded_threads";
		return snprintf(why, why_bytes, "there is no recording; threads says how many a load has"), -1;
	}
	if (s->processes * s->threads > PAGING_THREADS_MOST) {
		*key = "threads";
		return snprintf(why, why_bytes, "%" PRId64 " processes with so many have %" PRId64 " in all, and at most %d may be", s->processes,
			s->processes * s->threads, PAGING_THREADS_MOST), -1;
	}
	if (s->stack_pages * s->threads > PAGING_STACKS_MOST) {
		*key = "stack";
		return snprintf(why, why_bytes, "%" PRId64 " threads with so many have %" PRId64 " pages of stacks, and a process may have %d",
			s->threads, s->stack_pages * s->threads, PAGING_STACKS_MOST), -1;
	}
	if (s->heap.start > 0 && (recorded || s->memory != PAGING_HEAP)) {
		*key = "heap.start";
		return snprintf(why, why_bytes, "only a load's own memory grows (memory: heap, and no recording)"), -1;
	}
	if (s->heap.start > s->load.pages) {
		*key = "heap.start";
		return snprintf(why, why_bytes, "the load has fewer pages (load.pages)"), -1;
	}
	if (s->watched_pages > s->load.pages) {
		*key = "watched";
		return snprintf(why, why_bytes, "the load has fewer pages (load.pages)"), -1;
	}
	return 0;
}

const struct opt_group paging_options = {"demand-paging", "processes whose pages come when they are referenced", rows,
	sizeof(struct paging_spec), check};
