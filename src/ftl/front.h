/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The front of a solid-state drive: how commands get to the controller, and data and completions back.
 *
 * A request's course. front_submit(): it waits in a queue of the host until the front lets it in, is fetched, passes a
 * firmware core, and is given to client.command() from an event; its key is 0 there where no other command can come behind it
 * at the same instant. Then it is the device's: its event, links, key and device_private are free for use. Data of a
 * write come by front_take(); data of a read go by front_give(), or all at once with front_finish(), which ends the request: it
 * comes back to the front, which calls client.leaving() and blk_complete() at the time the host sees the completion, and only then
 * lets in who waits. A request costs one event to get in and one to complete.
 *
 * Links (PCIe: one each way; SATA: one for both) are handed out in the order in which they are asked for, from the time of
 * asking, without gaps. Small packets (commands, entries) take their time from the link when they are asked for.
 *
 * Within a request: start_ps is when the front began to bring it in, overhead_ps gets what passes until
 * command(), bus_ps the time of its data on the link.
 *
 * With namespaces each has queue pairs of its own where the options say so; all else is shared, and nothing else here knows of
 * them.
 * Owner: the arena; no allocation after front_open(). Times: ps. Bytes: of data, as the host sees it.
 */
#ifndef QUERN_FTL_FRONT_H
#define QUERN_FTL_FRONT_H

#include <stdio.h>

#include "blk/dev.h"
#include "ftl/spec.h"

struct front;

struct front_client {
	/* The controller has the command. Called from an event. May call everything here but front_power_cut(). */
	void (*command)(void *ctx, struct blk_req *r);
	/* The request leaves the device now, r->status is set: just before its done(). May be NULL. */
	void (*leaving)(void *ctx, struct blk_req *r);
	/* The power goes between front_finish() and leaving(), which does not come any more. May be NULL. */
	void (*lost)(void *ctx, struct blk_req *r);
	void *ctx;
	uint32_t spaces; /* namespaces; 0: none */
};

struct front_stats {
	uint64_t commands;    /* given to the device */
	uint64_t host_waits;  /* submissions that found the host's queue full, or had to wait for a command that is not queued */
	uint64_t fetches;     /* NVMe: reads of submission queues */
	uint64_t bytes_in, bytes_out; /* data from and to the host */
	time_ps in_ps, out_ps; /* link busy from and to the host, commands and entries included; SATA: in_ps is all */
	time_ps firmware_ps;  /* cores busy, their sum */
	time_ps dram_ps;      /* busy */
};

/* What can follow a kind of front in option text. */
extern const struct opt_choice front_choices[];

/* dev: whose requests these are; spec must live as long. NULL with a sentence: no memory. name: of the section, "front". */
struct front *front_open(struct arena *a, struct sim *s, struct blk_dev *dev, const struct front_spec *spec,
	struct front_client client, const char *name, struct err *e);

/* Commands the controller looks at at once, for blk_identity.queue_depth. */
uint32_t front_depth(const struct front *f);

/* Takes over a request: from blk_dev_ops.submit. Any number of them; command() is not called inside. */
void front_submit(struct front *f, struct blk_req *r);

/* Reserves the link for write data from the host, from now on; returns when all of it is in DRAM. bytes 0: now. */
time_ps front_take(struct front *f, struct blk_req *r, uint64_t bytes);
/* Reserves the link for a part of a read's data, from now on; returns when the host has it. */
time_ps front_give(struct front *f, struct blk_req *r, uint64_t bytes);
/*
 * Ends a request: reserves the link for the rest of a read's data (0: none left) and the completion, and completes it
 * when the host sees that. The data must be in DRAM now.
 */
void front_finish(struct front *f, struct blk_req *r, enum blk_status status, uint64_t bytes_out);
/* Reserves DRAM alone, from now on, for data that do not come from or go to the host; returns when it is done. */
time_ps front_dram(struct front *f, uint64_t bytes);

/*
 * The power goes: every request that is in the front, on its way in or out, completes with BLK_POWER_LOST at the present
 * time, and the front is empty. What command() has given out and front_finish() has not got back is the device's to complete,
 * by blk_complete_at(). leaving() is not called.
 */
void front_power_cut(struct front *f);

/* Requests that wait to get in (those on their way in not counted), and those on their way in or out. */
uint32_t front_waiting(const struct front *f);
uint32_t front_moving(const struct front *f);

struct front_stats front_stats(const struct front *f);
/* The figures for blk_dev_ops.report. elapsed_ps: of the run, for shares. */
void front_report(const struct front *f, time_ps elapsed_ps,
	void (*put)(void *ctx, const char *name, double value, const char *unit), void *ctx);
/* Whose turn it is, of an idle front, as bytes; 0 or -1. */
int front_save(const struct front *f, FILE *out, struct err *e);
int front_load(struct front *f, FILE *in, struct err *e);

#endif
