/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A program of a user of libquern, built from the installed header and library alone: reads
 * from the drive it is given, and says what came back. Exit 0 when the library kept its word.
 */
#include <inttypes.h>
#include <stdio.h>

#include <quern.h>

#define REQUESTS 100

struct seen {
	unsigned completions;
	int64_t last_ps;
	int in_order;
};

static void done(void *context, const struct quern_completion *c)
{
	struct seen *seen = context;
	seen->completions++;
	if (c->done_ps < seen->last_ps || c->done_ps <= c->arrive_ps || c->status != QUERN_OK)
		seen->in_order = 0;
	seen->last_ps = c->done_ps;
}

int main(int argc, char **argv)
{
	struct seen seen = {.in_order = 1};
	struct quern_error error;
	struct quern_config config = {.device = argc > 1 ? argv[1] : "", .done = done, .context = &seen};
	struct quern *q = quern_new(&config, &error);
	if (!q) {
		fprintf(stderr, "%s\n", error.message);
		return 1;
	}
	for (uint64_t i = 0; i < REQUESTS; i++)
		if (quern_submit(q, 0, QUERN_READ, i * 10007 * 8, 8, 0, NULL) != 0)
			return 1;
	if (seen.completions != 0 || quern_next_time(q) < 0 || quern_run(q) != 0)
		return 1;
	printf("%u of %d requests in %" PRId64 " ps\n", seen.completions, REQUESTS, quern_now(q));
	int good = seen.completions == REQUESTS && seen.in_order && quern_outstanding(q) == 0;
	quern_free(q);
	return good ? 0 : 1;
}
