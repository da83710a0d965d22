/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every reference of a program, as valgrind's tool lackey prints it (--trace-mem=yes), reduced to runs on the way. Its lines:
 *    I  04016b80,3        an instruction of 3 bytes is fetched
 *     L 1ffeffe5d0,8      load     S store     M modify (load and store at once: one write here)
 * Threads are not told apart by lackey: their references come as one thread's, in the order in which they ran. What the kernel reads and writes
 * for the program, such as the buffer of a read(2), is no reference to it.
 *
 * Behind an exec of the program valgrind is gone: the recorder, which traces the process for that, starts it again on what came of it
 * (record/reexec.h). Its children are left alone. Where that cannot be done (another processor, the program closed lackey's descriptor, a thread
 * made the exec, ptrace is not allowed) the words are missing with which lackey ends, and that tells of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "record/child.h"
#include "record/reduce.h"
#include "record/reexec.h"

#define PAGE_SHIFT 12
#define CHUNK (256 * 1024)
#define LINE_MAX_BYTES 256
#define PATH_BYTES 4096
#define FRONT_WORDS 7
#define PAUSE_NS 500000            /* lackey writes line by line: what comes meanwhile is read at once */

struct lackey {
	struct child child;
	struct reduce reduce;
	int pipe[2];
	char **program;            /* and its words; borrowed */
	char tool[PATH_BYTES];     /* path of valgrind */
	char log[32];              /* its word for the pipe */
	char *front[FRONT_WORDS + 1]; /* its words before the program's */
	int log_fd;                /* number of the pipe in the program */
	bool inside;               /* lackey runs the program */
	bool over;                 /* lackey has seen the program's end */
	size_t have;               /* bytes of text not yet read as lines */
	char text[CHUNK + LINE_MAX_BYTES];
};

static const char missing[] = "valgrind is not installed, which runs the program and tells its references (Debian: "
	"apt-get install valgrind)";

/* What an exec of this file would say: 0 or an errno. */
static int try_file(const char *file)
{
	struct stat st;
	if (stat(file, &st) < 0)
		return errno;
	if (!S_ISREG(st.st_mode))
		return EACCES;
	return access(file, X_OK) < 0 ? errno : 0;
}

/* The same of a name that is looked for in PATH, as execvp(3) does; where it is found, in `file` of PATH_BYTES. */
static int try_program(const char *name, char *file)
{
	const char *path = getenv("PATH");
	int error = ENOENT;
	if (strchr(name, '/'))
		return try_file(name);
	while (path && *path) {
		size_t n = strcspn(path, ":");
		if ((size_t)snprintf(file, PATH_BYTES, "%.*s/%s", (int)n, path, name) < PATH_BYTES) {
			int why = try_file(file);
			if (why == 0)
				return 0;
			error = why == EACCES ? EACCES : error;
		}
		path += n + (path[n] == ':');
	}
	return error;
}

static int find_valgrind(char *file, struct err *e)
{
	return try_program("valgrind", file) == 0 ? 0 : err_set(e, ERR_IO, "%s", missing);
}

