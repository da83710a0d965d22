/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The summary as a short page: what a user asks first, with units. */
#include "run/summary.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "blk/space.h"
#include "run/show.h"

#define LABEL "  %-16s"
#define DEVICES_SHOWN 6

static double ns(double v)
{
	return v * (double)PS_PER_NS;
}

static void print_broken(const struct summary *m, FILE *out)
{
	const struct hosts *h = m->system->hosts;
	for (size_t i = 0; h && i < hosts_count(h); i++) {
		struct err why = {0};
		if (hosts_contract(h, i, &why) == SCENARIO_BROKEN)
			fprintf(out, "CONTRACT BROKEN on %s: %s\n", m->system->dev[i]->name, why.msg);
	}
}

/* What follows is of a machine that could not go on as it was to. */
static void print_memory(const struct summary *m, FILE *out)
{
	const struct hosts *h = m->system->hosts;
	for (size_t i = 0; h && i < hosts_count(h); i++) {
		char first[HOSTS_MEMORY_BYTES];
		uint64_t times = hosts_out_of_memory(h, i, first, sizeof(first));
		if (times > 0)
			fprintf(out, "OUT OF MEMORY on the host of %s, %" PRIu64 " time%s: %s%s\n", m->system->dev[i]->name, times,
				times > 1 ? "s" : "", times > 1 ? "first " : "", first);
	}
}

static void print_head(const struct summary *m, struct show *s, FILE *out)
{
	const struct system *sys = m->system;
	fprintf(out, "%s: %s requests on ", system_drive_name(sys), show_count(s, m->observe->seen));
	for (size_t i = 0; i < sys->count; i++)
		fprintf(out, "%s%s (%s, %s)", i ? ", " : "", sys->dev[i]->name, sys->identity[i].model,
			show_bytes(s, (double)sys->identity[i].sectors * SECTOR_BYTES));
	if (sys->hosts)
		fputs(sys->count > 1 ? ", a host each" : "", out);
	else if (sys->mode == REPLAY_DEPTH)
		fprintf(out, ", closed loop, depth %u", sys->depth);
	else
		fprintf(out, ", %s", sys->mode == REPLAY_THINK ? "closed loop, pauses kept" : "open loop");
	fprintf(out, ", seed %lld\n", (long long)m->plan->seed);
	if (m->partial)
		fprintf(out, "PARTIAL: %s\n", m->partial_reason);
	print_memory(m, out);
	print_broken(m, out);
}

static void print_row(struct show *s, const char *name,
	const struct hist *h, double iops, double rate, FILE *out)
{
	bool rates = isfinite(iops) && isfinite(rate);
	fprintf(out, "  %-6s %12s %9s %11s %9s %9s %9s %9s %9s %9s\n", name,
		show_count(s, h->exact.count), rates ? show_number(s, iops) : "-", rates ? show_rate(s, rate) : "-",
		show_time(s, tally_mean(&h->exact)), show_time(s, (double)hist_quantile(h, .50)),
		show_time(s, (double)hist_quantile(h, .90)), show_time(s, (double)hist_quantile(h, .99)),
		show_time(s, (double)hist_quantile(h, .999)), show_time(s, (double)h->exact.max));
}

static void print_latency(const struct summary *m, struct show *s, FILE *out)
{
	fprintf(out, "\n  %-6s %12s %9s %11s %9s %9s %9s %9s %9s %9s\n", "", "requests", "per s",
		"bandwidth", "mean", "p50", "p90", "p99", "p99.9", "max");
	for (int c = 0; c < OBSERVE_CLASSES; c++)
		if (m->observe->dir[c].lat.exact.count)
			print_row(s, observe_class_name(c), &m->observe->dir[c].lat, summary_iops(m, c),
				summary_bytes_per_s(m, c), out);
	fputc('\n', out);
}

