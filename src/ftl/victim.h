/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which full block garbage collection takes next. One table (victim_list.h); a new policy is one function and one line
 * there, and, in a file of its own, one word in Makefile.am. One indirect call for each victim.
 *
 * A policy sees the full blocks of one region in the index its row asks for (blocks.h). Sources: greedy and FIFO:
 * Desnoyers, SYSTOR 2012; windowed greedy: Hu et al., SYSTOR 2009; cost-benefit: Kawaguchi, Nishioka & Motoda, USENIX
 * 1995, after Rosenblum & Ousterhout 1992; cost-age-times: Chiang & Chang, J. Systems and Software 48, 1999; d-choices:
 * Van Houdt, SIGMETRICS 2013, and as RGA Li, Lee & Lui, SIGMETRICS 2013; random+ and random++: as in MQSim (FAST 2018).
 */
#ifndef QUERN_FTL_VICTIM_H
#define QUERN_FTL_VICTIM_H

#include "ftl/blocks.h"
#include "ftl/spec.h"
#include "sim/rng.h"

struct victim_view {
	const struct ftl_blocks *blocks;
	uint32_t region;
	uint64_t now;                 /* host writes so far */
	const struct ftl_gc_spec *gc; /* the policies' figures */
	struct rng *rng;              /* of garbage collection */
};

struct ftl_victim {
	const char *name;
	const char *doc;       /* what it does, and the cost of a choice */
	enum ftl_index index;
	/* A full block of the region, which has at least one. It may be one without an invalid unit. */
	uint32_t (*pick)(const struct victim_view *v);
};

#define VICTIM(symbol, name, index, doc) uint32_t ftl_victim_##symbol(const struct victim_view *v);
#include "ftl/victim_list.h"
#undef VICTIM

extern const struct ftl_victim *const ftl_victims[];  /* NULL-terminated */
extern const struct opt_choice ftl_victim_choices[];  /* the same names, for the option row */

#endif
