/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bench: opening it, its times and states, its figures. */
#include "flash/bench.h"

#include "flash/bench_private.h"

static const struct {
	const char *name, *text;
} status_words[NAND_STATUSES] = {
	[NAND_OK] = {"ok", "done"},
	[NAND_EARLY] = {"early", "the die or the channel is not ready yet"},
	[NAND_WRONG_STATE] = {"wrong state", "the die is in no state for this operation"},
	[NAND_NOT_ERASED] = {"not erased", "the page is programmed already"},
	[NAND_OUT_OF_ORDER] = {"out of order", "the page is not the block's next one"},
	[NAND_BAD_ADDRESS] = {"bad address", "there is no such page"},
	[NAND_BAD_PLANES] = {"bad planes", "the pages of one operation are not at one place of several planes of a die"},
	[NAND_OTHER_PLANE] = {"other plane", "copyback does not leave the plane"},
	[NAND_PARITY] = {"parity", "copyback goes from odd pages to odd pages, and from even to even"},
	[NAND_SUSPENDED] = {"suspended", "the block is under a suspended operation"},
	[NAND_SUSPEND_LIMIT] = {"suspend limit", "the operation was suspended too often, or may not be suspended yet"},
	[NAND_MODE] = {"mode", "the block is in the other mode, SLC or not"},
	[NAND_UNSUPPORTED] = {"unsupported", "the part has no such operation"},
};

const char *nand_status_name(enum nand_status s) { return status_words[s].name; }
const char *nand_status_text(enum nand_status s) { return status_words[s].text; }

const char *nand_state_name(enum nand_state s)
{
	static const char *const names[NAND_STATES] = {
		[NAND_IDLE] = "idle", [NAND_READING] = "reading", [NAND_DATA_READY] = "data ready",
		[NAND_CACHE_READING] = "cache reading", [NAND_PROGRAMMING] = "programming",
		[NAND_CACHE_PROGRAMMING] = "cache programming", [NAND_ERASING] = "erasing", [NAND_SUSPENDING] = "suspending",
		[NAND_SUSPENDED_PROGRAM] = "program suspended", [NAND_SUSPENDED_ERASE] = "erase suspended",
		[NAND_BUSY_OTHER] = "busy",
	};
	return names[s];
}

/* ---- opening ------------------------------------------------------------------------------------------ */

/* Times of whole sectors, each rounded by itself. */
static int fill_transfers(struct nand *n, struct arena *a)
{
	uint32_t sectors = n->geom.page_bytes / 512;
	time_ps *ps = arena_array(a, sectors + 1U, sizeof(*ps));
	if (ps == NULL)
		return -1;
	for (uint32_t i = 0; i <= sectors; i++)
		ps[i] = nand_transfer_slow(n, 512ULL * i);
	n->sector_ps = ps;
	return 0;
}

static int allocate(struct nand *n, struct arena *a, const struct flash_spec *s)
{
	if (nand_geom_init(&n->geom, &s->geometry, a) < 0)
		return -1;
	n->die = arena_array(a, n->geom.dies, sizeof(*n->die));
	n->channel = arena_array(a, n->geom.channels, sizeof(*n->channel));
	n->flight = arena_array(a, 2ULL * n->geom.dies, sizeof(*n->flight));
	n->sense = arena_array(a, n->geom.dies, sizeof(*n->sense));
	n->block = arena_array(a, n->geom.all_blocks, sizeof(*n->block));
	return n->die == NULL || n->channel == NULL || n->flight == NULL || n->sense == NULL || n->block == NULL ? -1 : 0;
}

