/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Command lines: argp with the nearest word for a mistyped option, and the messages. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "sim/config.h"

#define MAX_OPTIONS 128

/* Long options of a parser and its children, flat. */
struct option_list {
	const char *name[MAX_OPTIONS + 1]; /* NULL-terminated */
	const char *arg[MAX_OPTIONS];      /* not NULL: takes a value */
	int key[MAX_OPTIONS];
	size_t count;
};

static void add_option(struct option_list *l, const char *name, const char *arg, int key)
{
	if (l->count == MAX_OPTIONS)
		return;
	l->name[l->count] = name;
	l->arg[l->count] = arg;
	l->key[l->count++] = key;
}

static void collect(const struct argp *argp, struct option_list *l)
{
	const char *arg = NULL;
	for (const struct argp_option *o = argp->options; o && (o->name || o->key || o->doc); o++) {
		if (!(o->flags & OPTION_ALIAS))
			arg = o->arg;
		if (o->name)
			add_option(l, o->name, arg, o->key);
	}
	for (const struct argp_child *c = argp->children; c && c->argp; c++)
		collect(c->argp, l);
}

/* The option that `word` (without dashes, up to `len`) names, whole or by a unique
 * beginning; -1 when none does. getopt itself refuses an ambiguous one. */
static int find_option(const struct option_list *l, const char *word, size_t len)
{
	for (size_t i = 0; i < l->count; i++)
		if (!strncmp(l->name[i], word, len) && l->name[i][len] == '\0')
			return (int)i;
	for (size_t i = 0; i < l->count; i++)
		if (len > 0 && !strncmp(l->name[i], word, len))
			return (int)i;
	return -1;
}

/* Whether a bundle of short options ("-qo") ends in one that takes the next word. */
static bool short_takes_next(const struct option_list *l, const char *word)
{
	for (const char *p = word + 1; *p; p++)
		for (size_t i = 0; i < l->count; i++)
			if (l->key[i] == *p && l->arg[i])
				return p[1] == '\0';
	return false;
}

static int check_options(const struct option_list *l, int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		const char *word = argv[i];
		if (word[0] != '-' || !word[1])
			continue;
		if (word[1] != '-') {
			i += short_takes_next(l, word);
			continue;
		}
		size_t len = strcspn(word + 2, "=");
		int at = find_option(l, word + 2, len);
		if (at >= 0) {
			i += l->arg[at] && !word[2 + len];
			continue;
		}
		char name[64];
		snprintf(name, sizeof(name), "%.*s", (int)(len < sizeof(name) ? len : sizeof(name) - 1),
			word + 2);
		const char *near = nearest_word(name, l->name);
		if (near)
			return cli_usage("%s has no option --%s, did you mean --%s?", argv[0], name, near);
		return cli_usage("%s has no option --%s (see `%s --help`)", argv[0], name, argv[0]);
	}
	return 0;
}

int cli_parse(const struct argp *argp, int argc, char **argv, void *input)
{
	struct option_list list = {.count = 0};
	collect(argp, &list);
	add_option(&list, "help", NULL, '?');
	add_option(&list, "usage", NULL, 0);
	int code = check_options(&list, argc, argv);
	if (code)
		return code;
	return argp_parse(argp, argc, argv, 0, NULL, input) ? ERR_USAGE : 0;
}

int cli_fail(const struct err *e)
{
	fflush(stdout);
	fprintf(stderr, "quern: %s\n", e->msg[0] ? e->msg : "something failed without saying why");
	return e->code ? (int)e->code : ERR_USAGE;
}

int cli_usage(const char *fmt, ...)
{
	struct err e = {0};
	va_list ap;
	va_start(ap, fmt);
	err_vset(&e, ERR_USAGE, fmt, ap);
	va_end(ap);
	return cli_fail(&e);
}

int cli_finish(int code)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	if (code)
		return code; /* one sentence has been said */
	if (errno == EPIPE) /* the reader has what it wanted (`quern list | head -1`) */
		return ERR_IO;
	fprintf(stderr, "quern: cannot write to standard output: %s\n",
		errno ? strerror(errno) : "some of it was lost");
	return ERR_IO;
}
