/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Host-managed zones against INCITS 536 (ZBC): every error at and just off its boundary, every
 * transition of the zone state machine, the limit on open zones, power cuts, and 10^6 random
 * commands against a model that is written from the standard's text anew.
 *
 * The drive: 2 conventional zones, then 8 sequential ones of 64 sectors, the last of them with 20;
 * sectors 0-127 conventional, 128-595 sequential; at most 3 open.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "effort.h"
#include "disk/smr.h"
#include "disk/smr_host.h"
#include "sim/rng.h"

#define ZONE 64u
#define CONVENTIONAL 2u
#define ZONES 10u
#define SECTORS (9 * ZONE + 20)
#define MAX_OPEN 3u

static struct arena *arena;
static struct smr_host host;

static struct disk_smr_spec spec_of(bool unrestricted)
{
	return (struct disk_smr_spec){.model = SMR_HOST_MANAGED, .zone_bytes = ZONE * SECTOR_BYTES,
		.conventional_zones = CONVENTIONAL, .max_open_zones = MAX_OPEN, .unrestricted_reads = unrestricted};
}

static void open_host(bool unrestricted)
{
	struct err e = {0};
	struct disk_smr_spec spec = spec_of(unrestricted);
	arena_free(arena);
	arena = arena_new();
	ck_assert_msg(smr_host_init(&host, arena, &spec, SECTORS, &e) == 0, "%s", e.msg);
}

static void setup(void) { open_host(false); }
static void teardown(void)
{
	arena_free(arena);
	arena = NULL;
}

static enum blk_status op(enum blk_op o, uint32_t zone)
{
	uint64_t lba, sectors;
	return smr_host_op(&host, o, (uint64_t)zone * ZONE, &lba, &sectors);
}

static enum blk_status put(uint64_t lba, uint32_t sectors)
{
	enum blk_status s = smr_host_write(&host, lba, sectors);
	if (s == BLK_OK)
		smr_host_landed(&host, lba, sectors);
	return s;
}

#define ck_status(got, want) ck_assert_str_eq(blk_status_name(got), blk_status_name(want))
#define ck_condition(zone_, want) ck_assert_str_eq( \
	smr_condition_name((enum smr_condition)host.zone[zone_].condition), smr_condition_name(want))

/* ---- errors ---------------------------------------------------------------------------------------- */

START_TEST(a_write_off_the_pointer_is_unaligned)
{
	ck_status(put(128, 10), BLK_OK);
	ck_status(put(137, 1), BLK_UNALIGNED_WRITE);
	ck_status(put(139, 1), BLK_UNALIGNED_WRITE);
	ck_status(put(128, 10), BLK_UNALIGNED_WRITE);
	ck_assert_uint_eq(host.zone[2].pointer, 138);
	ck_status(put(138, 1), BLK_OK);
	ck_status(put(193, 1), BLK_UNALIGNED_WRITE); /* an empty zone, one past its start */
	ck_condition(3, ZONE_EMPTY);
	ck_status(put(192, 1), BLK_OK);
}
END_TEST

START_TEST(a_write_past_its_zone_is_a_boundary_violation)
{
	ck_status(put(128, ZONE + 1), BLK_WRITE_BOUNDARY);
	ck_condition(2, ZONE_EMPTY);
	ck_status(put(128, ZONE), BLK_OK);
	ck_condition(2, ZONE_FULL);
	ck_status(put(192, 60), BLK_OK);
	ck_status(put(252, 5), BLK_WRITE_BOUNDARY);
	ck_status(put(251, 6), BLK_WRITE_BOUNDARY); /* the boundary goes before the pointer */
	ck_status(put(252, 4), BLK_OK);
	ck_status(put(9 * ZONE, 20), BLK_OK); /* the small last zone */
	ck_condition(9, ZONE_FULL);
	/* conventional zones border on nothing but sequential ones */
	ck_status(put(0, 128), BLK_OK);
	ck_status(put(60, 10), BLK_OK);
	ck_status(put(127, 1), BLK_OK);
	ck_status(put(127, 2), BLK_WRITE_BOUNDARY);
}
END_TEST

