/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The figures of the runs: of the requests, of the devices, of the hosts; and the devices' health. */
#include "run/report_private.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* ---- values ------------------------------------------------------------------------------------------------------- */

/* The element of an array (of hosts, of devices) that is of this device, or NULL. */
static const json_t *of_device(const json_t *array, const char *name)
{
	size_t i;
	json_t *x;
	json_array_foreach(array, i, x) {
		const char *own = json_string_value(json_object_get(x, "device") ? json_object_get(x, "device") : json_object_get(x, "name"));
		if (own && !strcmp(own, name))
			return x;
	}
	return NULL;
}

/* "a.b.0.c" of a document, or NULL; of an array "@ssd0" is the element of that device. A member's or device's own name may hold
 * dots: the longest that is there is taken. */
static const json_t *at(const json_t *doc, const char *path)
{
	char key[256];
	if (!doc || !*path)
		return doc;
	if (json_is_array(doc) && *path != '@') {
		size_t digits = strspn(path, "0123456789");
		size_t i = 0;
		for (size_t k = 0; k < digits; k++)
			i = i * 10 + (size_t)(path[k] - '0');
		return digits ? at(json_array_get(doc, i), path + digits + (path[digits] == '.')) : NULL;
	}
	for (size_t n = strlen(path); n > 0; n--) {
		if ((path[n] && path[n] != '.') || n >= sizeof(key))
			continue;
		memcpy(key, path, n);
		key[n] = '\0';
		const json_t *member = json_is_array(doc) ? of_device(doc, key + 1) : json_object_get(doc, key);
		const json_t *found = at(member, path[n] ? path + n + 1 : path + n);
		if (found)
			return found;
	}
	return NULL;
}

/* NaN: there is none. */
static double number_at(const json_t *doc, const char *path)
{
	const json_t *v = at(doc, path);
	if (json_is_boolean(v))
		return json_is_true(v);
	return json_is_number(v) ? json_number_value(v) : (double)NAN;
}

/* ---- one row ------------------------------------------------------------------------------------------------------ */

struct row {
	const char *label, *unit, *doc;
	const double *value, *half; /* of each run; half NULL: no interval */
};

/* How far run i is from the first, where their intervals (if any) are apart. */
static void put_difference(FILE *out, const struct row *r, size_t i)
{
	double a = r->value[0], b = r->value[i];
	if (i == 0 || !isfinite(a) || !isfinite(b) || a == b)
		return;
	if (r->half && isfinite(r->half[0]) && isfinite(r->half[i]) && fabs(a - b) <= r->half[0] + r->half[i]) {
		fputs(" <small data-tip=\"the confidence intervals meet\">\xe2\x89\x88</small>", out);
		return;
	}
	const char *class = b > a ? "more" : "less";
	double by = a != 0 ? 100 * (b - a) / fabs(a) : (double)INFINITY;
	if (fabs(by) < 0.05)
		fputs(" <small data-tip=\"apart by less than 0.05 %\">\xe2\x89\x88</small>", out);
	else if (!isfinite(by))
		fprintf(out, " <small class=\"%s\">new</small>", class);
	else if (by >= 900)
		fprintf(out, " <small class=\"%s\">\xc3\x97%.3g</small>", class, b / a);
	else
		fprintf(out, " <small class=\"%s\">%+.3g&nbsp;%%</small>", class, by);
}

static void put_row(struct report *p, const struct row *r)
{
	double largest = 0;
	for (size_t i = 0; i < p->runs; i++)
		if (isfinite(r->value[i]) && fabs(r->value[i]) > largest)
			largest = fabs(r->value[i]);
	const char *shown;
	double size = report_unit(r->unit, largest, &shown);
	fputs("<tr><th scope=\"row\"", p->out);
	if (r->doc) {
		fputs(" data-tip=\"", p->out);
		report_text(p->out, r->doc);
		fputs("\"", p->out);
	}
	fputs(">", p->out);
	report_text(p->out, r->label);
	fprintf(p->out, "</th><td class=\"unit\">%s</td>", shown);
	for (size_t i = 0; i < p->runs; i++) {
		if (!isfinite(r->value[i])) {
			fputs("<td class=\"n\">\xe2\x80\x93</td>", p->out);
			continue;
		}
		fprintf(p->out, "<td class=\"n\" data-v=\"%.15g\" data-tip=\"%.15g %s\">", r->value[i], r->value[i], r->unit);
		report_number(p->out, r->value[i] / size, r->half ? r->half[i] / size : (double)NAN);
		put_difference(p->out, r, i);
		fputs("</td>", p->out);
	}
	fputs("</tr>\n", p->out);
	p->made.figures++;
}

/* A row of what stands at a path, if any run has it other than 0; needs: a path that must not be 0 for it to mean something, or
 * NULL. */
