/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page around the sections: head, style, script, headings, tables, pictures. */
#include "config.h"

#include "run/report_private.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "run/plot_private.h"

void report_text(FILE *out, const char *text)
{
	for (const char *s = text; *s; s++) {
		switch (*s) {
		case '&': fputs("&amp;", out); break;
		case '<': fputs("&lt;", out); break;
		case '>': fputs("&gt;", out); break;
		case '"': fputs("&quot;", out); break;
		default: fputc(*s, out);
		}
	}
}

/* A file of plots/ into the page. */
static int copy_in(FILE *out, const char *name, struct err *e)
{
	char dir[PATH_MAX], path[PATH_MAX], part[8192];
	size_t n;
	if (plot_find(name, dir, sizeof(dir), e) < 0)
		return -1;
	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path))
		return err_set(e, ERR_IO, "%s/%s: the name is too long", dir, name);
	FILE *in = fopen(path, "rb");
	if (!in)
		return err_set(e, ERR_IO, "%s: cannot be read: %s", path, strerror(errno));
	while ((n = fread(part, 1, sizeof(part), in)) > 0)
		fwrite(part, 1, n, out);
	int bad = ferror(in);
	fclose(in);
	return bad ? err_set(e, ERR_IO, "%s: cannot be read to its end", path) : 0;
}

static bool contract_is_broken(const json_t *summary)
{
	const json_t *hosts = json_object_get(json_object_get(summary, "scenario"), "hosts"), *host;
	size_t i;
	json_array_foreach(hosts, i, host) {
		const char *contract = json_string_value(json_object_get(host, "contract"));
		if (contract && strcmp(contract, "kept") != 0)
			return true;
	}
	return false;
}

int report_begin(const struct report *p, const char *title, struct err *e)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n<title>", p->out);
	report_text(p->out, title);
	fputs("</title>\n<style>\n", p->out);
	if (copy_in(p->out, "report.css", e) < 0)
		return -1;
	fputs("</style>\n</head>\n<body>\n<header>\n<h1>", p->out);
	report_text(p->out, title);
	fprintf(p->out, "</h1>\n<p>Quern %s", PACKAGE_VERSION);
	for (size_t i = 0; !p->is_sweep && i < p->runs; i++) {
		fputs(i ? ", " : "; ", p->out);
		report_text(p->out, p->run[i].label);
		fprintf(p->out, " (seed %lld%s%s)", (long long)json_integer_value(json_object_get(p->run[i].summary, "seed")),
			json_is_true(json_object_get(p->run[i].summary, "partial")) ? ", <strong>partial</strong>" : "",
			contract_is_broken(p->run[i].summary) ? ", <strong>contract broken</strong>" : "");
	}
	fputs("</p>\n<nav></nav>\n</header>\n<main>\n", p->out);
	return 0;
}

int report_end(const struct report *p, struct err *e)
{
	fputs("</section>\n</main>\n<div id=\"tip\" role=\"tooltip\" hidden></div>\n<script>\n", p->out);
	if (copy_in(p->out, "report.js", e) < 0)
		return -1;
	fputs("</script>\n</body>\n</html>\n", p->out);
	return 0;
}

void report_section(const struct report *p, const char *id, const char *heading, const char *sentence)
{
	fprintf(p->out, "%s<section id=\"%s\">\n<h2>", p->tables > 0 ? "</section>\n" : "", id);
	report_text(p->out, heading);
	fputs("</h2>\n", p->out);
	if (sentence) {
		fputs("<p>", p->out);
		report_text(p->out, sentence);
		fputs("</p>\n", p->out);
	}
}

void report_table_begin(struct report *p, const char *first, const char *unit)
{
	fprintf(p->out, "<div class=\"wide\"><table id=\"table-%u\">\n<thead><tr><th scope=\"col\">%s</th>", ++p->tables, first);
	if (unit)
		fprintf(p->out, "<th scope=\"col\">%s</th>", unit);
	for (size_t i = 0; i < p->runs; i++) {
		fprintf(p->out, "<th scope=\"col\"%s>", unit ? " class=\"n\"" : "");
		report_text(p->out, p->run[i].label);
		fputs("</th>", p->out);
	}
	fputs("</tr></thead>\n<tbody>\n", p->out);
}

void report_table_end(const struct report *p)
{
	fputs("</tbody></table></div>\n", p->out);
}

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

/* What stands before an id in gnuplot's SVG. */
static const char *const id_marks[] = {" id='", " id=\"", "href='#", "href=\"#", "url(#"};

void report_svg(FILE *out, const char *svg, unsigned number)
{
	const char *s = strstr(svg, "<svg");
	if (!s)
		return;
	while (*s) {
		size_t k = 0, n = sizeof(id_marks) / sizeof(id_marks[0]);
		while (k < n && strncmp(s, id_marks[k], strlen(id_marks[k])) != 0)
			k++;
		if (k == n) {
			fputc(*s++, out);
			continue;
		}
		fprintf(out, "%sp%u-", id_marks[k], number);
		s += strlen(id_marks[k]);
	}
}
