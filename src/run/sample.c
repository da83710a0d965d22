/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An even sample of the requests, in constant memory. */
#include "run/sample.h"

#include <inttypes.h>
#include <string.h>

int sample_init(struct sample *s, struct arena *a)
{
	memset(s, 0, sizeof(*s));
	s->step = 1;
	s->row = arena_array(a, SAMPLE_ROWS, sizeof(*s->row));
	return s->row ? 0 : -1;
}

void sample_keep(struct sample *s, const struct blk_req *r)
{
	s->row[s->count++] = (struct sample_row){.done_ps = r->done_ps, .latency_ps = r->done_ps - r->arrive_ps,
		.lba = r->lba, .place = r->place, .sectors = r->sectors, .op = r->op, .hit = r->hit};
	s->next += s->step;
	if (s->count < SAMPLE_ROWS)
		return;
	for (uint32_t i = 1; 2 * i < SAMPLE_ROWS; i++)
		s->row[i] = s->row[2 * i];
	s->count = SAMPLE_ROWS / 2;
	s->step *= 2; /* rows are an even number: the next one due stays */
}

void sample_csv(const struct sample *s, FILE *out)
{
	fputs("request,done_s,op,lba,sectors,hit,place,latency_us\n", out);
	for (uint32_t i = 0; i < s->count; i++) {
		const struct sample_row *r = &s->row[i];
		fprintf(out, "%" PRIu64 ",%.9f,%s,%" PRIu64 ",%" PRIu32 ",%s,", i * s->step, time_seconds(r->done_ps),
			blk_op_name(r->op), r->lba, r->sectors, blk_hit_name(r->hit));
		if (r->place != BLK_NO_PLACE)
			fprintf(out, "%" PRIu64, r->place);
		fprintf(out, ",%.6f\n", 1e-6 * (double)r->latency_ps);
	}
}
