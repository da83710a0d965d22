/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a command's first sector could be under the head: what schedulers by time go by. */
#ifndef QUERN_DISK_SCHED_TIME_H
#define QUERN_DISK_SCHED_TIME_H

#include "disk/sched.h"

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
