// The picture or the video that a job made, small in lists and large on its page; there, of a character's job, the
// portrait.

import {h} from "./dom.js";
import {icon} from "./icons.js";

const isVideo = (job) => job.queue === "video" || job.type === "video";

// Of what a job made, if it can be shown.
export const sourceOf = (job) => job.result?.url || job.portrait?.url;

// Told until it gets another source (dom.js).
function gone(event) {
  event.currentTarget.dataset.gone = "";
}

// In a list: no video is loaded but its first frame. What has made nothing, or nothing that is still there, is a drawing.
export function thumb(job) {
  const url = job.status === "completed" && sourceOf(job);
  if (!url) {
    return h("span.media.thumb.none", null, icon(job.queue));
  }
  return h(
    "span.media.thumb",
    null,
    icon(job.queue),
    isVideo(job)
      ? [
          h("video", {
            src: `${url}#t=0.1`,
            preload: "metadata",
            muted: true,
            playsinline: true,
            tabindex: -1,
            "aria-hidden": "true",
            onerror: gone,
          }),
          h("span.film", null, icon("play")),
        ]
      : h("img", {src: url, alt: "", loading: "lazy", decoding: "async", onerror: gone}),
  );
}

// On the page of the job.
export function work(job) {
  const url = sourceOf(job);
  const name = job.character?.name || "the character";
  return h(
    "figure.media.work",
    null,
    isVideo(job)
      ? h("video", {
          src: url,
          controls: true,
          loop: true,
          playsinline: true,
          preload: "metadata",
          "aria-label": `Video of ${name}`,
          onerror: gone,
        })
      : h(
          "a",
          {href: url, target: "_blank", rel: "noopener"},
          h("img", {src: url, alt: `Picture of ${name}`, onerror: gone}),
        ),
    h("p.lost.soft", null, "The file is not there any more, or needs a token (TROUPE_ASSETS_AUTH)."),
  );
}
