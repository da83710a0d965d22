/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes in place: the operations that each takes. */
#include "ftl/inplace.h"

#define OVER (INPLACE_PROGRAM + 1)

int inplace_open(struct inplace *p, struct arena *a, const struct nand_geom *geom, enum inplace_update update, struct err *e)
{
	*p = (struct inplace){.geom = geom, .update = update};
	p->programmed = arena_array(a, geom->all_blocks, sizeof(*p->programmed));
	p->erases = arena_array(a, geom->all_blocks, sizeof(*p->erases));
	if (!p->programmed || !p->erases)
		return err_set(e, ERR_LIMIT, "no memory for the blocks of a device without remapping");
	return 0;
}

static bool written(const struct inplace_write *w, uint32_t page)
{
	return page >= w->first && page - w->first < w->count;
}

void inplace_begin(struct inplace *p, struct inplace_write *w, uint64_t page, uint32_t count)
{
	uint64_t block = fastdiv(page, &p->geom->by_pages);
	uint32_t first = (uint32_t)(page - block * p->geom->pages), have = p->programmed[block], end = first + count;
	*w = (struct inplace_write){.block = block, .first = first, .count = count, .phase = INPLACE_READ};
	if (p->update == INPLACE_LECTURE) {
		w->keep = p->geom->pages;
		return;
	}
	w->keep = have > end ? have : end;
	if (first >= have) {
		w->phase = INPLACE_PROGRAM;
		w->step = have;
	}
}

/* The next page to read, from `step` on; keep: none is left. */
static uint32_t next_to_read(const struct inplace *p, const struct inplace_write *w)
{
	uint32_t page = w->step;
	if (p->update == INPLACE_LECTURE)
		return page;
	while (page < p->programmed[w->block] && written(w, page))
		page++;
	return page < p->programmed[w->block] ? page : w->keep;
}

bool inplace_next(struct inplace *p, struct inplace_write *w, struct inplace_op *op)
{
	if (w->phase == INPLACE_READ) {
		uint32_t page = next_to_read(p, w);
		w->step = page + 1;
		if (page < w->keep) {
			*op = (struct inplace_op){INPLACE_READ, nand_ppa_of_block(p->geom, w->block, page), false};
			p->reads++;
			return true;
		}
		w->phase = INPLACE_ERASE;
	}
	if (w->phase == INPLACE_ERASE) {
		*op = (struct inplace_op){INPLACE_ERASE, nand_ppa_of_block(p->geom, w->block, 0), false};
		p->erases[w->block]++;
		w->phase = INPLACE_PROGRAM;
		w->step = 0;
		return true;
	}
	if (w->phase == INPLACE_PROGRAM && w->step < w->keep) {
		*op = (struct inplace_op){INPLACE_PROGRAM, nand_ppa_of_block(p->geom, w->block, w->step), !written(w, w->step)};
		p->programs++;
		w->step++;
		return true;
	}
	if (w->phase != OVER)
		p->programmed[w->block] = w->keep;
	w->phase = OVER;
	return false;
}
