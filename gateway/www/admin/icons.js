// Line drawings, 16 by 16.

import {s} from "./dom.js";

const PATHS = {
  overview: "M2.5 2.5h4.5v4.5h-4.5zM9 2.5h4.5v4.5h-4.5zM2.5 9h4.5v4.5h-4.5zM9 9h4.5v4.5h-4.5z",
  all: "M2.5 4h11M2.5 8h11M2.5 12h7",
  character: "M8 8.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2.8 13.5c.6-2.3 2.7-3.5 5.2-3.5s4.6 1.2 5.2 3.5",
  image: "M2.5 3h11v10h-11zM2.5 11l3.3-3.3 2.7 2.7 1.8-1.8 3.2 3.2M10.5 6.2h.01",
  video: "M2 4h8.5v8H2zM10.5 7l3.5-2v6l-3.5-2",
  webhook: "M6.5 9.5l3-3M7.5 4.5l1.2-1.2a2.8 2.8 0 0 1 4 4L11.5 8.5M8.5 11.5l-1.2 1.2a2.8 2.8 0 0 1-4-4L4.5 7.5",
  workers: "M3 3h10v4H3zM3 9h10v4H3zM5.5 5h.01M5.5 11h.01",
  failures: "M8 2.5l6 10.5H2zM8 6.5v3M8 11.3h.01",
  users:
    "M6 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM1.8 13c.4-2 2-3.2 4.2-3.2s3.8 1.2 4.2 3.2M10.5 3.3a2.3 2.3 0 0 1 0 4.4M12 10.2c1.3.5 2 1.5 2.3 2.8",
  providers: "M4.5 12.5a3 3 0 0 1-.3-6 4 4 0 0 1 7.7 0 3 3 0 0 1-.4 6z",
  history: "M2.5 13.5v-11M2.5 13.5h11M5 10.5l2.5-3 2 1.5 3.5-4.5",
  system: "M2.5 3h11v7.5h-11zM5.5 13.5h5M8 10.5v3M4.5 7.5h2l1-2 1.5 3 1-1h1.5",
  operations: "M2.5 3.5h4v4h-4zM2.5 10h4M9 4.5h4.5M9 7h3M9 10h4.5M2.5 12.5h9",
  audit: "M4 2.5h8v11H4zM6 5.5h4M6 8h4M6 10.5h2",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3l3.2 3.2",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  play: "M5 3.2v9.6l7.5-4.8z",
  retry: "M13 8a5 5 0 1 1-1.6-3.7M13 2.5v2.8h-2.8",
  cancel: "M4 4l8 8M12 4l-8 8",
  remove: "M3 4.5h10M6 4.5V3h4v1.5M4.5 4.5l.5 8.5h6l.5-8.5",
  promote: "M8 13V4M4.5 7L8 3.5 11.5 7",
  priority: "M3 12.5h2v-3H3zM7 12.5h2v-6H7zM11 12.5h2v-9h-2z",
  duplicate: "M2.5 2.5h7v7h-7zM11.5 6.5h2v7h-7v-2M6 4.5v3M4.5 6h3",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  theme: "M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11",
  help: "M8 13.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM6.3 6.5a1.7 1.7 0 1 1 2.5 1.5c-.5.3-.8.6-.8 1.2M8 11h.01",
  menu: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
  out: "M9.5 3H3.5v10h6M7 8h6.5M11 5.5L13.5 8 11 10.5",
  drain: "M8 2.5v6M5.5 6L8 8.5 10.5 6M3 11.5h10M5 13.5h6",
  stop: "M4 4h8v8H4z",
  clock: "M8 13.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM8 5v3.3l2 1.2",
  check: "M3 8.5L6.5 12 13 4.5",
  chevron: "M6 3.5L10.5 8 6 12.5",
  flow: "M2.5 6.5h4v3h-4zM9.5 2.5h4v3h-4zM9.5 10.5h4v3h-4zM6.5 8H8M8 4v8M8 4h1.5M8 12h1.5",
  filter: "M2.5 3.5h11l-4.2 5v4l-2.6-1.3v-2.7z",
  queue: "M2.5 4h11M2.5 8h11M2.5 12h11",
  download: "M8 2.5v7.5M5 7.5l3 3 3-3M3 13h10",
};

export const icon = (name, classes = "") =>
  s("svg.icon", {viewBox: "0 0 16 16", "aria-hidden": "true", class: classes}, s("path", {d: PATHS[name]}));
