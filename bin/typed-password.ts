import type { ReadStream } from "node:tty";

/** Asks on the terminal without showing what is typed. Null: the person gave up (Ctrl+C, Ctrl+D). */
async function ask(terminal: ReadStream, question: string): Promise<string | null> {
  process.stderr.write(question);
  terminal.setRawMode(true);
  terminal.setEncoding("utf8");
  terminal.resume();
  let typed = "";
  try {
    return await new Promise<string | null>((resolve) => {
      terminal.on("data", (text: string | Buffer) => {
        for (const character of text.toString()) {
          if (character === "\r" || character === "\n") resolve(typed);
          else if (character === "\u0003" || character === "\u0004") resolve(null);
          else if (character === "\u007f" || character === "\b") typed = typed.replace(/.$/su, "");
          else if (character >= " ") typed += character;
        }
      });
    });
  } finally {
    terminal.removeAllListeners("data");
    terminal.setRawMode(false);
    terminal.pause();
    process.stderr.write("\n");
  }
}

/** A password that was typed the same twice; null: none. */
export async function typedPassword(terminal: ReadStream): Promise<string | null> {
  const first = await ask(terminal, "Password (empty: one is made up): ");
  if (first === null || first === "") return first;
  const second = await ask(terminal, "Once more: ");
  return second === first ? first : null;
}

/** All of standard input, without the line end that shells add. */
export async function pipedPassword(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks)
    .toString("utf8")
    .replace(/\r?\n$/, "");
}
