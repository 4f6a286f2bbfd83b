import { createRequire } from "node:module";

/** Pixels of the picture for one pixel of the drawing. */
const zoom = 2;

function fontFiles(): string[] {
  const require = createRequire(import.meta.url);
  return ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"].map((file) =>
    require.resolve(`dejavu-fonts-ttf/ttf/${file}`),
  );
}

/**
 * An SVG drawing as PNG on white at twice its size, with the bundled font: no font of the system is
 * read.
 */
export async function toPng(svg: string): Promise<Uint8Array> {
  const { Resvg } = await import("@resvg/resvg-js");
  const picture = new Resvg(svg, {
    background: "white",
    fitTo: { mode: "zoom", value: zoom },
    font: {
      fontFiles: fontFiles(),
      loadSystemFonts: false,
      defaultFontFamily: "DejaVu Sans",
      sansSerifFamily: "DejaVu Sans",
    },
  });
  return new Uint8Array(picture.render().asPng());
}
