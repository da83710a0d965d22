/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For tests of the disk: a drive made from a few lines of YAML or from a file of devices/,
 * alone in its own simulation, and requests served one at a time.
 */
#ifndef QUERN_TESTS_DISK_FIXTURE_H
#define QUERN_TESTS_DISK_FIXTURE_H

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blk/dev.h"
#include "disk/disk.h"
#include "disk/disk_private.h"
#include "sim/config.h"
#include "sim/rng.h"

struct drive {
	struct sim *sim;
	struct disk_spec spec;
	struct blk_dev *dev;
	struct disk *disk;
};

/* Bind disk0 of a config that was loaded, into the simulation's arena. -1 with *e set. */
static inline int drive_bind(struct drive *v, struct config *c, struct err *e)
{
	static const char *const reserved[] = {"model", NULL};
	return config_bind(config_get(config_root(c), "disk0"), "disk0", &disk_options, reserved,
		&v->spec, v->sim->arena, e);
}

/* A drive from `base` (a text, or the name of a file in devices/ when it ends in ".yaml"), with
 * `path=value` settings over it, NULL-terminated. -1 with *e set; then v->sim is to be freed. */
static inline int drive_try(struct drive *v, const char *base, const char *const *sets,
	uint64_t seed, struct err *e)
{
	struct config *c = config_new(NULL);
	char path[4096];
	size_t n = strlen(base);
	int result;

	memset(v, 0, sizeof(*v));
	v->sim = sim_new(seed);
	ck_assert(v->sim != NULL && c != NULL);
	if (n > 5 && strcmp(base + n - 5, ".yaml") == 0) {
		snprintf(path, sizeof(path), "%s/devices/%s", TOP_SRCDIR, base);
		result = config_load(c, path, e);
	} else {
		result = config_load_text(c, "test.yaml", base, e);
	}
	for (size_t i = 0; result == 0 && sets && sets[i]; i++)
		result = config_set(c, sets[i], e);
	if (result == 0)
		result = drive_bind(v, c, e);
	config_free(c);
	if (result == 0) {
		v->dev = blk_dev_open(v->sim, &disk_ops, "disk0", &v->spec, e);
		v->disk = (struct disk *)(void *)v->dev;
	}
	return v->dev ? 0 : -1;
}

static inline void drive_open_with(struct drive *v, const char *base, const char *const *sets)
{
	struct err e = {0};
	ck_assert_msg(drive_try(v, base, sets, 1, &e) == 0, "%s", e.msg);
}

static inline void drive_open(struct drive *v, const char *base) { drive_open_with(v, base, NULL); }

static inline void drive_close(struct drive *v)
{
	blk_dev_close(v->dev);
	sim_free(v->sim);
}

/* The drive cannot be made, and the sentence says `words`. */
static inline void drive_refused(const char *base, const char *const *sets, const char *words)
{
	struct drive v;
	struct err e = {0};
	ck_assert_int_eq(drive_try(&v, base, sets, 1, &e), -1);
	ck_assert_int_eq(e.code, ERR_CONFIG);
	ck_assert_msg(strstr(e.msg, words) != NULL, "\"%s\" does not say \"%s\"", e.msg, words);
	sim_free(v.sim);
}

/* ---- requests -------------------------------------------------------------------------- */

static inline void drive_count_done(struct sim *s, struct blk_req *r)
{
	(void)s;
	++*(unsigned *)r->owner;
}

/* Submit one request and run until it is done. */
static inline struct blk_req drive_do(struct drive *v, enum blk_op op, uint64_t lba, uint32_t sectors,
	uint8_t flags)
{
	unsigned count = 0;
	struct blk_req r = {.op = (uint8_t)op, .lba = lba, .sectors = sectors, .flags = flags,
		.done = drive_count_done, .owner = &count, .arrive_ps = v->sim->now_ps};
	blk_submit(v->dev, &r);
	ck_assert_uint_eq(count, 0);
	while (count == 0)
		ck_assert(sim_step(v->sim));
	ck_assert_uint_eq(count, 1);
	ck_assert_int_eq(r.done_ps, v->sim->now_ps);
	return r;
}

static inline struct blk_req drive_read(struct drive *v, uint64_t lba, uint32_t sectors)
{
	return drive_do(v, BLK_READ, lba, sectors, 0);
}

static inline struct blk_req drive_write(struct drive *v, uint64_t lba, uint32_t sectors)
{
	return drive_do(v, BLK_WRITE, lba, sectors, 0);
}

/* ---- reference data ---------------------------------------------------------------------- */

/* A file of the reference data, open for reading, or NULL with a message: the test is skipped. */
static inline FILE *reference_open(const char *name)
{
	const char *dir = getenv("QUERN_REFERENCE_DATA");
	char path[4096];
	if (!dir || !*dir)
		dir = REFERENCE_DATA;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = *dir ? fopen(path, "r") : NULL;
	if (!f)
		printf("skipped: there is no %s in the reference data\n", name);
	return f;
}

/* ---- a test program of one suite ---------------------------------------------------------- */

static inline int run_suite(Suite *s)
{
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
