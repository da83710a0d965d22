/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * TrackEvent protobuf, as Perfetto reads it: perfetto.protos.Trace, one TracePacket after the other. Times are ns there: both ends
 * of a slice are rounded down, so that what nests or follows goes on doing so, and the duration in ps stands beside it.
 *
 * Numbers of fields and the wire format: protos/perfetto/trace/trace_packet.proto, track_event/{track_event,track_descriptor,
 * counter_descriptor,debug_annotation}.proto of https://github.com/google/perfetto, and
 * https://protobuf.dev/programming-guides/encoding/.
 */
#include "sim/timeline_private.h"

#include <string.h>

enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2 };
enum { TRACE_PACKET = 1 };
enum { PACKET_TIMESTAMP = 8, PACKET_SEQUENCE = 10, PACKET_EVENT = 11, PACKET_TRACK = 60 };
enum { TRACK_UUID = 1, TRACK_NAME = 2, TRACK_PARENT = 5, TRACK_COUNTER = 8, TRACK_CHILD_ORDERING = 11, TRACK_RANK = 12 };
enum { EVENT_ANNOTATION = 4, EVENT_TYPE = 9, EVENT_TRACK = 11, EVENT_CATEGORY = 22, EVENT_NAME = 23, EVENT_VALUE = 30,
	EVENT_FLOW = 47 };
enum { TYPE_SLICE_BEGIN = 1, TYPE_SLICE_END = 2, TYPE_COUNTER = 4 };
enum { ANNOTATION_UINT = 3, ANNOTATION_TEXT = 6, ANNOTATION_NAME = 10 };
enum { ORDERING_EXPLICIT = 3 };
enum { THE_SEQUENCE = 1 };

#define NAME_MOST 255 /* bytes of a name that are kept */

/* A message under way; TIMELINE_ARGS, TIMELINE_FLOWS and NAME_MOST see to it that it fits. */
struct message {
	size_t count;
	uint8_t bytes[6144];
};

static void varint(struct message *m, uint64_t v)
{
	while (v >= 0x80) {
		m->bytes[m->count++] = (uint8_t)(v | 0x80);
		v >>= 7;
	}
	m->bytes[m->count++] = (uint8_t)v;
}

static void key(struct message *m, uint32_t field, uint32_t wire) { varint(m, field << 3 | wire); }

static void number(struct message *m, uint32_t field, uint64_t v)
{
	key(m, field, WIRE_VARINT);
	varint(m, v);
}

static void bytes(struct message *m, uint32_t field, const void *from, size_t count)
{
	key(m, field, WIRE_BYTES);
	varint(m, count);
	memcpy(m->bytes + m->count, from, count);
	m->count += count;
}

/* Cut to NAME_MOST bytes, between characters. */
static void text(struct message *m, uint32_t field, const char *s)
{
	size_t n = strnlen(s, NAME_MOST + 1);
	if (n > NAME_MOST)
		for (n = NAME_MOST; n > 0 && ((uint8_t)s[n] & 0xC0) == 0x80;)
			n--;
	bytes(m, field, s, n);
}

static void fixed64(struct message *m, uint32_t field, uint64_t v)
{
	key(m, field, WIRE_FIXED64);
	for (int i = 0; i < 8; i++)
		m->bytes[m->count++] = (uint8_t)(v >> 8 * i);
}

/* A packet with this inside; at < 0: without a time. */
static void packet(struct timeline *t, time_ps at, uint32_t field, const struct message *inside)
{
	struct message p, head;
	p.count = head.count = 0;
	if (at >= 0)
		number(&p, PACKET_TIMESTAMP, (uint64_t)(at / PS_PER_NS));
	number(&p, PACKET_SEQUENCE, THE_SEQUENCE);
	key(&p, field, WIRE_BYTES);
	varint(&p, inside->count);
	key(&head, TRACE_PACKET, WIRE_BYTES);
	varint(&head, p.count + inside->count);
	timeline_put(t, head.bytes, head.count);
	timeline_put(t, p.bytes, p.count);
	timeline_put(t, inside->bytes, inside->count);
}

static void nothing(struct timeline *t) { (void)t; }

static void track(struct timeline *t, uint32_t id, uint32_t rank, const char *name)
{
	struct message m;
	const struct timeline_track_row *r = &t->track[id];
	m.count = 0;
	number(&m, TRACK_UUID, id);
	text(&m, TRACK_NAME, name);
	if (r->parent)
		number(&m, TRACK_PARENT, r->parent);
	if (r->counter)
		bytes(&m, TRACK_COUNTER, "", 0);
	else
		number(&m, TRACK_CHILD_ORDERING, ORDERING_EXPLICIT);
	number(&m, TRACK_RANK, rank);
	packet(t, -1, PACKET_TRACK, &m);
}

static void annotate(struct message *m, const char *name, const char *words, uint64_t value)
{
	struct message a;
	a.count = 0;
	text(&a, ANNOTATION_NAME, name);
	if (words)
		text(&a, ANNOTATION_TEXT, words);
	else
		number(&a, ANNOTATION_UINT, value);
	bytes(m, EVENT_ANNOTATION, a.bytes, a.count);
}

static void slice(struct timeline *t, const struct timeline_slice *s)
{
	const struct timeline_what *w = s->what;
	struct message m;
	m.count = 0;
	number(&m, EVENT_TYPE, TYPE_SLICE_BEGIN);
	number(&m, EVENT_TRACK, s->track);
	text(&m, EVENT_NAME, w->name);
	if (w->cause)
		text(&m, EVENT_CATEGORY, w->cause);
	if (s->own)
		fixed64(&m, EVENT_FLOW, s->own);
	for (uint32_t i = 0; i < s->links; i++)
		fixed64(&m, EVENT_FLOW, s->link[i].flow);
	annotate(&m, "duration_ps", NULL, (uint64_t)(s->to - s->from));
	for (int i = 0; i < TIMELINE_ARGS && w->arg[i].key; i++)
		annotate(&m, w->arg[i].key, w->arg[i].text, w->arg[i].value);
	packet(t, s->from, PACKET_EVENT, &m);
	m.count = 0;
	number(&m, EVENT_TYPE, TYPE_SLICE_END);
	number(&m, EVENT_TRACK, s->track);
	packet(t, s->to, PACKET_EVENT, &m);
}

static void count(struct timeline *t, uint32_t id, time_ps at, int64_t value)
{
	struct message m;
	m.count = 0;
	number(&m, EVENT_TYPE, TYPE_COUNTER);
	number(&m, EVENT_TRACK, id);
	number(&m, EVENT_VALUE, (uint64_t)value);
	packet(t, at, PACKET_EVENT, &m);
}

const struct timeline_format timeline_perfetto = {
	.name = "perfetto",
	.ending = ".perfetto",
	.begin = nothing,
	.track = track,
	.slice = slice,
	.count = count,
	.end = nothing,
};
