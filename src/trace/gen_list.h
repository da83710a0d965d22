/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The address generators: GEN(symbol, name, doc) is `gen_<symbol>`, defined in
 * gen_<symbol>.c. Name and doc stand here too because option rows want constants. */
GEN(random, "random", "each request at an aligned position drawn uniformly from the range")
GEN(sequential, "sequential", "each request behind the one before, from the start again at the end")
