/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An exec made in the name of a stopped program. */
#include "record/reexec.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

bool reexec_is_exec(pid_t pid)
{
	siginfo_t info;
	return ptrace(PTRACE_GETSIGINFO, pid, NULL, &info) == 0 && info.si_code == SI_USER && info.si_pid == pid;
}

#ifdef __x86_64__

#define NAME_BYTES 4096
#define MOST (96 * 1024)      /* of a new stack 128 KiB below its pointer are there */
#define RED_ZONE 256
#define CALL 0xcc050fUL       /* 0f 05 cc: the system call, and a trap where it comes back */
#define CALL_MASK 0xffffffUL

/* A program at its first instruction. */
struct start {
	pid_t pid;
	int mem;               /* /proc/PID/mem */
	struct user_regs_struct regs;
	uint64_t count;        /* its words; their addresses lie behind this number, where the stack pointer points to */
};

bool reexec_possible(void) { return true; }

static bool load(const struct start *s, uint64_t from, void *to, size_t bytes)
{
	return pread(s->mem, to, bytes, (off_t)from) == (ssize_t)bytes;
}

static bool same_file(const char *a, const char *b)
{
	struct stat x, y;
	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* A path of the file `exe` by the name it was called: in its folder, or in one of PATH. */
static bool find_called(const struct start *s, const char *exe, const char *called, char *name)
{
	char file[NAME_BYTES + 64];
	const char *path = getenv("PATH");
	snprintf(name, NAME_BYTES, "%s", called);
	if (called[0] == '/')
		return same_file(exe, name);
	snprintf(file, sizeof(file), "/proc/%d/cwd/%s", (int)s->pid, called);
	if (strchr(called, '/'))
		return same_file(exe, file);
	while (path && *path) {
		size_t n = strcspn(path, ":");
		if (*path == '/' && (size_t)snprintf(name, NAME_BYTES, "%.*s/%s", (int)n, path, called) < NAME_BYTES && same_file(exe, name))
			return true;
		path += n + (path[n] == ':');
	}
	return false;
}

/* What the tool is to run: what it was called, since programs of many names look at that; else the path of its file. */
static bool find_name(const struct start *s, char *name)
{
	char exe[64], called[NAME_BYTES];
	uint64_t at;
	snprintf(exe, sizeof(exe), "/proc/%d/exe", (int)s->pid);
	memset(called, 0, sizeof(called));
	if (s->count > 0 && load(s, s->regs.rsp + 8, &at, 8) && pread(s->mem, called, sizeof(called), (off_t)at) > 0 &&
	    memchr(called, '\0', sizeof(called)) && called[0] && find_called(s, exe, called, name))
		return true;
	ssize_t n = readlink(exe, name, NAME_BYTES - 1);
	name[n > 0 ? n : 0] = '\0';
	return n > 0 && same_file(exe, name);
}

static bool get_start(struct start *s, pid_t pid)
{
	char mem[64];
	s->pid = pid;
	snprintf(mem, sizeof(mem), "/proc/%d/mem", (int)pid);
	s->mem = open(mem, O_RDWR | O_CLOEXEC);
	if (s->mem < 0)
		return false;
	if (ptrace(PTRACE_GETREGS, pid, NULL, &s->regs) == 0 && load(s, s->regs.rsp, &s->count, 8) && s->count < MOST / 8)
		return true;
	close(s->mem);
	return false;
}

/* Below its stack the words of the tool, the name, and the addresses of all words, the program's behind them. *at: the path of the tool;
 * *list: the addresses. */
static bool put_words(const struct start *s, const char *tool, char *const *words, uint64_t *at, uint64_t *list)
{
	char name[NAME_BYTES], *text = calloc(1, MOST);
	uint64_t *address = calloc(MOST / 8, sizeof(*address)), base = (s->regs.rsp - RED_ZONE - MOST) & ~UINT64_C(15);
	size_t used = 0, n = 0;
	bool good = text && address && find_name(s, name);
	*at = base;
	if (good)
		used = (size_t)snprintf(text, NAME_BYTES, "%s", tool) + 1;
	for (; good && words[n]; n++) {
		address[n] = base + used;
		used += (size_t)snprintf(text + used, NAME_BYTES, "%s", words[n]) + 1;
		good = used < MOST / 4;
	}
	if (good) {
		address[n++] = base + used;
		used += (size_t)snprintf(text + used, NAME_BYTES, "%s", name) + 1;
		used = (used + 15) & ~(size_t)15;
	}
	uint64_t more = s->count > 1 ? s->count - 1 : 0;
	good = good && used + (n + more + 1) * 8 <= MOST && (more == 0 || load(s, s->regs.rsp + 16, address + n, more * 8));
	*list = base + used;
	good = good && pwrite(s->mem, text, used, (off_t)base) == (ssize_t)used &&
		pwrite(s->mem, address, (n + more + 1) * 8, (off_t)*list) == (ssize_t)((n + more + 1) * 8);
	free(text);
	free(address);
	return good;
}

/* Lets it run up to the exec, or to the trap behind it. Other signals that come are sent again when that is over. */
static int run_call(pid_t pid, int *status)
{
	int held = 0;
	bool done = false, over = false;
	while (!over && ptrace(PTRACE_CONT, pid, NULL, NULL) == 0) {
		while (waitpid(pid, status, __WALL) < 0 && errno == EINTR)
			;
		if (!WIFSTOPPED(*status))
			return -1;
		over = WSTOPSIG(*status) == SIGTRAP;
		done = over && reexec_is_exec(pid);
		held = over ? held : WSTOPSIG(*status);
	}
	if (held)
		kill(pid, held);
	return done;
}

int reexec(pid_t pid, const char *tool, char *const *words, int *status)
{
	int done = 0;
	struct start s;
	uint64_t path, list;
	if (!get_start(&s, pid))
		return 0;
	struct user_regs_struct now = s.regs;
	void *at = (void *)s.regs.rip; /* NOLINT(performance-no-int-to-ptr) */
	errno = 0;
	long code = ptrace(PTRACE_PEEKTEXT, pid, at, NULL);
	bool good = !(code == -1 && errno) && put_words(&s, tool, words, &path, &list);
	if (good) {
		now.rax = SYS_execve;
		now.orig_rax = ~0ULL; /* no call to restart */
		now.rdi = path;
		now.rsi = list;
		now.rdx = s.regs.rsp + 8 * (s.count + 2);
		if (ptrace(PTRACE_POKETEXT, pid, at, (void *)(((unsigned long)code & ~CALL_MASK) | CALL)) == 0 &&
		    ptrace(PTRACE_SETREGS, pid, NULL, &now) == 0)
			done = run_call(pid, status);
		if (done == 0 && ptrace(PTRACE_POKETEXT, pid, at, (void *)code) == 0)
			ptrace(PTRACE_SETREGS, pid, NULL, &s.regs);
	}
	close(s.mem);
	return done;
}

#else

bool reexec_possible(void) { return false; }

int reexec(pid_t pid, const char *tool, char *const *words, int *status)
{
	(void)pid;
	(void)tool;
	(void)words;
	(void)status;
	return 0;
}

#endif
