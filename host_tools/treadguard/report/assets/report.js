// SPDX-License-Identifier: MIT
// Draws the report's figures from the data in the page; every number stands in the text too.
"use strict";

const DATA = JSON.parse(document.getElementById("data").textContent);
const UNITS = { "km/h": 0.0036, mph: 0.0022369362920544 };
const STATES = DATA.states;
let unit = "km/h";
try { if (localStorage.getItem("treadguard.unit") in UNITS) unit = localStorage.getItem("treadguard.unit"); } catch { /* a file may not store */ }

const speed = (mm_s) => `${(mm_s * UNITS[unit]).toFixed(1)} ${unit}`;
const clock = (s) => `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")}`;
const plots = [];

function bytes(base64) {
  const text = atob(base64), found = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) found[i] = text.charCodeAt(i);
  return new DataView(found.buffer);
}
function trace(base64) {
  const view = bytes(base64), rows = [];
  for (let i = 0; i + 4 <= view.byteLength; i += 4) {
    const flags = view.getUint8(i + 3);
    rows.push({ s: i / 2, v: view.getUint16(i, true), lead: view.getUint8(i + 2), state: flags & 15, left: flags >> 4 & 1, right: flags >> 5 & 1 });
  }
  return rows;
}
function speedTicks(top) {
  const most = top * UNITS[unit], step = most > 10 ? 2 : most > 2.4 ? 1 : 0.5, found = [];
  for (let value = 0; value <= most; value += step) found.push({ at: value / UNITS[unit], text: String(value) });
  return found;
}
function steps(from, to, pixels, sizes, text) {
  const size = sizes.find((s) => (to - from) / s <= pixels / 64) || sizes[sizes.length - 1], found = [];
  for (let at = Math.ceil(from / size) * size; at <= to; at += size) found.push({ at, text: text(at, size) });
  return found;
}
function runs(rows, key, x, last, cls, word) {
  const found = [];
  rows.forEach((row, i) => {
    const value = row[key], until = i + 1 < rows.length ? x(rows[i + 1]) : last;
    const before = found[found.length - 1];
    if (before && before[4] === value) before[1] = until;
    else found.push([x(row), until, cls(value), word(value), value]);
  });
  return found;
}
function nearest(rows, key, value) {
  let low = 0, high = rows.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (rows[middle][key] <= value) low = middle; else high = middle - 1;
  }
  return rows[low];
}

// -- one session ---------------------------------------------------------------------------

