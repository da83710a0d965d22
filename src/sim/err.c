/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Errors as values: the first sentence stored in a struct err stays.
 */
#include "sim/err.h"

#include <stdio.h>

int err_vset(struct err *e, enum err_code code, const char *fmt, va_list ap)
{
	if (e == NULL || e->code != ERR_NONE)
		return -1;
	e->code = code;
	if (vsnprintf(e->msg, sizeof(e->msg), fmt, ap) < 0)
		e->msg[0] = '\0';
	return -1;
}

int err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_vset(e, code, fmt, ap);
	va_end(ap);
	return -1;
}

void err_clear(struct err *e)
{
	if (e == NULL)
		return;
	e->code = ERR_NONE;
	e->msg[0] = '\0';
}
