/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reference traces, read. Nothing in a file is believed before its checksum holds, and nothing after. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "trace/input.h"
#include "trace/pack.h"
#include "trace/ref_private.h"

struct ref_reader {
	struct input *in;
	struct ref_header h;
	char *text;                /* owned: program and command */
	struct ref_totals totals;
	uint64_t sum;              /* of the block before */
	bool ended;
	/* the block at hand */
	uint64_t offset;           /* where it begins in the file */
	uint32_t runs, run;        /* in it, and delivered */
	uint64_t page;
	uint32_t thread;
	uint64_t time_ns;
	const unsigned char *p, *end;
	uint64_t last_time_ns;     /* of the file */
	unsigned char *stored, *raw; /* owned: REF_BLOCK_RAW each */
};

/* By its first word; where that is damaged by half of it, or by the lengths in the header, which agree by chance in no other file. */
bool ref_file_detect(const char *head, size_t len)
{
	const unsigned char *h = (const unsigned char *)head;
	unsigned same = 0;
	if (len < 8)
		return len > 0 && memcmp(head, REF_MAGIC, len) == 0;
	for (int i = 0; i < 8; i++)
		same += head[i] == REF_MAGIC[i];
	return same >= 4 || (len >= REF_PEEK && ref_load(h + 8, 4) == REF_VERSION &&
		ref_load(h + 12, 4) == REF_HEADER_FIXED + ref_load(h + 28, 2) + ref_load(h + 30, 2) + REF_CHECKSUM);
}

const struct ref_header *ref_reader_header(const struct ref_reader *r) { return &r->h; }
const struct ref_totals *ref_reader_totals(const struct ref_reader *r) { return &r->totals; }
const char *ref_reader_name(const struct ref_reader *r) { return input_name(r->in); }
uint64_t ref_reader_offset(const struct ref_reader *r) { return input_offset(r->in); }

/* Up to `bytes` of the file; *got says how many there were. 0 or -1. */
static int take(struct ref_reader *r, unsigned char *to, size_t bytes, size_t *got, struct err *e)
{
	*got = 0;
	while (*got < bytes) {
		size_t want = bytes - *got, len;
		const char *data;
		if (input_peek(r->in, want < INPUT_PEEK_MAX ? want : INPUT_PEEK_MAX, &data, &len, e) < 0)
			return -1;
		if (len == 0)
			break;
		memcpy(to + *got, data, len);
		input_skip(r->in, len);
		*got += len;
	}
	return 0;
}

static int cut_off(const struct ref_reader *r, const char *what, uint64_t offset, struct err *e)
{
	return err_set(e, ERR_TRACE, "%s: the recording is cut off at byte offset %" PRIu64 ", in %s that begins at "
		"byte offset %" PRIu64, input_name(r->in), input_offset(r->in), what, offset);
}

static int damaged(const struct ref_reader *r, const char *why, struct err *e)
{
	return err_set(e, ERR_TRACE, "%s: the recording is damaged: the block at byte offset %" PRIu64 " %s",
		input_name(r->in), r->offset, why);
}

/* ---- the header -------------------------------------------------------------------------------- */

static int bad_header(const struct ref_reader *r, const char *why, struct err *e)
{
	return err_set(e, ERR_TRACE, "%s: the recording's header, at byte offset 0, is damaged: %s", input_name(r->in),
		why);
}

static int parse_header(struct ref_reader *r, const unsigned char *head, struct err *e)
{
	size_t program = (size_t)ref_load(head + 28, 2), command = (size_t)ref_load(head + 30, 2);
	r->text = malloc(program + command + 2);
	if (!r->text)
		return err_set(e, ERR_LIMIT, "%s: out of memory", input_name(r->in));
	memcpy(r->text, head + REF_HEADER_FIXED, program);
	r->text[program] = '\0';
	memcpy(r->text + program + 1, head + REF_HEADER_FIXED + program, command);
	r->text[program + 1 + command] = '\0';
	r->h = (struct ref_header){
		.kind = (enum ref_kind)ref_load(head + 20, 2), .has = (unsigned)ref_load(head + 22, 2),
		.page_bytes = (uint32_t)ref_load(head + 16, 4), .filter = (uint32_t)ref_load(head + 24, 4),
		.interval_ns = ref_load(head + 32, 8), .program = r->text, .command = r->text + program + 1,
	};
	const char *fault = ref_header_fault(&r->h);
	return fault ? bad_header(r, fault, e) : 0;
}

