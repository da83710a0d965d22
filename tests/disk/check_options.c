/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every option of the disk acts: for each row of the tables there is a small drive and a change of that one
 * value with which a load is served differently. A row without such an entry fails,
 * and so does one that changes nothing a host or a wattmeter can see. That it acts rightly is for the tests of its part.
 */
#include <xxhash.h>

#include "disk/disk_fixture.h"

#define ZONE(rest) "geometry.zones=[{first_cylinder: 0, last_cylinder: 59, sectors_per_track: 40, " rest "}]"
#define TWO_ZONES(first, second) "geometry.zones=[{first_cylinder: 0, " first "}, {last_cylinder: 59, " second "}]"
#define MAP(rows) "geometry.map=[" rows "]"
#define ALL_MAPPED "{first_cylinder: 0, last_cylinder: 59}"

/* 2 x 60 tracks of 40 sectors, 10 ms a turn; what costs time and power is given, so that taking the other way shows. */
static const char base[] =
	"disk0:\n"
	"  rpm: 6000 rpm\n"
	"  head_switch: 0.5 ms\n"
	"  write_settle: 0.2 ms\n"
	"  queue_depth: 8\n"
	"  scheduler: sptf\n"
	"  geometry: {heads: 2, cylinders: 60, zones: [{first_cylinder: 0, last_cylinder: 59, sectors_per_track: 40,\n"
	"             track_skew: 4, cylinder_skew: 7}]}\n"
	"  seek: {table: [[1, 1 ms], [59, 5 ms]]}\n"
	"  overhead: {read_hit_after_read: 0.1 ms, read_hit_after_write: 0.12 ms, read_miss_after_read: 0.2 ms,\n"
	"             read_miss_after_write: 0.25 ms, write_hit_after_read: 0.1 ms, write_miss_after_read: 0.3 ms}\n"
	"  bus: {read_sector: 0.02 ms, write_sector: 0.02 ms}\n"
	"  cache: {segments: 4, segment_sectors: 60}\n"
	"  power: {idle: 3 W, seek: 5 W, read: 4 W, write: 4.5 W}\n";

enum load { MIXED, STREAMS, ZONED, CALM };

struct entry {
	const char *row;     /* its path, without the device */
	const char *with[10]; /* settings both drives have */
	const char *change;  /* and one of them */
	enum load load;
};

#define WRITE_BACK "cache.write_back=true"
#define MANY_EXTENTS WRITE_BACK, "write_cache.extents=12"
#define BANDS "shingled.model=drive-managed", "shingled.band_size=20 KiB", "shingled.cache_size=160 KiB", \
	"shingled.record_size=1 KiB", \
	"shingled.stream_size=16 KiB", "shingled.clean_access_size=8 KiB"
#define ZONES "shingled.model=host-managed", "shingled.zone_size=20 KiB"

#define SHEET "seek.model=fitted", "seek.single=1 ms", "seek.average=3 ms", "seek.full=5 ms"
#define ROOT_LAW "seek.model=sqrt-linear", "seek.root_base=1 ms", "seek.root_slope=0.4 ms", "seek.break_cylinders=20", \
	"seek.linear_base=2 ms", "seek.linear_slope=0.05 ms"

