/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Running gnuplot: prologue on its standard input, picture into a file beside the wanted
 * one, rename. Every string that came from outside reaches gnuplot as a double-quoted one
 * with all but letters, digits and a few marks written as octal bytes.
 */
#include "run/plot.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/plot_list.h"
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

/* Rows of a CSV file below its header line; 0 when there is no such file. */
static long count_rows(const char *path)
{
	FILE *f = fopen(path, "r");
	if (!f)
		return 0;
	long rows = -1;
	int first = 1; /* at the start of a line */
	for (int c = getc(f); c != EOF; c = getc(f)) {
		if (first && c != '\n' && c != '#')
			rows++;
		first = c == '\n';
	}
	fclose(f);
	return rows > 0 ? rows : 0;
}

/* The next word of a blank-separated list: its length, *at moved to it; 0 at the end. */
static size_t next_word(const char **at)
{
	*at += strspn(*at, " ");
	return strcspn(*at, " ");
}

static int check_run(const struct plot_kind *kind, const char *run, struct err *e)
{
	struct stat st;
	if (stat(run, &st) < 0)
		return err_set(e, ERR_IO, "%s: cannot open the run directory: %s", run, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return err_set(e, ERR_IO, "%s is not a run directory", run);
	const char *file = kind->files;
	for (size_t n = next_word(&file); n; file += n, n = next_word(&file)) {
		char path[PATH_MAX];
		if (snprintf(path, sizeof(path), "%s/%.*s", run, (int)n, file) >= (int)sizeof(path))
			return err_set(e, ERR_IO, "%s: the name is too long", run);
		if (!access(path, R_OK))
			return 0;
	}
	size_t first = (file = kind->files, next_word(&file));
	return err_set(e, ERR_IO, "%s has no %.*s, which the plot \"%s\" is made from", run, (int)first,
		file, kind->name);
}

/* The folder that holds the style and the script of a kind. */
static int find_scripts(const char *name, char *dir, size_t bytes, struct err *e)
{
	const char *env = getenv("QUERN_PLOTS");
	char list[PATH_MAX * 2];
	snprintf(list, sizeof(list), "%s:%s:%s", env ? env : "", QUERN_DATADIR "/plots",
		QUERN_SRCDIR "/plots");
	char *rest = list;
	for (char *d = strsep(&rest, ":"); d; d = strsep(&rest, ":")) {
		char style[PATH_MAX], script[PATH_MAX], real[PATH_MAX];
		if (!*d || !realpath(d, real))
			continue;
		if (snprintf(style, sizeof(style), "%s/style.gp", real) >= (int)sizeof(style) ||
		    snprintf(script, sizeof(script), "%s/%s.gp", real, name) >= (int)sizeof(script))
			continue;
		if (!access(style, R_OK) && !access(script, R_OK) && strlen(real) < bytes) {
			memcpy(dir, real, strlen(real) + 1);
			return 0;
		}
	}
	return err_set(e, ERR_IO, "the script %s.gp was not found in %s/plots; QUERN_PLOTS can name its "
		"folder", name, QUERN_DATADIR);
}

/* ---- the prologue ------------------------------------------------------------------------ */

static void put_string(FILE *out, const char *s)
{
	putc('"', out);
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		if (c < 128 && (isalnum(c) || strchr("/._-+,:()= ", c)))
			putc(c, out);
		else
			fprintf(out, "\\%03o", c);
	}
	putc('"', out);
}

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

static void put_rows(FILE *out, const struct plot_request *r, char (*real)[PATH_MAX])
{
	const char *file = r->kind->files;
	for (size_t n = next_word(&file); n; file += n, n = next_word(&file)) {
		char name[128], path[PATH_MAX + 128];
		size_t k;
		for (k = 0; k < n && k < sizeof(name) - 1; k++)
			name[k] = isalnum((unsigned char)file[k]) ? file[k] : '_';
		name[k] = '\0';
		fprintf(out, "array ROWS_%s[%zu]\n", name, r->run_count);
		for (size_t i = 0; i < r->run_count; i++) {
			snprintf(path, sizeof(path), "%s/%.*s", real[i], (int)n, file);
			fprintf(out, "ROWS_%s[%zu] = %ld\n", name, i + 1, count_rows(path));
		}
	}
}

