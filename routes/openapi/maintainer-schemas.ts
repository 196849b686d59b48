import { z } from "zod";
import { maxTextLength, reasons } from "../../src/moderation/reports.ts";
import { Settings } from "../../src/settings.ts";

export const SettingsTwin = z.object({
  page: Settings.meta({ description: "Settings of the page" }),
  file: Settings.meta({ description: "Settings of the manifest" }),
  effective: Settings.meta({ description: "The effective settings" }),
});
const Reason = z.enum(reasons.map(({ id }) => id));
export const ReportBody = z.object({ reason: Reason, text: z.string().max(maxTextLength).optional() });
export const Reported = z.object({
  taken: z.boolean().meta({ description: "false: enough reports are stored already" }),
});
export const OperatorTwin = z.object({
  through: z.int().nullable().meta({ description: "The id of the last report in this list" }),
  reported: z.array(
    z.object({
      repo: z.string(),
      reports: z.array(z.object({ reason: z.string(), text: z.string(), at: z.iso.datetime() })),
    }),
  ),
  blocks: z.array(z.object({ name: z.string(), reason: z.string(), by: z.string(), at: z.iso.datetime() })),
});
export const BlockBody = z.object({
  name: z.string().meta({ description: "owner/repository, or an owner for all repositories" }),
  reason: z.string().max(300),
});
export const BlockName = z.object({ name: z.string() });
export const ClosedReports = z.union([
  z.object({ repo: z.string().meta({ description: "host/owner/repo, or host/owner for all of theirs" }) }),
  z.object({ through: z.int().meta({ description: "Every report up to this id" }) }),
]);
export const AccountTwin = z.object({
  login: z.string(),
  sessions: z.array(
    z.object({ created: z.iso.datetime(), used: z.iso.date(), scope: z.string(), current: z.boolean() }),
  ),
});

export const maintainerTwins = {
  Settings,
  SettingsTwin,
  ReportBody,
  Reported,
  OperatorTwin,
  BlockBody,
  BlockName,
  ClosedReports,
  AccountTwin,
};

type Name = keyof typeof maintainerTwins | "Problems";
interface PathBuilders<Parameter> {
  json(name: Name): object;
  responses(ok: string, name: Name, errors?: Record<string, [string, Name]>): object;
  /** The path parameters of a repository. */
  repo: Parameter[];
}

/** Returns the OpenAPI paths of settings, reports, moderation and accounts. */
export function maintainerPaths<Parameter>({ json, responses, repo }: PathBuilders<Parameter>) {
  const body = (name: Name) => ({ required: true, content: json(name) });
  const invalid: Record<string, [string, Name]> = { "422": ["Every problem of the request", "Problems"] };
  const notSignedIn: Record<string, [string, Name]> = { "401": ["Not signed in", "Problems"] };
  const forMaintainers: Record<string, [string, Name]> = {
    ...notSignedIn,
    "403": ["Only people with write access to the repository can see it", "Problems"],
    "404": ["Repository not found", "Problems"],
  };
  const forOperators: Record<string, [string, Name]> = {
    ...notSignedIn,
    "403": ["Only operators can see it", "Problems"],
  };
  return {
    "/{host}/{owner}/{repo}/settings": {
      get: {
        summary: "The settings of a repository's page",
        parameters: repo,
        responses: responses("200", "SettingsTwin", forMaintainers),
      },
      post: {
        summary: "Replace all settings",
        parameters: repo,
        requestBody: body("Settings"),
        responses: responses("200", "SettingsTwin", { ...forMaintainers, ...invalid }),
      },
    },
    "/{host}/{owner}/{repo}/report": {
      post: {
        summary: "Report a repository to the operator of this server",
        parameters: repo,
        requestBody: body("ReportBody"),
        responses: responses("202", "Reported", { ...invalid, "429": ["Too many at once", "Problems"] }),
      },
    },
    "/operator": {
      get: {
        summary: "Reports and blocks",
        responses: responses("200", "OperatorTwin", forOperators),
      },
    },
    "/operator/blocks": {
      post: {
        summary: "Block a repository, or all repositories of an owner",
        requestBody: body("BlockBody"),
        responses: responses("200", "OperatorTwin", { ...forOperators, ...invalid }),
      },
    },
    "/operator/blocks/removal": {
      post: {
        summary: "Unblock it",
        requestBody: body("BlockName"),
        responses: responses("200", "OperatorTwin", { ...forOperators, ...invalid }),
      },
    },
    "/operator/reports/closing": {
      post: {
        summary: "Dismiss the reports about a repository or an owner, or every report up to one",
        requestBody: body("ClosedReports"),
        responses: responses("200", "OperatorTwin", forOperators),
      },
    },
    "/account": {
      get: { summary: "Where you are signed in", responses: responses("200", "AccountTwin", notSignedIn) },
    },
  };
}
