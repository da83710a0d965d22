#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The report: what is in the page, what is refused, and what a browser makes of it (headless Chromium, by WebDriver).
. "$(dirname "$0")/common.sh"

command -v gnuplot >/dev/null || { echo 'SKIP: there is no gnuplot'; exit 77; }
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null; chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT

cat >one.yaml <<'END'
include: [quantum-atlas-10k.yaml]
seed: 5
workload: {type: random, read_ratio: 67 %, request: 4 KiB, depth: 4, requests: 2000}
END
sed 's/depth: 4/depth: 8/' one.yaml >two.yaml
good 'a run' run one.yaml -o one
good 'another' run two.yaml -o two
good 'and a drive of flash' run "$top_srcdir/examples/ssd-random-write.yaml" -o ssd --set workload.requests=20000

# ---- the page

good 'a page' report one -o one.html
holds 'it says what it wrote' grep -Eq '^one.html: [1-9][0-9]* figures, [1-9][0-9]* pictures, [1-9][0-9]* settings$' out
holds 'the first line' test "$(head -n 1 one.html)" = '<!DOCTYPE html>'
# nothing that a browser would fetch: namespaces and links inside the page aside
outside() { sed "s/xmlns[:a-z]*=[\"'][^\"']*[\"']//g" "$1" | grep -Eo "(src|href|url\\()=?[\"'(]?[a-z]+:[^ >]*" | grep -v 'href="data:,"'; }
holds 'nothing from outside' test -z "$(outside one.html)"
holds 'the check of that can fail' test -n "$(echo '<img src="http://a.example/b.png">' >bad.html; outside bad.html)"
good 'the same page again' report one -o again.html
holds 'byte for byte' cmp one.html again.html
good 'to the standard output' report one -o -
holds 'the same page there' cmp one.html out
mean=$(jq -r .statistics.mean_ns one/summary.json 2>/dev/null)
[ -z "$mean" ] || holds 'the mean latency is the summary'"'"'s' grep -q "mean latency, all operations.*data-v=\"$mean" one.html
good 'several runs' report one two ssd -l shallow -l deep -l flash --title 'a <title> & more' -o three.html --json
holds 'told as JSON' grep -Eq '^\{"runs": 3, "figures": [0-9]+, "pictures": [0-9]+, "settings": [0-9]+\}$' out
holds 'titles are text' grep -q '<h1>a &lt;title&gt; &amp; more</h1>' three.html
holds 'the setting that is apart is marked' grep -Eq '<tr class="[a-z ]*apart"><th scope="row"[^>]*>workload.depth</th><td>4</td><td>8</td>' three.html
holds 'what the runs share is not' grep -Eq '<tr class="(set)?"><th scope="row"[^>]*>workload.request</th>' three.html
holds 'a setting that is the default is not bold' grep -Eq '<tr class=" *(apart)?"><th scope="row"[^>]*>replay.mode</th>' three.html
holds 'the health of the drive' grep -q '>data_units_written<' three.html

# ---- hosts of each run, and devices of one

cat >host.yaml <<'END'
include: [quantum-atlas-10k.yaml, tlc-nvme.yaml]
device: [disk0]
host: {frames: 2048}
scenario: {kind: checkpoint, interval: 20 ms, load: {pages: 256, references: 40000, burst: 20000}}
END
good 'a program on a disk' run host.yaml -o on-disk
good 'on a drive of flash' run host.yaml --set 'device=[ssd0]' -o on-flash
good 'on both' run host.yaml --set 'device=[disk0, ssd0]' -o on-both
# the values of a row of figures, "-" for none
row() { sed -n "s/.*<th scope=\"row\"[^>]*>$2<\/th><td class=\"unit\">[^<]*<\/td>\(.*\)<\/tr>.*/\1/p" "$1" |
	sed 's/<\/td>/\n/g' | sed -n 's/.*data-v="\([^"]*\)".*/\1/p; /\xe2\x80\x93$/s/.*/-/p' | tr '\n' ' '; }
# value RUN HOST NAME: as the summary has it
value() { jq -r ".scenario.hosts[] | select(.device == \"$2\") | .report.$3.value" "$1/summary.json"; }
good 'hosts side by side' report on-disk on-flash -o hosts.html
good 'by the device that they are on' report on-disk on-both -o named.html
if command -v jq >/dev/null; then
	want="$(value on-disk disk0 run_time) $(value on-flash ssd0 run_time) "
	holds "the time of each run: $want" awk -v got="$(row hosts.html run_time)" -v "want=$want" 'BEGIN {
		n = split(got, g, " "); split(want, w, " "); exit !(n == 2 && g[1] - w[1] < 1e-9 && w[1] - g[1] < 1e-9 && g[2] - w[2] < 1e-9 && w[2] - g[2] < 1e-9) }'
	holds 'of the host that only one has, one' test "$(row named.html 'host of ssd0: run_time' | wc -w)" -eq 2 -a \
		"$(row named.html 'host of ssd0: run_time' | cut -d' ' -f1)" = -
	holds 'of the other, two' test "$(row named.html 'host of disk0: run_time' | grep -c -- -)" -eq 0
