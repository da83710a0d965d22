/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests as lines of blkparse's output. */
#include "run/export.h"

#include <inttypes.h>
#include <stdlib.h>

struct watched {
	struct export *x;
	unsigned minor;
};

struct export {
	struct outfile *file; /* owned */
	struct watched *dev;  /* owned, one for each device */
	uint64_t lines;
	uint64_t left_out;
};

/* The letters of an operation; NULL: the format has none. */
static const char *letters(const struct blk_req *r)
{
	bool fua = r->flags & BLK_FUA, sync = r->flags & BLK_SYNC;
	switch ((enum blk_op)r->op) {
	case BLK_READ:
		return sync ? "RS" : "R";
	case BLK_WRITE:
	case BLK_WRITE_ZEROES:
		return fua ? sync ? "WFS" : "WF" : sync ? "WS" : "W";
	case BLK_TRIM:
		return sync ? "DS" : "D";
	case BLK_FLUSH:
		return "FN";
	default:
		return NULL;
	}
}

static void line(void *ctx, const struct blk_req *r)
{
	const struct watched *w = ctx;
	struct export *x = w->x;
	const char *rwbs = letters(r);
	if (!rwbs) {
		x->left_out++;
		return;
	}
	uint64_t ns = (uint64_t)(r->submit_ps / PS_PER_NS);
	FILE *out = outfile_stream(x->file);
	fprintf(out, "8,%u 0 %" PRIu64 " %" PRIu64 ".%09" PRIu64 " 0 Q %s", w->minor, ++x->lines, ns / 1000000000,
		ns % 1000000000, rwbs);
	if (r->op == BLK_FLUSH)
		fputs(" [quern]\n", out);
	else
		fprintf(out, " %" PRIu64 " + %" PRIu32 " [quern]\n", r->lba, r->sectors);
}

struct export *export_open(const char *name, bool force, struct blk_dev *const *dev, size_t count, struct err *e)
{
	struct export *x = calloc(1, sizeof(*x));
	struct watched *w = x ? calloc(count ? count : 1, sizeof(*w)) : NULL;
	if (!w) {
		free(x);
		err_set(e, ERR_LIMIT, "no memory for the exported trace");
		return NULL;
	}
	x->dev = w;
	x->file = outfile_open(name, "exported trace", force, e);
	if (!x->file) {
		export_free(x);
		return NULL;
	}
	for (size_t i = 0; i < count; i++) {
		w[i] = (struct watched){x, (unsigned)i};
		dev[i]->watch = line;
		dev[i]->watch_ctx = &w[i];
	}
	return x;
}

void export_free(struct export *x)
{
	if (!x)
		return;
	outfile_free(x->file);
	free(x->dev);
	free(x);
}

struct outfile *export_file(struct export *x) { return x->file; }
uint64_t export_left_out(const struct export *x) { return x->left_out; }
