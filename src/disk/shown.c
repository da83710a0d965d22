/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The disk on the timeline: a track for each arm (seek, rotation, transfer, reading ahead), for each head that has transferred
 * anything, and for each place of a command in service. The arm's course is known when it sets out; a command is shown when it is done.
 */
#include <inttypes.h>
#include <stdio.h>

#include "blk/shown.h"
#include "disk/disk_private.h"

struct disk_shown {
	struct timeline *timeline;  /* borrowed */
	uint32_t group;
	uint32_t arm, slot[DISK_SLOTS];
	uint32_t *head;             /* by number; 0: not yet made */
	time_ps ahead_ps;           /* since then the arm reads ahead, if it does */
};

static struct disk_shown *show_unit(struct disk *d, uint32_t i, struct timeline *t, uint32_t group)
{
	char name[64];
	struct arena *a = d->dev.sim->arena;
	struct disk_shown *s = arena_alloc(a, sizeof(*s));
	uint32_t heads = (uint32_t)d->spec->geometry.heads;
	if (!s || !(s->head = arena_array(a, heads, sizeof(*s->head))))
		return NULL;
	s->timeline = t;
	s->group = group;
	snprintf(name, sizeof(name), "arm %" PRIu32, i);
	s->arm = timeline_track(t, group, name);
	for (uint32_t k = 0; k < d->slots; k++) {
		snprintf(name, sizeof(name), "command of arm %" PRIu32, i);
		s->slot[k] = timeline_track(t, group, name);
	}
	return s;
}

int disk_show(struct blk_dev *dev, struct timeline *t, uint32_t group)
{
	struct disk *d = (struct disk *)(uintptr_t)dev;
	for (uint32_t i = 0; i < d->units; i++)
		if (!(d->unit[i].shown = show_unit(d, i, t, group)))
			return -1;
	return 0;
}

/* ---- the arm -------------------------------------------------------------------------------------- */

static uint32_t head_track(struct disk_shown *s, uint32_t head)
{
	char name[32];
	if (s->head[head] == 0) {
		snprintf(name, sizeof(name), "head %" PRIu32, head);
		s->head[head] = timeline_track(s->timeline, s->group, name);
	}
	return s->head[head];
}

/* What the arm is at, and for whom. */
static const char *work_of(const struct disk_unit *u, bool write, const struct blk_req **r)
{
	const struct disk_write_job *w = &u->write;
	*r = NULL;
	if (write && w->clean)
		return "clean";
	if (write && w->destage)
		return "destage";
	*r = write ? w->slot->req : u->served->req;
	return write ? "write" : "read";
}

void disk_shown_run(struct disk_unit *u, const struct mech_run *run, bool write, bool job, time_ps begin, time_ps end)
{
	struct disk_shown *s = u->shown;
	const struct blk_req *r;
	const char *work = work_of(u, job, &r);
	uint64_t flow = r ? blk_flow(&u->disk->dev, r) : 0;
	struct timeline_what w = {.name = "seek", .cause = work, .flow = &flow, .flows = 1, .arg = {{.key = "cylinders", .value = run->distance},
		{.key = "cylinder", .value = run->track.cylinder}, {.key = "head", .value = run->track.head}}};
	if (run->position_ps > 0)
		timeline_slice(s->timeline, s->arm, run->settled_ps - run->position_ps, run->settled_ps, &w);
	w.name = "rotation";
	if (begin > run->settled_ps)
		timeline_slice(s->timeline, s->arm, run->settled_ps, begin, &w);
	w.name = write ? "write" : "read";
	w.arg[0].key = "lbn";
	w.arg[0].value = run->lbn;
	w.arg[3].key = "sectors";
	w.arg[3].value = run->sectors;
	timeline_slice(s->timeline, s->arm, begin, end, &w);
	timeline_slice(s->timeline, head_track(s, run->track.head), begin, end, &w);
}

void disk_shown_ahead(struct disk_unit *u, time_ps from) { u->shown->ahead_ps = from; }

time_ps disk_shown_goal(const struct disk_unit *u) { return ahead_goal_ps(&u->ahead, &u->mech, u->geom); }

void disk_shown_ahead_over(struct disk_unit *u, time_ps goal, time_ps end)
{
	struct disk_shown *s = u->shown;
	if (u->ahead.whole_track) /* it may have gone on to further tracks */
		goal = disk_shown_goal(u);
	time_ps over = goal >= 0 ? time_min(goal, end) : end;
	if (over > s->ahead_ps)
		timeline_slice(s->timeline, s->arm, s->ahead_ps, over, &(struct timeline_what){.name = "read ahead"});
	s->ahead_ps = time_max(s->ahead_ps, over);
}

/* ---- commands -------------------------------------------------------------------------------------- */

void disk_shown_command(const struct disk_slot *slot, const struct blk_req *r)
{
	const struct disk_unit *u = slot->unit;
	uint64_t flow = blk_flow(&u->disk->dev, r);
	bool hit = r->hit == BLK_HIT;
	const char *name = r->op == BLK_READ ? hit ? "cache hit" : "read" : r->op == BLK_WRITE ? hit ? "write to cache" : "write" :
		blk_op_name(r->op);
	timeline_slice(u->shown->timeline, u->shown->slot[slot - u->slot], r->start_ps, u->disk->dev.sim->now_ps, &(struct timeline_what){
		.name = name, .cause = blk_cause_name(r->cause), .flow = &flow, .flows = 1,
		.arg = {{.key = "lba", .value = r->lba}, {.key = "sectors", .value = r->sectors}}});
}
