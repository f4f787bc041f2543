import type { Playbook } from "../contract/playbook.ts";
import {
  playbookListReplySchema,
  playbookReplySchema,
  playbookTrialReplySchema,
  playbookVersionsReplySchema,
  type PlaybookListReply,
  type PlaybookReply,
  type PlaybookTrialReply,
  type PlaybookTrialRequest,
  type PlaybookVersionsReply,
} from "../contract/playbook-rest.ts";
import { jsonRequest, parsedReply, requestReply } from "./rest-client.ts";

/** All of them reject with `RestError`. */
export async function listPlaybooks(signal?: AbortSignal): Promise<PlaybookListReply["playbooks"]> {
  const reply = await requestReply("/playbooks", signal === undefined ? {} : { signal });
  return (await parsedReply(reply, playbookListReplySchema)).playbooks;
}

export async function readPlaybook(name: string, version: number | null): Promise<PlaybookReply> {
  const path = `/playbooks/${name}${version === null ? "" : `/versions/${version.toString()}`}`;
  return parsedReply(await requestReply(path, {}), playbookReplySchema);
}

export async function playbookVersions(name: string): Promise<PlaybookVersionsReply["versions"]> {
  const reply = await requestReply(`/playbooks/${name}/versions`, {});
  return (await parsedReply(reply, playbookVersionsReplySchema)).versions;
}

export async function savePlaybook(playbook: Playbook, basedOn: number): Promise<PlaybookReply> {
  const init = jsonRequest("POST", { based_on: basedOn, playbook });
  return parsedReply(await requestReply(`/playbooks/${playbook.name}/versions`, init), playbookReplySchema);
}

/** `basedOn` null: it becomes a new playbook. */
export async function importPlaybook(
  file: Playbook,
  name: string,
  basedOn: number | null,
): Promise<PlaybookReply> {
  const query = basedOn === null ? "" : `?based_on=${basedOn.toString()}`;
  const reply = await requestReply(`/playbooks/${name}/import${query}`, jsonRequest("POST", file));
  return parsedReply(reply, playbookReplySchema);
}

export async function createPlaybook(playbook: Playbook): Promise<PlaybookReply> {
  return parsedReply(
    await requestReply("/playbooks", jsonRequest("POST", { playbook })),
    playbookReplySchema,
  );
}

export async function restorePlaybook(
  name: string,
  version: number,
  basedOn: number,
): Promise<PlaybookReply> {
  const path = `/playbooks/${name}/versions/${version.toString()}/restore`;
  return parsedReply(
    await requestReply(path, jsonRequest("POST", { based_on: basedOn })),
    playbookReplySchema,
  );
}

export async function tryPlaybook(name: string, trial: PlaybookTrialRequest): Promise<PlaybookTrialReply> {
  const reply = await requestReply(`/playbooks/${name}/try`, jsonRequest("POST", trial));
  return parsedReply(reply, playbookTrialReplySchema);
}