START_TEST(a_write_to_a_full_zone_is_an_invalid_field)
{
	ck_status(put(128, 64), BLK_OK);
	ck_status(put(128, 1), BLK_INVALID_FIELD);
	ck_status(put(191, 1), BLK_INVALID_FIELD);
	ck_status(op(BLK_ZONE_FINISH, 3), BLK_OK);
	ck_status(put(192, 1), BLK_INVALID_FIELD);
}
END_TEST

START_TEST(a_read_past_the_pointer_is_invalid_data)
{
	ck_status(smr_host_check_read(&host, 128, 1), BLK_READ_INVALID_DATA);
	ck_status(put(128, 10), BLK_OK);
	ck_status(smr_host_check_read(&host, 128, 10), BLK_OK);
	ck_status(smr_host_check_read(&host, 137, 1), BLK_OK);
	ck_status(smr_host_check_read(&host, 128, 11), BLK_READ_INVALID_DATA);
	ck_status(smr_host_check_read(&host, 138, 1), BLK_READ_INVALID_DATA);
	ck_status(op(BLK_ZONE_FINISH, 2), BLK_OK); /* all of a full zone can be read */
	ck_status(smr_host_check_read(&host, 128, 64), BLK_OK);
	ck_status(op(BLK_ZONE_RESET, 2), BLK_OK);
	ck_status(smr_host_check_read(&host, 128, 1), BLK_READ_INVALID_DATA);
	ck_status(smr_host_check_read(&host, 0, 128), BLK_OK); /* conventional: anything */
}
END_TEST

START_TEST(a_read_past_its_zone_is_a_boundary_violation)
{
	ck_status(put(128, 64), BLK_OK);
	ck_status(put(192, 64), BLK_OK);
	ck_status(smr_host_check_read(&host, 128, 64), BLK_OK);
	ck_status(smr_host_check_read(&host, 128, 65), BLK_READ_BOUNDARY);
	ck_status(smr_host_check_read(&host, 191, 2), BLK_READ_BOUNDARY);
	ck_status(smr_host_check_read(&host, 127, 1), BLK_OK);
	ck_status(smr_host_check_read(&host, 127, 2), BLK_READ_BOUNDARY);
}
END_TEST

START_TEST(unrestricted_reads_go_anywhere)
{
	open_host(true);
	ck_status(smr_host_check_read(&host, 0, SECTORS), BLK_OK);
	ck_status(smr_host_check_read(&host, 128, 1), BLK_OK);
	ck_status(smr_host_check_read(&host, 127, 2), BLK_OK);
}
END_TEST

START_TEST(zone_operations_want_the_start_of_a_sequential_zone)
{
	uint64_t lba, sectors;
	for (int o = BLK_ZONE_OPEN; o <= BLK_ZONE_RESET; o++) {
		ck_status(smr_host_op(&host, (enum blk_op)o, 129, &lba, &sectors), BLK_INVALID_FIELD);
		ck_status(smr_host_op(&host, (enum blk_op)o, 127, &lba, &sectors), BLK_INVALID_FIELD);
		ck_status(smr_host_op(&host, (enum blk_op)o, 191, &lba, &sectors), BLK_INVALID_FIELD);
		ck_status(smr_host_op(&host, (enum blk_op)o, 64, &lba, &sectors), BLK_INVALID_FIELD); /* conventional */
		ck_status(smr_host_op(&host, (enum blk_op)o, 128, &lba, &sectors), BLK_OK);
		ck_status(smr_host_op(&host, (enum blk_op)o, 9 * ZONE, &lba, &sectors), BLK_OK);
	}
	ck_status(smr_host_op(&host, BLK_ZONE_APPEND, 128, &lba, &sectors), BLK_UNSUPPORTED);
}
END_TEST

START_TEST(a_reset_says_what_no_longer_holds_data)
{
	uint64_t lba, sectors;
	put(192, 17);
	ck_status(smr_host_op(&host, BLK_ZONE_RESET, 192, &lba, &sectors), BLK_OK);
	ck_assert_uint_eq(lba, 192);
	ck_assert_uint_eq(sectors, 17);
	ck_status(smr_host_op(&host, BLK_ZONE_RESET, 192, &lba, &sectors), BLK_OK);
	ck_assert_uint_eq(sectors, 0);
}
END_TEST

/* ---- the zone state machine ------------------------------------------------------------------------- */

