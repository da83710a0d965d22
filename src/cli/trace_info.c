/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One pass over a trace. */
#include "cli/trace_info.h"

#include <stdlib.h>
#include <string.h>

/* Place of a device in the sorted list, or where it would stand. */
static size_t place(const struct trace_info *info, uint32_t number)
{
	size_t low = 0, high = info->device_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (info->device[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct trace_info_device *device(struct trace_info *info, uint32_t number)
{
	size_t at = place(info, number);
	if (at < info->device_count && info->device[at].number == number)
		return &info->device[at];
	if (info->device_count == info->device_capacity) {
		size_t capacity = info->device_capacity ? 2 * info->device_capacity : 16;
		struct trace_info_device *grown = realloc(info->device, capacity * sizeof(*grown));
		if (!grown)
			return NULL;
		info->device = grown;
		info->device_capacity = capacity;
	}
	memmove(&info->device[at + 1], &info->device[at],
		(info->device_count - at) * sizeof(*info->device));
	info->device_count++;
	info->device[at] = (struct trace_info_device){.number = number, .next_lba = UINT64_MAX};
	return &info->device[at];
}

static void add_range(struct trace_info *info, struct trace_info_device *d,
	const struct trace_record *r)
{
	uint64_t end = r->lba + r->sectors;
	info->sectors += r->sectors;
	info->sequential += r->lba == d->next_lba;
	d->next_lba = end;
	if (end > d->end_sector)
		d->end_sector = end;
	if (end > info->end_sector)
		info->end_sector = end;
	if (r->op == BLK_READ) {
		info->read_bytes += (uint64_t)r->sectors * SECTOR_BYTES;
		tally_add(&info->read_sectors, r->sectors);
	} else if (r->op == BLK_WRITE) {
		info->write_bytes += (uint64_t)r->sectors * SECTOR_BYTES;
		tally_add(&info->write_sectors, r->sectors);
	}
}

int trace_info_read(struct trace_info *info, struct trace_source *source, struct err *e)
{
	struct trace_record r;
	int got;
	memset(info, 0, sizeof(*info));
	info->duration_ps = -1;
	while ((got = source->next(source, 0, &r, e)) > 0) {
		struct trace_info_device *d = device(info, r.device);
		if (!d)
			return err_set(e, ERR_LIMIT, "no memory for the devices of the trace");
		info->records++;
		info->by_op[r.op]++;
		info->fua += (r.flags & BLK_FUA) != 0;
		info->barrier += (r.flags & BLK_BARRIER) != 0;
		d->requests++;
		if (blk_op_has_range(r.op))
			add_range(info, d, &r);
		if (r.arrive_ps > info->duration_ps)
			info->duration_ps = r.arrive_ps;
		if (r.response_ps >= 0)
			tally_add(&info->response_ps, r.response_ps);
		if (r.delay_ps >= 0)
			tally_add(&info->delay_ps, r.delay_ps);
	}
	return got;
}

void trace_info_free(struct trace_info *info)
{
	free(info->device);
}
