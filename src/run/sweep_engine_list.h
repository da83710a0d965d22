/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engines that run a sweep on more than one machine: X(name, doc); sweep_emit_NAME() writes the script (run/sweep_emit.h). */
#ifndef QUERN_RUN_SWEEP_ENGINE_LIST_H
#define QUERN_RUN_SWEEP_ENGINE_LIST_H

#define SWEEP_ENGINE_LIST(X)                                                                      \
	X(slurm, "a job array and a job that collects, submitted by sbatch")                       \
	X(parallel, "GNU parallel: here, or on several hosts by ssh")

#endif
