// The forms of /docs: sends what was filled in to this server and shows what came back.

/** Text longer than this is cut on the page; the download itself is not. */
const maxShownCharacters = 100_000;

for (const form of document.querySelectorAll("form[data-path]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send(form);
  });
}

// A link to one operation or problem opens the part that folds it.
function openTarget() {
  const target =
    location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  if (target instanceof HTMLDetailsElement) target.open = true;
  target?.querySelector("details")?.setAttribute("open", "");
}
window.addEventListener("hashchange", openTarget);
openTarget();

async function send(form) {
  const output = form.querySelector("output");
  const button = form.querySelector("button");
  const { address, init } = requestOf(form);
  button.disabled = true;
  output.replaceChildren(line("…"));
  try {
    const startedMs = performance.now();
    const reply = await fetch(address, init);
    const shown = await bodyOf(reply);
    const tookMs = Math.round(performance.now() - startedMs);
    output.replaceChildren(
      line(`${init.method} ${address}`),
      line(`${reply.status} ${reply.statusText}, ${tookMs} ms`),
      shown,
    );
  } catch (error) {
    output.replaceChildren(line(`No answer: ${error instanceof Error ? error.message : String(error)}`));
  } finally {
    button.disabled = false;
  }
}

function requestOf(form) {
  const method = form.dataset.method;
  const headers = {};
  const query = new URLSearchParams();
  let path = form.dataset.path;
  let body;
  for (const field of form.querySelectorAll("[data-in]")) {
    const value = field.value.trim();
    if (field.dataset.in === "body") {
      if (value !== "") {
        body = value;
        headers["Content-Type"] = "application/json";
      }
    } else if (field.dataset.in === "path") {
      path = path.replace(`{${field.name}}`, encodeURIComponent(value));
    } else if (value !== "" && field.dataset.in === "query") {
      query.set(field.name, value);
    } else if (value !== "") {
      headers[field.name] = value;
    }
  }
  const asked = query.toString();
  return {
    address: asked === "" ? path : `${path}?${asked}`,
    init: { method, headers, body, cache: "no-store" },
  };
}

async function bodyOf(reply) {
  const type = reply.headers.get("content-type") ?? "";
  if (type.startsWith("audio/") && reply.status === 200) {
    const player = document.createElement("audio");
    player.controls = true;
    player.src = URL.createObjectURL(await reply.blob());
    return player;
  }
  if (type.startsWith("audio/")) return line(`${(await reply.arrayBuffer()).byteLength} bytes`);
  const text = await reply.text();
  const shown = type.includes("json") && text !== "" ? JSON.stringify(JSON.parse(text), null, 2) : text;
  const block = document.createElement("pre");
  block.tabIndex = 0;
  block.textContent = shown.length > maxShownCharacters ? `${shown.slice(0, maxShownCharacters)}\n…` : shown;
  return block;
}

function line(text) {
  const paragraph = document.createElement("p");
  paragraph.textContent = text;
  return paragraph;
}
