/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The device table. One line each: a new kind of device is its own folder, one line here
 * and its words in Makefile.am. X(ops) names a `const struct blk_dev_ops`.
 */
#define DEVICE_LIST(X) \
	X(disk_ops) \
	X(ssd_ops) \
	X(fixed_dev_ops)
