/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A page table: a radix tree of `levels` levels whose nodes are one page each, 8 bytes an entry. The last level's entries are what
 * the hardware would read, and while a page is not present they say where it is.
 *
 * An entry: flags in the low byte, `where` in bits 5 to 7, a number in the upper half: frame, swap slot or thread.
 * Zero is an entry of which nothing is known: the area's pager makes the page.
 *
 * The nodes of the last level that were found are kept in a table that grows with their number, so that nearly all entries are found
 * without walking: what a walk costs the simulated machine is counted elsewhere.
 *
 * Memory: the nodes on the way to entries that were asked for with host_pte_make(). Owner: the arena; freed nodes are kept in the
 * pool of the machine. Errors: NULL where memory runs out.
 */
#ifndef QUERN_HOST_PTABLE_H
#define QUERN_HOST_PTABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/arena.h"

#define HOST_PTE_PRESENT UINT64_C(1)
#define HOST_PTE_WRITABLE UINT64_C(2) /* present only: a write needs no fault */
#define HOST_PTE_DIRTY UINT64_C(4)    /* present only: was written through this entry */
#define HOST_PTE_COW UINT64_C(8)      /* a write copies the page, or takes it over where nobody else holds it */
#define HOST_PTE_TRACKED UINT64_C(16) /* made read-only for tracking only (host/protect.h) */
#define HOST_PTE_TRAP (UINT64_C(1) << 8) /* present only: each access traps, and no TLB keeps it */
#define HOST_PTE_WHERE_SHIFT 5
#define HOST_PTE_WHERE (UINT64_C(7) << HOST_PTE_WHERE_SHIFT)
#define HOST_PTE_NUMBER_SHIFT 32

enum host_where {
	HOST_WHERE_NOWHERE, /* not made yet, or the area's file has it */
	HOST_WHERE_FRAME,   /* number: frame; HOST_NO_FRAME with PRESENT: the shared page of zeros */
	HOST_WHERE_SWAP,    /* number: slot */
	HOST_WHERE_BUSY,    /* number: the thread that is getting a frame for it */
};

static inline enum host_where host_pte_where(uint64_t pte)
{
	return (enum host_where)((pte & HOST_PTE_WHERE) >> HOST_PTE_WHERE_SHIFT);
}
static inline uint32_t host_pte_number(uint64_t pte) { return (uint32_t)(pte >> HOST_PTE_NUMBER_SHIFT); }
static inline uint64_t host_pte(enum host_where where, uint32_t number, uint64_t flags)
{
	return (uint64_t)number << HOST_PTE_NUMBER_SHIFT | (uint64_t)where << HOST_PTE_WHERE_SHIFT | flags;
}

/* Virtual page numbers have at most so many bits: five levels of 9 and pages of 4 KiB make 57-bit addresses. */
#define HOST_VPN_BITS 45

/* Where the nodes of all tables of a machine come from and go to. */
struct host_nodes {
	struct arena *arena;
	uint64_t *free_list;  /* linked by entry 0 */
	uint32_t bits;        /* log2 of entries of a node */
	uint64_t in_use;
};

#define HOST_LEAVES 64u          /* nodes kept at first */
#define HOST_LEAVES_MOST 65536u

/* A node of the last level, of the pages whose numbers are `key` - 1 above the level's bits; key 0: none. The entry of page vpn
 * stands at origin + 8 * vpn: where that of page 0 would be if the node had one. */
struct host_leaf {
	uint64_t key;
	uintptr_t origin;
};

struct host_ptable {
	uint64_t *root;
	struct host_leaf *leaf; /* by the low bits of that number */
	struct host_nodes *nodes;
	uint32_t bits;        /* of the page number, for each level */
	uint32_t top_shift;   /* of the root's index */
	uint64_t leaf_mask;   /* entries of `leaf`, less one */
	uint64_t leaves;      /* nodes of the last level */
	uint64_t pages;       /* page numbers are below */
};

void host_nodes_init(struct host_nodes *n, struct arena *a, uint64_t page_bytes);
/* How many pages a table of so many levels holds. */
uint64_t host_ptable_pages(const struct host_nodes *nodes, uint32_t levels);
int host_ptable_open(struct host_ptable *t, struct host_nodes *nodes, uint32_t levels);
/* Gives all nodes back; entries are not looked at. */
void host_ptable_close(struct host_ptable *t);

/* Private: host_pte_make() and host_pte_find() where the leaf is not kept. */
uint64_t *host_pte_make_walking(struct host_ptable *t, uint64_t vpn);
uint64_t *host_pte_walk(const struct host_ptable *t, uint64_t vpn);

static inline struct host_leaf *host_leaf_of(const struct host_ptable *t, uint64_t vpn)
{
	return &t->leaf[vpn >> t->bits & t->leaf_mask];
}

static inline bool host_leaf_is(const struct host_leaf *l, const struct host_ptable *t, uint64_t vpn)
{
	return __builtin_expect(l->key == (vpn >> t->bits) + 1, 1);
}

/* The entry of a page of the node. */
static inline uint64_t *host_leaf_entry(const struct host_leaf *l, uint64_t vpn)
{
	uint64_t *entry = (uint64_t *)(l->origin + vpn * sizeof(*entry)); // NOLINT(performance-no-int-to-ptr)
	if (!entry)
		__builtin_unreachable();
	return entry;
}

/* The entry of a page below t->pages, its nodes made where missing. NULL: no memory. */
static inline uint64_t *host_pte_make(struct host_ptable *t, uint64_t vpn)
{
	const struct host_leaf *l = host_leaf_of(t, vpn);
	if (!host_leaf_is(l, t, vpn))
		return host_pte_make_walking(t, vpn);
	return host_leaf_entry(l, vpn);
}

/* The entry, or NULL where its node was never made. */
static inline uint64_t *host_pte_find(const struct host_ptable *t, uint64_t vpn)
{
	const struct host_leaf *l = host_leaf_of(t, vpn);
	if (!host_leaf_is(l, t, vpn))
		return host_pte_walk(t, vpn);
	return host_leaf_entry(l, vpn);
}

/* Where the entry stands, for who wants it in the cache; NULL: that would take a walk. */
static inline uint64_t *host_pte_kept(const struct host_ptable *t, uint64_t vpn)
{
	const struct host_leaf *l = host_leaf_of(t, vpn);
	return host_leaf_is(l, t, vpn) ? host_leaf_entry(l, vpn) : NULL;
}

/*
 * Calls fn for each entry of [first, first + pages) whose node exists, in order; what fn returns true for stops it. Returns
 * entries looked at.
 */
uint64_t host_pte_each(const struct host_ptable *t, uint64_t first, uint64_t pages,
	bool (*fn)(void *ctx, uint64_t vpn, uint64_t *pte), void *ctx);

#endif
