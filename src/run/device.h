/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kinds of device (a config's `model:`) and the folders of the device catalogue.
 *
 * Catalogue, in order of search: the folders of $QUERN_DEVICES (colon-separated), then the
 * installed one (pkgdatadir/devices), then, so that an uninstalled build works, the source
 * tree's devices/ it was configured from.
 *
 * Owner: the table is static const; catalogue lists live in the caller's arena.
 */
#ifndef QUERN_RUN_DEVICE_H
#define QUERN_RUN_DEVICE_H

#include "blk/dev.h"
#include "sim/arena.h"

/* All kinds, NULL-terminated. */
extern const struct blk_dev_ops *const device_kinds[];

/* By exact name, or NULL. */
const struct blk_dev_ops *device_find(const char *name);

/* Names of a NULL-terminated array of kinds for nearest_word(), NULL-terminated, in `a`.
 * NULL: no memory. */
const char *const *device_names(const struct blk_dev_ops *const *kinds, struct arena *a);

/* The folders of the catalogue that exist, NULL-terminated, in `a`. NULL: no memory. */
const char *const *device_dirs(struct arena *a);

/*
 * The names ("quantum-atlas-10k") of the catalogue's files, sorted, without doubles (the
 * first folder wins), NULL-terminated, in `a`. NULL: no memory.
 */
const char *const *device_catalogue(struct arena *a);

#endif
