# SPDX-License-Identifier: GPL-3.0-or-later
# The common look of all plots, and the helpers they share. `quern plot` puts it after its
# own prologue and before the script of the kind. The prologue has set the terminal, the
# output, and:
#   DATA         the file of the data: a block for each table of each run
#   RUNS         how many run directories
#   NAME[i]      how the legend calls run i
#   ROWS_x[i]    data rows of the file (or table) x in run i; 0 where the file is absent
#                (x: its name with every other character than letters and digits as _)
#   HEAD_x[i]    names of its columns, parted by blanks
#   TITLE        the title, may be ""
#   DUMB         1 on the text terminal
#   WIDTH        characters or pixels across

# The block of a file in run i: `plot DATA index FROM(1, "series.csv") using 1:2`
FROM(i, file) = sprintf("%d:%s", i, file)

set encoding utf8
set datafile separator ","
set minussign
set format "%h"

# Okabe & Ito, "Color Universal Design", 2008: told apart with any colour vision. Yellow is
# left out, since it vanishes on white. Dashes, the shapes of points and one broad line tell apart on paper without colour.
set linetype 1 lc rgb "#0072B2" lw 1.6 dt 1 pt 7
set linetype 2 lc rgb "#D55E00" lw 1.6 dt (14, 6) pt 8
set linetype 3 lc rgb "#009E73" lw 1.6 dt (4, 4) pt 5
set linetype 4 lc rgb "#CC79A7" lw 1.6 dt (14, 5, 3, 5) pt 13
set linetype 5 lc rgb "#E69F00" lw 1.6 dt (14, 4, 3, 4, 3, 4) pt 11
set linetype 6 lc rgb "#56B4E9" lw 1.6 dt (2, 5) pt 6
set linetype 7 lc rgb "#333333" lw 2.8 dt 1 pt 7
set linetype cycle 7
# What keeps its colour from plot to plot.
LT_READ = 1
LT_WRITE = 2
LT_OTHER = 3
LT_ALL = 7

if (DUMB) {
	set border 3
	set tics nomirror
	unset grid
	set key outside top center horizontal Left reverse noenhanced samplen 2
} else {
	set border 3 lc rgb "#555555" lw 0.8
	set tics nomirror out scale 0.6, 0.3 textcolor rgb "#222222"
	set grid xtics ytics lt 1 lc rgb "#DDDDDD" lw 0.6 dt 1
	set key outside top left horizontal Left reverse noenhanced samplen 2.4 spacing 1.1 width 1.4
}
# The title stands above the legend, from the left edge of the picture on, so that it has the whole width. An empty title of the legend
# (of the plot, for one without a legend, which says `eval no_key`) holds the room. Of several panels it is the
# first one's: `eval next_panel` before the others.
if (TITLE ne "") {
	set key title " " noenhanced left
	set label 99 TITLE at screen 0, screen 1 left offset 1, (DUMB ? -1 : -0.9) noenhanced
}
no_key = "unset key; if (TITLE ne '') { set title ' ' }"
next_panel = "unset key; unset title; unset label 99"

# Panels one above the other, of one time axis: `eval panel(1, 3)` is the topmost of three; the first opens the multiplot, and
# only the last has the numbers of the x axis.
panel_top = TITLE eq "" ? 0.91 : DUMB ? 0.84 : 0.86
panel_low = DUMB ? 0.13 : 0.155
panel_gap = DUMB ? 0.06 : 0.045
panel_high(n) = (panel_top - panel_low - (n - 1) * panel_gap) / n
panel_at(k, n) = panel_top - (k - 1) * (panel_high(n) + panel_gap)
panel(k, n) = (k == 1 ? "set multiplot; unset xlabel; set format x ''; set lmargin at screen DUMB ? 10.0 / WIDTH : 0.13; " \
	. "set rmargin at screen DUMB ? 1 - 4.0 / WIDTH : 0.97; " : next_panel . "; ") \
	. sprintf("set tmargin at screen %.4f; set bmargin at screen %.4f", panel_at(k, n), panel_at(k, n) - panel_high(n)) \
	. (k == n ? "; set format x '%h'" : "")

# Unit of a latency axis for values up to `ms`: name, and factor from milliseconds.
latency_unit(ms) = ms < 1e-3 ? "ns" : ms < 1 ? "µs" : ms < 2e4 ? "ms" : "s"
latency_factor(ms) = ms < 1e-3 ? 1e6 : ms < 1 ? 1e3 : ms < 2e4 ? 1 : 1e-3
# Unit of a time axis for values up to `s` seconds.
time_unit(s) = s < 1e-3 ? "µs" : s < 1 ? "ms" : s < 7200 ? "s" : s < 172800 ? "h" : "days"
time_factor(s) = s < 1e-3 ? 1e6 : s < 1 ? 1e3 : s < 7200 ? 1 : s < 172800 ? 1.0 / 3600 : 1.0 / 86400

# Unit of an axis of bytes for values up to `b`, and its factor.
bytes_unit(b) = b < 1e6 ? "kB" : b < 1e9 ? "MB" : b < 2e12 ? "GB" : "TB"
bytes_factor(b) = b < 1e6 ? 1e-3 : b < 1e9 ? 1e-6 : b < 2e12 ? 1e-9 : 1e-12

# The nearest 1, 2 or 5 times a power of ten not above, not below.
decade(x) = 10.0 ** floor(log10(x))
round_down(x) = x >= 5 * decade(x) ? 5 * decade(x) : x >= 2 * decade(x) ? 2 * decade(x) : decade(x)
round_up(x) = x <= decade(x) ? decade(x) : x <= 2 * decade(x) ? 2 * decade(x) \
	: x <= 5 * decade(x) ? 5 * decade(x) : 10 * decade(x)

# Names for the tics of a logarithmic axis that spans too few decades for powers of ten alone:
# `eval log_tics("y", 20, 500)`, of which both are such as round_down() and round_up() give. LOG_X and LOG_Y
# say which axes are logarithmic (a report reads values off a picture).
log_list(v, high) = sprintf("%g", v) . (v * 1.5 > high ? "" : ", " . log_list(round_up(v * 1.01), high))
log_tics(axis, low, high) = sprintf("LOG_%s = 1; ", axis eq "x" ? "X" : "Y") . \
	(high > low * 300 ? "" : sprintf("set %stics (%s)", axis, log_list(low, high)))

# Distance of tics for an axis from 0 to `top` with room for about `n` of them.
tic_step(top, n) = round_up(top / (n + 1.0))
# In the legend of the text terminal a name stands too close to its sample.
label(name) = DUMB ? " " . name : name

# Filled pieces of a bar: colours of Okabe and Ito made lighter or darker, and hatched, so that those of one picture differ in
# lightness or hatching too.
piece_border = "border lc rgb '#222222'"

max(a, b) = a > b ? a : b
min(a, b) = a < b ? a : b
# nothing where a logarithmic axis has no place for it
above(v) = v > 0 ? v : NaN

# Names of both axes: `eval axes("simulated time (s)", "latency (ms)")`. The text terminal cannot
# write along an upright axis, and would leave that name out.
axes(x, y) = DUMB ? sprintf("set xlabel \"%s over %s\" noenhanced", y, x) \
	: sprintf("set xlabel \"%s\" noenhanced; set ylabel \"%s\" noenhanced", x, y)

# Where the runs have no data: a sentence, and no picture.
#   sentence = "no request completed"; eval no_data
no_data = "printerr sentence; exit status 65"