else
	skip 'the figures of hosts: jq is missing'
fi
# on-flash has one device, the second of on-both: no row of the disk takes its figures
good 'devices by name too' report on-both on-flash -o mixed.html
holds 'the disk has no write amplification' test -z "$(row mixed.html 'disk0: waf')"
holds 'the drive has two, in figures and in health' test "$(row mixed.html 'ssd0: waf' | wc -w)" -eq 4 -a "$(row mixed.html 'ssd0: waf' | grep -c -- -)" -eq 0
holds 'and the disk one utilisation' test "$(row mixed.html 'disk0: utilisation' | cut -d' ' -f2)" = -
good 'of two devices' report on-both -o both.html
for d in disk0 ssd0; do
	holds "a picture of each, $d" grep -q "<figcaption>$d: load over simulated time" both.html
done
sed 's/^include:.*/include: [tlc-nvme.yaml]/; s/^device:.*/device: [disk.0, ssd0]\ndisk.0: {model: fixed, latency: 1 ms}/' host.yaml >dots.yaml
good 'a device with a dot in its name' run dots.yaml -o dots
good 'and its page' report dots -o dots.html
holds 'its figures too' test "$(row dots.html 'disk.0: utilisation' | wc -w)" -eq 1
holds 'and its host' test "$(row dots.html 'host of disk.0: run_time' | wc -w)" -eq 1
holds 'wear of the drive' grep -q -- 'quern plot -k wear-map --device ssd0<' both.html

# ---- a sweep

cat >sweep.yaml <<'END'
base: {include: [quantum-atlas-10k.yaml], workload: {type: random, request: 4 KiB, requests: 300}}
axes:
  workload.depth: [1, 2, 4, 8]
  disk0.scheduler: [fcfs, sptf]
replications: 3
END
good 'a sweep' sweep run sweep.yaml -o sweep -q
good 'its page' report sweep -o sweep.html
holds 'a row a combination' grep -Eq '^sweep.html: 8 figures, [1-9][0-9]* pictures' out
holds 'with intervals' grep -q ' of 3 points' sweep.html
holds 'intervals are written' grep -Eq '[0-9] ± [0-9]' sweep.html
holds 'nothing from outside' test -z "$(outside sweep.html)"
refused 'a sweep beside a run' 2 'a report is of one sweep' report one sweep -o x.html

# ---- what is refused

refused 'no run' 2 'want a run directory' report
refused 'a page that is there' 5 'one.html' report one -o one.html
good 'unless told otherwise' report two -o one.html --force
refused 'a folder that is none' 5 'nowhere/summary.json: cannot be read' report nowhere -o x.html
mkdir broken && echo '{' >broken/summary.json
refused 'a broken summary' 5 '^quern: broken/summary.json:[0-9]+:[0-9]+: ' report broken -o x.html
refused 'labels that do not fit' 2 '1 labels are given for 2' report one two -l a -o x.html
holds 'nothing of them is left' test -z "$(find . -name 'x.html*')"

# ---- in a browser

if ! command -v chromedriver >/dev/null || ! command -v curl >/dev/null || ! command -v jq >/dev/null; then
	skip 'the page in a browser: chromium-driver, curl or jq is missing'
	finish
fi
mkdir home
HOME=$scratch/home chromedriver --port=0 >driver.log 2>&1 &
pid=$!
for _ in $(seq 100); do
	port=$(sed -n 's/.*started successfully on port \([0-9]*\).*/\1/p' driver.log)
	[ -z "$port" ] || break
	sleep 0.1
done
ask() { # METHOD PATH [BODY]: what the driver says
	curl -s -m 60 -X "$1" -H 'Content-Type: application/json' ${3:+-d "$3"} "http://127.0.0.1:$port/$2"
}
session=$(ask POST session '{"capabilities": {"alwaysMatch": {"goog:loggingPrefs": {"browser": "ALL"}, "goog:chromeOptions": {"args":
	["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,1000"]}}}}' | jq -r .value.sessionId)
if [ -z "$session" ] || [ "$session" = null ]; then
	skip "the page in a browser: Chromium does not start: $(tail -n 1 driver.log)"
	finish
