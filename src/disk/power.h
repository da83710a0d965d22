/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Power: what the drive draws, which state the spindle and the heads are in, and what waking
 * them costs.
 *
 * At every instant the drive is in one mode: off, standby (spun down), spin-up, unloaded (low-power
 * idle: heads parked, platters turning) or idle (ready). Over the idle mode lie spans of work (seek,
 * read, write), told by the drive: work of a span draws its own power in place of the idle power. Hence
 *
 *     energy = sum over modes (time x power) + sum over works (time x (power - idle power)),
 *
 * exact, in integers: 1 uW for 1 ps is 1e-18 J, sums are 128 bits. The times of the modes add up
 * to the simulated time. Two arms that work at once each add their own work. (States and
 * attribution after Zedlewski, Sobti, Garg, Zheng, Krishnamurthy and Wang, "Modeling hard-disk power
 * consumption", FAST 2003.)
 *
 * There are no events: the timers (unload_after, standby_after, counted from the end of the last
 * command) are looked at when somebody asks, so the hot path is an addition. Time never goes
 * back: `now` of successive calls ascends; spans of work may lie in the future of `now`.
 *
 * Use by the drive:
 *   - before a command that needs the medium: wait = power_wake(p, now). 0: go on. Else the arm can move
 *     at now + wait and not before; the drive is then ready, in the idle mode;
 *   - a command served without the medium: power_touch(p, now, its end) restarts the timers and wakes nothing;
 *   - for all work at the medium: power_work(p, which, duration, until), until being the time at which
 *     the arm is free again; the timers run from the latest of these;
 *   - power_cut(p, now), and ready = power_restore(p, now).
 */
#ifndef QUERN_DISK_POWER_H
#define QUERN_DISK_POWER_H

#include <stdbool.h>
#include <stdio.h>

#include "disk/spec.h"
#include "sim/err.h"
#include "sim/time.h"

enum power_mode {
	POWER_OFF,
	POWER_STANDBY,
	POWER_SPIN_UP,
	POWER_UNLOADED,
	POWER_IDLE,
	POWER_MODES
};

enum power_work { POWER_SEEK, POWER_READ, POWER_WRITE, POWER_WORKS };

struct power {
	const struct disk_power_spec *spec; /* borrowed */
	time_ps spin_up_ps;            /* from standby or off to ready */
	int64_t mode_uw[POWER_MODES], work_uw[POWER_WORKS];
	bool known;                    /* the config says anything about power; else all energies are 0 */
	bool sleeps;                   /* there are timers */
	enum power_mode mode;          /* at since_ps */
	time_ps since_ps;              /* the modes' times are accounted up to here */
	time_ps spun_up_ps;            /* end of the present spin-up */
	time_ps quiet_ps;              /* the timers run from here; may lie ahead */
	int128 mode_ps[POWER_MODES];   /* up to since_ps */
	int128 work_ps[POWER_WORKS];
	uint64_t spin_ups, spin_downs; /* power cuts included */
	uint64_t loads, unloads;       /* of the heads, without those of a spin-up or spin-down */
};

/* Spinning and ready at `now`. `spin_up_ps`: from standby or power on to ready. */
void power_init(struct power *p, const struct disk_power_spec *spec, time_ps spin_up_ps, time_ps now);

/* Let the timers act up to `now` and account the time. */
void power_advance(struct power *p, time_ps now);

/* Mode at `now`, not before the last call. */
enum power_mode power_mode_at(const struct power *p, time_ps now);

/* Private: power_wake when a timer may have run out. */
time_ps power_wake_slow(struct power *p, time_ps now);

/* The medium is wanted: wake what sleeps. Returns the time from `now` until the drive is ready. */
static inline time_ps power_wake(struct power *p, time_ps now)
{
	if (__builtin_expect(p->mode == POWER_IDLE && (!p->sleeps || now <= p->quiet_ps), 1))
		return 0;
	return power_wake_slow(p, now);
}

/* `duration` of one kind of work, the arm being free again at `until`. */
static inline void power_work(struct power *p, enum power_work which, time_ps duration, time_ps until)
{
	p->work_ps[which] += duration;
	if (until > p->quiet_ps)
		p->quiet_ps = until;
}

/* Private: power_touch when there are timers. */
void power_touch_slow(struct power *p, time_ps now, time_ps until);

/* A command from now to `until`: the timers start anew at its end. They act up to `now` first, and
 * nothing is woken. */
static inline void power_touch(struct power *p, time_ps now, time_ps until)
{
	if (p->sleeps)
		power_touch_slow(p, now, until);
}

/* Whether the arm can move at `now` without waking anything. */
static inline bool power_ready(const struct power *p, time_ps now)
{
	return !p->sleeps || power_mode_at(p, now) == POWER_IDLE;
}

/* The power goes; the heads park. And it comes back: returns the time until ready. */
void power_cut(struct power *p, time_ps now);
time_ps power_restore(struct power *p, time_ps now);


/*
 * Energy of one command's mechanics: seek, rotational wait at the idle power, transfer. In pJ, rounded
 * down; what controller and bus draw is in the idle power and belongs to no command.
 */
int64_t power_command_pj(const struct power *p, time_ps seek_ps, time_ps rotation_ps, time_ps transfer_ps,
	bool write);

/* Joules up to since_ps, with all work told so far; and its summands. */
double power_energy_j(const struct power *p);
double power_mode_j(const struct power *p, enum power_mode m);
double power_work_j(const struct power *p, enum power_work w); /* above the idle power */
const char *power_mode_name(enum power_mode m);
const char *power_work_name(enum power_work w);

/* For the device's summary, and its table "power": state,time_s,power_w,energy_j. */
void power_report(const struct power *p, time_ps now,
	void (*put)(void *ctx, const char *name, double value, const char *unit), void *ctx);
void power_table(const struct power *p, time_ps now, FILE *out);

/* Energy, times and counts begin anew. */
void power_forget(struct power *p);

/* As bytes, times relative to `now`; load into a struct that power_init filled. 0 or -1. */
int power_save(const struct power *p, time_ps now, FILE *out, struct err *e);
int power_load(struct power *p, time_ps now, FILE *in, struct err *e);

#endif
