/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * disk.sptf: random 4 KiB reads, closed loop of depth 32, of which the drive takes the one with the
 * shortest positioning time, on the Quantum Atlas 10K with its buffer on; and the peak memory of it.
 */
#include "disk_load.h"

int main(int argc, char **argv)
{
	const char *device = argc > 1 ? argv[1] : QUERN_SRCDIR "/devices/quantum-atlas-10k.yaml";
	struct disk_load l = {"disk.sptf", device, "sptf", 1000000, 32};
	disk_load_bench(&l, 3);
	return 0;
}