static void print_split(const struct blk_dev_stats *st, struct show *s, FILE *out)
{
	double n = st->completed ? (double)st->completed : 1.0;
	fprintf(out, LABEL, "  per request");
	if (st->seek_ps || st->rotation_ps)
		fprintf(out, "seek %s, rotation %s, ", show_time(s, (double)st->seek_ps / n), show_time(s, (double)st->rotation_ps / n));
	fprintf(out, "transfer %s, overhead %s, bus %s\n",
		show_time(s, (double)st->transfer_ps / n), show_time(s, (double)st->overhead_ps / n),
		show_time(s, (double)st->bus_ps / n));
}

/* How the device's buffer did. */
static void print_buffer(const struct blk_dev_stats *st, struct show *s, FILE *out)
{
	const uint64_t *r = st->reads_by_hit, *w = st->writes_by_hit;
	double reads = (double)(r[BLK_HIT] + r[BLK_HIT_PARTIAL] + r[BLK_MISS]);
	double writes = (double)(w[BLK_HIT] + w[BLK_HIT_PARTIAL] + w[BLK_MISS]);
	if (reads + writes == 0)
		return;
	fprintf(out, LABEL, "  buffer");
	if (reads > 0)
		fprintf(out, "%s of reads hit, %s in part%s", show_percent(s, (double)r[BLK_HIT] / reads),
			show_percent(s, (double)r[BLK_HIT_PARTIAL] / reads), writes > 0 ? "; " : "");
	if (writes > 0)
		fprintf(out, "%s of writes acknowledged from it", show_percent(s, (double)w[BLK_HIT] / writes));
	fputc('\n', out);
}

/* What was programmed and cleaned, of a device that tells so. */
struct flash_figures {
	double host, gc, wear, mapping, padding, jobs, least, mean, most, job_ms, job_max_ms, dies, channels, mounts, mount_ms,
		mount_pages, mount_lost;
};

static void note_flash(void *ctx, const char *name, double value, const char *unit)
{
	static const struct {
		const char *name;
		size_t at;
	} wanted[] = {
		{"programmed_host_units", offsetof(struct flash_figures, host)}, {"programmed_gc_units", offsetof(struct flash_figures, gc)},
		{"programmed_wear_units", offsetof(struct flash_figures, wear)},
		{"programmed_mapping_units", offsetof(struct flash_figures, mapping)},
		{"programmed_padding_units", offsetof(struct flash_figures, padding)}, {"gc_jobs", offsetof(struct flash_figures, jobs)},
		{"erase_min", offsetof(struct flash_figures, least)}, {"erase_mean", offsetof(struct flash_figures, mean)},
		{"erase_max", offsetof(struct flash_figures, most)}, {"gc_mean_ms", offsetof(struct flash_figures, job_ms)},
		{"gc_max_ms", offsetof(struct flash_figures, job_max_ms)}, {"die_busy", offsetof(struct flash_figures, dies)},
		{"channel_busy", offsetof(struct flash_figures, channels)}, {"mounts", offsetof(struct flash_figures, mounts)},
		{"mount_last_ms", offsetof(struct flash_figures, mount_ms)}, {"mount_pages_read", offsetof(struct flash_figures, mount_pages)},
		{"mount_units_lost", offsetof(struct flash_figures, mount_lost)},
	};
	(void)unit;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (!strcmp(name, wanted[i].name))
			*(double *)(void *)((char *)ctx + wanted[i].at) = value;
}

