/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Power: modes, timers and energy, worked out when somebody asks. */
#include "disk/power.h"

#include <string.h>

#include "blk/dev.h"

/* ---- modes --------------------------------------------------------------------------------------------- */

void power_init(struct power *p, const struct disk_power_spec *s, time_ps spin_up_ps, time_ps now)
{
	*p = (struct power){
		.spec = s,
		.spin_up_ps = spin_up_ps,
		.mode = POWER_IDLE,
		.since_ps = now,
		.spun_up_ps = now,
		.quiet_ps = now,
	};
	p->mode_uw[POWER_STANDBY] = s->standby_uw;
	p->mode_uw[POWER_SPIN_UP] = s->spin_up_uw > 0 ? s->spin_up_uw : s->idle_uw;
	p->mode_uw[POWER_UNLOADED] = s->unloaded_uw > 0 ? s->unloaded_uw : s->idle_uw;
	p->mode_uw[POWER_IDLE] = s->idle_uw;
	p->work_uw[POWER_SEEK] = s->seek_uw > 0 ? s->seek_uw : s->idle_uw;
	p->work_uw[POWER_READ] = s->read_uw > 0 ? s->read_uw : s->idle_uw;
	p->work_uw[POWER_WRITE] = s->write_uw > 0 ? s->write_uw : s->idle_uw;
	p->sleeps = s->unload_after_ps > 0 || s->standby_after_ps > 0;
	p->known = p->sleeps;
	for (int m = 0; m < POWER_MODES; m++)
		p->known |= p->mode_uw[m] > 0;
	for (int w = 0; w < POWER_WORKS; w++)
		p->known |= p->work_uw[w] > 0;
}

/* When the mode changes by itself, if nothing happens before, and into which. */
static time_ps next_change(const struct power *p, enum power_mode *to)
{
	time_ps unload = p->mode == POWER_IDLE && p->spec->unload_after_ps > 0 ?
		time_add(p->quiet_ps, p->spec->unload_after_ps) : TIME_PS_MAX;
	time_ps standby = (p->mode == POWER_IDLE || p->mode == POWER_UNLOADED) && p->spec->standby_after_ps > 0 ?
		time_add(p->quiet_ps, p->spec->standby_after_ps) : TIME_PS_MAX;
	if (p->mode == POWER_SPIN_UP) {
		*to = POWER_IDLE;
		return p->spun_up_ps;
	}
	*to = standby <= unload ? POWER_STANDBY : POWER_UNLOADED;
	return time_min(standby, unload);
}

static void account(struct power *p, time_ps to)
{
	if (to > p->since_ps) {
		p->mode_ps[p->mode] += to - p->since_ps;
		p->since_ps = to;
	}
}

void power_advance(struct power *p, time_ps now)
{
	enum power_mode to;
	time_ps at;
	while ((at = next_change(p, &to)) <= now && at < TIME_PS_MAX) {
		account(p, at);
		p->unloads += to == POWER_UNLOADED;
		p->spin_downs += to == POWER_STANDBY;
		p->mode = to;
	}
	account(p, now);
}

enum power_mode power_mode_at(const struct power *p, time_ps now)
{
	struct power then = *p;
	power_advance(&then, now);
	return then.mode;
}

static time_ps spin_up(struct power *p, time_ps now)
{
	p->spin_ups++;
	p->mode = POWER_SPIN_UP;
	p->spun_up_ps = p->quiet_ps = time_add(now, p->spin_up_ps);
	return p->spin_up_ps;
}

time_ps power_wake_slow(struct power *p, time_ps now)
{
	power_advance(p, now);
	switch (p->mode) {
	case POWER_STANDBY:
		return spin_up(p, now);
	case POWER_SPIN_UP:
		return p->spun_up_ps - now;
	case POWER_UNLOADED:
		p->loads++;
		p->mode = POWER_IDLE;
		p->quiet_ps = time_add(now, p->spec->load_ps);
		return p->spec->load_ps;
	default:
		p->quiet_ps = time_max(p->quiet_ps, now);
		return 0;
	}
}

