// The page of the API: draws /openapi.json. render() makes HTML of a document and touches nothing else, so that it can
// be tested without a browser; whatever it takes from the document is escaped.

const METHODS = ["get", "post", "put", "patch", "delete"];

const ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"};
const escape = (text) => String(text).replace(/[&<>"']/g, (character) => ENTITIES[character]);

// Paragraphs, and `code` within them: all the markup that descriptions use.
const inline = (text) => escape(text).replace(/`([^`]+)`/g, "<code>$1</code>");
const code = (text) => `<code>${escape(text)}</code>`;
const prose = (text) => (text || "").split("\n\n").filter(Boolean).map((part) => `<p>${inline(part)}</p>`).join("");

// A $ref of the document, followed; its neighbours, such as a description, win.
function resolve(spec, node) {
  if (!node || !node.$ref) {
    return node || {};
  }
  const {$ref, ...rest} = node;
  return {...resolve(spec, $ref.slice(2).split("/").reduce((place, key) => place[key], spec)), ...rest};
}

// A schema with its references, and the parts of its allOf, put together.
function flatten(spec, node) {
  const schema = resolve(spec, node);
  const parts = [...(schema.allOf || []).map((part) => flatten(spec, part)), schema];
  return {
    ...Object.assign({}, ...parts),
    properties: Object.assign({}, ...parts.map((part) => part.properties)),
    required: parts.flatMap((part) => part.required || []),
  };
}

// ---- what a schema says ----

const isNull = (schema) => schema.type === "null";

function typeOf(spec, node) {
  const schema = flatten(spec, node);
  if (schema.oneOf || schema.anyOf) {
    return (schema.oneOf || schema.anyOf).map((part) => typeOf(spec, part)).join(" or ");
  }
  if ("const" in schema) {
    return JSON.stringify(schema.const);
  }
  const types = [schema.type || (Object.keys(schema.properties).length ? "object" : "any")].flat();
  const named = types.map((type) => {
    if (type === "array") {
      return `list of ${typeOf(spec, schema.items)}`;
    }
    return type === "string" && schema.format ? schema.format : type;
  });
  return named.join(" or ");
}

function limitsOf(spec, node) {
  const schema = flatten(spec, node);
  const limits = [];
  const range = (low, high, unit) => {
    if (low !== undefined && high !== undefined) {
      limits.push(`${low}–${high}${unit}`);
    } else if (low !== undefined || high !== undefined) {
      limits.push(high === undefined ? `${low} or more${unit}` : `at most ${high}${unit}`);
    }
  };
  range(schema.minimum, schema.maximum, "");
  range(schema.minLength, schema.maxLength, " characters");
  range(schema.minItems, schema.maxItems, " items");
  if (schema.default !== undefined) {
    limits.push(`${schema.default} by default`);
  }
  const values = (schema.enum || []).filter((value) => value !== null).map(code).join(" ");
  return [...limits.map(escape), values].filter(Boolean).join(" · ");
}

// One row for each member, those of inner objects below their own.
function rowsOf(spec, node, depth = 0) {
  let schema = flatten(spec, node);
  if (schema.oneOf || schema.anyOf) {
    schema = flatten(spec, (schema.oneOf || schema.anyOf).find((part) => !isNull(resolve(spec, part))));
  }
  if (schema.items) {
    return rowsOf(spec, schema.items, depth);
  }
  return Object.entries(schema.properties).map(([name, member]) =>
    row(spec, name, member, schema.required.includes(name), depth) + rowsOf(spec, member, depth + 1)).join("");
}

const line = (title, about, kind = "", id = "") => `<div class="row ${kind}"${id ? ` id="${escape(id)}"` : ""}>
<div class="name">${title}</div><div class="about">${about}</div></div>`;

function row(spec, name, node, required, depth = 0) {
  const schema = flatten(spec, node);
  const limits = limitsOf(spec, node);
  const mark = required ? '<span class="required" title="always there">•</span>' : "";
  const title = `${code(name)}${mark} <span class="type">${escape(typeOf(spec, node))}</span>`;
  const about = `${inline(schema.description || "")} ${limits ? `<span class="limits">${limits}</span>` : ""}`;
  return line(title, about, `depth-${Math.min(depth, 4)}`);
}

function exampleOf(spec, node) {
  const schema = flatten(spec, node);
  if (schema.examples) {
    return schema.examples[0];
  }
  if ("const" in schema) {
    return schema.const;
  }
  if (schema.oneOf || schema.anyOf) {
    return exampleOf(spec, (schema.oneOf || schema.anyOf)[0]);
  }
  if (schema.default !== undefined || schema.enum) {
    return schema.default ?? schema.enum[0];
  }
  switch ([schema.type || "object"].flat()[0]) {
    case "array": return [exampleOf(spec, schema.items)];
    case "integer": case "number": return schema.minimum || 0;
    case "boolean": return false;
    case "string": return [schema.type].flat().includes("null") ? null : "…";
    default: return Object.fromEntries(Object.entries(schema.properties).filter(
      ([name]) => schema.required.length === 0 || schema.required.includes(name)).map(
      ([name, member]) => [name, exampleOf(spec, member)]));
  }
}

// ---- parts of the page ----

const methodOf = ({method}) => `<span class="method ${method}">${method.toUpperCase()}</span>`;

const json = (value) => escape(JSON.stringify(value, null, 2))
  .replace(/(&quot;[^\n]*?&quot;)(: )/g, '<span class="key">$1</span>$2');

const panel = (title, text) => `<figure class="panel"><figcaption>${escape(title)}</figcaption>
<pre tabindex="0"><code>${text}</code></pre></figure>`;

// The words of curl for a request that could succeed.
function curl(spec, operation) {
  const words = ["curl"];
  if (operation.method !== "get") {
    words.push(`-X ${operation.method.toUpperCase()}`);
  }
  if (operation.security.length > 0) {
    words.push('-H "Authorization: Bearer $TOKEN"');
  }
  const body = bodyOf(spec, operation);
  if (body) {
    const text = JSON.stringify(exampleOf(spec, body.schema));
    words.push(`-H "Content-Type: ${body.type}"`, `-d '${text}'`);
  }
  const streams = JSON.stringify(resolve(spec, operation.responses["200"])).includes("text/event-stream");
  const path = operation.path.replace(/{(\w+)}/g, "$$$1");
  return `${words.join(" \\\n  ")}${streams ? " -N" : ""} \\\n  "$TROUPE${path}"`;
}

function bodyOf(spec, operation) {
  const body = resolve(spec, operation.requestBody);
  const [type, media] = Object.entries(body.content || {})[0] || [];
  return type ? {type, schema: media.schema, required: body.required} : null;
}

function parametersOf(spec, operation) {
  const places = [["path", "Path"], ["query", "Query"], ["header", "Headers"]];
  return places.map(([place, title]) => {
    const found = operation.parameters.filter((parameter) => parameter.in === place);
    const rows = found.map((parameter) => row(spec, parameter.name, {...flatten(spec, parameter.schema),
      description: parameter.description}, parameter.required));
    return found.length ? `<h4>${title}</h4>${rows.join("")}` : "";
  }).join("");
}

const statusOf = (status) => `<span class="status s${escape(status[0])}">${escape(status)}</span>`;

function answersOf(spec, operation) {
  const rows = Object.entries(operation.responses).map(([status, node]) => {
    const response = resolve(spec, node);
    const codes = (response["x-codes"] || []).map((name) => `<a href="#${escape(name)}">${code(name)}</a>`).join(" ");
    return line(statusOf(status), `${inline(response.description)} ${codes}`, "answer");
  });
  return `<h4>Answers</h4>${rows.join("")}`;
}

function resultOf(spec, operation) {
  const good = ["201", "202", "200"].find((status) => operation.responses[status]);
  const media = resolve(spec, operation.responses[good]).content?.["application/json"];
  if (!media) {
    return {rows: "", example: ""};
  }
  const members = rowsOf(spec, media.schema);
  return {
    rows: members ? `<details><summary>Members of the ${escape(good)}</summary>${members}</details>` : "",
    example: panel(good, json(exampleOf(spec, media.schema))),
  };
}

function section(spec, operation) {
  const body = bodyOf(spec, operation);
  const result = resultOf(spec, operation);
  const members = body ? `<h4>Body${body.required ? "" : ", optional"}</h4>${rowsOf(spec, body.schema)}` : "";
  const path = escape(operation.path).replace(/({\w+})/g, "<wbr><b>$1</b>");
  const open = operation.security.length ? "" : '<span class="open">no token</span>';
  return `<section class="operation" id="${escape(operation.operationId)}">
<div class="words">
<h3><a href="#${escape(operation.operationId)}">${escape(operation.summary)}</a></h3>
<p class="route">${methodOf(operation)} <code>${path}</code>${open}</p>
${prose(operation.description)}${parametersOf(spec, operation)}${members}${answersOf(spec, operation)}${result.rows}
</div>
<div class="examples">${panel("Request", escape(curl(spec, operation)))}${result.example}</div>
</section>`;
}

function eventsOf(spec) {
  const every = {$ref: "#/components/schemas/Event"};
  const shared = flatten(spec, every).properties;
  const rows = Object.entries(spec.components["x-events"] || {}).map(([name, event]) => {
    const own = Object.keys(flatten(spec, event.data).properties).filter((member) => !(member in shared));
    return line(code(name), `${inline(event.description)} ${own.map(code).join(" ")}`);
  });
  const example = `id: 1041\nevent: progress\ndata: ${JSON.stringify(exampleOf(spec, every))}`;
  return `<section class="operation" id="events"><div class="words"><h3><a href="#events">Kinds of events</a></h3>
<p>Each has a JSON object as its <code>data</code>, with these members:</p>${rowsOf(spec, every)}
<h4>What a kind adds</h4>${rows.join("")}</div>
<div class="examples">${panel("Event", escape(example))}</div></section>`;
}

// Every error code, at the place that the type of problem details points to.
function refusalsOf(spec) {
  const codes = new Map();
  const add = (name, status, description) => {
    const known = codes.get(name) || {statuses: new Set(), descriptions: new Set()};
    known.statuses.add(String(status));
    known.descriptions.add(description);
    codes.set(name, known);
  };
  for (const operation of operationsOf(spec)) {
    for (const [status, node] of Object.entries(operation.responses)) {
      const response = resolve(spec, node);
      (response["x-codes"] || []).forEach((name) => add(name, status, response.description));
    }
  }
  for (const [name, refusal] of Object.entries(spec.components["x-refusals-anywhere"] || {})) {
    add(name, refusal.status, refusal.description);
  }
  const names = [...codes.keys()].sort();
  const rows = names.map((name) => {
    const {statuses, descriptions} = codes.get(name);
    const title = `${code(name)} ${[...statuses].map(statusOf).join(" ")}`;
    return line(title, [...descriptions].map(prose).join(""), "", name);
  });
  const example = (name) => json(exampleOf(spec, {$ref: `#/components/schemas/${name}`}));
  return `<div class="group" id="errors"><h2>Errors</h2><p>What <code>error.code</code> can be.</p>
<section class="operation"><div class="words">${rows.join("")}</div>
<div class="examples">${panel("400", example("Refusal"))}
${panel("400 as problem details", example("Problem"))}</div></section></div>`;
}

