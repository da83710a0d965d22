/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Dimensioned scalars as text.
 *
 * A number is held as decimal digits and a power of ten until the very end, so an integer
 * comes out exact or not at all, and a real is rounded once, by strtod, after the prefix
 * has moved its decimal point. Nothing here depends on the locale of the host program.
 */
#include "sim/units.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/time.h"

#define KI INT64_C(1024)

/* One way to write a unit. Integers: base units = number * scale. Reals: number *
 * 10^power / divisor. */
struct suffix {
	const char *name;
	int64_t scale;
	int power;
	int divisor;
	bool shown; /* unit_format() may choose it */
	bool whole; /* ... but only where the number before it is whole */
};

#define INTEGER(name, scale) { name, scale, 0, 1, true, false }
#define WHOLE(name, scale) { name, scale, 0, 1, true, true }
#define ALIAS(name, scale) { name, scale, 0, 1, false, false }
#define REAL(name, power) { name, 1, power, 1, true, false }
#define REAL_ALIAS(name, power, divisor) { name, 1, power, divisor, false, false }
#define END { NULL, 0, 0, 0, false, false }

static const struct suffix none_suffixes[] = { END };

static const struct suffix time_suffixes[] = {
	INTEGER("ps", 1),
	INTEGER("ns", PS_PER_NS),
	INTEGER("us", PS_PER_US),
	INTEGER("ms", PS_PER_MS),
	INTEGER("s", PS_PER_S),
	WHOLE("min", 60 * PS_PER_S),
	WHOLE("h", 3600 * PS_PER_S),
	WHOLE("d", 86400 * PS_PER_S),
	ALIAS("\xc2\xb5s", PS_PER_US), /* micro sign */
	ALIAS("\xce\xbcs", PS_PER_US), /* Greek mu */
	END,
};

static const struct suffix byte_suffixes[] = {
	INTEGER("B", 1),
	INTEGER("KB", 1000),
	WHOLE("KiB", KI),
	INTEGER("MB", 1000000),
	WHOLE("MiB", KI * KI),
	INTEGER("GB", 1000000000),
	WHOLE("GiB", KI * KI * KI),
	INTEGER("TB", 1000000000000),
	WHOLE("TiB", KI * KI * KI * KI),
	ALIAS("kB", 1000),
	END,
};

static const struct suffix rate_suffixes[] = {
	INTEGER("B/s", 1),
	INTEGER("KB/s", 1000),
	WHOLE("KiB/s", KI),
	INTEGER("MB/s", 1000000),
	WHOLE("MiB/s", KI * KI),
	INTEGER("GB/s", 1000000000),
	WHOLE("GiB/s", KI * KI * KI),
	ALIAS("kB/s", 1000),
	END,
};

static const struct suffix iops_suffixes[] = {
	REAL("/s", 0),
	REAL("k/s", 3),
	REAL("M/s", 6),
	REAL_ALIAS("1/s", 0, 1),
	REAL_ALIAS("IOPS", 0, 1),
	REAL_ALIAS("kIOPS", 3, 1),
	REAL_ALIAS("MT/s", 6, 1),
	REAL_ALIAS("GT/s", 9, 1),
	END,
};

static const struct suffix rpm_suffixes[] = { INTEGER("rpm", 1000), END };
static const struct suffix power_suffixes[] = {
	INTEGER("uW", 1),
	INTEGER("mW", 1000),
	INTEGER("W", 1000000),
	ALIAS("kW", 1000000000),
	END,
};
static const struct suffix angle_suffixes[] = { REAL("turn", 0), REAL_ALIAS("deg", 0, 360), END };
static const struct suffix ratio_suffixes[] = { REAL_ALIAS("%", -2, 1), REAL_ALIAS("x", 0, 1), END };

struct unit_info {
	const char *name;    /* "time" */
	const char *phrase;  /* "a time", for "want ..." */
	const char *doc;
	const char *example; /* a number, for "such as ..." */
	const char *suffix;  /* the unit of the example, NULL: none needed */
	const char *base;    /* plural of an integer's base unit */
	bool real;
	bool bare;           /* a number may stand without a unit */
	const struct suffix *suffixes;
};