void power_touch_slow(struct power *p, time_ps now, time_ps until)
{
	power_advance(p, now);
	p->quiet_ps = time_max(p->quiet_ps, until);
}

void power_cut(struct power *p, time_ps now)
{
	power_advance(p, now);
	p->spin_downs += p->mode != POWER_OFF && p->mode != POWER_STANDBY;
	p->mode = POWER_OFF;
	p->quiet_ps = now;
}

time_ps power_restore(struct power *p, time_ps now)
{
	power_advance(p, now);
	return spin_up(p, now);
}

/* ---- energy ------------------------------------------------------------------------------------------------ */


int64_t power_command_pj(const struct power *p, time_ps seek_ps, time_ps rotation_ps, time_ps transfer_ps,
	bool write)
{
	int64_t transfer_uw = p->work_uw[write ? POWER_WRITE : POWER_READ];
	uint128 attojoule = (uint128)((int128)seek_ps * p->work_uw[POWER_SEEK] +
		(int128)rotation_ps * p->mode_uw[POWER_IDLE] + (int128)transfer_ps * transfer_uw);
	if (attojoule <= UINT64_MAX)
		return (int64_t)((uint64_t)attojoule / 1000000);
	return (int64_t)(attojoule / 1000000);
}

static int128 mode_aj(const struct power *p, enum power_mode m)
{
	return p->mode_ps[m] * p->mode_uw[m];
}

static int128 work_aj(const struct power *p, enum power_work w)
{
	return p->work_ps[w] * (p->work_uw[w] - p->mode_uw[POWER_IDLE]);
}

double power_mode_j(const struct power *p, enum power_mode m) { return (double)mode_aj(p, m) * 1e-18; }
double power_work_j(const struct power *p, enum power_work w) { return (double)work_aj(p, w) * 1e-18; }

double power_energy_j(const struct power *p)
{
	int128 sum = 0;
	for (int m = 0; m < POWER_MODES; m++)
		sum += mode_aj(p, (enum power_mode)m);
	for (int w = 0; w < POWER_WORKS; w++)
		sum += work_aj(p, (enum power_work)w);
	return (double)sum * 1e-18;
}

/* ---- what the drive says about it -------------------------------------------------------------------------- */

const char *power_mode_name(enum power_mode m)
{
	static const char *const names[POWER_MODES] = {
		[POWER_OFF] = "off", [POWER_STANDBY] = "standby", [POWER_SPIN_UP] = "spin_up",
		[POWER_UNLOADED] = "unloaded", [POWER_IDLE] = "idle",
	};
	return names[m];
}

const char *power_work_name(enum power_work w)
{
	static const char *const names[POWER_WORKS] = {
		[POWER_SEEK] = "seek", [POWER_READ] = "read", [POWER_WRITE] = "write",
	};
	return names[w];
}

static double total_s(const struct power *p)
{
	int128 sum = 0;
	for (int m = 0; m < POWER_MODES; m++)
		sum += p->mode_ps[m];
	return (double)sum * 1e-12;
}

