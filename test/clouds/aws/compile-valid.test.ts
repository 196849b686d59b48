import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { RegoEngine, TemplateFile } from "@aws/cloudformation-validate";
import { afterAll, describe, expect, test } from "vitest";
import { maxTemplateBytes } from "../../../src/clouds/aws/cloudformation.ts";
import { corpus } from "../../harness/corpus.ts";
import { needs, programOf } from "../../harness/peers.ts";
import { differing } from "./distinct-templates.ts";
import { templates } from "./templates.ts";

const folder = mkdtempSync(join(tmpdir(), "slipway-aws-"));
afterAll(() => rmSync(folder, { recursive: true, maxRetries: 5 }));

const all = templates().map(({ name, template }) => ({ name, template, text: JSON.stringify(template, null, 1) }));
for (const { name, text } of all) {
  mkdirSync(join(folder, "all"), { recursive: true });
  writeFileSync(join(folder, "all", `${name}.json`), text);
}

/** Warnings that are no fault of the template, each with the reason. */
const justified: Record<string, string> = {
  W3691: "RDS takes a major version of Postgres and picks its newest minor; cfn-lint only lists those that are old.",
};

describe("every template", () => {
  test("covers enough templates", () => {
    expect(all.length).toBeGreaterThanOrEqual(corpus === null ? 21 : 200);
  });

  test("stays under 1 MB, 200 resources, 60 parameters and 60 outputs", () => {
    for (const { name, template, text } of all) {
      expect(text.length, name).toBeLessThan(1_000_000);
      expect(Object.keys(template.Resources).length, name).toBeLessThanOrEqual(200);
      expect(Object.keys(template.Parameters).length, name).toBeLessThanOrEqual(60);
      expect(Object.keys(template.Outputs).length, name).toBeLessThanOrEqual(60);
    }
  });

  test("of guestbook in economy fits into one request", () => {
    const guestbook = all.find(({ name }) => name === "guestbook.economy");
    expect(JSON.stringify(guestbook?.template).length).toBeLessThan(maxTemplateBytes);
  });

  test("lists each of its resources in exactly one step", () => {
    for (const { name, template } of all) {
      const ids = template.Metadata.Slipway.Steps.flatMap(({ Resources }) => Resources);
      expect(ids.toSorted(), name).toEqual(Object.keys(template.Resources).toSorted());
    }
  });

  test("passes AWS's own validator", { timeout: 300_000 }, () => {
    const engine = new RegoEngine();
    try {
      const findings = all.flatMap(({ name }) => {
        const file = new TemplateFile(join(folder, "all", `${name}.json`));
        const { diagnostics } = engine.validateStandard(file, { severityLevel: "WARN" });
        return diagnostics.map(({ ruleId, message, entity }) => `${name}: ${ruleId} ${entity?.logicalId} ${message}`);
      });
      expect(findings).toEqual([]);
    } finally {
      engine.free();
    }
  });

  // A check takes a second per template; `LINT=all` includes those that differ only in names.
  needs("cfn-lint")(
    "satisfies cfn-lint",
    async () => {
      const files = (process.env.LINT === "all" ? all : differing(all)).map(({ name }) =>
        join(folder, "all", `${name}.json`),
      );
      const half = Math.ceil(files.length / 2);
      const outputs = await Promise.all([lint(files.slice(0, half)), lint(files.slice(half))]);
      const findings = outputs
        .flat()
        .filter(({ Rule }) => !Object.hasOwn(justified, Rule.Id))
        .map(({ Filename, Rule, Message }) => `${Filename.slice(folder.length + 5)}: ${Rule.Id} ${Message}`);
      expect(findings).toEqual([]);
    },
    600_000,
  );
});

interface Finding {
  Filename: string;
  Rule: { Id: string };
  Message: string;
}

/** Checks many files in one process: loading the rules takes longer than most templates. */
async function lint(files: string[]): Promise<Finding[]> {
  const program = programOf("cfn-lint") ?? "cfn-lint";
  const options = { maxBuffer: 100_000_000 };
  // The exit status says which kinds of findings exist.
  const { stdout } = await promisify(execFile)(program, ["--format", "json", ...files], options).catch(
    (error: { stdout?: string }) => {
      if (!error.stdout) throw error;
      return { stdout: error.stdout };
    },
  );
  return JSON.parse(stdout) as Finding[];
}