/* The phrase of the kind with a capital, and the run's name: no picture leaves without saying what it is. */
static void put_title(FILE *out, const struct plot_request *r, char (*real)[PATH_MAX])
{
	char title[PATH_MAX + 256];
	const char *doc = r->kind->doc;
	fputs("\nTITLE = ", out);
	if (r->title || r->terminal == PLOT_DUMB) {
		put_string(out, r->title ? r->title : "");
		return;
	}
	int one = r->run_count == 1, length = (int)strcspn(doc, ",:;(");
	while (length > 1 && doc[length - 1] == ' ')
		length--;
	snprintf(title, sizeof(title), "%c%.*s%s%s", toupper((unsigned char)*doc), length - 1, doc + 1,
		one ? ": " : "", one ? run_name(r, 0, real) : "");
	put_string(out, title);
}

static int put_prologue(FILE *out, const struct plot_request *r, const char *dir,
	const char *picture, struct err *e)
{
	char (*real)[PATH_MAX] = calloc(r->run_count + 1, sizeof(*real));
	if (!real)
		return err_set(e, ERR_LIMIT, "no memory for %zu run directories", r->run_count);
	put_terminal(out, r);
	fputs("set output ", out);
	put_string(out, picture);
	fprintf(out, "\nRUNS = %zu\narray RUN[RUNS]\narray NAME[RUNS]\n", r->run_count);
	int status = 0;
	for (size_t i = 0; i < r->run_count && !status; i++)
		if (!realpath(r->run[i], real[i]) || !strcmp(real[i], "/"))
			status = err_set(e, ERR_IO, "%s is not a run directory", r->run[i]);
	for (size_t i = 0; i < r->run_count && !status; i++) {
		fprintf(out, "RUN[%zu] = ", i + 1);
		put_string(out, real[i]);
		fprintf(out, "\nNAME[%zu] = ", i + 1);
		put_string(out, run_name(r, i, real));
		putc('\n', out);
	}
	if (!status) {
		put_rows(out, r, real);
		put_title(out, r, real);
	}
	free(real);
	fputs("\nPLOTS = ", out);
	put_string(out, dir);
	fprintf(out, "\nload PLOTS . \"/style.gp\"\nload PLOTS . \"/%s.gp\"\nunset output\n", r->kind->name);
	if (!status && (fflush(out) || ferror(out)))
		status = err_set(e, ERR_IO, "cannot write a temporary file: %s", strerror(errno));
	return status;
}

/* ---- gnuplot ----------------------------------------------------------------------------- */

/* The first line in `said` that says something, without the place in the script. */
static void first_words(FILE *said, char *out, size_t bytes)
{
	char line[512];
	*out = '\0';
	rewind(said);
	while (!*out && fgets(line, sizeof(line), said)) {
		char *s = line + strspn(line, " \t\n^");
		s[strcspn(s, "\n")] = '\0';
		/* gnuplot first repeats the command it stumbled on, then says why */
		if ((strstr(s, "line ") || strstr(s, "arning")) && !strstr(s, "Fontconfig"))
			snprintf(out, bytes, "%s", s);
	}
}

