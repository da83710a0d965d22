/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The cell types: CELL(symbol, "name", bits per cell, names of the page types in the order of their bits, text).
 * A page type is the bit of its wordline's cells: 0 is the lower page of every type. Names as in JEDEC and in
 * makers' data sheets.
 */
CELL(SLC, "slc", 1, ("lower", "", "", ""), "one bit a cell")
CELL(MLC, "mlc", 2, ("lower", "upper", "", ""), "two bits a cell")
CELL(TLC, "tlc", 3, ("lower", "middle", "upper", ""), "three bits a cell")
CELL(QLC, "qlc", 4, ("lower", "middle", "upper", "top"), "four bits a cell")
