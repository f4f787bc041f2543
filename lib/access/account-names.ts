import { CallError } from "../call/errors.ts";

/** Longest password that is hashed, for the terminal and the sign-in alike. */
export const maxPasswordLength = 128;
const minPasswordLength = 8;
export const maxNameLength = 64;

const namePattern = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}._@-]*[\p{L}\p{M}\p{N}])?$/u;

/** The one spelling of a name: `ANA` signs in as `ana`. */
export function signInNameOf(name: string): string {
  return name.normalize("NFKC").toLowerCase().normalize("NFKC").trim();
}

/** Throws `CallError("invalid")`. */
export function requireName(name: string): string {
  if (name.length > maxNameLength || !namePattern.test(name)) {
    throw new CallError(
      "invalid",
      `a name has 1 to ${String(maxNameLength)} letters, digits, dots, dashes, underscores or @, and begins and ends with a letter or a digit`,
    );
  }
  return name;
}

/** Throws `CallError("invalid")`; never repeats the password. */
export function requirePassword(password: string): string {
  if (password.length < minPasswordLength || password.length > maxPasswordLength) {
    throw new CallError(
      "invalid",
      `a password has ${String(minPasswordLength)} to ${String(maxPasswordLength)} characters`,
    );
  }
  return password;
}