static void put_path(struct report *p, const char *label, const char *unit, const char *path, const char *half_path,
	const char *needs, const char *doc)
{
	double value[REPORT_RUNS], half[REPORT_RUNS];
	bool any = false;
	for (size_t i = 0; i < p->runs; i++) {
		value[i] = number_at(p->run[i].summary, path);
		if (needs && !(number_at(p->run[i].summary, needs) > 0))
			value[i] = (double)NAN;
		half[i] = half_path ? number_at(p->run[i].summary, half_path) : (double)NAN;
		any |= isfinite(value[i]) && value[i] != 0;
	}
	const struct row r = {.label = label, .unit = unit, .doc = doc, .value = value, .half = half_path ? half : NULL};
	if (any)
		put_row(p, &r);
}

/* ---- the figures -------------------------------------------------------------------------------------------------- */

static const struct figure {
	const char *label, *unit, *path, *half_path, *doc;
} run_figures[] = {
	{"simulated time", "ns", "simulated_ns", NULL, "time of the last completion"},
	{"mean latency, all operations", "ns", "statistics.mean_ns", "statistics.half_width_ns",
		"with its confidence interval (stats.confidence), by batch means behind the warm-up"},
	{"requests outstanding, mean", "", "jobs.0.iodepth_mean", NULL, "over time, waiting ones included"},
	{"requests outstanding, most", "", "jobs.0.iodepth_max", NULL, NULL},
	{"response against the trace: demerit", "ms", "measured.whole.demerit_ms", NULL,
		"root mean square horizontal distance of the simulated and measured distributions"},
	{"data lost in the power cut", "sectors", "power_cut.lost_sectors", NULL, "acknowledged, and not what the medium kept"},
}, op_figures[] = {
	{"requests", "", "total_ios", NULL, NULL},
	{"rate", "1/s", "iops", NULL, "requests a second"},
	{"data rate", "B/s", "bw_bytes", NULL, NULL},
	{"latency, mean", "ns", "lat_ns.mean", NULL, "from the intended arrival to completion"},
	{"latency, median", "ns", "lat_ns.percentile.50.000000", NULL, NULL},
	{"latency, 99 %", "ns", "lat_ns.percentile.99.000000", NULL, NULL},
	{"latency, 99.9 %", "ns", "lat_ns.percentile.99.900000", NULL, NULL},
	{"latency, 99.99 %", "ns", "lat_ns.percentile.99.990000", NULL, NULL},
	{"latency, largest", "ns", "lat_ns.max", NULL, NULL},
}, device_figures[] = {
	{"utilisation", "", "utilisation", NULL, "share of simulated time in which some part of it worked"},
	{"requests outstanding, mean", "", "outstanding_mean", NULL, NULL},
	{"read hits", "", "read_hits", NULL, "reads whose data were all in the buffer"},
	{"read misses", "", "read_misses", NULL, NULL},
	{"write hits", "", "write_hits", NULL, "writes acknowledged from the buffer"},
	{"write misses", "", "write_misses", NULL, NULL},
	{"read by the host", "B", "host_read_bytes", NULL, NULL},
	{"written by the host", "B", "host_write_bytes", NULL, NULL},
	{"read from the medium", "B", "media_read_bytes", NULL, "read-ahead and cleaning too"},
	{"written to the medium", "B", "media_write_bytes", NULL, "for all causes"},
	{"seek, per request", "ns", "per_request_ns.seek", NULL, NULL},
	{"rotation, per request", "ns", "per_request_ns.rotation", NULL, NULL},
	{"transfer, per request", "ns", "per_request_ns.transfer", NULL, NULL},
};
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void put_group(struct report *p, const struct figure *f, size_t n, const char *prefix, const char *label)
{
	for (size_t k = 0; k < n; k++) {
		char path[300], half[300], name[300], needs[300];
		snprintf(path, sizeof(path), "%s%s", prefix, f[k].path);
		snprintf(half, sizeof(half), "%s%s", prefix, f[k].half_path ? f[k].half_path : "");
		snprintf(name, sizeof(name), "%s%s", label, f[k].label);
		snprintf(needs, sizeof(needs), "%stotal_ios", prefix);
		put_path(p, name, f[k].unit, path, f[k].half_path ? half : NULL, !strncmp(f[k].path, "lat_ns", 6) ? needs : NULL, f[k].doc);
	}
}

/* The names of a {"name": {"value", "unit"}} object of all runs; whether a name is wanted is asked of `wanted`. */
static void put_values(struct report *p, const char *path, const char *label, bool (*wanted)(const char *name))
{
	json_t *all = json_object();
	const char *name;
	json_t *first;
	for (size_t i = 0; all && i < p->runs; i++) {
		json_t *here = (json_t *)at(p->run[i].summary, path);
		if (json_is_object(here))
			json_object_update_missing(all, here);
	}
	json_object_foreach(all, name, first) {
		char where[400], text[400];
		if (!wanted(name))
			continue;
		const char *unit = json_string_value(json_object_get(first, "unit"));
		snprintf(where, sizeof(where), "%s.%s.value", path, name);
		snprintf(text, sizeof(text), "%s%s", label, name);
		put_path(p, text, unit ? unit : "", where, NULL, NULL, NULL);
	}
	json_decref(all);
}