struct nand *nand_open(struct arena *a, const struct flash_spec *s, struct err *e)
{
	const char *key = "";
	char why[256];
	struct nand *n = arena_alloc(a, sizeof(*n));
	if (n == NULL)
		return err_set(e, ERR_LIMIT, "No memory for the flash."), NULL;
	if (nand_geom_check(&s->geometry, &key, why, sizeof(why)) < 0 ||
	    nand_bus_init(&n->bus, &s->bus, &key, why, sizeof(why)) < 0 ||
	    nand_cells_check(s, nand_cell_bits((enum nand_cell)s->geometry.cell), &key, why, sizeof(why)) < 0)
		return err_set(e, ERR_CONFIG, "The flash cannot be as described: %s: %s.", key, why), NULL;
	if (allocate(n, a, s) < 0)
		return err_set(e, ERR_LIMIT, "No memory for the state of %lld blocks of flash.", (long long)n->geom.all_blocks), NULL;
	nand_cells_init(&n->cells, s, n->geom.bits);
	nand_phases_init(&n->phases, &n->bus);
	if (n->geom.dies_per_chip > 1)
		n->phases.status_ps = n->phases.hold_ps[NAND_OP_STATUS_ENHANCED] + nand_bus_transfer(&n->bus, 1);
	n->status = s->status;
	n->rule = (enum nand_program_rule)s->geometry.program_rule;
	n->turnaround = s->bus.turnaround;
	n->spare_num = s->bus.transfer_spare ? n->geom.spare_bytes : 0;
	for (uint32_t i = 0; i < n->geom.dies; i++)
		n->die[i].channel = (uint16_t)nand_die_channel(&n->geom, i);
	for (uint32_t i = 0; i < n->geom.channels; i++)
		n->channel[i].quiet_ps = -n->phases.rhw_ps;
	if (fill_transfers(n, a) < 0)
		return err_set(e, ERR_LIMIT, "No memory for the flash."), NULL;
	return n;
}

/* ---- time --------------------------------------------------------------------------------------------- */

time_ps nand_transfer_slow(const struct nand *n, uint64_t bytes)
{
	uint64_t spare = n->spare_num == 0 ? 0 : (bytes * n->spare_num + n->geom.page_bytes - 1) / n->geom.page_bytes;
	return nand_bus_transfer(&n->bus, bytes + spare);
}

time_ps nand_earliest(const struct nand *n, uint32_t die, enum nand_op op)
{
	const struct nand_die *d = &n->die[die];
	time_ps channel = nand_channel_free(n, d->channel);
	switch (op) {
	case NAND_OP_STATUS:
	case NAND_OP_STATUS_ENHANCED:
	case NAND_OP_RESET:
		return channel;
	case NAND_OP_PROGRAM_SUSPEND:
	case NAND_OP_ERASE_SUSPEND:
		return time_max(channel, nand_suspend_at(n, die, channel));
	case NAND_OP_READ_CACHE_RANDOM:
	case NAND_OP_READ_CACHE_NEXT:
	case NAND_OP_READ_CACHE_END:
	case NAND_OP_DATA_OUT:
	case NAND_OP_COLUMN_OUT:
	case NAND_OP_PLANE_OUT:
		return time_max(channel, d->ready_ps);
	case NAND_OP_PROGRAM:
	case NAND_OP_PROGRAM_PLANE:
	case NAND_OP_PROGRAM_CACHE:
	case NAND_OP_COLUMN_IN:
		return time_max(channel, program_takes(d));
	default:
		return time_max(channel, array_takes(d));
	}
}

enum nand_state nand_die_state(const struct nand *n, uint32_t die, time_ps t)
{
	const struct nand_die *d = &n->die[die];
	enum nand_state doing = (enum nand_state)d->doing;
	if (t < d->ready_ps && d->given == 0) {
		bool cache = doing == NAND_CACHE_READING || doing == NAND_CACHE_PROGRAMMING;
		return !cache ? doing : doing == NAND_CACHE_READING ? NAND_READING : NAND_PROGRAMMING;
	}
	if (t < d->array_ps)
		return doing;
	if (d->planes > 0 && (doing == NAND_READING || doing == NAND_CACHE_READING))
		return NAND_DATA_READY;
	if (d->held_ps > 0)
		return flight_of(n, die)->work == NAND_WORK_ERASE ? NAND_SUSPENDED_ERASE : NAND_SUSPENDED_PROGRAM;
	return NAND_IDLE;
}

