/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What one pass over a trace tells of it.
 *
 * Owner: trace_info_free(). Units: in the names.
 */
#ifndef QUERN_CLI_TRACE_INFO_H
#define QUERN_CLI_TRACE_INFO_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/counter.h"
#include "trace/reader.h"

struct trace_info_device {
	uint32_t number;
	uint64_t requests;
	uint64_t end_sector;  /* highest end address */
	uint64_t next_lba;    /* end of its last request */
};

struct trace_info {
	uint64_t records;
	uint64_t by_op[BLK_OP_COUNT];
	uint64_t sectors;
	uint64_t read_bytes, write_bytes;
	uint64_t sequential;          /* begin where the last request of their device ended */
	uint64_t fua, barrier;
	time_ps duration_ps;          /* latest arrival; -1: no arrival times */
	uint64_t end_sector;
	struct tally read_sectors, write_sectors;
	struct tally response_ps;     /* measured */
	struct tally delay_ps;        /* recorded pauses */
	struct trace_info_device *device; /* owned; sorted by number */
	size_t device_count, device_capacity;
};

/* Read the source to its end. -1 with *e set. */
int trace_info_read(struct trace_info *info, struct trace_source *source, struct err *e);
void trace_info_free(struct trace_info *info);

#endif