static int run_gnuplot(FILE *script, FILE *said, int *exit_status, struct err *e)
{
	static const char *const words[] = {"gnuplot", "-d", NULL};
	posix_spawn_file_actions_t actions;
	pid_t pid;
	if (posix_spawn_file_actions_init(&actions))
		return err_set(e, ERR_LIMIT, "no memory to start gnuplot");
	posix_spawn_file_actions_adddup2(&actions, fileno(script), STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, fileno(said), STDERR_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	int bad = posix_spawnp(&pid, words[0], &actions, NULL, (char *const *)(void *)words, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (bad == ENOENT)
		return err_set(e, ERR_IO, "gnuplot was not found on the PATH; plots are drawn by it (Debian: "
			"gnuplot-nox)");
	if (bad)
		return err_set(e, ERR_IO, "cannot start gnuplot: %s", strerror(bad));
	int status;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(e, ERR_IO, "cannot wait for gnuplot: %s", strerror(errno));
	*exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return 0;
}

/* The text terminal fills lines with blanks and begins with a form feed: leave both out, and
 * empty lines at the top and the end. */
static int tidy_text(const char *picture, struct err *e)
{
	char *line = NULL, *text = NULL;
	size_t room = 0, bytes = 0, empty = 0;
	FILE *in = fopen(picture, "r"), *tidy = open_memstream(&text, &bytes);
	for (int begun = 0; in && tidy && getline(&line, &room, in) > 0;) {
		char *s = line + (*line == '\f');
		size_t n = strlen(s);
		while (n > 0 && isspace((unsigned char)s[n - 1]))
			n--;
		empty = n || !begun ? empty : empty + 1;
		begun = begun || n;
		for (; n && empty; empty--)
			putc('\n', tidy);
		if (n)
			fprintf(tidy, "%.*s\n", (int)n, s);
	}
	free(line);
	if (in)
		fclose(in);
	int bad = !in || !tidy;
	if (tidy && fclose(tidy))
		bad = 1;
	FILE *out = bad ? NULL : fopen(picture, "w");
	if (!out || fwrite(text, 1, bytes, out) != bytes)
		bad = 1;
	if (out && fclose(out))
		bad = 1;
	free(text);
	return bad ? err_set(e, ERR_IO, "cannot write the picture: %s", strerror(errno)) : 0;
}

static int draw(const struct plot_request *r, const char *dir, const char *picture, struct err *e)
{
	FILE *script = tmpfile(), *said = tmpfile();
	int status = 0, ended = 0;
	char words[512] = "";
	if (!script || !said)
		status = err_set(e, ERR_IO, "cannot make a temporary file: %s", strerror(errno));
	if (!status)
		status = put_prologue(script, r, dir, picture, e);
	if (!status && lseek(fileno(script), 0, SEEK_SET) < 0)
		status = err_set(e, ERR_IO, "cannot read a temporary file: %s", strerror(errno));
	if (!status)
		status = run_gnuplot(script, said, &ended, e);
	if (!status)
		first_words(said, words, sizeof(words));
	struct stat st;
	if (!status && ended)
		status = err_set(e, ERR_CHECK, "gnuplot could not draw \"%s\": %s", r->kind->name,
			*words ? words : "it gave no reason");
	else if (!status && (stat(picture, &st) < 0 || st.st_size == 0))
		status = err_set(e, ERR_IO, "gnuplot wrote no picture%s%s", *words ? ": " : "", words);
	else if (!status && r->notice && r->notice_bytes)
		snprintf(r->notice, r->notice_bytes, "%s", words);
	if (!status && r->terminal == PLOT_DUMB)
		status = tidy_text(picture, e);
	if (script)
		fclose(script);
	if (said)
		fclose(said);
	return status;
}

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

/* Where gnuplot draws: a new file beside the wanted one, so that a rename puts it in place,
 * or one in the folder for temporary files. */
static int make_temporary(const char *output, char *path, size_t bytes, struct err *e)
{
	const char *tmp = getenv("TMPDIR");
	int n = output ? snprintf(path, bytes, "%s%s.partial-%ld", *output == '/' ? "" : "./", output,
				(long)getpid())
	               : snprintf(path, bytes, "%s/quern-plot-XXXXXX", tmp && *tmp == '/' ? tmp : "/tmp");
	if (n >= (int)bytes)
		return err_set(e, ERR_IO, "%s: the name is too long", output ? output : tmp);
	int fd = output ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666) : mkstemp(path);
	if (fd < 0)
		return err_set(e, ERR_IO, "%s: cannot write there: %s", output ? output : path, strerror(errno));
	close(fd);
	return 0;
}

/* Bring the finished picture to where it was wanted. 0, or -1; *moved when it is gone from here. */
static int deliver(const struct plot_request *r, const char *picture, int *moved, struct err *e)
{
	*moved = 0;
	if (!r->output)
		return copy_out(picture, r->stream, e);
	if (!is_special(r->output)) {
		if (rename(picture, r->output) < 0)
			return err_set(e, ERR_IO, "%s: cannot write there: %s", r->output, strerror(errno));
		*moved = 1;
		return 0;
	}
	FILE *out = fopen(r->output, "wb");
	int status = out ? copy_out(picture, out, e) : -1;
	if (!out || fclose(out))
		status = err_set(e, ERR_IO, "%s: cannot write there: %s", r->output, strerror(errno));
	return status;
}

int plot_make(const struct plot_request *r, struct err *e)
{
	char dir[PATH_MAX], picture[PATH_MAX];
	if (r->notice && r->notice_bytes)
		*r->notice = '\0';
	if (!r->run_count)
		return err_set(e, ERR_USAGE, "there is no run directory to plot");
	for (size_t i = 0; i < r->run_count; i++)
		if (check_run(r->kind, r->run[i], e) < 0)
			return -1;
	if (find_scripts(r->kind->name, dir, sizeof(dir), e) < 0 ||
	    make_temporary(is_special(r->output) ? NULL : r->output, picture, sizeof(picture), e) < 0)
		return -1;
	int moved = 0;
	int status = draw(r, dir, picture, e);
	if (!status)
		status = deliver(r, picture, &moved, e);
	if (!moved)
		unlink(picture);
	return status;
}
