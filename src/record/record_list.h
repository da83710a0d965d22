/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All recorders: RECORDER(symbol), for record_SYMBOL in record/SYMBOL.c. */
RECORDER(faults)
RECORDER(refs)
RECORDER(dirty)
