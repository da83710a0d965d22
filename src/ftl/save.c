/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A translation layer as bytes. Valid units, the reverse map and the regions' sums follow from the rest and are not saved. */
#include "ftl/save.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define HOST_ORDER UINT32_C(0x01020304)

/* What a saved state must have in common with the FTL it is loaded into. No padding. */
struct saved_head {
	char magic[8];
	uint32_t host_order, version;
	uint32_t channels, chips, dies, planes, blocks, pages, page_bytes, unit_bytes;
	uint32_t regions, planes_per_region, order, frontiers, index, least_worn;
	uint64_t logical;
};

struct saved_job {
	uint32_t victim, cursor, looked;
	uint8_t stream, cleaning, wear_wanted, zero;
};

struct saved_block {
	uint64_t stamp;
	uint32_t erases, state;
};

/* A file, and the hash of what has passed. */
struct stream {
	FILE *file;
	XXH3_state_t *hash; /* owned */
	uint32_t *list;     /* owned: the blocks of a region */
};

static int open_stream(struct stream *s, const struct ftl *f, FILE *file, struct err *e)
{
	*s = (struct stream){file, XXH3_createState(), calloc(f->blocks.per_region, sizeof(*s->list))};
	if (!s->hash || !s->list)
		return err_set(e, ERR_LIMIT, "no memory to save or load the translation layer");
	(void)XXH3_64bits_reset(s->hash);
	return 0;
}

static void close_stream(struct stream *s)
{
	(void)XXH3_freeState(s->hash);
	free(s->list);
}

static int put(struct stream *s, const void *bytes, size_t size, struct err *e)
{
	if (fwrite(bytes, 1, size, s->file) != size)
		return err_set(e, ERR_IO, "cannot write the state of the translation layer: %s", strerror(errno));
	(void)XXH3_64bits_update(s->hash, bytes, size);
	return 0;
}

static int get(struct stream *s, void *bytes, size_t size, struct err *e)
{
	if (fread(bytes, 1, size, s->file) != size)
		return err_set(e, ERR_IO, "the saved state of the translation layer ends early");
	(void)XXH3_64bits_update(s->hash, bytes, size);
	return 0;
}

static int damaged(struct err *e)
{
	return err_set(e, ERR_CONFIG, "the saved state of the translation layer is damaged");
}

static struct saved_head head_of(const struct ftl *f)
{
	const struct nand_geom *g = f->geom;
	return (struct saved_head){.magic = "qftl", .host_order = HOST_ORDER, .version = 1, .channels = g->channels,
		.chips = g->chips, .dies = g->dies_per_chip, .planes = g->planes, .blocks = g->blocks, .pages = g->pages,
		.page_bytes = g->page_bytes, .unit_bytes = f->unit_bytes, .regions = f->alloc.regions,
		.planes_per_region = f->alloc.planes_per_region, .order = (uint32_t)f->spec->alloc.order,
		.frontiers = (uint32_t)f->spec->alloc.frontiers, .index = f->blocks.index, .least_worn = f->blocks.least_worn,
		.logical = f->logical};
}

/* ---- saving -------------------------------------------------------------------------------------------------- */

static int put_blocks(struct stream *s, const struct ftl *f, struct err *e)
{
	for (uint32_t k = 0; k < f->blocks.count; k++) {
		const struct ftl_block *b = &f->blocks.block[k];
		struct saved_block x = {b->stamp, b->erases, b->state};
		if (put(s, &x, sizeof(x), e) < 0)
			return -1;
	}
	for (uint32_t i = 0; i < f->blocks.regions; i++) {
		const struct ftl_job *j = &f->job[i];
		struct saved_job x = {j->victim, j->cursor, j->looked, j->stream, j->cleaning, j->wear_wanted, 0};
		if (put(s, &x, sizeof(x), e) < 0 || put(s, &f->frontier[i * FTL_STREAMS], FTL_STREAMS * sizeof(*f->frontier), e) < 0)
			return -1;
	}
	return 0;
}

static int put_list(struct stream *s, const struct ftl *f, uint32_t region, enum ftl_block_state state, struct err *e)
{
	uint32_t n = blocks_listed(&f->blocks, region, state, s->list);
	return put(s, &n, sizeof(n), e) < 0 || put(s, s->list, n * sizeof(*s->list), e) < 0 ? -1 : 0;
}

