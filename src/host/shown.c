/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Machines and checkpoints on the timeline. */
#include "host/shown.h"

#include <inttypes.h>
#include <stdio.h>

struct host_shown {
	struct timeline *timeline; /* borrowed */
	uint32_t group;
	uint32_t free, ready, dirty; /* counters */
	uint32_t *cpu;
};

/* The group of all that is on these devices. */
static uint32_t group_of(struct host_io *io)
{
	char name[300];
	if (io->group == 0) {
		snprintf(name, sizeof(name), "host of %s", io->devices > 0 ? io->dev[0]->name : "nothing");
		io->group = timeline_track(io->sim->timeline, 0, name);
	}
	return io->group;
}

int host_shown_open(struct host *h)
{
	char name[32];
	struct arena *a = h->sim->arena;
	struct host_shown *s = arena_alloc(a, sizeof(*s));
	uint32_t cpus = (uint32_t)h->spec->cpus;
	if (!s || !(s->cpu = arena_array(a, cpus, sizeof(*s->cpu))))
		return -1;
	s->timeline = h->sim->timeline;
	s->group = group_of(h->io);
	s->free = timeline_counter(s->timeline, s->group, "free frames");
	s->ready = timeline_counter(s->timeline, s->group, "threads ready");
	s->dirty = timeline_counter(s->timeline, s->group, "dirty pages of files");
	for (uint32_t i = 0; i < cpus; i++) {
		snprintf(name, sizeof(name), "processor %" PRIu32, i);
		s->cpu[i] = timeline_track(s->timeline, s->group, name);
	}
	h->shown = s;
	return 0;
}

static uint32_t track_of(const struct host_shown *s, struct host_thread *th)
{
	char name[300];
	if (th->track == 0) {
		snprintf(name, sizeof(name), "thread %" PRIu32 " of %s", th->id, th->space->name);
		th->track = timeline_track(s->timeline, s->group, name);
	}
	return th->track;
}

static const char in_fault[] = "fault", in_minor_fault[] = "minor fault", in_program[] = "running";

/* What it did until `at`; from then on it does `what`. */
static void goes_on(const struct host_shown *s, struct host_thread *th, const char *what, time_ps at)
{
	if (th->does && at > th->does_ps) {
		timeline_slice(s->timeline, track_of(s, th), th->does_ps, at, &(struct timeline_what){.name = th->does, .asks = true,
			.flow = &th->asked, .flows = th->asked != 0});
		th->asked = 0;
	}
	th->does = what;
	th->does_ps = at;
}

void host_shown_runs(struct host_thread *th, uint32_t on, time_ps at, bool fault)
{
	const char *what = fault ? in_fault : in_program;
	at = time_max(at, th->does_ps);
	if (th->does == in_fault && !fault && !th->slept)
		th->does = in_minor_fault;
	if (what != th->does)
		goes_on(th->host->shown, th, what, at);
	th->slept = th->slept && fault;
	if (!th->ran) {
		th->ran = true;
		th->ran_on = on;
		th->ran_ps = at;
	}
}

void host_shown_does(struct host_thread *th, const char *what, time_ps at)
{
	char name[300];
	const struct host *h = th->host;
	const struct host_shown *s = h->shown;
	at = time_max(at, th->does_ps);
	if (what == th->does)
		return;
	goes_on(s, th, what, at);
	if (th->ran && at > th->ran_ps) {
		snprintf(name, sizeof(name), "thread %" PRIu32 " of %s", th->id, th->space->name);
		timeline_slice(s->timeline, s->cpu[th->ran_on], th->ran_ps, at, &(struct timeline_what){.name = name});
	}
	th->ran = false;
	th->slept = th->counted;
	timeline_count(s->timeline, s->free, h->sim->now_ps, h->free);
	timeline_count(s->timeline, s->ready, h->sim->now_ps, h->ready);
	timeline_count(s->timeline, s->dirty, h->sim->now_ps, (int64_t)h->dirty_pages);
}

const char *host_shown_sleep(const struct host_thread *th)
{
	switch ((enum host_stage)th->stage) {
	case HOST_STAGE_FRAME:
		return "fault: waits for a frame";
	case HOST_STAGE_FILL:
		return th->file ? "call: reads a page of a file" : "fault: reads its page";
	case HOST_STAGE_FOLLOW:
		return th->file ? "call: another reads the page" : "fault: another reads the page";
	case HOST_STAGE_LEAVING:
		return th->file ? "call: its page is on its way out" : "fault: its page is on its way out";
	case HOST_STAGE_THROTTLE:
		return "throttled: dirty pages are written";
	default:
		return event_pending(&th->timer) ? "thinks" : "asleep";
	}
}

/* ---- checkpoints ------------------------------------------------------------------------------------------------------ */

static uint32_t checkpoint_track(struct ckpt *c)
{
	struct host_io *io = c->io;
	if (c->track == 0) {
		c->program_track = timeline_track(io->sim->timeline, group_of(io), "program");
		c->track = timeline_track(io->sim->timeline, group_of(io), "checkpoint");
	}
	return c->track;
}

void ckpt_shown_taken(struct ckpt *c, bool good)
{
	struct timeline *t = c->io->sim->timeline;
	uint32_t track = checkpoint_track(c);
	const struct ckpt_times *n = &c->now;
	struct timeline_what w = {.name = "stopped", .cause = n->whole ? "whole" : "delta", .arg = {{.key = "number", .value = c->number},
		{.key = "pages", .value = n->pages}, {.key = "valid", .text = good ? "yes" : "no"}}};
	timeline_slice(t, c->program_track, n->asked_ps, n->resumed_ps, &w);
	w.name = "copy pages";
	timeline_slice(t, track, n->asked_ps, n->written_ps, &w);
	w.name = "flush and superblock";
	timeline_slice(t, track, n->written_ps, n->valid_ps, &w);
}

void ckpt_shown_work(struct ckpt *c, const char *what)
{
	timeline_slice(c->io->sim->timeline, checkpoint_track(c), c->start_ps, c->io->sim->now_ps, &(struct timeline_what){.name = what});
}
