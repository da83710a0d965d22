/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mapping schemes: MAP(symbol, name, doc). */
MAP(page, "page", "a map entry for every unit, all of it in memory; O(1)")
MAP(none, "none", "no map: every page has its place for good, and a write of one reads, erases and programs its block anew")