static void print_flash(const struct blk_dev *dev, struct show *s, FILE *out)
{
	struct flash_figures f = {0};
	dev->ops->report(dev, note_flash, &f);
	if (f.dies > 0)
		fprintf(out, LABEL "dies %s busy, channels %s\n", "  flash", show_percent(s, f.dies), show_percent(s, f.channels));
	if (f.mounts > 0)
		fprintf(out, LABEL "mounted in %s: %s pages read; %s units were under way and are lost\n", "", show_time(s, 1e9 * f.mount_ms),
			show_count(s, (uint64_t)f.mount_pages), show_count(s, (uint64_t)f.mount_lost));
	if (f.host <= 0)
		return;
	fprintf(out, LABEL "write amplification %.3f: host 1, cleaning %.3f, wear levelling %.3f, map %.3f, padding %.3f\n", "",
		1 + (f.gc + f.wear + f.mapping + f.padding) / f.host, f.gc / f.host, f.wear / f.host, f.mapping / f.host,
		f.padding / f.host);
	fprintf(out, LABEL "%s blocks cleaned", "", show_count(s, (uint64_t)f.jobs));
	if (f.jobs > 0)
		fprintf(out, " in %s each, %s at most", show_time(s, 1e9 * f.job_ms), show_time(s, 1e9 * f.job_max_ms));
	fprintf(out, "; erases of a block %.0f least, %.2f mean, %.0f most\n", f.least, f.mean, f.most);
}

static void print_steady_one(const char *label, const char *what, const struct device_steady *d, struct show *s, FILE *out)
{
	if (d->windows == 0)
		return;
	fprintf(out, LABEL "%s ", label, what);
	if (d->settled)
		fprintf(out, d->from_ps > 0 ? "steady from %s on (MSER-5)" : "steady from the start (MSER-5)", show_time(s, (double)d->from_ps));
	else if (d->windows < 10)
		fprintf(out, "seen in %s windows, too few for MSER-5 (stats.window)", show_count(s, d->windows));
	else
		fputs("not yet steady (MSER-5)", out);
	if (d->snia.applies)
		fprintf(out, "; SNIA's five rounds %s: range %.1f %% (limit 20), slope %.1f %% (limit 10)",
			d->snia.reached ? "hold" : "do not hold", 100 * d->snia.range, 100 * d->snia.excursion);
	fputc('\n', out);
}

/* Of a device that tells of its write amplification. */
static void print_steady(const struct summary *m, size_t i, struct show *s, FILE *out)
{
	if (i >= m->observe->device_count)
		return;
	const struct device_steady ratio = device_series_ratio(&m->observe->device[i]);
	const struct device_steady bytes = device_series_throughput(&m->observe->device[i]);
	if (ratio.windows == 0)
		return;
	print_steady_one("  steady state", "throughput", &bytes, s, out);
	print_steady_one("", "write amplification", &ratio, s, out);
}

static void print_space_part(const struct hist *h, const char *what, struct show *s, FILE *out)
{
	if (h->exact.count > 0)
		fprintf(out, "; %s %s, mean %s, p99 %s", show_count(s, h->exact.count), what, show_time(s, tally_mean(&h->exact)),
			show_time(s, (double)hist_quantile(h, .99)));
}

/* A namespace, or what waits in front of the device itself. */
static void print_queue(const struct summary *m, const struct blk_dev *dev, struct show *s, FILE *out)
{
	const struct system *sys = m->system;
	for (size_t i = 0; i < sys->count; i++) {
		const struct blk_space *n = blk_space_of(sys->dev[i]);
		if (sys->dev[i] != dev && !(n && n->device == dev))
			continue;
		if (n)
			fprintf(out, "\n" LABEL, n->dev.name);
		fprintf(out, "%sdepth %s mean, %lld max", n ? "" : ", ", show_number(s, summary_depth_mean(m, i)),
			(long long)summary_depth_max(m, i));
		if (n) {
			print_space_part(&n->read, "reads", s, out);
			print_space_part(&n->write, "writes", s, out);
		}
	}
	fputc('\n', out);
}

/* Where reads of what was never written cost nothing of the medium, so that a latency tells little of the drive. */
static void print_blank(const struct blk_dev *dev, struct show *s, FILE *out)
{
	double share = system_blank_share(dev);
	if (share <= 0)
		return;
	fprintf(out, LABEL "these are %s of what was read and cost no flash time: --set %s.%s=1 writes the drive full beforehand\n", "",
		show_percent(s, share), dev->name, dev->ops->fill_option(dev->spec));
}

