/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Host-managed zones: the zone state machine of INCITS 536 (ZBC). */
#include "disk/smr_host.h"

#include <inttypes.h>

int smr_host_init(struct smr_host *h, struct arena *a, const struct disk_smr_spec *spec, uint64_t sectors,
	struct err *e)
{
	uint64_t zone_sectors = (uint64_t)spec->zone_bytes / SECTOR_BYTES;
	if (zone_sectors > sectors)
		return err_set(e, ERR_CONFIG, "shingled zone_size is %" PRIu64 " sectors: the disk has only %" PRIu64,
			zone_sectors, sectors);
	uint64_t zones = (sectors + zone_sectors - 1) / zone_sectors;
	if ((uint64_t)spec->conventional_zones > zones)
		return err_set(e, ERR_CONFIG, "shingled conventional_zones is %" PRId64 ": the disk has only %" PRIu64 " zones",
			spec->conventional_zones, zones);
	if (zones > UINT32_MAX)
		return err_set(e, ERR_CONFIG, "shingled zone_size is %" PRIu64 " sectors: the disk would have more than 2^32 zones",
			zone_sectors);
	*h = (struct smr_host){
		.sectors = sectors,
		.zone_sectors = (uint32_t)zone_sectors,
		.zones = (uint32_t)zones,
		.conventional = (uint32_t)spec->conventional_zones,
		.max_open = (uint32_t)spec->max_open_zones,
		.unrestricted_reads = spec->unrestricted_reads,
		.zone = arena_array(a, zones, sizeof(*h->zone)),
	};
	if (!h->zone)
		return err_set(e, ERR_LIMIT, "no memory for %" PRIu64 " zones", zones);
	for (uint32_t i = 0; i < h->zones; i++) {
		h->zone[i].pointer = h->zone[i].landed = (uint64_t)i * h->zone_sectors;
		h->zone[i].condition = i < h->conventional ? ZONE_NOT_WRITE_POINTER : ZONE_EMPTY;
	}
	return 0;
}

static inline uint32_t zone_of(const struct smr_host *h, uint64_t lba) { return (uint32_t)(lba / h->zone_sectors); }
static inline uint64_t start_of(const struct smr_host *h, uint32_t zone) { return (uint64_t)zone * h->zone_sectors; }
static inline bool is_open(uint8_t condition)
{
	return condition == ZONE_IMPLICIT_OPEN || condition == ZONE_EXPLICIT_OPEN;
}

/* All changes of condition go through here: the counts follow. */
static void set_condition(struct smr_host *h, struct smr_zone *z, enum smr_condition c)
{
	h->implicit_open -= z->condition == ZONE_IMPLICIT_OPEN;
	h->explicit_open -= z->condition == ZONE_EXPLICIT_OPEN;
	z->condition = (uint8_t)c;
	h->implicit_open += c == ZONE_IMPLICIT_OPEN;
	h->explicit_open += c == ZONE_EXPLICIT_OPEN;
	if (is_open((uint8_t)c))
		z->used = ++h->used;
}

static void close_zone(struct smr_host *h, uint32_t zone)
{
	struct smr_zone *z = &h->zone[zone];
	if (is_open(z->condition))
		set_condition(h, z, z->pointer == start_of(h, zone) ? ZONE_EMPTY : ZONE_CLOSED);
}

/* The implicitly open zone that was written longest ago gives way. There is one. */
static void close_one_implicit(struct smr_host *h)
{
	uint32_t best = 0;
	uint64_t least = UINT64_MAX;
	for (uint32_t i = h->conventional; i < h->zones; i++)
		if (h->zone[i].condition == ZONE_IMPLICIT_OPEN && h->zone[i].used < least) {
			best = i;
			least = h->zone[i].used;
		}
	close_zone(h, best);
}

/* Resources to open one more zone (ZBC, "manage open zone resources"): those of implicitly open zones can
 * be had, those of explicitly open ones cannot. */
static bool can_open(const struct smr_host *h) { return h->max_open == 0 || h->explicit_open < h->max_open; }

static void open_zone(struct smr_host *h, struct smr_zone *z, enum smr_condition c)
{
	if (!is_open(z->condition) && h->max_open > 0 && h->implicit_open + h->explicit_open >= h->max_open)
		close_one_implicit(h);
	set_condition(h, z, c);
}

/* ---- reads and writes -------------------------------------------------------------------------------- */

enum blk_status smr_host_check_read(const struct smr_host *h, uint64_t lba, uint32_t sectors)
{
	if (h->unrestricted_reads)
		return BLK_OK;
	uint32_t first = zone_of(h, lba), last = zone_of(h, lba + sectors - 1);
	if (first < h->conventional)
		return last < h->conventional ? BLK_OK : BLK_READ_BOUNDARY;
	if (last != first)
		return BLK_READ_BOUNDARY;
	return lba + sectors <= h->zone[first].pointer ? BLK_OK : BLK_READ_INVALID_DATA;
}

