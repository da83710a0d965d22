/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scenarios of the host: SCENARIO(symbol) for each `const struct scenario_ops scenario_SYMBOL` of host/scenario_SYMBOL.c.
 */
SCENARIO(checkpoint)
SCENARIO(recoverable)
SCENARIO(serve)
SCENARIO(paging)
