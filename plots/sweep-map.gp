# SPDX-License-Identifier: GPL-3.0-or-later
# A heat map of a sweep: the mean of a column as the colour of a cell over the values of two others, with the number in it where there is room.
# Data: cells (x, y, mean, half_width, points); the places of x and y are the numbers of their values

least = 1e300
most = -1e300
if (ROWS_cells > 0) {
	stats DATA index "1:cells" using (least = min(least, $3 * Z_FACTOR), most = max(most, $3 * Z_FACTOR), 0) nooutput
}

if (ROWS_cells == 0) {
	sentence = "no point of the sweep has the three columns"
	eval no_data
} else {
	eval no_key
	eval axes(X_LABEL, Y_LABEL)
	if (DUMB) { set xlabel Z_LABEL . ", " . Y_LABEL . " over " . X_LABEL }
	set xrange [0.5 : XS + 0.5]
	set yrange [0.5 : YS + 0.5]
	set xtics scale 0 ("" 1)
	set ytics scale 0 ("" 1)
	# names that fit
	x_step = int(ceil(XS / 16.0))
	y_step = int(ceil(YS / 16.0))
	do for [k = 1 : XS : x_step] { set xtics add (X_NAME[k] k) noenhanced }
	do for [k = 1 : YS : y_step] { set ytics add (Y_NAME[k] k) noenhanced }
	unset grid
	numbers = XS <= 12 && YS <= 16
	text(v) = abs(v) >= 1e4 ? gprintf("%.1s%c", v) : abs(v) >= 100 || v == 0 ? sprintf("%.0f", v) : sprintf("%.3g", v)
	if (DUMB) {
		plot DATA index "1:cells" using 1:2:(text($3 * Z_FACTOR)) with labels notitle
	} else {
		# light to dark in one hue: read in grey as well
		set palette defined (0 "#F2F7FB", 0.35 "#8DBEDD", 0.7 "#2274B0", 1 "#06263F")
		set cbrange [least : most > least ? most : least + 1]
		set cblabel Z_LABEL noenhanced offset 1.2, 0
		if (most >= 1e4) { set format cb "%.0s%c" }
		set style fill solid 1 border lc rgb "white"
		dark(v) = v > least + 0.5 * (most - least)
		plot DATA index "1:cells" using 1:2:($1 - 0.5):($1 + 0.5):($2 - 0.5):($2 + 0.5):($3 * Z_FACTOR) with boxxyerror lc palette notitle, \
			DATA index "1:cells" using 1:(numbers && !dark($3 * Z_FACTOR) ? $2 : NaN):(text($3 * Z_FACTOR)) with labels notitle, \
			DATA index "1:cells" using 1:(numbers && dark($3 * Z_FACTOR) ? $2 : NaN):(text($3 * Z_FACTOR)) with labels tc rgb "white" notitle
	}
}