static const struct unit_info units[UNIT_COUNT] = {
	[UNIT_NONE] = { "integer", "a whole number", "whole number", "16", NULL, NULL,
		false, true, none_suffixes },
	[UNIT_NUMBER] = { "number", "a number", "number", "1.5", NULL, NULL,
		true, true, none_suffixes },
	[UNIT_TIME] = { "time", "a time", "time (ps ns us ms s min h d)", "50", "us",
		"picoseconds", false, false, time_suffixes },
	[UNIT_BYTES] = { "bytes", "a size", "size (B KB MB GB TB KiB MiB GiB TiB)", "16", "KiB",
		"bytes", false, false, byte_suffixes },
	[UNIT_RATE] = { "rate", "a rate", "rate (B/s KB/s MB/s GB/s KiB/s MiB/s GiB/s)", "100",
		"MB/s", "bytes a second", false, false, rate_suffixes },
	[UNIT_IOPS] = { "events/s", "a number of events a second",
		"events a second (/s k/s M/s, 1/s IOPS kIOPS, MT/s GT/s)", "500", "/s", NULL,
		true, false, iops_suffixes },
	[UNIT_RPM] = { "rpm", "a rotational speed", "rotational speed (rpm)", "7200", "rpm",
		"thousandths of a revolution a minute", false, false, rpm_suffixes },
	[UNIT_POWER] = { "power", "a power", "power (uW mW W kW)", "0.85", "W",
		"millionths of a watt", false, false, power_suffixes },
	[UNIT_ANGLE] = { "angle", "an angle", "angle (turn deg)", "0.25", "turn", NULL,
		true, false, angle_suffixes },
	[UNIT_RATIO] = { "ratio", "a ratio", "ratio (a number, or %)", "67", "%", NULL,
		true, true, ratio_suffixes },
};

int unit_is_real(enum unit u) { return units[u].real; }
const char *unit_doc(enum unit u) { return units[u].doc; }
const char *unit_name(enum unit u) { return units[u].name; }

/* ---- decimals */

#define DIGITS_MAX 60    /* significant digits kept */
#define INTEGER_DIGITS 38 /* that always fit in 128 bits */
#define NUMBER_MAX 1000   /* bytes of a number, zeros included */
#define POWER_MAX 99999

/* digits * 10^exponent; no leading and no trailing zero, none at all for zero */
struct decimal {
	bool negative;
	char digits[DIGITS_MAX + 1];
	int count;
	int exponent;
};

enum outcome { FITS, NOT_A_NUMBER, TOO_MANY_DIGITS, NOT_WHOLE, OUT_OF_RANGE };

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/* Read the "e-3" of a number at p, where it is one; otherwise the letter begins a unit. */
static const char *scan_power(const char *p, int *power)
{
	const char *q = p + 1;
	bool negative = false;

	*power = 0;
	if (*p != 'e' && *p != 'E')
		return p;
	if (*q == '+' || *q == '-')
		negative = *q++ == '-';
	if (!is_digit(*q))
		return p;
	for (; is_digit(*q); q++)
		if (*power < POWER_MAX)
			*power = *power * 10 + (*q - '0');
	if (*power > POWER_MAX)
		*power = POWER_MAX;
	if (negative)
		*power = -*power;
	return q;
}

/* Read the number at the head of text; *end is what follows it. */
static enum outcome scan_decimal(const char *text, struct decimal *d, const char **end)
{
	const char *p = text;
	bool any = false, point = false;
	int zeros = 0; /* seen since the last digit other than 0 */
	int power;

	*d = (struct decimal){ .count = 0 };
	if (*p == '+' || *p == '-')
		d->negative = *p++ == '-';
	for (; is_digit(*p) || (*p == '.' && !point); p++) {
		if (*p == '.') {
			point = true;
			continue;
		}
		any = true;
		if (point && d->exponent > -POWER_MAX)
			d->exponent--;
		if (*p == '0') {
			zeros += zeros < POWER_MAX;
			continue;
		}
		if (d->count > 0)
			for (; zeros > 0 && d->count < DIGITS_MAX; zeros--)
				d->digits[d->count++] = '0';
		if (d->count == DIGITS_MAX)
			return TOO_MANY_DIGITS;
		zeros = 0;
		d->digits[d->count++] = *p;
	}
	if (!any)
		return NOT_A_NUMBER;
	p = scan_power(p, &power);
	*end = p;
	d->digits[d->count] = '\0';
	d->exponent = d->count > 0 ? d->exponent + zeros + power : 0;
	return FITS;
}

/* The value times scale, exact. */
static enum outcome decimal_to_integer(const struct decimal *d, int64_t scale, int64_t *out)
{
	const uint128 limit = (uint128)INT64_MAX + (d->negative ? 1 : 0);
	uint128 value = 0, factor = (uint128)scale;
	int exponent = d->exponent;

