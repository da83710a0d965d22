/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The disk on the timeline: a track for each arm (seek, rotation, transfer, reading ahead), for each head that has transferred
 * anything, and for each place of a command in service. The arm's course is known when it sets out; a command is shown when it is
 * done.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "blk/shown.h"
#include "disk/disk_private.h"

#define LOG_ROWS 131072u

struct log_row {
	time_ps begin_ps, end_ps;
	const char *what;
	uint32_t arm, head;
};

/* What the arms do between two times, as a table: what is cut off at its ends, and what does not fit is counted. */
struct disk_log {
	time_ps from_ps, to_ps;
	uint32_t count;
	uint64_t left_out;
	struct log_row row[LOG_ROWS];
};

/* Writes that the cache holds, for the timeline: what of which request has not landed, the oldest first. */
#define HELD_ROWS 4096u

struct disk_held {
	uint32_t count;
	struct {
		uint64_t lo, hi, flow; /* LBNs [lo, hi) */
	} row[HELD_ROWS];
};

struct disk_shown {
	struct timeline *timeline;  /* borrowed; NULL: only the log is wanted */
	struct disk_log *log;       /* of the disk; NULL: only the timeline is wanted */
	struct disk_held *held;     /* of the disk; NULL: as timeline */
	uint32_t number;            /* of the arm */
	uint32_t at_head;           /* that transfers, or transferred last */
	uint32_t group;
	uint32_t arm, slot[DISK_SLOTS];
	uint32_t *head;             /* by number; 0: not yet made */
	time_ps ahead_ps;           /* since then the arm reads ahead, if it does */
};

/* What an arm has for being shown, made once. NULL: no memory. */
static struct disk_shown *unit_shown(struct disk *d, uint32_t i)
{
	struct arena *a = d->dev.sim->arena;
	if (!d->unit[i].shown && (d->unit[i].shown = arena_alloc(a, sizeof(*d->unit[i].shown))))
		d->unit[i].shown->number = i;
	return d->unit[i].shown;
}

int disk_watch(struct blk_dev *dev, time_ps from, time_ps to, struct err *e)
{
	struct disk *d = (struct disk *)(uintptr_t)dev;
	struct disk_log *log = arena_alloc(dev->sim->arena, sizeof(*log));
	if (log) {
		log->from_ps = from;
		log->to_ps = to;
	}
	for (uint32_t i = 0; i < d->units; i++) {
		struct disk_shown *s = unit_shown(d, i);
		if (!s || !log)
			return err_set(e, ERR_LIMIT, "no memory for the log of device %s", dev->name);
		s->log = log;
	}
	return 0;
}

bool disk_is_watched(const struct disk *d) { return d->unit[0].shown && d->unit[0].shown->log; }

static void put_us(FILE *out, time_ps t) { fprintf(out, ",%" PRId64 ".%06" PRId64, t / PS_PER_US, t % PS_PER_US); }

void disk_write_gantt(const struct disk *d, FILE *out)
{
	const struct disk_log *l = d->unit[0].shown->log;
	fputs("arm,head,begin_us,end_us,what\n", out);
	if (l->left_out > 0)
		fprintf(out, "# the log is full: %" PRIu64 " more were left out\n", l->left_out);
	for (uint32_t i = 0; i < l->count; i++) {
		fprintf(out, "%" PRIu32 ",%" PRIu32, l->row[i].arm, l->row[i].head);
		put_us(out, l->row[i].begin_ps);
		put_us(out, l->row[i].end_ps);
		fprintf(out, ",%s\n", l->row[i].what);
	}
}

/* The arm does something, from begin to end. */
static void show_arm(struct disk_shown *s, time_ps begin, time_ps end, const struct timeline_what *w)
{
	struct disk_log *l = s->log;
	if (s->timeline)
		timeline_slice(s->timeline, s->arm, begin, end, w);
	if (!l || time_max(begin, l->from_ps) >= time_min(end, l->to_ps))
		return;
	if (l->count == LOG_ROWS) {
		l->left_out++;
		return;
	}
	l->row[l->count++] = (struct log_row){time_max(begin, l->from_ps), time_min(end, l->to_ps), w->name, s->number, s->at_head};
}

static struct disk_shown *show_unit(struct disk *d, uint32_t i, struct timeline *t, uint32_t group)
{
	char name[64];
	struct disk_shown *s = unit_shown(d, i);
	uint32_t heads = (uint32_t)d->spec->geometry.heads;
	if (!s || !(s->head = arena_array(d->dev.sim->arena, heads, sizeof(*s->head))))
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
	struct disk_held *held = arena_alloc(dev->sim->arena, sizeof(*held));
	for (uint32_t i = 0; i < d->units; i++)
		if (!held || !show_unit(d, i, t, group))
			return -1;
		else
			d->unit[i].shown->held = held;
	return 0;
}

