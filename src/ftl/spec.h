/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a config may say about the translation layer: the plain structs that its option rows (options_NAME.c) fill. */
#ifndef QUERN_FTL_SPEC_H
#define QUERN_FTL_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/option.h"

enum ftl_superblock { FTL_SUPER_NONE, FTL_SUPER_DIE, FTL_SUPER_DEVICE };
enum ftl_frontiers { FTL_FRONTIER_SHARED, FTL_FRONTIER_GC, FTL_FRONTIER_ALL };
enum ftl_free_order { FTL_FREE_LEAST_WORN, FTL_FREE_FIFO };
enum ftl_recovery { FTL_RECOVERY_AUTO, FTL_RECOVERY_ALWAYS, FTL_RECOVERY_NEVER };
enum ftl_scan { FTL_SCAN_CHECKPOINT, FTL_SCAN_FULL };

struct ftl_map_spec {
	int scheme;                /* index into ftl_map_schemes */
	int update;                /* enum inplace_update; of scheme none */
	int64_t unit_bytes;        /* what the map maps; 0: a page */
	int64_t capacity_bytes;    /* seen by the host; 0: by over-provisioning */
	double over_provisioning;  /* (physical - logical) / logical */
};

struct ftl_alloc_spec {
	int order;                 /* index into ftl_allocs */
	int superblock;            /* enum ftl_superblock */
	int frontiers;             /* enum ftl_frontiers */
	bool superpage;            /* a program takes a page of each plane of the superblock */
};

struct ftl_gc_spec {
	int policy;                /* index into ftl_victims */
	int64_t low, high;         /* free blocks of a region: foreground begins below low, ends at high; 0: as low */
	int64_t background;        /* idle time is used below so many; 0: never */
	int64_t reserve;           /* blocks that host writes leave to garbage collection */
	int64_t choices;           /* d of d-choices */
	int64_t window;            /* of windowed-greedy, blocks */
	double threshold;          /* of random++, invalid share of a block */
	bool pace;                 /* host writes and moves of a region in proportion */
	bool preemptible;          /* cleaning lets reads of the host go first ... */
	int64_t hard;              /* ... while more blocks of the region are free ... */
	int64_t resume_ps;         /* ... until there has been none for so long */
};

struct ftl_wear_spec {
	int free_order;            /* enum ftl_free_order */
	int64_t threshold;         /* static wear levelling above this difference of erase counts; 0: none */
	int64_t interval;          /* erases of a region between two looks; 0: an eighth of its blocks */
};

/* Index into ftl_fronts. */
enum front_kind {
#define FRONT(symbol, name, doc) FRONT_##symbol,
#include "ftl/front_list.h"
#undef FRONT
};

enum front_arbitration { FRONT_ROUND_ROBIN, FRONT_WEIGHTED };

struct front_nvme_spec {
	int64_t queues;            /* queue pairs */
	int64_t entries;           /* of a submission queue; one of them is always empty */
	int64_t slots;             /* commands the controller holds at once */
	int64_t burst;             /* commands fetched at once from one queue */
	bool share_queues;         /* by all namespaces; else each has its own */
	int arbitration;           /* enum front_arbitration */
	int64_t high, medium, low; /* weights of the priority classes */
	int64_t doorbell_ps;       /* from the host's doorbell to the controller seeing it */
	int64_t host_read_ps;      /* round trip of a read of host memory */
	int64_t completion_ps;     /* from the completion entry to the host seeing it */
	int64_t generation;        /* of PCIe; 0: the link costs nothing */
	int64_t lanes;
	int64_t payload_bytes;     /* most data of a packet */
	int64_t read_request_bytes; /* most data asked for by one packet */
};

enum front_sata_rate { FRONT_SATA_1, FRONT_SATA_2, FRONT_SATA_3 };

struct front_sata_spec {
	int rate;                  /* enum front_sata_rate */
	int64_t depth;             /* queued commands */
	bool queued_trim;
	int64_t command_ps;        /* host adapter, from the driver's register write to the command at the drive */
	int64_t frame_ps;          /* handshake around each frame */
	int64_t completion_ps;     /* from the completion's frame to the host seeing it */
};

struct front_firmware_spec {
	int64_t cores;             /* 0: commands cost no time of theirs */
	int64_t read_ps, write_ps, other_ps;
};

struct front_dram_spec {
	int64_t rate;              /* bytes a second; 0: no limit */
	int64_t passes;            /* of each byte of the host's data */
};

struct front_spec {
	int kind;                  /* enum front_kind */
	struct front_nvme_spec nvme;
	struct front_sata_spec sata;
	struct front_firmware_spec firmware;
	struct front_dram_spec dram;
};

enum ftl_buffer_order { FTL_BUFFER_FIFO, FTL_BUFFER_LRU };

struct ftl_buffer_spec {
	int64_t size_bytes;        /* 0: none; writes go through */
	double read_share;         /* of it, for data that is also in flash */
	double low, high;          /* watermarks, share of the rest */
	int order;                 /* enum ftl_buffer_order */
	bool write_back;           /* writes are acknowledged once they are in it */
	bool protected;            /* by capacitors: its content is durable */
	int64_t read_ahead;        /* units */
};

enum ftl_arbitration { FTL_COMMAND_FIRST, FTL_DATA_FIRST };
enum ftl_suspend { FTL_SUSPEND_NONE, FTL_SUSPEND_ERASE, FTL_SUSPEND_ALL };

/* Of the transaction scheduler, which only a device with time has: a section of its own. */
struct ftl_sched_spec {
	int policy;                /* index into tsu_policies */
	int arbitration;           /* enum ftl_arbitration */
	int suspend;               /* enum ftl_suspend */
	bool multi_plane;
	bool suspend_waiting;      /* reads that came while a program's data crossed suspend it when its array begins */
	int64_t suspend_least_ps;  /* array time left for which a suspend is worth while */
	int64_t age_limit_ps;      /* waited so long: goes first */
};

/* Of recovery after a power cut (mount.h), which only a device with time needs: a section of its own. */
struct ftl_mount_spec {
	int recovery;              /* enum ftl_recovery */
	int scan;                  /* enum ftl_scan */
	int64_t checkpoint_bytes;  /* host writes between two checkpoints; 0: as the journal fills */
	int64_t journal_records;   /* trims between two checkpoints */
	int64_t flush_log;         /* programs that hold the map's changes, behind each flush that has brought data into flash */
};

struct ftl_spec {
	struct ftl_map_spec map;
	struct ftl_alloc_spec alloc;
	struct ftl_gc_spec gc;
	struct ftl_wear_spec wear;
};

extern const struct opt_group ftl_options; /* binds struct ftl_spec */

#endif
