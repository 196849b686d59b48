// Taking the types out of a hundred files is most of a start. Node keeps the result from one start to the next, but
// has to be told before the first of them is loaded.
import { enableCompileCache, flushCompileCache } from "node:module";

enableCompileCache();
await import("./routes/server.ts");
flushCompileCache();