static int read_header(struct ref_reader *r, struct err *e)
{
	unsigned char head[REF_HEADER_FIXED + 2 * REF_TEXT_MAX + REF_CHECKSUM];
	size_t got;
	if (take(r, head, REF_HEADER_FIXED, &got, e) < 0)
		return -1;
	if (got >= 8 ? memcmp(head, REF_MAGIC, 8) != 0 : memcmp(head, REF_MAGIC, got) != 0)
		return err_set(e, ERR_TRACE, "%s: no recording of references: the file does not begin with \"" REF_MAGIC
			"\", at byte offset 0", input_name(r->in));
	if (got < REF_HEADER_FIXED)
		return cut_off(r, "the header", 0, e);
	uint64_t version = ref_load(head + 8, 4), bytes = ref_load(head + 12, 4);
	size_t texts = (size_t)(ref_load(head + 28, 2) + ref_load(head + 30, 2));
	if (version != REF_VERSION)
		return err_set(e, ERR_TRACE, "%s: the recording is of version %" PRIu64 ", at byte offset 8; this Quern "
			"reads version %d", input_name(r->in), version, REF_VERSION);
	if (texts > 2 * REF_TEXT_MAX || bytes != REF_HEADER_FIXED + texts + REF_CHECKSUM)
		return bad_header(r, "its lengths do not add up", e);
	size_t rest = texts + REF_CHECKSUM;
	if (take(r, head + REF_HEADER_FIXED, rest, &got, e) < 0)
		return -1;
	if (got < rest)
		return cut_off(r, "the header", 0, e);
	r->sum = XXH3_64bits(head, REF_HEADER_FIXED + texts);
	if (r->sum != ref_load(head + REF_HEADER_FIXED + texts, REF_CHECKSUM))
		return bad_header(r, "its checksum differs", e);
	return parse_header(r, head, e);
}

struct ref_reader *ref_reader_open(const char *path, struct err *e)
{
	struct ref_reader *r = calloc(1, sizeof(*r));
	if (!r) {
		err_set(e, ERR_LIMIT, "%s: out of memory", path);
		return NULL;
	}
	r->in = input_open(path, e);
	if (r->in && (!(r->stored = malloc(REF_BLOCK_RAW)) || !(r->raw = malloc(REF_BLOCK_RAW))))
		err_set(e, ERR_LIMIT, "%s: out of memory", path);
	if (!r->in || !r->stored || !r->raw || read_header(r, e) < 0) {
		ref_reader_free(r);
		return NULL;
	}
	return r;
}

void ref_reader_free(struct ref_reader *r)
{
	if (!r)
		return;
	input_free(r->in);
	free(r->text);
	free(r->stored);
	free(r->raw);
	free(r);
}

/* ---- blocks ------------------------------------------------------------------------------------ */

/* The end block, of which `head` holds the beginning. */
static int read_end(struct ref_reader *r, unsigned char *head, struct err *e)
{
	size_t rest = REF_END_BYTES - REF_BLOCK_HEAD, got;
	if (take(r, head + REF_BLOCK_HEAD, rest, &got, e) < 0)
		return -1;
	if (got < rest)
		return cut_off(r, "the end block", r->offset, e);
	uint64_t flags = ref_load(head + 4, 4);
	if (XXH3_64bits_withSeed(head, 32, r->sum) != ref_load(head + 32, REF_CHECKSUM))
		return damaged(r, "(the last) has another checksum than its content", e);
	if (ref_load(head + 8, 8) != r->totals.runs || ref_load(head + 16, 8) != r->totals.refs ||
	    ref_load(head + 24, 8) != r->totals.instructions || flags > (REF_END_INTERRUPTED | REF_END_LOSSY | REF_END_PARTIAL))
		return damaged(r, "(the last) has other totals than the runs before it", e);
	unsigned char beyond;
	if (take(r, &beyond, 1, &got, e) < 0)
		return -1;
	if (got)
		return err_set(e, ERR_TRACE, "%s: something follows the recording's end, at byte offset %" PRIu64,
			input_name(r->in), r->offset + REF_END_BYTES);
	r->totals.interrupted = flags & REF_END_INTERRUPTED;
	r->totals.lossy = flags & REF_END_LOSSY;
	r->totals.partial = flags & REF_END_PARTIAL;
	r->ended = true;
	return 0;
}