/*
 * ZBC, "Zone state machine for write pointer zones", ZC1 to ZC5: from each condition, what each
 * function leads to. Writing 10 sectors at the pointer stands for a write, and writing to the end for
 * one that fills the zone. FAIL: refused, and nothing changes.
 */
enum { EMPTY, EMPTY_OPEN, IMPLICIT, EXPLICIT, CLOSED, FULL, STATES };
enum { OP_WRITE, OP_FILL, OP_OPEN, OP_CLOSE, OP_FINISH, OP_RESET, OPS };
#define FAIL (-1)

static void bring(uint32_t zone, int state)
{
	uint64_t lba = (uint64_t)zone * ZONE;
	if (state == EMPTY_OPEN)
		ck_status(op(BLK_ZONE_OPEN, zone), BLK_OK);
	if (state == IMPLICIT || state == EXPLICIT || state == CLOSED)
		ck_status(put(lba, 5), BLK_OK);
	if (state == EXPLICIT)
		ck_status(op(BLK_ZONE_OPEN, zone), BLK_OK);
	if (state == CLOSED)
		ck_status(op(BLK_ZONE_CLOSE, zone), BLK_OK);
	if (state == FULL)
		ck_status(put(lba, ZONE), BLK_OK);
}

static const enum smr_condition condition_of[] = {ZONE_EMPTY, ZONE_EXPLICIT_OPEN, ZONE_IMPLICIT_OPEN,
	ZONE_EXPLICIT_OPEN, ZONE_CLOSED, ZONE_FULL};

START_TEST(each_function_leads_from_each_condition_where_the_standard_says)
{
	static const int next[STATES][OPS] = {
		/*               write     fill  open        close       finish reset */
		[EMPTY] =      {IMPLICIT, FULL, EMPTY_OPEN, EMPTY,      FULL,  EMPTY},
		[EMPTY_OPEN] = {EXPLICIT, FULL, EMPTY_OPEN, EMPTY,      FULL,  EMPTY},
		[IMPLICIT] =   {IMPLICIT, FULL, EXPLICIT,   CLOSED,     FULL,  EMPTY},
		[EXPLICIT] =   {EXPLICIT, FULL, EXPLICIT,   CLOSED,     FULL,  EMPTY},
		[CLOSED] =     {IMPLICIT, FULL, EXPLICIT,   CLOSED,     FULL,  EMPTY},
		[FULL] =       {FAIL,     FAIL, FULL,       FULL,       FULL,  EMPTY},
	};
	static const enum blk_op ops[] = {[OP_OPEN] = BLK_ZONE_OPEN, [OP_CLOSE] = BLK_ZONE_CLOSE,
		[OP_FINISH] = BLK_ZONE_FINISH, [OP_RESET] = BLK_ZONE_RESET};
	for (int from = 0; from < STATES; from++)
		for (int o = 0; o < OPS; o++) {
			setup();
			bring(4, from);
			uint64_t at = host.zone[4].pointer;
			uint64_t lba = from == FULL ? 4 * ZONE : at;
			enum blk_status s = o == OP_WRITE ? put(lba, 10) : o == OP_FILL ? put(lba, (uint32_t)(5 * ZONE - lba)) : op(ops[o], 4);
			int to = next[from][o] == FAIL ? from : next[from][o];
			ck_assert_msg((s == BLK_OK) == (next[from][o] != FAIL), "state %d function %d", from, o);
			ck_assert_msg(host.zone[4].condition == condition_of[to], "state %d function %d gives %s", from, o,
				smr_condition_name((enum smr_condition)host.zone[4].condition));
			uint64_t moved = at + (o == OP_WRITE && to != FULL ? 10 : 0);
			uint64_t pointer = to == FULL ? 5 * ZONE : to == EMPTY || to == EMPTY_OPEN ? 4 * ZONE : moved;
			ck_assert_uint_eq(host.zone[4].pointer, pointer);
			ck_assert_uint_eq(host.implicit_open, to == IMPLICIT);
			ck_assert_uint_eq(host.explicit_open, to == EXPLICIT || to == EMPTY_OPEN);
		}
}
END_TEST

