/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The timeline of whole runs, read back from its JSON form: what must hold of any (slices of a track nest or follow each other,
 * arrows go from a request's begin to an operation's), and what the devices themselves have counted: their sums of seeks, rotation
 * and transfer, and the time of each die and channel, are the sums of the slices, to the ps.
 */
#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "effort.h"
#include "ftl/ssd_private.h"
#include "run/run.h"

static char folder[] = "/tmp/quern-check-timeline.XXXXXX";

/* ---- runs -------------------------------------------------------------------------------------------- */

struct done {
	struct plan *plan;
	struct run *run;
	json_t *doc;
	json_t *events; /* borrowed from doc */
	char **track;   /* names by tid */
	size_t tracks;
};

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void name_tracks(struct done *d)
{
	size_t i;
	json_t *x;
	json_array_foreach(d->events, i, x) {
		if (strcmp(json_string_value(json_object_get(x, "name")), "thread_name") != 0)
			continue;
		size_t id = (size_t)json_integer_value(json_object_get(x, "tid"));
		if (id >= d->tracks) {
			d->track = realloc(d->track, (id + 1) * sizeof(*d->track));
			while (d->tracks <= id)
				d->track[d->tracks++] = NULL;
		}
		d->track[id] = (char *)(uintptr_t)json_string_value(json_object_get(json_object_get(x, "args"), "name"));
	}
}

static struct run *run_to(const char *yaml, const char *file, struct plan **plan)
{
	struct err e = {0};
	write_text("plan.yaml", yaml);
	struct plan_input in = {.config = "plan.yaml"};
	*plan = plan_load(&in, &e);
	ck_assert_msg(*plan != NULL, "%s", e.msg);
	struct run_options o = {.no_output = true, .force = true, .timeline = file};
	struct run *r = run_plan(*plan, &o, &e);
	ck_assert_msg(r != NULL, "%s", e.msg);
	return r;
}

static void check_all(const struct done *d);

static struct done run(const char *yaml)
{
	struct done d = {0};
	json_error_t e;
	d.run = run_to(yaml, "run.json", &d.plan);
	d.doc = json_load_file("run.json", 0, &e);
	ck_assert_msg(d.doc != NULL, "line %d: %s", e.line, e.text);
	d.events = json_object_get(d.doc, "traceEvents");
	ck_assert_uint_gt(json_array_size(d.events), 0);
	name_tracks(&d);
	check_all(&d);
	return d;
}

static void put_away(struct done *d)
{
	run_free(d->run);
	plan_free(d->plan);
	json_decref(d->doc);
	free(d->track);
}

/* ---- what must hold of any ------------------------------------------------------------------------------ */

struct slice {
	long long track, from, to, order;
};

static long long ps(const json_t *event, const char *member)
{
	const json_t *v = json_object_get(event, member);
	ck_assert_msg(json_is_number(v), "no %s", member);
	return llround(json_number_value(v) * 1e6);
}

static const char *word(const json_t *event, const char *member)
{
	const char *s = json_string_value(json_object_get(event, member));
	return s ? s : "";
}

static char phase(const json_t *event) { return word(event, "ph")[0]; }
static long long track(const json_t *event) { return json_integer_value(json_object_get(event, "tid")); }

