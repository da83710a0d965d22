/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reference streams: words in memory, and synthetic patterns. */
#include "host/stream.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>


/* ---- words ----------------------------------------------------------------------------------------------------- */

struct words {
	struct host_stream base;
	const uint64_t *word;
	uint32_t count;
	uint64_t rounds; /* left; 0 with `forever` unused */
	bool forever;
};

static const uint64_t *words_next(struct host_stream *st, uint32_t *count)
{
	struct words *w = (struct words *)st;
	if (w->count == 0 || (!w->forever && w->rounds == 0))
		return NULL;
	w->rounds -= !w->forever;
	*count = w->count;
	return w->word;
}

static const struct host_stream_ops words_ops = {.name = "words", .next = words_next};

struct host_stream *host_stream_words(struct arena *a, const uint64_t *word, uint32_t count, uint64_t rounds)
{
	struct words *w = arena_alloc(a, sizeof(*w));
	if (!w)
		return NULL;
	*w = (struct words){{&words_ops}, word, count, rounds, rounds == 0};
	return &w->base;
}

/* ---- patterns -------------------------------------------------------------------------------------------------- */

#define BATCH 256

struct pattern {
	struct host_stream base;
	struct host_pattern_spec spec;
	uint64_t first, at, left;
	uint64_t write_below; /* of 2^53: a draw below is a write */
	uint64_t hot_pages;
	double zeta, eta, alpha, half; /* zipf: Gray et al., SIGMOD 1994, figure 2 */
	struct rng *rng;
	uint64_t word[BATCH];
};

static uint64_t draw_zipf(struct pattern *p)
{
	double n = (double)p->spec.pages, u = rng_unit(p->rng), uz = u * p->zeta;
	if (uz < 1)
		return 0;
	if (uz < 1 + p->half)
		return p->spec.pages > 1;
	uint64_t page = (uint64_t)(n * pow(p->eta * u - p->eta + 1, p->alpha));
	return page < (uint64_t)p->spec.pages ? page : (uint64_t)p->spec.pages - 1;
}

static uint64_t draw_page(struct pattern *p)
{
	uint64_t n = (uint64_t)p->spec.pages;
	switch ((enum host_pattern)p->spec.pattern) {
	case HOST_PATTERN_SEQUENTIAL: {
		uint64_t at = p->at;
		p->at = at + 1 == n ? 0 : at + 1;
		return at;
	}
	case HOST_PATTERN_ZIPF:
		return draw_zipf(p);
	case HOST_PATTERN_HOT:
		if (p->hot_pages == n || rng_unit(p->rng) < p->spec.skew)
			return rng_below(p->rng, p->hot_pages);
		return p->hot_pages + rng_below(p->rng, n - p->hot_pages);
	case HOST_PATTERN_UNIFORM:
		break;
	}
	return rng_below(p->rng, n);
}

static const uint64_t *pattern_next(struct host_stream *st, uint32_t *count)
{
	struct pattern *p = (struct pattern *)st;
	uint64_t most = p->spec.references ? p->left : BATCH;
	uint32_t n = most < BATCH ? (uint32_t)most : BATCH;
	if (n == 0)
		return NULL;
	for (uint32_t i = 0; i < n; i++) {
		uint64_t page = p->first + draw_page(p);
		unsigned write = p->write_below && rng_u64(p->rng) >> 11 < p->write_below;
		p->word[i] = host_ref(page, write) | (uint64_t)(p->spec.burst - 1) << HOST_REF_MORE_SHIFT;
	}
	p->left -= p->spec.references ? n : 0;
	*count = n;
	return p->word;
}

static const struct host_stream_ops pattern_ops = {.name = "pattern", .next = pattern_next};

#define ZIPF_TERMS (UINT64_C(1) << 20) /* that are added up one by one; of more, ZIPF_FIRST */
#define ZIPF_FIRST 1024u

/*
 * The sum of i^-s over i = m + 1 to n: Euler-Maclaurin with two terms of the expansion (Abramowitz & Stegun, Handbook of Mathematical
 * Functions, 23.1.30). The derivatives of even order have one sign, so that what is left out is less than the next term (Olver et al.,
 * NIST Digital Library of Mathematical Functions, 2.10(i)): s(s+1)...(s+4) / 30240 m^-(s+5), for m = 1024 below 4e-18. The
 * integral by expm1(), for s near 1. More than all this is the rounding of the first m terms, at most m 2^-53 = 1.2e-13 of their sum.
 */
static double zipf_tail(double s, double m, double n)
{
	double integral = pow(m, 1 - s) * expm1((1 - s) * log(n / m)) / (1 - s);
	double ends = (pow(n, -s) - pow(m, -s)) / 2;
	double first = s / 12 * (pow(m, -s - 1) - pow(n, -s - 1));
	double second = s * (s + 1) * (s + 2) / 720 * (pow(n, -s - 3) - pow(m, -s - 3));
	return integral + ends + first + second;
}

