/* The report's charts. Data stands in #data; nothing is loaded. Every chart answers to pointer and arrow keys. */
(() => {
"use strict";
const D = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";
const LIGHT = {v0: "#0072b2", v1: "#c24e00", v2: "#007a5a", v3: "#a8588a", v4: "#8a6d00", v5: "#2f7097", ink: "#1b1f23", soft: "#57606a", line: "#d8dbdf"};
let printing = false;

const colour = (name) => printing ? LIGHT[name] : getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
const day = (t) => new Date(t * 1000).toLocaleDateString("en-GB", {day: "numeric", month: "short", year: "numeric", timeZone: "UTC"});
const digits = (x) => x.toFixed(Math.max(0, Math.min(4, 2 - Math.floor(Math.log10(Math.abs(x) || 1)))));
const num = (x, n = 2) => x == null ? "–" : x.toFixed(n).replace("-", "−");
/* Decimals that tell the ticks of a step apart, each written in full. */
const decimals = (step, least) => { let n = least; while (n < 6 && Math.abs(step * 10 ** n - Math.round(step * 10 ** n)) > 1e-6) n++; return n; };
/* Months and years; two digits of a year only where no century can be mistaken for another. */
const centuries = D.period && D.period[0] >= Date.UTC(1930) / 1000 && D.period[1] < Date.UTC(2100) / 1000;
const year = centuries ? "2-digit" : "numeric";
const date = (t, parts) => new Date(t * 1000).toLocaleDateString("en-GB", {...parts, timeZone: "UTC"});
const ruler = document.createElement("canvas").getContext("2d");
const wide = (text, font) => { ruler.font = font + " system-ui, sans-serif"; return ruler.measureText(text).width * 1.04; };
/* Text that fits into so many pixels, with an ellipsis where it does not. */
const fitted = (text, room, font) => {
  if (wide(text, font) <= room) return text;
  let n = text.length;
  while (n > 1 && wide(text.slice(0, n) + "…", font) > room) n--;
  return text.slice(0, n).trimEnd() + "…";
};
const usd = (x) => x == null ? "" : x >= 1e9 ? digits(x / 1e9) + " bn USD" : digits(x / 1e6) + " m USD";

function el(tag, attributes, parent, text) {
  const node = document.createElement(tag);
  for (const [k, v] of Object.entries(attributes || {})) node.setAttribute(k, v);
  if (text != null) node.textContent = text;
  if (parent) parent.append(node);
  return node;
}
function svg(tag, attributes, parent, text) {
  const node = document.createElementNS(SVG, tag);
  for (const [k, v] of Object.entries(attributes || {})) node.setAttribute(k, v);
  if (text != null) node.textContent = text;
  if (parent) parent.append(node);
  return node;
}
function choice(parent, id, label, names, change, first = 0) {
  const box = el("label", {for: id}, parent, label);
  const select = el("select", {id}, box);
  names.forEach((name, i) => el("option", {value: i}, select, name));
  const printed = el("b", {class: "printed", "aria-hidden": "true"}, box, names[first]);
  select.value = first;
  select.addEventListener("change", () => { printed.textContent = names[select.value]; change(+select.value); });
  return select;
}
const redraws = [];

/* ---- charts over time */
const rgba = (hex, a) => hex + Math.round(a * 255).toString(16).padStart(2, "0");
const DASHES = [undefined, [7, 4], [2, 3], [10, 3, 2, 3], [14, 5], [4, 2, 1, 2]];
/* A chart of `spec` in a card: `lines` {q, v, width, dash}, `bands` [high, low, v, opacity] by their places in lines;
   `ticks` and `value` write numbers, `read(at)` says what the readout shows; `marks` are dates. */
function plotted(parent, title, spec) {
  const time = spec.time, box = el("div", {class: "card"}, parent);
  el("h3", {}, box, title);
  const holder = el("div", {class: "plot", tabindex: 0, role: "group", "aria-label": "Chart of " + title + "; arrow keys read values"}, box);
  const readout = el("p", {class: "readout", "aria-live": "polite"}, box);
  let plot = null, at = time.length - 1;
  const read = () => {
    readout.replaceChildren(el("b", {}, null, day(time[at]) + ": "));
    for (const [v, name, text] of spec.read(at)) {
      const part = el("span", {}, readout);
      if (name) el("b", {class: "s" + v % 6}, part, name);
      part.append(" " + text);
      part.style.whiteSpace = "normal";
    }
  };
  const draw = () => {
    if (plot) plot.destroy();
    const {lines, bands} = spec.shown();
    const flat = lines.flatMap((line) => line.q).filter((x) => x != null).concat(spec.zero ? [0] : []);
    const low = Math.min(...flat), high = Math.max(...flat), limits = spec.limits || [-Infinity, Infinity];
    const pad = Math.max(spec.pad || .01 * Math.max(Math.abs(high), Math.abs(low)) || .01, (high - low) * .06);
    const range = spec.range || [Math.max(limits[0], low - pad), Math.min(limits[1], high + pad)];
    const axis = {stroke: colour("soft"), grid: {stroke: colour("line"), width: 1}, ticks: {show: false}, font: "12px system-ui, sans-serif"};
    plot = new uPlot({
      width: holder.clientWidth || 420, height: 230, legend: {show: false},
      series: [{}, ...lines.map(({v, width, dash}) => ({stroke: width ? colour("v" + v % 6) : "transparent", width, dash, points: {show: false}}))],
      bands: bands.map(([high, low, v, opacity]) => ({series: [high + 1, low + 1], fill: rgba(colour("v" + v % 6), opacity)})),
      tzDate: (t) => uPlot.tzDate(new Date(t * 1000), "UTC"),
      scales: {y: {range}},
      axes: [{...axis, space: 55, size: 30, values: (u, splits, k, gap, step) => splits.map((t) => date(t,
               step < 27 * 86400 ? {day: "numeric", month: "short"} : step < 360 * 86400 ? {month: "short", year} : {year: "numeric"}))},
             {...axis, size: spec.wide || 56, values: (u, splits, k, gap, step) => splits.map((x) => spec.ticks(x, step))}],
      cursor: {sync: {key: "time"}, drag: {x: false, y: false}, points: {show: false}},
      hooks: {
        setCursor: [(u) => { if (u.cursor.idx != null && u.cursor.left >= 0) { at = u.cursor.idx; read(); } }],
        draw: [(u) => {
          u.ctx.save();
          u.ctx.strokeStyle = colour("soft"); u.ctx.lineWidth = devicePixelRatio || 1;
          if (spec.zero) {
            const y = Math.round(u.valToPos(0, "y", true));
            u.ctx.beginPath(); u.ctx.moveTo(u.bbox.left, y); u.ctx.lineTo(u.bbox.left + u.bbox.width, y); u.ctx.stroke();
          }
          u.ctx.setLineDash([2 * devicePixelRatio, 4 * devicePixelRatio]);
          for (const mark of spec.marks || []) {
            const x = Math.round(u.valToPos(mark, "x", true));
            u.ctx.beginPath(); u.ctx.moveTo(x, u.bbox.top); u.ctx.lineTo(x, u.bbox.top + u.bbox.height); u.ctx.stroke();
          }
          u.ctx.restore();
        }],
      },
    }, [time, ...lines.map((line) => line.q)], holder);
    read();
  };
  holder.addEventListener("keydown", (event) => {
    const move = {ArrowLeft: -1, ArrowRight: 1, PageUp: -8, PageDown: 8, Home: -1e9, End: 1e9}[event.key];
    if (!move) return;
    event.preventDefault();
    at = Math.max(0, Math.min(time.length - 1, at + move));
    plot.setCursor({left: plot.valToPos(time[at], "x"), top: 40});
    read();
  });
  const watch = new ResizeObserver(() => {
    if (plot && holder.clientWidth && Math.abs(plot.width - holder.clientWidth) > 1) plot.setSize({width: holder.clientWidth, height: 230});
  });
  watch.observe(holder);
  draw();
  return {draw, remove: () => { watch.disconnect(); plot.destroy(); box.remove(); }};
}

/* A quantity by date in every variant: its mean, or of a probability the futures of 100. */
function byDate(parent, curve) {
  const share = curve.unit === "share", size = share ? 100 : 1, unit = curve.unit && !share ? " " + curve.unit : "";
  const sized = (line) => line.map((x) => x == null ? null : size * x);
  const lines = curve.lines.map((line, v) => ({q: sized(line), v, width: v ? 1.6 : 2.6, dash: DASHES[v % DASHES.length]}));
  const n = lines.length, ends = ["high", "low"].flatMap((end) => curve[end].map((line, v) => ({q: sized(line), v, width: 0})));
  const bare = (x) => share ? num(x, x > 0 && x < 1 ? 1 : 0) : digits(x).replace("-", "−");
  const range = (at, v) => [ends[n + v].q[at], ends[v].q[at]];
  const within = (at, v) => range(at, v).includes(null) ? "" : " (" + range(at, v).map(bare).join(" to ") + ")";
  const said = (x) => x == null ? "–" : share ? num(x, x > 0 && x < 1 ? 1 : 0) + " of 100" : digits(x).replace("-", "−") + unit;
  return plotted(parent, curve.label + (share ? ", futures of 100" : unit && "," + unit), {
    time: curve.time, limits: share ? [0, 100] : null, pad: share ? 1 : 0, wide: share ? 44 : 56, ticks: (x, step) => num(x, decimals(step, 0)),
    shown: () => ({lines: [...lines, ...ends], bands: lines.map(({v}) => [n + v, 2 * n + v, v, Math.min(.16, .4 / n)])}),
    read: (at) => lines.map(({q, v}) => [v, D.variants[v], said(q[at]) + within(at, v)]),
  });
}

/* The effect on the quantity of the answer, or its probability in every variant. */
function course() {
  const C = D.course, parent = $("course-chart");
  if (!C || !parent) return;
  if (C.lines) {
    const chart = byDate(parent, C);
    return redraws.push(chart.draw);
  }
  const unit = C.unit ? " " + C.unit : "";
  let which = 0;
  const bare = (x) => x == null ? "–" : (x > 0 ? "+" : "") + digits(x).replace("-", "−"), value = (x) => bare(x) + unit;
  const chart = plotted(parent, C.label + (C.unit ? ", " + C.unit : ""), {
    time: C.time, zero: true, pad: 1e-4, wide: 62, ticks: (x, step) => num(x, decimals(step, 0)), marks: C.asked,
    shown: () => ({
      lines: [{q: C.effects[which].high, v: 0, width: 0}, {q: C.effects[which].mean, v: 0, width: 2.2}, {q: C.effects[which].low, v: 0, width: 0}],
      bands: [[0, 2, 0, .2]],
    }),
    read: (at) => {
      const {mean, low, high} = C.effects[which];
      return [[0, C.effects[which].name, value(mean[at]) + " on average, " + (low[at] === high[at] ? "the same in 90 % of pairs" : "90 % of pairs in " + bare(low[at]) + " to " + value(high[at]))]];
    },
  });
  if (C.effects.length > 1) choice($("course-controls"), "course-variant", "Shown", C.effects.map((e) => e.name), (i) => { which = i; chart.draw(); });
  redraws.push(chart.draw);
}

/* One table for each other variant, one of them shown. */
function gains() {
  const tables = [...document.querySelectorAll("#gains .choice")];
  if (tables.length < 2) return;
  tables.forEach((t) => { t.querySelector("h3").className = "vh"; });  // the menu says it
  choice($("gains-controls"), "gains-variant", "Change by", tables.map((t) => t.dataset.name), (i) => tables.forEach((t, k) => { t.hidden = k !== i; }));
}

function curves() {
  const charts = (D.curves || []).map((curve) => byDate($("curve-charts"), curve));
  redraws.push(() => charts.forEach((c) => c.draw()));
}

/* ---- fans */
function fans() {
  if (!D.series.length) return;
  const charts = [], controls = $("fan-controls");
  // The answer's variant first.
  const others = [...new Set(D.contrasts.flatMap(({first, second}) => [first, second]))].filter((v) => v);
  let other = others[0] || 0, series = D.series[0];
  const fan = (fan) => {
    const [size, unit] = !series.money ? [1, ""] : Math.max(...fan.q.flat(2)) >= 1e9 ? [1e9, " bn"] : [1e6, " m"];
    const value = series.money ? (x) => x == null ? "–" : usd(x) : (x) => num(x, spread(fan));
    const own = series;
    return plotted($("fan-charts"), fan.label, {
      time: own.time, limits: own.limits, pad: own.limits ? .02 : 0, wide: own.money ? 68 : 50,
      marks: D.calendar.filter((mark) => mark.ties.includes(fan.tie)).map((mark) => mark.t),
      ticks: (x, step) => num(x / size, decimals(step / size, own.money ? 0 : 1)) + unit,
      // The first variant as filled bands, the other as lines: its median, and its 90 % prediction interval.
      shown: () => ({
        lines: (other ? [0, other] : [0]).flatMap((v) => fan.q[v].map((q, k) => (
          {q, v, width: k === 2 ? 2 : v && (k === 0 || k === 4) ? 1 : 0, dash: v ? (k === 2 ? [7, 4] : [2, 3]) : undefined}))),
        bands: [[4, 0, 0, .16], [3, 1, 0, .28]],
      }),
      read: (at) => (other ? [0, other] : [0]).map((v) => {
        const q = fan.q[v], span = (i, j) => value(q[i][at]) + " to " + value(q[j][at]);
        return [v, D.variants[v], value(q[2][at]) + ", half in " + span(1, 3) + ", 90 % in " + span(0, 4)];
      }),
    });
  };
  // As many decimals as tell the ends of the bands apart.
  const spread = (fan) => {
    const flat = fan.q.flat(2).filter((x) => x != null), wide = Math.max(...flat) - Math.min(...flat);
    return wide > 0 && wide < .2 ? 3 : 2;
  };
  const show = (i) => {
    series = D.series[i];
    charts.splice(0).forEach((chart) => chart.remove());
    $("fan-note").textContent = series.note;
    series.fans.forEach((each) => charts.push(fan(each)));
  };
  if (D.series.length > 1) choice(controls, "fan-series", "Shown", D.series.map((s) => s.name), show);
  if (others.length) {
    const names = others.map((v) => D.variants[v]).concat(["none"]);
    choice(controls, "fan-variant", D.variants[0] + " against", names, (i) => {
      other = others[i] || 0;
      charts.forEach((c) => c.draw());
    });
  }
  show(0);
  redraws.push(() => charts.forEach((c) => c.draw()));
}

/* ---- timeline */
function timeline() {
  const box = $("timeline-chart");
  if (!box) return;
  let which = 0, chosen = -1, items = [];
  const future = (f) => D.variants[f.variant] + ", future " + f.replicate;
  const frame = svg("svg", {tabindex: 0, role: "group", "aria-label": "Timeline; arrow keys go from event to event"}, box);
  const causes = {baseline: "v0", excited: "v3", consequence: "v2", intervention: "v1"};
  const say = (item) => {
    $("time-readout").replaceChildren(el("b", {}, null, day(item.t) + ": "), item.text);
  };
  const pick = (i) => {
    chosen = i;
    frame.querySelectorAll(".mark").forEach((node, k) => {
      node.setAttribute("stroke", k === i ? colour("ink") : "none");
      node.setAttribute("stroke-width", k === i ? 2 : 0);
    });
    say(items[i]);
  };
  const draw = () => {
    const width = Math.max(320, box.clientWidth), small = width < 560;
    const f = D.futures[which], sampled = f ? f.events : [];
    const counts = new Map();
    for (const e of sampled) counts.set(e[1], (counts.get(e[1]) || 0) + 1);
    const kinds = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a)).slice(0, 12);
    const named = ["calendar", ...kinds.map((kind) => kind + " (" + counts.get(kind) + ")")];
    const room = small ? width - 16 : Math.min(Math.max(...named.map((name) => wide(name, "12px"))) + 4, .42 * width);
    const left = small ? 8 : Math.max(room + 24, 110), right = 14, lane = small ? 34 : 22, up = small ? 15 : 0;
    const x = (t) => left + (width - left - right) * (t - D.period[0]) / (D.period[1] - D.period[0]);
    const height = 34 + lane * (1 + kinds.length) + 34;
    frame.replaceChildren();
    frame.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const start = new Date(D.period[0] * 1000), months = (D.period[1] - D.period[0]) / 2.63e6;
    const step = Math.max(1, Math.ceil(months / (small ? 5 : 12)));
    let end = -Infinity;
    for (let m = 1; ; m += step) {
      const t = Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + m) / 1000;
      if (!(t <= D.period[1])) break;
      svg("line", {x1: x(t), x2: x(t), y1: 8, y2: height - 26, stroke: colour("line")}, frame);
      const first = m <= step || new Date(t * 1000).getUTCMonth() < step;
      const name = step >= 12 ? date(t, {year: "numeric"}) : date(t, first ? {month: "short", year} : {month: "short"});
      const half = wide(name, "12px") / 2, middle = Math.max(half, Math.min(x(t), width - half - 2));
      if (middle - half < end + 6) continue;
      end = middle + half;
      svg("text", {x: middle, y: height - 9, "text-anchor": "middle", class: "soft"}, frame, name);
    }
    items = [];
    const label = (text, row) => svg("text", {x: small ? 8 : left - 12, y: 24 + row * lane + (row ? 6 : 0) + (small ? -4 : 4), "text-anchor": small ? "start" : "end"}, frame, fitted(text, room, "12px"));
    label(named[0], 0);
    for (const e of D.calendar) {
      const px = x(e.t), py = 24 + up * .6;
      svg("path", {class: "mark", d: `M${px} ${py - 7}l7 7l-7 7l-7 -7z`, fill: colour("ink"), opacity: .85}, frame);
      items.push({t: e.t, x: px, y: py, text: "calendar: " + e.kind + ", " + e.labels.map((tie, i) => tie + e.where[i]).join(", ")});
    }
    svg("line", {x1: 0, x2: width, y1: 24 + lane * .72, y2: 24 + lane * .72, stroke: colour("soft"), "stroke-width": .6}, frame);
    kinds.forEach((kind, row) => {
      label(named[row + 1], row + 1);
      for (const e of sampled) {
        if (e[1] !== kind) continue;
        const px = x(e[0]), py = 30 + (row + 1) * lane + up * .6;
        svg("circle", {class: "mark", cx: px, cy: py, r: 4.5, fill: colour(causes[e[4]] || "v5"), opacity: .8}, frame);
        items.push({t: e[0], x: px, y: py, text: e[1] + " " + e[2] + " → " + e[3] + ", " + e[4] + (e[5] ? ", " + usd(e[5]) : "")});
      }
    });
    chosen = -1;
    $("time-readout").replaceChildren();
    [["by itself", "v0"], ["set off by another", "v3"], ["follows from another", "v2"]].forEach(([text, c], i) => {
      if (i === 0) $("time-readout").append("Colours: ");
      const part = el("span", {}, $("time-readout"));
      el("b", {style: "color:" + colour(c)}, part, "● ");
      part.append(text);
    });
    const order = items.map((item, i) => [item.t, item]).sort((a, b) => a[0] - b[0]).map((p) => p[1]);
    $("time-list").replaceChildren(...order.map((item) => el("li", {}, null, day(item.t) + ": " + item.text)));
  };
  const near = (event) => {
    if (!items.length) return;
    const r = frame.getBoundingClientRect(), k = frame.viewBox.baseVal.width / r.width;
    const px = (event.clientX - r.left) * k, py = (event.clientY - r.top) * k;
    let best = 0, least = Infinity;
    items.forEach((item, i) => { const d = (item.x - px) ** 2 + (item.y - py) ** 2; if (d < least) { least = d; best = i; } });
    if (least < 900) pick(best);
  };
  frame.addEventListener("pointermove", near);
  frame.addEventListener("pointerdown", near);
  frame.addEventListener("keydown", (event) => {
    const move = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (!move || !items.length) return;
    event.preventDefault();
    const order = items.map((item, i) => i).sort((a, b) => items[a].t - items[b].t);
    const now = order.indexOf(chosen);
    pick(order[now < 0 ? 0 : Math.max(0, Math.min(order.length - 1, now + move))]);
  });
  if (D.futures.length) choice($("time-controls"), "time-future", "Shown", D.futures.map(future), (i) => { which = i; draw(); });
  let last = 0;
  new ResizeObserver(() => { if (Math.abs(box.clientWidth - last) > 1) { last = box.clientWidth; draw(); } }).observe(box);
  draw();
  redraws.push(draw);
}