const HAND2 = (held) => (held ? "held" : "off");
function limitOf(session, state) {
  if (STATES[state] === "FORWARD") return session.limits.forward;
  return STATES[state] === "BACKWARD" ? session.limits.backward : session.limits.mount;
}
function sessionPlot(host, session) {
  const rows = trace(session.trace), end = session.length_s;
  const limits = rows.map((row) => [row.s, limitOf(session, row.state)]);
  const line = [...limits, [Math.max(end, rows.length * 2), limits[limits.length - 1][1]]];
  const highest = Math.max(...line.map((p) => p[1]), ...rows.map((row) => row.v));
  const span = Math.max(end, rows.length * 2);
  const backward = rows.find((row) => STATES[row.state] === "BACKWARD");
  const x = (row) => row.s;
  return new Plot(host, {
    x: [0, span * 1.02], top: highest * 1.18, height: 210, label: session.label,
    unit: () => `belt speed, ${unit}`, yTicks: speedTicks, hint: session.hint, touch: session.touch,
    xTicks: (from, to, px) => steps(from, to, px, [10, 30, 60, 120, 300, 600, 900], clock),
    lanes: [
      { name: "left hand", words: true, runs: runs(rows, "left", x, span, HAND2, HAND2) },
      { name: "right hand", words: true, runs: runs(rows, "right", x, span, HAND2, HAND2) },
      { name: "state", words: true, runs: runs(rows, "state", x, span, (s) => `state s${s}`, (s) => (STATES[s] || "?").toLowerCase().replace("_", " ")) },
    ],
    draw: (p) => `<path class="area" d="${areaPath(p, rows, span)}"/>` +
      p.step([...rows.map((row) => [row.s, row.v]), [span, rows[rows.length - 1].v]], "speed") +
      p.step(line, "limit") + limitText(p, line[line.length - 1][1], rows, "s", end) +
      (backward ? p.mark(backward.s, "backward", "good") : "") + p.mark(end, session.ended, session.cls),
    read: (at) => {
      const row = nearest(rows, "s", at);
      return `${clock(row.s)}: ${speed(row.v)} of ${speed(limitOf(session, row.state))}, ${row.lead} mm ahead at most, ` +
        `left ${HAND2(row.left)}, right ${HAND2(row.right)}, ${(STATES[row.state] || "?").toLowerCase().replace("_", " ")}`;
    },
  });
}
// Above the line, and above the belt's speed where that is higher; short of the mark at `end`.
function limitText(p, limit, rows, key, end) {
  const right = Math.min(p.right, p.x(end)) - 6, from = p.at(right - 90), until = p.at(right);
  const under = rows.filter((row) => row[key] >= from && row[key] <= until).map((row) => row.v);
  return `<text class="limittext end" x="${right}" y="${Math.max(p.top - 2, p.y(Math.max(limit, ...under)) - 5)}">limit ${speed(limit)}</text>`;
}
function areaPath(p, rows, span) {
  let path = `M${p.x(0)},${p.y(0)}`;
  for (const row of rows) path += `H${p.x(row.s).toFixed(1)}V${p.y(row.v).toFixed(1)}`;
  return `${path}H${p.x(span).toFixed(1)}V${p.y(0)}Z`;
}

// -- weeks ---------------------------------------------------------------------------------

function weekPlot(host, what) {
  const weeks = DATA.weeks, count = weeks.length;
  const label = (i) => (weeks[i] ? weeks[i].label : "");
  const choose = (at) => Math.min(count - 1, Math.max(0, Math.floor(at)));
  const size = (px) => Math.max(1, Math.ceil(count / (px / 74)));
  const value = { minutes: (w) => w.minutes, speed: (w) => w.speed, stop: (w) => w.stop }[what];
  const highest = Math.max(...weeks.map((w) => value(w) || 0), what === "minutes" && DATA.target ? DATA.target.minutes : 0, 1);
  const known = weeks.map((w, i) => [i + 0.5, value(w)]).filter((p) => p[1] !== null);
  const plain = (top) => { const step = (what === "stop" ? [50, 100, 200, 250, 500] : [1, 2, 5, 10, 20, 30, 60, 120]).find((s) => top / s <= 5) || 1000, found = [];
    for (let at = 0; at <= top; at += step) found.push({ at, text: what === "stop" ? (at / 1000).toFixed(2) : String(at) }); return found; };
  const texts = {
    minutes: (w) => `${w.sessions} sessions, ${w.minutes} min backward${w.trips ? `, ${w.trips} trip${w.trips > 1 ? "s" : ""}` : ""}`,
    speed: (w) => (w.speed === null ? "no backward walking" : `usually ${speed(w.speed)}`),
    stop: (w) => (w.stop === null ? "no stop measured" : `usually ${(w.stop / 1000).toFixed(2)} m to stand still`),
  };
  return new Plot(host, {
    x: [0, count], top: highest * 1.15, height: what === "minutes" ? 150 : 110, label: host.dataset.label, hint: "",
    unit: () => ({ minutes: "minutes backward a week", speed: `usual speed, ${unit}`, stop: "stop distance, m" })[what],
    yTicks: what === "speed" ? speedTicks : plain,
    xTicks: (from, to, px) => { const by = size(px), found = []; for (let i = Math.ceil(from / by) * by; i < to; i += by) if (weeks[i]) found.push({ at: i + 0.5, text: label(i) }); return found; },
    draw: (p) => (what === "minutes" ? bars(p, weeks) : p.line(known, "trend") + known.map(([x, y]) =>
      `<circle class="dot" cx="${p.x(x)}" cy="${p.y(y)}" r="3.2"/>`).join("")),
    read: (at) => { const i = choose(at); return `week of ${label(i)}: ${texts[what](weeks[i])}`; },
  });
}
function bars(p, weeks) {
  const wide = Math.max(1.5, Math.min(34, (p.x(1) - p.x(0)) * 0.72));
  return weeks.map((week, i) => {
    const top = p.y(week.minutes), middle = p.x(i + 0.5);
    const bar = week.minutes ? `<rect class="bar" x="${middle - wide / 2}" y="${top}" width="${wide}" height="${p.bottom - top}" rx="2"/>` : "";
    const trip = week.trips ? `<path class="trip" d="M${middle},${p.top - 12}l5.5,9.5h-11z"/>` : "";
    return bar + trip;
  }).join("") + (DATA.target ? p.line([[DATA.target.from, DATA.target.minutes], [DATA.target.to, DATA.target.minutes]], "limit") : "");
}

