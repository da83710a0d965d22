/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A traced program that has just become another by exec, and stands at its first instruction, is made to begin once more under a
 * tool: execve(TOOL, WORDS... PROGRAM ITS-WORDS..., ITS-ENVIRONMENT), in its own name (ptrace(2)), so that process, terminal, folder
 * and open files stay what they are. x86-64 only.
 */
#ifndef QUERN_RECORD_REEXEC_H
#define QUERN_RECORD_REEXEC_H

#include <stdbool.h>
#include <sys/types.h>

/* Whether this processor is known. */
bool reexec_possible(void);
/* tool: absolute path; words: its own with argv[0], NULL-terminated. 1: it stands behind the exec of the tool. 0: this cannot be, the program is as it
 * was. -1: it has ended meanwhile, *status as of waitpid. */
int reexec(pid_t pid, const char *tool, char *const *words, int *status);
/* Whether a stop by SIGTRAP is that behind an exec: nobody else sends one from the program itself. */
bool reexec_is_exec(pid_t pid);

#endif
