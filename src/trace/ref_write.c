/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reference traces, written. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trace/pack.h"
#include "trace/ref_private.h"

struct ref_writer {
	int fd;
	char *path;                /* owned */
	struct ref_header h;       /* its texts are not kept */
	struct ref_totals totals;
	uint64_t sum;              /* of the block before */
	/* the block begun */
	uint32_t runs;
	uint64_t page;             /* behind the run before */
	uint32_t thread;
	uint64_t time_ns;
	uint64_t last_time_ns;     /* of the file */
	unsigned char *raw, *end;  /* owned: REF_BLOCK_RAW; where the next run goes */
	unsigned char *out;        /* owned: block head and what is stored */
};

const char *ref_op_name(enum ref_op op)
{
	static const char *const name[REF_OP_COUNT] = {"read", "write", "fetch"};
	return name[op];
}

const char *ref_kind_name(enum ref_kind kind)
{
	static const char *const name[REF_KIND_COUNT] = {"refs", "faults", "dirty"};
	return name[kind];
}

const char *ref_header_fault(const struct ref_header *h)
{
	if ((unsigned)h->kind >= REF_KIND_COUNT)
		return "its kind is not one of refs, faults and dirty";
	if (h->page_bytes < 512 || h->page_bytes > UINT32_C(1) << 30 || (h->page_bytes & (h->page_bytes - 1)))
		return "its page size is no power of two from 512 bytes to 1 GiB";
	if (h->has & ~(unsigned)(REF_HAS_TIME | REF_HAS_INSTRUCTIONS))
		return "its runs carry something unknown";
	return NULL;
}

const char *ref_run_fault(const struct ref_header *h, const struct ref_run *run)
{
	if ((unsigned)run->op >= REF_OP_COUNT)
		return "an unknown operation";
	if (run->pages == 0 || run->pages > REF_PAGES_MAX)
		return "a number of pages out of bounds";
	if (run->page >= REF_PAGE_LIMIT || run->pages > REF_PAGE_LIMIT - run->page)
		return "a page past the end of the address space";
	if (run->thread >= REF_THREADS_MAX)
		return "a thread number out of bounds";
	if (run->refs < run->pages)
		return "fewer references than pages";
	if ((run->instructions && !(h->has & REF_HAS_INSTRUCTIONS)) || (run->time_ns && !(h->has & REF_HAS_TIME)))
		return "a figure that the header does not announce";
	return NULL;
}

static int write_all(struct ref_writer *w, const unsigned char *p, size_t bytes, struct err *e)
{
	while (bytes) {
		ssize_t n = write(w->fd, p, bytes);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(e, ERR_IO, "%s: cannot write: %s", w->path, strerror(errno));
		p += n;
		bytes -= (size_t)n;
	}
	return 0;
}

static int write_header(struct ref_writer *w, const struct ref_header *h, struct err *e)
{
	unsigned char head[REF_HEADER_FIXED + 2 * REF_TEXT_MAX + REF_CHECKSUM];
	size_t program = strnlen(h->program, REF_TEXT_MAX), command = strnlen(h->command, REF_TEXT_MAX);
	size_t body = REF_HEADER_FIXED + program + command;
	ref_store(head, REF_MAGIC_NUMBER, 8);
	ref_store(head + 8, REF_VERSION, 4);
	ref_store(head + 12, body + REF_CHECKSUM, 4);
	ref_store(head + 16, h->page_bytes, 4);
	ref_store(head + 20, h->kind, 2);
	ref_store(head + 22, h->has, 2);
	ref_store(head + 24, h->filter, 4);
	ref_store(head + 28, program, 2);
	ref_store(head + 30, command, 2);
	ref_store(head + 32, h->interval_ns, 8);
	memcpy(head + REF_HEADER_FIXED, h->program, program);
	memcpy(head + REF_HEADER_FIXED + program, h->command, command);
	w->sum = XXH3_64bits(head, body);
	ref_store(head + body, w->sum, REF_CHECKSUM);
	return write_all(w, head, body + REF_CHECKSUM, e);
}

struct ref_writer *ref_writer_open(const char *path, const struct ref_header *h, struct err *e)
{
	const char *fault = ref_header_fault(h);
	if (fault) {
		err_set(e, ERR_TRACE, "%s: the recording's header is wrong: %s", path, fault);
		return NULL;
	}
	struct ref_writer *w = calloc(1, sizeof(*w));
	if (!w) {
		err_set(e, ERR_LIMIT, "%s: out of memory", path);
		return NULL;
	}
	w->fd = -1;
	w->h = *h;
	w->h.program = w->h.command = NULL;
	w->path = strdup(path);
	w->raw = w->end = malloc(REF_BLOCK_RAW);
	w->out = malloc(REF_BLOCK_HEAD + REF_BLOCK_RAW);
	if (!w->path || !w->raw || !w->out) {
		err_set(e, ERR_LIMIT, "%s: out of memory", path);
		ref_writer_free(w);
		return NULL;
	}
	w->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (w->fd < 0)
		err_set(e, ERR_IO, "%s: cannot open for writing: %s", path, strerror(errno));
	if (w->fd < 0 || write_header(w, h, e) < 0) {
		ref_writer_free(w);
		return NULL;
	}
	return w;
}

