/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The solid-state drive without remapping. */
#include "ftl/ssd_inplace_private.h"

#include "blk/tag.h"
#include "ftl/ssd_private.h"

_Static_assert(sizeof(struct place_dev) <= sizeof(struct ssd), "the state of ssd_ops has room for it");

static void note_busy(struct place_dev *d)
{
	bool busy = d->active.count > 0 || tsu_unfinished(d->tsu) > 0;
	if (busy == d->busy)
		return;
	if (!busy)
		d->dev.stats.busy_ps += now_of(d) - d->busy_since_ps;
	d->busy_since_ps = now_of(d);
	d->busy = busy;
}

/* ---- commands ---------------------------------------------------------------------------------------------------- */

static void end(struct place_dev *d, struct place_command *c, enum blk_status status)
{
	struct blk_req *r = c->req;
	blk_list_remove(&d->active, r);
	pool_put(&d->commands, c);
	front_finish(d->front, r, status, status == BLK_OK && r->op == BLK_READ ? (uint64_t)r->sectors * SECTOR_BYTES : 0);
	note_busy(d);
}

static void less(struct place_dev *d, struct place_command *c)
{
	if (--c->pending == 0)
		end(d, c, BLK_OK);
}

static void no_memory(struct place_dev *d)
{
	sim_fail(d->dev.sim, ERR_LIMIT, "no memory for the commands of device %s", d->dev.name);
}

/* ---- reads ------------------------------------------------------------------------------------------------------- */

static void note_times(struct blk_req *r, const struct tsu_tx *x)
{
	if (r->media_ps < 0 || x->issued_ps < r->media_ps)
		r->media_ps = x->issued_ps;
	r->transfer_ps = time_max(r->transfer_ps, x->done_ps - r->media_ps);
}

static void read_done(struct tsu *t, struct tsu_tx *x)
{
	(void)t;
	struct place_dev *d = x->owner;
	struct place_read *q = container_of(x, struct place_read, tx);
	struct place_command *c = q->command;
	d->dev.stats.media_read_sectors += x->bytes / SECTOR_BYTES;
	note_times(c->req, x);
	pool_put(&d->reads, q);
	less(d, c);
	note_busy(d);
}

/* A page read for each page of the part; an erase submitted later does not overtake it. */
static void read_part(struct place_dev *d, const struct place_part *p)
{
	uint64_t at = p->lba, last = p->lba + p->sectors;
	while (at < last) {
		uint32_t count = d->page_sectors - (uint32_t)(at % d->page_sectors);
		if (count > last - at)
			count = (uint32_t)(last - at);
		struct place_read *q = pool_get(&d->reads);
		if (!q) {
			no_memory(d);
			return;
		}
		*q = (struct place_read){.command = p->command, .tx = {.done = read_done, .owner = d,
			.page = inplace_page(&d->map, at / d->page_sectors), .bytes = count * SECTOR_BYTES, .flow = p->command->req->queue,
			.kind = TSU_READ, .source = TSU_HOST, .priority = TSU_URGENT}};
		p->command->pending++;
		tsu_submit(d->tsu, &q->tx);
		at += count;
	}
}

/* ---- updates ----------------------------------------------------------------------------------------------------- */

static void job_pump(struct place_dev *d, uint64_t block);
static void operation_done(struct tsu *t, struct tsu_tx *x);

static uint32_t block_sectors(const struct place_dev *d) { return d->map.geom->pages * d->page_sectors; }
static bool wholly(const struct place_dev *d, uint64_t page, const struct place_part *p)
{
	return p->lba <= page * d->page_sectors && (page + 1) * d->page_sectors <= p->lba + p->sectors;
}

static uint64_t tag_of(const struct place_part *p)
{
	return p->command->req->op == BLK_WRITE ? p->command->req->tag : TAG_ZERO;
}

/* From here on what the block held is not in flash; or, where it is only added to, what is being written. */
static void note_open(struct place_dev *d, const struct place_job *j, bool erased)
{
	struct blk_tags *t = d->dev.tags;
	uint64_t first = j->block * block_sectors(d);
	for (uint64_t s = first; t && erased && s < first + block_sectors(d); s++)
		blk_tags_note_open(t, s, 1, blk_tags_durable(t, s));
	for (const struct place_part *p = j->update; t && p; p = p->next)
		blk_tags_note_open(t, p->lba, p->sectors, tag_of(p));
}

