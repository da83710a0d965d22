/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared by the files of the phase stage: calibrate_phase.c, calibrate_offset.c. */
#ifndef QUERN_RUN_CALIBRATE_PHASE_H
#define QUERN_RUN_CALIBRATE_PHASE_H

#include "run/calibrate_private.h"

#define LAGS 6            /* pairs reach so many accesses back */
#define FEW 30            /* pairs below which a zone keeps what it has */
#define TAU 6.283185307179586

struct calibrate_turn {
	double a, b, o; /* turns: track to track, cylinder to cylinder, first sector */
};

struct calibrate_pair {
	const struct calibrate_anchor *i, *j;
	double turn, gap; /* measured angle less the sectors' own; turns between them */
};

struct calibrate_phase {
	struct calibration *c;
	const struct geom *g;
	struct calibrate_turn *zone;
	struct calibrate_pair *pair; /* in the order of their second accesses */
	size_t pairs;
	double speed;     /* relative error of the spindle */
	/* what a search looks at */
	uint32_t only;    /* this zone, or UINT32_MAX: pairs inside any one */
	uint32_t reach;   /* most cylinders between */
	bool shared;      /* the searched a, b stand for all zones */
};

/* Angle of a place's track against its zone's first, and the zone's offset. */
static inline double calibrate_place_turn(const struct calibrate_turn *z, const struct calibrate_anchor *p)
{
	return z->o + p->position * z->a + p->cylinder * z->b;
}

/* Mean cosine of what is left of pairs [from, to), across zones too. */
double calibrate_coherence(const struct calibrate_phase *p, size_t from, size_t to);
/* Zone offsets from pairs across zones. */
int calibrate_offsets(struct calibrate_phase *p, struct err *e);
/* Where phase is lost inside zones (tracks slipped that the spec does not know), cut them into pieces
 * with an offset each; changes the spec's zones. */
int calibrate_pieces(struct calibrate_phase *p, struct err *e);

#endif
