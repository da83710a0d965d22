/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * host.refs: references a second of the host's machine where all pages are in memory: 4,096 pages, 16 threads, uniform, 30 % writes.
 * host.faults: faults a second through the whole path, from the TLB to the device's completion and back: 262,144 pages, half of them in
 * memory, 16 threads, uniform, 30 % writes, CLOCK, on a device of fixed latency; frames are freed ahead of need, as kernels do it, so
 * that no fault waits for a page to be written first. host.bytes_per_page: what the latter's model
 * takes for each resident page, beyond the 16 bytes allowed for each page touched. Reference in the same run: a bare
 * CLOCK over an array, which draws the same references and moves no time; the ratio is our time over its.
 */
#include <stdlib.h>

#include "bench.h"
#include "bind_text.h"
#include "blk/fixed.h"
#include "host/machine.h"
#include "host/options.h"

#define THREADS 16
#define ROUNDS 3
#define BATCH 256

struct draw {
	struct host_stream base;
	uint64_t random, pages, left;
	uint64_t word[BATCH];
};

static inline uint64_t draw_ref(uint64_t *random, uint64_t pages)
{
	uint64_t x = bench_random(random);
	return host_ref((x >> 32) * pages >> 32, (uint32_t)x < UINT32_C(1288490189)); /* 0.3 of 2^32 */
}

static const uint64_t *draw_next(struct host_stream *st, uint32_t *count)
{
	struct draw *d = (struct draw *)st;
	if (d->left == 0)
		return NULL;
	uint32_t n = d->left < BATCH ? (uint32_t)d->left : BATCH;
	for (uint32_t i = 0; i < n; i++)
		d->word[i] = draw_ref(&d->random, d->pages);
	d->left -= n;
	*count = n;
	return d->word;
}

static const struct host_stream_ops draw_ops = {.name = "draw", .next = draw_next};

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "bench/host: %s\n", what);
	exit(1);
}

/* A machine of one process with all its threads, `references` of each. */
static struct host *machine(struct sim *s, const char *text, uint64_t pages, uint64_t references, uint64_t seed)
{
	struct err e = {0};
	const struct host_spec *spec = bind_text(s->arena, &host_options, text, &e);
	const void *fixed = bind_text(s->arena, fixed_dev_ops.options, "latency: 100 us\n", &e);
	must(spec && fixed, e.msg);
	struct blk_dev *dev = blk_dev_open(s, &fixed_dev_ops, "d", fixed, &e);
	struct host_io *io = host_io_new(s, NULL);
	static struct host_region swap;
	must(dev && host_io_add(io, dev, &e) == 0, e.msg);
	const struct host_region_spec area = {"swap", 0, BLK_CAUSE_SWAP, (uint64_t)spec->swap.bytes / SECTOR_BYTES};
	must(host_io_layout(io, &area, 1, 8, 0, &swap, &e) == 0, e.msg);
	struct host *h = host_open(s, spec, &(struct host_place_spec){.io = io, .swap = &swap, .seed = 1, .path = "host0"}, &e);
	must(h != NULL, e.msg);
	struct host_space *sp = host_space_new(h, "p", &e);
	must(sp && host_area_add(sp, &(struct host_area){.name = "heap", .pages = pages, .pager = HOST_PAGER_SWAP, .writable = true}, &e), e.msg);
	for (uint64_t i = 0; i < THREADS; i++) {
		struct draw *d = arena_alloc(s->arena, sizeof(*d));
		*d = (struct draw){.base = {&draw_ops}, .random = seed * 1000 + i, .pages = pages, .left = references};
		must(host_thread_new(sp, &d->base, &e) != NULL, e.msg);
	}
	return h;
}

/* ---- the reference --------------------------------------------------------------------------------------------- */

struct bare {
	uint32_t *where, *page; /* of a page: frame + 1; of a frame: its page */
	uint8_t *used, *dirty;
	uint32_t frames, held, hand;
	uint64_t faults, writes;
};

