import type { Principal, PrincipalRole } from "./principal.ts";

// What signing in asks of the storage.

/** `password`: what a person proves to be one of the users with. */
export type AccountRecordKind = "user" | "password" | "session";
export type AccountValue = string | number | boolean | null;
/** By the names of the sign-in library; times in milliseconds since the epoch. */
export type AccountRecord = Readonly<Record<string, AccountValue>>;

/** All of them have to hold. */
export interface AccountCondition {
  readonly field: string;
  readonly operator: "eq" | "lt" | "gt" | "in";
  readonly value: AccountValue | readonly AccountValue[];
}

/** Rejects with `CallError("storage_failed")` when the database does. */
export interface AccountRecords {
  createRecord(kind: AccountRecordKind, record: AccountRecord): Promise<void>;
  findRecords(
    kind: AccountRecordKind,
    where: readonly AccountCondition[],
    limit: number,
  ): Promise<readonly AccountRecord[]>;
  /** How many were changed. */
  updateRecords(
    kind: AccountRecordKind,
    where: readonly AccountCondition[],
    changes: AccountRecord,
  ): Promise<number>;
  /** How many there were. */
  removeRecords(kind: AccountRecordKind, where: readonly AccountCondition[]): Promise<number>;
  /** Who holds the key with this hash. */
  keyHolder(keyHash: string): Promise<Principal | null>;
  /** A user or the holder of a key; null: there is none, or no longer. */
  principalById(id: string): Promise<Principal | null>;
}

export interface Account {
  readonly name: string;
  readonly role: PrincipalRole;
  readonly createdAtMs: number;
}

/** The users and keys, for the person who runs the server. */
export interface AccountDirectory {
  /** False: the name is taken. `signInName` is the name in one spelling. */
  addUser(user: {
    readonly userId: string;
    readonly name: string;
    readonly signInName: string;
    readonly role: PrincipalRole;
    readonly passwordHash: string;
    readonly nowMs: number;
  }): Promise<boolean>;
  /** By name. */
  users(): Promise<readonly Account[]>;
  /** With sessions. False: there is no such user. */
  removeUser(signInName: string): Promise<boolean>;
  /** Ends the sessions. False: there is no such user. */
  setPassword(signInName: string, passwordHash: string, nowMs: number): Promise<boolean>;
  /** From the next request on. False: there is no such user. */
  setRole(signInName: string, role: PrincipalRole, nowMs: number): Promise<boolean>;
  /** False: the name is taken. */
  addKey(key: {
    readonly keyId: string;
    readonly name: string;
    readonly role: PrincipalRole;
    readonly keyHash: string;
    readonly nowMs: number;
  }): Promise<boolean>;
  keys(): Promise<readonly Account[]>;
  /** False: there is no such key. */
  removeKey(name: string): Promise<boolean>;
}
