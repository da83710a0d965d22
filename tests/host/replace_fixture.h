/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of page replacement share: a policy by name, strings in letters. */
#ifndef QUERN_TESTS_REPLACE_FIXTURE_H
#define QUERN_TESTS_REPLACE_FIXTURE_H

#include <check.h>
#include <ctype.h>
#include <string.h>

#include "host/replace_run.h"

#define STRING_MAX 4096

/* The defaults, with this policy. */
static inline struct replace_spec replace_spec_of(const char *policy)
{
	struct replace_spec spec = {0};
	struct err e = {0};
	struct arena *a = arena_new();
	ck_assert_int_eq(opt_defaults(&host_replace_group, &spec, a, &e), 0);
	arena_free(a);
	while (strcmp(replace_policies[spec.policy].name, policy) != 0)
		spec.policy = replace_policies[spec.policy + 1].name ? spec.policy + 1 : 0;
	return spec;
}

/* Letters a-z are reads of pages 0-25, A-Z writes, digits reads of pages 0-9; blanks mean nothing. */
static inline size_t replace_string(const char *text, uint64_t *refs)
{
	size_t n = 0;
	for (const char *c = text; *c; c++) {
		if (isspace((unsigned char)*c))
			continue;
		ck_assert_uint_lt(n, STRING_MAX);
		refs[n++] = isdigit((unsigned char)*c) ? REPLACE_READ(*c - '0')
			: islower((unsigned char)*c)       ? REPLACE_READ(*c - 'a')
											   : REPLACE_WRITE(*c - 'A');
	}
	return n;
}

/* Faults on so many frames. */
static inline uint64_t replace_faults(const struct replace_spec *spec, uint32_t frames, const uint64_t *refs, size_t n)
{
	struct replace_outcome out = {0};
	struct err e = {0};
	ck_assert_msg(replace_run(spec, frames, refs, n, 1, &out, &e) == 0, "%s", e.msg);
	return out.faults;
}

static inline int replace_suite(Suite *s)
{
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}

#endif
