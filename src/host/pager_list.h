/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pagers: PAGER(symbol, NAME) for host_pager_symbol and HOST_PAGER_NAME, in the order of enum host_pager_id. */
PAGER(zero, ZERO) /* memory that begins as zeros and, once written, never leaves */
PAGER(file, FILE) /* pages of a file, through the page cache */
PAGER(swap, SWAP) /* memory that begins as zeros and goes to the swap area */