static void print_device(const struct summary *m, size_t i, struct show *s, FILE *out)
{
	const struct blk_dev *dev = m->system->device[i];
	const struct blk_dev_stats *st = &dev->stats;
	struct blk_dev_status status = {0};
	dev->ops->status(dev, &status);
	double now = (double)m->system->sim->now_ps;
	fprintf(out, LABEL "%s busy", dev->name, show_percent(s, now > 0 ? (double)st->busy_ps / now : 0));
	print_queue(m, dev, s, out);
	print_buffer(st, s, out);
	print_split(st, s, out);
	print_flash(dev, s, out);
	print_steady(m, i, s, out);
	if (st->unwritten_sectors || status.dirty_sectors)
		fprintf(out, LABEL "%s sectors read before any write (zeros); %s unsaved at the end\n", "",
			show_count(s, st->unwritten_sectors),
			show_bytes(s, (double)status.dirty_sectors * SECTOR_BYTES));
	print_blank(dev, s, out);
}

static void print_interval(const struct summary *m, struct show *s, FILE *out)
{
	if (m->observe->seen && m->observe->skipped == m->observe->seen)
		fprintf(out, LABEL "the whole run: no request is left to count (stats.warm_up is %s)\n",
			"warm-up", m->plan->stats.warm_up_text);
	if (!m->observe->store.count)
		return;
	fprintf(out, LABEL "%s", "mean latency", show_time(s, ns(m->interval.mean)));
	if (isfinite(m->interval.half_width))
		fprintf(out, " +- %s (%g %%)", show_time(s, ns(m->interval.half_width)),
			m->plan->stats.confidence * 100.0);
	if (m->plan->stats.warm_up == WARM_UP_MSER5 && !m->cut.settled)
		fprintf(out, ", nothing left out: the run is too short for MSER-5 to find a warm-up\n");
	else if (m->plan->stats.warm_up == WARM_UP_MSER5 && !m->cut_requests)
		fprintf(out, ", no warm-up to leave out (MSER-5)\n");
	else if (m->plan->stats.warm_up == WARM_UP_MSER5)
		fprintf(out, ", the first %s requests left out as warm-up (MSER-5)\n",
			show_count(s, m->cut_requests));
	else if (m->observe->skipped)
		fprintf(out, ", after a warm-up of %s requests\n", show_count(s, m->observe->skipped));
	else
		fputc('\n', out);
	if (m->interval.lag1 > 0.2)
		fprintf(out, LABEL "batches are correlated (%.2f): the interval is too narrow\n", "",
			m->interval.lag1);
}

/* ---- what the hosts tell of themselves: a line for each value that is not 0, a column for each device ---------- */

struct report_line {
	const char *name, *unit; /* borrowed from the scenario */
};

#define REPORT_LINES 96
struct report_page {
	struct report_line line[REPORT_LINES];
	double value[REPORT_LINES][DEVICES_SHOWN];
	size_t lines, device, at;
};

static void note_report(void *ctx, const char *name, double value, const char *unit)
{
	struct report_page *p = ctx;
	size_t k = p->at++;
	if (k >= REPORT_LINES)
		return;
	p->line[k] = (struct report_line){name, unit};
	p->value[k][p->device] = value;
	if (p->at > p->lines)
		p->lines = p->at < REPORT_LINES ? p->at : REPORT_LINES;
}

static bool all_zero(const struct report_page *p, size_t line, size_t devices)
{
	for (size_t d = 0; d < devices; d++)
		if (p->value[line][d] != 0)
			return false;
	return true;
}

#define NOTE_COLUMNS 100

/* A sentence of the scenario, broken between words. */
static void print_note(void *ctx, const char *text)
{
	FILE *out = ctx;
	size_t at = (size_t)fprintf(out, "  note:");
	while (*text) {
		size_t len = strcspn(text, " ");
		if (at + 1 + len > NOTE_COLUMNS)
			at = (size_t)fprintf(out, "\n       ") - 1;
		at += (size_t)fprintf(out, " %.*s", (int)len, text);
		text += len + (text[len] == ' ');
	}
	fputs("\n\n", out);
}