static void note_written(struct place_dev *d, const struct place_job *j)
{
	struct blk_tags *t = d->dev.tags;
	uint64_t first = j->block * block_sectors(d);
	for (const struct place_part *p = j->update; t && p; p = p->next)
		blk_tags_note_durable(t, p->lba, p->sectors, tag_of(p));
	for (uint64_t s = first; t && s < first + block_sectors(d); s++)
		if (blk_tags_open(t, s))
			blk_tags_note_durable(t, s, 1, blk_tags_durable(t, s));
}

static void update_over(struct place_dev *d, struct place_job *j)
{
	struct place_part *p = j->update, *next;
	uint64_t block = j->block;
	note_written(d, j);
	j->update = NULL;
	j->begun = false;
	for (; p; p = next) {
		struct place_command *c = p->command;
		next = p->next;
		pool_put(&d->parts, p);
		less(d, c);
	}
	job_pump(d, block);
}

/* The next page that is written in part, from `extra` on, and has something to keep. */
static bool next_extra(const struct place_dev *d, struct place_job *j, uint32_t *page)
{
	uint64_t base = j->block * d->map.geom->pages;
	while (j->extra < j->extra_end) {
		const struct place_part *p = j->update;
		*page = j->extra++;
		while (p && !wholly(d, base + *page, p))
			p = p->next;
		if (!p && *page < d->map.programmed[j->block])
			return true;
	}
	return false;
}

static void operation_next(struct place_dev *d, struct place_job *j)
{
	static const uint8_t kinds[] = {[INPLACE_READ] = TSU_READ, [INPLACE_ERASE] = TSU_ERASE, [INPLACE_PROGRAM] = TSU_PROGRAM};
	struct inplace_op op;
	uint32_t page;
	if (next_extra(d, j, &page)) {
		op = (struct inplace_op){INPLACE_READ, nand_ppa_of_block(d->map.geom, j->block, page), false};
		d->map.reads++;
	} else if (!inplace_next(&d->map, &j->write, &op)) {
		update_over(d, j);
		return;
	}
	if (op.kind != INPLACE_READ && !j->begun) {
		j->begun = true;
		note_open(d, j, op.kind == INPLACE_ERASE);
	}
	j->tx = (struct tsu_tx){.done = operation_done, .owner = d, .page = op.page, .bytes = d->map.geom->page_bytes,
		.kind = kinds[op.kind], .source = TSU_HOST, .priority = TSU_MEDIUM};
	tsu_submit(d->tsu, &j->tx);
}

static void operation_done(struct tsu *t, struct tsu_tx *x)
{
	(void)t;
	struct place_dev *d = x->owner;
	if (x->kind == TSU_PROGRAM)
		d->dev.stats.media_write_sectors += d->page_sectors;
	if (x->kind == TSU_READ)
		d->dev.stats.media_read_sectors += d->page_sectors;
	operation_next(d, container_of(x, struct place_job, tx));
	note_busy(d);
}

/* All writes at the head of the queue. */
static void update_begin(struct place_dev *d, struct place_job *j, uint64_t block)
{
	uint64_t first = UINT64_MAX, last = 0;
	struct place_part *end_of = j->head; /* a write */
	for (struct place_part *p = j->head; p && p->command->req->op != BLK_READ; p = p->next) {
		uint64_t from = p->lba / d->page_sectors, to = (p->lba + p->sectors - 1) / d->page_sectors;
		first = from < first ? from : first;
		last = to > last ? to : last;
		end_of = p;
		d->counts.writes++;
	}
	j->update = j->head;
	j->head = end_of->next;
	end_of->next = NULL;
	if (!j->head)
		j->tail = NULL;
	d->counts.updates++;
	d->counts.host_pages += last - first + 1;
	j->extra = (uint32_t)(first - block * d->map.geom->pages);
	j->extra_end = d->map.update == INPLACE_SKIP_OLD ? (uint32_t)(last + 1 - block * d->map.geom->pages) : 0;
	inplace_begin(&d->map, &j->write, first, (uint32_t)(last - first + 1));
	operation_next(d, j);
}

