/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of the host: the machine itself, its processors and their TLBs. */
#include <inttypes.h>
#include <stdio.h>

#include "host/options.h"
#include "host/replace_spec.h"

#define COUNT(k, s, field, least, most, d, text) {.key = k, .type = OPT_SCALAR, .offset = HOST_FIELD(s, field), .min = least, \
	.max = most, .def = d, .doc = text}
#define TIME(k, s, field, most, d, text) {.key = k, .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = HOST_FIELD(s, field), .min = "0", \
	.max = most, .def = d, .doc = text}
#define PART(k, field, g, text) {.key = k, .type = OPT_GROUP, .offset = HOST_FIELD(host_spec, field), .group = &(g), .doc = text}

/* ---- the TLB --------------------------------------------------------------------------------------------------- */

static int tlb_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct host_tlb_spec *s = bound;
	if (s->entries % s->ways != 0 || !power_of_two(s->entries / s->ways)) {
		*key = "entries";
		return snprintf(why, why_bytes, "%" PRId64 " entries in %" PRId64 " ways do not make a power of two of sets", s->entries,
			s->ways), -1;
	}
	return 0;
}

/* 1024 entries in 8 ways: the second level of Haswell; 6 address spaces: TLB_NR_DYN_ASIDS of Linux on x86. */
static const struct opt_row tlb_rows[] = {
	COUNT("entries", host_tlb_spec, entries, "1", "1048576", "1024", "translations that a processor keeps"),
	COUNT("ways", host_tlb_spec, ways, "1", "16", "8", "entries of a set, of which the least recently used gives way"),
	COUNT("asids", host_tlb_spec, asids, "1", "4096", "6", "address spaces whose entries may stand beside each other; 1: each switch "
		"of address spaces empties the TLB"),
	{.key = "flush_on_age", .type = OPT_BOOL, .offset = HOST_FIELD(host_tlb_spec, flush_on_age), .def = "true",
	 .doc = "a page's translation is dropped when its accessed bit is cleared, so that the bit tells of each use; false: as Linux does on x86"},
	{0},
};
const struct opt_group host_tlb_group = {"host tlb", "the TLB of a processor", tlb_rows, sizeof(struct host_tlb_spec), tlb_check};

/* ---- what things cost ------------------------------------------------------------------------------------------ */

#define RATE(k, field, d, text) {.key = k, .type = OPT_SCALAR, .unit = UNIT_RATE, .offset = HOST_FIELD(host_cost_spec, field), \
	.min = "1 MB/s", .max = "10000 GB/s", .def = d, .doc = text}

/*
 * Where the defaults come from, for a processor of 3.5 GHz:
 *   hit         4 to 5 cycles of the first-level cache of Haswell (Intel 64 and IA-32 Architectures Optimization Reference Manual, its
 *               table of cache parameters)
 *   walk, entry 11 cycles of its second level (the same table) and some for the walker itself, which is assumed
 *   fault       1,050 cycles for the exception and its return alone (Torvalds, "The cost of Linux's page fault handling", 30 April
 *               2014), 0.3 us, and 0.2 us assumed for the kernel's own part
 *   invalidate  100 ns an INVLPG, as Linux reckons (Shi, "x86/flush_tlb: try flush_tlb_single one by one in flush_tlb_range", commit
 *               e7b52ffd45a6, 2012)
 *   switch      between 1.1 us of threads and 2.4 us of processes that wake each other through pipes (Linux 6.6, an 11th-generation
 *               Core i7; ddumbying.vercel.app/experiments/ctx-switch-overhead)
 *   shootdown,  1.7 us in all: "can take microseconds" (Amit, "Optimizing the TLB Shootdown Algorithm with Page Access Tracking",
 *   interrupt   USENIX ATC 2017); how it parts between the two is assumed
 *   copy        11.4 GB/s: 25 MB by memcpy in 2.2 ms on a Skylake with two channels of DDR4-2133 (stackoverflow.com, question 39260020)
 *   zero        twice that, as nothing is read: assumed
 *   call        assumed
 */
