import { randomBytes } from "node:crypto";
import { hashPassword } from "better-auth/crypto";
import { requireName, requirePassword, signInNameOf } from "../lib/access/account-names.ts";
import { randomIds } from "../lib/platform/ids.ts";
import {
  give,
  listAccounts,
  onlyName,
  runAccountCommand,
  say,
  UsageError,
  type AccountArguments,
} from "./account-command.ts";
import { pipedPassword, typedPassword } from "./typed-password.ts";

const usage = `
  npm run user -- add NAME --role rep|manager    a person who may sign in
  npm run user -- list                           name, role, since when
  npm run user -- password NAME                  another password; ends the sessions
  npm run user -- role NAME --role rep|manager   from the next request on
  npm run user -- remove NAME                    ends the sessions; calls stay, seen by managers
The password is asked for on a terminal, read with --password-stdin, or else made up and printed once.`;

interface NewPassword {
  readonly password: string;
  readonly isMadeUp: boolean;
}

async function newPassword({ passwordFromStdin }: AccountArguments): Promise<NewPassword> {
  if (passwordFromStdin) return { password: requirePassword(await pipedPassword()), isMadeUp: false };
  if (process.stdin.isTTY && process.stdout.isTTY) {
    const typed = await typedPassword(process.stdin);
    if (typed === null) throw new UsageError("No password was given, or not the same twice.");
    if (typed !== "") return { password: requirePassword(typed), isMadeUp: false };
  }
  return { password: randomBytes(15).toString("base64url"), isMadeUp: true };
}

function tell({ password, isMadeUp }: NewPassword): void {
  if (!isMadeUp) return;
  say("The password, shown this once:");
  give(password);
}

await runAccountCommand(usage, async (directory, args) => {
  const noSuchUser = (name: string): UsageError => new UsageError(`There is no user ${name}.`);
  switch (args.action) {
    case "add": {
      const name = requireName(onlyName(args));
      if (args.role === null) throw new UsageError("Say --role rep or --role manager.");
      const secret = await newPassword(args);
      const isNew = await directory.addUser({
        userId: randomIds.next("user_"),
        name,
        signInName: signInNameOf(name),
        role: args.role,
        passwordHash: await hashPassword(secret.password),
        nowMs: Date.now(),
      });
      if (!isNew) throw new UsageError(`There is a user ${name} already.`);
      say(`${name} may sign in as ${args.role}.`);
      tell(secret);
      return;
    }
    case "list":
      listAccounts(await directory.users(), "There are no users yet.");
      return;
    case "password": {
      const name = onlyName(args);
      const secret = await newPassword(args);
      const hash = await hashPassword(secret.password);
      if (!(await directory.setPassword(signInNameOf(name), hash, Date.now()))) throw noSuchUser(name);
      say(`${name} has another password and has to sign in again.`);
      tell(secret);
      return;
    }
    case "role": {
      const name = onlyName(args);
      if (args.role === null) throw new UsageError("Say --role rep or --role manager.");
      if (!(await directory.setRole(signInNameOf(name), args.role, Date.now()))) throw noSuchUser(name);
      say(`${name} is a ${args.role} now.`);
      return;
    }
    case "remove": {
      const name = onlyName(args);
      if (!(await directory.removeUser(signInNameOf(name)))) throw noSuchUser(name);
      say(`${name} may not sign in any more.`);
      return;
    }
    default:
      throw new UsageError(`There is no "${args.action}".`);
  }
});
