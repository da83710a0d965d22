/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The interfaces: INTERFACE(symbol, "name", "text"), the modes in timing_modes.h. */
INTERFACE(SDR, "sdr", "asynchronous, modes 0 to 5 (ONFI 1.0 and later)")
INTERFACE(NV_DDR, "nv-ddr", "source-synchronous with a clock, modes 0 to 5 (ONFI 2.0 and later)")
INTERFACE(NV_DDR2, "nv-ddr2", "modes 0 to 10: up to 800 MT/s (ONFI 3.0 and later)")
INTERFACE(NV_DDR3, "nv-ddr3", "modes 0 to 15: up to 1600 MT/s (ONFI 4.0 and later)")
INTERFACE(NV_LPDDR4, "nv-lpddr4", "up to 3600 MT/s (ONFI 5.0 and 5.1)")
INTERFACE(TOGGLE, "toggle", "Toggle DDR: up to 3600 MT/s (JESD230)")
INTERFACE(CUSTOM, "custom", "any rate; every time of the bus is 0 unless given")
