/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The pages that a program wrote in each interval, by record/wpscan.h. The program runs on while it is looked at: a write falls
 * into the interval before or the one after, never into none; into both where the look came between the fault that lets the
 * store pass and the store itself. At its end it is held for the last look. So with private memory that is still mapped at the look; what
 * is mapped and unmapped within an interval is lost unseen, as is what another exec replaces; shared mappings are counted.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "record/child.h"
#include "record/reexec.h"
#include "record/wpscan.h"
#include "sim/time.h"

struct dirty {
	struct child child;
	struct wpscan scan;
	struct ref_writer *w;
	int timer;
	size_t page_bytes;
	uint64_t origin_ns, look_ns; /* the time of the look under way */
	uint64_t unwatched, unwatched_pages; /* the most at any look */
};

static int put_range(void *ctx, uint64_t start, uint64_t end, struct err *e)
{
	struct dirty *d = ctx;
	uint64_t pages = (end - start) / d->page_bytes;
	struct ref_run run = {.page = start / d->page_bytes, .op = REF_WRITE, .time_ns = d->look_ns};
	for (; pages; pages -= run.pages, run.page += run.pages) {
		run.pages = pages < REF_PAGES_MAX ? (uint32_t)pages : REF_PAGES_MAX;
		run.refs = run.pages;
		if (ref_writer_put(d->w, &run, e) < 0)
			return -1;
	}
	return 0;
}

/* One interval ends here. */
static int look(struct dirty *d, struct err *e)
{
	if (d->scan.uffd < 0)
		return 0;
	d->look_ns = child_now_ns() - d->origin_ns;
	int r = wpscan_look(&d->scan, put_range, d, e);
	uint64_t pages = d->scan.unwatched_bytes / d->page_bytes;
	d->unwatched = d->scan.unwatched > d->unwatched ? d->scan.unwatched : d->unwatched;
	d->unwatched_pages = pages > d->unwatched_pages ? pages : d->unwatched_pages;
	if (r > 0)
		wpscan_close(&d->scan); /* its memory is gone; after an exec there is new */
	return r < 0 ? -1 : 0;
}

static int go_on(const struct dirty *d, int signal)
{
	return ptrace(PTRACE_CONT, d->child.pid, NULL, (void *)(intptr_t)signal) < 0 && errno != ESRCH ? -1 : 0;
}

/* Behind an exec, at the first instruction of the program: its memory is new. */
static int begin(struct dirty *d, struct err *e)
{
	wpscan_close(&d->scan);
	if (ptrace(PTRACE_SETOPTIONS, d->child.pid, NULL, (void *)(intptr_t)PTRACE_O_TRACEEXIT) < 0)
		return err_set(e, ERR_IO, "the program cannot be traced: %s", strerror(errno));
	return wpscan_open(&d->scan, d->child.pid, e) < 0 || look(d, e) < 0 ? -1 : 0;
}

static int stopped(struct dirty *d, int status, struct err *e)
{
	int signal = WSTOPSIG(status), event = status >> 16;
	int bad = 0;
	if (event == PTRACE_EVENT_EXIT) {
		bad = look(d, e);
		signal = 0;
	} else if (signal == SIGTRAP && reexec_is_exec(d->child.pid)) {
		bad = begin(d, e);
		signal = 0;
	}
	/* it goes on also where the recording fails */
	return go_on(d, signal) < 0 && !bad ? err_set(e, ERR_IO, "the program cannot be traced: %s", strerror(errno)) : bad;
}

/* Whatever happened to the program: 0 or -1. */
static int attend(struct dirty *d, struct err *e)
{
	int status;
	while (!d->child.ended && waitpid(d->child.pid, &status, WNOHANG | __WALL) == d->child.pid) {
		if (WIFSTOPPED(status)) {
			if (stopped(d, status, e) < 0)
				return -1;
			continue;
		}
		d->child.ended = true;
		d->child.status = status;
	}
	return 0;
}

static int follow(struct dirty *d, struct err *e)
{
	struct pollfd fds[2] = {{.fd = d->child.signals, .events = POLLIN}, {.fd = d->timer, .events = POLLIN}};
	for (;;) {
		uint64_t times;
		child_signals(&d->child);
		if (attend(d, e) < 0)
			return -1;
		if (d->child.ended)
			return 0;
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return err_set(e, ERR_IO, "waiting for the program failed: %s", strerror(errno));
		if (read(d->timer, &times, sizeof(times)) > 0 && look(d, e) < 0)
			return -1;
	}
}

static int start_timer(struct dirty *d, int64_t interval_ps, struct err *e)
{
	int64_t ns = interval_ps / PS_PER_NS;
	struct timespec t = {.tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000)};
	struct itimerspec every = {.it_interval = t, .it_value = t};
	d->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (d->timer < 0 || timerfd_settime(d->timer, 0, &every, NULL) < 0)
		return err_set(e, ERR_IO, "no timer for the intervals: %s", strerror(errno));
	return 0;
}

static int record_to(struct dirty *d, const struct record_job *job, struct record_result *out, struct err *e)
{
	char command[REF_TEXT_MAX + 1];
	struct ref_header h = {.kind = REF_KIND_DIRTY, .has = REF_HAS_TIME, .page_bytes = (uint32_t)d->page_bytes,
		.interval_ns = (uint64_t)(job->interval_ps / PS_PER_NS), .program = child_name(job->argv),
		.command = child_command(job->argv, command, sizeof(command))};
	d->w = ref_writer_open(job->output, &h, e);
	if (!d->w)
		return -1;
	d->origin_ns = child_now_ns();
	int bad = child_release(&d->child, e) < 0 || start_timer(d, job->interval_ps, e) < 0 || follow(d, e) < 0;
	ref_writer_totals(d->w)->partial = d->unwatched > 0;
	bad = child_recorded(&d->child, job, d->w, bad, 0, out, e);
	out->unwatched = d->unwatched;
	out->unwatched_pages = d->unwatched_pages;
	return bad;
}

static int run(const struct record_job *job, struct record_result *out, struct err *e)
{
	struct child_how how = {.argv = job->argv, .keep_fd = -1, .traced = true, .small_pages = true};
	struct dirty *d = calloc(1, sizeof(*d));
	int bad = -1;
	if (!d)
		return err_set(e, ERR_LIMIT, "no memory to record");
	d->timer = d->scan.uffd = d->scan.pagemap = -1;
	d->page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	if (wpscan_probe(e) == 0 && child_open(&d->child, &how, e) == 0) {
		bad = record_to(d, job, out, e);
		child_close(&d->child);
		wpscan_close(&d->scan);
		if (d->timer >= 0)
			close(d->timer);
	}
	free(d);
	return bad;
}

extern const struct recorder record_dirty;
const struct recorder record_dirty = {
	.name = "dirty",
	.doc = "the pages of private memory written in each interval, by userfaultfd and PAGEMAP_SCAN; not those of shared mappings, nor of what "
		"was unmapped before the interval ended; needs Linux 6.7",
	.probe = wpscan_probe,
	.run = run,
};
