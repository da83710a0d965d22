/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small program to be recorded by check_refs: it reads and writes known pages in a known order; with a word, each of some threads writes a page. */
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#include "record/touch.h"

static void *write_page(void *page)
{
	*(volatile char *)page = 1;
	return NULL;
}

static int be_threads(char *region)
{
	pthread_t thread[TOUCH_THREADS];
	for (int i = 0; i < TOUCH_THREADS; i++)
		if (pthread_create(&thread[i], NULL, write_page, region + (ptrdiff_t)4096 * i) != 0)
			return 9;
	for (int i = 0; i < TOUCH_THREADS; i++)
		pthread_join(thread[i], NULL);
	return 42;
}

int main(int argc, char **argv)
{
	(void)argv;
	void *at = (void *)(uintptr_t)(TOUCH_PAGE * 4096); /* NOLINT(performance-no-int-to-ptr) */
	volatile char *region = mmap(at, 64 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
		-1, 0);
	if (region != at)
		return 9;
	if (argc > 1)
		return be_threads(at);
	for (int i = 0; i < TOUCH_STEPS; i++)
		if (touch_is_write(i))
			region[touch_nth(i) * 4096 + 8] = 1;
		else
			(void)region[touch_nth(i) * 4096 + 8];
	/* four bytes of one page and four of the next: both are referenced */
	*(volatile unaligned_u64 *)(region + 20 * 4096 - 4) = 1;
	return 42;
}
