#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The figures of doc/VALIDATION.md from the JSON lines of the accuracy program on stdin (`make validation-doc`).
set -eu
cat <<'END'
# Validation

Every accuracy figure Quern states, made by one command:

    make validate            # in the build folder; one JSON line a figure, exit status 1 when one misses its target
    tests/valid/validate disk.measured      # only the figures whose group begins so

This page is that output as tables, each under the command for its figures, and then where the error lies and how fast
it is (`make validation-doc` writes it anew). Figures that need reference data (the
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
  the median over 20 start angles. Targets are what DiskSim 4.0 reaches on the same files, or half of that. For
  scale: a model blind to rotational phase is left with a demerit of 0.05 to 0.09 ms on the Quantum and Seagate drives and
  0.09 to 0.15 ms on the HP and DEC drives (validation/README.md).
- A per-request rms of about 2 ms on drives whose median is 0.05 ms comes from the 3 to 4 requests in 100 in which the
  real arm caught or missed a revolution that the model did not: a whole turn each.
- `ssd.waf.*`: write amplification of the translation layer without time, uniform, with TRIM and under skew, against closed forms, a
  mean-field model and an independent Monte-Carlo simulation: 4096 blocks, each target within 3.9 standard errors and 1.3 / N.
- `ssd.formula.*`: a device without remapping on the bench, one write of a page into a full block: the lecture's formula to the
  picosecond (the figure is the difference), and the times of a reference table. `ssd.formula.drive.*`: the same of a whole drive,
  from the host's request to its completion; with remapping too.
- `ssd.nand.*`: channels and dies of flash under the transaction scheduler, each figure the worst relative deviation over a table of the
  reference data: saturated channels of 1 to 16 dies of six parts, and the share of time that dies work under random reads.
- `ssd.remap.*`: what a page write costs on one plane with remapping: the lecture's formula to the picosecond, and the reference table
  within 1 %. Operations come from the translation layer, their times from the scheduler.
- `ssd.mqsim.*`: the whole drive on the two cases on which MQSim is known: nothing lost, Little's law, and the write amplification
  of d-choices (d = 9, alpha = (T - reserve) / (0.72 T), cleaning below 3 free blocks of a plane) within 3 %.
- `ssd.drives.*`: solid-state drives against data sheets and published measurements, each within 10 %; what their files hold is fitted
  to these figures, as each file says. The Micron 7300 PRO's modes of reads come from page types, its tail beside a writer from suspended
  programs, from those whose data still cross, and from their size.
- `host.paging.*`: page replacement on strings whose faults are known: textbooks, the independent reference model's closed forms (1 - m/N,
  King's sum and Che's approximation for LRU, FIFO and random alike), working sets. `host.machine.*`: the same strings, a loop, a scan, shared
  text on the whole machine, to the fault and the picosecond. `host.serve.*`: copies, flipped pages, that the device does the same, and the time of a request.
- `host.rvm.*`, `host.checkpoint.*`, `host.daly.*`: transactions a second on a disk without a cache, faults of a transaction, pages copied and
  pages dirty at checkpoints under uniform writes, and intervals under injected failures against Daly's formulas.
- `disk.modern.*`: drives of today against data sheets and published measurements. Most of what their device files hold is
  assumed or fitted to these very figures, as each file says; what the figures show is that one set of mechanisms
  gives all of a drive's figures at once.
END
awk '
function group(name,    part) {
	split(name, part, ".")
	return part[1] == "sim" ? part[1] : part[1] "." part[2]
}
function field(key,    rest) {
	if (!match($0, "\"" key "\": *")) return ""
	rest = substr($0, RSTART + RLENGTH)
	if (substr(rest, 1, 1) == "\"") { rest = substr(rest, 2); sub(/".*/, "", rest); return rest }
	sub(/[,}].*/, "", rest)
	return rest
}
/"name"/ && group(field("name")) != now {
	now = group(field("name"))
	printf "\n## %s\n\n    tests/valid/validate %s\n\n", now, now
	print "| figure | value | target | | source of the target |\n|---|---|---|---|---|"
}
/"skipped"/ { printf "| `%s` | | | skipped | %s |\n", field("name"), field("skipped"); next }
/"name"/ { printf "| `%s` | %s | %s | %s | %s |\n", field("name"), field("value"), field("target"),
	field("pass") == "true" ? "holds" : "**misses**", field("source") }'
