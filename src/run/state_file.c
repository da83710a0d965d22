/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Snapshots as files. */
#include "run/state_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xxhash.h>

#include "config.h"

#define STATE_VERSION 1
#define HOST_ORDER UINT32_C(0x01020304)
#define CHUNK_BYTES ((size_t)1 << 16)
#define SHAPE_MOST (UINT64_C(1) << 30)

static const char magic[8] = {'q', 'u', 'e', 'r', 'n', 's', 't', '\n'};

struct file_head {
	char magic[8];
	uint32_t host_order, version;
	char program[24];
	uint64_t devices;
};

struct device_head {
	char kind[24];
	uint64_t struct_bytes; /* of the device in memory: two builds may differ */
	uint64_t sectors;
	uint64_t shape_bytes, state_bytes;
};

struct state_file {
	char *name, *partial; /* owned; partial NULL: in its place */
	FILE *file;           /* owned; NULL: closed */
};

/* ---- both ways ---------------------------------------------------------------------------------------------- */

static struct file_head head_of(size_t devices)
{
	struct file_head h = {.host_order = HOST_ORDER, .version = STATE_VERSION, .devices = devices};
	memcpy(h.magic, magic, sizeof(magic));
	snprintf(h.program, sizeof(h.program), "%s", PACKAGE_VERSION);
	return h;
}

/* Hash of the first `bytes` of a file, which is left there. */
static int hash_file(FILE *f, uint64_t bytes, XXH128_canonical_t *out)
{
	XXH3_state_t *s = XXH3_createState();
	char *chunk = malloc(CHUNK_BYTES);
	bool good = s && chunk;
	if (s)
		(void)XXH3_128bits_reset(s);
	rewind(f);
	while (good && bytes > 0) {
		size_t want = bytes < CHUNK_BYTES ? (size_t)bytes : CHUNK_BYTES;
		good = fread(chunk, 1, want, f) == want;
		if (good)
			(void)XXH3_128bits_update(s, chunk, want);
		bytes -= want;
	}
	if (good)
		XXH128_canonicalFromHash(out, XXH3_128bits_digest(s));
	(void)XXH3_freeState(s);
	free(chunk);
	return good ? 0 : -1;
}