static const struct entry entries[] = {
	{"name", {NULL}, "name=another", MIXED},
	{"geometry.heads", {NULL}, "geometry.heads=3", MIXED},
	{"geometry.cylinders", {"queue.scheduler_knows=lbn"}, "geometry.cylinders=120", MIXED},
	{"geometry.lbn_order", {"head_switch=2 ms"}, "geometry.lbn_order=serpentine", MIXED},
	{"geometry.surface_cylinders", {"geometry.lbn_order=surface-serpentine"}, "geometry.surface_cylinders=10", MIXED},
	{"geometry.map", {"geometry.lbn_order=map", MAP(ALL_MAPPED)},
		MAP("{first_cylinder: 30, last_cylinder: 59}, {first_cylinder: 0, last_cylinder: 29}"), MIXED},
	{"geometry.map.first_cylinder", {"geometry.lbn_order=map", "geometry.map_partial=true", MAP(ALL_MAPPED)},
		MAP("{first_cylinder: 5, last_cylinder: 59}"), MIXED},
	{"geometry.map.last_cylinder", {"geometry.lbn_order=map", "geometry.map_partial=true", MAP(ALL_MAPPED)},
		MAP("{first_cylinder: 0, last_cylinder: 50}"), MIXED},
	{"geometry.map.heads", {"geometry.lbn_order=map", "geometry.map_partial=true", MAP(ALL_MAPPED)},
		MAP("{first_cylinder: 0, last_cylinder: 59, heads: [1]}"), MIXED},
	{"geometry.map.order", {"geometry.lbn_order=map", MAP(ALL_MAPPED)},
		MAP("{first_cylinder: 0, last_cylinder: 59, order: surface}"), MIXED},
	{"geometry.map.direction", {"geometry.lbn_order=map", MAP(ALL_MAPPED)},
		MAP("{first_cylinder: 0, last_cylinder: 59, direction: outward}"), MIXED},
	{"geometry.map.serpentine", {"head_switch=2 ms", "geometry.lbn_order=map", MAP(ALL_MAPPED)},
		MAP("{first_cylinder: 0, last_cylinder: 59, serpentine: true}"), MIXED},
	{"geometry.map_partial", {"geometry.lbn_order=map", MAP("{first_cylinder: 5, last_cylinder: 59}")},
		"geometry.map_partial=true", MIXED},
	{"geometry.sparing", {ZONE("spares: 3, slips: [7]")}, "geometry.sparing=track", MIXED},
	{"geometry.sparing_range_cylinders", {ZONE("spares: 3, slips: [7]"), "geometry.sparing=range",
		"geometry.sparing_range_cylinders=10"}, "geometry.sparing_range_cylinders=20", MIXED},
	{"geometry.slips_turn", {ZONE("spares: 3, slips: [7]"), "geometry.sparing=track"}, "geometry.slips_turn=true", MIXED},
	{"geometry.zones", {NULL}, ZONE("track_skew: 5, cylinder_skew: 7"), MIXED},
	{"geometry.zones.first_cylinder", {TWO_ZONES("last_cylinder: 29, sectors_per_track: 40",
		"first_cylinder: 30, sectors_per_track: 30")}, TWO_ZONES("last_cylinder: 29, sectors_per_track: 40",
		"first_cylinder: 35, unused_cylinders_before: 5, sectors_per_track: 30"), MIXED},
	{"geometry.zones.unused_cylinders_before", {TWO_ZONES("last_cylinder: 29, sectors_per_track: 40",
		"first_cylinder: 35, sectors_per_track: 30")}, TWO_ZONES("last_cylinder: 29, sectors_per_track: 40",
		"first_cylinder: 35, unused_cylinders_before: 5, sectors_per_track: 30"), MIXED},
	{"geometry.zones.last_cylinder", {TWO_ZONES("last_cylinder: 29, sectors_per_track: 40",
		"first_cylinder: 30, sectors_per_track: 30")}, TWO_ZONES("last_cylinder: 39, sectors_per_track: 40",
		"first_cylinder: 40, sectors_per_track: 30"), MIXED},
	{"geometry.zones.sectors_per_track", {ZONE("track_skew: 4")},
		"geometry.zones=[{first_cylinder: 0, last_cylinder: 59, sectors_per_track: 41, track_skew: 4}]", MIXED},
	{"geometry.zones.offset", {ZONE("track_skew: 4")}, ZONE("track_skew: 4, offset: 9"), MIXED},
	{"geometry.zones.track_skew", {ZONE("track_skew: 4")}, ZONE("track_skew: 5"), MIXED},
	{"geometry.zones.cylinder_skew", {ZONE("cylinder_skew: 4")}, ZONE("cylinder_skew: 5"), MIXED},
	{"geometry.zones.reserved_sectors", {ZONE("track_skew: 4")}, ZONE("track_skew: 4, reserved_sectors: 120"), MIXED},
	{"geometry.zones.spares", {ZONE("spares: 3")}, ZONE("spares: 4"), MIXED},
	{"geometry.zones.slips", {ZONE("spares: 3")}, ZONE("spares: 3, slips: [50]"), MIXED},
	{"geometry.zones.defects", {ZONE("spares: 3")}, ZONE("spares: 3, defects: [[4, 4798]]"), MIXED},
	{"defects.grown", {ZONE("spares: 9")}, "defects.grown=[{lbn: 4}]", MIXED},
	{"defects.grown.lbn", {ZONE("spares: 9"), "defects.grown=[{lbn: 4}]"}, "defects.grown=[{lbn: 2204}]", MIXED},
	{"defects.grown.at", {ZONE("spares: 9"), "defects.grown=[{lbn: 4}]"}, "defects.grown=[{lbn: 4, at: 400 ms}]", MIXED},
	{"defects.random", {ZONE("spares: 90")}, "defects.random=80", MIXED},
	{"defects.random_within", {ZONE("spares: 90"), "defects.random=80"}, "defects.random_within=3 s", MIXED},
	{"defects.read_retries", {ZONE("spares: 9"), "defects.grown=[{lbn: 398}]"}, "defects.read_retries=3", CALM},
	{"defects.recovered", {ZONE("spares: 9"), "defects.grown=[{lbn: 398}]"}, "defects.recovered=false", CALM},
	{"defects.soft_error_rate", {NULL}, "defects.soft_error_rate=20 %", MIXED},
	{"defects.soft_error_turns", {"defects.soft_error_rate=20 %"}, "defects.soft_error_turns=2", MIXED},
	{"rpm", {NULL}, "rpm=6001 rpm", MIXED},
	{"rpm_error", {NULL}, "rpm_error=1 %", MIXED},
	{"start_angle", {NULL}, "start_angle=0.4 turn", MIXED},
	{"seek.model", {"seek.average=3 ms"}, "seek.model=constant", MIXED},
	{"seek.table", {NULL}, "seek.table=[[1, 1 ms], [59, 6 ms]]", MIXED},
	{"seek.first", {NULL}, "seek.first=[2 ms]", MIXED},
	{"seek.single", {SHEET},
		"seek.single=1.1 ms", MIXED},
	{"seek.average", {SHEET},
		"seek.average=3.1 ms", MIXED},
	{"seek.full", {SHEET}, "seek.full=5.1 ms", MIXED},
	{"seek.root_base", {ROOT_LAW}, "seek.root_base=1.1 ms", MIXED},
	{"seek.root_slope", {ROOT_LAW}, "seek.root_slope=0.5 ms", MIXED},
	{"seek.break_cylinders", {ROOT_LAW}, "seek.break_cylinders=30", MIXED},
	{"seek.linear_base", {ROOT_LAW}, "seek.linear_base=3 ms", MIXED},
	{"seek.linear_slope", {ROOT_LAW}, "seek.linear_slope=0.06 ms", MIXED},
	{"seek.write_extra", {NULL}, "seek.write_extra=[[0, 0], [50, 1 ms]]", MIXED},
	{"seek.same_track", {NULL}, "seek.same_track=0.4 ms", MIXED},
	{"head_switch", {NULL}, "head_switch=1.9 ms", MIXED},
	{"write_settle", {NULL}, "write_settle=0.7 ms", MIXED},
	{"write_on_arrival", {NULL}, "write_on_arrival=true", MIXED},
	{"spin_up", {"power.standby_after=100 ms"}, "spin_up=200 ms", CALM},
	{"power.idle", {NULL}, "power.idle=2.9 W", MIXED},
	{"power.seek", {NULL}, "power.seek=6 W", MIXED},
	{"power.read", {NULL}, "power.read=4.1 W", MIXED},
	{"power.write", {NULL}, "power.write=4.1 W", MIXED},
	{"power.unloaded", {"power.unload_after=50 ms"}, "power.unloaded=1 W", CALM},
	{"power.standby", {"power.standby_after=100 ms"}, "power.standby=1 W", CALM},
	{"power.spin_up", {"power.standby_after=100 ms", "spin_up=200 ms"}, "power.spin_up=9 W", CALM},
	{"power.unload_after", {"power.unload_after=50 ms", "power.load_time=20 ms"}, "power.unload_after=60 ms", CALM},
	{"power.load_time", {"power.unload_after=50 ms"}, "power.load_time=20 ms", CALM},
	{"power.standby_after", {"power.standby_after=100 ms", "spin_up=200 ms", "power.standby=1 W"},
		"power.standby_after=120 ms", CALM},
	{"queue_depth", {NULL}, "queue_depth=2", MIXED},
	{"scheduler", {NULL}, "scheduler=sstf", MIXED},
	{"queue.tagging", {NULL}, "queue.tagging=simple", MIXED},
	{"queue.scheduler_knows", {NULL}, "queue.scheduler_knows=zones", MIXED},
	{"queue.age_limit", {NULL}, "queue.age_limit=40 ms", MIXED},
	{"queue.by_priority", {NULL}, "queue.by_priority=true", MIXED},
	{"queue.reads_first", {NULL}, "queue.reads_first=true", MIXED},
	{"queue.stream_limit", {NULL}, "queue.stream_limit=3", MIXED},
	{"queue.scan_bias", {"scheduler=vscan"}, "queue.scan_bias=1", MIXED},
	{"queue.step_commands", {"scheduler=n-step-scan"}, "queue.step_commands=2", MIXED},
	{"queue.age_weight", {"scheduler=asptf"}, "queue.age_weight=300", MIXED},
	{"queue.age_scale", {"scheduler=wptf"}, "queue.age_scale=80 ms", MIXED},
	{"overhead.read_hit_after_read", {NULL}, "overhead.read_hit_after_read=0.11 ms", MIXED},
	{"overhead.read_hit_after_write", {NULL}, "overhead.read_hit_after_write=0.11 ms", MIXED},
	{"overhead.read_miss_after_read", {NULL}, "overhead.read_miss_after_read=0.11 ms", MIXED},
	{"overhead.read_miss_after_write", {NULL}, "overhead.read_miss_after_write=0.11 ms", MIXED},
	{"overhead.write_hit_after_read", {WRITE_BACK}, "overhead.write_hit_after_read=0.15 ms", MIXED},
	{"overhead.write_hit_after_write", {WRITE_BACK}, "overhead.write_hit_after_write=0.15 ms", MIXED},
	{"overhead.write_miss_after_read", {NULL}, "overhead.write_miss_after_read=0.15 ms", MIXED},
	{"overhead.write_miss_after_write", {NULL}, "overhead.write_miss_after_write=0.15 ms", MIXED},
	{"overhead.read_completion", {NULL}, "overhead.read_completion=0.01 ms", MIXED},
	{"overhead.write_completion", {NULL}, "overhead.write_completion=0.01 ms", MIXED},
	{"overhead.data_preparation", {NULL}, "overhead.data_preparation=0.05 ms", MIXED},
	{"overhead.read_disconnect", {NULL}, "overhead.read_disconnect=4 ms", MIXED},
	{"overhead.write_disconnect", {NULL}, "overhead.write_disconnect=4 ms", MIXED},
	{"overhead.read_reselect", {NULL}, "overhead.read_reselect=0.05 ms", MIXED},
	{"overhead.write_reselect", {NULL}, "overhead.write_reselect=0.05 ms", MIXED},
	{"overhead.write_data_delay", {WRITE_BACK}, "overhead.write_data_delay=0.05 ms", MIXED},
	{"overhead.read_stream_hit", {"cache.stream_hit_after=2"}, "overhead.read_stream_hit=0.05 ms", STREAMS},
	{"overhead.write_other_track", {WRITE_BACK}, "overhead.write_other_track=0.05 ms", MIXED},
	{"overhead.write_sequential", {NULL}, "overhead.write_sequential=0.05 ms", STREAMS},
	{"bus.read_sector", {NULL}, "bus.read_sector=0.03 ms", MIXED},
	{"bus.write_sector", {WRITE_BACK}, "bus.write_sector=0.03 ms", MIXED},
	{"bus.read_watermark", {"bus.read_sector=0.2 ms"}, "bus.read_watermark=50 %", MIXED},
	{"bus.read_watermark_max", {"bus.read_sector=0.2 ms", "bus.read_watermark=50 %"}, "bus.read_watermark_max=1", MIXED},
	{"bus.read_dry", {NULL}, "bus.read_dry=0.3 ms", MIXED},
	{"cache.enabled", {NULL}, "cache.enabled=false", MIXED},
	{"cache.segments", {NULL}, "cache.segments=2", STREAMS},
	{"cache.segment_sectors", {NULL}, "cache.segment_sectors=30", STREAMS},
	{"cache.buffer_size", {MANY_EXTENTS, "cache.segments=1", "cache.segment_sectors=20"}, "cache.buffer_size=10 KiB", MIXED},
	{"cache.adaptive", {"cache.segments=64", "cache.segment_sectors=9"}, "cache.adaptive=true", STREAMS},
	{"cache.read_ahead", {NULL}, "cache.read_ahead=track", STREAMS},
	{"cache.read_ahead_max", {NULL}, "cache.read_ahead_max=6", STREAMS},
	{"cache.read_ahead_min", {NULL}, "cache.read_ahead_min=20", MIXED},
	{"cache.read_ahead_after", {NULL}, "cache.read_ahead_after=3", STREAMS},
	{"cache.next_tracks", {"cache.read_ahead=whole-track"}, "cache.next_tracks=2", STREAMS},
	{"cache.preempt_at_once", {NULL}, "cache.preempt_at_once=true", MIXED},
	{"cache.read_ahead_on_hit", {NULL}, "cache.read_ahead_on_hit=true", STREAMS},
	{"cache.overwrite_requested", {NULL}, "cache.overwrite_requested=true", STREAMS},
	{"cache.hit_on_written", {NULL}, "cache.hit_on_written=false", MIXED},
	{"cache.hit_on_arriving", {NULL}, "cache.hit_on_arriving=false", STREAMS},
	{"cache.partial_hits", {NULL}, "cache.partial_hits=false", STREAMS},
	{"cache.drop_after_read", {NULL}, "cache.drop_after_read=true", STREAMS},
	{"cache.read_on_arrival", {NULL}, "cache.read_on_arrival=true", MIXED},
	{"cache.stream_hit_after", {"overhead.read_stream_hit=0.05 ms"}, "cache.stream_hit_after=2", STREAMS},
	{"cache.stream_idle", {"overhead.read_stream_hit=0.05 ms", "cache.stream_hit_after=2"}, "cache.stream_idle=1 ms", STREAMS},
	{"cache.write_back", {NULL}, WRITE_BACK, MIXED},
	{"write_cache.extents", {WRITE_BACK}, "write_cache.extents=12", MIXED},
	{"write_cache.sectors", {MANY_EXTENTS}, "write_cache.sectors=20", MIXED},
	{"write_cache.report", {MANY_EXTENTS}, "write_cache.report=appending", MIXED},
	{"write_cache.accept", {MANY_EXTENTS}, "write_cache.accept=appending", MIXED},
	{"write_cache.combine", {MANY_EXTENTS, "write_cache.idle_time=10 ms"}, "write_cache.combine=none", STREAMS},
	{"write_cache.order", {MANY_EXTENTS}, "write_cache.order=sptf", MIXED},
	{"write_cache.access_sectors", {MANY_EXTENTS, "write_cache.idle_time=10 ms"}, "write_cache.access_sectors=3", STREAMS},
	{"write_cache.idle_time", {MANY_EXTENTS}, "write_cache.idle_time=10 ms", MIXED},
	{"write_cache.reads_first", {MANY_EXTENTS}, "write_cache.reads_first=true", MIXED},
	{"write_cache.high_water", {MANY_EXTENTS, "write_cache.idle_time=1 s", "write_cache.low_water=20 %"},
		"write_cache.high_water=40 %", MIXED},
	{"write_cache.low_water", {MANY_EXTENTS, "write_cache.idle_time=1 s", "write_cache.low_water=20 %"},
		"write_cache.low_water=60 %", MIXED},
	{"write_cache.max_age", {MANY_EXTENTS, "write_cache.idle_time=1 s"}, "write_cache.max_age=30 ms", MIXED},
	{"actuators.count", {NULL}, "actuators.count=2", MIXED},
	{"actuators.split", {"actuators.count=2"}, "actuators.split=radius", MIXED},
	{"concurrent_hits", {NULL}, "concurrent_hits=true", STREAMS},
	{"next_position", {NULL}, "next_position=media-end", MIXED},
	{"shingled.model", {ZONES}, "shingled.model=none", ZONED},
	{"shingled.zone_size", {ZONES}, "shingled.zone_size=40 KiB", ZONED},
	{"shingled.conventional_zones", {ZONES}, "shingled.conventional_zones=3", ZONED},
	{"shingled.max_open_zones", {ZONES}, "shingled.max_open_zones=2", ZONED},
	{"shingled.unrestricted_reads", {ZONES}, "shingled.unrestricted_reads=false", ZONED},
	{"shingled.band_size", {BANDS, "shingled.cache_size=240 KiB"}, "shingled.band_size=40 KiB", MIXED},
	{"shingled.cache_size", {BANDS}, "shingled.cache_size=200 KiB", MIXED},
	{"shingled.cache_place", {BANDS}, "shingled.cache_place=inner", MIXED},
	{"shingled.record_size", {BANDS}, "shingled.record_size=2 KiB", MIXED},
	{"shingled.map_extents", {BANDS, "shingled.cache_size=600 KiB"}, "shingled.map_extents=64", MIXED},
	{"shingled.stream_size", {BANDS}, "shingled.stream_size=2 KiB", STREAMS},
	{"shingled.clean_order", {BANDS}, "shingled.clean_order=most-cached", MIXED},
	{"shingled.clean_access_size", {BANDS, "shingled.idle_clean_after=5 ms"}, "shingled.clean_access_size=512 B", CALM},
	{"shingled.idle_clean_after", {BANDS}, "shingled.idle_clean_after=5 ms", MIXED},
	{"shingled.high_water", {BANDS, "shingled.low_water=20 %"}, "shingled.high_water=30 %", MIXED},
	{"shingled.low_water", {BANDS, "shingled.cache_size=320 KiB", "shingled.low_water=10 %", "shingled.high_water=60 %"},
		"shingled.low_water=60 %", MIXED},
};
#define ENTRIES ((int)(sizeof(entries) / sizeof(entries[0])))