static void bare_ref(struct bare *b, uint64_t ref)
{
	uint32_t page = (uint32_t)(ref >> 1), frame = b->where[page];
	if (frame == 0) {
		b->faults++;
		if (b->held < b->frames) {
			frame = ++b->held;
		} else {
			while (b->used[b->hand]) {
				b->used[b->hand] = 0;
				b->hand = b->hand + 1 == b->frames ? 0 : b->hand + 1;
			}
			frame = b->hand + 1;
			b->hand = frame == b->frames ? 0 : frame;
			b->writes += b->dirty[frame - 1];
			b->where[b->page[frame - 1]] = 0;
		}
		b->page[frame - 1] = page;
		b->where[page] = frame;
		b->dirty[frame - 1] = 0;
	}
	b->used[frame - 1] = 1;
	b->dirty[frame - 1] |= ref & 1;
}

/* Seconds of processor time for one of `what`: a reference, or a fault. */
static double time_bare(uint64_t pages, uint32_t frames, uint64_t warm, uint64_t references, bool faults)
{
	struct bare b = {calloc(pages, 4), calloc(frames, 4), calloc(frames, 1), calloc(frames, 1), frames, 0, 0, 0, 0};
	uint64_t random = 1;
	must(b.where && b.page && b.used && b.dirty, "no memory");
	for (uint64_t i = 0; i < warm; i++)
		bare_ref(&b, draw_ref(&random, pages));
	uint64_t before = b.faults;
	double start = bench_seconds();
	for (uint64_t i = 0; i < references; i++)
		bare_ref(&b, draw_ref(&random, pages));
	double seconds = bench_seconds() - start;
	free(b.where);
	free(b.page);
	free(b.used);
	free(b.dirty);
	return seconds / (double)(faults ? b.faults - before : references);
}

/* ---- ours ------------------------------------------------------------------------------------------------------ */

static double per_page;

static double time_ours(const char *text, uint64_t pages, uint64_t warm, uint64_t references, bool faults)
{
	struct sim *s = sim_new(1);
	struct host *h = machine(s, text, pages, (warm + references) / THREADS, 1);
	host_start(h);
	while (h->n.references < warm && sim_step(s))
		;
	uint64_t refs = h->n.references, before = h->n.faults;
	double start = bench_seconds();
	sim_run(s);
	double seconds = bench_seconds() - start;
	struct err e = {0};
	must(s->err.code == ERR_NONE && host_over(h) && host_check(h, true, &e) == 0, "the machine did not come to its end");
	per_page = ((double)host_memory_bytes(h) - 16.0 * (double)pages) / (double)h->frames;
	double one = seconds / (double)(faults ? h->n.faults - before : h->n.references - refs);
	sim_free(s);
	return one;
}

static void run(const char *name, const char *unit, const char *text, uint64_t pages, uint32_t frames, uint64_t warm, uint64_t references,
	bool faults)
{
	double ours = 1e9, bare = 1e9;
	for (int round = 0; round < ROUNDS; round++) {
		double t = time_ours(text, pages, warm, references, faults);
		ours = t < ours ? t : ours;
		t = time_bare(pages, frames, warm, references, faults);
		bare = t < bare ? t : bare;
	}
	bench_line(name, 1 / ours, unit, "bare CLOCK over an array", 1 / bare, ours / bare);
}

int main(void)
{
	const char *common = "replace: {policy: clock}\nswap: {size: 1 GiB, readahead: 1}\nshare_zero: false\n";
	char text[256];
	snprintf(text, sizeof(text), "frames: 4096\n%s", common);
	run("host.refs", "references/s", text, 4096, 4096, 1000000, 32000000, false);
	snprintf(text, sizeof(text), "frames: 131072\nreclaim: {low: 64, high: 256}\n%s", common);
	run("host.faults", "faults/s", text, 262144, 131072, 2000000, 4000000, true);
	bench_line("host.bytes_per_page", per_page, "bytes", "allowed", 32, per_page / 32);
	return 0;
}
