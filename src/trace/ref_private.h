/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the writer and the reader of reference traces share: the sizes and the bytes of the format. */
#ifndef QUERN_TRACE_REF_PRIVATE_H
#define QUERN_TRACE_REF_PRIVATE_H

#include <stdint.h>
#include <xxhash.h>

#include "trace/ref_file.h"

#define REF_HEADER_FIXED 40        /* bytes before the texts */
#define REF_BLOCK_HEAD 24
#define REF_END_BYTES 40
#define REF_CHECKSUM 8
#define REF_BLOCK_RAW (256 * 1024) /* the most that a block holds, uncompressed */
#define REF_RUN_MAX 64             /* more than the bytes of any run */
#define REF_MAGIC_NUMBER UINT64_C(0x4645524e52455551) /* REF_MAGIC */
#define REF_BLOCK_MAGIC UINT32_C(0x4b425251) /* "QRBK" as little-endian bytes */
#define REF_END_MAGIC UINT32_C(0x4e455251)   /* "QREN" */
#define REF_PAGE_LIMIT (UINT64_C(1) << 55)

/* A run's first byte: the operation in the two lowest bits, then what follows. */
enum { REF_BYTE_OP = 3, REF_BYTE_THREAD = 4, REF_BYTE_PAGES = 8, REF_BYTE_REFS = 16 };
enum { REF_END_INTERRUPTED = 1, REF_END_LOSSY = 2, REF_END_PARTIAL = 4 };

static inline uint64_t ref_load(const unsigned char *p, unsigned bytes)
{
	uint64_t v = 0;
	for (unsigned i = 0; i < bytes; i++)
		v |= (uint64_t)p[i] << 8 * i;
	return v;
}

static inline void ref_store(unsigned char *p, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (unsigned char)(v >> 8 * i);
}

/*
 * A block's checksum: of its first 16 bytes and what is stored, on top of the checksum before
 * it, so that a block left out or moved is noticed too.
 */
static inline uint64_t ref_block_sum(uint64_t before, const unsigned char *head, const void *stored, size_t bytes)
{
	return XXH3_64bits_withSeed(stored, bytes, XXH3_64bits_withSeed(head, 16, before));
}

/* Why a run or a header is not one, as a phrase; NULL when it is good. */
const char *ref_run_fault(const struct ref_header *h, const struct ref_run *run);
const char *ref_header_fault(const struct ref_header *h);

#endif
