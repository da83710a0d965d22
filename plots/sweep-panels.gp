# SPDX-License-Identifier: GPL-3.0-or-later
# Small multiples: the picture of sweep-line in a panel for each value of one more column, with one scale for all.
# Data: points (panel, line, x, mean, low, high, points), theory (panel, line, x, y)

load PLOTS . "/sweep_common.gp"

load PLOTS . "/sweep_lines.gp"

if (ROWS_points == 0) {
	sentence = "no point of the sweep has the columns"
	eval no_data
} else {
	across = DUMB ? min(PANELS, 2) : PANELS <= 3 ? PANELS : PANELS == 4 ? 2 : PANELS <= 9 ? 3 : 4
	down = (PANELS + across - 1) / across
	left = DUMB ? 9.0 / WIDTH : 0.105
	right = 0.985
	top = DUMB ? 0.8 : 0.81
	bottom = DUMB ? 0.14 : 0.15
	gap = DUMB ? 0.06 : 0.03
	rise = DUMB ? 0.09 : 0.075 # room for the name above a panel
	wide = (right - left - (across - 1) * gap) / across
	tall = (top - bottom - (down - 1) * rise) / down
	eval sweep_x
	set multiplot
	# the legend has a frame of its own, over the whole width
	set lmargin at screen left
	set rmargin at screen right
	set tmargin at screen TITLE eq "" ? 0.91 : 0.875
	set bmargin at screen bottom
	if (!DUMB) {
		set border 0
		unset tics
		unset grid
		if (LINES > 1 || ROWS_theory > 0) {
			plot [1 : 2] [1 : 2] 0.5 notitle, for [k = 1 : LINES] keyentry with linespoints linetype colour_of(k) pointtype point_of(k) \
				pointsize 1.2 title LINE_NAME[k], \
				keyentry with lines linetype 7 lw 1 dt 3 title (ROWS_theory > 0 ? "closed form" : "")
		} else {
			eval no_key
			plot [1 : 2] [1 : 2] 0.5 notitle
		}
		eval next_panel
		set border 3
		set xtics nomirror out scale 0.6, 0.3 textcolor rgb "#222222"
		set ytics nomirror out scale 0.6, 0.3 textcolor rgb "#222222"
		set grid xtics ytics
		eval sweep_x
		set label 98 Y_LABEL at screen 0.018, screen (top + bottom) / 2 center rotate by 90 noenhanced
	} else {
		set label 98 Y_LABEL . " over " . X_LABEL at screen 0.5, screen 0.02 center noenhanced
	}
	do for [panel_now = 1 : PANELS] {
		column_now = (panel_now - 1) % across
		line_now = (panel_now - 1) / across
		set lmargin at screen left + column_now * (wide + gap)
		set rmargin at screen left + column_now * (wide + gap) + wide
		set tmargin at screen top - line_now * (tall + rise)
		set bmargin at screen top - line_now * (tall + rise) - tall
		set label 97 PANEL_NAME[panel_now] at graph 0.02, graph 1 left offset 0, 0.6 noenhanced
		last_line = panel_now + across > PANELS
		set format x last_line ? (WANT_LOG_X ? "%g" : "%h") : ""
		if (XS && !last_line) { set xtics ("" 1) }
		if (XS && last_line) { eval sweep_x }
		set format y column_now == 0 ? (WANT_LOG_Y ? "%g" : Y_FORMAT) : ""
		if (WANT_LOG_Y && column_now > 0) { set ytics ("" 1) } else { if (WANT_LOG_Y) { set ytics autofreq; eval log_tics("y", round_down(low * Y_FACTOR), round_up(high * Y_FACTOR)) } }
		if (last_line && !DUMB) { set xlabel X_LABEL noenhanced } else { unset xlabel }
		if (!DUMB || panel_now > 1) { unset key }
		plot @BANDS @THEORY @POINTS
		eval next_panel
		unset label 98
	}
	unset multiplot
}
