/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For tests of flash: a bench made from a few lines of YAML, with settings over them. */
#ifndef QUERN_TESTS_FLASH_FIXTURE_H
#define QUERN_TESTS_FLASH_FIXTURE_H

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flash/bench.h"
#include "sim/config.h"
#include "sim/rng.h"

struct rig {
	struct arena *arena;
	struct flash_spec spec;
	struct nand *n;
};

#define FLASH_GEOMETRY \
	"flash:\n" \
	"  geometry: {channels: 2, chips: 2, dies: 2, planes: 2, blocks: 8, pages: 12, page: 4 KiB, cell: tlc}\n" \
	"  array: {read: [50 us, 60 us, 70 us], program: [300 us, 500 us, 900 us], erase: 4 ms}\n"

/* Small, with times that are easy to add up: cycles of 25 ns, 100 MT/s (10 ns a byte). */
static const char *const small_flash = FLASH_GEOMETRY
	"  bus: {interface: custom, rate: 100 MT/s, t_wc: 25 ns, t_adl: 150 ns, t_wb: 100 ns, t_rr: 20 ns, t_ccs: 300 ns,\n"
	"        t_rhw: 100 ns, t_whr: 80 ns, read_preamble: 30 ns, t_dbsy: 500 ns, t_cbsy: 3 us, t_rcbsy: 2 us, t_feat: 1 us,\n"
	"        t_rst_idle: 5 us, t_rst_read: 6 us, t_rst_program: 10 us, t_rst_erase: 500 us}\n";
/* The same without a bus. */
static const char *const flash_without_bus = FLASH_GEOMETRY;

static inline int rig_try(struct rig *r, const char *base, const char *const *sets, struct err *e)
{
	struct config *c = config_new(NULL);
	memset(r, 0, sizeof(*r));
	r->arena = arena_new();
	ck_assert(c != NULL && r->arena != NULL);
	int result = config_load_text(c, "test.yaml", base, e);
	for (size_t i = 0; result == 0 && sets != NULL && sets[i] != NULL; i++)
		result = config_set(c, sets[i], e);
	if (result == 0)
		result = config_bind(config_get(config_root(c), "flash"), "flash", &flash_options, NULL, &r->spec, r->arena, e);
	config_free(c);
	r->n = result == 0 ? nand_open(r->arena, &r->spec, e) : NULL;
	return r->n != NULL ? 0 : -1;
}

static inline void rig_open(struct rig *r, const char *base, const char *const *sets)
{
	struct err e = {0};
	ck_assert_msg(rig_try(r, base, sets, &e) == 0, "%s", e.msg);
}

static inline void rig_close(struct rig *r) { arena_free(r->arena); }

/* A config is refused with a sentence that has `part` in it. */
static inline void rig_refused(const char *base, const char *const *sets, const char *part)
{
	struct rig r;
	struct err e = {0};
	ck_assert_int_eq(rig_try(&r, base, sets, &e), -1);
	ck_assert_msg(strstr(e.msg, part) != NULL, "\"%s\" lacks \"%s\"", e.msg, part);
	arena_free(r.arena);
}

#define SETS(...) ((const char *const[]){__VA_ARGS__, NULL})

static inline nand_ppa at(const struct rig *r, uint32_t die, uint32_t plane, uint32_t block, uint32_t page)
{
	return nand_ppa_make(&r->n->geom, die, plane, block, page);
}

static inline void want(enum nand_status got, enum nand_status status)
{
	ck_assert_msg(got == status, "%s, not %s", nand_status_name(got), nand_status_name(status));
}

/* The parts A to F of the reference figures: one plane a die and one die a chip but where set. */
struct part {
	const char *name;
	int64_t rate_num, rate_den; /* bytes a second */
	const char *rate, *cycle, *setup;
	uint32_t page;
	int64_t cycle_ps, setup_ps, read_ps, program_ps, erase_ps;
};
#define PARTS 6
static const struct part parts[PARTS] = {
	{"A", 50000000, 1, "50 MT/s", "20 ns", "0", 2048, 20000, 0, 25000000, 200000000, 1500000000},
	{"B", 1000000000, 3, "333 MT/s", "25 ns", "30 ns", 8192, 25000, 30000, 75000000, 750000000, 3800000000},
	{"C", 800000000, 1, "800 MT/s", "25 ns", "30 ns", 32768, 25000, 30000, 36013000, 185000000, 3000000000},
	{"D", 1200000000, 1, "1200 MT/s", "25 ns", "30 ns", 16384, 25000, 30000, 60000000, 700000000, 5000000000},
	{"E", 1600000000, 1, "1600 MT/s", "25 ns", "30 ns", 16384, 25000, 30000, 110000000, 2500000000, 8000000000},
	{"F", 800000000, 1, "800 MT/s", "25 ns", "30 ns", 4096, 25000, 30000, 3000000, 100000000, 1000000000},
};

static inline void part_open(struct rig *r, const struct part *p, uint32_t dies, uint32_t planes)
{
	char text[1024];
	snprintf(text, sizeof(text),
		"flash:\n"
		"  geometry: {channels: 1, chips: %u, dies: 1, planes: %u, blocks: 64, pages: 64, page: %u B, cell: slc}\n"
		"  bus: {interface: custom, rate: %s, t_wc: %s, t_adl: 150 ns, t_wb: 100 ns, t_rr: 20 ns, t_ccs: 300 ns,\n"
		"        t_rhw: 100 ns, read_preamble: %s, t_dbsy: 500 ns}\n"
		"  array: {read: [%lld ps], program: [%lld ps], erase: %lld ps}\n",
		dies, planes, p->page, p->rate, p->cycle, p->setup, (long long)p->read_ps, (long long)p->program_ps,
		(long long)p->erase_ps);
	rig_open(r, text, NULL);
}

static inline int run_suite(Suite *s)
{
	SRunner *runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
