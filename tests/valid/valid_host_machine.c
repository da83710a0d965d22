/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * host.machine., host.serve.: what can be counted on the whole machine, to the last fault: the textbooks' strings of references, a
 * loop longer than memory, a scan with readahead, processes that share a program's text, the picoseconds of a closed loop; and what
 * a server copies and flips on each way from the page cache to the network.
 */
#include <stdio.h>
#include <string.h>

#include "bind_text.h"
#include "blk/fixed.h"
#include "host/options.h"
#include "host/rig.h"
#include "valid/valid.h"

#define FIXED "latency: 1 ms\ncapacity: 4 GiB\n"
/* 1 ns a reference and nothing else */
#define FREE "cost: {hit: 1 ns, walk: 0, fault: 0, call: 0, switch: 0, invalidate: 0, shootdown: 0, interrupt: 0, entry: 0,\n" \
	"  copy: 10000 GB/s, zero: 10000 GB/s}\n"
#define ONE_BY_ONE "file: {readahead: 1, readahead_initial: 0, fault_around: 1}\n"

/* What is run on the machine: `processes` that each map all `pages` of one file and make these references. */
struct load {
	const char *host;
	uint64_t pages;
	const uint64_t *word;
	uint32_t words;
	uint64_t rounds;
	unsigned processes;
};

static int add_process(struct host *h, struct host_file *f, const struct load *l, struct err *e)
{
	struct host_space *sp = host_space_new(h, "p", e);
	const struct host_area area = {.name = "data", .pages = l->pages, .file = f, .pager = HOST_PAGER_FILE, .shared = true};
	if (!sp || !host_area_add(sp, &area, e))
		return -1;
	struct host_stream *st = host_stream_words(h->sim->arena, l->word, l->words, l->rounds);
	return st && host_thread_new(sp, st, e) ? 0 : -1;
}

static int run_on(struct sim *s, struct blk_dev *dev, const struct load *l, struct host **out, struct err *e)
{
	const struct scenario_env env = {.sim = s, .dev = dev, .host = bind_text(s->arena, &host_options, l->host, e), .seed = 1};
	const struct host_region_spec files = {.name = "files", .cause = BLK_CAUSE_FILE, .sectors = l->pages * 8};
	struct host_rig *rig = arena_alloc(s->arena, sizeof(*rig));
	struct host_region *region = arena_alloc(s->arena, sizeof(*region));
	if (!rig || !region || !env.host || host_rig_open(rig, &env, &files, 1, region, e) < 0)
		return -1;
	struct host_file *f = host_file_new(rig->host, "data", region, 0, l->pages, e);
	for (unsigned i = 0; f && i < l->processes; i++)
		if (add_process(rig->host, f, l, e) < 0)
			return -1;
	if (!f)
		return -1;
	host_start(rig->host);
	*out = rig->host;
	return sim_run(s) < 0 ? -1 : host_check(rig->host, false, e);
}

struct counted {
	double faults, major, file_reads, file_ins, frames, seconds;
};

static bool run(struct valid *v, const char *name, const struct load *l, struct counted *c)
{
	struct err e = {0};
	struct sim *s = sim_new(1);
	const void *spec = s ? bind_text(s->arena, fixed_dev_ops.options, FIXED, &e) : NULL;
	struct blk_dev *dev = spec ? blk_dev_open(s, &fixed_dev_ops, "d", spec, &e) : NULL;
	struct host *h = NULL;
	int bad = dev ? run_on(s, dev, l, &h, &e) : -1;
	if (bad)
		valid_broken(v, name, e.msg);
	else
		*c = (struct counted){.faults = (double)h->n.faults, .major = (double)h->n.major, .file_reads = (double)h->n.file_reads,
			.file_ins = (double)h->n.file_ins, .frames = h->frames - h->free, .seconds = time_seconds(s->now_ps)};
	if (dev)
		blk_dev_close(dev);
	sim_free(s);
	return !bad;
}