static int put_all(struct stream *s, const struct ftl *f, struct err *e)
{
	struct saved_head head = head_of(f);
	unsigned char rng[256];
	if (rng_state_bytes() > sizeof(rng))
		return err_set(e, ERR_CHECK, "the state of a random stream is larger than the room for it");
	rng_save(f->rng, rng);
	if (put(s, &head, sizeof(head), e) < 0 || put(s, &f->counts, sizeof(f->counts), e) < 0 ||
	    put(s, &f->alloc.next, sizeof(f->alloc.next), e) < 0 || put(s, rng, rng_state_bytes(), e) < 0 ||
	    put(s, f->programmed, f->blocks.regions * sizeof(*f->programmed), e) < 0 || put_blocks(s, f, e) < 0 ||
	    put(s, f->map.forward.bytes, f->logical * f->map.forward.width, e) < 0)
		return -1;
	for (uint32_t i = 0; i < f->blocks.regions; i++)
		if (put_list(s, f, i, FTL_FREE, e) < 0 || put_list(s, f, i, FTL_FULL, e) < 0)
			return -1;
	uint64_t sum = XXH3_64bits_digest(s->hash);
	return put(s, &sum, sizeof(sum), e);
}

int ftl_save(const struct ftl *f, FILE *out, struct err *e)
{
	struct stream s;
	for (uint32_t k = 0; k < f->blocks.count; k++)
		if (f->blocks.block[k].pending > 0)
			return err_set(e, ERR_CHECK, "the state of the translation layer can be saved at rest only: a program of block %" PRIu32
				" is under way", k);
	int result = open_stream(&s, f, out, e);
	if (result == 0)
		result = put_all(&s, f, e);
	close_stream(&s);
	return result;
}

/* ---- loading --------------------------------------------------------------------------------------------------- */

static int get_head(struct stream *s, const struct ftl *f, struct err *e)
{
	struct saved_head head, own = head_of(f);
	if (get(s, &head, sizeof(head), e) < 0)
		return -1;
	if (memcmp(head.magic, own.magic, sizeof(own.magic)) != 0 || head.host_order != own.host_order)
		return err_set(e, ERR_CONFIG, "this is no saved state of a translation layer of a machine of this kind");
	if (head.version != own.version)
		return err_set(e, ERR_CONFIG, "the saved state of the translation layer is of version %" PRIu32 ", not %" PRIu32, head.version,
			own.version);
	if (memcmp(&head, &own, sizeof(own)) != 0)
		return err_set(e, ERR_CONFIG, "the saved state is of a translation layer with another geometry or other options: %" PRIu32
			" regions of %" PRIu32 " blocks of %" PRIu32 " pages of %" PRIu32 " bytes in %" PRIu32 " planes, %" PRIu64
			" units of %" PRIu32 " bytes", head.regions, head.blocks, head.pages, head.page_bytes, head.planes_per_region,
			head.logical, head.unit_bytes);
	return 0;
}

/* Where each block stands must be known once: a block is marked in `pending` when it is. */
static bool mark(struct ftl *f, uint32_t region, uint32_t block, enum ftl_block_state state)
{
	if (block >= f->blocks.count || blocks_region(&f->blocks, block) != region)
		return false;
	struct ftl_block *b = &f->blocks.block[block];
	if (b->state != (uint32_t)state || b->pending != 0)
		return false;
	b->pending = 1;
	return true;
}

static int get_region(struct stream *s, struct ftl *f, uint32_t region, struct err *e)
{
	struct saved_job x;
	struct ftl_frontier *at = &f->frontier[region * FTL_STREAMS];
	if (get(s, &x, sizeof(x), e) < 0 || get(s, at, FTL_STREAMS * sizeof(*at), e) < 0)
		return -1;
	f->job[region] = (struct ftl_job){.victim = x.victim, .cursor = x.cursor, .stream = x.stream, .cleaning = x.cleaning != 0,
		.wear_wanted = x.wear_wanted != 0, .looked = x.looked};
	if (x.victim != FTL_NO_BLOCK && (x.cursor > f->blocks.units || (x.stream != FTL_GC && x.stream != FTL_WEAR) ||
	    !mark(f, region, x.victim, FTL_VICTIM)))
		return damaged(e);
	for (uint32_t k = 0; k < FTL_STREAMS; k++)
		if (at[k].block != FTL_NO_BLOCK && (at[k].next >= f->blocks.units || k > f->stream_frontier[FTL_WEAR] ||
		    !mark(f, region, at[k].block, FTL_OPEN)))
			return damaged(e);
	return 0;
}

