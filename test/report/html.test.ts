import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeHtml, escapeScript, escapeScriptJson, html, raw } from "../../src/report/html.js";
import { escapeMarkdown } from "../../src/report/markdown.js";

test("no text put into HTML can open or close an element or an attribute", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(escapeHtml(text)).not.toMatch(/[<>"']/);
      expect(html`<p title="${text}">${[text, raw("<b>")]}</p>`.markup).toBe(
        `<p title="${escapeHtml(text)}">${escapeHtml(text)}<b></p>`,
      );
    }),
  );
});

test("JSON inside a script element keeps its value and cannot end the element", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const value = [text, "</script><!--\u2028\u2029"];
      const json = escapeScriptJson(JSON.stringify(value));
      expect(json).not.toMatch(/[<\u2028\u2029]/);
      expect(JSON.parse(json)).toEqual(value);
    }),
  );
});

test("a script keeps its meaning and loses ends of elements, comments and source maps", () => {
  const code = 'x = "</script><!--";\r\ny = 0.6;\n//# sourceMappingURL=x.js.map';
  expect(escapeScript(code)).toBe('x = "<\\/script>\\x3C!--";\ny = 0.6;');
});

test("Markdown shows hostile text as it is, on one line", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(escapeMarkdown(text)).not.toMatch(/[<>\n\r]|(?<!\\)(?:\\\\)*[|`[]/);
    }),
  );
  expect(escapeMarkdown("# a|b\n<img src=x>")).toBe("\\# a\\|b &lt;img src=x&gt;");
  expect(escapeMarkdown("1. first")).toBe("1\\. first");
});
