// SPDX-License-Identifier: MIT
// A small plot on one horizontal axis, as SVG: steps, lines, bars, dots, lanes, marks.
// Drag to zoom, double click for everything, arrow keys to read, + and - to zoom.
"use strict";

const FINGER = matchMedia("(pointer: coarse)").matches;

const STRIP = 64;
const SVG_TEXT = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

class Plot {
  // options: x [from, to], top, height, yTicks(top), yText, xTicks(from, to), draw(plot) -> svg,
  //          lanes [{name, short, runs [[from, to, class, word]], ticks [x]}], read(x) -> text, unit,
  //          start [from, to],
  //          strip {name, key, low, top, ticks [y], limits [y], mark x, line [[x, y or null]]}
  constructor(host, options) {
    this.host = host;
    this.o = options;
    this.all = options.x;
    this.shown = options.start || options.x;
    this.cursor = null;
    this.box = host.querySelector(".canvas");
    this.readout = host.querySelector(".read");
    this.box.tabIndex = 0;
    this.listen();
    this.render();
    new ResizeObserver(() => this.box.clientWidth !== this.width && this.render()).observe(this.box);
  }

  get narrow() { return this.width < 560; }
  get left() { return this.narrow ? 42 : 66; }
  get right() { return this.width - 12; }
  get top() { return 36; }
  get bottom() { return this.top + this.o.height; }
  x(value) {
    const [from, to] = this.shown;
    return this.left + ((this.right - this.left) * (value - from)) / (to - from);
  }
  at(px) {
    const [from, to] = this.shown;
    const share = (px - this.left) / (this.right - this.left);
    return from + (to - from) * Math.min(1, Math.max(0, share));
  }
  y(value) { return this.top + this.o.height * (1 - value / this.o.top); }

  render(width = this.box.clientWidth) {
    this.width = Math.max(280, width || 860);
    const lanes = this.o.lanes || [];
    const height = this.laneTop(lanes.length) + (this.o.strip ? STRIP + 24 : 0) + 18;
    const clip = `clip${Plot.count++}`;
    this.box.innerHTML =
      `<svg viewBox="0 0 ${this.width} ${height}" role="img" aria-label="${SVG_TEXT(this.o.label)}">` +
      `<defs><clipPath id="${clip}"><rect x="${this.left}" y="0" width="${this.right - this.left}" ` +
      `height="${height}"/></clipPath></defs>${this.grid(height)}` +
      `<g clip-path="url(#${clip})">${this.o.draw(this)}${lanes.map((l, i) => this.lane(l, i)).join("")}</g>` +
      `${this.stripScale()}<g clip-path="url(#${clip})">${this.strip()}</g>${lanes.map((l, i) => this.laneName(l, i)).join("")}<g class="pointer"></g></svg>`;
    const zoomed = this.shown[0] > this.all[0] || this.shown[1] < this.all[1];
    this.host.querySelectorAll("[data-zoom=all]").forEach((b) => (b.disabled = !zoomed));
    this.point();
  }

  grid(height) {
    const rows = this.o.yTicks(this.o.top).map((t) =>
      `<line class="grid" x1="${this.left}" x2="${this.right}" y1="${this.y(t.at)}" y2="${this.y(t.at)}"/>` +
      `<text class="soft end" x="${this.left - 6}" y="${this.y(t.at) + 4}">${t.text}</text>`);
    const columns = this.o.xTicks(...this.shown, this.right - this.left).map((t) =>
      `<line class="tick" x1="${this.x(t.at)}" x2="${this.x(t.at)}" y1="${height - 22}" y2="${height - 18}"/>` +
      `<text class="soft mid" x="${this.x(t.at)}" y="${height - 6}">${SVG_TEXT(t.text)}</text>`);
    return `<text class="soft" x="2" y="12">${SVG_TEXT(this.o.unit())}</text>` +
      rows.join("") + columns.join("");
  }

