/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every picture that the runs have data for: all runs in one frame where a kind can, else one after another. */
#include "run/report_private.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/plot.h"
#include "run/plot_private.h"

/* 1: drawn; 0: there is nothing of it to draw; -1 with *e set. */
int report_picture(struct report *p, const struct report_picture *what, struct err *e)
{
	char *svg = NULL, notice[256];
	size_t bytes = 0;
	struct err why = {0};
	FILE *text = open_memstream(&svg, &bytes);
	if (!text)
		return err_set(e, ERR_LIMIT, "no memory for a picture");
	struct plot_request r = {.kind = what->kind, .terminal = PLOT_SVG, .run = what->run, .label = what->label, .run_count = what->run_count,
		.sweep = what->sweep, .axes = true, .stream = text, .notice = notice, .notice_bytes = sizeof(notice)};
	int status = plot_make(&r, &why);
	if (fclose(text) != 0 && !status)
		status = err_set(&why, ERR_LIMIT, "no memory for a picture");
	if (!status) {
		fputs("<figure>\n", p->out);
		report_svg(p->out, svg, (unsigned)++p->made.pictures);
		fputs("<figcaption>", p->out);
		report_text(p->out, what->caption);
		fprintf(p->out, " <code>quern plot -k %s</code></figcaption>\n</figure>\n", what->kind->name);
	}
	free(svg);
	if (status && why.code != ERR_IO)
		*e = why;
	return !status ? 1 : why.code == ERR_IO ? 0 : -1;
}

/* Whether a run directory has one of the files that a kind is drawn from. */
static bool has_data(const struct plot_kind *kind, const char *dir)
{
	const char *word = kind->files;
	for (size_t n; (n = plot_next_word(&word)) > 0; word += n) {
		char path[PATH_MAX];
		size_t length = n;
		const char *file = plot_file_of_word(word, &length);
		if (snprintf(path, sizeof(path), "%s/%.*s", dir, (int)length, file) < (int)sizeof(path) && !access(path, R_OK))
			return true;
	}
	return false;
}

/* In one frame; the caption names a run where it is the only one. */
static int draw(struct report *p, const struct plot_kind *kind, const char *const *run, const char *const *label, size_t count, bool name_it,
	struct err *e)
{
	char caption[600];
	snprintf(caption, sizeof(caption), "%s%s%s", name_it ? label[0] : "", name_it ? ": " : "", kind->doc);
	return report_picture(p, &(struct report_picture){.kind = kind, .run = run, .label = label, .run_count = count, .caption = caption}, e);
}

static int draw_kind(struct report *p, const struct plot_kind *kind, const char **run, const char **label, struct err *e)
{
	size_t n = 0;
	for (size_t i = 0; i < p->runs; i++)
		if (has_data(kind, p->run[i].dir)) {
			run[n] = p->run[i].dir;
			label[n++] = p->run[i].label;
		}
	if (n == 0)
		return 0;
	int drawn = draw(p, kind, run, label, n, n < p->runs, e);
	for (size_t i = 0; n > 1 && drawn == 0 && i < n; i++)
		if (draw(p, kind, run + i, label + i, 1, true, e) < 0)
			return -1;
	return drawn < 0 ? -1 : 0;
}

int report_pictures(struct report *p, struct err *e)
{
	const char **names = calloc(2 * p->runs + 1, sizeof(*names));
	if (!names)
		return err_set(e, ERR_LIMIT, "no memory for the pictures of a report");
	int status = 0;
	report_section(p, "pictures", "Pictures", "Each kind that there is data for. The pointer on a picture reads its axes.");
	for (const struct plot_kind *k = plot_kinds; !status && k->name; k++)
		status = draw_kind(p, k, names, names + p->runs, e);
	free(names);
	return status;
}
