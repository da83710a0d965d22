/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of a run directory. */
#include "config.h"

#include "run/run_write.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_UNIT 1e3  /* latency.hgrm is in ns */
#define US_PER_UNIT 1e6  /* the CSV histograms are in us */

/* What one file is written from. */
struct content {
	const struct run *run;
	const struct run_options *options;
	const struct rundir *dir;
	const struct hist *hist;
	enum observe_part part;
	const struct blk_dev *dev;
	const struct device_series *series;
	unsigned table;
};

typedef int write_fn(const struct content *c, FILE *out);

static int write_file(struct rundir *d, const char *path, write_fn *fn, const struct content *c,
	struct err *e)
{
	FILE *f = rundir_create(d, path, e);
	if (!f)
		return -1;
	if (fn(c, f) < 0) {
		fclose(f);
		return err_set(e, ERR_LIMIT, "no memory to write %s", path);
	}
	return rundir_close(d, f, path, e);
}

/* ---- single files ----------------------------------------------------------------------------- */

char *run_way_back(const char *dir)
{
	size_t depth = 0;
	bool climbs = *dir == '/';
	for (const char *p = dir; *p;) {
		size_t len = strcspn(p, "/");
		climbs = climbs || (len == 2 && !strncmp(p, "..", 2));
		depth += len > 0 && !(len == 1 && *p == '.');
		p += len;
		p += strspn(p, "/");
	}
	char *here = climbs ? realpath(".", NULL) : NULL;
	char *out = NULL;
	if (climbs && here && asprintf(&out, "%s/", here) < 0)
		out = NULL;
	free(here);
	if (climbs)
		return out;
	out = malloc(3 * depth + 1);
	if (!out)
		return NULL;
	for (size_t i = 0; i < depth; i++)
		strcpy(out + 3 * i, "../");
	out[3 * depth] = '\0';
	return out;
}

static int write_effective(const struct content *c, FILE *out)
{
	const struct plan *plan = c->run->plan;
	fprintf(out, "# quern %s: the run with every setting; `quern run` on this file repeats it\n",
		PACKAGE_VERSION);
	char *from = run_way_back(rundir_name(c->dir));
	if (!from)
		return -1;
	plan_write_yaml(plan, from, out);
	free(from);
	return 0;
}

static int write_summary(const struct content *c, FILE *out)
{
	json_t *doc = summary_json(&c->run->summary);
	if (!doc)
		return -1;
	int bad = summary_json_write(doc, out);
	json_decref(doc);
	return bad && !ferror(out) ? -1 : 0;
}

