/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the section `scenario:` of the scenario checkpoint says: a program, when it takes checkpoints, and what becomes of it. */
#ifndef QUERN_HOST_POINT_H
#define QUERN_HOST_POINT_H

#include "host/ckpt.h"
#include "host/stream.h"

struct point_spec {
	struct ckpt_spec checkpoint;
	struct host_pattern_spec load;
	int64_t threads;
	int64_t safe_point;  /* bursts of references between two */
	int tracking;        /* enum host_track_kind */
	time_ps interval_ps;
	time_ps mtbf_ps;     /* of the study */
	int64_t study_jobs;
	bool crash;
	time_ps crash_at_ps; /* 0: when the program is through */
};

extern const struct opt_group point_options;

#endif
