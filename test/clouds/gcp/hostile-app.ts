import fc from "fast-check";
import type { App } from "../../../src/app.ts";
import { aJob, anApp, aResource, aService, aVariable } from "../../harness/apps.ts";

export const mark = "§";
const fragments = [
  "${",
  "${PROJECT}",
  "$PROJECT_ID",
  "${_X}",
  "$$",
  "$",
  '{"$":[{"secret":"database password"}]}',
  '{"is":"project"}',
  "\\(env)",
  "\\",
  '"',
  "'",
  "'\\''",
  "\n",
  "\r\n",
  "\t",
  "\u0000",
  "\u2028",
  "`touch CANARY`",
  "$(touch CANARY)",
  "; touch CANARY #",
  "' && touch CANARY && '",
  "\nEOF\ntouch CANARY\n",
  "--flag",
  ",",
  "^",
  "=",
  "<b>",
  "é",
  " ",
  "a",
];

/** Hostile text for any field; its first letter distinguishes it from our own text. */
const hostileText = (exceptions: string[] = []) =>
  fc
    .array(fc.constantFrom(...fragments.filter((piece) => !exceptions.includes(piece))), { minLength: 1, maxLength: 6 })
    .map((parts) => mark + parts.join(""));

/** An app with hostile text in every field. No shell and no command can carry a NUL. */
export const hostileApp = ({ nul = true } = {}): fc.Arbitrary<App> => {
  const word = hostileText(nul ? [] : ["\u0000"]);
  return fc
    .record({
      texts: fc.array(word, { minLength: 30, maxLength: 30 }),
      names: fc.uniqueArray(word, { minLength: 8, maxLength: 8 }),
      built: fc.constantFrom("image", "dockerfile", "buildpacks", "command"),
    })
    .map(({ texts, names, built }) => {
      const [someTexts, someNames] = [[...texts], [...names]];
      const text = () => someTexts.pop() ?? "";
      const name = () => someNames.pop() ?? "";
      const build: App["build"] =
        built === "image"
          ? { kind: built, image: text() }
          : built === "dockerfile"
            ? { kind: built, dockerfile: text(), context: text(), args: { [text()]: text() } }
            : built === "buildpacks"
              ? { kind: built, builder: text(), buildpacks: [text()], language: "node" }
              : { kind: built, command: text(), publish: text() };
      return anApp({
        name: text(),
        description: text(),
        source: { host: "github.com", owner: text(), repo: text(), ref: text(), commit: text(), path: text() },
        build,
        services: [
          aService({ name: name(), command: text(), health: { path: `/${text()}` }, env: { OWN: text() } }),
          aService({ name: name(), command: text(), public: false, port: null }),
        ],
        jobs: [
          aJob({ name: name(), command: text() }),
          aJob({ name: name(), command: text(), when: "schedule", schedule: "1 2 * * *" }),
        ],
        resources: [
          aResource({
            name: name(),
            env: { DATABASE_URL: "${url}", ALSO: `${text().replaceAll("${", "$ {")}\${password}` },
          }),
          aResource({ name: name(), type: "bucket", env: { KEY: "${secret_key}", ID: "${access_key_id}" } }),
        ],
        env: { SHARED: text() },
        variables: [
          aVariable({ name: "GREETING", description: text(), default: text() }),
          aVariable({ name: "TOKEN", description: text(), default: text(), secret: true }),
          aVariable({ name: "MAYBE", description: text(), required: false }),
        ],
      });
    });
};
