/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a disk's config may say: the plain structs its option rows (spec.c) fill, and
 * nothing else. Names follow the field's terms; every row's doc says what it does.
 */
#ifndef QUERN_DISK_SPEC_H
#define QUERN_DISK_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/option.h"

enum disk_lbn_order {
	LBN_ASCENDING,         /* heads 0..H-1 in every cylinder */
	LBN_SERPENTINE_ZONE,   /* head order alternates, counted from the zone's first cylinder */
	LBN_SERPENTINE,        /* head order alternates, by parity of the cylinder number */
	LBN_SURFACE,           /* along a surface, back along the next; by groups of cylinders */
	LBN_MAP,               /* as the rows of the map say */
};

/* Where the spares are. The names in brackets are DiskSim's numbers. */
enum disk_sparing {
	SPARE_NONE,                    /* [0] */
	SPARE_TRACK,                   /* [3] sectors, at the end of each track */
	SPARE_CYLINDER,                /* [2] sectors, at the end of each cylinder */
	SPARE_CYLINDER_SLIP_ON,        /* [4] the same, but slips make the zone shorter */
	SPARE_CYLINDER_FRONT,          /* [6] sectors, at the front of each cylinder; slips make the zone shorter */
	SPARE_RANGE,                   /* [8] sectors, at the end of each range of cylinders */
	SPARE_ZONE,                    /* [9] sectors, at the zone's end */
	SPARE_ZONE_SLIP_ON,            /* [10] the same, but slips make the zone shorter */
	SPARE_ZONE_TRACKS,             /* [1] tracks, at the zone's end */
	SPARE_ZONE_CYLINDERS,          /* cylinders, at the zone's end */
	SPARE_DISK,                    /* [7] sectors, at the disk's end; slips make their zone shorter */
	SPARE_DISK_TRACKS,             /* tracks, at the disk's end */
	SPARE_DISK_CYLINDERS,          /* cylinders, at the disk's end */
};

struct disk_zone_spec {
	int64_t first_cylinder, last_cylinder;
	int64_t sectors_per_track;
	int64_t unused_cylinders_before;          /* between this zone and the one before */
	double offset, track_skew, cylinder_skew; /* sectors */
	int64_t reserved_sectors;                 /* blocks at the zone's front */
	int64_t spares;                           /* what and of what: enum disk_sparing */
	struct opt_list slips;                    /* sectors, tracks or cylinders of the zone, as the spares */
	struct opt_curve defects;                 /* bad place -> spare place, in sectors or tracks of the zone */
};

enum disk_map_order { MAP_CYLINDER, MAP_SURFACE };
enum disk_map_direction { MAP_INWARD, MAP_OUTWARD };

/* One run of a map, in LBN order. */
struct disk_map_spec {
	int64_t first_cylinder, last_cylinder;
	struct opt_list heads;       /* empty: all, ascending */
	int order;                   /* enum disk_map_order */
	int direction;               /* enum disk_map_direction */
	bool serpentine;
};

struct disk_geometry_spec {
	int64_t heads, cylinders;
	int lbn_order;               /* enum disk_lbn_order */
	int64_t surface_cylinders;   /* of a group, with LBN_SURFACE; 0: all of the zone */
	struct opt_table map;        /* struct disk_map_spec */
	bool map_partial;            /* the map may leave tracks unused */
	int sparing;                 /* enum disk_sparing */
	int64_t sparing_range_cylinders;
	bool slips_turn;             /* slips turn the tracks behind them */
	struct opt_table zones;      /* struct disk_zone_spec */
};

/* Sectors that go bad while the drive runs. */
struct disk_grown_spec {
	int64_t lbn;
	int64_t at_ps;
};

struct disk_defects_spec {
	struct opt_table grown;      /* struct disk_grown_spec */
	int64_t random;              /* so many more, at random places */
	int64_t random_within_ps;    /* and at random times before this */
	int64_t read_retries;        /* turns for which a read tries again */
	bool recovered;              /* and then has the data */
	double soft_error_rate;      /* of the reads from the medium, ... */
	int64_t soft_error_turns;    /* ... which take so many turns more */
};

enum disk_seek_model {
#define SEEK(symbol, title, needs, text) SEEK_##symbol,
#include "disk/seek_list.h"
#undef SEEK
};

