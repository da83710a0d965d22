/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pagers: PAGER(symbol, NAME, name, doc), host_pager_symbol. In the order of enum host_pager_id. */
PAGER(zero, ZERO, "zero", "memory that begins as zeros and, once written, never leaves")
PAGER(file, FILE, "file", "pages of a file, through the page cache")
PAGER(swap, SWAP, "swap", "memory that begins as zeros and goes to the swap area")
