/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arm and spindle: where the head is, where the platter is, and when a sector comes by.
 *
 * Rotation is exact: angle(t) = (start + t x millirpm) mod ANGLE_TURN in integers, carried
 * forward from the last time it was asked, without drift. The time at which a place comes
 * under the head is rounded up to a whole ps; how far the head is past it then, the place's
 * `late` angle, is kept, so that what is counted on from there is rounded once and always
 * less than one ps past. A head that is less than one ps past a sector's start still
 * catches it: rounding never costs a revolution.
 *
 * Positioning = max(seek, head switch); a head switch counts when the head changes. On the track
 * where the head is, it is a time of its own, often 0. Before
 * a write the settle difference is added to any positioning that is not zero.
 * Nothing here moves the clock: `now` is an argument, results are times.
 */
#ifndef QUERN_DISK_MECH_H
#define QUERN_DISK_MECH_H

#include <stdbool.h>
#include <stdint.h>

#include "disk/geom.h"
#include "disk/seek.h"
#include "sim/time.h"

#define MECH_VIAS 2

struct mech {
	struct seek_curve seek;
	uint64_t millirpm;
	struct fastdiv by_millirpm;
	time_ps head_switch_ps;
	time_ps write_settle_ps;
	time_ps same_track_ps;
	const time_ps *write_extra_ps; /* by distance; NULL: none */
	/* state */
	uint32_t cylinder, head;  /* where the arm is, or is going */
	uint32_t via_count, via[MECH_VIAS]; /* where the arm passes on its way to the next access */
	time_ps ref_ps;           /* the angle was ref_angle at ref_ps */
	uint64_t ref_angle;
};

/* Where an arm is, and passes next. Whatever may be asked later how far an access had come keeps this
 * alone, since everything else of a struct mech holds for any time. */
struct mech_arm {
	uint32_t cylinder, head;
	uint32_t via_count, via[MECH_VIAS];
};

static inline struct mech_arm mech_arm_of(const struct mech *m)
{
	return (struct mech_arm){m->cylinder, m->head, m->via_count, {m->via[0], m->via[1]}};
}

/* The same mechanics with the arm there. */
static inline struct mech mech_with_arm(const struct mech *m, const struct mech_arm *arm)
{
	struct mech there = *m;
	there.cylinder = arm->cylinder;
	there.head = arm->head;
	there.via_count = arm->via_count;
	for (uint32_t i = 0; i < MECH_VIAS; i++)
		there.via[i] = arm->via[i];
	return there;
}

/* Tabulate what a curve of distances adds before writes; NULL for an empty curve. 0, or -1: no memory. */
int mech_init_write_extra(struct mech *m, struct arena *a, const struct opt_curve *curve, uint32_t cylinders);

/* Angle under the head at time t. Exact for any t. */
static inline uint64_t mech_angle(const struct mech *m, time_ps t)
{
	int64_t dt = t - m->ref_ps, turned;
	if (__builtin_expect(dt >= 0 && !__builtin_mul_overflow(dt, (int64_t)m->millirpm, &turned), 1)) {
		uint64_t angle = m->ref_angle + (uint64_t)turned % ANGLE_TURN;
		return angle >= ANGLE_TURN ? angle - ANGLE_TURN : angle;
	}
	int128 wide = ((int128)dt * (int128)m->millirpm + (int128)m->ref_angle) % (int128)ANGLE_TURN;
	return (uint64_t)(wide < 0 ? wide + (int128)ANGLE_TURN : wide);
}

/* Carry the reference forward, so that later questions stay in 64 bits. */
static inline void mech_carry(struct mech *m, time_ps t)
{
	m->ref_angle = mech_angle(m, t);
	m->ref_ps = t;
}

/* Time to turn by an angle, rounded up. */
static inline time_ps mech_turn_time(const struct mech *m, uint64_t angle)
{
	return (time_ps)fastdiv(angle + m->millirpm - 1, &m->by_millirpm);
}

/* From time t until `angle` is under the head. Agrees with mech_meet. */
static inline time_ps mech_wait(const struct mech *m, time_ps t, uint64_t angle)
{
	uint64_t at = mech_angle(m, t);
	uint64_t d = angle >= at ? angle - at : angle + ANGLE_TURN - at;
	if (d > ANGLE_TURN - m->millirpm)
		return 0; /* passed less than 1 ps ago: rounding, not a miss */
	return mech_turn_time(m, d);
}