  laneTop(index) { return this.bottom + 8 + index * 20; }
  lane(lane, index) {
    const [from, to] = this.shown;
    const marks = (lane.ticks || []).filter((at) => at >= from && at <= to).map((at) =>
      `<line class="edge" x1="${this.x(at)}" x2="${this.x(at)}" y1="${this.laneTop(index) + 2}" y2="${this.laneTop(index) + 13}"/>`);
    return lane.runs.filter((r) => r[1] >= from && r[0] <= to).map(([a, b, cls, word]) => {
      const x0 = this.x(a), wide = Math.max(1, this.x(b) - x0), top = this.laneTop(index);
      const label = wide > word.length * 7 + 8 && lane.words
        ? `<text class="onlane on${cls.split(" ")[0]} mid" x="${Math.max(x0, this.left) + (Math.min(x0 + wide, this.right) - Math.max(x0, this.left)) / 2}" y="${top + 11.5}">${SVG_TEXT(word)}</text>` : "";
      return `<rect class="${cls}" x="${x0}" y="${top}" width="${wide}" height="15" rx="2"/>${label}`;
    }).join("") + marks.join("");
  }
  laneName(lane, index) {
    return `<text class="soft end small" x="${this.left - 6}" y="${this.laneTop(index) + 11.5}">${SVG_TEXT(this.narrow ? lane.short || lane.name.split(" ")[0] : lane.name)}</text>`;
  }

  // A low plot with a scale of its own, below the lanes.
  get stripTop() { return this.laneTop((this.o.lanes || []).length) + 18; }
  stripY(value) {
    const { low, top } = this.o.strip;
    return this.stripTop + STRIP * (1 - (value - low) / (top - low));
  }
  strip() {
    if (!this.o.strip) return "";
    const { limits, line, mark } = this.o.strip, bottom = this.stripTop + STRIP;
    const dashes = limits.map((at) => `<path class="limit" d="M${this.left},${this.stripY(at)}H${this.right}"/>`);
    let path = "", pen = false;
    for (const [x, y] of line) {
      if (y !== null) path += `${pen ? "L" : "M"}${this.x(x).toFixed(1)},${this.stripY(y).toFixed(1)}`;
      pen = y !== null;
    }
    return `${this.unknown(line)}${dashes.join("")}<path class="speed" d="${path}"/>` +
      `<line class="mark bad" x1="${this.x(mark)}" x2="${this.x(mark)}" y1="${this.stripTop}" y2="${bottom}"/>`;
  }
  unknown(line) {
    const [from, to] = this.shown, spans = [];
    line.forEach(([x, y], i) => {
      if (y !== null) return;
      const until = i + 1 < line.length ? line[i + 1][0] : to, before = spans[spans.length - 1];
      if (before && before[1] === x) before[1] = until; else spans.push([x, until]);
    });
    return spans.filter((s) => s[1] >= from && s[0] <= to).map(([a, b]) => {
      const x0 = Math.max(this.left, this.x(a)), wide = Math.max(1, Math.min(this.right, this.x(b)) - x0);
      return `<rect class="off" x="${x0}" y="${this.stripTop}" width="${wide}" height="${STRIP}" rx="2"/>` +
        (wide > 70 ? `<text class="onlane mid" x="${x0 + wide / 2}" y="${this.stripTop + STRIP / 2 + 4}">not known</text>` : "");
    }).join("");
  }
  stripScale() {
    if (!this.o.strip) return "";
    const { name, key, ticks } = this.o.strip, y = this.stripTop - 7;
    return `<text class="soft" x="2" y="${y}">${SVG_TEXT(name)}</text>` +
      `<text class="limittext end" x="${this.right - 6}" y="${y}">${SVG_TEXT(key)}</text>` + ticks.map((at) =>
      `<line class="grid" x1="${this.left}" x2="${this.right}" y1="${this.stripY(at)}" y2="${this.stripY(at)}"/>` +
      `<text class="soft end" x="${this.left - 6}" y="${this.stripY(at) + 4}">${at}</text>`).join("");
  }