static int get_blocks(struct stream *s, struct ftl *f, struct err *e)
{
	for (uint32_t i = 0; i < f->blocks.regions; i++) {
		struct ftl_region *r = &f->blocks.region[i];
		r->bad = r->max_erases = 0;
		r->live = r->erases = 0;
	}
	for (uint32_t k = 0; k < f->blocks.count; k++) {
		struct ftl_region *r = &f->blocks.region[blocks_region(&f->blocks, k)];
		struct saved_block x;
		if (get(s, &x, sizeof(x), e) < 0)
			return -1;
		if (x.state > FTL_BAD || x.state == FTL_CLOSING || x.stamp >> 48 != 0)
			return damaged(e);
		f->blocks.block[k] = (struct ftl_block){.stamp = x.stamp & ((UINT64_C(1) << 48) - 1), .erases = x.erases,
			.state = x.state & 0xff};
		r->erases += x.erases;
		r->bad += x.state == FTL_BAD;
		if (x.erases > r->max_erases)
			r->max_erases = x.erases;
	}
	for (uint32_t i = 0; i < f->blocks.regions; i++)
		if (get_region(s, f, i, e) < 0)
			return -1;
	return 0;
}

/* A unit is where data can be, and alone there. */
static bool place(struct ftl *f, uint64_t logical, uint64_t physical)
{
	if (physical >= f->map.physical || map_owner(&f->map, physical) != FTL_NOWHERE)
		return false;
	uint32_t block = blocks_of_unit(&f->blocks, physical), region = blocks_region(&f->blocks, block);
	struct ftl_block *b = &f->blocks.block[block];
	if (b->state == FTL_FREE || b->state == FTL_BAD)
		return false;
	for (uint32_t i = region * FTL_STREAMS; i < (region + 1) * FTL_STREAMS; i++)
		if (f->frontier[i].block == block && physical - (uint64_t)block * f->blocks.units >= f->frontier[i].next)
			return false;
	map_set_owner(&f->map, physical, logical);
	b->valid = (b->valid + 1U) & FTL_UNITS_MAX;
	f->blocks.region[region].live++;
	return true;
}

static int get_map(struct stream *s, struct ftl *f, struct err *e)
{
	if (get(s, f->map.forward.bytes, f->logical * f->map.forward.width, e) < 0)
		return -1;
	for (uint64_t l = 0; l < f->logical; l++) {
		uint64_t at = map_get(&f->map, l);
		if (at != FTL_NOWHERE && !place(f, l, at))
			return damaged(e);
	}
	return 0;
}

static int get_list(struct stream *s, struct ftl *f, uint32_t region, enum ftl_block_state state, struct err *e)
{
	uint32_t n;
	if (get(s, &n, sizeof(n), e) < 0)
		return -1;
	if (n > f->blocks.per_region)
		return damaged(e);
	if (get(s, s->list, n * sizeof(*s->list), e) < 0)
		return -1;
	for (uint32_t i = 0; i < n; i++) {
		if (!mark(f, region, s->list[i], state))
			return damaged(e);
		if (state == FTL_FREE)
			blocks_put_free(&f->blocks, s->list[i]);
		else
			blocks_fill(&f->blocks, s->list[i]);
	}
	return 0;
}

static int get_all(struct stream *s, struct ftl *f, struct err *e)
{
	unsigned char rng[256];
	uint64_t own, sum;
	if (rng_state_bytes() > sizeof(rng))
		return err_set(e, ERR_CHECK, "the state of a random stream is larger than the room for it");
	if (get_head(s, f, e) < 0 || get(s, &f->counts, sizeof(f->counts), e) < 0 ||
	    get(s, &f->alloc.next, sizeof(f->alloc.next), e) < 0 || get(s, rng, rng_state_bytes(), e) < 0 ||
	    get(s, f->programmed, f->blocks.regions * sizeof(*f->programmed), e) < 0 || get_blocks(s, f, e) < 0 ||
	    get_map(s, f, e) < 0)
		return -1;
	blocks_clear(&f->blocks);
	for (uint32_t i = 0; i < f->blocks.regions; i++)
		if (get_list(s, f, i, FTL_FREE, e) < 0 || get_list(s, f, i, FTL_FULL, e) < 0)
			return -1;
	for (uint32_t k = 0; k < f->blocks.count; k++) {
		if (f->blocks.block[k].pending == 0 && f->blocks.block[k].state != FTL_BAD)
			return damaged(e);
		f->blocks.block[k].pending = 0;
	}
	own = XXH3_64bits_digest(s->hash);
	if (get(s, &sum, sizeof(sum), e) < 0)
		return -1;
	struct err why = {0};
	if (sum != own || f->alloc.next >= f->alloc.regions || ftl_check(f, &why) < 0)
		return damaged(e);
	rng_load(f->rng, rng);
	return 0;
}

int ftl_load(struct ftl *f, FILE *in, struct err *e)
{
	struct stream s;
	int result = open_stream(&s, f, in, e);
	if (ftl_programs(f) > 0) /* preconditioned: nothing of it stays */
		memset(f->map.reverse.bytes, 0, f->map.physical * f->map.reverse.width);
	if (result == 0)
		result = get_all(&s, f, e);
	close_stream(&s);
	return result;
}