/* The names of the NVMe SMART log and what else tells how a drive is; the rest of a report are figures of the run. */
static const char *const health[] = {"critical_warning", "percentage_used", "data_units_read", "data_units_written",
	"host_read_commands", "host_write_commands", "controller_busy_time", "power_cycles", "unsafe_shutdowns", "erase_min", "erase_mean",
	"erase_max", "endurance", "free_blocks", "waf", "mount_units_lost", "mount_trims_undone"};

static bool is_health(const char *name)
{
	for (size_t k = 0; k < COUNT(health); k++)
		if (!strcmp(health[k], name))
			return true;
	return false;
}

static bool is_figure(const char *name)
{
	return !is_health(name) || !strcmp(name, "waf");
}

static size_t most_devices(const struct report *p)
{
	size_t most = 0;
	for (size_t i = 0; i < p->runs; i++) {
		size_t n = json_array_size(json_object_get(p->run[i].summary, "devices"));
		most = n > most ? n : most;
	}
	return most;
}

/* Devices are compared by their names; where no run has more than one, whatever that is called. prefix: their path,
 * label: "ssd0: ". */
static void each_device(struct report *p, void (*put)(struct report *p, const char *prefix, const char *label))
{
	if (most_devices(p) <= 1) {
		put(p, "devices.0", "");
		return;
	}
	json_t *all = json_object(), *device;
	const char *name;
	for (size_t i = 0; all && i < p->runs; i++) {
		size_t k;
		json_array_foreach(at(p->run[i].summary, "devices"), k, device) {
			name = json_string_value(json_object_get(device, "name"));
			if (name && !json_object_get(all, name))
				json_object_set(all, name, device);
		}
	}
	json_object_foreach(all, name, device) {
		char prefix[200], label[200];
		snprintf(prefix, sizeof(prefix), "devices.@%s", name);
		snprintf(label, sizeof(label), "%s: ", name);
		put(p, prefix, label);
	}
	json_decref(all);
}

static void put_device_figures(struct report *p, const char *prefix, const char *label)
{
	char path[210];
	snprintf(path, sizeof(path), "%s.", prefix);
	put_group(p, device_figures, COUNT(device_figures), path, label);
	snprintf(path, sizeof(path), "%s.report", prefix);
	put_values(p, path, label, is_figure);
}

static void put_device_health(struct report *p, const char *prefix, const char *label)
{
	char path[210];
	snprintf(path, sizeof(path), "%s.report", prefix);
	put_values(p, path, label, is_health);
}

/* Hosts are compared by the device that they are on; where no run has more than one, whatever that is on. */
static void put_hosts(struct report *p)
{
	json_t *all = json_object();
	const char *name;
	json_t *host;
	bool several = false;
	for (size_t i = 0; all && i < p->runs; i++) {
		const json_t *here = at(p->run[i].summary, "scenario.hosts");
		size_t k;
		several = several || json_array_size(here) > 1;
		json_array_foreach(here, k, host) {
			name = json_string_value(json_object_get(host, "device"));
			if (name)
				json_object_set(all, name, host);
		}
	}
	if (!several)
		put_values(p, "scenario.hosts.0.report", "", is_figure);
	json_object_foreach(several ? all : NULL, name, host) {
		char path[200], label[200];
		snprintf(path, sizeof(path), "scenario.hosts.@%s.report", name);
		snprintf(label, sizeof(label), "host of %s: ", name);
		put_values(p, path, label, is_figure);
	}
	json_decref(all);
}

void report_figures(struct report *p)
{
	static const char *const ops[] = {"read", "write", "trim", "sync"};
	report_section(p, "figures", "Figures", p->runs > 1 ?
		"What is small behind a figure is how far it is from the first run's. Where nothing is said of a figure, it is 0 in all runs." :
		"Where nothing is said of a figure, it is 0.");
	report_table_begin(p, "figure", "unit");
	put_group(p, run_figures, COUNT(run_figures), "", "");
	for (size_t k = 0; k < COUNT(ops); k++) {
		char prefix[40], label[40];
		snprintf(prefix, sizeof(prefix), "jobs.0.%s.", ops[k]);
		snprintf(label, sizeof(label), "%s: ", ops[k]);
		put_group(p, op_figures, COUNT(op_figures), prefix, label);
	}
	each_device(p, put_device_figures);
	put_hosts(p);
	report_table_end(p);
}

void report_health(struct report *p)
{
	bool any = false;
	for (size_t i = 0; i < p->runs; i++)
		for (size_t d = 0; d < most_devices(p); d++) {
			char path[80];
			snprintf(path, sizeof(path), "devices.%zu.report.power_cycles", d);
			any |= at(p->run[i].summary, path) != NULL;
		}
	if (!any)
		return;
	report_section(p, "health", "Health of the devices", "By the names of the NVMe SMART log, with wear and what power cuts left; "
		"after the run.");
	report_table_begin(p, "name", "unit");
	each_device(p, put_device_health);
	report_table_end(p);
}
