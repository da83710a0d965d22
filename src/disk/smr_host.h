/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Host-managed zones, as INCITS 536 (ZBC) has them: conventional zones first, then zones of the type
 * "sequential write required", each with a condition and a write pointer.
 *
 * Invariants: a zone is empty exactly when its write pointer is at its start, or it was opened
 * explicitly; open zones never exceed max_open; the counts are those of the conditions.
 *
 * What the standard leaves to the drive: when a zone must be opened implicitly and as many are open as
 * may be, the implicitly open zone that was written longest ago is closed.
 *
 * Checks are made in the order in which commands are served. A host that has two writes to one zone
 * outstanding on a drive that reorders may get an unaligned write: real hosts hold back the second.
 *
 * The write pointer moves when a write is planned. `landed` follows on the medium; a power cut takes the
 * pointer back to it, closes open zones, and a zone that was full by a write still on its way is
 * closed again. Zones that were finished stay full.
 */
#ifndef QUERN_DISK_SMR_HOST_H
#define QUERN_DISK_SMR_HOST_H

#include "disk/smr.h"

/* The values REPORT ZONES gives (ZBC, zone condition field). */
enum smr_condition {
	ZONE_NOT_WRITE_POINTER = 0x0, /* conventional */
	ZONE_EMPTY = 0x1,
	ZONE_IMPLICIT_OPEN = 0x2,
	ZONE_EXPLICIT_OPEN = 0x3,
	ZONE_CLOSED = 0x4,
	ZONE_FULL = 0xe,
};

struct smr_zone {
	uint64_t pointer;    /* LBA; the zone's end when full */
	uint64_t landed;     /* LBA: on the medium up to here */
	uint64_t used;       /* when it was last written or opened: a count */
	uint8_t condition;
	bool finished;       /* full by command */
};

struct smr_host {
	uint64_t sectors;
	uint32_t zone_sectors, zones, conventional;
	uint32_t max_open;           /* 0: no limit */
	bool unrestricted_reads;     /* URSWRZ */
	uint32_t implicit_open, explicit_open;
	uint64_t used;
	struct smr_zone *zone;
};

int smr_host_init(struct smr_host *h, struct arena *a, const struct disk_smr_spec *spec, uint64_t sectors,
	struct err *e);
/* The last zone may be smaller. */
static inline uint64_t smr_host_end(const struct smr_host *h, uint32_t zone)
{
	uint64_t end = (uint64_t)(zone + 1) * h->zone_sectors;
	return end < h->sectors ? end : h->sectors;
}
enum blk_status smr_host_check_read(const struct smr_host *h, uint64_t lba, uint32_t sectors);
/* Checks and, if it is in order, opens the zone and moves the pointer. */
enum blk_status smr_host_write(struct smr_host *h, uint64_t lba, uint32_t sectors);
enum blk_status smr_host_op(struct smr_host *h, enum blk_op op, uint64_t lba, uint64_t *void_lba, uint64_t *void_sectors);
/* May span zones. */
void smr_host_landed(struct smr_host *h, uint64_t lba, uint32_t sectors);
void smr_host_power_cut(struct smr_host *h);
const char *smr_condition_name(enum smr_condition c);

#endif
