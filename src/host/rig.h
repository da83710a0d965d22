/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What most scenarios begin with: the way to the instance's device, its layout, and a machine on it.
 *
 * The layout is the swap area of the section `host:` (where there is one) and then the regions that the scenario asks for, in the
 * order of its list, each beginning at a whole page.
 *
 * Owner: the sim arena. Errors: of host_io_layout() and host_open(); those about the layout begin with "host.swap".
 */
#ifndef QUERN_HOST_RIG_H
#define QUERN_HOST_RIG_H

#include "host/machine.h"
#include "host/scenario.h"

struct host_rig {
	struct host_io *io;
	struct host *host;
	struct host_region swap; /* no sectors: there is none */
};

/* `want[i]` becomes `region[i]`; device numbers in it must be 0. A region is kept by who asked, and outlives the machine. 0, or -1
 * with *e set. */
int host_rig_open(struct host_rig *g, const struct scenario_env *env, const struct host_region_spec *want, uint32_t count,
	struct host_region *region, struct err *e);

#endif
