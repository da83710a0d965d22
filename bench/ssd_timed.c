/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ssd.randread, ssd.randwrite_gc: 4 KiB requests a second of a whole solid-state drive with cycle-level timing, 32
 * outstanding: generator, driver, host queue, front, buffer, translation layer, scheduler, flash. 8 channels of 4 chips of 2
 * dies of 2 planes, the timing of MQSim's default drive over PCIe. Reads: 256 blocks of 256 pages of 4 KiB a plane, 70 % of the
 * capacity written and read. Writes: 512 blocks of 64 pages, 20 % of the flash kept from the host; 90 % of the capacity filled and
 * overwritten until cleaning is steady, and written in the run; least valid of 9 drawn, cleaning begins below 3 free blocks of a
 * plane; no cache: a write is acknowledged when it is in flash. .operations: pages that the flash read and programmed a second.
 * References: what the project is to reach on one core.
 */
#include "device_load.h"

#define COMMON \
	"    bus: {interface: nv-ddr2, rate: 333 MT/s}\n" \
	"    array: {read: [75 us], program: [750 us], erase: 3.8 ms}\n" \
	"  front: {kind: nvme, nvme: {queues: 8, entries: 1024, generation: 3, lanes: 4}}\n"

static const char *const reads =
	"disk0:\n"
	"  model: ssd\n"
	"  name: random reads\n"
	"  flash:\n"
	"    geometry: {channels: 8, chips: 4, dies: 2, planes: 2, blocks: 256, pages: 256, page: 4 KiB, cell: mlc}\n"
	COMMON
	"  ftl: {map: {over_provisioning: 7 %}}\n"
	"  buffer: {size: 1 MiB, read_share: 0, high: 0, low: 0}\n"
	"  precondition: {fill: 70 %}\n"
	"workload: {type: random, read_ratio: 100 %, request: 4 KiB, depth: 32, requests: 1500000, span: 21951492 KiB}\n";

static const char *const writes =
	"disk0:\n"
	"  model: ssd\n"
	"  name: random writes\n"
	"  flash:\n"
	"    geometry: {channels: 8, chips: 4, dies: 2, planes: 2, blocks: 512, pages: 64, page: 4 KiB, cell: mlc}\n"
	COMMON
	"  ftl: {map: {over_provisioning: 25 %}, gc: {policy: d-choices, choices: 9, low: 3}}\n"
	"  buffer: {size: 1 MiB, read_share: 0, high: 0, low: 0, write_back: false}\n"
	"  precondition: {fill: 90 %, overwrite: 2, span: 90 %}\n"
	"workload: {type: random, read_ratio: 0, request: 4 KiB, depth: 32, requests: 1000000, span: 12079592 KiB}\n";

/* Sectors that the flash has read and programmed; pages of 8. */
static uint64_t moved(const struct system *s)
{
	return s->dev[0]->stats.media_read_sectors + s->dev[0]->stats.media_write_sectors;
}

/* Requests a second, the drive's making not counted, and its page reads and programs a second. */
static double rate(const char *text, double requests, double *operations)
{
	struct device_load l;
	device_load_open(&l, text);
	uint64_t before = moved(l.system);
	double seconds = device_load_run(&l);
	*operations = (double)(moved(l.system) - before) / 8 / seconds;
	device_load_close(&l);
	return requests / seconds;
}

int main(void)
{
	double read = 0, write = 0, operations = 0, now;
	for (int round = 0; round < 3; round++) {
		double r = rate(reads, 1500000, &now), w = rate(writes, 1000000, &now);
		read = r > read ? r : read;
		operations = w > write ? now : operations;
		write = w > write ? w : write;
	}
	bench_line("ssd.randread", read, "requests/s", "target", 2e6, 2e6 / read);
	bench_line("ssd.randwrite_gc", write, "requests/s", "target", 1.1e6, 1.1e6 / write);
	bench_line("ssd.randwrite_gc.operations", operations, "page reads and programs/s", "target", 4e6, 4e6 / operations);
	return 0;
}
