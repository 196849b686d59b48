import { createRequire } from "node:module";

// Node parses package.json again for every ES module of a package, and drizzle's is 180 kB: as CommonJS the same code
// loads in 60 ms and 18 MB instead of 330 ms and 200 MB (bench/start.ts).
const require = createRequire(import.meta.url);

export const { drizzle } = require("drizzle-orm/better-sqlite3") as typeof import("drizzle-orm/better-sqlite3");
export const { migrate } =
  require("drizzle-orm/better-sqlite3/migrator") as typeof import("drizzle-orm/better-sqlite3/migrator");
export const { and, asc, between, desc, eq, gt, inArray, isNotNull, isNull, lt, lte, or, sql } =
  require("drizzle-orm") as typeof import("drizzle-orm");
export const { customType, index, integer, primaryKey, sqliteTable, text, uniqueIndex } =
  require("drizzle-orm/sqlite-core") as typeof import("drizzle-orm/sqlite-core");
