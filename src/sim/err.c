/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Errors as values: the first sentence stored in a struct err stays. A sentence quotes
 * the user's files, so what is stored is always one line of valid UTF-8 without control
 * characters: a hostile file cannot drive the terminal of whoever reads the message.
 */
#include "sim/err.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "sim/utf8.h"

static void make_printable(char *msg)
{
	size_t left = strlen(msg);
	const char *in = msg;
	char *out = msg;

	while (left > 0) {
		uint32_t code;
		size_t length = utf8_decode(in, left, &code);

		if (length == 0) {
			*out++ = '?';
			length = 1;
		} else if (code == '\n' || code == '\t') {
			*out++ = ' ';
		} else if (utf8_is_control(code)) {
			*out++ = '?';
		} else {
			memmove(out, in, length);
			out += length;
		}
		in += length;
		left -= length;
	}
	*out = '\0';
}

int err_vset(struct err *e, enum err_code code, const char *fmt, va_list ap)
{
	if (e == NULL || e->code != ERR_NONE)
		return -1;
	e->code = code;
	int length = vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	if (length < 0)
		e->msg[0] = '\0';
	else if ((size_t)length >= sizeof(e->msg))
		memcpy(e->msg + sizeof(e->msg) - 4, "...", 4);
	make_printable(e->msg);
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