static int by_track_and_time(const void *x, const void *y)
{
	const struct slice *a = x, *b = y;
	if (a->track != b->track)
		return a->track < b->track ? -1 : 1;
	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	if (a->to != b->to) /* the outer one first */
		return a->to > b->to ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static struct slice *slices(const struct done *d, size_t *count)
{
	struct slice *s = calloc(json_array_size(d->events) + 1, sizeof(*s));
	size_t i, n = 0;
	json_t *x;
	json_array_foreach(d->events, i, x) {
		if (phase(x) != 'X')
			continue;
		long long dur = ps(x, "dur");
		ck_assert_int_ge(dur, 0);
		s[n] = (struct slice){track(x), ps(x, "ts"), ps(x, "ts") + dur, (long long)n};
		ck_assert(s[n].track > 0 && (size_t)s[n].track < d->tracks && d->track[s[n].track] != NULL);
		n++;
	}
	qsort(s, n, sizeof(*s), by_track_and_time);
	*count = n;
	return s;
}

static bool lane(const struct done *d, long long id) { return !strcmp(d->track[id], "requests"); }

static bool thread(const struct done *d, long long id) { return !strncmp(d->track[id], "thread ", 7); }

/* Two deep on the lanes of requests, and flat everywhere else. */
static void check_nesting(const struct done *d, const struct slice *s, size_t n)
{
	const struct slice *outer = NULL;
	for (size_t i = 0; i < n; i++) {
		if (!outer || outer->track != s[i].track || outer->to <= s[i].from) {
			outer = &s[i];
			continue;
		}
		ck_assert_msg(lane(d, s[i].track) && s[i].to <= outer->to, "%s: %lld to %lld ps, and %lld to %lld", d->track[s[i].track],
			outer->from, outer->to, s[i].from, s[i].to);
		ck_assert_int_eq(s[i].from, outer->from);
	}
}

static const struct slice *beginning(const struct slice *s, size_t n, long long id, long long at)
{
	for (size_t lo = 0, hi = n; lo < hi;) {
		size_t mid = (lo + hi) / 2;
		if (s[mid].track == id && s[mid].from == at)
			return &s[mid];
		if (s[mid].track < id || (s[mid].track == id && s[mid].from < at))
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* From the begin of a request to that of an operation, or of what a thread does to that of a request; begin and end one after the
 * other, with one number. */
static void check_flows(const struct done *d, const struct slice *s, size_t n)
{
	size_t i;
	json_t *x, *start = NULL;
	json_array_foreach(d->events, i, x) {
		if (phase(x) == 's') {
			ck_assert_ptr_null(start);
			start = x;
		} else if (phase(x) == 'f') {
			ck_assert_ptr_nonnull(start);
			ck_assert_int_eq(json_integer_value(json_object_get(start, "id")), json_integer_value(json_object_get(x, "id")));
			ck_assert_int_le(ps(start, "ts"), ps(x, "ts"));
			ck_assert(lane(d, track(start)) != lane(d, track(x)) && (lane(d, track(start)) || thread(d, track(start))));
			ck_assert_msg(beginning(s, n, track(start), ps(start, "ts")) != NULL, "an arrow begins at %lld ps on track %lld, and no request",
				ps(start, "ts"), track(start));
			ck_assert_ptr_nonnull(beginning(s, n, track(x), ps(x, "ts")));
			start = NULL;
		}
	}
	ck_assert_ptr_null(start);
}

static void check_all(const struct done *d)
{
	size_t n;
	struct slice *s = slices(d, &n);
	ck_assert_uint_gt(n, 0);
	check_nesting(d, s, n);
	check_flows(d, s, n);
	free(s);
}

/* ---- sums ----------------------------------------------------------------------------------------------- */

/* Of the slices on tracks of this name, with this name and cause; NULL: any. */
static long long sum(const struct done *d, const char *on, const char *name, const char *cause)
{
	long long all = 0;
	size_t i;
	json_t *x;
	json_array_foreach(d->events, i, x)
		if (phase(x) == 'X' && (!on || !strcmp(d->track[track(x)], on)) && (!name || !strcmp(word(x, "name"), name)) &&
		    (!cause || !strcmp(word(x, "cat"), cause)))
			all += ps(x, "dur");
	return all;
}

static size_t count(const struct done *d, char ph, const char *name)
{
	size_t i, n = 0;
	json_t *x;
	json_array_foreach(d->events, i, x)
		n += phase(x) == ph && (!name || !strcmp(word(x, "name"), name));
	return n;
}

#define LONG_PLAN 4096

static const char *with(const char *format, unsigned requests)
{
	static char text[LONG_PLAN];
	snprintf(text, sizeof(text), format, requests);
	return text;
}

static const char *const disks[] = {
	"include: [quantum-atlas-iii.yaml]\nworkload: {type: random, request: 8 KiB, depth: 4, read_ratio: 0.7, requests: %u}\n"
		"disk0: {cache: {write_back: false}}\n",
	"include: [seagate-exos-2x14.yaml]\nworkload: {type: random, request: 64 KiB, depth: 8, read_ratio: 0.5, requests: %u}\n"
		"disk0: {cache: {write_back: false}, scheduler: sptf}\nreplay: {queue_depth: 4}\n",
};

START_TEST(the_slices_of_the_arm_are_what_the_disk_has_counted)
{
	struct done d = run(with(disks[_i], effort(1000)));
	const struct blk_dev *dev = d.run->system->device[0];
	long long seek = 0, rotation = 0, transfer = 0;
	for (int i = 0; i < 2; i++) {
		const char *arm = i ? "arm 1" : "arm 0";
		seek += sum(&d, arm, "seek", NULL);
		rotation += sum(&d, arm, "rotation", NULL);
		transfer += sum(&d, arm, "read", NULL) + sum(&d, arm, "write", NULL);
	}
	ck_assert_int_gt(seek, 0);
	ck_assert_int_eq(seek, (long long)dev->stats.seek_ps);
	ck_assert_int_eq(rotation, (long long)dev->stats.rotation_ps);
	ck_assert_int_eq(transfer, (long long)dev->stats.transfer_ps);
	ck_assert_uint_eq(count(&d, 'X', "read") > 0 && count(&d, 'X', "write") > 0, 1);
	put_away(&d);
}
END_TEST

START_TEST(requests_and_counters_are_all_there)
{
	unsigned n = effort(1000);
	struct done d = run(with(disks[1], n));
	size_t i, requests = 0;
	long long latency = 0, most = 0;
	json_t *x;
	json_array_foreach(d.events, i, x) {
		if (phase(x) == 'X' && lane(&d, track(x)) && json_object_get(x, "args")) {
			requests++;
			latency += ps(x, "dur");
		}
		if (phase(x) == 'C' && !strcmp(word(x, "name"), "requests in the device")) {
			long long value = json_integer_value(json_object_get(json_object_get(x, "args"), "value"));
			ck_assert(value >= 0 && value <= 4); /* replay.queue_depth */
			most = value > most ? value : most;
		}
	}
	ck_assert_uint_eq(requests, n);
	ck_assert_int_eq(latency, (long long)d.run->observe.all_ps);
	ck_assert_int_eq(most, n > 4 ? 4 : most);
	ck_assert_uint_ge(count(&d, 'C', "outstanding in the host's queue"), 2);
	ck_assert_uint_ge(count(&d, 's', NULL), n); /* at least the command that served it */
	if (n > 8)
		ck_assert_uint_gt(count(&d, 'X', "waits in the host's queue"), 0);
	put_away(&d);
}
END_TEST

#define SSD_THAT_SUSPENDS(what) \
	"ssd0:\n  model: ssd\n  flash: {geometry: {channels: 2, chips: 1, dies: 2, planes: 2, blocks: 32, pages: 32, page: 4 KiB, spare: 0, cell: slc}," \
	" bus: {interface: nv-ddr2, rate: 333 MT/s}, array: {read: [25 us], program: [200 us], erase: 1.5 ms}, suspend: {erase: true, program: true," \
	" program_time: 20 us, erase_time: 30 us}}\n" \
	"  ftl: {map: {over_provisioning: 28 %%}, gc: {low: 2}}\n  sched: {suspend: " what "}\n  buffer: {size: 64 KiB}\n" \
	"  precondition: {fill: 100 %%, overwrite: 1}\nworkload: {type: random, request: 4 KiB, depth: 8, read_ratio: 0.5, requests: %u}\n"
#define SMALL_SSD SSD_THAT_SUSPENDS("all")

START_TEST(the_slices_of_dies_and_channels_are_what_they_were_at_work)
{
	struct done d = run(with(SMALL_SSD, effort(3000)));
	const struct ssd *ssd = (const struct ssd *)(const void *)d.run->system->device[0];
	const struct nand_geom *g = &ssd->nand->geom;
	char name[64];
	time_ps part[TSU_SHARES], bus[TSU_BUSES];
	long long suspended = 0, gc = 0;
	for (uint32_t i = 0; i < g->dies; i++) {
		snprintf(name, sizeof(name), "channel %u die %u", i / g->dies_per_channel, i % g->dies_per_channel);
		tsu_die_time(ssd->tsu, i, part);
		long long by_gc = sum(&d, name, "read", "gc") + sum(&d, name, "program", "gc") + sum(&d, name, "copyback", "gc");
		ck_assert_int_eq(by_gc, part[TSU_SHARE_GC]);
		ck_assert_int_eq(sum(&d, name, "read", NULL) - sum(&d, name, "read", "gc"), part[TSU_SHARE_READ]);
		ck_assert_int_eq(sum(&d, name, "program", NULL) - sum(&d, name, "program", "gc"), part[TSU_SHARE_PROGRAM]);
		ck_assert_int_eq(sum(&d, name, "erase", NULL), part[TSU_SHARE_ERASE]);
		ck_assert_int_eq(sum(&d, name, "program suspended", NULL) + sum(&d, name, "erase suspended", NULL), part[TSU_SHARE_SUSPEND]);
		suspended += part[TSU_SHARE_SUSPEND];
		gc += by_gc;
	}
	for (uint32_t i = 0; i < g->channels; i++) {
		snprintf(name, sizeof(name), "channel %u", i);
		tsu_channel_time(ssd->tsu, i, bus);
		ck_assert_int_eq(sum(&d, name, "command", NULL), bus[TSU_BUS_COMMAND]);
		ck_assert_int_eq(sum(&d, name, "data in", NULL), bus[TSU_BUS_IN]);
		ck_assert_int_eq(sum(&d, name, "data out", NULL), bus[TSU_BUS_OUT]);
	}
	ck_assert(effort(100) < 100 || (suspended > 0 && gc > 0));
	ck_assert_uint_gt(count(&d, 'C', "free blocks"), 0);
	ck_assert_uint_gt(count(&d, 's', NULL), 0);
	put_away(&d);
}
END_TEST

/* ---- arrows --------------------------------------------------------------------------------------------- */

/* The slices of requests of an operation, by track and time. */
static struct slice *requests(const struct done *d, const char *operation, size_t *count_out)
{
	struct slice *s = calloc(json_array_size(d->events) + 1, sizeof(*s));
	size_t i, n = 0;
	json_t *x;
	json_array_foreach(d->events, i, x)
		if (phase(x) == 'X' && lane(d, track(x)) && !strcmp(word(x, "name"), operation))
			s[n++] = (struct slice){track(x), ps(x, "ts"), ps(x, "ts") + ps(x, "dur"), 0};
	qsort(s, n, sizeof(*s), by_track_and_time);
	*count_out = n;
	return s;
}

/* How many arrows go from (or, into, to) these requests, and, behind, begin where the request was over; the other end on a track
 * whose name has `on` in it. Each request counts its own as its order. */
static size_t arrows(const struct done *d, struct slice *s, size_t n, const char *on, bool into, bool behind)
{
	size_t i, all = 0;
	json_t *x, *start = NULL;
	json_array_foreach(d->events, i, x) {
		start = phase(x) == 's' ? x : start;
		if (phase(x) != 'f' || !strstr(d->track[track(into ? start : x)], on))
			continue;
		const json_t *own = into ? x : start;
		struct slice *r = (struct slice *)(uintptr_t)beginning(s, n, track(own), ps(own, "ts"));
		if (!r || (behind && ps(x, "ts") < r->to))
			continue;
		r->order++;
		all++;
	}
	return all;
}

static size_t without(const struct slice *s, size_t n)
{
	size_t none = 0;
	for (size_t i = 0; i < n; i++)
		none += s[i].order == 0;
	return none;
}

/* Units of 4 KiB, as are the requests: each write is in one program, but those that another one has replaced in the buffer. */
START_TEST(a_buffered_write_points_to_the_program_that_stores_it)
{
	size_t n;
	struct done d = run(with(SSD_THAT_SUSPENDS("none"), effort(2000)));
	const struct ssd *ssd = (const struct ssd *)(const void *)d.run->system->device[0];
	struct slice *s = requests(&d, "write", &n);
	size_t all = arrows(&d, s, n, " die ", false, false);
	ck_assert_uint_eq(without(s, n), ssd->buffer->counts.merged + ftl_buffer_unclean(ssd->buffer));
	ck_assert_uint_eq(all + without(s, n), n);
	ck_assert_uint_gt(arrows(&d, s, n, " die ", false, true), 0); /* after they were acknowledged */
	free(s);
	put_away(&d);
}
END_TEST

/* Of a disk whose destaging waits for idle time: no write is on the arm before it is acknowledged, and all come there. */
START_TEST(a_cached_write_points_to_the_destage_that_stores_it)
{
	size_t n;
	struct done d = run(with("include: [quantum-atlas-iii.yaml]\nworkload: {type: random, request: 8 KiB, depth: 1, read_ratio: 0.2, requests: %u, "
		"span: 4 MiB}\ndisk0: {cache: {write_back: true}, write_cache: {extents: 32, reads_first: true, order: elevator}}\n",
		effort(600)));
	struct slice *s = requests(&d, "write", &n);
	ck_assert_int_gt(sum(&d, "arm 0", "write", "destage"), 0);
	ck_assert_uint_gt(arrows(&d, s, n, "arm 0", false, true), n / 2);
	/* those without one were written over in the cache, or are in it still */
	ck_assert_uint_lt(without(s, n), n / 8 + 33);
	free(s);
	put_away(&d);
}
END_TEST

START_TEST(a_fault_points_to_the_request_that_it_waits_for)
{
	size_t n;
	struct done d = run("include: [quantum-atlas-iii.yaml]\ndevice: disk0\nscenario: {kind: demand-paging, processes: 3, duration: 1 s, "
		"load: {pattern: sequential, pages: 40, references: 0, burst: 100, writes: 0.3}}\nhost: {frames: 64}\n");
	struct slice *s = requests(&d, "read", &n);
	ck_assert_uint_gt(n, 10); /* all of them page in, one fault each: there is no reading ahead of swap */
	ck_assert_uint_eq(arrows(&d, s, n, "thread ", true, false), n);
	ck_assert_uint_eq(without(s, n), 0);
	free(s);
	put_away(&d);
}
END_TEST

START_TEST(of_the_host_threads_and_processors_are_shown)
{
	struct done d = run("include: [quantum-atlas-iii.yaml]\ndevice: disk0\nscenario: {kind: demand-paging, processes: 3, duration: 1 s, "
		"load: {pattern: sequential, pages: 40, references: 0, burst: 100, writes: 0.3}}\nhost: {frames: 64}\n");
	const struct blk_dev *dev = d.run->system->device[0];
	ck_assert_uint_gt(dev->stats.completed, 0);
	ck_assert_int_gt(sum(&d, "processor 0", NULL, NULL), 0);
	ck_assert_int_eq(sum(&d, "processor 0", NULL, NULL),
		sum(&d, NULL, "running", NULL) + sum(&d, NULL, "fault", NULL) + sum(&d, NULL, "minor fault", NULL));
	ck_assert_uint_ge(count(&d, 'X', "minor fault"), 64); /* each frame is filled with zeros at first */
	ck_assert_int_gt(sum(&d, NULL, "fault", NULL), 0);
	ck_assert_int_gt(sum(&d, NULL, "fault: reads its page", NULL), 0);
	ck_assert_uint_gt(count(&d, 'C', "free frames"), 0);
	put_away(&d);
}
END_TEST

/* ---- window, limit, bytes ---------------------------------------------------------------------------------- */

START_TEST(the_window_cuts_and_nothing_lies_outside)
{
	char text[LONG_PLAN + 64];
	snprintf(text, sizeof(text), "%sstats: {timeline_window: 200 ms..400 ms}\n", with(disks[0], effort(1000)));
	struct done whole = run(with(disks[0], effort(1000)));
	struct done d = run(text);
	const long long from = 200 * PS_PER_MS, to = 400 * PS_PER_MS;
	long long inside = 0, cut = 0;
	size_t i;
	json_t *x;
	json_array_foreach(whole.events, i, x)
		if (phase(x) == 'X') {
			long long a = ps(x, "ts"), b = a + ps(x, "dur");
			a = a > from ? a : from;
			b = b < to ? b : to;
			inside += b > a ? b - a : 0;
		}
	json_array_foreach(d.events, i, x)
		if (phase(x) == 'X') {
			ck_assert(ps(x, "ts") >= from && ps(x, "ts") + ps(x, "dur") <= to);
			cut += ps(x, "dur");
		} else if (phase(x) == 'C') {
			ck_assert(ps(x, "ts") >= from && ps(x, "ts") < to);
		}
	ck_assert_int_gt(cut, 0);
	ck_assert_int_eq(cut, inside);
	put_away(&whole);
	put_away(&d);
}
END_TEST

START_TEST(past_the_limit_it_says_what_is_left_out)
{
	char text[LONG_PLAN + 64];
	struct stat st;
	snprintf(text, sizeof(text), "%sstats: {timeline_limit: 20 KiB}\n", with(disks[0], 300));
	struct done d = run(text); /* the arrows still have both ends */
	ck_assert_int_eq(stat("run.json", &st), 0);
	ck_assert(st.st_size >= 20 * 1024 && st.st_size < 22 * 1024);
	ck_assert_ptr_nonnull(strstr(d.run->timeline_note, "its limit was reached at "));
	ck_assert_ptr_nonnull(strstr(d.run->timeline_note, " more were left out (--timeline-limit, or --timeline-window)"));
	put_away(&d);
}
END_TEST

static char *bytes_of(const char *path, size_t *count_out)
{
	FILE *f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	char *text = NULL;
	size_t bytes = 0;
	FILE *to = open_memstream(&text, &bytes);
	for (int c; (c = getc(f)) != EOF;)
		putc(c, to);
	fclose(f);
	fclose(to);
	*count_out = bytes;
	return text;
}

START_TEST(the_same_seed_gives_the_same_bytes)
{
	static const char *const files[] = {"one.perfetto", "two.perfetto"};
	char *text[2];
	size_t bytes[2];
	for (int i = 0; i < 2; i++) {
		struct plan *p;
		run_free(run_to(with(SMALL_SSD, 200), files[i], &p));
		plan_free(p);
		text[i] = bytes_of(files[i], &bytes[i]);
	}
	ck_assert_uint_gt(bytes[0], 1000);
	ck_assert_uint_eq(bytes[0], bytes[1]);
	ck_assert_int_eq(memcmp(text[0], text[1], bytes[0]), 0);
	free(text[0]);
	free(text[1]);
}
END_TEST

START_TEST(a_run_is_the_same_with_and_without_it)
{
	struct plan *p;
	struct err e = {0};
	char *shown = NULL, *plain = NULL;
	for (int i = 0; i < 2; i++) {
		struct run_options o = {.no_output = true, .force = true, .timeline = i ? "seen.json" : NULL};
		write_text("plan.yaml", with(SMALL_SSD, 500));
		p = plan_load(&(struct plan_input){.config = "plan.yaml"}, &e);
		ck_assert_msg(p != NULL, "%s", e.msg);
		struct run *r = run_plan(p, &o, &e);
		ck_assert_msg(r != NULL, "%s", e.msg);
		json_t *doc = summary_json(&r->summary);
		*(i ? &shown : &plain) = json_dumps(doc, 0);
		json_decref(doc);
		run_free(r);
		plan_free(p);
	}
	ck_assert_str_eq(shown, plain);
	free(shown);
	free(plain);
}
END_TEST

int main(void)
{
	if (!mkdtemp(folder) || chdir(folder) < 0)
		return 2;
	Suite *s = suite_create("run/timeline");
	TCase *t = tcase_create("timeline");
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, the_slices_of_the_arm_are_what_the_disk_has_counted, 0, (int)(sizeof(disks) / sizeof(disks[0])));
	tcase_add_test(t, requests_and_counters_are_all_there);
	tcase_add_test(t, the_slices_of_dies_and_channels_are_what_they_were_at_work);
	tcase_add_test(t, a_buffered_write_points_to_the_program_that_stores_it);
	tcase_add_test(t, a_cached_write_points_to_the_destage_that_stores_it);
	tcase_add_test(t, a_fault_points_to_the_request_that_it_waits_for);
	tcase_add_test(t, of_the_host_threads_and_processors_are_shown);
	tcase_add_test(t, the_window_cuts_and_nothing_lies_outside);
	tcase_add_test(t, past_the_limit_it_says_what_is_left_out);
	tcase_add_test(t, the_same_seed_gives_the_same_bytes);
	tcase_add_test(t, a_run_is_the_same_with_and_without_it);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
