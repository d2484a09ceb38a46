// Who are you? A token is traded for a cookie that scripts cannot read.

import * as api from "./api.js";
import {h} from "./dom.js";
import {icon} from "./icons.js";
import {button, copy} from "./parts.js";

const COMMAND = ["troupe token", "--user me", "--role admin"]; // no line ends within one of them

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
          "div.soft.small",
          null,
          h("p", null, "On the stack's machine this makes one:"),
          h(
            "p.command",
            null,
            h(
              "code",
              null,
              COMMAND.map((part, index) => [index > 0 ? " " : null, h("span", null, part)]),
            ),
            button("copy", null, () => copy(COMMAND.join(" "), "The command"), {
              kind: "plain small",
              label: "Copy the command",
            }),
          ),
          h("p", null, "With the role viewer it only looks."),
        ),
      ),
  };
}
