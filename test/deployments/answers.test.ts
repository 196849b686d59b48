import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Generator, Variable } from "../../src/app.ts";
import { validateAnswers } from "../../src/deployments/answers.ts";
import { aVariable } from "../harness/apps.ts";

const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
const variable = (name: string, more: Partial<Variable> = {}) => aVariable({ name, ...more });
const values = (variables: Variable[], given: Record<string, unknown> = {}) => {
  const result = validateAnswers(variables, given, random);
  return result.ok ? result.value : result.problems.map(({ path, message }) => `${path}: ${message}`);
};

describe("what was not given", () => {
  test("takes its default", () => {
    expect(values([variable("A", { default: "one" }), variable("B", { default: "two", required: false })])).toEqual({
      A: "one",
      B: "two",
    });
  });
  test("is a problem when it is required and has no default", () => {
    expect(values([variable("A")])).toEqual(["env.A: A is needed."]);
    expect(values([variable("A", { default: "one" })], { A: "" })).toEqual(["env.A: A is needed."]);
    expect(values([variable("A")], { A: "  " })).toEqual(["env.A: A is needed."]);
  });
  test("is left out when it is optional", () => {
    expect(values([variable("A", { required: false, default: "x" })], { A: "" })).toEqual({});
    expect(values([variable("A", { required: false })], { A: null })).toEqual({});
  });
  test("is generated if the variable has a generator and no answer", () => {
    const secret = variable("S", { generator: { kind: "hex", length: 64 } });
    expect(values([secret])).toEqual({ S: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(values([secret], { S: "" })).toEqual({ S: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(values([secret], { S: "mine" })).toEqual({ S: "mine" });
  });
  test("names the placeholder as what it looks like", () => {
    const result = validateAnswers([variable("A", { placeholder: "https://CHANGE.example" })], {}, random);
    expect(result.ok ? [] : result.problems.map(({ fix }) => fix)).toEqual(["It looks like https://CHANGE.example"]);
  });
});

describe("what was given", () => {
  const type = (kind: Variable["type"], value: unknown) => values([variable("A", { type: kind })], { A: value });
  test("must fit its type", () => {
    expect(type("boolean", "maybe")).toEqual(["env.A: A must be true or false."]);
    expect(type("boolean", true)).toEqual({ A: "true" });
    expect(type("boolean", "on")).toEqual({ A: "true" });
    expect(type("boolean", "False")).toEqual({ A: "false" });
    expect(type("number", "12 apples")).toEqual(["env.A: A must be a number."]);
    expect(type("number", 12)).toEqual({ A: "12" });
    expect(type("url", "example.com")).toEqual(["env.A: A must be an address."]);
    expect(type("url", "postgres://u:p@h/db")).toEqual({ A: "postgres://u:p@h/db" });
    expect(type("email", "nobody")).toEqual(["env.A: A must be an e-mail address."]);
    expect(type("email", "Me <me@example.com>")).toEqual({ A: "Me <me@example.com>" });
    expect(type("multiline", "a\r\nb")).toEqual({ A: "a\nb" });
    expect(type("text", ["a"])).toEqual(["env.A: A must be text."]);
    expect(type("text", Number.NaN)).toEqual(["env.A: A must be text."]);
  });
  test("must be one of the options", () => {
    const one = [variable("A", { options: ["red", "green"] })];
    expect(values(one, { A: "blue" })).toEqual(["env.A: A must be one of its options."]);
    expect(values(one, { A: "green" })).toEqual({ A: "green" });
  });
  test("must not be longer than 32 kB, nor hold what no variable can", () => {
    expect(values([variable("A")], { A: "x".repeat(32 * 1024) })).toHaveProperty("A");
    expect(values([variable("A")], { A: "x".repeat(32 * 1024 + 1) })).toEqual(["env.A: A is too long."]);
    expect(values([variable("A")], { A: "ü".repeat(17 * 1024) })).toEqual(["env.A: A is too long."]);
    expect(values([variable("A")], { A: "a\0b" })).toEqual(["env.A: A holds a character that no variable can hold."]);
    expect(values([variable("A")], { A: "\ud800" })).toEqual(["env.A: A holds a character that no variable can hold."]);
  });
  test("must be a variable of the app", () => {
    const result = validateAnswers([variable("SECRET_KEY", { default: "x" })], { SECRET_KYE: "1", other: "2" }, random);
    expect(result.ok ? [] : result.problems).toMatchObject([
      { path: "env.SECRET_KYE", fix: "Did you mean SECRET_KEY?" },
      { path: "env.other", message: "The app asks for no variable called other.", fix: "Leave it out." },
    ]);
  });
  test("is not taken from the prototype", () => {
    expect(values([variable("constructor")])).toEqual(["env.constructor: constructor is needed."]);
  });
});

describe("generators", () => {
  const made = (generator: Generator) => {
    const result = values([variable("S", { generator })]);
    return Array.isArray(result) ? "" : (result.S ?? "");
  };
  test.each<[Generator, RegExp]>([
    [{ kind: "hex", length: 33 }, /^[0-9a-f]{33}$/],
    [{ kind: "base64", length: 44 }, /^[A-Za-z0-9+/]{43}=$/],
    [{ kind: "base64", length: 88 }, /^[A-Za-z0-9+/]{86}==$/],
    [{ kind: "base64", length: 10 }, /^[A-Za-z0-9+/]{10}$/],
    [{ kind: "uuid", length: 36 }, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
    [{ kind: "password", length: 20 }, /^[A-Za-z0-9]{20}$/],
  ])("%o has its form", (generator, form) => {
    expect(made(generator)).toMatch(form);
    expect(made(generator)).not.toBe(made(generator));
  });
  test("a constant random source throws", () => {
    const stuck = (bytes: number) => new Uint8Array(bytes).fill(255);
    const secret = variable("S", { generator: { kind: "password", length: 8 } });
    expect(() => validateAnswers([secret], {}, stuck)).toThrow("biased bytes");
  });
});

const anyVariable = fc.record({
  name: fc.stringMatching(/^[A-Z_]{1,6}$/),
  description: fc.string(),
  type: fc.constantFrom<Variable["type"]>("text", "multiline", "boolean", "number", "url", "email"),
  required: fc.boolean(),
  default: fc.option(fc.string()),
  placeholder: fc.option(fc.string()),
  secret: fc.boolean(),
  generator: fc.option(
    fc.record({
      kind: fc.constantFrom<Generator["kind"]>("hex", "base64", "uuid", "password"),
      length: fc.integer({ min: 1, max: 200 }),
    }),
  ),
  options: fc.option(fc.array(fc.string(), { minLength: 1 })),
});

test("any input yields values for exactly the app's variables, or problems with their paths", () => {
  const variables = fc.uniqueArray(anyVariable, { selector: ({ name }) => name });
  fc.assert(
    fc.property(variables, fc.dictionary(fc.string(), fc.anything()), fc.object(), (asked, some, more) => {
      const given = {
        ...some,
        ...Object.fromEntries(asked.map(({ name }, index) => [name, Object.values(more)[index]])),
      };
      const result = validateAnswers(asked, given, random);
      if (!result.ok) {
        expect(result.problems.length).toBeGreaterThan(0);
        for (const problem of result.problems) expect(problem.path).toMatch(/^env\./);
        return;
      }
      const names = new Set(asked.map(({ name }) => name));
      for (const [name, value] of Object.entries(result.value)) {
        expect(names).toContain(name);
        expect(value.trim()).not.toBe("");
      }
      for (const { name, required } of asked) if (required) expect(result.value).toHaveProperty([name]);
    }),
    { numRuns: 1000 },
  );
});
