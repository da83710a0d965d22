/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valid/waf_theory.h"

#include <math.h>

/*
 * With S_i the share of blocks with at least i valid units and F the rate at which a valid unit is overwritten, the mean field's
 *   0 = -(S_i^d - S_{i+1}^d) + [i = b] + F ((i + 1) m_{i+1} - i m_i),   m_i = S_i - S_{i+1},
 * summed from i to b is 1 - S_i^d = F i m_i: from S_{b+1} = 0 down, each S_i is the one root of a rising function.
 */
static double share_at_least(double above, uint32_t i, uint32_t d, double f)
{
	double low = above, high = 1;
	for (int n = 0; n < 60; n++) {
		double s = 0.5 * (low + high);
		if (f * i * (s - above) + pow(s, d) > 1)
			high = s;
		else
			low = s;
	}
	return 0.5 * (low + high);
}

/* Units invalid in a victim, which F b rho must be. */
static double gained(uint32_t d, uint32_t b, double f)
{
	double s = 0, sum = 0;
	for (uint32_t i = b; i > 0; i--) {
		s = share_at_least(s, i, d, f);
		sum += 1 - pow(s, d);
	}
	return sum;
}

double waf_d_choices(uint32_t d, uint32_t b, double alpha)
{
	double low = 1e-6, high = 50;
	for (int n = 0; n < 60; n++) {
		double f = 0.5 * (low + high);
		if (gained(d, b, f) > f * b / alpha) /* valid units of all blocks: their sum is gained / F */
			low = f;
		else
			high = f;
	}
	return alpha / (0.5 * (low + high));
}
