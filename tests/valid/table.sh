#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# doc/VALIDATION.md from the JSON lines of the accuracy program on stdin (`make validation-doc`).
set -eu
cat <<'END'
# Validation

Every accuracy figure Quern states, made by one command:

    make validate            # in the build folder; one JSON line a figure, exit status 1 when one misses its target
    tests/valid/validate disk.measured      # only the figures whose group begins so

This page is that output as a table (`make validation-doc` writes it anew). Figures that need reference data (the
Monte-Carlo table of drive R, the measured traces of the DiskSim 4.0 validation set) are skipped, and say so, where the
data are not there: `configure --with-reference-data=DIR`, or `QUERN_REFERENCE_DATA=DIR`.

How to read it:

- `sim.*`: the statistics, against vectors from an independent implementation.
- `disk.drive.*`: the model against closed forms (Pollaczek-Khinchine; the mean seek as an integral over the curve; T/2n
  for shortest positioning time first on one track; zone bandwidth), and drive R (7200 rpm, 10^5 cylinders, random
  8-sector reads) against an independent Monte-Carlo simulation of the same definition.
- `disk.measured.*`: real drives. One continuous closed-loop run over the whole trace; parameters calibrated on the first
  half alone; the second half is what counts. *demerit* is DiskSim's figure, the rms distance between the two
  response-time distributions in ms; the per-request figures are the rms and the median of |simulated - measured|. Each is
  the median over 20 start angles. Targets are what DiskSim 4.0 reaches on the same files.
- A per-request rms of about 2 ms on drives whose median is 0.05 ms comes from the 3 to 4 requests in 100 in which the
  real arm caught or missed a revolution that the model did not: a whole turn each.

| figure | value | target | | source of the target |
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
/"skipped"/ { printf "| `%s` | | | skipped | %s |\n", field("name"), field("skipped"); next }
/"name"/ { printf "| `%s` | %s | %s | %s | %s |\n", field("name"), field("value"), field("target"),
	field("pass") == "true" ? "holds" : "**misses**", field("source") }'
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
END