time_ps nand_seen_ps(const struct nand *n, time_ps from, time_ps ready, uint64_t *polls)
{
	uint64_t count = n->status.how == NAND_STATUS_POLLED;
	time_ps seen = ready, interval = n->status.interval_ps;
	if (count > 0 && interval > 0 && ready > from) {
		count = (uint64_t)((ready - from + interval - 1) / interval);
		seen = from + (time_ps)count * interval;
	}
	if (polls != NULL)
		*polls = count;
	return seen;
}

/* ---- power cuts ---------------------------------------------------------------------------------------- */

/* Work that was done of `whole` at t, in 1/2^32. */
static uint32_t share_done(const struct nand_flight *f, time_ps left)
{
	uint128 done = (uint128)(uint64_t)time_max(0, f->whole_ps - left) << 32;
	done = f->whole_ps > 0 ? done / (uint64_t)f->whole_ps : 0;
	return done > UINT32_MAX ? UINT32_MAX : (uint32_t)done;
}

void nand_power_cut(struct nand *n, time_ps t,
	void (*torn)(void *ctx, enum nand_work work, nand_ppa page, uint32_t share_done), void *ctx)
{
	for (uint32_t i = 0; i < n->geom.dies; i++) {
		struct nand_die *d = &n->die[i];
		for (uint32_t k = 0; k < 2; k++) {
			struct nand_flight *f = &n->flight[2 * i + (d->last ^ 1U ^ k)]; /* the older first */
			if (f->given_up || f->end_ps <= t || f->planes == 0)
				continue;
			time_ps left = f->end_ps == TIME_PS_MAX ? d->held_ps : time_min(f->whole_ps, f->end_ps - t);
			for (uint32_t j = 0; j < (uint32_t)f->planes * f->each; j++)
				torn(ctx, (enum nand_work)f->work, f->page[j % f->planes] + j / f->planes, share_done(f, left));
			d->work_ps[f->work] -= left;
			f->given_up = true;
			f->end_ps = t;
		}
		*d = (struct nand_die){.channel = d->channel, .ready_ps = t, .array_ps = t, .last = d->last,
			.work_ps = {d->work_ps[0], d->work_ps[1], d->work_ps[2]}};
	}
	for (uint32_t i = 0; i < n->geom.channels; i++) {
		n->channel[i].free_ps = time_min(n->channel[i].free_ps, t);
		n->channel[i].quiet_ps = time_min(n->channel[i].quiet_ps, t);
	}
}

/* ---- figures ------------------------------------------------------------------------------------------- */

int64_t nand_work_ps(const struct nand *n, enum nand_work work)
{
	int64_t sum = 0;
	for (uint32_t i = 0; i < n->geom.dies; i++)
		sum += n->die[i].work_ps[work];
	return sum;
}

static double joules(int64_t uw, double ps) { return 1e-18 * (double)uw * ps; }

void nand_energy_used(const struct nand *n, time_ps now, struct nand_energy *out)
{
	double in = 0, o = 0;
	for (uint32_t i = 0; i < n->geom.channels; i++) {
		in += (double)n->channel[i].command_ps + (double)n->channel[i].in_ps;
		o += (double)n->channel[i].out_ps;
	}
	*out = (struct nand_energy){
		.read_j = joules(n->cells.work_uw[NAND_WORK_READ], (double)nand_work_ps(n, NAND_WORK_READ)),
		.program_j = joules(n->cells.work_uw[NAND_WORK_PROGRAM], (double)nand_work_ps(n, NAND_WORK_PROGRAM)),
		.erase_j = joules(n->cells.work_uw[NAND_WORK_ERASE], (double)nand_work_ps(n, NAND_WORK_ERASE)),
		.bus_in_j = joules(n->cells.bus_in_uw, in),
		.bus_out_j = joules(n->cells.bus_out_uw, o),
		.standby_j = joules(n->cells.standby_uw, (double)now * n->geom.dies),
	};
}