	*out = 0;
	if (d->count == 0)
		return FITS;
	if (d->count > INTEGER_DIGITS)
		return TOO_MANY_DIGITS;
	for (int i = 0; i < d->count; i++)
		value = value * 10 + (unsigned)(d->digits[i] - '0');
	/* Dividing by ten takes a 2 and a 5 out of either factor; only when neither has one
	 * left is the product not whole. */
	for (; exponent < 0; exponent++) {
		if (value % 2 == 0)
			value /= 2;
		else if (factor % 2 == 0)
			factor /= 2;
		else
			return NOT_WHOLE;
		if (value % 5 == 0)
			value /= 5;
		else if (factor % 5 == 0)
			factor /= 5;
		else
			return NOT_WHOLE;
	}
	if (__builtin_mul_overflow(value, factor, &value) || value > limit)
		return OUT_OF_RANGE;
	for (; exponent > 0; exponent--) {
		value *= 10;
		if (value > limit)
			return OUT_OF_RANGE;
	}
	*out = d->negative ? (int64_t)(0 - (uint64_t)value) : (int64_t)value;
	return FITS;
}

/* The value times 10^power, rounded once. There is no decimal point in the text, so the locale
 * of the host program has no say. */
static enum outcome decimal_to_real(const struct decimal *d, int power, double *out)
{
	char text[DIGITS_MAX + 24];

	if (d->count == 0) {
		*out = d->negative ? -0.0 : 0.0;
		return FITS;
	}
	snprintf(text, sizeof(text), "%s%se%d", d->negative ? "-" : "", d->digits,
		d->exponent + power);
	*out = strtod(text, NULL);
	return isfinite(*out) && *out != 0 ? FITS : OUT_OF_RANGE;
}

static void decimal_from_integer(int64_t value, struct decimal *d)
{
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	char text[24];
	const char *end;

	snprintf(text, sizeof(text), "%s%llu", value < 0 ? "-" : "", (unsigned long long)rest);
	scan_decimal(text, d, &end);
}

/* The shortest digits that read back as the same double; 17 always do. */
static void decimal_from_real(double value, struct decimal *d)
{
	char text[64], plain[64];
	const char *end;
	double back;

	for (int precision = 0; precision < 17; precision++) {
		size_t n = 0;
		int point = 0;

		/* The host's locale may print another decimal point: drop it, count the
		 * digits behind it. */
		snprintf(text, sizeof(text), "%.*e", precision, value);
		for (const char *p = text; *p != '\0'; p++)
			if (is_digit(*p) || *p == '-' || *p == 'e' || *p == '+')
				plain[n++] = *p;
		plain[n] = '\0';
		point = precision;
		scan_decimal(plain, d, &end);
		if (d->count > 0)
			d->exponent -= point;
		if (decimal_to_real(d, 0, &back) == FITS && back == value)
			return;
	}
}

/* Digits a decimal takes when written without exponent. */
static int decimal_width(const struct decimal *d)
{
	return d->count + (d->exponent > 0 ? d->exponent : 0);
}

/* Is it at least 1 in size? */
static bool decimal_has_whole_part(const struct decimal *d)
{
	return d->count + d->exponent >= 1;
}

/* out: DIGITS_MAX + 32 bytes; at most 17 digits, or as many as an int64_t has, are written */
static void decimal_write(const struct decimal *d, char *out)
{
	const int whole = d->count + d->exponent; /* digits before the point */
	char *o = out;

	if (d->negative)
		*o++ = '-';
	if (d->count == 0) {
		*o++ = '0';
	} else if (whole > 20 || whole < -4) {
		*o++ = d->digits[0];
		if (d->count > 1) {
			*o++ = '.';
			memcpy(o, d->digits + 1, (size_t)d->count - 1);
			o += d->count - 1;
		}
		o += snprintf(o, 16, "e%d", whole - 1);
	} else {
		if (whole <= 0)
			*o++ = '0';
		for (int i = 0; i < whole; i++)
			*o++ = i < d->count ? d->digits[i] : '0';
		if (whole < d->count) {
			*o++ = '.';
			for (int i = whole; i < 0; i++)
				*o++ = '0';
			for (int i = whole > 0 ? whole : 0; i < d->count; i++)
				*o++ = d->digits[i];
		}
	}
	*o = '\0';
}

/* ---- parsing */