START_TEST(one_more_open_zone_closes_the_implicitly_open_one_written_longest_ago)
{
	put(128, 5);
	put(192, 5);
	put(256, 5);
	put(133, 5); /* zone 2 again: zone 3 is the oldest now */
	ck_status(put(320, 5), BLK_OK);
	ck_condition(2, ZONE_IMPLICIT_OPEN);
	ck_condition(3, ZONE_CLOSED);
	ck_condition(4, ZONE_IMPLICIT_OPEN);
	ck_condition(5, ZONE_IMPLICIT_OPEN);
	ck_status(op(BLK_ZONE_OPEN, 6), BLK_OK); /* an explicit opening takes one too */
	ck_condition(4, ZONE_CLOSED);
	ck_assert_uint_eq(host.implicit_open, 2);
	ck_assert_uint_eq(host.explicit_open, 1);
	ck_status(op(BLK_ZONE_OPEN, 2), BLK_OK); /* one that is open closes no other */
	ck_condition(5, ZONE_IMPLICIT_OPEN);
}
END_TEST

START_TEST(explicitly_open_zones_use_up_the_resources)
{
	for (uint32_t z = 2; z < 2 + MAX_OPEN; z++)
		ck_status(op(BLK_ZONE_OPEN, z), BLK_OK);
	ck_status(op(BLK_ZONE_OPEN, 2), BLK_OK);
	ck_status(op(BLK_ZONE_OPEN, 5), BLK_ZONE_RESOURCES);
	ck_status(put(5 * ZONE, 1), BLK_ZONE_RESOURCES);
	ck_status(op(BLK_ZONE_FINISH, 5), BLK_ZONE_RESOURCES);
	ck_status(put(5 * ZONE + 1, 1), BLK_UNALIGNED_WRITE); /* the pointer is looked at first */
	ck_condition(5, ZONE_EMPTY);
	ck_status(put(2 * ZONE, ZONE), BLK_OK); /* a full zone gives its resources back */
	ck_status(put(5 * ZONE, 1), BLK_OK);
	ck_condition(5, ZONE_IMPLICIT_OPEN);
	ck_status(op(BLK_ZONE_RESET, 3), BLK_OK);
	ck_status(op(BLK_ZONE_OPEN, 5), BLK_OK);
	ck_status(op(BLK_ZONE_OPEN, 6), BLK_OK);
	ck_status(op(BLK_ZONE_OPEN, 7), BLK_ZONE_RESOURCES);
}
END_TEST

/* ---- power ---------------------------------------------------------------------------------------- */

START_TEST(a_power_cut_takes_pointers_back_to_what_landed_and_closes_zones)
{
	put(128, 10);
	ck_status(smr_host_write(&host, 138, 10), BLK_OK); /* 4 of 10 land */
	smr_host_landed(&host, 138, 4);
	ck_status(smr_host_write(&host, 192, 5), BLK_OK); /* nothing lands */
	op(BLK_ZONE_OPEN, 4);
	ck_status(smr_host_write(&host, 5 * ZONE, ZONE), BLK_OK); /* full, had it landed */
	smr_host_landed(&host, 5 * ZONE, 63);
	put(6 * ZONE, 3);
	op(BLK_ZONE_FINISH, 6);
	put(7 * ZONE, 5);
	op(BLK_ZONE_CLOSE, 7);
	smr_host_power_cut(&host);
	static const struct {
		enum smr_condition c;
		uint64_t pointer;
	} want[] = {{ZONE_CLOSED, 142}, {ZONE_EMPTY, 192}, {ZONE_EMPTY, 256}, {ZONE_CLOSED, 5 * ZONE + 63},
		{ZONE_FULL, 7 * ZONE}, {ZONE_CLOSED, 7 * ZONE + 5}, {ZONE_EMPTY, 8 * ZONE}};
	for (uint32_t i = 0; i < 7; i++) {
		ck_condition(2 + i, want[i].c);
		ck_assert_uint_eq(host.zone[2 + i].pointer, want[i].pointer);
	}
	ck_assert_uint_eq(host.implicit_open + host.explicit_open, 0);
	ck_status(put(142, 1), BLK_OK);
}
END_TEST

/* ---- against a model --------------------------------------------------------------------------------- */

