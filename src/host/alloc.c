/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory shared out among processes. */
#include "host/alloc.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- option rows ----------------------------------------------------------------------------------------------- */

static const struct opt_choice frames_choices[] = {
	[ALLOC_GLOBAL] = {"global", "one pool: whoever faults takes the page that the policy likes least, whosever it is"},
	[ALLOC_EQUAL] = {"equal", "a pool for each process, all of one size"},
	[ALLOC_PROPORTIONAL] = {"proportional", "a pool for each process, its size in proportion to the process's pages"},
	[ALLOC_FAULT_FREQUENCY] = {"fault-frequency", "a pool for each process, which grows while faults follow each other within `interval` and "
		"else loses what was not used since the last one"},
	{NULL, NULL},
};

static int alloc_spec_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct alloc_spec *s = bound;
	if (s->suspend && s->frames != ALLOC_FAULT_FREQUENCY) {
		*key = "suspend";
		return snprintf(why, why_bytes, "is of no use without frames: fault-frequency, which tells who wants to grow"), -1;
	}
	return 0;
}

/* The paper gives no interval for all machines; this one is about ten times the service of a fault on flash. */
static const struct opt_row alloc_rows[] = {
	{.key = "frames", .type = OPT_ENUM, .offset = offsetof(struct alloc_spec, frames), .def = "global", .choices = frames_choices,
	 .doc = "who gives up a frame when a process wants one"},
	{.key = "interval", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = offsetof(struct alloc_spec, interval_ps), .min = "0",
	 .max = "1 h", .def = "1 ms", .doc = "fault-frequency: virtual time between two faults below which a process gets a frame more"},
	{.key = "processes", .type = OPT_SCALAR, .offset = offsetof(struct alloc_spec, processes), .min = "0", .max = "65535", .def = "0",
	 .doc = "all but global: how many processes there may be; 0: as many as there are"},
	{.key = "suspend", .type = OPT_BOOL, .offset = offsetof(struct alloc_spec, suspend), .def = "false",
	 .doc = "fault-frequency: where a process is to grow and no frame is free, the process activated last leaves memory until there is "
	 "room again; false: the process gives up one of its own"},
	{0},
};
const struct opt_group host_alloc_group = {"host allocation", "memory among processes", alloc_rows, sizeof(struct alloc_spec),
	alloc_spec_check};

/* ---- processes ------------------------------------------------------------------------------------------------- */

#define PROCESSES_MOST 65535u /* what a frame's charge can tell apart */

/* One more, which is numbered by how many there were. */
static int add_process(struct alloc *al, struct err *e)
{
	const uint32_t p = al->processes;
	char name[256];
	if (p == al->room) {
		const uint32_t room = al->room ? 2 * al->room : al->most < 16 ? al->most : 16;
		struct alloc_process *grown = arena_array(al->arena, room, sizeof(*grown));
		if (!grown)
			return replace_no_memory(e);
		if (p > 0)
			memcpy(grown, al->process, p * sizeof(*grown));
		al->process = grown;
		al->room = room;
	}
	struct alloc_process *x = &al->process[p];
	snprintf(name, sizeof(name), al->charge ? "%s/%" PRIu32 : "%s", al->path, p);
	*x = (struct alloc_process){.quota = UINT32_MAX, .look = REPLACE_NIL};
	replace_list_init(&x->pages);
	x->pool = replace_new(al->arena, al->pages, al->policy, &al->env, al->frames, al->frames, al->seed, name, e);
	al->processes += x->pool != NULL;
	return x->pool ? 0 : -1;
}

int alloc_announce(struct alloc *al, uint32_t process, struct err *e)
{
	if (!al->charge || process < al->processes)
		return 0;
	if (process >= al->most)
		return err_set(e, ERR_CONFIG, "one more than the %" PRIu32 " there may be", al->most);
	return add_process(al, e);
}

struct alloc *alloc_new(struct arena *a, const struct replace_spec *policy, const struct alloc_spec *spec,
	const struct replace_env *env, uint32_t frames, uint32_t processes, uint64_t seed, const char *path, struct err *e)
{
	struct alloc *al = arena_alloc(a, sizeof(*al));
	struct replace_pages *pages = replace_pages_new(a, policy, frames, e);
	if (!al || !pages)
		return replace_no_memory(e), NULL;
	bool local = spec->frames != ALLOC_GLOBAL, list = spec->frames == ALLOC_FAULT_FREQUENCY;
	*al = (struct alloc){.spec = spec, .env = *env, .frames = frames, .most = local ? processes : 1, .arena = a, .policy = policy,
		.pages = pages, .seed = seed, .path = path};
	if (al->most == 0)
		al->most = PROCESSES_MOST;
	al->charge = local ? arena_array(a, frames, sizeof(*al->charge)) : NULL;
	al->link = list ? arena_array(a, frames, sizeof(*al->link)) : NULL;
	if ((local && !al->charge) || (list && !al->link))
		return replace_no_memory(e), NULL;
	do { /* there is always a first one; of the others those that are wanted by number */
		if (add_process(al, e) < 0)
			return NULL;
	} while (al->processes < (local ? processes : 1));
	return al;
}

