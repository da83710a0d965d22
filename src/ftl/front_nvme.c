/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * NVMe over PCIe. The host writes a command into a submission queue and rings its doorbell; the controller fetches up
 * to a burst of commands of one queue with one read of host memory, one fetch at a time, and chooses the queue by round
 * robin, or by weighted round robin with an urgent class (NVM Express Base Specification 1.4, 4.13): the urgent class
 * first; else the highest class with credit left, and when none with commands has any, each gets its weight anew.
 *
 * The priority belongs to the queue there, to the request here: with weights each queue pair has a submission queue for
 * each of the four classes, 0 urgent to 3 (and beyond) low.
 *
 * PCIe: data goes in packets of at most `payload` bytes. Each packet costs 24 bytes as a memory write or read request
 * (framing 2, sequence number and LCRC 6, header with a 64-bit address 16), 20 as a completion with data (header 12):
 * Neugebauer et al., "Understanding PCIe performance for end host networking", SIGCOMM 2018, section 3. Line codes:
 * 8b/10b to generation 2, 128b/130b after. A completion is an entry of 16 bytes and an interrupt message of 4.
 *
 * A doorbell is looked at by itself: where the controller waits, a command starts a fetch, and one that the host sends
 * in the same instant comes with the next.
 */
#include "ftl/front_private.h"

#define ENTRY_BYTES 64
#define COMPLETION_BYTES 16
#define INTERRUPT_BYTES 4
#define WRITE_PACKET 24
#define READ_PACKET 24
#define DATA_PACKET 20

/* ---- the link ----------------------------------------------------------------------------------------- */

/* Bytes a second and lane: 2.5, 5, 8, 16, 32 GT/s. */
static const struct {
	uint64_t num, den;
} lane_rate[] = {{0, 1}, {250000000, 1}, {500000000, 1}, {128000000000, 130}, {256000000000, 130}, {512000000000, 130}};

static uint64_t packets(uint64_t bytes, int64_t most) { return (bytes + (uint64_t)most - 1) / (uint64_t)most; }

/* Of a read of so many bytes of host memory. */
static inline const struct front_transfer *reading(struct front *f, uint64_t bytes)
{
	struct front_transfer *t = &f->nvme.reading[front_memo(bytes)];
	if (__builtin_expect(t->key != bytes, 0)) {
		const struct front_nvme_spec *s = &f->spec->nvme;
		t->key = bytes;
		t->ask = front_pipe_time(&f->out, packets(bytes, s->read_request_bytes) * READ_PACKET);
		t->data = front_pipe_time(&f->in, bytes + packets(bytes, s->payload_bytes) * DATA_PACKET);
	}
	return t;
}

/* Of data written to the host; last: with the completion. */
static inline time_ps writing(struct front *f, uint64_t bytes, bool last)
{
	uint64_t key = 2 * bytes + last;
	struct front_transfer *t = &f->nvme.writing[front_memo(key)];
	if (__builtin_expect(t->key != key, 0)) {
		uint64_t wire = bytes + packets(bytes, f->spec->nvme.payload_bytes) * WRITE_PACKET;
		t->key = key;
		t->data = front_pipe_time(&f->out, last ? wire + COMPLETION_BYTES + INTERRUPT_BYTES + 2 * WRITE_PACKET : wire);
	}
	return t->data;
}

/* A read of host memory that begins at `from`; returns when all has come. */
static time_ps read_host(struct front *f, time_ps from, uint64_t bytes, time_ps *bus)
{
	const struct front_nvme_spec *s = &f->spec->nvme;
	if (f->in.num == 0)
		return time_add(from, s->host_read_ps);
	time_ps now = f->sim->now_ps;
	const struct front_transfer *t = reading(f, bytes);
	front_pipe_take(&f->out, now, t->ask);
	*bus = t->data;
	time_ps begin = front_pipe_take(&f->in, now, *bus);
	return time_add(time_max(begin, time_add(from, s->host_read_ps)), *bus);
}

static time_ps nvme_in(struct front *f, const struct blk_req *r, uint64_t bytes, time_ps *bus)
{
	(void)r;
	return read_host(f, f->sim->now_ps, bytes, bus);
}

static time_ps nvme_out(struct front *f, const struct blk_req *r, uint64_t bytes, bool last, time_ps *bus)
{
	const struct front_nvme_spec *s = &f->spec->nvme;
	(void)r;
	if (f->out.num == 0)
		return last ? time_add(f->sim->now_ps, s->completion_ps) : f->sim->now_ps;
	*bus = writing(f, bytes, last);
	front_pipe_take(&f->out, f->sim->now_ps, *bus);
	return last ? time_add(f->out.free_ps, s->completion_ps) : f->out.free_ps;
}

/* ---- arbitration -------------------------------------------------------------------------------------- */

