/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One block of bytes as one zstd frame, there and back, in memory. Through libarchive, which Quern needs
 * for compressed traces anyway, so that no further library is asked for.
 */
#ifndef QUERN_TRACE_PACK_H
#define QUERN_TRACE_PACK_H

#include <stddef.h>

/* Bytes written to `out`, or 0 where they do not fit in `capacity` or libarchive has no zstd. */
size_t pack_block(const void *data, size_t bytes, void *out, size_t capacity);
/* Whether `packed` unpacks to exactly `bytes` bytes, now in `out`. 0 or -1. */
int unpack_block(const void *packed, size_t packed_bytes, void *out, size_t bytes);

#endif
