/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of a timeline is written: window, limit, tracks, lanes, flows. How, say the formats. */
#include "sim/timeline_private.h"

#include <stdlib.h>
#include <string.h>

#define FLOW_SHIFT 48 /* a flow: number of its lanes from 1, then that of the request */

static const struct timeline_format *const formats[] = {
#define X(symbol, ending, doc) &timeline_##symbol,
#include "sim/timeline_list.h"
#undef X
	NULL,
};

const struct timeline_format *timeline_format_of(const char *name)
{
	size_t len = strlen(name);
	for (size_t i = 0; formats[i]; i++) {
		size_t end = strlen(formats[i]->ending);
		if (len >= end && !strcmp(name + len - end, formats[i]->ending))
			return formats[i];
	}
	return formats[0];
}

const char *timeline_format_name(const struct timeline_format *f) { return f->name; }

struct timeline *timeline_new(FILE *out, const struct timeline_format *f, const struct timeline_options *o)
{
	struct timeline *t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	t->out = out;
	t->format = f;
	t->from_ps = o->from_ps;
	t->to_ps = o->to_ps > 0 ? o->to_ps : TIME_PS_MAX;
	t->limit = o->limit_bytes > 0 ? o->limit_bytes : UINT64_MAX;
	f->begin(t);
	return t;
}

void timeline_put(struct timeline *t, const void *bytes, size_t count)
{
	fwrite(bytes, 1, count, t->out);
	t->totals.bytes += count;
}

void timeline_finish(struct timeline *t) { t->format->end(t); }

struct timeline_totals timeline_totals(const struct timeline *t) { return t->totals; }

/* ---- tracks -------------------------------------------------------------------------------------- */

static bool grow(struct timeline *t)
{
	uint32_t room = t->room ? 2 * t->room : 64;
	struct timeline_track_row *track = realloc(t->track, room * sizeof(*track));
	if (track)
		t->track = track;
	char **name = realloc(t->name, room * sizeof(*name));
	if (name)
		t->name = name;
	if (!track || !name)
		return false;
	t->room = room;
	return true;
}

static uint32_t add(struct timeline *t, uint32_t parent, const char *name, bool counter)
{
	if (t->tracks + 1 >= t->room && !grow(t))
		return 0;
	char *copy = counter ? strdup(name) : NULL;
	if (counter && !copy)
		return 0;
	if (t->tracks == 0)
		t->track[0] = (struct timeline_track_row){0};
	uint32_t id = ++t->tracks;
	t->track[id] = (struct timeline_track_row){.parent = parent, .group = parent ? t->track[parent].group : id, .counter = counter};
	t->name[id] = copy;
	t->format->track(t, id, t->track[parent].children++, name);
	return id;
}

uint32_t timeline_track(struct timeline *t, uint32_t parent, const char *name) { return add(t, parent, name, false); }
uint32_t timeline_counter(struct timeline *t, uint32_t parent, const char *name) { return add(t, parent, name, true); }

/* ---- lanes --------------------------------------------------------------------------------------- */

struct lane {
	uint32_t track;
	bool taken;
	uint64_t number;  /* of the request in it, or of the last one */
	time_ps begin_ps; /* when that entered */
	time_ps free_ps;  /* when it left */
	bool asked;       /* it entered before the limit was reached */
};

/* A request that has left, and whose slice is in the file. */
struct past {
	uint64_t number;
	time_ps begin_ps;
	uint32_t track;   /* 0: nothing here */
};

struct timeline_lanes {
	struct timeline *t; /* borrowed */
	uint32_t index;
	uint32_t parent, count;
	char *name;         /* owned */
	struct past *past;  /* by number, TIMELINE_PAST; owned */
	struct lane lane[TIMELINE_LANES];
};

struct timeline_lanes *timeline_lanes(struct timeline *t, uint32_t parent, const char *name)
{
	struct timeline_lanes **all = realloc(t->lanes, (t->lane_groups + 1) * sizeof(struct timeline_lanes *));
	if (!all)
		return NULL;
	t->lanes = all;
	struct timeline_lanes *l = calloc(1, sizeof(*l));
	char *copy = strdup(name);
	struct past *past = calloc(TIMELINE_PAST, sizeof(*past));
	if (!l || !copy || !past) {
		free(l);
		free(copy);
		free(past);
		return NULL;
	}
	l->past = past;
	l->t = t;
	l->index = t->lane_groups;
	l->parent = parent;
	l->name = copy;
	t->lanes[t->lane_groups++] = l;
	return l;
}

static bool is_full(const struct timeline *t) { return t->totals.bytes >= t->limit; }

