import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { customType } from "./drizzle.ts";

/** JSON kept compressed: a plan is tens of kilobytes of mostly the same words, and thousands are kept. */
export const compressedJson = <T>(name: string) =>
  customType<{ data: T; driverData: Uint8Array | string }>({
    dataType: () => "text",
    toDriver: (value) => zstdCompressSync(JSON.stringify(value)),
    // Rows from before they were compressed are text.
    fromDriver: (stored) =>
      JSON.parse(typeof stored === "string" ? stored : zstdDecompressSync(stored).toString()) as T,
  })(name);
