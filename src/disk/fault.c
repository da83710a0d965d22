/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an access meets on a medium that is not perfect: sectors that have gone bad
 * (disk/defects.h), and soft errors, which a read gets over by trying again for some turns.
 */
#include "disk/disk_private.h"

#include <stdio.h>
#include <string.h>

#include "sim/rng.h"

int disk_fault_open(struct disk *d, struct err *e)
{
	const struct disk_defects_spec *o = &d->spec->defects;
	struct sim *s = d->dev.sim;
	uint64_t sectors = d->unit[d->units - 1].end_lbn;
	for (uint32_t i = 0; i < d->units; i++) {
		struct disk_unit *u = &d->unit[i];
		char path[256];
		if (defects_init(&u->defects, s->arena, o, u->geom, sectors, s->seed, d->dev.name, e) < 0)
			return -1;
		snprintf(path, sizeof(path), "%.200s/soft-errors/%u", d->dev.name, i);
		u->soft_errors = o->soft_error_rate > 0 ? rng_new(s->arena, s->seed, path) : NULL;
		if (o->soft_error_rate > 0 && !u->soft_errors)
			return err_set(e, ERR_LIMIT, "no memory for disk %s", d->dev.name);
		u->faulty = u->defects.room > 0 || u->soft_errors;
	}
	return 0;
}

/* ---- reads -------------------------------------------------------------------------------------- */

/* Whole turns, rounded up once. */
static time_ps turns(const struct disk_unit *u, uint64_t count)
{
	uint64_t millirpm = u->mech.millirpm;
	return (time_ps)(((uint128)count * ANGLE_TURN + millirpm - 1) / millirpm);
}

time_ps disk_read_faults(struct disk_unit *u, uint64_t lbn, uint32_t *n)
{
	time_ps now = u->disk->dev.sim->now_ps;
	struct defects_found found = {.good = *n};
	if (defects_due(&u->defects, now))
		defects_check(&u->defects, u->geom, lbn, *n, false, now, &found);
	if (found.good < *n) {
		u->read_failed = true;
		*n = found.good + 1;
	}
	return turns(u, found.turns);
}

time_ps disk_soft_error(struct disk_unit *u)
{
	const struct disk_defects_spec *o = &u->disk->spec->defects;
	if (!u->soft_errors || rng_unit(u->soft_errors) >= o->soft_error_rate)
		return 0;
	u->soft_error_count++;
	return turns(u, (uint64_t)o->soft_error_turns);
}

uint64_t disk_bad_from(const struct disk_unit *u, uint64_t lbn, uint64_t end)
{
	time_ps now = u->disk->dev.sim->now_ps;
	return defects_due(&u->defects, now) ? defects_first(&u->defects, lbn, end, now) : end;
}

/* ---- writes ------------------------------------------------------------------------------------- */

/* From `good` on, the job's data have no place: the medium is not told of them. */
static void lose(struct disk_write_job *w, uint32_t good)
{
	w->lost = w->sectors - good;
	w->void_lo = w->lbn + good;
	w->void_hi = w->lbn + w->sectors;
}

/* On a drive-managed disk, what a step fails to read or write is of some host's address: all of the job is lost. */
static void check_steps(struct disk_unit *u, time_ps now)
{
	struct disk_write_job *w = &u->write;
	struct defects_found found;
	for (uint32_t i = 0; i < w->steps; i++) {
		const struct smr_step *s = &w->step[i];
		defects_check(&u->defects, u->geom, s->lbn, s->sectors, s->kind != SMR_STEP_READ, now, &found);
		if (found.good == s->sectors)
			continue;
		if (w->clean)
			u->lost_writes += s->sectors - found.good;
		else
			lose(w, 0);
	}
}

void disk_write_faults(struct disk_unit *u)
{
	struct disk_write_job *w = &u->write;
	time_ps now = u->disk->dev.sim->now_ps;
	struct defects_found found;
	if (!defects_due(&u->defects, now))
		return;
	if (w->steps > 0) {
		check_steps(u, now);
	} else {
		defects_check(&u->defects, u->geom, w->lbn, w->sectors, true, now, &found);
		if (found.good < w->sectors)
			lose(w, found.good);
	}
	if (w->held) /* acknowledged: nobody can be told any more */
		u->lost_writes += w->lost;
}

/* ---- state as bytes ----------------------------------------------------------------------------- */

struct saved_faults {
	uint64_t soft_errors, lost_writes;
	unsigned char stream[64];
};

int disk_fault_save(const struct disk_unit *u, FILE *out, struct err *e)
{
	struct saved_faults x;
	if (!u->faulty)
		return 0;
	memset(&x, 0, sizeof(x));
	x.soft_errors = u->soft_error_count;
	x.lost_writes = u->lost_writes;
	if (u->soft_errors)
		rng_save(u->soft_errors, x.stream);
	return blk_save_bytes(out, &x, sizeof(x), e) < 0 ? -1 :
		defects_save(&u->defects, u->geom, u->disk->dev.sim->now_ps, out, e);
}

int disk_fault_load(struct disk_unit *u, FILE *in, struct err *e)
{
	struct saved_faults x;
	if (!u->faulty)
		return 0;
	if (blk_load_bytes(in, &x, sizeof(x), e) < 0)
		return -1;
	u->soft_error_count = x.soft_errors;
	u->lost_writes = x.lost_writes;
	if (u->soft_errors)
		rng_load(u->soft_errors, x.stream);
	return defects_load(&u->defects, u->geom, u->disk->dev.sim->now_ps, in, e);
}