void timeline_enter(struct timeline_lanes *l, uint64_t number, time_ps from)
{
	uint32_t i = 0;
	while (i < l->count && (l->lane[i].taken || l->lane[i].free_ps > from))
		i++;
	if (i == TIMELINE_LANES) {
		l->t->totals.no_lane++;
		return;
	}
	struct lane *a = &l->lane[i];
	if (i == l->count) {
		a->track = timeline_track(l->t, l->parent, l->name);
		l->count++;
	}
	a->taken = true;
	a->number = number;
	a->begin_ps = from;
	a->asked = !is_full(l->t);
}

static struct lane *lane_of(struct timeline_lanes *l, uint64_t number)
{
	for (uint32_t i = 0; i < l->count; i++)
		if (l->lane[i].number == number)
			return &l->lane[i];
	return NULL;
}

uint64_t timeline_flow(const struct timeline_lanes *l, uint64_t number)
{
	return (uint64_t)(l->index + 1) << FLOW_SHIFT | (number & ((UINT64_C(1) << FLOW_SHIFT) - 1));
}

/* ---- slices -------------------------------------------------------------------------------------- */

static void leave_out(struct timeline *t, time_ps at)
{
	if (t->totals.left_out++ == 0)
		t->totals.full_ps = at;
}

/* Where the request's own slice is, or will be. false: nowhere. */
static bool find_link(struct timeline *t, uint64_t flow, struct timeline_link *out)
{
	uint64_t group = flow >> FLOW_SHIFT, number = flow & ((UINT64_C(1) << FLOW_SHIFT) - 1);
	if (group == 0 || group > t->lane_groups)
		return false;
	struct timeline_lanes *l = t->lanes[group - 1];
	const struct lane *a = lane_of(l, number);
	const struct past *p = &l->past[number % TIMELINE_PAST];
	if (a && a->taken) {
		*out = (struct timeline_link){flow, a->track, time_max(a->begin_ps, t->from_ps)};
		return a->asked && a->begin_ps < t->to_ps;
	}
	*out = (struct timeline_link){flow, p->track, time_max(p->begin_ps, t->from_ps)};
	return p->track && p->number == number;
}

static bool has_link(const struct timeline_slice *s, uint64_t flow)
{
	for (uint32_t i = 0; i < s->links; i++)
		if (s->link[i].flow == flow)
			return true;
	return false;
}

static void find_links(struct timeline *t, struct timeline_slice *s)
{
	const struct timeline_what *w = s->what;
	for (uint32_t i = 0; i < w->flows && s->links < TIMELINE_FLOWS; i++)
		if (!has_link(s, w->flow[i]))
			s->links += find_link(t, w->flow[i], &s->link[s->links]);
}

/* own: as struct timeline_slice; sure: although the limit is reached. Whether it is in the file. */
static bool slice(struct timeline *t, uint32_t track, time_ps from, time_ps to, const struct timeline_what *w, uint64_t own,
	bool sure)
{
	struct timeline_slice s = {.track = track, .from = time_max(from, t->from_ps), .to = time_min(to, t->to_ps), .what = w,
		.own = own};
	if (track == 0 || s.from > s.to || to < t->from_ps || from >= t->to_ps || (s.from == s.to && from < to))
		return false;
	if (!sure && is_full(t)) {
		leave_out(t, s.from);
		return false;
	}
	find_links(t, &s);
	t->totals.slices++;
	t->format->slice(t, &s);
	return true;
}

void timeline_slice(struct timeline *t, uint32_t track, time_ps from, time_ps to, const struct timeline_what *w)
{
	(void)slice(t, track, from, to, w, 0, false);
}

uint32_t timeline_leave(struct timeline_lanes *l, uint64_t number, time_ps to, const struct timeline_what *w)
{
	struct lane *a = lane_of(l, number);
	if (!a || !a->taken)
		return 0;
	a->taken = false;
	a->free_ps = to;
	if (a->asked && slice(l->t, a->track, a->begin_ps, to, w, timeline_flow(l, number), true))
		l->past[number % TIMELINE_PAST] = (struct past){number, a->begin_ps, a->track};
	if (a->asked)
		return a->track;
	if (to >= l->t->from_ps && a->begin_ps < l->t->to_ps)
		leave_out(l->t, a->begin_ps);
	return 0;
}

void timeline_count(struct timeline *t, uint32_t counter, time_ps at, int64_t value)
{
	struct timeline_track_row *r = &t->track[counter];
	if (counter == 0 || at < t->from_ps || at >= t->to_ps || (r->known && r->value == value))
		return;
	if (is_full(t)) {
		leave_out(t, at);
		return;
	}
	r->known = true;
	r->value = value;
	t->totals.counts++;
	t->format->count(t, counter, at, value);
}

void timeline_free(struct timeline *t)
{
	if (!t)
		return;
	for (uint32_t i = 0; i < t->lane_groups; i++) {
		free(t->lanes[i]->name);
		free(t->lanes[i]->past);
		free(t->lanes[i]);
	}
	for (uint32_t i = 1; i <= t->tracks; i++)
		free(t->name[i]);
	free(t->lanes);
	free(t->track);
	free(t->name);
	free(t);
}
