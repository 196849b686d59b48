import { describe, expect, test } from "vitest";
import { applyEdits, createDiagnostics } from "../../src/manifest/syntax/diagnostics.ts";
import { parseJson } from "../../src/manifest/syntax/json.ts";

/** Notes as `line:column message`, and the text with their edits made. */
function check(text: string) {
  const report = createDiagnostics("app.json", text);
  const tree = parseJson(report);
  const say = ({ line, column, message }: { line: number | null; column: number | null; message: string }) =>
    `${line}:${column} ${message}`;
  return {
    kind: tree?.kind ?? null,
    problems: report.problems.map(say),
    remarks: report.remarks.map(say),
    mended: applyEdits(text, report.edits),
  };
}

describe("faults with a plain meaning are mended", () => {
  test.each([
    ["a missing comma between members", '{\n  "a": 1\n  "b": 2\n}', "2:9 A comma is missing here."],
    ["a missing comma between values", '["a" "b"]', "1:5 A comma is missing here."],
    ["a trailing comma", '{\n  "a": [1, 2],\n}', "2:14 There is a comma after the last value."],
    ["two commas", "[1,, 2]", "1:4 There is a comma too many here."],
    ["a line comment", '{ // why\n"a": 1 }', "1:3 A comment is not JSON, and is passed over."],
    ["a hash comment", '{\n# why\n"a": 1 }', "2:1 A comment is not JSON, and is passed over."],
    ["a block comment", '{ /* why\nnot */ "a": 1 }', "1:3 A comment is not JSON, and is passed over."],
    ["text after the end", '{ "a": 1 }\nasdf', "2:1 The text after the end is passed over: `asdf`."],
    ["one brace too many", '{ "a": 1 }\n}', "2:1 The text after the end is passed over: `}`."],
    ["a line break in a text", '{ "a": "b\nc" }', "1:10 A line break or control character stands in a text as it is."],
    ["a tab in a text", '{ "a": "b\tc" }', "1:10 A line break or control character stands in a text as it is."],
    ["an unknown escape", '{ "a": "\\d" }', "1:9 This backslash begins no escape that JSON knows."],
    ["an object for a list", '{ "addons": {"mongohq"} }', "1:13 This is a list written in braces."],
    ["a name without quotes", "{ a: 1 }", "1:3 `a` has no quotes."],
    ["a value without quotes", '{ "a": REDIS_URL }', "1:8 `REDIS_URL` has no quotes."],
    ["Python's words", '{ "a": True }', "1:8 JSON writes `True` as `true`."],
    ["single quotes", "{ 'a': 1 }", "1:3 JSON has double quotes only."],
    ["a byte order mark", '\ufeff{ "a": 1 }', undefined],
  ])("%s", (_, text, remark) => {
    const found = check(text);
    expect(found.kind).not.toBeNull();
    expect(found.problems).toEqual([]);
    expect(found.remarks).toEqual(remark === undefined ? [] : [remark]);
    expect(() => JSON.parse(found.mended)).not.toThrow();
  });
});

describe("faults without a plain meaning are problems, at their place", () => {
  test.each([
    ["an empty file", "", "1:1 The file is empty."],
    ["a word", "sed\n", "1:1 A manifest is an object."],
    ["an unescaped quote", '{ "a": "say "hi" now" }', "1:13 The text ends at this quote, but goes on behind it."],
    ["a text that is never closed", '{\n  "a": "b,\n  "c": 1\n}', "2:8 This text is never closed."],
    ["two documents", '{ "a": 1 }\n{ "b": 2 }', "2:1 The document ends before this, but more follows."],
    ["a missing value", '{ "a": , "b": 1 }', "1:8 A value is missing before this comma."],
    ["a missing last value", '{ "b": 1, "a": }', "1:16 A value is missing before this."],
    ["a missing colon", '{ "b": 1, "a" 1 }', "1:14 A colon is missing here."],
    ["the wrong bracket", '{ "a": [1, 2} }', "1:13 `}` does not close the `[` that is open here."],
    ["a colon in a list", '["a": 1]', "1:5 This colon has no name before it."],
    ["a missing end", '{ "a": { "b": 1 }', "1:18 The `{` of line 1 is never closed."],
    [
      "a missing brace in the middle",
      '{\n  "a": {\n    "b": 1,\n  "c": 2\n}\n',
      "3:11 The `{` of line 2 is never closed.",
    ],
  ])("%s", (_, text, problem) => {
    expect(check(text)).toMatchObject({ kind: null, problems: [problem] });
  });

  test("where a brace is missing, the indentation tells where it belongs", () => {
    const { mended } = check('{\n  "a": {\n    "b": 1,\n  "c": 2\n}\n');
    expect(JSON.parse(mended)).toEqual({ a: { b: 1 }, c: 2 });
  });
});

describe("values know their place in the file, whatever was mended before them", () => {
  test("line, column and path of a value behind many repairs", () => {
    const text = '// one\n{ a: "x\ty",\n  "b" : [ 1 2,\n {"c": "here"} ] }';
    const report = createDiagnostics("app.json", text);
    const root = parseJson(report);
    const b = root?.kind === "object" ? root.entries.get("b") : undefined;
    const last = b?.value.kind === "list" ? b.value.items.at(-1) : undefined;
    const c = last?.kind === "object" ? last.entries.get("c")?.value : undefined;
    expect(text.slice(b?.key.at, b?.key.end)).toBe('"b"');
    expect(text.slice(c?.at, c?.end)).toBe('"here"');
    expect(c?.path).toBe("b[2].c");
    report.remark(c ?? null, "Here.");
    expect(report.remarks.at(-1)).toMatchObject({ line: 4, column: 8, path: "b[2].c" });
  });

  test("of two members with one name the last one counts, and the first one is named", () => {
    const report = createDiagnostics("app.json", '{ "a": 1,\n "a": 2 }');
    const root = parseJson(report);
    expect(root?.kind === "object" ? root.entries.get("a")?.value : null).toMatchObject({ value: 2 });
    expect(report.remarks).toMatchObject([{ line: 1, column: 3, path: "a" }]);
  });
});
