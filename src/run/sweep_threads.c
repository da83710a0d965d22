/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same work on several threads. */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>

#include "run/sweep_private.h"

unsigned sweep_processors(void)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 1;
	int count = CPU_COUNT(&set);
	return count > 0 ? (unsigned)count : 1;
}

/* Signals go to the thread that called: the others work with all of them blocked. */
void sweep_on_threads(unsigned count, void *(*work)(void *ctx), void *ctx)
{
	pthread_t *thread = count > 1 ? calloc(count, sizeof(*thread)) : NULL;
	unsigned started = 0;
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (thread && started + 1 < count && pthread_create(&thread[started], NULL, work, ctx) == 0)
		started++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	work(ctx); /* where no thread could be started, this one does it all */
	for (unsigned i = 0; i < started; i++)
		pthread_join(thread[i], NULL);
	free(thread);
}
