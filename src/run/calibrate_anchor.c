/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which rows used the medium, and when their first sector came under the head. */
#include <math.h>

#include "disk/flow.h"
#include "run/calibrate_private.h"

#define BIN_MS 0.1
#define BINS 256

/* Response less bus time, ms. */
double calibrate_net_ms(const struct calibration *c, size_t row)
{
	const struct trace_record *r = &c->trace->rec[row];
	time_ps b = r->op == BLK_READ ? c->spec.bus.read_sector_ps : c->spec.bus.write_sector_ps;
	return MS * (double)(r->response_ps - (time_ps)r->sectors * b);
}

/*
 * Hits pile up at a few times; accesses to the medium spread over a turn. The limit is where the pile
 * that is densest within the first half turn has died down to a fiftieth, and a little.
 */
double calibrate_hit_limit(const struct calibration *c)
{
	unsigned count[BINS] = {0}, top = 0, last;
	double half_turn = 30e6 / (double)c->spec.rpm; /* ms */
	last = (unsigned)fmin(half_turn / BIN_MS, BINS - 2);
	for (size_t i = 0; i < c->trace->half; i++) {
		double x = c->trace->rec[i].op == BLK_READ ? calibrate_net_ms(c, i) / BIN_MS : -1;
		if (x >= 0 && x < BINS)
			count[(unsigned)x]++;
	}
	for (unsigned i = 1; i <= last; i++)
		if (count[i] > count[top])
			top = i;
	unsigned floor = count[top] / 50 + 1, end = top + 1;
	while (end < last && count[end] > floor)
		end++;
	return end * BIN_MS + 0.15;
}

/* What follows the first sector's start under the head in a row's response, ms. */
static double tail_ms(const struct calibration *c, const struct trace_record *r, double sector_ms)
{
	const struct disk_spec *s = &c->spec;
	if (r->op == BLK_WRITE)
		return r->sectors * sector_ms;
	struct bus_flow f;
	time_ps sector = (time_ps)(sector_ms / MS);
	flow_init(&f, &s->bus, r->sectors);
	flow_give(&f, r->sectors, sector, (time_ps)r->sectors * sector);
	return MS * (double)flow_end(&f, 0, s->overhead.read_reselect + s->overhead.data_preparation);
}

struct calibrate_anchor *calibrate_anchors(struct calibration *c, const struct geom *g, size_t *n, struct err *e)
{
	const struct measured *m = c->trace;
	struct calibrate_anchor *list = arena_array(c->arena, m->half + 1, sizeof(*list));
	double limit = calibrate_hit_limit(c), turn_ms = 60e6 / (double)c->spec.rpm, now_ms = 0;
	*n = 0;
	if (!list) {
		err_set(e, ERR_LIMIT, "no memory to calibrate with %s", m->path);
		return NULL;
	}
	for (size_t i = 0; i < m->half; i++) {
		const struct trace_record *r = &m->rec[i];
		struct geom_place at;
		struct geom_track track;
		now_ms += MS * ((i ? (double)r->delay_ps : 0) + (double)r->response_ps);
		if (r->lba + r->sectors > g->sectors || (r->op == BLK_READ ? calibrate_net_ms(c, i) < limit : calibrate_early(&c->spec)))
			continue;
		geom_locate(g, r->lba, &at);
		geom_track_at(g, &at, &track);
		if (at.remap || r->lba + r->sectors > track.first_lbn + track.lbns)
			continue;
		const struct geom_zone *z = at.zone;
		/* track and cylinder switches before it, as position and cylinder of a cylinder-major order */
		uint32_t steps = at.track - at.head_switches;
		list[(*n)++] = (struct calibrate_anchor){.row = (uint32_t)i, .zone = (uint32_t)(z - g->zones),
			.cylinder = steps, .position = (int32_t)at.head_switches - (int32_t)(steps * (g->heads - 1)),
			.sector = (double)at.sector / z->spt,
			.turns = (now_ms - tail_ms(c, r, turn_ms / z->spt)) / turn_ms,
			.write = r->op == BLK_WRITE};
	}
	return list;
}
