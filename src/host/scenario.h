/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A scenario: what the host does. Each is a thin composition of the machine, the pagers and the mechanisms, and a row
 * of scenario_list.h; a run's config names it (`scenario: {kind: NAME, ...}`) beside the machine (`host: {...}`) and the
 * device, and `quern run` needs to know no more of it than what stands here.
 *
 * An instance has one device to itself. A run over several devices opens an instance for each, in one simulation, so
 * that the same load on a disk and on a solid-state drive stands in one table; instances share nothing but the clock.
 *
 * The life of one: open() at time 0, start(), events until none is pending, check(), report() and table(), close().
 * Everything it does, it does from events. It ends by itself; after stop() it takes up no new work and ends when what is
 * under way has ended, and what it reports then is of what was done.
 *
 * Owner: the sim arena, but for what close() gives back. Errors: open() explains itself; in the course of the run
 * sim_fail() stops it. What can befall a real host (no swap left, a device at its end of life) is a result: it is
 * reported, not failed with.
 */
#ifndef QUERN_HOST_SCENARIO_H
#define QUERN_HOST_SCENARIO_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "blk/dev.h"
#include "sim/option.h"
#include "sim/sim.h"

#define SCENARIO_NOTE_BYTES 1024

struct scenario;
struct host;
struct host_spec;

/* What an instance is given; all borrowed, and all of it outlives the instance. */
struct scenario_env {
	struct sim *sim;
	struct blk_dev *dev;             /* opened, its own */
	const struct host_spec *host;    /* the bound section `host:` (host/spec.h) */
	uint64_t seed;                   /* of its random streams: the same for each device of a run, so that all see one load */
	/* Sees each completed block request, from its completion event; NULL: nobody looks. */
	void (*observe)(void *ctx, const struct blk_req *r);
	void *ctx;
	const volatile sig_atomic_t *stop; /* becomes non-zero: what is still to be reckoned for tables is left out, and they say so; or NULL */
};

enum scenario_contract {
	SCENARIO_UNTRIED, /* nothing came that would have put it to the test */
	SCENARIO_KEPT,
	SCENARIO_BROKEN,  /* with the numbers in *e (ERR_CHECK) */
};

struct scenario_ops {
	const char *name;                /* "demand-paging"; the config's `kind:` */
	const char *doc;                 /* one sentence */
	const struct opt_group *options; /* what its config section may say besides `kind` */

	/* Ready at the present time; `spec` is the bound option struct. NULL with *e set: ERR_CONFIG where the sentence begins
	 * with the key that cannot hold ("scenario.threads", "host.frames"), ERR_TRACE or ERR_IO for files. */
	struct scenario *(*open)(const struct scenario_env *env, const void *spec, struct err *e);
	/* Gives back what open() took outside the arena; NULL: nothing. */
	void (*close)(struct scenario *sc);
	/* Schedules the first events. */
	void (*start)(struct scenario *sc);
	/* Take up no new work. */
	void (*stop)(struct scenario *sc);
	/* The power fails now, between two events: what follows is the restart. Once at most, after start(), and not where it has failed
	 * already. NULL: nothing of the scenario outlives that. */
	void (*crash)(struct scenario *sc);
	/* How far it is, 0 to 1, or below 0 where it does not know. */
	double (*progress)(const struct scenario *sc);
	/* No event is left: whether it came to its end and its invariants hold. 0, or -1 with the numbers in *e (ERR_CHECK). */
	int (*check)(const struct scenario *sc, struct err *e);
	/* After a check() that held: what it promises its users, such as that what was acknowledged outlives a crash. A broken promise
	 * is a result: settings may be such that it cannot be kept. NULL: it promises nothing. */
	enum scenario_contract (*contract)(const struct scenario *sc, struct err *e);
	/* Its machine as it is now, or the last. */
	const struct host *(*machine)(const struct scenario *sc);
	/* Each named value, in a stable order; names in words with '_', unit "" for counts. */
	void (*report)(const struct scenario *sc, void (*put)(void *ctx, const char *name, double value, const char *unit), void *ctx);
	/* Named CSV tables, each with one line of column names first, and remarks behind `#`: writes table `index` and returns its name, or NULL past the
	 * last. `out` NULL: the name only. The run writes them to hist/NAME.csv; with several devices the lines of all stand in
	 * one file behind a first column `device`. NULL: there are none. */
	const char *(*table)(const struct scenario *sc, unsigned index, FILE *out);
	/* What who reads the figures must know of them: writes sentence `index` and returns true, or false past the last. Called at
	 * the end of the run. NULL: there is none. */
	bool (*note)(const struct scenario *sc, unsigned index, char *out, size_t bytes);
};

/* The table, NULL-terminated. */
extern const struct scenario_ops *const scenario_list[];

/* The scenario of this name, or NULL. */
const struct scenario_ops *scenario_find(const char *name);

#endif