/* Quotas anew, each at least one frame. */
static void share_out(struct alloc *al)
{
	uint64_t all = 0;
	if (!al->charge || al->here == 0)
		return;
	for (uint32_t p = 0; p < al->processes; p++)
		all += al->process[p].here ? al->process[p].size : 0;
	for (uint32_t p = 0; p < al->processes; p++) {
		struct alloc_process *x = &al->process[p];
		uint64_t share = al->spec->frames == ALLOC_PROPORTIONAL && all > 0 ? (uint64_t)((uint128)al->frames * x->size / all)
			: al->frames / al->here;
		if (!x->here)
			continue;
		share = share < 1 ? 1 : share;
		x->quota = al->spec->frames == ALLOC_FAULT_FREQUENCY ? UINT32_MAX : (uint32_t)share;
		replace_resize(x->pool, (uint32_t)share);
	}
}

void alloc_join(struct alloc *al, uint32_t process, uint64_t size)
{
	if (!al->charge)
		return;
	struct alloc_process *x = &al->process[process];
	al->here += !x->here;
	x->here = true;
	x->size = size;
	x->turn = ++al->turns;
	share_out(al);
}

void alloc_resize(struct alloc *al, uint32_t process, uint64_t size)
{
	if (!al->charge)
		return;
	al->process[process].size = size;
	if (al->spec->frames == ALLOC_PROPORTIONAL)
		share_out(al);
}

void alloc_leave(struct alloc *al, uint32_t process)
{
	if (!al->charge || !al->process[process].here)
		return;
	struct alloc_process *x = &al->process[process];
	al->here--;
	al->suspended -= x->suspended;
	x->here = x->suspended = x->growing = false;
	x->quota = 0; /* what it leaves is taken first */
	x->fault = 0;
	share_out(al);
}

/* ---- frames ---------------------------------------------------------------------------------------------------- */

static void unlist(struct alloc *al, uint32_t frame)
{
	if (!al->link || frame == REPLACE_NO_FRAME)
		return;
	struct alloc_process *x = &al->process[al->charge[frame]];
	if (x->look == frame)
		x->look = al->link[frame].next;
	replace_list_remove(&x->pages, al->link, frame);
}

void alloc_remove(struct alloc *al, uint32_t frame)
{
	unlist(al, frame);
	replace_remove(alloc_pool_of(al, frame), frame);
}

static uint32_t victim_of(struct alloc *al, uint32_t process, unsigned hint)
{
	uint32_t f = replace_victim(al->process[process].pool, hint);
	unlist(al, f);
	return f;
}

/* A process that has left frames behind, or the one furthest above its quota, or, without quotas, with the most frames. */
static uint32_t greediest(const struct alloc *al)
{
	uint32_t best = 0;
	int64_t most = INT64_MIN;
	for (uint32_t p = 0; p < al->processes; p++) {
		const struct alloc_process *x = &al->process[p];
		int64_t over = x->here ? (int64_t)x->pool->held + x->coming - (x->quota == UINT32_MAX ? 0 : (int64_t)x->quota) : INT64_MAX;
		if (x->pool->held > 0 && over > most) {
			most = over;
			best = p;
		}
	}
	return best;
}

uint32_t alloc_victim(struct alloc *al, uint32_t process, unsigned hint)
{
	if (!al->charge)
		return replace_victim(al->process[0].pool, hint);
	uint32_t from = greediest(al);
	bool left = !al->process[from].here && al->process[from].pool->held > 0;
	bool own = !left && process != ALLOC_NOBODY && (al->link || !alloc_may_grow(al, process));
	from = own ? process : from;
	uint32_t f = victim_of(al, from, own ? hint : 0);
	if (f == REPLACE_NO_FRAME && al->process[from].pool->waits)
		return f;
	for (uint32_t p = 0; p < al->processes && f == REPLACE_NO_FRAME; p++)
		if (p != from)
			f = victim_of(al, p, p == process ? hint : 0);
	return f;
}

