/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dirty pages by userfaultfd and PAGEMAP_SCAN. */
#include "record/wpscan.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/userfaultfd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "record/inject.h"

/* What the headers of Debian 12 (Linux 6.1) lack; the numbers are those of Linux 6.7's uapi headers. */
#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif
#ifndef UFFD_FEATURE_WP_ASYNC
#define UFFD_FEATURE_WP_ASYNC (1 << 15)
#endif
#ifndef PAGEMAP_SCAN
#define PAGEMAP_SCAN _IOWR('f', 16, struct pm_scan_arg)
#define PAGE_IS_WRITTEN (1 << 1)
#define PAGE_IS_FILE (1 << 2)
#define PAGE_IS_PRESENT (1 << 3)
#define PAGE_IS_SWAPPED (1 << 4)
#define PAGE_IS_PFNZERO (1 << 5)
#define PM_SCAN_WP_MATCHING (1 << 0)
struct page_region {
	uint64_t start, end, categories;
};
struct pm_scan_arg {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};
#endif

#define REGIONS 512

static int userfaultfd_here(void)
{
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && errno == EPERM) /* writes inside system calls are no trouble: nobody is waited for */
		fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);
	return fd;
}

/* Written, of the process's own, and there: some kernels call a place that never held a page written. */
static int scan(int pagemap, uint64_t start, uint64_t end, struct page_region *out, uint64_t room, uint64_t *walked)
{
	const uint64_t own = PAGE_IS_WRITTEN | PAGE_IS_FILE | PAGE_IS_PFNZERO;
	struct pm_scan_arg a = {.size = sizeof(a), .flags = PM_SCAN_WP_MATCHING, .start = start, .end = end,
		.vec = (uintptr_t)out, .vec_len = room, .category_inverted = PAGE_IS_FILE | PAGE_IS_PFNZERO,
		.category_mask = own, .category_anyof_mask = PAGE_IS_PRESENT | PAGE_IS_SWAPPED, .return_mask = PAGE_IS_WRITTEN};
	int n = ioctl(pagemap, PAGEMAP_SCAN, &a);
	*walked = a.walk_end;
	return n;
}

static int enable(int uffd)
{
	struct uffdio_api api = {.api = UFFD_API, .features = UFFD_FEATURE_PAGEFAULT_FLAG_WP | UFFD_FEATURE_WP_ASYNC};
	return ioctl(uffd, UFFDIO_API, &api);
}

#define NEEDS "exact dirty pages need userfaultfd with asynchronous write protection and PAGEMAP_SCAN, which Linux has since 6.7"

int wpscan_probe(struct err *e)
{
	struct page_region region;
	uint64_t walked;
	if (inject_probe(e) < 0)
		return -1;
	int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (pagemap < 0)
		return err_set(e, ERR_IO, "/proc/self/pagemap: cannot open: %s; " NEEDS, strerror(errno));
	/* of nothing: only whether the call is known */
	int known = scan(pagemap, 0, 0, &region, 1, &walked) >= 0 || (errno != ENOTTY && errno != ENOSYS);
	int error = errno;
	close(pagemap);
	if (!known)
		return err_set(e, ERR_IO, NEEDS "; this kernel does not (PAGEMAP_SCAN: %s)", strerror(error));
	int uffd = userfaultfd_here();
	if (uffd < 0)
		return err_set(e, ERR_IO, NEEDS "; this user may not use it (userfaultfd: %s)", strerror(errno));
	int bad = enable(uffd);
	error = errno;
	close(uffd);
	return bad < 0 ? err_set(e, ERR_IO, NEEDS "; this kernel does not (UFFDIO_API: %s)", strerror(error)) : 0;
}

/* Makes a userfaultfd in the process and takes it over. */
static int borrow_uffd(struct wpscan *s, pid_t pid, struct err *e)
{
	int64_t theirs, closed;
	if (inject_syscall(pid, SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK, &theirs, e) < 0)
		return -1;
	if (theirs == -EPERM &&
	    inject_syscall(pid, SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY, &theirs, e) < 0)
		return -1;
	if (theirs < 0)
		return err_set(e, ERR_IO, "the program may not use userfaultfd: %s", strerror((int)-theirs));
	int process = (int)syscall(SYS_pidfd_open, pid, 0);
	if (process >= 0) {
		s->uffd = (int)syscall(SYS_pidfd_getfd, process, (int)theirs, 0);
		int error = errno;
		close(process);
		errno = error;
	}
	if (s->uffd < 0 || enable(s->uffd) < 0)
		return err_set(e, ERR_IO, "the program's userfaultfd cannot be used: %s", strerror(errno));
	return inject_syscall(pid, SYS_close, (uint64_t)theirs, &closed, e);
}