static int write_commands(const struct content *c, FILE *out)
{
	if (c->options->command)
		fprintf(out, "%s\n", c->options->command);
	fprintf(out, "# quern %s, seed %lld\n", PACKAGE_VERSION, (long long)c->run->plan->seed);
	return 0;
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

static int write_machine(const struct content *c, FILE *out)
{
	const struct run *r = c->run;
	struct utsname host = {0};
	struct rusage use = {0};
	char date[32] = "";
	time_t now = time(NULL);
	struct tm tm;
	uname(&host);
	getrusage(RUSAGE_SELF, &use);
	if (gmtime_r(&now, &tm))
		strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", &tm);
	double wall = r->wall_s > 0 ? r->wall_s : 1e-9;
	json_t *doc = json_pack("{s:s, s:f, s:f, s:f, s:f, s:I, s:f, s:I, s:I, s:s, s:s, s:s, s:I}",
		"finished_utc", date, "wall_s", r->wall_s, "user_s", seconds(use.ru_utime), "system_s",
		seconds(use.ru_stime), "requests_per_s", (double)r->observe.seen / wall,
		"events", (json_int_t)r->events, "events_per_s", (double)r->events / wall,
		"max_rss_bytes", (json_int_t)use.ru_maxrss * 1024, "simulation_bytes",
		(json_int_t)arena_bytes(r->system->sim->arena), "system", host.sysname, "release",
		host.release, "machine", host.machine, "cpus", (json_int_t)sysconf(_SC_NPROCESSORS_ONLN));
	if (!doc)
		return -1;
	int bad = summary_json_write(doc, out);
	json_decref(doc);
	return bad && !ferror(out) ? -1 : 0;
}

/* ---- histograms ---------------------------------------------------------------------------------- */

static int write_hgrm(const struct content *c, FILE *out)
{
	hist_write_hgrm(c->hist, NS_PER_UNIT, out);
	return 0;
}

static int write_hist_us(const struct content *c, FILE *out)
{
	hist_write_csv(c->hist, US_PER_UNIT, "us", out);
	return 0;
}

static int write_part(const struct content *c, FILE *out)
{
	observe_part_csv(&c->run->observe, c->part, out);
	return 0;
}

static int write_split(const struct content *c, FILE *out)
{
	observe_split_csv(&c->run->observe, out);
	return 0;
}

static int write_sample(const struct content *c, FILE *out)
{
	sample_csv(&c->run->observe.sample, out);
	return 0;
}

static int write_residuals(const struct content *c, FILE *out)
{
	return residuals_csv(&c->run->observe.residuals, &c->run->observe.demerit, out);
}

static int write_residuals_text(const struct content *c, FILE *out)
{
	return residuals_text(&c->run->observe.residuals, &c->run->observe.demerit, out);
}

/* Histograms that are sums of the observer's. */
struct merged {
	struct arena *arena;
	struct hist all, other;
	struct hist simulated, measured; /* of the rows that have a measured response */
};

static int merge(const struct observe *o, struct merged *m)
{
	m->arena = arena_new();
	if (!m->arena || hist_init(&m->all, m->arena) < 0 || hist_init(&m->other, m->arena) < 0 ||
	    hist_init(&m->simulated, m->arena) < 0 || hist_init(&m->measured, m->arena) < 0)
		return -1;
	for (int c = 0; c < OBSERVE_CLASSES; c++) {
		hist_merge(&m->all, &o->dir[c].lat);
		if (c != OBSERVE_READ && c != OBSERVE_WRITE)
			hist_merge(&m->other, &o->dir[c].lat);
	}
	for (size_t i = 0; i < o->demerit.count; i++) {
		hist_add(&m->simulated, o->demerit.row[i].simulated_ps);
		hist_add(&m->measured, o->demerit.row[i].measured_ps);
	}
	return 0;
}

static int write_histograms(struct content *c, struct rundir *d, const struct merged *m,
	struct err *e)
{
	const struct observe *o = &c->run->observe;
	const struct {
		const char *path;
		write_fn *fn;
		const struct hist *hist;
	} files[] = {
		{"latency.hgrm", write_hgrm, &m->all},
		{"hist/latency_all.csv", write_hist_us, &m->all},
		{"hist/latency_read.csv", write_hist_us, &o->dir[OBSERVE_READ].lat},
		{"hist/latency_write.csv", write_hist_us, &o->dir[OBSERVE_WRITE].lat},
		{"hist/latency_other.csv", write_hist_us, &m->other},
		{"service.csv", write_split, NULL},
		{"requests.csv", write_sample, NULL},
		{"hist/response_simulated.csv", write_hist_us, &m->simulated},
		{"hist/response_measured.csv", write_hist_us, &m->measured},
		{"residuals.csv", write_residuals, NULL},
		{"residuals.txt", write_residuals_text, NULL},
	};
	size_t count = sizeof(files) / sizeof(*files) - (o->has_measured ? 0 : 4);
	for (size_t i = 0; i < count; i++) {
		c->hist = files[i].hist;
		if (write_file(d, files[i].path, files[i].fn, c, e) < 0)
			return -1;
	}
	for (int p = 0; p < OBSERVE_PARTS; p++) {
		char path[64];
		c->part = (enum observe_part)p;
		snprintf(path, sizeof(path), "hist/%s.csv", observe_part_name(c->part));
		if (write_file(d, path, write_part, c, e) < 0)
			return -1;
	}
	return 0;
}

/* ---- the device's own tables ------------------------------------------------------------------------ */

static int write_table(const struct content *c, FILE *out)
{
	c->dev->ops->table(c->dev, c->table, out);
	return 0;
}

/* hist/NAME.csv for the first device, hist/DEVICE_NAME.csv for each further one. */
static int write_tables(struct content *c, struct rundir *d, struct err *e)
{
	const struct system *s = c->run->system;
	for (size_t i = 0; i < s->devices; i++) {
		c->dev = s->device[i];
		for (c->table = 0; c->dev->ops->table; c->table++) {
			const char *name = c->dev->ops->table(c->dev, c->table, NULL);
			if (!name)
				break;
			char *path;
			if (asprintf(&path, "hist/%s%s%s.csv", i ? c->dev->name : "", i ? "_" : "", name) < 0)
				return err_set(e, ERR_LIMIT, "no memory to write the table %s", name);
			int bad = write_file(d, path, write_table, c, e);
			free(path);
			if (bad)
				return -1;
		}
	}
	return 0;
}

static int write_host_table(const struct content *c, FILE *out)
{
	return hosts_table(c->run->system->hosts, c->table, out);
}

/* hist/NAME.csv for each table of the scenario. */
static int write_host_tables(struct content *c, struct rundir *d, struct err *e)
{
	const struct hosts *h = c->run->system->hosts;
	const char *name;
	for (c->table = 0; h && (name = hosts_table_name(h, c->table)); c->table++) {
		char path[128];
		snprintf(path, sizeof(path), "hist/%s.csv", name);
		if (write_file(d, path, write_host_table, c, e) < 0)
			return -1;
	}
	return 0;
}

static int write_device_series(const struct content *c, FILE *out)
{
	device_series_csv(c->series, out);
	return 0;
}

/* device-series.csv for the first device, device-series-NAME.csv for each further one. */
static int write_series(struct content *c, struct rundir *d, struct err *e)
{
	const struct observe *o = &c->run->observe;
	for (size_t i = 0; i < o->device_count; i++) {
		c->series = &o->device[i];
		char *path;
		if (asprintf(&path, "device-series%s%s.csv", i ? "-" : "", i ? c->series->dev->name : "") < 0)
			return err_set(e, ERR_LIMIT, "no memory to write the series of the devices");
		int bad = write_file(d, path, write_device_series, c, e);
		free(path);
		if (bad)
			return -1;
	}
	return 0;
}

static int write_tail(const struct content *c, FILE *out)
{
	tail_csv(&c->run->observe.tail, out);
	return 0;
}

static int write_lost(const struct content *c, FILE *out)
{
	power_cut_csv(c->run->system->cut, out);
	return 0;
}

static int write_cut(const struct content *c, struct rundir *d, struct err *e)
{
	const struct power_cut *cut = c->run->system->cut;
	return cut && cut->happened ? write_file(d, "lost.csv", write_lost, c, e) : 0;
}

/* What comes after the tables; the summary last. */
static int write_rest(struct content *c, struct rundir *d, struct err *e)
{
	if (write_series(c, d, e) < 0 || (c->run->observe.tail.row && write_file(d, "tail.csv", write_tail, c, e) < 0) || write_cut(c, d, e) < 0)
		return -1;
	return write_file(d, "machine.json", write_machine, c, e) == 0 && write_file(d, "summary.json", write_summary, c, e) == 0 ? 0 : -1;
}

/* A table may take its time, and ends early where a signal comes. */
static void note_interrupt(struct run *r, const struct run_options *o)
{
	if (!r->system->hosts || !o->stop || !*o->stop || r->summary.partial)
		return;
	r->summary.partial = true;
	r->summary.partial_reason = "interrupted by a signal while the tables of its hosts were made";
}

int run_write(struct run *r, const struct run_options *o, struct rundir *d, struct err *e)
{
	struct content c = {.run = r, .options = o, .dir = d};
	struct merged m = {0};
	int bad = -1;
	if (merge(&r->observe, &m) < 0)
		err_set(e, ERR_LIMIT, "no memory to write the histograms");
	else if (write_file(d, "config.effective", write_effective, &c, e) == 0 &&
		 write_file(d, "commands", write_commands, &c, e) == 0 &&
		 write_histograms(&c, d, &m, e) == 0 && write_tables(&c, d, e) == 0 && write_host_tables(&c, d, e) == 0) {
		note_interrupt(r, o);
		bad = write_rest(&c, d, e);
	}
	arena_free(m.arena);
	return bad;
}