/* Zones as a reader of the standard would jot them down: how far written, and a letter. */
struct jotted {
	unsigned written;
	char state; /* Empty, Implicit, eXplicit, Closed, Full */
	unsigned age;
};

static unsigned size_of(unsigned zone) { return zone == ZONES - 1 ? 20 : ZONE; }

static unsigned opened(const struct jotted *z, char state)
{
	unsigned n = 0;
	for (unsigned i = 0; i < ZONES; i++)
		n += z[i].state == state;
	return n;
}

static bool acquire(struct jotted *z, unsigned zone, char state, unsigned age)
{
	if (z[zone].state == 'I' || z[zone].state == 'X') {
		if (state == 'X' && z[zone].state == 'I' && opened(z, 'X') >= MAX_OPEN)
			return false;
	} else {
		if (opened(z, 'X') >= MAX_OPEN)
			return false;
		if (opened(z, 'X') + opened(z, 'I') == MAX_OPEN) {
			unsigned oldest = ZONES;
			for (unsigned i = 0; i < ZONES; i++)
				if (z[i].state == 'I' && (oldest == ZONES || z[i].age < z[oldest].age))
					oldest = i;
			z[oldest].state = z[oldest].written ? 'C' : 'E';
		}
	}
	if (z[zone].state != 'X')
		z[zone].state = state;
	z[zone].age = age;
	return true;
}

static enum blk_status model_write(struct jotted *z, unsigned lba, unsigned n, unsigned age)
{
	unsigned zone = lba / ZONE, at = lba % ZONE;
	if (zone < CONVENTIONAL)
		return lba + n <= CONVENTIONAL * ZONE ? BLK_OK : BLK_WRITE_BOUNDARY;
	if (at + n > size_of(zone))
		return BLK_WRITE_BOUNDARY;
	if (z[zone].state == 'F')
		return BLK_INVALID_FIELD;
	if (at != z[zone].written)
		return BLK_UNALIGNED_WRITE;
	if (!acquire(z, zone, 'I', age))
		return BLK_ZONE_RESOURCES;
	z[zone].written += n;
	if (z[zone].written == size_of(zone))
		z[zone].state = 'F';
	return BLK_OK;
}

static enum blk_status model_read(const struct jotted *z, unsigned lba, unsigned n)
{
	unsigned zone = lba / ZONE;
	if (zone < CONVENTIONAL)
		return lba + n <= CONVENTIONAL * ZONE ? BLK_OK : BLK_READ_BOUNDARY;
	if (lba % ZONE + n > size_of(zone))
		return BLK_READ_BOUNDARY;
	return z[zone].state == 'F' || lba % ZONE + n <= z[zone].written ? BLK_OK : BLK_READ_INVALID_DATA;
}

static enum blk_status model_op(struct jotted *z, enum blk_op o, unsigned lba, unsigned age)
{
	struct jotted *at = &z[lba / ZONE];
	if (lba % ZONE || lba < CONVENTIONAL * ZONE)
		return BLK_INVALID_FIELD;
	if (o == BLK_ZONE_RESET)
		*at = (struct jotted){0, 'E', at->age};
	else if (o == BLK_ZONE_CLOSE && (at->state == 'I' || at->state == 'X'))
		at->state = at->written ? 'C' : 'E';
	else if (o == BLK_ZONE_OPEN && at->state != 'F')
		return at->state == 'X' || acquire(z, lba / ZONE, 'X', age) ? BLK_OK : BLK_ZONE_RESOURCES;
	else if (o == BLK_ZONE_FINISH && at->state != 'F') {
		if (!acquire(z, lba / ZONE, 'I', age))
			return BLK_ZONE_RESOURCES;
		*at = (struct jotted){size_of(lba / ZONE), 'F', at->age};
	}
	return BLK_OK;
}

static void ck_same(const struct jotted *z)
{
	for (uint32_t i = CONVENTIONAL; i < ZONES; i++) {
		static const char letter[] = {[ZONE_EMPTY] = 'E', [ZONE_IMPLICIT_OPEN] = 'I', [ZONE_EXPLICIT_OPEN] = 'X',
			[ZONE_CLOSED] = 'C', [ZONE_FULL] = 'F'};
		ck_assert_int_eq(letter[host.zone[i].condition], z[i].state);
		ck_assert_uint_eq(host.zone[i].pointer - (uint64_t)i * ZONE, z[i].written);
	}
	ck_assert_uint_le(host.implicit_open + host.explicit_open, MAX_OPEN);
}

