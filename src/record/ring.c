/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Page-fault samples from perf's ring buffers. */
#include "record/ring.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define RING_PAGES_MOST 512
#define RING_PAGES_LEAST 8
#define RECORD_MAX 65536     /* a record's size is a 16-bit field */

struct ring {
	int fd;
	struct perf_event_mmap_page *meta; /* one page, then the data */
	size_t bytes;                      /* of the data, a power of two */
};

struct rings {
	struct ring *ring;           /* owned */
	unsigned count;
	size_t page_bytes;
	uint64_t lost;
	struct fault_sample *sample; /* owned; those from `first` on are not yet handed out */
	size_t first, samples, room;
	bool sorted;
	unsigned char *record;       /* owned, RECORD_MAX: one that wraps around a ring's end */
};

static int open_event(pid_t pid, int cpu, bool kernel_too)
{
	struct perf_event_attr a = {
		.type = PERF_TYPE_SOFTWARE, .size = sizeof(a), .config = PERF_COUNT_SW_PAGE_FAULTS, .sample_period = 1,
		.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_ADDR, .disabled = 1,
		.inherit = 1, .enable_on_exec = 1, .exclude_kernel = !kernel_too, .exclude_hv = 1, .watermark = 1,
		.wakeup_watermark = 65536, .use_clockid = 1, .clockid = CLOCK_MONOTONIC, .inherit_thread = 1,
	};
	int fd = (int)syscall(SYS_perf_event_open, &a, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0 && errno == EINVAL) { /* before Linux 5.13 there was no inherit_thread: samples tell the process */
		a.inherit_thread = 0;
		fd = (int)syscall(SYS_perf_event_open, &a, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	}
	return fd;
}

/* perf_event_paranoid as text, "unknown" where it cannot be read. */
static void paranoid(char text[16])
{
	FILE *f = fopen("/proc/sys/kernel/perf_event_paranoid", "r");
	if (!f || !fgets(text, 16, f))
		strcpy(text, "unknown");
	if (f)
		fclose(f);
	text[strcspn(text, "\n")] = '\0';
}

static int fail_event(int error, struct err *e)
{
	char level[16];
	paranoid(level);
	if (error == EACCES || error == EPERM)
		return err_set(e, ERR_IO, "the kernel does not let this user watch page faults (perf_event_open: %s; "
			"/proc/sys/kernel/perf_event_paranoid is %s): run as root, or have it set to 2 or less",
			strerror(error), level);
	if (error == ENOSYS || error == ENOENT || error == EOPNOTSUPP)
		return err_set(e, ERR_IO, "this kernel has no page-fault events (perf_event_open: %s)", strerror(error));
	return err_set(e, ERR_IO, "page faults cannot be watched (perf_event_open: %s)", strerror(error));
}

/* With the faults inside system calls if that is allowed. -1 with errno. */
static int open_best(pid_t pid, int cpu)
{
	int fd = open_event(pid, cpu, true);
	if (fd < 0 && (errno == EACCES || errno == EPERM))
		fd = open_event(pid, cpu, false);
	return fd;
}

int rings_probe(struct err *e)
{
	int fd = open_best(0, -1);
	if (fd < 0)
		return fail_event(errno, e);
	close(fd);
	return 0;
}

/* The largest ring that the kernel gives. */
static int map_ring(struct ring *g, size_t page_bytes)
{
	for (size_t pages = RING_PAGES_MOST; pages >= RING_PAGES_LEAST; pages /= 2) {
		void *p = mmap(NULL, (pages + 1) * page_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, g->fd, 0);
		if (p != MAP_FAILED) {
			g->meta = p;
			g->bytes = pages * page_bytes;
			return 0;
		}
		if (errno != EPERM && errno != ENOMEM)
			return -1;
	}
	return -1;
}

static int open_ring(struct rings *r, pid_t pid, int cpu, struct err *e)
{
	struct ring *g = &r->ring[r->count];
	g->fd = open_best(pid, cpu);
	if (g->fd < 0)
		return errno == ENODEV ? 0 : fail_event(errno, e); /* a processor that is offline */
	r->count++;
	if (map_ring(g, r->page_bytes) < 0)
		return err_set(e, ERR_IO, "the ring buffer for page faults cannot be mapped: %s "
			"(/proc/sys/kernel/perf_event_mlock_kb limits it)", strerror(errno));
	return 0;
}

struct rings *rings_open(pid_t pid, struct err *e)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	struct rings *r = calloc(1, sizeof(*r));
	if (r) {
		r->page_bytes = (size_t)sysconf(_SC_PAGESIZE);
		r->ring = calloc(cpus > 0 ? (size_t)cpus : 1, sizeof(*r->ring));
		r->record = malloc(RECORD_MAX);
	}
	if (!r || !r->ring || !r->record) {
		rings_free(r);
		err_set(e, ERR_LIMIT, "no memory to watch page faults");
		return NULL;
	}
	for (int cpu = 0; cpu < cpus; cpu++)
		if (open_ring(r, pid, cpu, e) < 0) {
			rings_free(r);
			return NULL;
		}
	return r;
}