/* ---- loads ---------------------------------------------------------------------------------------- */

#define MOST 800

struct item {
	struct blk_req req;
	struct event event;
	struct drive *drive;
};

struct script {
	struct item *item;
	unsigned count, done;
	time_ps at; /* arrival of the next */
};

static struct blk_req *add(struct script *s, time_ps gap, enum blk_op op, uint64_t lba, uint32_t sectors)
{
	ck_assert_uint_lt(s->count, MOST);
	s->at += gap;
	struct blk_req *r = &s->item[s->count++].req;
	*r = (struct blk_req){.op = (uint8_t)op, .lba = lba, .sectors = sectors, .arrive_ps = s->at, .owner = &s->done};
	return r;
}

/* Random requests closer than the drive can serve them, with tags and priorities, in bursts; long ones; what was
 * written is read and written again; flushes. */
static void make_mixed(struct script *s)
{
	struct rng *g = rng_new(s->item[0].drive->sim->arena, 1, "test load");
	for (int round = 0; round < 12; round++) {
		for (int i = 0; i < 24; i++) {
			uint64_t lba = 4 * rng_below(g, i % 3 ? 900 : 20);
			struct blk_req *r = add(s, 2 * PS_PER_MS, rng_below(g, 2) ? BLK_READ : BLK_WRITE, lba,
				1 + (uint32_t)rng_below(g, 8));
			r->priority = (uint8_t)rng_below(g, 3);
			if (rng_below(g, 9) == 0)
				r->flags = rng_below(g, 2) ? BLK_ORDERED : BLK_HEAD_OF_QUEUE;
			if (rng_below(g, 4) == 0)
				add(s, 0, r->op, r->lba + r->sectors, r->sectors);
			if (rng_below(g, 6) == 0)
				add(s, PS_PER_MS, BLK_READ, r->lba, r->sectors);
		}
		add(s, PS_PER_MS, BLK_FLUSH, 0, 0);
		add(s, 60 * PS_PER_MS, BLK_READ, 100 + 300 * (uint64_t)round, 55);
		add(s, 30 * PS_PER_MS, BLK_WRITE, 120 + 300 * (uint64_t)round, 55)->flags = BLK_FUA;
		add(s, 60 * PS_PER_MS, BLK_READ, 0, 8);
		s->at += 120 * PS_PER_MS + (time_ps)rng_below(g, 1000) * PS_PER_US;
	}
}