struct disk_seek_spec {
	int model;                 /* enum disk_seek_model */
	struct opt_curve table;    /* cylinders -> ps, linear between, linear past the end */
	struct opt_list first;     /* times of the distances 1, 2, ... over the law's */
	int64_t single_ps, average_ps, full_ps; /* from a data sheet; 0: not given */
	int64_t root_base_ps;      /* a + b sqrt(d) for d < break */
	int64_t root_slope_ps;
	int64_t break_cylinders;
	int64_t linear_base_ps;    /* c + e d from there on */
	int64_t linear_slope_ps;
	int64_t same_track_ps;     /* distance 0, same head */
	struct opt_curve write_extra; /* cylinders -> ps, added to moves before a write */
};

/* Command overheads, each in ps. Which applies: read or write, buffer hit or miss, and what
 * the command before was. */
struct disk_overhead_spec {
	int64_t read_hit_after_read, read_hit_after_write;
	int64_t read_miss_after_read, read_miss_after_write;
	int64_t write_hit_after_read, write_hit_after_write;   /* taken by the write buffer */
	int64_t write_miss_after_read, write_miss_after_write; /* waits for the medium */
	int64_t read_completion, write_completion;
	int64_t data_preparation;
	int64_t read_disconnect;    /* before the bus can be had back for them; passes while the medium is sought */
	int64_t write_disconnect;   /* the same from the write data on */
	int64_t read_reselect;      /* before read data that waited for the medium go out */
	int64_t write_reselect;     /* before the status of a write that waited for the medium */
	int64_t write_data_delay;   /* from the command's end to the first write data on the bus */
	int64_t read_stream_hit;    /* a hit that continues a stream (cache.stream_hit_after) */
	int64_t write_other_track;  /* more for a write taken by the buffer, off the arm's track */
	int64_t write_sequential;   /* more, or less, for one that waits for the medium and continues the last */
};

struct disk_bus_spec {
	int64_t read_sector_ps, write_sector_ps; /* one sector over the bus */
	double read_watermark;  /* share of a request that is in the buffer before the bus starts, ... */
	int64_t read_watermark_max; /* ... but at most so many sectors */
	int64_t read_dry_ps;    /* to get the bus back when it has overtaken the medium */
};

enum disk_read_ahead { AHEAD_NONE, AHEAD_TRACK, AHEAD_WHOLE_TRACK, AHEAD_NEXT_TRACK, AHEAD_CYLINDER, AHEAD_SEGMENT };

struct disk_cache_spec {
	bool enabled;
	int64_t segments;
	int64_t segment_sectors;
	int64_t buffer_bytes;           /* memory that segments and dirty data must fit in; 0: no limit */
	bool adaptive;                  /* fewer and larger segments when there are fewer streams */
	int read_ahead;                 /* enum disk_read_ahead */
	int64_t read_ahead_max_sectors; /* past the request's end */
	int64_t read_ahead_min_sectors; /* before another command may take the arm */
	int64_t read_ahead_after;       /* so many sequential reads in a row before it begins */
	int64_t next_tracks;            /* after a whole track */
	bool preempt_at_once;           /* not only at the sector's end */
	bool read_ahead_on_hit;         /* a full hit on an idle drive reads on */
	bool overwrite_requested;       /* read-ahead may take the place of the finished request */
	bool hit_on_written;            /* written data can be hit by reads */
	bool hit_on_arriving;           /* what read-ahead is bringing is waited for */
	bool partial_hits;              /* a front part found is not read again */
	bool drop_after_read;           /* what was read is given up */
	bool read_on_arrival;           /* read from where in the range the head lands */
	int64_t stream_hit_after;       /* sequential reads in a row for overhead.read_stream_hit; 0: never */
	int64_t stream_idle_ps;         /* a pause over this ends a stream; 0: none does */
	bool write_back;                /* acknowledge writes from the buffer */
};

enum disk_write_report { WRITE_REPORT_ALL, WRITE_REPORT_APPENDING };
enum disk_write_accept { WRITE_ACCEPT_ANY, WRITE_ACCEPT_APPENDING };

