/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of formats and the choice among them. */
#include "trace/format.h"

#include <stdio.h>
#include <string.h>

#define SURE_ENOUGH 30 /* a format has to be this sure */
#define CLEAR_LEAD 10  /* and this much surer than the next */
#define SHOWN_BYTES 84 /* of a reason, so that all of them fit one message */

#define TRACE_FORMAT(x) extern const struct trace_format trace_format_##x;
#include "trace/format_list.h"
#undef TRACE_FORMAT

const struct trace_format *const trace_formats[] = {
#define TRACE_FORMAT(x) &trace_format_##x,
#include "trace/format_list.h"
#undef TRACE_FORMAT
	NULL
};

const struct trace_format *trace_format_find(const char *name)
{
	for (size_t i = 0; trace_formats[i]; i++)
		if (strcmp(trace_formats[i]->name, name) == 0)
			return trace_formats[i];
	return NULL;
}

/* Append to a phrase that may be full. */
static void add(char *why, size_t why_bytes, const char *name, const char *reason)
{
	size_t n = strlen(why);

	if (n + 1 < why_bytes)
		snprintf(why + n, why_bytes - n, "%s%s: %.*s%s", n ? "; " : "", name, SHOWN_BYTES, reason,
			strlen(reason) > SHOWN_BYTES ? "..." : "");
}

/* Bytes that no text holds: controls other than tab, newline, return and form feed. */
static bool looks_binary(const char *head, size_t len)
{
	size_t controls = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)head[i];
		if (c == 0)
			return true;
		controls += c < 0x20 && (c < '\t' || c > '\r');
	}
	return controls * 20 > len;
}

const struct trace_format *trace_format_detect(const char *head, size_t len, char *why,
	size_t why_bytes)
{
	const struct trace_format *best = NULL, *next = NULL;
	int best_sure = 0, next_sure = 0;
	char reason[200], best_reason[200] = "", next_reason[200] = "", wanted[900] = "";

	for (size_t i = 0; trace_formats[i]; i++) {
		const struct trace_format *f = trace_formats[i];
		reason[0] = '\0';
		int sure = f->detect(head, len, reason, sizeof(reason));
		if (sure > best_sure) {
			next = best;
			next_sure = best_sure;
			memcpy(next_reason, best_reason, sizeof(reason));
			best = f;
			best_sure = sure;
			memcpy(best_reason, reason, sizeof(reason));
		} else if (sure > next_sure) {
			next = f;
			next_sure = sure;
			memcpy(next_reason, reason, sizeof(reason));
		}
		if (sure < SURE_ENOUGH)
			add(wanted, sizeof(wanted), f->name, reason);
	}
	if (best_sure >= SURE_ENOUGH && best_sure >= next_sure + CLEAR_LEAD) {
		snprintf(why, why_bytes, "%s", best_reason);
		return best;
	}
	if (best && next && best_sure >= SURE_ENOUGH)
		snprintf(why, why_bytes, "could be %s (%s) or %s (%s)", best->name, best_reason,
			next->name, next_reason);
	else if (looks_binary(head, len))
		snprintf(why, why_bytes, "looks binary, and is in no binary format known here");
	else
		snprintf(why, why_bytes, "no format fits (%s)", wanted);
	return NULL;
}
