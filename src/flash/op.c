/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of operations, and what each takes on a bus. */
#include "flash/op.h"

const struct nand_op_row nand_ops[NAND_OPS] = {
#define OP(symbol, cycles, commands, addresses, wait, data, busy, text) \
	{#symbol, cycles, commands, addresses, NAND_WAIT_##wait, NAND_DATA_##data, NAND_BUSY_##busy, text},
#include "flash/op_list.h"
#undef OP
};

static time_ps wait_ps(const struct nand_bus_times *t, enum nand_wait w)
{
	switch (w) {
	case NAND_WAIT_ADL: return t->adl_ps;
	case NAND_WAIT_CCS: return t->ccs_ps;
	case NAND_WAIT_WHR: return t->whr_ps;
	default: return 0;
	}
}

/* Busy beyond tWB that the bus's row knows; the rest is the array's. */
static time_ps row_busy_ps(const struct nand_bus_times *t, enum nand_busy b)
{
	switch (b) {
	case NAND_BUSY_DBSY: return t->dbsy_ps;
	case NAND_BUSY_CBSY: return t->cbsy_ps;
	case NAND_BUSY_RCBSY: return t->rcbsy_ps;
	case NAND_BUSY_FEAT: return t->feat_ps;
	default: return 0;
	}
}

void nand_phases_init(struct nand_phases *p, const struct nand_bus *b)
{
	*p = (struct nand_phases){.rr_ps = b->t.rr_ps, .rhw_ps = b->t.rhw_ps};
	for (int i = 0; i < NAND_OPS; i++) {
		const struct nand_op_row *o = &nand_ops[i];
		p->hold_ps[i] = (o->commands + o->addresses) * b->cycle_ps + wait_ps(&b->t, (enum nand_wait)o->wait);
		if (o->data == NAND_DATA_IN)
			p->hold_ps[i] += b->t.wpre_ps + b->t.wpst_ps;
		else if (o->data == NAND_DATA_OUT)
			p->hold_ps[i] += b->t.rpre_ps + b->t.rpst_ps;
		if (o->busy != NAND_BUSY_NO)
			p->busy_ps[i] = b->t.wb_ps + row_busy_ps(&b->t, (enum nand_busy)o->busy);
	}
	p->slc_ps = p->hold_ps[NAND_OP_SLC_MODE];
	p->status_ps = p->hold_ps[NAND_OP_STATUS] + nand_bus_transfer(b, 1);
}
