/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Errors as values.
 *
 * A function that can fail on a user's input takes a `struct err *` and returns 0
 * or -1; on -1 the struct holds one full sentence that names file and line (or
 * byte offset) where there is one. Libraries never print it and never exit; only
 * cli/ does. The code is also the process's exit status, so it is documented and
 * stable (see `man quern`, EXIT STATUS).
 *
 * Owner: the caller, by value. No allocation.
 */
#ifndef QUERN_SIM_ERR_H
#define QUERN_SIM_ERR_H

#include <stdarg.h>

enum err_code {
	ERR_NONE = 0,
	ERR_CHECK = 1,       /* a check ran and did not hold (validate, invariants) */
	ERR_USAGE = 2,       /* command line */
	ERR_CONFIG = 3,      /* configuration or device file */
	ERR_TRACE = 4,       /* trace content or compression */
	ERR_IO = 5,          /* a file could not be opened, read or written */
	ERR_LIMIT = 6,       /* memory or simulated time exhausted */
	ERR_INTERRUPTED = 7, /* stopped by a signal; what was written says "partial" */
};

struct err {
	enum err_code code;
	char msg[1024];
};

/*
 * Store a sentence. The first error wins: a second call on a struct that already
 * holds one changes nothing. `e` may be NULL. Always returns -1, so that a
 * failing function ends in `return err_set(...)`.
 */
int err_set(struct err *e, enum err_code code, const char *fmt, ...)
	__attribute__((cold, format(printf, 3, 4)));
int err_vset(struct err *e, enum err_code code, const char *fmt, va_list ap)
	__attribute__((cold, format(printf, 3, 0)));

/* Forget a stored error so that the struct can be used again. */
void err_clear(struct err *e);

#endif
