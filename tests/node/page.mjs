// Draws the page of the API's description without a browser, and prints its parts as JSON:
//   node page.mjs FOLDER [-]    - reads the description from the standard input
import {readFileSync} from "node:fs";

const [folder, given] = process.argv.slice(2);
const script = readFileSync(`${folder}/docs.js`, "utf8");
const {render} = await import(`data:text/javascript,${encodeURIComponent(script)}`);
const text = readFileSync(given === "-" ? 0 : `${folder}/openapi.json`, "utf8");
console.log(JSON.stringify(render(JSON.parse(text))));
