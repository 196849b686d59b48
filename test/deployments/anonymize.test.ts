import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anonymize } from "../../src/deployments/anonymize.ts";

const id = "abcdefghijklmnopqrstuvwx23";
const of = (text: string, answers: string[] = []) => anonymize(text, { id, answers });

describe("a cloud's message, as shown to others", () => {
  test.each([
    [
      "User: arn:aws:sts::123456789012:assumed-role/lent-to-slipway-ada/x is not authorized to perform: ec2:CreateVpc on resource: arn:aws:ec2:eu-central-1:123456789012:vpc/*",
      "User: arn:aws:sts:••• is not authorized to perform: ec2:CreateVpc on resource: arn:aws:ec2:•••",
    ],
    [
      "The maximum number of VPCs has been reached. (Service: Ec2, Status Code: 400, Request ID: 4f9a2c1e-0b5d-4c3a-9a9e-0123456789ab)",
      "The maximum number of VPCs has been reached. (Service: Ec2, Status Code: 400, Request ID: •••)",
    ],
    [
      "Permission 'run.services.create' denied on resource '//run.googleapis.com/projects/my-shop-1234/locations/europe-west1' (or it may not exist).",
      "Permission 'run.services.create' denied on resource '//run.googleapis.com/projects/•••/locations/europe-west1' (or it may not exist).",
    ],
    [
      "The subscription '6f9619ff-8b86-d011-b42d-00cf4fc964ff' of ada.lovelace+test@example.co.uk is disabled.",
      "The subscription '•••' of ••• is disabled.",
    ],
    [
      "connect ECONNREFUSED 203.0.113.7:5432, [2001:db8::7]:5432, ::1",
      "connect ECONNREFUSED •••:5432, [•••]:5432, •••",
    ],
    [
      `no space left on device: /home/ada/.cache/x, /Users/ada/y in slipway-abcdefgh-web and ${id}`,
      "no space left on device: /home/•••, /Users/••• in slipway-••• and •••",
    ],
    [
      "See https://console.example.com/projects/my-own?x=1 and my-app-123.eu-central-1.elb.amazonaws.com.",
      "See https://••• and •••.",
    ],
    // What names nobody stays as it is.
    ['The command ended with code 137 at 12:34:56 after 1.25 s: npm ERR! Missing script: "start"', ""],
    ["std::vector::at: __n (which is 5) >= this->size() (which is 5); node v24.21.0, port 8080", ""],
  ])("%s", (text, expected) => expect(of(text)).toBe(expected || text));

  test("contains no answer, long or short, alone or within a word", () => {
    expect(of("Invalid name Ada for forum.example.org: Ada is taken, Adam is not", ["Ada", "forum.example.org"])).toBe(
      "Invalid name ••• for •••: ••• is taken, Adam is not",
    );
    expect(of("value 'x' of true", ["x", ""])).toBe("value 'x' of true");
    fc.assert(
      fc.property(fc.string({ minLength: 6 }), fc.string(), fc.string(), (answer, before, after) => {
        fc.pre(answer.trim().length > 1 && !"•••".includes(answer));
        expect(of(`${before}${answer}${after}`, [answer])).not.toContain(answer);
      }),
    );
  });

  test("is shortened, whatever its length and content", () => {
    for (const part of ["a:", "1.", "a@", "a.", "projects/", "user '", "::", "/home/", "arn:aws:", "a-"])
      expect(of(part.repeat(1_000_000), ["aaaaaa"]).length).toBeLessThanOrEqual(4000);
  });
});
