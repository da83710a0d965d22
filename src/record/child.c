/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The recorded program. */
#include "record/child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* In the child, up to its exec; only calls that are safe behind a fork. */
static void become(const struct child *c, int gate, int failed)
{
	char byte;
	ssize_t n;
	do
		n = read(gate, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		_exit(127); /* the recorder gave up */
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	sigprocmask(SIG_SETMASK, &c->before, NULL);
	if (c->how.keep_fd >= 0)
		fcntl(c->how.keep_fd, F_SETFD, 0);
	if (c->how.small_pages)
		prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	if (!c->how.traced || ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 || c->how.or_untraced)
		execvp(c->how.argv[0], c->how.argv);
	int error = errno;
	do
		n = write(failed, &error, sizeof(error));
	while (n < 0 && errno == EINTR);
	_exit(127);
}

static int fail_start(const struct child_how *how, const char *why, struct err *e)
{
	return err_set(e, ERR_IO, "%s: cannot be run: %s", how->argv[0], why);
}

/* Both pipes of the child: 0 or -1 with errno. */
static int open_pipes(int gate[2], int failed[2])
{
	if (pipe2(gate, O_CLOEXEC) < 0)
		return -1;
	if (pipe2(failed, O_CLOEXEC) == 0)
		return 0;
	int error = errno;
	close(gate[0]);
	close(gate[1]);
	errno = error;
	return -1;
}

int child_open(struct child *c, const struct child_how *how, struct err *e)
{
	int gate[2], failed[2];
	sigset_t set;
	*c = (struct child){.how = *how};
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	c->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (c->signals < 0)
		return fail_start(how, strerror(errno), e);
	if (open_pipes(gate, failed) < 0) {
		close(c->signals);
		return fail_start(how, strerror(errno), e);
	}
	sigprocmask(SIG_BLOCK, &set, &c->before);
	c->pid = fork();
	if (c->pid == 0) {
		close(gate[1]);
		become(c, gate[0], failed[1]);
	}
	int error = errno;
	close(gate[0]);
	close(failed[1]);
	c->gate = gate[1];
	c->failed = failed[0];
	if (c->pid < 0) {
		c->ended = true;
		child_close(c);
		return fail_start(how, strerror(error), e);
	}
	return 0;
}

int child_release(struct child *c, struct err *e)
{
	int error = 0;
	ssize_t n;
	do
		n = write(c->gate, "", 1);
	while (n < 0 && errno == EINTR);
	do
		n = read(c->failed, &error, sizeof(error)); /* ends without a byte when the exec has closed it */
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(error))
		return 0;
	if (error == ENOENT && c->how.missing)
		return err_set(e, ERR_IO, "%s", c->how.missing);
	return fail_start(&c->how, strerror(error), e);
}

void child_signals(struct child *c)
{
	struct signalfd_siginfo info;
	while (read(c->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGCHLD || c->ended)
			continue;
		/* a terminal has sent its own to the program already; only the kernel sends with SI_KERNEL */
		if (c->stops++)
			kill(c->pid, SIGKILL);
		else if (info.ssi_code != SI_KERNEL)
			kill(c->pid, (int)info.ssi_signo);
	}
}

bool child_reap(struct child *c)
{
	if (!c->ended && waitpid(c->pid, &c->status, WNOHANG) == c->pid)
		c->ended = true;
	return c->ended;
}

int child_exit_code(const struct child *c)
{
	return WIFSIGNALED(c->status) ? 128 + WTERMSIG(c->status) : WEXITSTATUS(c->status);
}

void child_close(struct child *c)
{
	close(c->gate);
	close(c->failed);
	if (!c->ended) {
		kill(c->pid, SIGKILL);
		while (waitpid(c->pid, &c->status, 0) < 0 && errno == EINTR)
			;
		c->ended = true;
	}
	child_signals(c); /* those still waiting are ours */
	close(c->signals);
	sigprocmask(SIG_SETMASK, &c->before, NULL);
}

int child_recorded(const struct child *c, const struct record_job *job, struct ref_writer *w, bool bad, uint64_t lost,
	struct record_result *out, struct err *e)
{
	struct ref_totals *t = ref_writer_totals(w);
	struct err ignored = {0};
	struct stat st;
	t->interrupted = bad || c->stops > 0;
	t->lossy = lost > 0;
	*out = (struct record_result){.totals = *t, .lost = lost, .exit_code = c->ended ? child_exit_code(c) : 0};
	if (ref_writer_close(w, bad ? &ignored : e) == 0 && !bad)
		return 0;
	if (out->totals.runs == 0 && lstat(job->output, &st) == 0 && S_ISREG(st.st_mode))
		unlink(job->output);
	return -1;
}

uint64_t child_now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

const char *child_name(char *const *argv)
{
	const char *slash = strrchr(argv[0], '/');
	return slash && slash[1] ? slash + 1 : argv[0];
}

const char *child_command(char *const *argv, char *to, size_t bytes)
{
	size_t n = 0;
	to[0] = '\0';
	for (int i = 0; argv[i] && n < bytes; i++)
		n += (size_t)snprintf(to + n, bytes - n, "%s%s", i ? " " : "", argv[i]);
	return to;
}