/* One to six streams at once, read, then written, then read again, now and then with a step back or a pause. */
static void make_streams(struct script *s)
{
	struct rng *g = rng_new(s->item[0].drive->sim->arena, 1, "test load");
	for (uint64_t streams = 1; streams <= 6; streams++)
		for (int pass = 0; pass < 3; pass++) {
			for (uint64_t i = 0; i < 8 * streams && s->count + 3 < MOST; i++) {
				uint64_t lba = 601 * (i % streams) + 5 * (i / streams);
				time_ps gap = (time_ps)rng_below(g, 4000) * PS_PER_US;
				add(s, gap, pass == 1 ? BLK_WRITE : BLK_READ, lba, 5);
				if (i % 7 == 6)
					add(s, gap, BLK_READ, lba + 2, 9);
			}
			s->at += 50 * PS_PER_MS;
		}
}

/* Zones of 40 sectors: written in turn, beside the pointer, past it, read past it; opened, finished, reset. */
static void make_zoned(struct script *s)
{
	for (uint64_t round = 0; round < 4; round++) {
		for (uint64_t i = 0; i < 8; i++)
			for (uint64_t zone = 0; zone < 5; zone++)
				add(s, 25 * PS_PER_MS, BLK_WRITE, 40 * zone + 4 * i + (round == 3 ? 2 : 0), 4);
		for (uint64_t zone = 0; zone < 5; zone++)
			add(s, 25 * PS_PER_MS, BLK_ZONE_OPEN, 40 * zone, 0);
		for (uint64_t zone = 0; zone < 5; zone++)
			add(s, 25 * PS_PER_MS, BLK_READ, 40 * zone + 30, 8);
		for (uint64_t zone = 0; zone < 5; zone++)
			add(s, 25 * PS_PER_MS, zone == round ? BLK_ZONE_FINISH : BLK_ZONE_RESET, 40 * zone, 0);
	}
}

