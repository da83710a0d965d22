/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One scalar by its row: parsing, bounds, choices. The same functions read defaults and
 * users' text, so a default can be no value that a user could not write.
 */
#include "sim/option.h"

#include <stdio.h>
#include <string.h>

#include "sim/config_internal.h"

/* Text and number agree on which value is the smaller. */
static bool less(enum unit u, union unit_value a, union unit_value b)
{
	return unit_is_real(u) ? a.d < b.d : a.i < b.i;
}

char *opt_bounds(const struct opt_row *row, char *out, size_t out_bytes)
{
	if (row->min != NULL && row->max != NULL)
		snprintf(out, out_bytes, "%s to %s", row->min, row->max);
	else if (row->min != NULL)
		snprintf(out, out_bytes, "at least %s", row->min);
	else if (row->max != NULL)
		snprintf(out, out_bytes, "at most %s", row->max);
	else
		snprintf(out, out_bytes, "%s", "");
	return out;
}

/* Whether a bound of the row is kept; one that cannot be read is the row's fault. */
static int check_bound(const struct opt_row *row, const char *bound, bool is_min,
	union unit_value v, const char *text, char *why, size_t why_bytes)
{
	union unit_value limit;
	char phrase[128];

	if (bound == NULL)
		return 0;
	if (unit_parse(row->unit, bound, &limit, phrase, sizeof(phrase)) != 0) {
		snprintf(why, why_bytes, "the bound of the option cannot be read: %s", phrase);
		return -1;
	}
	if (is_min ? !less(row->unit, v, limit) : !less(row->unit, limit, v))
		return 0;
	snprintf(why, why_bytes, "\"%.60s\": want %s%s", text, opt_bounds(row, phrase, sizeof(phrase)),
		row->unit == UNIT_RATIO && row->max && !strcmp(row->max, "1") ? " (100 % at most)" : "");
	return -1;
}

int opt_parse_scalar(const struct opt_row *row, const char *text, union unit_value *out,
	char *why, size_t why_bytes)
{
	if (unit_parse(row->unit, text, out, why, why_bytes) != 0)
		return -1;
	if (check_bound(row, row->min, true, *out, text, why, why_bytes) != 0)
		return -1;
	return check_bound(row, row->max, false, *out, text, why, why_bytes);
}

int opt_parse_bool(const char *text, bool *out, char *why, size_t why_bytes)
{
	static const char *const words[] = { "false", "true", "no", "yes", "off", "on" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(text, words[i]) == 0) {
			*out = i % 2 == 1;
			return 0;
		}
	snprintf(why, why_bytes, "\"%.60s\": want true or false", text);
	return -1;
}

/* More choices than any policy table has; the rest would only miss a "did you mean". */
#define CHOICES_MAX 128

int opt_parse_choice(const struct opt_row *row, const char *text, char *why, size_t why_bytes)
{
	const char *names[CHOICES_MAX + 1];
	size_t count = 0;

	for (int i = 0; row->choices[i].name != NULL; i++) {
		if (strcmp(row->choices[i].name, text) == 0)
			return i;
		if (count < CHOICES_MAX)
			names[count++] = row->choices[i].name;
	}
	names[count] = NULL;

	const char *near = nearest_word(text, names);
	size_t used = 0;
	char list[WHY_BYTES / 2] = "";
	for (size_t i = 0; i < count && used < sizeof(list) - 1; i++) {
		const char *link = i == 0 ? "" : i + 1 == count ? " or " : ", ";
		int n = snprintf(list + used, sizeof(list) - used, "%s%s", link, names[i]);
		used += n > 0 ? (size_t)n : 0;
	}
	if (near != NULL)
		snprintf(why, why_bytes, "\"%.60s\": did you mean \"%s\"? Want %s", text, near,
			list);
	else
		snprintf(why, why_bytes, "\"%.60s\": want %s", text, list);
	return -1;
}

const char *opt_choice_name(const struct opt_row *row, int index)
{
	return row->choices[index].name;
}

char *opt_type_name(const struct opt_row *row, char *out, size_t out_bytes)
{
	switch (row->type) {
	case OPT_BOOL:
		snprintf(out, out_bytes, "true/false");
		break;
	case OPT_SCALAR:
		snprintf(out, out_bytes, "%s", unit_name(row->unit));
		break;
	case OPT_STRING:
		snprintf(out, out_bytes, "text");
		break;
	case OPT_ENUM:
		snprintf(out, out_bytes, "choice");
		break;
	case OPT_GROUP:
		snprintf(out, out_bytes, "group");
		break;
	case OPT_TABLE:
		snprintf(out, out_bytes, "table");
		break;
	case OPT_LIST:
		snprintf(out, out_bytes, "list of %s", unit_name(row->unit));
		break;
	case OPT_CURVE:
		snprintf(out, out_bytes, "curve of %s", unit_name(row->unit));
		break;
	case OPT_FILE:
		snprintf(out, out_bytes, "file");
		break;
	}
	return out;
}

int opt_defaults(const struct opt_group *g, void *bound, struct arena *a, struct err *e)
{
	return config_bind_defaults(g, bound, a, e);
}
