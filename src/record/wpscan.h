/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which pages of a process were written since the last look, exactly: userfaultfd with asynchronous write protection, which lets
 * writes pass and keeps a bit a page, and PAGEMAP_SCAN, which reads the bits and protects the pages again in one step
 * (Linux 6.7; Documentation/admin-guide/mm/pagemap.rst and userfaultfd.rst of the kernel describe both).
 *
 * Private writable memory counts: heap, stacks, data, anonymous mappings. A page counts as written when it holds memory of the
 * process's own: what was only read (the zero page, the file's page) does not. Shared mappings are left out, and counted. What was mapped
 * and unmapped between two looks was never seen.
 */
#ifndef QUERN_RECORD_WPSCAN_H
#define QUERN_RECORD_WPSCAN_H

#include <stdint.h>
#include <sys/types.h>

#include "sim/err.h"

struct wpscan {
	int uffd;      /* made in the process, held here; -1: none */
	int pagemap;
	void *maps;    /* FILE of /proc/PID/maps */
	uint64_t unwatched, unwatched_bytes; /* at the last look: writable mappings that are not watched, and what they span */
};

/* Called for each range of written pages, in rising order of address. 0, or -1 to stop. */
typedef int wpscan_range_fn(void *ctx, uint64_t start, uint64_t end, struct err *e);

/* Whether this kernel can and this user may. 0, or -1 with the sentence. */
int wpscan_probe(struct err *e);
/* For a program stopped by ptrace; a look at it before an exec of its own is lost with its memory. */
int wpscan_open(struct wpscan *s, pid_t pid, struct err *e);
void wpscan_close(struct wpscan *s);
/* The ranges written since the last look, or since the beginning. 0, 1: its memory is gone, or -1. */
int wpscan_look(struct wpscan *s, wpscan_range_fn *range, void *ctx, struct err *e);

#endif
