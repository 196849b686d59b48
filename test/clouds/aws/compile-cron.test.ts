import { Cron } from "croner";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { schedules } from "../../../src/clouds/aws/compile/ecs/cron.ts";

test.each([
  ["* * * * *", ["cron(* * * * ? *)"]],
  ["*/10 * * * *", ["cron(0,10,20,30,40,50 * * * ? *)"]],
  ["0 3 * * *", ["cron(0 3 * * ? *)"]],
  ["0 3 * * 0", ["cron(0 3 ? * 1 *)"]],
  ["0 3 * * 7", ["cron(0 3 ? * 1 *)"]],
  ["30 9 * * mon-fri", ["cron(30 9 ? * 2-6 *)"]],
  ["0 0 1 jan,jul *", ["cron(0 0 1 1,7 ? *)"]],
  ["0 0 1,15 * 3", ["cron(0 0 1,15 * ? *)", "cron(0 0 ? * 4 *)"]],
  ["0 9-17/4 * * *", ["cron(0 9,13,17 * * ? *)"]],
])("converts %s to %j", (cron, expressions) => {
  expect(schedules(cron)?.expressions).toEqual(expressions);
});

test.each([
  "",
  "@daily",
  "* * * *",
  "* * * * * *",
  "60 * * * *",
  "* 24 * * *",
  "* * 0 * *",
  "* * * 13 *",
  "* * * * 8",
  "*/0 * * * *",
  "x * * * *",
  "1- * * * *",
  "* * * mon *",
])("rejects %j", (cron) => {
  expect(schedules(cron)).toBeNull();
});

/** Whether EventBridge fires at a minute: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html */
function runsAt(expression: string, date: Date): boolean {
  const fields = /^cron\((.+)\)$/.exec(expression)?.[1]?.split(" ") ?? [];
  const now = [
    date.getUTCMinutes(),
    date.getUTCHours(),
    date.getUTCDate(),
    date.getUTCMonth() + 1,
    date.getUTCDay() + 1,
  ];
  expect([fields[2], fields[4]].filter((field) => field === "?")).toHaveLength(1);
  return now.every((value, index) =>
    (fields[index] ?? "").split(",").some((part) => {
      if (part === "*" || part === "?") return true;
      const [from, to = from] = part.split("-").map(Number);
      return from !== undefined && to !== undefined && from <= value && value <= to;
    }),
  );
}

const field = (low: number, high: number) => {
  const number = fc.integer({ min: low, max: high });
  const range = fc.tuple(number, number).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
  const step = fc.integer({ min: 1, max: high });
  const part = fc.oneof(
    number.map(String),
    range,
    fc.tuple(fc.oneof(fc.constant("*"), range), step).map((parts) => parts.join("/")),
  );
  return fc.oneof(
    fc.constant("*"),
    fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(",")),
  );
};

describe("compared with croner", () => {
  test("fires in the same minutes as cron", () => {
    fc.assert(
      fc.property(
        fc.tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6)),
        fc.array(fc.date({ min: new Date("2026-01-01"), max: new Date("2027-12-31"), noInvalidDate: true }), {
          minLength: 40,
          maxLength: 40,
        }),
        (fields, dates) => {
          const cron = fields.join(" ");
          const match = schedules(cron);
          if (!match) throw new Error(`${cron} is not read`);
          for (const expression of match.expressions) expect(expression.length).toBeLessThanOrEqual(256);
          const croner = new Cron(cron, { timezone: "UTC", paused: true });
          for (const date of dates) {
            date.setUTCSeconds(0, 0);
            expect(
              match.expressions.some((expression) => runsAt(expression, date)),
              `${cron} at ${date.toISOString()}`,
            ).toBe(croner.match(date));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test.each([
    ["*/10 * * * *", 4378],
    ["0 3 * * *", 30],
    ["0 0 1 * *", 1],
    ["0 0 * * 1", 4],
  ])("%s runs about %d times a month", (cron, runs) => {
    expect(schedules(cron)?.runsPerMonth).toBe(runs);
  });
});
