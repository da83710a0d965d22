/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scripts that run a sweep on more than one machine, by engines that are there already (run/sweep_engine_list.h). The machines see
 * the same files at the same paths. Each shard is `quern sweep run --resume --shard i/N` into the one folder of the sweep, where it
 * writes points and nothing else; at the end `quern sweep collect` makes the tables and names what is missing. So a script may be
 * run again: what is finished stands.
 *
 * Slurm: the size of the job arrays is what the cluster allows (MaxArraySize, read when the script is run); a task ends with the
 * exit code of its shard, and the job that collects waits for all (afterany). GNU parallel: a joblog in the sweep's folder,
 * --resume-failed; the script ends with the exit code of `collect`, or else of the first shard that failed.
 *
 * Errors: ERR_IO where the stream takes no more, ERR_USAGE for an unknown engine.
 */
#ifndef QUERN_RUN_SWEEP_EMIT_H
#define QUERN_RUN_SWEEP_EMIT_H

#include <stddef.h>
#include <stdio.h>

#include "sim/err.h"

/* All names of files are absolute. */
struct sweep_script {
	const char *program;             /* quern */
	const char *sweep;               /* the file */
	const char *output;              /* the sweep's folder */
	const char *const *sets;         /* "path=value" of the command line, NULL-terminated, or NULL */
	const char *const *include_dirs; /* likewise */
	const char *devices;             /* the catalogue (QUERN_DEVICES), or NULL: the program's own */
	size_t points;                   /* that are to be run, for people */
	size_t shards;                   /* at least 1 */
	unsigned jobs;                   /* threads of a shard; 0: all processors that it gets */
};

struct sweep_engine {
	const char *name;
	const char *doc;
	void (*emit)(const struct sweep_script *s, FILE *out);
};

/* Ends with a NULL name. */
extern const struct sweep_engine sweep_engines[];
/* NULL with *e set, which names the nearest. */
const struct sweep_engine *sweep_engine_find(const char *name, struct err *e);

/* Write the script. 0, or -1 with *e set. */
int sweep_emit(const struct sweep_engine *engine, const struct sweep_script *s, FILE *out, struct err *e);

/* A word for the shell: in single quotes. */
void sweep_emit_word(const char *word, FILE *out);

#endif
