/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Geometry: what is possible, the fields of an address, and the tables of wordlines. */
#include "flash/nand_geom.h"

#include <inttypes.h>
#include <stdio.h>

#define FOUR(a, b, c, d) {a, b, c, d}

static const struct {
	const char *name;
	uint32_t bits;
	const char *type[NAND_TYPES_MAX];
} cells[NAND_CELLS] = {
#define CELL(symbol, name, bits, types, text) {name, bits, FOUR types},
#include "flash/cell_list.h"
#undef CELL
};

const char *nand_cell_name(enum nand_cell cell) { return cells[cell].name; }
uint32_t nand_cell_bits(enum nand_cell cell) { return cells[cell].bits; }
const char *nand_page_type_name(enum nand_cell cell, uint32_t type)
{
	return type < NAND_TYPES_MAX ? cells[cell].type[type] : "";
}

/* Bits that hold 0 to count - 1. */
static uint32_t bits_for(uint64_t count)
{
	return count <= 1 ? 0 : 64 - (uint32_t)__builtin_clzll(count - 1);
}

/* The check lets no count of 0 pass. */
static struct fastdiv divide_by(uint32_t count)
{
	return fastdiv_make(count > 0 ? count : 1);
}

int nand_geom_check(const struct flash_geometry_spec *s, const char **key, char *why, size_t why_bytes)
{
	int64_t bits = cells[s->cell].bits;
	*key = "page";
	if ((s->page_bytes & (s->page_bytes - 1)) != 0)
		return snprintf(why, why_bytes, "%" PRId64 " is not a power of two", s->page_bytes), -1;
	*key = "spare";
	if (s->spare_bytes > s->page_bytes)
		return snprintf(why, why_bytes, "%" PRId64 " are more than the page's own %" PRId64, s->spare_bytes,
			s->page_bytes), -1;
	*key = "pages";
	if (s->pages % bits != 0)
		return snprintf(why, why_bytes, "%" PRId64 " is not a multiple of the %" PRId64 " bits of a %s cell", s->pages,
			bits, cells[s->cell].name), -1;
	*key = "page_order";
	if (s->page_order == NAND_ORDER_SHADOW && s->program_unit == NAND_UNIT_WORDLINE)
		return snprintf(why, why_bytes, "shadow contradicts program_unit: wordline, which takes a wordline's pages at once"),
			-1;
	if (s->page_order == NAND_ORDER_SHADOW && s->pages / bits < bits)
		return snprintf(why, why_bytes, "shadow wants at least %" PRId64 " wordlines a block, here are %" PRId64, bits,
			s->pages / bits), -1;
	*key = "channels";
	int64_t dies = s->channels * s->chips * s->dies;
	if (dies > 65536)
		return snprintf(why, why_bytes, "%" PRId64 " dies in all are more than 65536", dies), -1;
	uint128 bytes = (uint128)(uint64_t)dies * (uint64_t)(s->planes * s->blocks * s->pages) * (uint64_t)s->page_bytes;
	if (bytes >= (uint128)1 << 60)
		return snprintf(why, why_bytes, "the geometry holds 1 EiB or more"), -1;
	*key = "blocks";
	if (dies * s->planes * s->blocks > UINT32_MAX)
		return snprintf(why, why_bytes, "%" PRId64 " blocks in all are more than %" PRIu32, dies * s->planes * s->blocks,
			UINT32_MAX), -1;
	return 0;
}

/* The order in which a block's pages come: linear along wordlines, or along diagonals. */
static void place_pages(struct nand_page_place *place, uint32_t wordlines, uint32_t bits, bool shadow)
{
	uint32_t page = 0;
	for (uint32_t diagonal = 0; diagonal < wordlines + (shadow ? bits - 1 : 0); diagonal++)
		for (uint32_t k = 0; k < bits; k++) {
			uint32_t w = shadow ? diagonal - k : diagonal; /* wraps round where the diagonal begins above bit k */
			if (w >= wordlines)
				continue;
			place[page++] = (struct nand_page_place){(uint16_t)w, (uint8_t)k, k + 1 == bits};
		}
}