uint32_t alloc_victims(struct alloc *al, uint32_t *out, uint32_t most)
{
	if (!al->charge)
		return replace_victims(al->process[0].pool, out, most);
	uint32_t n = 0;
	while (n < most && (out[n] = alloc_victim(al, ALLOC_NOBODY, 0)) != REPLACE_NO_FRAME)
		n++;
	return n;
}

void alloc_tick(struct alloc *al)
{
	for (uint32_t p = 0; p < al->processes; p++)
		if (al->process[p].pool->held > 0)
			replace_tick(al->process[p].pool);
}

/* ---- page-fault frequency and load control --------------------------------------------------------------------- */

void alloc_fault(struct alloc *al, uint32_t process, int64_t now)
{
	if (!al->link)
		return;
	struct alloc_process *x = &al->process[process];
	x->growing = now - x->fault <= al->spec->interval_ps;
	x->fault = now;
	x->look = x->growing ? REPLACE_NIL : x->pages.first;
	if (x->growing) /* otherwise alloc_release() clears the bits as it looks */
		for (uint32_t f = x->pages.first; f != REPLACE_NIL; f = al->link[f].next)
			(void)al->env.referenced(al->env.owner, f, true);
}

uint32_t alloc_release(struct alloc *al, uint32_t process)
{
	if (!al->link)
		return REPLACE_NO_FRAME;
	struct alloc_process *x = &al->process[process];
	while (x->look != REPLACE_NIL) {
		uint32_t f = x->look;
		x->look = al->link[f].next;
		bool used = al->env.referenced(al->env.owner, f, true);
		if (used || (al->env.evictable && !al->env.evictable(al->env.owner, f)))
			continue;
		alloc_remove(al, f);
		al->released++;
		return f;
	}
	return REPLACE_NO_FRAME;
}

uint32_t alloc_suspend(struct alloc *al, uint32_t process)
{
	uint32_t last = ALLOC_NOBODY;
	if (!al->link || !al->spec->suspend || al->here - al->suspended < 2 || al->process[process].suspended)
		return ALLOC_NOBODY;
	for (uint32_t p = 0; p < al->processes; p++) {
		const struct alloc_process *x = &al->process[p];
		if (x->here && !x->suspended && (last == ALLOC_NOBODY || x->turn > al->process[last].turn))
			last = p;
	}
	struct alloc_process *x = &al->process[last];
	x->suspended = true;
	x->had = x->pool->held;
	x->turn = ++al->turns;
	al->suspended++;
	al->suspensions++;
	return last;
}

uint32_t alloc_drain(struct alloc *al, uint32_t process)
{
	struct alloc_process *x = &al->process[process];
	uint32_t f = victim_of(al, process, 0);
	if (f != REPLACE_NO_FRAME || !x->pool->waits)
		return f;
	for (f = x->pages.first; f != REPLACE_NIL; f = al->link[f].next) /* it would wait for what is written: here all go */
		if (!al->env.evictable || al->env.evictable(al->env.owner, f)) {
			alloc_remove(al, f);
			return f;
		}
	return REPLACE_NO_FRAME;
}

uint32_t alloc_resume(struct alloc *al, uint32_t free)
{
	uint32_t first = ALLOC_NOBODY;
	if (al->suspended == 0)
		return ALLOC_NOBODY;
	for (uint32_t p = 0; p < al->processes; p++) {
		const struct alloc_process *x = &al->process[p];
		if (x->suspended && (first == ALLOC_NOBODY || x->turn < al->process[first].turn))
			first = p;
	}
	struct alloc_process *x = &al->process[first];
	if (al->here > al->suspended && free <= x->had)
		return ALLOC_NOBODY;
	x->suspended = false;
	x->turn = ++al->turns;
	al->suspended--;
	al->resumptions++;
	return first;
}

/* ---- sums ------------------------------------------------------------------------------------------------------ */

uint64_t alloc_held(const struct alloc *al)
{
	uint64_t held = 0;
	for (uint32_t p = 0; p < al->processes; p++)
		held += al->process[p].pool->held;
	return held;
}

int alloc_check(const struct alloc *al, struct err *e)
{
	for (uint32_t p = 0; p < al->processes; p++) {
		const struct alloc_process *x = &al->process[p];
		if (al->link && x->pages.count != x->pool->held)
			return err_set(e, ERR_CHECK, "Process %" PRIu32 " holds %" PRIu32 " frames, its list %" PRIu32 ".", p, x->pool->held,
				x->pages.count);
		if (replace_check(x->pool, e) < 0)
			return -1;
	}
	return 0;
}
