#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The speed section of doc/VALIDATION.md from the JSON lines of `make bench` on stdin (`make validation-doc`).
set -eu
cat <<'END'

## Speed

    make bench               # one JSON line a figure; the reference is measured in the same run
    bench/run sim.hold       # one of them

Machines differ and are noisy, so a figure is a ratio: our time over the reference's for the same count, both measured
in turn in one run, the fastest round of each.

| bench | what | reference |
|---|---|---|
| `sim.hold.N` | fire the earliest of N pending events and schedule it again | a bare 4-ary heap of 16-byte entries, pop + push; ratio at most 1.5 |
| `trace.parse.FORMAT` | a plain-text trace, record by record | `wc -l` on the same file |
| `disk.fcfs` | random 4 KiB reads on the Atlas 10K, closed loop of 16: generator, driver, queue, disk | the bare heap doing one pop + push a request |
| `disk.sptf` | the same in a closed loop of 32, the shortest positioning time of all waiting first | the same |
| `disk.*.memory` | peak memory of either | 20 MiB |
| `run.disk` | the load of `disk.fcfs` with all statistics of `quern run` | the same; memory as above |
| `ssd.randread` | random 4 KiB reads a second of a whole drive of 64 dies with cycle-level timing, 32 outstanding | 2 million a second |
| `ssd.randwrite_gc` | random 4 KiB writes likewise in the steady state of cleaning; `.operations`: pages that the flash read and programmed | 1.1 and 4 million a second |
| `ssd.flash` | random 4 KiB reads through the transaction scheduler and the flash alone, 64 dies on 8 channels, 32 outstanding; `.writes`: page programs, two planes at a time | 4 and 8 million a second: half the time a whole device may take |
| `ssd.untimed` | page programs a second of the translation layer without time, 64 GiB of 8 KiB pages at 7 % over-provisioning, uniform overwrites with greedy garbage collection | 15 million a second |
| `ssd.bytes_per_page` | peak memory of it, of everything, for each logical page | 10 bytes |
| `ssd.precondition` | 512 GiB of 8 KiB pages at 15 % over-provisioning filled and overwritten once at random | 60 s |
| `host.refs` | references a second of the host's machine: 4,096 pages, all in memory, 16 threads, uniform, 30 % writes | a bare CLOCK over an array; 50 million a second are wanted |
| `host.faults` | faults a second through the whole path on a device of fixed latency: 262,144 pages, half in memory, uniform, 30 % writes, 16 threads, frames reclaimed ahead | the same; 5 million a second are wanted |
| `host.bytes_per_page` | memory of the model for each resident page, beside 16 bytes for each page touched | 32 bytes |
| `ssd.scale` | a random 4 KiB request, half reads, half writes, on a drive of 1 TiB, 32 outstanding | the same on one of 32 GiB; ratio at most 2 |
| `sweep.overhead` | processor time that a point of a sweep costs one thread beyond its simulation, planning, writing and collecting in it | 2 ms |
| `sweep.scaling` | a sweep of 1,000 short points with a thread for each processor against one thread, wall time | the number of processors; 0.95 of it is wanted |
| `sweep.states` | 16 points on preconditioned drives, their states shared | the same, each preconditioning its own |

One run, in processor time, on two cores that others used too:

| bench | value | | reference in the same run | ratio |
|---|---|---|---|---|
END
awk '
function field(key,    rest) {
	if (!match($0, "\"" key "\": *")) return ""
	rest = substr($0, RSTART + RLENGTH)
	if (substr(rest, 1, 1) == "\"") { rest = substr(rest, 2); sub(/".*/, "", rest); return rest }
	sub(/[,}].*/, "", rest)
	return rest
}
/"name"/ { printf "| `%s` | %.4g | %s | %.4g: %s | %s |\n", field("name"), field("value"), field("unit"),
	field("reference_value"), field("reference"), field("ratio") }'
