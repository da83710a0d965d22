/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `make validate`: every accuracy figure of doc/VALIDATION.md. Exit status 1 when one misses
 * its target. An argument keeps only the groups whose name begins with it ("disk").
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "valid/valid.h"

static void line(struct valid *v, const char *name, double value, const char *relation,
	double target, double tolerance, bool pass, const char *source)
{
	printf("{\"name\": \"%s\", \"value\": %.6g, \"target\": \"", name, value);
	if (tolerance > 0)
		printf("%.6g +- %.3g", target, tolerance);
	else
		printf("%s %.6g", relation, target);
	printf("\", \"pass\": %s, \"source\": \"%s\"}\n", pass ? "true" : "false", source);
	fflush(stdout);
	if (pass)
		v->passed++;
	else
		v->failed++;
}

void valid_near(struct valid *v, const char *name, double value, double target, double tolerance,
	const char *source)
{
	line(v, name, value, "=", target, tolerance, fabs(value - target) <= tolerance, source);
}

void valid_at_most(struct valid *v, const char *name, double value, double target, const char *source)
{
	line(v, name, value, "<=", target, 0, value <= target, source);
}

void valid_at_least(struct valid *v, const char *name, double value, double target, const char *source)
{
	line(v, name, value, ">=", target, 0, value >= target, source);
}

void valid_at_most_but(struct valid *v, const char *name, double value, double target, double share, const char *why,
	const char *source)
{
	if (value <= target || value > target * (1 + share)) {
		valid_at_most(v, name, value, target, source);
		return;
	}
	printf("{\"name\": \"%s\", \"value\": %.6g, \"target\": \"<= %.6g\", \"missed\": \"%s\", \"source\": \"%s\"}\n", name, value,
		target, why, source);
	fflush(stdout);
	v->missed++;
}

void valid_near_but(struct valid *v, const char *name, double value, double target, double tolerance, double share, const char *why,
	const char *source)
{
	double off = fabs(value - target) / target;
	if (off <= tolerance || !(off <= share)) {
		valid_near(v, name, value, target, tolerance * target, source);
		return;
	}
	printf("{\"name\": \"%s\", \"value\": %.6g, \"target\": \"%.6g +- %.3g\", \"missed\": \"%s\", \"source\": \"%s\"}\n", name, value,
		target, tolerance * target, why, source);
	fflush(stdout);
	v->missed++;
}

void valid_skip(struct valid *v, const char *name, const char *why)
{
	printf("{\"name\": \"%s\", \"skipped\": \"%s\"}\n", name, why);
	v->skipped++;
}

void valid_broken(struct valid *v, const char *name, const char *why)
{
	printf("{\"name\": \"%s\", \"value\": null, \"target\": null, \"pass\": false, \"source\": \"%s\"}\n",
		name, why);
	v->failed++;
}

static const char *reference_data(void)
{
	const char *dir = getenv("QUERN_REFERENCE_DATA");
	struct stat st;
	if (!dir || !*dir)
		dir = REFERENCE_DATA;
	return *dir && stat(dir, &st) == 0 ? dir : NULL;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(struct valid *v);
	} groups[] = {{"sim", valid_sim}, {"disk.drive", valid_drive}, {"disk.measured", valid_measured}, {"disk.modern", valid_modern},
		{"ssd.waf", valid_ssd_waf}, {"ssd.formula", valid_ssd_formula}, {"ssd.nand", valid_ssd_nand},
		{"ssd.remap", valid_ssd_remap}, {"ssd.drives", valid_ssd_drives}, {"ssd.mqsim", valid_ssd_mqsim},
		{"host.paging", valid_host_paging}, {"host.machine", valid_host_machine}, {"host.serve", valid_host_serve},
		{"host.rvm", valid_host_rvm}, {"host.checkpoint", valid_host_checkpoint}, {"host.daly", valid_host_daly}};
	const char *only = argc > 1 ? argv[1] : "";
	struct valid v = {.data = reference_data()};
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (strncmp(groups[i].name, only, strlen(only)) == 0)
			groups[i].run(&v);
	fprintf(stderr, "validate: %u passed, %u failed, %u known to miss by a little, %u skipped\n", v.passed, v.failed, v.missed,
		v.skipped);
	return v.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
