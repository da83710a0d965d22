/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ftl/ftl_fixture.h"

/* Sizes that all differ, so that no letter can stand for another. */
#define UNEVEN "geometry: {channels: 2, chips: 3, dies: 5, planes: 4, blocks: 10, pages: 4, page: 4 KiB, cell: slc}\n"

static void open_with(struct rig *r, const char *geometry, const char *alloc)
{
	char text[1024];
	snprintf(text, sizeof(text), "%sftl: {map: {over_provisioning: 100 %%}, gc: {low: 1}, alloc: {%s}}\n", geometry, alloc);
	rig_open(r, text);
}

static uint32_t part(const struct nand_addr *at, char letter)
{
	return letter == 'C' ? at->channel : letter == 'W' ? at->chip : letter == 'D' ? at->lun : at->plane;
}
static uint32_t size_of(const struct nand_geom *g, char letter)
{
	return letter == 'C' ? g->channels : letter == 'W' ? g->chips : letter == 'D' ? g->dies_per_chip : g->planes;
}

START_TEST(a_static_order_counts_its_letters_from_the_first)
{
	int orders = 0;
	for (int k = 0; ftl_allocs[k]; k++) {
		const struct ftl_alloc_ops *o = ftl_allocs[k];
		struct rig r;
		char word[64];
		if (o->choose)
			continue;
		orders++;
		snprintf(word, sizeof(word), "order: %s", o->name);
		open_with(&r, UNEVEN, word);
		for (uint64_t l = 0; l < 250; l++) {
			null_write(r.f, l);
			struct nand_addr at = nand_addr_of(&r.geom, ftl_page_of(r.f, ftl_lookup(r.f, l), NULL));
			uint64_t rest = l;
			for (int i = 0; i < 4; i++) { /* the first letter varies first (Tavakkol et al. 2016, table 2) */
				ck_assert_uint_eq(part(&at, o->name[i]), rest % size_of(&r.geom, o->name[i]));
				rest /= size_of(&r.geom, o->name[i]);
			}
		}
		rig_close(&r);
	}
	ck_assert_int_eq(orders, 24);
}
END_TEST

START_TEST(round_robin_goes_on_whatever_is_written)
{
	struct rig r;
	open_with(&r, UNEVEN, "order: round-robin");
	for (uint32_t i = 0; i < 240; i++) {
		null_write(r.f, 3);
		struct nand_addr at = nand_addr_of(&r.geom, ftl_page_of(r.f, ftl_lookup(r.f, 3), NULL));
		ck_assert_uint_eq(at.channel, i % 2);
		ck_assert_uint_eq(at.chip, i / 2 % 3);
		ck_assert_uint_eq(at.lun, i / 6 % 5);
		ck_assert_uint_eq(at.plane, i / 30 % 4);
	}
	rig_close(&r);
}
END_TEST

START_TEST(locality_keeps_a_unit_in_its_plane_and_stripes_what_follows)
{
	struct rig r;
	open_with(&r, UNEVEN, "order: locality");
	null_fill(r.f, 0, 60);
	uint32_t region = ftl_region_of(r.f, ftl_lookup(r.f, 17));
	for (int i = 0; i < 10; i++) {
		null_write(r.f, 17);
		ck_assert_uint_eq(ftl_region_of(r.f, ftl_lookup(r.f, 17)), region);
	}
	for (uint64_t l = 0; l < 60; l++)
		ck_assert_uint_eq(ftl_region_of(r.f, ftl_lookup(r.f, l)), r.f->alloc.order[l]);
	rig_close(&r);
}
END_TEST

static uint64_t by_halves(const void *ctx, uint32_t region)
{
	(void)ctx;
	return region < 60 ? UINT64_MAX : 4; /* the first half takes nothing */
}

static uint64_t falling(const void *ctx, uint32_t region)
{
	(void)ctx;
	return 1000 - region;
}

START_TEST(the_shortest_queue_is_by_load_and_else_by_units_programmed)
{
	struct rig r;
	open_with(&r, UNEVEN, "order: shortest-queue");
	for (uint64_t l = 0; l < 240; l++)
		null_write(r.f, l % 7);
	for (uint32_t i = 0; i < 120; i++)
		ck_assert_uint_eq(r.f->programmed[i], 2);
	r.f->alloc.load = falling;
	for (int i = 0; i < 3; i++) {
		null_write(r.f, 5);
		ck_assert_uint_eq(ftl_region_of(r.f, ftl_lookup(r.f, 5)), 119);
	}
	/* of equals those that have programmed least: the second half, in turn, the last region when the others have as much */
	r.f->alloc.load = by_halves;
	for (int i = 0; i < 3 * 59; i++)
		null_write(r.f, 6);
	for (uint32_t i = 0; i < 120; i++)
		ck_assert_uint_eq(r.f->programmed[i], i < 60 ? 2 : 5);
	rig_close(&r);
}
END_TEST

