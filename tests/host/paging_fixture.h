/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run of the scenario demand-paging on a device of fixed latency, and what it told. */
#ifndef QUERN_TESTS_PAGING_FIXTURE_H
#define QUERN_TESTS_PAGING_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bind_text.h"
#include "blk/fixed.h"
#include "host/machine.h"
#include "host/options.h"
#include "host/replace_fixture.h"
#include "host/scenario.h"
#include "trace/ref_file.h"

struct figures {
	double processes, threads, followed;
	double faults, references, file_ins, grown, traps, suspensions, zero_fills, majors, minors, cut, file_outs, swap_outs, slots_taken, slots_freed,
		slots_used, tlb_misses, heap_calls, heap_grown, calls, writes, cow_copies, file_writes, swap_writes, rate, busy,
		time, progress, ooms, switches, free, trimmed;
	char curve[20000], thrashing[20000], notes[4 * SCENARIO_NOTE_BYTES];
};

static inline void note(void *ctx, const char *name, double value, const char *unit)
{
	struct figures *f = ctx;
	const struct { const char *name; double *at; } wanted[] = {
		{"processes", &f->processes}, {"threads", &f->threads}, {"followed", &f->followed},
		{"faults", &f->faults}, {"references", &f->references}, {"file_ins", &f->file_ins},
		{"grown", &f->grown}, {"breakpoint_traps", &f->traps}, {"suspensions", &f->suspensions}, {"zero_fills", &f->zero_fills},
		{"major", &f->majors}, {"tlb_misses", &f->tlb_misses},
		{"heap_calls", &f->heap_calls}, {"heap_grown", &f->heap_grown}, {"calls", &f->calls},
		{"writes", &f->writes}, {"cow_copies", &f->cow_copies}, {"minor", &f->minors}, {"faults_cut", &f->cut}, {"slots_taken", &f->slots_taken},
		{"slots_freed", &f->slots_freed}, {"swap_slots_used", &f->slots_used}, {"file_outs", &f->file_outs}, {"swap_outs", &f->swap_outs},
		{"references_per_second", &f->rate}, {"cpu_busy", &f->busy}, {"cpu_time", &f->time},
		{"out_of_memory", &f->ooms}, {"switches", &f->switches}, {"free_frames", &f->free}, {"slots_trimmed", &f->trimmed},
	};
	(void)unit;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (!strcmp(name, wanted[i].name))
			*wanted[i].at = value;
}

static inline void *bound(struct sim *s, const struct opt_group *g, const char *yaml)
{
	struct err e = {0};
	void *spec = bind_text(s->arena, g, yaml, &e);
	ck_assert_msg(spec != NULL, "%s", e.msg);
	return spec;
}

static inline void read_table(const struct scenario_ops *ops, const struct scenario *sc, const char *want, char *text, size_t bytes)
{
	for (unsigned i = 0; ops->table(sc, i, NULL); i++) {
		if (strcmp(ops->table(sc, i, NULL), want) != 0)
			continue;
		FILE *out = fmemopen(text, bytes, "w");
		ck_assert_ptr_nonnull(out);
		ck_assert_str_eq(ops->table(sc, i, out), want);
		fclose(out);
		return;
	}
}

/* All of them, a line each. */
static inline void read_notes(const struct scenario_ops *ops, const struct scenario *sc, char *text, size_t bytes)
{
	char one[SCENARIO_NOTE_BYTES];
	size_t at = 0;
	for (unsigned i = 0; ops->note(sc, i, one, sizeof(one)); i++)
		at += (size_t)snprintf(text + at, bytes - at, "%s\n", one);
	ck_assert_uint_lt(at, bytes);
}

static inline struct figures *run(const char *scenario, const char *host)
{
	struct figures *f = calloc(1, sizeof(*f));
	struct err e = {0};
	struct sim *s = sim_new(1);
	ck_assert_ptr_nonnull(f);
	struct blk_dev *dev = blk_dev_open(s, &fixed_dev_ops, "dev0",
		bound(s, fixed_dev_ops.options, "{latency: 100 us, capacity: 4 GiB}"), &e);
	ck_assert_msg(dev != NULL, "%s", e.msg);
	const struct scenario_env env = {.sim = s, .dev = dev, .host = bound(s, &host_options, host), .seed = 7};
	const struct scenario_ops *ops = scenario_find("demand-paging");
	struct scenario *sc = ops->open(&env, bound(s, ops->options, scenario), &e);
	ck_assert_msg(sc != NULL, "%s", e.msg);
	ops->start(sc);
	ck_assert_msg(sim_run(s) == 0, "%s", s->err.msg);
	ck_assert_msg(ops->check(sc, &e) == 0, "%s", e.msg);
	ops->report(sc, note, f);
	f->progress = ops->progress(sc);
	f->file_writes = (double)host_io_by_cause(ops->machine(sc)->io, BLK_CAUSE_FILE).writes; /* of the devices */
	f->swap_writes = (double)host_io_by_cause(ops->machine(sc)->io, BLK_CAUSE_SWAP).writes;
	read_table(ops, sc, "fault_curve", f->curve, sizeof(f->curve));
	read_table(ops, sc, "thrashing", f->thrashing, sizeof(f->thrashing));
	read_notes(ops, sc, f->notes, sizeof(f->notes));
	ops->close(sc);
	blk_dev_close(dev);
	sim_free(s);
	return f;
}

#endif
