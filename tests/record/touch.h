/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What touch.c touches, for it and for check_refs. */
#ifndef QUERN_TESTS_RECORD_TOUCH_H
#define QUERN_TESTS_RECORD_TOUCH_H

#include <stdbool.h>
#include <stdint.h>

#define TOUCH_PAGE UINT64_C(0x200000000)
#define TOUCH_STEPS 200
#define TOUCH_THREADS 4

typedef uint64_t unaligned_u64 __attribute__((aligned(1)));

/* The page of a step; the next step's is another. */
static inline int touch_nth(int i) { return i * 7 % 13; }
static inline bool touch_is_write(int i) { return i % 3 == 0; }

#endif
