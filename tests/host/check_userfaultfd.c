/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The simulated FIFO against the real MMU: a pager of its own, on userfaultfd, holds m pages of a region and gives up the one that
 * has been in longest, with madvise(MADV_DONTNEED). Reference strings run as real loads and stores; the kernel must deliver exactly
 * as many faults, for the same pages in the same order, as the policy and the machine take. Skipped where userfaultfd is not
 * allowed.
 *
 * The strings of the textbooks stand with their known counts besides: L. A. Belady, R. A. Nelson, G. S. Shedler, "An anomaly in
 * space-time characteristics of certain programs running in a paging machine", CACM 12(6), 1969.
 */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "effort.h"
#include "host_fixture.h"
#include "replace_fixture.h"
#include "sim/rng.h"

#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif

#define PAGES 64
#define LENGTH 4000

struct pager {
	int uffd;
	int stop[2];           /* a pipe: a byte ends the pager */
	char *region;          /* PAGES of it */
	char *content;         /* a page of zeros */
	size_t page_bytes;
	uint32_t frames, used, oldest;
	uint32_t in[PAGES];    /* the pages that are in, a ring from the oldest */
	uint64_t faults;
	uint32_t faulted[LENGTH];
	bool broken;
};

static int open_uffd(void)
{
	struct uffdio_api api = {.api = UFFD_API};
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);
	if (fd >= 0 && ioctl(fd, UFFDIO_API, &api) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* A fault: the oldest page goes if all frames are taken, and the page comes. */
static void page_in(struct pager *p, uint64_t address)
{
	uint32_t page = (uint32_t)((address - (uintptr_t)p->region) / p->page_bytes);
	struct uffdio_copy copy = {.dst = (uintptr_t)p->region + page * p->page_bytes, .src = (uintptr_t)p->content,
		.len = p->page_bytes};
	if (p->used == p->frames) {
		p->broken |= madvise(p->region + p->in[p->oldest] * p->page_bytes, p->page_bytes, MADV_DONTNEED) != 0;
		p->oldest = (p->oldest + 1) % p->frames;
		p->used--;
	}
	p->in[(p->oldest + p->used++) % p->frames] = page;
	if (p->faults < LENGTH)
		p->faulted[p->faults] = page;
	p->faults++;
	p->broken |= ioctl(p->uffd, UFFDIO_COPY, &copy) != 0;
}

static void *run_pager(void *arg)
{
	struct pager *p = arg;
	struct pollfd fds[2] = {{.fd = p->uffd, .events = POLLIN}, {.fd = p->stop[0], .events = POLLIN}};
	struct uffd_msg m;
	for (;;) {
		poll(fds, 2, -1);
		while (read(p->uffd, &m, sizeof(m)) == (ssize_t)sizeof(m))
			if (m.event == UFFD_EVENT_PAGEFAULT)
				page_in(p, m.arg.pagefault.address);
		if (fds[1].revents)
			return NULL;
	}
}

/* The real faults of the string on so many frames, into p->faults and p->faulted. */
static void run_real(struct pager *p, uint32_t frames, const uint64_t *refs, size_t n)
{
	pthread_t thread;
	memset(p, 0, sizeof(*p));
	p->frames = frames;
	p->page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	p->uffd = open_uffd();
	ck_assert_int_ge(p->uffd, 0);
	ck_assert_int_eq(pipe(p->stop), 0);
	p->region = mmap(NULL, PAGES * p->page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	p->content = mmap(NULL, p->page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert(p->region != MAP_FAILED && p->content != MAP_FAILED);
	p->content[0] = 1;
	madvise(p->region, PAGES * p->page_bytes, MADV_NOHUGEPAGE);
	struct uffdio_register r = {.range = {.start = (uintptr_t)p->region, .len = PAGES * p->page_bytes},
		.mode = UFFDIO_REGISTER_MODE_MISSING};
	ck_assert_int_eq(ioctl(p->uffd, UFFDIO_REGISTER, &r), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, run_pager, p), 0);
	for (size_t i = 0; i < n; i++) {
		volatile char *at = p->region + (refs[i] >> 1) * p->page_bytes;
		if (refs[i] & 1)
			*at = (char)i;
		else
			(void)*at;
	}
	ck_assert_int_eq((int)write(p->stop[1], "", 1), 1);
	pthread_join(thread, NULL);
	ck_assert(!p->broken);
	munmap(p->region, PAGES * p->page_bytes);
	munmap(p->content, p->page_bytes);
	close(p->uffd);
	close(p->stop[0]);
	close(p->stop[1]);
}

/* The policy alone: the same number, and the same pages given up. */
static void assert_policy(const struct pager *p, uint32_t frames, const uint64_t *refs, size_t n)
{
	static uint64_t evicted[LENGTH];
	struct replace_spec spec = replace_spec_of("fifo");
	struct replace_outcome out = {.evicted = evicted};
	struct err e = {0};
	ck_assert_msg(replace_run(&spec, frames, refs, n, 1, &out, &e) == 0, "%s", e.msg);
	ck_assert_uint_eq(out.faults, p->faults);
	/* first in, first out: the i-th page given up is the i-th that came */
	for (uint64_t i = 0; i < out.evictions; i++)
		ck_assert_uint_eq(evicted[i], p->faulted[i]);
}

/* The whole machine, with memory of so many frames and swap behind it, reading and writing page by page. */
static void assert_machine(const struct pager *p, uint32_t frames, const uint64_t *refs, size_t n)
{
	struct host_rig g;
	char text[1024];
	snprintf(text, sizeof(text), HOST_PLAIN "frames: %u\nshare_zero: false\nswap: {size: 1 MiB, readahead: 1}\n"
		"reclaim: {batch: 1}\nreplace: {policy: fifo}\n", (unsigned)frames);
	host_rig_open(&g, text, false);
	struct host_space *sp = rig_space(&g, "string");
	rig_area(&g, sp, "region", HOST_PAGER_SWAP, 0, PAGES);
	rig_thread(&g, sp, host_stream_words(g.sim->arena, refs, (uint32_t)n, 1));
	host_start(g.h);
	ck_assert_int_eq(sim_run(g.sim), 0);
	rig_check(&g);
	ck_assert_uint_eq(g.h->n.faults, p->faults);
	host_rig_free(&g);
}

static void assert_same(uint32_t frames, const uint64_t *refs, size_t n)
{
	static struct pager p;
	run_real(&p, frames, refs, n);
	assert_policy(&p, frames, refs, n);
	assert_machine(&p, frames, refs, n);
}

static const struct {
	const char *text;
	uint32_t frames;
	uint64_t faults;
} textbook[] = {
	{"123412512345", 3, 9},
	{"123412512345", 4, 10},         /* Belady's anomaly */
	{"70120304230321201701", 3, 15}, /* Silberschatz, Galvin, Gagne, Operating System Concepts, page replacement */
};

START_TEST(the_strings_of_the_textbooks_take_their_faults_on_the_real_machine)
{
	static struct pager p;
	uint64_t refs[STRING_MAX];
	size_t n = replace_string(textbook[_i].text, refs);
	run_real(&p, textbook[_i].frames, refs, n);
	ck_assert_uint_eq(p.faults, textbook[_i].faults);
	assert_same(textbook[_i].frames, refs, n);
}
END_TEST

START_TEST(random_strings_take_the_same_faults_on_both)
{
	static uint64_t refs[LENGTH];
	struct arena *a = arena_new();
	struct rng *r = rng_new(a, 1, "userfaultfd");
	for (unsigned round = 0; round < effort(10); round++) {
		uint64_t hot = 0, n = 100 + rng_below(r, LENGTH - 100);
		for (uint64_t i = 0; i < n; i++) {
			if (rng_below(r, 50) == 0)
				hot = rng_below(r, PAGES);
			uint64_t page = rng_below(r, 4) ? (hot + rng_below(r, 12)) % PAGES : rng_below(r, PAGES);
			refs[i] = page << 1 | (rng_below(r, 3) == 0);
		}
		assert_same(1 + (uint32_t)rng_below(r, PAGES), refs, n);
	}
	arena_free(a);
}
END_TEST

int main(void)
{
	int fd = open_uffd();
	if (fd < 0) {
		puts("skipped: this user or this kernel does not allow userfaultfd");
		return 77;
	}
	close(fd);
	Suite *s = suite_create("userfaultfd");
	TCase *c = tcase_create("userfaultfd");
	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, the_strings_of_the_textbooks_take_their_faults_on_the_real_machine, 0,
		sizeof(textbook) / sizeof(*textbook));
	tcase_add_test(c, random_strings_take_the_same_faults_on_both);
	suite_add_tcase(s, c);
	return replace_suite(s);
}
