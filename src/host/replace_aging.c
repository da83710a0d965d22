/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Aging: Tanenbaum & Bos, "Modern Operating Systems", 4th ed. 2015, sec. 3.4.6. At each tick a page's register of
 * `bits` bits is shifted right by one and takes the accessed bit on its left; the page with the smallest register goes.
 * Of equal ones that goes which was behind before, and of new ones that which came first. The reference that faulted
 * stands in the register at once, so that a page is not the next victim by having come since the last tick.
 *
 * A list for each value of the register, and two levels of bits over them: a choice looks at a few words, a tick at every page.
 */
#include "host/replace.h"

#define WORD 64u

struct aging {
	struct replace_list *list; /* by register */
	uint64_t *some;            /* a bit for each register: its list is not empty */
	uint64_t *any;             /* a bit for each word of some[] */
	uint32_t registers, words, top;
};

static int aging_open(struct replace *r, struct arena *a, struct err *e)
{
	struct aging *s = arena_alloc(a, sizeof(*s));
	if (!s)
		return replace_no_memory(e);
	s->registers = 1u << r->spec->bits;
	s->top = s->registers / 2;
	s->words = (s->registers + WORD - 1) / WORD;
	s->list = arena_array(a, s->registers, sizeof(*s->list));
	s->some = arena_array(a, s->words, sizeof(*s->some));
	s->any = arena_array(a, (s->words + WORD - 1) / WORD, sizeof(*s->any));
	if (!s->list || !s->some || !s->any)
		return replace_no_memory(e);
	for (uint32_t k = 0; k < s->registers; k++)
		replace_list_init(&s->list[k]);
	r->state = s;
	return 0;
}

static void aging_put(struct replace *r, uint32_t frame, uint32_t reg)
{
	struct aging *s = r->state;
	replace_list_push_last(&s->list[reg], r->pages->link, frame);
	r->pages->word[frame] = reg;
	s->some[reg / WORD] |= UINT64_C(1) << reg % WORD;
	s->any[reg / WORD / WORD] |= UINT64_C(1) << reg / WORD % WORD;
}

static void aging_remove(struct replace *r, uint32_t frame)
{
	struct aging *s = r->state;
	uint32_t reg = r->pages->word[frame], w = reg / WORD;
	replace_list_remove(&s->list[reg], r->pages->link, frame);
	if (s->list[reg].count > 0)
		return;
	s->some[w] &= ~(UINT64_C(1) << reg % WORD);
	if (s->some[w] == 0)
		s->any[w / WORD] &= ~(UINT64_C(1) << w % WORD);
}

static bool aging_insert(struct replace *r, uint32_t frame, uint64_t key, unsigned hint)
{
	(void)key, (void)hint;
	const struct aging *s = r->state;
	aging_put(r, frame, s->top);
	return false;
}

/* The smallest register from `reg` on with a page, or `registers`. */
static uint32_t smallest(const struct aging *s, uint32_t reg)
{
	if (reg >= s->registers)
		return s->registers;
	uint32_t w = reg / WORD;
	uint64_t here = s->some[w] & UINT64_MAX << reg % WORD;
	if (here)
		return w * WORD + (uint32_t)__builtin_ctzll(here);
	for (w++; w < s->words; w = (w / WORD + 1) * WORD) {
		uint64_t words = s->any[w / WORD] & UINT64_MAX << w % WORD;
		if (words) {
			w = w / WORD * WORD + (uint32_t)__builtin_ctzll(words);
			return w * WORD + (uint32_t)__builtin_ctzll(s->some[w]);
		}
	}
	return s->registers;
}

static uint32_t aging_victim(struct replace *r, unsigned hint)
{
	(void)hint;
	const struct aging *s = r->state;
	for (uint32_t reg = smallest(s, 0); reg < s->registers; reg = smallest(s, reg + 1))
		for (uint32_t f = s->list[reg].first; f != REPLACE_NIL; f = r->pages->link[f].next)
			if (replace_evictable(r, f)) {
				aging_remove(r, f);
				return f;
			}
	return REPLACE_NO_FRAME;
}

/* All pages into one chain, from the smallest register up, and from there to where their next value puts them. */
static void aging_tick(struct replace *r)
{
	struct aging *s = r->state;
	struct replace_link *link = r->pages->link;
	uint32_t first = REPLACE_NIL, last = REPLACE_NIL;
	for (uint32_t reg = smallest(s, 0); reg < s->registers; reg = smallest(s, reg + 1)) {
		struct replace_list *l = &s->list[reg];
		if (first == REPLACE_NIL)
			first = l->first;
		else
			link[last].next = l->first;
		last = l->last;
		replace_list_init(l);
		s->some[reg / WORD] &= ~(UINT64_C(1) << reg % WORD);
	}
	for (uint32_t w = 0; w * WORD < s->words; w++)
		s->any[w] = 0;
	for (uint32_t f = first, next; f != REPLACE_NIL; f = next) {
		next = link[f].next;
		aging_put(r, f, r->pages->word[f] >> 1 | (replace_used(r, f) ? s->top : 0));
	}
}

static int aging_check(const struct replace *r, struct err *e)
{
	const struct aging *s = r->state;
	for (uint32_t reg = 0; reg < s->registers; reg++)
		if ((s->some[reg / WORD] >> reg % WORD & 1) != (s->list[reg].count > 0))
			return err_set(e, ERR_CHECK, "The bit over register %u of policy aging is wrong.", reg);
	for (uint32_t w = 0; w < s->words; w++)
		if ((s->any[w / WORD] >> w % WORD & 1) != (s->some[w] != 0))
			return err_set(e, ERR_CHECK, "The bit over word %u of policy aging is wrong.", w);
	return replace_check_lists(r, s->list, s->registers, e);
}

const struct replace_ops replace_ops_aging = {
	.open = aging_open, .insert = aging_insert, .remove = aging_remove, .victim = aging_victim, .tick = aging_tick,
	.check = aging_check,
};