/* One request after long pauses of many lengths. */
static void make_calm(struct script *s)
{
	for (uint64_t i = 0; i < 40; i++)
		add(s, (time_ps)(10 * i) * PS_PER_MS, i % 2 ? BLK_READ : BLK_WRITE, 397 * i % 4000, 4);
}

static void arrive(struct sim *sim, struct event *e)
{
	(void)sim;
	struct item *i = container_of(e, struct item, event);
	blk_submit(i->drive->dev, &i->req);
}

/* ---- what shows -------------------------------------------------------------------------------------- */

struct seen {
	uint64_t hash;
	bool refused;
	struct err why;
};

static void put(struct seen *s, const void *bytes, size_t n) { s->hash = XXH64(bytes, n, s->hash); }

static void put_energy(void *ctx, const char *name, double value, const char *unit)
{
	(void)unit;
	if (strncmp(name, "energy", 6) == 0)
		put(ctx, &value, sizeof(value));
}

static void serve(struct drive *v, enum load load, struct seen *seen)
{
	static void (*const make[])(struct script *) = {[MIXED] = make_mixed,
		[STREAMS] = make_streams, [ZONED] = make_zoned,
		[CALM] = make_calm};
	struct script s = {.item = calloc(MOST, sizeof(struct item))};
	struct blk_identity identity;
	ck_assert_ptr_nonnull(s.item);
	s.item[0].drive = v;
	make[load](&s);
	for (unsigned i = 0; i < s.count; i++) {
		s.item[i].drive = v;
		s.item[i].req.done = drive_count_done;
		event_init(&s.item[i].event, arrive, "arrival", EVENT_PRIO_WORKLOAD);
		sim_schedule(v->sim, &s.item[i].event, s.item[i].req.arrive_ps);
	}
	while (s.done < s.count)
		ck_assert(sim_step(v->sim));
	for (unsigned i = 0; i < s.count; i++) {
		const struct blk_req *r = &s.item[i].req;
		put(seen, &r->done_ps, sizeof(r->done_ps));
		put(seen, &r->status, sizeof(r->status));
		put(seen, &r->energy_pj, sizeof(r->energy_pj));
	}
	v->dev->ops->identify(v->dev, &identity);
	put(seen, identity.model, strlen(identity.model));
	put(seen, &identity.sectors, sizeof(identity.sectors));
	v->dev->ops->report(v->dev, put_energy, seen);
	free(s.item);
}

