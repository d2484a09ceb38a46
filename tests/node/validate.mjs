// Holds an OpenAPI document against the specification's own schema:   node validate.mjs FILE
import {readFileSync} from "node:fs";
import {Validator} from "@seriousme/openapi-schema-validator";

const validator = new Validator();
const result = await validator.validate(JSON.parse(readFileSync(process.argv[2], "utf8")));
if (!result.valid) {
  console.error(JSON.stringify(result.errors, null, 2));
  process.exit(1);
}
console.log(validator.version);