static struct front_queue *queue_of(const struct front_nvme *n, int class, uint32_t number)
{
	return &n->queue[(uint32_t)class * n->queues + number];
}

/* The next queue of the class, from whose turn it is on, with a command that the controller sees now; or `queues`. */
static uint32_t next_of(const struct front_nvme *n, int class, time_ps now)
{
	uint32_t turn = n->turns.next[class];
	uint64_t later = n->filled[class] >> turn << turn;
	for (int part = 0; part < 2; part++) {
		uint64_t mask = part == 0 ? later : n->filled[class] ^ later;
		for (; mask != 0; mask &= mask - 1) {
			uint32_t number = (uint32_t)__builtin_ctzll(mask);
			if ((time_ps)queue_of(n, class, number)->entry.head->key <= now)
				return number;
		}
	}
	return n->queues;
}

static void new_round(struct front_nvme *n, const struct front_nvme_spec *s)
{
	n->turns.credit[FRONT_HIGH] = s->high;
	n->turns.credit[FRONT_MEDIUM] = s->medium;
	n->turns.credit[FRONT_LOW] = s->low;
}

/* The class and queue to fetch from. false: the controller sees no command. */
static bool choose(struct front_nvme *n, const struct front_nvme_spec *s, time_ps now, int *class, uint32_t *number)
{
	*class = FRONT_URGENT;
	*number = next_of(n, FRONT_URGENT, now);
	if (*number < n->queues)
		return true;
	for (int round = 0; round < 2; round++) {
		bool seen = false;
		for (*class = FRONT_HIGH; *class < FRONT_CLASSES; ++*class) {
			*number = next_of(n, *class, now);
			if (*number < n->queues && n->turns.credit[*class] > 0)
				return true;
			seen |= *number < n->queues;
		}
		if (!seen)
			return false;
		new_round(n, s);
	}
	return false;
}

static bool weighted(const struct front *f) { return f->spec->nvme.arbitration == FRONT_WEIGHTED; }

/* A queue had its turn. */
static void turn_over(struct front *f, int class, uint32_t number, uint32_t count)
{
	struct front_turns *t = &f->nvme.turns;
	t->next[class] = number + 1 < f->nvme.queues ? number + 1 : 0;
	if (class != FRONT_URGENT)
		t->credit[class] -= count;
}

/* ---- fetching ----------------------------------------------------------------------------------------- */

/* A fetch of `count` commands begins; returns when it is over. */
static time_ps fetch(struct front *f, time_ps from, uint32_t count)
{
	time_ps bus = 0;
	f->nvme.slots_used += count;
	f->stats.fetches++;
	f->nvme.fetched_ps = read_host(f, from, (uint64_t)count * ENTRY_BYTES, &bus);
	return f->nvme.fetched_ps;
}

static void fetch_burst(struct front *f, int class, uint32_t number)
{
	struct front_nvme *n = &f->nvme;
	struct front_queue *q = queue_of(n, class, number);
	time_ps now = f->sim->now_ps;
	int64_t most = f->spec->nvme.slots - n->slots_used;
	if (most > f->spec->nvme.burst)
		most = f->spec->nvme.burst;
	if (class != FRONT_URGENT && most > n->turns.credit[class])
		most = n->turns.credit[class];
	uint32_t count = 0;
	for (struct blk_req *r = q->entry.head; r && count < most && (time_ps)r->key <= now; r = r->next)
		count++;
	turn_over(f, class, number, count);
	time_ps end = fetch(f, now, count);
	n->entries -= count;
	f->waiting -= count;
	for (; count > 0; count--) {
		struct blk_req *r = q->entry.head;
		blk_list_remove(&q->entry, r);
		front_bring(f, r, now, end);
		r->key = count - 1;
	}
	if (q->entry.count == 0)
		n->filled[class] &= ~(UINT64_C(1) << number);
}

static time_ps first_seen(const struct front_nvme *n)
{
	time_ps first = TIME_PS_MAX;
	for (int class = 0; class < FRONT_CLASSES; class++)
		for (uint64_t mask = n->filled[class]; mask != 0; mask &= mask - 1)
			first = time_min(first, (time_ps)queue_of(n, class, (uint32_t)__builtin_ctzll(mask))->entry.head->key);
	return first;
}

/* Fetches what can be fetched now, and sees to it that the rest will be. */
static void run(struct front *f)
{
	struct front_nvme *n = &f->nvme;
	time_ps now = f->sim->now_ps;
	int class;
	uint32_t number;
	while (n->entries > 0 && n->slots_used < f->spec->nvme.slots && !event_pending(&n->event)) {
		time_ps at = n->fetched_ps;
		if (at <= now && choose(n, &f->spec->nvme, now, &class, &number)) {
			fetch_burst(f, class, number);
			continue;
		}
		if (at <= now)
			at = first_seen(n);
		sim_schedule(f->sim, &n->event, at);
	}
}

