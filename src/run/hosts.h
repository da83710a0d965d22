/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The hosts of a run: an instance of the plan's scenario (host/scenario.h) for each device, driven as one.
 *
 * Owner: the sim arena, but for what hosts_close() gives back. Errors: ERR_CONFIG, ERR_TRACE, ERR_IO, ERR_LIMIT as the
 * scenario reports them; ERR_CHECK names scenario and device.
 */
#ifndef QUERN_RUN_HOSTS_H
#define QUERN_RUN_HOSTS_H

#include <stddef.h>
#include <stdio.h>

#include "host/scenario.h"
#include "run/plan.h"
#include "trace/replay.h"

struct hosts;

/* Of a plan with a scenario. `observe` (may be NULL) sees each completed block request. NULL with *e set. */
struct hosts *hosts_open(const struct plan *p, struct sim *s, struct blk_dev *const *dev, size_t count,
	replay_observe_fn *observe, void *ctx, struct err *e);
void hosts_close(struct hosts *h); /* NULL is legal */
/* scenario_env.stop: borrowed. Before hosts_start(). */
void hosts_watch(struct hosts *h, const volatile sig_atomic_t *stop);
void hosts_start(struct hosts *h);
/* Take up no new work. */
void hosts_stop(struct hosts *h);
/* The least of them, or below 0 where one does not know. */
double hosts_progress(const struct hosts *h);
/* The scenarios' own invariants, and that each request submitted came back. 0, or -1 with the numbers in *e (ERR_CHECK). */
int hosts_check(const struct hosts *h, struct err *e);

#define HOSTS_MEMORY_BYTES 256
/* How often memory ran out on the host of device i, and in *first a clause of the first time: when, who wanted which page, what there was. */
uint64_t hosts_out_of_memory(const struct hosts *h, size_t i, char *first, size_t bytes);
/* Of the scenario on device i, after hosts_check(): the sentence of a broken one names neither. */
enum scenario_contract hosts_contract(const struct hosts *h, size_t i, struct err *e);
/* The first that is broken: -1 with scenario, device and the numbers in *e (ERR_CHECK). */
int hosts_contracts(const struct hosts *h, struct err *e);

/* Requests in device i in the mean up to `end` (the sum of all latencies over the time, by Little's law), and at most, as
 * seen at each completion. */
double hosts_depth_mean(const struct hosts *h, size_t i, time_ps end);
uint32_t hosts_depth_max(const struct hosts *h, size_t i);

size_t hosts_count(const struct hosts *h);
const struct scenario_ops *hosts_kind(const struct hosts *h);
const struct scenario *hosts_scenario(const struct hosts *h, size_t i);

/* Each sentence that the scenario has to say of the figures, once, however many devices it holds for. */
void hosts_notes(const struct hosts *h, void (*put)(void *ctx, const char *text), void *ctx);

/* Name of table `index` of the scenario, or NULL past the last. */
const char *hosts_table_name(const struct hosts *h, unsigned index);
/* The table of all instances; with several, behind a first column `device`. 0, or -1: no memory. */
int hosts_table(const struct hosts *h, unsigned index, FILE *out);

#endif
