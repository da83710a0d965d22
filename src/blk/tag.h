/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The content-tag oracle: what each sector holds, what of it is durable, and what a power
 * cut may leave. On in tests (and where a run asks for it), off in speed runs.
 *
 * A tag is any non-zero 64-bit name of a content (content, version); 0 is "never written
 * or trimmed: zeros". For each touched sector the oracle keeps
 *   latest  - tag a read must return while the power stays on,
 *   acked   - content last acknowledged, and when,
 *   pending - contents accepted after it and not acknowledged, `latest` among them,
 *   durable - tag the medium holds,
 * in a sparse map of 64-sector extents. The medium must hold `acked` or something pending:
 * else the sector is *dirty*, and a power cut would lose what was acknowledged. What was
 * never written counts as zeros acknowledged before time began. A sector being written to
 * the medium at the cut is *open*: it may come back old, new or torn, and the oracle
 * allows exactly that.
 *
 * Devices call the note_ functions; tests and the crash harness call the rest. Memory is
 * the oracle's own, not the sim arena's, so that the hot path without it is untouched:
 * about 3 KiB for each extent that was ever given something else than zeros (a trim of
 * untouched sectors costs none). When it runs out, blk_tags_exhausted() says so, and
 * answers are not to be relied on any more.
 */
#ifndef QUERN_BLK_TAG_H
#define QUERN_BLK_TAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/time.h"

struct blk_tags;

#define TAG_ZERO UINT64_C(0)
#define TAG_TORN UINT64_MAX /* a half-written sector */

struct blk_tags *blk_tags_new(void); /* NULL: no memory */
void blk_tags_free(struct blk_tags *t);

/* ---- told by devices ------------------------------------------------------------- */

/* The device accepted the data: reads from now on return `tag` (TAG_ZERO for trim and
 * write-zeroes). Not yet acknowledged. */
void blk_tags_note_latest(struct blk_tags *t, uint64_t lba, uint32_t sectors, uint64_t tag);
/* The write was acknowledged to the host: of each sector, the oldest pending content with
 * this tag, if there is one. What was accepted before it need not be kept any more. */
void blk_tags_note_acked(struct blk_tags *t, uint64_t lba, uint32_t sectors, uint64_t tag, time_ps now);
/* The medium starts to write `tag` to these sectors: open until that tag is noted durable. */
void blk_tags_note_open(struct blk_tags *t, uint64_t lba, uint32_t sectors, uint64_t tag);
/* The medium holds `tag`. */
void blk_tags_note_durable(struct blk_tags *t, uint64_t lba, uint32_t sectors, uint64_t tag);

/* ---- asked by tests and the crash harness ------------------------------------------ */

uint64_t blk_tags_latest(const struct blk_tags *t, uint64_t lba);
uint64_t blk_tags_durable(const struct blk_tags *t, uint64_t lba);
bool blk_tags_open(const struct blk_tags *t, uint64_t lba);

/* A sector whose acknowledged content a power cut does not keep. */
struct blk_tag_loss {
	uint64_t lba;
	uint64_t acked_tag;
	uint64_t durable_tag;
	time_ps acked_ps; /* -1: not since the last power cut, or never written */
	bool open;        /* in flight to the medium: old, new or torn */
};

/*
 * The power goes now. First calls `lost` (may be NULL) in LBA order for each dirty sector.
 * Then, in LBA order, open sectors become `torn_choice(ctx, lba, old, new)`, which returns
 * old, new or TAG_TORN (NULL function: old), and everywhere latest := acked := durable,
 * with nothing pending. Returns the number of dirty sectors.
 */
size_t blk_tags_power_cut(struct blk_tags *t,
	void (*lost)(void *ctx, const struct blk_tag_loss *l),
	uint64_t (*torn_choice)(void *ctx, uint64_t lba, uint64_t old_tag, uint64_t new_tag), void *ctx);

/* Sectors whose acknowledged content a power cut would lose now. O(1). */
uint64_t blk_tags_dirty(const struct blk_tags *t);
/* Memory ran out at some time. */
bool blk_tags_exhausted(const struct blk_tags *t);
/* For tests: the n-th allocation from now fails (see arena_fail_at). */
void blk_tags_fail_at(struct blk_tags *t, uint64_t n);

#endif
