/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The cycles of every operation, in the order in which they cross the bus (command set of ONFI; the vendor commands
 * marked * as Micron is known to have them: only their number of cycles matters):
 *
 * OP(symbol, "cycles", command cycles, address cycles, wait before data, data, busy, "text")
 *   wait: NO, or the time of nand_bus_times between the last address (or command) cycle and the data: adl ccs whr rr
 *   data: NONE, IN, OUT
 *   busy: NO, or what R/B# is low for, behind tWB: the array (read, program, erase), or a time of the row
 * Data in come between the address cycles and the last command cycle. Data out come after the busy time, behind rr.
 */
OP(READ, "00h 5A 30h", 2, 5, NO, NONE, READ, "page read")
OP(READ_PLANE, "00h 5A 32h", 2, 5, NO, NONE, DBSY, "multi-plane read: a plane before the last")
OP(READ_CACHE_RANDOM, "00h 5A 31h", 2, 5, NO, NONE, RCBSY, "cache read: give the page read, and read this one")
OP(READ_CACHE_NEXT, "31h", 1, 0, NO, NONE, RCBSY, "cache read: give the page read, and read the next one")
OP(READ_CACHE_END, "3Fh", 1, 0, NO, NONE, RCBSY, "cache read: give the page read, the last")
OP(DATA_OUT, "DOUT", 0, 0, NO, OUT, NO, "data of the page just read")
OP(COLUMN_OUT, "05h 2A E0h DOUT", 2, 2, CCS, OUT, NO, "random data out: another column of the same page")
OP(PLANE_OUT, "06h 5A E0h DOUT", 2, 5, CCS, OUT, NO, "random data out: of another plane or die")
OP(PROGRAM, "80h 5A DIN 10h", 2, 5, ADL, IN, PROGRAM, "page program")
OP(PROGRAM_PLANE, "80h 5A DIN 11h", 2, 5, ADL, IN, DBSY, "multi-plane program, or a page of a wordline before the last")
OP(PROGRAM_CACHE, "80h 5A DIN 15h", 2, 5, ADL, IN, CBSY, "cache program: the next page's data may come")
OP(COLUMN_IN, "85h 2A DIN", 1, 2, CCS, IN, NO, "random data in: another column of the same page")
OP(ERASE, "60h 3A D0h", 2, 3, NO, NONE, ERASE, "block erase")
OP(ERASE_PLANE, "60h 3A D1h", 2, 3, NO, NONE, DBSY, "multi-plane erase: a plane before the last")
OP(COPYBACK_READ, "00h 5A 35h", 2, 5, NO, NONE, READ, "copyback: read into the page register")
OP(COPYBACK_PROGRAM, "85h 5A 10h", 2, 5, NO, NONE, PROGRAM, "copyback: program what was read")
OP(COPYBACK_CHANGE, "85h 5A DIN 10h", 2, 5, ADL, IN, PROGRAM, "copyback: the same with data changed")
OP(COPYBACK_PLANE, "85h 5A 11h", 2, 5, NO, NONE, DBSY, "multi-plane copyback: a plane before the last")
OP(STATUS, "70h DOUT", 1, 0, WHR, OUT, NO, "read status: one byte")
OP(STATUS_ENHANCED, "78h 3A DOUT", 1, 3, WHR, OUT, NO, "read status of one die of several: one byte")
OP(RETURN_TO_DATA, "00h", 1, 0, NO, NONE, NO, "from status back to data out")
OP(PROGRAM_SUSPEND, "84h 3A", 1, 3, NO, NONE, SUSPEND, "program suspend *")
OP(PROGRAM_RESUME, "13h 3A", 1, 3, NO, NONE, RESUME, "program resume *")
OP(ERASE_SUSPEND, "61h 3A", 1, 3, NO, NONE, SUSPEND, "erase suspend *")
OP(ERASE_RESUME, "D2h 3A", 1, 3, NO, NONE, RESUME, "erase resume *")
OP(SLC_MODE, "DAh", 1, 0, NO, NONE, NO, "the next operation in SLC mode *")
OP(SET_FEATURES, "EFh 1A DIN", 1, 1, ADL, IN, FEAT, "set features: four bytes")
OP(GET_FEATURES, "EEh 1A DOUT", 1, 1, NO, OUT, FEAT, "get features: four bytes")
OP(RESET, "FFh", 1, 0, NO, NONE, RST, "reset")
