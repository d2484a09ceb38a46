// Who are you? A token is traded for a cookie that scripts cannot read.

import * as api from "./api.js";
import {h} from "./dom.js";
import {icon} from "./icons.js";

export function create(context) {
  let [busy, refused] = [false, context.refused];
  const submit = async (event) => {
    event.preventDefault();
    busy = true;
    refused = "";
    context.render();
    try {
      await api.login(new FormData(event.target).get("token").trim());
      await context.signedIn(true);
    } catch (error) {
      refused = error.message;
    }
    busy = false;
    context.render();
  };
  return {
    title: "Sign in",
    view: () =>
      h(
        "form.login",
        {onsubmit: submit},
        h("img", {src: "/admin/icon.svg", alt: "", width: 48, height: 48}),
        h("h1", {tabindex: "-1"}, "Troupe"),
        h("p.soft", null, "The queue's dashboard, for those who run it."),
        h(
          "label.field",
          null,
          h("span", null, "Token"),
          h("input", {
            type: "password",
            name: "token",
            required: true,
            autocomplete: "current-password",
            spellcheck: "false",
            autofocus: true,
            placeholder: "eyJ…",
          }),
        ),
        refused ? h("p.problem", {role: "alert"}, icon("failures"), refused) : null,
        h("button.button.primary.wide", {type: "submit", disabled: busy}, busy ? "Signing in…" : "Sign in"),
        h(
          "p.soft.small",
          null,
          "On the stack's own machine ",
          h("code", null, "troupe token --user me --role admin"),
          " makes one. With the role viewer it only looks.",
        ),
      ),
  };
}
