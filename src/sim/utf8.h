/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One UTF-8 character at a time (RFC 3629): what a user's text may hold before it goes
 * into a message or back into a file.
 */
#ifndef QUERN_SIM_UTF8_H
#define QUERN_SIM_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * Bytes of the character at `text` (1 to 4) with its number in *code, or 0 where the bytes
 * are no valid UTF-8: stray or missing continuation, overlong form, surrogate, past
 * U+10FFFF. left >= 1: bytes there are.
 */
static inline size_t utf8_decode(const char *text, size_t left, uint32_t *code)
{
	static const uint32_t smallest[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *s = (const unsigned char *)text;
	size_t length;

	if (s[0] < 0x80) {
		*code = s[0];
		return 1;
	}
	if (s[0] >= 0xc0 && s[0] < 0xe0)
		length = 2;
	else if (s[0] >= 0xe0 && s[0] < 0xf0)
		length = 3;
	else if (s[0] >= 0xf0 && s[0] < 0xf8)
		length = 4;
	else
		return 0;
	if (length > left)
		return 0;
	uint32_t c = s[0] & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < smallest[length] || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
		return 0;
	*code = c;
	return length;
}

/* Control characters, C0, DEL and C1: a terminal may obey them. */
static inline int utf8_is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

#endif