void power_report(const struct power *p, time_ps now,
	void (*put)(void *ctx, const char *name, double value, const char *unit), void *ctx)
{
	struct power then = *p;
	if (!p->known)
		return;
	power_advance(&then, now);
	double seconds = total_s(&then), joules = power_energy_j(&then);
	put(ctx, "energy_j", joules, "J");
	put(ctx, "power_mean_w", seconds > 0 ? joules / seconds : 0, "W");
	put(ctx, "energy_idle_j", power_mode_j(&then, POWER_IDLE), "J");
	put(ctx, "energy_unloaded_j", power_mode_j(&then, POWER_UNLOADED), "J");
	put(ctx, "energy_standby_j", power_mode_j(&then, POWER_STANDBY), "J");
	put(ctx, "energy_spin_up_j", power_mode_j(&then, POWER_SPIN_UP), "J");
	put(ctx, "energy_seek_j", power_work_j(&then, POWER_SEEK), "J");
	put(ctx, "energy_read_j", power_work_j(&then, POWER_READ), "J");
	put(ctx, "energy_write_j", power_work_j(&then, POWER_WRITE), "J");
	put(ctx, "spin_ups", (double)then.spin_ups, "");
	put(ctx, "spin_downs", (double)then.spin_downs, "");
	put(ctx, "head_loads", (double)then.loads, "");
	put(ctx, "head_unloads", (double)then.unloads, "");
}

void power_table(const struct power *p, time_ps now, FILE *out)
{
	struct power then = *p;
	power_advance(&then, now);
	fputs("state,time_s,power_w,energy_j\n", out);
	for (int m = 0; m < POWER_MODES; m++)
		fprintf(out, "%s,%.9f,%.6f,%.9f\n", power_mode_name((enum power_mode)m), 1e-12 * (double)then.mode_ps[m],
			1e-6 * (double)then.mode_uw[m], power_mode_j(&then, (enum power_mode)m));
	for (int w = 0; w < POWER_WORKS; w++)
		fprintf(out, "%s,%.9f,%.6f,%.9f\n", power_work_name((enum power_work)w), 1e-12 * (double)then.work_ps[w],
			1e-6 * (double)(then.work_uw[w] - then.mode_uw[POWER_IDLE]), power_work_j(&then, (enum power_work)w));
}

/* ---- as bytes ------------------------------------------------------------------------------------------------ */

void power_forget(struct power *p)
{
	memset(p->mode_ps, 0, sizeof(p->mode_ps));
	memset(p->work_ps, 0, sizeof(p->work_ps));
	p->spin_ups = p->spin_downs = p->loads = p->unloads = 0;
}

struct saved_power {
	int64_t mode;
	time_ps spun_up_after, quiet_after; /* from the time of saving */
	int128 mode_ps[POWER_MODES], work_ps[POWER_WORKS];
	uint64_t spin_ups, spin_downs, loads, unloads;
};

int power_save(const struct power *p, time_ps now, FILE *out, struct err *e)
{
	struct power then = *p;
	struct saved_power x;
	power_advance(&then, now);
	memset(&x, 0, sizeof(x));
	x.mode = then.mode;
	x.spun_up_after = then.spun_up_ps - now;
	x.quiet_after = then.quiet_ps - now;
	memcpy(x.mode_ps, then.mode_ps, sizeof(x.mode_ps));
	memcpy(x.work_ps, then.work_ps, sizeof(x.work_ps));
	x.spin_ups = then.spin_ups;
	x.spin_downs = then.spin_downs;
	x.loads = then.loads;
	x.unloads = then.unloads;
	return blk_save_bytes(out, &x, sizeof(x), e);
}

int power_load(struct power *p, time_ps now, FILE *in, struct err *e)
{
	struct saved_power x;
	if (blk_load_bytes(in, &x, sizeof(x), e) < 0)
		return -1;
	if (x.mode < 0 || x.mode >= POWER_MODES)
		return err_set(e, ERR_CONFIG, "the saved state names a power mode that does not exist");
	p->mode = (enum power_mode)x.mode;
	p->since_ps = now;
	p->spun_up_ps = now + x.spun_up_after;
	p->quiet_ps = now + x.quiet_after;
	memcpy(p->mode_ps, x.mode_ps, sizeof(x.mode_ps));
	memcpy(p->work_ps, x.work_ps, sizeof(x.work_ps));
	p->spin_ups = x.spin_ups;
	p->spin_downs = x.spin_downs;
	p->loads = x.loads;
	p->unloads = x.unloads;
	return 0;
}
