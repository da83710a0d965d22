/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of timeline formats. One line each: X(symbol, "ending of the file's name", doc). The first is taken where no
 * ending says otherwise. A format is `timeline_SYMBOL` of src/sim/timeline_SYMBOL.c.
 */
X(perfetto, ".perfetto", "TrackEvent protobuf for the Perfetto trace viewer (also .pftrace)")
X(chrome, ".json", "Chrome's trace event format, for chrome://tracing, Speedscope and programs that read JSON")