static int open_files(struct wpscan *s, pid_t pid, struct err *e)
{
	char name[64];
	snprintf(name, sizeof(name), "/proc/%d/pagemap", (int)pid);
	s->pagemap = open(name, O_RDONLY | O_CLOEXEC);
	if (s->pagemap < 0)
		return err_set(e, ERR_IO, "%s: cannot open: %s", name, strerror(errno));
	snprintf(name, sizeof(name), "/proc/%d/maps", (int)pid);
	s->maps = fopen(name, "re");
	return s->maps ? 0 : err_set(e, ERR_IO, "%s: cannot open: %s", name, strerror(errno));
}

int wpscan_open(struct wpscan *s, pid_t pid, struct err *e)
{
	*s = (struct wpscan){.uffd = -1, .pagemap = -1};
	if (borrow_uffd(s, pid, e) == 0 && open_files(s, pid, e) == 0)
		return 0;
	wpscan_close(s);
	return -1;
}

void wpscan_close(struct wpscan *s)
{
	if (s->uffd >= 0)
		close(s->uffd);
	if (s->pagemap >= 0)
		close(s->pagemap);
	if (s->maps)
		fclose(s->maps);
	*s = (struct wpscan){.uffd = -1, .pagemap = -1};
}

/* The kernel's note of writes is on for a mapping from here on; what it holds of its own counts as written until a look. */
static int watch(const struct wpscan *s, uint64_t start, uint64_t end)
{
	struct uffdio_register r = {.range = {.start = start, .len = end - start}, .mode = UFFDIO_REGISTER_MODE_WP};
	return ioctl(s->uffd, UFFDIO_REGISTER, &r);
}

static int look_at(struct wpscan *s, uint64_t start, uint64_t end, wpscan_range_fn *range, void *ctx, struct err *e)
{
	struct page_region region[REGIONS];
	while (start < end) {
		uint64_t walked;
		int n = scan(s->pagemap, start, end, region, REGIONS, &walked);
		if (n < 0)
			return errno == ESRCH ? 1 : errno == ENOMEM || errno == EFAULT || errno == EINVAL ? 0 :
				err_set(e, ERR_IO, "looking at the program's pages failed (PAGEMAP_SCAN: %s)", strerror(errno));
		for (int i = 0; i < n; i++)
			if (range(ctx, region[i].start, region[i].end, e) < 0)
				return -1;
		if (walked <= start)
			break;
		start = walked;
	}
	return 0;
}

/* The program may write there, and it will not be seen. */
static void leave(struct wpscan *s, uint64_t start, uint64_t end)
{
	s->unwatched++;
	s->unwatched_bytes += end - start;
}

int wpscan_look(struct wpscan *s, wpscan_range_fn *range, void *ctx, struct err *e)
{
	char line[4352];
	bool any = false;
	rewind(s->maps);
	s->unwatched = s->unwatched_bytes = 0;
	while (fgets(line, sizeof(line), s->maps)) {
		any = true;
		char *rest;
		uint64_t start = strtoull(line, &rest, 16), end = *rest == '-' ? strtoull(rest + 1, &rest, 16) : 0;
		/* " rw-p": of the process's own, and it may write */
		if (strlen(rest) < 5 || rest[2] != 'w')
			continue;
		if (rest[4] != 'p') {
			leave(s, start, end);
			continue;
		}
		if (watch(s, start, end) < 0) {
			if (errno == ESRCH)
				return 1;
			if (errno == EBUSY) /* the program watches it itself; else it has gone meanwhile, mostly */
				leave(s, start, end);
			continue;
		}
		int r = look_at(s, start, end, range, ctx, e);
		if (r)
			return r;
	}
	return any ? 0 : 1;
}
