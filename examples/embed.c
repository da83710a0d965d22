/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A program with a clock of its own drives a simulated disk: every 10 ms it asks for 8 KiB
 * somewhere, and it is called back when the disk has them.
 *
 *     cc embed.c $(pkg-config --cflags --libs quern) -o embed && ./embed
 */
#include <inttypes.h>
#include <stdio.h>

#include <quern.h>

#define MS INT64_C(1000000000) /* in picoseconds */

static void done(void *context, const struct quern_completion *c)
{
	int *count = context;
	printf("request %2d: at %7.3f ms, took %6.3f ms (seek %6.3f, rotation %6.3f)\n", ++*count,
		(double)c->arrive_ps / (double)MS, (double)(c->done_ps - c->arrive_ps) / (double)MS,
		(double)c->seek_ps / (double)MS, (double)c->rotation_ps / (double)MS);
}

int main(void)
{
	int count = 0;
	struct quern_error error;
	struct quern_config config = {.device = "quantum-atlas-10k", .done = done, .context = &count};
	struct quern *q = quern_new(&config, &error);
	if (!q) {
		fprintf(stderr, "embed: %s\n", error.message);
		return 1;
	}
	struct quern_identity disk;
	if (quern_identify(q, 0, &disk) < 0)
		return 1;
	printf("%s, %" PRIu64 " sectors\n", disk.model, disk.sectors);

	for (uint64_t tick = 0; tick < 20; tick++) {
		/* what happened on the disk up to now, then something new for it */
		if (quern_advance(q, (int64_t)tick * 10 * MS) < 0 ||
		    quern_submit(q, 0, QUERN_READ, tick * 7919 * 101 % (disk.sectors - 16), 16, 0, NULL) < 0) {
			fprintf(stderr, "embed: %s\n", quern_error(q));
			return 1;
		}
	}
	if (quern_run(q) < 0)
		return 1;
	printf("%d requests in %.3f ms of simulated time\n", count, (double)quern_now(q) / (double)MS);
	quern_free(q);
	return count == 20 ? 0 : 1;
}
