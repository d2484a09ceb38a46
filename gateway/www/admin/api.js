// Calls of the admin API. Whoever is not signed in is told by the event "signed-out" of the window.

import {clockSeen} from "./format.js";

const ROOT = "/api/v1/admin";
// Nobody here can do what the answer says, which is for programs.
const OUTCOME_UNKNOWN = "It is not known whether it was done: look again when the queue answers.";
const LOGOUT_MS_MAX = 5000; // somebody waits to leave

// What the server refused, or why it could not be asked. code is for programs, message for people; isFinal: whoever asks
// again for the same is refused again.
export class ApiError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
    this.isFinal = status >= 400 && status < 500 && status !== 429;
  }
}

export function addressOf(path, query) {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query || {})) {
    if (value !== undefined && value !== null && value !== "") {
      words.set(name, value);
    }
  }
  const text = words.toString();
  return `${path.startsWith("/") ? path : `${ROOT}/${path}`}${text ? `?${text}` : ""}`;
}

// A whole number that a script cannot hold, as inputs and metadata may have them, stays as it was written: JSON.stringify
// writes it so. Browsers that do not tell how it was written (before 2025 some) show the nearest one.
const isLost = (value) =>
  typeof value === "number" && !Number.isSafeInteger(value) && (Number.isInteger(value) || !Number.isFinite(value));
const exact = (_name, value, context) =>
  isLost(value) && context?.source && JSON.rawJSON ? JSON.rawJSON(context.source) : value;

// Why there is no answer; what its own page has ended stays as it is.
function unanswered(error) {
  if (error.name === "AbortError") {
    return error;
  }
  return error.name === "TimeoutError"
    ? new ApiError(0, "unanswered", "The gateway does not answer.")
    : new ApiError(0, "unreachable", "The gateway cannot be reached.");
}

// The answer and its text.
async function ask(method, address, {body, signal, key}) {
  const headers = {Accept: "application/json"};
  if (method !== "GET") {
    headers["X-Troupe-Request"] = "1";
  }
  if (key) {
    headers["Idempotency-Key"] = key;
  }
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
  }
  try {
    const answer = await fetch(address, {
      method,
      headers,
      signal,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
    });
    return [answer, await answer.text()];
  } catch (error) {
    throw unanswered(error);
  }
}

// The paths that this gateway has, by its own description, and their methods: what needs another one is not shown.
// While that cannot be had, all is taken to be there.
let offered = null;
let parameters = {};
export async function learn() {
  try {
    const document = await (await fetch("/openapi.json")).json();
    [offered, parameters] = [document.paths, document.components.parameters];
  } catch {
    offered = null; // again when the stack is heard of
  }
}
// The words that a parameter of the query may be.
export const wordsOf = (parameter) => parameters[parameter]?.schema.enum || [];
export const hasLearned = () => offered !== null;
export const offers = (path, method) => {
  const found = offered?.[`${ROOT}/${path}`];
  return offered === null || Boolean(method ? found?.[method] : found);
};

// A key tells a request that is made again from another one like it. Returns {data, pagination, message}. A path that begins with a slash is whole, others are of the admin API.
export async function call(method, path, {query, body, signal, key} = {}) {
  const [answer, text] = await ask(method, addressOf(path, query), {body, signal, key});
  clockSeen(answer.headers.get("date"));
  let value = {};
  try {
    value = text ? JSON.parse(text, exact) : {};
  } catch {
    throw new ApiError(answer.status, "unreadable", `The answer (${answer.status}) is no JSON.`);
  }
  if (answer.ok) {
    return value;
  }
  if (answer.status === 401 && !path.startsWith("/")) {
    window.dispatchEvent(new Event("signed-out"));
  }
  if (value.error?.code === "outcome_unknown") {
    throw new ApiError(answer.status, value.error.code, OUTCOME_UNKNOWN);
  }
  const details = (value.error?.details || []).map(({field, problem}) => `${field} ${problem}`).join("; ");
  const message = [value.message || `The server answered ${answer.status}.`, details].filter(Boolean).join(": ");
  throw new ApiError(answer.status, value.error?.code || "unknown", message);
}

export const get = async (path, query, signal) => (await call("GET", path, {query, signal})).data;
export const post = async (path, body) => (await call("POST", path, {body})).data;
export const remove = async (path) => (await call("DELETE", path)).data;

const part = encodeURIComponent;

export const login = (token) => call("POST", "/admin/login", {body: {token}});
export const logout = () => call("POST", "/admin/logout", {signal: AbortSignal.timeout(LOGOUT_MS_MAX)});
export const session = () => get("session");
// {queues, diskLow, disk}.
export const overview = (signal) => get("queues", null, signal);
export const queues = async (signal) => (await overview(signal)).queues;
export const pause = (queue, paused) => post(`queues/${part(queue)}/${paused ? "pause" : "resume"}`);
// Each of them, or the first refusal.
export const pauseAll = (names, paused) => Promise.all(names.map((queue) => pause(queue, paused)));
export const workers = async (signal) => (await get("workers", null, signal)).workers;
export const worker = (id, action) => post(`workers/${part(id)}/${action}`);
export const jobs = (query, signal) => call("GET", "jobs", {query, signal});
export const job = (id, signal) => get(`jobs/${part(id)}`, null, signal);
export const group = (id, signal) => get(`groups/${part(id)}`, null, signal);
export const jobAction = (id, action, body) =>
  action === "remove" ? remove(`jobs/${part(id)}`) : post(`jobs/${part(id)}/${action}`, body);
export const duplicate = async (id, key) => (await call("POST", `jobs/${part(id)}/duplicate`, {key})).data;
export const failures = (query, signal) => call("GET", "failures", {query, signal});
export const operate = (body) => post("operations", body);
export const operation = (id) => get(`operations/${part(id)}`);
export const stopOperation = (id) => remove(`operations/${part(id)}`);
export const history = (range, queue, signal) => get("history", {range, queue}, signal);
