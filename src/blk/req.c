/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of operations, states and causes, each once. */
#include "blk/req.h"

static const char *name_in(const char *const *names, unsigned count, unsigned index)
{
	return index < count ? names[index] : "?";
}

const char *blk_op_name(enum blk_op op)
{
	static const char *const names[BLK_OP_COUNT] = {
		[BLK_READ] = "read", [BLK_WRITE] = "write", [BLK_FLUSH] = "flush", [BLK_TRIM] = "trim",
		[BLK_WRITE_ZEROES] = "write-zeroes", [BLK_ZONE_OPEN] = "zone-open",
		[BLK_ZONE_CLOSE] = "zone-close", [BLK_ZONE_FINISH] = "zone-finish",
		[BLK_ZONE_RESET] = "zone-reset", [BLK_ZONE_APPEND] = "zone-append",
	};
	return name_in(names, BLK_OP_COUNT, op);
}

const char *blk_status_name(enum blk_status s)
{
	static const char *const names[BLK_STATUS_COUNT] = {
		[BLK_OK] = "ok", [BLK_OUT_OF_RANGE] = "out-of-range", [BLK_UNSUPPORTED] = "unsupported",
		[BLK_MEDIA_ERROR] = "media-error", [BLK_POWER_LOST] = "power-lost",
		[BLK_NOT_READY] = "not-ready", [BLK_UNALIGNED_WRITE] = "unaligned-write",
		[BLK_WRITE_BOUNDARY] = "write-boundary", [BLK_READ_INVALID_DATA] = "read-invalid-data",
		[BLK_READ_BOUNDARY] = "read-boundary", [BLK_ZONE_RESOURCES] = "zone-resources",
		[BLK_INVALID_FIELD] = "invalid-field", [BLK_WRITE_FAULT] = "write-fault",
		[BLK_INVALID_NAMESPACE] = "invalid-namespace",
	};
	return name_in(names, BLK_STATUS_COUNT, s);
}

const char *blk_cause_name(enum blk_cause c)
{
	static const char *const names[BLK_CAUSE_COUNT] = {
		[BLK_CAUSE_HOST] = "host", [BLK_CAUSE_SWAP] = "swap", [BLK_CAUSE_FILE] = "file",
		[BLK_CAUSE_LOG] = "log", [BLK_CAUSE_CHECKPOINT] = "checkpoint",
		[BLK_CAUSE_MIGRATION] = "migration",
	};
	return name_in(names, BLK_CAUSE_COUNT, c);
}

const char *blk_hit_name(enum blk_hit h)
{
	static const char *const names[] = {
		[BLK_MISS] = "miss", [BLK_HIT] = "hit", [BLK_HIT_PARTIAL] = "partial", [BLK_HIT_NONE] = "none",
	};
	return name_in(names, sizeof(names) / sizeof(names[0]), h);
}
