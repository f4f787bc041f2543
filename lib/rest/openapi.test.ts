import { readdirSync, readFileSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import { docsPage } from "./docs-page.ts";
import { openApiDocument } from "./openapi.ts";
import { apiRoutes } from "./routes.ts";

const document = openApiDocument("1.2.3");
const app = new URL("../../app/", import.meta.url);

/** Answered before Next, where exact lengths can be told. */
const servedByFront = [
  "/calls/{id}/audio/{view}.wav",
  "/recorded-calls/{file}",
  "/recorded-calls/{name}/{file}",
  "/sign-in",
  "/sign-out",
];

function routeFiles(): string[] {
  return readdirSync(app, { recursive: true, encoding: "utf8" })
    .filter((path) => /(^|\/)route\.tsx?$/.test(path))
    .map((path) => `/${path.replace(/\/?route\.tsx?$/, "").replace(/\[(\w+)\]/g, "{$1}")}`);
}

describe("the OpenAPI document", () => {
  it("is valid OpenAPI 3.1", async () => {
    const result = await new Validator().validate({ ...document });
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
    expect(document.openapi).toBe("3.1.0");
    expect(document.info.version).toBe("1.2.3");
  });

  it("has every route file, and no route that is not served", () => {
    expect([...routeFiles(), ...servedByFront].sort()).toEqual(Object.keys(document.paths).sort());
    expect(apiRoutes.map((route) => route.path).sort()).toEqual(Object.keys(document.paths).sort());
  });

  it.each(apiRoutes)(
    "has the methods that $path answers to, in the table and in its file",
    ({ path, methods }) => {
      expect(Object.keys(document.paths[path] ?? {})).toEqual(methods.map((method) => method.toLowerCase()));
      if (servedByFront.includes(path)) return;
      const file = new URL(`.${path.replace(/\{(\w+)\}/g, "[$1]")}/route.ts`, app);
      const exported = [
        ...readFileSync(file, "utf8").matchAll(/export (?:(?:async )?function|const) ([A-Z]+)\b/g),
      ];
      expect(exported.map(([, method]) => method).sort()).toEqual([...methods].sort());
    },
  );

  it("names every parameter of a path, every problem, and refers only to schemas that are there", () => {
    for (const [path, methods] of Object.entries(document.paths)) {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const operation of Object.values(methods)) {
        const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === "path");
        expect(inPath.map((parameter) => parameter.name)).toEqual(names);
        expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(["403", "421", "500"]));
      }
    }
    for (const [, name] of JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g)) {
      expect(document.components.schemas).toHaveProperty(name ?? "");
    }
  });

  it("says that requests are strict and replies may grow", () => {
    expect(document.components.schemas.SessionStartRequest).toMatchObject({ additionalProperties: false });
    expect(document.components.schemas.SessionStarted).not.toHaveProperty("additionalProperties");
    const list = document.paths["/calls"]?.get?.parameters ?? [];
    expect(list.find((parameter) => parameter.name === "limit")).toMatchObject({
      required: false,
      schema: { type: "integer", minimum: 1, maximum: 100, default: 20 },
    });
    const toggle = document.paths["/coach/{id}/toggle"]?.post?.parameters ?? [];
    expect(toggle.find((parameter) => parameter.name === "enabled")?.required).toBe(true);
  });
});

describe("the page of the API", () => {
  const page = docsPage(document);

  it("shows every operation, schema and problem, with a form for each operation", () => {
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    for (const { operationId } of operations) expect(page).toContain(`<article id="${operationId}">`);
    expect(page.match(/<form /g)).toHaveLength(operations.length);
    expect(page).toContain('id="problem-call_not_found"');
    expect(page).toContain('id="schema-Call"');
  });

  it("needs nothing from elsewhere and nothing inline, so that a strict policy can stand", () => {
    const withoutFormat = page.replaceAll(/<pre>.*?<\/pre>/gs, "");
    expect(withoutFormat).not.toMatch(/https?:\/\//);
    expect(withoutFormat).not.toMatch(/<style|style=|\son\w+=|<script(?![^>]*\bsrc="\/)/);
    for (const [, path] of withoutFormat.matchAll(/(?:src|href)="(\/api-docs\/[^"]+)"/g)) {
      expect(readFileSync(new URL(`../../public${path ?? ""}`, import.meta.url), "utf8")).not.toBe("");
    }
  });

  it("escapes what it shows", () => {
    const hostile = { ...document, info: { ...document.info, title: '<script>"x"</script>' } };
    expect(docsPage(hostile)).not.toContain("<script>");
  });
});
