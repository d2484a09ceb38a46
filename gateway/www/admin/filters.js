// How jobs are looked for: the words of the search box, the members of the address, and the API's query.

export const FILTERS = {
  owner: "User",
  characterId: "Character",
  tag: "Tag",
  errorCode: "Error",
  errorGroup: "Group of failures",
  groupId: "Batch or pipeline",
};
const WORDS = {
  user: "owner",
  owner: "owner",
  character: "characterId",
  tag: "tag",
  error: "errorCode",
  group: "errorGroup",
  batch: "groupId",
  pipeline: "groupId",
};

export const SPANS = {
  "": "Any time",
  "15m": "Last 15 minutes",
  "1h": "Last hour",
  "24h": "Last 24 hours",
  "7d": "Last 7 days",
  range: "From … to …",
};
const SPAN_MS = {"15m": 900e3, "1h": 3600e3, "24h": 86400e3, "7d": 604800e3};

const exactly = (text) => (text ? text.replace("T", " ") : "");

// Which time a page's list is of, in words; nothing for any.
export const spanWords = ({since, from, to}) =>
  since === "range"
    ? [exactly(from) && `from ${exactly(from)}`, exactly(to) && `to ${exactly(to)}`].filter(Boolean).join(" ")
    : since && SPANS[since]?.toLowerCase();

// "user:ada tag:launch red hair" → {owner: "ada", tag: "launch", q: "red hair"}
export function parse(text) {
  const found = {};
  const rest = text.replace(/(^|\s)(\w+):("[^"]*"|\S+)/g, (all, before, name, value) => {
    if (!Object.hasOwn(WORDS, name)) {
      return all;
    }
    found[WORDS[name]] = value.replaceAll('"', "");
    return before;
  });
  return {...found, q: rest.trim().replace(/\s+/g, " ")};
}

// The query of an address, with the words of its search box told apart as if they were typed.
export function meant(query) {
  const {q, ...found} = parse(query.q || "");
  return Object.keys(found).length > 0 ? {...query, ...found, q} : query;
}

const exact = (local) => {
  const time = new Date(local);
  return local && !Number.isNaN(time.getTime()) ? time.toISOString() : undefined;
};

// What the API is asked for, of a page's queue and its address. now: ms.
export function queryOf(queue, query, now) {
  const {status, q, owner, characterId, tag, errorCode, errorGroup, groupId, since} = query;
  const from = SPAN_MS[since]
    ? new Date(now - SPAN_MS[since]).toISOString()
    : since === "range"
      ? exact(query.from)
      : undefined;
  return {
    queue: queue === "all" ? undefined : queue,
    status,
    q,
    owner,
    characterId,
    tag,
    errorCode,
    errorGroup,
    groupId,
    from,
    to: since === "range" ? exact(query.to) : undefined,
  };
}

// The same as an operation's where: without what is not set.
export const whereOf = (query) =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined && value !== ""));
