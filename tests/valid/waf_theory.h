/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Closed forms of write amplification under uniformly random writes of single units, one frontier. */
#ifndef QUERN_TESTS_WAF_THEORY_H
#define QUERN_TESTS_WAF_THEORY_H

#include <stdint.h>

/*
 * The victim is the block with least valid units of d >= 1 drawn with replacement; blocks of b units; alpha > 1: physical over
 * logical units, blocks held back left out. The stationary point of the mean field of Van Houdt, SIGMETRICS 2013.
 */
double waf_d_choices(uint32_t d, uint32_t b, double alpha);

#endif
