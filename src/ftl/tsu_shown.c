/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What dies do, for the flash's log: noted when it begins, since by its end what it was of is gone. */
#include "ftl/tsu_private.h"

/* What a die is at. */
struct tsu_note {
	const char *name, *cause;
	uint64_t flow[TIMELINE_FLOWS];
	uint32_t flows, planes, block, page;
};

int tsu_show(struct tsu *t, struct arena *a, uint32_t (*flow)(const struct tsu_tx *x, uint64_t *out, uint32_t room))
{
	t->note = arena_array(a, t->n->geom.dies, sizeof(*t->note));
	t->flow_of = flow;
	return t->note ? 0 : -1;
}

static const char *name_of(const struct tsu_tx *x, bool suspended)
{
	static const char *const names[TSU_KINDS] = {[TSU_READ] = "read", [TSU_PROGRAM] = "program", [TSU_ERASE] = "erase",
		[TSU_COPYBACK] = "copyback"};
	static const char *const suspends[TSU_KINDS] = {[TSU_READ] = "read suspended", [TSU_PROGRAM] = "program suspended",
		[TSU_ERASE] = "erase suspended", [TSU_COPYBACK] = "copyback suspended"};
	return suspended ? suspends[x->kind] : names[x->kind];
}

static const char *cause_of(const struct tsu_tx *x)
{
	static const char *const causes[TSU_SOURCES] = {[TSU_HOST] = "host", [TSU_GC] = "gc", [TSU_WEAR] = "wear",
		[TSU_MAPPING] = "mapping"};
	return causes[x->source];
}

static void note(struct tsu *t, const struct tsu_die *d, enum tsu_share share, uint32_t planes)
{
	const struct nand_geom *g = &t->n->geom;
	const struct tsu_op *op = d->op.first ? &d->op : &t->held[d->index];
	struct tsu_note *n = &t->note[d->index];
	if (share == TSU_SHARE_IDLE || !op->first)
		return;
	*n = (struct tsu_note){.name = name_of(op->first, share == TSU_SHARE_SUSPEND), .cause = cause_of(op->first),
		.planes = (uint32_t)__builtin_popcount(planes), .block = nand_ppa_block(g, op->first->page),
		.page = nand_ppa_page(g, op->first->page)};
	for (const struct tsu_tx *x = op->first; x && t->flow_of; x = x->next)
		n->flows += t->flow_of(x, n->flow + n->flows, TIMELINE_FLOWS - n->flows);
}

void tsu_note_share(struct tsu *t, const struct tsu_die *d, enum tsu_share share, uint32_t planes)
{
	const struct tsu_note *n = &t->note[d->index];
	if (d->share != TSU_SHARE_IDLE)
		nand_log_add(t->n->log, true, d->index, tsu_share_name((enum tsu_share)d->share), d->since_ps, t->sim->now_ps,
			&(struct timeline_what){.name = n->name, .cause = n->cause, .flow = n->flow, .flows = n->flows,
				.arg = {{.key = "planes", .value = n->planes}, {.key = "block", .value = n->block}, {.key = "page", .value = n->page}}});
	note(t, d, share, planes);
}
