/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The trace formats, one line each: TRACE_FORMAT(x) stands for `trace_format_x`, defined in
 * the file of that format. The order is that of `quern list formats`.
 */
TRACE_FORMAT(blkparse)
TRACE_FORMAT(fio_v2)
TRACE_FORMAT(fio_v3)
TRACE_FORMAT(msr)
TRACE_FORMAT(disksim)
TRACE_FORMAT(mqsim)
TRACE_FORMAT(vscsi)
TRACE_FORMAT(vscsi2)
TRACE_FORMAT(measured)
