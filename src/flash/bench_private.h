/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the bench share: when a die takes what, and holding the channel. */
#ifndef QUERN_FLASH_BENCH_PRIVATE_H
#define QUERN_FLASH_BENCH_PRIVATE_H

#include "flash/bench.h"

/* The die takes an operation that needs the array from here on. */
static inline time_ps array_takes(const struct nand_die *d) { return time_max(d->ready_ps, d->array_ps); }

/* The same of a program, whose data may come while a cache program works. */
static inline time_ps program_takes(const struct nand_die *d)
{
	return d->doing == NAND_CACHE_PROGRAMMING ? d->ready_ps : array_takes(d);
}

static inline bool channel_taken(const struct nand *n, const struct nand_die *d, time_ps t)
{
	return t < nand_channel_free(n, d->channel);
}

/* Hold the channel from t for cycles and then data; returns its end. */
static inline time_ps hold(struct nand *n, const struct nand_die *d, time_ps t, time_ps cycles, time_ps in, time_ps out)
{
	struct nand_channel *c = &n->channel[d->channel];
	c->command_ps += cycles;
	c->in_ps += in;
	c->out_ps += out;
	c->free_ps = t + cycles + in + out;
	if (__builtin_expect(n->log != NULL, 0)) {
		nand_log_add(n->log, false, d->channel, "command", t, t + cycles, NULL);
		nand_log_add(n->log, false, d->channel, in > 0 ? "data in" : "data out", t + cycles, c->free_ps, NULL);
	}
	return c->free_ps;
}

static inline struct nand_flight *flight_of(const struct nand *n, uint32_t die)
{
	return &n->flight[2 * die + n->die[die].last];
}

#endif
