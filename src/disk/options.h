/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The groups of option rows of which a disk's section is made; one file each, options_NAME.c. */
#ifndef QUERN_DISK_OPTIONS_H
#define QUERN_DISK_OPTIONS_H

#include <stddef.h>

#include "disk/spec.h"

#define FIELD(s, f) offsetof(struct s, f)
#define CYLINDERS_MAX "4000000"

extern const struct opt_group disk_geometry_group; /* struct disk_geometry_spec */
extern const struct opt_group disk_defects_group;  /* struct disk_defects_spec */
extern const struct opt_group disk_seek_group;     /* struct disk_seek_spec */
extern const struct opt_group disk_power_group;    /* struct disk_power_spec */
extern const struct opt_group disk_queue_group;    /* struct disk_queue_spec */
extern const struct opt_group disk_overhead_group; /* struct disk_overhead_spec: options_path.c */
extern const struct opt_group disk_bus_group;      /* struct disk_bus_spec: options_path.c */
extern const struct opt_group disk_cache_group;    /* struct disk_cache_spec */
extern const struct opt_group disk_actuator_group; /* struct disk_actuator_spec */
extern const struct opt_choice disk_next_choices[]; /* enum disk_next: options_actuators.c */
extern const struct opt_group disk_write_cache_group; /* struct disk_write_cache_spec */
extern const struct opt_group disk_smr_group;     /* struct disk_smr_spec */

#endif