/* ---- network */
function network() {
  const N = D.network;
  if (!N) return;
  const controls = $("net-controls"), steps = N.strength[0][0].length;
  let at = steps - 1, which = D.contrasts.length ? D.variants.length : 0, mapped = !!N.map, timer = null;
  const time = (i) => D.time[i * N.step];
  // Each variant, and each change from one side of a comparison to the other.
  const shown = D.variants.map((name, v) => ({name, v, strength: N.strength[v], trade: N.trade.map((ways) => ways[v] || [])}));
  for (const {name, first, second} of D.contrasts) {
    const strength = N.strength[first].map((line, k) => line.map((x, i) => x == null || N.strength[second][k][i] == null ? null : x - N.strength[second][k][i]));
    shown.push({name, strength, trade: N.trade.map((ways) => ways[second] || []), most: Math.max(1e-4, ...strength.flat().map(Math.abs))});
  }
  if (shown.length > 1) choice(controls, "net-variant", "Shown", shown.map((s) => s.name), (i) => { which = i; draw(); }, which);
  if (N.map) choice(controls, "net-layout", "Drawn as", ["map", "circle"], (i) => { mapped = !i; draw(); });
  const box = el("label", {for: "net-time"}, controls, "Date");
  const slider = el("input", {type: "range", id: "net-time", min: 0, max: steps - 1, value: at}, box);
  const dated = el("output", {for: "net-time", class: "num"}, controls);
  const play = el("button", {type: "button"}, controls, "Play");
  const stop = () => { clearInterval(timer); timer = null; play.textContent = "Play"; };
  slider.addEventListener("input", () => { at = +slider.value; draw(); });
  play.addEventListener("click", () => {
    if (timer) return stop();
    if (at === steps - 1) at = 0;
    play.textContent = "Stop";
    timer = setInterval(() => { at++; slider.value = at; draw(); if (at >= steps - 1) stop(); }, 120);
  });
  const few = N.ties.length <= 14, holder = $("network-chart"), frame = svg("svg", {role: "img"}, holder);
  const largest = Math.max(1, ...N.trade.flat(2).filter((x) => x));
  /* Where everything stands: the size, the places of actors, the points of each tie's way, and the names. */
  const circle = (W) => {
    // A narrow screen has no room for long names; letters keep their size.
    const H = Math.min(460, W), long = W > 560 && N.actors.length <= 14;
    const size = N.actors.length > 20 ? 11 : 14, font = "600 " + size + "px";
    const names = N.actors.map(([name, label]) => fitted(long ? label : name, .27 * W, font));
    const rx = W / 2 - 26 - Math.max(...names.map((name) => wide(name, font))), ry = H / 2 - 45;
    const place = N.actors.map((_, i) => {
      const a = Math.PI * (2 * i / N.actors.length - .5);
      return [W / 2 + rx * Math.cos(a), H / 2 + ry * Math.sin(a)];
    });
    const labels = place.map(([x, y]) => {
      const dx = (x - W / 2) / rx, side = Math.abs(dx) > .4 ? Math.sign(dx) : 0;
      return [x + 14 * side, side ? y + 5 : y < H / 2 ? y - 16 : y + 26, side];
    });
    return {W, H, size, names, place, labels, ways: N.ties.map(([a, b]) => [place[a], place[b]])};
  };
  const map = (W) => {
    const k = W / N.map.size[0], H = N.map.size[1] * k, size = W < 560 || N.actors.length > 20 ? 11 : 13, font = "600 " + size + "px";
    const scaled = (point) => point && point.map((x) => k * x), place = N.map.spots.map(scaled);
    const used = place.filter((spot) => spot).map(([x, y]) => [x - 7, y - 7, x + 7, y + 7]);
    const meets = ([a, b, c, d]) => a < 2 || b < 2 || c > W - 2 || d > H - 2 || used.some(([p, q, r, s]) => a < r && p < c && b < s && q < d);
    const names = [], labels = place.map((spot, i) => {
      if (!spot) return null;
      const [x, y] = spot;
      // The full name, else the short one, on the first side that is free; else none, and the table has it.
      for (const name of W > 560 && N.actors.length <= 20 ? [N.actors[i][1], N.actors[i][0]] : [N.actors[i][0]]) {
        const w = wide(name, font) + 4;
        for (const [px, py, side] of [[x + 11, y + 5, 1], [x - 11, y + 5, -1], [x, y - 13, 0], [x, y + 21, 0], [x + 11, y - 9, 1], [x - 11, y - 9, -1], [x + 11, y + 19, 1], [x - 11, y + 19, -1]]) {
          const left = px - w * (1 - side) / 2, room = [left, py - size, left + w, py + 4];
          if (meets(room)) continue;
          used.push(room);
          names[i] = name;
          return [px, py, side];
        }
      }
      return null;
    });
    const free = (x, y) => { const room = [x - 22, y - 11, x + 22, y + 11]; if (meets(room)) return false; used.push(room); return true; };
    return {W, H, size, names, place, labels, free, k, ways: N.map.ways.map((way) => way && way.map(scaled))};
  };
  const draw = () => {
    const at_hand = Math.max(320, Math.min(mapped ? 1040 : 680, holder.clientWidth));
    const {W, H, size, names, place, labels, ways, free, k} = mapped ? map(at_hand) : circle(at_hand);
    holder.style.maxWidth = mapped ? "none" : "44rem";
    frame.setAttribute("viewBox", `0 0 ${W} ${H}`);
    frame.replaceChildren();
    if (mapped) {
      const ground = svg("g", {transform: `scale(${k})`, "aria-hidden": "true"}, frame);
      svg("path", {d: N.map.land, class: "land", "vector-effect": "non-scaling-stroke"}, ground);
      svg("path", {d: N.map.grid, class: "graticule", "vector-effect": "non-scaling-stroke"}, ground);
    }
    const {name, strength, trade, most} = shown[which];
    const said = (x) => x == null ? "–" : !most ? num(x) : Math.abs(x) < .0005 ? (x ? "under 0.001" : "0") : (x > 0 ? "+" : "") + num(x, 3);
    dated.textContent = day(time(at));
    slider.setAttribute("aria-valuetext", day(time(at)));
    frame.setAttribute("aria-label", "Network of ties on " + day(time(at)) + ", " + name + "; the table below has its numbers");
    const rows = N.ties.map(([a, b], k) => ({a, b, s: strength[k][at], w: trade[k][at]}));
    rows.map((row, i) => ({...row, way: ways[i]})).filter(({way}) => way).sort((p, q) => Math.abs(p.s) - Math.abs(q.s)).forEach(({a, b, s, w, way}) => {
      const line = svg("polyline", {points: way.map((p) => p.join(" ")).join(" "), fill: "none", "stroke-linecap": "round", stroke: colour(s < 0 ? "v1" : "v0"), "stroke-width": 1.5 + (mapped ? 9 : 13) * Math.sqrt((w || 0) / largest),
        "stroke-opacity": Math.min(1, (most ? .08 : .25) + (most ? 1 / most : 1.2) * Math.abs(s || 0))}, frame);
      if (s < 0) line.setAttribute("stroke-dasharray", "10 9"), line.setAttribute("stroke-linecap", "butt");
      svg("title", {}, line, `${N.actors[a][1]} – ${N.actors[b][1]}: ${said(s)}` + (w ? ", trade " + usd(w) + " a year" : ""));
    });
    place.forEach((spot, i) => {
      if (!spot) return;
      const node = svg("circle", {cx: spot[0], cy: spot[1], r: mapped ? 5 : 8, style: "fill:var(--ink);stroke:var(--card);stroke-width:2"}, frame);
      svg("title", {}, node, N.actors[i][1]);
      if (!labels[i]) return;
      svg("text", {x: labels[i][0], y: labels[i][1], "text-anchor": ["end", "middle", "start"][labels[i][2] + 1], class: "name",
        style: "font-weight:600;font-size:" + size + "px"}, frame, names[i]);
    });
    const number = (x, y, s) => {
      svg("rect", {x: x - 23, y: y - 10, width: 46, height: 20, rx: 4, style: "fill:var(--card)", opacity: .92}, frame);
      svg("text", {x, y: y + 4.5, "text-anchor": "middle"}, frame, said(s));
    };
    const taken = place.map((spot) => spot);
    // The largest numbers first: on a map one that finds no free place is left to the table.
    if (few || mapped) rows.map((row, i) => ({...row, way: ways[i]})).filter(({way, s}) => way && s != null && !(most && Math.abs(s) < .0005)).sort((p, q) => Math.abs(q.s) - Math.abs(p.s)).slice(0, few ? 14 : 6).forEach(({a, b, s, way}) => {
      if (mapped) {
        const spot = [.5, .42, .58, .34, .66, .26, .74].map((part) => way[Math.round(part * (way.length - 1))]).find(([x, y]) => free(x, y));
        if (spot) number(...spot, s);
        return;
      }
      // Each number stands where on its line it is farthest from what is there already.
      const spots = [.58, .5, .42, .66, .34, .74, .26].map((near) =>
        [place[a][0] * near + place[b][0] * (1 - near), place[a][1] * near + place[b][1] * (1 - near)]);
      const clear = ([x, y]) => Math.min(...taken.map(([p, q]) => Math.max(Math.abs(p - x) / 46, Math.abs(q - y) / 24)));
      const [x, y] = spots.find((spot) => clear(spot) >= 1) || spots.reduce((p, q) => clear(q) > clear(p) ? q : p);
      taken.push([x, y]);
      number(x, y, s);
    });
    const table = $("net-table");
    table.replaceChildren();
    const head = el("tr", {}, el("thead", {}, table));
    ["tie", most ? "change of strength" : "strength", "trade a year"].forEach((t) => el("th", {scope: "col"}, head, t));
    const body = el("tbody", {}, table);
    for (const {a, b, s, w} of rows) {
      const row = el("tr", {}, body);
      el("th", {scope: "row"}, row, N.actors[a][1] + " – " + N.actors[b][1]);
      el("td", {}, row, said(s));
      el("td", {}, row, usd(w) || "–");
    }
  };
  let last = 0;
  new ResizeObserver(() => { if (Math.abs(holder.clientWidth - last) > 1) { last = holder.clientWidth; draw(); } }).observe(holder);
  draw();
  redraws.push(draw);
}

course();
curves();
gains();
fans();
timeline();
network();
const again = () => redraws.forEach((draw) => draw());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
addEventListener("beforeprint", () => { printing = true; again(); });
addEventListener("afterprint", () => { printing = false; again(); });
document.documentElement.dataset.ready = "yes";
})();
