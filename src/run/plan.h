/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A plan: everything a run needs to know, read from a config file, device files and the
 * command line's assignments, checked and bound, with nothing opened yet.
 *
 * Top-level keys: include, seed, device, workload, replay, scenario, host, stats. Any other key is a
 * component and must be a map with `model:` (a kind of device); its other keys are the
 * rows of that kind. What drives the devices is a workload, a trace or a scenario; a plan with none of
 * them describes devices only.
 *
 * Owner: plan_free() frees all of it. Errors: ERR_CONFIG with file, line and column, and
 * the nearest valid word.
 */
#ifndef QUERN_RUN_PLAN_H
#define QUERN_RUN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "blk/dev.h"
#include "host/scenario.h"
#include "host/spec.h"
#include "sim/config.h"
#include "trace/gen.h"
#include "trace/image.h"
#include "trace/reader.h"
#include "trace/replay.h"

struct plan_memo;
struct plan_part;

enum plan_mode { PLAN_MODE_AUTO, PLAN_MODE_OPEN, PLAN_MODE_THINK, PLAN_MODE_DEPTH };

/* `replay:` how a trace is read and driven. */
struct plan_replay {
	char *trace;             /* file, "" none */
	char *format;            /* "auto" or a name of trace_formats */
	int mode;                /* enum plan_mode */
	int64_t depth;           /* PLAN_MODE_DEPTH: outstanding requests */
	time_ps think_ps;        /* PLAN_MODE_DEPTH: pause of a slot before its next request */
	int range;               /* enum replay_range */
	double time_scale;
	int64_t skip;
	int64_t limit;           /* 0: all */
	int64_t sort_window;     /* records; -1: as the format needs */
	char *trace_device;      /* "all" or a number */
	struct opt_list trace_map; /* element k: the trace device that device k serves */
	int unmapped;              /* enum replay_unmapped */
	int blkparse_action;     /* 0 Q, 1 D, 2 C */
	int64_t queue_depth;     /* of the host queue in front of each device; 0: no limit */
	time_ps power_cut_ps;    /* 0: the power stays on */
	int64_t max_outstanding; /* open loop: fail beyond it */
};

enum plan_warm_up { WARM_UP_NONE, WARM_UP_MSER5, WARM_UP_TIME, WARM_UP_REQUESTS };

/* `stats:` how results are condensed. */
struct plan_stats {
	char *warm_up_text;
	enum plan_warm_up warm_up; /* parsed from the text by plan_load */
	int64_t warm_up_value;     /* ps, or requests */
	time_ps window_ps;
	char *gantt_text;
	time_ps gantt_from_ps, gantt_to_ps; /* parsed by plan_load; to 0: none */
	char *timeline_text;
	time_ps timeline_from_ps, timeline_to_ps; /* the same; to 0: all of the run */
	int64_t timeline_limit;     /* bytes */
	double confidence;
};

struct plan_component {
	const char *name;              /* "disk0" */
	const struct blk_dev_ops *ops;
	void *spec;                    /* bound by ops->options */
	const struct plan_part *part;  /* borrowed: the same in the memo; NULL: it is the plan's own */
};

/* Sections that a memo may hold (struct plan.part). */
enum plan_section { PLAN_WORKLOAD, PLAN_REPLAY, PLAN_STATS, PLAN_SCENARIO, PLAN_HOST, PLAN_SECTIONS };

struct plan {
	struct arena *arena;           /* owned */
	struct config **configs;       /* owned; [0] is the main one */
	const char **renamed;          /* by config: the new name of its only component, or NULL */
	const char **original;
	size_t config_count;
	const char *name;              /* file or device it was loaded from, for messages */
	int64_t seed;
	const char **device;           /* names of what is driven, in order: components, or namespaces of them ("ssd0n1") */
	size_t device_count;
	struct plan_component *component; /* in the order of the files */
	size_t component_count;
	bool has_workload;
	struct gen_spec workload;
	struct plan_replay replay;
	const struct scenario_ops *scenario; /* NULL: no scenario */
	void *scenario_spec;           /* bound by scenario->options */
	struct host_spec *host;        /* the machine of a scenario */
	struct plan_stats stats;
	const struct trace_image *trace_image; /* borrowed: replay.trace as it is read, shared by several runs; NULL: the run reads it */
	const struct plan_part *part[PLAN_SECTIONS]; /* borrowed: the sections as the memo has them, or NULL */
};

/* Nodes of another config that go over a plan's (config_load_node(), config_put()). */
struct plan_layer {
	const char *path;             /* NULL: `node` is a map with the keys of a file */
	const struct cfg_node *node;
	struct opt_where where;       /* of the path */
};

/* What the caller (the command line, a test) gives. All borrowed during plan_load(). */
struct plan_input {
	const char *config;               /* file, or NULL */
	const char *name;                 /* how the plan is called in messages; NULL: by its file or device */
	const char *text;                 /* YAML that goes over it (the embedding API), or NULL */
	const struct plan_layer *layers;  /* over these, in order; their texts outlive the plan */
	size_t layer_count;
	const char *const *devices;       /* catalogue names or files, NULL-terminated, or NULL;
	                                   * the second and later ones become disk1, disk2... */
	const char *const *sets;          /* "path=value", NULL-terminated, or NULL */
	const char *const *include_dirs;  /* NULL-terminated, or NULL */
	const char *trace;                /* over replay.trace; NULL: as the config says */
	struct plan_memo *memo;           /* sections that plans have in common (run/plan_memo.h), which outlives the plan; or NULL */
	const struct blk_dev_ops *const *kinds; /* NULL: device_kinds */
};

/* NULL with *e set. */
struct plan *plan_load(const struct plan_input *in, struct err *e);
void plan_free(struct plan *p); /* NULL is legal */

/* The component of this name, or NULL. */
const struct plan_component *plan_component(const struct plan *p, const char *name);
/*
 * The component that driven device i is or is a namespace of: *nsid is the namespace (blk/space.h), from 1, or 0 where the
 * component is one device.
 */
const struct plan_component *plan_driven(const struct plan *p, size_t i, uint32_t *nsid);

/*
 * Where "ssd0.ftl.map.unit" stands in the files: the last of its keys that stands there at all, or NULL. The path ends at the
 * first character that no key has, so that it may be the beginning of a sentence.
 */
const struct opt_where *plan_where(const struct plan *p, const char *path);
/* Whether all of the path stands in the files or on the command line, and not only in the options' defaults. */
bool plan_states(const struct plan *p, const char *path);

/*
 * The whole plan as YAML that loads to the same plan. `from` goes in front of the names of files (opt_write_yaml()), since a reader
 * looks for them beside the written one; NULL: they stay.
 */
void plan_write_yaml(const struct plan *p, const char *from, FILE *out);

/* How the reader is to read, as the section says. */
void plan_reader_options(const struct plan_replay *r, struct trace_reader_options *o);

/*
 * Every value of the plan as plan_write_yaml() has it, "disk0.rpm", "seed", "workload.depth" (opt_each_value()). Names that are no
 * row of options (models, the devices that are driven, the kind of the scenario) come as texts with row NULL. 0, or -1: no memory.
 */
int plan_each_value(const struct plan *p, bool texts, void (*each)(void *ctx, const struct opt_value *v), void *ctx);

/* Option groups of the top level, for `quern options`. */
extern const struct opt_group plan_run_options;    /* seed, device */
extern const struct opt_group plan_replay_options; /* binds struct plan_replay */
extern const struct opt_group plan_stats_options;  /* binds struct plan_stats */

#endif
