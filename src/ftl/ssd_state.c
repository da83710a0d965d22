/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state of a solid-state drive at rest as bytes: flash, translation layer, front, and what the buffer keeps. */
#include <string.h>

#include "ftl/save.h"
#include "ftl/ssd_private.h"

struct saved_ssd {
	int64_t ready_after;  /* what is left of the start */
	uint64_t urgent;
	uint64_t logged;
	struct ssd_counts counts;
	struct ftl_counts before;
	bool off;
};

int ssd_save(const struct blk_dev *dev, FILE *out, struct err *e)
{
	const struct ssd *d = ssd_of(dev);
	struct saved_ssd x;
	memset(&x, 0, sizeof(x));
	x.ready_after = time_max(d->ready_ps - ssd_now(d), 0);
	x.urgent = d->urgent;
	x.logged = d->system.logged;
	x.counts = d->counts;
	x.before = d->before;
	x.off = d->off;
	if (blk_save_bytes(out, &x, sizeof(x), e) < 0 || ftl_buffer_save(d->buffer, out, e) < 0 ||
	    front_save(d->front, out, e) < 0 || nand_save(d->nand, ssd_now(d), out, e) < 0 || tsu_state_save(d->tsu, out, e) < 0)
		return -1;
	return ftl_save(d->ftl, out, e);
}

int ssd_load(struct blk_dev *dev, FILE *in, struct err *e)
{
	struct ssd *d = ssd_of(dev);
	struct saved_ssd x;
	if (blk_load_bytes(in, &x, sizeof(x), e) < 0 || ftl_buffer_load(d->buffer, in, e) < 0 ||
	    front_load(d->front, in, e) < 0 || nand_load(d->nand, ssd_now(d), in, e) < 0 || tsu_state_load(d->tsu, in, e) < 0 ||
	    ftl_load(d->ftl, in, e) < 0 || ssd_begin_draws(d, e) < 0)
		return -1;
	if (x.ready_after < 0)
		return err_set(e, ERR_CONFIG, "the saved state is not of a device configured like %s", dev->name);
	d->ready_ps = time_add(ssd_now(d), x.ready_after);
	d->urgent = x.urgent;
	d->system.logged = x.logged;
	d->counts = x.counts;
	d->before = x.before;
	d->off = x.off;
	d->mount = d->ftl->mount = NULL; /* what is loaded counts as a checkpoint */
	d->keeps = false;
	if (ssd_mount_open(d, e) < 0)
		return -1;
	ssd_look_at_life(d);
	if (x.ready_after > 0 && !x.off)
		sim_schedule(dev->sim, &d->ready, d->ready_ps);
	return 0;
}

void ssd_forget(struct blk_dev *dev)
{
	struct ssd *d = ssd_of(dev);
	nand_forget(d->nand);
	tsu_forget(d->tsu);
	d->counts = (struct ssd_counts){0};
	d->before = d->ftl->counts;
}