static struct seen run(const struct entry *e, bool changed)
{
	struct seen seen = {0};
	struct drive v;
	struct err err = {0};
	char text[12][300];
	const char *sets[12] = {NULL};
	int n = 0;
	for (; e->with[n]; n++)
		snprintf(text[n], sizeof(text[n]), "disk0.%s", e->with[n]);
	if (changed)
		snprintf(text[n++], sizeof(text[n]), "disk0.%s", e->change);
	for (int i = 0; i < n; i++)
		sets[i] = text[i];
	if (drive_try(&v, base, sets, 1, &err) < 0) {
		seen.refused = true;
		seen.why = err;
		sim_free(v.sim);
		return seen;
	}
	serve(&v, e->load, &seen);
	drive_close(&v);
	return seen;
}

/* ---- tests ------------------------------------------------------------------------------------------------ */

static const struct entry *entry_of(const char *row)
{
	for (int i = 0; i < ENTRIES; i++)
		if (strcmp(entries[i].row, row) == 0)
			return &entries[i];
	return NULL;
}

/* Rows and, in groups and tables, theirs; returns how many. */
static int walk(const struct opt_group *g, const char *prefix)
{
	char path[200];
	int n = 0;
	for (const struct opt_row *r = g->rows; r->key; r++) {
		snprintf(path, sizeof(path), "%s%s", prefix, r->key);
		if (r->type != OPT_GROUP) {
			ck_assert_msg(entry_of(path) != NULL, "%s has no entry that shows that it acts", path);
			n++;
		}
		if (r->type == OPT_GROUP || r->type == OPT_TABLE) {
			strcat(path, ".");
			n += walk(r->group, path);
		}
	}
	return n;
}

