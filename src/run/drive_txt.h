/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Drive parameter sheets, NAME.drive.txt: what DiskSim 4.0's validation set knows of a drive, in neutral
 * form. A line is a comment (#), empty, or `key = value`; `zone = ...` comes once for each zone.
 * Times are in ms. A seek table, where there is one, is a CSV beside the sheet.
 *
 * A sheet is turned into a device file with exactly its parameters: nothing is fitted, nothing
 * improved. What has no counterpart here is listed at the file's end with the reason.
 *
 * Errors: ERR_CONFIG with file and line, ERR_IO, ERR_LIMIT.
 */
#ifndef QUERN_RUN_DRIVE_TXT_H
#define QUERN_RUN_DRIVE_TXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/arena.h"
#include "sim/err.h"

struct drive_txt_row {
	const char *key, *value;
	unsigned line;
};

struct drive_txt_zone {
	int64_t number, first_lbn, first_cylinder, last_cylinder, sectors_per_track;
	double offset;                    /* in the sheet's skew_units, as are the skews */
	int64_t reserved;
	double track_skew, cylinder_skew;
	int64_t spares;
	unsigned line;
};

struct drive_txt {
	struct arena *arena;              /* borrowed; all else lives in it */
	const char *path;
	const struct drive_txt_row *row;
	size_t rows;
	const struct drive_txt_zone *zone; /* as in the sheet, outermost first */
	size_t zones;
};

/* Read and check the form of a sheet. NULL with *e set. */
struct drive_txt *drive_txt_read(struct arena *a, const char *path, struct err *e);

/* The row of a key, or NULL. */
const struct drive_txt_row *drive_txt_find(const struct drive_txt *t, const char *key);
/* A number between min and max; `otherwise` where the key is missing. */
int drive_txt_number(const struct drive_txt *t, const char *key, double min, double max, double otherwise,
	double *out, struct err *e);
/* The same for a key that must be there. */
int drive_txt_want(const struct drive_txt *t, const char *key, double min, double max, double *out, struct err *e);

/* The sheet as a device file. 0, or -1 with *e set; then what was written is of no use. */
int drive_txt_write_device(const struct drive_txt *t, FILE *out, struct err *e);

#endif
