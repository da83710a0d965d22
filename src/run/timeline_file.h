/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The timeline of a run as a file: whole or not there (run/outfile.h), in the format that its name asks for (sim/timeline.h), in
 * the window and up to the size of plan.stats. A power cut ends the window, since what was planned beyond it never happened.
 *
 * Groups: each device, with the outstanding requests of its host queue and the levels of its sample() as counters; the host
 * machines of a scenario make their own. Levels are looked at when a request completes, at most every TIMELINE_LEVELS_PS.
 *
 * Owner: timeline_file_free(). Errors: as of outfile_open(); ERR_LIMIT for no memory.
 */
#ifndef QUERN_RUN_TIMELINE_FILE_H
#define QUERN_RUN_TIMELINE_FILE_H

#include "run/outfile.h"
#include "run/system.h"
#include "sim/timeline.h"

#define TIMELINE_LEVELS_PS (10 * PS_PER_US)

struct timeline_file;

/* Shows all of the system from now on, which has not been started. The system is borrowed, and must not run on after
 * timeline_file_free(). NULL with *e set. */
struct timeline_file *timeline_file_open(const char *name, bool force, struct system *s, struct err *e);
void timeline_file_free(struct timeline_file *f); /* NULL is legal */
struct outfile *timeline_file_out(struct timeline_file *f);
/* A request has completed. */
void timeline_file_levels(struct timeline_file *f);
/* As outfile_finish(), with the format's end before it. */
int timeline_file_finish(struct timeline_file *f, bool whole, struct err *e);
/* What stands in it and what does not, one sentence or more; owned by f. After timeline_file_finish(). */
const char *timeline_file_note(const struct timeline_file *f);

#endif
