/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Suspend and resume, status, reset, features on the bench. */
#include "flash/bench_private.h"

/* A program or erase works at t, and its part can be suspended. */
static bool suspendable(const struct nand *n, const struct nand_die *d, time_ps t)
{
	if (t >= d->array_ps || d->held_ps > 0)
		return false;
	return (d->doing == NAND_PROGRAMMING && n->cells.suspend.program) ||
		(d->doing == NAND_ERASING && n->cells.suspend.erase);
}

time_ps nand_suspend_at(const struct nand *n, uint32_t die, time_ps t)
{
	const struct nand_die *d = &n->die[die];
	const struct nand_flight *f = flight_of(n, die);
	if (!suspendable(n, d, t) || (n->cells.suspend.limit > 0 && f->suspends >= n->cells.suspend.limit))
		return TIME_PS_MAX;
	time_ps from = time_max(f->begun_ps, f->suspend_ps);
	return from < d->array_ps ? from : TIME_PS_MAX;
}

enum nand_status nand_suspend(struct nand *n, time_ps t, uint32_t die, struct nand_span *span)
{
	struct nand_die *d = &n->die[die];
	struct nand_flight *f = flight_of(n, die);
	bool erase = d->doing == NAND_ERASING;
	if (!suspendable(n, d, t))
		return NAND_WRONG_STATE;
	if (t < f->begun_ps || channel_taken(n, d, t))
		return NAND_EARLY;
	if (t < f->suspend_ps || (n->cells.suspend.limit > 0 && f->suspends >= n->cells.suspend.limit))
		return NAND_SUSPEND_LIMIT;
	enum nand_op op = erase ? NAND_OP_ERASE_SUSPEND : NAND_OP_PROGRAM_SUSPEND;
	span->bus_ps = hold(n, d, t, n->phases.hold_ps[op], 0, 0);
	time_ps ready = span->bus_ps + n->phases.busy_ps[op] +
		(erase ? n->cells.suspend.erase_ps : n->cells.suspend.program_ps);
	if (d->array_ps <= ready) { /* over before the suspend acts */
		span->ready_ps = d->ready_ps = time_max(d->array_ps, span->bus_ps);
		return NAND_OK;
	}
	d->held_ps = d->array_ps - span->bus_ps;
	d->doing = NAND_SUSPENDING;
	f->suspends++;
	f->end_ps = TIME_PS_MAX;
	span->ready_ps = d->ready_ps = d->array_ps = ready;
	n->counts.suspends++;
	return NAND_OK;
}

enum nand_status nand_resume(struct nand *n, time_ps t, uint32_t die, struct nand_span *span)
{
	struct nand_die *d = &n->die[die];
	struct nand_flight *f = flight_of(n, die);
	if (t < array_takes(d) || channel_taken(n, d, t))
		return NAND_EARLY;
	if (d->held_ps == 0)
		return NAND_WRONG_STATE;
	bool erase = f->work == NAND_WORK_ERASE;
	enum nand_op op = erase ? NAND_OP_ERASE_RESUME : NAND_OP_PROGRAM_RESUME;
	span->bus_ps = hold(n, d, t, n->phases.hold_ps[op], 0, 0);
	f->begun_ps = span->bus_ps + n->phases.busy_ps[op];
	d->array_ps = f->begun_ps + n->cells.suspend.resume_ps + d->held_ps;
	f->suspend_ps = f->begun_ps + n->cells.suspend.interval_ps;
	d->held_ps = 0;
	d->planes = d->coming = d->given = d->copyback = 0;
	d->doing = erase ? NAND_ERASING : NAND_PROGRAMMING;
	d->work_ps[f->work] += n->cells.suspend.resume_ps;
	f->whole_ps += n->cells.suspend.resume_ps;
	f->end_ps = d->array_ps;
	span->ready_ps = d->ready_ps = d->array_ps;
	return NAND_OK;
}

enum nand_status nand_status_read(struct nand *n, time_ps t, uint32_t die, struct nand_span *span)
{
	struct nand_die *d = &n->die[die];
	if (channel_taken(n, d, t))
		return NAND_EARLY;
	span->bus_ps = hold(n, d, t, n->phases.status_ps, 0, 0);
	n->channel[d->channel].quiet_ps = span->bus_ps;
	span->ready_ps = d->ready_ps;
	return NAND_OK;
}