int nand_geom_init(struct nand_geom *g, const struct flash_geometry_spec *s, struct arena *a)
{
	struct nand_page_place *place = arena_array(a, (size_t)s->pages, sizeof(*place));
	if (place == NULL)
		return -1;
	uint32_t bits = cells[s->cell].bits;
	*g = (struct nand_geom){
		.channels = (uint32_t)s->channels, .chips = (uint32_t)s->chips, .dies_per_chip = (uint32_t)s->dies,
		.planes = (uint32_t)s->planes, .blocks = (uint32_t)s->blocks, .pages = (uint32_t)s->pages,
		.page_bytes = (uint32_t)s->page_bytes, .spare_bytes = (uint32_t)s->spare_bytes,
		.bits = bits, .wordlines = (uint32_t)s->pages / bits, .slc_pages = (uint32_t)s->pages / bits,
		.program_pages = s->program_unit == NAND_UNIT_WORDLINE ? bits : 1,
		.place = place,
	};
	g->shadow = s->page_order == NAND_ORDER_SHADOW;
	place_pages(place, g->wordlines, bits, g->shadow);
	g->dies_per_channel = g->chips * g->dies_per_chip;
	g->dies = g->channels * g->dies_per_channel;
	g->all_planes = (uint64_t)g->dies * g->planes;
	g->all_blocks = g->all_planes * g->blocks;
	g->all_pages = g->all_blocks * g->pages;
	g->page_bits = bits_for(g->pages);
	g->block_shift = g->page_bits;
	g->plane_shift = g->block_shift + bits_for(g->blocks);
	g->die_shift = g->plane_shift + bits_for(g->planes);
	g->ppa_bits = g->die_shift + bits_for(g->dies);
	g->page_mask = (1U << g->page_bits) - 1;
	g->block_mask = (1U << bits_for(g->blocks)) - 1;
	g->plane_mask = (1U << bits_for(g->planes)) - 1;
	g->by_planes = divide_by(g->planes);
	g->by_blocks = divide_by(g->blocks);
	g->by_pages = divide_by(g->pages);
	g->by_dies_per_channel = divide_by(g->dies_per_channel);
	return 0;
}

struct nand_addr nand_addr_of(const struct nand_geom *g, nand_ppa p)
{
	uint32_t die = nand_ppa_die(g, p);
	uint32_t channel = nand_die_channel(g, die), of_channel = die - channel * g->dies_per_channel;
	return (struct nand_addr){channel, of_channel / g->dies_per_chip, of_channel % g->dies_per_chip,
		nand_ppa_plane(g, p), nand_ppa_block(g, p), nand_ppa_page(g, p)};
}

nand_ppa nand_ppa_from(const struct nand_geom *g, const struct nand_addr *at)
{
	uint32_t die = (at->channel * g->chips + at->chip) * g->dies_per_chip + at->lun;
	return nand_ppa_make(g, die, at->plane, at->block, at->page);
}

/*
 * Shadow order: whole diagonals hold `bits` pages; the first bits - 1 grow from 1, the last shrink. The page is
 * found where its diagonal begins, plus its place in it.
 */
uint32_t nand_page_of(const struct nand_geom *g, uint32_t wordline, uint32_t type)
{
	uint32_t bits = g->bits, d = wordline + type;
	if (!g->shadow)
		return wordline * bits + type;
	uint32_t begin = d < bits ? d * (d + 1) / 2 : bits * (bits - 1) / 2 + (d - bits + 1) * bits;
	if (d > g->wordlines) { /* each diagonal from number `wordlines` on lacks one page more */
		uint32_t short_ones = d - g->wordlines;
		begin -= short_ones * (short_ones + 1) / 2;
	}
	uint32_t first = d >= g->wordlines ? d - g->wordlines + 1 : 0; /* least bit of this diagonal */
	return begin + type - first;
}
