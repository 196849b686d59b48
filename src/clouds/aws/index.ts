export { compile } from "./compile.ts";
export { regions } from "./prices.ts";
