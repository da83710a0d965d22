/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The groups of option rows of which the section ftl is made; one file each, options_NAME.c. */
#ifndef QUERN_FTL_OPTIONS_H
#define QUERN_FTL_OPTIONS_H

#include <stddef.h>

#include "ftl/spec.h"

#define FIELD(s, f) offsetof(struct s, f)

/* opt_row.idle of what only a remapping layer has. */
const char *ftl_without_map(const struct ftl_spec *s);

extern const struct opt_group ftl_map_group;   /* struct ftl_map_spec */
extern const struct opt_group ftl_alloc_group; /* struct ftl_alloc_spec */
extern const struct opt_group ftl_gc_group;    /* struct ftl_gc_spec */
extern const struct opt_group ftl_wear_group;  /* struct ftl_wear_spec */
extern const struct opt_group front_group;     /* struct front_spec: a section of its own, beside ftl */
extern const struct opt_group ftl_buffer_group; /* struct ftl_buffer_spec: a section of its own, beside ftl */
extern const struct opt_group ftl_sched_group; /* struct ftl_sched_spec: a section of its own, beside ftl */
extern const struct opt_group ftl_mount_group; /* struct ftl_mount_spec: a section of its own, beside ftl */

#endif