void rings_free(struct rings *r)
{
	if (!r)
		return;
	for (unsigned i = 0; i < r->count; i++) {
		if (r->ring[i].meta)
			munmap(r->ring[i].meta, r->ring[i].bytes + r->page_bytes);
		close(r->ring[i].fd);
	}
	free(r->ring);
	free(r->sample);
	free(r->record);
	free(r);
}

unsigned rings_poll(const struct rings *r, struct pollfd *to, unsigned room)
{
	unsigned n = r->count < room ? r->count : room;
	for (unsigned i = 0; i < n; i++)
		to[i] = (struct pollfd){.fd = r->ring[i].fd, .events = POLLIN};
	return n;
}

/* ---- draining ---------------------------------------------------------------------------------- */

static int add_sample(struct rings *r, const struct fault_sample *s, struct err *e)
{
	if (r->samples == r->room) {
		size_t room = r->room ? 2 * r->room : 4096;
		struct fault_sample *grown = realloc(r->sample, room * sizeof(*grown));
		if (!grown)
			return err_set(e, ERR_LIMIT, "no memory for page faults");
		r->sample = grown;
		r->room = room;
	}
	r->sorted = false;
	r->sample[r->samples++] = *s;
	return 0;
}

/* One record, whole in memory: PERF_RECORD_SAMPLE is ip, pid, tid, time, address; PERF_RECORD_LOST id and number. */
static int take_record(struct rings *r, const unsigned char *p, size_t bytes, struct err *e)
{
	struct perf_event_header h;
	struct fault_sample s;
	uint64_t lost[2];
	memcpy(&h, p, sizeof(h));
	p += sizeof(h);
	bytes -= sizeof(h);
	if (h.type == PERF_RECORD_LOST && bytes >= sizeof(lost)) {
		memcpy(lost, p, sizeof(lost));
		r->lost += lost[1];
	}
	if (h.type != PERF_RECORD_SAMPLE || bytes < 32)
		return 0;
	memcpy(&s.ip, p, 8);
	memcpy(&s.pid, p + 8, 4);
	memcpy(&s.tid, p + 12, 4);
	memcpy(&s.time_ns, p + 16, 8);
	memcpy(&s.address, p + 24, 8);
	return add_sample(r, &s, e);
}

static int drain_ring(struct rings *r, struct ring *g, struct err *e)
{
	const unsigned char *data = (const unsigned char *)g->meta + r->page_bytes;
	uint64_t head = __atomic_load_n(&g->meta->data_head, __ATOMIC_ACQUIRE), at = g->meta->data_tail;
	int bad = 0;
	while (at < head && !bad) {
		size_t place = (size_t)at & (g->bytes - 1), room = g->bytes - place;
		struct perf_event_header h; /* records are multiples of 8 bytes: it never wraps */
		memcpy(&h, data + place, sizeof(h));
		const unsigned char *p = data + place;
		if (h.size > room) {
			memcpy(r->record, p, room);
			memcpy(r->record + room, data, h.size - room);
			p = r->record;
		}
		if (h.size < sizeof(h))
			break;
		bad = take_record(r, p, h.size, e);
		at += h.size;
	}
	__atomic_store_n(&g->meta->data_tail, at, __ATOMIC_RELEASE);
	return bad;
}

int rings_drain(struct rings *r, struct err *e)
{
	if (r->first) { /* what was handed out makes room */
		memmove(r->sample, r->sample + r->first, (r->samples - r->first) * sizeof(*r->sample));
		r->samples -= r->first;
		r->first = 0;
	}
	for (unsigned i = 0; i < r->count; i++)
		if (drain_ring(r, &r->ring[i], e) < 0)
			return -1;
	return 0;
}

static int by_time(const void *a, const void *b)
{
	const struct fault_sample *x = a, *y = b;
	return (x->time_ns > y->time_ns) - (x->time_ns < y->time_ns);
}

bool rings_next(struct rings *r, uint64_t until_ns, struct fault_sample *out)
{
	if (!r->sorted && r->samples > r->first)
		qsort(r->sample + r->first, r->samples - r->first, sizeof(*r->sample), by_time);
	r->sorted = true;
	if (r->first == r->samples || r->sample[r->first].time_ns >= until_ns)
		return false;
	*out = r->sample[r->first++];
	return true;
}

uint64_t rings_lost(const struct rings *r) { return r->lost; }
