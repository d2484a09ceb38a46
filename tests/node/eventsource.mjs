// Follows a stream as a browser does, with the eventsource package, until the server says that it is over (204), and
// prints each event as a line of JSON:   node eventsource.mjs URL    (the token comes in TOKEN)
import {EventSource} from "eventsource";

const KINDS = ["queued", "waiting", "active", "progress", "retry_scheduled", "stalled", "cancel_requested", "provider",
  "completed", "failed", "cancelled", "reset"];

const source = new EventSource(process.argv[2], {
  fetch: (url, init) => fetch(url, {...init, headers: {...init.headers, Authorization: `Bearer ${process.env.TOKEN}`}}),
});
for (const kind of KINDS) {
  source.addEventListener(kind, (event) => {
    console.log(JSON.stringify({id: Number(event.lastEventId), kind, data: JSON.parse(event.data)}));
  });
}
source.addEventListener("open", () => console.error("open"));
source.addEventListener("error", (event) => {
  console.error(`error ${event.code ?? ""}`);
  if (source.readyState === source.CLOSED) {
    process.exit(event.code === 204 ? 0 : 1);
  }
});
