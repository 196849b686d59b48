import type { Proposal } from "../../src/maintainers/badge-proposal.ts";

/** Returns the JSON twin of a proposal, with its diff as text. */
export const proposalJson = ({ file, where, diffs }: Proposal) => ({
  file,
  where,
  diff: diffs.map(({ lines }) => lines.map(({ text }) => `${text}\n`).join("")).join(""),
});

/** Returns the description of the pull request. */
export const pullRequestBody = ({ change }: Proposal, page: string) =>
  `${[
    `The button links to ${page}. Visitors see what the app needs and what it costs on each cloud, and can deploy it to their own account.`,
    `Changed: ${[...change.keys()].map((file) => `\`${file}\``).join(" and ")}. Nothing else.`,
    ...([...change.keys()].some((file) => file.endsWith("app.json"))
      ? [
          "`app.json` describes what was found in the repository. Review it before you merge: Slipway reads it from then on.",
        ]
      : []),
  ].join("\n\n")}\n`;