static void fetch_event(struct sim *s, struct event *e)
{
	(void)s;
	run(container_of(e, struct front, nvme.event));
}

/* ---- requests ----------------------------------------------------------------------------------------- */

static int class_of(const struct front *f, const struct blk_req *r)
{
	if (!weighted(f))
		return FRONT_URGENT;
	return r->priority < FRONT_LOW ? r->priority : FRONT_LOW;
}

/* queue modulo count, which hardly ever takes a division. */
static inline uint32_t among(uint32_t queue, uint32_t count) { return queue < count ? queue : queue % count; }

static uint32_t nvme_place(const struct front *f, const struct blk_req *r)
{
	const struct front_nvme *n = &f->nvme;
	uint32_t first = (uint32_t)class_of(f, r) * n->queues;
	if (n->own == 0)
		return first + among(r->queue, n->queues);
	uint32_t space = r->nsid - 1 < f->client.spaces ? r->nsid - 1 : 0; /* who names none that is there, comes by the first */
	return first + space * n->own + among(r->queue, n->own);
}

/* The host writes the command into its queue and rings the doorbell. */
static void ring(struct front *f, struct blk_req *r, uint32_t place)
{
	struct front_nvme *n = &f->nvme;
	struct front_queue *q = &n->queue[place];
	int class = (int)fastdiv(place, &n->by_queues);
	uint32_t number = place - (uint32_t)class * n->queues;
	time_ps seen = time_add(f->sim->now_ps, f->spec->nvme.doorbell_ps);
	q->outstanding++;
	if (n->entries == 0 && n->fetched_ps <= seen && n->slots_used < f->spec->nvme.slots) {
		if (class != FRONT_URGENT && n->turns.credit[class] <= 0)
			new_round(n, &f->spec->nvme);
		turn_over(f, class, number, 1);
		front_bring(f, r, seen, fetch(f, seen, 1));
		return;
	}
	r->key = (uint64_t)seen;
	blk_list_append(&q->entry, r);
	n->filled[class] |= UINT64_C(1) << number;
	n->entries++;
	f->waiting++;
	run(f);
}

static void nvme_submit(struct front *f, struct blk_req *r)
{
	uint32_t place = nvme_place(f, r);
	struct front_queue *q = &f->nvme.queue[place];
	if (q->outstanding + 1 < f->spec->nvme.entries) {
		ring(f, r, place);
		return;
	}
	blk_list_append(&q->host, r);
	f->waiting++;
	f->stats.host_waits++;
}

static void nvme_left(struct front *f, uint32_t place)
{
	struct front_queue *q = &f->nvme.queue[place];
	q->outstanding--;
	f->nvme.slots_used--;
	if (q->host.head) { /* only where the queue was full */
		struct blk_req *r = q->host.head;
		blk_list_remove(&q->host, r);
		f->waiting--;
		ring(f, r, place);
	}
	if (f->nvme.entries > 0)
		run(f);
}

static void lose_all(struct front *f, struct blk_list *l)
{
	struct blk_req *r;
	while ((r = l->head)) {
		blk_list_remove(l, r);
		front_lose(f, r);
	}
}

static void nvme_power_cut(struct front *f)
{
	struct front_nvme *n = &f->nvme;
	for (uint32_t i = 0; i < n->queues * FRONT_CLASSES; i++) {
		lose_all(f, &n->queue[i].entry);
		lose_all(f, &n->queue[i].host);
		n->queue[i].outstanding = 0;
	}
	for (int class = 0; class < FRONT_CLASSES; class++)
		n->filled[class] = 0;
	n->entries = n->slots_used = 0;
	n->fetched_ps = time_min(n->fetched_ps, f->sim->now_ps);
	sim_cancel(f->sim, &n->event);
	n->turns = (struct front_turns){0};
}

static uint32_t nvme_depth(const struct front *f) { return (uint32_t)f->spec->nvme.slots; }

static int nvme_open(struct front *f, struct arena *a)
{
	const struct front_nvme_spec *s = &f->spec->nvme;
	f->nvme.queues = (uint32_t)s->queues;
	f->nvme.own = s->share_queues ? 0 : f->nvme.queues / f->client.spaces;
	f->nvme.by_queues = fastdiv_make(f->nvme.queues);
	f->nvme.queue = arena_array(a, (size_t)f->nvme.queues * FRONT_CLASSES, sizeof(*f->nvme.queue));
	event_init(&f->nvme.event, fetch_event, "fetch commands", EVENT_PRIO_DEVICE);
	f->in.num = f->out.num = lane_rate[s->generation].num * (uint64_t)s->lanes;
	f->in.den = f->out.den = lane_rate[s->generation].den;
	return f->nvme.queue ? 0 : -1;
}

const struct front_ops front_ops_nvme = {nvme_open, nvme_depth, nvme_submit, nvme_place, nvme_left, nvme_in, nvme_out,
	nvme_power_cut};