/* Reads go at once; then the writes, as one; behind them what came later. */
static void job_pump(struct place_dev *d, uint64_t block)
{
	struct place_job *j = d->job[block];
	while (j->head && j->head->command->req->op == BLK_READ) {
		struct place_part *p = j->head;
		j->head = p->next;
		if (!j->head)
			j->tail = NULL;
		read_part(d, p);
		struct place_command *c = p->command;
		pool_put(&d->parts, p);
		less(d, c);
	}
	if (j->head) {
		update_begin(d, j, block);
		return;
	}
	*(j->prev ? &j->prev->next : &d->jobs) = j->next;
	if (j->next)
		j->next->prev = j->prev;
	d->job[block] = NULL;
	pool_put(&d->job_pool, j);
}

static struct place_job *job_new(struct place_dev *d, uint64_t block)
{
	struct place_job *j = pool_get(&d->job_pool);
	if (!j)
		return NULL;
	*j = (struct place_job){.block = block, .next = d->jobs};
	if (d->jobs)
		d->jobs->prev = j;
	d->jobs = d->job[block] = j;
	return j;
}

/* The command's sectors, block by block; its data are there. */
static void take(struct place_dev *d, struct place_command *c)
{
	const struct blk_req *r = c->req;
	uint64_t at = r->lba, last = r->lba + r->sectors;
	uint32_t whole = block_sectors(d);
	c->pending = 1;
	if (d->dev.tags && r->op != BLK_READ)
		blk_tags_note_latest(d->dev.tags, r->lba, r->sectors, ssd_tag(r));
	while (at < last) {
		uint64_t block = at / whole, stop = (block + 1) * whole < last ? (block + 1) * whole : last;
		struct place_part *p = pool_get(&d->parts);
		struct place_job *j = d->job[block];
		bool idle = !j;
		if (!p || (idle && !(j = job_new(d, block)))) {
			no_memory(d);
			return;
		}
		*p = (struct place_part){.command = c, .lba = at, .sectors = (uint32_t)(stop - at)};
		*(j->tail ? &j->tail->next : &j->head) = p;
		j->tail = p;
		c->pending++;
		if (idle)
			job_pump(d, block);
		at = stop;
	}
	less(d, c);
}

static void data_event(struct sim *s, struct event *e)
{
	struct blk_req *r = container_of(e, struct blk_req, event);
	(void)s;
	take(r->device_private, (struct place_command *)(uintptr_t)r->key);
}

static void command(void *ctx, struct blk_req *r)
{
	struct place_dev *d = ctx;
	struct place_command *c = pool_get(&d->commands);
	if (!c) {
		no_memory(d);
		return;
	}
	*c = (struct place_command){.req = r};
	r->device_private = d;
	r->key = (uintptr_t)c;
	event_init(&r->event, data_event, "write data", EVENT_PRIO_DEVICE);
	blk_list_append(&d->active, r);
	note_busy(d);
	r->hit = r->op == BLK_READ || r->op == BLK_WRITE ? BLK_MISS : BLK_HIT_NONE;
	enum blk_status status = d->spaces.count | r->nsid ? ssd_space_status(&d->spaces, r) : BLK_OK;
	if (status != BLK_OK) {
		end(d, c, status);
	} else if (r->op == BLK_WRITE) {
		sim_schedule(d->dev.sim, &r->event, front_take(d->front, r, (uint64_t)r->sectors * SECTOR_BYTES));
	} else if (r->op == BLK_READ || r->op == BLK_WRITE_ZEROES || r->op == BLK_TRIM) {
		take(d, c);
	} else {
		end(d, c, r->op == BLK_FLUSH ? BLK_OK : BLK_UNSUPPORTED);
	}
}

static void leaving(void *ctx, struct blk_req *r)
{
	struct place_dev *d = ctx;
	if (d->dev.tags && r->status == BLK_OK && (r->op == BLK_WRITE || r->op == BLK_WRITE_ZEROES || r->op == BLK_TRIM))
		blk_tags_note_acked(d->dev.tags, r->lba, r->sectors, ssd_tag(r), now_of(d));
}

static void place_submit(struct blk_dev *dev, struct blk_req *r)
{
	struct place_dev *d = place_of(dev);
	if (d->off)
		blk_complete_at(dev, r, BLK_NOT_READY, now_of(d));
	else if (now_of(d) < d->ready_ps)
		blk_list_append(&d->held, r);
	else
		front_submit(d->front, r);
}

