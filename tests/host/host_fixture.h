/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For the tests of the host's machine: a host on one fixed-latency device, made from lines of config, with a swap area and room for
 * files, with content tags or without.
 */
#ifndef QUERN_TESTS_HOST_FIXTURE_H
#define QUERN_TESTS_HOST_FIXTURE_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "bind_text.h"
#include "blk/fixed.h"
#include "blk/tag.h"
#include "host/machine.h"
#include "host/options.h"

#define HOST_MS PS_PER_MS

struct host_rig {
	struct sim *sim;
	struct blk_dev *dev;
	struct content *content; /* NULL: tags off */
	struct host_io *io;
	struct host_spec *spec;
	struct host *h;
	struct host_region region[2]; /* swap, files */
	struct err e;
};

/* What costs nothing that is not asked for: times are those of the device, 1 ms each. */
#define HOST_PLAIN \
	"cost: {hit: 1 ns, walk: 0, fault: 0, call: 0, switch: 0, invalidate: 0, shootdown: 0, interrupt: 0, entry: 0,\n" \
	"       copy: 10000 GB/s, zero: 10000 GB/s}\n"

/* In a simulation that is there already. NULL in g->h with g->e set where the machine cannot be. */
static inline void host_rig_open_in(struct host_rig *g, struct sim *s, const char *text, bool tags)
{
	struct err *e = &g->e;
	*g = (struct host_rig){.sim = s};
	g->spec = bind_text(s->arena, &host_options, text, e);
	ck_assert_msg(g->spec != NULL, "%s", e->msg);
	void *fixed = bind_text(s->arena, fixed_dev_ops.options, "latency: 1 ms\ncapacity: 4 GiB\n", e);
	g->dev = blk_dev_open(s, &fixed_dev_ops, "d", fixed, e);
	ck_assert_msg(g->dev != NULL, "%s", e->msg);
	if (tags) {
		g->dev->tags = blk_tags_new();
		g->content = content_new();
	}
	g->io = host_io_new(s, g->content);
	ck_assert_int_ge(host_io_add(g->io, g->dev, e), 0);
	const struct host_region_spec areas[2] = {{"swap", 0, BLK_CAUSE_SWAP, (uint64_t)g->spec->swap.bytes / SECTOR_BYTES},
		{"files", 0, BLK_CAUSE_FILE, 1 << 21}};
	ck_assert_msg(host_io_layout(g->io, areas, 2, 8, 8, g->region, e) == 0, "%s", e->msg);
	const struct host_place_spec place = {.io = g->io, .swap = &g->region[0], .seed = 1, .path = "host0", .log_events = true};
	g->h = host_open(s, g->spec, &place, e);
}

static inline void host_rig_open(struct host_rig *g, const char *text, bool tags)
{
	host_rig_open_in(g, sim_new(1), text, tags);
	ck_assert_msg(g->h != NULL, "%s", g->e.msg);
}

static inline void host_rig_close(struct host_rig *g)
{
	blk_tags_free(g->dev->tags);
	blk_dev_close(g->dev);
	content_free(g->content);
}

static inline void host_rig_free(struct host_rig *g)
{
	host_rig_close(g);
	sim_free(g->sim);
}

static inline struct host_space *rig_space(struct host_rig *g, const char *name)
{
	struct host_space *sp = host_space_new(g->h, name, &g->e);
	ck_assert_msg(sp != NULL, "%s", g->e.msg);
	return sp;
}

static inline struct host_area *rig_area(struct host_rig *g, struct host_space *sp, const char *name, enum host_pager_id pager,
	uint64_t first, uint64_t pages)
{
	struct host_area *x = host_area_add(sp, &(struct host_area){.name = name, .first = first, .pages = pages, .pager = (uint8_t)pager,
		.writable = true}, &g->e);
	ck_assert_msg(x != NULL, "%s", g->e.msg);
	return x;
}

static inline struct host_file *rig_file(struct host_rig *g, const char *name, uint64_t first_page, uint64_t pages)
{
	struct host_file *f = host_file_new(g->h, name, &g->region[1], first_page * g->h->page_sectors, pages, &g->e);
	ck_assert_msg(f != NULL, "%s", g->e.msg);
	return f;
}

static inline struct host_area *rig_map(struct host_rig *g, struct host_space *sp, struct host_file *f, uint64_t first, bool shared)
{
	struct host_area *x = host_area_add(sp, &(struct host_area){.name = f->name, .first = first, .pages = f->pages,
		.pager = HOST_PAGER_FILE, .writable = true, .shared = shared, .file = f}, &g->e);
	ck_assert_msg(x != NULL, "%s", g->e.msg);
	return x;
}

static inline struct host_thread *rig_thread(struct host_rig *g, struct host_space *sp, struct host_stream *st)
{
	struct host_thread *th = host_thread_new(sp, st, &g->e);
	ck_assert_msg(th != NULL, "%s", g->e.msg);
	return th;
}

/* References from a string: "0 1 2w" and so on. */
static inline struct host_stream *rig_string(struct host_rig *g, const char *text, uint64_t rounds)
{
	uint64_t *word = arena_array(g->sim->arena, strlen(text) + 1, sizeof(*word));
	uint32_t n = 0;
	for (char *at = (char *)(uintptr_t)text; *at;) {
		char *end;
		uint64_t page = strtoull(at, &end, 10);
		ck_assert_ptr_ne(at, end);
		word[n++] = host_ref(page, *end == 'w');
		at = end + (*end == 'w');
		while (*at == ' ')
			at++;
	}
	return host_stream_words(g->sim->arena, word, n, rounds);
}

static inline void rig_check(struct host_rig *g)
{
	struct err e = {0};
	ck_assert_msg(g->sim->err.code == ERR_NONE, "%s", g->sim->err.msg);
	ck_assert_msg(host_check(g->h, false, &e) == 0, "%s", e.msg);
}

/* To the end, and all that must hold then. */
static inline void rig_run(struct host_rig *g)
{
	host_start(g->h);
	sim_run(g->sim);
	rig_check(g);
	ck_assert(host_over(g->h));
}

#endif
