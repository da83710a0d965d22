/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What channels and dies do. */
#include "flash/log.h"

#include <inttypes.h>
#include <stdio.h>

struct nand_log *nand_log_new(struct arena *a) { return arena_alloc(a, sizeof(struct nand_log)); }

int nand_log_rows(struct nand_log *l, struct arena *a, time_ps from_ps, time_ps to_ps)
{
	l->from_ps = from_ps;
	l->to_ps = to_ps;
	l->row = arena_array(a, NAND_LOG_ROWS, sizeof(*l->row));
	return l->row ? 0 : -1;
}

int nand_log_show(struct nand_log *l, struct arena *a, struct timeline *t, uint32_t group, uint32_t channels,
	uint32_t dies_per_channel)
{
	char name[64];
	uint32_t dies = channels * dies_per_channel;
	uint32_t *track = arena_array(a, (size_t)dies + channels, sizeof(*track));
	if (!track)
		return -1;
	for (uint32_t c = 0; c < channels; c++) {
		snprintf(name, sizeof(name), "channel %" PRIu32, c);
		track[dies + c] = timeline_track(t, group, name);
		for (uint32_t d = 0; d < dies_per_channel; d++) {
			snprintf(name, sizeof(name), "channel %" PRIu32 " die %" PRIu32, c, d);
			track[c * dies_per_channel + d] = timeline_track(t, group, name);
		}
	}
	l->timeline = t;
	l->track = track;
	l->dies = dies;
	return 0;
}

static void add_row(struct nand_log *l, bool die, uint32_t index, const char *what, time_ps begin_ps, time_ps end_ps)
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

void nand_log_add(struct nand_log *l, bool die, uint32_t index, const char *what, time_ps begin_ps, time_ps end_ps,
	const struct timeline_what *w)
{
	if (begin_ps >= end_ps)
		return;
	if (l->row)
		add_row(l, die, index, what, begin_ps, end_ps);
	if (l->timeline)
		timeline_slice(l->timeline, l->track[die ? index : l->dies + index], begin_ps, end_ps,
			w ? w : &(struct timeline_what){.name = what});
}
