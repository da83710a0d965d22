/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pages used last, in order, and what must be listed of them. */
#include "record/reduce.h"

#include <stdlib.h>
#include <string.h>

int reduce_init(struct reduce *r, struct ref_writer *w, uint32_t pages, struct err *e)
{
	*r = (struct reduce){.pages = pages, .w = w};
	r->recent = calloc(pages, sizeof(*r->recent));
	return r->recent ? 0 : err_set(e, ERR_LIMIT, "no memory for a filter of %u pages", pages);
}

void reduce_free(struct reduce *r)
{
	free(r->recent);
	free(r->wait);
}

/* List the page's last reference: at its place in time, mostly near the end. */
static int list(struct reduce *r, struct reduce_page *p, struct err *e)
{
	if (r->waiting == r->room) {
		uint64_t room = r->room ? 2 * r->room : 256;
		struct reduce_use *grown = realloc(r->wait, room * sizeof(*grown));
		if (!grown)
			return err_set(e, ERR_LIMIT, "no memory for %llu runs that wait", (unsigned long long)room);
		r->wait = grown;
		r->room = room;
	}
	uint64_t at = r->waiting;
	while (at > 0 && r->wait[at - 1].time > p->last.time)
		at--;
	memmove(r->wait + at + 1, r->wait + at, (r->waiting - at) * sizeof(*r->wait));
	r->wait[at] = p->last;
	r->waiting++;
	p->listed = p->last.time;
	return 0;
}

/* Write out the runs whose successor can no longer change: those before one not later than `until`. */
static int put_until(struct reduce *r, uint64_t until, struct err *e)
{
	uint64_t n = 0;
	int bad = 0;
	for (; n + 1 < r->waiting && r->wait[n + 1].time <= until && !bad; n++) {
		const struct reduce_use *a = &r->wait[n], *b = a + 1;
		bad = ref_writer_put(r->w, &(struct ref_run){.page = a->page, .pages = 1, .op = a->op,
			.refs = b->time - a->time, .instructions = b->instructions - a->instructions}, e);
	}
	r->waiting -= n;
	if (n)
		memmove(r->wait, r->wait + n, r->waiting * sizeof(*r->wait));
	return bad;
}

int reduce_end(struct reduce *r, struct err *e)
{
	if (put_until(r, UINT64_MAX, e) < 0)
		return -1;
	if (!r->waiting)
		return 0;
	const struct reduce_use *a = &r->wait[0];
	r->waiting = 0;
	return ref_writer_put(r->w, &(struct ref_run){.page = a->page, .pages = 1, .op = a->op, .refs = r->now - a->time,
		.instructions = r->instructions - a->instructions}, e);
}

/* Another page comes while all places are taken: the last leaves, which it must on the listed string too. */
static int make_room(struct reduce *r, struct err *e)
{
	const struct reduce_page *gone = &r->recent[--r->used];
	for (uint32_t i = 0; i < r->used; i++)
		if (r->recent[i].listed < gone->listed && list(r, &r->recent[i], e) < 0)
			return -1;
	return put_until(r, gone->last.time, e);
}

int reduce_ref_slow(struct reduce *r, uint64_t page, enum ref_op op, struct err *e)
{
	uint32_t at = 0;
	while (at < r->used && r->recent[at].last.page != page)
		at++;
	struct reduce_page now = {0};
	bool hit = at < r->used;
	if (hit)
		now = r->recent[at];
	else if (r->used == r->pages && make_room(r, e) < 0)
		return -1;
	else
		at = r->used++;
	memmove(r->recent + 1, r->recent, at * sizeof(*r->recent));
	now.last = (struct reduce_use){.page = page, .time = r->now++, .instructions = r->instructions, .op = op};
	bool listed = !hit || (op == REF_WRITE && !now.written);
	now.written |= op == REF_WRITE;
	r->recent[0] = now;
	return listed ? list(r, &r->recent[0], e) : 0;
}
