/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Serial ATA with native command queueing over one link that carries one frame at a time, whichever way.
 *
 * What crosses it (Serial ATA revision 3.x; frames in words of 4 bytes, each with SOF, CRC and EOF around it): a
 * command is a Register FIS of 5 words; a queued one is let go with another of 5 from the drive. Queued data begins with
 * a DMA Setup FIS (7); read data follows in Data FISes (1, and at most 8192 bytes); write data is asked for with a DMA
 * Activate FIS (1) for each. A queued command ends with a Set Device Bits FIS (2), another with a Register FIS (5).
 * 8b/10b, and 2 ALIGN words in each 256.
 *
 * Reads and writes are queued commands. A flush, and a trim or write-zeroes without sata.queued_trim, are not: the host
 * lets the queue run empty, sends it, and goes on when it is done. Commands beyond `depth` wait in the host, in order.
 */
#include "ftl/front_private.h"

#define WORD_BYTES 4
#define FRAME_WORDS 3 /* SOF, CRC, EOF */
#define REGISTER_WORDS 5
#define SETUP_WORDS 7
#define ACTIVATE_WORDS 1
#define BITS_WORDS 2
#define DATA_WORDS 1
#define DATA_BYTES_MAX 8192

/* Bytes a second: 1.5, 3, 6 Gb/s. */
static const uint64_t rates[] = {150000000, 300000000, 600000000};

static bool queued(const struct front *f, const struct blk_req *r)
{
	return r->op == BLK_READ || r->op == BLK_WRITE ||
	       (f->spec->sata.queued_trim && (r->op == BLK_TRIM || r->op == BLK_WRITE_ZEROES));
}

/* ---- the link ----------------------------------------------------------------------------------------- */

static time_ps frame(struct front *f, uint64_t words)
{
	return f->spec->sata.frame_ps + front_pipe_time(&f->in, (words + FRAME_WORDS) * WORD_BYTES);
}

/* Data FISes with their data, `each` more for one. */
static time_ps data_time(struct front *f, uint64_t bytes, time_ps each)
{
	if (bytes == 0)
		return 0;
	uint64_t frames = (bytes + DATA_BYTES_MAX - 1) / DATA_BYTES_MAX;
	time_ps around = f->spec->sata.frame_ps + each;
	uint64_t wire = bytes + frames * (DATA_WORDS + FRAME_WORDS) * WORD_BYTES;
	return front_pipe_time(&f->in, wire) + time_mul(around, (int64_t)frames);
}

static time_ps sata_in(struct front *f, const struct blk_req *r, uint64_t bytes, time_ps *bus)
{
	(void)r;
	*bus = f->sata.setup_ps + data_time(f, bytes, f->sata.activate_ps);
	front_pipe_take(&f->in, f->sim->now_ps, *bus);
	return f->in.free_ps;
}

static time_ps sata_out(struct front *f, const struct blk_req *r, uint64_t bytes, bool last, time_ps *bus)
{
	time_ps length = bytes > 0 ? f->sata.setup_ps + data_time(f, bytes, 0) : 0;
	*bus = length;
	if (last)
		length += queued(f, r) ? f->sata.bits_ps : f->sata.register_ps;
	front_pipe_take(&f->in, f->sim->now_ps, length);
	return last ? time_add(f->in.free_ps, f->spec->sata.completion_ps) : f->in.free_ps;
}

/* ---- requests ----------------------------------------------------------------------------------------- */

/* Sends what may be sent, in order. */
static void run(struct front *f)
{
	struct front_sata *s = &f->sata;
	time_ps now = f->sim->now_ps;
	struct blk_req *r;
	while ((r = s->host.head) && !s->alone) {
		bool ncq = queued(f, r);
		if (s->outstanding >= (ncq ? f->spec->sata.depth : 1))
			return;
		blk_list_remove(&s->host, r);
		f->waiting--;
		s->outstanding++;
		s->alone = !ncq;
		front_pipe_take(&f->in, now, s->register_ps);
		time_ps sent = f->in.free_ps;
		if (ncq)
			front_pipe_take(&f->in, now, s->register_ps);
		front_bring(f, r, now, time_add(sent, f->spec->sata.command_ps));
	}
}

static void sata_submit(struct front *f, struct blk_req *r)
{
	blk_list_append(&f->sata.host, r);
	f->waiting++;
	run(f);
	f->stats.host_waits += f->sata.host.tail == r;
}

static uint32_t sata_place(const struct front *f, const struct blk_req *r)
{
	(void)f;
	(void)r;
	return 0;
}

static void sata_left(struct front *f, uint32_t place)
{
	(void)place;
	f->sata.outstanding--;
	f->sata.alone = false;
	run(f);
}

static void sata_power_cut(struct front *f)
{
	struct blk_req *r;
	while ((r = f->sata.host.head)) {
		blk_list_remove(&f->sata.host, r);
		front_lose(f, r);
	}
	f->sata.outstanding = 0;
	f->sata.alone = false;
}

static uint32_t sata_depth(const struct front *f) { return (uint32_t)f->spec->sata.depth; }

static int sata_open(struct front *f, struct arena *a)
{
	(void)a;
	f->in.num = rates[f->spec->sata.rate] * 254;
	f->in.den = 256;
	f->sata.register_ps = frame(f, REGISTER_WORDS);
	f->sata.setup_ps = frame(f, SETUP_WORDS);
	f->sata.activate_ps = frame(f, ACTIVATE_WORDS);
	f->sata.bits_ps = frame(f, BITS_WORDS);
	return 0;
}

const struct front_ops front_ops_sata = {sata_open, sata_depth, sata_submit, sata_place, sata_left, sata_in, sata_out,
	sata_power_cut};
