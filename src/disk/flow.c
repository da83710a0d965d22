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

static inline void flow_point(struct bus_flow *f, uint32_t i, time_ps avail)
{
	f->floor_ps = time_max(f->floor_ps, time_add(avail, (time_ps)(f->n - i) * f->sector_ps));
}

void flow_give(struct bus_flow *f, uint32_t k, time_ps first, time_ps last)
{
	if (k == 0)
		return;
	flow_point(f, f->next, first);
	flow_point(f, f->next + k - 1, last);
	if (f->water > f->next && f->water <= f->next + k) {
		uint32_t i = f->water - f->next - 1;
		if (i == 0)
			f->water_ps = first;
		else
			f->water_ps = i + 1 == k ? last : first + (time_ps)i * ((last - first) / (time_ps)(k - 1));
	}
	f->next += k;
}

void flow_shorten(struct bus_flow *f, uint32_t by)
{
	f->n -= by;
	if (f->next > 0)
		f->floor_ps -= (time_ps)by * f->sector_ps;
	if (f->water > f->n)
		f->water = f->n;
}

time_ps flow_end(const struct bus_flow *f, time_ps ready, time_ps reselect)
{
	time_ps start = time_add(time_max(ready, f->water_ps), reselect);
	time_ps end = time_add(start, (time_ps)f->n * f->sector_ps), last = time_add(f->floor_ps, reselect);
	return last > end ? time_add(last, f->dry_ps) : end;
}