START_TEST(a_million_random_commands_agree_with_a_model)
{
	static const enum blk_op ops[] = {BLK_ZONE_OPEN, BLK_ZONE_CLOSE, BLK_ZONE_FINISH, BLK_ZONE_RESET};
	struct rng *rng = rng_new(arena, 1, "smr");
	struct jotted z[ZONES];
	unsigned met[BLK_STATUS_COUNT] = {0};
	for (unsigned i = 0; i < ZONES; i++)
		z[i] = (struct jotted){0, i < CONVENTIONAL ? '-' : 'E', 0};
	for (unsigned i = 1, end = effort(1000000); i <= end; i++) {
		unsigned zone = (unsigned)rng_below(rng, ZONES), what = (unsigned)rng_below(rng, 8);
		unsigned lba = zone * ZONE + (rng_below(rng, 4) ? z[zone].written % ZONE : (unsigned)rng_below(rng, size_of(zone)));
		unsigned n = 1 + (unsigned)rng_below(rng, rng_below(rng, 4) ? 12 : 70);
		enum blk_status got, want;
		lba = lba < SECTORS ? lba : SECTORS - 1;
		n = n < SECTORS - lba ? n : SECTORS - lba;
		if (what < 4) {
			got = put(lba, n);
			want = model_write(z, lba, n, i);
		} else if (what < 6) {
			got = smr_host_check_read(&host, lba, n);
			want = model_read(z, lba, n);
		} else {
			uint64_t from, sectors;
			enum blk_op o = ops[rng_below(rng, 4)];
			lba = rng_below(rng, 8) ? zone * ZONE : lba;
			got = smr_host_op(&host, o, lba, &from, &sectors);
			want = model_op(z, o, lba, i);
		}
		ck_assert_msg(got == want, "command %u: %s, want %s", i, blk_status_name(got), blk_status_name(want));
		met[got]++;
		ck_same(z);
	}
	for (int s = BLK_UNALIGNED_WRITE; s <= BLK_INVALID_FIELD; s++)
		ck_assert_msg(met[s] > effort(1000), "%s was met %u times", blk_status_name((enum blk_status)s), met[s]);
}
END_TEST

/* ---- through the common entry --------------------------------------------------------------------------- */

static struct smr *open_smr(struct arena *a, const struct disk_smr_spec *spec)
{
	struct err e = {0};
	struct smr *s = smr_new(a, spec, SECTORS, &e);
	ck_assert_msg(s != NULL, "%s", e.msg);
	return s;
}

static void table_of(const struct smr *s, char *text, size_t bytes)
{
	FILE *out = fmemopen(text, bytes, "w");
	smr_write_table(s, out);
	fclose(out);
}