double host_zipf_sum(struct host_zipf *known, double skew, uint64_t n)
{
	const uint64_t last = n <= ZIPF_TERMS ? n : ZIPF_FIRST;
	if (known->skew != skew || known->n > last)
		*known = (struct host_zipf){.skew = skew};
	while (known->n < last)
		known->sum += pow((double)++known->n, -skew);
	return n <= ZIPF_TERMS ? known->sum : known->sum + zipf_tail(skew, ZIPF_FIRST, (double)n);
}

static void prepare_zipf(struct pattern *p, struct host_zipf *known)
{
	struct host_zipf own = {0};
	double n = (double)p->spec.pages, theta = p->spec.skew, zeta2 = 1 + pow(0.5, theta);
	p->zeta = host_zipf_sum(known ? known : &own, theta, (uint64_t)p->spec.pages);
	p->alpha = 1 / (1 - theta);
	p->eta = (1 - pow(2 / n, 1 - theta)) / (1 - zeta2 / p->zeta);
	p->half = pow(0.5, theta);
}

struct host_stream *host_stream_pattern(struct arena *a, const struct host_pattern_spec *spec, uint64_t first, uint64_t seed,
	const char *path, struct host_zipf *zipf)
{
	struct pattern *p = arena_alloc(a, sizeof(*p));
	if (!p)
		return NULL;
	p->base.ops = &pattern_ops;
	p->spec = *spec;
	p->first = first;
	p->left = (uint64_t)spec->references;
	p->write_below = (uint64_t)(spec->writes * 0x1p53);
	p->hot_pages = (uint64_t)(spec->hot * (double)spec->pages);
	p->hot_pages = p->hot_pages ? p->hot_pages : 1;
	p->rng = rng_new(a, seed, path);
	if (!p->rng)
		return NULL;
	if (spec->pattern == HOST_PATTERN_ZIPF)
		prepare_zipf(p, zipf);
	return &p->base;
}

void host_stream_pattern_begin(struct host_stream *st, uint64_t page) { ((struct pattern *)st)->at = page; }

/* ---- option rows ----------------------------------------------------------------------------------------------- */

static int pattern_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct host_pattern_spec *s = bound;
	if (s->pattern == HOST_PATTERN_ZIPF && (s->skew <= 0 || s->skew >= 1)) {
		*key = "skew";
		return snprintf(why, why_bytes, "zipf takes an exponent between 0 and 1, both excluded, not %g", s->skew), -1;
	}
	if (s->pattern == HOST_PATTERN_HOT && (s->skew < 0 || s->skew > 1)) {
		*key = "skew";
		return snprintf(why, why_bytes, "%g is no share of the references", s->skew), -1;
	}
	return 0;
}

static const struct opt_choice pattern_choices[] = {
	[HOST_PATTERN_UNIFORM] = {"uniform", "each page alike"},
	[HOST_PATTERN_SEQUENTIAL] = {"sequential", "one page after another, round and round"},
	[HOST_PATTERN_ZIPF] = {"zipf", "page i in proportion to i^-skew"},
	[HOST_PATTERN_HOT] = {"hot", "a share `skew` of the references goes to a share `hot` of the pages"},
	{NULL, NULL},
};

#define FIELD(f) offsetof(struct host_pattern_spec, f)
static const struct opt_row pattern_rows[] = {
	{.key = "pattern", .type = OPT_ENUM, .offset = FIELD(pattern), .def = "uniform", .choices = pattern_choices,
	 .doc = "which page is referenced next"},
	{.key = "pages", .type = OPT_SCALAR, .offset = FIELD(pages), .min = "1", .max = "1099511627776", .def = "1024", .doc = "pages referenced"},
	{.key = "references", .type = OPT_SCALAR, .offset = FIELD(references), .min = "0", .def = "100000",
	 .doc = "references, counted as bursts; 0: for ever"},
	{.key = "burst", .type = OPT_SCALAR, .offset = FIELD(burst), .min = "1", .max = "32768", .def = "1",
	 .doc = "references to a page one after another"},
	{.key = "writes", .type = OPT_SCALAR, .unit = UNIT_RATIO, .offset = FIELD(writes), .min = "0", .max = "1", .def = "0.3",
	 .doc = "share of writes"},
	{.key = "skew", .type = OPT_SCALAR, .unit = UNIT_NUMBER, .offset = FIELD(skew), .min = "0", .max = "1", .def = "0.8",
	 .doc = "zipf: exponent; hot: share of the references that go to the hot pages"},
	{.key = "hot", .type = OPT_SCALAR, .unit = UNIT_RATIO, .offset = FIELD(hot), .min = "0", .max = "1", .def = "0.2",
	 .doc = "hot: share of pages that are hot"},
	{0},
};
const struct opt_group host_pattern_group = {"host pattern", "a synthetic reference stream", pattern_rows, sizeof(struct host_pattern_spec),
	pattern_check};
