// An address that leads nowhere.

import {h} from "./dom.js";
import {empty} from "./parts.js";
import {address} from "./router.js";

export const create = () => ({
  title: "Not found",
  view: () => [
    h("h1", {tabindex: "-1"}, "Not found"),
    empty("search", "There is no such page", h("a.link", {href: address()}, "Go to the overview")),
  ],
});
