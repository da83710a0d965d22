/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The program that is recorded: started, held at a gate until the recorder is ready, told of signals, waited for.
 *
 * While it is open, SIGINT, SIGTERM, SIGHUP and SIGCHLD are blocked in the calling thread and read from `signals`, so
 * that nobody needs a handler. Owner: child_open() and child_close() go in pairs.
 */
#ifndef QUERN_RECORD_CHILD_H
#define QUERN_RECORD_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "record/record.h"

struct child_how {
	char *const *argv;
	bool traced;         /* PTRACE_TRACEME: the program stops with SIGTRAP behind each exec */
	bool or_untraced;    /* and where the kernel does not allow that it runs all the same */
	bool small_pages;    /* no transparent huge pages */
	int keep_fd;         /* this descriptor stays open in the program; -1: none */
	const char *missing; /* what to say where the program is not found ("... (Debian: ...)"); NULL: a plain sentence */
};

struct child {
	pid_t pid;
	int signals;     /* signalfd: readable when there is something for child_signals() */
	int gate;        /* a byte lets the program go on to its exec */
	int failed;      /* carries errno where the exec failed */
	sigset_t before; /* the caller's mask */
	unsigned stops;  /* signals that asked to stop */
	bool ended;
	int status;      /* as of waitpid, once ended */
	struct child_how how;
};

/* Forks; the program waits before its exec. 0, or -1 with nothing left open. */
int child_open(struct child *c, const struct child_how *how, struct err *e);
/* Lets it go; waits for its exec. -1: it could not be run. */
int child_release(struct child *c, struct err *e);
/* Takes the signals that came and passes on those that ask to stop. */
void child_signals(struct child *c);
/* Whether it has ended; does not wait. Not where it is traced. */
bool child_reap(struct child *c);
/* Its exit code, or 128 + signal. */
int child_exit_code(const struct child *c);
/* Kills what still runs, waits for it, restores the caller's mask. */
void child_close(struct child *c);

/*
 * The end of its recording, which failed already where `bad`: *out is filled; the file says whether it was interrupted and whether
 * events were lost, and is closed. It is removed where the recording failed with nothing in it. 0 or -1; w is gone.
 */
int child_recorded(const struct child *c, const struct record_job *job, struct ref_writer *w, bool bad, uint64_t lost,
	struct record_result *out, struct err *e);
/* The clock of the recordings: CLOCK_MONOTONIC. */
uint64_t child_now_ns(void);

/* The name of the program, without folders, and its words with blanks between, in `to`; cut where it does not fit. */
const char *child_name(char *const *argv);
const char *child_command(char *const *argv, char *to, size_t bytes);

#endif
