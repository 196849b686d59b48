import { compile } from "./compile.ts";
import { regions } from "./prices.ts";
import { support } from "./support.ts";

/** What AWS is without anybody's account: where it is, what it can do, what it costs. */
export const aws = { id: "aws", name: "Amazon Web Services", regions, support, compile };
