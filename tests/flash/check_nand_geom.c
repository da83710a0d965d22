/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses, dense numbers, page orders, and geometries that cannot be. */
#include "flash/flash_fixture.h"

START_TEST(dense_numbers_count_channels_chips_dies_planes_blocks_pages)
{
	struct rig r;
	rig_open(&r, small_flash, SETS("flash.geometry.channels=3", "flash.geometry.chips=5", "flash.geometry.dies=3",
		"flash.geometry.planes=6", "flash.geometry.blocks=7"));
	const struct nand_geom *g = &r.n->geom;
	uint64_t block = 0, page = 0;
	struct nand_addr a;
	for (a.channel = 0; a.channel < 3; a.channel++)
		for (a.chip = 0; a.chip < 5; a.chip++)
			for (a.lun = 0; a.lun < 3; a.lun++)
				for (a.plane = 0; a.plane < 6; a.plane++)
					for (a.block = 0; a.block < 7; a.block++, block++)
						for (a.page = 0; a.page < 12; a.page++, page++) {
							nand_ppa p = nand_ppa_from(g, &a);
							struct nand_addr b = nand_addr_of(g, p);
							ck_assert_uint_eq(nand_block_index(g, p), block);
							ck_assert_uint_eq(nand_page_index(g, p), page);
							ck_assert_uint_eq(nand_ppa_of_page(g, page), p);
							ck_assert_uint_eq(nand_ppa_of_block(g, block, a.page), p);
							ck_assert_mem_eq(&a, &b, sizeof(a));
							ck_assert_uint_eq(nand_die_channel(g, nand_ppa_die(g, p)), a.channel);
							ck_assert_uint_lt(p, UINT64_C(1) << g->ppa_bits);
						}
	ck_assert_uint_eq(g->all_pages, page);
	ck_assert_uint_eq(g->all_blocks, block);
	rig_close(&r);
}
END_TEST

/* "L0 L1 U0 ..." of the first pages. */
static void order_is(const char *cell, const char *order, const char *pages, const char *text)
{
	char c[64], o[64], p[64], got[256] = "";
	struct rig r;
	snprintf(c, sizeof(c), "flash.geometry.cell=%s", cell);
	snprintf(o, sizeof(o), "flash.geometry.page_order=%s", order);
	snprintf(p, sizeof(p), "flash.geometry.pages=%s", pages);
	rig_open(&r, small_flash, SETS(c, o, p, "flash.array.read=[50 us]", "flash.array.program=[500 us]"));
	for (uint32_t i = 0; i < r.n->geom.pages; i++) {
		char word[16];
		const char *name = nand_page_type_name((enum nand_cell)r.spec.geometry.cell, nand_page_type(&r.n->geom, i));
		snprintf(word, sizeof(word), "%s%c%u", i > 0 ? " " : "", name[0] - 'a' + 'A', nand_page_wordline(&r.n->geom, i));
		strncat(got, word, sizeof(got) - strlen(got) - 1);
	}
	ck_assert_str_eq(got, text);
	rig_close(&r);
}

/* K.-T. Park et al., JSSC 43(4), 2008, for two bits; the same diagonals for three and four. */
START_TEST(pages_come_in_the_order_of_the_cell_type)
{
	order_is("slc", "linear", "4", "L0 L1 L2 L3");
	order_is("slc", "shadow", "4", "L0 L1 L2 L3");
	order_is("mlc", "linear", "6", "L0 U0 L1 U1 L2 U2");
	order_is("mlc", "shadow", "8", "L0 L1 U0 L2 U1 L3 U2 U3");
	order_is("tlc", "linear", "6", "L0 M0 U0 L1 M1 U1");
	order_is("tlc", "shadow", "12", "L0 L1 M0 L2 M1 U0 L3 M2 U1 M3 U2 U3");
	order_is("qlc", "shadow", "16", "L0 L1 M0 L2 M1 U0 L3 M2 U1 T0 M3 U2 T1 U3 T2 T3");
}
END_TEST

START_TEST(each_page_of_a_wordline_is_found)
{
	static const char *const cells[] = {"slc", "mlc", "tlc", "qlc"};
	for (uint32_t bits = 1; bits <= 4; bits++)
		for (uint32_t wordlines = bits; wordlines < 20; wordlines++)
			for (int shadow = 0; shadow < 2; shadow++) {
				char c[64], p[64];
				struct rig r;
				snprintf(c, sizeof(c), "flash.geometry.cell=%s", cells[bits - 1]);
				snprintf(p, sizeof(p), "flash.geometry.pages=%u", bits * wordlines);
				rig_open(&r, small_flash, SETS(c, p, shadow ? "flash.geometry.page_order=shadow" :
					"flash.geometry.page_order=linear", "flash.array.read=[50 us]", "flash.array.program=[500 us]"));
				const struct nand_geom *g = &r.n->geom;
				for (uint32_t i = 0; i < g->pages; i++)
					ck_assert_uint_eq(nand_page_of(g, nand_page_wordline(g, i), nand_page_type(g, i)), i);
				for (uint32_t i = 0; i < g->pages; i++) /* a wordline's pages come in the order of its bits */
					for (uint32_t k = 1; k < bits; k++)
						ck_assert_uint_gt(nand_page_of(g, nand_page_wordline(g, i), k),
							nand_page_of(g, nand_page_wordline(g, i), k - 1));
				rig_close(&r);
			}
}
END_TEST

START_TEST(a_geometry_that_cannot_be_is_refused)
{
	rig_refused(small_flash, SETS("flash.geometry.page=3 KiB"), "3072 is not a power of two");
	rig_refused(small_flash, SETS("flash.geometry.page=0"), "page");
	rig_refused(small_flash, SETS("flash.geometry.pages=13"), "not a multiple of the 3 bits of a tlc cell");
	rig_refused(small_flash, SETS("flash.geometry.spare=8 KiB"), "more than the page's own 4096");
	rig_refused(small_flash, SETS("flash.geometry.planes=17"), "planes");
	rig_refused(small_flash, SETS("flash.geometry.channels=0"), "channels");
	rig_refused(small_flash, SETS("flash.geometry.pages=6", "flash.geometry.page_order=shadow"), "at least 3 wordlines");
	rig_refused(small_flash, SETS("flash.geometry.page_order=shadow", "flash.geometry.program_unit=wordline"), "contradicts");
	rig_refused(small_flash, SETS("flash.geometry.channels=256", "flash.geometry.chips=256", "flash.geometry.dies=2"),
		"131072 dies");
	rig_refused(small_flash, SETS("flash.geometry.channels=64", "flash.geometry.chips=16", "flash.geometry.planes=16",
		"flash.geometry.blocks=1048576"), "blocks in all");
	rig_refused(small_flash, SETS("flash.geometry.channels=64", "flash.geometry.chips=8", "flash.geometry.dies=2",
		"flash.geometry.blocks=1048576", "flash.geometry.pages=16383", "flash.geometry.page=64 KiB"), "EiB");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("nand_geom");
	TCase *t = tcase_create("nand_geom");
	tcase_add_test(t, dense_numbers_count_channels_chips_dies_planes_blocks_pages);
	tcase_add_test(t, pages_come_in_the_order_of_the_cell_type);
	tcase_add_test(t, each_page_of_a_wordline_is_found);
	tcase_add_test(t, a_geometry_that_cannot_be_is_refused);
	suite_add_tcase(s, t);
	return run_suite(s);
}