/* The time, at or after t, when `at` is under the head, at which `angle` is under it; the head is then *late
 * past it, less than one ps. */
static inline time_ps mech_meet_from(const struct mech *m, time_ps t, uint64_t at, uint64_t angle, uint64_t *late)
{
	uint64_t d = angle >= at ? angle - at : angle + ANGLE_TURN - at;
	if (d > ANGLE_TURN - m->millirpm) {
		*late = ANGLE_TURN - d;
		return t;
	}
	time_ps wait = mech_turn_time(m, d);
	*late = (uint64_t)wait * m->millirpm - d;
	return time_add(t, wait);
}

static inline time_ps mech_meet(const struct mech *m, time_ps t, uint64_t angle, uint64_t *late)
{
	return mech_meet_from(m, t, mech_angle(m, t), angle, late);
}

/* Seek, head switch and settle from one track to another. */
static inline time_ps mech_position_time(const struct mech *m, uint32_t from_cylinder,
	uint32_t from_head, uint32_t cylinder, uint32_t head, bool write)
{
	if (cylinder == from_cylinder && head == from_head)
		return m->same_track_ps;
	time_ps t = seek_time(&m->seek, from_cylinder, cylinder);
	if (head != from_head && m->head_switch_ps > t)
		t = m->head_switch_ps;
	if (write && t > 0) {
		t += m->write_settle_ps;
		if (m->write_extra_ps)
			t += m->write_extra_ps[from_cylinder > cylinder ? from_cylinder - cylinder : cylinder - from_cylinder];
		return t > 0 ? t : 0;
	}
	return t;
}

/* The next access takes the arm to these cylinders first, and pays for it. count <= MECH_VIAS. */
static inline void mech_go_via(struct mech *m, const uint32_t *via, uint32_t count)
{
	m->via_count = count;
	for (uint32_t i = 0; i < count; i++)
		m->via[i] = via[i];
}

/* The part of a request that lies on one track. */
struct mech_run {
	struct geom_track track;
	uint64_t lbn;             /* first LBN */
	uint32_t sectors;         /* LBNs of the run */
	uint32_t first_sector;    /* physical, of lbn */
	uint32_t end_sector;      /* physical, one past the last */
	uint32_t distance;        /* cylinders that the arm went for it */
	time_ps position_ps;      /* seek, switch and settle before it */
	time_ps settled_ps;       /* when the head is on the track, ... */
	uint64_t settled_angle;   /* ... and the angle that is under it then */
	time_ps begin_ps;         /* first sector's start under the head */
	time_ps end_ps;           /* last sector's end under the head */
	uint64_t begin_late;      /* how far the head is past these places at these times, */
	uint64_t end_late;        /* as angles below one ps */
};

/*
 * Access up to `sectors` LBNs from `lbn`, as far as the track goes, with the arm free at
 * `t`: fills *run and moves the arm there. Returns the LBNs covered.
 */
uint32_t mech_access(struct mech *m, const struct geom *g, uint64_t lbn, uint32_t sectors,
	time_ps t, bool write, struct mech_run *run);

/* Set when the run begins and ends, for a head that is ready on its track at time t. */
void mech_meet_run(const struct mech *m, struct mech_run *run, time_ps t);

/* Time until `count` <= spt sectors have passed whole, from when the head is `late` past the start of
 * `from_sector`; the run may go past the track's end and on at its beginning. */
static inline time_ps mech_pass_time(const struct mech *m, const struct geom_track *t, uint32_t from_sector,
	uint64_t late, uint32_t count)
{
	uint64_t angle = geom_into(t->zone, from_sector + count) - geom_into(t->zone, from_sector);
	return count > 0 ? mech_turn_time(m, angle - late) : 0;
}

/* Sectors that have passed whole after `elapsed` from when the head is `late` past the start of
 * `from_sector`, at most spt. Agrees with mech_pass_time: pass_time(k) <= elapsed exactly for
 * the k <= result. */
uint32_t mech_passed(const struct mech *m, const struct geom_track *t, uint32_t from_sector,
	uint64_t late, time_ps elapsed);

/* The first sector whose start the head meets at or after time t, and when. */
uint32_t mech_next_sector(const struct mech *m, const struct geom_track *t, time_ps now, time_ps *at,
	uint64_t *late);
/* The same for where the head settles for a run. */
uint32_t mech_landing(const struct mech *m, const struct mech_run *run, time_ps *at, uint64_t *late);

#endif
