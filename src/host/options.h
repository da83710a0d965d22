/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The groups of option rows of which the section host is made; one file each, options_NAME.c. */
#ifndef QUERN_HOST_OPTIONS_H
#define QUERN_HOST_OPTIONS_H

#include <stddef.h>

#include "host/spec.h"

#define HOST_FIELD(s, f) offsetof(struct s, f)

static inline bool power_of_two(int64_t n) { return n > 0 && (n & (n - 1)) == 0; }

extern const struct opt_group host_options;           /* struct host_spec: all of it */
extern const struct opt_group host_tlb_group;         /* struct host_tlb_spec */
extern const struct opt_group host_cost_group;        /* struct host_cost_spec */
extern const struct opt_group host_swap_group;        /* struct host_swap_spec */
extern const struct opt_group host_file_group;        /* struct host_file_spec */
extern const struct opt_group host_writeback_group;   /* struct host_writeback_spec */
extern const struct opt_group host_reclaim_group;     /* struct host_reclaim_spec */

#endif
