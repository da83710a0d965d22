#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# How much do two tenants of one drive disturb each other? Tenant A reads 4 KiB from its namespace ssd0n1 every 200 us; tenant B
# has ssd0n2 and, in the second run, writes 16 KiB every 2 ms. Their addresses are apart, the flash is not: A's reads wait behind
# B's programs, and behind the cleaning that B's writes make necessary. The trace is DiskSim's: time [ms], device, sector, sectors,
# flags (1: a read); its devices 0 and 1 are the two namespaces.
# Usage: sh ssd-two-tenants.sh [FOLDER]     needs quern in PATH, or its name in $QUERN
set -e
quern=${QUERN:-quern}
mkdir -p "${1:-tenants}"
cd "${1:-tenants}"
cat >drive.yaml <<'END'
include: [mqsim-default.yaml]
ssd0:
  namespaces: [64 MiB, 128 MiB]
  flash: {geometry: {channels: 2, chips: 2, dies: 2, planes: 2, blocks: 64, pages: 64, page: 4 KiB, spare: 0}}
  ftl: {map: {over_provisioning: 28 %}, gc: {low: 3}}
  buffer: {size: 1 MiB, high: 0, low: 0}
  precondition: {fill: 100 %, overwrite: 1}
END
awk 'BEGIN {
	srand(1)
	for (i = 0; i < 5000; i++) {
		printf "%.6f 0 %d 8 1\n", i * 0.2, 8 * int(rand() * 16384) >"alone.trace"
		printf "%.6f 0 %d 8 1\n", i * 0.2, 8 * int(rand() * 16384) >"both.trace"
		if (i % 10 == 0)
			printf "%.6f 1 %d 32 0\n", i * 0.2, 32 * int(rand() * 8192) >"both.trace"
	}
}'
for run in alone both; do
	"$quern" replay $run.trace --format disksim --device ./drive.yaml -o $run --force >$run.txt
	echo "$run: $(grep ' ssd0n1 ' $run.txt | tail -1)"
done
