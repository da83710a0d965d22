/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a command's first sector could be under the head: what schedulers by time go by. */
#ifndef QUERN_DISK_SCHED_TIME_H
#define QUERN_DISK_SCHED_TIME_H

#include "disk/sched.h"

/* The spindle at a view's time, from which waits are worked out. */
struct sched_spindle {
	uint64_t angle, millirpm;
	time_ps now_ps;
	uint64_t horizon_ps; /* for so long the angle turned by fits 64 bits */
};

static inline struct sched_spindle sched_spindle(const struct disk_view *v)
{
	const struct mech *m = v->mech;
	return (struct sched_spindle){mech_angle(m, v->now_ps), m->millirpm, v->now_ps,
		(UINT64_MAX - 2 * ANGLE_TURN) / m->millirpm};
}

/* mech_wait() with less work, for times at or after the view's. */
static inline time_ps sched_spindle_wait(const struct sched_spindle *k, const struct mech *m, time_ps t, uint64_t angle)
{
	uint64_t dt = (uint64_t)(t - k->now_ps);
	if (__builtin_expect(dt > k->horizon_ps, 0))
		return mech_wait(m, t, angle);
	uint64_t past = (k->angle + ANGLE_TURN - angle + dt * k->millirpm) % ANGLE_TURN; /* the place, by so much */
	return past < k->millirpm ? 0 : mech_turn_time(m, ANGLE_TURN - past);
}

/* When the arm could be ready on the command's track. Without knowledge of heads: by the seek alone. */
static inline time_ps sched_settled(const struct disk_view *v, const struct disk_candidate *c)
{
	const struct mech *m = v->mech;
	return time_add(v->begin_ps[c->write], mech_position_time(m, v->cylinder, v->head, c->cylinder, c->head, c->write));
}

/* Then the wait for its first sector; half a turn is expected where angles are not known. */
static inline time_ps sched_wait(const struct disk_view *v, const struct disk_candidate *c, time_ps settled)
{
	return v->knows_angle ? mech_wait(v->mech, settled, c->angle) : mech_turn_time(v->mech, ANGLE_TURN / 2);
}

static inline time_ps sched_ready(const struct disk_view *v, const struct disk_candidate *c)
{
	time_ps at = sched_settled(v, c);
	return time_add(at, sched_wait(v, c, at));
}

#endif
