/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of shingled recording. */
#include "disk/options.h"

#include <inttypes.h>
#include <stdio.h>

#include "blk/req.h"
#include "disk/smr_clean.h"

static const struct opt_choice model_choices[] = {
	[SMR_NONE] = {"none", "tracks do not overlap: every sector can be written at any time"},
	[SMR_HOST_MANAGED] = {"host-managed", "zones that the host writes in sequence (INCITS 536, ZBC)"},
	[SMR_DRIVE_MANAGED] = {"drive-managed", "a media cache takes what does not come in sequence, bands are cleaned later"},
	{NULL, NULL},
};
static const struct opt_choice place_choices[] = {
	[SMR_CACHE_OUTER] = {"outer", "before the first band"},
	[SMR_CACHE_MIDDLE] = {"middle", "amid the bands"},
	[SMR_CACHE_INNER] = {"inner", "behind the last band"},
	[SMR_CACHE_SPREAD] = {"spread", "log bands at equal distances; the free one nearest to the data is taken next"},
	{NULL, NULL},
};

static int whole_sectors(int64_t bytes, const char *name, const char **key, char *why, size_t why_bytes)
{
	if (bytes % SECTOR_BYTES == 0)
		return 0;
	*key = name;
	return snprintf(why, why_bytes, "%" PRId64 " bytes are not a whole number of %d-byte sectors", bytes, SECTOR_BYTES), -1;
}

static int check_host(const struct disk_smr_spec *s, const char **key, char *why, size_t why_bytes)
{
	return whole_sectors(s->zone_bytes, "zone_size", key, why, why_bytes);
}

static int check_cache(const struct disk_smr_spec *s, const char **key, char *why, size_t why_bytes)
{
	if (whole_sectors(s->band_bytes, "band_size", key, why, why_bytes) < 0 ||
	    whole_sectors(s->record_bytes, "record_size", key, why, why_bytes) < 0 ||
	    whole_sectors(s->clean_access_bytes, "clean_access_size", key, why, why_bytes) < 0)
		return -1;
	*key = "cache_size";
	if (s->cache_bytes % s->band_bytes != 0)
		return snprintf(why, why_bytes, "%" PRId64 " bytes are not a whole number of bands of band_size %" PRId64 " bytes",
			s->cache_bytes, s->band_bytes), -1;
	if (s->cache_bytes / s->band_bytes < SMR_LOG_BANDS_MIN)
		return snprintf(why, why_bytes, "%" PRId64 " bytes: want at least %d bands of band_size %" PRId64 " bytes",
			s->cache_bytes, SMR_LOG_BANDS_MIN, s->band_bytes), -1;
	*key = "record_size";
	if (s->record_bytes > s->band_bytes / 8)
		return snprintf(why, why_bytes, "%" PRId64 " bytes are more than an eighth of band_size, %" PRId64 " bytes",
			s->record_bytes, s->band_bytes), -1;
	*key = "low_water";
	if (s->low_water > s->high_water)
		return snprintf(why, why_bytes, "%g %% is above high_water, %g %%", 100 * s->low_water, 100 * s->high_water), -1;
	return 0;
}

static int smr_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct disk_smr_spec *s = bound;
	if (s->model == SMR_HOST_MANAGED)
		return check_host(s, key, why, why_bytes);
	return s->model == SMR_DRIVE_MANAGED ? check_cache(s, key, why, why_bytes) : 0;
}

#define SMR_ROW(name, kind, field, lo, hi, standard, text) {.key = name, .type = OPT_SCALAR, .unit = kind, \
	.offset = FIELD(disk_smr_spec, field), .min = lo, .max = hi, .def = standard, .doc = text}

static const struct opt_row smr_rows[] = {
	{.key = "model", .type = OPT_ENUM, .offset = FIELD(disk_smr_spec, model), .def = "none", .choices = model_choices,
	 .doc = "who keeps to the order in which overlapping tracks must be written"},
	SMR_ROW("zone_size", UNIT_BYTES, zone_bytes, "512 B", "1 TiB", "256 MiB",
		"host-managed: size of a zone; the last one may be smaller"),
	SMR_ROW("conventional_zones", UNIT_NONE, conventional_zones, "0", "4000000000", "0",
		"host-managed: so many zones at the front may be written in any order"),
	SMR_ROW("max_open_zones", UNIT_NONE, max_open_zones, "0", "1000000", "128",
		"host-managed: most sequential zones open at once; 0: no limit"),
	{.key = "unrestricted_reads", .type = OPT_BOOL, .offset = FIELD(disk_smr_spec, unrestricted_reads), .def = "true",
	 .doc = "host-managed: reads may go past write pointers and zone ends (URSWRZ)"},
	SMR_ROW("band_size", UNIT_BYTES, band_bytes, "4 KiB", "1 TiB", "32 MiB", "drive-managed: size of a band"),
	SMR_ROW("cache_size", UNIT_BYTES, cache_bytes, "0", "1000 TiB", "1 GiB",
		"drive-managed: size of the media cache, a whole number of bands"),
	{.key = "cache_place", .type = OPT_ENUM, .offset = FIELD(disk_smr_spec, cache_place), .def = "outer",
	 .choices = place_choices, .doc = "drive-managed: where the media cache lies"},
	SMR_ROW("record_size", UNIT_BYTES, record_bytes, "0", "1 GiB", "4 KiB",
		"drive-managed: what each append to the media cache takes for its place in the map"),
	SMR_ROW("map_extents", UNIT_NONE, map_extents, "64", "100000000", "250000",
		"drive-managed: stretches the map of the media cache can hold; when they run out, bands are cleaned"),
	SMR_ROW("stream_size", UNIT_BYTES, stream_bytes, "0", "1000 TiB", "8 MiB",
		"drive-managed: once so much was written in sequence, the stream goes in place where nothing lies behind it"),
	{.key = "clean_order", .type = OPT_ENUM, .offset = FIELD(disk_smr_spec, clean_order), .def = "fifo",
	 .choices = smr_clean_choices, .doc = "drive-managed: which band is cleaned next"},
	SMR_ROW("clean_access_size", UNIT_BYTES, clean_access_bytes, "512 B", "1 TiB", "8 MiB",
		"drive-managed: most that cleaning reads or writes before it looks whether a command waits"),
	SMR_ROW("idle_clean_after", UNIT_TIME, idle_clean_ps, "-1 ps", "3600 s", "1 s",
		"drive-managed: clean when no command was served or waited for so long; -1 ps: never when idle"),
	{.key = "high_water", .type = OPT_SCALAR, .unit = UNIT_RATIO, .offset = FIELD(disk_smr_spec, high_water), .min = "0",
	 .max = "1", .def = "100 %", .doc = "drive-managed: writes wait for cleaning when more than this share of the media cache is in "
	 "use"},
	{.key = "low_water", .type = OPT_SCALAR, .unit = UNIT_RATIO, .offset = FIELD(disk_smr_spec, low_water), .min = "0",
	 .max = "1", .def = "100 %", .doc = "drive-managed: and go on when no more than this share is"},
	{0},
};

const struct opt_group disk_smr_group = {"disk shingling", "overlapping tracks: who writes them in order, and what it costs",
	smr_rows, sizeof(struct disk_smr_spec), smr_check};