static int unpack(struct ref_reader *r, const unsigned char *head, struct err *e)
{
	size_t stored = (size_t)ref_load(head + 4, 4), raw = (size_t)ref_load(head + 8, 4), got;
	if (stored > raw || raw > REF_BLOCK_RAW || stored == 0)
		return damaged(r, "has an impossible length", e);
	if (take(r, r->stored, stored, &got, e) < 0)
		return -1;
	if (got < stored)
		return cut_off(r, "a block", r->offset, e);
	r->sum = ref_block_sum(r->sum, head, r->stored, stored);
	if (r->sum != ref_load(head + 16, REF_CHECKSUM))
		return damaged(r, "has another checksum than its content", e);
	if (stored == raw)
		memcpy(r->raw, r->stored, raw);
	else if (unpack_block(r->stored, stored, r->raw, raw) < 0)
		return damaged(r, "does not decompress", e);
	r->p = r->raw;
	r->end = r->raw + raw;
	r->runs = (uint32_t)ref_load(head + 12, 4);
	r->run = r->thread = 0;
	r->page = r->time_ns = 0;
	return r->runs ? 0 : damaged(r, "is empty", e);
}

static int read_block(struct ref_reader *r, struct err *e)
{
	unsigned char head[REF_END_BYTES];
	size_t got;
	r->offset = input_offset(r->in);
	if (take(r, head, REF_BLOCK_HEAD, &got, e) < 0)
		return -1;
	if (got == 0)
		return err_set(e, ERR_TRACE, "%s: the recording is cut off at byte offset %" PRIu64 ": its end block is "
			"missing", input_name(r->in), r->offset);
	if (got < REF_BLOCK_HEAD)
		return cut_off(r, "a block", r->offset, e);
	if (ref_load(head, 4) == REF_END_MAGIC)
		return read_end(r, head, e);
	if (ref_load(head, 4) != REF_BLOCK_MAGIC)
		return damaged(r, "begins with other bytes than a block", e);
	return unpack(r, head, e);
}

/* ---- runs -------------------------------------------------------------------------------------- */

static bool get_varint(struct ref_reader *r, uint64_t *v)
{
	const unsigned char *p = r->p;
	*v = 0;
	for (unsigned shift = 0; p < r->end && shift < 64; shift += 7) {
		uint64_t byte = *p++;
		if (shift == 63 && byte > 1)
			return false;
		*v |= (byte & 0x7f) << shift;
		if (byte < 0x80) {
			r->p = p;
			return true;
		}
	}
	return false;
}

/* A run as it is written, unchecked but for its end. */
static bool decode(struct ref_reader *r, struct ref_run *run)
{
	uint64_t step, thread = r->thread, pages = 0, refs = 0, time = 0;
	if (r->p == r->end)
		return false;
	unsigned byte = *r->p++;
	run->op = (enum ref_op)(byte & REF_BYTE_OP);
	run->instructions = 0;
	if (byte >= REF_BYTE_REFS * 2 || !get_varint(r, &step) || ((byte & REF_BYTE_THREAD) && !get_varint(r, &thread)) ||
	    ((byte & REF_BYTE_PAGES) && !get_varint(r, &pages)) || ((byte & REF_BYTE_REFS) && !get_varint(r, &refs)) ||
	    ((r->h.has & REF_HAS_INSTRUCTIONS) && !get_varint(r, &run->instructions)) ||
	    ((r->h.has & REF_HAS_TIME) && !get_varint(r, &time)))
		return false;
	run->page = r->page + (step >> 1 ^ (0 - (step & 1)));
	run->thread = thread < REF_THREADS_MAX ? (uint32_t)thread : REF_THREADS_MAX;
	run->pages = pages < REF_PAGES_MAX ? (uint32_t)pages + 1 : 0;
	return !__builtin_add_overflow(run->pages, refs, &run->refs) &&
	       !__builtin_add_overflow(r->time_ns, time, &run->time_ns);
}

static int next(struct ref_reader *r, struct ref_run *run, struct err *e)
{
	struct ref_totals *t = &r->totals;
	const char *fault = decode(r, run) ? ref_run_fault(&r->h, run) : "bytes that are no run";
	if (!fault && run->time_ns < r->last_time_ns)
		fault = "a time before that of the run before";
	if (!fault && (run->refs > UINT64_MAX - t->refs || run->instructions > UINT64_MAX - t->instructions))
		fault = "more references than 64 bits count";
	if (fault)
		return err_set(e, ERR_TRACE, "%s: run %" PRIu32 " of the block at byte offset %" PRIu64 " has %s",
			input_name(r->in), r->run + 1, r->offset, fault);
	r->page = run->page + run->pages;
	r->thread = run->thread;
	r->time_ns = r->last_time_ns = run->time_ns;
	r->run++;
	t->runs++;
	t->refs += run->refs;
	t->instructions += run->instructions;
	return 1;
}

int ref_reader_next(struct ref_reader *r, struct ref_run *run, struct err *e)
{
	if (r->run == r->runs && !r->ended) {
		if (r->p != r->end)
			return damaged(r, "has more bytes than its runs", e);
		if (read_block(r, e) < 0)
			return -1;
	}
	return r->ended ? 0 : next(r, run, e);
}