static void textbooks(struct valid *v)
{
	static const uint64_t belady[] = {1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5};
	static const uint64_t silberschatz[] = {7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1};
	static const struct {
		const char *policy;
		const uint64_t *page;
		uint32_t count, frames;
		double faults;
	} rows[] = {
		{"fifo", belady, 12, 3, 9}, {"fifo", belady, 12, 4, 10}, {"lru", belady, 12, 3, 10}, {"lru", belady, 12, 4, 8},
		{"fifo", silberschatz, 20, 3, 15}, {"lru", silberschatz, 20, 3, 12},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char host[512], name[96];
		uint64_t word[20];
		for (uint32_t k = 0; k < rows[i].count; k++)
			word[k] = host_ref(rows[i].page[k], 0);
		snprintf(host, sizeof(host), FREE ONE_BY_ONE "frames: %u\nshare_zero: false\nreplace: {policy: %s}\nswap: {size: 0}\n",
			(unsigned)rows[i].frames, rows[i].policy);
		snprintf(name, sizeof(name), "host.machine.%s_%s_%u", rows[i].policy, rows[i].page == belady ? "belady" : "textbook",
			(unsigned)rows[i].frames);
		struct counted c;
		const struct load l = {host, 8, word, rows[i].count, 1, 1};
		if (run(v, name, &l, &c)) {
			valid_near(v, name, c.faults, rows[i].faults, 0, "textbook string of references, on the whole machine");
			strcat(name, ".ms"); // NOLINT: 96 bytes hold it
			valid_near(v, name, c.seconds * 1e3, rows[i].faults + rows[i].count * 1e-6, 1e-9,
				"closed loop: 1 ms a fault and 1 ns a reference");
		}
	}
}

static void counts(struct valid *v)
{
	uint64_t word[1000];
	struct counted c;
	for (uint64_t i = 0; i < 1000; i++)
		word[i] = host_ref(i, 0);
	const struct load loop = {FREE ONE_BY_ONE "frames: 99\nreplace: {policy: lru}\n", 100, word, 100, 20, 1};
	if (run(v, "host.machine.loop", &loop, &c))
		valid_near(v, "host.machine.loop", c.faults, 2000, 0, "a loop of 100 pages in 99 frames misses every reference under LRU");
	const struct load scan = {FREE "frames: 2000\nfile: {readahead: 16, readahead_initial: 0, fault_around: 1}\n", 1000, word, 1000, 1,
		1};
	if (run(v, "host.machine.scan", &scan, &c)) {
		valid_near(v, "host.machine.scan_reads", c.file_reads, 63, 0, "ceil(1000 / 16)");
		valid_near(v, "host.machine.scan_pages", c.file_ins, 1000, 0, "each page once");
	}
	const struct load text = {FREE ONE_BY_ONE "frames: 2000\n", 200, word, 200, 1, 8};
	if (run(v, "host.machine.text", &text, &c)) {
		valid_near(v, "host.machine.text_reads", c.file_reads, 200, 0, "8 processes that share 200 pages of text: 200 reads");
		valid_near(v, "host.machine.text_frames", c.frames, 200, 0, "and 200 frames");
	}
}

void valid_host_machine(struct valid *v)
{
	textbooks(v);
	counts(v);
}

/* ---- the server ------------------------------------------------------------------------------------------------- */

struct sent {
	double copies, flipped, copied, sent, file_reads, requests, per_second;
};

static void put(void *ctx, const char *name, double value, const char *unit)
{
	struct sent *s = ctx;
	(void)unit;
	if (!strcmp(name, "copies_per_byte"))
		s->copies = value;
	else if (!strcmp(name, "pages_flipped"))
		s->flipped = value;
	else if (!strcmp(name, "bytes_copied"))
		s->copied = value;
	else if (!strcmp(name, "bytes_sent"))
		s->sent = value;
	else if (!strcmp(name, "file_reads"))
		s->file_reads = value;
	else if (!strcmp(name, "requests"))
		s->requests = value;
	else if (!strcmp(name, "requests_per_second"))
		s->per_second = value;
}

static bool serve(struct valid *v, const char *name, const char *text, const char *host, struct sent *out)
{
	struct err e = {0};
	struct sim *s = sim_new(1);
	const struct scenario_ops *ops = scenario_find("serve");
	const void *fixed = s ? bind_text(s->arena, fixed_dev_ops.options, FIXED, &e) : NULL;
	struct blk_dev *dev = fixed ? blk_dev_open(s, &fixed_dev_ops, "d", fixed, &e) : NULL;
	const struct scenario_env env = {.sim = s, .dev = dev, .host = dev ? bind_text(s->arena, &host_options, host, &e) : NULL,
		.seed = 1};
	const void *spec = env.host ? bind_text(s->arena, ops->options, text, &e) : NULL;
	struct scenario *sc = spec ? ops->open(&env, spec, &e) : NULL;
	int bad = -1;
	if (sc) {
		ops->start(sc);
		bad = sim_run(s) < 0 || ops->check(sc, &e) < 0;
		ops->report(sc, put, out);
		ops->close(sc);
	}
	if (bad)
		valid_broken(v, name, e.msg);
	if (dev)
		blk_dev_close(dev);
	sim_free(s);
	return !bad;
}