/* tRST goes by what is given up. */
static time_ps reset_ps(const struct nand_bus_times *r, enum nand_state state, bool erase)
{
	switch (state) {
	case NAND_READING:
	case NAND_CACHE_READING:
		return r->rst_read_ps;
	case NAND_PROGRAMMING:
	case NAND_CACHE_PROGRAMMING:
	case NAND_SUSPENDED_PROGRAM:
		return r->rst_program_ps;
	case NAND_ERASING:
	case NAND_SUSPENDED_ERASE:
		return r->rst_erase_ps;
	case NAND_SUSPENDING:
		return erase ? r->rst_erase_ps : r->rst_program_ps;
	default:
		return r->rst_idle_ps;
	}
}

enum nand_status nand_reset(struct nand *n, time_ps t, uint32_t die, struct nand_span *span)
{
	struct nand_die *d = &n->die[die];
	if (channel_taken(n, d, t))
		return NAND_EARLY;
	bool erase = flight_of(n, die)->work == NAND_WORK_ERASE;
	time_ps busy = reset_ps(&n->bus.t, nand_die_state(n, die, t), erase);
	if (d->held_ps > 0)
		busy = time_max(busy, erase ? n->bus.t.rst_erase_ps : n->bus.t.rst_program_ps);
	span->bus_ps = hold(n, d, t, n->phases.hold_ps[NAND_OP_RESET], 0, 0);
	for (uint32_t k = 0; k < 2; k++) {
		struct nand_flight *f = &n->flight[2 * die + k];
		if (f->given_up || f->planes == 0 || f->end_ps <= span->bus_ps)
			continue;
		d->work_ps[f->work] -= f->end_ps == TIME_PS_MAX ? d->held_ps : time_min(f->whole_ps, f->end_ps - span->bus_ps);
		f->end_ps = span->bus_ps;
		f->given_up = true;
	}
	if ((d->doing == NAND_READING || d->doing == NAND_CACHE_READING) && d->array_ps > span->bus_ps)
		d->work_ps[NAND_WORK_READ] -= time_min(d->array_ps - span->bus_ps,
			nand_read_array_ps(n, nand_ppa_page(&n->geom, n->sense[die].page[0]),
				nand_block_of(n, n->sense[die].page[0])->slc));
	d->held_ps = 0;
	d->planes = d->coming = d->given = d->copyback = 0;
	d->doing = NAND_BUSY_OTHER;
	span->ready_ps = d->ready_ps = d->array_ps = span->bus_ps + n->phases.busy_ps[NAND_OP_RESET] + busy;
	n->counts.resets++;
	return NAND_OK;
}

static enum nand_status features(struct nand *n, time_ps t, uint32_t die, bool set, struct nand_span *span)
{
	struct nand_die *d = &n->die[die];
	if (t < array_takes(d) || channel_taken(n, d, t))
		return NAND_EARLY;
	if (d->held_ps > 0)
		return NAND_WRONG_STATE;
	time_ps data = nand_bus_transfer(&n->bus, 4);
	d->planes = d->coming = d->given = d->copyback = 0;
	d->doing = NAND_BUSY_OTHER;
	if (set) {
		span->bus_ps = hold(n, d, t, n->phases.hold_ps[NAND_OP_SET_FEATURES], data, 0);
		d->ready_ps = span->bus_ps + n->phases.busy_ps[NAND_OP_SET_FEATURES];
	} else { /* the channel waits for the four bytes */
		span->bus_ps = hold(n, d, t, n->phases.hold_ps[NAND_OP_GET_FEATURES] + n->phases.busy_ps[NAND_OP_GET_FEATURES] +
			n->phases.rr_ps, 0, data);
		n->channel[d->channel].quiet_ps = d->ready_ps = span->bus_ps;
	}
	span->ready_ps = d->array_ps = d->ready_ps;
	return NAND_OK;
}

enum nand_status nand_set_features(struct nand *n, time_ps t, uint32_t die, struct nand_span *span)
{
	return features(n, t, die, true, span);
}

enum nand_status nand_get_features(struct nand *n, time_ps t, uint32_t die, struct nand_span *span)
{
	return features(n, t, die, false, span);
}
