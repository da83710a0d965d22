/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sections of configs, each bound once: plans that differ in little share the structs of what they have in common, and the texts of
 * their values. A section is told by what it says: its name, its rows, every key and text in it and the files that these stand in
 * (to which the names of files are relative); so two sections of one key are bound alike. Files that a section names are read once.
 *
 * Any thread may bind. Sections that are wrong are not kept: their sentences name places. Beyond PLAN_MEMO_BYTES nothing more is
 * kept.
 *
 * Owner: plan_memo_free(), behind all plans that were loaded with it. Errors: those of config_bind().
 */
#ifndef QUERN_RUN_PLAN_MEMO_H
#define QUERN_RUN_PLAN_MEMO_H

#include <stddef.h>

#include "sim/config.h"
#include "sim/option.h"

#define PLAN_MEMO_BYTES ((size_t)64 << 20)

struct plan_memo;

/* A section as it is bound; not changed by anyone. */
struct plan_part {
	const void *bound;             /* g->struct_bytes of it */
	const struct opt_value *value; /* of opt_each_value() with texts, under the section's name */
	size_t values;
};

/* NULL: no memory. bytes: how much it keeps, about; 0: PLAN_MEMO_BYTES. */
struct plan_memo *plan_memo_new(size_t bytes);
void plan_memo_free(struct plan_memo *m); /* NULL is legal */

/*
 * As config_bind(). *out: the section, or NULL with 0 when the memo is full: then the caller binds it for itself. 0 or -1 with *e
 * set.
 */
int plan_memo_bind(struct plan_memo *m, const struct cfg_node *node, const char *name, const struct opt_group *g,
	const char *const *reserved, const struct plan_part **out, struct err *e);

/* How many sections are kept, and how often one was there already. */
struct plan_memo_counts {
	size_t parts, recalled;
};
struct plan_memo_counts plan_memo_counts(struct plan_memo *m);

/* Each value of a section, as opt_each_value() has them. */
void plan_part_each(const struct plan_part *p, bool texts, void (*each)(void *ctx, const struct opt_value *v), void *ctx);

#endif
