// An address that leads nowhere.

import {absent, heading} from "./parts.js";

export const create = () => ({
  title: "Not found",
  view: () => [
    heading("Not found"),
    absent("There is no such page", `Nothing is at ${location.pathname}. A link may be cut short or mistyped.`),
  ],
});
