/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running gnuplot on a script, and what it says. No shell is involved. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/plot_private.h"

#define PLOT_NO_DATA 65 /* exit status of a script that has nothing to draw: `no_data` in plots/style.gp */

/* The first line in `said` that says something, without the place in the script; of a script that found no data its sentence. */
static void first_words(FILE *said, int ended, char *out, size_t bytes)
{
	char line[512];
	*out = '\0';
	rewind(said);
	if (ended == PLOT_NO_DATA) {
		if (fgets(out, (int)bytes, said))
			out[strcspn(out, "\n")] = '\0';
		return;
	}
	while (!*out && fgets(line, sizeof(line), said)) {
		char *s = line + strspn(line, " \t\n^");
		s[strcspn(s, "\n")] = '\0';
		/* gnuplot first repeats the command it stumbled on, then says why */
		if ((strstr(s, "line ") || strstr(s, "arning")) && !strstr(s, "Fontconfig"))
			snprintf(out, bytes, "%s", s);
	}
}

/* The environment, but for the locale, which is one of UTF-8 whatever the user's is: gnuplot complains of signs that another
 * lacks. An array for free(); its strings are static or the environment's. */
static char **utf8_environment(void)
{
	static char utf8[] = "LC_ALL=C.UTF-8";
	size_t n = 0, kept = 0;
	while (environ[n])
		n++;
	char **vars = malloc((n + 2) * sizeof(*vars));
	for (size_t i = 0; vars && i < n; i++)
		if (strncmp(environ[i], "LC_ALL=", 7) != 0)
			vars[kept++] = environ[i];
	if (vars) {
		vars[kept] = utf8;
		vars[kept + 1] = NULL;
	}
	return vars;
}

static int run_gnuplot(FILE *script, FILE *said, int *exit_status, struct err *e)
{
	static const char *const words[] = {"gnuplot", "-d", NULL};
	posix_spawn_file_actions_t actions;
	pid_t pid;
	char **vars = utf8_environment();
	if (!vars)
		return err_set(e, ERR_LIMIT, "no memory to start gnuplot");
	if (posix_spawn_file_actions_init(&actions)) {
		free((void *)vars);
		return err_set(e, ERR_LIMIT, "no memory to start gnuplot");
	}
	posix_spawn_file_actions_adddup2(&actions, fileno(script), STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, fileno(said), STDERR_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	int bad = posix_spawnp(&pid, words[0], &actions, NULL, (char *const *)(void *)words, vars);
	posix_spawn_file_actions_destroy(&actions);
	free((void *)vars);
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

static int judge(const struct plot_request *r, int ended, const char *picture, const char *words, struct err *e)
{
	struct stat st;
	if (ended == PLOT_NO_DATA)
		return err_set(e, ERR_IO, "%s%s: %s, so there is nothing to draw as \"%s\"", r->run[0],
			r->run_count > 1 ? " and the other runs" : "", words, r->kind->name);
	if (ended)
		return err_set(e, ERR_CHECK, "gnuplot could not draw \"%s\": %s", r->kind->name,
			*words ? words : "it gave no reason");
	if (stat(picture, &st) < 0 || st.st_size == 0)
		return err_set(e, ERR_IO, "gnuplot wrote no picture%s%s", *words ? ": " : "", words);
	if (r->notice && r->notice_bytes)
		snprintf(r->notice, r->notice_bytes, "%s", words);
	return 0;
}

int plot_draw(const struct plot_request *r, FILE *script, const char *picture, struct err *e)
{
	FILE *said = tmpfile();
	int status = 0, ended = 0;
	char words[512] = "";
	if (!said || fflush(script) || lseek(fileno(script), 0, SEEK_SET) < 0)
		status = err_set(e, ERR_IO, "cannot make a temporary file: %s", strerror(errno));
	if (!status)
		status = run_gnuplot(script, said, &ended, e);
	if (!status) {
		first_words(said, ended, words, sizeof(words));
		status = judge(r, ended, picture, words, e);
	}
	if (!status && r->terminal == PLOT_DUMB)
		status = tidy_text(picture, e);
	if (said)
		fclose(said);
	return status;
}
