/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scenario demand-paging: what its section of a config may say. */
#ifndef QUERN_HOST_PAGING_H
#define QUERN_HOST_PAGING_H

#include "host/stream.h"
#include "sim/option.h"

enum paging_memory { PAGING_HEAP, PAGING_FILE };

struct paging_spec {
	struct host_pattern_spec load;   /* of each process, on memory of its own */
	char *recording;                 /* in place of the load: a recording of references; "": none */
	int memory;                      /* enum paging_memory */
	int64_t processes;
	int64_t start_every_ps;          /* between the starts of two processes */
	int64_t text_pages;              /* of the program, which all processes share */
	int64_t stack_pages;             /* that each process grows by, a page at a time, before its load */
	int64_t watched_pages;           /* the first of its memory, under a data breakpoint */
	int64_t duration_ps;             /* 0: until all references are made */
	int64_t interval_ps;             /* between two lines of the table thrashing; 0: none */
	int64_t curve_references;        /* of the first process's string at most; 0: no fault curves */
};

extern const struct opt_group paging_options;

#endif
