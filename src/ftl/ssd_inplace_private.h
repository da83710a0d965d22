/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the drive without remapping share. */
#ifndef QUERN_FTL_SSD_INPLACE_PRIVATE_H
#define QUERN_FTL_SSD_INPLACE_PRIVATE_H

#include "ftl/front.h"
#include "ftl/inplace.h"
#include "ftl/ssd_inplace.h"
#include "ftl/ssd_space.h"
#include "ftl/tsu.h"

struct place_dev;

/* A command, and what it does in each of its blocks. */
struct place_command {
	struct blk_req *req;
	uint32_t pending;          /* parts and page reads under way */
};

struct place_part {
	struct place_part *next;   /* of its block, in the order of coming */
	struct place_command *command;
	uint64_t lba;
	uint32_t sectors;
};

struct place_read {
	struct tsu_tx tx;          /* first */
	struct place_command *command;
};

/* What a block has to do; there is one where there is something. */
struct place_job {
	struct tsu_tx tx;          /* first: the update's present operation */
	struct place_part *head, *tail; /* waiting */
	struct place_part *update; /* being written */
	struct inplace_write write;
	uint64_t block;
	struct place_job *next, *prev; /* all jobs */
	uint32_t extra, extra_end; /* pages of the block that are written in part, to be read first: from, to */
	bool begun;                /* erased or programmed: what the block held is not there any more */
};

struct place_counts {
	uint64_t updates, writes;  /* a write counts in each block */
	uint64_t host_pages;       /* programmed with data of the host, in part or whole */
	uint64_t power_cuts, torn_updates;
};

struct place_dev {
	struct blk_dev dev;        /* first */
	const struct ssd_spec *spec;
	struct nand *nand;
	struct tsu *tsu;
	struct front *front;
	struct inplace map;
	struct place_job **job;    /* by block; NULL: nothing to do */
	struct place_job *jobs;
	uint32_t page_sectors;
	struct pool commands, parts, reads, job_pool;
	struct blk_list active, held;
	struct ssd_spaces spaces;
	struct event ready;
	time_ps ready_ps, busy_since_ps;
	bool off, busy;
	struct place_counts counts;
};

static inline struct place_dev *place_of(const struct blk_dev *dev) { return (struct place_dev *)(uintptr_t)dev; }
static inline time_ps now_of(const struct place_dev *d) { return d->dev.sim->now_ps; }

/* ---- ssd_inplace_state.c: as in blk_dev_ops */

int place_save(const struct blk_dev *dev, FILE *out, struct err *e);
int place_load(struct blk_dev *dev, FILE *in, struct err *e);
void place_forget(struct blk_dev *dev);
void place_report(const struct blk_dev *dev, void (*put)(void *ctx, const char *name, double value, const char *unit), void *ctx);
const char *place_table(const struct blk_dev *dev, unsigned index, FILE *out);
int place_show(struct blk_dev *dev, struct timeline *t, uint32_t group);

#endif
