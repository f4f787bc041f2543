import { errorCodes } from "../contract/error-codes.ts";
import type { JsonSchema, OpenApiDocument, OpenApiOperation, OpenApiParameter } from "./openapi.ts";
import { problemKinds } from "./problem.ts";

/** Nothing from elsewhere, nothing inline. */
export const docsContentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; media-src 'self' blob:; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** The OpenAPI document as a page: readable without scripts, with a form to try each operation with them. */
export function docsPage(document: OpenApiDocument): string {
  const { info, tags, paths, components } = document;
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const sections = tags.map(({ name }) => {
    const own = all.filter(({ operation }) => operation.tags.includes(name));
    return `<section><h2>${escape(name)}</h2>${own.map((one) => operationPart(one.path, one.method, one.operation)).join("")}</section>`;
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(info.title)} API</title>
<link rel="icon" href="/icon.svg">
<link rel="stylesheet" href="/api-docs/docs.css">
<script type="module" src="/api-docs/try.mjs"></script>
</head>
<body>
<header>
<h1>${escape(info.title)} API <small>${escape(info.version)}</small></h1>
<p>${escape(info.description)} The same as <a href="/openapi.json">openapi.json</a>. <a href="/">To the application</a>.</p>
</header>
<main>
${sections.join("\n")}
<section><h2>Schemas</h2>${Object.entries(components.schemas).map(schemaPart).join("")}</section>
<section><h2>Problems</h2><table><thead><tr><th scope="col">Code</th><th scope="col">Status</th><th scope="col">Meaning</th></tr></thead><tbody>${errorCodes.map(problemRow).join("")}</tbody></table></section>
</main>
</body>
</html>
`;
}

function operationPart(path: string, method: string, operation: OpenApiOperation): string {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation;
  return `<article id="${escape(operationId)}">
<h3><span class="method ${escape(method)}">${escape(method.toUpperCase())}</span> <code>${escape(path)}</code></h3>
<p>${escape(summary)}.${description === undefined ? "" : ` ${escape(description)}`}</p>
<details><summary>Replies and a form to try it</summary>
<dl>${Object.entries(responses)
    .map(
      ([status, reply]) =>
        `<dt>${escape(status)}</dt><dd>${escape(reply.description)}${replySchema(reply.content)}</dd>`,
    )
    .join("")}</dl>
<form data-method="${escape(method.toUpperCase())}" data-path="${escape(path)}">
${parameters.map((parameter) => parameterField(operationId, parameter)).join("")}
${requestBody === undefined ? "" : bodyField(operationId, requestBody.content, requestBody.required)}
<button type="submit">Send</button>
<output aria-live="polite"></output>
</form>
<noscript><p>The form needs JavaScript.</p></noscript>
</details>
</article>`;
}

function parameterField(operationId: string, parameter: OpenApiParameter): string {
  const { name, required, schema, description } = parameter;
  const fieldId = escape(`${operationId}-${name}`);
  const attributes = `id="${fieldId}" name="${escape(name)}" data-in="${parameter.in}"${required ? " required" : ""}`;
  const choices = Array.isArray(schema.enum) ? schema.enum.map(String) : null;
  const field =
    choices !== null
      ? `<select ${attributes}>${(required ? choices : ["", ...choices]).map((choice) => `<option>${escape(choice)}</option>`).join("")}</select>`
      : `<input ${attributes} autocomplete="off" spellcheck="false">`;
  const hint = [parameter.in, required ? "required" : "", constraints(schema), description ?? ""].filter(
    (part) => part !== "",
  );
  return `<p><label for="${fieldId}"><code>${escape(name)}</code> <small>${escape(hint.join(", "))}</small></label>${field}</p>`;
}

function constraints(schema: JsonSchema): string {
  return ["type", "format", "pattern", "minimum", "maximum", "maxLength", "default"]
    .flatMap((key) =>
      typeof schema[key] === "string" || typeof schema[key] === "number" ? [`${key} ${schema[key]}`] : [],
    )
    .join(", ");
}

function bodyField(
  operationId: string,
  content: Readonly<Record<string, { readonly schema: JsonSchema }>>,
  required: boolean,
): string {
  const fieldId = escape(`${operationId}-body`);
  return `<p><label for="${fieldId}">Body <small>JSON${required ? ", required" : ""}${replySchema(content)}</small></label><textarea id="${fieldId}" data-in="body" rows="4" spellcheck="false">{}</textarea></p>`;
}

function replySchema(content: OpenApiOperation["responses"][string]["content"]): string {
  return Object.entries(content ?? {})
    .map(([type, { schema }]) => {
      const name = typeof schema.$ref === "string" ? schema.$ref.split("/").at(-1) : undefined;
      const named = name === undefined ? "" : ` <a href="#schema-${escape(name)}">${escape(name)}</a>`;
      return ` <span class="type">${escape(type)}${named}</span>`;
    })
    .join("");
}

function schemaPart([name, schema]: readonly [string, JsonSchema]): string {
  return `<details id="schema-${escape(name)}"><summary><code>${escape(name)}</code></summary><pre>${escape(JSON.stringify(schema, null, 2))}</pre></details>`;
}

function problemRow(code: (typeof errorCodes)[number]): string {
  const { status, title } = problemKinds[code];
  return `<tr id="problem-${code}"><td><code>${code}</code></td><td>${status}</td><td>${escape(title)}</td></tr>`;
}
