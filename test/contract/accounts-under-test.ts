import type { RunningServer } from "../../bin/running-server.ts";
import { ask, type Answer, type Ask } from "./server-under-test.ts";

export function signInForm(fields: Readonly<Record<string, string>>): Ask {
  return {
    method: "POST",
    body: new URLSearchParams(fields).toString(),
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
  };
}

/** The session cookie as a browser sends it back: without its attributes. */
export function cookieOf(answer: Answer): string {
  const lines = answer.headers["set-cookie"] ?? [];
  return lines.map((line) => line.split(";", 1)[0] ?? "").join("; ");
}

export async function signIn(server: RunningServer, name: string, password: string): Promise<string> {
  const answer = await ask(server, "/sign-in", signInForm({ name, password }));
  if (answer.status !== 303) throw new Error(`signing in gave ${String(answer.status)}`);
  return cookieOf(answer);
}