/* What cache.write_back acknowledges early. */
struct disk_write_cache_spec {
	int64_t extents, sectors;    /* most of them dirty at once */
	int report;                  /* enum disk_write_report */
	int accept;                  /* enum disk_write_accept */
	int combine;                 /* enum wcache_combine */
	int order;                   /* index into disk_destages */
	int64_t access_sectors;      /* most in one medium access */
	int64_t idle_ps;             /* without commands before destaging begins; 0: at once */
	bool reads_first;
	double high_water, low_water; /* shares of the limits */
	int64_t max_age_ps;          /* 0: none */
};

enum disk_smr_model { SMR_NONE, SMR_HOST_MANAGED, SMR_DRIVE_MANAGED };
enum disk_smr_place { SMR_CACHE_OUTER, SMR_CACHE_MIDDLE, SMR_CACHE_INNER, SMR_CACHE_SPREAD };

/* Shingled recording; sizes are whole sectors. */
struct disk_smr_spec {
	int model;                     /* enum disk_smr_model */
	/* host-managed */
	int64_t zone_bytes, conventional_zones;
	int64_t max_open_zones;        /* 0: no limit */
	bool unrestricted_reads;
	/* drive-managed */
	int64_t band_bytes, cache_bytes, record_bytes;
	int cache_place;               /* enum disk_smr_place */
	int64_t map_extents;
	int64_t stream_bytes;          /* of a stream before its writes go in place */
	int clean_order;               /* index into smr_cleans */
	int64_t clean_access_bytes;    /* most in one access of cleaning */
	int64_t idle_clean_ps;         /* without commands before cleaning; -1 ps: never */
	double high_water, low_water;
};

/* What the drive draws, in millionths of a watt, and when it goes to sleep. */
struct disk_power_spec {
	int64_t idle_uw;                     /* spinning, heads on a track */
	int64_t seek_uw, read_uw, write_uw;  /* in all, while at it; 0: as idle */
	int64_t unloaded_uw;                 /* spinning, heads parked; 0: as idle */
	int64_t standby_uw;                  /* spun down */
	int64_t spin_up_uw;                  /* 0: as idle */
	int64_t unload_after_ps, load_ps;    /* idle time before; 0: never. And back */
	int64_t standby_after_ps;
};

enum disk_actuator_split { ACTUATORS_BY_SURFACE, ACTUATORS_BY_RADIUS };

struct disk_actuator_spec {
	int64_t count;
	int split;                   /* enum disk_actuator_split */
};

enum disk_next { NEXT_AT_COMPLETION, NEXT_AT_MEDIA_END };

/* Figures of the command queue and of the schedulers that have any. */
struct disk_queue_spec {
	int tagging;                 /* enum disk_tagging */
	int knows;                   /* enum geom_level: what the scheduler knows of the layout */
	int64_t age_limit_ps;        /* 0: none; older commands go first, oldest first */
	bool by_priority;            /* commands of a higher priority go first */
	bool reads_first;            /* reads go before writes */
	int64_t stream_limit;        /* commands that may go on where the last one ended before others; 0: none */
	double scan_bias;            /* vscan: R, 0 sstf to 1 scan */
	int64_t step_commands;       /* n-step-scan: N */
	double age_weight;           /* asptf: ms of positioning that a ms of waiting is worth; wptf: see there */
	int64_t age_scale_ps;        /* wptf: waiting after which positioning counts nothing */
};

struct disk_spec {
	char *name;                 /* model name, with its maker */
	struct disk_geometry_spec geometry;
	struct disk_defects_spec defects;
	int64_t rpm;                /* thousandths */
	double rpm_error;           /* share by which a drive's rpm may differ from it */
	double start_angle;         /* turns */
	struct disk_seek_spec seek;
	int64_t head_switch_ps;
	bool write_on_arrival;      /* a write begins where the head lands in its run */
	int64_t write_settle_ps;    /* added to any repositioning before a write; may be negative */
	int64_t spin_up_ps;         /* from power on to ready */
	struct disk_power_spec power;
	int64_t queue_depth;
	int scheduler;              /* index into disk_scheds */
	struct disk_queue_spec queue;
	struct disk_overhead_spec overhead;
	struct disk_bus_spec bus;
	struct disk_cache_spec cache;
	struct disk_write_cache_spec write_cache;
	struct disk_smr_spec shingled;
	struct disk_actuator_spec actuators;
	bool concurrent_hits;       /* the buffer serves while the arm works for another command */
	int next_position;          /* enum disk_next */
};

extern const struct opt_group disk_options; /* binds struct disk_spec */

#endif
