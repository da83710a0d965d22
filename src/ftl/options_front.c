/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of the front: NVMe, SATA, firmware cores, DRAM. */
#include <stdio.h>

#include "ftl/front.h"
#include "ftl/options.h"

#define COUNT(s, name, field, least, most, d, text) {.key = name, .type = OPT_SCALAR, .offset = FIELD(s, field), .min = least, \
	.max = most, .def = d, .doc = text}
#define LATENCY(s, name, field, d, text) {.key = name, .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(s, field), \
	.min = "0", .max = "1 s", .def = d, .doc = text}
#define SIZE(s, name, field, d, text) {.key = name, .type = OPT_SCALAR, .unit = UNIT_BYTES, .offset = FIELD(s, field), \
	.min = "128 B", .max = "4 KiB", .def = d, .doc = text}

static const struct opt_choice arbitration_choices[] = {
	[FRONT_ROUND_ROBIN] = {"round-robin", "one queue after the other; priorities are of no account"},
	[FRONT_WEIGHTED] = {"weighted", "priority 0 is urgent and goes first; 1 to 3 share by their weights"},
	{NULL, NULL},
};

static const struct opt_row nvme_rows[] = {
	COUNT(front_nvme_spec, "queues", queues, "1", "64", "8", "queue pairs; a request goes to the one of its submitter's number, "
		"modulo this"),
	{.key = "share_queues", .type = OPT_BOOL, .offset = FIELD(front_nvme_spec, share_queues), .def = "true",
	 .doc = "all namespaces use all queue pairs; else each has an equal part of them as its own, in order, and what is left over "
	 "lies idle"},
	COUNT(front_nvme_spec, "entries", entries, "2", "65536", "1024", "places of a submission queue; commands beyond all but one wait "
		"in the host"),
	COUNT(front_nvme_spec, "slots", slots, "1", "65536", "1024", "commands the controller holds at once"),
	COUNT(front_nvme_spec, "burst", burst, "1", "128", "8", "commands fetched at once from one queue (the arbitration burst)"),
	{.key = "arbitration", .type = OPT_ENUM, .offset = FIELD(front_nvme_spec, arbitration), .def = "round-robin",
	 .choices = arbitration_choices, .doc = "which queue is fetched from next"},
	COUNT(front_nvme_spec, "high", high, "1", "256", "8", "commands of priority 1 in a round, with weights"),
	COUNT(front_nvme_spec, "medium", medium, "1", "256", "4", "of priority 2"),
	COUNT(front_nvme_spec, "low", low, "1", "256", "1", "of priority 3 and beyond"),
	LATENCY(front_nvme_spec, "doorbell", doorbell_ps, "0", "from the host's doorbell to the controller seeing it"),
	LATENCY(front_nvme_spec, "host_read", host_read_ps, "0",
		"round trip of a read of host memory, which a fetch of commands and the data of a write begin with"),
	LATENCY(front_nvme_spec, "completion", completion_ps, "0", "from the completion and interrupt on the link to the host seeing "
		"them"),
	COUNT(front_nvme_spec, "generation", generation, "0", "5", "3", "of PCIe: 2.5, 5, 8, 16, 32 GT/s; 0: the link costs nothing"),
	COUNT(front_nvme_spec, "lanes", lanes, "1", "16", "4", "of PCIe"),
	SIZE(front_nvme_spec, "payload", payload_bytes, "256 B", "most data of one packet"),
	SIZE(front_nvme_spec, "read_request", read_request_bytes, "512 B", "most data that one packet asks for"),
	{0},
};
static int nvme_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct front_nvme_spec *s = bound;
	if ((s->lanes & (s->lanes - 1)) == 0)
		return 0;
	*key = "lanes";
	return snprintf(why, why_bytes, "PCIe links have 1, 2, 4, 8 or 16 lanes"), -1;
}

static const struct opt_group nvme_group = {"front nvme", "NVMe and PCIe", nvme_rows, sizeof(struct front_nvme_spec), nvme_check};

static const struct opt_choice rate_choices[] = {
	[FRONT_SATA_1] = {"1.5-gb", "1.5 Gb/s"},
	[FRONT_SATA_2] = {"3-gb", "3 Gb/s"},
	[FRONT_SATA_3] = {"6-gb", "6 Gb/s"},
	{NULL, NULL},
};

static const struct opt_row sata_rows[] = {
	{.key = "rate", .type = OPT_ENUM, .offset = FIELD(front_sata_spec, rate), .def = "6-gb", .choices = rate_choices,
	 .doc = "of the link"},
	COUNT(front_sata_spec, "depth", depth, "1", "32", "32", "queued commands"),
	{.key = "queued_trim", .type = OPT_BOOL, .offset = FIELD(front_sata_spec, queued_trim), .def = "false",
	 .doc = "trims and write-zeroes are queued commands; else the queue runs empty for each"},
	LATENCY(front_sata_spec, "command", command_ps, "0", "the host adapter's, from the command on the link to the drive having it"),
	LATENCY(front_sata_spec, "frame", frame_ps, "0", "handshake around each frame"),
	LATENCY(front_sata_spec, "completion", completion_ps, "0", "from the end of the last frame to the host seeing it"),
	{0},
};
static const struct opt_group sata_group = {"front sata", "Serial ATA", sata_rows, sizeof(struct front_sata_spec), NULL};

static const struct opt_row firmware_rows[] = {
	COUNT(front_firmware_spec, "cores", cores, "0", "64", "0", "that take commands, each the first that is free; 0: commands cost "
		"none of their time"),
	LATENCY(front_firmware_spec, "read", read_ps, "0", "core time of a read"),
	LATENCY(front_firmware_spec, "write", write_ps, "0", "core time of a write"),
	LATENCY(front_firmware_spec, "other", other_ps, "0", "core time of any other command"),
	{0},
};
static const struct opt_group firmware_group = {"front firmware", "controller cores", firmware_rows,
	sizeof(struct front_firmware_spec), NULL};

static const struct opt_row dram_rows[] = {
	{.key = "rate", .type = OPT_SCALAR, .unit = UNIT_RATE, .offset = FIELD(front_dram_spec, rate), .min = "0",
	 .max = "1000 GB/s", .def = "0", .doc = "bandwidth; 0: no limit"},
	COUNT(front_dram_spec, "passes", passes, "1", "8", "2", "how often a byte of the host's data crosses it: in and out again"),
	{0},
};
static const struct opt_group dram_group = {"front dram", "the controller's memory", dram_rows, sizeof(struct front_dram_spec),
	NULL};

static const struct opt_row front_rows[] = {
	{.key = "kind", .type = OPT_ENUM, .offset = FIELD(front_spec, kind), .def = "nvme", .choices = front_choices,
	 .doc = "how commands and data get to the controller and back"},
	{.key = "nvme", .type = OPT_GROUP, .offset = FIELD(front_spec, nvme), .group = &nvme_group, .doc = "of kind nvme"},
	{.key = "sata", .type = OPT_GROUP, .offset = FIELD(front_spec, sata), .group = &sata_group, .doc = "of kind sata"},
	{.key = "firmware", .type = OPT_GROUP, .offset = FIELD(front_spec, firmware), .group = &firmware_group,
	 .doc = "controller cores"},
	{.key = "dram", .type = OPT_GROUP, .offset = FIELD(front_spec, dram), .group = &dram_group, .doc = "the controller's memory"},
	{0},
};
const struct opt_group front_group = {"front", "how commands and data get to the controller and back", front_rows,
	sizeof(struct front_spec), NULL};
