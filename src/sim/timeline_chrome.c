/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Chrome's trace event format, JSON object form: complete events (X), counters (C), flows (s, f) and names (M). Times are
 * microseconds with six decimals, which is ps, exactly. Groups are its processes, tracks its threads. A flow is an arrow from the
 * request to one operation, with a number of its own, or from what has asked for the request to it.
 *
 * Source: "Trace Event Format" (Google, docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU).
 */
#include "sim/timeline_private.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

static __attribute__((format(printf, 2, 3))) void say(struct timeline *t, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = vfprintf(t->out, format, args);
	va_end(args);
	if (n > 0)
		t->totals.bytes += (uint64_t)n;
}

/* A string with its quotes. */
static void quoted(struct timeline *t, const char *s)
{
	timeline_put(t, "\"", 1);
	for (const char *from = s;; s++) {
		if (*s && *s != '"' && *s != '\\' && (unsigned char)*s >= ' ')
			continue;
		timeline_put(t, from, (size_t)(s - from));
		from = s + 1;
		if (!*s)
			break;
		say(t, *s == '"' || *s == '\\' ? "\\%c" : "\\u%04x", *s);
	}
	timeline_put(t, "\"", 1);
}

/* The next event's opening, up to its first further member. */
static void open_event(struct timeline *t, char phase, uint32_t track)
{
	say(t, ",\n{\"ph\":\"%c\",\"pid\":%" PRIu32 ",\"tid\":%" PRIu32, phase, t->track[track].group, track);
}

static void put_time(struct timeline *t, const char *member, time_ps at)
{
	say(t, ",\"%s\":%" PRId64 ".%06" PRId64, member, at / PS_PER_US, at % PS_PER_US);
}

static void put_name(struct timeline *t, const char *name)
{
	say(t, ",\"name\":");
	quoted(t, name);
}

static void begin(struct timeline *t)
{
	say(t, "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n"
		"{\"ph\":\"M\",\"pid\":0,\"tid\":0,\"name\":\"process_name\",\"args\":{\"name\":\"quern\"}}");
}

static void end(struct timeline *t) { say(t, "\n]}\n"); }

static void metadata(struct timeline *t, uint32_t id, const char *what, const char *name)
{
	open_event(t, 'M', id);
	say(t, ",\"name\":\"%s\",\"args\":{\"name\":", what);
	quoted(t, name);
	say(t, "}}");
}

static void track(struct timeline *t, uint32_t id, uint32_t rank, const char *name)
{
	bool group = t->track[id].parent == 0;
	if (t->track[id].counter)
		return; /* a counter names itself in its events */
	if (group)
		metadata(t, id, "process_name", name);
	metadata(t, id, "thread_name", name);
	open_event(t, 'M', id);
	say(t, ",\"name\":\"%s_sort_index\",\"args\":{\"sort_index\":%" PRIu32 "}}", group ? "process" : "thread", rank);
}

static void arrow(struct timeline *t, char phase, uint64_t id, uint32_t track, time_ps at)
{
	open_event(t, phase, track);
	put_time(t, "ts", at);
	say(t, ",\"id\":%" PRIu64 ",\"cat\":\"request\",\"name\":\"request\"%s}", id, phase == 'f' ? ",\"bp\":\"e\"" : "");
}

static void slice(struct timeline *t, const struct timeline_slice *s)
{
	const struct timeline_what *w = s->what;
	open_event(t, 'X', s->track);
	put_time(t, "ts", s->from);
	put_time(t, "dur", s->to - s->from);
	put_name(t, w->name);
	if (w->cause) {
		say(t, ",\"cat\":");
		quoted(t, w->cause);
	}
	for (int i = 0; i < TIMELINE_ARGS && w->arg[i].key; i++) {
		say(t, "%s\"%s\":", i ? "," : ",\"args\":{", w->arg[i].key);
		if (w->arg[i].text)
			quoted(t, w->arg[i].text);
		else
			say(t, "%" PRIu64, w->arg[i].value);
	}
	say(t, w->arg[0].key ? "}}" : "}");
	for (uint32_t i = 0; i < s->links; i++) {
		const struct timeline_link *l = &s->link[i];
		t->links++;
		arrow(t, 's', t->links, w->asks ? s->track : l->track, w->asks ? s->from : l->begin_ps);
		arrow(t, 'f', t->links, w->asks ? l->track : s->track, w->asks ? l->begin_ps : s->from);
	}
}

static void count(struct timeline *t, uint32_t id, time_ps at, int64_t value)
{
	say(t, ",\n{\"ph\":\"C\",\"pid\":%" PRIu32, t->track[id].group);
	put_time(t, "ts", at);
	put_name(t, t->name[id]);
	say(t, ",\"args\":{\"value\":%" PRId64 "}}", value);
}

const struct timeline_format timeline_chrome = {
	.name = "chrome",
	.ending = ".json",
	.begin = begin,
	.track = track,
	.slice = slice,
	.count = count,
	.end = end,
};
