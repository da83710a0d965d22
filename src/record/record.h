/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Recorders: they run a program and write down which pages it touches, as a reference trace (trace/ref_file.h). Each is
 * one file with its row in record_list.h.
 *
 * What is recorded is the program itself and its threads, not the programs it starts. The program runs with the caller's
 * terminal and environment. SIGINT, SIGTERM and SIGHUP are passed on to it once, a second one kills it; either way the
 * recording is closed as it should be and says that it was interrupted.
 *
 * A recorder first looks whether the kernel (or the tool it needs) is there and lets it work, before it
 * runs anything: if not, the sentence says what lacks, and nothing was run.
 */
#ifndef QUERN_RECORD_RECORD_H
#define QUERN_RECORD_RECORD_H

#include <stdint.h>

#include "sim/err.h"
#include "trace/ref_file.h"

#define RECORD_FILTER_MAX 4096

struct record_job {
	char **argv;           /* the program and its words; NULL-terminated; found by PATH */
	const char *output;    /* the file to write; created or truncated once the recorder knows that it can work */
	uint32_t filter;       /* refs: as ref_header.filter, 1 to RECORD_FILTER_MAX */
	int64_t interval_ps;   /* dirty: > 0 */
};

struct record_result {
	struct ref_totals totals;
	uint64_t lost;         /* events the recorder knows it lost */
	uint64_t unwatched;    /* dirty: most mappings at one look that the program may write and nobody can watch */
	uint64_t unwatched_pages; /* and most pages of such */
	bool replaced;         /* refs: an exec made another program of it, which could not be followed */
	int exit_code;         /* of the program; 128 + the signal's number where one ended it */
};

struct recorder {
	const char *name;      /* "faults" */
	const char *doc;       /* one sentence: what it records, how, and what it needs */
	/* Whether it can work here: 0, or -1 with the sentence. Cheap. */
	int (*probe)(struct err *e);
	/* 0 with *out filled, or -1. After -1 the program may have run; the file holds what was recorded, is gone where
	 * that is nothing, or is as it was where nothing could begin. */
	int (*run)(const struct record_job *job, struct record_result *out, struct err *e);
};

/* All recorders, NULL-terminated, in order of the list. */
extern const struct recorder *const recorders[];
/* By exact name, or NULL. */
const struct recorder *recorder_find(const char *name);

#endif
