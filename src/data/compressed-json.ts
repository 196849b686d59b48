import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { customType } from "./drizzle.ts";

/** Stores JSON compressed: a plan is tens of kilobytes of repetitive text, and thousands are stored. */
export const compressedJson = <T>(name: string) =>
  customType<{ data: T; driverData: Uint8Array | string }>({
    dataType: () => "text",
    toDriver: (value) => zstdCompressSync(JSON.stringify(value)),
    // Rows written before compression was added are text.
    fromDriver: (stored) =>
      JSON.parse(typeof stored === "string" ? stored : zstdDecompressSync(stored).toString()) as T,
  })(name);
