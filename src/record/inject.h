/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * System calls made in the name of a traced program that stands still (ptrace(2)): one instruction of it is replaced, stepped over
 * and put back, with its registers. x86-64 only.
 */
#ifndef QUERN_RECORD_INJECT_H
#define QUERN_RECORD_INJECT_H

#include <stdint.h>
#include <sys/types.h>

#include "sim/err.h"

/* Whether this processor is known. 0, or -1 with the sentence. */
int inject_probe(struct err *e);
/* The call's result (-errno where it failed) in *result. 0, or -1: the program could not be moved. */
int inject_syscall(pid_t pid, long number, uint64_t argument, int64_t *result, struct err *e);

#endif