/* ---- what the cache holds --------------------------------------------------------------------------- */

static void held_add(struct disk_held *h, uint64_t lo, uint64_t hi, uint64_t flow)
{
	if (lo >= hi)
		return;
	if (h->count == HELD_ROWS) /* the oldest is forgotten: no arrow for it */
		memmove(h->row, h->row + 1, --h->count * sizeof(h->row[0]));
	h->row[h->count].lo = lo;
	h->row[h->count].hi = hi;
	h->row[h->count++].flow = flow;
}

/* [lo, hi) lands, or is written over; whose it was, at most TIMELINE_FLOWS of them, and how many. */
static uint32_t held_take(struct disk_held *h, uint64_t lo, uint64_t hi, uint64_t *flow)
{
	uint32_t flows = 0, kept = 0;
	uint64_t behind[2] = {0}, of = 0; /* only one row can reach over both ends: no two hold the same */
	for (uint32_t i = 0; i < h->count; i++) {
		uint64_t a = h->row[i].lo, b = h->row[i].hi;
		if (a < hi && b > lo) {
			if (flows < TIMELINE_FLOWS)
				flow[flows++] = h->row[i].flow;
			if (a < lo && b > hi) {
				behind[0] = hi;
				behind[1] = b;
				of = h->row[i].flow;
			}
			if (a >= lo && b <= hi)
				continue;
			h->row[i].lo = a < lo ? a : hi;
			h->row[i].hi = a < lo ? lo : b;
		}
		h->row[kept++] = h->row[i];
	}
	h->count = kept;
	held_add(h, behind[0], behind[1], of);
	return flows;
}

static void held_write(struct disk_held *h, const struct blk_req *r, uint64_t flow)
{
	uint64_t gone[TIMELINE_FLOWS];
	(void)held_take(h, r->lba, r->lba + r->sectors, gone);
	if (r->hit == BLK_HIT)
		held_add(h, r->lba, r->lba + r->sectors, flow);
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
	uint64_t flow[TIMELINE_FLOWS] = {r && s->timeline ? blk_flow(&u->disk->dev, r) : 0};
	uint32_t flows = 1;
	if (s->timeline && write && job && !r)
		flows = held_take(s->held, run->lbn, run->lbn + run->sectors, flow);
	struct timeline_what w = {.name = "seek", .cause = work, .flow = flow, .flows = flows,
		.arg = {{.key = "cylinders", .value = run->distance},
		{.key = "cylinder", .value = run->track.cylinder}, {.key = "head", .value = run->track.head}}};
	s->at_head = run->track.head;
	if (run->position_ps > 0)
		show_arm(s, run->settled_ps - run->position_ps, run->settled_ps, &w);
	w.name = "rotation";
	if (begin > run->settled_ps)
		show_arm(s, run->settled_ps, begin, &w);
	w.name = write ? "write" : "read";
	w.arg[0].key = "lbn";
	w.arg[0].value = run->lbn;
	w.arg[3].key = "sectors";
	w.arg[3].value = run->sectors;
	show_arm(s, begin, end, &w);
	if (s->timeline)
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
		show_arm(s, s->ahead_ps, over, &(struct timeline_what){.name = "read ahead"});
	s->ahead_ps = time_max(s->ahead_ps, over);
}

/* ---- commands -------------------------------------------------------------------------------------- */

void disk_shown_command(const struct disk_slot *slot, const struct blk_req *r)
{
	const struct disk_unit *u = slot->unit;
	if (!u->shown->timeline)
		return;
	uint64_t flow = blk_flow(&u->disk->dev, r);
	bool hit = r->hit == BLK_HIT;
	const char *name = r->op == BLK_READ ? hit ? "cache hit" : "read" : r->op == BLK_WRITE ? hit ? "write to cache" : "write" :
		blk_op_name(r->op);
	if (r->op == BLK_WRITE)
		held_write(u->shown->held, r, flow);
	timeline_slice(u->shown->timeline, u->shown->slot[slot - u->slot], r->start_ps, u->disk->dev.sim->now_ps, &(struct timeline_what){
		.name = name, .cause = blk_cause_name(r->cause), .flow = &flow, .flows = 1,
		.arg = {{.key = "lba", .value = r->lba}, {.key = "sectors", .value = r->sectors}}});
}