START_TEST(a_region_without_room_is_left_out)
{
	static const char *const dynamic[] = {"round-robin", "shortest-queue", "locality"};
	for (int k = 0; k < 3; k++) {
		struct rig r;
		char word[64];
		snprintf(word, sizeof(word), "order: %s", dynamic[k]);
		open_with(&r, TINY, word);
		for (uint64_t l = 0; l < r.f->logical; l++)
			null_write(r.f, l);
		r.f->limit = 0;
		for (uint32_t i = 0; i < r.f->alloc.regions; i++)
			r.f->limit = r.f->blocks.region[i].live > r.f->limit ? r.f->blocks.region[i].live : r.f->limit;
		r.f->blocks.region[3].live = 0; /* as if it had room alone */
		for (uint32_t i = 0; i < r.f->alloc.regions; i++)
			if (i != 3)
				r.f->blocks.region[i].live = r.f->limit;
		for (uint64_t l = 0; l < 16; l++)
			ck_assert_uint_eq(ftl_choose(r.f, l), 3);
		rig_close(&r);
	}
}
END_TEST

START_TEST(a_superblock_is_striped_over_its_planes)
{
	struct rig r;
	open_with(&r, TINY, "superblock: die");
	ck_assert_uint_eq(r.f->alloc.regions, 4);
	ck_assert_uint_eq(r.f->blocks.units, 16);
	for (uint64_t l = 0; l < 64; l++)
		null_write(r.f, l);
	/* pages 0, 4, 8 ... are the first die's, one after the other over its planes at one page of one block */
	for (uint64_t l = 0; l < 64; l += 8) {
		struct nand_addr a = nand_addr_of(&r.geom, ftl_page_of(r.f, ftl_lookup(r.f, l), NULL));
		struct nand_addr b = nand_addr_of(&r.geom, ftl_page_of(r.f, ftl_lookup(r.f, l + 4), NULL));
		ck_assert(a.channel == b.channel && a.lun == b.lun && a.block == b.block && a.page == b.page);
		ck_assert_uint_eq(a.plane, 0);
		ck_assert_uint_eq(b.plane, 1);
	}
	rig_close(&r);
	open_with(&r, TINY, "superblock: device, order: PCWD");
	ck_assert_uint_eq(r.f->alloc.regions, 1);
	ck_assert_uint_eq(r.f->blocks.units, 64);
	for (uint64_t l = 0; l < 64; l++) {
		null_write(r.f, l);
		struct nand_addr at = nand_addr_of(&r.geom, ftl_page_of(r.f, ftl_lookup(r.f, l), NULL));
		ck_assert_uint_eq(at.block, 0);
		ck_assert_uint_eq(at.page, l / 8);
		ck_assert_uint_eq(at.plane, l % 2);
		ck_assert_uint_eq(at.channel, l / 2 % 2);
		ck_assert_uint_eq(at.lun, l / 4 % 2);
	}
	rig_close(&r);
}
END_TEST

START_TEST(units_of_a_page_lie_together)
{
	struct rig r;
	rig_open(&r, TINY "ftl: {map: {unit: 2 KiB, over_provisioning: 60 %}, gc: {low: 1}}\n");
	ck_assert_uint_eq(r.f->page_units, 4);
	null_fill(r.f, 0, 64);
	for (uint64_t l = 0; l < 64; l++) {
		uint32_t unit;
		nand_ppa first = ftl_page_of(r.f, ftl_lookup(r.f, l - l % 4), NULL);
		ck_assert_uint_eq(ftl_page_of(r.f, ftl_lookup(r.f, l), &unit), first);
		ck_assert_uint_eq(unit, l % 4);
	}
	rig_close(&r);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ftl/alloc");
	TCase *t = tcase_create("all");
	tcase_add_test(t, a_static_order_counts_its_letters_from_the_first);
	tcase_add_test(t, round_robin_goes_on_whatever_is_written);
	tcase_add_test(t, locality_keeps_a_unit_in_its_plane_and_stripes_what_follows);
	tcase_add_test(t, the_shortest_queue_is_by_load_and_else_by_units_programmed);
	tcase_add_test(t, a_region_without_room_is_left_out);
	tcase_add_test(t, a_superblock_is_striped_over_its_planes);
	tcase_add_test(t, units_of_a_page_lie_together);
	suite_add_tcase(s, t);
	return run_suite(s);
}
