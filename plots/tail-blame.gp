# SPDX-License-Identifier: GPL-3.0-or-later
# Where the time of the slowest requests went: the mean of each part, stacked, one bar a run; of one run one for each operation
# that is among them.
# Files: tail.csv

PARTS = 12
array PART_NAME[12] = ["host queue", "device queue", "front", "link", "buffer", "bus", "reads before", "programs before", "erases before", \
	"cleaning", "suspend", "own work"]
array PART_COLOUR[12] = ["#E4E4E4", "#B8B8B8", "#808080", "#FFFFFF", "#8C6D31", "#56B4E9", "#0072B2", "#E69F00", "#551038", \
	"#D55E00", "#CC79A7", "#00664B"]
array PART_PATTERN[12] = [3, 3, 3, 3, 4, 5, 1, 2, 3, 6, 7, 3] # 3: filled

# bars: of one run reads, writes and others, of several one for each
BARS = RUNS == 1 ? 3 : RUNS
array BAR_NAME[BARS]
array COUNT[BARS]
array SUM[BARS * PARTS]
array BEGIN[BARS * PARTS]
array END[BARS * PARTS]
array USED[PARTS]
do for [b = 1 : BARS] { COUNT[b] = 0; BAR_NAME[b] = RUNS == 1 ? (b == 1 ? "reads" : b == 2 ? "writes" : "others") : NAME[b] }
do for [k = 1 : BARS * PARTS] { SUM[k] = 0.0 }
do for [p = 1 : PARTS] { USED[p] = 0 }
bar_of(i, op) = RUNS > 1 ? i : op eq "read" ? 1 : op eq "write" ? 2 : 3
add(b, p) = (SUM[PARTS * (b - 1) + p] = SUM[PARTS * (b - 1) + p] + column(5 + p), p < PARTS ? add(b, p + 1) : 0)
do for [i = 1 : RUNS] {
	if (ROWS_tail_csv[i] > 0) {
		stats DATA index FROM(i, "tail.csv") using (strlen(strcol(6)) > 0 ? (b = bar_of(i, strcol(2)), COUNT[b] = COUNT[b] + 1, add(b, 1)) : 0) \
			nooutput
	}
}

tallest = 0
longest = 0
drawn = 0
array PLACE[BARS]
do for [b = 1 : BARS] {
	if (COUNT[b] > 0 || RUNS > 1) { drawn = drawn + 1 }
	PLACE[b] = drawn
	top = 0.0
	do for [p = 1 : PARTS] {
		k = PARTS * (b - 1) + p
		BEGIN[k] = top
		top = top + SUM[k] / max(COUNT[b], 1) * 1e-3
		END[k] = top
	}
	tallest = max(tallest, top)
}
# what no bar shows is not in the legend
do for [b = 1 : BARS] {
	do for [p = 1 : PARTS] {
		k = PARTS * (b - 1) + p
		if (tallest > 0 && (END[k] - BEGIN[k]) / tallest >= 0.003) { USED[p] = 1 }
	}
}

if (tallest == 0) {
	sentence = "no request of which the device says where its time went"
	eval no_data
} else {
	unit = latency_factor(tallest)
	set xlabel "mean latency of the slowest requests (" . latency_unit(tallest) . ")"
	set xrange [0 : tallest * unit * 1.05]
	set yrange [drawn + max(0.7, 2.2 - drawn * 0.75) : 1 - max(0.7, 2.2 - drawn * 0.75)]
	set ytics scale 0 ("" 1)
	do for [b = 1 : BARS] {
		if (COUNT[b] > 0 || RUNS > 1) {
			text = RUNS == 1 ? sprintf(DUMB ? "%d %s" : "%d\n%s", COUNT[b], COUNT[b] == 1 ? substr(BAR_NAME[b], 1, strlen(BAR_NAME[b]) - 1) : BAR_NAME[b]) : BAR_NAME[b]
			set ytics add (text PLACE[b]) noenhanced
		}
	}
	unset grid
	if (!DUMB) { set key samplen 1 }
	set print $BAR
	do for [p = 1 : PARTS] {
		print "# ", PART_NAME[p]
		do for [b = 1 : BARS] {
			from = BEGIN[PARTS * (b - 1) + p] * unit
			to = END[PARTS * (b - 1) + p] * unit
			do for [step = -1 : (DUMB ? 1 : -1)] {
				at = PLACE[b]
				if (COUNT[b] > 0) {
					print sprintf("%.9g,%.9g,%.9g,%.9g,%.9g", from, at + step * 0.1, to, at - 0.32, at + 0.32)
					if (DUMB) { print sprintf("%.9g,%.9g", to, at + step * 0.1); print "" }
				}
			}
		}
		print ""
		print ""
	}
	set print
	used_name(p) = USED[p] ? label(PART_NAME[p]) : ""
	if (DUMB) {
		plot for [p = 1 : PARTS] $BAR index p - 1 using 1:(USED[p] ? $2 : NaN) with lines linetype p title used_name(p)
	} else {
		set grid xtics
		plot for [p = 1 : PARTS] $BAR index p - 1 using 1:(USED[p] ? $2 : NaN):1:3:4:5 with boxxyerror lc rgb PART_COLOUR[p] lw 0.9 dt 1 \
			fs pattern PART_PATTERN[p] @piece_border title used_name(p)
	}
}
