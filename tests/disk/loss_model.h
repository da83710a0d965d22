/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For tests of power cuts: what a cut must lose, worked out apart from the drive and from the tag
 * oracle. Acknowledgements come from done() alone; what is on the medium is followed sector by sector
 * from where the drive says that a write of such sectors began, by a rotation of the model's own.
 *
 * The drive has one zone without skews, spares or settle, heads in ascending order and angle 0
 * at time 0, so that sector s of a track passes from s to s + 1 turns / spt.
 */
#ifndef QUERN_TESTS_LOSS_MODEL_H
#define QUERN_TESTS_LOSS_MODEL_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "blk/tag.h"
#include "disk/disk_private.h"

struct loss_model {
	struct disk *disk;
	uint32_t spt, heads;
	time_ps turn_ps, switch_ps, seek_base_ps, seek_slope_ps;
	uint64_t sectors;
	uint64_t *acked;   /* content last acknowledged; they rise */
	time_ps *acked_ps;
	uint64_t *medium;  /* content on it, of writes that are over */
	struct {
		struct disk_write_job job; /* the one followed */
		uint64_t *content;         /* of its sectors; NULL: none */
	} arm[DISK_UNITS];
	/* the last expectation */
	uint64_t lost, open;
};

static inline void model_init(struct loss_model *m, struct disk *d, uint32_t spt, uint32_t heads)
{
	memset(m, 0, sizeof(*m));
	m->disk = d;
	m->spt = spt;
	m->heads = heads;
	m->sectors = d->dev.sectors;
	m->acked = calloc(m->sectors, sizeof(uint64_t));
	m->acked_ps = calloc(m->sectors, sizeof(time_ps));
	m->medium = calloc(m->sectors, sizeof(uint64_t));
	ck_assert(m->acked && m->acked_ps && m->medium);
}

static inline void model_free(struct loss_model *m)
{
	free(m->acked);
	free(m->acked_ps);
	free(m->medium);
	for (int k = 0; k < DISK_UNITS; k++)
		free(m->arm[k].content);
}

/* To be called from done(). */
static inline void model_acked(struct loss_model *m, const struct blk_req *r, time_ps now)
{
	for (uint32_t i = 0; r->op == BLK_WRITE && r->status == BLK_OK && i < r->sectors; i++) {
		m->acked[r->lba + i] = r->tag;
		m->acked_ps[r->lba + i] = now;
	}
}

static inline time_ps model_position(const struct loss_model *m, uint64_t from_track, uint64_t to_track)
{
	uint64_t a = from_track / m->heads, b = to_track / m->heads, d = a > b ? a - b : b - a;
	time_ps t = d > 0 ? m->seek_base_ps + (time_ps)d * m->seek_slope_ps : 0;
	return from_track % m->heads != to_track % m->heads ? time_max(t, m->switch_ps) : t;
}

/* Put on the medium what of the job has landed by `now`; returns the sector that is being written, or UINT64_MAX. */
static inline uint64_t model_land(const struct loss_model *m, int k, time_ps now, uint64_t *medium)
{
	const struct disk_write_job *w = &m->arm[k].job;
	uint64_t track = (uint64_t)w->arm.cylinder * m->heads + w->arm.head;
	time_ps sector_ps = m->turn_ps / m->spt, t = w->start_ps;
	bool begun = false;
	for (uint32_t i = 0; m->arm[k].content && i < w->sectors; i++) {
		uint64_t lbn = w->lbn + i, to = lbn / m->spt;
		bool waits = to != track || !begun;
		if (waits) {
			t = time_max(t + model_position(m, track, to), w->data_ps);
			t += ((time_ps)(lbn % m->spt) * sector_ps + m->turn_ps - t % m->turn_ps) % m->turn_ps;
		}
		track = to;
		begun = true;
		if (waits ? now <= t : now < t) /* from one sector to the next it writes without a pause */
			return UINT64_MAX;
		t += sector_ps;
		if (now < t)
			return lbn;
		medium[lbn] = m->arm[k].content[i];
	}
	return UINT64_MAX;
}

/* To be called after every event: takes note of writes to the medium that began. */
static inline void model_follow(struct loss_model *m)
{
	for (uint32_t k = 0; k < m->disk->units; k++) {
		const struct disk_write_job *w = &m->disk->unit[k].write, *old = &m->arm[k].job;
		if (!w->active || (w->start_ps == old->start_ps && w->lbn == old->lbn && m->arm[k].content))
			continue;
		if (m->arm[k].content) /* the one before is over */
			model_land(m, (int)k, TIME_PS_MAX, m->medium);
		m->arm[k].job = *w;
		free(m->arm[k].content);
		uint64_t *content = m->arm[k].content = calloc(w->sectors, sizeof(uint64_t));
		for (uint32_t i = 0; i < w->sectors; i++)
			content[i] = w->destage ? m->acked[w->lbn + i] : w->tag;
	}
}

struct model_check {
	const struct loss_model *model;
	uint64_t *medium;
	uint64_t open[DISK_UNITS];
	uint64_t seen, wrong;
};

/* What the oracle reports lost is what the model has lost: content, time, and whether it was being written. */
static inline void model_check_loss(void *ctx, const struct blk_tag_loss *l)
{
	struct model_check *c = ctx;
	const struct loss_model *m = c->model;
	c->wrong += l->acked_tag != m->acked[l->lba];
	c->wrong += l->acked_ps != m->acked_ps[l->lba];
	c->wrong += l->durable_tag != c->medium[l->lba];
	c->wrong += c->medium[l->lba] >= m->acked[l->lba];
	c->wrong += l->open != (l->lba == c->open[0] || l->lba == c->open[1]);
	c->seen++;
}

/* The power goes now. Returns in how many points the drive differs from the model; m->lost and m->open
 * tell what the model lost. */
static inline uint64_t model_cut_wrong(struct loss_model *m)
{
	struct blk_dev *dev = &m->disk->dev;
	struct model_check c = {.model = m, .open = {UINT64_MAX, UINT64_MAX}};
	struct blk_dev_status st;
	time_ps now = dev->sim->now_ps;
	c.medium = malloc(m->sectors * sizeof(uint64_t));
	ck_assert(c.medium != NULL);
	memcpy(c.medium, m->medium, m->sectors * sizeof(uint64_t));
	m->lost = m->open = 0;
	for (uint32_t k = 0; k < m->disk->units; k++) {
		c.open[k] = model_land(m, (int)k, now, c.medium);
		m->open += c.open[k] != UINT64_MAX;
	}
	for (uint64_t i = 0; i < m->sectors; i++)
		m->lost += c.medium[i] < m->acked[i];
	dev->ops->status(dev, &st);
	c.wrong += st.dirty_sectors != m->lost;
	blk_dev_power_cut(dev);
	for (uint64_t i = 0; i < m->sectors; i++) {
		c.wrong += blk_tags_durable(dev->tags, i) != c.medium[i];
		c.wrong += blk_tags_open(dev->tags, i) != (i == c.open[0] || i == c.open[1]);
	}
	c.wrong += blk_tags_power_cut(dev->tags, model_check_loss, NULL, &c) != m->lost;
	c.wrong += c.seen != m->lost;
	free(c.medium);
	return c.wrong;
}

/* The power goes now: the drive loses exactly what the model says. */
static inline void model_cut(struct loss_model *m)
{
	ck_assert_uint_eq(model_cut_wrong(m), 0);
}

#endif
