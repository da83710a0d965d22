/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of the track buffer. */
#include "disk/options.h"

#include <inttypes.h>
#include <stdio.h>

#include "blk/req.h"

static const struct opt_choice read_ahead_choices[] = {
	{"none", "only what is asked for"},
	{"track", "to the end of the track"},
	{"whole-track", "a whole turn of the track, from wherever the head lands"},
	{"next-track", "to the end of the track, and of the next one where the segment begins before this one"},
	{"cylinder", "on across tracks to the end of the cylinder"},
	{"segment", "on across tracks, as far as segment and read_ahead_max allow"},
	{NULL, NULL},
};

static int cache_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct disk_cache_spec *c = bound;
	int64_t sectors = c->buffer_bytes / SECTOR_BYTES;
	if (c->buffer_bytes == 0)
		return 0;
	*key = "segment_sectors";
	if (c->segment_sectors > sectors)
		return snprintf(why, why_bytes, "a segment larger than the buffer, which has %" PRId64 " sectors (buffer_size)", sectors), -1;
	*key = "segments";
	if (c->segments * c->segment_sectors > sectors)
		return snprintf(why, why_bytes, "segments of %" PRId64 " sectors do not fit in the buffer, which has %" PRId64
			" (buffer_size)", c->segment_sectors, sectors), -1;
	return 0;
}

static const struct opt_row cache_rows[] = {
	{.key = "enabled", .type = OPT_BOOL, .offset = FIELD(disk_cache_spec, enabled), .def = "true",
	 .doc = "whether data stay in the buffer to be hit"},
	{.key = "segments", .type = OPT_SCALAR, .offset = FIELD(disk_cache_spec, segments), .min = "1", .max = "1024",
	 .def = "8", .doc = "segments of the buffer, replaced least recently used first"},
	{.key = "segment_sectors", .type = OPT_SCALAR, .offset = FIELD(disk_cache_spec, segment_sectors), .min = "1",
	 .max = "10000000", .def = "256", .doc = "size of a segment, in sectors"},
	{.key = "buffer_size", .type = OPT_SCALAR, .unit = UNIT_BYTES, .offset = FIELD(disk_cache_spec, buffer_bytes), .min = "0",
	 .max = "1 TiB", .def = "0", .doc = "memory of the buffer: the segments must fit in it, and dirty data take no more; 0: as much "
	 "as they need"},
	{.key = "adaptive", .type = OPT_BOOL, .offset = FIELD(disk_cache_spec, adaptive), .def = "false",
	 .doc = "the same sectors are divided anew, every 64 reads, into as many segments as reads hit and one more (a power of two, at "
	 "most `segments`)"},
	{.key = "read_ahead", .type = OPT_ENUM, .offset = FIELD(disk_cache_spec, read_ahead), .def = "segment",
	 .choices = read_ahead_choices, .doc = "how far a read goes on in the background"},
	{.key = "read_ahead_max", .type = OPT_SCALAR, .offset = FIELD(disk_cache_spec, read_ahead_max_sectors),
	 .min = "0", .max = "10000000", .def = "10000000", .doc = "most sectors read ahead past the request's end; a whole track is read "
	 "all the same"},
	{.key = "read_ahead_min", .type = OPT_SCALAR, .offset = FIELD(disk_cache_spec, read_ahead_min_sectors),
	 .min = "0", .max = "10000000", .def = "0", .doc = "sectors read ahead before another command may take the arm; of a whole track "
	 "none"},
	{.key = "read_ahead_after", .type = OPT_SCALAR, .offset = FIELD(disk_cache_spec, read_ahead_after),
	 .min = "0", .max = "1000", .def = "0", .doc = "read ahead only after so many reads in a row that began where the one before "
	 "ended, the present one included"},
	{.key = "next_tracks", .type = OPT_SCALAR, .offset = FIELD(disk_cache_spec, next_tracks),
	 .min = "0", .max = "1000", .def = "0", .doc = "with read_ahead whole-track: so many tracks more, each into a segment of its own"},
	{.key = "preempt_at_once", .type = OPT_BOOL, .offset = FIELD(disk_cache_spec, preempt_at_once),
	 .def = "false", .doc = "a command that wants the arm ends read-ahead at once, not at the end of the sector under the head"},
	{.key = "read_ahead_on_hit", .type = OPT_BOOL, .offset = FIELD(disk_cache_spec, read_ahead_on_hit), .def = "false",
	 .doc = "a full hit on an idle drive reads on where the segment ends, as far as read_ahead goes; a whole track is not read again"},
	{.key = "overwrite_requested", .type = OPT_BOOL, .offset = FIELD(disk_cache_spec, overwrite_requested),
	 .def = "false", .doc = "except with read_ahead whole-track: it may take the place of the finished request's data in the segment"},
	{.key = "hit_on_written", .type = OPT_BOOL, .offset = FIELD(disk_cache_spec, hit_on_written), .def = "true",
	 .doc = "written data stay in a segment where reads hit them"},
	{.key = "hit_on_arriving", .type = OPT_BOOL, .offset = FIELD(disk_cache_spec, hit_on_arriving), .def = "true",
	 .doc = "a read waits for data that read-ahead is bringing; else it is a miss and ends the read-ahead"},
	{.key = "partial_hits", .type = OPT_BOOL, .offset = FIELD(disk_cache_spec, partial_hits), .def = "true",
	 .doc = "of a read whose front part is in the buffer only the rest is read; else all of it"},
	{.key = "drop_after_read", .type = OPT_BOOL, .offset = FIELD(disk_cache_spec, drop_after_read), .def = "false",
	 .doc = "what a read took is given up: data from the medium do not stay, and a hit in a stream drops what the segment holds up to "
	 "its end"},
	{.key = "read_on_arrival", .type = OPT_BOOL, .offset = FIELD(disk_cache_spec, read_on_arrival), .def = "false",
	 .doc = "zero-latency read: when the head lands inside the range, reading begins there and the front part comes last; whole-track "
	 "does so always"},
	{.key = "stream_hit_after", .type = OPT_SCALAR, .offset = FIELD(disk_cache_spec, stream_hit_after),
	 .min = "0", .max = "1000", .def = "0", .doc = "a hit has command time overhead.read_stream_hit after so many reads in a row that "
	 "began where the one before ended, the present one included; 0: never"},
	{.key = "stream_idle", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(disk_cache_spec, stream_idle_ps),
	 .min = "0", .max = "1000 s", .def = "0", .doc = "a pause longer than this after a read, or a write, ends the stream until the "
	 "medium is read again; 0: nothing does"},
	{.key = "write_back", .type = OPT_BOOL, .offset = FIELD(disk_cache_spec, write_back), .def = "false",
	 .doc = "acknowledge a write once its data are in the buffer; one such write at a time, written at once"},
	{0},
};

const struct opt_group disk_cache_group = {"disk cache", "the track buffer",
	cache_rows, sizeof(struct disk_cache_spec), cache_check};
