/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Page faults of a program as the kernel takes them: first touches and what came back from disk or swap. The kernel does not
 * say whether the access was a write; an address equal to that of the instruction is a fetch.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/child.h"
#include "record/ring.h"

#define POLL_MAX 1024
#define TICK_MS 100
#define SETTLE_NS UINT64_C(10000000) /* after that long a fault is surely in its ring */

struct watch {
	struct child child;
	struct rings *rings;
	struct ref_writer *w;
	size_t page_bytes;
	uint64_t origin_ns;
	uint32_t threads, last;            /* known ones, and the one met last */
	uint32_t tid[REF_THREADS_MAX];
};

/* The thread's number in order of appearance. -1: there are too many. */
static int64_t thread_number(struct watch *o, uint32_t tid)
{
	if (o->threads && o->tid[o->last] == tid)
		return o->last;
	for (o->last = 0; o->last < o->threads; o->last++)
		if (o->tid[o->last] == tid)
			return o->last;
	if (o->threads == REF_THREADS_MAX)
		return -1;
	o->tid[o->threads++] = tid;
	return o->last;
}

static int put_sample(struct watch *o, const struct fault_sample *s, struct err *e)
{
	struct ref_run run = {.page = s->address / o->page_bytes, .pages = 1, .refs = 1,
		.op = s->ip == s->address ? REF_FETCH : REF_READ};
	if (s->pid != (uint32_t)o->child.pid || run.page >= UINT64_C(1) << 47)
		return 0; /* a program that it started; or no address of a program */
	int64_t thread = thread_number(o, s->tid);
	if (thread < 0)
		return err_set(e, ERR_LIMIT, "the program has more than %d threads", REF_THREADS_MAX);
	run.thread = (uint32_t)thread;
	run.time_ns = s->time_ns > o->origin_ns ? s->time_ns - o->origin_ns : 0;
	return ref_writer_put(o->w, &run, e);
}

static int write_until(struct watch *o, uint64_t until_ns, struct err *e)
{
	struct fault_sample s;
	if (rings_drain(o->rings, e) < 0)
		return -1;
	while (rings_next(o->rings, until_ns, &s))
		if (put_sample(o, &s, e) < 0)
			return -1;
	return 0;
}

static int follow(struct watch *o, struct err *e)
{
	struct pollfd fds[POLL_MAX];
	unsigned n = rings_poll(o->rings, fds + 1, POLL_MAX - 1) + 1;
	fds[0] = (struct pollfd){.fd = o->child.signals, .events = POLLIN};
	for (;;) {
		uint64_t began = child_now_ns();
		bool ended = child_reap(&o->child);
		if (write_until(o, ended ? UINT64_MAX : began - SETTLE_NS, e) < 0)
			return -1;
		if (ended)
			return 0;
		if (poll(fds, n, TICK_MS) < 0 && errno != EINTR)
			return err_set(e, ERR_IO, "waiting for the program failed: %s", strerror(errno));
		child_signals(&o->child);
	}
}

static int record_to(struct watch *o, const struct record_job *job, struct record_result *out, struct err *e)
{
	char command[REF_TEXT_MAX + 1];
	struct ref_header h = {.kind = REF_KIND_FAULTS, .has = REF_HAS_TIME, .page_bytes = (uint32_t)o->page_bytes,
		.program = child_name(job->argv), .command = child_command(job->argv, command, sizeof(command))};
	o->rings = rings_open(o->child.pid, e);
	o->w = o->rings ? ref_writer_open(job->output, &h, e) : NULL;
	if (!o->w)
		return -1;
	o->origin_ns = child_now_ns();
	int bad = child_release(&o->child, e) < 0 || follow(o, e) < 0;
	return child_recorded(&o->child, job, o->w, bad, rings_lost(o->rings), out, e);
}

static int run(const struct record_job *job, struct record_result *out, struct err *e)
{
	struct child_how how = {.argv = job->argv, .keep_fd = -1};
	struct watch *o = calloc(1, sizeof(*o));
	int bad = -1;
	if (!o)
		return err_set(e, ERR_LIMIT, "no memory to record");
	o->page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	if (rings_probe(e) == 0 && child_open(&o->child, &how, e) == 0) {
		bad = record_to(o, job, out, e);
		child_close(&o->child);
		rings_free(o->rings);
	}
	free(o);
	return bad;
}

extern const struct recorder record_faults;
const struct recorder record_faults = {
	.name = "faults",
	.doc = "page faults with their times, from the kernel's perf events: first touches, and pages that come back from "
		"file or swap; costs the program little",
	.probe = rings_probe,
	.run = run,
};
