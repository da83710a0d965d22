/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Making a picture: the data of the runs into one file, a script that draws them, gnuplot on it, and the three files beside
 * the wanted ones, to be renamed. Every string that came from outside reaches gnuplot as a double-quoted one
 * with all but letters, digits and a few marks written as octal bytes.
 */
#include "run/plot.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/plot_list.h"
#include "run/plot_private.h"
#include "sim/config.h"

#define X(name, doc, files) {name, doc, files},
const struct plot_kind plot_kinds[] = {PLOT_LIST(X){NULL, NULL, NULL}};
#undef X

#define KIND_COUNT (sizeof(plot_kinds) / sizeof(plot_kinds[0]) - 1)

static const char *const terminal_names[] = {"svg", "png", "pdf", "dumb", NULL};

const struct plot_kind *plot_kind_find(const char *name, struct err *e)
{
	const char *names[KIND_COUNT + 1] = {NULL};
	for (size_t i = 0; i < KIND_COUNT; i++) {
		if (!strcmp(plot_kinds[i].name, name))
			return &plot_kinds[i];
		names[i] = plot_kinds[i].name;
	}
	const char *near = nearest_word(name, names);
	err_set(e, ERR_USAGE, "there is no plot \"%s\"%s%s%s; `quern list plots` shows them all", name,
		near ? ", did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	return NULL;
}

enum plot_terminal plot_terminal_find(const char *name, struct err *e)
{
	for (int t = 0; t < PLOT_TERMINALS; t++)
		if (!strcmp(terminal_names[t], name))
			return (enum plot_terminal)t;
	err_set(e, ERR_USAGE, "there is no terminal \"%s\": want svg, png, pdf or dumb", name);
	return PLOT_TERMINALS;
}

enum plot_terminal plot_terminal_of_file(const char *file, struct err *e)
{
	const char *slash = strrchr(file, '/');
	const char *dot = strrchr(slash ? slash : file, '.');
	if (dot && !strcmp(dot, ".txt"))
		return PLOT_DUMB;
	for (int t = 0; dot && t < PLOT_DUMB; t++)
		if (!strcmp(terminal_names[t], dot + 1))
			return (enum plot_terminal)t;
	err_set(e, ERR_USAGE, "\"%s\" does not say what kind of picture it is: want a name that ends in "
		".svg, .png, .pdf or .txt, or -t", file);
	return PLOT_TERMINALS;
}

/* ---- what the scripts read -------------------------------------------------------------- */

static int check_run(const struct plot_request *r, const char *run, struct err *e)
{
	const struct plot_kind *kind = r->kind;
	struct plot_device d;
	struct stat st;
	if (stat(run, &st) < 0)
		return err_set(e, ERR_IO, "%s: cannot open the run directory: %s", run, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return err_set(e, ERR_IO, "%s is not a run directory", run);
	if (plot_device_find(r, run, &d, e) < 0)
		return -1;
	const char *file = kind->files;
	for (size_t n = plot_next_word(&file); n; file += n, n = plot_next_word(&file)) {
		char path[PATH_MAX];
		int there = plot_path(run, &d, file, n, path);
		if (there < 0)
			return err_set(e, ERR_IO, "%s: the name is too long", run);
		if (there)
			return 0;
	}
	file = kind->files;
	size_t first = plot_next_word(&file);
	file = plot_file_of_word(file, &first);
	const char *column = file[first] == '#' ? file + first + 1 : "";
	return err_set(e, ERR_IO, "%s has no %.*s%s%.*s%s%s, which the plot \"%s\" is made from", run, (int)first, file,
		*column ? " with a column " : "", (int)strcspn(column, " "), column, r->device ? " of device " : "", r->device ? r->device : "",
		kind->name);
}

int plot_find(const char *file, char *dir, size_t bytes, struct err *e)
{
	const char *env = getenv("QUERN_PLOTS");
	char list[PATH_MAX * 2];
	snprintf(list, sizeof(list), "%s:%s:%s", env ? env : "", QUERN_DATADIR "/plots",
		QUERN_SRCDIR "/plots");
	char *rest = list;
	for (char *d = strsep(&rest, ":"); d; d = strsep(&rest, ":")) {
		char style[PATH_MAX], path[PATH_MAX], real[PATH_MAX];
		if (!*d || !realpath(d, real))
			continue;
		if (snprintf(style, sizeof(style), "%s/style.gp", real) >= (int)sizeof(style) ||
		    snprintf(path, sizeof(path), "%s/%s", real, file) >= (int)sizeof(path))
			continue;
		if (!access(style, R_OK) && !access(path, R_OK) && strlen(real) < bytes) {
			memcpy(dir, real, strlen(real) + 1);
			return 0;
		}
	}
	return err_set(e, ERR_IO, "%s was not found in %s/plots; QUERN_PLOTS can name its folder", file, QUERN_DATADIR);
}

/* ---- the prologue ------------------------------------------------------------------------ */

static void put_terminal(FILE *out, const struct plot_request *r)
{
	int png = r->terminal == PLOT_PNG;
	int width = r->width ? r->width : r->terminal == PLOT_DUMB ? 80 : png ? 1440 : 720;
	int height = r->height ? r->height : r->terminal == PLOT_DUMB ? 24 : png ? 900 : 450;
	double scale = width / 720.0 > 0.5 ? width / 720.0 : 0.5;
	switch (r->terminal) {
	case PLOT_SVG:
		fprintf(out, "set terminal svg size %d,%d enhanced rounded background \"white\" "
			"font \"Helvetica,Arial,Liberation Sans,DejaVu Sans,sans-serif,13\"\n", width, height);
		break;
	case PLOT_PNG:
		fprintf(out, "set terminal pngcairo size %d,%d enhanced rounded background \"white\" "
			"font \"Helvetica,13\" fontscale %.3f linewidth %.3f pointscale %.3f\n",
			width, height, scale, scale, scale / 2);
		break;
	case PLOT_PDF:
		fprintf(out, "set terminal pdfcairo size %.3fin,%.3fin enhanced rounded "
			"font \"Helvetica,13\" fontscale 0.75 linewidth 1.5\n", width / 96.0, height / 96.0);
		break;
	default:
		fprintf(out, "set terminal dumb nofeed noenhanced mono size %d,%d\n", width, height);
	}
	fprintf(out, "DUMB = %d\nWIDTH = %d\n", r->terminal == PLOT_DUMB, width);
}

/* Legend name: the folder's own name, or the whole path where two folders share one. */
static const char *run_name(const struct plot_request *r, size_t i, char (*real)[PATH_MAX])
{
	if (r->label)
		return r->label[i];
	const char *base = strrchr(real[i], '/') + 1;
	for (size_t k = 0; k < r->run_count; k++)
		if (k != i && !strcmp(strrchr(real[k], '/') + 1, base))
			return r->run[i];
	return base;
}

/* Characters that a title has room for, where the font is a wide one (DejaVu Sans stands in for Helvetica where there is none). */
static int title_room(const struct plot_request *r)
{
	int width = r->width ? r->width : r->terminal == PLOT_DUMB ? 80 : 720;
	return r->terminal == PLOT_DUMB ? width - 4 : r->terminal == PLOT_PNG || width < 24 ? 74 : width * 74 / 720;
}

/* What is shown: the phrase of the kind with a capital; of a sweep its columns. */
static void phrase_of(const struct plot_request *r, char *out, size_t bytes)
{
	const char *doc = r->kind->doc;
	int length = (int)strcspn(doc, ",:;(");
	if (plot_is_of_sweep(r->kind)) {
		const struct plot_sweep *s = r->sweep;
		bool map = s && s->z;
		snprintf(out, bytes, "%s over %s%s%s", plot_column(map ? s->z : s && s->y ? s->y : ""), plot_column(s && s->x ? s->x : ""),
			map ? " and " : "", map ? plot_column(s->y) : "");
		return;
	}
	while (length > 1 && doc[length - 1] == ' ')
		length--;
	snprintf(out, bytes, "%c%.*s", toupper((unsigned char)*doc), length - 1, doc + 1);
}

/* What is shown, then workload and device: no picture leaves without saying what it is. Where that
 * is too long for the picture, what is shown goes first, as the axes say it too. */
static void put_title(FILE *out, const struct plot_request *r, char (*real)[PATH_MAX])
{
	char title[1024], subject[512], phrase[384];
	fputs("TITLE = ", out);
	if (r->title) {
		plot_put_string(out, r->title);
		putc('\n', out);
		return;
	}
	if (plot_is_of_sweep(r->kind))
		plot_sweep_subject(r, subject, sizeof(subject));
	else
		plot_subject(r, real, subject, sizeof(subject));
	if (!*subject && r->run_count == 1)
		snprintf(subject, sizeof(subject), "%s", run_name(r, 0, real));
	phrase_of(r, phrase, sizeof(phrase));
	int room = title_room(r), n = snprintf(title, sizeof(title), "%s%s%s", phrase, *subject ? ": " : "", subject);
	if (n > room && *subject)
		n = snprintf(title, sizeof(title), "%s", subject);
	if (n > room)
		snprintf(title + room - 3, sizeof(title) - (size_t)room, "...");
	plot_put_string(out, title);
	putc('\n', out);
}

/* What the script builds on but for where it draws. */
static int put_prologue(FILE *out, FILE *dat, const struct plot_request *r, const char *dir, struct err *e)
{
	char (*real)[PATH_MAX] = calloc(r->run_count + 1, sizeof(*real));
	if (!real)
		return err_set(e, ERR_LIMIT, "no memory for %zu run directories", r->run_count);
	int status = 0;
	for (size_t i = 0; i < r->run_count && !status; i++)
		if (!realpath(r->run[i], real[i]) || !strcmp(real[i], "/"))
			status = err_set(e, ERR_IO, "%s is not a run directory", r->run[i]);
	if (!status) {
		put_title(out, r, real);
		fprintf(out, "RUNS = %zu\narray NAME[RUNS]\n", r->run_count);
		for (size_t i = 0; i < r->run_count; i++) {
			fprintf(out, "NAME[%zu] = ", i + 1);
			plot_put_string(out, run_name(r, i, real));
			putc('\n', out);
		}
		status = plot_data_write(r, real, dat, out, e);
	}
	free(real);
	if (!status)
		status = plot_put_script(out, dir, "style", e);
	if (!status)
		status = plot_put_script(out, dir, r->kind->name, e);
	if (!status && (fflush(out) || ferror(out)))
		status = err_set(e, ERR_IO, "cannot write a temporary file: %s", strerror(errno));
	return status;
}

/* ---- the files of a picture ------------------------------------------------------------------- */

enum { PICTURE, DATA, SCRIPT, PARTS };

/* Where each part is made, and where it is to be; a new file beside the wanted one, so that a rename puts it in place. */
struct parts {
	char made[PARTS][PATH_MAX];
	char wanted[PARTS][PATH_MAX]; /* "": not kept */
};

static int copy_out(const char *picture, FILE *out, struct err *e)
{
	char block[1 << 14];
	FILE *in = fopen(picture, "rb");
	if (!in)
		return err_set(e, ERR_IO, "cannot read the picture: %s", strerror(errno));
	size_t n;
	while ((n = fread(block, 1, sizeof(block), in)) > 0)
		if (fwrite(block, 1, n, out) != n)
			break;
	int bad = ferror(in) || ferror(out);
	fclose(in);
	return bad ? err_set(e, ERR_IO, "cannot write the picture: %s", strerror(errno)) : 0;
}

/* What stands at `output` is a pipe or a device: not to be replaced by a file. */
static int is_special(const char *output)
{
	struct stat st;
	return output && !stat(output, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

/* A file that is there and that quern plot has not written, or whose mark the user took out. */
static int is_foreign(const char *path)
{
	char line[sizeof(PLOT_MARK) + 1] = "";
	FILE *f = fopen(path, "r");
	if (!f)
		return 0;
	int foreign = !fgets(line, sizeof(line), f) || strncmp(line, PLOT_MARK, strlen(PLOT_MARK)) != 0;
	fclose(f);
	return foreign;
}

/* Names of the parts: the data and the script are called as the picture, but for its ending. */
static int name_parts(const char *output, struct parts *p, struct err *e)
{
	static const char *const ending[PARTS] = {"", ".dat", ".gp"};
	const char *slash = strrchr(output, '/');
	const char *dot = strrchr(slash ? slash : output, '.');
	int base = dot && dot > (slash ? slash + 1 : output) ? (int)(dot - output) : (int)strlen(output);
	for (int k = PICTURE; k < PARTS; k++) {
		const char *here = *output == '/' ? "" : "./";
		int length = k ? base : (int)strlen(output);
		int n = snprintf(p->wanted[k], PATH_MAX, "%s%.*s%s", here, length, output, ending[k]);
		int m = snprintf(p->made[k], PATH_MAX, "%s%.*s%s.partial-%ld", here, length, output, ending[k], (long)getpid());
		if (n >= PATH_MAX || m >= PATH_MAX)
			return err_set(e, ERR_IO, "%s: the name is too long", output);
		if (k && !strcmp(p->wanted[k], p->wanted[PICTURE]))
			return err_set(e, ERR_USAGE, "%s is the name of the %s that are kept beside the picture: want another", output,
				k == DATA ? "data" : "commands");
		if (k && is_foreign(p->wanted[k]))
			return err_set(e, ERR_IO, "%s is there and is not, or no longer, a file of `quern plot`, which would keep the %s of the "
				"picture in it: want another name for the picture", p->wanted[k] + (*output == '/' ? 0 : 2),
				k == DATA ? "data" : "commands");
	}
	return 0;
}

/* Make the empty files: beside the wanted ones, or in the folder for temporary files. */
static int make_parts(const char *output, struct parts *p, struct err *e)
{
	const char *tmp = getenv("TMPDIR");
	if (output && name_parts(output, p, e) < 0)
		return -1;
	for (int k = PICTURE; k < (output ? PARTS : SCRIPT); k++) {
		if (!output && snprintf(p->made[k], PATH_MAX, "%s/quern-plot-XXXXXX", tmp && *tmp == '/' ? tmp : "/tmp") >= PATH_MAX)
			return err_set(e, ERR_IO, "%s: the name is too long", tmp);
		int fd = output ? open(p->made[k], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666) : mkstemp(p->made[k]);
		if (fd < 0) {
			err_set(e, ERR_IO, "%s: cannot write there: %s", output ? output : p->made[k], strerror(errno));
			*p->made[k] = '\0';
			return -1;
		}
		close(fd);
	}
	return 0;
}

static void remove_parts(struct parts *p)
{
	for (int k = PICTURE; k < PARTS; k++)
		if (*p->made[k])
			unlink(p->made[k]);
}

/* Bring the finished parts to where they were wanted. */
static int deliver(const struct plot_request *r, struct parts *p, struct err *e)
{
	if (!r->output)
		return copy_out(p->made[PICTURE], r->stream, e);
	if (!*p->wanted[PICTURE]) {
		FILE *out = fopen(r->output, "wb");
		int status = out ? copy_out(p->made[PICTURE], out, e) : -1;
		if (!out || fclose(out))
			status = err_set(e, ERR_IO, "%s: cannot write there: %s", r->output, strerror(errno));
		return status;
	}
	for (int k = PARTS - 1; k >= PICTURE; k--) {
		if (rename(p->made[k], p->wanted[k]) < 0)
			return err_set(e, ERR_IO, "%s: cannot write there: %s", k ? p->wanted[k] : r->output, strerror(errno));
		*p->made[k] = '\0';
	}
	return 0;
}

/* ---- all of it --------------------------------------------------------------------------------- */

/* A comment behind the picture: where the axes lie (pixels, from the lower left), what they span, and which are logarithmic. */
static void put_axes(FILE *out, const char *picture)
{
	fputs("AXES = sprintf('<!-- axes %d %d %d %d %.9g %.9g %.9g %.9g %d %d %d -->', GPVAL_TERM_XMIN, GPVAL_TERM_XMAX, "
		"GPVAL_TERM_YMIN, GPVAL_TERM_YMAX, GPVAL_X_MIN, GPVAL_X_MAX, GPVAL_Y_MIN, GPVAL_Y_MAX, exists('LOG_X'), exists('LOG_Y'), "
		"exists('NINES'))\nunset output\nset print ", out);
	plot_put_string(out, picture);
	fputs(" append\nprint AXES\nset print\n", out);
}

/* Which picture is drawn from which data, then what is the same for the script that draws it now and the one that is kept. */
static void put_whole(FILE *out, const struct plot_request *r, const char *picture, const char *data, const char *body)
{
	put_terminal(out, r);
	fputs("set output ", out);
	plot_put_string(out, picture);
	fputs("\nDATA = ", out);
	plot_put_string(out, data);
	fprintf(out, "\n%s\n", body);
	if (r->axes)
		put_axes(out, picture);
	else
		fputs("unset output\n", out);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static int keep_script(const struct plot_request *r, const struct parts *p, const char *body, struct err *e)
{
	FILE *out = fopen(p->made[SCRIPT], "w");
	if (!out)
		return err_set(e, ERR_IO, "%s: cannot write there: %s", p->made[SCRIPT], strerror(errno));
	fprintf(out, "%s\n# gnuplot %s draws %s again.\n", PLOT_MARK, "FILE, in the folder of the file,", "the picture");
	put_whole(out, r, base_name(p->wanted[PICTURE]), base_name(p->wanted[DATA]), body);
	int bad = ferror(out);
	return fclose(out) || bad ? err_set(e, ERR_IO, "%s: cannot write there: %s", p->made[SCRIPT], strerror(errno)) : 0;
}

/* Data and the part of the script that does not say where it draws; *body is the caller's to free. */
static int write_data(const struct plot_request *r, const char *dir, const struct parts *p, char **body, struct err *e)
{
	size_t bytes = 0;
	FILE *dat = fopen(p->made[DATA], "w"), *out = open_memstream(body, &bytes);
	int status = dat && out ? put_prologue(out, dat, r, dir, e)
	                        : err_set(e, ERR_IO, "%s: cannot write there: %s", p->made[DATA], strerror(errno));
	int bad = (dat && ferror(dat)) | (dat && fclose(dat)) | (out && fclose(out));
	return !status && bad ? err_set(e, ERR_IO, "%s: cannot write there: %s", p->made[DATA], strerror(errno)) : status;
}

static int make(const struct plot_request *r, const char *dir, struct parts *p, struct err *e)
{
	char *body = NULL;
	FILE *script = tmpfile();
	int status = script ? write_data(r, dir, p, &body, e)
	                    : err_set(e, ERR_IO, "cannot make a temporary file: %s", strerror(errno));
	if (!status) {
		put_whole(script, r, p->made[PICTURE], p->made[DATA], body);
		status = plot_draw(r, script, p->made[PICTURE], e);
	}
	if (!status && *p->wanted[SCRIPT])
		status = keep_script(r, p, body, e);
	if (!status)
		status = deliver(r, p, e);
	free(body);
	if (script)
		fclose(script);
	return status;
}

int plot_make(const struct plot_request *r, struct err *e)
{
	char dir[PATH_MAX], script[PATH_MAX];
	if (r->notice && r->notice_bytes)
		*r->notice = '\0';
	if (!r->run_count)
		return err_set(e, ERR_USAGE, "there is no run directory to plot");
	if (r->sweep && !plot_is_of_sweep(r->kind))
		return err_set(e, ERR_USAGE, "-x, -y, -z, --by, --panel, --where, --log and --theory are for pictures of sweeps, and \"%s\" is "
			"one of runs", r->kind->name);
	if (r->device && !plot_is_of_device(r->kind))
		return err_set(e, ERR_USAGE, "--device is for pictures of one device, and \"%s\" shows all of them", r->kind->name);
	for (size_t i = 0; i < r->run_count && !plot_is_of_sweep(r->kind); i++)
		if (check_run(r, r->run[i], e) < 0)
			return -1;
	snprintf(script, sizeof(script), "%s.gp", r->kind->name);
	if (plot_find(script, dir, sizeof(dir), e) < 0)
		return -1;
	struct parts *p = calloc(1, sizeof(*p));
	if (!p)
		return err_set(e, ERR_LIMIT, "no memory for the names of a picture");
	int status = make_parts(is_special(r->output) ? NULL : r->output, p, e);
	if (!status)
		status = make(r, dir, p, e);
	remove_parts(p);
	free(p);
	return status;
}
