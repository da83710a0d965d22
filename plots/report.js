// SPDX-License-Identifier: GPL-3.0-or-later
"use strict";
(function () {
	const $ = (what, of) => Array.from((of || document).querySelectorAll(what));

	// ---- where to go
	const nav = document.querySelector("nav");
	$("main > section").forEach(function (section) {
		const a = document.createElement("a");
		a.href = "#" + section.id;
		a.textContent = section.querySelector("h2").textContent;
		nav.append(a);
	});

	// ---- tables: a click on a column's head sorts by it, once more turns the order round
	function value(row, column) {
		const cell = row.cells[column];
		const v = cell.dataset.v;
		return v === undefined ? cell.textContent.trim() : Number(v);
	}
	// what has no number comes last, whichever way round
	function compare(a, b, down) {
		if (typeof a !== typeof b)
			return typeof a === "number" ? -1 : 1;
		return (down ? -1 : 1) * (typeof a === "number" ? a - b : a.localeCompare(b, undefined, {numeric: true}));
	}
	function sort(head) {
		const table = head.closest("table"), body = table.tBodies[0];
		const down = head.getAttribute("aria-sort") === "ascending";
		$("th[aria-sort]", table).forEach((th) => th.removeAttribute("aria-sort"));
		head.setAttribute("aria-sort", down ? "descending" : "ascending");
		const rows = Array.from(body.rows);
		rows.sort((a, b) => compare(value(a, head.cellIndex), value(b, head.cellIndex), down));
		body.append(...rows);
	}
	$("thead th").forEach(function (head) {
		head.tabIndex = 0;
		head.addEventListener("click", () => sort(head));
		head.addEventListener("keydown", (event) => { if (event.key === "Enter") sort(head); });
	});

	// ---- what is under the pointer
	const tip = document.getElementById("tip");
	function show(text, event) {
		tip.textContent = text;
		tip.hidden = false;
		const right = event.clientX + 16 + tip.offsetWidth > innerWidth;
		tip.style.left = Math.max(4, right ? event.clientX - 12 - tip.offsetWidth : event.clientX + 16) + "px";
		tip.style.top = Math.min(event.clientY + 16, innerHeight - tip.offsetHeight - 4) + "px";
	}
	document.addEventListener("mousemove", function (event) {
		const at = event.target.closest("[data-tip]");
		if (at && at.dataset.tip)
			show(at.dataset.tip, event);
		else if (!event.target.closest("figure svg"))
			tip.hidden = true;
	});
	document.addEventListener("mouseleave", () => { tip.hidden = true; });

	// ---- pictures: gnuplot says behind each where its axes lie and what they mean
	function scale(from, to, log, share) {
		return log ? from * Math.pow(to / from, share) : from + (to - from) * share;
	}
	function short(v) {
		return Number(v.toPrecision(4)).toString();
	}
	$("figure").forEach(function (figure) {
		const svg = figure.querySelector("svg");
		const note = Array.from(figure.childNodes).find((n) => n.nodeType === Node.COMMENT_NODE && n.data.startsWith(" axes "));
		if (!svg || !note)
			return;
		const [left, right, bottom, top, x0, x1, y0, y1, logX, logY, nines] = note.data.trim().split(" ").slice(1).map(Number);
		if (![left, right, bottom, top, x0, x1, y0, y1].every(Number.isFinite) || right <= left || top <= bottom)
			return;
		svg.addEventListener("mousemove", function (event) {
			const box = svg.getBoundingClientRect(), view = svg.viewBox.baseVal;
			const px = (event.clientX - box.left) / box.width * view.width;
			const py = view.height - (event.clientY - box.top) / box.height * view.height;
			const sx = (px - left) / (right - left), sy = (py - bottom) / (top - bottom);
			if (sx < 0 || sx > 1 || sy < 0 || sy > 1) {
				tip.hidden = true;
				return;
			}
			const x = scale(x0, x1, logX, sx);
			show((nines ? Number((100 - 100 / x).toFixed(5)) + " %" : short(x)) + ", " + short(scale(y0, y1, logY, sy)), event);
		});
		svg.addEventListener("mouseleave", () => { tip.hidden = true; });
	});

	// ---- settings: which rows are shown
	const text = document.getElementById("setting-filter"), set = document.getElementById("setting-set");
	const apart = document.getElementById("setting-apart"), count = document.getElementById("setting-count");
	const rows = $("#settings tbody tr");
	function filter() {
		const word = text.value.toLowerCase();
		let shown = 0;
		rows.forEach(function (row) {
			row.hidden = (set.checked && !row.classList.contains("set")) || (apart && apart.checked && !row.classList.contains("apart")) ||
				!row.textContent.toLowerCase().includes(word);
			shown += !row.hidden;
		});
		count.textContent = shown + " of " + rows.length;
	}
	if (text) {
		[text, set, apart].forEach((input) => { if (input) input.addEventListener("input", filter); });
		filter();
		addEventListener("beforeprint", () => rows.forEach((row) => { row.hidden = set.checked && !row.classList.contains("set"); }));
		addEventListener("afterprint", filter);
	}
}());
