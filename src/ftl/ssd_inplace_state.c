/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state of a drive without remapping as bytes, and what it tells at the end of a run. */
#include <inttypes.h>
#include <string.h>

#include "ftl/ssd_inplace_private.h"

struct saved_place {
	int64_t ready_after;
	struct place_counts counts;
	uint64_t reads, programs;
	bool off;
};

int place_save(const struct blk_dev *dev, FILE *out, struct err *e)
{
	const struct place_dev *d = place_of(dev);
	uint64_t blocks = d->nand->geom.all_blocks;
	struct saved_place x;
	memset(&x, 0, sizeof(x));
	x.ready_after = time_max(d->ready_ps - now_of(d), 0);
	x.counts = d->counts;
	x.reads = d->map.reads;
	x.programs = d->map.programs;
	x.off = d->off;
	if (blk_save_bytes(out, &x, sizeof(x), e) < 0 || front_save(d->front, out, e) < 0 ||
	    nand_save(d->nand, now_of(d), out, e) < 0 || tsu_state_save(d->tsu, out, e) < 0 ||
	    blk_save_bytes(out, d->map.programmed, blocks * sizeof(*d->map.programmed), e) < 0)
		return -1;
	return blk_save_bytes(out, d->map.erases, blocks * sizeof(*d->map.erases), e);
}

int place_load(struct blk_dev *dev, FILE *in, struct err *e)
{
	struct place_dev *d = place_of(dev);
	uint64_t blocks = d->nand->geom.all_blocks;
	struct saved_place x;
	if (blk_load_bytes(in, &x, sizeof(x), e) < 0 || front_load(d->front, in, e) < 0 ||
	    nand_load(d->nand, now_of(d), in, e) < 0 || tsu_state_load(d->tsu, in, e) < 0 ||
	    blk_load_bytes(in, d->map.programmed, blocks * sizeof(*d->map.programmed), e) < 0 ||
	    blk_load_bytes(in, d->map.erases, blocks * sizeof(*d->map.erases), e) < 0)
		return -1;
	for (uint64_t i = 0; i < blocks; i++)
		if (d->map.programmed[i] > d->nand->geom.pages || x.ready_after < 0)
			return err_set(e, ERR_CONFIG, "the saved state is not of a device configured like %s", dev->name);
	d->ready_ps = time_add(now_of(d), x.ready_after);
	d->counts = x.counts;
	d->map.reads = x.reads;
	d->map.programs = x.programs;
	d->off = x.off;
	if (x.ready_after > 0 && !x.off)
		sim_schedule(dev->sim, &d->ready, d->ready_ps);
	return 0;
}

void place_forget(struct blk_dev *dev)
{
	struct place_dev *d = place_of(dev);
	nand_forget(d->nand);
	tsu_forget(d->tsu);
	d->counts = (struct place_counts){0};
	d->map.reads = d->map.programs = 0;
}

void place_report(const struct blk_dev *dev,
	void (*put)(void *ctx, const char *name, double value, const char *unit), void *ctx)
{
	const struct place_dev *d = place_of(dev);
	const struct place_counts *c = &d->counts;
	uint64_t erases = 0, blocks = d->nand->geom.all_blocks;
	uint32_t most = 0, least = UINT32_MAX;
	for (uint64_t i = 0; i < blocks; i++) {
		uint32_t n = d->map.erases[i];
		erases += n;
		most = n > most ? n : most;
		least = n < least ? n : least;
	}
	put(ctx, "waf", c->host_pages ? (double)d->map.programs / (double)c->host_pages : 0, "");
	put(ctx, "updates", (double)c->updates, "");
	put(ctx, "writes_combined", (double)(c->writes - c->updates), "");
	put(ctx, "update_pages_read", (double)d->map.reads, "");
	put(ctx, "update_pages_programmed", (double)d->map.programs, "");
	put(ctx, "erases", (double)d->nand->counts.erases, "");
	put(ctx, "erase_min", least, "");
	put(ctx, "erase_mean", (double)erases / (double)blocks, "");
	put(ctx, "erase_max", most, "");
	put(ctx, "unsafe_shutdowns", (double)c->power_cuts, "");
	put(ctx, "updates_torn", (double)c->torn_updates, "");
	front_report(d->front, now_of(d), put, ctx);
}

const char *place_table(const struct blk_dev *dev, unsigned index, FILE *out)
{
	const struct place_dev *d = place_of(dev);
	const struct nand_geom *g = &d->nand->geom;
	if (index > 0)
		return NULL;
	if (out)
		fputs("die,plane,block,erases\n", out);
	for (uint64_t i = 0; out && i < g->all_blocks; i++) {
		nand_ppa p = nand_ppa_of_block(g, i, 0);
		fprintf(out, "%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%" PRIu32 "\n", nand_ppa_die(g, p), nand_ppa_plane(g, p),
			nand_ppa_block(g, p), d->map.erases[i]);
	}
	return "wear";
}

int place_show(struct blk_dev *dev, struct timeline *t, uint32_t group)
{
	const struct place_dev *d = place_of(dev);
	const struct nand_geom *g = &d->nand->geom;
	struct arena *a = dev->sim->arena;
	d->nand->log = nand_log_new(a);
	return d->nand->log && tsu_show(d->tsu, a, NULL) == 0 ? nand_log_show(d->nand->log, a, t, group, g->channels, g->dies_per_channel)
		: -1;
}
