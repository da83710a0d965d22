/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For tests of the scenarios whose data outlive a crash: one of them on a device, run to its end. */
#ifndef QUERN_TESTS_HOST_DURABLE_RUN_H
#define QUERN_TESTS_HOST_DURABLE_RUN_H

#include "host/durable_rig.h"

#include "bind_text.h"
#include "host/options.h"
#include "host/scenario.h"

#define MOST_VALUES 200

struct run {
	struct durable_rig rig; /* its io is not used */
	const struct scenario_ops *ops;
	struct scenario *scenario;
	struct {
		char name[60];
		double value;
	} value[MOST_VALUES];
	unsigned values;
};

static inline void put(void *ctx, const char *name, double value, const char *unit)
{
	struct run *r = ctx;
	(void)unit;
	ck_assert_uint_lt(r->values, MOST_VALUES);
	snprintf(r->value[r->values].name, sizeof(r->value[0].name), "%s", name);
	r->value[r->values++].value = value;
}

static inline double value_of(const struct run *r, const char *name)
{
	for (unsigned i = 0; i < r->values; i++)
		if (!strcmp(r->value[i].name, name))
			return r->value[i].value;
	ck_abort_msg("the report has no %s", name);
}

static inline void open_run(struct run *r, const struct blk_dev_ops *dev, const char *device, const char *host, const char *kind,
	const char *scenario, struct err *e)
{
	memset(r, 0, sizeof(*r));
	rig_open(&r->rig, dev, device, false);
	r->ops = scenario_find(kind);
	ck_assert_ptr_nonnull(r->ops);
	const struct host_spec *h = bind_text(r->rig.sim->arena, &host_options, host, e);
	const void *spec = h ? bind_text(r->rig.sim->arena, r->ops->options, scenario, e) : NULL;
	ck_assert_msg(spec != NULL, "%s", e->msg);
	struct scenario_env *env = arena_alloc(r->rig.sim->arena, sizeof(*env));
	*env = (struct scenario_env){.sim = r->rig.sim, .dev = r->rig.dev, .host = h, .seed = 1};
	r->scenario = r->ops->open(env, spec, e);
}

static inline struct run *run_to(enum scenario_contract contract, const struct blk_dev_ops *dev, const char *device, const char *host,
	const char *kind, const char *scenario)
{
	struct err e = {0};
	struct run *r = malloc(sizeof(*r));
	open_run(r, dev, device, host, kind, scenario, &e);
	ck_assert_msg(r->scenario != NULL, "%s", e.msg);
	r->ops->start(r->scenario);
	ck_assert_msg(sim_run(r->rig.sim) == 0, "%s", r->rig.sim->err.msg);
	ck_assert_msg(r->ops->check(r->scenario, &e) == 0, "%s", e.msg);
	ck_assert_int_eq(r->ops->contract(r->scenario, &e), contract);
	ck_assert_int_eq(e.code, contract == SCENARIO_BROKEN ? ERR_CHECK : ERR_NONE);
	r->ops->report(r->scenario, put, r);
	if (!strstr(scenario, "crash_at"))
		ck_assert_double_eq_tol(r->ops->progress(r->scenario), 1, 1e-9);
	return r;
}

static inline struct run *run_it(const struct blk_dev_ops *dev, const char *device, const char *host, const char *kind,
	const char *scenario)
{
	return run_to(SCENARIO_KEPT, dev, device, host, kind, scenario);
}

static inline void run_free(struct run *r)
{
	if (r->scenario)
		r->ops->close(r->scenario);
	rig_close(&r->rig);
	free(r);
}

#define FREE_HOST "frames: 600\ncost: {hit: 1 ns, walk: 0, fault: 0, call: 0, switch: 0, invalidate: 0, shootdown: 0, interrupt: 0,\n" \
	"  entry: 0, copy: 10000 GB/s, zero: 10000 GB/s}\n"

/* noinline: gcc 12 takes the stream for one that outlives `text` */
static __attribute__((noinline, unused)) char *table_of(const struct run *r, unsigned index)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *f = open_memstream(&text, &bytes);
	r->ops->table(r->scenario, index, f);
	fclose(f);
	return text;
}

#endif
