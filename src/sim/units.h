/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Dimensioned scalars as text. The one place that knows "7200 rpm", "16 KiB",
 * "50 us", "333 MT/s" and "67 %"; options, the command line and the docs use it.
 *
 * A dimension requires its unit, save that 0 may stand bare. Decimal prefixes are
 * powers of 1000, binary ones (Ki Mi Gi Ti) of 1024. Parsing is exact decimal
 * arithmetic in 128 bits: a value that is not a whole number of base units is refused,
 * never rounded, where the base is an integer (0.1 ps), with UNIT_RATIO and
 * UNIT_NUMBER the only doubles.
 */
#ifndef QUERN_SIM_UNITS_H
#define QUERN_SIM_UNITS_H

#include <stddef.h>
#include <stdint.h>

enum unit {
	UNIT_NONE,    /* plain integer, int64_t; thousands may not be grouped */
	UNIT_NUMBER,  /* plain real, double */
	UNIT_TIME,    /* int64_t ps: ps ns us ms s min h d */
	UNIT_BYTES,   /* int64_t bytes: B KB MB GB TB KiB MiB GiB TiB */
	UNIT_RATE,    /* int64_t bytes a second: B/s KB/s MB/s GB/s KiB/s MiB/s GiB/s */
	UNIT_IOPS,    /* double events a second: /s k/s M/s, and 1/s, IOPS, kIOPS; transfers of a bus:
	               * MT/s GT/s */
	UNIT_RPM,     /* int64_t thousandths of a revolution a minute: rpm */
	UNIT_POWER,   /* int64_t millionths of a watt: uW mW W kW */
	UNIT_ANGLE,   /* double turns: turn deg */
	UNIT_RATIO,   /* double: "67 %" or "0.67" */
	UNIT_COUNT
};

/* Whether values of this unit are doubles (else int64_t). */
int unit_is_real(enum unit u);

union unit_value {
	int64_t i;
	double d;
};

/*
 * Parse all of `text` (leading and trailing blanks allowed). 0, or -1 with `why` holding
 * a phrase without file or line: `"7200": want a number with a unit such as "7200 rpm"`.
 */
int unit_parse(enum unit u, const char *text, union unit_value *out, char *why, size_t why_bytes);

/*
 * Write a value so that unit_parse() gives the same value back: exact, with the largest
 * unit that keeps it short ("7200 rpm", "16 KiB", "8.333 ms"). Returns out.
 */
char *unit_format(enum unit u, union unit_value v, char *out, size_t out_bytes);

/* One word for tables: "time"; and a phrase for help texts: "time (ps ns us ms s min h d)". */
const char *unit_name(enum unit u);
const char *unit_doc(enum unit u);

/* Human summary of a time or a rate, about `digits` significant digits ("8.33 ms",
 * "143 MB/s"), for reports only: not exact. `per_second` real bytes a second. */
char *unit_show_time(double ps, char *out, size_t out_bytes);
char *unit_show_rate(double bytes_per_second, char *out, size_t out_bytes);
char *unit_show_bytes(double bytes, char *out, size_t out_bytes);

#endif
