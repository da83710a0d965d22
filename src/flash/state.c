/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bench as bytes: blocks, counts, times held; for a device at rest. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "flash/bench_private.h"

/* What a saved bench must have in common with the one it is loaded into. */
struct saved_head {
	char magic[8];
	uint32_t channels, chips, dies, planes, blocks, pages, bits, page_bytes;
};

static struct saved_head head_of(const struct nand *n)
{
	const struct nand_geom *g = &n->geom;
	return (struct saved_head){"qnand 1", g->channels, g->chips, g->dies_per_chip, g->planes, g->blocks, g->pages, g->bits,
		g->page_bytes};
}

static int put(FILE *out, const void *bytes, size_t size, size_t count, struct err *e)
{
	if (fwrite(bytes, size, count, out) != count)
		return err_set(e, ERR_IO, "cannot write the state of the flash: %s", strerror(errno));
	return 0;
}

static int get(FILE *in, void *bytes, size_t size, size_t count, struct err *e)
{
	if (fread(bytes, size, count, in) != count)
		return err_set(e, ERR_IO, "the saved state of the flash ends early");
	return 0;
}

int nand_save(const struct nand *n, time_ps now, FILE *out, struct err *e)
{
	for (uint32_t i = 0; i < n->geom.dies; i++)
		if (n->die[i].held_ps > 0 || array_takes(&n->die[i]) > now)
			return err_set(e, ERR_CHECK, "the state of the flash can be saved at rest only: die %" PRIu32 " is %s", i,
				nand_state_name(nand_die_state(n, i, now)));
	struct saved_head head = head_of(n);
	if (put(out, &head, sizeof(head), 1, e) < 0 || put(out, &n->counts, sizeof(n->counts), 1, e) < 0 ||
	    put(out, n->block, sizeof(*n->block), n->geom.all_blocks, e) < 0)
		return -1;
	for (uint32_t i = 0; i < n->geom.dies; i++)
		if (put(out, n->die[i].work_ps, sizeof(n->die[i].work_ps), 1, e) < 0)
			return -1;
	for (uint32_t i = 0; i < n->geom.channels; i++) {
		const int64_t held[3] = {n->channel[i].command_ps, n->channel[i].in_ps, n->channel[i].out_ps};
		if (put(out, held, sizeof(held), 1, e) < 0)
			return -1;
	}
	return 0;
}

int nand_load(struct nand *n, time_ps now, FILE *in, struct err *e)
{
	struct saved_head head, own = head_of(n);
	if (get(in, &head, sizeof(head), 1, e) < 0)
		return -1;
	if (memcmp(head.magic, own.magic, sizeof(own.magic)) != 0)
		return err_set(e, ERR_CONFIG, "this is no saved state of flash");
	if (memcmp(&head, &own, sizeof(own)) != 0)
		return err_set(e, ERR_CONFIG, "the saved state is of flash with another geometry: %" PRIu32 " channels x %" PRIu32
			" chips x %" PRIu32 " dies x %" PRIu32 " planes x %" PRIu32 " blocks x %" PRIu32 " pages of %" PRIu32 " bytes",
			head.channels, head.chips, head.dies, head.planes, head.blocks, head.pages, head.page_bytes);
	if (get(in, &n->counts, sizeof(n->counts), 1, e) < 0 ||
	    get(in, n->block, sizeof(*n->block), n->geom.all_blocks, e) < 0)
		return -1;
	for (uint64_t i = 0; i < n->geom.all_blocks; i++)
		if (n->block[i].slc > 1 || n->block[i].next_page > nand_block_pages(n, &n->block[i]))
			return err_set(e, ERR_CONFIG, "the saved state names page %u of a block of %" PRIu32,
				(unsigned)n->block[i].next_page, n->geom.pages);
	memset(n->flight, 0, 2UL * n->geom.dies * sizeof(*n->flight));
	for (uint32_t i = 0; i < n->geom.dies; i++) {
		struct nand_die *d = &n->die[i];
		*d = (struct nand_die){.channel = d->channel, .ready_ps = now, .array_ps = now};
		if (get(in, d->work_ps, sizeof(d->work_ps), 1, e) < 0)
			return -1;
	}
	for (uint32_t i = 0; i < n->geom.channels; i++) {
		int64_t held[3];
		if (get(in, held, sizeof(held), 1, e) < 0)
			return -1;
		n->channel[i] = (struct nand_channel){now, now - n->phases.rhw_ps, held[0], held[1], held[2]};
	}
	return 0;
}

void nand_forget(struct nand *n)
{
	n->counts = (struct nand_counts){0};
	for (uint32_t i = 0; i < n->geom.dies; i++)
		memset(n->die[i].work_ps, 0, sizeof(n->die[i].work_ps));
	for (uint32_t i = 0; i < n->geom.channels; i++)
		n->channel[i].command_ps = n->channel[i].in_ps = n->channel[i].out_ps = 0;
}
