/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A recording of references (trace/ref_file.h) as reference streams, read as it is needed, in constant memory; and the
 * areas of memory that its pages lie in.
 *
 * A run gives one reference to each of its pages, in order, and to the last one also the rest of those it stands for,
 * which hit; the sum is what the program did (ref_totals.refs). Fetches are reads. Page numbers are the
 * recording's: it does not fit a machine whose pages have another size.
 *
 * A damaged file stops the run (sim_fail, ERR_TRACE) with file and byte offset, at the time when the machine gets there.
 */
#ifndef QUERN_HOST_STREAM_RECORDED_H
#define QUERN_HOST_STREAM_RECORDED_H

#include "host/stream.h"
#include "sim/sim.h"
#include "trace/ref_stat.h"

#define HOST_RECORDED_ALL UINT32_MAX

/*
 * The references of one recorded thread, or of all in the recorded order (HOST_RECORDED_ALL), on pages of `page_bytes`. Lives in the sim arena, save for the open
 * file: host_stream_recorded_close(), at the latest before the arena goes. NULL with *e set.
 */
struct host_stream *host_stream_recorded(struct sim *s, const char *path, uint32_t thread, uint32_t page_bytes, struct err *e);
void host_stream_recorded_close(struct host_stream *st); /* NULL is legal */
/* Of one that is open; the texts in it go when it is closed. */
const struct ref_header *host_stream_recorded_header(const struct host_stream *st);

/* A stretch of pages in which no `gap` pages one after another are untouched. */
struct host_recorded_area {
	uint64_t first, pages; /* from the first touched to the last */
	uint64_t touched;
	bool written;
};

/*
 * The stretches of a recording, in rising order, in the arena; one pass over the file, whose figures go to *stat where it is not NULL (of no more use than its figures: freed).
 * Returns how many, at most `most` (the gap is doubled until they do not exceed it), or -1 with *e set.
 */
int host_recorded_areas(struct arena *a, const char *path, uint64_t gap, int most, struct host_recorded_area **out,
	struct ref_stat *stat, struct err *e);

#endif