/* `"15000": want a number with a unit such as "15000 rpm"` and its kin. number/number_length:
 * the number in the text, for an example the user recognises. */
static int refuse(enum unit u, const char *text, const char *what, const char *number,
	int number_length, char *why, size_t why_bytes)
{
	const struct unit_info *info = &units[u];

	if (number_length == 0 || number_length > 24) {
		number = info->example;
		number_length = (int)strlen(info->example);
	}
	snprintf(why, why_bytes, "\"%.60s\": %s such as \"%.*s%s%s\"", text, what, number_length,
		number, info->suffix != NULL ? " " : "", info->suffix != NULL ? info->suffix : "");
	return -1;
}

static int refuse_suffix(enum unit u, const char *text, const char *suffix, const char *number,
	int number_length, char *why, size_t why_bytes)
{
	const struct unit_info *info = &units[u];
	char what[160];

	for (const struct suffix *s = info->suffixes; s->name != NULL; s++)
		if (strcasecmp(s->name, suffix) == 0) {
			snprintf(why, why_bytes, "\"%.60s\": did you mean \"%.*s %s\"? Units are "
				"written exactly so", text, number_length, number, s->name);
			return -1;
		}
	if (info->suffixes->name == NULL) {
		snprintf(what, sizeof(what), "want %s without a unit", info->phrase);
		number_length = 0;
	} else {
		snprintf(what, sizeof(what), "\"%.20s\" is no unit of %s; want a value", suffix,
			info->doc);
	}
	return refuse(u, text, what, number, number_length, why, why_bytes);
}

static int refuse_value(enum unit u, const char *text, enum outcome outcome, bool negative,
	char *why, size_t why_bytes)
{
	const struct unit_info *info = &units[u];
	char bound[64];

	if (outcome == TOO_MANY_DIGITS)
		snprintf(why, why_bytes, "\"%.60s\": too many digits", text);
	else if (outcome == NOT_WHOLE && info->base == NULL)
		snprintf(why, why_bytes, "\"%.60s\": want a whole number", text);
	else if (outcome == NOT_WHOLE)
		snprintf(why, why_bytes, "\"%.60s\": want a whole number of %s", text, info->base);
	else if (info->real)
		snprintf(why, why_bytes, "\"%.60s\": out of the range of a number", text);
	else
		snprintf(why, why_bytes, "\"%.60s\": out of range, want at %s %s", text,
			negative ? "least" : "most",
			unit_format(u, (union unit_value){ .i = negative ? INT64_MIN : INT64_MAX },
				bound, sizeof(bound)));
	return -1;
}

static const struct suffix *find_suffix(const struct suffix *s, const char *name, size_t length)
{
	for (; s->name != NULL; s++)
		if (strlen(s->name) == length && memcmp(s->name, name, length) == 0)
			return s;
	return NULL;
}

int unit_parse(enum unit u, const char *text, union unit_value *out, char *why, size_t why_bytes)
{
	static const struct suffix bare = { "", 1, 0, 1, true, false };
	const struct unit_info *info = &units[u];
	const struct suffix *suffix = &bare;
	struct decimal d;
	const char *number = text, *end, *stop;
	char what[80];
	enum outcome outcome;

	while (is_blank(*number))
		number++;
	outcome = scan_decimal(number, &d, &end);
	if (outcome == NOT_A_NUMBER) {
		snprintf(what, sizeof(what), "want %s", info->phrase);
		return refuse(u, text, what, "", 0, why, why_bytes);
	}
	if (outcome == FITS && end - number > NUMBER_MAX)
		outcome = TOO_MANY_DIGITS;
	if (outcome != FITS)
		return refuse_value(u, text, outcome, d.negative, why, why_bytes);
	const int number_length = (int)(end - number);
	while (is_blank(*end))
		end++;
	for (stop = end + strlen(end); stop > end && is_blank(stop[-1]);)
		stop--;
	if (stop > end) {
		suffix = find_suffix(info->suffixes, end, (size_t)(stop - end));
		if (suffix == NULL) {
			char wrong[32];
			snprintf(wrong, sizeof(wrong), "%.*s", (int)(stop - end < 31 ? stop - end : 31),
				end);
			return refuse_suffix(u, text, wrong, number, number_length, why, why_bytes);
		}
	} else if (!info->bare && d.count > 0) {
		return refuse(u, text, "want a number with a unit", number, number_length, why,
			why_bytes);
	}
	if (info->real) {
		outcome = decimal_to_real(&d, suffix->power, &out->d);
		out->d /= suffix->divisor;
	} else {
		outcome = decimal_to_integer(&d, suffix->scale, &out->i);
	}
	return outcome == FITS ? 0 : refuse_value(u, text, outcome, d.negative, why, why_bytes);
}

