/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The workload driver: takes records from a source and submits them to host queues, open
 * or closed loop, and hands each completed request to an observer.
 *
 *  open    request i is issued at its recorded arrival, whatever the device does; latency
 *          counts from that intended arrival (no coordinated omission). Lateness = submit
 *          to device minus intended arrival.
 *  think   one request outstanding: issue(i) = completion(i-1) + delay(i), the first at 0.
 *          delay(i) is recorded, or derived: arrival(i) - (arrival(i-1) + response(i-1)),
 *          not below 0; or, without responses, the gap between the arrivals.
 *  depth   `depth` requests outstanding, each completion issues the next record (after
 *          `think_ps`), recorded times unused.
 *
 * A closed loop resubmits on completion before the device chooses its next request (event
 * priorities in sim/sim.h see to it: done() runs first).
 *
 * Out-of-range addresses follow a policy: error (stop, with the trace's line), wrap (modulo
 * capacity), scale (lba * capacity / span of the trace, which the caller must know), clip
 * (shorten at the end; drop when nothing is left). Each case is counted.
 *
 * Owner: the sim arena. Requests come from a pool; outstanding open-loop requests are
 * bounded by `max_outstanding`: beyond it the run fails with ERR_LIMIT and says that the
 * device cannot keep up with the trace.
 */
#ifndef QUERN_TRACE_REPLAY_H
#define QUERN_TRACE_REPLAY_H

#include "blk/queue.h"
#include "sim/counter.h"
#include "trace/record.h"

enum replay_mode { REPLAY_OPEN, REPLAY_THINK, REPLAY_DEPTH };
enum replay_unmapped { UNMAPPED_ERROR, UNMAPPED_DROP };
enum replay_range { RANGE_ERROR, RANGE_WRAP, RANGE_SCALE, RANGE_CLIP };

extern const struct opt_choice replay_mode_choices[];  /* "open", "think", "depth" */
extern const struct opt_choice replay_range_choices[]; /* "error", "wrap", "scale", "clip" */
extern const struct opt_choice replay_unmapped_choices[]; /* "error", "drop" */

struct replay;

/* Called once for each completed request, before it returns to the pool. `rec` is the record
 * it came from (response_ps is the measured one). */
typedef void replay_observe_fn(void *ctx, const struct blk_req *r, const struct trace_record *rec);

struct replay_options {
	enum replay_mode mode;
	uint32_t depth;              /* REPLAY_DEPTH; >= 1 */
	time_ps think_ps;            /* REPLAY_DEPTH */
	enum replay_range range;
	enum replay_unmapped unmapped; /* records of a trace device that no device serves */
	uint64_t trace_span_sectors; /* RANGE_SCALE: highest end address in the trace */
	uint32_t max_outstanding;    /* 0: 1,000,000 */
	replay_observe_fn *observe;  /* may be NULL */
	void *observe_ctx;
	bool tag_writes;             /* give every write a fresh content tag */
};

struct replay_counts {
	uint64_t issued, completed;      /* kept apart from the device's and queue's counters */
	uint64_t wrapped, scaled, clipped, dropped;
	uint64_t unmapped;               /* records dropped because no device serves theirs */
	uint64_t by_status[BLK_STATUS_COUNT];
	struct tally lateness_ps;        /* open loop: submit_ps - arrive_ps */
};

/*
 * `queues[k]` serves trace device number `map[k]`; with map NULL every record goes to
 * queues[0] (devices merged). A record of a device not in the map is an error, or dropped
 * and counted (`unmapped`).
 * NULL with *e set.
 */
struct replay *replay_new(struct sim *s, struct trace_source *source,
	struct blk_queue *const *queues, const uint32_t *map, size_t count,
	const struct replay_options *o, struct err *e);

/* Schedule the first request(s) at the current time. The run ends when no event is left. */
void replay_start(struct replay *r);
/* Take no more records (Ctrl-C): what is in flight completes. */
void replay_stop(struct replay *r);

const struct replay_counts *replay_counts(const struct replay *r);
uint32_t replay_outstanding(const struct replay *r);
/* Time of the last completion. */
time_ps replay_end(const struct replay *r);

/*
 * Conservation and Little's law, from counters kept apart from each other: submitted =
 * completed + in flight in driver, queue and device alike; and, where the loop is closed
 * and drained, the time average of the queue's depth equals throughput x mean latency
 * (within 1e-9: both sides are the same integral counted two ways). 0, or -1 with the two
 * numbers in *e (ERR_CHECK).
 */
int replay_verify(const struct replay *r, struct err *e);

#endif