static void print_hosts(const struct summary *m, FILE *out)
{
	const struct hosts *h = m->system->hosts;
	struct report_page p = {0};
	if (!h)
		return;
	size_t count = hosts_count(h) < DEVICES_SHOWN ? hosts_count(h) : DEVICES_SHOWN;
	for (p.device = 0; p.device < count; p.device++) {
		p.at = 0;
		hosts_kind(h)->report(hosts_scenario(h, p.device), note_report, &p);
	}
	int width = 0;
	for (size_t k = 0; k < p.lines; k++)
		if ((int)strlen(p.line[k].name) > width)
			width = (int)strlen(p.line[k].name);
	fprintf(out, "\n  %-*s", width, hosts_kind(h)->name);
	for (size_t d = 0; count > 1 && d < count; d++)
		fprintf(out, " %14s", m->system->dev[d]->name);
	fputc('\n', out);
	size_t zeros = 0;
	for (size_t k = 0; k < p.lines; k++) {
		if (k > 0 && all_zero(&p, k, count)) { /* the first tells how much was done */
			zeros++;
			continue;
		}
		fprintf(out, "  %-*s", width, p.line[k].name);
		for (size_t d = 0; d < count; d++)
			fprintf(out, " %14.6g", p.value[k][d]);
		fprintf(out, " %s\n", p.line[k].unit);
	}
	fprintf(out, "  and %zu more, which are 0 (see summary.json)\n\n", zeros);
	hosts_notes(h, print_note, out);
}

static void print_trace(const struct summary *m, struct show *s, FILE *out)
{
	if (m->system->hosts)
		return;
	const struct replay_counts *c = replay_counts(m->system->replay);
	const struct trace_reader *r = m->system->reader;
	if (r)
		fprintf(out, LABEL "%s: %s\n", "format", trace_reader_format(r)->name,
			trace_reader_why(r));
	if (r && m->system->count == 1 && observe_trace_devices(m->observe) > 1)
		fprintf(out, LABEL "%s, all on %s (--trace-device picks one)\n", "trace devices",
			show_count(s, observe_trace_devices(m->observe)), m->system->dev[0]->name);
	if (r && m->system->mode == REPLAY_OPEN && c->lateness_ps.max == 0)
		fprintf(out, LABEL "none: each request reached the device when it arrived\n", "lateness");
	else if (r && m->system->mode == REPLAY_OPEN)
		fprintf(out, LABEL "%s mean, %s max\n", "lateness",
			show_time(s, tally_mean(&c->lateness_ps)),
			show_time(s, (double)c->lateness_ps.max));
	if (c->unmapped)
		fprintf(out, LABEL "%s records of trace devices that no device serves\n", "left out",
			show_count(s, c->unmapped));
	if (c->wrapped || c->scaled || c->clipped || c->dropped)
		fprintf(out, LABEL "%s wrapped, %s scaled, %s clipped, %s dropped\n", "out of range",
			show_count(s, c->wrapped), show_count(s, c->scaled), show_count(s, c->clipped),
			show_count(s, c->dropped));
	if (c->completed == c->by_status[BLK_OK])
		return;
	fprintf(out, LABEL, "failed");
	const char *comma = "";
	for (int i = BLK_OK + 1; i < BLK_STATUS_COUNT; i++) {
		if (!c->by_status[i])
			continue;
		fprintf(out, "%s%s %s", comma, show_count(s, c->by_status[i]), i == BLK_UNSUPPORTED
			? "unsupported (trims, as a rule: the device has no such command)" : i == BLK_WRITE_FAULT
			? "Media and Data Integrity Errors: Write Fault (02h/80h): the drive is at the end of its life and read-only"
			: i == BLK_INVALID_NAMESPACE ? "Generic Command Status: Invalid Namespace or Format (00h/0Bh)"
			: blk_status_name(i));
		comma = ", ";
	}
	fputs("; not in the latencies\n", out);
}