// -- the page ------------------------------------------------------------------------------

function choose(index, scroll) {
  const session = DATA.sessions[index], viewer = document.getElementById("viewer");
  if (!session || !viewer) return;
  viewer.dataset.index = index;
  viewer.querySelector(".chosen").textContent = session.title;
  viewer.querySelector(".facts").innerHTML = document.getElementById(`facts-${index}`).innerHTML;
  viewer.querySelector("[data-step='-1']").disabled = index === 0;
  viewer.querySelector("[data-step='1']").disabled = index === DATA.sessions.length - 1;
  document.querySelectorAll("tr[data-session]").forEach((row) => row.setAttribute("aria-selected", row.dataset.session === String(index)));
  const figure = viewer.querySelector("figure"), fresh = figure.cloneNode(true);
  fresh.querySelector(".canvas").innerHTML = "";
  figure.replaceWith(fresh);
  plots[0] = session.trace ? sessionPlot(fresh, session) : null;
  fresh.hidden = !session.trace;
  viewer.querySelector(".notrace").hidden = Boolean(session.trace);
  showUnits(viewer);
  if (scroll) viewer.scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
}
function showUnits(root = document) {
  root.querySelectorAll("[data-mm-s]").forEach((span) => { span.textContent = speed(Number(span.dataset.mmS)); });
}
function use(name) {
  unit = name;
  try { localStorage.setItem("treadguard.unit", name); } catch { /* as above */ }
  document.querySelectorAll("[data-unit]").forEach((b) => b.setAttribute("aria-pressed", b.dataset.unit === name));
  showUnits();
  plots.forEach((plot) => plot && plot.render());
}
// On paper every figure has the width of its column, whatever the window had.
addEventListener("beforeprint", () => plots.forEach((plot) => plot && plot.render(plot.host.closest(".two") ? 330 : 680)));
addEventListener("afterprint", () => plots.forEach((plot) => plot && plot.render()));
plots.push(null);
document.querySelectorAll("figure[data-weeks]").forEach((f) => plots.push(weekPlot(f, f.dataset.weeks)));
document.querySelectorAll("figure[data-trip]").forEach((f) => plots.push(boxPlot(f, DATA.trips[Number(f.dataset.trip)])));
document.querySelectorAll("[data-unit]").forEach((b) => b.addEventListener("click", () => use(b.dataset.unit)));
document.querySelectorAll("tr[data-session]").forEach((row) => row.addEventListener("click", () => choose(Number(row.dataset.session), true)));
document.querySelectorAll("[data-step]").forEach((b) => b.addEventListener("click", () =>
  choose(Number(document.getElementById("viewer").dataset.index) + Number(b.dataset.step))));
choose(DATA.sessions.length - 1);
use(unit);
document.documentElement.dataset.drawnMs = Math.round(performance.now());
