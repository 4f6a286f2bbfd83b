/** Text that is HTML already and is not escaped again. */
export interface Markup {
  readonly markup: string;
}

type Piece = string | number | Markup | readonly Piece[];

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML, safe between tags and inside quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}

/** Marks text as HTML; for text made by us, never for text that came from outside. */
export function raw(markup: string): Markup {
  return { markup };
}

function show(piece: Piece): string {
  if (typeof piece === "string") return escapeHtml(piece);
  if (typeof piece === "number") return String(piece);
  return "markup" in piece ? piece.markup : piece.map(show).join("");
}

/**
 * HTML with every inserted text escaped; pieces of `Markup` and lists of pieces go in as they are.
 */
export function html(texts: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  return raw(texts.reduce((sum, text, i) => sum + show(pieces[i - 1] ?? "") + text));
}

/**
 * JSON for the inside of a `<script>` element: no `<`, no line ends that JavaScript alone knows.
 */
export function escapeScriptJson(json: string): string {
  return json
    .replaceAll("<", "\\u003c")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
}

/**
 * JavaScript for the inside of a `<script>` element: nothing in it can end the element or fetch a
 * source map.
 */
export function escapeScript(code: string): string {
  return code
    .replace(/\r\n?/g, "\n")
    .replace(/^\/\/# sourceMappingURL=.*$/gm, "")
    .replace(/<\/script/gi, "<\\/script")
    .replaceAll("<!--", "\\x3C!--")
    .trim();
}
