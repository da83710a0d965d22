/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * disk.fcfs: random 4 KiB reads, closed loop of depth 16, first come first served, on the
 * Quantum Atlas 10K with its buffer on; and the peak memory of it.
 */
#include "disk_load.h"

int main(int argc, char **argv)
{
	const char *device = argc > 1 ? argv[1] : QUERN_SRCDIR "/devices/quantum-atlas-10k.yaml";
	struct disk_load l = {"disk.fcfs", device, "fcfs", 2000000, 16};
	disk_load_bench(&l, 3);
	return 0;
}
