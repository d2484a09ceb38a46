/* An object store that others wrote, in a directory: s3rver.mjs DIRECTORY BUCKET. Prints its port, and serves until it
 * is ended. It takes any signature that is well formed. */
import S3rver from "s3rver";

const [directory, bucket] = process.argv.slice(2);
const server = new S3rver({
  address: "127.0.0.1",
  port: 0,
  silent: true,
  directory,
  allowMismatchedSignatures: true,
  configureBuckets: [{name: bucket}],
});
const {port} = await server.run();
console.log(port);
