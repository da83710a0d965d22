/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mapping schemes: MAP(symbol, name, doc). */
MAP(page, "page", "a map entry for every unit, all of it in memory; O(1)")
