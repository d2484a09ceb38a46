// Numbers, durations and times as people read them.

import {h} from "./dom.js";

const SECOND = 1000,
  MINUTE = 60 * SECOND,
  HOUR = 60 * MINUTE,
  DAY = 24 * HOUR;

const WHOLE = new Intl.NumberFormat("en");
const SHORT = new Intl.NumberFormat("en", {notation: "compact", maximumFractionDigits: 1});

export const whole = (value) => (value === null || value === undefined ? "–" : WHOLE.format(value));
export const count = (value) =>
  value === null || value === undefined ? "–" : value < 10000 ? WHOLE.format(value) : SHORT.format(value);
export const percent = (part, all) => (all > 0 ? `${Math.round((part / all) * 100)} %` : "–");
// US dollars to the last micro-dollar; below a cent that is what matters.
export const usd = (value) => `$${value.toFixed(6).replace(/(\.\d\d\d*?)0+$/, "$1")}`;

const SIZES = ["B", "KiB", "MiB", "GiB", "TiB"];
export function bytes(value) {
  const step = value > 0 ? Math.min(Math.floor(Math.log2(value) / 10), SIZES.length - 1) : 0;
  const shown = value / 1024 ** step;
  return `${shown.toFixed(step > 0 && shown < 100 ? 1 : 0)} ${SIZES[step]}`;
}

export const plural = (number, word, words = `${word}s`) => `${whole(number)} ${number === 1 ? word : words}`;

export function duration(ms) {
  if (ms === null || ms === undefined || Number.isNaN(ms)) {
    return "–";
  }
  if (ms < SECOND) {
    return `${Math.max(0, Math.round(ms))} ms`;
  }
  if (ms < MINUTE) {
    return `${(ms / SECOND).toFixed(ms < 10 * SECOND ? 1 : 0)} s`;
  }
  const parts =
    ms < HOUR
      ? [
          [MINUTE, "m"],
          [SECOND, "s"],
        ]
      : ms < DAY
        ? [
            [HOUR, "h"],
            [MINUTE, "m"],
          ]
        : [
            [DAY, "d"],
            [HOUR, "h"],
          ];
  const [[great, name], [small, rest]] = parts;
  const left = Math.floor((ms % great) / small);
  return `${Math.floor(ms / great)} ${name}${left ? ` ${left} ${rest}` : ""}`;
}

// Where there is no room for more: in one unit, rounded.
export function brief(ms) {
  const [size, name] = [
    [DAY, "d"],
    [HOUR, "h"],
    [MINUTE, "m"],
    [SECOND, "s"],
  ].find(([unit]) => Math.round(ms / unit) > 0) || [1, "ms"];
  const number = Math.round(ms / size);
  return `${ms === number * size ? "" : "~"}${number} ${name}`;
}

// Its greatest unit only.
const rough = (ms) =>
  duration(ms < MINUTE ? Math.floor(ms / SECOND) * SECOND : ms)
    .replace(/\.\d/, "")
    .split(" ")
    .slice(0, 2)
    .join(" ");

// In two units: what is to come must not seem nearer than it is.
const exactly = (ms) => (ms < MINUTE ? `${Math.max(1, Math.floor(ms / SECOND))} s` : duration(ms));

// The server's clock, as far as its answers tell: ages are right on a machine whose own clock is not.
let skew = 0;
export const now = () => Date.now() + skew;
export function clockSeen(text) {
  const difference = Date.parse(text) - Date.now();
  skew = Math.abs(difference) > 3 * SECOND ? difference : 0;
}

export const timeOf = (text) => (text ? Date.parse(text) : null);
export const between = (from, to) => (from ? (to ? Date.parse(to) : now()) - Date.parse(from) : null);

export function ago(text) {
  const age = between(text);
  if (age === null) {
    return "–";
  }
  if (age < 0) {
    return `in ${exactly(-age)}`;
  }
  return age < 1500 ? "now" : `${rough(age)} ago`;
}

const CLOCK = new Intl.DateTimeFormat("en-GB", {hour: "2-digit", minute: "2-digit", second: "2-digit"});
const DATED = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const MINUTES = new Intl.DateTimeFormat("en-GB", {hour: "2-digit", minute: "2-digit"});
const DAYS = new Intl.DateTimeFormat("en-GB", {day: "numeric", month: "short"});

export function clock(text) {
  if (!text) {
    return "–";
  }
  const time = new Date(text);
  return (time.toDateString() === new Date().toDateString() ? CLOCK : DATED).format(time);
}

// A point of a chart's axis.
export const tick = (at, span) => (span > 2 * DAY ? DAYS : MINUTES).format(new Date(at));

// A time with its exact value to point at.
export const when = (text, write = ago) =>
  text ? h("time", {datetime: text, title: new Date(text).toLocaleString()}, write(text)) : "–";

export const shortId = (id) => (id ? id.slice(0, 8) : "–");

// A step as people say it.
export const stepWords = (step) => (step || "").replaceAll("_", " ");
