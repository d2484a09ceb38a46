// Elements made of data, and a tree that is brought to the state of another one. Text is set as text and never parsed:
// what comes from outside cannot become markup.

const SVG = "http://www.w3.org/2000/svg";

function dispatch(event) {
  event.currentTarget.handlers[event.type]?.(event);
}

function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false && child !== "") {
      node.append(child instanceof Node ? child : String(child));
    }
  }
}

function setProperty(node, name, value) {
  if (name === "key") {
    node.key = value;
  } else if (name === "src") {
    node.setAttribute("data-src", value); // settle() makes it load: a tree may be made only to compare with it
  } else if (name === "style") {
    Object.entries(value).forEach(([property, text]) => node.style.setProperty(property, text));
  } else if (typeof value === "function") {
    node.handlers[name.slice(2)] = value;
    node.addEventListener(name.slice(2), dispatch);
  } else if (name === "checked" || name === "indeterminate" || name === "muted") {
    node[name] = Boolean(value);
  } else if (value !== null && value !== undefined && value !== false) {
    node.setAttribute(name, value === true ? "" : value);
  }
}

function make(node, classes, properties, children) {
  node.handlers = {};
  if (classes.length > 0) {
    node.setAttribute("class", classes.join(" "));
  }
  const {value, class: more, ...rest} = properties || {};
  if (more) {
    node.setAttribute("class", [...classes, more].join(" "));
  }
  Object.entries(rest).forEach(([name, each]) => setProperty(node, name, each));
  append(node, children);
  if (value !== undefined && "value" in node) {
    node.value = node.valueWanted = value ?? "";
  } else if (value !== undefined) {
    node.setAttribute("value", value);
  }
  return node;
}

// h("button.small", {onclick, "aria-label": "…"}, "text", node, [more]): an element. A key tells rows
// of a list apart.
export function h(name, properties, ...children) {
  const [tag, ...classes] = name.split(".");
  return make(document.createElement(tag), classes, properties, children);
}

// The same in SVG.
export function s(name, properties, ...children) {
  const [tag, ...classes] = name.split(".");
  return make(document.createElementNS(SVG, tag), classes, properties, children);
}

// What is not for attributes to set: styles are properties, sources are settled, and whether one could be had is found
// out by the browser.
const KEPT = new Set(["style", "src", "data-gone"]);

function patchAttributes(old, fresh) {
  for (const {name} of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !KEPT.has(name) && !(name === "open" && old.nodeName === "DETAILS")) {
      old.removeAttribute(name);
    }
  }
  for (const {name, value} of fresh.attributes) {
    if (name !== "style" && old.getAttribute(name) !== value && !(name === "open" && old.nodeName === "DETAILS")) {
      old.setAttribute(name, value);
    }
  }
  if (old.style.cssText !== fresh.style.cssText) {
    old.style.cssText = fresh.style.cssText;
  }
}

function patchState(old, fresh) {
  for (const type of Object.keys(fresh.handlers || {})) {
    if (!(type in old.handlers)) {
      old.addEventListener(type, dispatch);
    }
  }
  old.handlers = fresh.handlers || {};
  if (old.nodeName === "INPUT") {
    old.checked = fresh.checked;
    old.indeterminate = fresh.indeterminate;
  }
  if (fresh.valueWanted !== undefined) {
    if (old !== document.activeElement && old.value !== fresh.valueWanted) {
      old.value = fresh.valueWanted;
    }
    old.valueWanted = fresh.valueWanted;
  }
}

const isSame = (old, fresh) => old.nodeName === fresh.nodeName && old.key === fresh.key;

function patchChildren(old, fresh) {
  const wanted = [...fresh.childNodes];
  const keys = new Set(wanted.map((child) => child.key));
  const keyed = new Map(
    [...old.childNodes].filter((child) => child.key !== undefined).map((child) => [child.key, child]),
  );
  let place = old.firstChild;
  for (const next of wanted) {
    while (place && place.key !== undefined && !keys.has(place.key)) {
      const gone = place;
      place = place.nextSibling;
      gone.remove();
    }
    const match = next.key === undefined ? place : keyed.get(next.key);
    if (!match || !isSame(match, next)) {
      old.insertBefore(next, place);
      continue;
    }
    if (match === place) {
      place = place.nextSibling;
    } else {
      old.insertBefore(match, place);
    }
    patch(match, next);
  }
  while (place) {
    const gone = place;
    place = place.nextSibling;
    gone.remove();
  }
}

// Brings old to the state of fresh, touching only what differs: focus, scrolling and what plays stay.
export function patch(old, fresh) {
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) {
      old.data = fresh.data;
    }
    return;
  }
  patchAttributes(old, fresh);
  patchState(old, fresh);
  patchChildren(old, fresh);
}

function settle(place) {
  for (const node of place.querySelectorAll("[data-src]")) {
    if (node.getAttribute("src") !== node.dataset.src) {
      delete node.dataset.gone;
      node.setAttribute("src", node.dataset.src);
    }
  }
}

// Shows this tree, and nothing else, within a place.
export function show(place, ...children) {
  const fresh = place.cloneNode(false);
  append(fresh, children);
  patchChildren(place, fresh);
  settle(place);
}
