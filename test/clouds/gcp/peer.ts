import { gcp } from "../../../src/clouds/gcp/index.ts";
import { permissionDenied } from "../../fakes/gcp/errors.ts";
import { createTestGcp } from "../../fakes/gcp/test-gcp.ts";
import type { PeerModule } from "../peer.ts";

const isReading = /\.(?:get\w*|list\w*|batchGet|query\w*|testIamPermissions|lookup\w*)$/;

/** Google Cloud, with a project of the visitor's. */
export const gcpPeer: PeerModule = {
  name: "Google Cloud",
  databasePrograms: [],
  async start() {
    const env = await createTestGcp();
    const client = { id: "slipway.apps.googleusercontent.com", secret: "GOCSPX-of-the-operator" };
    const cloud = gcp({ ...env.dependencies, client });
    const tokens: string[] = [];
    return {
      cloud,
      async grant() {
        const token = env.gcp.token();
        tokens.push(token);
        const access = cloud.connect.parse({ token, project: env.project.id });
        if (!access.ok) throw new Error(access.problems.map(({ message }) => message).join());
        return access.value;
      },
      requests: () => env.gcp.requests.flatMap(({ call }) => (isReading.test(call) ? [] : call)),
      refuse(request) {
        const refusal = permissionDenied(request, `googleapis.com/projects/${env.project.id}`);
        env.gcp.failNext(request, refusal, 1);
        return refusal.message;
      },
      inventory: async () =>
        env
          .inventory()
          .map((name) => name.replace(/GOOG1E\w+/, "KEY").replace(/-[0-9a-f]{5}$/, "-EXECUTION"))
          .sort(),
      credentials: () => [...tokens, client.secret],
      async end() {
        const { bugs } = env.gcp;
        await env.close();
        if (bugs.length > 0) throw new AggregateError(bugs, "The fake of Google Cloud failed.");
      },
    };
  },
};
