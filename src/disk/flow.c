/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bus side of a read. */
#include "disk/flow.h"

#include <math.h>

void flow_init(struct bus_flow *f, const struct disk_bus_spec *bus, uint32_t n)
{
	f->n = n;
	f->sector_ps = bus->read_sector_ps;
	/* a share such as 7 % is a little off in binary, far less than a sector: not rounded up for it */
	double water = bus->read_watermark * n - 1e-6;
	f->water = water <= 1 ? 1 : (uint32_t)ceil(water);
	if (f->water > bus->read_watermark_max)
		f->water = (uint32_t)bus->read_watermark_max;
	f->dry_ps = bus->read_dry_ps;
	f->next = 0;
	f->water_ps = f->floor_ps = 0;
}

void flow_shorten(struct bus_flow *f, uint32_t by)
{
	f->n -= by;
	if (f->next > 0)
		f->floor_ps -= (time_ps)by * f->sector_ps;
	if (f->water > f->n)
		f->water = f->n;
}
