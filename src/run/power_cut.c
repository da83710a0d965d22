/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A power cut during a run, and what it loses. */
#include "run/power_cut.h"

#include <inttypes.h>
#include <stdlib.h>

#include "blk/tag.h"

static void note_loss(void *ctx, const struct blk_tag_loss *l)
{
	struct power_cut *c = ctx;
	struct power_loss *last = c->losses > 0 ? &c->loss[c->losses - 1] : NULL;
	c->lost_sectors++;
	c->in_flight_sectors += l->open;
	if (c->oldest_ps < 0 || l->acked_ps < c->oldest_ps)
		c->oldest_ps = l->acked_ps;
	if (last && last->device == c->device && last->lba + last->sectors == l->lba &&
	    last->acked_ps == l->acked_ps && last->in_flight == l->open) {
		last->sectors++;
		return;
	}
	if (!c->loss || c->losses == c->room) {
		size_t room = c->room ? 2 * c->room : 64;
		struct power_loss *grown = realloc(c->loss, room * sizeof(*grown));
		if (!grown) {
			c->failed = true;
			return;
		}
		c->loss = grown;
		c->room = room;
	}
	c->loss[c->losses++] = (struct power_loss){l->lba, 1, l->acked_ps, c->device, l->open};
}

static void cut_event(struct sim *s, struct event *e)
{
	struct power_cut *c = container_of(e, struct power_cut, event);
	c->happened = true;
	c->at_ps = s->now_ps;
	replay_stop(c->replay);
	for (size_t i = 0; i < c->count; i++)
		blk_dev_power_cut(c->dev[i]);
	for (size_t i = 0; i < c->count; i++) {
		c->device = (uint32_t)i;
		c->failed |= blk_tags_exhausted(c->tags[i]);
		blk_tags_power_cut(c->tags[i], note_loss, NULL, c);
	}
	if (c->failed)
		sim_fail(s, ERR_LIMIT, "no memory to tell what the power cut at %.9f s loses", time_seconds(s->now_ps));
}

struct power_cut *power_cut_new(struct sim *s, struct blk_dev *const *dev, size_t count, time_ps at)
{
	struct power_cut *c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->dev = dev;
	c->count = count;
	c->oldest_ps = -1;
	c->tags = calloc(count, sizeof(struct blk_tags *));
	for (size_t i = 0; i < count; i++) {
		if (!c->tags || !(c->tags[i] = blk_tags_new())) {
			power_cut_free(c);
			return NULL;
		}
	}
	for (size_t i = 0; i < count; i++)
		dev[i]->tags = c->tags[i];
	event_init(&c->event, cut_event, "power cut", EVENT_PRIO_SAMPLE);
	sim_schedule(s, &c->event, at);
	return c;
}

void power_cut_free(struct power_cut *c)
{
	if (!c)
		return;
	for (size_t i = 0; c->tags && i < c->count; i++)
		blk_tags_free(c->tags[i]);
	free(c->tags);
	free(c->loss);
	free(c);
}

/* Times in ns with three decimals: exact. */
static void put_ns(FILE *out, time_ps t)
{
	fprintf(out, "%" PRId64 ".%03" PRId64, t / PS_PER_NS, t % PS_PER_NS);
}

void power_cut_csv(const struct power_cut *c, FILE *out)
{
	fputs("device,lba,sectors,acked_ns,age_ns,state\n", out);
	for (size_t i = 0; i < c->losses; i++) {
		const struct power_loss *l = &c->loss[i];
		fprintf(out, "%s,%" PRIu64 ",%" PRIu64 ",", c->dev[l->device]->name, l->lba, l->sectors);
		put_ns(out, l->acked_ps);
		fputc(',', out);
		put_ns(out, c->at_ps - l->acked_ps);
		fprintf(out, ",%s\n", l->in_flight ? "in-flight" : "old");
	}
}