/*
 * A request of two chunks of 4 KiB, in memory: hit 1 ns, call 1 us, entry 10 ns, invalidate 100 ns; a chunk takes 4.096 us to copy and as
 * long on the link, which it gets when the processor has done with it. Of each path the processor's time for a chunk; an upload's
 * first chunk is on the link before.
 */
static void serve_times(struct valid *v)
{
	static const struct {
		const char *name, *more;
		double us;
		const char *source;
	} rows[] = {
		{"read", "path: read\n", 24.482, "2 (1 + 4.096 + .001 + 1 + 4.096) and 4.096 on the link"},
		{"mmap", "path: mmap\n", 14.290, "2 (.001 + 1 + 4.096) and 4.096 on the link"},
		{"flip", "path: flip\n", 10.442, "1 + .01 + 2 (2 .01 + .1) + 1, and 2 4.096 on the link"},
		{"sendfile", "path: sendfile\n", 9.202, "1 + .01, and 2 4.096 on the link"},
		{"upload", "uploads: 1\n", 23.482, "4.096 on the link, 4.096 + .001 + 1 + 4.096, and the second with its call's 1 more"},
	};
	static const char host[] = "frames: 8192\ncost: {hit: 1 ns, walk: 0, fault: 0, call: 1 us, switch: 0, invalidate: 100 ns, shootdown: 0, "
		"interrupt: 0, entry: 10 ns, copy: 1 GB/s, zero: 10000 GB/s}\n";
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[200], name[64];
		double end[2];
		bool good = true;
		snprintf(name, sizeof(name), "host.serve.us_%s", rows[i].name);
		for (int k = 0; k < 2 && good; k++) {
			struct sent s = {0};
			snprintf(text, sizeof(text), "files: 1\nsize: 8 KiB\nchunk: 4 KiB\nnetwork: 1 GB/s\nworkers: 1\nrequests: %d\n%s", 40 + 100 * k,
				rows[i].more);
			good = serve(v, name, text, host, &s);
			end[k] = s.requests / s.per_second;
		}
		if (good)
			valid_near(v, name, (end[1] - end[0]) * 1e4, rows[i].us, 1e-6, rows[i].source);
	}
}

void valid_host_serve(struct valid *v)
{
	static const struct {
		const char *path;
		double copies;
	} rows[] = {{"read", 2}, {"mmap", 1}, {"direct", 1}, {"flip", 0}, {"sendfile", 0}};
	double reads = -1;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[160], name[64];
		struct sent s = {0};
		snprintf(text, sizeof(text), "path: %s\nfiles: 50\nsize: 64 KiB\nrequests: 400\nworkers: 1\n", rows[i].path);
		snprintf(name, sizeof(name), "host.serve.copies_%s", rows[i].path);
		if (!serve(v, name, text, "frames: 8192\n", &s))
			continue;
		valid_near(v, name, s.copies, rows[i].copies, 0, "copies of each byte by the processor");
		if (i == 0)
			reads = s.file_reads;
		snprintf(name, sizeof(name), "host.serve.reads_%s_less_read", rows[i].path);
		if (!strcmp(rows[i].path, "flip") || !strcmp(rows[i].path, "sendfile"))
			valid_near(v, name, s.file_reads - reads, 0, 0, "the device does the same whichever way the data takes");
	}
	/* bytes 1000 to 101000 in chunks of 30,000: 1000..31000 holds pages 1 to 6 whole, 31000..61000 8 to 13, 61000..91000 15 to 21,
	 * 91000..101000 23 */
	struct sent s = {0};
	if (serve(v, "host.serve.flips", "path: flip\nfiles: 1\nsize: 101000 B\noffset: 1000 B\nchunk: 30000 B\nrequests: 5\nworkers: 1\n",
	    "frames: 8192\n", &s)) {
		valid_near(v, "host.serve.flips", s.flipped, 5 * 2 * (6 + 6 + 7 + 1), 0, "max(0, floor((o + n) / P) - ceil(o / P)) in and out");
		valid_near(v, "host.serve.flip_copies", s.copied, 5 * 2 * (100000 - 20 * 4096), 0, "what is left of pages, in and out");
	}
	serve_times(v);
}
