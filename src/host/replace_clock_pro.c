/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CLOCK-Pro: Jiang, Chen & Zhang, "CLOCK-Pro: an effective improvement of the CLOCK replacement", USENIX ATC 2005, sec. 4. One
 * circle of hot pages, resident cold pages and cold pages that have left but are in their test period (ghosts); the head of the
 * list lies just behind HAND_hot. Reference bits are read only when a hand comes by.
 *
 * HAND_cold finds the victim: a resident cold page with a clear bit; in its test period it stays in the circle as a ghost. With a
 * set bit it goes to the head, in its test period as a hot page, else as a cold one with a new test period. HAND_hot makes the
 * hot page with a clear bit that it finds first a cold one, clears the bits of others and ends the test periods it passes.
 * HAND_test ends test periods while there are more ghosts than frames. Each access in a test period raises the target for cold
 * pages by one, each test period that ends without one lowers it; HAND_hot runs while there are more hot pages than the
 * rest of the frames. A wanted page that is in the circle comes back hot, any other cold, in its test period, at the head.
 *
 * What the paper leaves open is as in its authors' simulator (2005): pages are hot at first, until all frames but the target
 * are filled; the target starts at its least, 1 % of the frames.
 *
 * Cold pages may be few, and HAND_cold would walk past all hot ones to the next. So the resident cold pages stand in a list of
 * their own too, in the order of the circle from HAND_hot on, and HAND_cold in it right before the page that it comes to next,
 * or last where there is none before the head. What comes into the list comes last, as it joins the circle at its head.
 *
 * The paper knows no pages that may not go (pinned, under way). Where no cold one may, the first from HAND_hot on that may goes,
 * whatever its bit.
 */
#include "host/replace.h"
#include "host/replace_ghosts.h"

#define HOT 1u
#define TEST 2u

struct clock_pro {
	struct replace_ghosts ghosts;
	struct replace_list cold; /* resident pages and HAND_cold, node pages->frames */
	struct replace_link *cold_link;
	uint32_t hot;    /* resident pages */
	uint32_t target; /* for resident cold pages: m_c */
	uint32_t least;  /* of the target */
	uint32_t hand_hot, hand_cold, hand_test;
	bool full; /* a victim was asked for */
};

/* Places in the circle: frames by number, ghosts after them. */
static bool is_ghost(const struct replace *r, uint32_t id)
{
	return id >= r->pages->frames;
}

static struct replace_link *link_of(const struct replace *r, uint32_t id)
{
	const struct clock_pro *s = r->state;
	return is_ghost(r, id) ? &s->ghosts.link[id - r->pages->frames] : &r->pages->link[id];
}

static bool resident_cold(const struct replace *r, uint32_t id)
{
	return !is_ghost(r, id) && !(r->pages->word[id] & HOT);
}

static uint32_t colds(const struct clock_pro *s)
{
	return s->cold.count - 1;
}

static void cold_to(struct replace *r, uint32_t node, uint32_t before)
{
	struct clock_pro *s = r->state;
	if (node == before)
		return;
	replace_list_remove(&s->cold, s->cold_link, node);
	replace_list_insert(&s->cold, s->cold_link, before, node);
}

/* A page that HAND_hot has just passed, or one that comes in at the head, is a resident cold one now. */
static void join_cold(struct replace *r, uint32_t frame)
{
	struct clock_pro *s = r->state;
	if (colds(s) == 0)
		s->hand_cold = frame;
	replace_list_push_last(&s->cold, s->cold_link, frame);
}

/* HAND_cold goes to the next place. */
static void step_cold(struct replace *r)
{
	struct clock_pro *s = r->state;
	uint32_t next = link_of(r, s->hand_cold)->next;
	if (next == s->hand_hot)
		cold_to(r, r->pages->frames, s->cold.first);
	else if (resident_cold(r, s->hand_cold))
		cold_to(r, r->pages->frames, s->cold_link[s->hand_cold].next);
	s->hand_cold = next;
}

/* HAND_hot goes to the next place: what it passes is at the head now. */
static uint32_t step_hot(struct replace *r)
{
	struct clock_pro *s = r->state;
	uint32_t id = s->hand_hot;
	s->hand_hot = link_of(r, id)->next;
	if (s->hand_cold == id)
		cold_to(r, r->pages->frames, REPLACE_NIL);
	if (resident_cold(r, id))
		cold_to(r, id, REPLACE_NIL);
	return id;
}

static void insert_head(struct replace *r, uint32_t id)
{
	struct clock_pro *s = r->state;
	uint32_t at = s->hand_hot;
	if (at == REPLACE_NIL) {
		*link_of(r, id) = (struct replace_link){id, id};
		s->hand_hot = s->hand_cold = s->hand_test = id;
		return;
	}
	uint32_t before = link_of(r, at)->prev;
	*link_of(r, id) = (struct replace_link){before, at};
	link_of(r, before)->next = id;
	link_of(r, at)->prev = id;
}