START_TEST(a_saved_state_goes_on_as_the_original)
{
	struct disk_smr_spec spec = spec_of(true);
	struct smr *s = open_smr(arena, &spec), *t = open_smr(arena, &spec);
	struct smr_plan p;
	char *bytes = NULL, a[2048], b[2048];
	size_t size = 0;
	uint64_t lba, sectors;
	struct err e = {0};
	ck_assert(smr_host_managed(s));
	ck_assert_uint_eq(smr_sectors(s), SECTORS);
	ck_assert_uint_eq(smr_zone_sectors(s), ZONE);
	for (uint32_t z = 2; z < 6; z++) {
		ck_status(smr_write(s, z * ZONE, z, &p), BLK_OK);
		ck_assert_uint_eq(p.steps, 1);
		ck_assert_uint_eq(p.step[0].lbn, z * ZONE);
		ck_assert_uint_eq(p.covered, z);
		smr_landed(s, &p.step[0], z);
	}
	ck_status(smr_write(s, 2 * ZONE, 1, &p), BLK_UNALIGNED_WRITE);
	ck_status(smr_zone_op(s, BLK_ZONE_OPEN, 7 * ZONE, &lba, &sectors), BLK_OK);
	ck_status(smr_zone_op(s, BLK_ZONE_FINISH, 8 * ZONE, &lba, &sectors), BLK_OK);
	FILE *f = open_memstream(&bytes, &size);
	ck_assert_int_eq(smr_save(s, f, &e), 0);
	fclose(f);
	f = fmemopen(bytes, size, "r");
	ck_assert_int_eq(smr_load(t, f, &e), 0);
	fclose(f);
	table_of(s, a, sizeof(a));
	table_of(t, b, sizeof(b));
	ck_assert_str_eq(a, b);
	ck_assert_ptr_nonnull(strstr(a, "\n1,64,64,conventional,not-write-pointer,\n"));
	ck_assert_ptr_nonnull(strstr(a, "\n5,320,64,sequential-write-required,implicit-open,325\n"));
	ck_assert_ptr_nonnull(strstr(a, "\n8,512,64,sequential-write-required,full,\n"));
	ck_assert_ptr_nonnull(strstr(a, "\n9,576,20,sequential-write-required,empty,576\n"));
	ck_assert_uint_eq(smr_counts(t)->refused, 1);
	ck_assert_uint_eq(smr_counts(t)->placed, 2 + 3 + 4 + 5);
	/* which zone was written longest ago is part of the state */
	ck_status(smr_write(s, 9 * ZONE, 1, &p), BLK_OK);
	ck_status(smr_write(t, 9 * ZONE, 1, &p), BLK_OK);
	table_of(s, a, sizeof(a));
	table_of(t, b, sizeof(b));
	ck_assert_str_eq(a, b);
	for (size_t cut = 0; cut < size; cut += 7) { /* what ends early is refused */
		struct smr *u = open_smr(arena, &spec);
		struct err why = {0};
		f = cut ? fmemopen(bytes, cut, "r") : fopen("/dev/null", "r");
		ck_assert_int_eq(smr_load(u, f, &why), -1);
		fclose(f);
	}
	free(bytes);
}
END_TEST

START_TEST(zones_that_the_disk_cannot_have_are_refused_in_one_sentence)
{
	struct disk_smr_spec spec = spec_of(true);
	struct err e = {0};
	spec.zone_bytes = 1000 * SECTOR_BYTES;
	ck_assert_ptr_null(smr_new(arena, &spec, SECTORS, &e));
	ck_assert_str_eq(e.msg, "shingled zone_size is 1000 sectors: the disk has only 596");
	spec = spec_of(true);
	spec.conventional_zones = 11;
	err_clear(&e);
	ck_assert_ptr_null(smr_new(arena, &spec, SECTORS, &e));
	ck_assert_str_eq(e.msg, "shingled conventional_zones is 11: the disk has only 10 zones");
	for (uint64_t n = 1; n <= 2; n++) {
		spec = spec_of(true);
		err_clear(&e);
		arena_fail_at(arena, n);
		ck_assert_ptr_null(smr_new(arena, &spec, SECTORS, &e));
		ck_assert_int_eq(e.code, ERR_LIMIT);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("smr_host");
	TCase *t = tcase_create("smr_host");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_write_off_the_pointer_is_unaligned);
	tcase_add_test(t, a_write_past_its_zone_is_a_boundary_violation);
	tcase_add_test(t, a_write_to_a_full_zone_is_an_invalid_field);
	tcase_add_test(t, a_read_past_the_pointer_is_invalid_data);
	tcase_add_test(t, a_read_past_its_zone_is_a_boundary_violation);
	tcase_add_test(t, unrestricted_reads_go_anywhere);
	tcase_add_test(t, zone_operations_want_the_start_of_a_sequential_zone);
	tcase_add_test(t, a_reset_says_what_no_longer_holds_data);
	tcase_add_test(t, each_function_leads_from_each_condition_where_the_standard_says);
	tcase_add_test(t, one_more_open_zone_closes_the_implicitly_open_one_written_longest_ago);
	tcase_add_test(t, explicitly_open_zones_use_up_the_resources);
	tcase_add_test(t, a_power_cut_takes_pointers_back_to_what_landed_and_closes_zones);
	tcase_add_test(t, a_million_random_commands_agree_with_a_model);
	tcase_add_test(t, a_saved_state_goes_on_as_the_original);
	tcase_add_test(t, zones_that_the_disk_cannot_have_are_refused_in_one_sentence);
	tcase_set_timeout(t, 120);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed > 0;
}
