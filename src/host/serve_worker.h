/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A server and its workers (host/serve.h). A worker's stream gives, chunk by chunk, the acts and the pages of the buffer or of the
 * mapping that they touch; everything that takes time is the machine's, but for the link.
 */
#ifndef QUERN_HOST_SERVE_WORKER_H
#define QUERN_HOST_SERVE_WORKER_H

#include <gsl/gsl_randist.h>

#include "host/rig.h"
#include "host/serve.h"
#include "sim/hist.h"

struct serve;

struct serve_worker {
	struct host_stream base; /* first */
	struct serve *serve;
	struct host_thread *thread;
	struct host_call call;
	uint64_t buffer;         /* first page; what lies at file offset o lies at o modulo the page in it */
	bool busy;               /* a request is in hand */
	bool upload;             /* it stores a file */
	size_t number;           /* of its file */
	uint64_t at, left;       /* of it, still to be sent or stored */
	uint64_t coming;         /* bytes of an upload that its client has yet to send */
	uint64_t bytes;          /* of the chunk in hand */
	bool calling;            /* its call has begun and may be waiting for room, or for an upload's data */
	time_ps asked_ps;        /* when the client asked, or will ask, for the request in hand or the next */
	time_ps over_ps;         /* when the last byte of the last request left, or its upload was answered */
	uint64_t *word;
	/* chunks on their way to the network, the oldest first; of an upload those on their way from there */
	struct { time_ps left_ps; uint64_t bytes; } *sent;
	uint32_t sent_first, sent_count, sent_room;
	uint64_t sent_bytes;
	struct event ready;      /* the processor has done with the last of them: it goes to the link; of an upload, there is room */
};

struct serve {
	const struct serve_spec *spec;
	struct sim *sim;
	struct host_rig rig;
	struct host_region region;
	uint64_t page;           /* bytes */
	struct host_span span[2]; /* the workers' buffers; files' mappings, where they are mapped */
	struct host_space *space;
	struct host_file **file;
	uint64_t *size;
	uint64_t *mapped;        /* first page of each file's mapping */
	gsl_ran_discrete_t *popularity; /* owned */
	struct rng *pick, *choose; /* files; which requests are uploads */
	struct serve_worker *worker;
	bool stopping;
	uint64_t taken, done;    /* requests */
	uint64_t uploads;        /* of those done */
	uint64_t bytes, received, copied, flipped, direct_reads;
	time_ps link_free_ps, link_busy_ps, in_free_ps, end_ps;
	struct hist latency, upload_latency;
};

/* Its buffer of so many pages, from `first` on, and its thread. 0, or -1 with *e set. */
int serve_worker_open(struct serve_worker *w, struct serve *s, uint64_t first, uint64_t pages, struct err *e);

#endif