enum blk_status smr_host_write(struct smr_host *h, uint64_t lba, uint32_t sectors)
{
	uint32_t first = zone_of(h, lba), last = zone_of(h, lba + sectors - 1);
	if (first < h->conventional)
		return last < h->conventional ? BLK_OK : BLK_WRITE_BOUNDARY;
	struct smr_zone *z = &h->zone[first];
	if (last != first)
		return BLK_WRITE_BOUNDARY;
	if (z->condition == ZONE_FULL)
		return BLK_INVALID_FIELD;
	if (lba != z->pointer)
		return BLK_UNALIGNED_WRITE;
	if (!is_open(z->condition)) {
		if (!can_open(h))
			return BLK_ZONE_RESOURCES;
		open_zone(h, z, ZONE_IMPLICIT_OPEN);
	}
	z->used = ++h->used;
	z->pointer += sectors;
	if (z->pointer == smr_host_end(h, first))
		set_condition(h, z, ZONE_FULL);
	return BLK_OK;
}

void smr_host_landed(struct smr_host *h, uint64_t lba, uint32_t sectors)
{
	for (uint64_t end = lba + sectors; lba < end;) {
		uint32_t zone = zone_of(h, lba);
		uint64_t to = smr_host_end(h, zone) < end ? smr_host_end(h, zone) : end;
		struct smr_zone *z = &h->zone[zone];
		if (zone >= h->conventional && lba == z->landed)
			z->landed = to < z->pointer ? to : z->pointer;
		lba = to;
	}
}

void smr_host_power_cut(struct smr_host *h)
{
	for (uint32_t i = h->conventional; i < h->zones; i++) {
		struct smr_zone *z = &h->zone[i];
		if (!z->finished && z->pointer != z->landed) {
			z->pointer = z->landed;
			if (z->condition == ZONE_FULL || z->condition == ZONE_CLOSED)
				set_condition(h, z, z->pointer == start_of(h, i) ? ZONE_EMPTY : ZONE_CLOSED);
		}
		close_zone(h, i);
	}
}

/* ---- zone operations ----------------------------------------------------------------------------------- */

static enum blk_status op_open(struct smr_host *h, struct smr_zone *z)
{
	if (z->condition == ZONE_EXPLICIT_OPEN || z->condition == ZONE_FULL)
		return BLK_OK;
	/* one that is open implicitly has its resources already, but the explicit ones are counted */
	if (!can_open(h))
		return BLK_ZONE_RESOURCES;
	open_zone(h, z, ZONE_EXPLICIT_OPEN);
	return BLK_OK;
}

static enum blk_status op_finish(struct smr_host *h, uint32_t zone)
{
	struct smr_zone *z = &h->zone[zone];
	if (z->condition == ZONE_FULL)
		return BLK_OK;
	if (!is_open(z->condition)) {
		if (!can_open(h))
			return BLK_ZONE_RESOURCES;
		open_zone(h, z, ZONE_IMPLICIT_OPEN); /* its resources are needed, for this moment */
	}
	set_condition(h, z, ZONE_FULL);
	z->pointer = z->landed = smr_host_end(h, zone);
	z->finished = true;
	return BLK_OK;
}

static void op_reset(struct smr_host *h, uint32_t zone, uint64_t *void_lba, uint64_t *void_sectors)
{
	struct smr_zone *z = &h->zone[zone];
	*void_lba = start_of(h, zone);
	*void_sectors = z->pointer - *void_lba;
	set_condition(h, z, ZONE_EMPTY);
	z->pointer = z->landed = *void_lba;
	z->finished = false;
}

enum blk_status smr_host_op(struct smr_host *h, enum blk_op op, uint64_t lba, uint64_t *void_lba, uint64_t *void_sectors)
{
	uint32_t zone = zone_of(h, lba);
	*void_lba = *void_sectors = 0;
	if (op == BLK_ZONE_APPEND)
		return BLK_UNSUPPORTED; /* a command of NVMe's; ZBC has none */
	if (lba != start_of(h, zone) || zone < h->conventional)
		return BLK_INVALID_FIELD;
	switch (op) {
	case BLK_ZONE_OPEN: return op_open(h, &h->zone[zone]);
	case BLK_ZONE_CLOSE: return close_zone(h, zone), BLK_OK;
	case BLK_ZONE_FINISH: return op_finish(h, zone);
	case BLK_ZONE_RESET: return op_reset(h, zone, void_lba, void_sectors), BLK_OK;
	default: return BLK_UNSUPPORTED;
	}
}

const char *smr_condition_name(enum smr_condition c)
{
	switch (c) {
	case ZONE_NOT_WRITE_POINTER: return "not-write-pointer";
	case ZONE_EMPTY: return "empty";
	case ZONE_IMPLICIT_OPEN: return "implicit-open";
	case ZONE_EXPLICIT_OPEN: return "explicit-open";
	case ZONE_CLOSED: return "closed";
	case ZONE_FULL: return "full";
	}
	return "?";
}
