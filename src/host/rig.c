/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Device, layout, machine. */
#include "host/rig.h"

#define RIG_REGIONS 16

int host_rig_open(struct host_rig *g, const struct scenario_env *env, const struct host_region_spec *want, uint32_t count,
	struct host_region *region, struct err *e)
{
	struct host_region_spec all[RIG_REGIONS + 1];
	struct host_region out[RIG_REGIONS + 1];
	struct err why = {0};
	uint32_t n = 0, swap = env->host->swap.bytes > 0;
	if (count > RIG_REGIONS)
		sim_bug(env->sim, "a scenario asks for %u regions", (unsigned)count);
	if (swap)
		all[n++] = (struct host_region_spec){.name = "swap", .cause = BLK_CAUSE_SWAP,
			.sectors = (uint64_t)env->host->swap.bytes / SECTOR_BYTES};
	for (uint32_t i = 0; i < count; i++)
		all[n++] = want[i];
	g->io = host_io_new(env->sim, NULL);
	if (!g->io)
		return err_set(e, ERR_LIMIT, "no memory for the simulated host");
	if (host_io_add(g->io, env->dev, e) < 0)
		return -1;
	g->io->observe = env->observe;
	g->io->observe_ctx = env->ctx;
	if (host_io_layout(g->io, all, n, (uint32_t)(env->host->page_bytes / SECTOR_BYTES), 0, out, &why) < 0)
		return err_set(e, why.code, "host.swap: the %s", why.msg);
	if (swap)
		g->swap = out[0];
	for (uint32_t i = 0; i < count; i++)
		region[i] = out[swap + i];
	const struct host_place_spec place = {.io = g->io, .swap = swap ? &g->swap : NULL, .seed = env->seed, .path = "host"};
	g->host = host_open(env->sim, env->host, &place, e);
	return g->host ? 0 : -1;
}
