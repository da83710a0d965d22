/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models of the seek curve: SEEK(symbol, name, keys it must be given, doc); d is the distance in cylinders. */
SEEK(table, "table", SEEK_NEEDS_TABLE,
	"a measured table, linear between its points and past the last (DiskSim: extracted)")
SEEK(sqrt_linear, "sqrt-linear", 0, "a + b sqrt(d) below break_cylinders, c + e d from there on")
SEEK(hpl, "hpl", 0,
	"the same with `single` for d = 1, the six parameters of Ruemmler & Wilkes; with `first`, DiskSim's hplplus10")
SEEK(three_part, "three-part", SEEK_NEEDS_BREAK,
	"`single` while settling dominates, then a + b sqrt(d), from break_cylinders on the tangent: constant speed")
SEEK(lee, "lee", SEEK_NEEDS_SINGLE | SEEK_NEEDS_AVERAGE | SEEK_NEEDS_FULL,
	"Lee's a sqrt(d-1) + b (d-1) + c from single, average and full (DiskSim: curve)")
SEEK(fitted, "fitted", SEEK_NEEDS_SINGLE | SEEK_NEEDS_AVERAGE | SEEK_NEEDS_FULL,
	"sqrt, then its tangent, that meet single, average and full of a data sheet")
SEEK(three_points, "three-points", SEEK_NEEDS_SINGLE | SEEK_NEEDS_AVERAGE | SEEK_NEEDS_FULL,
	"linear between single, average (at a third of the stroke) and full (DiskSim: linear)")
SEEK(linear, "linear", 0, "c + e d")
SEEK(constant, "constant", SEEK_NEEDS_AVERAGE, "`average` for every distance")
