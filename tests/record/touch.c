/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small program to be recorded by check_refs: it reads and writes known pages in a known order. */
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#include "record/touch.h"

int main(void)
{
	void *at = (void *)(uintptr_t)(TOUCH_PAGE * 4096); /* NOLINT(performance-no-int-to-ptr) */
	volatile char *region = mmap(at, 64 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
		-1, 0);
	if (region != at)
		return 9;
	for (int i = 0; i < TOUCH_STEPS; i++)
		if (touch_is_write(i))
			region[touch_nth(i) * 4096 + 8] = 1;
		else
			(void)region[touch_nth(i) * 4096 + 8];
	/* four bytes of one page and four of the next: both are referenced */
	*(volatile unaligned_u64 *)(region + 20 * 4096 - 4) = 1;
	return 42;
}
