/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What channels and dies do in a window. */
#include "flash/log.h"

struct nand_log *nand_log_new(struct arena *a, time_ps from_ps, time_ps to_ps)
{
	struct nand_log *l = arena_alloc(a, sizeof(*l));
	if (!l)
		return NULL;
	*l = (struct nand_log){.from_ps = from_ps, .to_ps = to_ps};
	l->row = arena_array(a, NAND_LOG_ROWS, sizeof(*l->row));
	return l->row ? l : NULL;
}

void nand_log_add(struct nand_log *l, bool die, uint32_t index, const char *what, time_ps begin_ps, time_ps end_ps)
{
	begin_ps = time_max(begin_ps, l->from_ps);
	end_ps = time_min(end_ps, l->to_ps);
	if (begin_ps >= end_ps)
		return;
	if (l->count == NAND_LOG_ROWS) {
		l->left_out++;
		return;
	}
	l->row[l->count++] = (struct nand_log_row){begin_ps, end_ps, what, index, die};
}
