/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of checkpoints. */
#include <stdio.h>

#include "host/ckpt.h"

#define FIELD(f) offsetof(struct ckpt_spec, f)

static const struct opt_choice resume_choices[] = {
	[CKPT_RESUME_VALID] = {"valid", "when the checkpoint is valid: stop-and-copy"},
	[CKPT_RESUME_PROTECTED] = {"protected", "as soon as its pages are protected: copy-on-write"},
	{NULL, NULL},
};
static const struct opt_choice content_choices[] = {
	[CKPT_ALL] = {"all", "all pages"},
	[CKPT_CHANGED] = {"changed", "those that were written since the last one: incremental"},
	{NULL, NULL},
};

static int ckpt_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct ckpt_spec *s = bound;
	if (s->page_bytes % SECTOR_BYTES != 0) {
		*key = "page";
		return snprintf(why, why_bytes, "not a multiple of %d bytes", SECTOR_BYTES), -1;
	}
	return 0;
}

static const struct opt_row rows[] = {
	{.key = "resume", .type = OPT_ENUM, .offset = FIELD(resume), .def = "protected", .choices = resume_choices,
	 .doc = "when the program goes on"},
	{.key = "content", .type = OPT_ENUM, .offset = FIELD(content), .def = "all", .choices = content_choices,
	 .doc = "which pages a checkpoint writes"},
	{.key = "page", .type = OPT_SCALAR, .unit = UNIT_BYTES, .offset = FIELD(page_bytes), .min = "2 KiB", .max = "1 MiB",
	 .def = "4 KiB", .doc = "bytes of a page"},
	{.key = "chain", .type = OPT_SCALAR, .offset = FIELD(chain), .min = "0", .max = "99", .def = "8",
	 .doc = "incremental checkpoints on a whole one before they are merged; one that finds no room behind the others is whole itself, so that a chain may stay "
		"shorter"},
	{.key = "flush", .type = OPT_BOOL, .offset = FIELD(flush), .def = "true",
	 .doc = "flush the device before and after the superblock; false is right only without a volatile cache"},
	{.key = "write", .type = OPT_GROUP, .offset = FIELD(walker), .group = &walker_options, .doc = "how the pages are written"},
	{0},
};
const struct opt_group ckpt_options = {"checkpoint", "checkpoints of a program's pages", rows, sizeof(struct ckpt_spec), ckpt_check};