  step(points, cls) {
    let path = "";
    for (let i = 0; i < points.length; i++) {
      const [x, y] = points[i];
      path += `${i ? "H" : "M"}${this.x(x).toFixed(1)}${i ? "V" : ","}${this.y(y).toFixed(1)}`;
    }
    return `<path class="${cls}" d="${path}"/>`;
  }
  line(points, cls) {
    const path = points.map(([x, y]) => `${this.x(x).toFixed(1)},${this.y(y).toFixed(1)}`).join("L");
    return points.length ? `<path class="${cls}" d="M${path}"/>` : "";
  }
  mark(x, text, cls = "", lower = 0) {
    const at = this.x(x), flip = at > this.right - text.length * 7;
    return `<line class="mark ${cls}" x1="${at}" x2="${at}" y1="${22 + lower}" y2="${this.bottom}"/>` +
      `<text class="marktext ${flip ? "end" : ""}" x="${at + (flip ? -4 : 4)}" y="${30 + lower}">${SVG_TEXT(text)}</text>`;
  }

  point(x = this.cursor) {
    this.cursor = x;
    const layer = this.box.querySelector(".pointer");
    if (x === null || !layer) { this.readout.textContent = (FINGER && this.o.touch) || this.o.hint || ""; return; }
    const height = this.o.strip ? this.stripTop + STRIP : this.laneTop((this.o.lanes || []).length) - 4;
    layer.innerHTML = `<line class="cursor" x1="${this.x(x)}" x2="${this.x(x)}" y1="${this.top}" y2="${height}"/>`;
    this.readout.textContent = this.o.read(x);
  }
  zoom(from, to) {
    const least = (this.all[1] - this.all[0]) / 400;
    if (to - from < least) return;
    this.shown = [Math.max(this.all[0], from), Math.min(this.all[1], to)];
    this.render();
  }
  zoomBy(factor) {
    const [from, to] = this.shown, middle = this.cursor ?? (from + to) / 2;
    this.zoom(middle - (middle - from) * factor, middle + (to - middle) * factor);
  }
  whole() { this.shown = this.all; this.render(); }

  listen() {
    const local = (event) => ((event.clientX - this.box.getBoundingClientRect().left) * this.width) / this.box.clientWidth;
    let from = null;
    this.box.addEventListener("pointerdown", (event) => { from = local(event); });
    this.box.addEventListener("pointermove", (event) => {
      this.point(this.at(local(event)));
      if (from === null || Math.abs(local(event) - from) < 6) return;
      const a = Math.min(from, local(event)), wide = Math.abs(local(event) - from);
      this.box.querySelector(".pointer").innerHTML +=
        `<rect class="select" x="${a}" y="${this.top}" width="${wide}" height="${this.o.height}"/>`;
    });
    this.box.addEventListener("pointerup", (event) => {
      const to = local(event);
      if (from !== null && Math.abs(to - from) > 12) this.zoom(this.at(Math.min(from, to)), this.at(Math.max(from, to)));
      else if (this.o.pick) this.o.pick(this.at(to));
      from = null;
    });
    this.box.addEventListener("pointercancel", () => { from = null; });
    this.box.addEventListener("pointerleave", () => { from = null; this.cursor = null; this.render(); });
    this.box.addEventListener("dblclick", () => this.whole());
    this.box.addEventListener("keydown", (event) => this.key(event));
    const zooms = { in: () => this.zoomBy(0.5), out: () => this.zoomBy(2), all: () => this.whole() };
    this.host.querySelectorAll("[data-zoom]").forEach((button) =>
      button.addEventListener("click", () => zooms[button.dataset.zoom]()));
  }
  key(event) {
    const [from, to] = this.shown, step = (to - from) / 60;
    const moves = {
      ArrowLeft: () => this.point(Math.max(from, (this.cursor ?? to) - step)),
      ArrowRight: () => this.point(Math.min(to, (this.cursor ?? from) + step)),
      "+": () => this.zoomBy(0.5), "-": () => this.zoomBy(2), Escape: () => this.whole(),
    };
    if (!moves[event.key]) return;
    event.preventDefault();
    moves[event.key]();
  }
}
Plot.count = 0;