START_TEST(every_row_is_named_once)
{
	ck_assert_int_eq(walk(&disk_options, ""), ENTRIES);
}
END_TEST

/* The changed value is always taken. Two rows only say that something odd is meant: without them the drive is refused. */
START_TEST(every_row_acts)
{
	const struct entry *e = &entries[_i];
	bool permits = strcmp(e->row, "geometry.map_partial") == 0 ||
		strcmp(e->row, "geometry.zones.unused_cylinders_before") == 0;
	struct seen plain = run(e, false), changed = run(e, true);
	ck_assert_msg(!changed.refused, "%s: %s", e->row, changed.why.msg);
	ck_assert_msg(plain.refused == permits, "%s: %s", e->row, plain.why.msg);
	ck_assert_msg(permits || plain.hash != changed.hash, "%s: %s changes nothing", e->row, e->change);
}
END_TEST

/* Else the tests above would see differences where there are none. */
START_TEST(the_same_drive_serves_a_load_alike_twice)
{
	for (int i = 0; i < ENTRIES; i += 10)
		ck_assert(run(&entries[i], false).hash == run(&entries[i], false).hash);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("options of the disk");
	TCase *t = tcase_create("rows");
	tcase_set_timeout(t, 60);
	tcase_add_test(t, every_row_is_named_once);
	tcase_add_loop_test(t, every_row_acts, 0, ENTRIES);
	tcase_add_test(t, the_same_drive_serves_a_load_alike_twice);
	suite_add_tcase(s, t);
	return run_suite(s);
}