/* ---- writing */

/* The number before this suffix, or false where it cannot be written exactly. */
static bool express(const struct unit_info *info, const struct suffix *s, union unit_value v,
	const struct decimal *base, struct decimal *d)
{
	*d = *base;
	if (info->real) {
		d->exponent -= s->power;
		return true;
	}
	if (s->whole) {
		if (v.i % s->scale != 0)
			return false;
		decimal_from_integer(v.i / s->scale, d);
		return true;
	}
	for (int64_t scale = s->scale; scale > 1; scale /= 10)
		d->exponent--;
	return true;
}

char *unit_format(enum unit u, union unit_value v, char *out, size_t out_bytes)
{
	const struct unit_info *info = &units[u];
	const struct suffix *best = info->suffixes;
	struct decimal base, best_number, d;
	char number[DIGITS_MAX + 32];

	if (info->real && !isfinite(v.d)) {
		snprintf(out, out_bytes, "%s", isnan(v.d) ? "nan" : v.d > 0 ? "inf" : "-inf");
		return out;
	}
	if (info->real)
		decimal_from_real(v.d, &base);
	else
		decimal_from_integer(v.i, &base);
	best_number = base;
	if (best->name != NULL && best->shown)
		express(info, best, v, &base, &best_number);
	/* Fewest digits, then the largest unit; but no "0.5 ms". */
	for (const struct suffix *s = info->suffixes; s->name != NULL && base.count > 0; s++)
		if (s->shown && express(info, s, v, &base, &d) && decimal_has_whole_part(&d) &&
		    decimal_width(&d) <= decimal_width(&best_number)) {
			best = s;
			best_number = d;
		}
	decimal_write(&best_number, number);
	if (base.count == 0 || best->name == NULL || !best->shown)
		snprintf(out, out_bytes, "%s", number);
	else
		snprintf(out, out_bytes, "%s %s", number, best->name);
	return out;
}

/* ---- for people */

struct show_step {
	double least; /* from here on */
	double scale;
	const char *name;
};

static char *show(double value, const struct show_step *steps, char *out, size_t out_bytes)
{
	const double size = fabs(value);

	if (!isfinite(value)) {
		snprintf(out, out_bytes, "%s", isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
		return out;
	}
	/* 0.9995 of a step already rounds to it */
	while (steps[1].name != NULL && size >= steps[1].least * 0.9995)
		steps++;
	const double shown = value / steps->scale;
	const double shown_size = fabs(shown);
	int decimals = shown_size < 9.995 ? 2 : shown_size < 99.95 ? 1 : 0;
	if (steps->scale == 1 && value == rint(value))
		decimals = 0;
	snprintf(out, out_bytes, "%.*f %s", decimals, shown, steps->name);
	return out;
}

char *unit_show_time(double ps, char *out, size_t out_bytes)
{
	static const struct show_step steps[] = {
		{ 0, 1, "ps" }, { 1e3, 1e3, "ns" }, { 1e6, 1e6, "us" }, { 1e9, 1e9, "ms" },
		{ 1e12, 1e12, "s" }, { 1000e12, 60e12, "min" }, { 7200e12, 3600e12, "h" },
		{ 172800e12, 86400e12, "d" }, { 0, 0, NULL },
	};
	return show(ps, steps, out, out_bytes);
}

char *unit_show_rate(double bytes_per_second, char *out, size_t out_bytes)
{
	static const struct show_step steps[] = {
		{ 0, 1, "B/s" }, { 1e3, 1e3, "KB/s" }, { 1e6, 1e6, "MB/s" }, { 1e9, 1e9, "GB/s" },
		{ 1e12, 1e12, "TB/s" }, { 0, 0, NULL },
	};
	return show(bytes_per_second, steps, out, out_bytes);
}

char *unit_show_bytes(double bytes, char *out, size_t out_bytes)
{
	static const struct show_step steps[] = {
		{ 0, 1, "B" }, { 1e3, 1e3, "KB" }, { 1e6, 1e6, "MB" }, { 1e9, 1e9, "GB" },
		{ 1e12, 1e12, "TB" }, { 0, 0, NULL },
	};
	return show(bytes, steps, out, out_bytes);
}
