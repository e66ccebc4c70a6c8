// SPDX-License-Identifier: MIT
// One black box: speed, hands and relay, and what the options of the board saw, where it has any.
"use strict";

const HAND3 = ["off", "held", "wiring"];
// Of a contact, as report/fitted.py packs it: class of its bar, and the words upon it.
const SECOND_STOP = [["off", "dropped"], ["held", "closed"], ["wiring", "dropped by itself"], ["wiring", "stayed closed"]];
const KEY_LOOP = [["off", "open"], ["held", "closed"], ["off", "open"], ["wiring", "stayed closed"]];
const FIRST_EDGES_MS = 1000;
const NOT_KNOWN = -32768;

function ticks(base64) {
  const view = bytes(base64), rows = [];
  for (let i = 0; i + 7 <= view.byteLength; i += 7) {
    const flags = view.getUint8(i + 6);
    rows.push({ ms: view.getInt32(i, true), v: view.getUint16(i + 4, true), left: flags & 3, right: flags >> 2 & 3, relay: flags >> 4 & 1, edge: flags >> 5 & 1 });
  }
  return rows;
}
// A speed takes two edges: a record that begins with a running belt does not begin at 0.
function forgetStart(rows) {
  const known = rows.findIndex((row) => row.v);
  if (known > 0 && rows[known].ms - rows[0].ms <= FIRST_EDGES_MS) rows.slice(0, known).forEach((row) => { row.v = null; });
}
// Puts what the options saw into the rows.
function addOptions(rows, options) {
  if (!options) return;
  const view = bytes(options.ticks);
  rows.forEach((row, i) => {
    const flags = view.getUint8(i * 3), permille = view.getInt16(i * 3 + 1, true);
    Object.assign(row, { edgeB: flags & 1, badA: flags >> 1 & 1, badB: flags >> 2 & 1, second: flags >> 3 & 3, key: flags >> 5 & 3, incline: permille === NOT_KNOWN ? null : permille / 10 });
  });
}

function boxPlot(host, trip) {
  const rows = ticks(trip.ticks), limit = trip.limit, has = trip.options || {};
  forgetStart(rows);
  addOptions(rows, trip.options);
  const first = rows[0].ms, last = rows[rows.length - 1].ms;
  const edges = rows.filter((row) => row.edge), x = (row) => row.ms;
  const hand = (value) => HAND3[value] || "wiring";
  const word = (value) => hand(value).replace("wiring", "wire fault");
  return new Plot(host, {
    x: [first, last + 10], start: [Math.max(first, -6000), Math.min(last + 10, 4500)],
    top: Math.max(limit * 1.4, ...rows.map((row) => row.v)) * 1.1, height: 210, label: trip.label,
    unit: () => `belt speed, ${unit}`, yTicks: speedTicks, hint: trip.hint, touch: trip.touch,
    xTicks: (from, to, px) => steps(from, to, px, [50, 100, 200, 500, 1000, 2000, 5000], (ms, size) => `${(ms / 1000).toFixed(size < 1000 ? 2 : 0)} s`),
    lanes: [
      ...(has.hall_b ? sensorLanes(rows, x, last + 10) : []),
      { name: "left hand", words: true, runs: runs(rows, "left", x, last + 10, hand, word) },
      { name: "right hand", words: true, runs: runs(rows, "right", x, last + 10, hand, word) },
      { name: "relay", words: true, runs: runs(rows, "relay", x, last + 10, (c) => (c ? "held" : "off"), (c) => (c ? "closed" : "open")) },
      ...(has.key_loop ? [contactLane("key loop", "key", rows, x, last + 10, KEY_LOOP)] : []),
      ...(has.second_stop ? [{ ...contactLane("stop 2", "second", rows, x, last + 10, SECOND_STOP), short: "stop 2" }] : []),
    ],
    strip: has.incline ? inclineStrip(rows, has.limit_permille) : null,
    draw: (p) => p.line([[first, limit], [last + 10, limit]], "limit") +
      p.line(rows.filter((row) => row.v !== null).map((row) => [row.ms, row.v]), "speed") + (has.hall_b ? "" : edgeMarks(p, edges)) +
      // On a phone words lie across lines: drawn after them, they stay readable.
      p.mark(0, "relay opens", "bad") + (trip.still === null ? "" : p.mark(trip.still, "stands still", "good", 16)) +
      limitText(p, limit, rows, "ms", last),
    read: (at) => {
      const row = nearest(rows, "ms", at);
      return `${(row.ms / 1000).toFixed(2)} s: ${row.v === null ? "speed not known yet" : `at most ${speed(row.v)}`}, limit ${speed(limit)}, left ${word(row.left)}, ` +
        `right ${word(row.right)}, relay ${row.relay ? "closed" : "open"}${optionWords(row, has)}`;
    },
  });
}
function edgeMarks(p, edges) {
  return edges.filter((row) => row.ms >= p.shown[0] && row.ms <= p.shown[1]).map((row) =>
    `<line class="edge" x1="${p.x(row.ms)}" x2="${p.x(row.ms)}" y1="${p.bottom - 7}" y2="${p.bottom}"/>`).join("");
}

// -- options -------------------------------------------------------------------------------

function contactLane(name, key, rows, x, last, codes) {
  return { name, words: true, runs: runs(rows, key, x, last, (code) => codes[code][0], (code) => codes[code][1]) };
}
// Beside each other: what one sensor sees and the other does not stands out.
function sensorLanes(rows, x, last) {
  return [["A", "edge", "badA"], ["B", "edgeB", "badB"]].map(([name, edge, bad]) => ({
    name: `sensor ${name}`, short: name, words: true,
    runs: runs(rows, bad, x, last, () => "wiring", () => "wire fault").filter((run) => run[4]),
    ticks: rows.filter((row) => row[edge]).map(x),
  }));
}
// The limit acts in both directions; the lower one is drawn where the deck comes near it.
function inclineStrip(rows, limitPermille) {
  const known = rows.map((row) => row.incline).filter((at) => at !== null);
  const limit = limitPermille === null ? null : limitPermille / 10;
  const highest = Math.max(1, ...known), lowest = Math.min(0, ...known);
  const top = Math.max(limit ?? 0, highest) * 1.25;
  const low = limit !== null && lowest < -limit / 2 ? Math.min(-limit, lowest) * 1.25 : lowest * 1.25;
  const size = [1, 2, 5, 10, 20, 50, 100].find((step) => (top - low) / step <= 4) || 200, found = [];
  for (let at = Math.ceil(low / size) * size; at <= top; at += size) found.push(at);
  return {
    name: "incline, %", key: limit === null ? "" : `limit ${limit.toFixed(1)} %`, low, top, ticks: found, mark: 0,
    limits: limit === null ? [] : [limit, -limit].filter((at) => at >= low), line: rows.map((row) => [row.ms, row.incline]),
  };
}
function optionWords(row, has) {
  const sensors = [row.edge && "A", row.edgeB && "B"].filter(Boolean);
  let text = has.hall_b ? (sensors.length ? `, edge of ${sensors.join(" and ")}` : "") : row.edge ? ", edge" : "";
  if (has.key_loop) text += `, key loop ${KEY_LOOP[row.key][1]}`;
  if (has.second_stop) text += `, second stop ${SECOND_STOP[row.second][1]}`;
  if (has.incline) text += `, incline ${row.incline === null ? "not known" : `${row.incline.toFixed(1)} %`}`;
  return text;
}
