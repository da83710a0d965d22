/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Translations that must go: from the TLB of who runs now, by interrupting others, or when these run the process again. */
#include "host/host_private.h"

/*
 * One processor's part of it. Only one that runs the process now is interrupted; another drops all that it has of the process when it runs
 * it the next time, as Linux does (mm_cpumask and tlb_gen, arch/x86/mm/tlb.c).
 */
static void drop_on(struct host *h, struct host_cpu *c, struct host_space *sp, uint64_t vpn, bool all)
{
	uint64_t asid = tlb_asid(&c->tlb, sp->id);
	const bool here = c == h->current || h->spec->cpus == 1;
	if (asid == UINT64_MAX) {
		sp->cpus &= ~(UINT64_C(1) << c->id);
		sp->stale &= sp->cpus;
		return;
	}
	if (!here && (!c->thread || c->space != sp->id)) {
		sp->stale |= UINT64_C(1) << c->id;
		return;
	}
	if (all)
		tlb_drop_space(&c->tlb, sp->id);
	else
		tlb_drop(&c->tlb, asid, vpn);
	if (all && c->space == sp->id)
		c->asid = tlb_switch(&c->tlb, sp->id);
	if (here) {
		h->charge_ps += h->spec->cost.invalidate_ps;
		h->n.invalidations++;
		return;
	}
	h->charge_ps += h->spec->cost.shootdown_ps;
	c->owed_ps += h->spec->cost.interrupt_ps;
	h->n.shootdowns++;
}

void host_drop_translation(struct host *h, struct host_space *sp, uint64_t vpn)
{
	struct host_cpu *only = h->cpu;
	if (h->spec->cpus == 1 && only->space == sp->id) {
		tlb_drop(&only->tlb, only->asid, vpn);
		h->charge_ps += h->spec->cost.invalidate_ps;
		h->n.invalidations++;
		return;
	}
	for (uint64_t left = sp->cpus; left; left &= left - 1)
		drop_on(h, &h->cpu[__builtin_ctzll(left)], sp, vpn, false);
}

void host_drop_space(struct host *h, struct host_space *sp)
{
	for (uint64_t left = sp->cpus; left; left &= left - 1)
		drop_on(h, &h->cpu[__builtin_ctzll(left)], sp, 0, true);
}

time_ps host_drop_stale(struct host_cpu *c, struct host_space *sp)
{
	struct host *h = c->host;
	sp->stale &= ~(UINT64_C(1) << c->id);
	tlb_drop_space(&c->tlb, sp->id);
	c->asid = tlb_switch(&c->tlb, sp->id);
	h->n.invalidations++;
	return h->spec->cost.invalidate_ps;
}
