/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of bus timing, and the bus that options make of one. */
#include "flash/timing.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/units.h"

#define NS(x) ((int64_t)((x) * 1000))
#define TIMES(wc, cad, adl, wb, rr, ccs, rhw, whr, rpre, rpst, wpre, wpst) \
	{NS(wc), NS(cad), NS(adl), NS(wb), NS(rr), NS(ccs), NS(rhw), NS(whr), NS(rpre), NS(rpst), NS(wpre), NS(wpst), \
		.dbsy_ps = NS(500), .cbsy_ps = NS(3000), .rcbsy_ps = NS(3000), .feat_ps = NS(1000), \
		.rst_idle_ps = NS(5000), .rst_read_ps = NS(5000), .rst_program_ps = NS(10000), .rst_erase_ps = NS(500000)}
#define MODE(interface, mode, num, den, times, source) \
	{NAND_##interface, mode, UINT64_C(1000000) * (num), den, times, source},

const struct nand_timing nand_timings[] = {
#include "flash/timing_modes.h"
};
#undef MODE
const size_t nand_timing_count = sizeof(nand_timings) / sizeof(nand_timings[0]);

const struct nand_rate nand_rates[] = {
	{29, 200, 7}, {33, 100, 3}, {66, 200, 3}, {67, 200, 3}, {133, 400, 3}, {166, 500, 3}, {167, 500, 3},
	{266, 800, 3}, {267, 800, 3}, {333, 1000, 3}, {533, 1600, 3}, {667, 2000, 3}, {933, 2800, 3}, {1066, 3200, 3},
	{1067, 3200, 3}, {1333, 4000, 3},
};
const size_t nand_rate_count = sizeof(nand_rates) / sizeof(nand_rates[0]);

static const char *const interface_names[] = {
#define INTERFACE(symbol, name, text) name,
#include "flash/timing_list.h"
#undef INTERFACE
};

void nand_rate_exact(double transfers_per_second, uint64_t *num, uint64_t *den)
{
	for (size_t i = 0; i < nand_rate_count; i++)
		if (fabs(transfers_per_second - 1e6 * nand_rates[i].nominal_mts) < 0.5) {
			*num = UINT64_C(1000000) * nand_rates[i].num_mts;
			*den = nand_rates[i].den;
			return;
		}
	double whole = floor(transfers_per_second);
	*den = whole < transfers_per_second ? 1000000 : 1;
	*num = (uint64_t)(*den == 1 ? whole : round(transfers_per_second * 1e6));
}

/* a / b >= c / d */
static bool at_least(uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	return (uint128)a * d >= (uint128)c * b;
}

const struct nand_timing *nand_timing_find(enum nand_interface interface, uint64_t num, uint64_t den)
{
	for (size_t i = 0; i < nand_timing_count; i++)
		if (nand_timings[i].interface == interface && at_least(nand_timings[i].rate_num, nand_timings[i].rate_den, num, den))
			return &nand_timings[i];
	return NULL;
}

const struct nand_timing *nand_timing_mode(enum nand_interface interface, int mode)
{
	for (size_t i = 0; i < nand_timing_count; i++)
		if (nand_timings[i].interface == interface && nand_timings[i].mode == mode)
			return &nand_timings[i];
	return NULL;
}

static const struct nand_timing *last_mode(enum nand_interface interface)
{
	const struct nand_timing *last = NULL;
	for (size_t i = 0; i < nand_timing_count; i++)
		if (nand_timings[i].interface == interface)
			last = &nand_timings[i];
	return last;
}

static double mts(uint64_t num, uint64_t den) { return 1e-6 * (double)num / (double)den; }

/* The row that interface, mode and rate mean; with interface custom there is none. */
static int choose_row(struct nand_bus *b, const struct flash_bus_spec *s, const char **key, char *why, size_t why_bytes)
{
	enum nand_interface interface = (enum nand_interface)s->interface;
	const char *name = interface_names[interface];
	bool rate = s->rate > 0;
	if (rate)
		nand_rate_exact(s->rate, &b->rate_num, &b->rate_den);
	*key = "rate";
	if (interface == NAND_CUSTOM) {
		if (!rate)
			return snprintf(why, why_bytes, "interface custom has no rate of its own: want one such as \"333 MT/s\""), -1;
		*key = "mode";
		return s->mode >= 0 ? snprintf(why, why_bytes, "interface custom has no modes"), -1 : 0;
	}
	if (!rate && s->mode < 0)
		return snprintf(why, why_bytes, "want a rate such as \"333 MT/s\", or a mode"), -1;
	const struct nand_timing *last = last_mode(interface);
	if (s->mode >= 0) {
		b->row = nand_timing_mode(interface, (int)s->mode);
		*key = "mode";
		if (b->row == NULL)
			return snprintf(why, why_bytes, "%s has no timing row for mode %" PRId64 ": the last is %d", name, s->mode,
				last->mode), -1;
		*key = "rate";
		if (rate && !at_least(b->row->rate_num, b->row->rate_den, b->rate_num, b->rate_den))
			return snprintf(why, why_bytes, "%s mode %d reaches %.4g MT/s, not %.6g MT/s", name, b->row->mode,
				mts(b->row->rate_num, b->row->rate_den), mts(b->rate_num, b->rate_den)), -1;
	} else {
		b->row = nand_timing_find(interface, b->rate_num, b->rate_den);
		if (b->row == NULL)
			return snprintf(why, why_bytes, "no timing row covers %.6g MT/s: %s reaches %.4g MT/s in mode %d",
				mts(b->rate_num, b->rate_den), name, mts(last->rate_num, last->rate_den), last->mode), -1;
	}
	if (!rate) {
		b->rate_num = b->row->rate_num;
		b->rate_den = b->row->rate_den;
	}
	return 0;
}

int nand_bus_init(struct nand_bus *b, const struct flash_bus_spec *s, const char **key, char *why, size_t why_bytes)
{
	static const struct nand_bus_times nothing;
	*b = (struct nand_bus){.width_bytes = (uint32_t)s->width_bits / 8};
	if (choose_row(b, s, key, why, why_bytes) < 0)
		return -1;
	*key = "width";
	if (s->width_bits != 8 && s->width_bits != 16)
		return snprintf(why, why_bytes, "%" PRId64 " bits: a flash bus has 8 or 16", s->width_bits), -1;
	if (s->width_bits == 16 && s->interface != NAND_SDR && s->interface != NAND_CUSTOM)
		return snprintf(why, why_bytes, "only sdr and custom have 16 bits"), -1;
	b->t = b->row != NULL ? b->row->t : nothing;
	/* the struct is int64_t alone: what is given replaces the row's */
	int64_t own[sizeof(struct nand_bus_times) / sizeof(int64_t)], given[sizeof(own) / sizeof(own[0])];
	memcpy(own, &b->t, sizeof(own));
	memcpy(given, &s->t, sizeof(given));
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		own[i] = given[i] >= 0 ? given[i] : own[i];
	memcpy(&b->t, own, sizeof(own));
	b->cycle_ps = b->t.cad_ps > 0 ? b->t.cad_ps : b->t.wc_ps;
	return 0;
}
