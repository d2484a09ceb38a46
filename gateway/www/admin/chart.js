// Charts in SVG, which fill the place that they are given. Words stand beside the drawing, as text.

import {h, s} from "./dom.js";
import {count, tick} from "./format.js";

const WIDTH = 1000,
  HEIGHT = 100,
  DASH = 16;

const isKnown = (value) => value !== null && value !== undefined;

// What stands between two gaps is a short line: a line to nowhere is not drawn.
const lineOf = (values, max) => {
  const step = WIDTH / Math.max(1, values.length - 1);
  return values
    .map((value, index) => {
      if (!isKnown(value)) {
        return "";
      }
      const x = index * step;
      const y = (HEIGHT - (value / max) * HEIGHT).toFixed(1);
      if (isKnown(values[index - 1])) {
        return `L${x.toFixed(1)} ${y}`;
      }
      const isAlone = !isKnown(values[index + 1]);
      return isAlone ? `M${(x - DASH / 2).toFixed(1)} ${y}h${DASH}` : `M${x.toFixed(1)} ${y}`;
    })
    .join("");
};

const drawing = (label, ...children) =>
  s(
    "svg.drawing",
    {viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": label},
    children,
  );

const stroke = (kind, values, max) =>
  s(`path.stroke.${kind}`, {d: lineOf(values, max), "vector-effect": "non-scaling-stroke"});

function area(kind, values, max) {
  const line = lineOf(
    values.map((value) => value ?? 0),
    max,
  );
  return s(`path.area.${kind}`, {d: `${line}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`});
}

// A small line without axes. series: [{kind, values}], the first one filled.
export function sparkline(series, label) {
  const max = Math.max(1, ...series.flatMap(({values}) => values.map((value) => value ?? 0)));
  return h(
    "div.spark",
    null,
    drawing(
      label,
      series[0].values.length > 1
        ? [area(series[0].kind, series[0].values, max), series.map(({kind, values}) => stroke(kind, values, max))]
        : null,
    ),
  );
}

// The round number above a value that an axis ends with; half of it is written, too, and is a whole one.
export function ceiling(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [1, 1.6, 2, 3, 4, 5, 6, 8, 10]
    .map((factor) => Math.round(factor * power))
    .find((end) => end >= value && end % 2 === 0);
}

function bars(points, series, max) {
  const width = WIDTH / points.length;
  return points.map((point, index) => {
    let base = HEIGHT;
    return series.map(({kind, value}) => {
      const height = ((value(point) || 0) / max) * HEIGHT;
      base -= height;
      return height > 0
        ? s(`rect.bar.${kind}`, {
            x: (index * width + width * 0.1).toFixed(2),
            y: base.toFixed(2),
            width: (width * 0.8).toFixed(2),
            height: height.toFixed(2),
          })
        : null;
    });
  });
}

function pointer(points, series, write, stepMs) {
  const tip = h("div.tip", {"aria-hidden": "true"});
  const mark = h("div.mark", {"aria-hidden": "true"});
  const move = (event) => {
    const place = event.currentTarget.getBoundingClientRect();
    const part = Math.min(0.9999, Math.max(0, (event.clientX - place.left) / place.width));
    const point = points[Math.floor(part * points.length)];
    tip.replaceChildren(
      h("b", null, `${tick(point.at, points.length * stepMs)}`),
      ...series.map(({kind, name, value}) =>
        h("span", null, h(`i.dot.${kind}`), `${name} `, h("b", null, write(value(point)))),
      ),
    );
    tip.classList.toggle("left", part > 0.6);
    tip.style.setProperty("left", `${part * 100}%`);
    mark.style.setProperty("left", `${part * 100}%`);
  };
  return {tip, mark, move};
}

// A chart with axes, a legend and a value at the pointer. points: [{at, …}]; series: [{kind, name, value(point)}];
// stacked draws bars upon each other, otherwise lines. write says how a value is told.
export function chart(title, points, series, {stacked = false, write = count, stepMs = 60000} = {}) {
  const heights = points.map((point) =>
    stacked
      ? series.reduce((sum, {value}) => sum + (value(point) || 0), 0)
      : Math.max(0, ...series.map(({value}) => value(point) ?? 0)),
  );
  const max = ceiling(Math.max(0, ...heights));
  const {tip, mark, move} = pointer(points, series, write, stepMs);
  const span = points.length * stepMs;
  const ends = [0, 0.25, 0.5, 0.75, 1].map(
    (part) => points[Math.min(points.length - 1, Math.floor(part * points.length))],
  );
  const sums = series.map(
    ({name, value}) => `${name}: at most ${write(Math.max(0, ...points.map((point) => value(point) ?? 0)))}`,
  );
  return h(
    "figure.chart",
    null,
    h(
      "figcaption",
      null,
      h("h2", null, title),
      h(
        "div.legend",
        null,
        series.map(({kind, name}) => h("span", {key: name}, h(`i.dot.${kind}`), name)),
      ),
    ),
    h(
      "div.plot",
      null,
      h(
        "div.scale",
        {"aria-hidden": "true"},
        [max, max / 2, 0].map((value) => h("span", null, write(value))),
      ),
      h(
        "div.canvas",
        {onpointermove: move},
        drawing(
          `${title}. ${sums.join("; ")}.`,
          [0, 0.5].map((part) =>
            s("path.grid", {d: `M0 ${part * HEIGHT}H${WIDTH}`, "vector-effect": "non-scaling-stroke"}),
          ),
          stacked ? bars(points, series, max) : series.map(({kind, value}) => stroke(kind, points.map(value), max)),
        ),
        mark,
        tip,
      ),
      h(
        "div.axis",
        {"aria-hidden": "true"},
        ends.map((point, index) => h("span", {key: index}, tick(point.at, span))),
      ),
    ),
  );
}
