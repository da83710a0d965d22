/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the accuracy programs share: one JSON line a figure, with its target and the source of
 * the target beside it.
 *
 *   {"name", "value", "target", "pass", "source"}
 *
 * A figure that needs reference data which are not there prints {"name", "skipped"} and does
 * not fail. One that is known to miss its target by a little prints {"name", "value", "target", "missed", "source"}.
 */
#ifndef QUERN_TESTS_VALID_H
#define QUERN_TESTS_VALID_H

#include <stdbool.h>
#include <stddef.h>

struct valid {
	const char *data; /* folder of the reference data, or NULL */
	unsigned passed, failed, skipped, missed;
};

/* |value - target| <= tolerance */
void valid_near(struct valid *v, const char *name, double value, double target, double tolerance,
	const char *source);
/* value <= target */
void valid_at_most(struct valid *v, const char *name, double value, double target, const char *source);
/* value >= target */
void valid_at_least(struct valid *v, const char *name, double value, double target, const char *source);
/* value <= target, which is known to be missed by up to `share` of it: then the line says "missed" and why, in place of
 * "pass". Further off it fails. */
void valid_at_most_but(struct valid *v, const char *name, double value, double target, double share, const char *why,
	const char *source);
/* |value - target| <= tolerance x target, which is known to be missed by up to `share` of the target: as above. */
void valid_near_but(struct valid *v, const char *name, double value, double target, double tolerance, double share, const char *why,
	const char *source);
void valid_skip(struct valid *v, const char *name, const char *why);
/* A figure that could not be worked out at all: fails. */
void valid_broken(struct valid *v, const char *name, const char *why);

/* The groups, each in its own file. */
void valid_sim(struct valid *v);      /* statistics: valid_sim.c */
void valid_drive(struct valid *v);    /* closed forms and the reference drive: valid_drive.c */
void valid_measured(struct valid *v); /* real disks with measured responses: valid_measured.c */
void valid_modern(struct valid *v);   /* drives of today against data sheets and measurements: valid_modern.c */
void valid_ssd_waf(struct valid *v);  /* write amplification against closed forms: valid_ssd_waf.c */
void valid_ssd_formula(struct valid *v); /* a device without remapping: valid_ssd_formula.c */
void valid_ssd_nand(struct valid *v); /* channels and dies under the transaction scheduler: valid_ssd_nand.c */
void valid_ssd_remap(struct valid *v); /* what a page write costs with remapping: valid_ssd_remap.c */
void valid_ssd_drives(struct valid *v); /* drives against data sheets and measurements: valid_ssd_drives.c */
void valid_ssd_mqsim(struct valid *v); /* the cases MQSim is known on: valid_ssd_mqsim.c */
void valid_host_machine(struct valid *v); /* what can be counted on the whole machine: valid_host_machine.c */
void valid_host_serve(struct valid *v); /* what a server copies: valid_host_machine.c */
void valid_host_rvm(struct valid *v); /* recoverable memory: valid_host_durable.c */
void valid_host_checkpoint(struct valid *v); /* checkpoints: valid_host_durable.c */
void valid_host_daly(struct valid *v); /* how often a checkpoint is best: valid_host_durable.c */
void valid_host_paging(struct valid *v); /* page replacement on strings with known faults: valid_host_paging.c */

#endif
