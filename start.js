// Taking the types out of a hundred files is most of a start. Node keeps the result from one start to the next, but
// has to be told before the first of them is loaded.
import * as module from "node:module";

const [major] = process.versions.node.split(".").map(Number);
if (major < 24) {
  console.error(
    `Slipway runs on Node 24, and this is ${process.version}. \`npm ci\` brings it along for \`npm start\`.`,
  );
  process.exit(1);
}
module.enableCompileCache();
await import("./routes/server.ts");
module.flushCompileCache();