static void print_figures(const char *label, const struct demerit_figures *f, FILE *out)
{
	fprintf(out, LABEL "mean %.3f ms (simulated %.3f), demerit %.3f ms; per request: rms %.2f ms, "
		"median %.3f ms\n", label, f->measured_mean_ms, f->simulated_mean_ms, f->demerit_ms,
		f->rms_ms, f->median_abs_ms);
}

static void print_measured(const struct summary *m, struct show *s, FILE *out)
{
	if (!m->has_measured)
		return;
	print_figures("measured", &m->whole, out);
	print_figures("  second half", &m->second_half, out);
	if (m->observe->demerit.seen > m->whole.rows)
		fprintf(out, LABEL "(the first %s of %s requests)\n", "", show_count(s, m->whole.rows),
			show_count(s, m->observe->demerit.seen));
}

static void print_power_cut(const struct summary *m, struct show *s, FILE *out)
{
	const struct power_cut *c = m->system->cut;
	if (!c || !c->happened)
		return;
	fprintf(out, LABEL "at %s: ", "power cut", show_time(s, (double)c->at_ps));
	if (c->lost_sectors == 0)
		fputs("nothing that was acknowledged is lost\n", out);
	else
		fprintf(out, "%s acknowledged sectors lost, the oldest %s after its acknowledgement (lost.csv)\n",
			show_count(s, c->lost_sectors), show_time(s, (double)(c->at_ps - c->oldest_ps)));
}

#define TAIL_SHOWN 6

/* The parts with most of the time, the largest first. */
static void print_tail(const struct summary *m, struct show *s, FILE *out)
{
	const struct tail *t = &m->observe->tail;
	struct tail_figures f = tail_figures(t);
	if (!t->row || f.told == 0 || f.latency_ps <= 0) /* no time, no shares of it */
		return;
	fprintf(out, LABEL "%s requests of %s and more, %s in the mean:", "slowest 0.1 %", show_count(s, f.requests),
		show_time(s, (double)f.least_ps), show_time(s, f.latency_ps));
	for (int n = 0; n < TAIL_SHOWN; n++) {
		unsigned most = 0;
		for (unsigned k = 1; k < t->parts; k++)
			if (f.part_ps[k] > f.part_ps[most])
				most = k;
		if (f.part_ps[most] < 0.005 * f.latency_ps)
			break;
		fprintf(out, "%s %s %s", n ? "," : "", t->name[most], show_percent(s, f.part_ps[most] / f.latency_ps));
		f.part_ps[most] = 0;
	}
	fputc('\n', out);
}

void summary_text(const struct summary *m, FILE *out)
{
	struct show s = {0};
	print_head(m, &s, out);
	print_hosts(m, out);
	print_latency(m, &s, out);
	for (size_t i = 0; i < m->system->devices && i < DEVICES_SHOWN; i++)
		print_device(m, i, &s, out);
	if (m->system->devices > DEVICES_SHOWN)
		fprintf(out, LABEL "and %s more (see summary.json)\n", "",
			show_count(&s, m->system->devices - DEVICES_SHOWN));
	fprintf(out, LABEL "%s\n", "simulated time", show_time(&s, (double)m->end_ps));
	print_trace(m, &s, out);
	print_interval(m, &s, out);
	print_tail(m, &s, out);
	print_measured(m, &s, out);
	print_power_cut(m, &s, out);
	if (m->little_applies)
		fprintf(out, LABEL "no request lost; depth %s = throughput x latency %s\n", "checks",
			show_number(&s, m->depth_mean), show_number(&s, m->depth_from_latency));
	else
		fprintf(out, LABEL "no request lost\n", "checks");
}
