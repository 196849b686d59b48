import { afterEach, beforeEach, expect, test } from "vitest";
import { type Visit, visit } from "./fakes/aws-visit.ts";
import { heard } from "./story.ts";

let here: Visit;
beforeEach(async () => {
  here = await visit();
});
afterEach(async () => {
  expect(here.aws.bugs).toEqual([]);
  await here.end();
});

test("a stack is created in the visitor's account, told in CloudFormation's own words, and its URL awaited", async () => {
  const { story, order, bugs } = here.story(await here.lends());
  const { id } = story.start(order);
  const text = await heard(story, id);
  expect(bugs).toEqual([]);

  expect(here.stacks()).toEqual(["CREATE_COMPLETE"]);
});