int ref_writer_flush(struct ref_writer *w, struct err *e)
{
	size_t raw = (size_t)(w->end - w->raw);
	if (raw == 0)
		return 0;
	size_t stored = pack_block(w->raw, raw, w->out + REF_BLOCK_HEAD, raw - 1);
	if (stored == 0) { /* it does not shrink: as it is, which equal sizes tell */
		stored = raw;
		memcpy(w->out + REF_BLOCK_HEAD, w->raw, raw);
	}
	ref_store(w->out, REF_BLOCK_MAGIC, 4);
	ref_store(w->out + 4, stored, 4);
	ref_store(w->out + 8, raw, 4);
	ref_store(w->out + 12, w->runs, 4);
	w->sum = ref_block_sum(w->sum, w->out, w->out + REF_BLOCK_HEAD, stored);
	ref_store(w->out + 16, w->sum, REF_CHECKSUM);
	w->end = w->raw;
	w->runs = w->thread = 0;
	w->page = w->time_ns = 0;
	return write_all(w, w->out, REF_BLOCK_HEAD + stored, e);
}

/* Seven bits a byte, the lowest first, the top bit set in all but the last. */
static unsigned char *put_varint(unsigned char *p, uint64_t v)
{
	while (v >= 0x80) {
		*p++ = (unsigned char)(v | 0x80);
		v >>= 7;
	}
	*p++ = (unsigned char)v;
	return p;
}

static void encode(struct ref_writer *w, const struct ref_run *run)
{
	uint64_t step = run->page - w->page;
	unsigned char *p = w->end;
	*p++ = (unsigned char)((unsigned)run->op | (run->thread != w->thread ? REF_BYTE_THREAD : 0) |
		(run->pages > 1 ? REF_BYTE_PAGES : 0) | (run->refs > run->pages ? REF_BYTE_REFS : 0));
	p = put_varint(p, step << 1 ^ (0 - (step >> 63)));
	if (run->thread != w->thread)
		p = put_varint(p, run->thread);
	if (run->pages > 1)
		p = put_varint(p, run->pages - 1);
	if (run->refs > run->pages)
		p = put_varint(p, run->refs - run->pages);
	if (w->h.has & REF_HAS_INSTRUCTIONS)
		p = put_varint(p, run->instructions);
	if (w->h.has & REF_HAS_TIME)
		p = put_varint(p, run->time_ns - w->time_ns);
	w->end = p;
	w->page = run->page + run->pages;
	w->thread = run->thread;
	w->time_ns = w->last_time_ns = run->time_ns;
	w->runs++;
}

int ref_writer_put(struct ref_writer *w, const struct ref_run *run, struct err *e)
{
	struct ref_totals *t = &w->totals;
	const char *fault = ref_run_fault(&w->h, run);
	if (!fault && run->time_ns < w->last_time_ns)
		fault = "a time before that of the run before";
	if (!fault && (run->refs > UINT64_MAX - t->refs || run->instructions > UINT64_MAX - t->instructions))
		fault = "more references than 64 bits count";
	if (fault)
		return err_set(e, ERR_TRACE, "%s: run %" PRIu64 " has %s", w->path, t->runs + 1, fault);
	if (w->end + REF_RUN_MAX > w->raw + REF_BLOCK_RAW && ref_writer_flush(w, e) < 0)
		return -1;
	encode(w, run);
	t->runs++;
	t->refs += run->refs;
	t->instructions += run->instructions;
	return 0;
}

struct ref_totals *ref_writer_totals(struct ref_writer *w) { return &w->totals; }

static int write_end(struct ref_writer *w, struct err *e)
{
	unsigned char end[REF_END_BYTES];
	ref_store(end, REF_END_MAGIC, 4);
	ref_store(end + 4, (w->totals.interrupted ? REF_END_INTERRUPTED : 0) | (w->totals.lossy ? REF_END_LOSSY : 0) |
		(w->totals.partial ? REF_END_PARTIAL : 0), 4);
	ref_store(end + 8, w->totals.runs, 8);
	ref_store(end + 16, w->totals.refs, 8);
	ref_store(end + 24, w->totals.instructions, 8);
	ref_store(end + 32, XXH3_64bits_withSeed(end, 32, w->sum), REF_CHECKSUM);
	return write_all(w, end, sizeof(end), e);
}

int ref_writer_close(struct ref_writer *w, struct err *e)
{
	int bad = ref_writer_flush(w, e) < 0 || write_end(w, e) < 0;
	int fd = w->fd;
	w->fd = -1;
	if (close(fd) < 0 && !bad)
		bad = err_set(e, ERR_IO, "%s: cannot write: %s", w->path, strerror(errno)) < 0;
	ref_writer_free(w);
	return bad ? -1 : 0;
}

void ref_writer_free(struct ref_writer *w)
{
	if (!w)
		return;
	if (w->fd >= 0)
		close(w->fd);
	free(w->path);
	free(w->raw);
	free(w->out);
	free(w);
}
