/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening a timeline on a system, the levels of its devices, and what is said at its end. */
#include "run/timeline_file.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "blk/shown.h"
#include "blk/space.h"
#include "run/show.h"

struct timeline_file {
	struct outfile *file;       /* owned */
	struct timeline *timeline;  /* owned */
	struct system *system;      /* borrowed */
	uint32_t (*level)[BLK_SAMPLE_MOST]; /* counters of each device by column, 0: none; owned */
	time_ps next_ps;            /* the next look at the levels */
	char note[512];
};

static void show_levels(struct timeline_file *f, size_t i)
{
	const struct blk_dev *dev = f->system->device[i];
	const struct blk_sample_column *c = dev->ops->sample_columns;
	char name[64];
	for (int k = 0; c && c[k].name; k++) {
		if (c[k].kind != BLK_SAMPLE_LEVEL)
			continue;
		snprintf(name, sizeof(name), "%s", c[k].name);
		for (char *p = name; *p; p++)
			*p = *p == '_' ? ' ' : *p;
		f->level[i][k] = timeline_counter(f->timeline, dev->shown->group, name);
	}
}

/* The queue stands with its device; in front of a namespace it names that. */
static void show_queue(struct timeline_file *f, size_t i)
{
	struct system *s = f->system;
	struct blk_queue *q = s->queue[i];
	const struct blk_space *space = blk_space_of(s->dev[i]);
	const struct blk_dev *dev = space ? space->device : s->dev[i];
	char name[300];
	snprintf(name, sizeof(name), "outstanding in the host's queue%s%s", space ? " of " : "", space ? s->dev[i]->name : "");
	q->counter = timeline_counter(f->timeline, dev->shown->group, name);
	q->timeline = f->timeline;
}

static int show_all(struct timeline_file *f)
{
	struct system *s = f->system;
	for (size_t i = 0; i < s->devices; i++) {
		if (blk_dev_show(s->device[i], f->timeline) < 0)
			return -1;
		show_levels(f, i);
	}
	for (size_t i = 0; s->replay && i < s->count; i++)
		show_queue(f, i);
	s->sim->timeline = f->timeline;
	timeline_file_levels(f);
	return 0;
}

struct timeline_file *timeline_file_open(const char *name, bool force, struct system *s, struct err *e)
{
	const struct plan *p = s->plan;
	struct timeline_options o = {p->stats.timeline_from_ps, p->stats.timeline_to_ps, (uint64_t)p->stats.timeline_limit};
	time_ps cut = p->replay.power_cut_ps;
	if (cut > 0 && (o.to_ps == 0 || cut < o.to_ps))
		o.to_ps = cut;
	struct timeline_file *f = calloc(1, sizeof(*f));
	if (f)
		f->level = calloc(s->devices, sizeof(*f->level));
	if (!f || !f->level) {
		err_set(e, ERR_LIMIT, "no memory for the timeline");
		timeline_file_free(f);
		return NULL;
	}
	f->system = s;
	f->file = outfile_open(name, "timeline", force, e);
	if (f->file) {
		f->timeline = timeline_new(outfile_stream(f->file), timeline_format_of(name), &o);
		if (f->timeline && show_all(f) == 0)
			return f;
		err_set(e, ERR_LIMIT, "no memory for the timeline");
	}
	timeline_file_free(f);
	return NULL;
}

void timeline_file_free(struct timeline_file *f)
{
	if (!f)
		return;
	timeline_free(f->timeline);
	outfile_free(f->file);
	free(f->level);
	free(f);
}

struct outfile *timeline_file_out(struct timeline_file *f) { return f->file; }

void timeline_file_levels(struct timeline_file *f)
{
	const struct system *s = f->system;
	double value[BLK_SAMPLE_MOST];
	time_ps now = s->sim->now_ps;
	if (now < f->next_ps)
		return;
	f->next_ps = now + TIMELINE_LEVELS_PS;
	for (size_t i = 0; i < s->devices; i++) {
		const struct blk_dev *dev = s->device[i];
		if (!dev->ops->sample_columns)
			continue;
		dev->ops->sample(dev, value);
		for (int k = 0; dev->ops->sample_columns[k].name; k++)
			if (f->level[i][k])
				timeline_count(f->timeline, f->level[i][k], now, llround(value[k]));
	}
}

static void make_note(struct timeline_file *f, const char *name)
{
	struct timeline_totals t = timeline_totals(f->timeline);
	struct show s = {0};
	size_t n = 0;
	n += (size_t)snprintf(f->note, sizeof(f->note), "timeline of %s slices in %.200s", show_count(&s, t.slices), name);
	if (t.left_out > 0 && n < sizeof(f->note))
		n += (size_t)snprintf(f->note + n, sizeof(f->note) - n, "; its limit was reached at %s, and %s more were left out "
			"(--timeline-limit, or --timeline-window)", show_time(&s, (double)t.full_ps), show_count(&s, t.left_out));
	if (t.no_lane > 0 && n < sizeof(f->note))
		snprintf(f->note + n, sizeof(f->note) - n, "; %s requests that found %d others under way are not in it",
			show_count(&s, t.no_lane), TIMELINE_LANES);
}

int timeline_file_finish(struct timeline_file *f, bool whole, struct err *e)
{
	timeline_finish(f->timeline);
	f->system->sim->timeline = NULL;
	if (outfile_finish(f->file, whole, e) < 0)
		return -1;
	make_note(f, outfile_name(f->file));
	return 0;
}

const char *timeline_file_note(const struct timeline_file *f) { return f->note; }
