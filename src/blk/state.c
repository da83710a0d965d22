/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A block device as bytes: what is alike for all of them, and in front of it what the state is of. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "blk/dev.h"

int blk_save_bytes(FILE *out, const void *bytes, size_t count, struct err *e)
{
	if (count > 0 && fwrite(bytes, 1, count, out) != count)
		return err_set(e, ERR_IO, "cannot write the saved state: %s", strerror(errno));
	return 0;
}

int blk_load_bytes(FILE *in, void *bytes, size_t count, struct err *e)
{
	if (count > 0 && fread(bytes, 1, count, in) != count)
		return err_set(e, ERR_IO, "the saved state ends early");
	return 0;
}

/* Head of a saved state: refuses the state of another kind or size of device. */
struct saved_head {
	char magic[8];
	char kind[24];
	uint64_t config;      /* hash of the options that shape the state */
	uint64_t sectors;
	uint64_t sequence;
	uint64_t filled;
	struct blk_dev_stats stats;
	uint32_t written_bits;
	uint32_t has_written;
	uint64_t written_used;
};

void blk_dev_shape(const struct blk_dev *dev, FILE *out)
{
	opt_write_paths(dev->ops->options, dev->spec, dev->ops->free_options, out);
}

/* Of the options as they would be written out: pointers and padding mean nothing. */
static int hash_shape(const struct blk_dev *dev, uint64_t *hash, struct err *e)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&text, &bytes);
	if (out)
		blk_dev_shape(dev, out);
	if (!out || fclose(out) != 0) {
		free(text);
		return err_set(e, ERR_LIMIT, "no memory for the config of device %s", dev->name);
	}
	*hash = XXH3_64bits(text, bytes);
	free(text);
	return 0;
}

static int head_fill(const struct blk_dev *dev, struct saved_head *h, struct err *e)
{
	memset(h, 0, sizeof(*h));
	memcpy(h->magic, "quernst2", sizeof(h->magic));
	strncpy(h->kind, dev->ops->name, sizeof(h->kind) - 1);
	h->sectors = dev->sectors;
	h->sequence = dev->sequence;
	h->filled = dev->filled;
	h->stats = dev->stats;
	h->has_written = dev->written.table != NULL;
	h->written_bits = dev->written.bits;
	h->written_used = dev->written.used;
	return hash_shape(dev, &h->config, e);
}

int blk_dev_save(const struct blk_dev *dev, FILE *out, struct err *e)
{
	struct blk_dev_status status = {0};
	dev->ops->status(dev, &status);
	if (dev->inside > 0 || dev->held.count > 0 || status.busy)
		return err_set(e, ERR_CHECK, "device %s cannot be saved while it works", dev->name);
	struct saved_head head;
	if (head_fill(dev, &head, e) < 0 || blk_save_bytes(out, &head, sizeof(head), e) < 0)
		return -1;
	if (head.has_written && blk_save_bytes(out, dev->written.table,
		sizeof(*dev->written.table) << dev->written.bits, e) < 0)
		return -1;
	return dev->ops->save_state(dev, out, e);
}

int blk_dev_load(struct blk_dev *dev, FILE *in, struct err *e)
{
	struct saved_head head, own;
	if (head_fill(dev, &own, e) < 0 || blk_load_bytes(in, &head, sizeof(head), e) < 0)
		return -1;
	if (memcmp(head.magic, own.magic, sizeof(own.magic)) != 0 ||
	    memcmp(head.kind, own.kind, sizeof(own.kind)) != 0 || head.sectors != own.sectors ||
	    head.config != own.config || head.filled > own.sectors ||
	    (head.has_written && (head.written_bits < 1 || head.written_bits > 40 ||
	    head.written_used >= UINT64_C(1) << head.written_bits)))
		return err_set(e, ERR_CONFIG, "the saved state is not of a device configured like %s", dev->name);
	if (head.has_written) {
		size_t places = (size_t)1 << head.written_bits;
		struct blk_written_entry *table = blk_written_table_new(head.written_bits);
		if (!table)
			return err_set(e, ERR_LIMIT, "no memory to load the state of device %s", dev->name);
		blk_written_free(&dev->written);
		dev->written = (struct blk_written){table, head.written_bits, head.written_used};
		if (blk_load_bytes(in, table, places * sizeof(*table), e) < 0)
			return -1;
	}
	dev->stats = head.stats;
	dev->sequence = head.sequence;
	dev->filled = head.filled;
	return dev->ops->load_state(dev, in, e);
}

void blk_dev_forget(struct blk_dev *dev)
{
	memset(&dev->stats, 0, sizeof(dev->stats));
	if (dev->ops->forget)
		dev->ops->forget(dev);
}
