import { z } from "zod";
import type { ErrorCode } from "../contract/error-codes.ts";
import { operations, sharedProblems } from "./openapi-operations.ts";
import { replySchemas, requestSchemas, type Content, type Operation } from "./openapi-schemas.ts";
import { problemKinds } from "./problem.ts";

export type JsonSchema = Readonly<Record<string, unknown>>;

export interface OpenApiParameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

export interface OpenApiReply {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly description: string; readonly schema: JsonSchema }>>;
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly OpenApiParameter[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>>;
  };
  readonly responses: Readonly<Record<string, OpenApiReply>>;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
}

export interface OpenApiDocument {
  readonly openapi: "3.1.0";
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes: Readonly<Record<string, Readonly<Record<string, string>>>>;
  };
}

const componentAddress = (name: string): string => `#/components/schemas/${name}`;
const ref = (name: string): JsonSchema => ({ $ref: componentAddress(name) });

/** The description of the API, made from the schemas that the routes themselves use. */
export function openApiDocument(version: string): OpenApiDocument {
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const operation of operations) {
    (paths[operation.path] ??= {})[operation.method.toLowerCase()] = describe(operation);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Sales Coach Live",
      version,
      description:
        "Starts calls, reads and changes them, and gives transcripts and audio. Live events come over the socket named in ws_url. Errors are application/problem+json with a code.",
    },
    servers: [{ url: "/" }],
    tags: [...new Set(operations.map((operation) => operation.tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: { ...components(requestSchemas, "input"), ...components(replySchemas, "output") },
      securitySchemes: {
        key: {
          type: "http",
          scheme: "bearer",
          description:
            "A key of `npm run key -- add NAME`. It, or the session, is needed where the server has an AUTH_SECRET.",
        },
        session: {
          type: "apiKey",
          in: "cookie",
          name: "sales-coach.session_token",
          description: "The cookie that POST /sign-in sets (`__Secure-` before its name with https).",
        },
      },
    },
  };
}

function components(
  schemas: Readonly<Record<string, z.ZodType>>,
  io: "input" | "output",
): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const made = z.toJSONSchema(registry, { ...schemaOptions(io), uri: componentAddress });
  return Object.fromEntries(Object.entries(made.schemas).map(([name, schema]) => [name, plain(schema)]));
}

function schemaOptions(io: "input" | "output"): NonNullable<Parameters<typeof z.toJSONSchema>[1]> {
  return {
    target: "draft-2020-12",
    io,
    override: ({ jsonSchema }) => {
      // The format says it; the expression behind it fills the page.
      if (jsonSchema.format === "date-time" || jsonSchema.format === "date") delete jsonSchema.pattern;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      // Readers ignore keys they do not know, so replies may grow.
      if (io === "output" && jsonSchema.additionalProperties === false)
        delete jsonSchema.additionalProperties;
    },
  };
}

function plain(schema: object): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== "$schema" && key !== "$id"));
}

const openPaths: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/sign-in", "/sign-out"]);

function describe(operation: Operation): OpenApiOperation {
  const { detail, body } = operation;
  const parameters = [
    ...pathParameters(operation),
    ...queryParameters(operation),
    ...headerParameters(operation),
  ];
  const open = openPaths.has(operation.path);
  return {
    operationId: operation.id,
    tags: [operation.tag],
    summary: operation.summary,
    ...(detail === undefined ? {} : { description: detail }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: body.required,
            content: { "application/json": { schema: ref(body.schema) } },
          },
        }),
    responses: { ...replies(operation), ...problems(operation, open) },
    security: open ? [{}] : [{}, { key: [] }, { session: [] }],
  };
}

function pathParameters({ path, pathSchemas }: Operation): readonly OpenApiParameter[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: inline(pathSchemas?.[name] ?? z.string(), "input"),
  }));
}

function queryParameters({ query }: Operation): readonly OpenApiParameter[] {
  if (query === undefined) return [];
  return Object.entries<z.core.$ZodType>(query.shape).map(([name, schema]) => ({
    name,
    in: "query",
    required: !z.safeParse(schema, undefined).success,
    // What a text is read as tells more than that it is one.
    schema: inline(schema, "output"),
  }));
}

function headerParameters({ headers = {} }: Operation): readonly OpenApiParameter[] {
  return Object.entries(headers).map(([name, description]) => ({
    name,
    in: "header",
    required: false,
    description,
    schema: { type: "string" },
  }));
}

function inline(schema: z.core.$ZodType, io: "input" | "output"): JsonSchema {
  return plain(z.toJSONSchema(schema, schemaOptions(io)));
}

function replies(operation: Operation): Record<string, OpenApiReply> {
  return Object.fromEntries(
    Object.entries(operation.replies).map(([status, { says, content }]) => [
      status,
      { description: says, ...(content === undefined ? {} : { content: contentOf(content) }) },
    ]),
  );
}

function contentOf(content: Content): NonNullable<OpenApiReply["content"]> {
  if ("schema" in content) return { "application/json": { schema: ref(content.schema) } };
  if (content.binary === true) return { [content.type]: { schema: {} } };
  return { [content.type]: { schema: content.type === "application/json" ? {} : { type: "string" } } };
}

/** One reply a status, all its codes named. */
function problems(operation: Operation, open: boolean): Record<string, OpenApiReply> {
  const codes = [
    ...operation.problems,
    ...sharedProblems.filter((code) => !(open && code === "unauthorized")),
  ];
  const byStatus = new Map<number, readonly ErrorCode[]>();
  for (const code of new Set(codes)) {
    const { status } = problemKinds[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, named]) => [
      status,
      {
        description: named.map((code) => `${code}: ${problemKinds[code].title}`).join("; "),
        ...(named.some((code) => problemKinds[code].retryAfterSec !== undefined)
          ? { headers: { "Retry-After": { description: "Seconds to wait", schema: { type: "integer" } } } }
          : {}),
        content: { "application/problem+json": { schema: ref("Problem") } },
      },
    ]),
  );
}
