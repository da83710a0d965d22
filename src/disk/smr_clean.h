/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which band a drive-managed shingled disk cleans next: a table of policies. */
#ifndef QUERN_DISK_SMR_CLEAN_H
#define QUERN_DISK_SMR_CLEAN_H

#include "disk/smr_media_cache.h"

struct smr_clean_order {
	const char *name;
	const char *doc;
	/* A band with data in the media cache; there is one. */
	uint32_t (*pick)(const struct smr_cache *c);
};

extern const struct smr_clean_order smr_cleans[];
extern const struct opt_choice smr_clean_choices[];

#endif