// Every operation, with what its path says for all of them.
export function operationsOf(spec) {
  const methodsOf = (item) => METHODS.filter((method) => item[method]);
  return Object.entries(spec.paths).flatMap(([path, item]) => methodsOf(item).map((method) => ({
    ...item[method], path, method,
    security: item[method].security ?? spec.security,
    parameters: [...(item.parameters || []), ...(item[method].parameters || [])].map((node) => resolve(spec, node)),
  })));
}

function contentsOf(spec, groups) {
  const link = (operation) => `<li><a href="#${escape(operation.operationId)}">${methodOf(operation)}
${escape(operation.summary)}</a></li>`;
  const lists = groups.map((group) => `<h2>${escape(group.name)}</h2><ul>${group.operations.map(link).join("")}</ul>`);
  return `<a class="title" href="#content">${escape(spec.info.title)} <small>${escape(spec.info.version)}</small></a>
<input type="search" id="filter" placeholder="Filter" aria-label="Filter the operations">${lists.join("")}
<h2>More</h2><ul><li><a href="#errors">Errors</a></li><li><a href="/openapi.json">openapi.json</a></li></ul>`;
}

// Returns the HTML of the contents and of the page itself.
export function render(spec) {
  const operations = operationsOf(spec);
  const groups = spec.tags.map((tag) => (
    {...tag, operations: operations.filter((operation) => operation.tags[0] === tag.name)}));
  const sections = groups.map((group) => `<div class="group"><h2>${escape(group.name)}</h2>${prose(group.description)}
${group.operations.map((operation) => section(spec, operation)).join("")}
${group.name === "Events" ? eventsOf(spec) : ""}</div>`);
  const tokens = Object.values(spec.components.securitySchemes).map((scheme) => prose(scheme.description));
  return {
    contents: contentsOf(spec, groups),
    content: `<header><h1>${escape(spec.info.title)} API</h1><p class="lead">${inline(spec.info.summary)}</p>
${prose(spec.info.description)}<h4>Token</h4>${tokens.join("")}
<h4>Samples</h4><p>They take two variables of the shell: <code>TROUPE</code>, the address of the gateway, such as
<code>TROUPE=http://localhost:5000</code>, and <code>TOKEN</code>, such as <code>TOKEN=$(troupe token --user me)</code>. Others, such as
<code>$id</code>, stand for parts of the path.</p></header>${sections.join("")}${refusalsOf(spec)}`,
  };
}

// ---- in a browser ----

function filter(words) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  for (const item of document.querySelectorAll("#contents li")) {
    const link = item.querySelector("a").getAttribute("href");
    const target = link.startsWith("#") ? document.getElementById(link.slice(1)) : item;
    const text = target.textContent.toLowerCase();
    const found = wanted.every((word) => text.includes(word));
    item.hidden = target.hidden = !found;
  }
  for (const group of document.querySelectorAll(".group")) {
    group.hidden = !group.querySelector(".operation:not([hidden])");
  }
}

async function show() {
  const content = document.getElementById("content");
  try {
    const answer = await fetch("/openapi.json");
    const page = render(await answer.json());
    document.getElementById("contents").innerHTML = page.contents;
    content.innerHTML = page.content;
  } catch (error) {
    content.textContent = `The description could not be read: ${error.message}`;
    return;
  }
  document.getElementById("filter").addEventListener("input", (event) => filter(event.target.value));
  if (location.hash) {
    document.getElementById(location.hash.slice(1))?.scrollIntoView({behavior: "instant"});
  }
}

if (typeof document !== "undefined") {
  show();
}