static void ready_event(struct sim *s, struct event *e)
{
	(void)s;
	struct place_dev *d = container_of(e, struct place_dev, ready);
	struct blk_req *r;
	while ((r = d->held.head)) {
		blk_list_remove(&d->held, r);
		front_submit(d->front, r);
	}
}

/* ---- power ------------------------------------------------------------------------------------------------------- */

static void torn(void *ctx, enum nand_work work, nand_ppa page, uint32_t share_done)
{
	(void)ctx;
	(void)work;
	(void)page;
	(void)share_done;
}

static void lost(void *ctx, struct tsu_tx *x)
{
	struct place_dev *d = ctx;
	if (x->done == read_done)
		pool_put(&d->reads, container_of(x, struct place_read, tx));
}

static void put_parts(struct place_dev *d, struct place_part *p)
{
	for (struct place_part *next; p; p = next) {
		next = p->next;
		pool_put(&d->parts, p);
	}
}

/* With capacitors an update that has begun ends; else it has left its block as the flash is. */
static void cut_job(struct place_dev *d, struct place_job *j)
{
	uint64_t block = j->block;
	struct nand_block *b = nand_block_of(d->nand, nand_ppa_of_block(d->map.geom, block, 0));
	struct inplace_op op;
	if (j->begun && d->spec->buffer.protected) {
		while (inplace_next(&d->map, &j->write, &op))
			if (op.kind == INPLACE_ERASE)
				nand_block_erase(b, false);
		b->next_page = (uint16_t)d->map.programmed[block];
		note_written(d, j);
	} else if (j->begun) {
		d->map.programmed[block] = b->next_page;
		d->counts.torn_updates++;
	}
	d->job[block] = NULL;
}

static void lose(struct place_dev *d, struct blk_req *r)
{
	if (r->start_ps > now_of(d))
		r->start_ps = -1;
	blk_complete_at(&d->dev, r, BLK_POWER_LOST, now_of(d));
}

static void place_power_cut(struct blk_dev *dev)
{
	struct place_dev *d = place_of(dev);
	struct blk_req *r;
	struct place_job *next;
	if (d->off)
		return;
	front_power_cut(d->front);
	tsu_power_cut(d->tsu, torn, lost, d);
	for (struct place_job *j = d->jobs; j; j = next) {
		next = j->next;
		cut_job(d, j);
		put_parts(d, j->update);
		put_parts(d, j->head);
		pool_put(&d->job_pool, j);
	}
	d->jobs = NULL;
	while ((r = d->active.head)) {
		blk_list_remove(&d->active, r);
		sim_cancel(dev->sim, &r->event);
		pool_put(&d->commands, (struct place_command *)(uintptr_t)r->key);
		lose(d, r);
	}
	while ((r = d->held.head)) {
		blk_list_remove(&d->held, r);
		lose(d, r);
	}
	sim_cancel(dev->sim, &d->ready);
	d->counts.power_cuts++;
	note_busy(d);
	d->off = true;
}

static time_ps place_power_restore(struct blk_dev *dev)
{
	struct place_dev *d = place_of(dev);
	d->off = false;
	d->ready_ps = time_add(now_of(d), d->spec->power_up_ps);
	if (!event_pending(&d->ready))
		sim_schedule(dev->sim, &d->ready, d->ready_ps);
	return d->ready_ps - now_of(d);
}

/* ---- its making -------------------------------------------------------------------------------------------------- */

static int check_options(const struct place_dev *d, struct err *e)
{
	const struct ssd_spec *o = d->spec;
	const char *name = d->dev.name;
	if (o->flash.geometry.program_unit == NAND_UNIT_WORDLINE)
		return err_set(e, ERR_CONFIG, "%s.ftl.map.scheme: none writes pages one by one, and flash.geometry.program_unit is wordline",
			name);
	if (o->ftl.map.unit_bytes != 0 && o->ftl.map.unit_bytes != o->flash.geometry.page_bytes)
		return err_set(e, ERR_CONFIG, "%s.ftl.map.unit: without a map (scheme none) there are only pages", name);
	if (o->precondition.seed >= 0)
		return err_set(e, ERR_CONFIG, "%s.precondition.seed: without a map (scheme none) nothing is drawn", name);
	if (o->precondition.overwrite > 0)
		return err_set(e, ERR_CONFIG, "%s.precondition.overwrite: without a map (scheme none) it leaves nothing that fill does not",
			name);
	return 0;
}

