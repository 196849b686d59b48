import type { Dependencies } from "../../../src/clouds/aws/dependencies.ts";

/** AWS for a Slipway without a public origin or keys: no one can grant it access. */
export const unreachableDependencies: Dependencies = {
  origin: "http://localhost:8080",
  endpoint: "http://127.0.0.1:1",
  keys: null,
  signIdToken: async () => "no token",
  deriveSecret: (text) => `${text.replace(/[^a-z]/g, "")}${"a".repeat(40)}`.slice(0, 40),
  probe: async () => ({ ok: true, status: 404 }),
  now: () => new Date(),
  sleep: async () => {},
};
