import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    maxWorkers: "100%",
    // A second, which it is otherwise, is short on a machine with other things to do.
    expect: { poll: { timeout: 15_000 } },
  },
});
