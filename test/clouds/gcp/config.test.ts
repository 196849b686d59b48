import { expect, test } from "vitest";
import { gcpModule } from "../../../src/clouds/gcp/index.ts";
import { readConfig } from "../../../src/config.ts";

const read = (env: Record<string, string>) => {
  const { clouds, localCloud } = readConfig(env, [gcpModule]);
  return { config: clouds[0]?.config, localCloud };
};
const client = { id: "1.apps.googleusercontent.com", secret: "GOCSPX-1" };

test.each(["GCP", "GOOGLE"])("the OAuth client has an id and a secret: %s_CLIENT_ID and _SECRET", (name) => {
  const env = { [`${name}_CLIENT_ID`]: client.id, [`${name}_CLIENT_SECRET`]: client.secret };
  expect(read(env)).toEqual({
    config: { endpoint: undefined, issuer: "https://accounts.google.com", client },
    localCloud: false,
  });
  expect(read({}).config).toMatchObject({ client: null });
});

test("half an OAuth client and invalid addresses are reported", () => {
  expect(() => read({ GCP_CLIENT_ID: "1" })).toThrow("GCP_CLIENT_ID and GCP_CLIENT_SECRET go together");
  expect(() => read({ GOOGLE_CLIENT_SECRET: "1" })).toThrow("GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET go");
  expect(() => read({ GOOGLE_API_URL: "here", GOOGLE_OAUTH_URL: "there" })).toThrow(
    /- GOOGLE_API_URL .*\n- GOOGLE_OAUTH_URL /,
  );
  expect(read({ GOOGLE_API_URL: "http://localhost:1/", GOOGLE_OAUTH_URL: "http://localhost:2" }).config).toMatchObject({
    endpoint: "http://localhost:1",
    issuer: "http://localhost:2",
  });
});