fi
page() { # SCRIPT: the text of its value
	ask POST "session/$session/execute/sync" "$(jq -n --arg s "$1" '{script: $s, args: []}')" | jq -r '.value | if type == "object" and .error then "error: \(.message)" else tostring end'
}
# is NAME WANTED SCRIPT
is() {
	got=$(page "$3")
	if [ "$got" = "$2" ]; then pass; else fail "$1: $got instead of $2"; fi
}
ask POST "session/$session/url" "{\"url\": \"file://$scratch/three.html\"}" >/dev/null
is 'the heading' 'a <title> & more' 'return document.querySelector("h1").textContent'
is 'four sections, and links to them' '4 4' 'return document.querySelectorAll("main > section").length + " " + document.querySelectorAll("nav a").length'
is 'pictures have their size' true 'return [...document.querySelectorAll("figure svg")].every(s => s.getBoundingClientRect().width > 300)'
is 'no id stands twice' true 'const ids = [...document.querySelectorAll("[id]")].map(e => e.id); return new Set(ids).size === ids.length'
is 'what pictures refer to is theirs' true \
	'return [...document.querySelectorAll("figure use")].every(u => document.querySelector(u.getAttribute("xlink:href")).closest("figure") === u.closest("figure"))'
# a click sorts by the value, whatever unit is shown; another turns it round
sorted='const t = document.getElementById("table-1"), h = t.tHead.rows[0].cells[2]; h.click();
	const v = () => [...t.tBodies[0].rows].map(r => r.cells[2].dataset.v).filter(x => x !== undefined).map(Number);
	const up = v(); h.click(); const down = v(); return up.length > 20 && up.every((x, i) => !i || up[i - 1] <= x) && down.every((x, i) => !i || down[i - 1] >= x)'
is 'a click sorts' true "$sorted"
is 'the order is told' descending 'return document.querySelector("#table-1 thead th:nth-child(3)").getAttribute("aria-sort")'
is 'only settings that are no default' true \
	'const r = [...document.querySelectorAll("#settings tbody tr")]; return r.some(x => x.hidden) && r.every(x => x.hidden !== x.classList.contains("set"))'
is 'a filter' 'workload.depth' 'const f = document.getElementById("setting-filter"); f.value = "workload.dep"; f.dispatchEvent(new Event("input"));
	return [...document.querySelectorAll("#settings tbody tr")].filter(x => !x.hidden).map(x => x.cells[0].textContent).join()'
# the real pointer: on a figure, then in the middle of a picture
move() { # SELECTOR: the pointer goes to the middle of it
	element=$(ask POST "session/$session/element" "$(jq -n --arg s "$1" '{using: "css selector", value: $s}')" | jq -r '.value | to_entries[0].value')
	page "document.querySelector('$1').scrollIntoView({block: 'center'})" >/dev/null
	ask POST "session/$session/actions" "$(jq -n --arg e "$element" '{actions: [{type: "pointer", id: "mouse", actions: [
		{type: "pointerMove", duration: 0, x: 0, y: 0, origin: {"element-6066-11e4-a52e-4f735466cecf": $e}}]}]}')" >/dev/null
}
move '#figures tbody td.n'
is 'the pointer shows the exact value' true 'const t = document.getElementById("tip"); return !t.hidden && /^[-0-9.e+]+ /.test(t.textContent + " ")'
move 'figure svg'
is 'and reads the axes of a picture' true 'const t = document.getElementById("tip"); return !t.hidden && /^[0-9.]+ %, [0-9.]+$/.test(t.textContent)'
log=$(ask POST "session/$session/se/log" '{"type": "browser"}')
holds 'the console is silent' test "$(printf '%s' "$log" | jq '.value | length')" = 0
page 'console.error("heard")' >/dev/null
holds 'and would be heard' test "$(ask POST "session/$session/se/log" '{"type": "browser"}' | jq '.value | length')" = 1
# light and dark: the paper's colour
for scheme in light dark; do
	ask POST "session/$session/goog/cdp/execute" "{\"cmd\": \"Emulation.setEmulatedMedia\", \"params\": {\"features\": [{\"name\": \"prefers-color-scheme\", \"value\": \"$scheme\"}]}}" >/dev/null
	[ $scheme = light ] && paper='rgb(255, 255, 255)' || paper='rgb(22, 24, 27)'
	is "$scheme" "$paper" 'return getComputedStyle(document.body).backgroundColor'
done
if [ -n "${QUERN_SCREENSHOT-}" ]; then
	ask GET "session/$session/screenshot" | jq -r .value | base64 -d >"$QUERN_SCREENSHOT"
fi
ask DELETE "session/$session" >/dev/null
finish
