import { z } from "zod";

/** One variable of the environment: what it means, what it is when unset, what it may be. */
export interface Setting<T> {
  readonly env: string;
  readonly doc: string;
  /** The text an unset or empty variable stands for; empty where there is no value. */
  readonly fallback: string;
  readonly schema: z.ZodType<T, string>;
}

export function setting<T>(
  env: string,
  fallback: string,
  schema: z.ZodType<T, string>,
  doc: string,
): Setting<T> {
  return { env, fallback, schema, doc };
}

const truths: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["1", true],
  ["false", false],
  ["0", false],
]);

/** A setting whose text is read by `read`, which throws an `Error` that says what is wrong. */
export function read<T>(readText: (text: string) => T): z.ZodType<T, string> {
  return z.string().transform((text, context) => {
    try {
      return readText(text);
    } catch (error) {
      context.addIssue({ code: "custom", message: error instanceof Error ? error.message : "is not valid" });
      return z.NEVER;
    }
  });
}

/** Empty text is null, everything else goes to `schema`. */
export function optional<T>(schema: z.ZodType<T, string>): z.ZodType<T | null, string> {
  return z.string().transform((text, context): T | null => {
    if (text === "") return null;
    const result = schema.safeParse(text);
    if (result.success) return result.data;
    for (const issue of result.error.issues) context.addIssue({ code: "custom", message: issue.message });
    return z.NEVER;
  });
}

export const truth = read((text) => {
  const value = truths.get(text.toLowerCase());
  if (value === undefined) throw new Error("must be true or false");
  return value;
});

/** A whole number from `min` to `max`, in decimal digits. */
export function whole(min: number, max: number): z.ZodType<number, string> {
  return read((text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) throw new Error(`must be a whole number from ${min} to ${max}`);
    return value;
  });
}

/** A number between `min` and `max`, both excluded. */
export function between(min: number, max: number): z.ZodType<number, string> {
  return read((text) => {
    const value = /^\d+(\.\d+)?$|^\.\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value > min && value < max)) throw new Error(`must be a number between ${min} and ${max}`);
    return value;
  });
}

export function oneOf<const T extends string>(...values: readonly T[]): z.ZodType<T, string> {
  return read((text) => {
    const value = values.find((candidate) => candidate === text);
    if (value === undefined) throw new Error(`must be one of ${values.join(", ")}`);
    return value;
  });
}

/** Any text, trimmed. */
export const words: z.ZodType<string, string> = z.string();

/** Comma-separated, blanks around entries ignored; every entry must pass `schema`. */
export function list<T>(schema: z.ZodType<T, string>): z.ZodType<readonly T[], string> {
  return read((text) =>
    text
      .split(",")
      .map((entry) => entry.trim())
      .filter((entry) => entry !== "")
      .map((entry) => {
        const result = schema.safeParse(entry);
        if (result.success) return result.data;
        throw new Error(`"${entry}" ${result.error.issues[0]?.message ?? "is not valid"}`);
      }),
  );
}

/** An address of HTTP or HTTPS without user, query or fragment. */
export function webAddress(options: { readonly path: boolean }): z.ZodType<URL, string> {
  return read((text) => {
    let url: URL;
    try {
      url = new URL(text);
    } catch {
      throw new Error("must be an address such as https://coach.example.com");
    }
    if (url.protocol !== "http:" && url.protocol !== "https:")
      throw new Error("must begin with http:// or https://");
    if (url.username !== "" || url.password !== "") throw new Error("must not carry a user or a password");
    if (url.search !== "" || url.hash !== "") throw new Error("must not carry a query or a fragment");
    if (!options.path && url.pathname !== "/") throw new Error("must not carry a path");
    return url;
  });
}
