import { requireName } from "../lib/access/account-names.ts";
import { keyHashOf, newKey } from "../lib/access/keys.ts";
import { randomIds } from "../lib/platform/ids.ts";
import { give, listAccounts, onlyName, runAccountCommand, say, UsageError } from "./account-command.ts";

const usage = `
  npm run key -- add NAME [--role rep|manager]   a key for a program; manager sees every call (the default)
  npm run key -- list                            name, role, since when
  npm run key -- remove NAME                     it stops at once
A key is sent as "Authorization: Bearer KEY". It is printed once; only its hash is kept.`;

await runAccountCommand(usage, async (directory, args) => {
  if (args.passwordFromStdin) throw new UsageError("A key has no password.");
  switch (args.action) {
    case "add": {
      const name = requireName(onlyName(args));
      const key = newKey();
      const role = args.role ?? "manager";
      const isNew = await directory.addKey({
        keyId: randomIds.next("key_"),
        name,
        role,
        keyHash: keyHashOf(key),
        nowMs: Date.now(),
      });
      if (!isNew) throw new UsageError(`There is a key ${name} already.`);
      say(`The key of ${name} (${role}), shown this once:`);
      give(key);
      return;
    }
    case "list":
      listAccounts(await directory.keys(), "There are no keys yet.");
      return;
    case "remove": {
      const name = onlyName(args);
      if (!(await directory.removeKey(name))) throw new UsageError(`There is no key ${name}.`);
      say(`The key of ${name} stops now.`);
      return;
    }
    default:
      throw new UsageError(`There is no "${args.action}".`);
  }
});