/* The first blocks are full. */
static void precondition(struct place_dev *d)
{
	const struct nand_geom *g = &d->nand->geom;
	uint64_t blocks = (uint64_t)(d->spec->precondition.fill * (double)g->all_blocks);
	for (uint64_t i = 0; i < blocks; i++) {
		nand_block_of(d->nand, nand_ppa_of_block(g, i, 0))->next_page = (uint16_t)g->pages;
		d->map.programmed[i] = g->pages;
	}
	d->dev.filled = blocks * block_sectors(d);
}

static int place_open(struct blk_dev *dev, const void *spec, struct err *e)
{
	struct place_dev *d = place_of(dev);
	struct sim *s = dev->sim;
	struct arena *a = s->arena;
	struct front_client client = {.command = command, .leaving = leaving, .ctx = d,
		.spaces = (uint32_t)((const struct ssd_spec *)spec)->namespaces.count};
	d->spec = spec;
	event_init(&d->ready, ready_event, "ssd ready", EVENT_PRIO_DEVICE);
	if (check_options(d, e) < 0)
		return -1;
	d->nand = nand_open(a, &d->spec->flash, e);
	d->tsu = d->nand ? tsu_open(a, s, d->nand, &d->spec->sched, e) : NULL;
	d->front = d->tsu ? front_open(a, s, dev, &d->spec->front, client, dev->name, e) : NULL;
	if (!d->front || inplace_open(&d->map, a, &d->nand->geom, (enum inplace_update)d->spec->ftl.map.update, e) < 0)
		return -1;
	d->job = arena_array(a, d->nand->geom.all_blocks, sizeof(struct place_job *));
	if (!d->job)
		return err_set(e, ERR_LIMIT, "no memory for device %s", dev->name);
	pool_init(&d->commands, a, sizeof(struct place_command), 64);
	pool_init(&d->parts, a, sizeof(struct place_part), 64);
	pool_init(&d->reads, a, sizeof(struct place_read), 64);
	pool_init(&d->job_pool, a, sizeof(struct place_job), 64);
	d->page_sectors = d->nand->geom.page_bytes / SECTOR_BYTES;
	precondition(d);
	d->ready_ps = s->now_ps;
	return ssd_spaces_open(&d->spaces, dev, &d->spec->namespaces, d->nand->geom.all_pages * d->page_sectors, d->page_sectors, e);
}

static time_ps place_busy_ps(const struct blk_dev *dev)
{
	const struct place_dev *d = place_of(dev);
	return dev->stats.busy_ps + (d->busy ? now_of(d) - d->busy_since_ps : 0);
}

static void place_identify(const struct blk_dev *dev, struct blk_identity *out)
{
	const struct place_dev *d = place_of(dev);
	*out = (struct blk_identity){
		.model = d->spec->name,
		.kind = dev->ops->name,
		.sectors = d->nand->geom.all_pages * d->page_sectors,
		.physical_bytes = d->nand->geom.page_bytes,
		.queue_depth = front_depth(d->front),
		.trims = true,
	};
}

static void place_status(const struct blk_dev *dev, struct blk_dev_status *out)
{
	const struct place_dev *d = place_of(dev);
	*out = (struct blk_dev_status){
		.power = d->off ? BLK_POWER_OFF : BLK_POWER_ON,
		.queued = front_waiting(d->front) + d->held.count,
		.in_service = front_moving(d->front) + d->active.count,
	};
	out->busy = !d->off && (out->queued > 0 || out->in_service > 0 || tsu_unfinished(d->tsu) > 0);
}

const struct blk_dev_ops ssd_inplace_ops = {
	.name = "ssd",
	.doc = "solid-state drive without remapping",
	.options = &ssd_options,
	.state_size = sizeof(struct place_dev),
	.space = ssd_space,
	.open = place_open,
	.identify = place_identify,
	.busy_ps = place_busy_ps,
	.status = place_status,
	.submit = place_submit,
	.power_cut = place_power_cut,
	.power_restore = place_power_restore,
	.save_state = place_save,
	.load_state = place_load,
	.free_options = ssd_free_options,
	.forget = place_forget,
	.report = place_report,
	.table = place_table,
	.show = place_show,
};