static void unlink_place(struct replace *r, uint32_t id)
{
	struct clock_pro *s = r->state;
	if (s->hand_cold == id)
		step_cold(r);
	struct replace_link n = *link_of(r, id);
	uint32_t next = n.next == id ? REPLACE_NIL : n.next;
	link_of(r, n.prev)->next = n.next;
	link_of(r, n.next)->prev = n.prev;
	s->hand_hot = s->hand_hot == id ? next : s->hand_hot;
	s->hand_cold = s->hand_cold == id ? next : s->hand_cold;
	s->hand_test = s->hand_test == id ? next : s->hand_test;
}

static void set_target(struct replace *r, int by)
{
	struct clock_pro *s = r->state;
	uint32_t most = r->capacity > 1 ? r->capacity - 1 : 1;
	if (!r->spec->cold_adapts && by != 0)
		return;
	if (by > 0)
		s->target++;
	else if (by < 0 && s->target > 0)
		s->target--;
	s->target = s->target < s->least ? s->least : s->target;
	s->target = s->target > most ? most : s->target;
}

static void forget(struct replace *r, uint32_t id)
{
	struct clock_pro *s = r->state;
	unlink_place(r, id);
	replace_ghosts_drop(&s->ghosts, id - r->pages->frames);
}

/* The test period of the cold page at this place ends, if it is in one; a ghost is forgotten. */
static void end_test(struct replace *r, uint32_t id)
{
	if (is_ghost(r, id)) {
		forget(r, id);
		set_target(r, -1);
	} else if (r->pages->word[id] & TEST) {
		r->pages->word[id] &= ~TEST;
		if (!r->env.referenced(r->env.owner, id, false))
			set_target(r, -1);
	}
}

/* HAND_test: while there are more ghosts than frames. */
static void run_test(struct replace *r)
{
	struct clock_pro *s = r->state;
	while (s->ghosts.count > r->capacity) {
		uint32_t id = s->hand_test;
		s->hand_test = link_of(r, id)->next;
		end_test(r, id);
	}
}

/* HAND_hot: one hot page becomes cold. */
static void run_hot(struct replace *r)
{
	struct clock_pro *s = r->state;
	for (bool done = false; !done || (s->hot > 0 && (is_ghost(r, s->hand_hot) || resident_cold(r, s->hand_hot)));) {
		uint32_t id = step_hot(r);
		if (is_ghost(r, id) || resident_cold(r, id)) {
			end_test(r, id);
		} else if (!done && !replace_used(r, id)) {
			r->pages->word[id] = 0;
			s->hot--;
			join_cold(r, id);
			done = true;
		}
	}
}

static void balance(struct replace *r)
{
	const struct clock_pro *s = r->state;
	while (s->hot > 0 && s->hot + s->target > r->capacity)
		run_hot(r);
}

static void add(struct replace *r, uint32_t frame, uint32_t word)
{
	struct clock_pro *s = r->state;
	insert_head(r, frame);
	r->pages->word[frame] = word;
	if (word & HOT)
		s->hot++;
	else
		join_cold(r, frame);
}

static bool clock_pro_insert(struct replace *r, uint32_t frame, uint64_t key, unsigned hint)
{
	(void)hint;
	struct clock_pro *s = r->state;
	uint32_t ghost = replace_ghosts_find(&s->ghosts, key);
	r->pages->key[frame] = key;
	if (ghost != REPLACE_NIL) {
		forget(r, r->pages->frames + ghost);
		set_target(r, 1);
		add(r, frame, HOT);
		balance(r);
	} else {
		add(r, frame, !s->full && s->hot + s->target < r->capacity ? HOT : TEST);
	}
	return false;
}

static void clock_pro_remove(struct replace *r, uint32_t frame)
{
	struct clock_pro *s = r->state;
	unlink_place(r, frame);
	if (r->pages->word[frame] & HOT)
		s->hot--;
	else
		replace_list_remove(&s->cold, s->cold_link, frame);
}

/* The frame's page leaves; in its test period a ghost takes its place. */
static void leave(struct replace *r, uint32_t frame)
{
	struct clock_pro *s = r->state;
	if (r->pages->word[frame] & TEST) {
		uint32_t old = replace_ghosts_find(&s->ghosts, r->pages->key[frame]);
		if (old != REPLACE_NIL)
			forget(r, r->pages->frames + old);
		struct replace_link n = r->pages->link[frame]; /* the ghost goes in behind the frame, which then leaves */
		uint32_t id = r->pages->frames + replace_ghosts_add(&s->ghosts, r->pages->key[frame]);
		*link_of(r, id) = (struct replace_link){frame, n.next};
		link_of(r, frame)->next = id;
		link_of(r, n.next)->prev = id;
	}
	clock_pro_remove(r, frame);
}

/* Any page that may go, whatever its bit: what is left when all cold pages are held. */
static uint32_t last_resort(struct replace *r)
{
	const struct clock_pro *s = r->state;
	uint32_t id = s->hand_hot;
	for (uint64_t left = (uint64_t)r->held + s->ghosts.count; left > 0; left--, id = link_of(r, id)->next)
		if (!is_ghost(r, id) && replace_evictable(r, id)) {
			clock_pro_remove(r, id);
			return id;
		}
	return REPLACE_NO_FRAME;
}

