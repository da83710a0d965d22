/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The groups of option rows of which the section flash is made; one file each, options_NAME.c. */
#ifndef QUERN_FLASH_OPTIONS_H
#define QUERN_FLASH_OPTIONS_H

#include <stddef.h>

#include "flash/spec.h"

#define FIELD(s, f) offsetof(struct s, f)

extern const struct opt_group flash_geometry_group; /* struct flash_geometry_spec */
extern const struct opt_group flash_bus_group;      /* struct flash_bus_spec */
extern const struct opt_group flash_status_group;   /* struct flash_status_spec: options_bus.c */
extern const struct opt_group flash_array_group;    /* struct flash_array_spec */
extern const struct opt_group flash_suspend_group;  /* struct flash_suspend_spec: options_array.c */
extern const struct opt_group flash_copyback_group; /* struct flash_copyback_spec: options_array.c */
extern const struct opt_group flash_power_group;    /* struct flash_power_spec */

#endif