static const struct opt_row cost_rows[] = {
	TIME("hit", host_cost_spec, hit_ps, "1 ms", "1.3 ns", "a reference whose translation is in the TLB, the access included"),
	TIME("walk", host_cost_spec, walk_ps, "1 ms", "4 ns", "each reference of a page walk"),
	TIME("fault", host_cost_spec, fault_ps, "1 ms", "500 ns", "a page fault's way into the kernel and back, bookkeeping included"),
	TIME("call", host_cost_spec, call_ps, "1 ms", "100 ns", "a system call's way into the kernel and back"),
	TIME("switch", host_cost_spec, switch_ps, "1 ms", "1.5 us", "from one thread to another"),
	TIME("invalidate", host_cost_spec, invalidate_ps, "1 ms", "100 ns", "dropping an entry of the processor's own TLB"),
	TIME("shootdown", host_cost_spec, shootdown_ps, "1 ms", "1 us", "the sender's part of making another processor drop entries"),
	TIME("interrupt", host_cost_spec, interrupt_ps, "1 ms", "700 ns", "the receiver's part of that"),
	TIME("entry", host_cost_spec, entry_ps, "1 ms", "4 ns", "each page-table entry that a sweep looks at or changes"),
	RATE("copy", copy_rate, "10 GB/s", "copying in memory"),
	RATE("zero", zero_rate, "20 GB/s", "filling memory with zeros"),
	{0},
};
const struct opt_group host_cost_group = {"host cost", "what things cost a processor", cost_rows, sizeof(struct host_cost_spec), NULL};

/* ---- the machine ----------------------------------------------------------------------------------------------- */

static int host_check_rows(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct host_spec *s = bound;
	if (!power_of_two(s->page_bytes)) {
		*key = "page";
		return snprintf(why, why_bytes, "%" PRId64 " bytes are no power of two", s->page_bytes), -1;
	}
	if (s->reclaim.high > 0 && s->reclaim.high >= s->frames) {
		*key = "reclaim";
		return snprintf(why, why_bytes, "%" PRId64 " free frames (high) are all that the host has", s->reclaim.high), -1;
	}
	if (s->swap.bytes % s->page_bytes != 0) {
		*key = "swap";
		return snprintf(why, why_bytes, "%" PRId64 " bytes are no whole number of pages", s->swap.bytes), -1;
	}
	return 0;
}

static const struct opt_choice oom_choices[] = {
	[HOST_OOM_STOP] = {"stop", "all threads end"},
	[HOST_OOM_KILL] = {"kill", "the process with the most memory ends"},
	{NULL, NULL},
};

static const struct opt_row host_rows[] = {
	COUNT("frames", host_spec, frames, "1", "2147483648", "65536", "page frames of memory"),
	{.key = "page", .type = OPT_SCALAR, .unit = UNIT_BYTES, .offset = HOST_FIELD(host_spec, page_bytes), .min = "512 B", .max = "64 KiB",
	 .def = "4 KiB", .doc = "size of a page; a power of two"},
	COUNT("levels", host_spec, levels, "1", "6", "4", "levels of the page table, each of which a walk reads once; an address "
		"space has (page / 8 bytes) to their power pages, at most 2 to the 45th"),
	COUNT("cpus", host_spec, cpus, "1", "64", "1", "processors"),
	TIME("quantum", host_spec, quantum_ps, "10 s", "3 ms", "a thread's turn on a processor while others wait; 0: it runs until it sleeps "
		"or ends"),
	TIME("window", host_spec, window_ps, "1 ms", "1 us", "how far a processor's references may run ahead of another's; 0: they keep their "
		"exact order, at the cost of an event each"),
	{.key = "share_zero", .type = OPT_BOOL, .offset = HOST_FIELD(host_spec, share_zero), .def = "true",
	 .doc = "reading memory that was never written maps one page of zeros that all share, and no frame is taken"},
	{.key = "oom", .type = OPT_ENUM, .offset = HOST_FIELD(host_spec, oom), .def = "stop", .choices = oom_choices,
	 .doc = "what happens when no page can be evicted and none is on its way out"},
	PART("tlb", tlb, host_tlb_group, "the TLB of a processor"),
	PART("cost", cost, host_cost_group, "what things cost a processor"),
	PART("swap", swap, host_swap_group, "the swap area"),
	PART("file", file, host_file_group, "files and the page cache"),
	PART("writeback", writeback, host_writeback_group, "writing dirty pages of files"),
	PART("reclaim", reclaim, host_reclaim_group, "taking frames back"),
	PART("replace", replace, host_replace_group, "page replacement"),
	PART("allocation", allocation, host_alloc_group, "memory among processes"),
	{0},
};
const struct opt_group host_options = {"host", "the host: a machine with virtual memory", host_rows, sizeof(struct host_spec),
	host_check_rows};