/* HAND_cold stops at the next resident cold page. */
static void stop_cold(struct replace *r)
{
	struct clock_pro *s = r->state;
	if (colds(s) == 0)
		return;
	if (s->cold.last == r->pages->frames)
		cold_to(r, r->pages->frames, s->cold.first);
	s->hand_cold = s->cold_link[r->pages->frames].next;
}

static void second_look(struct replace *r, uint32_t frame)
{
	bool tested = r->pages->word[frame] & TEST;
	clock_pro_remove(r, frame);
	if (tested)
		set_target(r, 1);
	add(r, frame, tested ? HOT : TEST);
	balance(r);
}

/* HAND_cold passes so many resident cold pages, none of which may go. */
static void pass_cold(struct replace *r, uint64_t pages)
{
	for (; pages > 0; pages--) {
		stop_cold(r);
		step_cold(r);
	}
}

/* At most three looks for each page held. Where all cold ones, one after the other, were found not to go, further looks would find
 * the same: only where they would leave the hand matters. */
static uint32_t clock_pro_victim(struct replace *r, unsigned hint)
{
	(void)hint;
	struct clock_pro *s = r->state;
	uint32_t kept = 0;
	s->full = true;
	for (uint64_t left = 3 * (uint64_t)r->held; left > 0; left--) {
		if (colds(s) == 0)
			run_hot(r);
		stop_cold(r);
		uint32_t f = s->hand_cold;
		if (!replace_evictable(r, f)) {
			step_cold(r);
			if (++kept < colds(s))
				continue;
			pass_cold(r, (left - 1) % kept);
			break;
		}
		if (replace_used(r, f)) {
			kept = 0;
			second_look(r, f);
			continue;
		}
		leave(r, f);
		stop_cold(r);
		run_test(r);
		return f;
	}
	return last_resort(r);
}

static void clock_pro_resize(struct replace *r)
{
	struct clock_pro *s = r->state;
	s->least = replace_share(r->spec->cold_share, r->capacity, 1);
	set_target(r, 0);
	balance(r);
	run_test(r);
}

static int clock_pro_open(struct replace *r, struct arena *a, struct err *e)
{
	struct clock_pro *s = arena_alloc(a, sizeof(*s));
	if (!s)
		return replace_no_memory(e);
	s->hand_hot = s->hand_cold = s->hand_test = REPLACE_NIL;
	s->cold_link = arena_array(a, (size_t)r->pages->frames + 1, sizeof(*s->cold_link));
	if (!s->cold_link)
		return replace_no_memory(e);
	replace_list_init(&s->cold);
	replace_list_push_last(&s->cold, s->cold_link, r->pages->frames);
	if (replace_ghosts_open(&s->ghosts, a, r->largest + 1, e) < 0)
		return -1;
	r->state = s;
	r->bytes = (r->pages->frames + UINT64_C(1)) * sizeof(*s->cold_link) + replace_ghosts_bytes(&s->ghosts);
	s->least = s->target = replace_share(r->spec->cold_share, r->capacity, 1);
	set_target(r, 0);
	return 0;
}

static int clock_pro_check(const struct replace *r, struct err *e)
{
	const struct clock_pro *s = r->state;
	uint64_t hot = 0, cold = 0, ghosts = 0, left = (uint64_t)r->held + s->ghosts.count;
	uint32_t id = s->hand_hot, listed = s->cold.first;
	for (; left > 0 && id != REPLACE_NIL; left--, id = link_of(r, id)->next) {
		if (listed == r->pages->frames && id == s->hand_cold)
			listed = s->cold_link[listed].next;
		if (resident_cold(r, id) && listed != id)
			return err_set(e, ERR_CHECK, "The list of cold pages of policy clock-pro misses place %u.", id);
		listed = resident_cold(r, id) ? s->cold_link[id].next : listed;
		ghosts += is_ghost(r, id);
		cold += resident_cold(r, id);
		hot += !is_ghost(r, id) && !resident_cold(r, id);
		if (link_of(r, link_of(r, id)->next)->prev != id)
			return err_set(e, ERR_CHECK, "The circle of policy clock-pro is broken after place %u.", id);
	}
	if (id != s->hand_hot || hot != s->hot || cold != colds(s) || hot + cold != r->held || ghosts != s->ghosts.count)
		return err_set(e, ERR_CHECK, "Policy clock-pro counts %u hot, %u cold pages and %u ghosts; the circle has others.", s->hot,
			colds(s), s->ghosts.count);
	return 0;
}

const struct replace_ops replace_ops_clock_pro = {
	.open = clock_pro_open, .insert = clock_pro_insert, .remove = clock_pro_remove, .victim = clock_pro_victim,
	.resize = clock_pro_resize, .check = clock_pro_check,
};
