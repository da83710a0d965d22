/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One system call in a stopped program. */
#include "record/inject.h"

#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

#ifdef __x86_64__

#define SYSCALL_BYTES 0x050fUL /* 0f 05 in memory */

int inject_probe(struct err *e)
{
	(void)e;
	return 0;
}

static int fail(const char *what, struct err *e)
{
	return err_set(e, ERR_IO, "the program could not be prepared for recording (%s: %s)", what, strerror(errno));
}

/* One instruction further. */
static int step(pid_t pid, struct err *e)
{
	int status;
	if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) < 0)
		return fail("ptrace step", e);
	while (waitpid(pid, &status, __WALL) < 0)
		if (errno != EINTR)
			return fail("waitpid", e);
	if (WIFSTOPPED(status))
		return 0;
	return err_set(e, ERR_IO, "the program ended while it was prepared for recording");
}

int inject_syscall(pid_t pid, long number, uint64_t argument, int64_t *result, struct err *e)
{
	struct user_regs_struct before, now;
	if (ptrace(PTRACE_GETREGS, pid, NULL, &before) < 0)
		return fail("ptrace registers", e);
	void *at = (void *)before.rip; /* NOLINT(performance-no-int-to-ptr) */
	errno = 0;
	long code = ptrace(PTRACE_PEEKTEXT, pid, at, NULL);
	if (code == -1 && errno)
		return fail("ptrace peek", e);
	now = before;
	now.rax = (unsigned long long)number;
	now.orig_rax = ~0ULL; /* no call to restart */
	now.rdi = argument;
	if (ptrace(PTRACE_POKETEXT, pid, at, (void *)(((unsigned long)code & ~0xffffUL) | SYSCALL_BYTES)) < 0 ||
	    ptrace(PTRACE_SETREGS, pid, NULL, &now) < 0)
		return fail("ptrace poke", e);
	if (step(pid, e) < 0)
		return -1;
	if (ptrace(PTRACE_GETREGS, pid, NULL, &now) < 0 || ptrace(PTRACE_POKETEXT, pid, at, (void *)code) < 0 ||
	    ptrace(PTRACE_SETREGS, pid, NULL, &before) < 0)
		return fail("ptrace restore", e);
	*result = (int64_t)now.rax;
	return 0;
}

#else

int inject_probe(struct err *e)
{
	return err_set(e, ERR_IO, "dirty pages can be recorded on x86-64 only, so far");
}

int inject_syscall(pid_t pid, long number, uint64_t argument, int64_t *result, struct err *e)
{
	(void)pid;
	(void)number;
	(void)argument;
	(void)result;
	return inject_probe(e);
}

#endif