static int probe(struct err *e)
{
	char file[PATH_BYTES];
	return find_valgrind(file, e);
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "ADDRESS,SIZE" up to `end`; false: the line is none of a reference. */
static bool parse_range(const char *p, const char *end, uint64_t *address, uint64_t *bytes)
{
	const char *start = p;
	int digit;
	*address = *bytes = 0;
	while (p < end && (digit = hex_digit(*p)) >= 0 && p - start < 16) {
		*address = *address << 4 | (unsigned)digit;
		p++;
	}
	if (p == start || p == end || *p != ',')
		return false;
	for (start = ++p; p < end && *p >= '0' && *p <= '9' && p - start < 9; p++)
		*bytes = *bytes * 10 + (unsigned)(*p - '0');
	return p > start && p == end && *bytes > 0;
}

/* "==PID== Exit code:       0", the last that lackey says. */
static bool is_last(const char *p, const char *end)
{
	static const char says[] = "== Exit code:";
	return p[0] == '=' && memmem(p, (size_t)(end - p), says, sizeof(says) - 1);
}

static int take_line(struct lackey *l, const char *p, const char *end, struct err *e)
{
	uint64_t address, bytes;
	if (end - p < 4)
		return 0;
	char letter = p[0] == ' ' ? p[1] : p[0];
	if ((letter != 'I' && letter != 'L' && letter != 'S' && letter != 'M') || p[2] != ' ' ||
	    !parse_range(p + 3, end, &address, &bytes)) {
		l->over |= is_last(p, end);
		return 0; /* valgrind's own words */
	}
	enum ref_op op = letter == 'I' ? REF_FETCH : letter == 'L' ? REF_READ : REF_WRITE;
	uint64_t page = address >> PAGE_SHIFT, last = (address + bytes - 1) >> PAGE_SHIFT;
	for (; page <= last && page < UINT64_C(1) << 52; page++)
		if (reduce_ref(&l->reduce, page, op, e) < 0)
			return -1;
	if (op == REF_FETCH)
		reduce_instruction(&l->reduce);
	return 0;
}

static int take_text(struct lackey *l, struct err *e)
{
	const char *p = l->text, *end = l->text + l->have, *newline;
	while ((newline = memchr(p, '\n', (size_t)(end - p)))) {
		if (take_line(l, p, newline, e) < 0)
			return -1;
		p = newline + 1;
	}
	l->have = (size_t)(end - p);
	if (l->have > LINE_MAX_BYTES)
		l->have = 0; /* no line of lackey is that long */
	memmove(l->text, p, l->have);
	return 0;
}

static bool runs_lackey(pid_t pid)
{
	char link[64], exe[PATH_BYTES];
	snprintf(link, sizeof(link), "/proc/%d/exe", (int)pid);
	ssize_t n = readlink(link, exe, sizeof(exe) - 1);
	exe[n > 0 ? n : 0] = '\0';
	const char *slash = strrchr(exe, '/');
	return slash && !strncmp(slash, "/lackey-", 8);
}

/* Whether the program still has the pipe open where lackey is told that it is. */
static bool has_pipe(const struct lackey *l)
{
	char link[64];
	struct stat ours, its;
	snprintf(link, sizeof(link), "/proc/%d/fd/%d", (int)l->child.pid, l->log_fd);
	return fstat(l->pipe[0], &ours) == 0 && stat(link, &its) == 0 && ours.st_dev == its.st_dev && ours.st_ino == its.st_ino;
}

/* Behind an exec: valgrind's own on the way to lackey, lackey's, or the program's, which has left valgrind. */
static void execed(struct lackey *l)
{
	int status;
	bool left = l->inside;
	l->inside = runs_lackey(l->child.pid);
	if (left && !l->inside && has_pipe(l) && reexec(l->child.pid, l->tool, l->front, &status) < 0) {
		l->child.ended = true;
		l->child.status = status;
	}
}

/* Whatever happened to the program. */
static void attend(struct lackey *l)
{
	int status;
	pid_t pid = l->child.pid;
	while (!l->child.ended && waitpid(pid, &status, WNOHANG | __WALL) == pid) {
		int signal = WIFSTOPPED(status) ? WSTOPSIG(status) : 0;
		if (!signal) {
			l->child.ended = true;
			l->child.status = status;
		} else if (signal == SIGTRAP && reexec_is_exec(pid) && !(l->inside && runs_lackey(pid))) {
			execed(l);
			signal = 0;
		}
		if (!l->child.ended)
			ptrace(PTRACE_CONT, pid, NULL, (void *)(intptr_t)signal);
	}
}

/* Until lackey's end of the pipe is closed: after the program, or by whoever kills valgrind. */
static int follow(struct lackey *l, struct err *e)
{
	struct pollfd fds[2] = {{.fd = l->child.signals, .events = POLLIN}, {.fd = l->pipe[0], .events = POLLIN}};
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	for (;;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return err_set(e, ERR_IO, "waiting for valgrind failed: %s", strerror(errno));
		child_signals(&l->child);
		attend(l);
		if (!(fds[1].revents & (POLLIN | POLLHUP)))
			continue;
		ssize_t n = read(l->pipe[0], l->text + l->have, CHUNK);
		if (n < 0 && errno != EINTR)
			return err_set(e, ERR_IO, "reading what valgrind tells failed: %s", strerror(errno));
		if (n == 0)
			break;
		l->have += n > 0 ? (size_t)n : 0;
		if (take_text(l, e) < 0)
			return -1;
		if (n > 0 && n < CHUNK / 4)
			nanosleep(&pause, NULL);
	}
	for (attend(l); !l->child.ended; attend(l)) {
		poll(fds, 1, 100);
		child_signals(&l->child);
	}
	if (l->reduce.now == 0 && l->child.stops == 0) /* of another processor, perhaps; it said why */
		return err_set(e, ERR_IO, "%s: valgrind does not run it", child_name(l->program));
	return reduce_end(&l->reduce, e);
}

/* Valgrind dies without a word only by this signal, or where it was stopped while it began anew; it gets to its end otherwise. */
static bool is_replaced(const struct lackey *l)
{
	return !l->over && l->child.ended && l->child.stops == 0 && !(WIFSIGNALED(l->child.status) && WTERMSIG(l->child.status) == SIGKILL);
}

static int record_to(struct lackey *l, const struct record_job *job, struct record_result *out, struct err *e)
{
	char command[REF_TEXT_MAX + 1];
	struct ref_header h = {.kind = REF_KIND_REFS, .has = REF_HAS_INSTRUCTIONS, .page_bytes = 1 << PAGE_SHIFT,
		.filter = job->filter, .program = child_name(job->argv),
		.command = child_command(job->argv, command, sizeof(command))};
	struct ref_writer *w = ref_writer_open(job->output, &h, e);
	if (!w)
		return -1;
	int bad = reduce_init(&l->reduce, w, job->filter, e) < 0 || child_release(&l->child, e) < 0;
	close(l->pipe[1]); /* valgrind has its own */
	l->pipe[1] = -1;
	bad = bad || follow(l, e) < 0;
	bool replaced = !bad && is_replaced(l);
	ref_writer_totals(w)->partial = replaced;
	bad = child_recorded(&l->child, job, w, bad, 0, out, e);
	out->replaced = replaced;
	return bad;
}

/* The words of valgrind, then those of the program. NULL: no memory. */
static char **valgrind_words(struct lackey *l, char **argv)
{
	static char name[] = "valgrind", tool[] = "--tool=lackey", trace[] = "--trace-mem=yes",
		silent[] = "--child-silent-after-fork=yes", quiet[] = "-q", end[] = "--";
	char *front[FRONT_WORDS] = {name, quiet, tool, trace, silent, l->log, end};
	size_t words = 0;
	memcpy(l->front, front, sizeof(front));
	while (argv[words])
		words++;
	char **all = calloc(FRONT_WORDS + words + 1, sizeof(*all));
	if (all) {
		memcpy(all, front, sizeof(front));
		memcpy(all + FRONT_WORDS, argv, words * sizeof(*all));
	}
	return all;
}

static int record_with(struct lackey *l, const struct record_job *job, struct record_result *out, struct err *e)
{
	if (pipe2(l->pipe, O_CLOEXEC) < 0)
		return err_set(e, ERR_IO, "no pipe to valgrind: %s", strerror(errno));
	fcntl(l->pipe[1], F_SETPIPE_SZ, 1 << 20);
	l->log_fd = l->pipe[1];
	snprintf(l->log, sizeof(l->log), "--log-fd=%d", l->log_fd);
	char **words = valgrind_words(l, job->argv);
	struct child_how how = {.argv = words, .keep_fd = l->log_fd, .missing = missing, .traced = reexec_possible() && l->tool[0] == '/',
		.or_untraced = true};
	int bad = -1;
	if (!words) {
		err_set(e, ERR_LIMIT, "no memory to record");
	} else if (child_open(&l->child, &how, e) == 0) {
		bad = record_to(l, job, out, e);
		child_close(&l->child);
		reduce_free(&l->reduce);
	}
	free(words);
	close(l->pipe[0]);
	if (l->pipe[1] >= 0)
		close(l->pipe[1]);
	return bad;
}

static int run(const struct record_job *job, struct record_result *out, struct err *e)
{
	char file[PATH_BYTES];
	int error = try_program(job->argv[0], file);
	if (error)
		return err_set(e, ERR_IO, "%s: cannot be run: %s", job->argv[0], strerror(error));
	struct lackey *l = calloc(1, sizeof(*l));
	if (!l)
		return err_set(e, ERR_LIMIT, "no memory to record");
	l->program = job->argv;
	int bad = find_valgrind(l->tool, e) < 0 ? -1 : record_with(l, job, out, e);
	free(l);
	return bad;
}

extern const struct recorder record_refs;
const struct recorder record_refs = {
	.name = "refs",
	.doc = "every reference that the program's instructions make, and these, reduced to runs of pages on the way; not what the kernel reads and "
		"writes for it, such as the buffer of a read(2); needs valgrind, and the program runs some hundred times slower",
	.probe = probe,
	.run = run,
};