static char *shape_of(const struct blk_dev *dev, size_t *bytes)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, bytes);
	if (!out)
		return NULL;
	blk_dev_shape(dev, out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static struct device_head device_head(const struct blk_dev *dev, size_t shape_bytes)
{
	struct device_head h = {.struct_bytes = dev->ops->state_size, .sectors = dev->sectors, .shape_bytes = shape_bytes};
	snprintf(h.kind, sizeof(h.kind), "%s", dev->ops->name);
	return h;
}

/* ---- saving --------------------------------------------------------------------------------------------------- */

struct state_file *state_file_new(const char *name, bool force, struct err *e)
{
	struct state_file *f = calloc(1, sizeof(*f));
	struct stat st;
	if (!f || !(f->name = strdup(name)) || asprintf(&f->partial, "%s.partial-%ld", name, (long)getpid()) < 0) {
		err_set(e, ERR_LIMIT, "no memory for the state file");
		if (f)
			f->partial = NULL;
		state_file_free(f);
		return NULL;
	}
	bool there = stat(name, &st) == 0;
	if (there && !S_ISREG(st.st_mode))
		err_set(e, ERR_IO, "%s is no file to save a state in", name);
	else if (there && !force)
		err_set(e, ERR_IO, "%s exists and is kept (--force replaces it)", name);
	else if (!(f->file = fopen(f->partial, "w+e")))
		err_set(e, ERR_IO, "cannot write the state %s: %s", name, strerror(errno));
	if (f->file)
		return f;
	free(f->partial); /* nothing was made: nothing to remove */
	f->partial = NULL;
	state_file_free(f);
	return NULL;
}

void state_file_free(struct state_file *f)
{
	if (!f)
		return;
	if (f->file)
		fclose(f->file);
	if (f->partial)
		unlink(f->partial);
	free(f->partial);
	free(f->name);
	free(f);
}

static int write_device(FILE *out, const struct blk_dev *dev, struct err *e)
{
	size_t bytes = 0;
	char *shape = shape_of(dev, &bytes);
	if (!shape)
		return err_set(e, ERR_LIMIT, "no memory to save the state of device %s", dev->name);
	struct device_head head = device_head(dev, bytes);
	long at = ftell(out);
	bool good = blk_save_bytes(out, &head, sizeof(head), e) == 0 && blk_save_bytes(out, shape, bytes, e) == 0;
	free(shape);
	long begin = ftell(out);
	if (!good || blk_dev_save(dev, out, e) < 0)
		return -1;
	long end = ftell(out);
	head.state_bytes = (uint64_t)(end - begin);
	if (at < 0 || begin < 0 || end < begin || fseek(out, at, SEEK_SET) < 0 || blk_save_bytes(out, &head, sizeof(head), e) < 0 ||
	    fseek(out, end, SEEK_SET) < 0)
		return err_set(e, ERR_IO, "cannot write the saved state: %s", strerror(errno));
	return 0;
}

static int write_all(FILE *out, struct blk_dev *const *dev, size_t count, struct err *e)
{
	struct file_head head = head_of(count);
	XXH128_canonical_t hash;
	if (blk_save_bytes(out, &head, sizeof(head), e) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (write_device(out, dev[i], e) < 0)
			return -1;
	long end = ftell(out);
	if (end < 0 || fflush(out) != 0 || hash_file(out, (uint64_t)end, &hash) < 0 || fseek(out, end, SEEK_SET) < 0 ||
	    fwrite(&hash, sizeof(hash), 1, out) != 1 || fflush(out) != 0 || fsync(fileno(out)) != 0)
		return err_set(e, ERR_IO, "cannot write the saved state: %s", strerror(errno));
	return 0;
}

int state_file_write(struct state_file *f, struct blk_dev *const *dev, size_t count, struct err *e)
{
	struct err why = {0};
	if (write_all(f->file, dev, count, &why) < 0)
		return err_set(e, why.code, "%s: %s", f->name, why.msg);
	int bad = fclose(f->file);
	f->file = NULL;
	if (bad || rename(f->partial, f->name) < 0)
		return err_set(e, ERR_IO, "cannot write the state %s: %s", f->name, strerror(errno));
	free(f->partial);
	f->partial = NULL;
	return 0;
}

/* ---- loading ---------------------------------------------------------------------------------------------------- */

/* A regular file whose end is the hash of the rest; *bytes: of the rest. */
static int check_file(FILE *in, uint64_t *bytes, struct err *e)
{
	XXH128_canonical_t hash, own;
	struct file_head head;
	struct stat st;
	if (fstat(fileno(in), &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(e, ERR_IO, "this is no file with a saved state");
	size_t got = fread(&head, 1, sizeof(head), in);
	if (got < sizeof(magic) || memcmp(head.magic, magic, sizeof(magic)) != 0)
		return err_set(e, ERR_CONFIG, "this is no saved state");
	if (got < sizeof(head) || (uint64_t)st.st_size < sizeof(head) + sizeof(hash))
		return err_set(e, ERR_CONFIG, "the saved state ends early");
	if (head.host_order != HOST_ORDER)
		return err_set(e, ERR_CONFIG, "the saved state is of a machine with another order of bytes");
	if (head.version != STATE_VERSION || strncmp(head.program, PACKAGE_VERSION, sizeof(head.program)) != 0)
		return err_set(e, ERR_CONFIG, "the saved state is of version %" PRIu32 " (quern %.24s), and this is version %d (quern %s)",
			head.version, head.program, STATE_VERSION, PACKAGE_VERSION);
	*bytes = (uint64_t)st.st_size - sizeof(hash);
	if (hash_file(in, *bytes, &own) < 0 || fread(&hash, sizeof(hash), 1, in) != 1)
		return err_set(e, ERR_IO, "cannot read the saved state: %s", errno ? strerror(errno) : "it ends early");
	if (memcmp(&hash, &own, sizeof(own)) != 0)
		return err_set(e, ERR_CONFIG, "the saved state is damaged or cut short: its checksum does not match");
	return 0;
}

/* The first line in which the options differ. */
static int refuse_shape(const struct blk_dev *dev, const char *saved, const char *own, struct err *e)
{
	size_t a = strcspn(saved, "\n"), b = strcspn(own, "\n");
	while (a > 0 && a == b && !strncmp(saved, own, a)) {
		saved += a + (saved[a] == '\n');
		own += b + (own[b] == '\n');
		a = strcspn(saved, "\n");
		b = strcspn(own, "\n");
	}
	return err_set(e, ERR_CONFIG, "the saved state is of another %s: it has \"%.*s\", and %s has \"%.*s\"", dev->ops->name,
		(int)(a < 200 ? a : 200), saved, dev->name, (int)(b < 200 ? b : 200), own);
}

static int check_shape(FILE *in, const struct blk_dev *dev, uint64_t bytes, struct err *e)
{
	size_t own_bytes = 0;
	char *own = shape_of(dev, &own_bytes), *saved = bytes < SHAPE_MOST ? calloc(1, (size_t)bytes + 1) : NULL;
	int result = 0;
	if (!own || !saved)
		result = err_set(e, ERR_LIMIT, "no memory to load the state of device %s", dev->name);
	else if (blk_load_bytes(in, saved, (size_t)bytes, e) < 0)
		result = -1;
	else if (bytes != own_bytes || memcmp(saved, own, own_bytes) != 0)
		result = refuse_shape(dev, saved, own, e);
	free(own);
	free(saved);
	return result;
}

static int load_device(FILE *in, struct blk_dev *dev, struct err *e)
{
	struct device_head head, own = device_head(dev, 0);
	if (blk_load_bytes(in, &head, sizeof(head), e) < 0)
		return -1;
	if (memcmp(head.kind, own.kind, sizeof(own.kind)) != 0)
		return err_set(e, ERR_CONFIG, "the saved state is of a %.24s, and %s is a %s", head.kind, dev->name, own.kind);
	if (check_shape(in, dev, head.shape_bytes, e) < 0)
		return -1;
	if (head.struct_bytes != own.struct_bytes || head.sectors != own.sectors)
		return err_set(e, ERR_CONFIG, "the saved state is of another build of quern");
	long begin = ftell(in);
	if (blk_dev_load(dev, in, e) < 0)
		return -1;
	if ((uint64_t)(ftell(in) - begin) != head.state_bytes)
		return err_set(e, ERR_CONFIG, "the saved state is of another build of quern");
	blk_dev_forget(dev);
	return 0;
}

int state_file_load(const char *name, struct blk_dev *const *dev, size_t count, struct err *e)
{
	struct err why = {0};
	struct file_head head;
	uint64_t bytes = 0;
	FILE *in = fopen(name, "re");
	if (!in)
		return err_set(e, ERR_IO, "cannot read the state %s: %s", name, strerror(errno));
	errno = 0;
	int result = check_file(in, &bytes, &why);
	rewind(in);
	if (result == 0)
		result = blk_load_bytes(in, &head, sizeof(head), &why);
	if (result == 0 && head.devices != count)
		result = err_set(&why, ERR_CONFIG, "the saved state is of %" PRIu64 " devices, and the run has %zu", head.devices, count);
	for (size_t i = 0; i < count && result == 0; i++)
		result = load_device(in, dev[i], &why);
	if (result == 0 && (uint64_t)ftell(in) != bytes)
		result = err_set(&why, ERR_CONFIG, "the saved state is longer than its devices");
	fclose(in);
	return result == 0 ? 0 : err_set(e, why.code, "%s: %s", name, why.msg);
}
